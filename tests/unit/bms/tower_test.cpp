// SPDX-License-Identifier: Apache-2.0
// Packs side by side: who gets which address, who may join, what one bad module costs the others,
// and how much the whole may carry.
#include "core/bms/tower.hpp"

#include <array>
#include <memory>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/unit/bms/rig.hpp"

namespace weco::bms {
namespace {

using test::Rig;

std::vector<ModuleReport> chain(const TowerConfig& config, std::size_t n) {
  std::vector<ModuleReport> modules(n);
  for (std::size_t i = 0; i < n; ++i) {
    modules[i].present = true;
    modules[i].serial = static_cast<std::uint32_t>(1000 + i);
    modules[i].type = {config.type_code, true};
  }
  return modules;
}

TEST_CASE("modules are addressed in wiring order and the first is the master", "[WS-03]") {
  auto modules = chain(kWecoTower8k, 12);
  Addressing a = assign_addresses(kWecoTower8k, modules);
  CHECK(a.refusal == TowerRefusal::None);
  CHECK(a.master == 0);
  CHECK(a.address[0] == 1);
  CHECK(a.address[11] == 12);
  SECTION("a tower may be short or absent") {
    for (const std::size_t i : {2U, 3U, 4U, 5U, 6U, 7U}) modules[i].present = false;
    a = assign_addresses(kWecoTower8k, modules);
    CHECK(a.refusal == TowerRefusal::None);
    CHECK(a.address[2] == 0);
    CHECK(a.address[8] == 9);
  }
  SECTION("the master is the first that is there") {
    for (const std::size_t i : {0U, 1U, 2U, 3U}) modules[i].present = false;
    CHECK(assign_addresses(kWecoTower8k, modules).master == 4);
  }
}

TEST_CASE("a chain that cannot be is refused with its place", "[WS-03][WS-22][EP-02]") {
  auto modules = chain(kWecoTower8k, 12);
  const auto refused = [&modules](const TowerConfig& config) {
    const Addressing a = assign_addresses(config, modules);
    for (const std::uint8_t address : a.address) CHECK(address == 0);
    return std::pair(a.refusal, int{a.at});
  };
  SECTION("thirteen WeCo modules") {
    modules = chain(kWecoTower8k, 13);
    CHECK(refused(kWecoTower8k) == std::pair(TowerRefusal::TooMany, 12));
  }
  SECTION("five B500") {
    modules = chain(kEp760Tower, 5);
    CHECK(refused(kEp760Tower) == std::pair(TowerRefusal::TooMany, 4));
  }
  SECTION("a gap inside a tower") {
    modules[5].present = false;
    CHECK(refused(kWecoTower8k) == std::pair(TowerRefusal::GapInTower, 6));
  }
  SECTION("no serial number") {
    modules[3].serial = 0;
    CHECK(refused(kWecoTower8k) == std::pair(TowerRefusal::SerialMissing, 3));
  }
  SECTION("one serial number twice") {
    modules[9].serial = modules[2].serial;
    CHECK(refused(kWecoTower8k) == std::pair(TowerRefusal::DuplicateSerial, 9));
  }
  SECTION("another type") {
    modules[7].type.value = 2;
    CHECK(refused(kWecoTower8k) == std::pair(TowerRefusal::MixedTypes, 7));
  }
  SECTION("a type that was not read") {
    modules[0].type.read = false;
    CHECK(refused(kWecoTower8k) == std::pair(TowerRefusal::MixedTypes, 0));
  }
  SECTION("nobody") {
    modules.assign(4, ModuleReport{});
    CHECK(refused(kWecoTower8k) == std::pair(TowerRefusal::NoModules, 0));
  }
}

TEST_CASE("a pack joins within 1.5 V of the bus and never on a voltage nobody measured",
          "[WS-03][WS-22]") {
  const auto gate = [](std::int32_t pack, std::int32_t bus, bool pack_read = true,
                       bool bus_read = true) {
    return join_gate(kWecoTower8k, {Millivolts(pack), pack_read}, {Millivolts(bus), bus_read});
  };
  CHECK(gate(52800, 52800) == JoinVerdict::Permitted);
  CHECK(gate(52800, 51300) == JoinVerdict::Permitted);
  CHECK(gate(51300, 52800) == JoinVerdict::Permitted);
  CHECK(gate(52800, 51299) == JoinVerdict::TooFar);
  CHECK(gate(51299, 52800) == JoinVerdict::TooFar);
  CHECK(gate(52800, 52800, false) == JoinVerdict::NotMeasured);
  CHECK(gate(52800, 52800, true, false) == JoinVerdict::NotMeasured);
  CHECK(gate(40000, 40000) == JoinVerdict::Permitted);
  CHECK(gate(39999, 40000) == JoinVerdict::Implausible);
  CHECK(gate(59200, 59200) == JoinVerdict::Permitted);
  CHECK(gate(59200, 59201) == JoinVerdict::Implausible);
  for (const std::int32_t v : {0, -1, 0x7FFF, 0x8000, 0xFFFF, 655350, 6553500, 327670, -32768}) {
    CHECK(is_sentinel(Millivolts(v)));
    CHECK(gate(v, v) == JoinVerdict::Implausible);
  }
  CHECK_FALSE(is_sentinel(Millivolts(52800)));
  // 0xFFFF in steps of 10 mV looks like a cabinet's voltage and is still refused.
  CHECK(join_gate(kCm2Tower, {Millivolts(655350), true}, {Millivolts(655350), true}) ==
        JoinVerdict::Implausible);
}

/// A tower on the bench: rigs, the master, and time.
struct Bench {
  const TowerConfig& config;
  std::vector<std::unique_ptr<Rig>> rigs;
  std::vector<ModuleReport> reports;
  TowerState state;
  TowerOrders orders;
  bool link = true;
  bool master_alive = true;

  Bench(const TowerConfig& tower, const PackConfig& pack, std::size_t n) : config(tower) {
    for (std::size_t i = 0; i < n; ++i) {
      rigs.push_back(std::make_unique<Rig>(pack));
      rigs.back()->in.permit_close = false;
      rigs.back()->to_standby();
    }
    reports = chain(tower, n);
    collect();
  }
  void collect() {
    for (std::size_t i = 0; i < rigs.size(); ++i) {
      const ModuleReport before = reports[i];
      make_report(rigs[i]->state, rigs[i]->in, before.serial, before.type.value, reports[i]);
      reports[i].type = before.type;
      reports[i].present = before.present;
      reports[i].age = before.age;
    }
  }
  void tick(Command command = Command::None) {
    collect();
    orders = coordinate(config, state, {reports, command, link});
    for (std::size_t i = 0; i < rigs.size(); ++i) {
      apply(config, orders.order[i], rigs[i]->in);
      rigs[i]->tick();
    }
  }
  void seconds(int n) {
    for (int i = 0; i < 10 * n; ++i) tick();
  }
  [[nodiscard]] std::size_t closed() const {
    std::size_t n = 0;
    for (const auto& rig : rigs) n += rig->closed() ? 1 : 0;
    return n;
  }
};

TEST_CASE("a tower starts one pack first and the others follow", "[WS-03]") {
  Bench b(kWecoTower8k, kWecoSmart, 4);
  b.tick(Command::Start);
  CHECK(b.closed() == 1);
  CHECK(b.orders.verdict[1] == JoinVerdict::NotYet);
  b.seconds(2);
  CHECK(b.closed() == 4);
  b.tick();
  CHECK(b.orders.joined == 4);
  b.tick(Command::Stop);
  b.seconds(1);
  CHECK(b.closed() == 0);
  b.seconds(3);
  CHECK(b.closed() == 0);
}

TEST_CASE("a pack too far from its tower stays out, and comes in when it has come near",
          "[WS-03]") {
  Bench b(kWecoTower8k, kWecoSmart, 3);
  b.rigs[1]->all_cells(3300 + 94);  // 1504 mV above
  b.tick(Command::Start);
  b.seconds(3);
  CHECK(b.closed() == 2);
  CHECK(b.orders.verdict[1] == JoinVerdict::TooFar);
  b.rigs[1]->all_cells(3300 + 93);  // 1488 mV
  b.seconds(2);
  CHECK(b.closed() == 3);
}

TEST_CASE("both sides must see a good voltage", "[WS-03]") {
  Bench b(kWecoTower8k, kWecoSmart, 2);
  b.tick(Command::Start);
  b.rigs[1]->in.permit_close = false;
  ModuleOrder order;
  order.permit_close = true;
  order.tower_voltage = {Millivolts(52800), true};
  PackInputs in = b.rigs[1]->in;
  apply(kWecoTower8k, order, in);
  CHECK(in.permit_close);
  in.pack_voltage.value = Millivolts(50000);  // its own voltmeter disagrees with the master
  apply(kWecoTower8k, order, in);
  CHECK_FALSE(in.permit_close);
  in.pack_voltage.read = false;
  order.tower_voltage.read = false;
  apply(kWecoTower8k, order, in);
  CHECK_FALSE(in.permit_close);
  order.permit_close = false;
  in.pack_voltage = {Millivolts(52800), true};
  in.command = Command::ResetFault;
  order.command = Command::Start;
  apply(kWecoTower8k, order, in);
  CHECK_FALSE(in.permit_close);
  CHECK(in.command == Command::ResetFault);
}

TEST_CASE("an old report is no measurement", "[WS-03]") {
  Bench b(kWecoTower8k, kWecoSmart, 2);
  b.reports[0].age = Duration::ms(2001);
  b.reports[1].age = Duration::ms(2001);
  b.tick(Command::Start);
  b.seconds(1);
  CHECK(b.closed() == 0);
  CHECK(b.orders.verdict[0] == JoinVerdict::NotMeasured);
  b.reports[0].age = Duration::ms(2000);
  b.seconds(2);
  CHECK(b.closed() == 1);
}

TEST_CASE("a joined pack that drifts away opens where packs share a bus", "[WS-03][EP-01]") {
  Bench b(kEp760Tower, kEp760, 2);
  b.tick(Command::Start);
  b.seconds(2);
  REQUIRE(b.closed() == 2);
  b.rigs[1]->all_cells(3300 - 93);
  b.seconds(10);
  CHECK(b.closed() == 2);
  b.rigs[1]->all_cells(3300 - 94);
  b.seconds(4);
  CHECK(b.closed() == 2);
  b.seconds(2);
  CHECK(b.closed() == 1);
  CHECK((b.rigs[1]->out.latched & bit(EventId::TowerDrift)) != 0);
}

TEST_CASE("behind converters of their own the full and the half-full module work together",
          "[WS-02][WS-03]") {
  Bench b(kWecoTower8k, kWecoSmart, 2);
  b.tick(Command::Start);
  b.seconds(2);
  REQUIRE(b.closed() == 2);
  b.rigs[1]->all_cells(3300 + 200);
  b.seconds(20);
  CHECK(b.closed() == 2);
  CHECK((b.rigs[1]->out.latched & bit(EventId::TowerDrift)) == 0);
}

TEST_CASE("types are never mixed: nobody runs beside a foreign module", "[WS-22]") {
  Bench b(kWecoTower8k, kWecoSmart, 3);
  b.tick(Command::Start);
  b.seconds(2);
  REQUIRE(b.closed() == 3);
  b.reports[2].type.value = 9;
  b.seconds(1);
  CHECK(b.closed() == 0);
  CHECK((b.rigs[2]->out.latched & bit(EventId::TypeMismatch)) != 0);
  b.tick(Command::Start);
  b.seconds(2);
  CHECK(b.closed() == 0);
}

TEST_CASE("one bad module is isolated where the product allows, else all open", "[WS-03][EP-07]") {
  for (const bool isolates : {true, false}) {
    TowerConfig config = kWecoTower8k;
    config.isolates_module = isolates;
    Bench b(config, kWecoSmart, 4);
    b.tick(Command::Start);
    b.seconds(2);
    REQUIRE(b.closed() == 4);
    b.rigs[0]->in.short_circuit = true;
    b.seconds(2);
    CHECK(b.closed() == (isolates ? 3U : 0U));
    b.tick(Command::Start);
    b.seconds(1);
    CHECK(b.closed() == (isolates ? 3U : 0U));
  }
}

TEST_CASE("without the inverter a tower stops and does not start again by itself", "[WS-21]") {
  Bench b(kWecoTower8k, kWecoSmart, 2);
  b.tick(Command::Start);
  b.seconds(2);
  REQUIRE(b.closed() == 2);
  b.link = false;
  for (auto& rig : b.rigs) rig->in.link_age = Duration::s(6);
  b.seconds(1);
  CHECK(b.closed() == 0);
  b.link = true;
  for (auto& rig : b.rigs) rig->in.link_age = Duration::s(0);
  b.seconds(5);
  CHECK(b.closed() == 0);
  b.tick(Command::Start);
  b.seconds(2);
  CHECK(b.closed() == 2);
}

TEST_CASE("a module with a latch never starts the bus", "[WS-17]") {
  TowerState state;
  auto modules = chain(kWecoTower8k, 2);
  for (auto& m : modules) {
    m.state = State::Standby;
    m.pack_voltage = {Millivolts(52800), true};
  }
  modules[0].latch = Latch::Reset;
  const TowerOrders o = coordinate(kWecoTower8k, state, {modules, Command::Start, true});
  CHECK_FALSE(o.order[0].permit_close);
  CHECK(o.order[1].permit_close);
  CHECK(o.order[1].command == Command::Start);
}

TEST_CASE("an absent module gets no order and a long list is cut", "[WS-03]") {
  TowerState state;
  auto modules = chain(kWecoTower8k, 20);
  for (auto& m : modules) m.state = State::Running;
  modules[1].present = false;
  const TowerOrders o = coordinate(kWecoTower8k, state, {modules, Command::None, true});
  CHECK(o.joined == 11);
  CHECK(o.order[1].command == Command::None);
  CHECK(o.order[0].command == Command::Stop);  // nobody wants it to run
}

/// Limits of `n` joined packs.
struct Share {
  std::array<DynamicLimits, kModulesMax> limits;
  std::vector<ModuleLimits> modules;
  const PackConfig& pack;
  const TowerConfig& tower;
  Share(const PackConfig& p, const TowerConfig& t, std::size_t n) : pack(p), tower(t) {
    for (std::size_t i = 0; i < n; ++i) {
      DynamicLimits& l = limits[i];
      l.charge.reset(p.charge_rating);
      l.discharge.reset(p.discharge_rating);
      l.charge_voltage = Millivolts(56000);
      l.discharge_voltage = Millivolts(45600);
      modules.push_back({&l, {Milliamps(0), true}, Millivolts(51200)});
    }
  }
  Share(const Share&) = delete;
  Share& operator=(const Share&) = delete;
  TowerLimits run() { return share_limits(pack, tower, modules); }
};

TEST_CASE("the 8K carries its full power from 4 and 6 modules on and scales down below",
          "[WS-04]") {
  for (std::size_t n = 1; n <= 12; ++n) {
    INFO(n << " modules");
    Share s(kWecoSmart, kWecoTower8k, n);
    const TowerLimits l = s.run();
    const auto count = static_cast<std::int32_t>(n);
    const std::int32_t in = std::min(count, 6);
    const std::int32_t out = std::min(count, 4);
    CHECK(l.bus_charge.count() <= 33500 * in / 6);
    CHECK(l.bus_charge.count() >= 33500 * in / 6 - 10);
    CHECK(l.bus_discharge.count() <= 17800 * out / 4);
    CHECK(l.bus_discharge.count() >= 17800 * out / 4 - 10);
    CHECK(l.discharge.tightest().reason == Reason::PowerStage);
    const std::int64_t mW = std::int64_t{l.discharge.value().count()} * 51200 / 1000;
    CHECK(mW <= 2000000LL * out);
    CHECK(mW > 2000000LL * out - 200);
  }
  CHECK(power_row(kWecoTower8k, 0) == nullptr);
  Share none(kWecoSmart, kWecoTower8k, 0);
  CHECK(none.run().charge.value() == Milliamps(0));
  CHECK(none.run().bus_charge == Milliamps(0));
}

TEST_CASE("a single B500 gives 5 kW, two and more 7.6 kW", "[EP-02]") {
  for (std::size_t n = 1; n <= 4; ++n) {
    Share s(kEp760, kEp760Tower, n);
    const std::int64_t watts = std::int64_t{s.run().discharge.value().count()} * 51200 / 1000000;
    const std::int64_t rated = n == 1 ? 4999 : 7599;  // rounded down, never up
    CHECK(watts == std::min<std::int64_t>(rated, watts));
    if (n > 1) CHECK(watts == rated);
    CHECK(s.run().bus_charge == Milliamps(0));
  }
  Share one(kEp760, kEp760Tower, 1);
  CHECK(one.run().discharge.value() <= Milliamps(97657));
}

TEST_CASE("modules with converters add up; the weakest is named", "[WS-03][WS-15]") {
  Share s(kWecoSmart, kWecoTower8k, 4);
  s.limits[2].charge.add({Reason::Temperature, 0, 1, EventId{}, Milliamps(5000)});
  const TowerLimits l = s.run();
  CHECK(l.charge.value() == Milliamps(155000));
  CHECK(l.charge.tightest().reason == Reason::Temperature);
  CHECK(l.charge.tightest().module == 2);
  CHECK(l.charge.tightest().cell == 1);
  s.limits[1].charge_voltage = Millivolts(55000);
  s.limits[3].discharge_voltage = Millivolts(46000);
  CHECK(s.run().charge_voltage == Millivolts(55000));
  CHECK(s.run().discharge_voltage == Millivolts(46000));
}

TEST_CASE("packs on one bus carry no more than their weakest, by its measured share",
          "[EP-02][WS-15]") {
  Share s(kEp760, kEp760Tower, 4);
  s.limits[1].discharge.add({Reason::CellVoltage, 0, 3, EventId{}, Milliamps(10000)});
  CHECK(s.run().discharge.value() == Milliamps(40000));
  CHECK(s.run().discharge.tightest().module == 1);
  s.modules[0].current.value = s.modules[2].current.value = Milliamps(-5000);
  s.modules[3].current.value = Milliamps(-5000);
  s.modules[1].current.value = Milliamps(-10000);  // carries two fifths
  CHECK(s.run().discharge.value() == Milliamps(25000));
  s.modules[1].current.value = Milliamps(-1000);  // carries little: an equal share is assumed
  CHECK(s.run().discharge.value() == Milliamps(40000));
  s.modules[1].current.value = Milliamps(1000);  // against the others
  CHECK(s.run().discharge.value() == Milliamps(40000));
  for (auto& m : s.modules) m.current.value = Milliamps(5000);
  s.modules[1].current.value = Milliamps(-1000);  // against the others, the other way round
  CHECK(s.run().discharge.value() == Milliamps(40000));
  for (auto& m : s.modules) m.current.value = Milliamps(-5000);
  s.modules[1].current.value = Milliamps(0);  // carries nothing
  CHECK(s.run().discharge.value() == Milliamps(40000));
  s.modules[2].current.read = s.modules[3].current.read = false;
  s.modules[1].current.value = Milliamps(-10000);
  CHECK(s.run().discharge.value() == Milliamps(40000));
  for (auto& m : s.modules) m.current = {Milliamps(5000), true};
  s.modules[0].current.value = Milliamps(15000);  // half of 30 A: sharing itself is the limit
  CHECK(s.run().charge.value() == Milliamps(48400 * 2));
  CHECK(s.run().charge.tightest().reason == Reason::Sharing);
  CHECK(s.run().charge.tightest().module == 0);
}

TEST_CASE("the power stage of no modules carries nothing and changes nothing", "[WS-04]") {
  TowerLimits limits;
  limits.charge.reset(Milliamps(50000));
  limit_power(kWecoTower8k, 0, Millivolts(52000), limits);
  CHECK(limits.charge.size() == 1);
  CHECK(limits.charge.value() == Milliamps(50000));
  CHECK(limits.bus_charge == Milliamps(0));
}

TEST_CASE("a module that is not on the bus has no part in the tower's limit", "[WS-03]") {
  Share s(kWecoSmart, kWecoTower8k, 3);
  s.modules[0].limits = nullptr;
  s.limits[0].charge.add({Reason::Event, 0, kNoCell, EventId{}, Milliamps(0)});
  CHECK(s.run().charge.value() > Milliamps(90000));
  for (auto& m : s.modules) m.voltage = Millivolts(0);  // not known: no power term, no bus current
  CHECK(s.run().charge.value() == Milliamps(100000));
  CHECK(s.run().bus_charge == Milliamps(0));
}

}  // namespace
}  // namespace weco::bms
