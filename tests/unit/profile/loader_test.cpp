// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "tests/support/catch.hpp"
#include "tests/unit/profile/readings.hpp"

using weco::load_profile;
using weco::test::profile_around;
using weco::test::sentence;

namespace {

struct BadRow {
  const char* row;
  const char* says;
  const char* hint = "";
  const char* status = "open";
};

constexpr const char* kAt = R"x(at = { "input", 0x10 }, type = "u16")x";

std::string with(const char* row) {
  std::string text = row;
  const std::size_t place = text.find('@');
  if (place != std::string::npos) text.replace(place, 1, kAt);
  return text;
}

const BadRow kBadRows[] = {
    {R"x({ point = "sco", @, unit = "%" },)x",
     R"x(row "sco": there is no such point in the vocabulary)x", R"x(Did you mean "soc"?)x"},
    {R"x({ point = "soc", @, unit = "V" },)x",
     R"x(row "soc": unit "V" is not allowed here; the vocabulary says "%")x"},
    {R"x({ point = "soc", @ },)x", R"x(row "soc": "unit" is missing; the vocabulary says "%")x"},
    {R"x({ point = "tower_count", @, unit = "V" },)x",
     R"x(row "tower_count": unit "V" is not allowed here; the vocabulary gives this point none)x"},
    {R"x({ point = "soc", @, unit = "%", exponnent = -1 },)x",
     "row \"soc\": \"exponnent\" is not known; allowed are: point, index, count, stride, at, type, "
     "unit, exponent, num, den, offset, positive, absent, access, range, choices, bits, values, "
     "confidence, note, part, count_from",
     R"x(Did you mean "exponent"?)x"},
    {R"x({ point = "soc", at = { "input", 0x10 }, unit = "%" },)x",
     R"x(row "soc": "type" is missing)x"},
    {R"x({ point = "soc", at = 16, type = "u16", unit = "%" },)x",
     R"x(row "soc": "at" must be a table, not a whole number)x"},
    {R"x({ point = "soc", at = { "input" }, type = "u16", unit = "%" },)x",
     R"x(row "soc": "at" must be { table, address }, like { "input", 0x0100 })x"},
    {R"x({ point = "soc", at = { "imput", 1 }, type = "u16", unit = "%" },)x",
     R"x(row "soc": table "imput" is not known; allowed are: holding, input, coil, discrete)x",
     R"x(Did you mean "input"?)x"},
    {R"x({ point = "soc", at = { "input", 65536 }, type = "u16", unit = "%" },)x",
     R"x(row "soc": address 65536 is not allowed; allowed are 0 to 65535)x"},
    {R"x({ point = "soc", at = { "input", 65535 }, type = "u32", unit = "%" },)x",
     R"x(row "soc" ends beyond address 65535)x"},
    {R"x({ point = "soc", at = { "input", 1 }, type = "u17", unit = "%" },)x",
     "row \"soc\": type \"u17\" is not known; allowed are: u16, s16, u32, s32, u64, s64, f32, "
     "text, bits16, bits32, bits64, bit, decimal16, decimal32, decimal64, clock6, clock8, "
     "hour_minute",
     R"x(Did you mean "u16"?)x"},
    {R"x({ point = "model", at = { "input", 1 }, type = "text" },)x",
     R"x(row "model": "text" needs its size in bytes: text(2) to text(40), even)x"},
    {R"x({ point = "model", at = { "input", 1 }, type = "text(42)" },)x",
     R"x(row "model": type "text(42)" is not allowed; allowed are text(2) to text(40), even)x"},
    {R"x({ point = "model", at = { "input", 1 }, type = "text(3)" },)x",
     R"x(row "model": type "text(3)" is not allowed; allowed are text(2) to text(40), even)x"},
    {R"x({ point = "soc", at = { "input", 1 }, type = "text(4)", unit = "%" },)x",
     "row \"soc\": type \"text(4)\" does not carry a number; allowed are: u16, s16, u32, s32, u64, "
     "s64, f32, hour_minute"},
    {R"x({ point = "model", at = { "input", 1 }, type = "u16" },)x",
     "row \"model\": type \"u16\" does not carry a text; allowed are: text(2) to text(40), "
     "decimal16, decimal32, decimal64, clock6, clock8"},
    {R"x({ point = "warnings", at = { "input", 1 }, type = "u32" },)x",
     "row \"warnings\": type \"u32\" does not carry a set of flags; allowed are: bits16, bits32, "
     "bits64"},
    {R"x({ point = "warnings", at = { "input", 1 }, type = "bits16" },)x",
     R"x(row "warnings": the vocabulary names 32 flags; type "bits16" holds 16)x"},
    {R"x({ point = "heater", at = { "input", 1 }, type = "bit" },)x",
     "row \"heater\": type \"bit\" does not belong into table \"input\"; coils and discrete inputs "
     "hold bit, registers everything else"},
    {R"x({ point = "soc", at = { "coil", 1 }, type = "u16", unit = "%" },)x",
     "row \"soc\": type \"u16\" does not belong into table \"coil\"; coils and discrete inputs "
     "hold "
     "bit, registers everything else"},
    {R"x({ point = "soc", @, unit = "%", index = 1 },)x",
     R"x(row "soc": "index" is not allowed; this point has no index)x"},
    {R"x({ point = "grid_voltage", @, unit = "V" },)x",
     R"x(row "grid_voltage": "index" or "count" is missing; this point has indexes 1 to 3)x"},
    {R"x({ point = "grid_voltage", @, unit = "V", index = 4 },)x",
     R"x(row "grid_voltage": "index" is 4; allowed are 1 to 3)x"},
    {R"x({ point = "grid_voltage", @, unit = "V", index = 2, count = 3 },)x",
     R"x(row "grid_voltage": "count" is 3; allowed are 1 to 2)x"},
    {R"x({ point = "grid_voltage", @, unit = "V", index = 2, stride = 3 },)x",
     R"x(row "grid_voltage": "stride" needs a "count")x"},
    {R"x({ point = "soc", @, unit = "%", exponent = 13 },)x",
     R"x(row "soc": "exponent" is 13; allowed are -12 to 12)x"},
    {R"x({ point = "soc", @, unit = "%", exponent = 0.5 },)x",
     R"x(row "soc": "exponent" must be a whole number, not a number with a fraction)x"},
    {R"x({ point = "soc", @, unit = "%", den = 3 },)x",
     R"x(row "soc": "den" 3 makes no exact decimal)x"},
    {R"x({ point = "heater", @, num = 2 },)x",
     R"x(row "heater": "num" is allowed for numbers only)x"},
    {R"x({ point = "soc", at = { "input", 1 }, type = "f32", unit = "%", num = 2 },)x",
     R"x(row "soc": "num" is not allowed for type f32)x"},
    {R"x({ point = "pack_current", at = { "input", 1 }, type = "s16", unit = "A" },)x",
     "row \"pack_current\": \"positive\" is missing: what does a positive value on the wire mean; "
     "allowed are: charge, discharge"},
    {R"x({ point = "pack_current", @, unit = "A", positive = "import" },)x",
     R"x(row "pack_current": positive "import" is not known; allowed are: charge, discharge)x"},
    {R"x({ point = "grid_power_total", @, unit = "W", positive = "charge" },)x",
     R"x(row "grid_power_total": positive "charge" is not known; allowed are: import, export)x"},
    {R"x({ point = "soc", @, unit = "%", positive = "charge" },)x",
     R"x(row "soc": "positive" is not allowed; this point has no direction)x"},
    {R"x({ point = "soc", @, unit = "%", access = "write" },)x",
     R"x(row "soc": access "write" is not allowed; the vocabulary says nobody writes this point)x"},
    {R"x({ point = "soc_min", @, unit = "%", access = "write", range = { 0, 100 } },)x",
     R"x(row "soc_min": access "write" is not allowed; table "input" cannot be written)x"},
    {R"x({ point = "soc_min", at = { "holding", 1 }, type = "u16", unit = "%", access = "write",
        range = { 0, 100 } },)x",
     R"x(row "soc_min": access "write" is not allowed; a community map is read-only)x", "",
     "community"},
    {R"x({ point = "soc_min", at = { "holding", 1 }, type = "u16", unit = "%", access = "write" },)x",
     R"x(row "soc_min": "range" is missing; a row that can be written states its limits)x"},
    {R"x({ point = "soc", @, unit = "%", range = { 0, 100 } },)x",
     R"x(row "soc": "range" is for numbers that can be written)x"},
    {R"x({ point = "soc_min", at = { "holding", 1 }, type = "u16", unit = "%", access = "write", range = { 0 } },)x",
     R"x(row "soc_min": "range" must be { min, max } in wire numbers)x"},
    {R"x({ point = "soc_min", at = { "holding", 1 }, type = "u16", unit = "%", access = "write", range = { 9, 8 } },)x",
     R"x(row "soc_min": range { 9, 8 } is empty)x"},
    {R"x({ point = "soc_min", at = { "holding", 1 }, type = "u16", unit = "%", access = "write", range = { 0, 65536 } },)x",
     R"x(row "soc_min": range { 0, 65536 } does not fit type "u16", which holds 0 to 65535)x"},
    {R"x({ point = "soc_min", at = { "holding", 1 }, type = "u16", unit = "%", access = "write", range = { 0, 101 } },)x",
     R"x(row "soc_min": range { 0, 101 } goes beyond the vocabulary, which allows 0 to 100 %)x"},
    {R"x({ point = "soc", @, unit = "%", absent = 65536 },)x",
     R"x(row "soc": absent 65536 does not fit type "u16")x"},
    {R"x({ point = "soc", @, unit = "%", absent = -32769 },)x",
     R"x(row "soc": absent -32769 does not fit type "u16")x"},
    {R"x({ point = "soc_min", at = { "holding", 1 }, type = "u16", unit = "%", access = "write", range = { 0, 100 }, absent = 100 },)x",
     R"x(row "soc_min": absent 100 lies inside range { 0, 100 })x"},
    {R"x({ point = "model", at = { "input", 1 }, type = "text(4)", absent = 0 },)x",
     "row \"model\": \"absent\" is not allowed for type \"text\"; an empty text and a NaN are "
     "always "
     "absent"},
    {R"x({ point = "heater", @, absent = 1 },)x",
     R"x(row "heater": absent 1 already means something else)x"},
    {R"x({ point = "heater", @, choices = { [0] = "off", [1] = "onn" } },)x",
     R"x(row "heater": choice "onn" is not known; allowed are: off, on)x",
     R"x(Did you mean "on"?)x"},
    {R"x({ point = "heater", @, choices = { [65536] = "off" } },)x",
     R"x(row "heater": "choices" names 65536; the type holds 0 to 65535)x"},
    {R"x({ point = "heater", @, choices = { off = 0 } },)x",
     R"x(row "heater": "choices" is keyed by wire numbers, not by "off")x"},
    {R"x({ point = "heater", @, bits = { [0] = "off" } },)x",
     R"x(row "heater": "bits" does not fit this point)x"},
    {R"x({ point = "heater", @ },)x",
     "row \"heater\": \"choices\" is missing; only an open map may use the vocabulary's numbers",
     "", "vendor"},
    {R"x({ point = "contactors", at = { "input", 1 }, type = "bits16", bits = { [16] = "charge" } },)x",
     R"x(row "contactors": "bits" names 16; the type holds 0 to 15)x"},
    {R"x({ point = "soc", @, unit = "%", values = { [0] = "x" } },)x",
     R"x(row "soc": "values" must hold whole numbers)x"},
    {R"x({ point = "soc", @, unit = "%", confidence = "sure" },)x",
     R"x(row "soc": confidence "sure" is not known; allowed are: own, vendor, several, single, assumed)x"},
    {R"x({ point = "soc", at = { "input", 0xF000 }, type = "u16", unit = "%" },)x",
     R"x(row "soc" overlaps row "device_type" of line 11 at input 0xf000)x"},
    {R"x({ point = "soc", at = { "input", 0xEFFF }, type = "u32", unit = "%" },)x",
     R"x(row "soc" overlaps row "device_type" of line 11 at input 0xf000)x"},
    {R"x({ point = "device_type", @ },)x",
     R"x(row "device_type" is given twice; the first is in line 11)x"},
    {R"x({ point = "soc", point = "soh", @, unit = "%" },)x",
     R"x("point" is given twice; the first is in line 12)x"},
    {R"x({ point = "soc", "x", @, unit = "%" },)x",
     R"x(row "soc": a value without a name is not allowed here)x"},
    {R"x("soc",)x", R"x(a group: "rows" must hold a table in each entry, not a text)x"},
};

struct Edit {
  const char* from;
  const char* to;
  const char* says;
  const char* hint = "";
};

const Edit kBadProfiles[] = {
    {"  title = \"Probe\",\n", "\n", "probe.lua:1: the profile: \"title\" is missing"},
    {"title =", "titel =",
     "probe.lua:3: the profile: \"titel\" is not known; allowed are: family, title, vendor, "
     "status, "
     "node, models, sources, protocol, identify, dialects, rows, groups",
     "Did you mean \"title\"?"},
    {"\"open\"", "\"opened\"",
     "probe.lua:5: the profile: status \"opened\" is not known; allowed are: vendor, community, "
     "open",
     "Did you mean \"open\"?"},
    {"\"tower\"", "\"towr\"",
     "probe.lua:6: the profile: node \"towr\" is not known; allowed are: site, inverter, meter, "
     "ems, "
     "cabinet, tower, module",
     "Did you mean \"tower\"?"},
    {"\"probe\"", "\"Probe X\"",
     "probe.lua:2: family \"Probe X\" is not allowed; allowed are a-z, 0-9 and _, at most 40"},
    {"{ document = \"d\", revision = \"1\", confidence = \"own\" }", "",
     "probe.lua:7: the profile: \"sources\" names no document"},
    {"revision = \"1\", ", "", "probe.lua:7: a source: \"revision\" is missing"},
    {"kind = \"modbus\"", "kind = \"modbuss\"",
     "probe.lua:8: the protocol: kind \"modbuss\" is not known; allowed are: modbus, canbms, "
     "pylontech",
     "Did you mean \"modbus\"?"},
    {"\"rtu\"", "\"rut\"",
     "probe.lua:8: the protocol: carrier \"rut\" is not known; allowed are: rtu, tcp, "
     "rtu_over_tcp, "
     "ble, serial, can",
     "Did you mean \"rtu\"?"},
    {"{ \"rtu\" }", "{ }", "probe.lua:8: the protocol: \"over\" names no carrier"},
    {"over =", "registers_per_read_max = 126, over =",
     "probe.lua:8: the protocol: \"registers_per_read_max\" is 126; allowed are 1 to 125"},
    {"over =", "lines = { { speed = 9600, parity = \"mark\" } }, over =",
     "probe.lua:8: a line: parity \"mark\" is not known; allowed are: none, even, odd"},
    {"over =", "bitrates = { 9999 }, over =",
     "probe.lua:8: the protocol: bit rate 9999 is not allowed; allowed are 10000 to 1000000"},
    {"over =", "functions = { 128 }, over =",
     "probe.lua:8: the protocol: function 128 is not allowed; allowed are 1 to 127"},
    {"over =", "functions = { [2] = 3 }, over =",
     "probe.lua:8: the protocol: \"functions\" is a list; it has a hole before entry 2"},
    {"over =", "functions = { x = 3 }, over =",
     "probe.lua:8: the protocol: \"functions\" is a list; the name \"x\" is not allowed in it"},
    {"modbus", "canbms",
     "probe.lua:10: the profile: \"rows\" is for Modbus; the rows of canbms are part of its "
     "protocol"},
    {"{ point = \"device_type\", value = 1 }", "",
     "probe.lua:9: the profile: \"identify\" has no rule"},
    {"value = 1", "pattern = \"1*\"",
     "probe.lua:9: identify: \"device_type\" is a number and needs a \"value\" or a \"range\""},
    {"value = 1", "can_id = 1",
     "probe.lua:9: identify: one of \"point\", \"can_id\" and \"command\" must be given"},
    {"value = 1", "range = { 2, 1 }", "probe.lua:9: identify: \"range\" must be { min, max }"},
    {"point = \"device_type\", value", "point = \"vendor\", value",
     "probe.lua:9: identify: no row of the device itself carries \"vendor\""},
    {"node =", "models = { \"A-{1,2\" }, node =",
     "probe.lua:6: model pattern \"A-{1,2\" is not allowed; braces hold words with commas between "
     "them, and it makes at most 256 models"},
};

struct BadGroup {
  const char* group;
  const char* says;
};

const BadGroup kBadGroups[] = {
    {R"x({ node = "tower", max = 2, at = 0x100 })x", R"x(group "tower": "stride" is missing)x"},
    {R"x({ node = "tower", max = 65 })x", R"x(group "tower": "max" is 65; allowed are 1 to 64)x"},
    {R"x({ max = 2 })x", R"x(a group: "max" needs a "node", which says what repeats)x"},
    {R"x({ node = "twr" })x",
     "group \"twr\": node \"twr\" is not known; allowed are: site, inverter, "
     "meter, ems, cabinet, tower, module"},
    {R"x({ node = "module", count_from = "module_count" })x",
     "group \"module\": \"count_from\" \"module_count\" is no number that a row before this group "
     "carries"},
    {R"x({ node = "tower", groups = { { node = "module", groups = { { node = "module" } } } } })x",
     R"x(group "module": repeated groups nest at most twice)x"},
    {R"x({ node = "tower", max = 3, stride = 1, rows = { { point = "soc", at = { "input", 0 },
        type = "u32", unit = "%" } } })x",
     R"x(row "soc" of tower 2 overlaps row "soc" of tower 1 of line 10 at input 0x0001)x"},
};

}  // namespace

TEST_CASE("a row that is wrong is refused with file, line, row and what is allowed", "[TK-10]") {
  for (const BadRow& bad : kBadRows) {
    INFO(bad.row);
    const auto profile = load_profile(profile_around(with(bad.row), bad.status), "probe.lua");
    REQUIRE_FALSE(profile);
    CHECK(profile.error().code() == weco::ErrorCode::BadInput);
    std::string expected = std::string("probe.lua:12: ") + bad.says;
    const std::string said = sentence(profile.error());
    if (std::string(bad.row).find('\n') != std::string::npos && said.substr(10, 2) == "13") {
      expected[11] = '3';
    }
    CHECK(said == expected);
    CHECK(profile.error().hint == bad.hint);
  }
}

TEST_CASE("a profile whose head is wrong is refused with file, line and what is allowed",
          "[TK-10]") {
  const std::string good =
      profile_around(R"x({ point = "soc", at = { "input", 1 }, type = "u16", unit = "%" },)x");
  REQUIRE(load_profile(good, "probe.lua"));
  for (const Edit& edit : kBadProfiles) {
    INFO(edit.says);
    std::string text = good;
    const std::size_t at = text.find(edit.from);
    REQUIRE(at != std::string::npos);
    text.replace(at, std::string(edit.from).size(), edit.to);
    const auto profile = load_profile(text, "probe.lua");
    REQUIRE_FALSE(profile);
    CHECK(sentence(profile.error()) == edit.says);
    CHECK(profile.error().hint == edit.hint);
  }
}

TEST_CASE("a group that is wrong is refused with the line it stands in", "[TK-10]") {
  for (const BadGroup& bad : kBadGroups) {
    INFO(bad.group);
    std::string text = profile_around("");
    const std::size_t rows = text.find("  rows = {");
    text.insert(rows, std::string("  groups = { ") + bad.group + " },\n");
    const auto profile = load_profile(text, "probe.lua");
    REQUIRE_FALSE(profile);
    CHECK(sentence(profile.error()) == std::string("probe.lua:10: ") + bad.says);
  }
}

TEST_CASE("the line named is the entry's own, whatever comments and strings stand before it",
          "[TK-10]") {
  const std::string text = profile_around(
      "--[[ a comment\n with { braces\n and lines ]] -- and another {\n"
      "    { point = \"soc\", at = { \"input\", 1 }, type = \"u16\", unit = \"%\",\n"
      "      note = 'braces } in a text {',\n"
      "      confidence = \"sure\" },");
  const auto profile = load_profile(text, "probe.lua");
  REQUIRE_FALSE(profile);
  CHECK(profile.error().where == "probe.lua:17");
}

TEST_CASE("what the text of Lua breaks is told with Lua's own line", "[TK-10]") {
  const auto broken = load_profile("return {\n  family = ,\n}", "probe.lua");
  REQUIRE_FALSE(broken);
  CHECK(sentence(broken.error()) == "probe.lua:2: unexpected symbol near ','");
  const auto number = load_profile("return 7", "probe.lua");
  REQUIRE_FALSE(number);
  CHECK(sentence(number.error()) == "probe.lua:1: the file does not return a table");
  CHECK_FALSE(load_profile("", "probe.lua"));
}

TEST_CASE("a fault file that is wrong is refused with line and code", "[TK-10][WS-46]") {
  const auto says = [](const std::string& entry) {
    const auto faults = weco::load_faults("return { faults = {\n" + entry + "\n} }", "faults.lua");
    return faults ? std::string("loaded") : sentence(faults.error());
  };
  const std::string good =
      R"x({ code = "F1", name = "n", severity = "fault", actions = { "a" } },)x";
  CHECK(says(good) == "loaded");
  CHECK(says(good + good) == R"x(faults.lua:2: fault "F1" is given twice)x");
  CHECK(says(R"x({ code = "F1", name = "n", severity = "bad", actions = { "a" } },)x") ==
        "faults.lua:2: fault \"F1\": severity \"bad\" is not known; allowed are: info, warning, "
        "alarm, fault");
  CHECK(
      says(R"x({ code = "F1", name = "n", severity = "fault", actions = { "a" }, word = 1 },)x") ==
      R"x(faults.lua:2: fault "F1": "word" and "bit" go together)x");
  CHECK(
      says(R"x({ code = "F1", name = "n", severity = "fault", actions = { 1 } },)x") ==
      R"x(faults.lua:2: fault "F1": "actions" must hold a text in each entry, not a whole number)x");
  CHECK(says(R"x({ code = "F1", name = "n", severity = "fault", actions = {}, word = 1, bit = 3 },
             { code = "F2", name = "n", severity = "fault", actions = {}, word = 1, bit = 3 },)x") ==
        R"x(faults.lua:3: fault "F2" has the word and bit of fault "F1")x");
}

TEST_CASE("a port file that is wrong is refused with line and port", "[TK-10][WS-07]") {
  const auto says = [](const std::string& entry) {
    const auto ports = weco::load_ports("return { ports = {\n" + entry + "\n} }", "ports.lua");
    return ports ? std::string("loaded") : sentence(ports.error());
  };
  CHECK(says(R"x({ name = "A", title = "t", pins = { { pin = "1", signal = "x" } } },)x") ==
        "loaded");
  CHECK(says(R"x({ name = "A", title = "t" }, { name = "A", title = "t" },)x") ==
        R"x(ports.lua:2: port "A" is given twice)x");
  CHECK(says(R"x({ name = "A", title = "t", pins = { { pin = "1", signal = "x" },
                 { pin = "1", signal = "y" } } },)x") ==
        R"x(ports.lua:3: port "A": pin "1" is given twice)x");
  CHECK(says(R"x({ name = "A", title = "t", pins = { { pin = 1, signal = "x" } } },)x") ==
        R"x(ports.lua:2: port "A", a pin: "pin" must be a text, not a whole number)x");
}
