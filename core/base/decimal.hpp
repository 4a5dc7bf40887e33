// SPDX-License-Identifier: Apache-2.0
// A number exactly as a wire carried it: mantissa x 10^exponent. Nothing is rounded between the
// device and the person; typed quantities are derived from it where something is computed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/fixed.hpp"
#include "core/base/result.hpp"

namespace weco {

struct Decimal {
  std::int64_t mantissa = 0;
  std::int8_t exponent = 0;  // -12 .. 12

  /// Equal when they are written alike: 1.0 and 1 differ (the wire's resolution is kept).
  friend constexpr bool operator==(Decimal, Decimal) = default;
};

inline constexpr int kDecimalExponentMax = 12;

constexpr std::int64_t power_of_ten(int n) {
  std::int64_t p = 1;
  for (; n > 0; --n) p *= 10;
  return p;
}

/// The mantissa that `d` would have with `exponent`; rounds half away from zero when digits go.
/// Fails with OutOfRange when the result leaves 64 bits.
constexpr Result<std::int64_t> rescale(Decimal d, int exponent) {
  const int up = d.exponent - exponent;
  if (up > 18 || up < -18)
    return d.mantissa == 0 ? Result<std::int64_t>(0) : fail(ErrorCode::OutOfRange);
  if (up >= 0) {
    std::int64_t scaled = 0;
    if (__builtin_mul_overflow(d.mantissa, power_of_ten(up), &scaled)) {
      return fail(ErrorCode::OutOfRange);
    }
    return scaled;
  }
  const std::int64_t p = power_of_ten(-up);
  const std::int64_t whole = d.mantissa / p;
  const std::int64_t rest = d.mantissa % p;
  if (rest >= p - rest && rest > 0) return whole + 1;
  if (-rest >= p + rest && rest < 0) return whole - 1;
  return whole;
}

/// Numeric order and equality, whatever the exponents: compare(1.0, 1) is 0.
constexpr int compare(Decimal a, Decimal b) {
  const int low = a.exponent < b.exponent ? a.exponent : b.exponent;
  const auto x = rescale(a, low);
  const auto y = rescale(b, low);
  if (!x || !y) {  // only a huge mantissa with a huge spread gets here: signs decide
    const std::int64_t big = !x ? a.mantissa : -b.mantissa;
    return big > 0 ? 1 : -1;
  }
  return *x < *y ? -1 : (*x > *y ? 1 : 0);
}

using DecimalText = FixedString<40>;

/// "-12.30" for {-1230, -2}; trailing zeros are kept because they are the wire's resolution.
DecimalText to_text(Decimal d);
/// The inverse: optional sign, digits, optional point and digits. BadInput for anything else.
Result<Decimal> parse_decimal(std::string_view text);
/// For charts and statistics only, never for a decision.
double to_double(Decimal d);

}  // namespace weco
