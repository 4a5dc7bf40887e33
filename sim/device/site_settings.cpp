// SPDX-License-Identifier: Apache-2.0
#include "sim/device/site_settings.hpp"

#include <algorithm>
#include <string_view>

#include "core/points/vocabulary.hpp"

namespace weco::sim {
namespace {

using Setting = ValueModel::Setting;

struct CommandRow {
  PointId point;
  std::string_view command;  // of sim/site
};
constexpr CommandRow kCommands[] = {
    {point("sell_to_grid"), "sell"},
    {point("charge_from_grid"), "charge_from_grid"},
    {point("ac_output"), "ac_output"},
    {point("soc_target"), "target_soc_pct"},
    {point("grid_charge_power"), "grid_charge_power_W"},
    {point("export_limit"), "export_limit_W"},
    {point("demand_limit"), "import_limit_W"},
    {point("soc_min"), "soc_min_pct"},
    {point("soc_max"), "soc_max_pct"},
};

/// The site's name of each working mode that a core here has.
struct ModeRow {
  std::string_view symbol;
  std::string_view mode;
};
constexpr ModeRow kModes[] = {
    {"auto", "smart_auto"},
    {"peak_shaving", "smart_peak_shaving"},
    {"battery_priority", "smart_battery_priority"},
    {"self_consumption", "saj_self_consumption"},
    {"time_of_use", "saj_time_of_use"},
};

Setting outcome(const Done& done) { return done ? Setting::Taken : Setting::Refused; }

Setting set_mode(Site& site, const Reading& value) {
  const auto symbols = info(point("working_mode")).symbols;
  const std::string_view symbol = value.bits < symbols.size() ? symbols[value.bits] : "";
  const auto* row = std::find_if(std::begin(kModes), std::end(kModes),
                                 [&](const ModeRow& each) { return each.symbol == symbol; });
  if (row == std::end(kModes)) return Setting::Refused;
  return outcome(site.command("mode", row->mode));
}

bool empty(const ems::Window& window) { return window.start == 0 && window.end == 0; }

template <class Row>
void put(const Row& from, ems::Windows& into) {
  into.clear();
  for (const ems::Window& window : from) {
    if (!empty(window)) static_cast<void>(into.push_back(window));
  }
}

template <class Row>
Row row_of(const ems::Windows& windows) {
  Row row{};
  std::copy(windows.begin(), windows.end(), row.begin());
  return row;
}

bool starts(PointId id) {
  return id == point("charge_window_start") || id == point("discharge_window_start");
}
bool ends(PointId id) {
  return id == point("charge_window_end") || id == point("discharge_window_end");
}

}  // namespace

Setting SiteSettings::set(Site& site, const Reading& value) {
  const PointId id = value.ref.id;
  if (id == point("working_mode")) return set_mode(site, value);
  if (starts(id) || ends(id)) return set_window(site, value);
  for (const CommandRow& row : kCommands) {
    if (row.point != id) continue;
    const double number =
        value.kind == ValueKind::Number ? to_double(value.number) : static_cast<double>(value.bits);
    return outcome(site.command(row.command, number));
  }
  return Setting::Kept;
}

Setting SiteSettings::set_window(Site& site, const Reading& value) {
  if (value.ref.index < 1 || value.ref.index > ems::kWindowsMax) return Setting::Refused;
  ems::Settings wanted = site.settings();
  Windows windows = waiting_.value_or(
      Windows{row_of<Row>(wanted.mode.charge), row_of<Row>(wanted.mode.discharge)});
  const PointId id = value.ref.id;
  const bool charge = id == point("charge_window_start") || id == point("charge_window_end");
  ems::Window& window = (charge ? windows.charge : windows.discharge)[value.ref.index - 1U];
  const auto minute = static_cast<std::uint16_t>(to_double(value.number));
  (starts(id) ? window.start : window.end) = minute;
  put(windows.charge, wanted.mode.charge);
  put(windows.discharge, wanted.mode.discharge);
  if (site.configure(wanted)) {
    waiting_.reset();
  } else {
    waiting_ = windows;
  }
  return Setting::Taken;
}

ems::Settings SiteSettings::shown(const ems::Settings& in_force) const {
  if (!waiting_) return in_force;
  ems::Settings settings = in_force;
  put(waiting_->charge, settings.mode.charge);
  put(waiting_->discharge, settings.mode.discharge);
  return settings;
}

}  // namespace weco::sim
