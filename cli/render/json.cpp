// SPDX-License-Identifier: Apache-2.0
#include "cli/render/json.hpp"

#include <cstddef>

#include "cli/render/text.hpp"
#include "core/base/assert.hpp"
#include "host/text/utf8.hpp"

namespace weco::cli {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

void append_unit(std::string& out, char32_t unit) {
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += kHex[(unit >> shift) & 15U];
}

void append_escape(std::string& out, char32_t c) {
  if (c == '\n') {
    out += "\\n";
  } else if (c == '\t') {
    out += "\\t";
  } else if (c < 0x10000) {
    append_unit(out, c);
  } else {  // a pair of surrogates
    append_unit(out, 0xD800U + ((c - 0x10000U) >> 10));
    append_unit(out, 0xDC00U + ((c - 0x10000U) & 0x3FFU));
  }
}

void append_json(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    std::size_t plain = 0;  // of printable ASCII that stands for itself: nearly all there is
    while (plain < text.size() && text[plain] >= ' ' && text[plain] <= '~' && text[plain] != '"' &&
           text[plain] != '\\') {
      ++plain;
    }
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const CodePoint c = first_code_point(text);
    const std::string_view bytes = text.substr(0, c.size);
    if (!c.valid) {  // the visible form \xNN, its backslash escaped for JSON
      out += '\\';
      out += sanitize(bytes);
    } else if (is_unprintable(c.value)) {
      append_escape(out, c.value);
    } else {
      if (c.value == '"' || c.value == '\\') out += '\\';
      out += bytes;
    }
    text.remove_prefix(c.size);
  }
  out += '"';
}

}  // namespace

std::string json_string(std::string_view text) {
  std::string out;
  append_json(out, text);
  return out;
}

void JsonWriter::before_value() {
  if (open_.empty()) {
    WECO_ASSERT(text_.empty());  // one value in all
    return;
  }
  WECO_ASSERT(open_.back() != '{');  // inside an object a key comes first
  if (open_.back() == '}') {
    open_.back() = '{';
  } else {
    if (!first_) text_ += ',';
  }
  first_ = false;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  WECO_ASSERT(!open_.empty() && open_.back() == '{');
  if (!first_) text_ += ',';
  first_ = false;
  append_json(text_, name);
  text_ += ':';
  open_.back() = '}';
  return *this;
}

JsonWriter& JsonWriter::begin_object() {
  before_value();
  text_ += '{';
  open_.push_back('{');
  first_ = true;
  return *this;
}
JsonWriter& JsonWriter::end_object() {
  WECO_ASSERT(!open_.empty() && open_.back() == '{');
  open_.pop_back();
  text_ += '}';
  first_ = false;
  return *this;
}
JsonWriter& JsonWriter::begin_array() {
  before_value();
  text_ += '[';
  open_.push_back('[');
  first_ = true;
  return *this;
}
JsonWriter& JsonWriter::end_array() {
  WECO_ASSERT(!open_.empty() && open_.back() == '[');
  open_.pop_back();
  text_ += ']';
  first_ = false;
  return *this;
}
JsonWriter& JsonWriter::text(std::string_view value) {
  before_value();
  append_json(text_, value);
  return *this;
}
JsonWriter& JsonWriter::number(std::int64_t value) {
  before_value();
  text_ += std::to_string(value);
  return *this;
}

JsonWriter& JsonWriter::word(std::uint64_t bits) {
  before_value();
  text_ += std::to_string(bits);
  return *this;
}
JsonWriter& JsonWriter::number(Decimal value) {
  before_value();
  text_ += to_text(value).view();
  return *this;
}
JsonWriter& JsonWriter::boolean(bool value) {
  before_value();
  text_ += value ? "true" : "false";
  return *this;
}
JsonWriter& JsonWriter::null() {
  before_value();
  text_ += "null";
  return *this;
}

const std::string& JsonWriter::str() const {
  WECO_ASSERT(open_.empty() && !text_.empty());
  return text_;
}

}  // namespace weco::cli
