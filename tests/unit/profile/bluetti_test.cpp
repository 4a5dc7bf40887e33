// SPDX-License-Identifier: Apache-2.0
// The two BLUETTI maps against values that owners of real devices and authors of other readers
// wrote down. An AC2A and an AC200M stand in for what nobody has published of an EP760.
#include <cmath>
#include <map>
#include <set>

#include "tests/unit/profile/vectors.hpp"

using namespace weco;
using namespace weco::test;

namespace {

struct Family {
  Catalog catalog = std::move(*Catalog::embedded());
  const Profile& profile;
  ModbusMap map;
  std::multimap<int, PointRef> by_address;
  explicit Family(std::string_view name) : profile(**catalog.load(name)), map(profile) {
    for (const PointRef& ref : map.points()) by_address.emplace(map.where(ref)->first, ref);
  }
  [[nodiscard]] PointRef at_address(int address) const {
    REQUIRE(by_address.count(address) == 1);
    return by_address.find(address)->second;
  }
};

/// The number at the beginning of "45.0 V"; a switch is 1 or 0.
double number_of(const std::string& text) {
  if (text == "True") return 1;
  if (text == "False") return 0;
  return std::strtod(text.c_str(), nullptr);
}

double value_of(const Reading& reading) {
  return reading.kind == ValueKind::Choice ? static_cast<double>(reading.bits)
                                           : to_double(reading.number);
}

bool near(double a, double b) { return std::abs(a - b) < 1e-9; }

/// Registers of `data`, which begins at `first`.
Buffer part(const Buffer& data, int first, int address, int count) {
  const auto begin = data.begin() + 2 * (address - first);
  return {begin, begin + 2 * count};
}

}  // namespace

TEST_CASE("a real device's dump is decoded to what its owner reads from it, and encoded back",
          "[EP-09]") {
  const Family v2("bluetti_ep760");
  const Json document = vectors("bluetti/03_ac2a_real_v2_probe.json");
  Readings read;
  std::size_t rows = 0;
  for (const auto& [name, block] : document["blocks"].items()) {
    const Buffer data = from_hex(block["raw_hex"].get<std::string>());
    const int first = block["address"];
    const auto size = static_cast<int>(data.size() / 2);
    v2.map.decode({RegisterTable::Holding, static_cast<std::uint16_t>(first),
                   static_cast<std::uint16_t>(size)},
                  data, {}, read);
    for (const auto& [address, ref] : v2.by_address) {
      const int count = v2.map.where(ref)->count;
      if (address < first || address + count > first + size) continue;
      const Reading* reading = read.get(ref);
      REQUIRE(reading != nullptr);
      ++rows;
      INFO(name << " " << info(ref.id).name);
      if (reading->quality != Quality::Good && reading->quality != Quality::Assumed) continue;
      if (ref.id == point("module_count")) continue;  // half of its register
      CHECK(encoded(v2.map, *reading) == part(data, first, address, count));
    }
  }
  CHECK(rows > 60);
  const Json& told = document["decoded_by_us"];
  const auto number = [&](PointRef ref) { return to_double(read.get(ref)->number); };
  const auto text = [&](std::string_view name) { return std::string(read.get(at(name))->text()); };
  CHECK(number(at("soc")) == told["102 SOC"]);
  CHECK(read.get(at("status_word", 1))->bits == told["103 charging status"]);
  CHECK(text("model") == told["110 model (byte-swapped)"].get<std::string>());
  CHECK(text("serial_number") == std::to_string(told["116 serial"].get<std::uint64_t>()));
  CHECK(near(number(at("energy_pv_total")),
             told["154 PV energy u32 low word first x0.1 kWh"].get<double>()));
  CHECK(read.get(at("status_word", 8))->bits == told["161 inverter status"]);
  const Json& firmware = told["1113.. firmware entries (id,u32 low word first /100)"];
  CHECK(text("firmware_version") == firmware[0][1].get<std::string>());
  CHECK(text("dsp_version") == firmware[1][1].get<std::string>());
  CHECK(near(number(at("grid_frequency")), told["1300 Hz"].get<double>()));
  CHECK(near(number(at("grid_voltage", 1)), told["1314 V"].get<double>()));
  CHECK(near(number(at("load_voltage", 1)), told["1431 V"].get<double>()));
  CHECK(near(number(at("inverter_voltage", 1)), told["1511 V"].get<double>()));
  CHECK(read.get(at("status_word", 11))->bits == told["1509 status"]);
  std::string clock = told["2001-2003 clock bytes YY MM DD HH mm ss"];
  clock[10] = 'T';
  CHECK(text("device_time") == clock);
  CHECK(read.get(at("ac_output"))->bits == told["2011 AC switch"]);
}

TEST_CASE("where the sources disagree the value is shown as assumed and the reason is told",
          "[EP-06]") {
  const Family v2("bluetti_ep760");
  // Ten times what the AC2A's owner reads: which scale an EP760 has, nobody has published.
  const Reading volts = decoded(v2.map, at("battery_voltage"), word(0x0AAA));
  CHECK(volts.number == Decimal{2730, -1});
  CHECK(volts.quality == Quality::Assumed);
  const Json document = vectors("bluetti/06_ep760_real_values.json");
  const Json& sample = document["cases"][0];
  const Reading power = decoded(v2.map, v2.at_address(sample["register"]), word(sample["raw_u16"]));
  CHECK(power.ref == at("inverter_power", 1));
  CHECK(power.number == Decimal{sample["decoded_i16"].get<int>(), 0});
  CHECK(power.quality == Quality::Assumed);
  const Json& range = document["cases"][1];
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(decoded(v2.map, at("inverter_power", 1), word(range["raw_u16_range"][i])).number ==
          Decimal{range["decoded_i16_range"][i].get<int>(), 0});
  }
  // Register 2208 is feed-in for two sources and the AC switch for an owner.
  const Reading disputed = decoded(v2.map, v2.at_address(2208), word(1));
  CHECK(disputed.quality == Quality::Assumed);
  for (const PointRef& ref : v2.map.points()) CHECK_FALSE(v2.map.writable(ref));
}

TEST_CASE("serial numbers, versions and swapped text of a radio hold both ways", "[EP-09]") {
  const Family v2("bluetti_ep760");
  const Json document = vectors("bluetti/07_field_codecs.json");
  for (const Json& one : document["cases"]) {
    INFO(one.dump());
    const std::string type = one["type"];
    Buffer wire = from_hex(one["hex"].get<std::string>());
    const bool serial = type.rfind("serial", 0) == 0;
    const bool text = type.find("string") != std::string::npos;
    const PointRef ref = at(serial ? "serial_number" : text ? "model" : "firmware_version");
    const std::string expected = one["value"].is_string()
                                     ? one["value"].get<std::string>()
                                     : std::to_string(one["value"].get<std::uint64_t>());
    if (text) wire.resize(12);
    CHECK(decoded(v2.map, ref, wire).text() == expected);
    CHECK(encoded(v2.map, text_reading(ref, expected, {})) == wire);
  }
}

TEST_CASE("the registers of a three-phase relative come out as other readers assert them",
          "[EP-03][EP-06]") {
  const Family v2("bluetti_ep760");
  const Json document = vectors("bluetti/08_ep600_ep2000_unit_tests.json");
  // Energy of the strings alone and the limits of the grid code have no row; the WiFi must not.
  const std::set<int> without_row = {1202, 2435, 2436, 2437, 2438, 12002};
  int checked = 0;
  for (const Json& row : document["ep600"]) {
    INFO(row.dump());
    const int address = row[0];
    if (without_row.count(address) > 0) {
      CHECK(v2.by_address.count(address) == 0);
      continue;
    }
    const Reading reading = decoded(v2.map, v2.at_address(address), word(row[1]));
    const std::string said = row[2];
    ++checked;
    if (said.rfind("None", 0) == 0) {
      CHECK(reading.quality == Quality::OutOfRange);
      continue;
    }
    CHECK(near(value_of(reading), number_of(said)));
    CHECK(encoded(v2.map, reading) == word(row[1]));
  }
  CHECK(checked == 16);
  CHECK(decoded(v2.map, v2.at_address(102), word(70)).number == Decimal{70, 0});
  CHECK(encoded(v2.map, text_reading(at("model"), "EP2000", {})) ==
        from_hex("504530323030000000000000"));
  CHECK(decoded(v2.map, at("model"), from_hex("504530323030000000000000")).text() == "EP2000");
  CHECK(decoded(v2.map, v2.at_address(116),
                encoded(v2.map, text_reading(at("serial_number"), "2000000000000", {})))
            .text() == "2000000000000");
}

TEST_CASE("the older map is read as other readers assert it, and an impossible charge is none") {
  const Family v1("bluetti_v1");
  const Json document = vectors("bluetti/08_ep600_ep2000_unit_tests.json");
  for (const Json& row : document["v1_base"]) {
    INFO(row.dump());
    const PointRef ref = v1.at_address(row[0]);
    const std::string said = row[2];
    if (row[1].is_string()) {
      const Buffer wire = encoded(v1.map, text_reading(ref, said, {}));
      CHECK(decoded(v1.map, ref, wire).text() == said);
      continue;
    }
    const Reading reading = decoded(v1.map, ref, word(row[1]));
    if (said.rfind("dropped", 0) == 0) {
      CHECK(reading.quality == Quality::OutOfRange);
      continue;
    }
    CHECK(reading.quality == Quality::Good);
    CHECK(near(to_double(reading.number), number_of(said)));
    CHECK(encoded(v1.map, reading) == word(row[1]));
  }
  CHECK(encoded(v1.map, text_reading(at("model"), "AC300", {})) ==
        from_hex("414333303000000000000000"));
}

TEST_CASE("raw values of the vendor's network list have the scale and sign that was seen") {
  // No family maps that list: it is another protocol of the same devices. Its numbers are.
  const std::map<std::string, std::string> rows = {
      {"W", R"({ point = "grid_power", index = 1, at = { "holding", 1 }, type = "s16",)"
            R"( unit = "W", positive = "import" },)"},
      {"Hz -1", R"({ point = "grid_frequency", at = { "holding", 1 }, type = "u16",)"
                R"( unit = "Hz", exponent = -1 },)"},
      {"Hz -2", R"({ point = "grid_frequency", at = { "holding", 1 }, type = "u16",)"
                R"( unit = "Hz", exponent = -2 },)"},
      {"V -2", R"({ point = "battery_voltage", at = { "holding", 1 }, type = "u16",)"
               R"( unit = "V", exponent = -2 },)"}};
  int checked = 0;
  const Json document = vectors("bluetti/13_modbus_tcp_values.json");
  for (const Json& one : document["cases"]) {
    INFO(one.dump());
    if (!one.contains("unit")) continue;
    std::string kind = one["unit"];
    if (kind == "Hz") kind += one["scale"] == 0.1 ? " -1" : " -2";
    if (kind == "V") kind += " -2";
    const ModbusMap map = map_around(rows.at(kind));
    const PointRef ref = map.points().front();
    const Reading reading = decoded(map, ref, word(one["raw"]));
    CHECK(near(to_double(reading.number), one["decoded"].get<double>()));
    CHECK(encoded(map, reading) == word(one["raw"]));
    ++checked;
  }
  CHECK(checked == 7);
}

TEST_CASE("name and password of the WiFi are in no row, and no read can reach them", "[EP-23]") {
  for (const char* name : {"bluetti_ep760", "bluetti_v1"}) {
    const Family family(name);
    Readings everything;
    for (const PointRef& ref : family.map.points()) {
      const PointInfo& point = info(ref.id);
      if (point.kind == ValueKind::Number) everything.put(number_reading(ref, {200, 0}, {}));
    }
    const auto blocks = family.map.blocks(everything);
    CHECK(blocks.size() >= 2);
    for (const RegisterBlock& block : blocks) {
      CHECK(block.count <= 50);
      CHECK(block.first + block.count <= 12000);
    }
    std::array<std::uint8_t, 2> out{};
    for (std::uint16_t address = 12000; address <= 12050; ++address) {
      CHECK_FALSE(family.map.serve(RegisterTable::Holding, address, 1, everything, out));
    }
  }
}

TEST_CASE("no profile of anybody's can ask a BLUETTI radio for the WiFi", "[EP-23]") {
  const auto row = [](int address) {
    return R"({ point = "soc", at = { "holding", )" + std::to_string(address) +
           R"( }, type = "u16", unit = "%" },)";
  };
  const std::string variant = "variant = \"bluetti\", gap_max = 100";
  for (const int inside : {12000, 12003, 12050}) {
    const auto refused = load_profile(profile_around(row(inside), "open", variant), "p");
    REQUIRE_FALSE(refused);
    CHECK(
        refused.error().what ==
        "row \"soc\" lies where the WiFi's password does, in 12000 to 12050, which are never read");
  }
  CHECK(load_profile(profile_around(row(12003)), "p"));  // another maker's register
  // Rows on both sides are not bridged.
  const std::string after =
      R"({ point = "soh", at = { "holding", 12051 }, type = "u16", unit = "%" },)";
  const ModbusMap map = map_around(row(11999) + after, "open", variant);
  const auto blocks = map.blocks(Readings());
  REQUIRE(blocks.size() == 3);
  CHECK(blocks[0] == RegisterBlock{RegisterTable::Holding, 11999, 1});
  CHECK(blocks[1] == RegisterBlock{RegisterTable::Holding, 12051, 1});
}

TEST_CASE("a device is recognised by its registers, whatever its radio calls itself", "[EP-09]") {
  const Family v2("bluetti_ep760");
  const Family v1("bluetti_v1");
  const auto takes = [](const Family& family, std::string_view version, std::string_view model) {
    return family.profile.identify[0].holds(text_reading(at("protocol_version"), version, {})) &&
           family.profile.identify[1].holds(text_reading(at("model"), model, {}));
  };
  CHECK(takes(v2, "2005", "EP760"));
  CHECK(takes(v2, "2000", "EP2000"));
  CHECK_FALSE(takes(v2, "1999", "EP500"));
  CHECK_FALSE(takes(v2, "2005", "PBOX2211000123"));
  CHECK(takes(v1, "1017", "AC200M"));
  CHECK_FALSE(takes(v1, "2000", "AC2A"));
}
