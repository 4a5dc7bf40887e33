// SPDX-License-Identifier: Apache-2.0
// Recorded traffic of real batteries through the built program: what the author of a capture states
// stands in the JSON with its decimals, and a recording that is cut, hostile, foreign or missing
// gives a clear result or one clear sentence.
#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "tests/cli/process.hpp"
#include "tests/support/catch.hpp"

using nlohmann::json;
using weco::test::Folder;
using weco::test::has;
using weco::test::Ran;
using weco::test::read_file;
using weco::test::run_in_pipe;
using weco::test::weco_in_terminal;
namespace test = weco::test;

namespace {

const std::string kCaptures = WECO_VECTORS "/can/";
constexpr std::size_t kSniffCutStep = 300;  // lines; each line of 784 would take a minute

/// What an author calls a value, and its name in the JSON.
const std::map<std::string, std::string> kKeys = {
    {"cvl_v", "charge_voltage_limit_V"},
    {"ccl_a", "charge_current_limit_A"},
    {"dcl_a", "discharge_current_limit_A"},
    {"dvl_v", "discharge_voltage_limit_V"},
    {"soc", "soc_pct"},
    {"soh", "soh_pct"},
    {"v", "pack_voltage_V"},
    {"i", "pack_current_A"},
    {"t", "pack_temperature_degC"},
    {"modules", "module_count"},
    {"online", "modules_online"},
    {"min_v", "cell_voltage_min_V"},
    {"max_v", "cell_voltage_max_V"},
    {"min_t", "cell_temperature_min_degC"},
    {"max_t", "cell_temperature_max_degC"},
    {"charged_kwh", "energy_charged_total_kWh"},
    {"discharged_kwh", "energy_discharged_total_kWh"},
    {"available_ah", "remaining_capacity_Ah"},
    {"capacity_ah", "rated_capacity_Ah"},
    {"cycles", "cycle_count"},
};

/// Where an author states the integers of a frame, in its order.
const std::map<std::string, std::vector<std::string>> kIntegers = {
    {"351_raw",
     {"charge_voltage_limit_V", "charge_current_limit_A", "discharge_current_limit_A",
      "discharge_voltage_limit_V"}},
    {"354_raw", {"rated_capacity_Ah", "remaining_capacity_Ah"}},
    {"355_raw", {"soc_pct", "soh_pct"}},
    {"356_raw", {"pack_voltage_V", "pack_current_A", "pack_temperature_degC"}},
};

/// What a statement in words comes to.
struct InWords {
  const char* id;
  const char* key;
  const char* text;
};
constexpr InWords kInWords[] = {
    {"373", "cell_voltage_min_V", "3.274"},  // a live value; the frame itself holds 3.279 V
    {"373", "cell_voltage_max_V", "3.279"},
    {"403", "alarms", ""},  // "no alarms": the bits are not published, so nothing is claimed
};

Ran status(const std::string& file, bool as_json = true) {
  std::vector<std::string> words = {"status", "replay:" + file};
  if (as_json) words.emplace_back("--json");
  return test::weco(words);
}

/// The value of a key of the first node as it is printed, quotes and brackets included; empty when
/// it is not there.
std::string printed(const std::string& out, const std::string& key) {
  const std::size_t values = out.find("\"values\":{");
  if (values == std::string::npos) return {};
  const std::size_t end = out.find('}', values);
  const std::string mark = "\"" + key + "\":";
  std::size_t at = out.find(mark, values);
  if (at == std::string::npos || at > end) return {};
  at += mark.size();
  const char first = out[at];
  const std::size_t stop = first == '"'   ? out.find('"', at + 1) + 1
                           : first == '[' ? out.find(']', at) + 1
                                          : out.find_first_of(",}", at);
  return out.substr(at, stop - at);
}

/// The same decimal: the wire may carry more digits than the author wrote, then they are zeros.
bool same_decimal(const std::string& text, const std::string& stated) {
  if (!text.starts_with(stated)) return false;
  std::string_view rest = std::string_view(text).substr(stated.size());
  if (stated.find('.') == std::string::npos) {
    if (rest.empty()) return true;
    if (!rest.starts_with('.')) return false;  // 670 is not 67
    rest.remove_prefix(1);
  }
  return rest.find_first_not_of('0') == std::string_view::npos;
}

std::string digits(std::string text) {
  std::erase(text, '.');
  return text;
}

void check_words(const std::string& id, const std::string& stated, const std::string& out) {
  if (id == "35E") {
    CHECK(printed(out, "vendor") == "\"" + stated + "\"");
    return;
  }
  if (id == "382") {
    CHECK(printed(out, "product_code") == "\"" + stated + "\"");
    return;
  }
  const auto known =
      std::ranges::count_if(kInWords, [&](const InWords& row) { return id == row.id; });
  REQUIRE(known > 0);
  for (const InWords& row : kInWords) {
    if (id == row.id) CHECK(printed(out, row.key) == row.text);
  }
}

void check_integers(const std::string& id, const json& stated, const std::string& out) {
  REQUIRE(kIntegers.count(id) == 1);
  const std::vector<std::string>& keys = kIntegers.at(id);
  REQUIRE(stated.size() <= keys.size());
  for (std::size_t i = 0; i < stated.size(); ++i) {
    INFO(keys[i]);
    CHECK(digits(printed(out, keys[i])) == stated[i].dump());
  }
}

void check_value(const std::string& id, const std::string& name, const json& stated,
                 const std::string& out) {
  INFO(id << " " << name << " = " << stated.dump());
  if (name == "no_flags") {
    CHECK(printed(out, "warnings") == "[]");
    CHECK(printed(out, "protections") == "[]");
  } else if (name == "charge_enable" || name == "discharge_enable") {
    CHECK(has(printed(out, "permissions"), "\"" + name + "\"") == (stated == 1));
  } else if (name == "fw") {
    CHECK(printed(out, "firmware_version") == stated.dump());
  } else if (id == "409" && name == "soc") {  // stated as 21.2 %: what is left of what fits
    CHECK(printed(out, "remaining_capacity_Ah") == "21.196");
    CHECK(printed(out, "full_capacity_Ah") == "100.000");
  } else if (id == "409" && name == "capacity_ah") {
    CHECK(same_decimal(printed(out, "full_capacity_Ah"), stated.dump()));
  } else {
    REQUIRE(kKeys.count(name) == 1);
    const std::string text = printed(out, kKeys.at(name));
    INFO("printed " << text);
    CHECK(same_decimal(text, stated.dump()));
  }
}

std::vector<std::string> captures() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kCaptures)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".log") || name.ends_with(".jsonl")) names.push_back(name);
  }
  std::ranges::sort(names);
  return names;
}

/// The exit code that the manual gives to a level.
int code_of(const std::string& out) {
  if (has(out, "\"level\":\"warning\"")) return 10;
  return has(out, "\"level\":\"alarm\"") ? 11 : 0;
}

/// A byte that a terminal obeys instead of showing; newlines are ours.
bool obeyed(const std::string& text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte < 0x20 && byte != '\n') || byte == 0x7F) return true;
    const auto before = i == 0 ? 0U : static_cast<unsigned char>(text[i - 1]);
    if (byte >= 0x80 && byte < 0xA0 && before == 0xC2) return true;  // U+0080 to U+009F
  }
  return false;
}

/// One sentence and one hint, for people.
bool one_sentence(const std::string& err) {
  return err.starts_with("weco: ") && has(err, "\nHint: ") && std::ranges::count(err, '\n') == 2 &&
         err.ends_with(".\n") && !obeyed(err);
}

/// What is wrong with a result in JSON; nothing when all is well.
std::string objection(const Ran& ran) {
  if (ran.hung) return "does not end";
  if (!ran.err.empty()) return "speaks on stderr: " + ran.err;
  if (std::ranges::count(ran.out, '\n') != 1) return "writes more than one line: " + ran.out;
  if (ran.out.starts_with("{\"schema\":\"weco.error/1\"")) {
    return ran.code == 1 ? "" : "ends with " + std::to_string(ran.code) + ": " + ran.out;
  }
  if (!ran.out.starts_with("{\"schema\":\"weco.status/1\"")) return "writes: " + ran.out;
  return ran.code == code_of(ran.out) ? ""
                                      : "ends with " + std::to_string(ran.code) + ": " + ran.out;
}

constexpr const char* kValidate = R"py(
import json, sys
import jsonschema
schemas = {}
for name in ("status", "error"):
    schema = json.load(open(sys.argv[1] + name + ".json"))
    schemas["weco." + name + "/1"] = jsonschema.Draft202012Validator(schema)
for line in open(sys.argv[2]):
    read = json.loads(line)
    schemas[read["schema"]].validate(read)
)py";

std::string python() {
  return std::filesystem::exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
}

/// Lines of JSON against the schema that each names.
void validate(const std::string& lines) {
  if (run_in_pipe({python(), "-c", "import jsonschema"}).code != 0) {
    WARN("NOT PROVED: python3-jsonschema is not installed, so no JSON was validated");
    return;
  }
  const Folder folder;
  const Ran ran = run_in_pipe({python(), "-c", kValidate, WECO_SOURCE "/docs/reference/schema/",
                               folder.file("lines.json", lines)});
  INFO(ran.err.substr(0, 2000));
  CHECK(ran.code == 0);
}

/// The lengths at which to cut a text: after each line but the last and those followed by a
/// comment, for the long sniff after some.
std::vector<std::size_t> cuts(const std::string& text, bool long_one) {
  std::vector<std::size_t> at;
  std::size_t line = 0;
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] != '\n') continue;
    const bool comment_follows = text[i + 1] == '#';
    if (!comment_follows && (!long_one || line < 4 || line % kSniffCutStep == 0)) {
      at.push_back(i + 1);
    }
    ++line;
  }
  return at;
}

}  // namespace

TEST_CASE("a recording of a battery prints every value that its author states, to the decimal",
          "[TK-02]") {
  std::size_t values = 0;
  for (const json& set : json::parse(read_file(kCaptures + "can_vectors.json"))) {
    INFO(set["name"].get<std::string>());
    const Ran ran = status(kCaptures + set["file"].get<std::string>());
    for (const auto& [id, stated] : set["stated"].items()) {
      if (stated.is_string()) {
        check_words(id, stated, ran.out);
        ++values;
      } else if (stated.is_array()) {
        check_integers(id, stated, ran.out);
        values += stated.size();
      } else {
        for (const auto& [name, value] : stated.items()) check_value(id, name, value, ran.out);
        values += stated.size();
      }
    }
  }
  CHECK(values >= 75);
}

TEST_CASE("each simulated family gives the published JSON and a picture of what it is",
          "[TK-07][TK-08]") {
  std::string lines;
  const json listed = json::parse(test::weco({"devices", "list", "--json"}).out);
  for (const json& entry : listed["families"]) {
    const std::string family = entry["family"];
    if (family == "canbms") continue;  // it talks by itself and answers no questions
    INFO(family);
    const std::vector<std::string> command = {"simulate", family, "--for", "2s", "--speed", "max"};
    std::vector<std::string> as_json = command;
    as_json.emplace_back("--json");
    const Ran ran = test::weco(as_json);
    CHECK(ran.code == 0);
    lines += ran.out;
    const Ran picture = test::weco(command);
    CHECK(picture.code == 0);
    CHECK(has(picture.out, "sim:" + family));
    CHECK(has(picture.out, "State: ok"));
  }
  CHECK(std::ranges::count(lines, '\n') >= 10);
  validate(lines);
}

TEST_CASE("every recording gives the published JSON and a picture, both with the same exit code",
          "[TK-07]") {
  std::string lines;
  for (const std::string& name : captures()) {
    INFO(name);
    const Ran ran = status(kCaptures + name);
    CHECK(objection(ran).empty());
    CHECK(ran.out.starts_with("{\"schema\":\"weco.status/1\""));
    lines += ran.out;
    const Ran picture = status(kCaptures + name, false);
    CHECK(picture.code == ran.code);
    CHECK(picture.err.empty());
    CHECK(has(picture.out, "replay:" + kCaptures + name));
    CHECK_FALSE(obeyed(picture.out));
  }
  CHECK(std::ranges::count(lines, '\n') >= 16);
  validate(lines);
}

TEST_CASE("a recording in which only inverters speak shows no value of a battery") {
  std::size_t seen = 0;
  for (const json& set : json::parse(read_file(kCaptures + "can_vectors.json"))) {
    if (set["kind"] != "inverter-tx") continue;
    const Ran ran = status(kCaptures + set["file"].get<std::string>());
    INFO(ran.out);
    CHECK(has(ran.out, "\"nodes\":[]"));
    CHECK(has(ran.out, "\"limits\":[]"));
    ++seen;
  }
  CHECK(seen == 3);
}

TEST_CASE("the sniffed conversation of an inverter shows both modules of the bank", "[TK-02]") {
  const Ran ran = status(kCaptures + "pylontech_rs485_sniff_tomcat42.jsonl");
  CHECK(ran.code == 0);
  CHECK(has(ran.out, "\"path\":\"module[1]\""));
  CHECK(has(ran.out, "\"path\":\"module[2]\""));
  CHECK_FALSE(has(ran.out, "\"path\":\"module[3]\""));
}

TEST_CASE("a recording cut after any line gives a result or one clear sentence") {
  const Folder folder;
  std::string lines;
  for (const std::string& name : captures()) {
    const std::string text = read_file(kCaptures + name);
    for (const std::size_t end : cuts(text, name.ends_with(".jsonl"))) {
      INFO(name << " cut at " << end);
      const Ran ran = status(folder.file(name, text.substr(0, end)));
      CHECK(objection(ran).empty());
      lines += ran.out;
    }
  }
  CHECK(std::ranges::count(lines, '\n') >= 90);
  validate(lines);
}

TEST_CASE("a recording torn inside a line says where, or leaves the torn line out") {
  const Folder folder;
  for (const char* name :
       {"byd_lvs_premium_venus300.log", "pylontech_rs485_sniff_tomcat42.jsonl"}) {
    const std::string text = read_file(kCaptures + name);
    const std::size_t start = text.rfind('\n', text.size() - 2) + 1;  // of the last line
    const std::size_t length = std::min<std::size_t>(text.size() - 1 - start, 45);
    for (std::size_t part = 1; part < length; part += 4) {
      const std::string file = folder.file(name, text.substr(0, start + part));
      const Ran ran = status(file, false);
      INFO(name << " torn at " << start + part << ": " << ran.err);
      if (ran.code == 1) {
        CHECK(one_sentence(ran.err));
        CHECK(has(ran.err, file + ":"));
        CHECK(ran.out.empty());
      } else {
        CHECK(ran.code == 0);
        CHECK(ran.err.empty());
      }
    }
  }
}

TEST_CASE("text of a battery never commands a terminal", "[TK-10]") {
  const Folder folder;
  const std::string file = folder.file("hostile.log",
                                       "  can0  35E   [8]  1B 5B 32 4A 1B 5D 30 07\n"
                                       "  can0  382   [8]  9B 31 6D 7F C2 9B 0D 0A\n"
                                       "  can0  370   [8]  1B 63 1B 5B 33 31 6D 0A\n"
                                       "  can0  351   [8]  48 02 00 05 00 05 AE 01\n");
  for (const bool as_json : {false, true}) {
    const Ran ran = status(file, as_json);
    CHECK(ran.code == 0);
    CHECK(has(ran.out, "58.4"));
    CHECK_FALSE(obeyed(ran.out));
    CHECK(ran.err.empty());
  }
  const Ran shown = weco_in_terminal({"status", "replay:" + file, "--all"});
  CHECK(has(shown.out, "58.4"));
  for (const char* command : {"\x1b[2J", "\x1b]",
                              "\x1b"
                              "c",
                              "\x07", "\x7f", "\xc2\x9b"}) {
    CHECK_FALSE(has(shown.out, command));
  }
}

TEST_CASE("a recording that is none gets one sentence, a hint and an empty stdout", "[TK-10]") {
  const Folder folder;
  std::string binary;
  std::uint32_t state = 760;
  for (int i = 0; i < 4096; ++i) {
    state = state * 1664525U + 1013904223U;
    binary += static_cast<char>(state >> 24);
  }
  const std::vector<std::string> files = {
      folder.path() + "/missing.log",
      folder.path() + "/no/folder.log",
      folder.path(),
      folder.file("empty.log", ""),
      folder.file("blank.log", "\n\n"),
      folder.file("comments.log", "# nothing was heard\n"),
      folder.file("binary.log", binary),
      folder.file("zeros.log", std::string(4096, '\0')),
      folder.file("prose.log", "Charge 20 A because module 3 is cold.\n"),
      folder.file("torn.jsonl", "{\"t_us\": 1, \"frame\": \"~2002"),
      folder.file("foreign.jsonl", "{\"hello\": \"world\"}\n"),
      folder.file("too_long.log", "  can0  351   [9]  01 02 03 04 05 06 07 08 09\n"),
  };
  std::string lines;
  for (const std::string& file : files) {
    const Ran ran = status(file, false);
    INFO(file << ": " << ran.err << ran.out);
    CHECK(ran.code == 1);
    CHECK(ran.out.empty());
    CHECK(one_sentence(ran.err));
    const Ran object = status(file);
    CHECK(object.code == 1);
    CHECK(object.err.empty());
    CHECK_FALSE(obeyed(object.out));
    lines += object.out;
  }
  CHECK(std::ranges::count(lines, '\n') == static_cast<std::ptrdiff_t>(files.size()));
  validate(lines);
  const Ran hostile = status(folder.path() + "/\x1b[2J.log", false);
  CHECK(hostile.code == 2);  // no endpoint at all
  CHECK(hostile.out.empty());
  CHECK(one_sentence(hostile.err));
}

TEST_CASE("the CAN frames of any recording become lines of can-utils", "[WS-15]") {
  const Folder folder;
  const std::string evidence = folder.file(
      "run.ndjson",
      "{\"weco_evidence\":1,\"program\":\"weco "
      "0.1.0\",\"utc\":\"2026-11-20T10:00:00Z\",\"t_us\":5}\n"
      "{\"n\":1,\"t_us\":5,\"kind\":\"can_rx\",\"link\":\"can:can1\",\"frame\":\"355#1A006400\"}\n"
      "{\"n\":2,\"t_us\":1500005,\"kind\":\"can_tx\",\"link\":\"slcan:/dev/"
      "ttyACM0?bitrate=500000\","
      "\"frame\":\"18FF50E5#01\"}\n");
  const std::string lines =
      "(0000000000.000000) can1 355#1A006400\n(0000000001.500000) ttyACM0 18FF50E5#01\n";
  const Ran ran = test::weco({"log-dump", "replay:" + evidence, "--format", "candump"});
  INFO(ran.err);
  CHECK(ran.code == 0);
  CHECK(ran.out == lines);
  const std::string again = folder.file("again.log", lines);
  const std::string path = folder.path() + "/third.log";
  CHECK(test::weco({"log-dump", "replay:" + again, "--format", "candump", "--output", path}).code ==
        0);
  CHECK(read_file(path) == lines);
}

TEST_CASE("a capture decodes to the same after it was written for can-utils") {
  const Folder folder;
  const std::string capture = kCaptures + "pylontech_plonkster_4pack_dlc6.log";
  const std::string path = folder.path() + "/same.log";
  REQUIRE(
      test::weco({"log-dump", "replay:" + capture, "--format", "candump", "--output", path}).code ==
      0);
  const auto said = [](const std::string& file) {
    std::string text = status(file).out;
    for (std::size_t at = text.find(file); at != std::string::npos; at = text.find(file)) {
      text.erase(at, file.size());
    }
    const std::string_view made = "\"generated_at\":\"";  // the second in which it was asked
    const std::size_t at = text.find(made);
    REQUIRE(at != std::string::npos);
    return text.erase(at, made.size() + std::string_view("2026-11-26T00:00:00Z").size());
  };
  CHECK(said(capture).size() > 100);
  CHECK(said(capture) == said(path));
}

TEST_CASE("what cannot be written for can-utils is refused with the reason") {
  const Folder folder;
  const std::string out = folder.path() + "/out.log";
  const auto refused = [&](std::vector<std::string> words, int code, std::string_view says) {
    words.insert(words.begin(), "log-dump");
    words.insert(words.end(), {"--format", "candump", "--output", out});
    const Ran ran = test::weco(words);
    CAPTURE(ran.out, ran.err);
    CHECK(ran.code == code);
    CHECK((ran.out + ran.err).find(says) != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(out));
  };
  const std::string capture = "replay:" + kCaptures + "pylontech_plonkster_4pack_dlc6.log";
  refused({"serial:/dev/null"}, 2, "no CAN frames");
  refused({capture, "--resume"}, 2, "as a whole");
  refused({capture, "--since", "2026-01-01"}, 2, "as a whole");
  refused({capture, "--json"}, 2, "no JSON");
  refused({"replay:" + folder.file("frames.txt", "~20024642E002FFFD09\r\n")}, 1, "no CAN frames");
}
