// SPDX-License-Identifier: Apache-2.0
#include "host/evidence/file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace weco {

Unexpected<Failure> file_failure(int error, const std::string& path, std::string what) {
  const ErrorCode code = error == EACCES || error == EPERM || error == EROFS
                             ? ErrorCode::PermissionDenied
                         : error == ENOENT || error == ENOTDIR ? ErrorCode::NotFound
                         : error == ENOSPC || error == EDQUOT  ? ErrorCode::Full
                                                               : ErrorCode::IoError;
  return failure(Error{code, error}, std::move(what), path,
                 std::string(std::strerror(error)) + ".");
}

Done write_whole(int fd, std::span<const std::uint8_t> bytes, const std::string& path,
                 std::string_view what) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return file_failure(errno, path, std::string(what));
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Done append_line(int fd, std::string_view line, const std::string& path, std::string_view what) {
  std::string whole;
  char last = '\n';
  const off_t end = ::lseek(fd, 0, SEEK_END);
  if (end > 0 && ::pread(fd, &last, 1, end - 1) == 1 && last != '\n') {
    whole = std::string(kTornLine) + '\n';
  }
  whole += line;
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(whole.data()), whole.size());
  if (Done done = write_whole(fd, bytes, path, what); !done) return done;
  if (::fdatasync(fd) != 0) return file_failure(errno, path, std::string(what));
  return {};
}

Done append_to_journal(int& fd, std::string_view line, const std::string& path) {
  constexpr std::string_view kWhat = "the journal cannot be written";
  if (fd < 0) fd = open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  Done done = fd < 0 ? Done(file_failure(errno, path, std::string(kWhat)))
                     : append_line(fd, line, path, kWhat);
  if (done) return done;
  Failure failed = std::move(done).error();
  failed.hint += " Name another place with --journal.";
  return Unexpected{std::move(failed)};
}

}  // namespace weco
