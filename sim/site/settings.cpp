// SPDX-License-Identifier: Apache-2.0
// What a person may do to a site and what may happen around it, as one table. Settings go to the
// core as a whole and are refused by it; commands go to the core, which may refuse them, too.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "host/failure/nearest.hpp"
#include "sim/site/plant.hpp"

namespace weco::sim {
namespace {

enum Row : std::size_t {
  kStart,
  kStop,
  kPowerOff,
  kReset,
  kService,
  kUpdate,
  kStorage,
  kGrid,
  kExtraLoad,
  kExtraBackup,
  kPvShare,
  kRoom,
  kGridVoltage,
  kGridFrequency,
  kDrm,
  kRipple,
  kCtRecheck,
  kGridOff,
  kMode,
  kSell,
  kAcOutput,
  kChargeFromGrid,
  kTargetSoc,
  kGridChargePower,
  kExportLimit,
  kImportLimit,
  kBatteryForImport,
  kSocMin,
  kSocMax,
  kChargeShift,
  kChargeOnly,
  kRows
};

constexpr std::array<std::string_view, 2> kSwitch = {"off", "on"};
constexpr std::array<std::string_view, 6> kModes = {
    "smart_auto",           "smart_peak_shaving", "smart_battery_priority",
    "saj_self_consumption", "saj_time_of_use",    "ep760"};
constexpr std::array<std::string_view, 5> kRipples = {"none", "100", "60", "30", "0"};

constexpr std::array<SiteCommand, kRows> kCommands = {{
    {"start", "", 0, 0, {}, "switch the packs on and start the towers"},
    {"stop", "", 0, 0, {}, "stop the towers; the packs stay awake"},
    {"power_off", "", 0, 0, {}, "switch the packs off"},
    {"reset", "", 0, 0, {}, "reset what may be reset: faults of packs, overload, generator"},
    {"service", "", 0, 0, {}, "a qualified person has verified the packs at the device"},
    {"update", "", 0, 1, kSwitch, "packs enter or leave the update state"},
    {"storage", "", 0, 1, kSwitch, "packs enter or leave storage"},
    {"grid", "", 0, 1, kSwitch, "the public grid is there"},
    {"extra_load_W", "W", 0, 1e7, {}, "beside the profile, not on a backup output"},
    {"extra_backup_W", "W", 0, 1e7, {}, "beside the profile, on the backup output"},
    {"pv_share", "", 0, 2, {}, "times what the sky gives"},
    {"room_degC", "degC", -60, 80, {}, "where the batteries stand"},
    {"grid_voltage_V", "V", 0, 400, {}, "phase to neutral"},
    {"grid_frequency_Hz", "Hz", 40, 70, {}, "of the public grid"},
    {"drm", "", 0, 511, {}, "terminals of demand response, bit n: DRM n"},
    {"ripple", "%", 0, 4, kRipples, "relay of the ripple receiver"},
    {"ct_recheck", "", 0, 0, {}, "the wiring of the meter was corrected"},
    {"disconnect", "", 0, 0, {}, "open the grid relay once"},
    {"mode", "", 0, 5, kModes, "working mode; it must be one of the family"},
    {"sell", "", 0, 1, kSwitch, "selling to the grid"},
    {"ac_output", "", 0, 1, kSwitch, "EP760: the switch AC"},
    {"charge_from_grid", "", 0, 1, kSwitch, "EP760: the switch of that name"},
    {"target_soc_pct", "%", 1, 100, {}, "up to which the grid helps to charge"},
    {"grid_charge_power_W", "W", 0, 1e7, {}, "at most, from all sources"},
    {"export_limit_W", "W", 0, 1e7, {}, "at the meter"},
    {"import_limit_W", "W", 0, 1e7, {}, "at the meter"},
    {"battery_for_import", "", 0, 1, kSwitch, "the battery helps to keep the import limit"},
    {"soc_min_pct", "%", 0, 100, {}, "kept back while on the grid"},
    {"soc_max_pct", "%", 0, 100, {}, "charged to"},
    {"charge_shift_pct", "%", -100, 100, {}, "moves the cells' charge unseen by their BMS"},
    {"charge_only", "", 0, 20, {}, "CM2: this cabinet is charged, the rest serve; 0: none"},
}};

Permyriad percent(double value) {
  return Permyriad(static_cast<std::int32_t>(std::lround(value * 100)));
}
Watts watts(double value) { return Watts(static_cast<std::int32_t>(std::lround(value))); }

const SiteCommand* find(std::string_view name) {
  for (const SiteCommand& row : kCommands) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

Unexpected<Failure> no_such(std::string_view name) {
  std::vector<std::string_view> names;
  for (const SiteCommand& row : kCommands) names.push_back(row.name);
  const std::string_view close = nearest(name, names);
  return failure(ErrorCode::NotFound, fmt::format("a site knows no command '{}'", name), {},
                 close.empty() ? fmt::format("It knows {}.", fmt::join(names, ", "))
                               : fmt::format("Did you mean {}?", close));
}

/// Changes one setting; true when the row is one.
bool set(ems::Settings& s, std::size_t row, double value) {
  const bool on = value != 0.0;
  switch (row) {
    case kMode:
      s.mode.mode = static_cast<ems::Mode>(std::lround(value));
      return true;
    case kSell:
      s.mode.sell = on;
      return true;
    case kAcOutput:
      s.mode.ac_output = on;
      return true;
    case kChargeFromGrid:
      s.mode.charge_from_grid = on;
      return true;
    case kTargetSoc:
      s.mode.target_soc = percent(value);
      return true;
    case kGridChargePower:
      s.mode.grid_charge_power = watts(value);
      return true;
    case kExportLimit:
      s.export_limit = watts(value);
      return true;
    case kImportLimit:
      s.import_limit = watts(value);
      return true;
    case kBatteryForImport:
      s.battery_for_import = on;
      return true;
    case kSocMin:
      s.soc_min = percent(value);
      return true;
    case kSocMax:
      s.soc_max = percent(value);
      return true;
    default:
      return false;
  }
}

}  // namespace

std::span<const std::string_view> mode_names() { return kModes; }

std::span<const SiteCommand> site_commands() { return kCommands; }

Done Site::Plant::command(const SiteCommand& command, double value) {
  const auto row = static_cast<std::size_t>(&command - kCommands.data());
  ems::Settings changed = settings;
  // the terminals are wired to whatever is first heard on them
  if (row == kDrm) changed.demand.port = ems::DemandPort::Drm;
  if (row == kRipple) changed.demand.port = ems::DemandPort::Ripple;
  const bool wired = changed.demand.port != settings.demand.port;
  if (set(changed, row, value) || wired) {
    if (Done done = apply_settings(changed); !done) return done;
  }
  if (row <= kStorage) {
    order(row, value);
  } else {
    surround(row, value);  // settings are none of it
  }
  note(SiteEventKind::Command, 0, command.name);
  return {};
}

/// Orders to the packs; the core carries them out or refuses.
void Site::Plant::order(std::size_t row, double value) {
  const auto tell = [this](bms::Command command) {
    for (Group& g : groups) {
      for (PackUnit& u : g.battery.packs_to_change()) u.pending = command;
    }
  };
  const bool on = value != 0.0;
  switch (row) {
    case kStart:
      for (Group& g : groups) {
        for (PackUnit& u : g.battery.packs_to_change()) {
          if (u.state.machine.state == bms::State::Off) u.pending = bms::Command::PowerOn;
        }
      }
      start_when_ready = true;
      break;
    case kStop:
      tower_command = bms::Command::Stop;
      start_when_ready = false;
      break;
    case kPowerOff:
      tell(bms::Command::PowerOff);
      start_when_ready = false;
      break;
    case kReset:
      tell(bms::Command::ResetFault);
      ems_commands.reset = true;
      break;
    case kService:
      service = true;
      tell(bms::Command::ResetFault);
      break;
    case kUpdate:
      tell(on ? bms::Command::EnterUpdate : bms::Command::LeaveUpdate);
      break;
    case kStorage:
      tell(on ? bms::Command::EnterStorage : bms::Command::LeaveStorage);
      break;
    default:
      break;
  }
}

void Site::Plant::surround(std::size_t row, double value) {
  Overrides& o = overrides;
  switch (row) {
    case kGrid:
      o.grid_off = value == 0.0;
      break;
    case kExtraLoad:
      o.extra_load_W = value;
      break;
    case kExtraBackup:
      o.extra_backup_W = value;
      break;
    case kPvShare:
      o.pv_share = value;
      break;
    case kRoom:
      o.room_degC = value;
      break;
    case kGridVoltage:
      o.grid_V = value;
      break;
    case kGridFrequency:
      o.grid_Hz = value;
      break;
    case kDrm:
      demand.drm = ems::Reading<std::uint16_t>::good_of(static_cast<std::uint16_t>(value));
      break;
    case kRipple: {
      const auto relay = static_cast<unsigned>(value);
      const unsigned bits = relay == 0 ? 0U : 1U << (relay - 1);
      demand.ripple = ems::Reading<std::uint8_t>::good_of(static_cast<std::uint8_t>(bits));
      break;
    }
    case kCtRecheck:
      ems_commands.ct_recheck = true;
      break;
    case kGridOff:
      ems_commands.grid_off = true;
      break;
    case kChargeShift:
      shift_charge(value / 100.0);
      break;
    case kChargeOnly:
      o.charge_only = static_cast<std::size_t>(value);
      break;
    default:
      break;
  }
}

/// What their BMS believes of them stays as it was, and is wrong from now on.
void Site::Plant::shift_charge(double share) {
  for (std::size_t pack = 0; pack < bank.strings(); ++pack) {
    for (std::size_t cell = 0; cell < bank.cells(); ++cell) {
      const double soc = std::clamp(bank.soc(pack, cell) + share, 0.0, 1.0);
      books_jumped(bank.set_soc(pack, cell, soc));
    }
  }
}

Done Site::command(std::string_view name, double value) {
  const SiteCommand* row = find(name);
  if (row == nullptr) return no_such(name);
  if (!(value >= row->least && value <= row->most)) {
    return failure(ErrorCode::OutOfRange, fmt::format("{} is no value for {}", value, name),
                   std::string(name),
                   fmt::format("Give {} to {}{}{}.", row->least, row->most,
                               row->unit.empty() ? "" : " ", row->unit));
  }
  return plant_->command(*row, value);
}

Done Site::command(std::string_view name, std::string_view value) {
  const SiteCommand* row = find(name);
  if (row == nullptr) return no_such(name);
  for (std::size_t i = 0; i < row->symbols.size(); ++i) {
    if (row->symbols[i] == value) return plant_->command(*row, static_cast<double>(i));
  }
  return failure(ErrorCode::BadInput, fmt::format("'{}' is no value for {}", value, name),
                 std::string(name),
                 row->symbols.empty() ? "It takes a number."
                                      : fmt::format("Give {}.", fmt::join(row->symbols, ", ")));
}

}  // namespace weco::sim
