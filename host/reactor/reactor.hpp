// SPDX-License-Identifier: Apache-2.0
// One thread, one loop. Everything that waits is a timer or a descriptor here; the real loop sits
// on poll(2), the simulator's Timeline jumps from deadline to deadline. Code above never knows
// which.
#pragma once

#include <cstdint>
#include <functional>

#include "core/base/time.hpp"

namespace weco {

class Reactor {
 public:
  using TimerId = std::uint64_t;  // 0 is no timer
  virtual ~Reactor() = default;

  /// Monotonic time; the boot-time clock in real life, so that a closed laptop lid does not stop
  /// it.
  [[nodiscard]] virtual Instant now() const = 0;
  /// Seconds since 1970-01-01 UTC, for evidence, reports and schedules only.
  [[nodiscard]] virtual std::int64_t wall_seconds() const = 0;

  /// Calls `action` once at or after `when`. Timers of one instant fire in the order they were set.
  virtual TimerId at(Instant when, std::function<void()> action) = 0;
  virtual void cancel(TimerId id) = 0;

  /// Calls `readable` while the descriptor has data, is closed or failed. One watch a descriptor.
  virtual void watch(int fd, std::function<void()> readable) = 0;
  /// Calls `writable` once, when the descriptor takes bytes, is closed or failed.
  virtual void once_writable(int fd, std::function<void()> writable) = 0;
  /// Forgets the descriptor, both ways.
  virtual void unwatch(int fd) = 0;

  /// Runs what is due until `done()` is true, `until` is reached or the reactor was interrupted.
  /// Returns done(). With nothing to wait for and Instant::never(), returns at once. May be called
  /// from inside an action (a wait inside a callback).
  virtual bool run(const std::function<bool()>& done, Instant until) = 0;

  /// Lets so much time pass, with everything that is due in it; an interrupt ends it.
  void pause(Duration span) {
    run([this] { return interrupted(); }, now() + span);
  }

  /// Makes run() return soon; safe from a signal handler. Each interrupt() ends the run() that is
  /// active (every nested one too) or else the next one, once: a later run() works again, so that
  /// the exchange in flight can finish. interrupted() stays true and tells everyone to begin
  /// nothing new.
  virtual void interrupt() = 0;
  [[nodiscard]] virtual bool interrupted() const = 0;
};

}  // namespace weco
