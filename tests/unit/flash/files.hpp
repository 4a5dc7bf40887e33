// SPDX-License-Identifier: Apache-2.0
// Recorded firmware files of tests/vectors, and random numbers that are the same in every run.
#pragma once

#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace weco::test {

inline std::vector<std::uint8_t> vector_file(const std::string& name) {
  std::string path(WECO_VECTORS);
  path.append("/").append(name);
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline std::string vector_text(const std::string& name) {
  const auto bytes = vector_file(name);
  return {bytes.begin(), bytes.end()};
}

/// splitmix64: every seed gives the same numbers everywhere.
class Seeded {
 public:
  explicit Seeded(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(next() % n); }

 private:
  std::uint64_t state_;
};

}  // namespace weco::test
