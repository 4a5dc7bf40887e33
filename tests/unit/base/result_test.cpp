// SPDX-License-Identifier: Apache-2.0
#include "core/base/result.hpp"

#include <memory>
#include <string>

#include "core/base/bytes.hpp"
#include "core/base/time.hpp"
#include "core/base/units.hpp"
#include "tests/support/catch.hpp"

using weco::Error;
using weco::ErrorCode;
using weco::fail;
using weco::Result;

TEST_CASE("a result holds a value or an error, never both") {
  const Result<std::string> good = std::string("hello");
  const Result<std::string> bad = fail(ErrorCode::Timeout, 7);
  REQUIRE(good);
  CHECK(*good == "hello");
  REQUIRE_FALSE(bad);
  CHECK(bad.error() == Error{ErrorCode::Timeout, 7});
  CHECK(bad.value_or("other") == "other");
}

TEST_CASE("a result moves and copies what it holds without a leak") {
  auto shared = std::make_shared<int>(4);
  Result<std::shared_ptr<int>> a = shared;
  Result<std::shared_ptr<int>> b = a;
  CHECK(shared.use_count() == 3);
  a = fail(ErrorCode::Full);
  CHECK(shared.use_count() == 2);
  b = std::move(a);
  CHECK_FALSE(b);
  CHECK(shared.use_count() == 1);
}

TEST_CASE("a reader that runs past its end fails and returns zeros") {
  const std::uint8_t data[] = {1, 2, 3};
  weco::ByteReader r(data);
  CHECK(r.u16(weco::Endian::Little) == 0x0201);
  CHECK(r.u16(weco::Endian::Little) == 0);
  CHECK_FALSE(r.ok());
  CHECK(r.remaining() == 1);
}

TEST_CASE("a writer never leaves its room") {
  std::uint8_t room[3] = {};
  weco::ByteWriter w(room);
  w.u16(0x1234, weco::Endian::Big);
  w.u16(0x5678, weco::Endian::Big);
  CHECK_FALSE(w.ok());
  CHECK(w.size() == 2);
  CHECK(room[2] == 0);
}

TEST_CASE("a 32-bit clock is widened across its wrap") {
  weco::ClockExtender clock;
  CHECK(clock.extend(0xFFFFFFF0U) == 0xFFFFFFF0LL);
  CHECK(clock.extend(0x10U) == 0x100000010LL);
}

TEST_CASE("volts times amperes are watts into the battery") {
  CHECK(weco::power(weco::Millivolts(51200), weco::Milliamps(-100000)) == weco::Watts(-5120));
}
