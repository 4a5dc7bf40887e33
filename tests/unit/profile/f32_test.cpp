// SPDX-License-Identifier: Apache-2.0
#include "host/profile/f32.hpp"

#include <bit>
#include <charconv>
#include <random>
#include <string>

#include "tests/support/catch.hpp"

using weco::decimal_from_f32;
using weco::f32_from_decimal;
using weco::to_text;

namespace {
std::string text_of(std::uint32_t bits) {
  const auto d = decimal_from_f32(bits);
  return d ? std::string(to_text(*d).view()) : "none";
}
}  // namespace

TEST_CASE("a single becomes the shortest decimal that means it", "[WS-09]") {
  CHECK(text_of(0x43663333) == "230.2");
  CHECK(text_of(0x43663334) == "230.20001");  // the next single; Eastron prints it as 230.2
  CHECK(text_of(0x43708000) == "240.5");
  CHECK(text_of(0x3F800000) == "1");
  CHECK(text_of(0x42700000) == "60");
  CHECK(text_of(0x80000000) == "0");
  CHECK(text_of(0xC2F6E979) == "-123.456");
  CHECK(text_of(0x3DCCCCCD) == "0.1");
  CHECK(text_of(0x4B800000) == "16777216");
  CHECK(text_of(0x4CEB79A3) == "123456790");
  CHECK(text_of(0x00000001) == "0");     // below what a decimal keeps
  CHECK(text_of(0x7F7FFFFF) == "none");  // beyond what a decimal holds
  CHECK(text_of(0x7F800000) == "none");
  CHECK(text_of(0x7FC00000) == "none");
}

TEST_CASE("a decimal becomes the nearest single and back again", "[WS-09]") {
  std::mt19937 random(20261120);
  for (int i = 0; i < 100000; ++i) {
    // From 2^-9 to 2^41: what meters measure, and what twelve decimals hold in full.
    const std::uint32_t bits = (static_cast<std::uint32_t>(random()) & 0x807FFFFFU) |
                               (118U + static_cast<std::uint32_t>(random()) % 50U) << 23;
    const auto d = decimal_from_f32(bits);
    REQUIRE(d);
    const auto back = f32_from_decimal(*d);
    REQUIRE(back);
    if (*back != bits) FAIL(text_of(bits));
    std::array<char, 40> shortest{};
    const auto end = std::to_chars(shortest.data(), shortest.data() + shortest.size(),
                                   std::bit_cast<float>(bits), std::chars_format::scientific);
    std::size_t digits = 0;
    for (const char* p = shortest.data(); p != end.ptr && *p != 'e'; ++p) digits += *p >= '0';
    std::string mine = std::to_string(d->mantissa < 0 ? -d->mantissa : d->mantissa);
    while (mine.size() > 1 && mine.back() == '0') mine.pop_back();
    if (mine.size() != digits) FAIL(text_of(bits) << " has more digits than needed");
  }
}
