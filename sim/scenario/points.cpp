// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/points.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "host/failure/nearest.hpp"

namespace weco::sim {
namespace {

struct PackRow {
  std::string_view name;
  double (*of)(const PackView& pack);
};
constexpr PackRow kPackRows[] = {
    {"state", [](const PackView& p) { return static_cast<double>(p.state); }},
    {"latch", [](const PackView& p) { return static_cast<double>(p.latch); }},
    {"running",
     [](const PackView& p) {
       return p.state == bms::State::Running || p.state == bms::State::Derating ? 1.0 : 0.0;
     }},
    {"warnings", [](const PackView& p) { return static_cast<double>(p.warnings); }},
    {"alarms", [](const PackView& p) { return static_cast<double>(p.alarms); }},
    {"faults", [](const PackView& p) { return static_cast<double>(p.faults); }},
    {"soc_pct", [](const PackView& p) { return p.soc_pct; }},
    {"soc_true_pct", [](const PackView& p) { return p.soc_true_pct; }},
    {"soh_pct", [](const PackView& p) { return p.soh_pct; }},
    {"cycles", [](const PackView& p) { return p.cycles; }},
    {"voltage_V", [](const PackView& p) { return p.voltage_V; }},
    {"current_A", [](const PackView& p) { return p.current_A; }},
    {"cell_min_V", [](const PackView& p) { return p.cell_min_V; }},
    {"cell_max_V", [](const PackView& p) { return p.cell_max_V; }},
    {"cell_spread_V", [](const PackView& p) { return p.cell_max_V - p.cell_min_V; }},
    {"cell_min_degC", [](const PackView& p) { return p.cell_min_degC; }},
    {"cell_max_degC", [](const PackView& p) { return p.cell_max_degC; }},
    {"charge_limit_A", [](const PackView& p) { return p.charge_limit_A; }},
    {"discharge_limit_A", [](const PackView& p) { return p.discharge_limit_A; }},
    {"heater", [](const PackView& p) { return p.heater ? 1.0 : 0.0; }},
    {"contactors_closed", [](const PackView& p) { return p.contactors_closed ? 1.0 : 0.0; }},
};

struct SiteRow {
  std::string_view name;
  double (*of)(const Stage& stage);
};
constexpr SiteRow kSiteRows[] = {
    {"site.packs", [](const Stage& s) { return static_cast<double>(s.pack_count()); }},
    {"site.cycles", [](const Stage& s) { return s.summary().cycles; }},
    {"site.soh_pct", [](const Stage& s) { return s.summary().soh_pct; }},
    {"site.self_sufficiency_pct", [](const Stage& s) { return s.summary().self_sufficiency_pct; }},
    {"site.self_consumption_pct", [](const Stage& s) { return s.summary().self_consumption_pct; }},
    {"site.warnings", [](const Stage& s) { return static_cast<double>(s.summary().warnings); }},
    {"site.alarms", [](const Stage& s) { return static_cast<double>(s.summary().alarms); }},
    {"site.faults", [](const Stage& s) { return static_cast<double>(s.summary().faults); }},
    {"site.cost", [](const Stage& s) { return s.ledger().cost; }},
    {"site.revenue", [](const Stage& s) { return s.ledger().revenue; }},
    {"fidelity.violations",
     [](const Stage& s) { return static_cast<double>(s.fidelity().violations); }},
    {"fidelity.longest_beyond_s", [](const Stage& s) { return s.fidelity().longest_beyond_s; }},
    {"fidelity.worst_balance", [](const Stage& s) { return s.fidelity().worst_balance; }},
    {"panel.run", [](const Stage& s) { return s.panel().run ? 1.0 : 0.0; }},
    {"panel.alarm", [](const Stage& s) { return s.panel().alarm ? 1.0 : 0.0; }},
    {"panel.fault", [](const Stage& s) { return s.panel().fault ? 1.0 : 0.0; }},
    {"panel.buzzer", [](const Stage& s) { return s.panel().buzzer ? 1.0 : 0.0; }},
};

constexpr std::string_view kEnergy = "energy.";
constexpr std::string_view kEnergyUnit = "_kWh";
constexpr std::string_view kPack = "pack[";
constexpr std::size_t kNamesShown = 12;

std::string energy_name(std::size_t path) {
  return std::string(kEnergy) + std::string(info(static_cast<EnergyPath>(path)).name) +
         std::string(kEnergyUnit);
}

Point point(Point::Kind kind, std::size_t field, std::size_t pack = 0) {
  return {kind, static_cast<std::uint16_t>(field), static_cast<std::uint16_t>(pack)};
}

/// "pack[2].soc_pct" of a pack that exists.
bool find_pack(std::string_view name, std::size_t packs, Point& to) {
  if (!name.starts_with(kPack)) return false;
  std::size_t number = 0;
  const char* begin = name.data() + kPack.size();
  const char* end = name.data() + name.size();
  const auto read = std::from_chars(begin, end, number);
  if (read.ec != std::errc{} || number < 1 || number > packs) return false;
  const std::string_view rest(read.ptr, static_cast<std::size_t>(end - read.ptr));
  if (!rest.starts_with("].")) return false;
  for (std::size_t i = 0; i < std::size(kPackRows); ++i) {
    if (kPackRows[i].name != rest.substr(2)) continue;
    to = point(Point::Kind::Pack, i, number - 1);
    return true;
  }
  return false;
}

}  // namespace

Points::Points(const Stage& stage) : stage_(stage), values_(stage.channels().size()) {}

Outcome<Point> Points::find(std::string_view name) const {
  const auto channels = stage_.channels();
  for (std::size_t i = 0; i < channels.size(); ++i) {
    if (channels[i].name == name) return point(Point::Kind::Channel, i);
  }
  Point found{};
  if (find_pack(name, stage_.pack_count(), found)) return found;
  for (std::size_t i = 0; i < kEnergyPaths; ++i) {
    if (energy_name(i) == name) return point(Point::Kind::Energy, i);
  }
  for (std::size_t i = 0; i < std::size(kSiteRows); ++i) {
    if (kSiteRows[i].name == name) return point(Point::Kind::Site, i);
  }
  const std::vector<std::string> all = names();
  const std::vector<std::string_view> views(all.begin(), all.end());
  const std::string_view close = nearest(name, views);
  std::string hint = close.empty() ? "" : "Did you mean '" + std::string(close) + "'? ";
  hint += "There are: ";
  for (std::size_t i = 0; i < std::min(all.size(), kNamesShown); ++i) hint += all[i] + ", ";
  hint += "and more; the columns of --telemetry, energy.PATH_kWh, pack[N].soc_pct.";
  return failure(ErrorCode::NotFound, "the site has no '" + std::string(name) + "'", {}, hint);
}

double Points::read(Point what) {
  switch (what.kind) {
    case Point::Kind::Channel:
      return channels()[what.field];
    case Point::Kind::Pack:
      return kPackRows[what.field].of(stage_.pack(what.pack));
    case Point::Kind::Energy:
      return stage_.ledger().total.kWh(static_cast<EnergyPath>(what.field));
    case Point::Kind::Site:
      return kSiteRows[what.field].of(stage_);
  }
  return 0;
}

std::span<const double> Points::channels() {
  if (sampled_ != stage_.now()) {
    stage_.sample(values_);
    sampled_ = stage_.now();
  }
  return values_;
}

std::vector<std::string> Points::names() const {
  std::vector<std::string> all;
  for (const Channel& channel : stage_.channels()) all.push_back(channel.name);
  for (std::size_t i = 0; i < stage_.pack_count(); ++i) {
    const std::string lead = std::string(kPack) + std::to_string(i + 1) + "].";
    for (const PackRow& row : kPackRows) all.push_back(lead + std::string(row.name));
  }
  for (std::size_t i = 0; i < kEnergyPaths; ++i) all.push_back(energy_name(i));
  for (const SiteRow& row : kSiteRows) all.emplace_back(row.name);
  return all;
}

}  // namespace weco::sim
