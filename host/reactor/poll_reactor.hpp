// SPDX-License-Identifier: Apache-2.0
// The reactor of real life, on poll(2). This folder is the only one that may name a clock of the
// operating system: CLOCK_BOOTTIME for everything that waits, CLOCK_REALTIME for evidence.
#pragma once

#include <poll.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "host/reactor/reactor.hpp"
#include "host/reactor/timers.hpp"

namespace weco {

class PollReactor final : public Reactor {
 public:
  PollReactor();
  ~PollReactor() override;
  PollReactor(const PollReactor&) = delete;
  PollReactor& operator=(const PollReactor&) = delete;

  [[nodiscard]] Instant now() const override;
  [[nodiscard]] std::int64_t wall_seconds() const override;
  TimerId at(Instant when, std::function<void()> action) override;
  void cancel(TimerId id) override;
  void watch(int fd, std::function<void()> readable) override;
  void once_writable(int fd, std::function<void()> writable) override;
  void unwatch(int fd) override;
  bool run(const std::function<bool()>& done, Instant until) override;
  void interrupt() override;
  [[nodiscard]] bool interrupted() const override;

 private:
  using Action = std::shared_ptr<const std::function<void()>>;
  struct Watch {
    Action readable;
    Action writable;
    std::uint64_t generation = 0;  // tells a reused descriptor number from the one that was polled
  };

  Watch& watch_of(int fd);
  bool fire_timers(const std::function<bool()>& done);
  void wait_for_descriptors(Instant until);
  void dispatch(const std::vector<pollfd>& polled, const std::vector<std::uint64_t>& generations);
  void arm(Instant wake);

  Timers timers_;
  std::unordered_map<int, Watch> watches_;
  std::uint64_t generation_ = 0;
  int wake_fd_ = -1;   // eventfd: interrupt() writes, poll wakes
  int timer_fd_ = -1;  // timerfd on the boot-time clock: poll's own time-out stops in suspend
  Instant armed_ = Instant::never();
  std::atomic<std::uint32_t> interrupts_{0};
  std::uint32_t acknowledged_ = 0;
};

}  // namespace weco
