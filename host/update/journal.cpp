// SPDX-License-Identifier: Apache-2.0
#include "host/update/journal.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <fstream>
#include <iterator>

#include "host/evidence/file.hpp"
#include "host/text/fields.hpp"
#include "host/text/utc.hpp"

namespace weco {
namespace {

constexpr std::array<std::string_view, 13> kNames = {
    "begun",   "permitted", "uploading", "uploaded", "asked",  "restarted", "returned",
    "healthy", "confirmed", "reverted",  "refused",  "failed", "planned"};

/// Values stand between blanks: what would break a line is written as its code.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == '%' || byte >= 0x7F) {
      out += fmt::format("%{:02x}", byte);
    } else {
      out += c;
    }
  }
  return out;
}

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    if (text[i] == '%' && i + 2 < text.size()) {
      std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16);
      out += static_cast<char>(value);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

bool set_field(FlashEntry& entry, std::string_view key, std::string_view value) {
  if (key == "stage") {
    for (std::size_t i = 0; i < kNames.size(); ++i) {
      if (kNames[i] != value) continue;
      entry.stage = static_cast<FlashStage>(i);
      return true;
    }
    return false;
  }
  if (key == "device") return entry.device = unescaped(value), true;
  if (key == "image") return entry.image = unescaped(value), true;
  if (key == "offset") return parse_number(value, entry.offset);
  if (key == "of") return parse_number(value, entry.total);
  if (key == "t") return parse_number(value, entry.at);
  if (key == "note") return entry.note = unescaped(value), true;
  return true;  // of a newer version
}

}  // namespace

std::string_view name(FlashStage stage) { return kNames[static_cast<std::size_t>(stage)]; }

std::string to_line(const FlashEntry& entry) {
  std::string line = fmt::format(
      "{} t={} stage={} device={} image={} offset={} of={}", utc_text(entry.at), entry.at,
      name(entry.stage), escaped(entry.device), escaped(entry.image), entry.offset, entry.total);
  if (!entry.note.empty()) line += " note=" + escaped(entry.note);
  return line + "\n";
}

Outcome<FlashEntry> parse_line(std::string_view line) {
  FlashEntry entry;
  bool has_stage = false;
  const bool whole = each_field(line, [&](std::string_view key, std::string_view value) {
    has_stage |= key == "stage";
    return set_field(entry, key, value);
  });
  if (whole && has_stage) return entry;
  return failure(ErrorCode::BadInput, "this is no line of an update journal");
}

FlashJournalFile::~FlashJournalFile() {
  if (fd_ >= 0) close(fd_);
}

Done FlashJournalFile::append(const FlashEntry& entry) {
  return append_to_journal(fd_, to_line(entry), path_);
}

Outcome<std::vector<FlashEntry>> read_journal(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return failure(ErrorCode::NotFound, "there is no such journal", path, "Check the path.");
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  std::vector<FlashEntry> entries;
  std::size_t number = 1;
  for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos;
       at = end + 1, ++number) {
    const std::string_view line = std::string_view(text).substr(at, end - at);
    if (line.ends_with(kTornLine)) continue;
    auto entry = parse_line(line);
    if (!entry) {
      return failure(entry.error().error, entry.error().what, fmt::format("{}:{}", path, number));
    }
    entries.push_back(std::move(*entry));
  }
  return entries;
}

}  // namespace weco
