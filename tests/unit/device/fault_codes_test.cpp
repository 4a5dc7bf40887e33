// SPDX-License-Identifier: Apache-2.0
// The fault codes stand twice: in the family's data, for people, and in the core, which raises
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
