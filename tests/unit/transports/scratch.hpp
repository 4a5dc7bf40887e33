// SPDX-License-Identifier: Apache-2.0
// A folder of its own for a test, removed at the end.
#pragma once

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/catch.hpp"

namespace weco::test {

class Scratch {
 public:
  Scratch() { REQUIRE(::mkdtemp(name_.data()) != nullptr); }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(name_.data(), ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  [[nodiscard]] std::string path(const std::string& name) const {
    return std::string(name_.data()) + "/" + name;
  }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::binary) << text;
    return path(name);
  }

 private:
  std::array<char, 32> name_{"/tmp/weco_transports_XXXXXX"};
};

}  // namespace weco::test
