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
  CHECK(m.modules.far_W()[0] == Approx(-2000.0).epsilon(1e-4));
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

namespace {

/// Modules whose contactors are switched by hand, each another way, with all that a step of theirs
/// can meet.
struct Row {
  explicit Row(const ModuleConfig& config, std::size_t modules,
               const KernelChoice& kernel = kernel_choices().front())
      : bank(bank_of(modules)), plant(config, bank), room(modules, 291.0) {
    bank.use(kernel);
  }
  static BankConfig bank_of(std::size_t modules) {
    BankConfig config;
    config.strings = modules;  // all cells alike: a module does not depend on its place
    return config;
  }
  void contactors(std::size_t module, bool main, bool negative, bool precharge,
                  bool heater = false) {
    bms::PackOutputs out;
    out.state = bms::State::Running;
    out.contactors.main = main;
    out.contactors.negative = negative;
    out.contactors.precharge = precharge;
    out.heater = heater;
    plant[module].set_outside_supply(heater);
    plant[module].obey(out);
  }
  void run(int steps, double dt_s) {
    for (int i = 0; i < steps; ++i) plant.step({room, {}}, dt_s);
  }
  [[nodiscard]] double open_books_J(std::size_t i) const {
    const ModuleEnergy e = plant[i].energy();
    return e.far_J - bank.energy(i).terminal_J - e.converter_J - e.heater_J - e.electronics_J -
           e.circuit_J - e.capacitor_J;
  }
  [[nodiscard]] std::vector<double> all_of(std::size_t i) {
    bms::PackInputs in;
    plant[i].measure(in);
    const ModuleEnergy e = plant[i].energy();
    return {e.far_J,
            e.converter_J,
            e.heater_J,
            e.electronics_J,
            e.circuit_J,
            e.capacitor_J,
            plant[i].through_As(),
            plant[i].node_V(),
            plant[i].current_A(),
            plant.far_W()[i],
            bank.string_V(i),
            static_cast<double>(in.current.value.count()),
            static_cast<double>(in.pack_voltage.value.count()),
            static_cast<double>(in.bus_voltage.value.count())};
  }
  CellBank bank;
  ModuleBank plant;
  std::vector<double> room;
};

/// Each module on its way: precharged and joined, left open, then pulled apart again.
void live(Row& row, std::size_t from, std::size_t modules) {
  const auto each = [&](auto&& act) {
    for (std::size_t i = 0; i < modules; ++i) act(i, from + i);
  };
  each([&](std::size_t i, std::size_t way) {
    row.contactors(i, false, way % 4 != 3, way % 4 != 3, way % 3 == 0);
  });
  row.run(40, 0.1);
  each([&](std::size_t i, std::size_t way) {
    if (way % 4 < 2) row.contactors(i, true, true, false, way % 3 == 0);
    row.plant[i].request(way % 2 == 0 ? 3000.0 : -2500.0);
  });
  row.run(100, 1.0);
  row.run(10, 60.0);
  each([&](std::size_t i, std::size_t way) {
    if (way % 4 == 1) row.contactors(i, false, false, false);
    row.plant[i].request(way % 4 == 0 ? -6000.0 : 0.0);
  });
  row.run(100, 1.0);
}

constexpr std::size_t kRow = 11;  // no whole number of registers

}  // namespace

TEST_CASE("modules of every kind give the same bits with every instruction set") {
  for (const ModuleConfig& config : {kWecoModule, kB500Module, kCm2Module}) {
    Row expected(config, kRow, kernel_choices().back());
    live(expected, 0, kRow);
    for (const KernelChoice& kernel : kernel_choices()) {
      Row row(config, kRow, kernel);
      live(row, 0, kRow);
      INFO(kernel.name);
      for (std::size_t i = 0; i < kRow; ++i) CHECK(row.all_of(i) == expected.all_of(i));
    }
  }
}

TEST_CASE("a module does among others what it does alone") {
  Row all(kWecoModule, kRow);
  live(all, 0, kRow);
  for (const std::size_t i : {0, 1, 2, 3, 7, 10}) {
    Row alone(kWecoModule, 1);
    live(alone, i, 1);
    INFO(i);
    CHECK(all.all_of(i) == alone.all_of(0));
  }
}

TEST_CASE("the books of a module close on every way that its contactors leave") {
  for (const ModuleConfig& config : {kWecoModule, kB500Module, kCm2Module}) {
    Row row(config, kRow);
    live(row, 0, kRow);
    for (std::size_t i = 0; i < kRow; ++i) {
      const double moved =
          std::abs(row.plant[i].energy().far_J) + std::abs(row.bank.energy(i).terminal_J) + 1.0;
      INFO(i);
      CHECK(std::abs(row.open_books_J(i)) < 1e-9 * moved);
    }
  }
}

TEST_CASE("a fuse melts after so much beyond its rating, and nothing flows after that") {
  ModuleConfig config = kB500Module;
  config.fuse_A = 50.0;
  config.fuse_A2s = 5000.0;
  Row row(config, 3);
  for (std::size_t i = 0; i < 3; ++i) row.contactors(i, true, true, false);
  row.run(1, 0.1);
  row.plant[0].request(-49.0 * row.bank.string_V(0));  // just below its rating, for ever
  row.plant[1].request(-55.0 * row.bank.string_V(1));  // 525 A2s a second and more: 7 to 10 s
  row.run(6, 1.0);
  CHECK_FALSE(row.plant[1].fuse_blown());
  row.run(5, 1.0);
  CHECK(row.plant[1].fuse_blown());
  CHECK_FALSE(row.plant[0].fuse_blown());
  row.run(1, 1.0);
  CHECK(row.plant.far_W()[1] == 0.0);
  CHECK(row.plant.far_W()[0] < -1000.0);
  row.plant[1].replace_fuse();
  row.run(1, 1.0);
  CHECK(row.plant.far_W()[1] < -1000.0);
}

TEST_CASE("a contactor that closes onto a foreign voltage welds") {
  Row row(kB500Module, 2);
  row.contactors(0, false, true, true);
  row.run(40, 0.1);
  row.contactors(0, true, true, false);  // precharged
  row.contactors(1, true, true, false);  // onto an empty capacitor
  row.run(1, 0.1);
  for (std::size_t i = 0; i < 2; ++i) row.contactors(i, false, true, false);
  CHECK_FALSE(row.plant[0].closed(Contactor::Main));
  CHECK(row.plant[1].closed(Contactor::Main));
}

TEST_CASE("sensors of a module deliver their errors, stick and fall silent") {
  Row row(kB500Module, 2);
  row.contactors(1, true, true, true);
  row.run(5, 1.0);
  row.contactors(1, true, true, false);
  ModulePlant& m = row.plant[1];
  m.request(-1000.0);
  CHECK(m.reads_plainly());
  m.set_current_sensor({1.1, 20.0, SensorFault::None});
  m.set_voltage_sensor({1.0, -7.0, SensorFault::None});
  row.run(3, 1.0);
  bms::PackInputs in;
  m.measure(in);
  CHECK(in.current.value.count() == std::lrint(1100.0 * m.current_A() + 20.0));
  CHECK(in.pack_voltage.value.count() == std::lrint(1000.0 * row.bank.string_V(1) - 7.0));
  CHECK(in.bus_voltage.value.count() == std::lrint(1000.0 * m.node_V()));
  const Milliamps before = in.current.value;
  m.set_current_sensor({1.0, 0.0, SensorFault::Stuck});
  m.set_bus_sensor({1.0, 0.0, SensorFault::Lost});
  m.request(1000.0);
  row.run(3, 1.0);
  m.measure(in);
  CHECK(in.current.value == before);
  CHECK(in.current.read);
  CHECK_FALSE(in.bus_voltage.read);
}

TEST_CASE("a module whose sensors work reads in every step what it would read in full") {
  Row row(kWecoModule, 2);
  row.contactors(0, true, true, false);
  ModulePlant& m = row.plant[0];
  bms::PackInputs again, full;
  m.measure(again);
  m.request(-900.0);
  for (int i = 0; i < 100; ++i) {
    row.run(1, 1.0);
    m.measure_again(again);
    m.measure(full);
    REQUIRE(again.current.value == full.current.value);
    REQUIRE(again.pack_voltage.value == full.pack_voltage.value);
    REQUIRE(again.bus_voltage.value == full.bus_voltage.value);
    REQUIRE(std::ranges::equal(again.cells.temperature, full.cells.temperature));
  }
}

TEST_CASE(
    "a module with a sensor that sticks or is lost does not count as one that reads plainly") {
  Row row(kWecoModule, 1);
  ModulePlant& m = row.plant[0];
  const auto set = {&ModulePlant::set_current_sensor, &ModulePlant::set_voltage_sensor,
                    &ModulePlant::set_bus_sensor};
  for (const auto sensor : set) {
    for (const SensorFault fault : {SensorFault::Stuck, SensorFault::Lost}) {
      (m.*sensor)({1.0, 0.0, fault});
      CHECK_FALSE(m.reads_plainly());
      (m.*sensor)({1.0, 0.0, SensorFault::None});
      CHECK(m.reads_plainly());
    }
  }
  m.set_cell_sensor(3, {1.0, 0.0, SensorFault::Stuck});
  CHECK_FALSE(m.reads_plainly());
}
