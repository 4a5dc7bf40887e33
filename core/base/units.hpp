// SPDX-License-Identifier: Apache-2.0
// Strong types for quantities: one fixed integer representation each, no floating point in a
// protection decision, no mixing of volts with amperes. Current and power are positive INTO the
// battery. Temperature is a point on a scale (two of them cannot be added); TemperatureDelta is the
// difference of two.
#pragma once

#include <compare>
#include <cstdint>

namespace weco {

template <class Tag, class Rep = std::int32_t>
class Quantity {
 public:
  using rep = Rep;
  constexpr Quantity() = default;
  constexpr explicit Quantity(Rep count) : count_(count) {}
  [[nodiscard]] constexpr Rep count() const { return count_; }
  friend constexpr auto operator<=>(Quantity, Quantity) = default;
  constexpr Quantity operator-() const { return Quantity(static_cast<Rep>(-count_)); }
  friend constexpr Quantity operator+(Quantity a, Quantity b) {
    return Quantity(static_cast<Rep>(a.count_ + b.count_));
  }
  friend constexpr Quantity operator-(Quantity a, Quantity b) {
    return Quantity(static_cast<Rep>(a.count_ - b.count_));
  }
  friend constexpr Quantity operator*(Quantity a, Rep n) {
    return Quantity(static_cast<Rep>(a.count_ * n));
  }
  friend constexpr Quantity operator/(Quantity a, Rep n) {
    return Quantity(static_cast<Rep>(a.count_ / n));
  }
  constexpr Quantity& operator+=(Quantity other) { return *this = *this + other; }
  constexpr Quantity& operator-=(Quantity other) { return *this = *this - other; }

 private:
  Rep count_ = 0;
};

namespace unit {
struct Millivolt;
struct Milliamp;
struct Watt;
struct VoltAmpere;
struct WattHour;
struct MilliampHour;
struct Microohm;
struct Millihertz;
struct HundredthPercent;
struct DeciKelvin;
}  // namespace unit

using Millivolts = Quantity<unit::Millivolt>;
using Milliamps = Quantity<unit::Milliamp>;  // positive: into the battery
using Watts = Quantity<unit::Watt>;          // positive: into the battery
using WattHours = Quantity<unit::WattHour, std::int64_t>;
using MilliampHours = Quantity<unit::MilliampHour>;
using Microohms = Quantity<unit::Microohm>;
using Millihertz = Quantity<unit::Millihertz>;
/// A share in steps of 0.01 %: 10000 is the whole.
using Permyriad = Quantity<unit::HundredthPercent>;

using TemperatureDelta = Quantity<unit::DeciKelvin>;  // steps of 0.1 K

/// A point on the Celsius scale, in steps of 0.1 degree.
class Temperature {
 public:
  constexpr Temperature() = default;
  static constexpr Temperature deci_celsius(std::int32_t n) { return Temperature(n); }
  static constexpr Temperature celsius(std::int32_t n) { return Temperature(n * 10); }
  [[nodiscard]] constexpr std::int32_t to_deci_celsius() const { return deci_; }
  friend constexpr auto operator<=>(Temperature, Temperature) = default;
  friend constexpr Temperature operator+(Temperature t, TemperatureDelta d) {
    return Temperature(t.deci_ + d.count());
  }
  friend constexpr Temperature operator-(Temperature t, TemperatureDelta d) {
    return Temperature(t.deci_ - d.count());
  }
  friend constexpr TemperatureDelta operator-(Temperature a, Temperature b) {
    return TemperatureDelta(a.deci_ - b.deci_);
  }

 private:
  constexpr explicit Temperature(std::int32_t deci) : deci_(deci) {}
  std::int32_t deci_ = 0;
};

/// Voltage times current in watts, rounded toward zero. 2^31 mV x 2^31 mA fits 64 bits.
constexpr Watts power(Millivolts u, Milliamps i) {
  return Watts(
      static_cast<std::int32_t>(static_cast<std::int64_t>(u.count()) * i.count() / 1000000));
}

}  // namespace weco
