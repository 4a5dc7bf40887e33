// SPDX-License-Identifier: Apache-2.0
// A file that a command writes; closed by itself.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>
#include <string_view>

#include "cli/render/text.hpp"
#include "cli/sweep.hpp"
#include "host/failure/failure.hpp"

namespace weco::cli {

class OutFile {
 public:
  enum class From : std::uint8_t { Beginning, End };
  /// `option` is what named it. IoError when it cannot be written.
  static Outcome<std::unique_ptr<OutFile>> open(const std::string& path, std::string option,
                                                From from = From::Beginning) {
    const int how = from == From::Beginning ? O_TRUNC : O_APPEND;
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | how | O_CLOEXEC, 0644);
    if (fd < 0) {
      return failure(Error{ErrorCode::IoError, errno},
                     quoted(std::string_view(path)) + " cannot be written", std::move(option),
                     "Check the folder and its rights.");
    }
    return std::make_unique<OutFile>(fd);
  }
  explicit OutFile(int fd) : fd_(fd) {}
  ~OutFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  OutFile(const OutFile&) = delete;
  OutFile& operator=(const OutFile&) = delete;
  Done write(std::string_view text) { return write_whole(fd_, text); }

 private:
  int fd_;
};

}  // namespace weco::cli
