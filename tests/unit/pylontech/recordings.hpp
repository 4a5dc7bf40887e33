// SPDX-License-Identifier: Apache-2.0
// The published Pylontech frames as the tests read them.
#pragma once

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/protocol/pylontech/decode.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/can/collector.hpp"

namespace weco::test {

inline nlohmann::json pylontech_frames() {
  std::ifstream in(WECO_VECTORS "/can/pylontech_rs485_frames.json");
  REQUIRE(in.good());
  return nlohmann::json::parse(in)["frames"];
}

/// The conversation of an inverter with two modules: one JSON object a line, the first its origin.
inline std::vector<nlohmann::json> sniffed() {
  std::ifstream in(WECO_VECTORS "/can/pylontech_rs485_sniff_tomcat42.jsonl");
  REQUIRE(in.good());
  std::vector<nlohmann::json> lines;
  for (std::string line; std::getline(in, line);) {
    nlohmann::json object = nlohmann::json::parse(line);
    if (object.contains("frame")) lines.push_back(object);
  }
  return lines;
}

/// A frame as published ('~' in front), without it.
inline std::string inside(const nlohmann::json& frame) {
  const std::string text = frame["frame"];
  REQUIRE(text.front() == '~');
  return text.substr(1);
}

inline Bytes bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline NodePath module(std::uint8_t n) { return NodePath().child(NodeKind::Module, n); }

}  // namespace weco::test
