// SPDX-License-Identifier: Apache-2.0
// A stick or card from which a device is to take firmware: what can be checked of it before anybody
// walks to the device. Looking and judging are apart, so that no stick is needed to test the rules.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/failure/failure.hpp"

namespace weco {

struct StickFile {
  std::string name;  // in the top folder; a folder's ends with '/'
  std::uint64_t bytes = 0;
};

struct StickFacts {
  std::string folder;
  bool mounted = false;    // something else lies here than in the folder above
  std::string filesystem;  // "FAT32", "FAT16 or FAT12", "exFAT", "NTFS", "other"
  std::uint64_t bytes = 0;
  std::vector<StickFile> files;  // sorted by name; at most kStickFilesMax
  std::string sha256;            // of the file that was asked for; empty: not there
};
inline constexpr std::size_t kStickFilesMax = 1000;
inline constexpr std::uint64_t kStickFileMax = 256ULL << 20U;

/// NotFound, PermissionDenied, IoError. `file`: the one to be hashed; empty: none.
Outcome<StickFacts> look_at_stick(const std::string& folder, const std::string& file);

struct StickRules {
  bool fat32 = false;
  std::uint32_t max_GB = 0;  // 0: nobody says
  bool unzipped = false;
  std::string file;         // that must lie on it; empty: any
  std::uint64_t bytes = 0;  // of it; 0: not told
  std::string sha256;       // likewise
};
struct StickCheck {
  std::string what;  // "format"
  bool good = false;
  std::string says;
};
std::vector<StickCheck> judge_stick(const StickFacts& facts, const StickRules& rules);

/// What separates the kinds of FAT: the number of clusters, and nothing else.
std::string fat_of(std::uint64_t clusters);

}  // namespace weco
