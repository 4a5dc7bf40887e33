// SPDX-License-Identifier: Apache-2.0
// Register values written down by others, and a map that reads and writes them.
#pragma once

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/unit/profile/readings.hpp"

namespace weco::test {

using Json = nlohmann::json;
using Buffer = std::vector<std::uint8_t>;

inline Json vectors(const std::string& name) {
  std::ifstream file(std::string(WECO_SOURCE "/tests/vectors/") + name);
  REQUIRE(file.good());
  return Json::parse(file);
}

inline Buffer from_hex(std::string_view hex) {
  Buffer data;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    data.push_back(static_cast<std::uint8_t>(
        std::strtoul(std::string(hex.substr(i, 2)).c_str(), nullptr, 16)));
  }
  return data;
}

inline Buffer word(std::uint16_t value) {
  return {static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
}

/// What the map makes of these bytes at the place of `ref`.
inline Reading decoded(const ModbusMap& map, const PointRef& ref, const Buffer& data) {
  const auto place = map.where(ref);
  REQUIRE(place);
  REQUIRE(data.size() == std::size_t{2} * place->count);
  Readings readings;
  map.decode(*place, data, {}, readings);
  const Reading* reading = readings.get(ref);
  REQUIRE(reading != nullptr);
  return *reading;
}

/// The bytes of a reading on the wire.
inline Buffer encoded(const ModbusMap& map, const Reading& reading) {
  Buffer room(kTextMax);
  const auto size = map.encode(reading.ref, reading, room);
  if (!size) FAIL(size.error().what);
  room.resize(*size);
  return room;
}

inline PointRef at(std::string_view name, std::uint8_t index = 0, NodePath node = {}) {
  return {find_point(name).value(), index, node};
}

}  // namespace weco::test
