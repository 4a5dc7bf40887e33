// SPDX-License-Identifier: Apache-2.0
#include "host/profile/f32.hpp"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>

namespace weco {
namespace {

constexpr std::array<double, 8> kPowers = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7};

/// Shortest digits by the library; for what the quick way does not find.
Result<Decimal> shortest(float value) {
  std::array<char, 32> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific);
  Decimal d;
  const char* p = text.data();
  int exponent = 0;
  bool point = false;
  for (; p != end.ptr && *p != 'e'; ++p) {
    if (*p == '.') {
      point = true;
      continue;
    }
    d.mantissa = d.mantissa * 10 + (*p - '0');
    exponent -= point ? 1 : 0;
  }
  int power = 0;
  if (p != end.ptr) {
    ++p;
    if (*p == '+') ++p;
    std::from_chars(p, end.ptr, power);
  }
  exponent += power;
  while (exponent > kDecimalExponentMax) {
    if (__builtin_mul_overflow(d.mantissa, 10, &d.mantissa)) return fail(ErrorCode::OutOfRange);
    --exponent;
  }
  if (exponent < -kDecimalExponentMax) {
    const int digits = -kDecimalExponentMax - exponent;
    if (digits > 18) return Decimal{0, 0};
    const std::int64_t p10 = power_of_ten(digits);
    d.mantissa = (d.mantissa + p10 / 2) / p10;
    if (d.mantissa == 0) return Decimal{0, 0};
    exponent = -kDecimalExponentMax;
  }
  d.exponent = static_cast<std::int8_t>(exponent);
  return d;
}

}  // namespace

Result<Decimal> decimal_from_f32(std::uint32_t bits) {
  const float value = std::bit_cast<float>(bits);
  if (!std::isfinite(value)) return fail(ErrorCode::OutOfRange);
  if (value == 0.0F) return Decimal{0, 0};
  const float magnitude = std::fabs(value);
  const bool negative = value < 0;
  // Up to seven digits the nearest multiple of a power of ten is unique, so the first power that
  // gives the same single back gives the shortest decimal.
  for (std::size_t k = 0; k < kPowers.size(); ++k) {
    const double scaled = static_cast<double>(magnitude) * kPowers[k];
    if (scaled >= 1e7) break;
    const auto mantissa = static_cast<std::int64_t>(scaled + 0.5);
    if (static_cast<float>(static_cast<double>(mantissa) / kPowers[k]) != magnitude) continue;
    return Decimal{negative ? -mantissa : mantissa, static_cast<std::int8_t>(-static_cast<int>(k))};
  }
  Result<Decimal> d = shortest(magnitude);
  if (d && negative) d->mantissa = -d->mantissa;
  return d;
}

Result<std::uint32_t> f32_from_decimal(Decimal value) {
  const DecimalText text = to_text(value);
  float single = 0;
  const char* end = text.view().data() + text.view().size();
  const auto parsed = std::from_chars(text.view().data(), end, single);
  if (parsed.ec == std::errc::result_out_of_range && value.mantissa != 0) {
    return fail(ErrorCode::OutOfRange);
  }
  return std::bit_cast<std::uint32_t>(single);
}

}  // namespace weco
