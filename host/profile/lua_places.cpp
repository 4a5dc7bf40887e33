// SPDX-License-Identifier: Apache-2.0
#include "host/profile/lua_places.hpp"

#include <charconv>
#include <utility>

namespace weco {
namespace {

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

class Scanner {
 public:
  Scanner(std::string_view text, int depth_max) : text_(text), depth_max_(depth_max) {}

  DataPlace scan() {
    DataPlace root;
    while (next()) {
      if (token_ != "return") continue;
      if (next() && token_ == "{") {
        root.line = line_;
        table(root, 1);
      }
      break;
    }
    return root;
  }

 private:
  /// Moves to the next token; a string literal is one token with its quotes.
  bool next() {
    skip_blank();
    if (at_ >= text_.size()) return token_ = {}, false;
    const std::size_t start = at_;
    const char c = text_[at_];
    if (c == '"' || c == '\'') {
      quoted(c);
    } else if (c == '[' && long_bracket()) {
    } else if (is_name_char(c)) {
      while (at_ < text_.size() && (is_name_char(text_[at_]) || text_[at_] == '.')) ++at_;
    } else {
      ++at_;
      if (c == '=' && at_ < text_.size() && text_[at_] == '=') ++at_;
    }
    token_ = text_.substr(start, at_ - start);
    return true;
  }

  void skip_blank() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '-' && text_.substr(at_, 2) == "--") {
        at_ += 2;
        if (at_ < text_.size() && text_[at_] == '[' && long_bracket()) continue;
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      } else if (c == '\n') {
        ++line_;
        ++at_;
      } else if (c == ' ' || c == '\t' || c == '\r') {
        ++at_;
      } else {
        return;
      }
    }
  }

  void quoted(char quote) {
    ++at_;
    while (at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n') {
      at_ += text_[at_] == '\\' ? 2U : 1U;
    }
    at_ = at_ < text_.size() ? at_ + 1 : text_.size();
  }

  /// [[...]] or [=[...]=]; leaves the position alone when it is none.
  bool long_bracket() {
    std::size_t p = at_ + 1;
    while (p < text_.size() && text_[p] == '=') ++p;
    if (p >= text_.size() || text_[p] != '[') return false;
    const std::string close = "]" + std::string(p - at_ - 1, '=') + "]";
    std::size_t end = text_.find(close, p);
    end = end == std::string_view::npos ? text_.size() : end + close.size();
    for (; at_ < end; ++at_) line_ += text_[at_] == '\n' ? 1 : 0;
    return true;
  }

  /// Entries up to the closing brace; the opening one is the current token.
  void table(DataPlace& place, int depth) {
    std::int64_t position = 0;
    if (!next()) return;
    while (token_ != "}") {
      DataPlace entry;
      entry.line = line_;
      const bool keyed = key(entry);
      if (!keyed) entry.number = ++position;
      if (token_ == "{" && depth < depth_max_) {
        table(entry, depth + 1);
        if (!next()) return;
      }
      place.entries.push_back(std::move(entry));
      if (!skip_value()) return;
      if (token_ == "," || token_ == ";") {
        if (!next()) return;
      }
    }
  }

  /// Reads `name =` or `[key] =`; afterwards the current token is the first of the value.
  bool key(DataPlace& entry) {
    const std::string_view first = token_;
    const std::size_t at = at_;
    const int line = line_;
    if (first == "[") {
      next();
      std::string_view word = token_;
      const bool negative = word == "-";
      if (negative) {
        next();
        word = token_;
      }
      name_entry(entry, word, negative);
      next();  // ]
      next();  // =
      next();
      return true;
    }
    if (is_name_char(first[0]) && next() && token_ == "=") {
      entry.named = true;
      entry.key = first;
      next();
      return true;
    }
    token_ = first;
    at_ = at;
    line_ = line;
    return false;
  }

  static void name_entry(DataPlace& entry, std::string_view word, bool negative) {
    if (word.size() >= 2 && (word.front() == '"' || word.front() == '\'')) {
      entry.named = true;
      entry.key = word.substr(1, word.size() - 2);
      return;
    }
    const bool hex = word.size() > 2 && word[0] == '0' && (word[1] == 'x' || word[1] == 'X');
    if (hex) word.remove_prefix(2);
    std::int64_t number = 0;
    std::from_chars(word.data(), word.data() + word.size(), number, hex ? 16 : 10);
    entry.number = negative ? -number : number;
  }

  /// Moves to the comma or brace that ends the entry.
  bool skip_value() {
    int open = 0;
    while (true) {
      if (open == 0 && (token_ == "," || token_ == ";" || token_ == "}")) return true;
      if (token_ == "{" || token_ == "(" || token_ == "[") ++open;
      if (token_ == "}" || token_ == ")" || token_ == "]") --open;
      if (!next()) return false;
    }
  }

  std::string_view text_;
  int depth_max_;
  std::size_t at_ = 0;
  int line_ = 1;
  std::string_view token_;
};

}  // namespace

DataPlace find_places(std::string_view text, int depth_max) {
  return Scanner(text, depth_max).scan();
}

}  // namespace weco
