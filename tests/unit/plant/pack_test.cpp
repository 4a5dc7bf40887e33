// SPDX-License-Identifier: Apache-2.0
#include "sim/plant/pack.hpp"

#include <cmath>
#include <vector>

#include "core/bms/families.hpp"
#include "tests/support/catch.hpp"

using namespace weco;
using namespace weco::sim;

namespace {

/// One module under the real battery core, ticked every 100 ms.
struct Module {
  explicit Module(const bms::PackConfig& pack_config = bms::kWecoSmart,
                  const ModuleConfig& config = kWecoModule)
      : pack(pack_config), plant(config, 0, pack_config.cells) {
    BankConfig bank_config;
    bank_config.cells = pack_config.cells;
    bank_config.kind = pack_config.cells == 240 ? &kLfp280Ah : &kLfp100Ah;
    bank = std::make_unique<CellBank>(bank_config);
    state = bms::power_up(pack, bms::factory_record(pack, Permyriad(5000)), now);
  }
  void tick(bms::Command command = bms::Command::None) {
    const double power = plant.want(*bank, 0.1);
    double current = 0.0;
    bank->currents_for(0.1, {&power, 1}, {&current, 1});
    const auto drive = plant.drive(*bank, current, 0.1);
    bank->step({{&drive.current_A, 1}, {&room, 1}, {&drive.heater_W, 1}, {}}, 0.1);
    plant.settle(*bank, 0.1);
    now = now + Duration::ms(100);
    in.command = command;
    bank->read();
    plant.measure(*bank, in);
    in.afe_age = in.link_age = in.master_age = Duration::ms(0);
    in.interlock_closed = true;
    in.permit_close = true;
    in.tower_voltage = in.pack_voltage;
    out = bms::tick(pack, state, in, now);
    plant.obey(*bank, out);
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
  ModulePlant plant;
  std::unique_ptr<CellBank> bank;
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
  CHECK(m.plant.node_V() == Approx(m.bank->string_V(0)).margin(0.01));
  m.plant.request(-2000.0);
  m.run(100);
  CHECK(m.plant.far_W() == Approx(-2000.0).epsilon(1e-4));
  CHECK(m.in.current.value.count() < -39000);
  const ModuleEnergy& e = m.plant.energy();
  const double closes = e.far_J - m.bank->energy(0).terminal_J - e.converter_J - e.heater_J -
                        e.electronics_J - e.circuit_J - e.capacitor_J;
  CHECK(std::abs(closes) < 1e-9 * std::abs(e.far_J));
}

TEST_CASE("a cabinet of 240 cells precharges within the core's time", "[CM-15]") {
  Module m(bms::kCm2, kCm2Module);
  m.start();
  INFO(static_cast<int>(m.out.state));
  CHECK(on(m.out.state));
}
