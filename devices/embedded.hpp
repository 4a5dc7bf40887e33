// SPDX-License-Identifier: Apache-2.0
// The data files of all families inside the program, with an index made at build time, so that
// listing the families parses nothing and needs no file on the installer's machine.
#pragma once

#include <span>
#include <string_view>

namespace weco::devices {

struct EmbeddedFile {
  std::string_view name;  // "profile.lua"
  const char* begin = nullptr;
  const char* end = nullptr;
  [[nodiscard]] std::string_view text() const {
    return {begin, static_cast<std::size_t>(end - begin)};
  }
};

struct EmbeddedFamily {
  std::string_view family;  // the folder's name, which is the profile's "family"
  std::string_view title;
  std::string_view status;
  std::span<const EmbeddedFile> files;
};

/// Sorted by family.
std::span<const EmbeddedFamily> embedded();

/// Checklists and languages: named "FOLDER/NAME", sorted.
std::span<const EmbeddedFile> checklists();

}  // namespace weco::devices
