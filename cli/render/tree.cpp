// SPDX-License-Identifier: Apache-2.0
#include "cli/render/tree.hpp"

#include <cstddef>

#include "cli/render/text.hpp"

namespace weco::cli {
namespace {

constexpr std::size_t kLevelsMax = 32;

struct Branches {
  std::string_view middle;
  std::string_view last;
  std::string_view pass;
};
constexpr Branches kUnicode = {"├─ ", "└─ ", "│  "};
constexpr Branches kAscii = {"|-- ", "`-- ", "|   "};

struct Pen {
  const Branches& branches;
  bool color;
  int width;
  std::string text;

  void line(const std::string& lead, const TreeNode& node) {
    std::string label = sanitize(node.label);
    std::string note = sanitize(node.note);
    if (width > 0) {
      const std::size_t limit = static_cast<std::size_t>(width);
      const std::size_t used = display_width(lead);
      const std::size_t room = used < limit ? limit - used : 1;
      label = cut_to_width(label, room);
      const std::size_t left = room - display_width(label);
      note = left > 4 ? cut_to_width(note, left - 2) : std::string();
    }
    text += paint(lead, Style::Dim, color) + paint(label, node.style, color);
    if (!note.empty()) text += "  " + paint(note, Style::Dim, color);
    text += '\n';
  }

  // Depth is bounded by kLevelsMax.
  void below(const TreeNode& node, const std::string& lead, std::size_t level) {
    if (level == kLevelsMax && !node.children.empty()) {
      line(lead + std::string(branches.last), {.label = "... deeper levels are not drawn"});
      return;
    }
    for (const TreeNode& child : node.children) {
      const bool last = &child == &node.children.back();
      line(lead + std::string(last ? branches.last : branches.middle), child);
      const std::string pass(last ? std::string(display_width(branches.pass), ' ')
                                  : std::string(branches.pass));
      below(child, lead + pass, level + 1);
    }
  }
};

}  // namespace

std::string draw_tree(const TreeNode& root, bool unicode, bool color, int width) {
  Pen pen{unicode ? kUnicode : kAscii, color, width, {}};
  pen.line("", root);
  pen.below(root, "", 0);
  return pen.text;
}

}  // namespace weco::cli
