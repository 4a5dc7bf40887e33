// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <sstream>
#include <string>

#include "tests/support/catch.hpp"
#include "tests/unit/records/site.hpp"

using namespace weco;
using test::checklists;

namespace {

/// What the manuals ask of whoever commissions, maintains, stores and takes out of use.
constexpr const char* kAsked[] = {
    "WS-30", "WS-32", "WS-33", "WS-37", "WS-44", "WS-45", "WS-60", "WS-61", "WS-62",
    "WS-63", "WS-64", "WS-65", "WS-67", "WS-70", "WS-71", "WS-72", "WS-73", "WS-74",
    "WS-75", "WS-76", "WS-77", "WS-78", "WS-79", "WS-80", "CM-16", "CM-17", "CM-18",
    "CM-19", "EP-10", "EP-11", "EP-12", "EP-13", "EP-14", "EP-15", "EP-16", "EP-17",
    "EP-18", "EP-19", "EP-20", "EP-21", "EP-22", "EP-23", "EP-24", "EP-25"};
constexpr const char* kLists[] = {"commissioning", "monthly",         "quarterly", "six_monthly",
                                  "storage",       "decommissioning", "emergency"};
constexpr const char* kFamilies[] = {"weco_smart", "saj_cm2", "ep760"};

/// What each sentence of the manuals' maintenance and commissioning chapters became, read beside
/// them: an item that is gone would be a sentence that is gone.
struct Sentences {
  const char* requirement;
  const char* family;
  const char* checklist;
  const char* items;
};
constexpr Sentences kSentences[] = {
    {"WS-37", "weco_smart", "storage",
     "place temperature soc_cold soc_mild soc_warm recharge alarms damage"},
    {"WS-60", "weco_smart", "commissioning",
     "safety_qualified safety_ppe safety_area safety_lockout safety_waited safety_no_voltage"},
    {"WS-60", "weco_smart", "monthly", "safety_qualified safety_covers"},
    {"WS-60", "weco_smart", "quarterly",
     "safety_qualified safety_ppe safety_area safety_lockout safety_waited safety_no_voltage"},
    {"WS-60", "weco_smart", "six_monthly",
     "safety_qualified safety_ppe safety_area safety_lockout safety_waited safety_no_voltage"},
    {"WS-60", "weco_smart", "storage", "safety_qualified safety_covers"},
    {"WS-60", "weco_smart", "decommissioning", "safety_qualified safety_covers no_voltage"},
    {"WS-61", "weco_smart", "monthly",
     "soc soh bus_voltage module_voltage currents temperatures spread modules_online full_charge "
     "no_alarm lock event_log room"},
    {"WS-61", "weco_smart", "quarterly", "no_alarm"},
    {"WS-62", "weco_smart", "monthly", "spread"},
    {"WS-62", "weco_smart", "quarterly",
     "soc_trend soh_now voltage_consistency current_consistency no_alarm dust oxidation tightness "
     "insulation routing tools"},
    {"WS-62", "weco_smart", "six_monthly", "insulation_resistance"},
    {"WS-63", "weco_smart", "six_monthly",
     "can_bus can_errors insulation_resistance firmware hv_wiring hv_terminals breaker contactor "
     "plug_wear plug_gaskets rj45_cables rj45_oxide rj45_latch termination torque brackets "
     "protective_spray foreign_bodies tools"},
    {"WS-64", "weco_smart", "quarterly", "dust heat tightness dc_switch weekly_connections"},
    {"WS-67", "weco_smart", "commissioning", "torque"},
    {"WS-67", "weco_smart", "quarterly", "tightness"},
    {"WS-67", "weco_smart", "six_monthly", "torque"},
    {"WS-70", "weco_smart", "commissioning",
     "site_air site_coast site_living site_fire site_altitude site_floor site_wall site_gap"},
    {"WS-71", "weco_smart", "commissioning", "boxes packing_lists serials"},
    {"WS-72", "weco_smart", "commissioning", "base stack inverter_on_top lifting"},
    {"WS-72", "weco_smart", "decommissioning", "off_wall"},
    {"WS-73", "weco_smart", "commissioning", "earth_first earth_before earth_after"},
    {"WS-73", "weco_smart", "decommissioning", "earth_last"},
    {"WS-74", "weco_smart", "commissioning",
     "pv_voltage_off pv_polarity pv_string_voltage pv_power pv_click"},
    {"WS-75", "weco_smart", "commissioning", "ac_grid ac_backup ac_sequence phase_order"},
    {"WS-76", "weco_smart", "commissioning", "cables_cold cables_route"},
    {"WS-77", "weco_smart", "commissioning",
     "safety_waited safety_no_voltage protection covers external_cover"},
    {"WS-77", "weco_smart", "quarterly", "safety_waited safety_no_voltage"},
    {"WS-77", "weco_smart", "six_monthly", "safety_waited safety_no_voltage"},
    {"WS-78", "weco_smart", "decommissioning",
     "ac_off dc_off ten_minutes no_voltage ac_cord dc_cable earth_last off_wall serials proof"},
    {"WS-79", "weco_smart", "commissioning", "handover_training"},
    {"WS-79", "weco_smart", "emergency", "fire fire_small off leak flood impact call mark"},
    {"WS-80", "weco_smart", "commissioning", "handover_papers handover_training handover_app"},
    {"CM-18", "saj_cm2", "commissioning", "cabinet_off no_hot_plug"},
    {"CM-18", "saj_cm2", "quarterly", "cabinet_off cables"},
    {"CM-18", "saj_cm2", "six_monthly", "cabinet_off parts"},
    {"CM-18", "saj_cm2", "decommissioning", "cabinet_off cables_off proof"},
    {"CM-18", "saj_cm2", "emergency", "off leak flood mark"},
    {"CM-19", "saj_cm2", "commissioning",
     "packing contents switch_unit serials place ground supply backup_supply antennas torque"},
    {"CM-19", "saj_cm2", "quarterly", "ground"},
    {"CM-19", "saj_cm2", "six_monthly", "torque"},
    {"CM-19", "saj_cm2", "storage", "place damage"},
    {"EP-10", "ep760", "commissioning", "start_dc start_wait start_ac backup_voltage status"},
    {"EP-11", "ep760", "quarterly", "half_hour"},
    {"EP-11", "ep760", "storage", "off"},
    {"EP-11", "ep760", "decommissioning", "ac_off packs_off half_hour no_voltage"},
    {"EP-12", "ep760", "commissioning", "polarity pv_voltage breakers firm labels"},
    {"EP-13", "ep760", "commissioning", "torque_battery torque_cover torque_ac torque_ground"},
    {"EP-13", "ep760", "quarterly", "screws"},
    {"EP-13", "ep760", "six_monthly", "torque_battery torque_ac"},
    {"EP-16", "ep760", "quarterly", "clean"},
    {"EP-16", "ep760", "six_monthly", "full_cycle"},
    {"EP-16", "ep760", "storage", "off soc cycle place"},
    {"EP-17", "ep760", "commissioning", "ct_arrow meter"},
    {"EP-17", "ep760", "monthly", "ct meter"},
    {"EP-19", "ep760", "commissioning", "delivery dropped people"},
    {"EP-19", "ep760", "storage", "damage"},
    {"EP-19", "ep760", "decommissioning", "remove"},
    {"EP-19", "ep760", "emergency", "dropped_whole dropped_damaged"},
    {"EP-20", "ep760", "commissioning", "breakers"},
    {"EP-20", "ep760", "quarterly", "breaker"},
    {"EP-21", "ep760", "commissioning", "people air touch coast altitude climate level"},
    {"EP-21", "ep760", "quarterly", "clean"},
    {"EP-22", "ep760", "commissioning", "wire_sizes pv_frames ct_arrow"},
    {"EP-22", "ep760", "quarterly", "insulation"},
    {"EP-22", "ep760", "six_monthly", "earth"},
    {"EP-23", "ep760", "commissioning", "iot"},
    {"EP-23", "ep760", "monthly", "app"},
    {"EP-24", "ep760", "commissioning", "training"},
    {"EP-24", "ep760", "emergency",
     "evacuate power extinguisher dropped_whole dropped_damaged inhaled eyes skin swallowed mark"},
    {"EP-25", "ep760", "decommissioning", "disconnect remove dispose"},
};

std::string first_mistake(const char* text) {
  const auto loaded = load_checklist(text, "list.lua");
  return loaded ? "" : loaded.error().where + ": " + loaded.error().what;
}

std::string with_item(const std::string& item) {
  return "return { checklist = \"a\", family = \"f\", title = \"t\", revision = 1,\n items = { " +
         item + " } }";
}

}  // namespace

TEST_CASE("every requirement of maintenance, commissioning and end of life has its items",
          "[WS-37][WS-60][WS-61][WS-62][WS-63][WS-64][WS-70][WS-71][WS-72][WS-73][WS-74][WS-75]"
          "[WS-76][WS-77][WS-78][WS-79][WS-80][CM-18][CM-19][EP-10][EP-11][EP-12][EP-13][EP-14]"
          "[EP-15][EP-16][EP-17][EP-18][EP-19][EP-20][EP-21][EP-22][EP-23][EP-24][EP-25]") {
  std::set<std::string> covered;
  for (const Checklist& list : checklists().all()) {
    for (const ChecklistItem& item : list.items)
      covered.insert(item.needs.begin(), item.needs.end());
  }
  for (const char* id : kAsked) {
    INFO(id);
    CHECK(covered.contains(id));
  }
}

TEST_CASE("every sentence of the maintenance and commissioning chapters has its item",
          "[WS-60][WS-61][WS-62][WS-63][WS-64][WS-70][WS-78][CM-18][CM-19][EP-12][EP-13][EP-24]") {
  for (const Sentences& row : kSentences) {
    const Checklist& list = test::checklist(row.family, row.checklist);
    std::istringstream items(row.items);
    for (std::string id; items >> id;) {
      INFO(row.requirement << " " << row.family << " " << row.checklist << " " << id);
      const ChecklistItem* item = list.find(id);
      REQUIRE(item != nullptr);
      CHECK(std::ranges::find(item->needs, row.requirement) != item->needs.end());
    }
  }
}

TEST_CASE("each family has all seven checklists, and variants find those of their family",
          "[WS-61][WS-79][EP-24]") {
  for (const char* family : kFamilies) {
    for (const char* name : kLists) {
      INFO(family << " " << name);
      CHECK(checklists().find(family, name));
    }
  }
  CHECK(checklists().family_for("bluetti_ep760") == "ep760");
  CHECK(checklists().family_for("ep760_open") == "ep760");
  CHECK(checklists().family_for("saj_cm2_ems") == "saj_cm2");
  CHECK(checklists().family_for("eastron_sdm630").empty());
  const auto wrong = checklists().find("weco_smart", "montly");
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().hint == "Did you mean \"monthly\"?");
}

TEST_CASE("safety comes first in every checklist that is worked through", "[WS-60]") {
  for (const Checklist& list : checklists().all()) {
    if (list.card) continue;
    INFO(list.family << " " << list.name);
    REQUIRE(list.items.front().first);
    bool began = false;
    for (const ChecklistItem& item : list.items) {
      if (!item.first) began = true;
      CHECK_FALSE((item.first && began));
      if (item.first) CHECK(item.kind == ItemKind::Safety);
    }
  }
  for (const char* hands_on : {"commissioning", "quarterly", "six_monthly"}) {
    const Checklist& list = test::checklist("weco_smart", hands_on);
    for (const char* id : {"safety_qualified", "safety_ppe", "safety_lockout", "safety_waited",
                           "safety_no_voltage"}) {
      CHECK(list.find(id) != nullptr);
    }
  }
}

TEST_CASE("whatever is not conforming has a corrective action", "[WS-61][WS-62][WS-63]") {
  for (const Checklist& list : checklists().all()) {
    if (list.card) continue;
    for (const ChecklistItem& item : list.items) {
      INFO(item.key);
      CHECK_FALSE(item.fix.empty());
      for (const Language& language : checklists().languages()) {
        INFO(language.code);
        CHECK_FALSE(language.word("fix." + item.fix, "").empty());
      }
    }
  }
}

TEST_CASE("English and Italian have every word, and nothing that nobody uses", "[WS-65]") {
  const auto en = checklists().language("en");
  const auto it = checklists().language("it");
  REQUIRE(en);
  REQUIRE(it);
  std::set<std::string> wanted;
  for (const auto& [key, word] : (*en)->words) wanted.insert(key);
  for (const Checklist& list : checklists().all()) {
    wanted.insert("title." + list.title);
    for (const ChecklistItem& item : list.items) {
      wanted.insert(item.key);
      wanted.insert("group." + item.group);
    }
  }
  for (const std::string& key : wanted) {
    INFO(key);
    CHECK_FALSE((*it)->word(key, "").empty());
  }
  for (const auto& [key, word] : (*it)->words) {
    INFO(key);
    CHECK(wanted.contains(key));
  }
  const auto none = checklists().language("tlh");
  REQUIRE_FALSE(none);
  CHECK(none.error().hint == "There are: en, it.");
}

TEST_CASE("a wrong checklist is refused with its line", "[TK-10]") {
  CHECK(first_mistake("return 1").find("list.lua") == 0);
  CHECK(first_mistake(with_item("").c_str()).find("the checklist has no items") !=
        std::string::npos);
  const std::string head = "{ id = \"x\", group = \"g\", text = \"t\", needs = { \"WS-60\" }, ";
  const auto refused = [&](const std::string& rest, const char* why) {
    const std::string mistake = first_mistake(with_item(head + rest).c_str());
    INFO(mistake);
    CHECK(mistake.find("list.lua:2: item \"x\"") == 0);
    CHECK(mistake.find(why) != std::string::npos);
  };
  refused("knd = \"safety\" }", "\"knd\" is not known");
  refused("kind = \"dangerous\" }", "kind \"dangerous\" is not known");
  refused("accept = { point = \"sock\" } }", "there is no point \"sock\"");
  refused("accept = { point = \"lock\", is = \"never\" } }", "is no symbol");
  refused("accept = { number = \"V\" } }", "a number needs min or max");
  refused("accept = { number = \"V\", min = \"ten\" } }", "\"min\" is no number");
  refused("accept = { min = \"1\" } }", "needs one of number, torque, point and rule");
  refused("evidence = { \"smell\" } }", "evidence \"smell\" is not known");
  CHECK(first_mistake(with_item(head + "}").c_str()).empty());
}
