// SPDX-License-Identifier: Apache-2.0
#include "cli/render/log_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "cli/render/logbook.hpp"
#include "cli/render/report.hpp"
#include "cli/version.hpp"
#include "host/proof/digest.hpp"
#include "host/records/calendar.hpp"
#include "host/report/markup.hpp"
#include "host/text/utc.hpp"

namespace weco::cli {
namespace {

constexpr std::size_t kRowsMax = 1000;           // of a table; a browser shows more only slowly
constexpr std::int64_t kDrawnMax_h = 50 * 8766;  // fifty years: beyond that a clock was wrong
constexpr std::array<std::string_view, 6> kPowers = {"PV",   "import",  "export",
                                                     "load", "charged", "discharged"};

std::string time_of(const journal::Stamp& stamp) {
  return stamp.wall_known ? utc_text(stamp.wall_s) : std::string("clock not set");
}

std::string row_of(std::initializer_list<std::string> cells) {
  std::string row = "<tr>";
  for (const std::string& cell : cells) row += "<td>" + report::html(cell) + "</td>";
  return row + "</tr>\n";
}

std::string range(double least, double most, int places) {
  return fmt::format("{:.{}f} to {:.{}f}", least, places, most, places);
}

std::string table(std::string_view title, std::string_view heads,
                  const std::deque<std::string>& rows, std::uint64_t total) {
  if (rows.empty()) return {};
  std::string html = fmt::format("<h2>{}</h2>\n<table><tr>", title);
  while (!heads.empty()) {
    const std::size_t end = heads.find('|');
    html += fmt::format("<th>{}</th>", heads.substr(0, end));
    heads.remove_prefix(end == std::string_view::npos ? heads.size() : end + 1);
  }
  html += "</tr>\n";
  for (const std::string& row : rows) html += row;
  html += "</table>\n";
  if (total > rows.size()) {
    html += fmt::format("<p class=\"dim\">The newest {} of {}.</p>\n", rows.size(), total);
  }
  return html;
}

}  // namespace

void LogReport::Kept::add(std::string row) {
  ++total;
  rows.push_back(std::move(row));
  if (rows.size() > kRowsMax) rows.pop_front();
}

LogReport::LogReport(const logbook::Texts& texts) : texts_(texts) {
  soc_.emplace_back("lowest to highest of all packs", Duration::hours(1));
  heat_.emplace_back("lowest to highest of all packs", Duration::hours(1));
  cells_.emplace_back("lowest to highest of all cells", Duration::hours(1));
  for (const std::string_view name : kPowers) {
    power_.emplace_back(std::string(name), Duration::hours(1));
  }
}

/// Where an hour stands in the charts; nothing when it cannot, because time must not go backwards.
std::optional<Instant> LogReport::place(std::int64_t hour) {
  if (!last_hour_) first_hour_ = hour;
  if (hour < last_hour_.value_or(hour) || hour - first_hour_ > kDrawnMax_h) return std::nullopt;
  last_hour_ = hour;
  return Instant{} + Duration::hours(hour - first_hour_);
}

void LogReport::add_hour(const journal::Period& p, bool clock_set) {
  const auto at = clock_set ? place(std::int64_t{p.date} * 24 + p.hour) : std::nullopt;
  if (!at) {
    ++not_drawn_;
    return;
  }
  ++drawn_;
  soc_[0].add(*at, p.soc_min.count() / 100.0);
  soc_[0].add(*at, p.soc_max.count() / 100.0);
  heat_[0].add(*at, p.temperature_min.to_deci_celsius() / 10.0);
  heat_[0].add(*at, p.temperature_max.to_deci_celsius() / 10.0);
  const journal::Energies& w = p.energies;
  const std::array<std::uint32_t, kPowers.size()> energies = {
      w.pv_wh, w.import_wh, w.export_wh, w.load_wh, w.charge_wh, w.discharge_wh};
  for (std::size_t i = 0; i < energies.size(); ++i) power_[i].add(*at, energies[i] / 1000.0);
}

void LogReport::add_snapshot(std::string number, const journal::Stamp& stamp,
                             const journal::CellSnapshot& s) {
  const SnapshotText text = snapshot_text(s);
  std::vector<std::int32_t> read_mV;
  for (std::size_t i = 0; i < s.cells; ++i) {
    if (((s.voltage_read >> i) & 1U) != 0) read_mV.push_back(s.voltage[i].count());
  }
  std::string spread_mV;
  if (!read_mV.empty()) {
    const auto [least, most] = std::ranges::minmax(read_mV);
    spread_mV = std::to_string(most - least);
    if (const auto at = stamp.wall_known ? place(stamp.wall_s / 3600) : std::nullopt; at) {
      cells_[0].add(*at, least / 1000.0);
      cells_[0].add(*at, most / 1000.0);
    }
  }
  snapshots_.add(row_of({std::move(number), time_of(stamp), std::to_string(s.source), text.cells,
                         text.voltages, spread_mV, text.sensors, text.temperatures}));
}

void LogReport::add(const logbook::Entry& entry) {
  const std::string number = std::to_string(entry.sequence);
  if (entry.loss != logbook::Loss::None) {
    return gaps_.add(
        row_of({number, std::to_string(entry.missing), std::string(name(entry.loss))}));
  }
  const journal::Record& record = entry.record;
  if (const auto event = journal::event_of(record); event) {
    return events_.add(
        row_of({number, time_of(record.stamp),
                std::string(event->set ? logbook::severity_name(event->severity) : "cleared"),
                event->source > 0 ? std::to_string(event->source) : "", texts_.of(*event),
                fmt::format("{:#06x} {} {}", event->code, event->a, event->b)}));
  }
  if (const auto counters = journal::counters_of(record); counters) counters_ = *counters;
  if (const auto cells = journal::cells_of(record); cells) {
    return add_snapshot(number, record.stamp, *cells);
  }
  const auto period = journal::period_of(record);
  if (!period) return;
  if (record.kind == journal::Kind::Hour) return add_hour(*period, record.stamp.wall_known);
  const journal::Energies& w = period->energies;
  days_.add(row_of({date_text(std::int64_t{period->date} * records::kDay_s),
                    range(period->soc_min.count() / 100.0, period->soc_max.count() / 100.0, 2),
                    range(period->temperature_min.to_deci_celsius() / 10.0,
                          period->temperature_max.to_deci_celsius() / 10.0, 1),
                    std::to_string(w.pv_wh), std::to_string(w.import_wh),
                    std::to_string(w.export_wh), std::to_string(w.load_wh),
                    std::to_string(w.charge_wh), std::to_string(w.discharge_wh)}));
}

std::string LogReport::charts() const {
  if (!last_hour_ && not_drawn_ == 0) return {};
  const Duration length = Duration::hours(last_hour_.value_or(first_hour_) - first_hour_ + 1);
  std::string html;
  if (drawn_ > 0) {
    html = fmt::format("<p>{} hours, the first {}.</p>\n", drawn_, utc_text(first_hour_ * 3600));
  }
  html += line_chart("State of charge", "%", soc_, length);
  html += line_chart("Temperature of the cells", "°C", heat_, length);
  html += line_chart("Voltage of the cells, in snapshots", "V", cells_, length);
  html += line_chart("Power, mean of each hour", "kW", power_, length);
  if (not_drawn_ > 0) {
    html += fmt::format(
        "<p class=\"failed\">{} hours are not drawn: the clock of the device was not set, was "
        "set "
        "back, or far ahead.</p>\n",
        not_drawn_);
  }
  return html;
}

std::string LogReport::html(std::string_view device, const proof::Hash& chain,
                            std::string_view ended_early) const {
  std::string html = report_head("What " + std::string(device) + " remembers");
  html +=
      fmt::format("<p class=\"dim\">weco {}. Chain over all records read: <code>{}</code></p>\n",
                  kVersion, proof::hex(chain));
  if (!ended_early.empty()) {
    html += fmt::format("<p class=\"failed\">Not all was read. What ended it: {}.</p>\n",
                        report::html(ended_early));
  }
  html += charts();
  if (counters_) {
    html += fmt::format(
        "<h2>Counters</h2>\n<p>{:.3f} cycles, charged {} Wh, discharged {} Wh, {} s in "
        "operation, "
        "{} faults.</p>\n",
        counters_->milli_cycles / 1000.0, counters_->charge_wh, counters_->discharge_wh,
        counters_->operating_s, counters_->faults);
  }
  html += table("Gaps", "from record|records|why", gaps_.rows, gaps_.total);
  html += table("Events", "record|time (UTC)|severity|unit|what|raw", events_.rows, events_.total);
  html +=
      table("Cells", "record|time (UTC)|unit|cells|voltages, V|spread, mV|sensors|temperatures, °C",
            snapshots_.rows, snapshots_.total);
  html += table("Days",
                "day|SOC, %|temperature, °C|PV, Wh|import, Wh|export, Wh|load, Wh|charged, Wh|"
                "discharged, Wh",
                days_.rows, days_.total);
  return html + "</body></html>\n";
}

}  // namespace weco::cli
