// SPDX-License-Identifier: Apache-2.0
#include "lua/scenario/site_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

#include "host/statistics/telemetry.hpp"
#include "sim/site/bounds.hpp"

namespace weco::lua {
namespace {

using Table = Field::Table;

constexpr std::array<std::string_view, 6> kModes = {
    "smart_auto",           "smart_peak_shaving", "smart_battery_priority",
    "saj_self_consumption", "saj_time_of_use",    "ep760"};
constexpr std::array<std::string_view, 4> kSlotActions = {"self_consumption", "charge", "discharge",
                                                          "hold"};
constexpr std::array<std::string_view, 3> kDemandPorts = {"none", "drm", "ripple"};
constexpr double kWattsMax = 1e9;

/// "06:30" as minutes; 24:00 is the end of the day.
std::optional<std::uint16_t> read_minute(const Value& value) {
  const std::string& text = value.text;
  int hour = 0;
  int minute = 0;
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const char* begin = text.data();
  if (std::from_chars(begin, begin + 2, hour).ptr != begin + 2) return std::nullopt;
  if (std::from_chars(begin + 3, begin + 5, minute).ptr != begin + 5) return std::nullopt;
  const int all = hour * 60 + minute;
  if (hour < 0 || minute < 0 || minute > 59 || all > ems::kMinutesPerDay) return std::nullopt;
  return static_cast<std::uint16_t>(all);
}

void read_minute_into(Tree& tree, const Node& at, std::uint16_t& to) {
  if (const auto minute = read_minute(*at.value)) {
    to = *minute;
  } else {
    tree.refuse(at, "'" + at.path + "' must be a time of day such as \"06:30\", up to \"24:00\"");
  }
}

Table minute_of(std::uint16_t& to) {
  return [&to](Tree& tree, const Node& at) { read_minute_into(tree, at, to); };
}

/// A quantity of the core from a number in the unit of its name.
template <class Quantity>
Table quantity(Quantity& to, double scale, double least, double most) {
  return [&to, scale, least, most](Tree& tree, const Node& at) {
    if (!at.value->numeric() || !(at.value->number >= least && at.value->number <= most)) {
      tree.refuse(at, "'" + at.path + "' must be a number from " +
                          std::to_string(static_cast<std::int64_t>(least)) + " to " +
                          std::to_string(static_cast<std::int64_t>(most)));
      return;
    }
    to = Quantity(static_cast<typename Quantity::rep>(std::llround(at.value->number * scale)));
  };
}
Table watts(Watts& to) { return quantity(to, 1, 0, kWattsMax); }
Table percent(Permyriad& to) { return quantity(to, 100, 0, 100); }

Table windows(ems::Windows& to) {
  return [&to](Tree& tree, const Node& list) {
    to = {};
    tree.each(list, [&](const Node& at) {
      ems::Window window{};
      const Field fields[] = {{"from", minute_of(window.start)}, {"to", minute_of(window.end)}};
      tree.fill(at, fields);
      if (!tree.failed() && !to.push_back(window)) {
        tree.refuse(at, "'" + list.path + "' has more than " + std::to_string(ems::kWindowsMax) +
                            " windows");
      }
    });
  };
}

bool within(const sim::Bounds& bounds, double value) {
  return value >= bounds.least && value <= bounds.most;
}

void refuse_row(Tree& tree, const Node& at, const sim::Bounds& bounds, double value) {
  tree.refuse(at, fmt::format("{:g} is no value for {}", value, bounds.field),
              fmt::format("Give {:.0f} to {:.0f}.", bounds.least, bounds.most));
}

/// Values relative to the start: { at = "1h", value = 3000 }.
Table rows(std::vector<sim::ProfileRow>& to, std::int64_t start_s, const sim::Bounds& bounds) {
  return [&to, start_s, &bounds](Tree& tree, const Node& list) {
    tree.each(list, [&](const Node& at) {
      Duration after{};
      sim::ProfileRow row;
      const Field fields[] = {{"at", &after}, {"value", &row.value}};
      tree.fill(at, fields);
      row.at_s = start_s + after.to_s();
      if (!to.empty() && row.at_s <= to.back().at_s) {
        tree.refuse(at, "the rows of '" + list.path + "' must go forward in time");
      }
      if (!within(bounds, row.value)) refuse_row(tree, at, bounds, row.value);
      to.push_back(row);
    });
  };
}

/// The column load_power_W of a file like those that --telemetry writes.
Table load_file(std::vector<sim::ProfileRow>& to, const ReadFile& file) {
  return [&to, &file](Tree& tree, const Node& at) {
    const std::string& name = at.value->text;
    if (name.empty()) return tree.refuse(at, "'" + at.path + "' must be the name of a file");
    if (!file) {
      return tree.refuse(at, "only the file of a scenario may name another file", "Give rows_W.");
    }
    auto text = file(name);
    if (!text) return tree.refuse(std::move(text).error());
    auto samples = statistics::read_telemetry(*text, name);
    if (!samples) return tree.refuse(std::move(samples).error());
    const sim::Bounds& bounds = sim::bounds_of("rows_W");
    for (const statistics::Sample& sample : *samples) {
      if (std::isnan(sample.load_W)) continue;
      if (!within(bounds, sample.load_W)) return refuse_row(tree, at, bounds, sample.load_W);
      to.push_back({sample.at, sample.load_W});
    }
    if (to.empty()) {
      tree.refuse(at, name + " has no column load_power_W",
                  "Head the columns with time, such as 2026-03-01T13:00:00Z, and load_power_W.");
    }
  };
}

void read_slot(Tree& tree, const Node& at, ems::Slot& slot) {
  const Field fields[] = {
      {"from", minute_of(slot.window.start)},
      {"to", minute_of(slot.window.end)},
      {"action",
       [&slot](Tree& t, const Node& n) {
         slot.action = static_cast<ems::SlotAction>(t.word(n, kSlotActions));
       }},
      {"power_W", watts(slot.power)},
      {"target_soc_pct", percent(slot.target_soc)},
      {"from_grid", &slot.from_grid},
  };
  tree.fill(at, fields);
}

/// One template for every day of the week.
Table every_day(ems::WeekPlan& to) {
  return [&to](Tree& tree, const Node& list) {
    ems::Template day;
    tree.each(list, [&](const Node& at) {
      ems::Slot slot{};
      read_slot(tree, at, slot);
      if (!tree.failed() && !day.push_back(slot)) tree.refuse(at, "a day has at most 8 slots");
    });
    to = {};
    static_cast<void>(to.templates.push_back(day));
  };
}

void read_pv(Tree& tree, const Node& table, sim::PvConfig& pv) {
  const Field fields[] = {
      {"peak_W", &pv.peak_W},           {"ac_coupled_W", &pv.ac_coupled_W},
      {"tilt_deg", &pv.tilt_deg},       {"azimuth_deg", &pv.azimuth_deg},
      {"performance", &pv.performance},
  };
  tree.fill(table, fields);
}

void read_load(Tree& tree, const Node& table, sim::LoadConfig& load, std::int64_t start_s,
               const ReadFile& file) {
  if (Tree::child(table, "csv").value != nullptr && Tree::child(table, "rows_W").value != nullptr) {
    return tree.refuse(table, "'" + table.path + "' has both 'rows_W' and 'csv'",
                       "Give the load once.");
  }
  const Field fields[] = {
      {"annual_Wh", &load.annual_Wh},
      {"noise", &load.noise},
      {"reactive", &load.reactive},
      {"backup_share", &load.backup_share},
      {"rows_W", rows(load.rows, start_s, sim::bounds_of("rows_W"))},
      {"csv", load_file(load.rows, file)},
  };
  tree.fill(table, fields);
}

void read_weather(Tree& tree, const Node& table, sim::WeatherConfig& weather,
                  std::int64_t start_s) {
  const Field fields[] = {
      {"cloudiness", &weather.cloudiness},
      {"mean_degC", &weather.mean_degC},
      {"season_K", &weather.season_K},
      {"day_K", &weather.day_K},
      {"indoors", &weather.indoors},
      {"room_mean_degC", &weather.room_mean_degC},
      {"room_season_K", &weather.room_season_K},
      {"rows_degC", rows(weather.rows, start_s, sim::bounds_of("rows_degC"))},
  };
  tree.fill(table, fields);
}

void read_tariff(Tree& tree, const Node& table, sim::TariffConfig& tariff) {
  const Field fields[] = {
      {"import_per_kWh", &tariff.import_per_kWh},
      {"export_per_kWh", &tariff.export_per_kWh},
      {"windows",
       [&tariff](Tree& t, const Node& list) {
         t.each(list, [&](const Node& at) {
           sim::TariffWindow window;
           const Field row[] = {{"from", minute_of(window.window.start)},
                                {"to", minute_of(window.window.end)},
                                {"import_per_kWh", &window.import_per_kWh}};
           t.fill(at, row);
           tariff.windows.push_back(window);
         });
       }},
  };
  tree.fill(table, fields);
}

}  // namespace

void read_beginning(Tree& tree, const Node& top, const UsualSite& usual, sim::SiteConfig& config) {
  const Node site = Tree::child(top, "site");
  if (site.value == nullptr) {
    return tree.refuse(top, "the table 'site' is missing",
                       "Write at least: site = { family = \"weco_smart\" }.");
  }
  const Node family = site.value->is(Value::Kind::Table) ? Tree::child(site, "family") : Node{};
  if (family.value == nullptr) {
    return tree.refuse(site, "'site' needs a 'family'", "Allowed are: weco_smart, saj_cm2, ep760.");
  }
  const auto found = usual(family.value->text);
  if (!found) return tree.refuse(family, found.error().what, found.error().hint);
  config = *found;
  // Local time of the site: the offset is needed before the rest of the environment is read.
  if (const Node env = Tree::child(top, "environment"); env.value != nullptr) {
    const Node offset = Tree::child(env, "utc_offset_s");
    if (offset.value != nullptr) {
      config.environment.utc_offset_s = static_cast<std::int32_t>(offset.value->whole);
    }
  }
  const Node start = Tree::child(top, "start");
  if (start.value == nullptr) return;
  const auto date = read_date(start.value->text);
  if (!date) {
    return tree.refuse(start, "'start' must be a date and a time of day of the site",
                       "Write it like \"2026-01-15 05:00\".");
  }
  config.start_s = *date - config.environment.utc_offset_s;
}

Outcome<sim::SiteConfig> read_description(const Value& value, const UsualSite& usual) {
  Tree tree("", "a site");
  const DataPlace nowhere;
  const Node top{&value, &nowhere, {}, 1};
  sim::SiteConfig config;
  read_beginning(tree, top, usual, config);
  std::string start;
  const Field fields[] = {
      {"start", &start},
      {"seed", &config.seed},
      {"site", [&config](Tree& t, const Node& n) { read_site(t, n, config); }},
      {"environment",
       [&config](Tree& t, const Node& n) { read_environment(t, n, config, nullptr); }},
      {"settings", [&config](Tree& t, const Node& n) { read_settings(t, n, config.settings); }},
  };
  if (!tree.failed()) tree.fill(top, fields);
  if (!tree.failed()) return config;
  Failure failed = std::move(tree.take().error);
  failed.where.clear();  // a value has no place in a file
  return Unexpected{std::move(failed)};
}

void read_environment(Tree& tree, const Node& table, sim::SiteConfig& config,
                      const ReadFile& file) {
  sim::EnvironmentConfig& env = config.environment;
  const std::int64_t start_s = config.start_s;
  const Field fields[] = {
      {"latitude_deg", &env.latitude_deg},
      {"longitude_deg", &env.longitude_deg},
      {"utc_offset_s", &env.utc_offset_s},
      {"generator", &env.generator},
      {"pv", [&env](Tree& t, const Node& n) { read_pv(t, n, env.pv); }},
      {"load", [&](Tree& t, const Node& n) { read_load(t, n, env.load, start_s, file); }},
      {"weather",
       [&env, start_s](Tree& t, const Node& n) { read_weather(t, n, env.weather, start_s); }},
      {"grid",
       [&env](Tree& t, const Node& n) {
         const Field grid[] = {{"voltage_V", &env.grid.voltage_V},
                               {"voltage_noise_V", &env.grid.voltage_noise_V},
                               {"frequency_Hz", &env.grid.frequency_Hz},
                               {"frequency_noise_Hz", &env.grid.frequency_noise_Hz}};
         t.fill(n, grid);
       }},
      {"tariff", [&env](Tree& t, const Node& n) { read_tariff(t, n, env.tariff); }},
  };
  tree.fill(table, fields);
}

void read_settings(Tree& tree, const Node& table, ems::Settings& settings) {
  ems::ModeSettings& mode = settings.mode;
  const Field fields[] = {
      {"mode",
       [&mode](Tree& t, const Node& n) { mode.mode = static_cast<ems::Mode>(t.word(n, kModes)); }},
      {"sell", &mode.sell},
      {"ac_output", &mode.ac_output},
      {"charge_from_grid", &mode.charge_from_grid},
      {"charge", windows(mode.charge)},
      {"discharge", windows(mode.discharge)},
      {"target_soc_pct", percent(mode.target_soc)},
      {"grid_charge_power_W", watts(mode.grid_charge_power)},
      {"every_day", every_day(mode.week)},
      {"meter_fitted", &settings.meter.fitted},
      {"demand_port",
       [&settings](Tree& t, const Node& n) {
         settings.demand.port = static_cast<ems::DemandPort>(t.word(n, kDemandPorts));
       }},
      {"generator_fitted", &settings.generator.fitted},
      {"generator_start_soc_pct", percent(settings.generator.start_soc)},
      {"generator_stop_soc_pct", percent(settings.generator.stop_soc)},
      {"export_limit_W", watts(settings.export_limit)},
      {"import_limit_W", watts(settings.import_limit)},
      {"battery_for_import", &settings.battery_for_import},
      {"soc_min_pct", percent(settings.soc_min)},
      {"soc_max_pct", percent(settings.soc_max)},
      {"pv_ac_controllable", &settings.pv_ac_controllable},
  };
  tree.fill(table, fields);
}

void read_site(Tree& tree, const Node& table, sim::SiteConfig& config) {
  double cell_degC = 0;
  static constexpr std::array<std::string_view, 4> kAgeings = {"none", "nrel", "naumann", "wang"};
  const Field fields[] = {
      {"family", [](Tree&, const Node&) {}},  // was read first: it decides the defaults
      {"model", &config.model},
      {"inverters", &config.inverters},
      {"towers", &config.towers},
      {"modules", &config.modules},
      {"cabinets", &config.cabinets},
      {"ems_switch", &config.ems_switch},
      {"packs", &config.packs},
      {"cells", &config.cells},
      {"capacity_Ah", &config.capacity_Ah},
      {"cabinet_W", &config.cabinet_W},
      {"grid_code", &config.grid_code},
      {"ageing",
       [&config](Tree& t, const Node& n) {
         config.ageing = static_cast<sim::AgeingChoice>(t.word(n, kAgeings));
       }},
      {"soh_pct", &config.soh_pct},
      {"soc_pct", &config.soc_pct},
      {"cell_degC", &cell_degC},
      {"spread", &config.spread},
      {"full_charge_monthly", &config.full_charge_monthly},
      {"switched_on", &config.switched_on},
  };
  tree.fill(table, fields);
  if (Tree::child(table, "cell_degC").value != nullptr) config.cell_degC = cell_degC;
}

}  // namespace weco::lua
