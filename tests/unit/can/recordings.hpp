// SPDX-License-Identifier: Apache-2.0
// The published captures as the tests read them: the JSON with what authors state, and the same
// frames as candump text.
#pragma once

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "core/protocol/can/candump.hpp"
#include "tests/support/catch.hpp"

namespace weco::test {

inline std::string read_file(const std::string& name) {
  std::ifstream in(std::string(WECO_VECTORS "/can/") + name, std::ios::binary);
  REQUIRE(in.good());
  std::ostringstream all;
  all << in.rdbuf();
  return all.str();
}

inline nlohmann::json can_vectors() { return nlohmann::json::parse(read_file("can_vectors.json")); }

inline std::vector<CanFrame> frames_of(const std::string& log) {
  const std::string text = read_file(log);
  candump::Reader reader(text);
  candump::Record record;
  std::vector<CanFrame> frames;
  for (;;) {
    const auto more = reader.next(record);
    REQUIRE(more);
    if (!*more) return frames;
    frames.push_back(record.frame);
  }
}

inline CanFrame frame(std::uint32_t id, std::initializer_list<int> bytes) {
  CanFrame f;
  f.id = id;
  for (const int b : bytes) f.data[f.size++] = static_cast<std::uint8_t>(b);
  return f;
}

}  // namespace weco::test
