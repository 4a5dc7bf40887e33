// SPDX-License-Identifier: Apache-2.0
#include "host/records/keys.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace weco::records {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kKeyFileMax = 4096;

Done check_name(const std::string& name) {
  const bool good = !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
  if (good) return {};
  return failure(ErrorCode::BadUsage, "this is no name for a key", name,
                 "Use letters, digits, - and _, at most 64.");
}

Unexpected<Failure> failed(const char* what, const std::string& path) {
  const int code = errno;
  const ErrorCode kind = code == ENOSPC || code == EDQUOT || code == EFBIG ? ErrorCode::Full
                         : code == EACCES || code == EROFS   ? ErrorCode::PermissionDenied
                         : code == ENOENT || code == ENOTDIR ? ErrorCode::NotFound
                                                             : ErrorCode::IoError;
  return failure(Error{kind, code}, what, path,
                 kind == ErrorCode::PermissionDenied ? "Check the rights of file and folder."
                 : kind == ErrorCode::NotFound       ? "Check the spelling."
                                                     : "");
}

std::vector<std::string> names_in(const std::string& folder, const char* ending) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ending) names.push_back(entry.path().stem().string());
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace

Outcome<std::string> read_whole(const std::string& path, std::size_t max) {
  std::error_code error;
  if (fs::is_directory(path, error)) {
    return failure(ErrorCode::BadInput, "this is a folder, not a file", path);
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) return failed("the file cannot be opened", path);
  std::string text;
  std::array<char, 65536> part{};
  while (in.read(part.data(), part.size()) || in.gcount() > 0) {
    text.append(part.data(), static_cast<std::size_t>(in.gcount()));
    if (text.size() > max) {
      return failure(ErrorCode::TooLong, "the file is larger than is allowed here", path);
    }
  }
  if (in.bad()) return failed("the file cannot be read", path);
  return text;
}

Done write_whole(const std::string& path, std::string_view content, unsigned mode) {
  const std::string beside = path + ".part";
  const int fd = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (fd < 0) return failed("the file cannot be written", path);
  Done done;
  while (!content.empty() && done) {
    const ssize_t count = ::write(fd, content.data(), content.size());
    if (count >= 0) {
      content.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno != EINTR) {
      done = failed("the file cannot be written", path);
    }
  }
  if (done && ::fsync(fd) != 0 && errno != EINVAL) {
    done = failed("the file cannot be written", path);
  }
  ::close(fd);
  if (done && ::rename(beside.c_str(), path.c_str()) != 0) {
    done = failed("the file cannot be written", path);
  }
  if (!done) ::unlink(beside.c_str());
  return done;
}

Outcome<proof::PublicKey> KeyFolder::make(const std::string& name) {
  if (Done done = check_name(name); !done) return Unexpected{done.error()};
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) {
    errno = error.value();
    return failed("the folder for keys cannot be made", folder_);
  }
  fs::permissions(folder_, fs::perms::owner_all, error);
  const std::string path = folder_ + "/" + name;
  if (fs::exists(path + ".key", error)) {
    return failure(ErrorCode::BadUsage, "there is a key of that name", path + ".key",
                   "Choose another name; a key is never replaced.");
  }
  auto key = proof::make_key();
  if (!key) return Unexpected{key.error()};
  Done done = write_whole(path + ".pub", proof::public_key_file(key->public_key()), 0644);
  if (done) done = write_whole(path + ".key", proof::secret_key_file(*key), 0600);
  if (!done) return Unexpected{done.error()};
  return key->public_key();
}

Done KeyFolder::trust(const std::string& name, const proof::PublicKey& key) {
  if (Done done = check_name(name); !done) return done;
  std::error_code error;
  fs::create_directories(folder_ + "/trusted", error);
  if (error) {
    errno = error.value();
    return failed("the folder for keys cannot be made", folder_);
  }
  const std::string path = folder_ + "/trusted/" + name + ".pub";
  if (fs::exists(path, error)) {
    return failure(ErrorCode::BadUsage, "there is a trusted key of that name", path,
                   "Choose another name.");
  }
  return write_whole(path, proof::public_key_file(key), 0644);
}

Outcome<std::vector<NamedKey>> KeyFolder::list() const {
  std::vector<NamedKey> keys;
  for (const bool own : {true, false}) {
    const std::string folder = own ? folder_ : folder_ + "/trusted";
    for (const std::string& name : names_in(folder, ".pub")) {
      const std::string path = folder + "/" + name + ".pub";
      auto text = read_whole(path, kKeyFileMax);
      if (!text) return Unexpected{text.error()};
      auto key = proof::parse_public_key(*text, path);
      if (!key) return Unexpected{key.error()};
      keys.push_back({name, *key, own});
    }
  }
  return keys;
}

Outcome<proof::SecretKey> KeyFolder::secret(const std::string& name) const {
  if (Done done = check_name(name); !done) return Unexpected{done.error()};
  const std::string path = folder_ + "/" + name + ".key";
  auto text = read_whole(path, kKeyFileMax);
  if (!text) {
    if (text.error().code() != ErrorCode::NotFound) return Unexpected{text.error()};
    return failure(ErrorCode::NotFound, "there is no key \"" + name + "\" of yours", path,
                   "See 'weco key show', or make one with 'weco key new'.");
  }
  return proof::parse_secret_key(*text, path);
}

Outcome<std::optional<proof::SecretKey>> KeyFolder::choose(const std::string& name) const {
  std::string wanted = name;
  if (wanted.empty()) {
    const auto names = names_in(folder_, ".key");
    if (names.empty()) return std::optional<proof::SecretKey>();
    if (names.size() > 1) {
      return failure(ErrorCode::BadUsage, "there are several keys of yours", "--key",
                     "Name the one to sign with; see 'weco key show'.");
    }
    wanted = names.front();
  }
  auto key = secret(wanted);
  if (!key) return Unexpected{key.error()};
  return std::optional(*key);
}

Outcome<std::optional<NamedKey>> KeyFolder::holder(const proof::PublicKey& key) const {
  auto keys = list();
  if (!keys) return Unexpected{keys.error()};
  for (NamedKey& named : *keys) {
    if (named.key == key) return std::optional(std::move(named));
  }
  return std::optional<NamedKey>();
}

}  // namespace weco::records
