// SPDX-License-Identifier: Apache-2.0
// Both Eastron meters against the vendor's own list and the values it printed.
#include <cmath>
#include <map>

#include "tests/unit/profile/vectors.hpp"

using namespace weco;
using namespace weco::test;

namespace {

struct Meter {
  Catalog catalog = std::move(*Catalog::embedded());
  ModbusMap map;
  std::map<int, PointRef> inputs;
  explicit Meter(std::string_view family) : map(**catalog.load(family)) {
    for (const PointRef& ref : map.points()) {
      const RegisterBlock place = *map.where(ref);
      if (place.table == RegisterTable::Input) inputs.emplace(place.first, ref);
    }
  }
};

/// The vendor's spelling of a unit as the vocabulary writes it.
std::string unit_of(const std::string& unit) {
  static const std::map<std::string, std::string_view> kSame = {{"deg", "°"}};
  const auto found = kSame.find(unit);
  return found == kSame.end() ? unit : std::string(found->second);
}

}  // namespace

TEST_CASE("every register of the vendor's list is read with its unit, both ways",
          "[CM-03][CM-10]") {
  const Json document = vectors("meter/02_eastron_sdm630_input_registers.json");
  const Meter long_map("eastron_sdm630");
  const Meter short_map("eastron_sdm72");
  std::size_t shared = 0;
  for (const Json& row : document["registers"]) {
    INFO(row.dump());
    const int address = row["addr"];
    const auto found = long_map.inputs.find(address);
    REQUIRE(found != long_map.inputs.end());
    CHECK(long_map.map.where(found->second)->count == row["len"]);
    CHECK(info(info(found->second.id).unit).symbol == unit_of(row["unit"]));
    const Buffer wire = from_hex("40490fdb");  // 3.1415927
    const Reading reading = decoded(long_map.map, found->second, wire);
    if (reading.quality == Quality::Good) CHECK(encoded(long_map.map, reading) == wire);
    const auto same = short_map.inputs.find(address);
    if (same == short_map.inputs.end()) continue;
    ++shared;
    CHECK(same->second == found->second);
    CHECK(decoded(short_map.map, same->second, wire).number == reading.number);
  }
  CHECK(shared == 4);
  CHECK(short_map.inputs.size() == 6);  // and import and export power, which only it has
}

TEST_CASE("the values that Eastron printed are read to the digit, and give back the same bytes") {
  const Meter meter("eastron_sdm630");
  const Json document = vectors("meter/01_eastron_sdm630_vendor_examples.json");
  const Json& volts = document["cases"][0];
  const std::string answer = volts["response_hex"];
  const Buffer data = from_hex(answer.substr(6, 8));
  const Reading reading = decoded(meter.map, meter.inputs.at(0), data);
  CHECK(std::abs(to_double(reading.number) - volts["value_f32"].get<double>()) <
        2e-5);  // a single has no 230.2
  CHECK(encoded(meter.map, reading) == data);
  const Json& codec = document["cases"][4];
  const Buffer exact = from_hex(codec["hex"].get<std::string>());
  CHECK(to_double(decoded(meter.map, meter.inputs.at(0), exact).number) == codec["value_f32"]);
  CHECK(encoded(meter.map, number_reading(meter.inputs.at(0), {2405, -1}, {})) == exact);
}
