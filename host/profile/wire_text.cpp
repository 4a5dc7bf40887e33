// SPDX-License-Identifier: Apache-2.0
#include "host/profile/wire_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace weco {
namespace {

/// Month, day, hour, minute, second: where each stands in the text and what it may be.
struct ClockField {
  std::size_t place;
  unsigned min;
  unsigned max;
};
constexpr std::array<ClockField, 5> kClockFields = {
    {{5, 1, 12}, {8, 1, 31}, {11, 0, 23}, {14, 0, 59}, {17, 0, 59}}};
constexpr std::string_view kClockShape = "0000-00-00T00:00:00";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

void put_two(char* at, unsigned value) {
  at[0] = static_cast<char>('0' + value / 10 % 10);
  at[1] = static_cast<char>('0' + value % 10);
}

unsigned two(std::string_view text, std::size_t at) {
  return static_cast<unsigned>(text[at] - '0') * 10 + static_cast<unsigned>(text[at + 1] - '0');
}

}  // namespace

Reading text_from_wire(const PointRef& ref, Bytes data, bool low_byte_first, Instant at) {
  const auto byte = [&](std::size_t i) { return data[low_byte_first ? i ^ 1U : i]; };
  std::size_t size = 0;
  bool ones = true;
  while (size < data.size() && byte(size) != 0) ones = byte(size++) == 0xFF && ones;
  while (size > 0 && byte(size - 1) == ' ') --size;
  Reading reading = text_reading(ref, {}, at);
  if (size == 0 || ones) {
    reading.quality = Quality::NotImplemented;
    return reading;
  }
  reading.text_size = static_cast<std::uint8_t>(std::min(size, kTextMax));
  for (std::size_t i = 0; i < reading.text_size; ++i) {
    reading.text_bytes[i] = static_cast<char>(byte(i));
  }
  return reading;
}

bool text_to_wire(std::string_view text, bool low_byte_first, MutableBytes out) {
  if (text.size() > out.size()) return false;
  std::fill(out.begin(), out.end(), std::uint8_t{0});
  for (std::size_t i = 0; i < text.size(); ++i) {
    out[low_byte_first ? i ^ 1U : i] = static_cast<std::uint8_t>(text[i]);
  }
  return true;
}

Reading decimal_text(const PointRef& ref, std::uint64_t wire, int exponent, Instant at) {
  std::array<char, kTextMax> digits{};
  const auto places = static_cast<std::size_t>(-exponent);
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), wire).ptr;
  std::string_view number(digits.data(), static_cast<std::size_t>(end - digits.data()));
  Reading reading = text_reading(ref, {}, at);
  const auto put = [&reading](char c) { reading.text_bytes[reading.text_size++] = c; };
  // A leading zero before the point, and zeros behind it, where the number is that small.
  for (std::size_t i = std::max(number.size(), places + 1); i > 0; --i) {
    if (i == places && places > 0) put('.');
    put(i > number.size() ? '0' : number[number.size() - i]);
  }
  return reading;
}

Result<std::uint64_t> decimal_from_text(std::string_view text, int exponent) {
  const auto places = static_cast<std::size_t>(-exponent);
  std::array<char, kTextMax> digits{};
  std::size_t count = 0;
  if (text.size() > kTextMax || text.size() < (places > 0 ? places + 2 : 1)) {
    return fail(ErrorCode::BadInput);
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (places > 0 && i == text.size() - places - 1) {
      if (text[i] != '.') return fail(ErrorCode::BadInput);
      continue;
    }
    if (!is_digit(text[i])) return fail(ErrorCode::BadInput);
    digits[count++] = text[i];
  }
  std::uint64_t value = 0;
  const char* end = digits.data() + count;
  if (std::from_chars(digits.data(), end, value).ec != std::errc()) {
    return fail(ErrorCode::OutOfRange);
  }
  return value;
}

Reading clock_text(const PointRef& ref, Bytes data, Instant at) {
  Reading reading = text_reading(ref, {}, at);
  if (std::all_of(data.begin(), data.end(), [](std::uint8_t b) { return b == 0; })) {
    reading.quality = Quality::NotImplemented;
    return reading;
  }
  const bool whole_year = data.size() == 8;
  const unsigned year = whole_year ? data[0] * 256U + data[1] : 2000U + data[0];
  const Bytes rest = data.subspan(whole_year ? 2 : 1);
  reading = text_reading(ref, kClockShape, at);
  put_two(reading.text_bytes.data(), year / 100);
  put_two(reading.text_bytes.data() + 2, year % 100);
  bool sane = year >= 2000 && year <= 9999 && (!whole_year || data[7] == 0);
  for (std::size_t i = 0; i < kClockFields.size(); ++i) {
    const ClockField& field = kClockFields[i];
    sane = sane && rest[i] >= field.min && rest[i] <= field.max;
    put_two(reading.text_bytes.data() + field.place, rest[i]);
  }
  if (!sane) {
    reading = text_reading(ref, {}, at);
    reading.quality = Quality::OutOfRange;
  }
  return reading;
}

bool clock_to_wire(std::string_view text, MutableBytes out) {
  if (text.size() != kClockShape.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_digit(kClockShape[i]) ? !is_digit(text[i]) : text[i] != kClockShape[i]) return false;
  }
  const bool whole_year = out.size() == 8;
  const unsigned year = two(text, 0) * 100 + two(text, 2);
  if (year < 2000 || (!whole_year && year > 2255)) return false;
  const MutableBytes rest = out.subspan(whole_year ? 2 : 1);
  for (std::size_t i = 0; i < kClockFields.size(); ++i) {
    const unsigned value = two(text, kClockFields[i].place);
    if (value < kClockFields[i].min || value > kClockFields[i].max) return false;
    rest[i] = static_cast<std::uint8_t>(value);
  }
  if (whole_year) {
    out[0] = static_cast<std::uint8_t>(year >> 8);
    out[7] = 0;
  }
  out[whole_year ? 1 : 0] = static_cast<std::uint8_t>(whole_year ? year & 0xFFU : year - 2000);
  return true;
}

}  // namespace weco
