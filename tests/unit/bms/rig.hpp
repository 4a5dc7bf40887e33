// SPDX-License-Identifier: Apache-2.0
// A pack on the bench: healthy readings, a contactor that follows its coil, and simulated time. The
// tests change one thing and look at what the pack makes of it.
#pragma once

#include <array>
#include <cstdint>

#include "core/bms/families.hpp"
#include "core/bms/pack.hpp"

namespace weco::bms::test {

inline constexpr std::array<const PackConfig*, 3> kFamilies = {&kWecoSmart, &kEp760, &kCm2};

/// xorshift64*: the same sequence everywhere.
class Random {
 public:
  explicit Random(std::uint64_t seed) : x_(seed) {}
  std::uint64_t next() {
    x_ ^= x_ >> 12;
    x_ ^= x_ << 25;
    x_ ^= x_ >> 27;
    return x_ * 2685821657736338717ULL;
  }
  std::int32_t between(std::int32_t low, std::int32_t high) {
    const auto width = static_cast<std::uint64_t>(std::int64_t{high} - low + 1);
    return static_cast<std::int32_t>(low + static_cast<std::int64_t>((next() >> 16) % width));
  }
  bool chance(std::int32_t in) { return between(1, in) == 1; }

 private:
  std::uint64_t x_;
};

struct Rig {
  const PackConfig& config;
  Instant now = Instant::from_us(1000000);
  std::array<Millivolts, kCellsMax> volts{};
  std::array<Temperature, kSensorsMax> temps{};
  PackInputs in;
  PackState state;
  PackOutputs out;
  bool contactor_follows = true;
  bool link_alive = true;

  explicit Rig(const PackConfig& family, Permyriad soc = Permyriad(5000))
      : config(family), state(power_up(family, factory_record(family, soc), now)) {
    healthy();
  }
  Rig(const Rig&) = delete;
  Rig& operator=(const Rig&) = delete;

  void healthy() {
    all_cells(3300);
    all_sensors(200);
    in.current = {Milliamps(0), true};
    in.insulation_kohm = {100000, true};
    in.afe_age = Duration::ms(0);
    in.link_age = Duration::ms(0);
    in.master_age = Duration::ms(0);
    in.tower_voltage.read = false;
    in.interlock_closed = true;
    in.short_circuit = in.type_mismatch = in.fire = in.cooling_failed = false;
    in.breaker_trips = 0;
    in.permit_close = true;
    in.force_open = false;
    contactor_follows = true;
    refresh();
  }
  void all_cells(std::int32_t mV) {
    volts.fill(Millivolts(mV));
    refresh();
  }
  void cell(std::size_t i, std::int32_t mV) {
    volts[i] = Millivolts(mV);
    refresh();
  }
  void all_sensors(std::int32_t deci) {
    temps.fill(Temperature::deci_celsius(deci));
    refresh();
  }
  void current(std::int32_t mA) { in.current = {Milliamps(mA), true}; }
  /// All readings there, voltages consistent.
  void refresh() {
    in.cells = {std::span(volts).first(config.cells), CellMask::first(config.cells),
                std::span(temps).first(config.sensors), 0xFFFFFFFF};
    std::int32_t sum = 0;
    for (std::size_t i = 0; i < config.cells; ++i) sum += volts[i].count();
    in.pack_voltage = {Millivolts(sum), true};
    in.bus_voltage = {Millivolts(sum - 100), true};
  }
  const PackOutputs& tick(int n = 1) {
    for (int i = 0; i < n; ++i) {
      now = now + Duration::ms(100);
      if (contactor_follows) in.main_feedback = contactors(state.machine).main;
      out = bms::tick(config, state, in, now);
      in.command = Command::None;
    }
    return out;
  }
  Refusal command(Command c) {
    in.command = c;
    return tick().refusal;
  }
  const PackOutputs& seconds(int n) { return tick(10 * n); }
  void to_standby() {
    command(Command::PowerOn);
    seconds(3);
  }
  void to_running() {
    to_standby();
    command(Command::Start);
    tick(5);
  }
  /// Power cut and return: only what the platform stores survives.
  void power_cycle() {
    const PersistentBytes stored = encode(snapshot(config, state));
    state = power_up(config, decode(stored, config.type_code), now);
    in.main_feedback = false;
  }
  [[nodiscard]] State now_in() const { return state.machine.state; }
  [[nodiscard]] bool closed() const { return energised(state.machine); }
};

/// Makes the cells, temperatures or the current show `value` for an event.
inline void provoke_battery(Rig& rig, EventId id, std::int32_t value) {
  const auto cells = static_cast<std::int32_t>(rig.config.cells);
  switch (id) {
    case EventId::CellOverVoltage:
    case EventId::CellUnderVoltage:
    case EventId::DeepDischarge:
      rig.cell(3, value);
      break;
    case EventId::PackOverVoltage:
    case EventId::PackUnderVoltage:
      rig.all_cells(value / cells);
      break;
    case EventId::Imbalance:
      rig.cell(5, 3300 - value);
      break;
    case EventId::ChargeOverTemperature:
    case EventId::ChargeUnderTemperature:
      rig.all_sensors(value);
      rig.current(5000);
      break;
    case EventId::DischargeOverTemperature:
    case EventId::DischargeUnderTemperature:
      rig.all_sensors(value);
      rig.current(-5000);
      break;
    case EventId::ChargeOverCurrent1:
    case EventId::ChargeOverCurrent2:
      rig.current(value);
      break;
    case EventId::DischargeOverCurrent1:
    case EventId::DischargeOverCurrent2:
      rig.current(-value);
      break;
    default:
      break;
  }
}

/// The same for what surrounds the battery.
inline void provoke_surroundings(Rig& rig, EventId id, std::int32_t value) {
  PackInputs& in = rig.in;
  switch (id) {
    case EventId::ShortCircuit:
      in.short_circuit = value > 0;
      break;
    case EventId::SensorLost:
      in.cells.voltage_read.clear(2);
      break;
    case EventId::LinkLost:
      in.link_age = Duration::ms(value);
      break;
    case EventId::ContactorWelded:
    case EventId::ContactorNoClose:
      rig.contactor_follows = false;
      in.main_feedback = id == EventId::ContactorWelded;
      break;
    case EventId::PrechargeFailed:
      in.bus_voltage.read = false;
      break;
    case EventId::SelfTestFailed:
      in.insulation_kohm.read = false;
      break;
    case EventId::Insulation:
      in.insulation_kohm = {value, true};
      break;
    case EventId::AfeCommunication:
      in.afe_age = Duration::ms(value);
      break;
    case EventId::Interlock:
      in.interlock_closed = value == 0;
      break;
    case EventId::TypeMismatch:
      in.type_mismatch = value > 0;
      break;
    case EventId::MasterLost:
      in.master_age = Duration::ms(value);
      break;
    case EventId::TowerDrift:
      in.tower_voltage = {in.pack_voltage.value + Millivolts(value), true};
      break;
    case EventId::BreakerTripping:
      in.breaker_trips = static_cast<std::uint8_t>(value);
      break;
    case EventId::Fire:
      in.fire = value > 0;
      break;
    case EventId::CoolingFailed:
      in.cooling_failed = value > 0;
      break;
    default:
      break;
  }
}

inline void provoke(Rig& rig, EventId id, std::int32_t value) {
  provoke_battery(rig, id, value);
  provoke_surroundings(rig, id, value);
}

}  // namespace weco::bms::test
