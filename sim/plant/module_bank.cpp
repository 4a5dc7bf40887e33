// SPDX-License-Identifier: Apache-2.0
#include "sim/plant/module_bank.hpp"

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
void deliver(bms::Reading<Value>& reading, SensorFault fault, Value value) {
  reading.read = fault != SensorFault::Lost;
  if (fault == SensorFault::None) reading.value = value;
}

void set_errors(SensorArrays& sensor, std::size_t module, const SensorError& error) {
  sensor.gain[module] = error.gain;
  sensor.offset[module] = error.offset;
}

}  // namespace

const ModuleConfig kWecoModule = {};
/// No converter of its own: the inverter's is not part of the pack.
const ModuleConfig kB500Module = {.converter = kNoConverter, .heater_W = 0.0};
const ModuleConfig kCm2Module = {.converter = kNoConverter,
                                 .precharge_ohm = 100.0,
                                 .capacitor_F = 0.0022,
                                 .capacitor_bleed_ohm = 200000.0,
                                 .fuse_A = 250.0,
                                 .fuse_A2s = 6.0e5,
                                 .heater_W = 0.0,
                                 .electronics_W = 15.0,
                                 .sensors = 30};

ModuleBank::ModuleBank(const ModuleConfig& config, CellBank& cells)
    : config_(config), cells_(cells), module_(std::make_unique<ModuleArrays>()) {
  lay_out();
  const ConverterCurve& curve = config.converter;
  step_.rated_W = curve.rated_W;
  step_.idle_W = curve.idle_W;
  step_.linear = curve.linear;
  step_.square_per_W = curve.square_per_W;
  step_.capacitor_F = config.capacitor_F;
  step_.supply_least_V = kSupplyLeast_V * static_cast<double>(cells.cells());
  step_.fuse_A2 = config.fuse_A * config.fuse_A;
  step_.fuse_A2s = config.fuse_A2s;
  modules_.reserve(cells.strings());
  for (std::size_t i = 0; i < cells.strings(); ++i) modules_.emplace_back(*this, i);
}

void ModuleBank::lay_out() {
  frame_.module = module_.get();
  frame_.string = &cells_.arrays();
  for (SensorArrays* sensor :
       {&module_->current_sensor, &module_->voltage_sensor, &module_->bus_sensor}) {
    std::ranges::fill(sensor->gain, 1.0);
  }
  frame_.modules = cells_.strings();
}

void ModuleBank::prepare(double dt_s) {
  if (dt_s == step_.seconds) return;
  step_.seconds = dt_s;
  step_.per_s = 1.0 / dt_s;
}

void ModuleBank::take_paths(double dt_s) {
  all_on_main_ = true;
  for (ModulePlant& m : modules_) {
    if (!m.take_path(dt_s)) all_on_main_ = false;
  }
}

void ModuleBank::step(const BankSurroundings& around, double dt_s) {
  const KernelChoice& kernel = cells_.kernel();
  prepare(dt_s);
  if (!all_on_main_) take_paths(dt_s);
  kernel.want(frame_, step_);
  cells_.solve(dt_s);
  if (!all_on_main_) {
    for (ModulePlant& m : modules_) m.drive_apart(dt_s);
  }
  if (kernel.drive(frame_, step_)) {
    for (ModulePlant& m : modules_) {
      if (module_->melting_A2s[m.string()] >= step_.fuse_A2s) m.blow_fuse();
    }
  }
  cells_.advance(around, dt_s);
  cells_.read();
  kernel.settle(frame_, step_);
}

void ModuleBank::read() {
  cells_.read();
  cells_.kernel().measure(frame_);
}

ModulePlant::ModulePlant(ModuleBank& bank, std::size_t string)
    : bank_(&bank),
      string_(string),
      insulation_kohm_(bank.config_.insulation_kohm),
      cells_read_(bms::CellMask::first(bank.cells_.cells())),
      temperatures_read_(
          static_cast<std::uint32_t>((std::uint64_t{1} << bank.config_.sensors) - 1)) {
  const std::size_t cells = bank.cells_.cells(), sensors = bank.config_.sensors;
  WECO_ASSERT(cells > 0 && cells <= bms::kCellsMax && sensors <= bms::kSensorsMax);
  for (std::size_t i = 0; i < sensors; ++i) {
    sensor_cell_[i] = static_cast<std::uint8_t>(i * cells / sensors);
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

void ModulePlant::spread_sensors(Random& random) {
  for (std::size_t i = 0; i < bank_->cells_.cells(); ++i) {
    bank_->cells_.set_sensor(string_, i, kMillivoltsPerVolt, 1.5 * random.normal());
  }
  SensorError current, voltage, bus;
  current.offset = 15.0 * (2.0 * random.uniform() - 1.0);
  current.gain = 1.0 + 0.003 * random.normal();
  voltage.gain = 1.0 + 0.0005 * random.normal();
  bus.gain = 1.0 + 0.0005 * random.normal();
  set_current_sensor(current);
  set_voltage_sensor(voltage);
  set_bus_sensor(bus);
  for (std::size_t i = 0; i < bank_->config_.sensors; ++i) {
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
  bank_->all_on_main_ = false;
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
  of().melting_A2s[string_] = 0.0;
  find_path();
}

/// The node feeds it, or somebody outside.
void ModulePlant::find_heater() {
  const bool fed = last_path_ == Path::Main || outside_supply_;
  of().heater_W[string_] = heater_wanted_ && fed ? bank_->config_.heater_W : 0.0;
}

void ModulePlant::obey(const bms::PackOutputs& out) {
  if (coils_ != out.contactors) {
    coils_ = out.contactors;
    settle_contactors();
  }
  heater_wanted_ = out.heater;
  find_heater();
  const bool awake = out.state != bms::State::Off;  // an Off controller draws nothing
  of().electronics_W[string_] = awake ? bank_->config_.electronics_W : 0.0;
  if (balancing_ != out.balancing) {
    balancing_ = out.balancing;
    bank_->cells_.set_balancing(string_, balancing_.words());
  }
}

/// The main contactor closes onto a node at another voltage: a surge through nothing but the cells,
/// and what is left of the contacts.
void ModulePlant::close_main(double dt_s) {
  const CellBank::Source cells = bank_->cells_.source(string_, dt_s, 0.0);
  const double apart = cells.open_V - node_V();
  const double ohm = std::max(cells.ohm, 1e-6);
  if (std::abs(apart) / ohm > bank_->config_.weld_at_A) {
    set_contactor(Contactor::Main, ContactorFault::Welded);
  }
}

bool ModulePlant::take_path(double dt_s) {
  if (path_ == Path::Main && last_path_ != Path::Main) close_main(dt_s);
  last_path_ = path_;
  of().on_main[string_] = path_ == Path::Main ? 1.0 : 0.0;
  find_heater();
  return path_ == Path::Main;
}

void ModulePlant::drive_apart(double dt_s) {
  if (last_path_ == Path::Main) return;
  if (last_path_ == Path::Precharge) {
    drive_precharge(dt_s);
    return;
  }
  const ModuleConfig& c = bank_->config_;
  of().path_A[string_] = 0.0;
  of().node_V[string_] *= exp_of(-dt_s / (c.capacitor_F * c.capacitor_bleed_ohm));
}

/// The capacitor charges through the resistor; its bleeder pulls a little the other way.
void ModulePlant::drive_precharge(double dt_s) {
  const CellBank::Source cells = bank_->cells_.source(string_, dt_s, -1.0);
  const ModuleConfig& c = bank_->config_;
  const double before_V = node_V();
  const double series = c.precharge_ohm + cells.ohm;
  const double bleed = c.capacitor_bleed_ohm;
  const double aim = cells.open_V * bleed / (bleed + series);
  const double constant_s = c.capacitor_F * series * bleed / (bleed + series);
  const double kept = exp_of(-dt_s / constant_s);
  const double mean = aim + (before_V - aim) * (1.0 - kept) * constant_s / dt_s;
  const double after_V = aim + (before_V - aim) * kept;
  of().node_V[string_] = after_V;
  of().path_A[string_] = -(c.capacitor_F * (after_V - before_V) / dt_s + mean / bleed);
}

ModuleEnergy ModulePlant::energy() const {
  const ModuleArrays& m = of();
  return {m.far_J[string_],         m.converter_J[string_], m.heater_J[string_],
          m.electronics_J[string_], m.circuit_J[string_],   m.capacitor_J[string_]};
}

void ModulePlant::read_temperatures() {
  const CellBank& cells = bank_->cells_;
  warmings_ = cells.warmings(string_) + 1;
  const std::span<const double> kelvin = cells.temperature_K(string_);
  for (std::size_t i = 0; i < bank_->config_.sensors; ++i) {
    if (temperature_error_[i].fault != SensorFault::None) continue;
    const double tenths = kelvin[sensor_cell_[i]] * sensor_gain_[i] + sensor_offset_[i];
    temperature_[i] = Temperature::deci_celsius(whole(tenths));
  }
}

void ModulePlant::measure(bms::PackInputs& in) {
  const std::span<Millivolts> cells = bank_->cells_.reading(string_);
  for (const auto& [cell, value] : stuck_) cells[cell] = value;
  const ModuleArrays& m = of();
  deliver(in.current, current_fault_, m.current[string_]);
  deliver(in.pack_voltage, voltage_fault_, m.voltage[string_]);
  deliver(in.bus_voltage, bus_fault_, m.bus[string_]);
  if (warmed()) read_temperatures();
  in.cells.voltage = cells;
  in.cells.voltage_read = cells_read_;
  in.cells.temperature = std::span(temperature_).first(bank_->config_.sensors);
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

void ModulePlant::set_current_sensor(const SensorError& error) {
  current_fault_ = error.fault;
  set_errors(of().current_sensor, string_, error);
}
void ModulePlant::set_voltage_sensor(const SensorError& error) {
  voltage_fault_ = error.fault;
  set_errors(of().voltage_sensor, string_, error);
}
void ModulePlant::set_bus_sensor(const SensorError& error) {
  bus_fault_ = error.fault;
  set_errors(of().bus_sensor, string_, error);
}

void ModulePlant::set_cell_sensor(std::size_t cell, const SensorError& error) {
  CellBank& bank = bank_->cells_;
  WECO_ASSERT(cell < bank.cells());
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
  WECO_ASSERT(sensor < bank_->config_.sensors);
  temperature_error_[sensor] = error;
  scale_sensor(sensor);
  const std::uint32_t bit = std::uint32_t{1} << sensor;
  temperatures_read_ |= bit;
  if (error.fault == SensorFault::Lost) temperatures_read_ &= ~bit;
}

}  // namespace weco::sim
