// SPDX-License-Identifier: Apache-2.0
#include "core/base/decimal.hpp"

#include <array>

namespace weco {

DecimalText to_text(Decimal d) {
  std::array<char, 24> digits{};
  std::size_t count = 0;
  std::uint64_t rest = d.mantissa < 0 ? ~static_cast<std::uint64_t>(d.mantissa) + 1
                                      : static_cast<std::uint64_t>(d.mantissa);
  do {
    digits[count++] = static_cast<char>('0' + rest % 10);
    rest /= 10;
  } while (rest != 0);
  const std::size_t decimals = d.exponent < 0 ? static_cast<std::size_t>(-d.exponent) : 0;
  while (count <= decimals) digits[count++] = '0';
  DecimalText text;
  if (d.mantissa < 0) text.append("-");
  while (count > 0) {
    --count;
    text.append({&digits[count], 1});
    if (count == decimals && count > 0) text.append(".");
  }
  for (int i = 0; i < d.exponent && d.mantissa != 0; ++i) text.append("0");
  return text;
}

Result<Decimal> parse_decimal(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  Decimal d;
  bool point = false;
  bool digit = false;
  for (const char c : text) {
    if (c == '.' && !point) {
      point = true;
      continue;
    }
    if (c < '0' || c > '9') return fail(ErrorCode::BadInput);
    digit = true;
    if (point && --d.exponent < -kDecimalExponentMax) return fail(ErrorCode::OutOfRange);
    if (__builtin_mul_overflow(d.mantissa, 10, &d.mantissa) ||
        __builtin_add_overflow(d.mantissa, c - '0', &d.mantissa)) {
      return fail(ErrorCode::OutOfRange);
    }
  }
  if (!digit) return fail(ErrorCode::BadInput);
  if (negative) d.mantissa = -d.mantissa;
  return d;
}

double to_double(Decimal d) {
  double value = static_cast<double>(d.mantissa);
  const auto p = static_cast<double>(power_of_ten(d.exponent < 0 ? -d.exponent : d.exponent));
  return d.exponent < 0 ? value / p : value * p;
}

}  // namespace weco
