// SPDX-License-Identifier: Apache-2.0
#include "core/base/decimal.hpp"

#include <limits>

#include "tests/support/catch.hpp"

using weco::compare;
using weco::Decimal;
using weco::parse_decimal;
using weco::rescale;
using weco::to_text;

TEST_CASE("a decimal is written with exactly the digits its wire carried") {
  CHECK(to_text({532, -1}).view() == "53.2");
  CHECK(to_text({-7, -1}).view() == "-0.7");
  CHECK(to_text({0, -2}).view() == "0.00");
  CHECK(to_text({5, 0}).view() == "5");
  CHECK(to_text({5, 3}).view() == "5000");
  CHECK(to_text({0, 3}).view() == "0");
  CHECK(to_text({std::numeric_limits<std::int64_t>::min(), 0}).view() == "-9223372036854775808");
  CHECK(to_text({1, -12}).view() == "0.000000000001");
}

TEST_CASE("text becomes the same decimal again") {
  for (const Decimal d : {Decimal{532, -1}, Decimal{-7, -1}, Decimal{0, -2}, Decimal{12345, -4}}) {
    REQUIRE(parse_decimal(to_text(d).view()));
    CHECK(*parse_decimal(to_text(d).view()) == d);
  }
  CHECK(*parse_decimal("+4.50") == Decimal{450, -2});
}

TEST_CASE("text that is no number is refused") {
  for (const char* bad : {"", "-", ".", "1.2.3", "1e3", " 1", "0x1", "1,5"}) {
    INFO(bad);
    CHECK_FALSE(parse_decimal(bad));
  }
  CHECK_FALSE(parse_decimal("99999999999999999999"));
  CHECK_FALSE(parse_decimal("0.0000000000001"));
}

TEST_CASE("rescaling rounds half away from zero and never overflows silently") {
  CHECK(*rescale({25, -1}, 0) == 3);
  CHECK(*rescale({-25, -1}, 0) == -3);
  CHECK(*rescale({24, -1}, 0) == 2);
  CHECK(*rescale({5, 0}, -3) == 5000);
  CHECK_FALSE(rescale({std::numeric_limits<std::int64_t>::max(), 0}, -1));
}

TEST_CASE("numbers compare by value, not by spelling") {
  CHECK(compare({10, -1}, {1, 0}) == 0);
  CHECK(compare({-1, 0}, {1, -6}) < 0);
  CHECK(compare({std::numeric_limits<std::int64_t>::max(), 12}, {1, -12}) > 0);
}
