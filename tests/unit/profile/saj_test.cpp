// SPDX-License-Identifier: Apache-2.0
// The H2 map against the rows, bits and codecs that were written down from the public sources.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "tests/unit/profile/vectors.hpp"

using namespace weco;
using namespace weco::test;

namespace {

/// Rows of the public map that have no point here, by address.
const std::set<int> kLeftOut = {
    0x400D, 0x4070, 0x40B0,  // reserved
    0x403A, 0x4041,          // frequency of the grid at phases 2 and 3: there is one grid
};

struct Family {
  Catalog catalog = std::move(*Catalog::embedded());
  const Profile& profile = **catalog.load("saj_h2");
  ModbusMap map = ModbusMap(profile);
  std::map<int, PointRef> by_address;
  Family() {
    for (const PointRef& ref : map.points()) by_address.emplace(map.where(ref)->first, ref);
  }
};

Buffer wire_of(const Json& row, std::uint32_t raw) {
  Buffer data;
  if (row["len"] == 2) data = word(static_cast<std::uint16_t>(raw >> 16));
  const Buffer low = word(static_cast<std::uint16_t>(raw));
  data.insert(data.end(), low.begin(), low.end());
  return data;
}

}  // namespace

TEST_CASE("every running value of an H2 has the place, size, sign and scale that is published",
          "[CM-15][CM-16]") {
  const Family h2;
  const Json map = vectors("saj/02_h2_realtime_map.json");
  int checked = 0;
  for (const Json& row : map["registers"]) {
    const int address = row["addr"];
    INFO(row.dump());
    if (kLeftOut.count(address) > 0) continue;
    const auto found = h2.by_address.find(address);
    REQUIRE(found != h2.by_address.end());
    const PointRef& ref = found->second;
    const PointInfo& point = info(ref.id);
    const bool raw_block = row["name"] == "status block";
    CHECK(h2.map.where(ref)->count == (raw_block ? 1 : row["len"].get<int>()));
    ++checked;
    if (point.kind != ValueKind::Number) continue;
    const std::uint32_t raw = row["type"] == "s16" && point.min < 0 ? 0xFFF7 : 9;
    const Buffer wire = wire_of(row, raw);
    const Reading reading = decoded(h2.map, ref, wire);
    const double expected =
        (raw == 9 ? 9.0 : -9.0) * row["scale"].get<double>() * (row["unit"] == "mV" ? 0.001 : 1.0);
    CHECK(std::abs(std::abs(to_double(reading.number)) - std::abs(expected)) < 1e-9);
    CHECK((reading.quality == Quality::Good || reading.quality == Quality::Assumed));
    CHECK(encoded(h2.map, reading) == wire);
  }
  CHECK(checked + static_cast<int>(kLeftOut.size()) == static_cast<int>(map["registers"].size()));
}

TEST_CASE("charging and importing are positive whichever way the inverter counts") {
  const Family h2;
  CHECK(decoded(h2.map, at("battery_power"), word(500)).number == Decimal{-500, 0});
  CHECK(decoded(h2.map, at("grid_power_total"), word(500)).number == Decimal{-500, 0});
  CHECK(decoded(h2.map, at("battery_power"), word(500)).quality == Quality::Assumed);
  CHECK(decoded(h2.map, at("pv_power_total"), word(500)).quality == Quality::Good);
}

TEST_CASE("every published fault bit of an H2 has its number, word and name", "[CM-15]") {
  const Family h2;
  const Json bits = vectors("saj/03_h2_fault_bits.json");
  const auto faults = h2.catalog.faults("saj_h2");
  REQUIRE(faults);
  REQUIRE(faults->size() == bits["faults"].size());
  const std::map<std::string, int> words = {{"4005H", 1}, {"4007H", 2}, {"4009H", 3}};
  for (const Json& bit : bits["faults"]) {
    INFO(bit.dump());
    const FaultInfo* fault =
        h2.catalog.fault("saj_h2", std::to_string(bit["number_inferred"].get<int>()));
    REQUIRE(fault != nullptr);
    CHECK(fault->word == words.at(bit["reg"]));
    CHECK(fault->bit == bit["bit"]);
    CHECK_FALSE(fault->name.empty());
    CHECK_FALSE(fault->actions.empty());
    CHECK(fault->carrier == point("fault_word"));
  }
}

TEST_CASE("the codecs of the H2 paper hold both ways", "[CM-12]") {
  const Family h2;
  const auto text_both_ways = [&](const PointRef& ref, std::string_view hex,
                                  std::string_view text) {
    const Reading reading = decoded(h2.map, ref, from_hex(hex));
    CHECK(reading.text() == text);
    CHECK(encoded(h2.map, text_reading(ref, text, {})) == from_hex(hex));
  };
  const Json codecs = vectors("saj/01_protocol_examples.json")["codecs"];
  REQUIRE(codecs.size() == 4);
  std::string clock = codecs[0]["value"];
  std::replace(clock.begin(), clock.end(), ' ', 'T');
  text_both_ways(at("device_time"), codecs[0]["hex"].get<std::string>(), clock);

  const PointRef start = at("charge_window_start", 1);
  const Reading minutes = decoded(h2.map, start, from_hex(codecs[1]["hex"].get<std::string>()));
  CHECK(minutes.number == Decimal{23 * 60 + 59, 0});
  CHECK(encoded(h2.map, minutes) == from_hex("173b"));
  CHECK(decoded(h2.map, start, from_hex("173c")).quality == Quality::OutOfRange);

  // Weekdays and power share a register; each half is a row of its own.
  const Buffer both = from_hex(codecs[2]["hex"].get<std::string>());
  const Reading days = decoded(h2.map, at("charge_window_days", 1), both);
  const Reading share = decoded(h2.map, at("charge_window_share", 1), both);
  CHECK(days.bits == 0x7F);
  CHECK(share.number == Decimal{codecs[2]["value"]["percent"].get<int>(), 0});
  Readings values;
  values.put(days);
  values.put(share);
  std::array<std::uint8_t, 2> out{};
  const RegisterBlock place = *h2.map.where(share.ref);
  REQUIRE(h2.map.serve(place.table, place.first, 1, values, out));
  CHECK(Buffer(out.begin(), out.end()) == both);
  CHECK(decoded(h2.map, at("charge_window_days", 1), from_hex("0450")).bits == 4);  // Wednesday

  const Reading pv = decoded(h2.map, at("pv_voltage", 1), word(codecs[3]["raw"]));
  CHECK(std::abs(to_double(pv.number) - codecs[3]["value"].get<double>()) < 1e-9);
  CHECK(encoded(h2.map, pv) == word(codecs[3]["raw"]));
}
