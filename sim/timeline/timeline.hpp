// SPDX-License-Identifier: Apache-2.0
// Virtual time: a reactor that waits for nothing and jumps to the next timer, so that a day of
// polling takes a second and every run of one program with one seed is the same run. It has no
// descriptors: what needs the operating system cannot be part of a simulation.
#pragma once

#include <cstdint>

#include "host/reactor/reactor.hpp"
#include "host/reactor/timers.hpp"

namespace weco::sim {

/// This many actions without time moving on are an endless loop, not work.
inline constexpr std::uint64_t kActionsPerInstantMax = 1000000;
/// 2026-01-01T00:00:00Z, the calendar's start when a scenario names none.
inline constexpr std::int64_t kDefaultWallStart = 1767225600;

class Timeline final : public Reactor {
 public:
  /// `wall_start` is the calendar time (seconds since 1970, UTC) at `start`.
  explicit Timeline(Instant start = Instant{}, std::int64_t wall_start = kDefaultWallStart)
      : start_(start), now_(start), wall_start_(wall_start) {}

  [[nodiscard]] Instant now() const override { return now_; }
  [[nodiscard]] std::int64_t wall_seconds() const override {
    return wall_start_ + (now_ - start_).to_s();
  }
  TimerId at(Instant when, std::function<void()> action) override;
  void cancel(TimerId id) override;
  /// An assertion: virtual time has no descriptors.
  void watch(int fd, std::function<void()> readable) override;
  void once_writable(int fd, std::function<void()> writable) override;
  void unwatch(int fd) override;
  bool run(const std::function<bool()>& done, Instant until) override;
  void interrupt() override { ++interrupts_; }
  [[nodiscard]] bool interrupted() const override { return interrupts_ != 0; }

  /// Runs everything that is due within `span` and ends exactly that much later, unless it was
  /// interrupted.
  void leap(Duration span);
  /// Timers that wait; a test of leaks compares it.
  [[nodiscard]] std::size_t timers() const { return timers_.size(); }
  /// Actions run so far: equal runs have equal counts.
  [[nodiscard]] std::uint64_t actions() const { return actions_; }

 private:
  Timers timers_;
  Instant start_;
  Instant now_;
  std::int64_t wall_start_;
  std::uint64_t actions_ = 0;
  std::uint64_t actions_at_now_ = 0;
  std::uint32_t interrupts_ = 0;
  std::uint32_t acknowledged_ = 0;
};

}  // namespace weco::sim
