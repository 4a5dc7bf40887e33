// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <tuple>

#include "tests/support/catch.hpp"
#include "tests/unit/profile/readings.hpp"

using namespace weco;
using weco::test::Readings;
using weco::test::sentence;

namespace {

Catalog catalog() {
  auto made = Catalog::embedded();
  REQUIRE(made);
  return std::move(*made);
}

const Profile& family(const Catalog& all, std::string_view name) {
  const auto profile = all.load(name);
  if (!profile) FAIL(sentence(profile.error()));
  return **profile;
}

std::vector<std::uint8_t> bytes(std::string_view hex) {
  std::vector<std::uint8_t> data;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    data.push_back(static_cast<std::uint8_t>(
        std::strtoul(std::string(hex.substr(i, 2)).c_str(), nullptr, 16)));
  }
  return data;
}

/// Patterns at the edges of a value of `size` bytes.
std::vector<std::vector<std::uint8_t>> edges(std::size_t size) {
  constexpr std::array<std::uint8_t, 4> kFirst = {0x00, 0x7F, 0x80, 0xFF};
  constexpr std::array<std::uint8_t, 3> kRest = {0x00, 0x41, 0xFF};
  constexpr std::array<std::uint8_t, 6> kLast = {0x00, 0x01, 0x02, 0x09, 0xFE, 0xFF};
  std::vector<std::vector<std::uint8_t>> all;
  for (const std::uint8_t first : kFirst) {
    for (const std::uint8_t rest : kRest) {
      for (const std::uint8_t last : kLast) {
        std::vector<std::uint8_t> data(size, rest);
        data.front() = first;
        data.back() = last;
        all.push_back(data);
      }
    }
  }
  return all;
}

/// Decodes and encodes until it settles: after one round nothing changes any more.
void round_trip(const ModbusMap& map, const PointRef& ref, const std::vector<std::uint8_t>& wire) {
  const RegisterBlock block = *map.where(ref);
  Readings first;
  map.decode(block, wire, {}, first);
  REQUIRE(first.get(ref) != nullptr);
  std::vector<std::uint8_t> again(wire.size());
  // A device serves what it has; the ranges of writable rows bind writers only.
  const Status served = map.serve(block.table, block.first, block.count, first, again);
  REQUIRE(served);
  Readings second;
  map.decode(block, again, {}, second);
  const Reading& a = *first.get(ref);
  const Reading& b = *second.get(ref);
  const bool exact = a.quality == Quality::Good;
  if (!exact && a.quality != Quality::NotImplemented) return;  // nothing a device may serve
  CHECK(a.quality == b.quality);
  CHECK(a.number == b.number);
  CHECK(a.bits == b.bits);
  CHECK(a.text() == b.text());
}

struct Unmapped {
  std::string_view reason;
  std::vector<std::string_view> points;
};

/// Points that weco_smart leaves out, each with its reason.
const std::vector<Unmapped> kUnmapped = {
    {"plants, bonding and cabinets belong to the SAJ EMS",
     {"plant_name",
      "plant_address",
      "installer_code",
      "bonded_serial",
      "cabinet_count",
      "power_led",
      "ems_switch",
      "fire_protection",
      "liquid_cooling",
      "coolant_temperature_in",
      "coolant_temperature_out",
      "coolant_flow",
      "humidity",
      "door",
      "digital_input",
      "digital_output",
      "mobile_signal",
      "apn",
      "ripple_level",
      "tou_slot_end",
      "tou_slot_mode",
      "tou_slot_power",
      "tou_slot_target",
      "tou_template",
      "plant_owner",
      "plant_type",
      "country",
      "status_led",
      "bluetooth_link",
      "network_mode",
      "energy_pv_week",
      "energy_load_week",
      "energy_import_week",
      "energy_export_week",
      "energy_charged_week",
      "energy_discharged_week"}},
    {"only BLUETTI has it: buzzer, panel, switches, loads by phase and on direct current",
     {"buzzer", "buzzer_enabled", "ac_output", "dc_output", "panel_lights", "dsp_version",
      "time_to_full", "time_to_empty", "phase_count", "load_voltage", "load_current",
      "dc_load_power", "energy_dc_load_total"}},
    {"only a meter computes it: means, sums, demand, distortion, reactive and phase energies",
     {"grid_voltage_mean",
      "line_voltage_mean",
      "grid_current_mean",
      "grid_current_sum",
      "grid_phase_angle",
      "grid_phase_angle_total",
      "energy_import_phase",
      "energy_export_phase",
      "energy_sum",
      "energy_sum_phase",
      "energy_reactive_import",
      "energy_reactive_export",
      "energy_reactive_sum",
      "energy_reactive_import_phase",
      "energy_reactive_export_phase",
      "energy_apparent",
      "meter_charge",
      "power_demand",
      "power_demand_max",
      "apparent_demand",
      "apparent_demand_max",
      "neutral_current_demand",
      "neutral_current_demand_max",
      "current_demand",
      "current_demand_max",
      "voltage_distortion",
      "current_distortion",
      "line_voltage_distortion",
      "voltage_distortion_mean",
      "current_distortion_mean",
      "line_voltage_distortion_mean",
      "demand_period"}},
    {"only SAJ's hybrid inverters publish it",
     {"grid_dc_current",
      "meter_power",
      "meter_apparent_power",
      "system_grid_power",
      "inverter_apparent_power_total",
      "grid_output_voltage",
      "grid_output_current",
      "grid_output_power",
      "grid_output_frequency",
      "backup_apparent_power_total",
      "backup_dc_voltage",
      "external_pv_apparent_power",
      "fault_record",
      "setting_record",
      "energy_inverter_today",
      "energy_inverter_month",
      "energy_inverter_year",
      "energy_inverter_total",
      "energy_pv_meter_today",
      "energy_pv_meter_month",
      "energy_pv_meter_year",
      "energy_pv_meter_total",
      "energy_import_meter_today",
      "energy_import_meter_month",
      "energy_import_meter_year",
      "energy_import_meter_total",
      "energy_export_meter_today",
      "energy_export_meter_month",
      "energy_export_meter_year",
      "energy_export_meter_total",
      "energy_import_sum_today",
      "energy_import_sum_month",
      "energy_import_sum_year",
      "energy_import_sum_total",
      "energy_export_sum_today",
      "energy_export_sum_month",
      "energy_export_sum_year",
      "energy_export_sum_total",
      "depth_of_discharge",
      "battery_protocol",
      "charge_window_share",
      "discharge_window_share",
      "meter_mode"}},
    {"only the short meter splits power by direction", {"import_power", "export_power"}},
    {"an open map names its flags, so it needs no raw words beside the fault codes",
     {"warning_word", "alarm_word", "status_word"}},
};

}  // namespace

TEST_CASE("every shipped family loads, and its index entry says what its file says") {
  const Catalog all = catalog();
  std::vector<std::string> names;
  for (const FamilyEntry& entry : all.families()) {
    names.push_back(entry.family);
    const Profile& profile = family(all, entry.family);
    CHECK(profile.family == entry.family);
    CHECK(profile.title == entry.title);
    CHECK(name(profile.status) == entry.status);
    CHECK(profile.file == "devices/" + entry.family + "/profile.lua");
    CHECK(all.faults(entry.family));
    CHECK(all.ports(entry.family));
    CHECK(all.lights(entry.family));
    CHECK(all.notes(entry.family).substr(0, 2) == "# ");
    CHECK(check_family(std::string(WECO_SOURCE) + "/devices/" + entry.family).empty());
  }
  const std::vector<std::string> shipped = {
      "bluetti_ep760",   "bluetti_v1",  "canbms", "eastron_sdm630", "eastron_sdm72", "ep760_open",
      "pylontech_rs485", "saj_cm2_ems", "saj_h2", "weco_service",   "weco_smart"};
  for (const std::string& one : shipped) {
    CHECK(std::find(names.begin(), names.end(), one) != names.end());
  }
  CHECK(std::is_sorted(names.begin(), names.end()));
}

TEST_CASE("an unknown family is named with the closest one", "[TK-10]") {
  const Catalog all = catalog();
  const auto profile = all.load("weco_smrt");
  REQUIRE_FALSE(profile);
  CHECK(profile.error().code() == ErrorCode::NotFound);
  CHECK(profile.error().what == "there is no device family \"weco_smrt\"");
  CHECK(profile.error().hint == "Did you mean \"weco_smart\"?");
  CHECK(all.find("weco_smrt") == nullptr);
  CHECK(all.find("weco_smart") != nullptr);
}

TEST_CASE("every value of every shipped map survives decoding and encoding at its edges") {
  const Catalog all = catalog();
  for (const FamilyEntry& entry : all.families()) {
    const Profile& profile = family(all, entry.family);
    if (profile.protocol.kind != ProtocolKind::Modbus) continue;
    const ModbusMap map(profile);
    std::set<std::tuple<PointId, std::size_t, std::uint8_t>> seen;
    for (const PointRef& ref : map.points()) {
      if (!seen.emplace(ref.id, ref.node.depth(), ref.index).second) continue;
      INFO(entry.family << " " << info(ref.id).name);
      const RegisterBlock block = *map.where(ref);
      if (block.table == RegisterTable::Coil || block.table == RegisterTable::Discrete) continue;
      for (const auto& wire : edges(std::size_t{2} * block.count)) round_trip(map, ref, wire);
    }
  }
}

TEST_CASE("every block of a full snapshot is answered by the same family and decoded again",
          "[TK-09]") {
  const Catalog all = catalog();
  for (const std::string_view name : {"weco_smart", "eastron_sdm630", "eastron_sdm72"}) {
    const Profile& profile = family(all, name);
    const ModbusMap map(profile);
    Readings values;
    for (const PointRef& ref : map.points()) {
      const PointInfo& point = info(ref.id);
      Reading reading = number_reading(ref, {point.max > 3 ? 3 : point.max, 0}, {});
      if (point.kind == ValueKind::Text) reading = text_reading(ref, "x1", {});
      if (point.kind == ValueKind::Choice || point.kind == ValueKind::Flags) {
        reading = bits_reading(ref, point.kind, 1, {});
      }
      if (point.kind == ValueKind::Raw) reading = bits_reading(ref, point.kind, 5, {});
      if (point.name == "meter_speed") reading.number = {9600, 0};
      values.put(reading);
    }
    Readings read;
    for (int pass = 0; pass < 3; ++pass) {
      for (const RegisterBlock& block : map.blocks(read)) {
        CHECK(block.count <= profile.protocol.registers_per_read_max);
        std::array<std::uint8_t, 250> data{};
        REQUIRE(map.serve(block.table, block.first, block.count, values, data));
        map.decode(block, Bytes(data).first(std::size_t{2} * block.count), {}, read);
      }
    }
    CHECK(read.size() >= map.points().size() * 3 / 4);  // module 4 of each tower is not installed
    for (const auto& [ref, reading] : read.all()) {
      INFO(info(ref.id).name);
      CHECK(reading.quality == Quality::Good);
      CHECK(compare(reading.number, values.get(ref)->number) == 0);
      CHECK(reading.bits == values.get(ref)->bits);
      CHECK(reading.text() == values.get(ref)->text());
    }
  }
}

TEST_CASE("weco_smart maps every point of the vocabulary or says why not", "[WS-02][WS-03]") {
  const Catalog all = catalog();
  const ModbusMap map(family(all, "weco_smart"));
  std::set<std::string_view> mapped;
  for (const PointRef& ref : map.points()) mapped.insert(info(ref.id).name);
  std::set<std::string_view> excused;
  for (const Unmapped& group : kUnmapped) {
    for (const std::string_view name : group.points) {
      INFO(name << ": " << group.reason);
      CHECK(find_point(name));
      CHECK(mapped.count(name) == 0);
      excused.insert(name);
    }
  }
  for (const PointInfo& point : kPoints) {
    INFO(point.name);
    CHECK(mapped.count(point.name) + excused.count(point.name) == 1);
  }
}

TEST_CASE("a tower has three places of four modules with sixteen cells each", "[WS-02][WS-03]") {
  const Catalog all = catalog();
  const ModbusMap map(family(all, "weco_smart"));
  std::size_t cells = 0;
  for (const PointRef& ref : map.points()) cells += ref.id == point("cell_voltage") ? 1 : 0;
  CHECK(cells == 3 * 4 * 16);
  const NodePath module = NodePath().child(NodeKind::Tower, 3).child(NodeKind::Module, 4);
  CHECK(map.where({point("cell_voltage"), 16, module}));
  CHECK_FALSE(map.where({point("cell_voltage"), 17, module}));
  CHECK_FALSE(map.where({point("soc"), 0, NodePath().child(NodeKind::Tower, 4)}));
}

TEST_CASE("a setting of weco_smart is written within the product's limits only",
          "[WS-20][WS-30][WS-42]") {
  const Catalog all = catalog();
  const ModbusMap map(family(all, "weco_smart"));
  std::array<std::uint8_t, 8> room{};
  const auto writes = [&](PointId id, std::int64_t value, std::uint8_t index = 0) {
    const PointRef ref{id, index, {}};
    return map.encode(ref, number_reading(ref, {value, 0}, {}), room).has_value();
  };
  CHECK_FALSE(writes(point("soc_min"), 9));
  CHECK(writes(point("soc_min"), 10));
  CHECK_FALSE(writes(point("rest_time"), 29));
  CHECK(writes(point("rest_time"), 30));
  CHECK(writes(point("charge_window_end"), 1440, 4));
  CHECK_FALSE(writes(point("charge_window_end"), 1441, 4));
  for (const PointRef& ref : map.points()) {
    if (map.writable(ref)) CHECK(info(ref.id).access != Access::Read);
  }
}

TEST_CASE("a model is known or refused with the closest one", "[WS-01]") {
  const Catalog all = catalog();
  const Profile& smart = family(all, "weco_smart");
  CHECK(smart.models.size() == 4 * 9 + 4);
  CHECK(smart.models.front() == "SMART-S3-8K-B20");
  for (const char* good :
       {"SMART-S3-8K-B20", "SMART-S3-15K-B60", "SMART-S3-10K-B35", "SMART-3PH-12K"}) {
    CHECK(smart.check_model(good));
  }
  for (const char* bad : {"SMART-S3-9K-B20", "SMART-S3-8K-B65", "SMART-S3-8K-B15",
                          "smart-s3-8k-b20", "SMART-S3-8K-B20 ", "", "SMART-S3-{8K}-B20"}) {
    INFO(bad);
    CHECK_FALSE(smart.check_model(bad));
  }
  const Done refused = smart.check_model("SMART-S3-8K-B21");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().what ==
        "model \"SMART-S3-8K-B21\" does not exist; allowed are: "
        "SMART-S3-{8K,10K,12K,15K}-B{20,25,30,35,40,45,50,55,60}, SMART-3PH-{8K,10K,12K,15K}");
  CHECK(refused.error().hint == "Did you mean \"SMART-S3-8K-B20\"?");
}

TEST_CASE("all fault codes of the manual have a name, steps and a bit of their own", "[WS-46]") {
  const Catalog all = catalog();
  std::size_t count = 0;
  for (int n = 1; n <= 64; ++n) {
    std::array<char, 16> code{};
    std::snprintf(code.data(), code.size(), "F%03d", n);
    const FaultInfo* fault = all.fault("weco_smart", code.data());
    const bool listed = n <= 25 || n >= 49;
    INFO(code.data());
    REQUIRE((fault != nullptr) == listed);
    if (!listed) continue;
    ++count;
    CHECK_FALSE(fault->name.empty());
    CHECK_FALSE(fault->actions.empty());
    CHECK(fault->word == (n <= 32 ? 1 : 2));
    CHECK(fault->bit == (n - 1) % 32);
  }
  CHECK(all.faults("weco_smart")->size() == count);
  CHECK(all.fault("weco_smart", "f013") == all.fault("weco_smart", "F013"));
  CHECK(all.fault("weco_smart", "F013")->name == "Insulation of the PV side too low");
  CHECK(all.fault("weco_smart", "F026") == nullptr);
  CHECK(all.fault("eastron_sdm630", "F001") == nullptr);
}

TEST_CASE("the pinout of every communication port is known", "[WS-07]") {
  const Catalog all = catalog();
  for (const char* name :
       {"WiFi", "DRMS", "BAT1", "BAT2", "CT", "METER", "PARA1", "PARA2", "COM", "DRY", "USB"}) {
    INFO(name);
    CHECK(all.port("weco_smart", name) != nullptr);
  }
  const PortInfo* bat2 = all.port("weco_smart", "bat2");
  REQUIRE(bat2 != nullptr);
  REQUIRE(bat2->pins.size() == 8);
  CHECK(bat2->pins[0].signal == "CAN high (tower 3)");
  CHECK(bat2->pins[2].signal == "24 V bus, plus");
  CHECK(bat2->pins[6].signal == "start signal, plus");
  CHECK(all.port("weco_smart", "COM")->pins[3].signal == "CAN1 high (battery)");
  CHECK(all.port("weco_smart", "BAT3") == nullptr);
}

TEST_CASE("the pins of every port of the CM2's EMS and of an EP760 are known",
          "[CM-02][CM-03][CM-05][CM-06][EP-09]") {
  const Catalog all = catalog();
  const auto signal = [&](std::string_view name, std::string_view port, std::string_view pin) {
    const PortInfo* found = all.port(name, port);
    if (found == nullptr) return std::string("no such port");
    for (const PortPin& each : found->pins) {
      if (each.pin == pin) return each.signal + (each.note.empty() ? "" : "; " + each.note);
    }
    return std::string("no such pin");
  };
  for (const char* name : {"Ethernet", "NET2", "24VDC", "220VAC", "USB", "TF-Card", "Bluetooth",
                           "WiFi", "4G", "DI", "DO", "DRM"}) {
    INFO(name);
    CHECK(all.port("saj_cm2_ems", name) != nullptr);
  }
  CHECK(all.port("saj_cm2_ems", "RS485-1")->title == "grid meter with export limit");
  CHECK(all.port("saj_cm2_ems", "RS485-2")->title == "PV meter of another maker's inverter");
  CHECK(all.port("saj_cm2_ems", "RS485-3")->title == "SAJ string inverter");
  CHECK(signal("saj_cm2_ems", "RS485-2", "485A2") == "RS485 A");
  CHECK(signal("saj_cm2_ems", "DRM", "1") == "DRM 1/5; ripple control: D_IN1");
  CHECK(signal("saj_cm2_ems", "DRM", "4") == "DRM 4/8; ripple control: D_IN4");
  CHECK(signal("saj_cm2_ems", "DO", "DO2") == "relay 2; 1 A at 250 V AC or 4 A at 25 V DC");
  CHECK(all.port("saj_cm2_ems", "DI")->pins.size() == 2);
  for (const std::string_view family : {"bluetti_ep760", "ep760_open"}) {
    INFO(family);
    for (const char* name : {"LINK1", "LINK2", "PCS-LINK", "PACK-IN", "PACK-OUT", "COM", "CT",
                             "DRMs", "USB", "PV", "BAT", "BACKUP", "GRID"}) {
      INFO(name);
      CHECK(all.port(family, name) != nullptr);
    }
    CHECK(signal(family, "DRMs", "2") ==
          "demand response input (EXT IN); active low, to ground of signals");
    CHECK(signal(family, "CT", "L") == "current transformer, plus; CT-L1+, red");
    CHECK(all.port(family, "LINK1")->note.find("18760") != std::string::npos);
  }
}

TEST_CASE("identification asks for what only this family answers, with reads") {
  const Catalog all = catalog();
  const Profile& smart = family(all, "weco_smart");
  REQUIRE(smart.identify.size() == 2);
  const PointRef type{point("device_type"), 0, {}};
  CHECK(smart.identify[0].holds(number_reading(type, {22339, 0}, {})));
  CHECK_FALSE(smart.identify[0].holds(number_reading(type, {22340, 0}, {})));
  Reading stale = number_reading(type, {22339, 0}, {});
  stale.quality = Quality::OutOfRange;
  CHECK_FALSE(smart.identify[0].holds(stale));
  const PointRef vendor{point("vendor"), 0, {}};
  CHECK(smart.identify[1].holds(text_reading(vendor, "WeCo Srl", {})));
  CHECK_FALSE(smart.identify[1].holds(text_reading(vendor, "Weco", {})));
  const Profile& meter = family(all, "eastron_sdm630");
  const PointRef hertz{point("grid_frequency"), 0, {}};
  CHECK(meter.identify[0].holds(number_reading(hertz, {4998, -2}, {})));
  CHECK_FALSE(meter.identify[0].holds(number_reading(hertz, {4499, -2}, {})));
}

TEST_CASE("patterns match runs and single bytes") {
  CHECK(matches_pattern("AC2*", "AC2-500"));
  CHECK(matches_pattern("*-B?0", "SMART-S3-8K-B20"));
  CHECK(matches_pattern("*", ""));
  CHECK(matches_pattern("a*b*c", "a1b2b3c"));
  CHECK_FALSE(matches_pattern("AC2*", "xAC2"));
  CHECK_FALSE(matches_pattern("a?c", "ac"));
  CHECK_FALSE(matches_pattern("", "a"));
}

TEST_CASE("the meter's printed byte examples decode to the values printed, to every digit printed",
          "[WS-09]") {
  // Eastron SDM630Modbus protocol V1.7, answers to functions 4 and 3, without framing.
  const Catalog all = catalog();
  const ModbusMap map(family(all, "eastron_sdm630"));
  Readings read;
  map.decode({RegisterTable::Input, 0x0000, 2}, bytes("43663334"), {}, read);
  const Reading* volts = read.get({point("grid_voltage"), 1, {}});
  REQUIRE(volts != nullptr);
  // The document prints 230.2; its bytes are the single above the one nearest to 230.2.
  CHECK(to_text(volts->number).view() == "230.20001");
  CHECK(*rescale(volts->number, -1) == 2302);
  map.decode({RegisterTable::Holding, 0x0002, 2}, bytes("3f800000"), {}, read);
  CHECK(to_text(read.get({point("demand_period"), 0, {}})->number).view() == "1");
  map.decode({RegisterTable::Holding, 0x0002, 2}, bytes("42700000"), {}, read);
  const PointRef period{point("demand_period"), 0, {}};
  CHECK(to_text(read.get(period)->number).view() == "60");
  std::array<std::uint8_t, 4> out{};
  REQUIRE(map.encode(period, *read.get(period), out));
  CHECK(std::vector<std::uint8_t>(out.begin(), out.end()) == bytes("42700000"));
  map.decode({RegisterTable::Input, 0x0000, 2}, bytes("43708000"), {}, read);
  CHECK(to_text(read.get({point("grid_voltage"), 1, {}})->number).view() == "240.5");
}

TEST_CASE("the meter's addresses are those of the vendor's document", "[WS-09]") {
  const Catalog all = catalog();
  const ModbusMap map(family(all, "eastron_sdm630"));
  struct Place {
    std::string_view point;
    std::uint8_t index;
    std::uint16_t address;
  };
  for (const Place place :
       {Place{"grid_voltage", 3, 0x04}, Place{"grid_power", 1, 0x0C},
        Place{"grid_power_total", 0, 0x34}, Place{"grid_frequency", 0, 0x46},
        Place{"energy_import_total", 0, 0x48}, Place{"power_demand", 0, 0x54},
        Place{"line_voltage", 1, 0xC8}, Place{"neutral_current", 0, 0xE0},
        Place{"voltage_distortion", 1, 0xEA}, Place{"current_distortion", 3, 0xF4},
        Place{"energy_sum", 0, 0x156}, Place{"energy_import_phase", 1, 0x15A},
        Place{"energy_sum_phase", 3, 0x16A}, Place{"energy_reactive_export_phase", 3, 0x176}}) {
    INFO(place.point);
    CHECK(*map.where({*find_point(place.point), place.index, {}}) ==
          RegisterBlock{RegisterTable::Input, place.address, 2});
  }
}

TEST_CASE("a folder of the user adds a family, replaces one, or is refused with its mistake",
          "[TK-10]") {
  namespace fs = std::filesystem;
  const fs::path folder = fs::temp_directory_path() / ("weco_families_" + std::to_string(getpid()));
  fs::create_directories(folder / "mine");
  const auto write = [&](const std::string& text) {
    std::ofstream(folder / "mine" / "profile.lua") << text;
  };
  write(weco::test::profile_around(""));
  Catalog all = catalog();
  const std::size_t before = all.families().size();
  REQUIRE(all.add_folder(folder.string()));
  CHECK(all.families().size() == before + 1);
  CHECK(family(all, "probe").title == "Probe");
  CHECK(all.faults("probe")->empty());
  REQUIRE(all.add_folder((folder / "mine").string()));
  CHECK(all.families().size() == before + 1);
  write("return { family = 1 }");
  const Done refused = all.add_folder(folder.string());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().where == (folder / "mine" / "profile.lua").string() + ":1");
  CHECK(refused.error().what == "the profile: \"family\" must be a text, not a whole number");
  CHECK(check_family((folder / "mine").string()).size() == 1);
  fs::remove_all(folder);
  CHECK(all.add_folder(folder.string()).error().code() == ErrorCode::NotFound);
}
