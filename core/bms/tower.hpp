// SPDX-License-Identifier: Apache-2.0
// Packs side by side: up to four in a tower, up to three towers behind one inverter (WS-03), two to
// four B500 (EP-02). The master hears a report of every module and answers with an order for each;
// every module still runs its own pack.cpp and refuses on its own. Nothing here can close a
// contactor: an order only permits.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/base/units.hpp"
#include "core/bms/config.hpp"
#include "core/bms/limits.hpp"
#include "core/bms/pack.hpp"

namespace weco::bms {

inline constexpr std::size_t kModulesMax = 12;  // 3 towers of 4

/// From this number of modules on, the converters carry so much (battery side, magnitudes).
struct PowerRow {
  std::uint8_t modules;
  Watts charge;
  Watts discharge;
  Milliamps bus_charge;  // on the high-voltage bus; 0: no such bus
  Milliamps bus_discharge;
};
inline constexpr std::size_t kPowerRows = 6;

struct TowerConfig {
  std::string_view name;
  std::uint16_t type_code;
  std::uint8_t modules_per_tower;
  std::uint8_t towers_max;
  Millivolts join_difference;  // at most
  Millivolts plausible_low;    // pack voltages outside are not believed
  Millivolts plausible_high;
  Duration report_fresh;  // an older report is not believed
  bool isolates_module;   // the rest runs on while one module is in fault
  bool converters;        // each module has its own converter, so currents share by command
  std::array<PowerRow, kPowerRows> power;
};

extern const TowerConfig kWecoTower8k;  // WS-04
extern const TowerConfig kEp760Tower;   // EP-02
extern const TowerConfig kCm2Tower;     // one cabinet

/// What a module tells the master. `present` false: nobody at this position.
struct ModuleReport {
  bool present = false;
  std::uint32_t serial = 0;  // 0: not read
  Reading<std::uint16_t> type;
  Reading<Millivolts> pack_voltage;  // as the master received it
  Reading<Millivolts> bus_voltage;   // the module's own view of the bus
  Reading<Milliamps> current;
  Duration age;  // of this report
  State state = State::Off;
  Latch latch = Latch::None;
};

/// What the master answers.
struct ModuleOrder {
  bool permit_close = false;
  bool force_open = false;
  bool type_mismatch = false;
  Reading<Millivolts> tower_voltage;
  Command command = Command::None;
};

enum class JoinVerdict : std::uint8_t {
  Permitted = 0,
  NotMeasured,  // a voltage is missing or stale
  Implausible,  // a voltage that no pack of this family has: a sentinel, a broken sensor
  TooFar,       // more than the join difference apart
  OtherType,    // WS-22
  NotYet,       // another module starts the bus first
};

/// The gate, seen from one side: this pack against this bus.
JoinVerdict join_gate(const TowerConfig& config, Reading<Millivolts> pack, Reading<Millivolts> bus);

/// Known "value not there" patterns of 16-bit fields in mV, 10 mV and 100 mV.
bool is_sentinel(Millivolts v);

enum class TowerRefusal : std::uint8_t {
  None = 0,
  NoModules,
  TooMany,     // WS-03
  GapInTower,  // a module above an empty position cannot be there
  SerialMissing,
  DuplicateSerial,
  MixedTypes,  // WS-22
};

/// Addresses in wiring order: tower t, position p gets 1 + t * modules_per_tower + p; the first
/// present module is the master. 0: not addressed.
struct Addressing {
  TowerRefusal refusal = TowerRefusal::None;
  std::uint8_t at = 0;      // the position that is refused
  std::uint8_t master = 0;  // position of the master
  std::array<std::uint8_t, kModulesMax> address{};
};
Addressing assign_addresses(const TowerConfig& config, std::span<const ModuleReport> modules);

struct TowerState {
  bool run_wanted = false;
};

struct TowerInputs {
  std::span<const ModuleReport> modules;  // at most kModulesMax, in wiring order
  Command command = Command::None;        // Start and Stop for the whole tower
  bool link_ok = false;                   // the inverter is heard (WS-21)
};

struct TowerOrders {
  std::array<ModuleOrder, kModulesMax> order{};
  std::array<JoinVerdict, kModulesMax> verdict{};
  std::uint8_t joined = 0;  // modules on the bus
};

/// One cycle of the master.
TowerOrders coordinate(const TowerConfig& config, TowerState& state, const TowerInputs& in);

/// Puts an order into a module's inputs; a command that is already there for this module alone goes
/// first. The module checks the gate again with its own voltage: both sides must agree.
void apply(const TowerConfig& config, const ModuleOrder& order, PackInputs& inputs);

/// A module's report to the master, fresh: writes the whole of `out`.
void make_report(const PackState& state, const PackInputs& inputs, std::uint32_t serial,
                 std::uint16_t type, ModuleReport& out);

/// Limits of all joined modules together: magnitudes at battery voltage, and on the bus where there
/// is one. Each term names the module that causes it.
struct TowerLimits {
  Limit charge;
  Limit discharge;
  Millivolts charge_voltage;
  Millivolts discharge_voltage;
  Milliamps bus_charge;
  Milliamps bus_discharge;
};

struct ModuleLimits {
  const DynamicLimits* limits = nullptr;  // null: not joined
  Reading<Milliamps> current;
  Millivolts voltage;
};

TowerLimits share_limits(const PackConfig& pack, const TowerConfig& config,
                         std::span<const ModuleLimits> modules);

/// Its two halves, for who knows that the modules' own limits have not changed: those joined, and
/// what the power stage for so many modules carries at their mean voltage. With converters the
/// first asks for no current and no voltage.
TowerLimits join_limits(const PackConfig& pack, const TowerConfig& config,
                        std::span<const ModuleLimits> modules);
void limit_power(const TowerConfig& config, std::size_t modules, Millivolts mean,
                 TowerLimits& limits);

/// The row for this many modules; null for none.
const PowerRow* power_row(const TowerConfig& config, std::size_t modules);

}  // namespace weco::bms
