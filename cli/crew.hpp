// SPDX-License-Identifier: Apache-2.0
// Several updates at once in a program of one thread: each is a process of its own that waits for
// its device and talks to the one that began it in short messages. A process whose beginner is gone
// finishes what it is asking and stops; one that dies is noticed.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "host/failure/failure.hpp"
#include "host/reactor/reactor.hpp"

namespace weco::cli {

/// Longer messages are cut.
inline constexpr std::size_t kCrewMessageMax = 4096;

/// The worker's end.
class Foreman {
 public:
  Foreman(int fd, Reactor& reactor);
  ~Foreman();
  Foreman(const Foreman&) = delete;
  Foreman& operator=(const Foreman&) = delete;
  void tell(std::string_view message);
  /// Waits for the answer: 0 when there will be none, or when the user said stop.
  char wait();

 private:
  int fd_;
  Reactor& reactor_;
  std::optional<char> word_;
};

class Crew {
 public:
  /// Both are called from the reactor: what worker `n` says, and that it ended.
  struct Ears {
    std::function<void(std::size_t n, std::string_view message)> said;
    std::function<void(std::size_t n)> gone;
  };
  Crew(Reactor& reactor, Ears ears) : reactor_(reactor), ears_(std::move(ears)) {}
  /// Waits for those that are still there; told to stop, they soon end.
  ~Crew();
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  /// Runs `work` in a process of its own, with the descriptor for its Foreman.
  Done start(std::size_t n, const std::function<void(int fd)>& work);
  void answer(std::size_t n, char word);
  /// Tells everybody that no answer will come.
  void dismiss();

 private:
  struct Worker {
    pid_t pid = 0;
    int fd = -1;
  };
  void on_readable(std::size_t n);

  Reactor& reactor_;
  Ears ears_;
  std::map<std::size_t, Worker> workers_;
};

}  // namespace weco::cli
