// SPDX-License-Identifier: Apache-2.0
// What may not leave with a support bundle, planted in everything that goes into one.
#include "host/records/redaction.hpp"

#include <string>

#include "tests/support/catch.hpp"

using namespace weco;
using namespace weco::records;

namespace {

std::string cleaned(Redactor& redactor, std::string_view content) {
  const auto clean = redactor.text(content, "a file");
  REQUIRE(clean);
  return *clean;
}

struct Planted {
  Redaction rule;
  std::string_view content;
  std::string_view secret;
  std::string_view stays;
};
constexpr Planted kPlanted[] = {
    {Redaction::Secret, R"({"wifi":{"SSID":"Rossi24","mode":"ap"}})", "Rossi24", R"("mode":"ap")"},
    {Redaction::Secret, R"({"a":[{"Wifi-Password":["x","hunter2"]}],"soc":61})", "hunter2",
     R"("soc":61)"},
    {Redaction::Secret, R"({"pin":123456,"spin":7})", "123456", R"("spin":7)"},
    {Redaction::Person, R"({"person":"Ann Rossi","serial":"W1"})", "Rossi", R"("serial":"W1")"},
    {Redaction::Person, "{\"n\":1,\"text\":\"ok\"}\n{\"customer_name\":\"Bruno\",\"n\":2}\n",
     "Bruno", R"({"n":1,"text":"ok"})"},
    {Redaction::Home, "opened /home/ann.rossi/site/run.ndjson\n", "rossi", "/site/run.ndjson"},
    {Redaction::Mail, "ask anna@rossi.example for it\n", "rossi", "ask (redacted) for it"},
    {Redaction::Radio, R"({"link":"ble:C4:5B:BE:12:34:56?adapter=hci0"})", "12:34:56",
     "ble:C4:5B:BE:xx:xx:xx?adapter=hci0"},
    {Redaction::Network, R"({"link":"tcp:casa-rossi.example:502"})", "rossi", "tcp:(redacted):502"},
    {Redaction::Network, R"({"link":"tcp:[2001:db8::17]:502"})", "2001:db8", "tcp:(redacted):502"},
};

}  // namespace

TEST_CASE("what is secret or somebody's own is taken out, counted, and nothing else is",
          "[TK-10]") {
  for (const Planted& planted : kPlanted) {
    CAPTURE(planted.content);
    Redactor redactor;
    const std::string clean = cleaned(redactor, planted.content);
    CHECK(clean.find(planted.secret) == std::string::npos);
    CHECK(clean.find(planted.stays) != std::string::npos);
    for (const RedactionRule& rule : kRedactionRules) {
      CAPTURE(rule.name);
      CHECK(redactor.taken(rule.id) == (rule.id == planted.rule ? 1 : 0));
    }
  }
}

TEST_CASE("text without secrets comes out as it went in", "[TK-10]") {
  Redactor redactor;
  for (const std::string text :
       {"{\"contactors\":\"closed\",\"keypad\":1,\"composite\":2,\"standby\":3}\n",
        "{\"soc\":61.5,\"serial\":\"BT0001\",\"packs\":[1,2]}\n",
        "(1436509052.249713) vcan0 351#1402E803E803D201\n",
        "time,soc\n2026-11-26T00:00:00Z,61\n"}) {
    CHECK(cleaned(redactor, text) == text);
  }
}

TEST_CASE("recorded answers that hold the WiFi's password go, those before and after stay",
          "[TK-10]") {
  // Two reads: registers 100 to 101, and 12002 to 12009 with a name in them.
  const std::string traffic =
      "{\"kind\":\"tx\",\"hex\":\"010300640002\"}\n{\"kind\":\"rx\",\"hex\":\"01030400110022\"}\n"
      "{\"kind\":\"tx\",\"hex\":\"01032ee20008\"}\n{\"kind\":\"rx\",\"hex\":\"0103105265\"}\n"
      "{\"kind\":\"rx\",\"hex\":\"6469726f737369\"}\n"
      "{\"kind\":\"tx\",\"hex\":\"010300640002\"}\n{\"kind\":\"rx\",\"hex\":\"01030400330044\"}\n";
  Redactor redactor;
  const std::string clean = cleaned(redactor, traffic);
  CHECK(redactor.taken(Redaction::WifiRegisters) == 2);
  CHECK(clean.find("5265") == std::string::npos);
  CHECK(clean.find("726f737369") == std::string::npos);
  CHECK(clean.find("01030400110022") != std::string::npos);
  CHECK(clean.find("01030400330044") != std::string::npos);
}

TEST_CASE("a read is secret from its first register that is, to its last", "[TK-10]") {
  for (const auto& [question, secret] :
       {std::pair{"01032edf0001", false}, std::pair{"01032edf0002", true},
        std::pair{"01032f120001", true}, std::pair{"01032f130001", false}}) {
    CAPTURE(question);
    Redactor redactor;
    static_cast<void>(cleaned(redactor, "{\"kind\":\"tx\",\"hex\":\"" + std::string(question) +
                                            "\"}\n{\"kind\":\"rx\",\"hex\":\"0103021234\"}\n"));
    CHECK(redactor.taken(Redaction::WifiRegisters) == (secret ? 1 : 0));
  }
}

TEST_CASE("what is no text is refused, since nobody can look through it", "[TK-10]") {
  Redactor redactor;
  const auto packets = redactor.text(std::string_view("\x0A\x0D\x0D\x0A\0\0", 6), "site.pcapng");
  REQUIRE_FALSE(packets);
  CHECK(packets.error().where == "site.pcapng");
  CHECK(packets.error().code() == ErrorCode::BadInput);
}
