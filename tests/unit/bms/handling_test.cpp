// SPDX-License-Identifier: Apache-2.0
#include "core/bms/handling.hpp"

#include <array>

#include "tests/support/catch.hpp"
#include "tests/unit/bms/rig.hpp"

namespace weco::bms {
namespace {

using test::Rig;

constexpr std::array<HandlingReport, 5> kReports{{{true, false, false, false, false},
                                                  {false, true, false, false, false},
                                                  {false, false, true, false, false},
                                                  {false, false, false, true, false},
                                                  {false, false, false, false, true}}};

TEST_CASE("a pack that was dropped, hit, tilted or damaged is never put on the bus", "[EP-19]") {
  for (const HandlingReport& report : kReports) {
    Rig rig(kEp760);
    rig.to_standby();
    forbid_use(report, rig.in);
    CHECK(rig.command(Command::Start) == Refusal::JoinGate);
    rig.seconds(10);
    CHECK(rig.out.contactors == Contactors{});
  }
  Rig untouched(kEp760);
  untouched.to_standby();
  forbid_use({}, untouched.in);
  CHECK(untouched.command(Command::Start) == Refusal::None);
}

TEST_CASE("a running pack that is hit leaves the bus and does not come back by itself", "[EP-19]") {
  Rig rig(kEp760);
  rig.to_running();
  REQUIRE(rig.out.contactors.main);
  forbid_use({false, true, false, false, false}, rig.in);
  rig.seconds(10);
  CHECK(rig.out.state == State::Standby);
  CHECK_FALSE(rig.out.contactors.main);
}

TEST_CASE("the report of a damaged pack never widens a permission and is never taken back",
          "[EP-19]") {
  PackInputs inputs;
  inputs.permit_close = false;
  inputs.force_open = true;
  forbid_use({}, inputs);
  CHECK_FALSE(inputs.permit_close);
  CHECK(inputs.force_open);
  for (const HandlingReport& report : kReports) {
    CHECK(merge(report, {}) == report);
    CHECK(merge({}, report) == report);
  }
  CHECK(merge(kReports[0], kReports[1]) == HandlingReport{true, true, false, false, false});
}

TEST_CASE("what can be seen or smelt sends people away, the rest sets the pack aside", "[EP-19]") {
  CHECK(judge_handling({}) == HandlingVerdict::Usable);
  CHECK(advice(HandlingVerdict::Usable).empty());
  for (const std::size_t i : {0U, 1U, 2U}) {
    CHECK(judge_handling(kReports[i]) == HandlingVerdict::SetAside);
  }
  for (const std::size_t i : {3U, 4U}) {
    CHECK(judge_handling(kReports[i]) == HandlingVerdict::Evacuate);
    CHECK(judge_handling(merge(kReports[i], kReports[0])) == HandlingVerdict::Evacuate);
  }
  CHECK(advice(HandlingVerdict::SetAside) != advice(HandlingVerdict::Evacuate));
  CHECK_FALSE(advice(HandlingVerdict::Evacuate).empty());
}

}  // namespace
}  // namespace weco::bms
