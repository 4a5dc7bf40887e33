// SPDX-License-Identifier: Apache-2.0
// The fault codes stand twice: in the families' data, for people, and in the core, which raises
// them. They are one list.
#include "core/ems/faults.hpp"

#include <fmt/format.h>

#include "host/profile/catalog.hpp"
#include "tests/support/catch.hpp"

using namespace weco;

TEST_CASE("the core raises exactly the codes that the family explains, as severe as it says",
          "[WS-46]") {
  const auto catalog = Catalog::embedded();
  const auto explained = catalog->faults("weco_smart");
  REQUIRE(explained);
  const auto raised = ems::faults_of(ems::Product::WecoSmart);
  REQUIRE(explained->size() == raised.size());
  for (std::size_t i = 0; i < raised.size(); ++i) {
    const FaultInfo& family = (*explained)[i];
    INFO(family.code);
    CHECK(family.code == fmt::format("F{:03}", raised[i].code));
    CHECK(static_cast<int>(family.severity) == static_cast<int>(raised[i].severity));
    CHECK(family.word == 1 + (raised[i].code - 1) / 32);
    CHECK(family.bit == (raised[i].code - 1) % 32);
  }
}

TEST_CASE("the 143 numbers of an EP760 are one list in the core, in our map and in the vendor's",
          "[EP-08]") {
  const auto catalog = Catalog::embedded();
  const auto raised = ems::faults_of(ems::Product::Ep760);
  REQUIRE(raised.size() == 143);
  const auto ours = catalog->faults("ep760_open");
  REQUIRE(ours);
  REQUIRE(ours->size() == raised.size());
  for (std::size_t i = 0; i < raised.size(); ++i) {
    const auto n = static_cast<unsigned>(i);
    INFO(raised[i].code);
    for (const std::string_view family : {"ep760_open", "bluetti_ep760"}) {
      const FaultInfo* listed = catalog->fault(family, fmt::format("{}", raised[i].code));
      REQUIRE(listed != nullptr);
      CHECK(listed->name == (raised[i].name.empty() ? "Unnamed" : raised[i].name));
      CHECK(static_cast<int>(listed->severity) == static_cast<int>(raised[i].severity));
      std::string action;
      for (const std::string& step : listed->actions) action += (action.empty() ? "" : " ") + step;
      CHECK(action.empty() == raised[i].action.empty());
    }
    CHECK((*ours)[i].code == fmt::format("{}", raised[i].code));
    CHECK((*ours)[i].word == 1 + n / 64);
    CHECK((*ours)[i].bit == n % 64);
    // The vendor's words hold 16 numbers each: six of faults, then those of warnings.
    const FaultInfo* theirs = catalog->fault("bluetti_ep760", (*ours)[i].code);
    CHECK(theirs->carrier == (n < 96 ? point("fault_word") : point("warning_word")));
    CHECK(theirs->word == 1 + n % 96 / 16);
    CHECK(theirs->bit == n % 16);
  }
}
