// SPDX-License-Identifier: Apache-2.0
#include "firmware/report.hpp"

#include <array>

#include "core/base/crc.hpp"
#include "core/base/decimal.hpp"
#include "firmware/port.hpp"

namespace weco::firmware {

Line& Line::with(std::string_view name, std::int64_t value) {
  return with(name, to_text(Decimal{value, 0}).view());
}

Line& Line::with(std::string_view name, std::string_view value) {
  text_.append(" ");
  text_.append(name);
  text_.append("=");
  text_.append(value);
  return *this;
}

Line& Line::hex(std::string_view name, std::uint32_t value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<char, 8> digits{};
  for (std::size_t i = 0; i < digits.size(); ++i) {
    digits[i] = kDigits[(value >> (4 * (digits.size() - 1 - i))) & 0xFU];
  }
  return with(name, std::string_view(digits.data(), digits.size()));
}

void Line::end() {
  put(text_.view());
  put("\n");
}

void Digest::add(std::int64_t value) {
  std::array<std::uint8_t, 8> bytes{};
  ByteWriter writer(bytes);
  writer.u64(static_cast<std::uint64_t>(value), Endian::Little);
  add(writer.written());
}

void Digest::add(Bytes data) { crc_ = crc32(data, crc_); }

}  // namespace weco::firmware
