// SPDX-License-Identifier: Apache-2.0
#include "sim/plant/module_bank.hpp"

#include <cmath>
#include <vector>

#include "core/bms/families.hpp"
#include "tests/support/catch.hpp"

using namespace weco;
using namespace weco::sim;

namespace {

BankConfig bank_of(const bms::PackConfig& pack) {
  BankConfig config;
  config.cells = pack.cells;
  config.kind = pack.cells == 240 ? &kLfp280Ah : &kLfp100Ah;
  return config;
}

/// One module under the real battery core, ticked every 100 ms.
struct Module {
  explicit Module(const bms::PackConfig& pack_config = bms::kWecoSmart,
                  const ModuleConfig& config = kWecoModule)
      : pack(pack_config), bank(bank_of(pack_config)), modules(config, bank), plant(modules[0]) {
    state = bms::power_up(pack, bms::factory_record(pack, Permyriad(5000)), now);
  }
  void tick(bms::Command command = bms::Command::None) {
    modules.step({{&room, 1}, {}}, 0.1);
    now = now + Duration::ms(100);
    in.command = command;
    plant.measure(in);
    in.afe_age = in.link_age = in.master_age = Duration::ms(0);
    in.interlock_closed = true;
    in.permit_close = true;
    in.tower_voltage = in.pack_voltage;
    out = bms::tick(pack, state, in, now);
    plant.obey(out);
  }
  void run(int ticks) {
    for (int i = 0; i < ticks; ++i) tick();
  }
  void start() {
    tick(bms::Command::PowerOn);
    run(50);
    tick(bms::Command::Start);
    run(50);
  }
  bms::PackConfig pack;
  CellBank bank;
  ModuleBank modules;
  ModulePlant& plant;
  bms::PackState state;
  bms::PackInputs in;
  bms::PackOutputs out;
  Instant now;
  double room = 298.15;
};

bool on(bms::State state) { return state == bms::State::Running || state == bms::State::Derating; }

}  // namespace

TEST_CASE("a module precharges its converter, closes and delivers under the real core", "[WS-02]") {
  Module m;
  m.start();
  INFO(static_cast<int>(m.out.state));
  REQUIRE(on(m.out.state));
  CHECK(m.plant.closed(Contactor::Main));
  CHECK(m.plant.node_V() == Approx(m.bank.string_V(0)).margin(0.01));
  m.plant.request(-2000.0);
  m.run(100);
  CHECK(m.plant.far_W() == Approx(-2000.0).epsilon(1e-4));
  CHECK(m.in.current.value.count() < -39000);
  const ModuleEnergy e = m.plant.energy();
  const double closes = e.far_J - m.bank.energy(0).terminal_J - e.converter_J - e.heater_J -
                        e.electronics_J - e.circuit_J - e.capacitor_J;
  CHECK(std::abs(closes) < 1e-9 * std::abs(e.far_J));
}

TEST_CASE("a cabinet of 240 cells precharges within the core's time", "[CM-15]") {
  Module m(bms::kCm2, kCm2Module);
  m.start();
  INFO(static_cast<int>(m.out.state));
  CHECK(on(m.out.state));
}
