// SPDX-License-Identifier: Apache-2.0
// The configuration is strict: nothing in it is silently ignored.
#include "host/config/config.hpp"

#include <string>

#include "tests/cli/process.hpp"
#include "tests/support/catch.hpp"

using namespace weco;

namespace {

struct Bad {
  const char* text;
  const char* where;
  const char* what;
};

constexpr Bad kBad[] = {
    {"[device.roof]\nendpoint = \"tcp:a\"\nfamilly = \"x\"\n", "f:3:1", "unknown key 'familly'"},
    {"[devices.roof]\n", "f:1:2", "unknown key 'devices'"},
    {"endpoint = \"tcp:a\"\n", "f:1:1", "unknown key 'endpoint'"},
    {"[device.roof]\nfamily = \"x\"\n", "f:1:9", "device 'roof' has no endpoint"},
    {"[device.roof]\nendpoint = 5\n", "f:2:1", "endpoint is not a text"},
    {"[device.roof]\nendpoint = \"\"\n", "f:2:1", "endpoint is empty or too long"},
    {"[device.roof]\nendpoint = \"/dev/ttyUSB0\"\n", "f:2:1",
     "endpoint does not begin with a transport"},
    {"[device.roof]\nendpoint = \"tcp:a\"\nunit = 0\n", "f:3:1", "unit is not an address"},
    {"[device.roof]\nendpoint = \"tcp:a\"\nunit = 256\n", "f:3:1", "unit is not an address"},
    {"[device.roof]\nendpoint = \"tcp:a\"\nunit = \"1\"\n", "f:3:1", "unit is not an address"},
    {"[device]\nroof = 1\n", "f:2:1", "device.roof is not a table"},
    {"device = 1\n", "f:1:1", "device is not a table"},
    {"[device.\"a b\"]\nendpoint = \"tcp:a\"\n", "f:1:9", "'a b' is no name for a device"},
    {"[device.\"serial:x\"]\nendpoint = \"tcp:a\"\n", "f:1:9",
     "'serial:x' is no name for a device"},
};

}  // namespace

TEST_CASE("a configured device keeps what was written", "[TK-06]") {
  const auto config = config::parse(
      "[device.roof]\nendpoint = \"serial:/dev/ttyUSB0?baud=9600\"\nfamily = \"weco_smart\"\n"
      "unit = 255\nnote = \"cellar\"\n[device.barn]\nendpoint = \"tcp:192.0.2.5\"\n",
      "f");
  REQUIRE(config.has_value());
  REQUIRE(config->devices.size() == 2);
  CHECK(config->devices[0].name == "barn");
  const config::Device* roof = config->find("roof");
  REQUIRE(roof != nullptr);
  CHECK(roof->endpoint == "serial:/dev/ttyUSB0?baud=9600");
  CHECK(roof->family == "weco_smart");
  CHECK(roof->unit == 255);
  CHECK(roof->note == "cellar");
  CHECK(config->find("roo") == nullptr);
}

TEST_CASE("an empty configuration is a configuration") {
  const auto config = config::parse("# nothing yet\n", "f");
  REQUIRE(config.has_value());
  CHECK(config->devices.empty());
}

TEST_CASE("every mistake in the configuration is refused with its place", "[TK-10]") {
  for (const Bad& bad : kBad) {
    INFO(bad.text);
    const auto config = config::parse(bad.text, "f");
    REQUIRE_FALSE(config.has_value());
    CHECK(config.error().code() == ErrorCode::BadInput);
    CHECK(config.error().where == bad.where);
    CHECK(config.error().what == bad.what);
    CHECK_FALSE(config.error().hint.empty());
  }
}

TEST_CASE("text that is no TOML is refused with line and column", "[TK-10]") {
  for (const char* text : {"[device.roof\n", "a = \n", "x", "[device.a]\n[device.a]\n", "\xff\xfe",
                           "a = \"\x01\"\n", "a = 1\na = 2\n"}) {
    const auto config = config::parse(text, "f");
    REQUIRE_FALSE(config.has_value());
    CHECK(config.error().code() == ErrorCode::BadInput);
    CHECK(config.error().where.starts_with("f:"));
  }
}

TEST_CASE("a configuration beyond its bound is refused", "[TK-10]") {
  const std::string large(config::kFileMax + 1, '#');
  CHECK(config::parse(large, "f").error().code() == ErrorCode::TooLong);
  CHECK(config::parse(large.substr(1), "f").has_value());
  const std::string deep = "a = " + std::string(20000, '[');
  CHECK_FALSE(config::parse(deep, "f").has_value());
}

TEST_CASE("a file that cannot be read says why") {
  const test::Folder folder;
  CHECK(config::load(folder.path() + "/none.toml").error().code() == ErrorCode::NotFound);
  CHECK(config::load(folder.path()).error().code() == ErrorCode::IoError);
  const std::string path = folder.file("config.toml", "[device.a]\nendpoint = \"tcp:a\"\n");
  CHECK(config::load(path).value().path == path);
}

TEST_CASE("the configuration is looked for where its standard says") {
  CHECK(config::default_path("/x", "/h") == "/x/weco/config.toml");
  CHECK(config::default_path("relative", "/h") == "/h/.config/weco/config.toml");
  CHECK(config::default_path({}, "/h") == "/h/.config/weco/config.toml");
  CHECK(config::default_path({}, {}).empty());
}
