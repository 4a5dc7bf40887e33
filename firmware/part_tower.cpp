// SPDX-License-Identifier: Apache-2.0
// The brain of one tower, ticked through a recorded course of events: four WeCo Smart modules are
// switched on, discharge, charge, get cold, lose the inverter, see an over-voltage and are reset.
// Cells are a few lines of integer arithmetic: what counts here is that the core decides alike on
// both machines, not that the chemistry is right (that is the simulator's business).
#include <array>
#include <iterator>

#include "core/bms/families.hpp"
#include "core/bms/pack.hpp"
#include "core/bms/persistent.hpp"
#include "core/bms/tower.hpp"
#include "firmware/recorded.hpp"
#include "firmware/replay.hpp"
#include "firmware/report.hpp"
#include "firmware/workspace.hpp"

namespace weco::firmware {
namespace {

constexpr std::uint64_t kSeed = 0x703E12;
constexpr std::size_t kModules = 4;
constexpr std::size_t kCells = 16;
constexpr std::size_t kSensors = 4;
constexpr std::int64_t kTicksPerSecond = 10;
constexpr int kShownEveryS = 60;
constexpr const bms::PackConfig& kPack = bms::kWecoSmart;
static_assert(kPack.cells == kCells && kPack.sensors == kSensors);

/// From this second on: what is asked for, and what goes wrong.
struct Chapter {
  int from_s;
  bms::Command pack;   // once, to every module
  bms::Command tower;  // once, to the tower
  std::int32_t current_mA;
  std::int32_t ambient_deci;
  bool inverter_heard;
  std::int32_t third_cell_mV;  // added to the first cell of the third module
};
constexpr Chapter kCourse[] = {
    {0, bms::Command::PowerOn, bms::Command::None, 0, 200, true, 0},
    {30, bms::Command::None, bms::Command::Start, 0, 200, true, 0},
    {60, bms::Command::None, bms::Command::None, -40000, 200, true, 0},
    {240, bms::Command::None, bms::Command::None, 45000, 200, true, 0},
    {420, bms::Command::None, bms::Command::None, 45000, -90, true, 0},
    {600, bms::Command::None, bms::Command::None, -20000, 150, false, 0},
    {720, bms::Command::ResetFault, bms::Command::Start, -20000, 150, true, 0},
    {800, bms::Command::None, bms::Command::Start, -20000, 150, true, 0},
    {860, bms::Command::None, bms::Command::None, 30000, 150, true, 420},
    {920, bms::Command::None, bms::Command::Start, 30000, 150, true, 0},
    {980, bms::Command::ResetFault, bms::Command::Start, 10000, 150, true, 0},
};
constexpr int kEndS = 1100;

constexpr const Chapter& chapter_at(int second) {
  std::size_t at = 0;
  while (at + 1 < std::size(kCourse) && kCourse[at + 1].from_s <= second) ++at;
  return kCourse[at];
}

struct Module {
  bms::PackState state;
  bms::PackOutputs out;
  std::array<Millivolts, kCells> cells{};
  std::array<Temperature, kSensors> sensors{};
  std::int64_t charge_mAs = 0;
  std::int32_t centi_degrees = 2000;
  std::int32_t bus_mV = 0;
  std::int32_t current_mA = 0;
};

/// Open-circuit voltage of a cell at a charge of 100 Ah, good enough to move.
constexpr std::int32_t open_voltage(std::int64_t charge_mAs) {
  const std::int64_t permyriad = charge_mAs / 36000;
  if (permyriad < 1000) return static_cast<std::int32_t>(2900 + permyriad * 300 / 1000);
  if (permyriad < 9000) return static_cast<std::int32_t>(3200 + (permyriad - 1000) * 130 / 8000);
  return static_cast<std::int32_t>(3330 + (permyriad - 9000) * 120 / 1000);
}

std::int32_t pack_voltage(const Module& m) {
  std::int32_t sum = 0;
  for (const Millivolts v : m.cells) sum += v.count();
  return sum;
}

/// The world between two ticks: current, charge, warmth, what the sensors then show.
void move(Module& m, std::size_t number, const Chapter& now, int joined, Recording& recording) {
  const bool closed = m.out.contactors.main;
  const bms::DynamicLimits& limits = bms::limits_of(m.state);
  std::int32_t current = closed && joined > 0 ? now.current_mA : 0;
  if (current > limits.charge.value().count()) current = limits.charge.value().count();
  if (-current > limits.discharge.value().count()) current = -limits.discharge.value().count();
  m.current_mA = current == 0 ? 0 : current + recording.between(-50, 50);
  m.charge_mAs += m.current_mA / kTicksPerSecond;
  const std::int32_t pull = (now.ambient_deci * 10 - m.centi_degrees) / 400;
  m.centi_degrees += pull + (m.out.heater ? 4 : 0);
  for (std::size_t i = 0; i < kCells; ++i) {
    const auto spread = static_cast<std::int32_t>(i) - 8;
    m.cells[i] = Millivolts(open_voltage(m.charge_mAs) + m.current_mA / 2000 + spread / 4 +
                            recording.between(-1, 1));
  }
  if (number == 2) m.cells[0] += Millivolts(now.third_cell_mV);
  for (std::size_t i = 0; i < kSensors; ++i) {
    m.sensors[i] = Temperature::deci_celsius(m.centi_degrees / 10 + static_cast<int>(i));
  }
  const bool fed = m.out.contactors.main || m.out.contactors.precharge;
  const std::int32_t aim = fed ? pack_voltage(m) : 0;
  m.bus_mV += (aim - m.bus_mV) / 3;
  if (aim - m.bus_mV < 3 && m.bus_mV - aim < 3) m.bus_mV = aim;
}

bms::PackInputs inputs_of(const Module& m, const Chapter& now, int second, bool first_tick) {
  bms::PackInputs in;
  in.cells = {m.cells, bms::CellMask::first(kCells), m.sensors, (1U << kSensors) - 1};
  in.current = {Milliamps(m.current_mA), true};
  in.pack_voltage = {Millivolts(pack_voltage(m)), true};
  in.bus_voltage = {Millivolts(m.bus_mV), true};
  in.insulation_kohm = {5000, true};
  in.afe_age = Duration::ms(100);
  in.link_age = now.inverter_heard ? Duration::ms(100) : Duration::s(second - now.from_s);
  in.main_feedback = m.out.contactors.main;
  in.interlock_closed = true;
  in.charge_wanted = now.current_mA > 0;
  in.heating_energy = true;
  in.command = first_tick ? now.pack : bms::Command::None;
  return in;
}

void add(Digest& digest, const Module& m) {
  const bms::DynamicLimits& limits = bms::limits_of(m.state);
  const bms::PackOutputs& o = m.out;
  const std::int64_t contacts = (o.contactors.main ? 1 : 0) + (o.contactors.negative ? 2 : 0) +
                                (o.contactors.precharge ? 4 : 0) + (o.heater ? 8 : 0);
  for (const std::int64_t value :
       {contacts, static_cast<std::int64_t>(o.state), static_cast<std::int64_t>(o.latch),
        static_cast<std::int64_t>(o.refusal), static_cast<std::int64_t>(o.warnings),
        static_cast<std::int64_t>(o.alarms), static_cast<std::int64_t>(o.faults),
        static_cast<std::int64_t>(o.latched), static_cast<std::int64_t>(o.led),
        static_cast<std::int64_t>(o.balancing.count()), static_cast<std::int64_t>(o.soc.count()),
        static_cast<std::int64_t>(bms::report_of(kPack, m.state).band.count()),
        static_cast<std::int64_t>(limits.charge.value().count()),
        static_cast<std::int64_t>(limits.discharge.value().count()),
        static_cast<std::int64_t>(limits.charge_voltage.count())}) {
    digest.add(value);
  }
}

void show(int second, std::size_t number, const Module& m, const Digest& digest) {
  const bms::DynamicLimits& limits = bms::limits_of(m.state);
  Line("module")
      .with("s", second)
      .with("n", static_cast<std::int64_t>(number) + 1)
      .with("state", static_cast<std::int64_t>(m.out.state))
      .with("mA", m.current_mA)
      .with("soc", m.out.soc.count())
      .with("band", bms::report_of(kPack, m.state).band.count())
      .with("ccl", limits.charge.value().count())
      .with("why", static_cast<std::int64_t>(limits.charge.tightest().reason))
      .with("dcl", limits.discharge.value().count())
      .with("why", static_cast<std::int64_t>(limits.discharge.tightest().reason))
      .hex("faults", m.out.faults)
      .hex("digest", digest.value())
      .end();
}

struct Tower {
  std::array<Module, kModules> modules;
  std::array<bms::PackInputs, kModules> inputs;
  std::array<bms::ModuleReport, kModules> reports;
  bms::TowerState state;
  int joined = 0;
};

void switch_on(Tower& tower) {
  for (std::size_t i = 0; i < kModules; ++i) {
    Module& m = tower.modules[i];
    const Permyriad soc(5000 + 20 * static_cast<std::int32_t>(i));
    m.charge_mAs = std::int64_t{36000} * soc.count();
    // Through the bytes that survive a power cut, so that their layout is compared, too.
    const bms::PersistentBytes stored = bms::encode(bms::factory_record(kPack, soc));
    m.state = bms::power_up(kPack, bms::decode(Bytes(stored), kPack.type_code), Instant{});
  }
}

/// One tick of every module; false when a contactor is closed in a state that must not have one.
bool tick(Tower& tower, const Chapter& chapter, int second, bool first_tick, Instant now,
          Recording& recording) {
  for (std::size_t i = 0; i < kModules; ++i) {
    Module& m = tower.modules[i];
    move(m, i, chapter, tower.joined, recording);
    tower.inputs[i] = inputs_of(m, chapter, second, first_tick);
    bms::make_report(m.state, tower.inputs[i], 1000U + static_cast<std::uint32_t>(i),
                     kPack.type_code, tower.reports[i]);
  }
  bms::TowerInputs in;
  in.modules = tower.reports;
  in.command = first_tick ? chapter.tower : bms::Command::None;
  in.link_ok = chapter.inverter_heard;
  const bms::TowerOrders orders = bms::coordinate(bms::kWecoTower8k, tower.state, in);
  tower.joined = orders.joined;
  bool ok = true;
  for (std::size_t i = 0; i < kModules; ++i) {
    Module& m = tower.modules[i];
    bms::apply(bms::kWecoTower8k, orders.order[i], tower.inputs[i]);
    m.out = bms::tick(kPack, m.state, tower.inputs[i], now);
    const bool stopped = m.out.state == bms::State::Fault || m.out.state == bms::State::Locked;
    ok = ok && !(stopped && m.out.contactors.main);
  }
  return ok;
}

}  // namespace

bool replay_tower() {
  auto& tower = fresh<Tower>();
  switch_on(tower);
  Recording recording(kSeed);
  Digest digest;
  int joined_most = 0;
  bool any_fault = false;
  bool ok = true;
  for (int second = 0; second < kEndS && ok; ++second) {
    const Chapter& chapter = chapter_at(second);
    for (int t = 0; t < kTicksPerSecond && ok; ++t) {
      const Instant now = Instant::from_us(second * 1000000LL + t * 100000LL);
      ok = tick(tower, chapter, second, second == chapter.from_s && t == 0, now, recording);
      for (const Module& m : tower.modules) add(digest, m);
    }
    if (tower.joined > joined_most) joined_most = tower.joined;
    for (const Module& m : tower.modules) any_fault = any_fault || m.out.faults != 0;
    if (second % kShownEveryS != kShownEveryS - 1) continue;
    for (std::size_t i = 0; i < kModules; ++i) show(second, i, tower.modules[i], digest);
  }
  Line("tower")
      .with("joined", joined_most)
      .with("fault", any_fault ? 1 : 0)
      .hex("digest", digest.value())
      .end();
  return ok && joined_most == static_cast<int>(kModules) && any_fault;
}

}  // namespace weco::firmware
