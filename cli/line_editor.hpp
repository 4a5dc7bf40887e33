// SPDX-License-Identifier: Apache-2.0
// Lines typed by a person: edited, remembered and completed with libedit, which follows the
// person's own ~/.editrc. Where stdin is no terminal, lines are read as they come and nothing is
// shown.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace weco::cli {

/// What may stand where the last word was begun.
struct Offer {
  std::size_t typed = 0;           // bytes of that word in front of the cursor
  std::vector<std::string> words;  // whole words; those that do not begin as typed are left out
};

struct TypedLine {
  enum class Kind { Line, Interrupted, Ended };
  Kind kind = Kind::Ended;
  std::string text;  // without its end
};

class LineEditor {
 public:
  using Complete = std::function<Offer(const std::string& before)>;
  /// Remembers lines from one session to the next in `history`; empty: in this one only.
  LineEditor(std::string history, Complete complete);
  ~LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  /// Waits for a line.
  TypedLine read(const std::string& prompt);
  /// Keeps a text for the arrow keys.
  void remember(const std::string& text);
  [[nodiscard]] bool at_terminal() const { return editor_ != nullptr; }

 private:
  class Editor;
  std::unique_ptr<Editor> editor_;  // nullptr: no terminal
};

}  // namespace weco::cli
