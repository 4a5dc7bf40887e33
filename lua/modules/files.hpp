// SPDX-License-Identifier: Apache-2.0
// The files that a script may touch: those below the folders that its header names, and nothing
// that a link or a ".." there leads to.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/failure/failure.hpp"
#include "lua/state/value.hpp"

namespace weco::lua {

inline constexpr std::size_t kFileMost = std::size_t{4} << 20U;
inline constexpr std::size_t kFilesMost = 10000;  // of one folder

/// Why a folder cannot be named in a header; empty when it can.
std::string_view wrong_folder(std::string_view folder);

class Files {
 public:
  /// `kept`: the folder of records, keys and changes, which is no script's, whatever its header
  /// names; empty: there is none.
  Files(std::span<const std::string> folders, std::string_view kept)
      : folders_(folders), kept_(kept) {}
  /// BadInput without the right, RefusedByGuard in the kept folder, NotFound, TooLong.
  [[nodiscard]] Outcome<Value> read(const std::string& path) const;
  /// The old content or the new one is there, whatever happens meanwhile.
  [[nodiscard]] Done write(const std::string& path, std::string_view text) const;
  /// { name, kind, size_bytes } of each file and folder, by name.
  [[nodiscard]] Outcome<Value> list(const std::string& path) const;

 private:
  std::span<const std::string> folders_;
  std::string kept_;
};

}  // namespace weco::lua
