// SPDX-License-Identifier: Apache-2.0
#include "host/profile/wire_text.hpp"

#include <array>
#include <limits>

#include "tests/unit/profile/vectors.hpp"

using namespace weco;
using namespace weco::test;

TEST_CASE("a number shown as text keeps its places, and nothing else is taken for one") {
  const PointRef ref = at("firmware_version");
  const auto shown = [&](std::uint64_t wire, int exponent) {
    return std::string(decimal_text(ref, wire, exponent, {}).text());
  };
  CHECK(shown(0, 0) == "0");
  CHECK(shown(0, -2) == "0.00");
  CHECK(shown(7, -3) == "0.007");
  CHECK(shown(403209, -2) == "4032.09");
  CHECK(shown(std::numeric_limits<std::uint64_t>::max(), 0) == "18446744073709551615");
  CHECK(shown(std::numeric_limits<std::uint64_t>::max(), -6) == "18446744073709.551615");
  for (const std::uint64_t wire : {std::uint64_t{0}, std::uint64_t{9}, std::uint64_t{1234567},
                                   std::numeric_limits<std::uint64_t>::max()}) {
    for (const int exponent : {0, -1, -2, -3, -6}) {
      CHECK(decimal_from_text(shown(wire, exponent), exponent).value() == wire);
    }
  }
  for (const char* bad : {"", "1", ".01", "1.2", "1.234", "1,23", "-1.00", "1.2x", " 1.23"}) {
    INFO(bad);
    CHECK_FALSE(decimal_from_text(bad, -2));
  }
  CHECK_FALSE(decimal_from_text("18446744073709551616", 0));
}

TEST_CASE("a clock is read to the second, and a date that does not exist is none") {
  const PointRef ref = at("device_time");
  for (const char* good : {"2000-01-01T00:00:00", "2026-11-25T20:12:53", "2255-12-31T23:59:59"}) {
    for (const std::size_t size : {std::size_t{6}, std::size_t{8}}) {
      std::array<std::uint8_t, 8> wire{};
      INFO(good << " in " << size << " bytes");
      REQUIRE(clock_to_wire(good, MutableBytes(wire).first(size)));
      const Reading back = clock_text(ref, Bytes(wire).first(size), {});
      const bool nothing = std::string(good) == "2000-01-01T00:00:00" && size == 6;
      CHECK(back.quality == Quality::Good);
      CHECK((nothing || back.text() == good));
    }
  }
  for (const char* bad :
       {"2026-13-01T00:00:00", "2026-00-01T00:00:00", "2026-01-32T00:00:00", "2026-01-01T24:00:00",
        "2026-01-01T00:60:00", "1999-01-01T00:00:00", "2026-01-01 00:00:00", "2026-01-01", ""}) {
    std::array<std::uint8_t, 8> wire{};
    INFO(bad);
    CHECK_FALSE(clock_to_wire(bad, wire));
  }
  std::array<std::uint8_t, 6> six{};
  CHECK_FALSE(clock_to_wire("2256-01-01T00:00:00", six));
  CHECK(clock_text(ref, six, {}).quality == Quality::NotImplemented);
  six = {26, 13, 1, 0, 0, 0};
  CHECK(clock_text(ref, six, {}).quality == Quality::OutOfRange);
}

TEST_CASE("characters of a register are read in the order the family sends them") {
  const PointRef ref = at("model");
  const Buffer swapped = from_hex("70416c7000650000");
  CHECK(text_from_wire(ref, swapped, true, {}).text() == "Apple");
  CHECK(text_from_wire(ref, from_hex("4170706c65000000"), false, {}).text() == "Apple");
  Buffer out(8);
  REQUIRE(text_to_wire("Apple", true, out));
  CHECK(out == swapped);
  CHECK_FALSE(text_to_wire("ninebytes", true, out));
}

TEST_CASE("a row may mean some bits of a register, and two rows may share one") {
  const std::string one =
      R"({ point = "soc", at = { "holding", 1 }, type = "u16", unit = "%", part = { 0, 7 } },)";
  const ModbusMap map = map_around(
      one +
      R"({ point = "soh", at = { "holding", 1 }, type = "u16", unit = "%", part = { 8, 15 } },)");
  CHECK(decoded(map, at("soc"), from_hex("6432")).number == Decimal{50, 0});
  CHECK(decoded(map, at("soh"), from_hex("6432")).number == Decimal{100, 0});
  Readings values;
  values.put(number_reading(at("soc"), {50, 0}, {}));
  values.put(number_reading(at("soh"), {100, 0}, {}));
  std::array<std::uint8_t, 2> out{};
  REQUIRE(map.serve(RegisterTable::Holding, 1, 1, values, out));
  CHECK(Buffer(out.begin(), out.end()) == from_hex("6432"));
  const auto refused = [](const std::string& rows) {
    return load_profile(profile_around(rows), "p").error().what;
  };
  CHECK(refused(one + R"({ point = "soh", at = { "holding", 1 }, type = "u16", unit = "%",)"
                      R"( part = { 7, 15 } },)") ==
        "row \"soh\" overlaps row \"soc\" of line 12 at holding 0x0001");
  CHECK(refused(R"({ point = "soc", at = { "holding", 1 }, type = "s16", unit = "%",)"
                R"( part = { 0, 7 } },)") == "row \"soc\": \"part\" is for types u16 and bits16");
  CHECK(refused(R"({ point = "soc_min", at = { "holding", 1 }, type = "u16", unit = "%",)"
                R"( access = "write", range = { 0, 100 }, part = { 0, 7 } },)") ==
        "row \"soc_min\": a part of a register is not written by itself");
}

TEST_CASE("no read reaches across a border of the family's blocks") {
  const std::string rows =
      R"({ point = "soc", at = { "holding", 99 }, type = "u16", unit = "%" },)"
      R"({ point = "soh", at = { "holding", 100 }, type = "u16", unit = "%" },)"
      R"({ point = "cell_count", at = { "holding", 102 }, type = "u16" },)";
  const ModbusMap map = map_around(rows, "open", "gap_max = 5, borders = { 100, 200 }");
  const auto blocks = map.blocks(Readings());
  REQUIRE(blocks.size() == 3);
  CHECK(blocks[0] == RegisterBlock{RegisterTable::Holding, 99, 1});
  CHECK(blocks[1] == RegisterBlock{RegisterTable::Holding, 100, 3});
  std::array<std::uint8_t, 8> out{};
  Readings values;
  values.put(number_reading(at("soc"), {1, 0}, {}));
  values.put(number_reading(at("soh"), {2, 0}, {}));
  const Status across = map.serve(RegisterTable::Holding, 99, 2, values, out);
  REQUIRE_FALSE(across);
  CHECK(across.error() == Error{ErrorCode::DeviceException, 2});
  CHECK(map.serve(RegisterTable::Holding, 99, 1, values, out));
  const std::string text = R"x({ point = "model", at = { "holding", 99 }, type = "text(4)" },)x";
  const auto cut = load_profile(profile_around(text, "open", "borders = { 100 }"), "p");
  REQUIRE_FALSE(cut);
  CHECK(cut.error().what == "row \"model\" reaches across the border at 100");
  CHECK(load_profile(profile_around("", "open", "borders = { 200, 100 }"), "p").error().what ==
        "the protocol: \"borders\" are addresses in rising order");
}

TEST_CASE("rows that are counted are asked for once the count is known") {
  const ModbusMap map = map_around(
      R"({ point = "cell_count", at = { "holding", 1 }, type = "u16" },)"
      R"({ point = "cell_voltage", count = 8, at = { "holding", 2 }, type = "u16", unit = "V",)"
      R"( exponent = -3, count_from = "cell_count" },)");
  Readings known;
  CHECK(map.blocks(known)[0] == RegisterBlock{RegisterTable::Holding, 1, 1});
  known.put(number_reading(at("cell_count"), {3, 0}, {}));
  CHECK(map.blocks(known)[0] == RegisterBlock{RegisterTable::Holding, 1, 4});
  known.put(number_reading(at("cell_count"), {200, 0}, {}));
  CHECK(map.blocks(known)[0] == RegisterBlock{RegisterTable::Holding, 1, 9});
  CHECK(load_profile(profile_around(R"({ point = "cell_voltage", count = 8, at = { "holding", 2 },)"
                                    R"( type = "u16", unit = "V", count_from = "cell_count" },)"),
                     "p")
            .error()
            .what ==
        "\"count_from\" \"cell_count\" is no number that a row before this one carries");
}

TEST_CASE("where the value that proves a part has nothing, the part is not there") {
  const auto text = [](const std::string& present) {
    return profile_around(
        R"x({ point = "soc", at = { "holding", 0 }, type = "u16", unit = "%" },
  }, groups = { { node = "module", max = 2, stride = 4, at = 1, present = ")x" +
        present + R"x(", rows = {
      { point = "pack_voltage", at = { "holding", 0 }, type = "u16", unit = "V", absent = 0 },
      { point = "soc", at = { "holding", 1 }, type = "u16", unit = "%" },
      { point = "model", at = { "holding", 2 }, type = "text(2)" } } })x");
  };
  const ModbusMap map(must_load(text("pack_voltage")));
  Readings read;
  map.decode({RegisterTable::Holding, 0, 8}, from_hex("00320000000141000000003400024200"), {},
             read);
  const NodePath first = NodePath{}.child(NodeKind::Module, 1);
  const NodePath second = NodePath{}.child(NodeKind::Module, 2);
  for (const char* point : {"pack_voltage", "soc", "model"}) {
    INFO(point);
    CHECK(read.get(at(point, 0, first))->quality == Quality::NotImplemented);
    CHECK(read.get(at(point, 0, second))->quality == Quality::Good);
  }
  CHECK(read.get(at("soc"))->number == Decimal{50, 0});
  for (const char* wrong : {"soc", "model", "soh"}) {
    const auto refused = load_profile(text(wrong), "p");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().what.find("is not the group's first value") != std::string::npos);
  }
}

TEST_CASE("what a row only assumes is marked, and an assumption says why") {
  const std::string row =
      R"({ point = "soc", at = { "holding", 1 }, type = "u16", unit = "%", confidence = "assumed")";
  const ModbusMap map = map_around(row + R"(, note = "two sources differ" },)");
  CHECK(decoded(map, at("soc"), word(50)).quality == Quality::Assumed);
  CHECK(decoded(map, at("soc"), word(500)).quality == Quality::OutOfRange);
  CHECK(load_profile(profile_around(row + " },"), "p").error().what ==
        "row \"soc\": an assumption needs a \"note\" that says why it is believed");
}
