// SPDX-License-Identifier: Apache-2.0
#include "cli/render/grid.hpp"

#include <algorithm>
#include <cstddef>

#include "cli/render/text.hpp"

namespace weco::cli {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kColumnMin = 8;

using Widths = std::vector<std::size_t>;

Widths measure(const std::vector<Grid::Column>& columns,
               const std::vector<std::vector<Cell>>& rows) {
  Widths widths;
  for (const Grid::Column& column : columns) widths.push_back(display_width(column.title));
  for (const std::vector<Cell>& row : rows) {
    for (std::size_t i = 0; i < columns.size() && i < row.size(); ++i) {
      widths[i] = std::max(widths[i], display_width(row[i].text));
    }
  }
  return widths;
}

/// Takes what is too much for the terminal from the widest left-aligned columns.
void shrink(Widths& widths, const std::vector<Grid::Column>& columns, std::size_t limit) {
  const auto total = [&] {
    std::size_t sum = columns.empty() ? 0 : kGap * (columns.size() - 1);
    for (const std::size_t width : widths) sum += width;
    return sum;
  };
  while (total() > limit) {
    std::size_t widest = columns.size();
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (columns[i].align == Grid::Align::Right || widths[i] <= kColumnMin) continue;
      if (widest == columns.size() || widths[i] > widths[widest]) widest = i;
    }
    if (widest == columns.size()) return;  // nothing gives way: the terminal wraps
    const std::size_t over = total() - limit;
    widths[widest] -= std::min(over, widths[widest] - kColumnMin);
  }
}

void draw_row(std::string& page, const std::vector<Cell>& row, const Widths& widths,
              const std::vector<Grid::Column>& columns, bool color) {
  std::size_t owed = 0;  // spaces not written yet, so that no line ends in spaces
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i >= row.size() || row[i].text.empty()) {
      owed += widths[i] + kGap;
      continue;
    }
    const Cell& cell = row[i];
    std::size_t width = display_width(cell.text);
    std::string cut;
    if (width > widths[i]) {
      cut = cut_to_width(cell.text, widths[i]);
      width = display_width(cut);
    }
    const std::string& text = cut.empty() ? cell.text : cut;
    const std::size_t pad = widths[i] - width;
    const bool right = columns[i].align == Grid::Align::Right;
    page.append(owed + (right ? pad : 0), ' ');
    page += color ? paint(text, cell.style, color) : text;
    owed = (right ? 0 : pad) + kGap;
  }
  page += '\n';
}

}  // namespace

void Grid::add(std::vector<Cell> row) {
  for (Cell& cell : row) sanitize_in_place(cell.text);
  rows_.push_back(std::move(row));
}

std::string Grid::draw(int width, bool color) const {
  Widths widths = measure(columns_, rows_);
  if (width > 0) shrink(widths, columns_, static_cast<std::size_t>(width));
  std::vector<Cell> titles;
  for (const Column& column : columns_) titles.push_back({column.title, Style::Heading});
  const bool titled =
      std::ranges::any_of(titles, [](const Cell& title) { return !title.text.empty(); });
  std::string page;
  if (titled) draw_row(page, titles, widths, columns_, color);
  for (const std::vector<Cell>& row : rows_) draw_row(page, row, widths, columns_, color);
  return page;
}

}  // namespace weco::cli
