// SPDX-License-Identifier: Apache-2.0
#include "lua/scenario/site_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include "host/profile/schema.hpp"
#include "host/statistics/telemetry.hpp"
#include "sim/site/bounds.hpp"

namespace weco::lua {
namespace {

using Table = Field::Table;

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

std::string minute_text(std::uint16_t minute) {
  return fmt::format("{:02}:{:02}", minute / 60, minute % 60);
}

Field::Own minute_of(std::uint16_t& to) {
  return {"time of day", to == 0 ? "" : minute_text(to), [&to](Tree& tree, const Node& at) {
            if (const auto minute = read_minute(*at.value)) {
              to = *minute;
            } else {
              tree.refuse(
                  at, "'" + at.path + "' must be a time of day such as \"06:30\", up to \"24:00\"");
            }
          }};
}

/// A quantity of the core from a number in the unit of its name.
template <class Quantity>
Field::Own quantity(Quantity& to, double scale, double least, double most) {
  const std::string range = fmt::format("a number from {:.0f} to {:.0f}", least, most);
  const double usual = to.count() / scale;
  return {
      range.substr(2), fmt::format("{}", usual),
      [&to, scale, least, most, range](Tree& tree, const Node& at) {
        if (!at.value->numeric() || !(at.value->number >= least && at.value->number <= most)) {
          return tree.refuse(at, "'" + at.path + "' must be " + range);
        }
        to = Quantity(static_cast<typename Quantity::rep>(std::llround(at.value->number * scale)));
      }};
}
Field::Own watts(Watts& to) {
  Field::Own own = quantity(to, 1, 0, kWattsMax);
  if (to.count() >= kWattsMax) own.usual = "no limit";
  return own;
}
Field::Own percent(Permyriad& to) { return quantity(to, 100, 0, 100); }

template <class Enum>
Field::Word word_of(Enum& to, std::span<const std::string_view> words) {
  return {words, static_cast<std::size_t>(to),
          [&to](std::size_t index) { to = static_cast<Enum>(index); }};
}

Table windows(ems::Windows& to) {
  return [&to](Tree& tree, const Node& list) {
    to = {};
    tree.each(list, [&](const Node& at) {
      ems::Window window{};
      const Field fields[] = {{"from", minute_of(window.start), "inside of the window"},
                              {"to", minute_of(window.end), "outside; none goes over midnight"}};
      tree.fill(at, fields);
      if (!tree.failed() && !to.push_back(window)) {
        tree.refuse(at, "'" + list.path + "' has more than " + std::to_string(ems::kWindowsMax) +
                            " windows");
      }
    });
  };
}

/// A value of a row has the bounds of its list; refused here, its line is known.
void check_row(Tree& tree, const Node& at, const sim::Bounds& bounds, double value) {
  const Done done = sim::check(bounds, value);
  if (!done) tree.refuse(at, done.error().what, done.error().hint);
}

/// Values relative to the start: { at = "1h", value = 3000 }.
Table rows(std::vector<sim::ProfileRow>& to, std::int64_t start_s, const sim::Bounds& bounds) {
  return [&to, start_s, &bounds](Tree& tree, const Node& list) {
    tree.each(list, [&](const Node& at) {
      Duration after{};
      sim::ProfileRow row;
      const Field fields[] = {{"at", &after, "since the start"},
                              {"value", &row.value, "straight lines lie between the rows"}};
      tree.fill(at, fields);
      row.at_s = start_s + after.to_s();
      if (!to.empty() && row.at_s <= to.back().at_s) {
        tree.refuse(at, "the rows of '" + list.path + "' must go forward in time");
      }
      check_row(tree, at, bounds, row.value);
      to.push_back(row);
    });
  };
}

/// The column load_power_W of a file like those that --telemetry writes.
Field::Own load_file(std::vector<sim::ProfileRow>& to, const ReadFile& file) {
  return {"name of a file", "", [&to, &file](Tree& tree, const Node& at) {
            const std::string& name = at.value->text;
            if (name.empty())
              return tree.refuse(at, "'" + at.path + "' must be the name of a file");
            if (!file) {
              return tree.refuse(at, "only the file of a scenario may name another file",
                                 "Give rows_W.");
            }
            auto text = file(name);
            if (!text) return tree.refuse(std::move(text).error());
            auto samples = statistics::read_telemetry(*text, name);
            if (!samples) return tree.refuse(std::move(samples).error());
            const sim::Bounds& bounds = sim::bounds_of("rows_W");
            for (const statistics::Sample& sample : *samples) {
              if (std::isnan(sample.load_W)) continue;
              check_row(tree, at, bounds, sample.load_W);
              to.push_back({sample.at, sample.load_W});
            }
            if (to.empty()) {
              tree.refuse(
                  at, name + " has no column load_power_W",
                  "Head the columns with time, such as 2026-03-01T13:00:00Z, and load_power_W.");
            }
          }};
}

void read_slot(Tree& tree, const Node& at, ems::Slot& slot) {
  const Field fields[] = {
      {"from", minute_of(slot.window.start), "the slots of a day leave no gap"},
      {"to", minute_of(slot.window.end), "\"24:00\" at the end of the day"},
      {"action", word_of(slot.action, kSlotActions), "what the battery does"},
      {"power_W", watts(slot.power), "of the charge or discharge"},
      {"target_soc_pct", percent(slot.target_soc), "where it ends"},
      {"from_grid", &slot.from_grid, "the grid may help to charge"},
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
      {"peak_W", &pv.peak_W, "of all panels behind the inverters, which share them equally"},
      {"ac_coupled_W", &pv.ac_coupled_W, "of panels with another maker's inverter"},
      {"tilt_deg", &pv.tilt_deg, "0 lies flat, 90 stands"},
      {"azimuth_deg", &pv.azimuth_deg, "90 east, 180 south, 270 west"},
      {"performance", &pv.performance, "what is left after dirt, cables and mismatch"},
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
      {"annual_Wh", &load.annual_Wh, "of the standard household (BDEW H0, dynamised)"},
      {"noise", &load.noise, "share by which single minutes differ from the profile"},
      {"reactive", &load.reactive, "share of the active power, seen by the meter only"},
      {"backup_share", &load.backup_share, "share of the load on the backup output"},
      {"rows_W", rows(load.rows, start_s, sim::bounds_of("rows_W")), "instead of the household"},
      {"csv", load_file(load.rows, file),
       "instead of it, too: a file beside the scenario's with the columns time, in UTC, and "
       "load_power_W, as --telemetry writes them; it covers the whole run"},
  };
  tree.fill(table, fields);
}

void read_weather(Tree& tree, const Node& table, sim::WeatherConfig& weather,
                  std::int64_t start_s) {
  const Field fields[] = {
      {"cloudiness", &weather.cloudiness, "0 never a cloud, 1 always overcast"},
      {"mean_degC", &weather.mean_degC, "outside, of the year"},
      {"season_K", &weather.season_K, "the warmest month above it, the coldest below"},
      {"day_K", &weather.day_K, "the afternoon above the day's mean"},
      {"indoors", &weather.indoors, "the batteries stand in a room that follows slowly"},
      {"room_mean_degC", &weather.room_mean_degC, "of that room"},
      {"room_season_K", &weather.room_season_K, "by which it follows the year"},
      {"rows_degC", rows(weather.rows, start_s, sim::bounds_of("rows_degC")),
       "outside, instead of all that"},
  };
  tree.fill(table, fields);
}

void read_tariff(Tree& tree, const Node& table, sim::TariffConfig& tariff) {
  const Field fields[] = {
      {"import_per_kWh", &tariff.import_per_kWh, "in any currency"},
      {"export_per_kWh", &tariff.export_per_kWh, "paid for what is given to the grid"},
      {"windows",
       [&tariff](Tree& t, const Node& list) {
         t.each(list, [&](const Node& at) {
           sim::TariffWindow window;
           const Field row[] = {{"from", minute_of(window.window.start), "of each day"},
                                {"to", minute_of(window.window.end), "of each day"},
                                {"import_per_kWh", &window.import_per_kWh, "in this window"}};
           t.fill(at, row);
           check_row(t, at, sim::bounds_of("import_per_kWh"), window.import_per_kWh);
           tariff.windows.push_back(window);
         });
       },
       "the first that contains the minute counts"},
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
    return tree.refuse(site, "'site' needs a 'family'",
                       "Allowed are: " + join(sim::family_names()) + ".");
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
      {"latitude_deg", &env.latitude_deg, "north positive"},
      {"longitude_deg", &env.longitude_deg, "east positive"},
      {"utc_offset_s", &env.utc_offset_s, "of the site's clock, which knows no summer time"},
      {"generator", &env.generator, "one stands at the generator input"},
      {"pv", [&env](Tree& t, const Node& n) { read_pv(t, n, env.pv); }, "panels"},
      {"load", [&](Tree& t, const Node& n) { read_load(t, n, env.load, start_s, file); },
       "what the house takes"},
      {"weather",
       [&env, start_s](Tree& t, const Node& n) { read_weather(t, n, env.weather, start_s); },
       "sky and temperatures"},
      {"grid",
       [&env](Tree& t, const Node& n) {
         const Field grid[] = {
             {"voltage_V", &env.grid.voltage_V, "phase to neutral"},
             {"voltage_noise_V", &env.grid.voltage_noise_V, "by which it wanders"},
             {"frequency_Hz", &env.grid.frequency_Hz, "of the public grid"},
             {"frequency_noise_Hz", &env.grid.frequency_noise_Hz, "by which it wanders"}};
         t.fill(n, grid);
       },
       "the public one"},
      {"tariff", [&env](Tree& t, const Node& n) { read_tariff(t, n, env.tariff); },
       "what energy costs"},
  };
  tree.fill(table, fields);
}

void read_settings(Tree& tree, const Node& table, ems::Settings& settings) {
  ems::ModeSettings& mode = settings.mode;
  const Field fields[] = {
      {"mode", word_of(mode.mode, sim::mode_names()), "working mode; it must be one of the family"},
      {"sell", &mode.sell, "energy may go into the grid"},
      {"ac_output", &mode.ac_output, "EP760: the switch AC"},
      {"charge_from_grid", &mode.charge_from_grid, "EP760: the switch, with `charge` as schedule"},
      {"charge", windows(mode.charge), "peak shaving, EP760: when the grid may charge"},
      {"discharge", windows(mode.discharge), "peak shaving: when the battery gives"},
      {"target_soc_pct", percent(mode.target_soc), "up to which the grid helps to charge"},
      {"grid_charge_power_W", watts(mode.grid_charge_power), "at most, from all sources"},
      {"every_day", every_day(mode.week), "time of use of a CM2: at most 8 slots"},
      {"meter_fitted", &settings.meter.fitted, "there is a meter at the connection"},
      {"demand_port", word_of(settings.demand.port, kDemandPorts), "who is listened to"},
      {"generator_start_soc_pct", percent(settings.generator.start_soc),
       "off the grid, below this"},
      {"generator_stop_soc_pct", percent(settings.generator.stop_soc), "off the grid, above this"},
      {"export_limit_W", watts(settings.export_limit), "at the meter"},
      {"import_limit_W", watts(settings.import_limit), "at the meter"},
      {"battery_for_import", &settings.battery_for_import, "it may help to keep the import limit"},
      {"soc_min_pct", percent(settings.soc_min), "kept back while on the grid"},
      {"soc_max_pct", percent(settings.soc_max), "charged to"},
      {"pv_ac_controllable", &settings.pv_ac_controllable,
       "other makers' PV inverters obey a limit"},
  };
  tree.fill(table, fields);
}

void read_site(Tree& tree, const Node& table, sim::SiteConfig& config) {
  double cell_degC = std::numeric_limits<double>::quiet_NaN();
  const auto read_before = [](Tree&, const Node&) {};  // it decides the defaults
  const Field fields[] = {
      {"family", Field::Own{join(sim::family_names()), "", read_before}, "must be given"},
      {"model", &config.model, "such as SMART-S3-10K-B20 or EP760-DE; without it, the usual one"},
      {"inverters", &config.inverters, "WeCo: in parallel"},
      {"towers", &config.towers, "WeCo: of each inverter"},
      {"modules", &config.modules, "WeCo: of each tower"},
      {"cabinets", &config.cabinets, "CM2"},
      {"ems_switch", &config.ems_switch,
       "CM2: number of the cabinet that has the EMS-Switch unit; 0: none"},
      {"packs", &config.packs, "EP760"},
      {"cells", &config.cells, "CM2: of each cabinet; 0: our assumption, 240"},
      {"capacity_Ah", &config.capacity_Ah, "of each pack; 0: the family's (CM2: assumption, 280)"},
      {"cabinet_W", &config.cabinet_W, "CM2: power of each cabinet (assumption)"},
      {"grid_code", &config.grid_code, "without it, VDE-AR-N 4105:2018"},
      {"ageing", word_of(config.ageing, sim::ageing_names()), "model of the cells' ageing"},
      {"soh_pct", &config.soh_pct, "state of health at the start"},
      {"soc_pct", &config.soc_pct, "state of charge at the start"},
      {"cell_degC", &cell_degC, "at the start; without it, as warm as the room"},
      {"spread", &config.spread, "of the cells: 0 all equal, 1 usual, 2 twice as far"},
      {"full_charge_monthly", &config.full_charge_monthly, "by itself, when it is due (WS-13)"},
      {"switched_on", &config.switched_on, "else the packs are off until the command start"},
  };
  tree.fill(table, fields);
  if (!std::isnan(cell_degC)) config.cell_degC = cell_degC;
}

}  // namespace weco::lua
