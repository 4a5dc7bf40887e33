// SPDX-License-Identifier: Apache-2.0
#include <set>
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
