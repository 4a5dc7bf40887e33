// SPDX-License-Identifier: Apache-2.0
// The Pylontech decoder against published answers and an inverter's sniffed conversation.
#include "core/protocol/pylontech/client.hpp"
#include "core/protocol/pylontech/sniffer.hpp"
#include "tests/unit/pylontech/recordings.hpp"

using namespace weco;
using namespace weco::pylontech;
using nlohmann::json;
using test::Collector;
using test::module;

namespace {

std::uint8_t cid2(const json& f) {
  return static_cast<std::uint8_t>(std::stoul(f["cid2"].get<std::string>(), nullptr, 16));
}

/// The decoded answer of a published frame; the request, where there is one, says what was asked.
Report decoded(const json& f, Collector& out) {
  Frame answer;
  REQUIRE(parse(test::inside(f), answer));
  Question question{find_command(cid2(f))->command, 0, {}};
  if (f.contains("request")) {
    Frame request;
    const std::string text = f["request"].get<std::string>().substr(1);
    REQUIRE(parse(text, request));
    CHECK(is_request(request));
    CHECK(request.cid2 == cid2(f));
    if (find_command(cid2(f))->names_module) question.info = request.info[0];
  }
  CHECK_FALSE(is_request(answer));
  const Result<Report> report = decode(question, answer, {}, out);
  REQUIRE(report);
  return *report;
}

void check_module(const json& m, NodePath node, const Collector& out) {
  const json& cells = m["cells_mv"];
  CHECK(out.equals("cell_count", std::to_string(cells.size()), 0, node));
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const Decimal mv{cells[i].get<std::int64_t>(), -3};
    CHECK(out.find("cell_voltage", static_cast<std::uint8_t>(i + 1), node)->number == mv);
  }
  const json& temps = m["temps_c"];
  CHECK(out.equals("board_temperature", temps[0].dump(), 0, node));
  for (std::size_t i = 1; i < temps.size(); ++i) {
    CHECK(out.equals("cell_temperature", temps[i].dump(), static_cast<std::uint8_t>(i), node));
  }
  CHECK(out.equals("pack_current", m["current_a"].dump(), 0, node));
  CHECK(out.equals("pack_voltage", m[m.contains("volt") ? "volt" : "voltage_v"].dump(), 0, node));
  CHECK(out.find("remaining_capacity", 0, node)->number ==
        Decimal{m["remain_mah"].get<std::int64_t>(), -3});
  CHECK(out.find("full_capacity", 0, node)->number ==
        Decimal{m["total_mah"].get<std::int64_t>(), -3});
  CHECK(out.equals("cycle_count", m["cycles"].dump(), 0, node));
  if (m.contains("soc")) CHECK(out.equals("soc", m["soc"].dump(), 0, node));
}

void check_stated(const json& f, const Collector& out) {
  for (const auto& [key, value] : f["stated"].items()) {
    INFO(key);
    const NodePath node = module(f["frame"].get<std::string>()[4] == '3' ? 2 : 1);
    if (key == "serial") {
      CHECK(out.text("serial_number", node) == value.get<std::string>());
    } else if (key == "name") {
      CHECK(out.text("model", node) == value.get<std::string>());
    } else if (key == "version") {
      CHECK(out.text("firmware_version", node) == value.get<std::string>());
    } else if (key == "version_in_VER") {
      CHECK(out.text("protocol_version", node) == value.get<std::string>());
    } else if (key == "manufacturer") {
      CHECK(out.text("vendor", node) == value.get<std::string>());
    } else if (key == "all_normal") {
      CHECK(out.bits("warnings", 0, node) == 0);
      CHECK(out.bits("protections", 0, node) == 0);
    } else if (key == "status") {
      for (std::uint8_t i = 0; i < 5; ++i) {
        CHECK(out.bits("status_word", static_cast<std::uint8_t>(i + 1), node) ==
              value[i].get<std::uint64_t>());
      }
    } else if (key == "cell1_v" || key == "cell2_v") {
      CHECK(out.equals("cell_voltage", value.dump(), key == "cell1_v" ? 1 : 2, node));
    } else if (key == "cells_v_first") {
      for (std::uint8_t i = 0; i < value.size(); ++i) {
        CHECK(out.equals("cell_voltage", value[i].dump(), static_cast<std::uint8_t>(i + 1), node));
      }
    } else {
      REQUIRE(f["stated"].contains("cells_mv"));  // a whole module: checked as one
    }
  }
  if (f["stated"].contains("cells_mv")) check_module(f["stated"], module(1), out);
}

}  // namespace

TEST_CASE("every published answer is decoded, every stated value exactly", "[TK-02]") {
  std::size_t count = 0;
  for (const json& f : test::pylontech_frames()) {
    if (!f["checksum_ok"].get<bool>()) continue;
    INFO(f["source"] << " " << f["cid2"]);
    ++count;
    Collector out;
    const Report report = decoded(f, out);
    check_stated(f, out);
    CHECK(report.cell_sums.empty());
    if (!f.contains("derived")) continue;
    const json& modules = f["derived"]["modules"];
    CHECK(report.modules == modules.size());
    CHECK(report.unread_alarm_change == ((f["derived"]["infoflag"].get<int>() & 1) != 0));
    CHECK(report.unread_switch_change == ((f["derived"]["infoflag"].get<int>() & 16) != 0));
    const auto asked = static_cast<std::uint8_t>(f["derived"]["cmd"].get<int>());
    for (std::size_t i = 0; i < modules.size(); ++i) {
      const auto number =
          static_cast<std::uint8_t>(i + (modules.size() > 1 ? 1 : module_of(asked)));
      check_module(modules[i], module(number), out);
    }
  }
  CHECK(count == 21);
}

TEST_CASE("the vendor's misprinted examples fail with a bad checksum", "[TK-10]") {
  std::size_t count = 0;
  for (const json& f : test::pylontech_frames()) {
    if (f["checksum_ok"].get<bool>()) continue;
    ++count;
    Frame frame;
    CHECK(parse(test::inside(f), frame).error().code == ErrorCode::BadChecksum);
  }
  CHECK(count == 2);
}

TEST_CASE("the sums printed wrongly in the document are the ones that are right") {
  std::string example =
      "20024600F07A11020F0D450D440D450D440D450D440D3E0D450D4A0D4A0D4B0D4A0D4A0D4A0D"
      "4A050BC30BC30BC30BCD0BCD0000C725FFFF04FFFF000200CA58012110";
  CHECK(checksum(example) == 0xE27A);
  CHECK(checksum("1203400456ABCEFE") == 0xFC71);
  Collector out;
  Frame frame;
  example += "E27A";
  REQUIRE(parse(example, frame));
  REQUIRE(decode({Command::Analog, 2, {}}, frame, {}, out));
  CHECK(out.number("pack_voltage", 0, module(1)) == "50.981");
  CHECK(out.equals("remaining_capacity", "51.8", 0, module(1)));
  CHECK(out.equals("full_capacity", "74", 0, module(1)));
}

TEST_CASE("limits in force and protection settings come out with the flag byte in its place") {
  Collector out;
  for (const json& f : test::pylontech_frames()) {
    if (f["source"] == "tomcat42_output" && (f["cid2"] == "47" || f["cid2"] == "92")) {
      decoded(f, out);
    }
  }
  const NodePath m = module(1);
  const std::pair<const char*, const char*> expected[] = {
      {"cell_overvoltage_limit", "3.650"},    {"cell_low_voltage_limit", "3.050"},
      {"cell_undervoltage_limit", "2.900"},   {"charge_temperature_max", "61.0"},
      {"charge_temperature_min", "-11.0"},    {"charge_current_max", "102.0"},
      {"pack_overvoltage_limit", "54.000"},   {"pack_low_voltage_limit", "46.000"},
      {"pack_undervoltage_limit", "44.500"},  {"discharge_temperature_max", "61.0"},
      {"discharge_temperature_min", "-11.0"}, {"discharge_current_max", "100.0"},
      {"charge_voltage_limit", "53.250"},     {"discharge_voltage_limit", "47.000"},
      {"charge_current_limit", "25.0"},       {"discharge_current_limit", "25.0"},
  };
  for (const auto& [name, value] : expected) {
    INFO(name);
    CHECK(out.number(name, 0, m) == value);
  }
  CHECK(out.bits("permissions", 0, m) == 0b11);
}

TEST_CASE("an inverter's sniffed conversation is decoded whole, and all cells add up", "[TK-02]") {
  const std::vector<json> lines = test::sniffed();
  Sniffer sniffer;
  Collector out;
  std::uint32_t requests = 0;
  std::uint32_t answers = 0;
  std::size_t modules = 0;
  for (const json& line : lines) {
    ++(line["dir"] == "req" ? requests : answers);
    const std::string wire = line["frame"].get<std::string>() + "\r";
    out.readings.clear();
    sniffer.feed(test::bytes(wire), Instant::from_us(line["t_us"]), out);
    if (line["dir"] == "req") {
      CHECK(out.readings.empty());
      continue;
    }
    for (std::uint8_t m = 1; m <= 2; ++m) {
      ++modules;
      std::int64_t sum = 0;
      for (std::uint8_t i = 1; i <= 15; ++i) {
        sum += out.find("cell_voltage", i, module(m))->number.mantissa;
      }
      CHECK(out.find("pack_voltage", 0, module(m))->number == Decimal{sum, -3});
      CHECK(out.find("pack_voltage", 0, module(m))->at == Instant::from_us(line["t_us"]));
    }
  }
  CHECK(requests + answers == lines.size());
  CHECK(answers >= 390);
  CHECK(modules == 2 * answers);
  const SnifferCounters counters = sniffer.counters();
  CHECK(counters.requests == requests);
  CHECK(counters.answers == answers);
  CHECK(counters.guessed == 0);
  CHECK(counters.cell_sum_mismatches == 0);
  CHECK(counters.bad_checksums + counters.bad_frames + counters.noise_bytes == 0);
}

TEST_CASE("answers are recognised by their layout when the request was not heard") {
  for (const json& f : test::pylontech_frames()) {
    if (!f["checksum_ok"].get<bool>()) continue;
    INFO(f["source"] << " " << f["cid2"]);
    Frame answer;
    REQUIRE(parse(test::inside(f), answer));
    const Result<Command> command = recognise(answer);
    REQUIRE(command);
    CHECK(static_cast<std::uint8_t>(*command) == cid2(f));
  }
}

TEST_CASE("every answer cut at any length is refused", "[TK-10]") {
  for (const json& f : test::pylontech_frames()) {
    const std::string text = test::inside(f);
    Frame frame;
    for (std::size_t size = 0; size < text.size(); ++size) {
      CHECK_FALSE(parse(std::string_view(text).substr(0, size), frame));
    }
  }
}

TEST_CASE("every answer with any bit flipped is refused or read as it was", "[TK-10]") {
  for (const json& f : test::pylontech_frames()) {
    const std::string good = test::inside(f);
    const bool valid = f["checksum_ok"];
    Frame frame;
    std::string text = good;
    for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
      text[bit / 8] = static_cast<char>(text[bit / 8] ^ 1 << bit % 8);
      if (valid) {
        CHECK_FALSE(parse(text, frame));
      } else if (parse(text, frame)) {  // one flip may mend a misprinted sum
        CHECK(checksum(std::string_view(text).substr(0, text.size() - 4)) ==
              std::stoul(text.substr(text.size() - 4), nullptr, 16));
      }
      text[bit / 8] = good[bit / 8];
    }
  }
}

TEST_CASE("a layout cut short inside a good frame gives no reading at all", "[TK-10]") {
  for (const json& f : test::pylontech_frames()) {
    if (!f["checksum_ok"].get<bool>()) continue;
    Frame whole;
    REQUIRE(parse(test::inside(f), whole));
    const Question question{find_command(cid2(f))->command, 0, {}};
    for (std::size_t size = 0; size < whole.info.size(); ++size) {
      INFO(f["source"] << " " << f["cid2"] << " cut to " << size);
      Frame cut;
      for (std::size_t i = 0; i < size; ++i) {
        static_cast<void>(cut.info.push_back(whole.info[i]));
      }
      Collector out;
      const Result<Report> report = decode(question, cut, {}, out);
      // A group's answer may end behind a whole module, a sixth status byte may be missing.
      if (report) continue;
      CHECK(report.error().code == ErrorCode::BadFrame);
      CHECK(out.readings.empty());
    }
  }
}
