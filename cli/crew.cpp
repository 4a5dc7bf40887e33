// SPDX-License-Identifier: Apache-2.0
#include "cli/crew.hpp"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <utility>

namespace weco::cli {

Foreman::Foreman(int fd, Reactor& reactor) : fd_(fd), reactor_(reactor) {
  reactor_.watch(fd_, [this] {
    char word = 0;
    if (::recv(fd_, &word, 1, MSG_DONTWAIT) == 1) {
      word_ = word;
      return;
    }
    reactor_.unwatch(fd_);
    word_ = '\0';
    reactor_.interrupt();
  });
}

Foreman::~Foreman() { reactor_.unwatch(fd_); }

void Foreman::tell(std::string_view message) {
  // Nobody listening is noticed where answers are waited for.
  static_cast<void>(
      ::send(fd_, message.data(), std::min(message.size(), kCrewMessageMax), MSG_NOSIGNAL));
}

char Foreman::wait() {
  reactor_.run([this] { return word_.has_value(); }, Instant::never());
  return std::exchange(word_, std::nullopt).value_or('\0');
}

Crew::~Crew() {
  dismiss();
  for (const auto& [n, worker] : workers_) {
    reactor_.unwatch(worker.fd);
    ::close(worker.fd);
    while (::waitpid(worker.pid, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
}

Done Crew::start(std::size_t n, const std::function<void(int fd)>& work) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return failure(Error{ErrorCode::IoError, errno}, "a process cannot be started");
  }
  const pid_t pid = ::fork();
  if (pid < 0) {
    const int error = errno;
    ::close(ends[0]);
    ::close(ends[1]);
    return failure(Error{ErrorCode::IoError, error}, "a process cannot be started");
  }
  if (pid == 0) {
    // Whoever kills the run kills its work: an update may be cut anywhere, and a worker that lives
    // on would be a second master for the run that goes on with it.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::close(ends[0]);
    // Whoever holds the other end of a neighbour's line would keep it open after its beginner died.
    for (const auto& [other, worker] : workers_) ::close(worker.fd);
    work(ends[1]);
    ::_exit(0);
  }
  ::close(ends[1]);
  workers_[n] = {pid, ends[0]};
  reactor_.watch(ends[0], [this, n] { on_readable(n); });
  return {};
}

void Crew::on_readable(std::size_t n) {
  const Worker worker = workers_.at(n);
  std::array<char, kCrewMessageMax> room;  // NOLINT: written before it is read
  const ssize_t size = ::recv(worker.fd, room.data(), room.size(), MSG_DONTWAIT);
  if (size > 0) return ears_.said(n, {room.data(), static_cast<std::size_t>(size)});
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  reactor_.unwatch(worker.fd);
  ::close(worker.fd);
  while (::waitpid(worker.pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  workers_.erase(n);
  ears_.gone(n);
}

void Crew::answer(std::size_t n, char word) {
  const auto found = workers_.find(n);
  if (found != workers_.end()) {
    static_cast<void>(::send(found->second.fd, &word, 1, MSG_NOSIGNAL));
  }
}

void Crew::dismiss() {
  for (const auto& [n, worker] : workers_) ::shutdown(worker.fd, SHUT_WR);
}

}  // namespace weco::cli
