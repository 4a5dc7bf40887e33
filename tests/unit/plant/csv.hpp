// SPDX-License-Identifier: Apache-2.0
// Reference tables of tests/vectors: numbers under a line of names.
#pragma once

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

struct Csv {
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> rows;

  explicit Csv(const std::string& file) {
    std::ifstream in(std::string(WECO_VECTORS "/") + file);
    if (!in) throw std::runtime_error("no table " + file);
    std::string line;
    std::getline(in, line);
    names = split(line);
    while (std::getline(in, line)) rows.push_back(split(line));
    if (rows.empty()) throw std::runtime_error("an empty table " + file);
  }
  [[nodiscard]] std::size_t column(const std::string& name) const {
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (names[i] == name) return i;
    }
    throw std::runtime_error("no column " + name);
  }
  [[nodiscard]] double at(std::size_t row, const std::string& name) const {
    return std::strtod(rows[row][column(name)].c_str(), nullptr);
  }
  static std::vector<std::string> split(const std::string& line) {
    std::vector<std::string> cells;
    std::stringstream in(line);
    std::string cell;
    while (std::getline(in, cell, ',')) {
      if (!cell.empty() && cell.back() == '\r') cell.pop_back();
      cells.push_back(cell);
    }
    return cells;
  }
};
