// SPDX-License-Identifier: Apache-2.0
// Counts every allocation of the program: a day in the life of a pack must not make one.
#include <array>

#include "core/bms/tower.hpp"
#include "tests/support/allocations.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/bms/rig.hpp"

namespace weco::bms {
namespace {

using test::Rig;

TEST_CASE("a simulated day of ticks takes no memory", "[TK-03]") {
  Rig rig(kWecoSmart);
  rig.to_running();
  TowerState tower;
  std::array<ModuleReport, 3> reports{};
  const std::size_t before = weco::test::allocations_made();
  std::size_t joined = 0;
  for (int i = 0; i < 24 * 3600 * 10; ++i) {
    if (i % 36000 == 0) rig.current(i % 72000 == 0 ? 20000 : -20000);
    rig.tick();
    if (i % 10 != 0) continue;
    for (ModuleReport& r : reports) {
      make_report(rig.state, rig.in, 1, kWecoTower8k.type_code, r);
    }
    joined += coordinate(kWecoTower8k, tower, {reports, Command::None, true}).joined;
    const ModuleLimits module{&limits_of(rig.state), rig.in.current, rig.in.pack_voltage.value};
    const TowerLimits limits = share_limits(kWecoSmart, kWecoTower8k, {&module, 1});
    joined += limits.charge.size() > 0 ? 0 : 1;
    const PersistentBytes bytes = encode(snapshot(kWecoSmart, rig.state));
    joined += decode(bytes, kWecoSmart.type_code).has_value() ? 0 : 1;
  }
  const std::size_t after = weco::test::allocations_made();
  CHECK(after == before);
  CHECK(joined == 3U * 24 * 3600);
  CHECK(before > 0);  // the counter works
}

}  // namespace
}  // namespace weco::bms
