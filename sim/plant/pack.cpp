// SPDX-License-Identifier: Apache-2.0
#include "sim/plant/pack.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "core/base/assert.hpp"
#include "sim/kernels/exp.hpp"

namespace weco::sim {
namespace {

/// A controller's supply gives up below this, so that an empty pack is not emptied further.
constexpr double kSupplyLeast_V = 1.6;  // a cell

/// To the nearest whole number, halves to the even one: the sum with 1.5 * 2^52 has it in its low
/// bits. No function of the C library, and several at once.
std::int32_t whole(double value) {
  return static_cast<std::int32_t>(std::bit_cast<std::int64_t>(value + 0x1.8p52));
}

std::size_t index(Contactor which) { return static_cast<std::size_t>(which); }

/// What a sensor delivers; one that is stuck keeps its last value.
template <class Value>
void deliver(bms::Reading<Value>& reading, const SensorError& error, double truth) {
  reading.read = error.fault != SensorFault::Lost;
  if (error.fault == SensorFault::None) {
    reading.value = Value(whole(truth * error.gain + error.offset));
  }
}

}  // namespace

const ModuleConfig kWecoModule = {};
/// No converter of its own: the inverter's is not part of the pack.
const ModuleConfig kB500Module = {.converter = kNoConverter, .far_V = 0.0, .heater_W = 0.0};
const ModuleConfig kCm2Module = {.converter = kNoConverter,
                                 .far_V = 0.0,
                                 .precharge_ohm = 100.0,
                                 .capacitor_F = 0.0022,
                                 .capacitor_bleed_ohm = 200000.0,
                                 .fuse_A = 250.0,
                                 .fuse_A2s = 6.0e5,
                                 .heater_W = 0.0,
                                 .electronics_W = 15.0,
                                 .sensors = 30};

ModulePlant::ModulePlant(const ModuleConfig& config, std::size_t string, std::size_t cells)
    : config_(config),
      string_(string),
      cells_(cells),
      supply_least_V_(kSupplyLeast_V * static_cast<double>(cells)),
      insulation_kohm_(config.insulation_kohm),
      cells_read_(bms::CellMask::first(cells)),
      temperatures_read_(static_cast<std::uint32_t>((std::uint64_t{1} << config.sensors) - 1)) {
  WECO_ASSERT(cells > 0 && cells <= bms::kCellsMax && config.sensors <= bms::kSensorsMax);
  for (std::size_t i = 0; i < config.sensors; ++i) {
    sensor_cell_[i] = static_cast<std::uint8_t>(i * cells / config.sensors);
    scale_sensor(i);
  }
}

/// From kelvin to the tenths of a degree that the sensor delivers.
void ModulePlant::scale_sensor(std::size_t sensor) {
  const SensorError& error = temperature_error_[sensor];
  sensor_gain_[sensor] = 10.0 * error.gain;
  sensor_offset_[sensor] = error.offset - 10.0 * kZeroCelsius_K * error.gain;
  warmings_ = 0;
}

void ModulePlant::spread_sensors(CellBank& bank, Random& random) {
  for (std::size_t i = 0; i < cells_; ++i) {
    bank.set_sensor(string_, i, kMillivoltsPerVolt, 1.5 * random.normal());
  }
  current_error_.offset = 15.0 * (2.0 * random.uniform() - 1.0);
  current_error_.gain = 1.0 + 0.003 * random.normal();
  voltage_error_.gain = 1.0 + 0.0005 * random.normal();
  bus_error_.gain = 1.0 + 0.0005 * random.normal();
  for (std::size_t i = 0; i < config_.sensors; ++i) {
    temperature_error_[i].offset = 5.0 * random.normal();
    scale_sensor(i);
  }
}

void ModulePlant::settle_contactors() {
  closed_ = {coils_.main, coils_.negative, coils_.precharge};
  for (std::size_t i = 0; i < kContactors; ++i) {
    if (contactor_fault_[i] != ContactorFault::None) {
      closed_[i] = contactor_fault_[i] == ContactorFault::Welded;
    }
  }
  find_path();
}

void ModulePlant::find_path() {
  path_ = Path::Open;
  if (fuse_blown_ || !closed(Contactor::Negative)) return;
  if (closed(Contactor::Precharge)) path_ = Path::Precharge;
  if (closed(Contactor::Main)) path_ = Path::Main;
}

void ModulePlant::blow_fuse() {
  fuse_blown_ = true;
  find_path();
}

void ModulePlant::replace_fuse() {
  fuse_blown_ = false;
  melting_A2s_ = 0.0;
  find_path();
}

void ModulePlant::obey(CellBank& bank, const bms::PackOutputs& out) {
  if (coils_ != out.contactors) {
    coils_ = out.contactors;
    settle_contactors();
  }
  heater_wanted_ = out.heater;
  awake_ = out.state != bms::State::Off;
  if (balancing_ != out.balancing) {
    balancing_ = out.balancing;
    bank.set_balancing(string_, balancing_.words());
  }
}

/// The main contactor closes onto a node at another voltage: a surge through nothing but the cells,
/// and what is left of the contacts.
void ModulePlant::close_main(CellBank& bank, double dt_s) {
  const CellBank::Source cells = bank.source(string_, dt_s, 0.0);
  const double apart = cells.open_V - node_V_;
  const double ohm = std::max(cells.ohm, 1e-6);
  if (std::abs(apart) / ohm > config_.weld_at_A) {
    set_contactor(Contactor::Main, ContactorFault::Welded);
  }
}

double ModulePlant::want(CellBank& bank, double dt_s) {
  if (dt_s != dt_s_) {
    dt_s_ = dt_s;
    per_s_ = 1.0 / dt_s;
  }
  if (path_ == Path::Main && last_path_ != Path::Main) close_main(bank, dt_s);
  const Path now = path_;
  last_path_ = now;
  node_before_V_ = node_V_;
  path_A_ = converter_W_ = 0.0;
  const double volts = bank.string_V(string_);
  const bool supplied = awake_ && volts > supply_least_V_;
  electronics_W_ = supplied ? config_.electronics_W : 0.0;
  electronics_A_ = supplied ? electronics_W_ / volts : 0.0;
  const bool fed = now == Path::Main || outside_supply_;
  drive_.heater_W = heater_wanted_ && fed ? config_.heater_W : 0.0;
  return now == Path::Main ? want_main() : 0.0;
}

double ModulePlant::want_main() {
  double near_W = request_W_;
  if (config_.converter.rated_W > 0.0) {
    near_W = std::clamp(near_W, -config_.converter.rated_W, config_.converter.rated_W);
    converter_W_ = config_.converter.loss_W(near_W);
    near_W -= converter_W_;
  }
  return near_W - drive_.heater_W - electronics_W_;
}

ModulePlant::Drive ModulePlant::drive(CellBank& bank, double current_A, double dt_s) {
  switch (last_path_) {
    case Path::Main:
      drive_main(bank, current_A);
      break;
    case Path::Precharge:
      drive_precharge(bank, dt_s);
      break;
    case Path::Open:
      drive_open(dt_s);
      break;
  }
  drive_.current_A = path_A_ - electronics_A_;
  watch_fuse(dt_s);
  return drive_;
}

/// The node is the string; the capacitor follows it.
void ModulePlant::drive_main(const CellBank& bank, double current_A) {
  const double volts = bank.string_V(string_);
  const double capacitor_A = config_.capacitor_F * (volts - node_V_) * per_s_;
  path_A_ = current_A - capacitor_A + electronics_A_;
  node_V_ = volts;
}

/// The capacitor charges through the resistor; its bleeder pulls a little the other way.
void ModulePlant::drive_precharge(CellBank& bank, double dt_s) {
  const CellBank::Source cells = bank.source(string_, dt_s, -1.0);
  const double series = config_.precharge_ohm + cells.ohm;
  const double bleed = config_.capacitor_bleed_ohm;
  const double aim = cells.open_V * bleed / (bleed + series);
  const double constant_s = config_.capacitor_F * series * bleed / (bleed + series);
  const double kept = exp_of(-dt_s / constant_s);
  const double mean = aim + (node_V_ - aim) * (1.0 - kept) * constant_s / dt_s;
  node_V_ = aim + (node_V_ - aim) * kept;
  path_A_ = -(config_.capacitor_F * (node_V_ - node_before_V_) / dt_s + mean / bleed);
}

void ModulePlant::drive_open(double dt_s) {
  node_V_ *= exp_of(-dt_s / (config_.capacitor_F * config_.capacitor_bleed_ohm));
}

void ModulePlant::watch_fuse(double dt_s) {
  const double over = path_A_ * path_A_ - config_.fuse_A * config_.fuse_A;
  melting_A2s_ = std::max(0.0, melting_A2s_ + over * dt_s);
  if (melting_A2s_ >= config_.fuse_A2s) blow_fuse();
}

void ModulePlant::settle(const CellBank& bank, double dt_s) {
  const double volts = bank.string_V(string_);
  const double cells_W = drive_.current_A * volts;
  const double electronics_W = electronics_A_ * volts;
  const double capacitor_J = 0.5 * config_.capacitor_F * node_V_ * node_V_;
  const double stored_W = (capacitor_J - energy_.capacitor_J) * per_s_;
  double circuit_W = 0.0;
  far_W_ = 0.0;
  if (last_path_ == Path::Main) {
    const double through_W = config_.capacitor_F * (node_V_ - node_before_V_) * per_s_ * volts;
    circuit_W = through_W - stored_W;
    far_W_ = cells_W + electronics_W + drive_.heater_W + through_W + converter_W_;
  } else {
    // the cells feed the path and the electronics; a heater is fed from outside
    circuit_W = -(cells_W + electronics_W) - stored_W;
    far_W_ = drive_.heater_W;
  }
  energy_.far_J += dt_s * far_W_;
  energy_.converter_J += dt_s * converter_W_;
  energy_.heater_J += dt_s * drive_.heater_W;
  energy_.electronics_J += dt_s * electronics_W;
  energy_.circuit_J += dt_s * circuit_W;
  energy_.capacitor_J = capacitor_J;
}

double ModulePlant::far_V() const {
  if (config_.far_V == 0.0) return node_V_;
  if (last_path_ != Path::Main) return 0.0;
  return config_.far_V + config_.far_droop_V * far_W_ / config_.converter.rated_W;
}

bool ModulePlant::measure_again(const CellBank& bank, bms::PackInputs& in) {
  deliver(in.current, current_error_, 1000.0 * drive_.current_A);
  deliver(in.pack_voltage, voltage_error_, 1000.0 * bank.string_V(string_));
  deliver(in.bus_voltage, bus_error_, 1000.0 * node_V_);
  const std::uint32_t warmings = bank.warmings(string_) + 1;
  if (warmings == warmings_) return false;
  warmings_ = warmings;
  const std::span<const double> kelvin = bank.temperature_K(string_);
  for (std::size_t i = 0; i < config_.sensors; ++i) {
    if (temperature_error_[i].fault != SensorFault::None) continue;
    const double tenths = kelvin[sensor_cell_[i]] * sensor_gain_[i] + sensor_offset_[i];
    temperature_[i] = Temperature::deci_celsius(whole(tenths));
  }
  return true;
}

void ModulePlant::measure(CellBank& bank, bms::PackInputs& in) {
  const std::span<Millivolts> cells = bank.reading(string_);
  for (const auto& [cell, value] : stuck_) cells[cell] = value;
  measure_again(bank, in);
  in.cells.voltage = cells;
  in.cells.voltage_read = cells_read_;
  in.cells.temperature = std::span(temperature_).first(config_.sensors);
  in.cells.temperature_read = temperatures_read_;
  in.insulation_kohm = {whole(insulation_kohm_), true};
  switch (feedback_fault_) {
    case SensorFault::None:
      in.main_feedback = closed(Contactor::Main);
      break;
    case SensorFault::Stuck:
      in.main_feedback = feedback_stuck_at_;
      break;
    case SensorFault::Lost:
      in.main_feedback = false;
      break;
  }
}

void ModulePlant::set_contactor(Contactor which, ContactorFault fault) {
  contactor_fault_[index(which)] = fault;
  settle_contactors();
}

void ModulePlant::set_feedback(SensorFault fault) {
  feedback_fault_ = fault;
  feedback_stuck_at_ = closed(Contactor::Main);
}

void ModulePlant::set_cell_sensor(CellBank& bank, std::size_t cell, const SensorError& error) {
  WECO_ASSERT(cell < cells_);
  bank.set_sensor(string_, cell, kMillivoltsPerVolt * error.gain, error.offset);
  std::erase_if(stuck_, [&](const auto& entry) { return entry.first == cell; });
  if (error.fault == SensorFault::Stuck) stuck_.emplace_back(cell, bank.reading(string_)[cell]);
  if (error.fault == SensorFault::Lost) {
    cells_read_.clear(cell);
  } else {
    cells_read_.set(cell);
  }
}

void ModulePlant::set_temperature_sensor(std::size_t sensor, const SensorError& error) {
  WECO_ASSERT(sensor < config_.sensors);
  temperature_error_[sensor] = error;
  scale_sensor(sensor);
  const std::uint32_t bit = std::uint32_t{1} << sensor;
  temperatures_read_ |= bit;
  if (error.fault == SensorFault::Lost) temperatures_read_ &= ~bit;
}

}  // namespace weco::sim
