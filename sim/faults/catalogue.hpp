// SPDX-License-Identifier: Apache-2.0
// The catalogue of faults: every mishap a simulated site can suffer, each a name with parameters
// that have a unit, a range and a usual value. One table for scenarios, scripts and the --fault
// option; what a fault does is decided by the plant, the wire or the firmware it strikes, never
// here.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "host/failure/failure.hpp"
#include "host/link/fault_filter.hpp"

namespace weco::sim {

/// What a fault strikes.
enum class FaultGroup : std::uint8_t { Wire, Cell, Power, Grid, Meter, Pv, Control, Firmware };
std::string_view name(FaultGroup group);

/// Append only: numbers stand in recorded runs.
enum class FaultId : std::uint8_t {
  // wire: served links
  WireLate,
  WireSplit,
  WireMerged,
  WireDuplicated,
  WireEchoed,
  WireWrong,
  WireOtherUnit,
  WireSilent,
  WireGarbage,
  WireDisconnect,
  // cells
  CellLeak,
  CellResistance,
  CellCapacity,
  CellVoltageStuck,
  CellVoltageLost,
  CellTemperatureStuck,
  CellTemperatureLost,
  CellDeepDischarge,
  CurrentSensorOffset,
  CurrentSensorLost,
  // power path
  ContactorStuckOpen,
  ContactorWelded,
  PrechargeOpen,
  FuseBlown,
  InsulationLow,
  ShortCircuit,
  InterlockOpen,
  BreakerTrips,
  HeaterFailed,
  CoolingFailed,
  Fire,
  OtherBatteryType,
  // grid
  GridLost,
  GridVoltage,
  GridPhaseLost,
  GridFrequency,
  GridUnmeasured,
  GeneratorFailed,
  // meter
  MeterLost,
  MeterReversed,
  MeterWrongPhase,
  // PV
  PvReversed,
  PvInsulationLow,
  PvLost,
  // control lines
  BatteryLinkLost,
  MasterLost,
  SlaveLost,
  DrmUnreadable,
  AmbientSensorLost,
  // firmware
  FirmwareCode,
  kCount,
};
inline constexpr std::size_t kFaults = static_cast<std::size_t>(FaultId::kCount);

struct FaultParameter {
  std::string_view name;  // empty: not used
  std::string_view unit;
  double least = 0;
  double most = 0;
  double usual = 0;
  bool whole = true;  // no fraction
  std::string_view doc{};
};
inline constexpr std::size_t kFaultParameters = 4;

struct FaultInfo {
  FaultId id{};
  std::string_view name;
  FaultGroup group{};
  std::string_view doc;
  std::array<FaultParameter, kFaultParameters> parameters{};
};

/// All of them, in the order of FaultId.
std::span<const FaultInfo> fault_catalogue();
const FaultInfo& info(FaultId id);

/// One fault with every parameter set.
struct FaultSpec {
  FaultId id{};
  std::array<double, kFaultParameters> value{};
  /// By name; asserts that the fault has such a parameter.
  [[nodiscard]] double of(std::string_view parameter) const;
  [[nodiscard]] std::int32_t whole(std::string_view parameter) const {
    return static_cast<std::int32_t>(of(parameter));
  }
};

/// The fault with its usual parameters.
FaultSpec usual_fault(FaultId id);
/// Sets one parameter; OutOfRange or NotFound with what is allowed.
Done set_parameter(FaultSpec& spec, std::string_view parameter, double value);
/// "name" or "name:parameter=value,..."; the failure names the part that is wrong and the nearest
/// name that exists.
Outcome<FaultSpec> parse_fault(std::string_view text);
/// The inverse of it, with every parameter.
std::string to_text(const FaultSpec& spec);
/// NotFound with the nearest name as hint.
Outcome<FaultId> find_fault(std::string_view name);

/// True for a fault of a served link, which link_plan() turns into the plan of its filters; every
/// other fault is for Site::inject().
bool strikes_wire(FaultId id);
FaultPlan link_plan(const FaultSpec& spec, std::uint64_t seed);

}  // namespace weco::sim
