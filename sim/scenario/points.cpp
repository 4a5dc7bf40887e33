// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/points.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "host/failure/nearest.hpp"

namespace weco::sim {
namespace {

struct SiteRow {
  std::string_view name;
  std::string_view doc;
  double (*of)(const Stage& stage);
};
constexpr SiteRow kSiteRows[] = {
    {"site.packs", "how many there are",
     [](const Stage& s) { return static_cast<double>(s.pack_count()); }},
    {"site.cycles", "equivalent full ones, mean of the packs",
     [](const Stage& s) { return s.summary().cycles; }},
    {"site.soh_pct", "lowest state of health of the packs",
     [](const Stage& s) { return s.summary().soh_pct; }},
    {"site.self_sufficiency_pct", "of the load, what did not come from the grid",
     [](const Stage& s) { return s.summary().self_sufficiency_pct; }},
    {"site.self_consumption_pct", "of the PV, what did not go into the grid",
     [](const Stage& s) { return s.summary().self_consumption_pct; }},
    {"site.warnings", "how many came",
     [](const Stage& s) { return static_cast<double>(s.summary().warnings); }},
    {"site.alarms", "how many came",
     [](const Stage& s) { return static_cast<double>(s.summary().alarms); }},
    {"site.faults", "how many came",
     [](const Stage& s) { return static_cast<double>(s.summary().faults); }},
    {"site.cost", "of the import", [](const Stage& s) { return s.ledger().cost; }},
    {"site.revenue", "of the export", [](const Stage& s) { return s.ledger().revenue; }},
    {"fidelity.violations", "of what the simulation itself promises; 0 unless it is wrong",
     [](const Stage& s) { return static_cast<double>(s.fidelity().violations); }},
    {"fidelity.longest_beyond_s", "a cell outside its fault limits while its pack conducts",
     [](const Stage& s) { return s.fidelity().longest_beyond_s; }},
    {"fidelity.worst_balance", "of a day's energy, as a share of what flowed",
     [](const Stage& s) { return s.fidelity().worst_balance; }},
    {"panel.run", "1: the light of the inverter or EMS",
     [](const Stage& s) { return s.panel().run ? 1.0 : 0.0; }},
    {"panel.alarm", "1: the light of the inverter or EMS",
     [](const Stage& s) { return s.panel().alarm ? 1.0 : 0.0; }},
    {"panel.fault", "1: the light of the inverter or EMS",
     [](const Stage& s) { return s.panel().fault ? 1.0 : 0.0; }},
    {"panel.buzzer", "1: it sounds", [](const Stage& s) { return s.panel().buzzer ? 1.0 : 0.0; }},
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
  for (std::size_t i = 0; i < pack_points().size(); ++i) {
    if (pack_points()[i].name != rest.substr(2)) continue;
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
      return pack_points()[what.field].of(stage_.pack(what.pack));
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
    for (const PackPoint& row : pack_points()) all.push_back(lead + std::string(row.name));
  }
  for (std::size_t i = 0; i < kEnergyPaths; ++i) all.push_back(energy_name(i));
  for (const SiteRow& row : kSiteRows) all.emplace_back(row.name);
  return all;
}

std::vector<PointText> point_texts() {
  std::vector<PointText> all;
  for (const SiteChannel& row : site_channels()) all.push_back({std::string(row.name), row.doc});
  for (const PackPoint& row : pack_points()) {
    all.push_back({std::string(kPack) + "N]." + std::string(row.name), row.doc});
  }
  for (std::size_t i = 0; i < kEnergyPaths; ++i) {
    all.push_back({energy_name(i), info(static_cast<EnergyPath>(i)).doc});
  }
  for (const SiteRow& row : kSiteRows) all.push_back({std::string(row.name), row.doc});
  return all;
}

}  // namespace weco::sim
