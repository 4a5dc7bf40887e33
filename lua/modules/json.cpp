// SPDX-License-Identifier: Apache-2.0
#include "lua/modules/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "lua/state/sandbox.hpp"

namespace weco::lua {
namespace {

class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : text_(text) {}

  Outcome<Value> whole() {
    auto value = read(1);
    if (!value) return value;
    skip();
    if (at_ < text_.size()) return wrong("more follows behind the value");
    return value;
  }

 private:
  Unexpected<Failure> wrong(std::string_view what) const {
    return failure(ErrorCode::BadInput, fmt::format("byte {} of the JSON: {}", at_ + 1, what));
  }
  void skip() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) < 4) ++at_;
  }
  bool take(char c) {
    skip();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool word(std::string_view expected) {
    if (text_.substr(at_, expected.size()) != expected) return false;
    at_ += expected.size();
    return true;
  }

  Outcome<Value> read(int depth) {
    skip();
    if (depth > kJsonDepthMax) return wrong("nested deeper than 16");
    if (++values_ > kValuesMax) return wrong("more than 50000 values");
    if (at_ >= text_.size()) return wrong("it ends too early");
    const char c = text_[at_];
    if (c == '{') return object(depth);
    if (c == '[') return array(depth);
    if (c == '"') {
      auto text = string();
      if (!text) return Unexpected{std::move(text).error()};
      return Value::of(std::move(*text));
    }
    if (word("true")) return Value::boolean(true);
    if (word("false")) return Value::boolean(false);
    if (word("null")) return Value{};
    return number();
  }

  Outcome<Value> number() {
    const std::size_t end = std::min(text_.find_first_not_of("+-.0123456789eE", at_), text_.size());
    const char* first = text_.data() + at_;
    const char* last = text_.data() + end;
    const std::size_t digits = at_ + (first != last && *first == '-' ? 1U : 0U);
    const bool zeros = digits + 1 < end && text_[digits] == '0' && text_[digits + 1] != '.' &&
                       text_[digits + 1] != 'e' && text_[digits + 1] != 'E';
    std::int64_t whole = 0;
    double value = 0;
    if (first == last || digits >= end || text_[digits] < '0' || text_[digits] > '9' || zeros) {
      return wrong("no value begins like this");
    }
    if (const auto read = std::from_chars(first, last, whole);
        read.ec == std::errc{} && read.ptr == last) {
      at_ = end;
      return Value::of(whole);
    }
    const auto read = std::from_chars(first, last, value);
    if (read.ec != std::errc{} || read.ptr != last) return wrong("this is no number");
    at_ = end;
    return Value::of(value);
  }

  bool hex4(std::uint32_t& code) {
    const char* begin = text_.data() + at_;
    if (text_.size() - at_ < 4 || std::from_chars(begin, begin + 4, code, 16).ptr != begin + 4) {
      return false;
    }
    at_ += 4;
    return true;
  }

  static void append(std::string& out, std::uint32_t code) {
    const auto byte = [&](std::uint32_t b) { out += static_cast<char>(b); };
    if (code < 0x80) {
      byte(code);
    } else if (code < 0x800) {
      byte(0xC0U | (code >> 6U));
      byte(0x80U | (code & 0x3FU));
    } else {
      if (code < 0x10000) {
        byte(0xE0U | (code >> 12U));
      } else {
        byte(0xF0U | (code >> 18U));
        byte(0x80U | ((code >> 12U) & 0x3FU));
      }
      byte(0x80U | ((code >> 6U) & 0x3FU));
      byte(0x80U | (code & 0x3FU));
    }
  }

  bool escape(std::string& out) {
    static constexpr std::string_view kFrom = "\"\\/bfnrt";
    static constexpr std::string_view kTo = "\"\\/\b\f\n\r\t";
    const char c = text_[at_++];
    if (const std::size_t index = kFrom.find(c); index != std::string_view::npos) {
      out += kTo[index];
      return true;
    }
    std::uint32_t code = 0;
    if (c != 'u' || !hex4(code)) return false;
    if (code >= 0xD800 && code < 0xDC00) {
      std::uint32_t low = 0;
      if (!word("\\u") || !hex4(low) || low < 0xDC00 || low > 0xDFFF) return false;
      code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
    }
    append(out, code);
    return true;
  }

  Outcome<std::string> string() {
    std::string out;
    ++at_;
    while (at_ < text_.size() && text_[at_] != '"') {
      const char c = text_[at_++];
      if (static_cast<unsigned char>(c) < 0x20) return wrong("a control character in a text");
      if (c != '\\') {
        out += c;
      } else if (at_ >= text_.size() || !escape(out)) {
        return wrong("no escape looks like this");
      }
    }
    if (at_ >= text_.size()) return wrong("a text without an end");
    ++at_;
    return out;
  }

  Outcome<Value> array(int depth) {
    ++at_;
    Value list = Value::table();
    if (take(']')) return list;
    for (std::int64_t number = 1;; ++number) {
      auto value = read(depth + 1);
      if (!value) return value;
      if (!value->is(Value::Kind::Nil)) list.entries.push_back({{}, number, std::move(*value)});
      if (take(']')) return list;
      if (!take(',')) return wrong("a comma or ] is missing");
    }
  }

  Outcome<Value> object(int depth) {
    ++at_;
    Value table = Value::table();
    if (take('}')) return table;
    for (;;) {
      skip();
      if (at_ >= text_.size() || text_[at_] != '"')
        return wrong("a name in quotation marks is missing");
      auto name = string();
      if (!name) return Unexpected{std::move(name).error()};
      if (!take(':')) return wrong("a colon is missing");
      auto value = read(depth + 1);
      if (!value) return value;
      if (!name->empty() && !value->is(Value::Kind::Nil))
        table.set(std::move(*name), std::move(*value));
      if (take('}')) return table;
      if (!take(',')) return wrong("a comma or } is missing");
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t values_ = 0;
};

void write_text(std::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n' || c == '\t') {
      out += c == '\n' ? "\\n" : "\\t";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    } else {
      out += c;
    }
  }
  out += '"';
}

Done write(const Value& value, std::string& out) {
  switch (value.kind) {
    case Value::Kind::Nil:
      out += "null";
      return {};
    case Value::Kind::Boolean:
      out += value.truth ? "true" : "false";
      return {};
    case Value::Kind::Whole:
    case Value::Kind::Number:
      if (!std::isfinite(value.number)) {
        return failure(ErrorCode::BadInput, "JSON has no number that is not finite");
      }
      out += number_text(value);
      return {};
    case Value::Kind::Text:
      write_text(value.text, out);
      return {};
    case Value::Kind::Function:
      return failure(ErrorCode::BadInput, "a function cannot be written as JSON");
    case Value::Kind::Table:
      break;
  }
  const bool list = value.entries.empty() || value.entries.front().numbered();
  out += list ? '[' : '{';
  std::int64_t next = 1;
  for (const Entry& entry : value.entries) {
    if (entry.numbered() != list || (list && entry.number != next)) {
      return failure(ErrorCode::BadInput,
                     "a table that is neither a list without holes nor names with values", {},
                     "JSON knows lists and objects only.");
    }
    if (next++ > 1) out += ',';
    if (!list) {
      write_text(entry.name, out);
      out += ':';
    }
    if (Done done = write(entry.value, out); !done) return done;
  }
  out += list ? ']' : '}';
  return {};
}

}  // namespace

Outcome<Value> read_json(std::string_view text) { return JsonReader(text).whole(); }

Outcome<std::string> write_json(const Value& value) {
  std::string out;
  if (Done done = write(value, out); !done) return Unexpected{std::move(done).error()};
  return out;
}

std::string number_text(const Value& value) {
  if (value.is(Value::Kind::Whole)) return std::to_string(value.whole);
  return fmt::format("{}", value.number);
}

}  // namespace weco::lua
