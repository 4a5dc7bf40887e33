// SPDX-License-Identifier: Apache-2.0
// What devices and files say reaches a terminal only in a harmless form.
#include <cstddef>
#include <string>

#include "cli/render/grid.hpp"
#include "cli/render/json.hpp"
#include "cli/render/text.hpp"
#include "cli/render/tree.hpp"
#include "cli/suggest.hpp"
#include "host/failure/nearest.hpp"
#include "tests/support/catch.hpp"

using namespace weco;
using namespace weco::cli;

namespace {

/// No byte a terminal would act on, and valid UTF-8 all through.
bool harmless(const std::string& text) {
  for (const char c : text) {
    const auto b = static_cast<unsigned char>(c);
    if (b < 0x20 || b == 0x7F) return false;
  }
  return sanitize(text) == text;
}

}  // namespace

TEST_CASE("control characters of a device are shown, not obeyed", "[TK-10]") {
  CHECK(sanitize("plain text 123") == "plain text 123");
  CHECK(sanitize("\x1b[31mred\x1b[0m") == "\\x1B[31mred\\x1B[0m");
  CHECK(sanitize("a\r\nb\tc") == "a\\x0D\\x0Ab\\x09c");
  CHECK(sanitize(std::string_view("a\0b", 3)) == "a\\x00b");
  CHECK(sanitize("\x7f") == "\\x7F");
  CHECK(sanitize("\xC2\x9B"
                 "31m") == "\\xC2\\x9B31m");  // the one-byte form of ESC [
}

TEST_CASE("bytes that are no UTF-8 are shown one by one", "[TK-10]") {
  CHECK(sanitize("\xFF\xFE") == "\\xFF\\xFE");
  CHECK(sanitize("\xC0\xAF") == "\\xC0\\xAF");                    // overlong slash
  CHECK(sanitize("\xE0\x80\xAF") == "\\xE0\\x80\\xAF");           // overlong slash
  CHECK(sanitize("\xED\xA0\x80") == "\\xED\\xA0\\x80");           // surrogate
  CHECK(sanitize("\xF4\x90\x80\x80") == "\\xF4\\x90\\x80\\x80");  // beyond U+10FFFF
  CHECK(sanitize("ab\xE2\x82") == "ab\\xE2\\x82");                // ends too early
  CHECK(sanitize("€ 25 °C Ω") == "€ 25 °C Ω");
}

TEST_CASE("marks that turn the reading direction or hide are shown", "[TK-10]") {
  CHECK(sanitize("a\u202Eb") == "a\\xE2\\x80\\xAEb");
  CHECK(sanitize("a\u2066b\u2069") == "a\\xE2\\x81\\xA6b\\xE2\\x81\\xA9");
  CHECK(sanitize("a\u200Bb") == "a\\xE2\\x80\\x8Bb");
  CHECK(sanitize("\uFEFF") == "\\xEF\\xBB\\xBF");
}

TEST_CASE("whatever two bytes a device sends, the text stays harmless and is stable", "[TK-10]") {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string hostile = {'x', static_cast<char>(first), static_cast<char>(second), 'y'};
      const std::string clean = sanitize(hostile);
      if (!harmless(clean) || !harmless(json_string(hostile))) {
        FAIL("bytes " << first << " " << second);
      }
    }
  }
  SUCCEED("all pairs are harmless");
}

TEST_CASE("width counts columns, not bytes") {
  CHECK(display_width("abc") == 3);
  CHECK(display_width("25 °C") == 5);
  CHECK(display_width("e\u0301") == 1);
  CHECK(display_width("電池") == 4);
  CHECK(display_width("\x1b[1mbold\x1b[0m") == 4);
  CHECK(cut_to_width("abcdef", 6) == "abcdef");
  CHECK(cut_to_width("abcdefg", 6) == "abcde…");
  CHECK(cut_to_width("電池電池", 4) == "電…");
  CHECK(cut_to_width("abc", 0).empty());
}

TEST_CASE("a grid lines up digits, ends no line in spaces and gives way on a narrow terminal") {
  Grid grid({{"name"}, {"voltage [V]", Grid::Align::Right}, {"note"}});
  grid.add({{"a"}, {"3.300"}, {""}});
  grid.add({{"long name here"}, {"13.2"}, {"x\x1b[2J"}});
  CHECK(grid.draw(0, false) ==
        "name            voltage [V]  note\n"
        "a                     3.300\n"
        "long name here         13.2  x\\x1B[2J\n");
  CHECK(grid.draw(32, false) ==
        "name       voltage [V]  note\n"
        "a                3.300\n"
        "long nam…         13.2  x\\x1B[2J\n");
  CHECK(grid.draw(0, true).find("\x1b[1;4mname\x1b[0m") == 0);
}

TEST_CASE("a tree shows what hangs below what, in both alphabets") {
  TreeNode root{"site", "", Style::Plain, {}};
  root.children.push_back(
      {"tower 1", "SN 7", Style::Plain, {{"module 1\n", "", Style::Plain, {}}}});
  root.children.push_back({"tower 2", "", Style::Plain, {}});
  CHECK(draw_tree(root, true, false, 0) ==
        "site\n├─ tower 1  SN 7\n│  └─ module 1\\x0A\n└─ tower 2\n");
  CHECK(draw_tree(root, false, false, 0) ==
        "site\n|-- tower 1  SN 7\n|   `-- module 1\\x0A\n`-- tower 2\n");
}

TEST_CASE("a tree without end is drawn to its bound") {
  TreeNode root{"0", "", Style::Plain, {}};
  for (int i = 0; i < 40; ++i) {
    TreeNode above{"n", "", Style::Plain, {}};
    above.children.push_back(std::move(root));
    root = std::move(above);
  }
  const std::string text = draw_tree(root, true, false, 0);
  CHECK(text.find("deeper levels are not drawn") != std::string::npos);
}

TEST_CASE("JSON keeps the decimals of the wire and escapes what could do harm", "[TK-07]") {
  JsonWriter json;
  json.begin_object().field("v", Decimal{5120, -2}).field("n", -7).field("ok", true);
  json.key("list").begin_array().number(Decimal{10, -1}).null().text("a\"\\\n\x1b").end_array();
  json.key("empty").begin_object().end_object().field("bad", "\xFF\u202E");
  CHECK(json.end_object().str() ==
        "{\"v\":51.20,\"n\":-7,\"ok\":true,\"list\":[1.0,null,\"a\\\"\\\\\\n\\u001b\"],"
        "\"empty\":{},\"bad\":\"\\\\xFF\\u202e\"}");
}

TEST_CASE("a slip of the finger finds the word that was meant, a stranger finds none") {
  constexpr std::string_view kWords[] = {"scan", "status", "simulate", "devices"};
  CHECK(nearest("scna", kWords) == "scan");
  CHECK(nearest("stauts", kWords) == "status");
  CHECK(nearest("simulat", kWords) == "simulate");
  CHECK(nearest("dev", kWords) == "devices");
  CHECK(nearest("flash", kWords).empty());
  CHECK(nearest("", kWords).empty());
  CHECK(nearest(std::string(1000, 's'), kWords).empty());
}

TEST_CASE("a raw word keeps its highest bit") {
  JsonWriter json;
  json.begin_array().word(0xFFFFFFFFFFFFFFFFU).word(0).end_array();
  CHECK(json.str() == "[18446744073709551615,0]");
}
