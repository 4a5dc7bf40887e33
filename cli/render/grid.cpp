// SPDX-License-Identifier: Apache-2.0
#include "cli/render/grid.hpp"

#include <algorithm>
#include <cstddef>

#include "cli/render/text.hpp"

namespace weco::cli {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kColumnMin = 8;

struct Layout {
  std::vector<std::size_t> widths;
  std::vector<std::vector<std::string>> cells;
};

Layout measure(const std::vector<Grid::Column>& columns,
               const std::vector<std::vector<Cell>>& rows) {
  Layout layout;
  for (const Grid::Column& column : columns) layout.widths.push_back(display_width(column.title));
  layout.cells.reserve(rows.size());
  for (const std::vector<Cell>& row : rows) {
    std::vector<std::string> clean(columns.size());
    for (std::size_t i = 0; i < columns.size() && i < row.size(); ++i) {
      clean[i] = sanitize(row[i].text);
      layout.widths[i] = std::max(layout.widths[i], display_width(clean[i]));
    }
    layout.cells.push_back(std::move(clean));
  }
  return layout;
}

/// Takes what is too much for the terminal from the widest left-aligned columns.
void shrink(Layout& layout, const std::vector<Grid::Column>& columns, std::size_t limit) {
  const auto total = [&] {
    std::size_t sum = columns.empty() ? 0 : kGap * (columns.size() - 1);
    for (const std::size_t width : layout.widths) sum += width;
    return sum;
  };
  while (total() > limit) {
    std::size_t widest = columns.size();
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (columns[i].align == Grid::Align::Right || layout.widths[i] <= kColumnMin) continue;
      if (widest == columns.size() || layout.widths[i] > layout.widths[widest]) widest = i;
    }
    if (widest == columns.size()) return;  // nothing gives way: the terminal wraps
    const std::size_t over = total() - limit;
    layout.widths[widest] -= std::min(over, layout.widths[widest] - kColumnMin);
  }
}

void draw_row(std::string& page, const std::vector<std::string>& cells,
              const std::vector<Style>& styles, const Layout& layout,
              const std::vector<Grid::Column>& columns, bool color) {
  std::size_t owed = 0;  // spaces not written yet, so that no line ends in spaces
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::string text = cut_to_width(cells[i], layout.widths[i]);
    const std::size_t pad = layout.widths[i] - display_width(text);
    const bool right = columns[i].align == Grid::Align::Right;
    if (!text.empty()) {
      page.append(owed + (right ? pad : 0), ' ');
      page += color ? paint(text, styles[i], color) : text;
      owed = right ? 0 : pad;
    } else {
      owed += layout.widths[i];
    }
    owed += kGap;
  }
  page += '\n';
}

}  // namespace

std::string Grid::draw(int width, bool color) const {
  Layout layout = measure(columns_, rows_);
  if (width > 0) shrink(layout, columns_, static_cast<std::size_t>(width));
  std::vector<std::string> titles;
  for (const Column& column : columns_) titles.push_back(column.title);
  const bool titled = std::any_of(titles.begin(), titles.end(),
                                  [](const std::string& title) { return !title.empty(); });
  std::string text;
  if (titled) {
    draw_row(text, titles, std::vector<Style>(columns_.size(), Style::Heading), layout, columns_,
             color);
  }
  std::vector<Style> styles(columns_.size());
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    styles.assign(columns_.size(), Style::Plain);
    for (std::size_t i = 0; i < columns_.size() && i < rows_[r].size(); ++i) {
      styles[i] = rows_[r][i].style;
    }
    draw_row(text, layout.cells[r], styles, layout, columns_, color);
  }
  return text;
}

}  // namespace weco::cli
