// SPDX-License-Identifier: Apache-2.0
#include "sim/site/site_journal.hpp"

#include <algorithm>
#include <cmath>

#include "core/bms/families.hpp"
#include "host/logbook/codes.hpp"

namespace weco::sim {
namespace {

constexpr std::int64_t kHour_s = 3600;
constexpr std::int64_t kHoursOfDay = 24;

std::uint32_t watt_hours(const Ledger& books, EnergyPath path) {
  return static_cast<std::uint32_t>(std::max(0.0, books.total.of(path) / 3600.0));
}

journal::Energies energies(const Ledger& books) {
  return {.pv_wh = watt_hours(books, EnergyPath::Pv) + watt_hours(books, EnergyPath::PvAc),
          .import_wh = watt_hours(books, EnergyPath::Import),
          .export_wh = watt_hours(books, EnergyPath::Export),
          .load_wh = watt_hours(books, EnergyPath::Load),
          .charge_wh = watt_hours(books, EnergyPath::Charge),
          .discharge_wh = watt_hours(books, EnergyPath::Discharge)};
}

journal::Energies operator-(const journal::Energies& a, const journal::Energies& b) {
  return {.pv_wh = a.pv_wh - b.pv_wh,
          .import_wh = a.import_wh - b.import_wh,
          .export_wh = a.export_wh - b.export_wh,
          .load_wh = a.load_wh - b.load_wh,
          .charge_wh = a.charge_wh - b.charge_wh,
          .discharge_wh = a.discharge_wh - b.discharge_wh};
}

Permyriad permyriad(double percent) {
  return Permyriad(static_cast<std::int32_t>(std::lround(percent * 100.0)));
}
Temperature tenths(double degC) {
  return Temperature::deci_celsius(static_cast<std::int32_t>(std::lround(degC * 10.0)));
}

template <class Id, class Names>
std::uint16_t code_in(const Names& names, std::string_view what) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == what) return logbook::code_of(static_cast<Id>(i));
  }
  return 0;
}

std::uint16_t pack_event(std::string_view what) {
  const auto& rows = bms::kWecoSmart.events.rows;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].name == what) return logbook::code_of(static_cast<bms::EventId>(i));
  }
  return 0;
}

/// 0 for what no controller knows of: faults that the simulation made, a person's orders.
std::uint16_t code_of(const SiteEvent& event) {
  switch (event.kind) {
    case SiteEventKind::Warning:
    case SiteEventKind::Alarm:
    case SiteEventKind::Fault:
    case SiteEventKind::Cleared:
    case SiteEventKind::Control:
      break;
    case SiteEventKind::State:
      return code_in<bms::State>(bms::kStateNames, event.what);
    default:
      return 0;
  }
  if (event.code != 0) return event.code;
  const std::uint16_t own = code_in<ems::Condition>(ems::kConditionNames, event.what);
  return own != 0 ? own : pack_event(event.what);
}

std::uint8_t severity_of(SiteEventKind kind) {
  switch (kind) {
    case SiteEventKind::Warning:
    case SiteEventKind::Control:
      return 1;
    case SiteEventKind::Alarm:
      return 2;
    case SiteEventKind::Fault:
      return 3;
    default:
      return 0;
  }
}

/// Part `part` of what a front end read; without cells and sensors behind the end of the pack.
journal::CellSnapshot part_of(const bms::CellReadings& read, std::size_t part) {
  using journal::CellSnapshot;
  const std::size_t cell = part * CellSnapshot::kCells, sensor = part * CellSnapshot::kSensors;
  const auto left = [](std::size_t all, std::size_t from, std::size_t most) {
    return static_cast<std::uint8_t>(from < all ? std::min(all - from, most) : 0);
  };
  CellSnapshot s{.part = static_cast<std::uint8_t>(part),
                 .cells = left(read.voltage.size(), cell, CellSnapshot::kCells),
                 .sensors = left(read.temperature.size(), sensor, CellSnapshot::kSensors)};
  for (std::size_t i = 0; i < s.cells; ++i) {
    if (!read.voltage_read.test(cell + i)) continue;
    s.voltage[i] = read.voltage[cell + i];
    s.voltage_read = static_cast<std::uint16_t>(s.voltage_read | (1U << i));
  }
  for (std::size_t i = 0; i < s.sensors; ++i) {
    if (((read.temperature_read >> (sensor + i)) & 1U) == 0) continue;
    s.temperature[i] = read.temperature[sensor + i];
    s.temperature_read = static_cast<std::uint8_t>(s.temperature_read | (1U << i));
  }
  return s;
}

}  // namespace

Outcome<SiteJournal> SiteJournal::make(const journal::Flash& flash, const Site& site) {
  auto mounted = journal::Journal::mount(flash);
  if (!mounted) return failure(mounted.error(), "the site's journal cannot be opened");
  return SiteJournal(*mounted, site);
}

SiteJournal::SiteJournal(journal::Journal journal, const Site& site)
    : journal_(std::move(journal)),
      hours_(site.wall_seconds() / kHour_s),
      packs_(site.pack_count()) {
  begin(site, hour_);
  begin(site, day_);
}

journal::Stamp SiteJournal::stamp(const Site& site) const {
  return {site.now(), site.wall_seconds(), true};
}

Done SiteJournal::append(const journal::Record& record) {
  const auto kept = journal_.append(record);
  if (!kept) return failure(kept.error(), "the site's journal cannot be written");
  return {};
}

void SiteJournal::begin(const Site& site, Running& running) const {
  running = {};
  running.period.date = static_cast<std::int32_t>(hours_ / kHoursOfDay);
  running.period.hour = static_cast<std::uint8_t>(hours_ % kHoursOfDay);
  running.begin = energies(site.ledger());
}

void SiteJournal::widen(const Site& site) {
  for (std::size_t i = 0; i < site.pack_count(); ++i) {
    const PackView pack = site.pack(i);
    const Permyriad soc = permyriad(pack.soc_pct);
    const Temperature low = tenths(pack.cell_min_degC), high = tenths(pack.cell_max_degC);
    for (Running* running : {&hour_, &day_}) {
      journal::Period& p = running->period;
      const bool first = !running->any;
      p.soc_min = first ? soc : std::min(p.soc_min, soc);
      p.soc_max = first ? soc : std::max(p.soc_max, soc);
      p.temperature_min = first ? low : std::min(p.temperature_min, low);
      p.temperature_max = first ? high : std::max(p.temperature_max, high);
      running->any = true;
    }
  }
}

Done SiteJournal::write_events(const Site& site) {
  const std::uint64_t dropped = site.events_dropped();
  const std::uint64_t total = dropped + site.event_count();
  for (std::uint64_t n = std::max(events_seen_, dropped); n < total; ++n) {
    const SiteEvent& event = site.event(static_cast<std::size_t>(n - dropped));
    const std::uint16_t code = code_of(event);
    if (code == 0) continue;
    const std::uint8_t severity = severity_of(event.kind);
    if (severity == 3) ++faults_;
    if (severity >= 2) packs_[static_cast<std::size_t>(event.unit) - 1].troubled = true;
    const std::int64_t ago_s = (site.now() - event.at).to_s();
    const journal::Stamp stamp{event.at, site.wall_seconds() - ago_s, true};
    const journal::Event kept{.code = code,
                              .severity = severity,
                              .source = static_cast<std::uint8_t>(event.unit),
                              .set = event.kind != SiteEventKind::Cleared};
    if (Done done = append(journal::make_event(stamp, kept)); !done) return done;
  }
  events_seen_ = total;
  return {};
}

Done SiteJournal::close(const Site& site, Running& running, journal::Kind kind) {
  journal::Period period = running.period;
  period.energies = energies(site.ledger()) - running.begin;
  if (kind == journal::Kind::Hour) return append(journal::make_hour(stamp(site), period));
  period.hour = 0;
  return append(journal::make_day(stamp(site), period));
}

Done SiteJournal::write_counters(const Site& site) {
  journal::Counters counters;
  for (std::size_t i = 0; i < site.pack_count(); ++i) {
    counters.operating_s = std::max(counters.operating_s, site.state(i).operating_s);
  }
  counters.milli_cycles = static_cast<std::uint32_t>(std::lround(site.summary().cycles * 1000.0));
  counters.charge_wh = watt_hours(site.ledger(), EnergyPath::Charge);
  counters.discharge_wh = watt_hours(site.ledger(), EnergyPath::Discharge);
  counters.faults = faults_;
  return append(journal::make_counters(stamp(site), counters));
}

Done SiteJournal::write_cells(const Site& site, std::size_t pack) {
  const bms::CellReadings& read = site.inputs(pack).cells;
  for (std::size_t part = 0;; ++part) {
    journal::CellSnapshot cells = part_of(read, part);
    if (cells.cells == 0 && cells.sensors == 0) return {};
    cells.source = static_cast<std::uint8_t>(pack + 1);
    if (Done done = append(journal::make_cells(stamp(site), cells)); !done) return done;
  }
}

Done SiteJournal::write_cells_of_troubled(const Site& site) {
  for (std::size_t i = 0; i < packs_.size(); ++i) {
    Trouble& pack = packs_[i];
    if (pack.troubled && !pack.kept) {
      if (Done done = write_cells(site, i); !done) return done;
      pack.kept = true;
    }
    pack.troubled = false;
  }
  return {};
}

Done SiteJournal::write_cells_of_all(const Site& site) {
  for (std::size_t i = 0; i < site.pack_count(); ++i) {
    if (Done done = write_cells(site, i); !done) return done;
  }
  return {};
}

Done SiteJournal::look(const Site& site) {
  if (Done done = write_events(site); !done) return done;
  if (Done done = write_cells_of_troubled(site); !done) return done;
  const std::int64_t hours = site.wall_seconds() / kHour_s;
  if (hours != hours_) {
    for (Trouble& pack : packs_) pack.kept = false;
    const bool new_day = hours / kHoursOfDay != hours_ / kHoursOfDay;
    hours_ = hours;
    if (Done done = close(site, hour_, journal::Kind::Hour); !done) return done;
    begin(site, hour_);
    if (new_day) {
      if (Done done = close(site, day_, journal::Kind::Day); !done) return done;
      if (Done done = write_counters(site); !done) return done;
      if (Done done = write_cells_of_all(site); !done) return done;
      begin(site, day_);
    }
  }
  widen(site);
  return {};
}

}  // namespace weco::sim
