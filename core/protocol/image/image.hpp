// SPDX-License-Identifier: Apache-2.0
// The layout of a firmware image in MCUboot's format: header, payload, protected and plain areas of
// type-length-value entries, padding and trailer of a slot. Nothing is held in memory: the image is
// read piece by piece from a Source, which is a file on a PC and a slot of flash in a device, so
// that both judge an image with the same code. Checksums and keys are the business of verify.hpp.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/fixed.hpp"
#include "core/base/result.hpp"

namespace weco::image {

inline constexpr std::uint32_t kMagic = 0x96F3B83D;
inline constexpr std::size_t kHeaderBytes = 32;  // of fields; the header itself may be longer
inline constexpr std::size_t kTlvsMax = 24;      // the reference signer writes at most about ten
inline constexpr std::size_t kHashMax = 64;
inline constexpr std::size_t kSignatureMax = 384;  // RSA-3072
inline constexpr std::size_t kPublicKeyMax = 422;  // RSA-3072 as SubjectPublicKeyInfo
inline constexpr std::array<std::uint8_t, 16> kTrailerMagic = {
    0x77, 0xC2, 0x95, 0xF3, 0x60, 0xD2, 0xEF, 0x7F, 0x35, 0x52, 0x50, 0x0F, 0x2C, 0xB6, 0x79, 0x80};

/// Where an image lies. `read` fills all of `into` from `offset` or answers false.
struct Source {
  void* context = nullptr;
  std::uint32_t size = 0;
  bool (*read)(void* context, std::uint32_t offset, MutableBytes into) = nullptr;
};

/// Bytes in memory as a source; they must outlive it.
Source memory_source(const Bytes& data);

struct Version {
  std::uint8_t major = 0;
  std::uint8_t minor = 0;
  std::uint16_t revision = 0;
  std::uint32_t build = 0;
  friend constexpr auto operator<=>(const Version&, const Version&) = default;
};

/// "1.2.3+4" as the signer writes it and "1.2.3.4" or "1.2.3" as devices do. BadInput else.
Result<Version> parse_version(std::string_view text);
/// "1.2.3+4".
FixedString<24> to_text(const Version& version);

/// What a header says about the payload.
enum Flag : std::uint32_t {
  kEncryptedAes128 = 0x4,
  kEncryptedAes256 = 0x8,
  kNonBootable = 0x10,
  kRamLoad = 0x20,
  kRomFixed = 0x100,
  kCompressedLzma1 = 0x200,
  kCompressedLzma2 = 0x400,
  kArmThumbFilter = 0x800,
};

enum class TlvType : std::uint16_t {
  KeyHash = 0x01,
  PublicKey = 0x02,
  Sha256 = 0x10,
  Sha384 = 0x11,
  Sha512 = 0x12,
  Rsa2048Pss = 0x20,
  EcdsaP256 = 0x22,
  Rsa3072Pss = 0x23,
  Ed25519 = 0x24,
  SignaturePure = 0x25,
  EncRsa2048 = 0x30,
  EncKw = 0x31,
  EncEc256 = 0x32,
  EncX25519 = 0x33,
  EncX25519Sha512 = 0x34,
  Dependency = 0x40,
  SecurityCounter = 0x50,
  BootRecord = 0x60,
  VendorId = 0x74,  // the document of the format says 0x80; signer and bootloader say 0x74
  ClassId = 0x75,
};

struct Tlv {
  std::uint16_t type = 0;
  std::uint16_t length = 0;
  std::uint32_t offset = 0;  // of the data
  bool is_protected = false;
  [[nodiscard]] bool is(TlvType t) const { return type == static_cast<std::uint16_t>(t); }
};

struct Dependency {
  std::uint8_t image = 0;
  Version at_least;
};

using Uuid = std::array<std::uint8_t, 16>;

/// What is wrong with a layout; the detail of a BadFrame or Truncated error.
enum class Defect : std::uint8_t {
  None,
  Magic,          // no image at all
  HeaderSize,     // shorter than its fields
  Truncated,      // ends before header, payload or entries do
  TlvMagic,       // no area of entries where one must be
  ProtectedSize,  // header and area disagree
  TlvLength,      // an entry reaches past its area, or has a length that its type cannot have
  TooManyTlvs,    // more than kTlvsMax
  Twice,          // an entry that decides something is there twice
  Tail,           // something that nobody signed follows the image
};
std::string_view sentence(Defect defect);

struct Layout {
  std::uint32_t load_address = 0;
  std::uint32_t header_size = 0;
  std::uint32_t payload_size = 0;
  std::uint32_t flags = 0;
  Version version;
  std::uint32_t hashed_size =
      0;                   // header, payload and protected area: what hash and signature cover
  std::uint32_t size = 0;  // with the plain area; this much is sent to a device
  FixedVector<Tlv, kTlvsMax> tlvs;
  std::optional<std::uint32_t> security_counter;  // protected area only, as everything below
  std::optional<Uuid> vendor_id;
  std::optional<Uuid> class_id;
  FixedVector<Dependency, 4> dependencies;
  bool padded = false;     // the source goes on to the end of a slot
  bool confirmed = false;  // a padded file that asks to be taken without a trial

  [[nodiscard]] bool encrypted() const {
    return (flags & (kEncryptedAes128 | kEncryptedAes256)) != 0;
  }
};

/// Reads the layout. `Tail::Ignore` is for a slot, whose rest is the bootloader's own.
enum class TailRule : std::uint8_t { Check, Ignore };
/// BadFrame or Truncated with a Defect as detail; IoError when the source cannot be read.
Result<Layout> parse(const Source& source, TailRule tail);

/// The data of an entry; `into` has room for entry.length bytes.
bool read_tlv(const Source& source, const Tlv& entry, MutableBytes into);

}  // namespace weco::image
