// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "host/proof/digest.hpp"
#include "host/proof/sealed.hpp"
#include "host/report/markup.hpp"
#include "host/report/qr.hpp"
#include "host/report/record.hpp"
#include "tests/cli/process.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/records/site.hpp"

using namespace weco;
using namespace weco::report;
using test::checklists;

namespace {

constexpr const char* kEvil = "<script>alert(1)</script>\"'&\x1b[2J\u202Eabc\r\n=1+1";

Source source(const std::string& text) {
  Json items = Json::array();
  for (const ChecklistItem& item : test::checklist("weco_smart", "monthly").items) {
    items.push_back({{"id", item.id},
                     {"group", item.group},
                     {"kind", name(item.kind)},
                     {"text", item.text},
                     {"result", item.id == "room" ? "not_conforming" : "ok"},
                     {"by", "operator"}});
    if (item.id == "room") {
      items.back()["note"] = text;
      items.back()["fix"] = item.fix;
    }
    if (item.id == "soc") {
      items.back()["readings"] = {{{"point", text}, {"value", "62.1"}, {"unit", text}},
                                  {{"point", "b"}, {"value", "-3"}, {"unit", "%"}}};
    }
  }
  Json body = {{"schema", "weco.record/1"},
               {"site", text},
               {"family", "weco_smart"},
               {"checklist", "monthly"},
               {"operator", text},
               {"title", "Monthly check"},
               {"number", 1},
               {"conforming", false},
               {"recommissioning", "allowed"},
               {"declaration", "discrepancy_isolated"}};
  body["items"] = std::move(items);
  body["devices"] = {{{"serial", text}, {"model", text}, {"firmware", text}}};
  const Json files = {{{"name", text}, {"sha256", "0"}, {"content", "/9j/4AAQ"}},
                      {{"name", "x.svg"}, {"sha256", "0"}, {"content", "PHN2Zz4="}}};
  return {std::move(body), files, std::string(64, 'a'), "E7620F1842B4E81F", text};
}

const Language& language(const char* code) { return **checklists().language(code); }

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) {
    ++found;
  }
  return found;
}

}  // namespace

TEST_CASE("text of devices and operators is shown as text in every report", "[WS-65][TK-10]") {
  const std::string page = as_html(source(kEvil), checklists(), language("en"));
  CHECK(page.find("<script") == std::string::npos);
  CHECK(page.find("\x1b") == std::string::npos);
  CHECK(page.find("\u202E") == std::string::npos);
  CHECK(page.find("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;\\u{1B}[2J\\u{202E}abc") !=
        std::string::npos);
  const std::string table = as_markdown(source(kEvil), checklists(), language("en"));
  CHECK(table.find("<script") == std::string::npos);
  CHECK(table.find("&lt;script&gt;") != std::string::npos);
  CHECK(table.find('\r') == std::string::npos);
  const std::string sheet = as_csv(source("=HYPERLINK(\"x\")"), checklists(), language("en"));
  CHECK(sheet.find("\"'=HYPERLINK(\"\"x\"\")\"") != std::string::npos);
  CHECK(csv("-12.5") == "\"-12.5\"");
  CHECK(csv("-1+cmd") == "\"'-1+cmd\"");
  CHECK(html("a\xff\xe2\x82") == "a\uFFFD\uFFFD\uFFFD");
  CHECK(html("Caffè € 漢") == "Caffè € 漢");
}

TEST_CASE("a report loads nothing from anywhere and closes every tag", "[WS-65]") {
  const std::string page = as_html(source("Casa Neri"), checklists(), language("en"));
  for (const char* outside :
       {"http:", "https:", "<link", "<script", "url(", "@import", "<iframe"}) {
    INFO(outside);
    CHECK(page.find(outside) == std::string::npos);
  }
  CHECK(page.find("default-src 'none'") != std::string::npos);
  for (const char* tag : {"table", "thead", "tbody", "tr", "td", "figure", "svg", "div", "h2"}) {
    INFO(tag);
    CHECK(count(page, std::string("<") + tag + ">") + count(page, std::string("<") + tag + " ") ==
          count(page, std::string("</") + tag + ">"));
  }
  CHECK(count(page, "data:image/jpeg;base64,/9j/4AAQ") == 1);
  CHECK(page.find("PHN2Zz4=") == std::string::npos);  // what is no photo is named, not embedded
  CHECK(page.find("@page{size:A4") != std::string::npos);
}

TEST_CASE("a report speaks the language asked for, but never puts new words into an old record",
          "[WS-65]") {
  Source old = source("Casa Neri");
  const std::string page = as_html(old, checklists(), language("it"));
  CHECK(page.find("<html lang=\"it\">") != std::string::npos);
  CHECK(page.find("Controllo mensile") != std::string::npos);
  CHECK(page.find("Non conforme") != std::string::npos);
  CHECK(page.find("Il locale è chiuso, asciutto e sgombro") != std::string::npos);
  CHECK(page.find("Riportare il locale nei limiti") != std::string::npos);
  for (Json& item : old.body["items"]) {
    if (item["id"] == "room") item["text"] = "As it was asked in 2019.";
  }
  const std::string kept = as_html(old, checklists(), language("it"));
  CHECK(kept.find("As it was asked in 2019.") != std::string::npos);
  CHECK(kept.find("Il locale è chiuso") == std::string::npos);
}

TEST_CASE("what cannot be seen is shown, and what is no text is marked", "[WS-65]") {
  CHECK(html("a\u00ADb\u180Ec\u200Fd") == "a\\u{AD}b\\u{180E}c\\u{200F}d");
  CHECK(html("\xE0\x80\xAF") == "\uFFFD\uFFFD\uFFFD");  // a slash, written too long
  CHECK(html("caffè 電") == "caffè 電");
}

TEST_CASE("a record without a signature says so", "[WS-65]") {
  Source bare = source("Casa Neri");
  bare.key.clear();
  CHECK(as_html(bare, checklists(), language("en")).find("This record is not signed.") !=
        std::string::npos);
  CHECK(as_markdown(bare, checklists(), language("it")).find("non è firmato") != std::string::npos);
}

TEST_CASE("the digest of a record is printed as a QR code with its white border", "[WS-65]") {
  const std::string code = qr_svg("sha256:" + std::string(64, 'a'));
  CHECK(code.find("viewBox=\"0 0 45 45\"") != std::string::npos);  // version 5, 37 modules
  CHECK(code.find("M4 4h1v1h-1z") != std::string::npos);           // the finder pattern's corner
  CHECK(code.find("M3 ") == std::string::npos);
  CHECK(qr_svg(std::string(4000, 'x')).empty());
}

TEST_CASE("the reports in the documentation are what this program makes of the record beside them",
          "[WS-65]") {
  const std::string folder = std::string(WECO_SOURCE) + "/docs/examples/monthly-record";
  const auto text = test::read_file(folder + ".json");
  auto record = proof::open_sealed(text, "the example");
  REQUIRE(record.has_value());
  const Source example{std::move(record->body), std::move(record->attachments), record->hash,
                       proof::to_text(record->key.id), record->comment};
  INFO("Make it anew with docs/examples/make.");
  CHECK(as_html(example, checklists(), language("en")) == test::read_file(folder + ".html"));
  CHECK(as_html(example, checklists(), language("it")) == test::read_file(folder + ".it.html"));
}
