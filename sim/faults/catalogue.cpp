// SPDX-License-Identifier: Apache-2.0
#include "sim/faults/catalogue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

#include "core/base/assert.hpp"
#include "host/failure/nearest.hpp"

namespace weco::sim {
namespace {

constexpr std::array<std::string_view, 8> kGroups = {"wire",  "cell", "power",   "grid",
                                                     "meter", "pv",   "control", "firmware"};

// Parameters that many faults share.
constexpr FaultParameter kPack{"pack", "", 1, 48, 1, true, "which pack, from 1"};
constexpr FaultParameter kCell{"cell", "", 1, 240, 1, true, "which cell of it, from 1"};
constexpr FaultParameter kSensor{"sensor", "", 1, 32, 1, true, "which temperature sensor of it"};
constexpr FaultParameter kInverter{"inverter", "", 1, 4, 1, true, "which inverter, from 1"};
constexpr FaultParameter kChance{"chance", "%", 0.1, 100, 100, false, "of each message"};
constexpr FaultParameter kPhase{"phase", "", 1, 3, 1, true, "which phase"};
constexpr FaultParameter percent(std::string_view name, double least, double most, double usual,
                                 std::string_view doc) {
  return {name, "%", least, most, usual, false, doc};
}

using enum FaultGroup;
constexpr FaultInfo kAll[] = {
    {FaultId::WireLate,
     "wire_late",
     Wire,
     "answers come late",
     {kChance, {"by", "ms", 1, 60000, 400, true, "later than usual"}}},
    {FaultId::WireSplit,
     "wire_split",
     Wire,
     "answers come in two parts",
     {kChance, {"gap", "ms", 1, 10000, 5, true, "between the parts"}}},
    {FaultId::WireMerged, "wire_merged", Wire, "an answer waits for the next one", {kChance}},
    {FaultId::WireDuplicated, "wire_duplicated", Wire, "answers come twice", {kChance}},
    {FaultId::WireEchoed, "wire_echoed", Wire, "what is sent comes back", {kChance}},
    {FaultId::WireWrong, "wire_wrong", Wire, "one bit of an answer is wrong", {kChance}},
    {FaultId::WireOtherUnit, "wire_other_unit", Wire, "another address answers", {kChance}},
    {FaultId::WireSilent, "wire_silent", Wire, "answers are lost", {kChance}},
    {FaultId::WireGarbage, "wire_garbage", Wire, "random bytes come before an answer", {kChance}},
    {FaultId::WireDisconnect,
     "wire_disconnect",
     Wire,
     "the link breaks in an answer",
     {kChance, {"for", "ms", 1, 600000, 2000, true, "until it is back"}}},

    {FaultId::CellLeak,
     "cell_leak",
     Cell,
     "a cell discharges itself",
     {kPack, kCell, {"current", "A", 0, 20, 0.5, false, "that leaks"}}},
    {FaultId::CellResistance,
     "cell_resistance",
     Cell,
     "a cell's resistance is higher",
     {kPack, kCell, {"factor", "", 0.2, 100, 5, false, "times its own"}}},
    {FaultId::CellCapacity,
     "cell_capacity",
     Cell,
     "all cells of a pack have lost capacity",
     {kPack, percent("left", 10, 100, 70, "of the new capacity")}},
    {FaultId::CellVoltageStuck,
     "cell_voltage_stuck",
     Cell,
     "a cell's voltage reading stays where it is",
     {kPack, kCell}},
    {FaultId::CellVoltageLost,
     "cell_voltage_lost",
     Cell,
     "a cell's voltage is not read",
     {kPack, kCell}},
    {FaultId::CellTemperatureStuck,
     "cell_temperature_stuck",
     Cell,
     "a temperature reading stays where it is",
     {kPack, kSensor}},
    {FaultId::CellTemperatureLost,
     "cell_temperature_lost",
     Cell,
     "a temperature is not read",
     {kPack, kSensor}},
    {FaultId::CellDeepDischarge,
     "cell_deep_discharge",
     Cell,
     "a cell is empty beyond its limit",
     {kPack, kCell}},
    {FaultId::CurrentSensorOffset,
     "current_sensor_offset",
     Cell,
     "the current sensor has a zero error",
     {kPack, {"offset", "mA", -10000, 10000, 200, false, "that it shows at rest"}}},
    {FaultId::CurrentSensorLost, "current_sensor_lost", Cell, "the current is not read", {kPack}},

    {FaultId::ContactorStuckOpen,
     "contactor_stuck_open",
     Power,
     "the main contactor does not close",
     {kPack}},
    {FaultId::ContactorWelded,
     "contactor_welded",
     Power,
     "the main contactor does not open",
     {kPack}},
    {FaultId::PrechargeOpen, "precharge_open", Power, "the precharge path is broken", {kPack}},
    {FaultId::FuseBlown, "fuse_blown", Power, "the pack's fuse is blown", {kPack}},
    {FaultId::InsulationLow,
     "insulation_low",
     Power,
     "the battery leaks to earth",
     {kPack, {"resistance", "kohm", 0, 100000, 20, false, "that is left"}}},
    {FaultId::ShortCircuit,
     "short_circuit",
     Power,
     "the front end has tripped on a short circuit",
     {kPack}},
    {FaultId::InterlockOpen, "interlock_open", Power, "the interlock is open", {kPack}},
    {FaultId::BreakerTrips,
     "breaker_trips",
     Power,
     "the pack's breaker has tripped",
     {kPack, {"times", "", 1, 100, 2, true, "since the last service"}}},
    {FaultId::HeaterFailed, "heater_failed", Power, "the heater does not heat", {kPack}},
    {FaultId::CoolingFailed, "cooling_failed", Power, "the cooling has failed", {kPack}},
    {FaultId::Fire, "fire", Power, "the fire detector has reported", {kPack}},
    {FaultId::OtherBatteryType,
     "other_battery_type",
     Power,
     "a pack of another type is in the tower",
     {kPack}},

    {FaultId::GridLost, "grid_lost", Grid, "the grid is gone", {}},
    {FaultId::GridVoltage,
     "grid_voltage",
     Grid,
     "the grid has another voltage",
     {{"voltage", "V", 0, 400, 265, false, "phase to neutral"}}},
    {FaultId::GridPhaseLost, "grid_phase_lost", Grid, "a phase is missing", {kPhase}},
    {FaultId::GridFrequency,
     "grid_frequency",
     Grid,
     "the grid has another frequency",
     {{"frequency", "Hz", 40, 70, 51.7, false, ""}}},
    {FaultId::GridUnmeasured, "grid_unmeasured", Grid, "the grid cannot be measured", {kInverter}},
    {FaultId::GeneratorFailed, "generator_failed", Grid, "the generator does not start", {}},

    {FaultId::MeterLost, "meter_lost", Meter, "the meter does not answer", {}},
    {FaultId::MeterReversed,
     "meter_reversed",
     Meter,
     "the current transformers point the wrong way",
     {}},
    {FaultId::MeterWrongPhase,
     "meter_wrong_phase",
     Meter,
     "the current transformers hang on another conductor",
     {}},

    {FaultId::PvReversed,
     "pv_reversed",
     Pv,
     "a string is connected with wrong polarity",
     {kInverter}},
    {FaultId::PvInsulationLow, "pv_insulation_low", Pv, "the panels leak to earth", {kInverter}},
    {FaultId::PvLost,
     "pv_lost",
     Pv,
     "part of the panels is disconnected",
     {kInverter, percent("left", 0, 100, 50, "of the power")}},

    {FaultId::BatteryLinkLost,
     "battery_link_lost",
     Control,
     "the line between battery and inverter is cut",
     {kInverter}},
    {FaultId::MasterLost,
     "master_lost",
     Control,
     "the modules do not hear their master",
     {kInverter}},
    {FaultId::SlaveLost,
     "slave_lost",
     Control,
     "an inverter in parallel is silent",
     {{"inverter", "", 2, 4, 2, true, "which inverter"}}},
    {FaultId::DrmUnreadable,
     "drm_unreadable",
     Control,
     "the demand response port cannot be read",
     {}},
    {FaultId::AmbientSensorLost,
     "ambient_sensor_lost",
     Control,
     "the ambient temperature is not read",
     {kInverter}},

    {FaultId::FirmwareCode,
     "firmware_code",
     Firmware,
     "the device reports a fault code of its list",
     {kInverter, {"code", "", 1, 255, 1, true, "number of the product's list"}}},
};

static_assert(std::size(kAll) == kFaults);
consteval bool in_order() {
  for (std::size_t i = 0; i < kFaults; ++i) {
    if (static_cast<std::size_t>(kAll[i].id) != i) return false;
    for (const FaultParameter& p : kAll[i].parameters) {
      if (!p.name.empty() && (p.least > p.usual || p.usual > p.most)) return false;
    }
  }
  return true;
}
static_assert(in_order(), "the table is indexed by FaultId, usual values lie in their range");

std::vector<std::string_view> names() {
  std::vector<std::string_view> all;
  for (const FaultInfo& row : kAll) all.push_back(row.name);
  return all;
}

std::string parameter_names(const FaultInfo& row) {
  std::string list;
  for (const FaultParameter& p : row.parameters) {
    if (p.name.empty()) break;
    list += (list.empty() ? "" : ", ") + std::string(p.name);
  }
  return list;
}

/// Place of a parameter; kFaultParameters when the fault has none of that name.
std::size_t find_parameter(const FaultInfo& row, std::string_view name) {
  std::size_t i = 0;
  while (i < kFaultParameters && (row.parameters[i].name.empty() || row.parameters[i].name != name))
    ++i;
  return i;
}

Done set_from_text(FaultSpec& spec, std::string_view part) {
  const std::size_t equals = part.find('=');
  const std::string_view name = part.substr(0, equals);
  const std::string_view text = equals == std::string_view::npos ? "" : part.substr(equals + 1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) {
    return failure(ErrorCode::BadInput, fmt::format("'{}' is no number", text), std::string(name),
                   "Write parameter=number, such as pack=2.");
  }
  return set_parameter(spec, name, value);
}

}  // namespace

std::string_view name(FaultGroup group) { return kGroups[static_cast<std::size_t>(group)]; }

std::span<const FaultInfo> fault_catalogue() { return kAll; }

const FaultInfo& info(FaultId id) { return kAll[static_cast<std::size_t>(id)]; }

double FaultSpec::of(std::string_view parameter) const {
  const std::size_t i = find_parameter(info(id), parameter);
  WECO_ASSERT(i < kFaultParameters);
  return value[i];
}

FaultSpec usual_fault(FaultId id) {
  FaultSpec spec{id, {}};
  for (std::size_t i = 0; i < kFaultParameters; ++i) spec.value[i] = info(id).parameters[i].usual;
  return spec;
}

Done set_parameter(FaultSpec& spec, std::string_view parameter, double value) {
  const FaultInfo& row = info(spec.id);
  const std::size_t i = find_parameter(row, parameter);
  if (i == kFaultParameters) {
    const std::string allowed = parameter_names(row);
    return failure(
        ErrorCode::NotFound, fmt::format("the fault {} has no parameter '{}'", row.name, parameter),
        std::string(row.name), allowed.empty() ? "It has none." : "It has " + allowed + ".");
  }
  const FaultParameter& p = row.parameters[i];
  const bool whole = !p.whole || value == std::floor(value);
  if (!(value >= p.least && value <= p.most) || !whole) {
    return failure(
        ErrorCode::OutOfRange,
        fmt::format("{} is no value for {} of the fault {}", value, p.name, row.name),
        std::string(row.name),
        fmt::format("Give {} from {} to {}{}{}.", p.whole ? "a whole number" : "a number", p.least,
                    p.most, p.unit.empty() ? "" : " ", p.unit));
  }
  spec.value[i] = value;
  return {};
}

Outcome<FaultId> find_fault(std::string_view name) {
  for (const FaultInfo& row : kAll) {
    if (row.name == name) return row.id;
  }
  const std::vector<std::string_view> all = names();
  const std::string_view close = nearest(name, all);
  return failure(ErrorCode::NotFound, fmt::format("there is no fault '{}'", name), {},
                 close.empty() ? "See 'weco simulate --list' for all of them."
                               : fmt::format("Did you mean {}?", close));
}

Outcome<FaultSpec> parse_fault(std::string_view text) {
  const std::size_t colon = text.find(':');
  const auto id = find_fault(text.substr(0, colon));
  if (!id) return Unexpected{id.error()};
  FaultSpec spec = usual_fault(*id);
  if (colon == std::string_view::npos) return spec;
  std::string_view rest = text.substr(colon + 1);
  while (true) {
    const std::size_t comma = rest.find(',');
    if (Done done = set_from_text(spec, rest.substr(0, comma)); !done) {
      return Unexpected{std::move(done).error()};
    }
    if (comma == std::string_view::npos) return spec;
    rest.remove_prefix(comma + 1);
  }
}

std::string to_text(const FaultSpec& spec) {
  const FaultInfo& row = info(spec.id);
  std::string text(row.name);
  for (std::size_t i = 0; i < kFaultParameters && !row.parameters[i].name.empty(); ++i) {
    text += fmt::format("{}{}={}", i == 0 ? ":" : ",", row.parameters[i].name, spec.value[i]);
  }
  return text;
}

bool strikes_wire(FaultId id) { return info(id).group == FaultGroup::Wire; }

FaultPlan link_plan(const FaultSpec& spec, std::uint64_t seed) {
  WECO_ASSERT(strikes_wire(spec.id));
  FaultPlan plan;
  plan.seed = seed;
  // The wire's faults stand in the same order in both lists.
  const auto fault = static_cast<Fault>(spec.id);
  plan.chance(fault, static_cast<std::uint16_t>(std::lround(10 * spec.of("chance"))));
  if (fault == Fault::Late) plan.late_by = Duration::ms(spec.whole("by"));
  if (fault == Fault::Split) plan.split_gap = Duration::ms(spec.whole("gap"));
  if (fault == Fault::Disconnect) plan.gone_for = Duration::ms(spec.whole("for"));
  return plan;
}

}  // namespace weco::sim
