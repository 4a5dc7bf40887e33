// SPDX-License-Identifier: Apache-2.0
// Time as an argument. The core and every codec receive `Instant now`; none of them reads a clock.
// Instant counts microseconds from an origin that means nothing, so it cannot be mixed with a
// calendar. Calendar time enters separately where a product needs it (schedules, daily resets).
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

namespace weco {

class Duration {
 public:
  constexpr Duration() = default;
  static constexpr Duration us(std::int64_t n) { return Duration(n); }
  static constexpr Duration ms(std::int64_t n) { return Duration(n * 1000); }
  static constexpr Duration s(std::int64_t n) { return Duration(n * 1000000); }
  static constexpr Duration minutes(std::int64_t n) { return s(n * 60); }
  static constexpr Duration hours(std::int64_t n) { return s(n * 3600); }
  [[nodiscard]] constexpr std::int64_t to_us() const { return us_; }
  [[nodiscard]] constexpr std::int64_t to_ms() const { return us_ / 1000; }
  [[nodiscard]] constexpr std::int64_t to_s() const { return us_ / 1000000; }
  friend constexpr auto operator<=>(Duration, Duration) = default;
  friend constexpr Duration operator+(Duration a, Duration b) { return Duration(a.us_ + b.us_); }
  friend constexpr Duration operator-(Duration a, Duration b) { return Duration(a.us_ - b.us_); }
  friend constexpr Duration operator*(Duration a, std::int64_t n) { return Duration(a.us_ * n); }
  friend constexpr Duration operator/(Duration a, std::int64_t n) { return Duration(a.us_ / n); }

 private:
  constexpr explicit Duration(std::int64_t n) : us_(n) {}
  std::int64_t us_ = 0;
};

class Instant {
 public:
  constexpr Instant() = default;
  static constexpr Instant from_us(std::int64_t n) { return Instant(n); }
  /// Later than every instant that occurs: "no deadline".
  static constexpr Instant never() { return Instant(std::numeric_limits<std::int64_t>::max()); }
  [[nodiscard]] constexpr std::int64_t to_us() const { return us_; }
  friend constexpr auto operator<=>(Instant, Instant) = default;
  friend constexpr Instant operator+(Instant t, Duration d) { return Instant(t.us_ + d.to_us()); }
  friend constexpr Instant operator-(Instant t, Duration d) { return Instant(t.us_ - d.to_us()); }
  friend constexpr Duration operator-(Instant a, Instant b) { return Duration::us(a.us_ - b.us_); }

 private:
  constexpr explicit Instant(std::int64_t n) : us_(n) {}
  std::int64_t us_ = 0;
};

/// Widens a 32-bit counter of a device or a microcontroller, which wraps, into one that does not.
/// Fed at least once a wrap period (2^32 ticks).
class ClockExtender {
 public:
  constexpr std::int64_t extend(std::uint32_t counter) {
    total_ += static_cast<std::uint32_t>(counter - last_);
    last_ = counter;
    return total_;
  }

 private:
  std::uint32_t last_ = 0;
  std::int64_t total_ = 0;
};

}  // namespace weco
