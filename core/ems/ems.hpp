// SPDX-License-Identifier: Apache-2.0
// The energy management of one inverter (or of one plant of cabinets seen as one): everything of
// this folder in one cyclic function. tick() once a second; tick_fast() with every grid sample in
// between. No clock, no I/O, no allocation: inputs, state and `now` come in, outputs go out.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/result.hpp"
#include "core/ems/counters.hpp"
#include "core/ems/demand_response.hpp"
#include "core/ems/dispatch.hpp"
#include "core/ems/faults.hpp"
#include "core/ems/generator.hpp"
#include "core/ems/grid_protection.hpp"
#include "core/ems/meter.hpp"
#include "core/ems/model.hpp"
#include "core/ems/modes.hpp"
#include "core/ems/overload.hpp"

namespace weco::ems {

/// What a person sets.
struct Settings {
  ModeSettings mode{};
  MeterSettings meter{};
  DemandSettings demand{};
  GeneratorSettings generator{};
  Watts export_limit{kNoLimit};    // CM-13; with selling off it is 0 whatever stands here
  Watts import_limit{kNoLimit};    // CM-13: requirement (peak demand) management
  bool battery_for_import = true;  // the battery may help to keep import_limit
  Permyriad soc_min{1000};         // kept back while on the grid; 90 % depth of discharge (WS-30)
  Permyriad soc_max{10000};
  bool pv_ac_controllable = false;  // the other PV inverters obey pv_ac_max
};

struct Config {
  const Ratings* ratings = nullptr;
  Watts rated{};  // AC power; for cabinets their sum
  BatteryRating battery{};
  ProtectionConfig protection{};
  Settings settings{};
};

/// Why a configuration was refused; the `detail` of the error.
enum class ConfigRefusal : std::uint8_t {
  None,
  WrongMode,    // the mode belongs to another product
  WrongPhases,  // the protection watches another number of phases than the inverter has
  NoPower,      // a rated power of zero, or a protection made for another power
  ExportLimit,  // negative
  ImportLimit,  // negative
  SocRange,     // soc_min, soc_max, target or generator thresholds out of order or of 0 .. 100 %
  ChargePower,  // negative
  BadWindows,   // see check_windows
  BadWeek,      // see check_week
};
std::string_view name(ConfigRefusal refusal);
/// BadInput with a ConfigRefusal as detail.
Result<Config> make_config(const Ratings& ratings, const BatteryRating& battery,
                           const ProtectionConfig& protection, const Settings& settings);

struct Commands {
  bool reset = false;       // restart after an overload or a generator failure
  bool ct_recheck = false;  // the CT wiring was corrected
  bool grid_off = false;    // open the grid relay
};

struct Inputs {
  Calendar calendar{};
  GridSample grid{};
  Reading<Watts> meter{};     // at the connection point, positive imports; in parallel its share
  Reading<Watts> mean_ac{};   // of all inverters in parallel, by their own bus; unread: alone
  Watts pv{};                 // made now behind the inverter
  Watts pv_available{};       // could be made now
  Watts pv_ac{};              // made now by other inverters on the AC side
  Watts battery_power{};      // measured, positive charges
  bool battery_link = false;  // the BMS speaks to us; without it no current (WS-21)
  Permyriad soc{};            // valid with the link, as the two limits below
  Watts charge_limit{};
  Watts discharge_limit{};
  Watts backup_load{};
  Reading<Temperature> ambient{};
  DemandInputs demand{};
  Reading<Millivolts> generator_voltage{};
  Reading<Millihertz> generator_frequency{};
  std::uint32_t slaves_lost = 0;  // bit 1..3: inverter 2..4 in parallel (ParallelOutputs::lost)
  Commands commands{};
};

struct State {
  bool ticked = false;
  Instant last{};
  ProtectionState protection{};
  MeterState meter{};
  DemandState demand{};
  GeneratorState generator{};
  OverloadState overload{};
  ModeState mode{};
  CounterState counters{};
  FaultSet faults{};
  ConditionSet conditions = 0;
  bool empty = false;    // soc_min was reached; released a little above
  bool dropped = false;  // backup output taken off because nothing could feed it
  Instant retry_at{};
  bool disconnect = false;  // DRM0 as last seen, for tick_fast()
};
/// Above soc_min before the battery helps again (ours), and the pause before a dropped backup
/// output is tried again (ours).
inline constexpr Permyriad kEmptyHysteresis{200};
inline constexpr Duration kBackupRetry = Duration::s(60);

struct Outputs {
  Flow flow{};        // set points; flow.grid is 0 while off the grid
  Watts generator{};  // carried by the generator
  Watts unserved{};   // backup load that cannot be fed now
  Watts pv_ac_max{};  // what other PV inverters may make
  Activity activity = Activity::SelfConsumption;
  bool grid_connected = false;
  bool backup_output = false;
  bool generator_start = false;
  bool meter_lost = false;
  bool day_closed = false;  // counters.yesterday is new
  Demand demand{};
  ConditionSet conditions = 0;
  ConditionSet set = 0;      // came in this tick
  ConditionSet cleared = 0;  // went in this tick
};

/// Grid protection only; between two ticks, with every sample. Returns whether the grid relay is to
/// be closed.
bool tick_fast(const Config& config, State& state, const GridSample& grid, Instant now);

/// One step of everything. The flows in the outputs always balance to the watt.
Outputs tick(const Config& config, State& state, const Inputs& inputs, Instant now);

}  // namespace weco::ems
