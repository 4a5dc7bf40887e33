// SPDX-License-Identifier: Apache-2.0
#include "host/profile/modbus_map.hpp"

#include <array>
#include <string>

#include "tests/support/catch.hpp"
#include "tests/unit/profile/readings.hpp"

using namespace weco;
using weco::test::map_around;
using weco::test::Readings;

namespace {

constexpr PointRef kDeviceType{point("device_type"), 0, {}};

PointRef at(PointId id, std::uint8_t index = 0, NodePath node = {}) { return {id, index, node}; }

/// What one reading of `row` at input 0x10 shows for these registers.
Reading decoded(const ModbusMap& map, const PointRef& ref, std::vector<std::uint8_t> data) {
  const auto where = map.where(ref);
  REQUIRE(where);
  Readings sink;
  map.decode(*where, data, Instant::from_us(7), sink);
  REQUIRE(sink.size() == 1);
  CHECK(sink.get(ref)->at == Instant::from_us(7));
  return *sink.get(ref);
}

std::vector<std::uint8_t> encoded(const ModbusMap& map, const Reading& value) {
  std::vector<std::uint8_t> room(64, 0xAA);
  const auto size = map.encode(value.ref, value, room);
  if (!size) return {};
  room.resize(*size);
  return room;
}

/// Decoding gives `text`, encoding that gives the bytes again.
void both_ways(const std::string& row, PointId id, std::vector<std::uint8_t> wire,
               const std::string& text, Quality quality = Quality::Good) {
  INFO(row << " " << text);
  const ModbusMap map = map_around(row);
  const bool indexed = info(id).count > 1;
  const Reading reading = decoded(map, at(id, indexed ? 1 : 0), wire);
  CHECK(reading.quality == quality);
  CHECK(to_text(reading.number).view() == text);
  CHECK(encoded(map, reading) == wire);
}

}  // namespace

TEST_CASE("integers of every type and scale are exact both ways") {
  both_ways(
      R"x({ point = "soc", at = { "input", 16 }, type = "u16", unit = "%", exponent = -2 },)x",
      point("soc"), {0x14, 0xEB}, "53.55");
  both_ways(
      R"x({ point = "soc", at = { "input", 16 }, type = "u16", unit = "%", num = 4, exponent = -1 },)x",
      point("soc"), {0x00, 0x85}, "53.2");
  both_ways(
      R"x({ point = "soc", at = { "input", 16 }, type = "u16", unit = "%", num = 2, den = 5 },)x",
      point("soc"), {0x00, 0x85}, "53.2");
  both_ways(R"x({ point = "pack_temperature", at = { "input", 16 }, type = "u16", unit = "°C",
            exponent = -1, offset = -2731 },)x",
            point("pack_temperature"), {0x0A, 0xAB}, "0.0");
  both_ways(
      R"x({ point = "pack_temperature", at = { "input", 16 }, type = "s16", unit = "°C", exponent = -1 },)x",
      point("pack_temperature"), {0xFF, 0xF9}, "-0.7");
  both_ways(
      R"x({ point = "rated_power", at = { "input", 16 }, type = "u16", unit = "W", exponent = 3 },)x",
      point("rated_power"), {0x00, 0x0F}, "15000");
  both_ways(
      R"x({ point = "pack_power", at = { "input", 16 }, type = "s32", unit = "W", positive = "charge" },)x",
      point("pack_power"), {0xFF, 0xFF, 0xE0, 0xC0}, "-8000");
  both_ways(
      R"x({ point = "energy_pv_total", at = { "input", 16 }, type = "u64", unit = "kWh", exponent = -3 },)x",
      point("energy_pv_total"), {0, 0, 0, 0, 0, 0x12, 0xD6, 0x87}, "1234.567");
  both_ways(
      R"x({ point = "pack_power", at = { "input", 16 }, type = "s64", unit = "W", positive = "charge" },)x",
      point("pack_power"), {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}, "-1");
}

TEST_CASE("a wire that counts the other way is turned, in both directions") {
  const std::string row =
      R"x({ point = "pack_current", at = { "input", 16 }, type = "s16", unit = "A", exponent = -1, positive = ")x";
  both_ways(row + "charge\" },", point("pack_current"), {0x00, 0x64}, "10.0");
  both_ways(row + "charge\" },", point("pack_current"), {0xFF, 0x9C}, "-10.0");
  both_ways(row + "discharge\" },", point("pack_current"), {0x00, 0x64}, "-10.0");
  both_ways(row + "discharge\" },", point("pack_current"), {0xFF, 0x9C}, "10.0");
  both_ways(
      R"x({ point = "grid_power_total", at = { "input", 16 }, type = "s16", unit = "W", positive = "export" },)x",
      point("grid_power_total"), {0x80, 0x00}, "32768");
}

TEST_CASE("values at, just below and just above the vocabulary's range") {
  const std::string row =
      R"x({ point = "soc", at = { "input", 16 }, type = "u16", unit = "%", exponent = -2 },)x";
  both_ways(row, point("soc"), {0x27, 0x0F}, "99.99");
  both_ways(row, point("soc"), {0x27, 0x10}, "100.00");
  both_ways(row, point("soc"), {0x27, 0x11}, "100.01", Quality::OutOfRange);
  const std::string cold =
      R"x({ point = "pack_temperature", at = { "input", 16 }, type = "s16", unit = "°C" },)x";
  both_ways(cold, point("pack_temperature"), {0xFF, 0xC4}, "-60");
  both_ways(cold, point("pack_temperature"), {0xFF, 0xC3}, "-61", Quality::OutOfRange);
}

TEST_CASE("what means not there is never a number") {
  const ModbusMap map = map_around(
      R"x({ point = "soc", at = { "input", 16 }, type = "u16", unit = "%", absent = { 0xFFFF, 0xFFFE } },)x");
  for (const std::uint8_t low : {std::uint8_t{0xFF}, std::uint8_t{0xFE}}) {
    const Reading reading = decoded(map, at(point("soc")), {0xFF, low});
    CHECK(reading.quality == Quality::NotImplemented);
    CHECK(reading.number == Decimal{});
    CHECK(encoded(map, reading) == std::vector<std::uint8_t>{0xFF, 0xFF});
  }
  CHECK(decoded(map, at(point("soc")), {0xFF, 0xFD}).quality == Quality::OutOfRange);
  const ModbusMap negative = map_around(
      R"x({ point = "pack_temperature", at = { "input", 16 }, type = "s16", unit = "°C", absent = -32768 },)x");
  CHECK(decoded(negative, at(point("pack_temperature")), {0x80, 0x00}).quality ==
        Quality::NotImplemented);
  Reading clash = number_reading(at(point("pack_temperature")), {-32768, 0}, {});
  CHECK(encoded(negative, clash).empty());
}

TEST_CASE("singles are read as the decimal that was meant, with both word orders") {
  const std::string row = R"x({ point = "soc", at = { "input", 16 }, type = "f32", unit = "%" },)x";
  both_ways(row, point("soc"), {0x42, 0x55, 0x00, 0x00}, "53.25");
  const ModbusMap map = map_around(row);
  CHECK(decoded(map, at(point("soc")), {0x7F, 0xC0, 0x00, 0x00}).quality ==
        Quality::NotImplemented);
  CHECK(decoded(map, at(point("soc")), {0x7F, 0x80, 0x00, 0x00}).quality == Quality::OutOfRange);
  CHECK(decoded(map, at(point("soc")), {0x42, 0xC8, 0x00, 0x01}).quality == Quality::OutOfRange);
  const ModbusMap low = map_around(row, "open", "word_order = \"low_first\"");
  const Reading reading = decoded(low, at(point("soc")), {0x00, 0x00, 0x42, 0x55});
  CHECK(to_text(reading.number).view() == "53.25");
  CHECK(encoded(low, reading) == std::vector<std::uint8_t>{0x00, 0x00, 0x42, 0x55});
  const ModbusMap low64 = map_around(
      R"x({ point = "energy_pv_total", at = { "input", 16 }, type = "u64", unit = "kWh" },)x",
      "open", "word_order = \"low_first\"");
  CHECK(to_text(decoded(low64, at(point("energy_pv_total")), {0, 2, 0, 1, 0, 0, 0, 0}).number)
            .view() == "65538");
}

TEST_CASE("choices and sets carry their own numbers or the profile's") {
  const ModbusMap own =
      map_around(R"x({ point = "heater", at = { "input", 16 }, type = "u16" },)x");
  CHECK(decoded(own, at(point("heater")), {0, 1}).bits == symbol("heater", "on"));
  CHECK(decoded(own, at(point("heater")), {0, 2}).quality == Quality::OutOfRange);
  CHECK(decoded(own, at(point("heater")), {0, 2}).bits == 2);
  const ModbusMap mapped = map_around(
      R"x({ point = "heater", at = { "input", 16 }, type = "u16", choices = { [0xA5] = "on", [0x5A] = "off" } },)x");
  const Reading on = decoded(mapped, at(point("heater")), {0, 0xA5});
  CHECK(on.quality == Quality::Good);
  CHECK(on.bits == symbol("heater", "on"));
  CHECK(encoded(mapped, on) == std::vector<std::uint8_t>{0, 0xA5});
  CHECK(decoded(mapped, at(point("heater")), {0, 1}).quality == Quality::OutOfRange);

  const ModbusMap flags = map_around(
      R"x({ point = "contactors", at = { "input", 16 }, type = "bits16", bits = { [15] = "precharge", [3] = "charge" } },)x");
  const Reading set = decoded(flags, at(point("contactors")), {0x80, 0x08});
  CHECK(set.bits ==
        ((1U << symbol("contactors", "precharge")) | (1U << symbol("contactors", "charge"))));
  CHECK(encoded(flags, set) == std::vector<std::uint8_t>{0x80, 0x08});
  const Reading unnamed = decoded(flags, at(point("contactors")), {0x80, 0x01});
  CHECK(unnamed.quality == Quality::OutOfRange);
  CHECK(unnamed.bits == (1U << symbol("contactors", "precharge")));
  Reading impossible = set;
  impossible.bits = 1U << symbol("contactors", "discharge");
  CHECK(encoded(flags, impossible).empty());

  const ModbusMap numbers = map_around(
      R"x({ point = "meter_speed", at = { "input", 16 }, type = "f32", values = { [2] = 9600, [3] = 19200 } },)x");
  const Reading speed = decoded(numbers, at(point("meter_speed")), {0x40, 0x40, 0, 0});
  CHECK(to_text(speed.number).view() == "19200");
  CHECK(encoded(numbers, speed) == std::vector<std::uint8_t>{0x40, 0x40, 0, 0});
  CHECK(decoded(numbers, at(point("meter_speed")), {0x40, 0x20, 0, 0}).quality ==
        Quality::OutOfRange);  // 2.5 is no code
}

TEST_CASE("text ends at its first zero, and nothing or all ones is not there") {
  const ModbusMap map =
      map_around(R"x({ point = "model", at = { "input", 16 }, type = "text(6)" },)x");
  const PointRef ref = at(point("model"));
  const Reading reading = decoded(map, ref, {'A', 'B', 'C', 0, 'x', 'y'});
  CHECK(reading.text() == "ABC");
  CHECK(encoded(map, reading) == std::vector<std::uint8_t>{'A', 'B', 'C', 0, 0, 0});
  CHECK(decoded(map, ref, {'A', 'B', 'C', 'D', 'E', 'F'}).text() == "ABCDEF");
  CHECK(decoded(map, ref, {'A', ' ', ' ', ' ', 0, 0}).text() == "A");
  CHECK(decoded(map, ref, {0, 0, 0, 0, 0, 0}).quality == Quality::NotImplemented);
  CHECK(decoded(map, ref, {255, 255, 255, 255, 255, 255}).quality == Quality::NotImplemented);
  CHECK(encoded(map, text_reading(ref, "1234567", {})).empty());
}

TEST_CASE("coils are packed bits, lowest first") {
  const ModbusMap map =
      map_around(R"x({ point = "digital_output", count = 4, at = { "coil", 5 }, type = "bit" },)x");
  Readings sink;
  map.decode({RegisterTable::Coil, 4, 5}, std::array<std::uint8_t, 1>{0b01010}, {}, sink);
  REQUIRE(sink.size() == 4);
  CHECK(sink.get(at(point("digital_output"), 1))->bits == 1);
  CHECK(sink.get(at(point("digital_output"), 2))->bits == 0);
  CHECK(sink.get(at(point("digital_output"), 3))->bits == 1);
  std::array<std::uint8_t, 1> out{0xFF};
  REQUIRE(map.serve(RegisterTable::Coil, 5, 4, sink, out));
  CHECK(out[0] == 0b0101);
  CHECK_FALSE(map.serve(RegisterTable::Coil, 4, 5, sink, out));
}

TEST_CASE("only rows wholly inside the block and the data are decoded") {
  const ModbusMap map = map_around(
      R"x({ point = "energy_pv_today", at = { "input", 16 }, type = "u32", unit = "kWh" },
         { point = "energy_pv_total", at = { "input", 18 }, type = "u32", unit = "kWh" },)x");
  const std::array<std::uint8_t, 8> data{0, 0, 0, 1, 0, 0, 0, 2};
  struct Case {
    std::uint16_t first;
    std::uint16_t count;
    std::size_t bytes;
    std::size_t rows;
  };
  for (const Case c : {Case{16, 4, 8, 2}, Case{16, 3, 8, 1}, Case{17, 3, 6, 1}, Case{17, 2, 4, 0},
                       Case{16, 4, 7, 1}, Case{16, 4, 3, 0}, Case{16, 0, 0, 0}, Case{0, 4, 8, 0}}) {
    INFO(c.first << " " << c.count << " " << c.bytes);
    Readings sink;
    map.decode({RegisterTable::Input, c.first, c.count}, Bytes(data).first(c.bytes), {}, sink);
    CHECK(sink.size() == c.rows);
  }
}

TEST_CASE("a setting outside its row's range is not encoded", "[TK-10]") {
  const ModbusMap map = map_around(
      R"x({ point = "soc_min", at = { "holding", 16 }, type = "u16", unit = "%", access = "write", range = { 10, 90 } },)x");
  const PointRef ref = at(point("soc_min"));
  CHECK(map.writable(ref));
  CHECK_FALSE(map.writable(kDeviceType));
  std::array<std::uint8_t, 2> out{};
  for (const auto& [value, good] : {std::pair{9, false}, {10, true}, {90, true}, {91, false}}) {
    const auto size = map.encode(ref, number_reading(ref, {value, 0}, {}), out);
    CHECK(size.has_value() == good);
    if (!good) {
      CHECK(size.error().code() == ErrorCode::OutOfRange);
      CHECK(size.error().what == "\"soc_min\" is outside the range its row allows");
    }
  }
  CHECK(map.encode(ref, text_reading(ref, "50", {}), out).error().code() == ErrorCode::BadInput);
  CHECK(map.encode(at(point("soc")), number_reading(at(point("soc")), {1, 0}, {}), out)
            .error()
            .code() == ErrorCode::NotFound);
  CHECK(map.encode(ref, number_reading(ref, {50, 0}, {}), MutableBytes(out).first(1))
            .error()
            .code() == ErrorCode::Truncated);
  CHECK_FALSE(map.where(at(point("soc"))));
}

TEST_CASE("a value is rounded to the wire, half away from zero, and refused beyond the type") {
  const ModbusMap map = map_around(
      R"x({ point = "pack_current", at = { "input", 16 }, type = "s16", unit = "A", exponent = -1, positive = "charge" },)x");
  const PointRef ref = at(point("pack_current"));
  const auto wire = [&](Decimal value) { return encoded(map, number_reading(ref, value, {})); };
  CHECK(wire({125, -2}) == std::vector<std::uint8_t>{0x00, 0x0D});
  CHECK(wire({-125, -2}) == std::vector<std::uint8_t>{0xFF, 0xF3});
  CHECK(wire({124, -2}) == std::vector<std::uint8_t>{0x00, 0x0C});
  CHECK(wire({32767, -1}) == std::vector<std::uint8_t>{0x7F, 0xFF});
  CHECK(wire({32768, -1}).empty());
  CHECK(wire({-32768, -1}) == std::vector<std::uint8_t>{0x80, 0x00});
  CHECK(wire({-32769, -1}).empty());
}

TEST_CASE("reads are merged up to the family's limit and never cross what no row covers") {
  std::string rows;
  for (int i = 0; i < 40; ++i) {
    rows += "{ point = \"cell_voltage\", index = " + std::to_string(i + 1) +
            ", at = { \"input\", " + std::to_string(100 + i + (i >= 20 ? 3 : 0)) +
            " }, type = \"u16\", unit = \"V\" },\n";
  }
  using Block = RegisterBlock;
  const auto blocks = [&](const char* protocol) {
    return map_around(rows, "open", protocol).blocks(Readings());
  };
  constexpr auto kInput = RegisterTable::Input;
  CHECK(blocks("registers_per_read_max = 125") ==
        std::vector<Block>{{kInput, 100, 20}, {kInput, 123, 20}, {kInput, 0xF000, 1}});
  CHECK(blocks("registers_per_read_max = 15") == std::vector<Block>{{kInput, 100, 15},
                                                                    {kInput, 115, 5},
                                                                    {kInput, 123, 15},
                                                                    {kInput, 138, 5},
                                                                    {kInput, 0xF000, 1}});
  CHECK(blocks("gap_max = 3") == std::vector<Block>{{kInput, 100, 43}, {kInput, 0xF000, 1}});
  CHECK(blocks("gap_max = 2") ==
        std::vector<Block>{{kInput, 100, 20}, {kInput, 123, 20}, {kInput, 0xF000, 1}});
}

TEST_CASE("a device answers what its rows cover and exception 2 for everything else", "[TK-09]") {
  const std::string rows =
      R"x({ point = "soc", at = { "input", 16 }, type = "u16", unit = "%", absent = 0xFFFF },
         { point = "energy_pv_today", at = { "input", 17 }, type = "u32", unit = "kWh" },
         { point = "soh", at = { "input", 22 }, type = "u16", unit = "%", absent = 0xFFFF },)x";
  Readings values;
  values.put(number_reading(at(point("soc")), {53, 0}, {}));
  values.put(number_reading(at(point("energy_pv_today")), {65537, 0}, {}));
  std::array<std::uint8_t, 250> out{};
  const auto exception = [&](const ModbusMap& map, std::uint16_t first, std::uint16_t count) {
    const Status status = map.serve(RegisterTable::Input, first, count, values, out);
    if (status) return 0;
    CHECK(status.error().code == ErrorCode::DeviceException);
    return static_cast<int>(status.error().detail);
  };
  const ModbusMap map = map_around(rows);
  CHECK(exception(map, 16, 3) == 0);
  CHECK(std::vector<std::uint8_t>(out.begin(), out.begin() + 6) ==
        std::vector<std::uint8_t>{0, 53, 0, 1, 0, 1});
  CHECK(exception(map, 16, 1) == 0);
  CHECK(exception(map, 17, 2) == 0);
  CHECK(exception(map, 16, 2) == 2);  // cuts a value
  CHECK(exception(map, 18, 1) == 2);
  CHECK(exception(map, 15, 1) == 2);
  CHECK(exception(map, 15, 2) == 2);
  CHECK(exception(map, 16, 4) == 2);  // runs into a gap
  CHECK(exception(map, 16, 7) == 2);
  CHECK(exception(map, 23, 1) == 2);
  CHECK(exception(map, 65535, 1) == 2);
  CHECK(exception(map, 22, 1) == 0);  // not there: the row's own pattern
  CHECK(out[0] == 0xFF);
  CHECK(map.serve(RegisterTable::Holding, 16, 1, values, out).error().detail == 2);

  const ModbusMap bridged = map_around(rows, "open", "gap_max = 3");
  CHECK(exception(bridged, 16, 7) == 0);
  CHECK(std::vector<std::uint8_t>(out.begin() + 6, out.begin() + 14) ==
        std::vector<std::uint8_t>{0, 0, 0, 0, 0, 0, 0xFF, 0xFF});
  CHECK(exception(bridged, 20, 2) == 0);
  CHECK(exception(bridged, 16, 5) == 0);
  CHECK(exception(bridged, 23, 1) == 2);
  CHECK(exception(bridged, 15, 1) == 2);

  values.clear();
  CHECK(exception(map, 17, 2) == 4);  // no value and no way to say so
}

TEST_CASE("a tower's modules are read once their numbers are known", "[WS-03]") {
  const std::string text = R"x(return {
  family = "probe", title = "t", vendor = "v", status = "open", node = "inverter",
  sources = { { document = "d", revision = "1", confidence = "own" } },
  protocol = { kind = "modbus", over = { "rtu" } },
  identify = { { point = "tower_count", range = { 0, 3 } } },
  rows = { { point = "tower_count", at = { "input", 0 }, type = "u16" } },
  groups = { { node = "tower", count_from = "tower_count", at = 0x1000, max = 3, stride = 0x1000,
    rows = { { point = "module_count", at = { "input", 0 }, type = "u16" } },
    groups = { { node = "module", count_from = "module_count", at = 0x100, max = 4, stride = 0x100,
      rows = { { point = "soc", at = { "input", 2 }, type = "u16", unit = "%" } } } } } },
})x";
  const ModbusMap map(weco::test::must_load(text));
  constexpr auto kInput = RegisterTable::Input;
  using Blocks = std::vector<RegisterBlock>;
  Readings known;
  CHECK(map.blocks(known) == Blocks{{kInput, 0, 1}});
  const auto count = [&](PointId id, NodePath node, int n) {
    known.put(number_reading({id, 0, node}, {n, 0}, {}));
  };
  count(point("tower_count"), {}, 2);
  CHECK(map.blocks(known) == Blocks{{kInput, 0, 1}, {kInput, 0x1000, 1}, {kInput, 0x2000, 1}});
  const NodePath second = NodePath().child(NodeKind::Tower, 2);
  count(point("module_count"), second, 2);
  CHECK(map.blocks(known) == Blocks{{kInput, 0, 1},
                                    {kInput, 0x1000, 1},
                                    {kInput, 0x2000, 1},
                                    {kInput, 0x2102, 1},
                                    {kInput, 0x2202, 1}});
  count(point("tower_count"), {}, 99);  // more than the map has room for
  CHECK(map.blocks(known).size() == 6);
  Reading bad = number_reading({point("tower_count"), 0, {}}, {99, 0}, {});
  bad.quality = Quality::OutOfRange;
  known.put(bad);
  CHECK(map.blocks(known) == Blocks{{kInput, 0, 1}});
  const PointRef soc{point("soc"), 0, second.child(NodeKind::Module, 4)};
  CHECK(*map.where(soc) == RegisterBlock{kInput, 0x2402, 1});
  CHECK(map.points().size() == 1 + 3 + 12);
}
