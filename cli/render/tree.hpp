// SPDX-License-Identifier: Apache-2.0
// A topology as people draw it: what hangs below what.
#pragma once

#include <string>
#include <vector>

#include "cli/output.hpp"

namespace weco::cli {

struct TreeNode {
  std::string label{};  // untrusted; sanitized when drawn
  std::string note{};   // drawn dim behind the label
  Style style = Style::Plain;
  std::vector<TreeNode> children{};
};

/// Lines ended with line feeds. Without `unicode` the branches are |-- and `--. At most 32 levels
/// are drawn; a line says where deeper ones were left out.
std::string draw_tree(const TreeNode& root, bool unicode, bool color, int width);
inline std::string draw_tree(const TreeNode& root, const Output& output) {
  return draw_tree(root, output.terminal().unicode, output.color_out(), output.width_out());
}

}  // namespace weco::cli
