// SPDX-License-Identifier: Apache-2.0
#include "lua/state/pattern.hpp"

#include <cstring>
#include <optional>

namespace weco::lua {
namespace {

constexpr std::size_t kNowhere = std::string_view::npos;

bool within(unsigned char c, unsigned char low, unsigned char high) {
  return c >= low && c <= high;
}
bool is_digit(unsigned char c) { return within(c, '0', '9'); }
bool is_lower(unsigned char c) { return within(c, 'a', 'z'); }
bool is_upper(unsigned char c) { return within(c, 'A', 'Z'); }
bool is_letter(unsigned char c) { return is_lower(c) || is_upper(c); }
bool is_hex(unsigned char c) { return is_digit(c) || within(c | 0x20U, 'a', 'f'); }
bool is_printable(unsigned char c) { return within(c, 0x21, 0x7E); }
bool is_space(unsigned char c) { return c == ' ' || within(c, '\t', '\r'); }

/// Whether `c` belongs to the class of that letter; a letter that names no class stands for itself.
bool in_class(unsigned char c, unsigned char letter) {
  bool member = false;
  switch (letter | 0x20U) {
    case 'a':
      member = is_letter(c);
      break;
    case 'c':
      member = c < 0x20 || c == 0x7F;
      break;
    case 'd':
      member = is_digit(c);
      break;
    case 'g':
      member = is_printable(c);
      break;
    case 'l':
      member = is_lower(c);
      break;
    case 'p':
      member = is_printable(c) && !is_letter(c) && !is_digit(c);
      break;
    case 's':
      member = is_space(c);
      break;
    case 'u':
      member = is_upper(c);
      break;
    case 'w':
      member = is_letter(c) || is_digit(c);
      break;
    case 'x':
      member = is_hex(c);
      break;
    default:
      return letter == c;
  }
  if (!is_letter(letter)) return letter == c;
  return is_upper(letter) ? !member : member;
}

/// One attempt after the other over the same text. Holds nothing that needs a destructor.
class Matcher {
 public:
  Matcher(std::string_view text, std::string_view pattern, Found& found)
      : text_(text), pattern_(pattern), found_(found) {}

  /// The end of a match of the pattern from `p` on that begins at `s`; kNowhere without one.
  std::size_t run(std::size_t s, std::size_t p) {
    if (++depth_ > kPatternDepthMax) return give_up(Match::TooExpensive, nullptr);
    const std::size_t end = steps(s, p);
    --depth_;
    return end;
  }

 private:
  std::size_t give_up(Match match, const char* mistake) {
    if (!over()) {
      found_.match = match;
      found_.mistake = mistake;
    }
    return kNowhere;
  }
  [[nodiscard]] bool over() const {
    return found_.match == Match::Malformed || found_.match == Match::TooExpensive;
  }
  bool count() {
    if (++found_.steps > kPatternStepsMax) give_up(Match::TooExpensive, nullptr);
    return !over();
  }
  [[nodiscard]] unsigned char at(std::size_t p) const {
    return static_cast<unsigned char>(p < pattern_.size() ? pattern_[p] : '\0');
  }
  [[nodiscard]] unsigned char byte(std::size_t s) const {
    return static_cast<unsigned char>(text_[s]);
  }

  /// Items that need no memory of the way are taken in a loop, the others recurse.
  std::size_t steps(std::size_t s, std::size_t p) {
    while (count()) {
      if (p == pattern_.size()) return s;
      const unsigned char c = at(p);
      if (c == '(') {
        return at(p + 1) == ')' ? open(s, p + 2, Capture::kPosition)
                                : open(s, p + 1, Capture::kOpen);
      }
      if (c == ')') return close(s, p + 1);
      if (c == '$' && p + 1 == pattern_.size()) return s == text_.size() ? s : kNowhere;
      if (c == '%') {
        const unsigned char what = at(p + 1);
        if (what == 'b' || what == 'f' || is_digit(what)) {
          const std::optional<std::size_t> next = special(s, p);
          if (!next) return kNowhere;
          s = *next;
          p = what == 'b' ? p + 4 : is_digit(what) ? p + 2 : item_end(p + 2);
          continue;
        }
      }
      const std::size_t end = item_end(p);
      if (over()) return kNowhere;
      const unsigned char suffix = at(end);
      if (suffix == '*') return most(s, p, end, 0);
      if (suffix == '+') return most(s, p, end, 1);
      if (suffix == '-') return least(s, p, end);
      const bool fits = single(s, p, end);
      if (suffix == '?') {
        if (fits) {
          const std::size_t with = run(s + 1, end + 1);
          if (with != kNowhere || over()) return with;
        }
        p = end + 1;
        continue;
      }
      if (!fits) return kNowhere;
      ++s;
      p = end;
    }
    return kNowhere;
  }

  /// Behind the single item that begins at `p`: a character, an escape or a set.
  std::size_t item_end(std::size_t p) {
    const unsigned char c = at(p++);
    if (c == '%') {
      if (p >= pattern_.size()) return give_up(Match::Malformed, "the pattern ends with %");
      return p + 1;
    }
    if (c != '[') return p;
    if (at(p) == '^') ++p;
    do {  // a ] at the beginning stands for itself
      if (p >= pattern_.size()) return give_up(Match::Malformed, "a set has no closing ]");
      if (pattern_[p++] == '%') ++p;
    } while (p >= pattern_.size() || pattern_[p] != ']');
    return p + 1;
  }

  bool single(std::size_t s, std::size_t p, std::size_t end) {
    if (s >= text_.size()) return false;
    const unsigned char c = byte(s);
    switch (at(p)) {
      case '.':
        return true;
      case '%':
        return in_class(c, at(p + 1));
      case '[':
        return in_set(c, p, end - 1);
      default:
        return at(p) == c;
    }
  }

  /// `p` is at the '[' and `last` at the ']'.
  bool in_set(unsigned char c, std::size_t p, std::size_t last) {
    bool member = true;
    ++p;
    if (at(p) == '^') {
      member = false;
      ++p;
    }
    for (; p < last; ++p) {
      found_.steps++;
      if (at(p) == '%') {
        if (in_class(c, at(++p))) return member;
      } else if (at(p + 1) == '-' && p + 2 < last) {
        if (within(c, at(p), at(p + 2))) return member;
        p += 2;
      } else if (at(p) == c) {
        return member;
      }
    }
    return !member;
  }

  std::size_t most(std::size_t s, std::size_t p, std::size_t end, std::size_t atleast) {
    std::size_t many = 0;
    while (count() && single(s + many, p, end)) ++many;
    for (std::size_t taken = many + 1; taken-- > atleast && !over();) {
      const std::size_t rest = run(s + taken, end + 1);
      if (rest != kNowhere) return rest;
    }
    return kNowhere;
  }

  std::size_t least(std::size_t s, std::size_t p, std::size_t end) {
    while (count()) {
      const std::size_t rest = run(s, end + 1);
      if (rest != kNowhere || over()) return rest;
      if (!single(s, p, end)) return kNowhere;
      ++s;
    }
    return kNowhere;
  }

  std::size_t open(std::size_t s, std::size_t p, std::ptrdiff_t kind) {
    if (found_.captures == kCapturesMax) {
      return give_up(Match::Malformed, "the pattern has more than 32 captures");
    }
    found_.capture[found_.captures++] = {s, kind};
    const std::size_t end = run(s, p);
    if (end == kNowhere) --found_.captures;
    return end;
  }

  std::size_t close(std::size_t s, std::size_t p) {
    for (std::size_t i = found_.captures; i-- > 0;) {
      Capture& capture = found_.capture[i];
      if (capture.size != Capture::kOpen) continue;
      capture.size = static_cast<std::ptrdiff_t>(s - capture.begin);
      const std::size_t end = run(s, p);
      if (end == kNowhere) capture.size = Capture::kOpen;
      return end;
    }
    return give_up(Match::Malformed, "a ) closes nothing");
  }

  /// %b, %f and %1: the place behind, nothing without a match.
  std::optional<std::size_t> special(std::size_t s, std::size_t p) {
    const unsigned char what = at(p + 1);
    std::size_t end = kNowhere;
    if (what == 'b') {
      end = balanced(s, p + 2);
    } else if (what == 'f') {
      end = frontier(s, p + 2);
    } else {
      end = again(s, what);
    }
    if (end == kNowhere) return std::nullopt;
    return end;
  }

  std::size_t balanced(std::size_t s, std::size_t p) {
    if (p + 1 >= pattern_.size()) {
      return give_up(Match::Malformed, "%b needs two characters behind it");
    }
    if (s >= text_.size() || byte(s) != at(p)) return kNowhere;
    std::size_t open = 1;
    for (std::size_t i = s + 1; i < text_.size() && count(); ++i) {
      if (byte(i) == at(p + 1)) {
        if (--open == 0) return i + 1;
      } else if (byte(i) == at(p)) {
        ++open;
      }
    }
    return kNowhere;
  }

  std::size_t frontier(std::size_t s, std::size_t p) {
    if (at(p) != '[') return give_up(Match::Malformed, "%f needs a set behind it");
    const std::size_t end = item_end(p);
    if (over()) return kNowhere;
    const unsigned char before = s == 0 ? '\0' : byte(s - 1);
    const unsigned char here = s < text_.size() ? byte(s) : '\0';
    return !in_set(before, p, end - 1) && in_set(here, p, end - 1) ? s : kNowhere;
  }

  std::size_t again(std::size_t s, unsigned char digit) {
    const std::size_t index = static_cast<std::size_t>(digit) - '1';
    if (digit == '0' || index >= found_.captures || found_.capture[index].size < 0) {
      return give_up(Match::Malformed, "the pattern refers to a capture that is not there");
    }
    const auto size = static_cast<std::size_t>(found_.capture[index].size);
    found_.steps += size;
    if (text_.size() - s < size ||
        text_.substr(found_.capture[index].begin, size) != text_.substr(s, size)) {
      return kNowhere;
    }
    return s + size;
  }

  std::string_view text_;
  std::string_view pattern_;
  Found& found_;
  int depth_ = 0;
};

}  // namespace

Found find_pattern(std::string_view text, std::string_view pattern, std::size_t from) {
  Found found;
  const bool anchored = !pattern.empty() && pattern.front() == '^';
  for (std::size_t s = from; s <= text.size(); ++s) {
    found.captures = 0;
    const std::size_t end = Matcher(text, pattern, found).run(s, anchored ? 1 : 0);
    if (found.match != Match::No) return found;
    if (end != kNowhere) {
      for (std::size_t i = 0; i < found.captures; ++i) {
        if (found.capture[i].size == Capture::kOpen) {
          found.match = Match::Malformed;
          found.mistake = "a ( is never closed";
          return found;
        }
      }
      found.match = Match::Yes;
      found.begin = s;
      found.end = end;
      return found;
    }
    if (anchored) break;
  }
  return found;
}

}  // namespace weco::lua
