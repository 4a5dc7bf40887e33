// SPDX-License-Identifier: Apache-2.0
#include "core/protocol/can/candump.hpp"

#include <algorithm>

#include "core/protocol/can/hex.hpp"

namespace weco::candump {
namespace {

using can_text::append_hex;
using can_text::hex_value;
using can_text::parse_hex;

constexpr std::uint32_t kErrorFlag = 0x20000000;  // in an 8-digit id: a report of the controller
constexpr std::uint32_t kExtendedMax = 0x1FFFFFFF;

constexpr bool is_space(char c) { return c == ' ' || c == '\t'; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// A line being read: words with their columns.
class Cursor {
 public:
  Cursor(std::string_view text, std::uint32_t line) : text_(text), line_(line) {}

  std::string_view word() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
    start_ = at_;
    while (at_ < text_.size() && !is_space(text_[at_])) ++at_;
    return text_.substr(start_, at_ - start_);
  }
  [[nodiscard]] Unexpected<TextError> error(ErrorCode code, std::size_t inside = 0) const {
    return {TextError{code, line_, static_cast<std::uint32_t>(start_ + inside + 1)}};
  }

 private:
  std::string_view text_;
  std::uint32_t line_;
  std::size_t at_ = 0;
  std::size_t start_ = 0;
};

using Outcome = Result<bool, TextError>;

/// "(seconds.fraction)", the fraction with 1..9 digits.
Outcome parse_time(const Cursor& cursor, std::string_view word, Record& record) {
  if (word.size() < 3 || word.back() != ')') return cursor.error(ErrorCode::BadInput);
  std::int64_t seconds = 0;
  std::int64_t micro = 0;
  int fraction = -1;  // digits after the point
  for (std::size_t i = 1; i + 1 < word.size(); ++i) {
    if (word[i] == '.' && fraction < 0 && i > 1) {
      fraction = 0;
      continue;
    }
    if (!is_digit(word[i])) return cursor.error(ErrorCode::BadInput, i);
    const int digit = word[i] - '0';
    if (fraction >= 0) {
      if (++fraction <= 6) micro = micro * 10 + digit;
    } else {
      if (seconds > 100000000000) return cursor.error(ErrorCode::OutOfRange, i);
      seconds = seconds * 10 + digit;
    }
  }
  if (fraction == 0) return cursor.error(ErrorCode::BadInput, word.size() - 1);
  for (int i = std::max(fraction, 0); i < 6; ++i) micro *= 10;
  record.has_time = true;
  record.frame.at = Instant::from_us(seconds * 1000000 + micro);
  return true;
}

/// 3 digits: 11 bits; 8 digits: 29 bits, or an error report when its flag is set.
Outcome parse_id(const Cursor& cursor, std::string_view word, CanFrame& frame) {
  std::uint32_t id = 0;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (hex_value(word[i]) < 0) return cursor.error(ErrorCode::BadInput, i);
  }
  if ((word.size() != 3 && word.size() != 8) || !parse_hex(word, id)) {
    return cursor.error(ErrorCode::BadInput);
  }
  frame.extended = word.size() == 8;
  if (frame.extended && (id & kErrorFlag) != 0) {
    frame.error = true;
    frame.extended = false;
    id &= ~kErrorFlag;
  }
  const bool standard = word.size() == 3;
  if (id > (standard ? 0x7FFU : kExtendedMax)) return cursor.error(ErrorCode::OutOfRange);
  frame.id = id;
  return true;
}

/// What follows '#' in the log form.
Outcome parse_log_data(const Cursor& cursor, std::string_view word, std::size_t at,
                       CanFrame& frame) {
  if (at < word.size() && word[at] == '#') return cursor.error(ErrorCode::Unsupported, at);
  if (at < word.size() && (word[at] == 'R' || word[at] == 'r')) {
    frame.remote = true;
    ++at;
    if (at == word.size()) return true;
    if (at + 1 != word.size() || !is_digit(word[at])) return cursor.error(ErrorCode::BadInput, at);
    if (word[at] > '8') return cursor.error(ErrorCode::OutOfRange, at);
    frame.size = static_cast<std::uint8_t>(word[at] - '0');
    return true;
  }
  while (at < word.size()) {
    if (word[at] == '.' && frame.size > 0) ++at;  // the tools accept dots between bytes
    if (at >= word.size() || hex_value(word[at]) < 0) return cursor.error(ErrorCode::BadInput, at);
    if (at + 1 == word.size() || hex_value(word[at + 1]) < 0) {
      return cursor.error(ErrorCode::BadInput, at + 1);
    }
    if (frame.size == CanFrame::kDataMax) return cursor.error(ErrorCode::OutOfRange, at);
    std::uint32_t byte = 0;
    static_cast<void>(parse_hex(word.substr(at, 2), byte));
    frame.data[frame.size++] = static_cast<std::uint8_t>(byte);
    at += 2;
  }
  return true;
}

/// Console form from the word after the interface: id, [size], bytes.
Outcome parse_console(Cursor& cursor, std::string_view word, CanFrame& frame) {
  if (word == "RX" || word == "TX") {  // -x: direction and two flag columns
    static_cast<void>(cursor.word());
    static_cast<void>(cursor.word());
    word = cursor.word();
  }
  if (const Outcome id = parse_id(cursor, word, frame); !id) return id;
  word = cursor.word();
  if (word.size() == 4 && word.front() == '[' && word.back() == ']' && is_digit(word[1]) &&
      is_digit(word[2])) {
    return cursor.error(ErrorCode::Unsupported);  // two digits of size: CAN FD
  }
  if (word.size() != 3 || word.front() != '[' || word.back() != ']' || !is_digit(word[1])) {
    return cursor.error(ErrorCode::BadInput);
  }
  if (word[1] > '8') return cursor.error(ErrorCode::OutOfRange, 1);
  frame.size = static_cast<std::uint8_t>(word[1] - '0');
  for (std::size_t i = 0; i < frame.size; ++i) {
    word = cursor.word();
    if (i == 0 && word == "remote") {
      frame.remote = true;
      word = cursor.word();
      return word == "request" ? Outcome(true) : cursor.error(ErrorCode::BadInput);
    }
    std::uint32_t byte = 0;
    if (word.size() != 2 || !parse_hex(word, byte)) return cursor.error(ErrorCode::BadInput);
    frame.data[i] = static_cast<std::uint8_t>(byte);
  }
  word = cursor.word();
  if (frame.size == 0 && word == "remote") {
    frame.remote = true;
    word = cursor.word();
    return word == "request" ? Outcome(true) : cursor.error(ErrorCode::BadInput);
  }
  // After the bytes only what the tools add: the same as text in quotes, or a mark.
  if (!word.empty() && word.front() != '\'' && word != "ERRORFRAME") {
    return cursor.error(ErrorCode::BadInput);
  }
  return true;
}

void append_interface(Text& text, const Record& record) {
  text.append(record.interface.empty() ? std::string_view("can0") : record.interface.view());
}

void append_decimal(Text& text, std::int64_t value, int digits) {
  char buffer[20] = {};
  int count = 0;
  while (value != 0 || count < digits) {
    buffer[count++] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  while (count > 0) text.append({&buffer[--count], 1});
}

void append_time(Text& text, const Record& record) {
  const std::int64_t us = record.has_time ? std::max<std::int64_t>(0, record.frame.at.to_us()) : 0;
  text.append("(");
  append_decimal(text, us / 1000000, 10);
  text.append(".");
  append_decimal(text, us % 1000000, 6);
  text.append(") ");
}

void append_id(Text& text, const CanFrame& frame) {
  const bool wide = frame.extended || frame.error;
  append_hex(text, frame.error ? frame.id | kErrorFlag : frame.id, wide ? 8 : 3);
}

}  // namespace

Outcome parse_line(std::string_view text, std::uint32_t line, Record& record) {
  record = Record();
  Cursor cursor(text, line);
  std::string_view word = cursor.word();
  if (word.empty() || word.front() == '#') return false;
  if (word.front() == '(') {
    if (const Outcome time = parse_time(cursor, word, record); !time) return time;
    word = cursor.word();
  }
  if (word.empty()) return cursor.error(ErrorCode::BadInput);
  record.interface = FixedString<16>(word);
  if (record.interface.cut()) return cursor.error(ErrorCode::OutOfRange);
  word = cursor.word();
  const std::size_t mark = word.find('#');
  if (mark == std::string_view::npos) return parse_console(cursor, word, record.frame);
  if (const Outcome id = parse_id(cursor, word.substr(0, mark), record.frame); !id) return id;
  if (const Outcome data = parse_log_data(cursor, word, mark + 1, record.frame); !data) return data;
  word = cursor.word();  // newer tools add the direction
  if (!word.empty() && word != "R" && word != "T") return cursor.error(ErrorCode::BadInput);
  return true;
}

Outcome Reader::next(Record& record) {
  while (!rest_.empty()) {
    const std::size_t end = rest_.find('\n');
    std::string_view text = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    ++line_;
    if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
    const Outcome outcome = parse_line(text, line_, record);
    if (!outcome || *outcome) return outcome;
  }
  return false;
}

Text format_log(const Record& record) {
  Text text;
  append_time(text, record);
  append_interface(text, record);
  text.append(" ");
  append_id(text, record.frame);
  text.append("#");
  if (record.frame.remote) {
    text.append("R");
    if (record.frame.size > 0) append_decimal(text, record.frame.size, 1);
    return text;
  }
  for (const std::uint8_t byte : record.frame.bytes()) append_hex(text, byte, 2);
  return text;
}

Text format_console(const Record& record) {
  Text text;
  text.append(" ");
  if (record.has_time) append_time(text, record);
  text.append(" ");
  append_interface(text, record);
  text.append("  ");
  append_id(text, record.frame);
  text.append("   [");
  append_decimal(text, record.frame.size, 1);
  text.append("] ");
  if (record.frame.remote) {
    text.append(" remote request");
    return text;
  }
  for (const std::uint8_t byte : record.frame.bytes()) {
    text.append(" ");
    append_hex(text, byte, 2);
  }
  if (record.frame.error) text.append("  ERRORFRAME");
  return text;
}

}  // namespace weco::candump
