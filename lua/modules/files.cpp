// SPDX-License-Identifier: Apache-2.0
#include "lua/modules/files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <optional>
#include <utility>

namespace weco::lua {
namespace {

/// A descriptor that is closed.
class Open {
 public:
  explicit Open(int fd) : fd_(fd) {}
  ~Open() {
    if (fd_ >= 0) ::close(fd_);
  }
  Open(Open&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Open& operator=(Open&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  Open(const Open&) = delete;
  Open& operator=(const Open&) = delete;
  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] bool good() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

struct Path {
  bool absolute = false;
  std::vector<std::string> parts;  // without "." and what is empty
};

/// nullopt for what nobody may name: nothing, a NUL, "..".
std::optional<Path> path_of(std::string_view text) {
  if (text.empty() || text.size() > 4096 || text.find('\0') != std::string_view::npos) return {};
  Path path{text.front() == '/', {}};
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('/'), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (part == "..") return std::nullopt;
    if (!part.empty() && part != ".") path.parts.emplace_back(part);
  }
  return path;
}

Unexpected<Failure> failed(std::string what, const std::string& path) {
  const int code = errno;
  if (code == ELOOP || code == EMLINK) {
    return failure(ErrorCode::PermissionDenied, std::move(what) + ", because a link is on the way",
                   path, "Links are not followed: name the file where it is.");
  }
  const ErrorCode kind = code == ENOSPC || code == EDQUOT || code == EFBIG ? ErrorCode::Full
                         : code == EACCES || code == EPERM || code == EROFS
                             ? ErrorCode::PermissionDenied
                         : code == ENOENT || code == ENOTDIR ? ErrorCode::NotFound
                                                             : ErrorCode::IoError;
  return failure(Error{kind, code}, std::move(what), path,
                 kind == ErrorCode::PermissionDenied ? "Check the rights of file and folder."
                 : kind == ErrorCode::NotFound ? "Check the spelling; a folder is not made here."
                                               : "");
}

Unexpected<Failure> no_file(const std::string& path) {
  return failure(ErrorCode::BadInput, "this is no plain file", path,
                 "Folders, links, pipes and devices are neither read nor written.");
}

/// What of `path` is behind the folder that contains it.
struct Inside {
  std::string folder;
  std::vector<std::string> parts;
};

Outcome<Inside> inside(std::span<const std::string> folders, const std::string& text) {
  const auto path = path_of(text);
  if (!path) {
    return failure(ErrorCode::BadInput, "this is no path of a file", text,
                   "Name it by its folders, without '..'.");
  }
  for (const std::string& folder : folders) {
    const auto root = path_of(folder);
    if (!root || root->absolute != path->absolute || root->parts.size() > path->parts.size() ||
        !std::ranges::equal(root->parts, std::span(path->parts).first(root->parts.size()))) {
      continue;
    }
    const auto behind = path->parts.begin() + static_cast<std::ptrdiff_t>(root->parts.size());
    return Inside{folder, {behind, path->parts.end()}};
  }
  const std::size_t slash = text.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : text.substr(0, slash);
  if (folder.empty()) {
    return failure(ErrorCode::BadInput, "the script has no right to this file", text,
                   "There is no right to the root: keep the file in a folder.");
  }
  return failure(ErrorCode::BadInput, "the script has no right to this file", text,
                 "Write in its header: rights = { \"files:" + folder + "\" }.");
}

/// Goes down part by part, so that no link can lead out between a check and its use.
Outcome<Open> descend(const Inside& place, std::size_t parts, const std::string& path) {
  Open at(::open(place.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!at.good()) return failed("the folder of the script's right cannot be opened", place.folder);
  for (std::size_t i = 0; i < parts; ++i) {
    Open next(
        ::openat(at.fd(), place.parts[i].c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!next.good()) return failed("the folder cannot be opened", path);
    at = std::move(next);
  }
  return at;
}

bool same(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/// Whether a folder is `kept` or below it, by whatever name and link it was reached.
Outcome<bool> is_below(int folder, const std::string& kept, const std::string& path) {
  struct stat wanted {
  }, here{}, above{};
  if (kept.empty() || ::stat(kept.c_str(), &wanted) != 0) return false;
  Open at(::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  while (at.good() && ::fstat(at.fd(), &here) == 0) {
    if (same(here, wanted)) return true;
    Open up(::openat(at.fd(), "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!up.good() || ::fstat(up.fd(), &above) != 0) break;
    if (same(here, above)) return false;  // the root is above itself
    at = std::move(up);
  }
  return failed("it cannot be told where the folder is", path);
}

/// The folder of a file that is `parts` behind the folder of the right, unless it is kept.
Outcome<Open> enter(const Inside& place, std::size_t parts, const std::string& kept,
                    const std::string& path) {
  auto folder = descend(place, parts, path);
  if (!folder) return folder;
  const auto below = is_below(folder->fd(), kept, path);
  if (!below) return Unexpected{below.error()};
  if (!*below) return folder;
  return failure(ErrorCode::RefusedByGuard,
                 "records, keys and changes are kept here, and no script touches their files", path,
                 "Use weco.record and weco.checklist; keep files of your own elsewhere.");
}

/// What is there, links not followed; nullopt for nothing.
std::optional<struct stat> look(int folder, const std::string& name) {
  struct stat about {};
  if (::fstatat(folder, name.c_str(), &about, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
  return about;
}

Done put(int fd, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t count = ::write(fd, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed("the file cannot be written", path);
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  if (::fsync(fd) != 0) return failed("the file cannot be written", path);
  return {};
}

Unexpected<Failure> too_long(const std::string& path) {
  return failure(ErrorCode::TooLong, "the file has more than 4 MiB", path,
                 "A script reads and writes smaller files only.");
}

}  // namespace

std::string_view wrong_folder(std::string_view folder) {
  const auto path = path_of(folder);
  if (!path) return "a folder is named without '..'";
  if (path->absolute && path->parts.empty()) return "the right to all files is none";
  return {};
}

Outcome<Value> Files::read(const std::string& path) const {
  const auto place = inside(folders_, path);
  if (!place) return Unexpected{place.error()};
  if (place->parts.empty()) return no_file(path);
  const auto folder = enter(*place, place->parts.size() - 1, kept_, path);
  if (!folder) return Unexpected{folder.error()};
  const std::string& name = place->parts.back();
  // Opening alone can do something to a device, so it is looked at before; and after, because it
  // may have been exchanged.
  const auto before = look(folder->fd(), name);
  if (before && !S_ISREG(before->st_mode) && !S_ISLNK(before->st_mode)) return no_file(path);
  const Open file(::openat(folder->fd(), name.c_str(),
                           O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file.good()) return failed("the file cannot be opened", path);
  struct stat about {};
  if (::fstat(file.fd(), &about) != 0 || !S_ISREG(about.st_mode)) return no_file(path);
  std::string text;
  std::array<char, 65536> part{};
  while (true) {
    const ssize_t count = ::read(file.fd(), part.data(), part.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed("the file cannot be read", path);
    if (count == 0) return Value::of(std::move(text));
    text.append(part.data(), static_cast<std::size_t>(count));
    if (text.size() > kFileMost) return too_long(path);
  }
}

Done Files::write(const std::string& path, std::string_view text) const {
  const auto place = inside(folders_, path);
  if (!place) return Unexpected{place.error()};
  if (place->parts.empty()) return no_file(path);
  if (text.size() > kFileMost) return too_long(path);
  const auto folder = enter(*place, place->parts.size() - 1, kept_, path);
  if (!folder) return Unexpected{folder.error()};
  const int at = folder->fd();
  const std::string& name = place->parts.back();
  const auto before = look(at, name);
  if (before && !S_ISREG(before->st_mode)) return no_file(path);
  const std::string beside = "." + name + "." + std::to_string(::getpid()) + ".part";
  ::unlinkat(at, beside.c_str(), 0);  // of a process of the same number that was killed
  Open file(::openat(at, beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                     before ? 0600 : 0644));
  if (!file.good()) return failed("the file cannot be written", path);
  Done done = put(file.fd(), text, path);
  // Whoever might not read the old content may not read the new one.
  if (done && before && ::fchmod(file.fd(), before->st_mode & 0777) != 0) {
    done = failed("the file cannot be written", path);
  }
  if (done && ::renameat(at, beside.c_str(), at, name.c_str()) != 0) {
    done = failed("the file cannot be written", path);
  }
  if (!done) ::unlinkat(at, beside.c_str(), 0);
  return done;
}

Outcome<Value> Files::list(const std::string& path) const {
  const auto place = inside(folders_, path);
  if (!place) return Unexpected{place.error()};
  auto folder = enter(*place, place->parts.size(), kept_, path);
  if (!folder) return Unexpected{folder.error()};
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::fdopendir(folder->fd()), &::closedir);
  if (!open) return failed("the folder cannot be listed", path);
  folder->release();
  std::vector<Value> rows;
  while (const dirent* entry = ::readdir(open.get())) {  // NOLINT: one thread
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    const auto about = look(::dirfd(open.get()), name);
    if (!about || (!S_ISREG(about->st_mode) && !S_ISDIR(about->st_mode))) continue;
    if (rows.size() == kFilesMost) {
      return failure(ErrorCode::TooLong, "the folder has more than 10000 files", path,
                     "A script lists smaller folders only.");
    }
    const bool plain = S_ISREG(about->st_mode);
    Value row = Value::table();
    row.set("kind", Value::of(std::string(plain ? "file" : "folder")));
    row.set("name", Value::of(name));
    if (plain) row.set("size_bytes", Value::of(static_cast<std::int64_t>(about->st_size)));
    rows.push_back(std::move(row));
  }
  std::ranges::sort(rows, {}, [](const Value& row) { return row.get("name")->text; });
  Value list = Value::table();
  for (Value& row : rows) {
    list.entries.push_back(
        {{}, static_cast<std::int64_t>(list.entries.size()) + 1, std::move(row)});
  }
  return list;
}

}  // namespace weco::lua
