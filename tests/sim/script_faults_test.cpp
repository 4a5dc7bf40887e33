// SPDX-License-Identifier: Apache-2.0
// Every fault of the catalogue against the shipped scripts: each is named by one of them with the
// part that has it, or stands here with the reason why no check can see it. And many sites at once.
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/sim/script_world.hpp"

using namespace weco;
using namespace weco::sim;
using weco::test::SiteWorld;

namespace {

constexpr unsigned kSmart = 1, kCm2 = 2, kEp760 = 4, kAll = 7;
constexpr std::string_view kWizard = "the wizard of the family";

struct Kind {
  unsigned bit;
  SiteFamily family;
  std::string_view wizard;
  std::string_view count;   // of packs
  std::string_view second;  // the second of them
};
constexpr Kind kKinds[] = {
    {kSmart, SiteFamily::WecoSmart, "commission/weco-smart", "4", "tower[1].module[2]"},
    {kCm2, SiteFamily::SajCm2, "commission/saj-cm2", "2", "cabinet[2]"},
    {kEp760, SiteFamily::Ep760, "commission/ep760", "2", "module[2]"},
};

/// A script that names a fault: "{}" is the second pack, which is struck where a pack is.
struct Sight {
  unsigned kinds;
  std::string_view fault;
  std::string_view script;
  std::string_view says;
};
constexpr Sight kSights[] = {
    {kAll, "wire_wrong", kWizard, "failed: reading address 1"},
    {kAll, "wire_other_unit", kWizard, "failed: reading address 1"},
    {kAll, "wire_silent", kWizard, "failed: reading address 1"},
    {kAll, "wire_disconnect", kWizard, "failed: the link is gone"},
    {kAll, "cell_resistance:pack=2", "audit/quarterly", "more than 50 mV apart ({}: "},
    {kAll, "cell_capacity:pack=2", "audit/quarterly", "{}: 70.00 %"},
    {kAll, "cell_voltage_lost:pack=2", "diagnose/soc", "{}: sensor"},
    {kAll, "cell_voltage_lost:pack=2", kWizard, "{}: sensor"},
    {kAll, "cell_temperature_lost:pack=2", "audit/monthly", "{}: sensor"},
    {kAll, "current_sensor_lost:pack=2", "diagnose/soc", "{}: sensor"},
    {kAll, "cell_deep_discharge:pack=2", "audit/quarterly", "{}: deep discharge"},
    {kAll, "cell_deep_discharge:pack=2", kWizard, "{}: locked (permanent)"},
    {kAll, "contactor_stuck_open:pack=2", kWizard, "{} is isolated"},
    {kAll, "contactor_stuck_open:pack=2", "audit/semester", "{} is isolated"},
    {kSmart | kEp760, "contactor_stuck_open:pack=2", "tower/verify", "{} is isolated"},
    {kAll, "precharge_open:pack=2", kWizard, "{} is isolated"},
    {kAll, "fuse_blown:pack=2", kWizard, "{} with -0.0 A does not take its share"},
    {kAll, "insulation_low:pack=2", "audit/semester", "{}: 20 kohm"},
    {kAll, "insulation_low:pack=2", kWizard, "{}: insulation"},
    {kAll, "short_circuit:pack=2", kWizard, "{}: short circuit"},
    {kAll, "interlock_open:pack=2", kWizard, "{}: system error"},
    {kAll, "breaker_trips:pack=2", "audit/monthly", "{}: fuse"},
    {kAll, "cooling_failed:pack=2", kWizard, "{}: temperature high"},
    {kCm2, "cooling_failed:pack=2", kWizard, "liquid cooling is not well (cabinet[2]: alarm)"},
    {kAll, "fire:pack=2", "audit/semester", "{}: system error"},
    {kCm2, "fire:pack=2", kWizard, "fire protection is not well (cabinet[2]: alarm)"},
    {kAll, "other_battery_type:pack=2", kWizard, "{}: mixed types"},
    {kSmart, "other_battery_type:pack=2", "tower/configure", "{}: mixed types"},
    {kAll, "grid_lost", kWizard, "L1 0.0 V"},
    {kSmart, "grid_lost", "audit/monthly", "F024"},
    {kEp760, "grid_lost", "audit/semester", "102 ("},
    {kAll, "grid_voltage", kWizard, "does not accept the grid"},
    {kEp760, "grid_voltage:voltage=290", kWizard, "L1 290.0 V"},
    {kSmart | kCm2, "grid_phase_lost:phase=2", kWizard, "L2 0.0 V"},
    {kEp760, "grid_phase_lost:phase=1", kWizard, "L1 0.0 V"},
    {kAll, "grid_frequency:frequency=66", kWizard, "66.00 Hz"},
    {kAll, "grid_unmeasured", kWizard, "L1 not read"},
    {kAll, "meter_lost", kWizard, "meter does not answer"},
    {kSmart, "meter_lost", "audit/monthly", "F005"},
    {kEp760, "meter_lost", "audit/monthly", "140 ("},
    {kAll, "meter_reversed", kWizard, "transformer is reversed"},
    {kAll, "meter_wrong_phase", kWizard, "does not prove the transformer"},
    {kSmart | kEp760, "pv_reversed", kWizard, "PV1 has 0.0 V"},
    {kSmart | kEp760, "pv_insulation_low", kWizard, "PV2 has 0.0 V"},
    {kAll, "battery_link_lost", kWizard, "{} is isolated"},
    {kAll, "battery_link_lost", "audit/semester", "The line is lost: "},
    {kEp760, "battery_link_lost", kWizard, "50 ("},
    {kAll, "master_lost", kWizard, "{}: communication"},
    {kSmart, "slave_lost", kWizard, "F049 (Slave 1 failed)"},
    {kSmart, "firmware_code:code=24", "audit/monthly", "F024"},
    {kEp760, "firmware_code:code=97", "audit/monthly", "97 ("},
};

/// A fault that no check can see, and why. `there` false: a site of this kind cannot have it.
struct Blind {
  unsigned kinds;
  std::string_view fault;
  std::string_view why;
  bool there = true;
};
constexpr std::string_view kRepeated = "the session asks again until an answer is whole";
constexpr std::string_view kStill = "one look cannot tell a reading that stands still";
constexpr std::string_view kNoRegister = "no register of any of the maps tells of it";
constexpr std::string_view kNoString = "the EMS reports the power of all PV, no string";
constexpr Blind kBlind[] = {
    {kAll, "wire_late", kRepeated},
    {kAll, "wire_split", kRepeated},
    {kAll, "wire_merged", kRepeated},
    {kAll, "wire_duplicated", kRepeated},
    {kAll, "wire_echoed", kRepeated},
    {kAll, "wire_garbage", kRepeated},
    {kAll, "cell_leak", "it takes weeks until the cell is behind the others"},
    {kAll, "cell_voltage_stuck", kStill},
    {kAll, "cell_temperature_stuck", kStill},
    {kAll, "current_sensor_offset", "at work it is a small part of the current"},
    {kAll, "contactor_welded", "it shows when the contactor has to open, and no check opens one"},
    {kAll, "heater_failed", "it shows in the cold: a heater that is not needed is off"},
    {kAll, "generator_failed", "it shows when the grid is gone and the generator is called"},
    {kAll, "pv_lost", "the voltage stays, and nobody measures how much sun there is"},
    {kAll, "drm_unreadable", kNoRegister},
    {kAll, "ambient_sensor_lost", kNoRegister},
    {kCm2, "pv_reversed", kNoString},
    {kCm2, "pv_insulation_low", kNoString},
    {kCm2 | kEp760, "slave_lost", "only the WeCo Smart has inverters in parallel", false},
    {kCm2, "firmware_code", "the maker has published no list of codes", false},
};

std::string_view base(std::string_view fault) { return fault.substr(0, fault.find(':')); }

/// A site with the fault. What was wired wrong is so from the start.
void strike(SiteWorld& world, const Kind& kind, std::uint64_t seed, std::string_view fault) {
  SiteConfig config = weco::test::morning_site(kind.family, seed);
  if (base(fault) == "slave_lost") config.inverters = 2;
  // What shows only in a current needs a morning on which the battery charges.
  const bool in_a_current = base(fault) == "cell_resistance" || base(fault) == "fuse_blown";
  if (in_a_current) config.environment.weather.cloudiness = 0;
  const bool from_the_start = fault.starts_with("meter_") || fault.starts_with("precharge_");
  world.add("site:", config, fault, from_the_start);
}

std::string judged(SiteWorld& world, const Kind& kind, std::string_view script) {
  if (script == kWizard) return world.judge(kind.wizard, {"site:", std::string(kind.count)});
  if (script == "tower/configure") {
    return world.judge(script, {"--devices", "site:", "--modules", "4"});
  }
  return world.judge(script);
}

/// WECO_SEEDS=100: with so many, and everything that is left out in every run.
std::uint64_t seeds() {
  const char* wanted = std::getenv("WECO_SEEDS");
  return wanted == nullptr ? 1 : std::strtoull(wanted, nullptr, 10);
}

std::vector<std::string_view> scripts_for(const Kind& kind) {
  std::vector<std::string_view> names = {kWizard, "audit/quarterly"};
  if (seeds() == 1) return names;
  names.insert(names.end(), {"audit/monthly", "audit/semester", "diagnose/soc"});
  if (kind.bit != kCm2) names.push_back("tower/verify");
  if (kind.bit == kSmart) names.push_back("tower/configure");
  return names;
}

}  // namespace

TEST_CASE("every fault of the catalogue has a script that names it, or the reason why none can",
          "[LUA][WS-45][EP-17][CM-15]") {
  for (const sim::FaultInfo& fault : fault_catalogue()) {
    INFO(fault.name);
    unsigned named = 0, unseen = 0;
    for (const Sight& sight : kSights) {
      if (base(sight.fault) == fault.name) named |= sight.kinds;
    }
    for (const Blind& blind : kBlind) {
      if (blind.fault != fault.name) continue;
      CHECK((unseen & blind.kinds) == 0);
      CHECK_FALSE(blind.why.empty());
      unseen |= blind.kinds;
    }
    CHECK((named & unseen) == 0);
    CHECK((named | unseen) == kAll);  // a new fault needs a row above
  }
  for (const Sight& sight : kSights) CHECK(find_fault(base(sight.fault)));
  for (const Blind& blind : kBlind) CHECK(find_fault(blind.fault));
}

TEST_CASE("every wiring and setup fault that a script can see is named with the part that has it",
          "[LUA][WS-45][EP-17][CM-15]") {
  for (const Kind& kind : kKinds) {
    for (const Sight& sight : kSights) {
      if ((sight.kinds & kind.bit) == 0) continue;
      std::string says(sight.says);
      if (const std::size_t at = says.find("{}"); at != std::string::npos) {
        says.replace(at, 2, kind.second);
      }
      for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
        INFO(kind.wizard << ", " << sight.fault << ", seed " << seed << ", " << sight.script);
        SiteWorld world;
        strike(world, kind, seed, sight.fault);
        const std::string found = judged(world, kind, sight.script);
        INFO(found);
        CHECK_FALSE(found.starts_with("ok:"));
        CHECK(found.find(says) != std::string::npos);
      }
    }
  }
}

TEST_CASE("a fault that no check can see leads to no finding that is made up", "[LUA][WS-45]") {
  for (const Kind& kind : kKinds) {
    for (const Blind& blind : kBlind) {
      if ((blind.kinds & kind.bit) == 0) continue;
      INFO(kind.wizard << ", " << blind.fault);
      if (!blind.there) {
        const auto site = Site::make(weco::test::morning_site(kind.family, 1));
        REQUIRE(site);
        CHECK_FALSE((*site)->inject(usual_fault(*find_fault(blind.fault))));
        continue;
      }
      for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
        INFO("seed " << seed);
        SiteWorld world;
        strike(world, kind, seed, blind.fault);
        for (std::string_view script : scripts_for(kind)) {
          INFO(script);
          CHECK(judged(world, kind, script) == "ok:");  // else it belongs to the other table
        }
      }
    }
  }
}

TEST_CASE("a script names the cause and not what follows from it", "[LUA][WS-45]") {
  // a grid that is not accepted proves nothing about a transformer, and a pack that is apart takes
  // no part of a charge whatever its fuse is like
  for (const Kind& kind : kKinds) {
    for (const auto& [fault, other] :
         {std::pair{"grid_voltage", "transformer"}, std::pair{"grid_unmeasured", "transformer"},
          std::pair{"interlock_open:pack=2", "charge_test"},
          std::pair{"current_sensor_lost:pack=2", "charge_test"}}) {
      INFO(kind.wizard << ", " << fault);
      SiteWorld world;
      strike(world, kind, 1, fault);
      const std::string found = judged(world, kind, kWizard);
      INFO(found);
      CHECK(found.starts_with("alarm:"));
      CHECK(found.find(other) == std::string::npos);
    }
  }
}

TEST_CASE("what a look at the values shows is named with its part and its number",
          "[LUA][WS-13][WS-22][WS-61][WS-62]") {
  struct Row {
    std::string_view says;
    std::vector<std::string_view> scripts;
    void (*edit)(Writer module);
  };
  const Row rows[] = {
      {"100 % was last reached 33 days ago",
       {"audit/monthly", "diagnose/soc"},
       [](Writer w) { w.number(point("hours_since_full"), 800, 0); }},
      {"tower[1].module[1] and tower[1].module[2]",
       {"tower/verify", kWizard},
       [](Writer w) { w.text(point("serial_number"), "WM2511000041"); }},
      {"tower[1].module[2]: 1.3.9",
       {"tower/verify", "audit/semester", kWizard},
       [](Writer w) { w.text(point("firmware_version"), "1.3.9"); }},
      {"tower[1].module[2]: 30.0",
       {"diagnose/soc", "audit/quarterly"},
       [](Writer w) { w.number(point("soc"), 30, 0); }},
      {"Charge left says 10.0 %",
       {"diagnose/soc"},
       [](Writer w) {
         w.number(point("remaining_capacity"), 10, 0);
         w.number(point("full_capacity"), 100, 0);
       }},
      {"to 45.0 degrees",
       {"audit/monthly"},
       [](Writer w) { w.number(point("cell_temperature_max"), 45, 0); }},
      {"V apart, allowed are 1.5",
       {"tower/verify", "audit/quarterly", kWizard},
       [](Writer w) { w.number(point("pack_voltage"), 560, -1); }},
  };
  const Kind& smart = kKinds[0];
  for (const Row& row : rows) {
    SiteWorld world;
    const auto edit = [&](Snapshot& values, Instant now) {
      row.edit(Writer(values, now).at(NodeKind::Tower, 1).at(NodeKind::Module, 2));
    };
    world.add("site:", smart.family, 1, "", edit);
    for (std::string_view script : row.scripts) {
      INFO(row.says << ", " << script);
      const std::string found = judged(world, smart, script);
      INFO(found);
      CHECK_FALSE(found.starts_with("ok:"));
      CHECK(found.find(row.says) != std::string::npos);
    }
  }
}

namespace {

/// Two towers and an EP760, each with serial numbers of its own.
void add_fleet(SiteWorld& world, weco::test::Edit garage) {
  SiteConfig tower = default_site(SiteFamily::WecoSmart);
  world.add("roof", tower, "", false);
  world.add("garage", tower, "", false, std::move(garage));
  world.add("shop", default_site(SiteFamily::Ep760), "", false);
}

}  // namespace

TEST_CASE("a fleet's sites are held against each other", "[LUA][WS-33]") {
  const std::vector<std::string> all = {"roof", "garage", "shop", "--alike"};
  const auto other = weco::test::renumbered('9');
  SiteWorld well;
  add_fleet(well, other);
  CHECK(well.judge("audit/fleet", all) == "ok:");

  SiteWorld firmware;
  add_fleet(firmware, [&](Snapshot& values, Instant now) {
    other(values, now);
    Writer(values, now)
        .at(NodeKind::Tower, 1)
        .at(NodeKind::Module, 2)
        .text(point("firmware_version"), "1.3.9");
  });
  const std::string older = firmware.judge("audit/fleet", all);
  INFO(older);
  CHECK(older.starts_with("warning: firmware: The firmware differs ("));
  CHECK(older.find("1.3.9 at garage") != std::string::npos);
  CHECK(older.find("EP760") == std::string::npos);

  SiteWorld twice;
  add_fleet(twice, {});
  const std::string copies = twice.judge("audit/fleet", all);
  INFO(copies);
  CHECK(copies.starts_with("warning: serial_numbers:"));
  CHECK(copies.find("at roof tower[1].module[2] and garage tower[1].module[2]") !=
        std::string::npos);

  SiteWorld drifted;
  add_fleet(drifted, [&](Snapshot& values, Instant now) {
    other(values, now);
    Writer(values, now).number(point("soc_min"), 25, 0);
  });
  const std::string set = drifted.judge("audit/fleet", all);
  INFO(set);
  CHECK(set.starts_with("warning: settings: The settings differ (weco_smart soc min pct: "));
  CHECK(set.find("25 at garage") != std::string::npos);
  // sites need not be set alike
  CHECK(drifted.judge("audit/fleet", {"roof", "garage", "shop"}) == "ok:");
}

TEST_CASE("a batch finishes every site and says which of them has what",
          "[LUA][TK-04][WS-45][EP-12]") {
  constexpr std::string_view kSites =
      "site,device,parts\nRoof,roof,4\nBarn,barn,4\nPlant,plant,2\nMill,nowhere,4\nMute,mute,2\n"
      "Shop,roof,four\nHall,,\n";
  for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
    SiteWorld world;
    world.add("roof", SiteFamily::WecoSmart, seed, "");
    world.add("barn", SiteFamily::WecoSmart, seed, "contactor_stuck_open:pack=3");
    world.add("plant", SiteFamily::SajCm2, seed, "");
    world.add("mute", SiteFamily::Ep760, seed, "wire_silent");
    const lua::Value result = world.run("commission/batch", {std::string(kSites)});
    CHECK(result.get("level")->text == "alarm");
    std::string found;
    for (const lua::Entry& row : result.get("summary")->entries) {
      found += row.value.get("site")->text + " " + row.value.get("level")->text + ": " +
               row.value.get("findings")->text + "\n";
    }
    INFO(found);
    const auto has = [&](std::string_view part) { return found.find(part) != std::string::npos; };
    CHECK(has("Roof ok: \n"));
    CHECK(has("Plant ok: \n"));
    CHECK(has("Barn alarm: "));
    CHECK(has("tower[1].module[3] is isolated"));
    CHECK(has("Mill alarm: there is no such port"));
    CHECK(has("Mute alarm: "));
    CHECK(has("Shop alarm: the column parts holds 'four', which is no number of parts."));
    CHECK(has("Hall alarm: the row names no device."));
    CHECK(result.get("reports")->entries.size() == 7);
  }
}
