// SPDX-License-Identifier: Apache-2.0
#include "host/update/stick.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "host/image/crypto.hpp"
#include "host/image/firmware.hpp"

namespace weco {
namespace {

namespace fs = std::filesystem;

// Numbers by which Linux names its file systems.
constexpr std::uint64_t kMsdosFat = 0x4d44;
constexpr std::uint64_t kExfat = 0x2011bab0;
constexpr std::uint64_t kNtfs3 = 0x7366746e;
constexpr std::uint64_t kFuse = 0x65735546;
constexpr std::uint64_t kFat32Clusters = 65525;
/// A stick sold with 32 GB has 32 * 10^9 bytes, a partition of 32 GB may have 32 * 2^30.
constexpr std::uint64_t kGB = 1ULL << 30U;

std::string name_of(std::uint64_t kind, std::uint64_t clusters) {
  switch (kind) {
    case kMsdosFat:
      return fat_of(clusters);
    case kExfat:
      return "exFAT";
    case kNtfs3:
      return "NTFS";
    case kFuse:
      return "a file system of a program (FUSE)";
    default:
      return "other";
  }
}

Unexpected<Failure> cannot(int number, const std::string& path) {
  const bool denied = number == EACCES || number == EPERM;
  const bool missing = number == ENOENT || number == ENOTDIR;
  return failure(denied    ? ErrorCode::PermissionDenied
                 : missing ? ErrorCode::NotFound
                           : ErrorCode::IoError,
                 "the stick cannot be read", path,
                 "Name the folder where it is mounted, such as /media/user/STICK.");
}

Outcome<std::vector<StickFile>> files_on(const std::string& folder) {
  std::vector<StickFile> files;
  std::error_code error;
  fs::directory_iterator entry(folder, error);
  for (const fs::directory_iterator end; !error && entry != end; entry.increment(error)) {
    std::error_code unread;
    StickFile file{entry->path().filename().string(), 0};
    if (entry->is_directory(unread)) {
      file.name += '/';
    } else if (const auto size = entry->file_size(unread); !unread) {
      file.bytes = size;
    }
    files.push_back(std::move(file));
    if (files.size() > kStickFilesMax) {
      return failure(ErrorCode::TooLong, "there are more than 1000 files", folder,
                     "Name the stick's own folder, and leave only the update on it.");
    }
  }
  if (error) return cannot(error.value(), folder);
  std::ranges::sort(files, {}, &StickFile::name);
  return files;
}

Outcome<std::string> hash_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<std::uint8_t> bytes;
  std::vector<char> piece(1U << 16);
  while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())) || file.gcount() > 0) {
    bytes.insert(bytes.end(), piece.begin(), piece.begin() + file.gcount());
    if (bytes.size() > kStickFileMax) {
      return failure(ErrorCode::TooLong, "the file is larger than any firmware", path);
    }
  }
  if (!file.eof()) return cannot(EIO, path);
  return hex(sha256(bytes));
}

bool is_packed(std::string name) {
  std::ranges::transform(name, name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return std::ranges::any_of(std::to_array<std::string_view>({".zip", ".rar", ".7z", ".gz"}),
                             [&](std::string_view ending) { return name.ends_with(ending); });
}

const StickFile* find(const StickFacts& facts, const std::string& name) {
  const auto found = std::ranges::find(facts.files, name, &StickFile::name);
  return found == facts.files.end() ? nullptr : &*found;
}

StickCheck judge_file(const StickFacts& facts, const StickRules& rules) {
  const StickFile* file = find(facts, rules.file);
  if (file == nullptr) {
    return {"file", false, fmt::format("{} is not in the top folder", rules.file)};
  }
  if (rules.bytes != 0 && file->bytes != rules.bytes) {
    return {"file", false,
            fmt::format("{} has {} bytes instead of {}", rules.file, file->bytes, rules.bytes)};
  }
  if (!rules.sha256.empty() && facts.sha256 != rules.sha256) {
    return {"file", false, fmt::format("{} is not what was released: copy it again", rules.file)};
  }
  return {"file", true,
          fmt::format("{}, {} bytes{}", rules.file, file->bytes,
                      rules.sha256.empty() ? ", its content was not checked"
                                           : ", exactly what was released")};
}

}  // namespace

std::string fat_of(std::uint64_t clusters) {
  return clusters < kFat32Clusters ? "FAT16 or FAT12" : "FAT32";
}

Outcome<StickFacts> look_at_stick(const std::string& folder, const std::string& file) {
  struct statfs system = {};
  struct stat here = {};
  struct stat above = {};
  if (::statfs(folder.c_str(), &system) != 0 || ::stat(folder.c_str(), &here) != 0 ||
      ::stat((folder + "/..").c_str(), &above) != 0) {
    return cannot(errno, folder);
  }
  auto files = files_on(folder);
  if (!files) return Unexpected{files.error()};
  StickFacts facts;
  facts.folder = folder;
  facts.mounted = here.st_dev != above.st_dev;
  facts.filesystem = name_of(static_cast<std::uint64_t>(system.f_type), system.f_blocks);
  facts.bytes = system.f_blocks * static_cast<std::uint64_t>(system.f_bsize);
  facts.files = std::move(*files);
  if (!file.empty() && find(facts, file) != nullptr) {
    auto hash = hash_of_file(folder + "/" + file);
    if (!hash) return Unexpected{hash.error()};
    facts.sha256 = std::move(*hash);
  }
  return facts;
}

std::vector<StickCheck> judge_stick(const StickFacts& facts, const StickRules& rules) {
  std::vector<StickCheck> checks;
  checks.push_back({"mounted", facts.mounted,
                    facts.mounted ? "a file system of its own"
                                  : "nothing is mounted here, it is an ordinary folder"});
  if (rules.fat32) checks.push_back({"format", facts.filesystem == "FAT32", facts.filesystem});
  if (rules.max_GB != 0) {
    checks.push_back({"size", facts.bytes <= rules.max_GB * kGB,
                      fmt::format("{:.1f} GB, at most {} GB",
                                  static_cast<double>(facts.bytes) / 1e9, rules.max_GB)});
  }
  if (rules.unzipped) {
    const auto packed =
        std::ranges::find_if(facts.files, [](const StickFile& f) { return is_packed(f.name); });
    checks.push_back({"unzipped", packed == facts.files.end(),
                      packed == facts.files.end() ? "no packed file is on it"
                                                  : packed->name + " must be unpacked"});
  }
  if (!rules.file.empty()) {
    checks.push_back(judge_file(facts, rules));
  } else {
    checks.push_back(
        {"file", !facts.files.empty(),
         facts.files.empty() ? "it is empty" : "which file must be on it is not known"});
  }
  return checks;
}

}  // namespace weco
