// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "tests/support/catch.hpp"
#include "tests/unit/profile/readings.hpp"

using weco::ErrorCode;
using weco::load_profile;

namespace {

struct Hostile {
  const char* text;
  ErrorCode code;
  const char* says;  // part of the sentence
};

const Hostile kHostile[] = {
    {"while true do end", ErrorCode::Exhausted, "more than 200000 instructions"},
    {"local function f() return f() end return f()", ErrorCode::Exhausted,
     "more than 200000 instructions"},
    {"local function f() return 1 + f() end return f()", ErrorCode::Exhausted, ""},
    {"local t = {} for i = 1, 1e9 do t[i] = {} end return t", ErrorCode::Exhausted, ""},
    {"local s = 'x' for i = 1, 60 do s = s .. s end return { s }", ErrorCode::Exhausted,
     "too much memory"},
    {"local s = 'x' while true do s = s .. 'yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy' end",
     ErrorCode::Exhausted, "too much memory"},
    {"return os.execute('touch /tmp/never')", ErrorCode::BadInput, "global 'os'"},
    {"return io.open('/etc/passwd')", ErrorCode::BadInput, "global 'io'"},
    {"return require('x')", ErrorCode::BadInput, "global 'require'"},
    {"return load('return 1')", ErrorCode::BadInput, "global 'load'"},
    {"return setmetatable({}, {})", ErrorCode::BadInput, "global 'setmetatable'"},
    {"return ('x'):rep(1000000000)", ErrorCode::BadInput, "attempt to index a string value"},
    {"return { family = function() end }", ErrorCode::BadInput, "a function is not allowed"},
    {"local t = {} t.x = t return t", ErrorCode::Exhausted, "nested deeper than 10"},
    {"local t = {} for i = 1, 30000 do t[i] = 1 end return { t, t }", ErrorCode::Exhausted,
     "more than 50000 values"},
    {"return { [1.5] = 1 }", ErrorCode::BadInput, "neither a name nor a whole number"},
    {"return { [true] = 1 }", ErrorCode::BadInput, "neither a name nor a whole number"},
    {"return { title = 'a\\27[2Jb' }", ErrorCode::BadInput, "control characters"},
    {"return { family = 1 / 0 }", ErrorCode::BadInput, "must be a text"},
    {"error()", ErrorCode::BadInput, "global 'error'"},
    {"return _G", ErrorCode::BadInput, "does not return a table"},
    {"goto x ::x:: goto x", ErrorCode::BadInput, ""},
};

}  // namespace

TEST_CASE("a hostile profile is refused, whatever it tries", "[TK-10]") {
  for (const Hostile& hostile : kHostile) {
    INFO(hostile.text);
    const auto profile = load_profile(hostile.text, "evil.lua");
    REQUIRE_FALSE(profile);
    INFO(profile.error().what);
    if (*hostile.says != '\0') {
      CHECK(profile.error().code() == hostile.code);
      CHECK(profile.error().what.find(hostile.says) != std::string::npos);
    }
    CHECK(profile.error().where.substr(0, 8) == "evil.lua");
  }
}

TEST_CASE("a binary chunk is refused", "[TK-10]") {
  const std::string chunk("\x1BLua\x54\x00\x19\x93\r\n\x1A\n\x04\x08\x08", 15);
  const auto profile = load_profile(chunk, "evil.lua");
  REQUIRE_FALSE(profile);
  CHECK(profile.error().what.find("binary chunk") != std::string::npos);
}

TEST_CASE("tables nested without end are refused", "[TK-10]") {
  for (const std::size_t depth : {11U, 150U, 100000U}) {
    const std::string text = "return " + std::string(depth, '{') + std::string(depth, '}');
    const auto profile = load_profile(text, "evil.lua");
    REQUIRE_FALSE(profile);
    CHECK_FALSE(profile.error().what.empty());
  }
}

TEST_CASE("a text of 256 KiB is read, one byte more is not", "[TK-10]") {
  std::string text = "return {}\n";
  text += std::string(weco::kProfileTextMax - text.size(), ' ');
  auto profile = load_profile(text, "big.lua");
  REQUIRE_FALSE(profile);
  CHECK(profile.error().what == "the profile: \"family\" is missing");
  profile = load_profile(text + " ", "big.lua");
  REQUIRE_FALSE(profile);
  CHECK(profile.error().code() == ErrorCode::TooLong);
}

TEST_CASE("a profile cut or bent at any place loads or is refused, and never crashes", "[TK-10]") {
  const std::string good = weco::test::profile_around(
      R"({ point = "soc", at = { "input", 1 }, type = "u16", unit = "%", absent = { 1, 2 } },)");
  for (std::size_t size = 0; size < good.size(); ++size) {
    const auto profile = load_profile(good.substr(0, size), "cut.lua");
    if (size + 2 < good.size()) CHECK_FALSE(profile);
  }
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const char c : {'{', '}', '"', '\0', '[', '-'}) {
      std::string text = good;
      text[at] = c;
      const auto profile = load_profile(text, "bent.lua");
      if (!profile) CHECK_FALSE(profile.error().what.empty());
    }
  }
}

TEST_CASE("a map that would fill the machine is refused before it is written out", "[TK-10]") {
  std::string text = weco::test::profile_around("");
  text.insert(text.find("  rows = {"),
              R"(  groups = { { node = "tower", max = 64, stride = 1, groups = { { node = "module",
    max = 64, stride = 1, rows = { { point = "cell_voltage", count = 240, at = { "input", 0 },
    type = "u16", unit = "V" } } } } } },)");
  const auto profile = load_profile(text, "evil.lua");
  REQUIRE_FALSE(profile);
  CHECK(profile.error().what == "the map has more than 65536 values");
}
