// SPDX-License-Identifier: Apache-2.0
#include "core/protocol/image/image.hpp"

#include <algorithm>
#include <cstring>

namespace weco::image {
namespace {

constexpr std::uint16_t kPlainMagic = 0x6907;
constexpr std::uint16_t kProtectedMagic = 0x6908;
constexpr std::uint32_t kAreaHeader = 4;
constexpr std::uint32_t kEntryHeader = 4;
/// A padded file ends where a slot does, and slots are made of sectors.
constexpr std::uint32_t kSlotGrain = 1024;
constexpr std::uint32_t kTrailerField = 8;

Unexpected<Error> defect(Defect what) {
  const ErrorCode code = what == Defect::Truncated ? ErrorCode::Truncated : ErrorCode::BadFrame;
  return fail(code, static_cast<std::int32_t>(what));
}

bool read_memory(void* context, std::uint32_t offset, MutableBytes into) {
  const Bytes& data = *static_cast<const Bytes*>(context);
  if (offset > data.size() || into.size() > data.size() - offset) return false;
  std::copy_n(data.begin() + offset, into.size(), into.begin());
  return true;
}

template <std::size_t N>
Status fetch(const Source& source, std::uint32_t offset, std::array<std::uint8_t, N>& into) {
  if (offset > source.size || N > source.size - offset) return defect(Defect::Truncated);
  if (!source.read(source.context, offset, into)) return fail(ErrorCode::IoError);
  return {};
}

struct Area {
  std::uint16_t magic = 0;
  std::uint16_t total = 0;
};

Result<Area> area_at(const Source& source, std::uint32_t offset) {
  std::array<std::uint8_t, kAreaHeader> bytes{};
  if (const Status got = fetch(source, offset, bytes); !got) return Unexpected{got.error()};
  ByteReader reader(bytes);
  Area area;
  area.magic = reader.u16(Endian::Little);
  area.total = reader.u16(Endian::Little);
  if (area.total < kAreaHeader) return defect(Defect::TlvLength);
  if (area.total > source.size - offset) return defect(Defect::Truncated);
  return area;
}

/// Lengths that a type must have; 0: any.
std::uint16_t length_of(std::uint16_t type) {
  switch (static_cast<TlvType>(type)) {
    case TlvType::Sha256:
      return 32;
    case TlvType::Sha384:
      return 48;
    case TlvType::Sha512:
    case TlvType::Ed25519:
      return 64;
    case TlvType::Rsa2048Pss:
      return 256;
    case TlvType::Rsa3072Pss:
      return 384;
    case TlvType::SignaturePure:
      return 1;
    case TlvType::SecurityCounter:
      return 4;
    case TlvType::Dependency:
      return 12;
    case TlvType::VendorId:
    case TlvType::ClassId:
      return 16;
    default:
      return 0;
  }
}

Status read_entries(const Source& source, std::uint32_t offset, const Area& area, Layout& layout) {
  std::uint32_t at = offset + kAreaHeader;
  const std::uint32_t end = offset + area.total;
  while (at < end) {
    if (end - at < kEntryHeader) return defect(Defect::TlvLength);
    std::array<std::uint8_t, kEntryHeader> bytes{};
    if (const Status got = fetch(source, at, bytes); !got) return got;
    ByteReader reader(bytes);
    Tlv entry;
    entry.type = reader.u16(Endian::Little);
    entry.length = reader.u16(Endian::Little);
    entry.offset = at + kEntryHeader;
    entry.is_protected = area.magic == kProtectedMagic;
    if (entry.length > end - entry.offset) return defect(Defect::TlvLength);
    const std::uint16_t must = length_of(entry.type);
    if (must != 0 && entry.length != must) return defect(Defect::TlvLength);
    if (!layout.tlvs.push_back(entry)) return defect(Defect::TooManyTlvs);
    at = entry.offset + entry.length;
  }
  return {};
}

Version read_version(ByteReader& reader) {
  Version version;
  version.major = reader.u8();
  version.minor = reader.u8();
  version.revision = reader.u16(Endian::Little);
  version.build = reader.u32(Endian::Little);
  return version;
}

/// Policy comes from the protected area alone: nothing covers the plain one.
Status read_policy(const Source& source, Layout& layout) {
  for (const Tlv& entry : layout.tlvs.view()) {
    std::array<std::uint8_t, 16> data{};
    const bool counts = entry.is_protected &&
                        (entry.is(TlvType::SecurityCounter) || entry.is(TlvType::Dependency) ||
                         entry.is(TlvType::VendorId) || entry.is(TlvType::ClassId));
    if (!counts) continue;
    if (!read_tlv(source, entry, MutableBytes(data).first(entry.length))) {
      return fail(ErrorCode::IoError);
    }
    ByteReader reader(data);
    if (entry.is(TlvType::SecurityCounter)) {
      if (layout.security_counter) return defect(Defect::Twice);
      layout.security_counter = reader.u32(Endian::Little);
    } else if (entry.is(TlvType::Dependency)) {
      Dependency needs;
      needs.image = reader.u8();
      reader.take(3);
      needs.at_least = read_version(reader);
      if (!layout.dependencies.push_back(needs)) return defect(Defect::TooManyTlvs);
    } else {
      std::optional<Uuid>& id = entry.is(TlvType::VendorId) ? layout.vendor_id : layout.class_id;
      if (id) return defect(Defect::Twice);
      id = data;
    }
  }
  return {};
}

/// The trailer's flags from the end: magic, image_ok, copy_done, swap_info, each padded to eight.
bool trailer_byte_fits(std::uint32_t from_end, std::uint8_t byte, Layout& layout) {
  if (from_end <= kTrailerMagic.size()) {
    return byte == kTrailerMagic[kTrailerMagic.size() - from_end];
  }
  if (from_end == kTrailerMagic.size() + kTrailerField && byte == 0x01) {
    layout.confirmed = true;
    return true;
  }
  return byte == 0xFF;
}

/// After the image nothing may follow but an empty slot with its trailer.
Status check_tail(const Source& source, Layout& layout) {
  if (layout.size == source.size) return {};
  layout.padded = true;
  if (source.size % kSlotGrain != 0 ||
      source.size - layout.size < kTrailerMagic.size() + 3 * kTrailerField) {
    return defect(Defect::Tail);
  }
  std::array<std::uint8_t, 256> piece{};
  for (std::uint32_t at = layout.size; at < source.size;) {
    const auto n = std::min<std::uint32_t>(piece.size(), source.size - at);
    if (!source.read(source.context, at, MutableBytes(piece).first(n))) {
      return fail(ErrorCode::IoError);
    }
    for (std::uint32_t i = 0; i < n; ++i) {
      if (!trailer_byte_fits(source.size - at - i, piece[i], layout)) return defect(Defect::Tail);
    }
    at += n;
  }
  return {};
}

Status read_areas(const Source& source, std::uint16_t protected_size, Layout& layout) {
  std::uint32_t at = layout.header_size + layout.payload_size;
  auto area = area_at(source, at);
  if (!area) return Unexpected{area.error()};
  if (area->magic == kProtectedMagic) {
    if (area->total != protected_size) return defect(Defect::ProtectedSize);
    if (const Status read = read_entries(source, at, *area, layout); !read) return read;
    at += area->total;
    area = area_at(source, at);
    if (!area) return Unexpected{area.error()};
  } else if (protected_size != 0) {
    return defect(area->magic == kPlainMagic ? Defect::ProtectedSize : Defect::TlvMagic);
  }
  if (area->magic != kPlainMagic) return defect(Defect::TlvMagic);
  layout.hashed_size = at;
  layout.size = at + area->total;
  return read_entries(source, at, *area, layout);
}

bool decimal(std::string_view& text, std::uint64_t limit, std::uint64_t& value) {
  std::size_t n = 0;
  value = 0;
  while (n < text.size() && text[n] >= '0' && text[n] <= '9' && n < 10) {
    value = value * 10 + static_cast<std::uint64_t>(text[n++] - '0');
  }
  text.remove_prefix(n);
  return n > 0 && value <= limit;
}

void append_number(FixedString<24>& text, std::uint32_t value) {
  std::array<char, 10> digits{};
  std::size_t n = 0;
  do {
    digits[n++] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
  while (n > 0) text.append(std::string_view(&digits[--n], 1));
}

}  // namespace

Source memory_source(const Bytes& data) {
  // The context is only read: the interface is one for flash, too, where it is not const.
  return {const_cast<Bytes*>(&data), static_cast<std::uint32_t>(data.size()), read_memory};
}

bool read_tlv(const Source& source, const Tlv& entry, MutableBytes into) {
  return into.size() >= entry.length &&
         source.read(source.context, entry.offset, into.first(entry.length));
}

Result<Layout> parse(const Source& source, TailRule tail) {
  std::array<std::uint8_t, kHeaderBytes> bytes{};
  if (const Status got = fetch(source, 0, bytes); !got) return Unexpected{got.error()};
  ByteReader reader(bytes);
  if (reader.u32(Endian::Little) != kMagic) return defect(Defect::Magic);
  Layout layout;
  layout.load_address = reader.u32(Endian::Little);
  layout.header_size = reader.u16(Endian::Little);
  const std::uint16_t protected_size = reader.u16(Endian::Little);
  layout.payload_size = reader.u32(Endian::Little);
  layout.flags = reader.u32(Endian::Little);
  layout.version = read_version(reader);
  if (layout.header_size < kHeaderBytes) return defect(Defect::HeaderSize);
  if (layout.header_size > source.size || layout.payload_size > source.size - layout.header_size) {
    return defect(Defect::Truncated);
  }
  if (const Status read = read_areas(source, protected_size, layout); !read) {
    return Unexpected{read.error()};
  }
  if (const Status read = read_policy(source, layout); !read) return Unexpected{read.error()};
  if (tail == TailRule::Check) {
    if (const Status checked = check_tail(source, layout); !checked) {
      return Unexpected{checked.error()};
    }
  }
  return layout;
}

Result<Version> parse_version(std::string_view text) {
  std::uint64_t major = 0;
  std::uint64_t minor = 0;
  std::uint64_t revision = 0;
  std::uint64_t build = 0;
  const auto skip = [&text](char c) {
    if (text.empty() || text.front() != c) return false;
    text.remove_prefix(1);
    return true;
  };
  if (!decimal(text, 0xFF, major) || !skip('.') || !decimal(text, 0xFF, minor) || !skip('.') ||
      !decimal(text, 0xFFFF, revision)) {
    return fail(ErrorCode::BadInput);
  }
  if (!text.empty() && !((skip('+') || skip('.')) && decimal(text, 0xFFFFFFFF, build))) {
    return fail(ErrorCode::BadInput);
  }
  if (!text.empty()) return fail(ErrorCode::BadInput);
  return Version{static_cast<std::uint8_t>(major), static_cast<std::uint8_t>(minor),
                 static_cast<std::uint16_t>(revision), static_cast<std::uint32_t>(build)};
}

FixedString<24> to_text(const Version& version) {
  FixedString<24> text;
  append_number(text, version.major);
  text.append(".");
  append_number(text, version.minor);
  text.append(".");
  append_number(text, version.revision);
  text.append("+");
  append_number(text, version.build);
  return text;
}

std::string_view sentence(Defect defect) {
  switch (defect) {
    case Defect::None:
      return "nothing is wrong with it";
    case Defect::Magic:
      return "it does not begin like a firmware image";
    case Defect::HeaderSize:
      return "its header is shorter than the fields in it";
    case Defect::Truncated:
      return "it ends before the image does";
    case Defect::TlvMagic:
      return "no area of entries follows its payload";
    case Defect::ProtectedSize:
      return "header and protected area disagree about its size";
    case Defect::TlvLength:
      return "an entry has an impossible length";
    case Defect::TooManyTlvs:
      return "it has more entries than any signer writes";
    case Defect::Twice:
      return "an entry that decides something is there twice";
    case Defect::Tail:
      return "bytes that nobody signed follow the image";
  }
  return "";
}

}  // namespace weco::image
