// SPDX-License-Identifier: Apache-2.0
// Rows and columns for people. Numbers are right-aligned so that digits line up; on a terminal the
// last elastic column gives way when the line gets too long.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/output.hpp"

namespace weco::cli {

struct Cell {
  std::string text{};  // untrusted; sanitized when added
  Style style = Style::Plain;
};

class Grid {
 public:
  enum class Align : std::uint8_t { Left, Right };
  struct Column {
    std::string title;  // with its unit: "voltage [V]"
    Align align = Align::Left;
  };
  explicit Grid(std::vector<Column> columns) : columns_(std::move(columns)) {}
  /// As many cells as columns; missing ones are empty.
  void add(std::vector<Cell> row);
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  /// Lines ended with line feeds. `width` 0: no limit.
  [[nodiscard]] std::string draw(int width, bool color) const;
  [[nodiscard]] std::string draw(const Output& output) const {
    return draw(output.width_out(), output.color_out());
  }

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace weco::cli
