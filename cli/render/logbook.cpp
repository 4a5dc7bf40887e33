// SPDX-License-Identifier: Apache-2.0
#include "cli/render/logbook.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <concepts>
#include <iterator>
#include <optional>
#include <tuple>

#include "cli/render/json.hpp"
#include "cli/render/text.hpp"
#include "core/base/decimal.hpp"
#include "host/proof/digest.hpp"
#include "host/records/calendar.hpp"
#include "host/report/markup.hpp"
#include "host/text/utc.hpp"

namespace weco::cli {
namespace {

using journal::Kind;

constexpr LogColumn kColumns[] = {
    {"sequence"},
    {"time", true},
    {"uptime_s"},
    {"kind", true},
    {"code"},
    {"severity", true},
    {"source"},
    {"set"},
    {"a"},
    {"b"},
    {"text", true},
    {"date", true},
    {"hour"},
    {"soc_min_pct"},
    {"soc_max_pct"},
    {"temperature_min_degC"},
    {"temperature_max_degC"},
    {"pv_Wh"},
    {"import_Wh"},
    {"export_Wh"},
    {"load_Wh"},
    {"charge_Wh"},
    {"discharge_Wh"},
    {"operating_s"},
    {"cycles"},
    {"faults"},
    {"first_cell"},
    {"cells_V", true},
    {"first_sensor"},
    {"temperatures_degC", true},
    {"missing"},
    {"loss", true},
    {"chain", true},
};

const std::string& csv_heading() {
  static const std::string heading = [] {
    std::string text;
    for (const LogColumn& column : kColumns) text += std::string(column.name) + ",";
    text.back() = '\n';
    return text;
  }();
  return heading;
}

std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::Event:
      return "event";
    case Kind::Hour:
      return "hour";
    case Kind::Day:
      return "day";
    case Kind::Counters:
      return "counters";
    case Kind::Cells:
      return "cells";
  }
  return "";
}

std::string time_of(const journal::Stamp& stamp) {
  return stamp.wall_known ? utc_text(stamp.wall_s) : std::string();
}

/// What a record of its kind says; what it does not say stays away.
struct Said {
  std::optional<journal::Event> event;
  std::optional<journal::Period> period;
  std::optional<journal::Counters> counters;
  std::optional<journal::CellSnapshot> cells;
};

Said said_by(const journal::Record& record) {
  Said said;
  if (const auto event = journal::event_of(record); event) {
    said.event = *event;
  } else if (const auto period = journal::period_of(record); period) {
    said.period = *period;
  } else if (const auto counters = journal::counters_of(record); counters) {
    said.counters = *counters;
  } else if (const auto cells = journal::cells_of(record); cells) {
    said.cells = *cells;
  }
  return said;
}

/// A whole number of hundredths, tenths or thousandths as the decimal that it is.
Decimal decimal(std::int64_t value, std::int8_t places) {
  return {value, static_cast<std::int8_t>(-places)};
}

std::string date_of(const journal::Period& period) {
  return date_text(std::int64_t{period.date} * records::kDay_s);
}

/// Numbers in their order, nothing for one that was not read.
using Values = std::vector<std::optional<Decimal>>;

Values voltages_of(const journal::CellSnapshot& s) {
  Values values(s.cells);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (((s.voltage_read >> i) & 1U) != 0) values[i] = decimal(s.voltage[i].count(), 3);
  }
  return values;
}

Values temperatures_of(const journal::CellSnapshot& s) {
  Values values(s.sensors);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (((s.temperature_read >> i) & 1U) != 0) {
      values[i] = decimal(s.temperature[i].to_deci_celsius(), 1);
    }
  }
  return values;
}

/// From 1, as people count.
int first_cell(const journal::CellSnapshot& s) {
  return s.part * static_cast<int>(journal::CellSnapshot::kCells) + 1;
}
int first_sensor(const journal::CellSnapshot& s) {
  return s.part * static_cast<int>(journal::CellSnapshot::kSensors) + 1;
}

std::string joined(const Values& values, std::string_view between, std::string_view unread) {
  std::string text;
  for (const auto& value : values) {
    if (!text.empty()) text += between;
    text += value ? to_text(*value).view() : unread;
  }
  return text;
}

/// Cells of a CSV line. A dump has millions of lines: they are put together without fmt, whose
/// formatting took most of the time.
class Cells {
 public:
  explicit Cells(std::string& out) : out_(out) {}
  template <std::integral Number>
  Cells& whole(Number value) {
    std::array<char, 21> digits{};  // the longest of 64 bits has 20
    char* end = std::to_chars(digits.data(), digits.data() + digits.size() - 1, value).ptr;
    *end++ = ',';
    out_.append(digits.data(), end);
    return *this;
  }
  Cells& number(std::int64_t value, std::int8_t places) {
    return text(to_text(decimal(value, places)).view());
  }
  Cells& text(std::string_view cell) {
    out_ += cell;
    out_ += ',';
    return *this;
  }
  Cells& words(std::string_view cell) { return text(report::csv(cell)); }
  Cells& list(const Values& values) { return text(joined(values, " ", "-")); }
  Cells& none(std::size_t count) {
    out_.append(count, ',');
    return *this;
  }
  void end(const proof::Hash& chain) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::array<char, 2 * std::tuple_size_v<proof::Hash> + 1> text{};
    auto to = text.begin();
    for (const std::uint8_t byte : chain) {
      *to++ = kDigits[byte >> 4U];
      *to++ = kDigits[byte & 15U];
    }
    *to = '\n';
    out_.append(text.data(), text.size());
  }

 private:
  std::string& out_;
};

/// The same cells as values.
class CellValues {
 public:
  explicit CellValues(std::vector<LogCell>& out) : out_(out) {}
  template <std::integral Number>
  CellValues& whole(Number value) {
    out_.emplace_back(static_cast<std::int64_t>(value));
    return *this;
  }
  CellValues& number(std::int64_t value, std::int8_t places) {
    return text(to_text(decimal(value, places)).view());
  }
  CellValues& text(std::string_view cell) {
    if (cell.empty()) return none(1);
    out_.emplace_back(std::string(cell));
    return *this;
  }
  CellValues& words(std::string_view cell) { return text(sanitize(cell)); }
  /// As JSON, which SQL takes apart.
  CellValues& list(const Values& values) {
    return values.empty() ? none(1) : text("[" + joined(values, ",", "null") + "]");
  }
  CellValues& none(std::size_t count) {
    out_.resize(out_.size() + count);
    return *this;
  }
  void end(const proof::Hash& chain) { out_.emplace_back(proof::hex(chain)); }

 private:
  std::vector<LogCell>& out_;
};

template <class Row>
void put_event(const journal::Event& e, const logbook::Texts& texts, Row& cells) {
  cells.whole(e.code).text(logbook::severity_name(e.severity)).whole(e.source);
  cells.whole(e.set ? 1 : 0).whole(e.a).whole(e.b).words(texts.of(e));
}

template <class Row>
void put_cells_of(const journal::Period& p, Row& cells) {
  const journal::Energies& w = p.energies;
  cells.text(date_of(p)).whole(p.hour).number(p.soc_min.count(), 2).number(p.soc_max.count(), 2);
  cells.number(p.temperature_min.to_deci_celsius(), 1);
  cells.number(p.temperature_max.to_deci_celsius(), 1);
  cells.whole(w.pv_wh).whole(w.import_wh).whole(w.export_wh).whole(w.load_wh);
  cells.whole(w.charge_wh).whole(w.discharge_wh);
}

template <class Row>
void put_counters(const journal::Counters& c, Row& cells) {
  cells.whole(c.charge_wh).whole(c.discharge_wh).whole(c.operating_s);
  cells.number(c.milli_cycles, 3).whole(c.faults);
}

template <class Row>
void put_snapshot(const journal::CellSnapshot& s, Row& cells) {
  cells.whole(first_cell(s)).list(voltages_of(s));
  if (s.sensors == 0) {
    cells.none(2);
  } else {
    cells.whole(first_sensor(s)).list(temperatures_of(s));
  }
}

template <class Row>
void put_line(const logbook::Entry& entry, const logbook::Texts& texts, Row cells) {
  cells.whole(entry.sequence);
  if (entry.loss != logbook::Loss::None) {
    cells.none(2).text("gap").none(26).whole(entry.missing).text(name(entry.loss));
    return cells.end(entry.chain);
  }
  const journal::Record& record = entry.record;
  const Said said = said_by(record);
  cells.text(time_of(record.stamp)).whole((record.stamp.at - Instant{}).to_s());
  cells.text(kind_name(record.kind));
  if (said.event) {
    put_event(*said.event, texts, cells);
  } else if (said.cells) {
    cells.none(2).whole(said.cells->source).none(4);
  } else {
    cells.none(7);
  }
  if (said.period) {
    put_cells_of(*said.period, cells);
    cells.none(3);
  } else if (said.counters) {
    cells.none(10);
    put_counters(*said.counters, cells);
  } else {
    cells.none(15);
  }
  if (said.cells) {
    put_snapshot(*said.cells, cells);
  } else {
    cells.none(4);
  }
  cells.none(2).end(entry.chain);
}

void put_period(const journal::Period& p, JsonWriter& json) {
  json.field("date", date_of(p)).field("hour", p.hour);
  json.field("soc_min_pct", decimal(p.soc_min.count(), 2));
  json.field("soc_max_pct", decimal(p.soc_max.count(), 2));
  json.field("temperature_min_degC", decimal(p.temperature_min.to_deci_celsius(), 1));
  json.field("temperature_max_degC", decimal(p.temperature_max.to_deci_celsius(), 1));
  const journal::Energies& w = p.energies;
  json.field("pv_Wh", w.pv_wh).field("import_Wh", w.import_wh).field("export_Wh", w.export_wh);
  json.field("load_Wh", w.load_wh).field("charge_Wh", w.charge_wh);
  json.field("discharge_Wh", w.discharge_wh);
}

void put_list(std::string_view name, const Values& values, JsonWriter& json) {
  json.key(name).begin_array();
  for (const auto& value : values) {
    if (value) {
      json.number(*value);
    } else {
      json.null();
    }
  }
  json.end_array();
}

void put_snapshot(const journal::CellSnapshot& s, JsonWriter& json) {
  json.field("source", s.source).field("first_cell", first_cell(s));
  put_list("cells_V", voltages_of(s), json);
  if (s.sensors == 0) return;
  json.field("first_sensor", first_sensor(s));
  put_list("temperatures_degC", temperatures_of(s), json);
}

void add_json(const logbook::Entry& entry, const logbook::Texts& texts, std::string& out) {
  JsonWriter json;
  json.begin_object().field("sequence", entry.sequence);
  if (entry.loss != logbook::Loss::None) {
    json.field("kind", "gap").field("missing", entry.missing).field("loss", name(entry.loss));
  } else {
    const journal::Record& record = entry.record;
    json.key("time");
    if (record.stamp.wall_known) {
      json.text(utc_text(record.stamp.wall_s));
    } else {
      json.null();
    }
    json.field("uptime_s", (record.stamp.at - Instant{}).to_s());
    json.field("kind", kind_name(record.kind));
    const Said said = said_by(record);
    if (said.event) {
      const journal::Event& e = *said.event;
      json.field("code", e.code).field("severity", logbook::severity_name(e.severity));
      json.field("source", e.source).field("set", e.set).field("a", e.a).field("b", e.b);
      json.field("text", texts.of(e));
    }
    if (said.period) put_period(*said.period, json);
    if (said.counters) {
      const journal::Counters& c = *said.counters;
      json.field("charge_Wh", c.charge_wh).field("discharge_Wh", c.discharge_wh);
      json.field("operating_s", c.operating_s).field("cycles", decimal(c.milli_cycles, 3));
      json.field("faults", c.faults);
    }
    if (said.cells) put_snapshot(*said.cells, json);
  }
  out += json.field("chain", proof::hex(entry.chain)).end_object().str();
  out += '\n';
}

std::string told_cells(const journal::CellSnapshot& s) {
  const SnapshotText said = snapshot_text(s);
  std::string text = fmt::format("unit {}", s.source);
  if (s.cells > 0) text += fmt::format(", cells {}: {} V", said.cells, said.voltages);
  if (s.sensors > 0) text += fmt::format(", sensors {}: {} °C", said.sensors, said.temperatures);
  return text;
}

std::string told(const journal::Record& record, const logbook::Texts& texts) {
  const Said said = said_by(record);
  if (said.event) {
    const journal::Event& e = *said.event;
    return fmt::format("{:<8} {:<8} {}{} ({:#06x})",
                       e.set ? logbook::severity_name(e.severity) : "cleared",
                       e.source > 0 ? fmt::format("unit {}", e.source) : "", sanitize(texts.of(e)),
                       e.a != 0 || e.b != 0 ? fmt::format(" {} {}", e.a, e.b) : "", e.code);
  }
  if (said.period) {
    const journal::Period& p = *said.period;
    const journal::Energies& w = p.energies;
    const std::string when =
        record.kind == Kind::Day ? date_of(p) : fmt::format("{} {:02}h", date_of(p), p.hour);
    return fmt::format(
        "{}: SOC {:.2f} to {:.2f} %, {:.1f} to {:.1f} °C, PV {} Wh, import {} Wh, export {} Wh, "
        "load {} Wh, charged {} Wh, discharged {} Wh",
        when, p.soc_min.count() / 100.0, p.soc_max.count() / 100.0,
        p.temperature_min.to_deci_celsius() / 10.0, p.temperature_max.to_deci_celsius() / 10.0,
        w.pv_wh, w.import_wh, w.export_wh, w.load_wh, w.charge_wh, w.discharge_wh);
  }
  if (said.cells) return told_cells(*said.cells);
  if (!said.counters) return {};
  const journal::Counters& c = *said.counters;
  return fmt::format("{:.3f} cycles, charged {} Wh, discharged {} Wh, {} s in operation, {} faults",
                     c.milli_cycles / 1000.0, c.charge_wh, c.discharge_wh, c.operating_s, c.faults);
}

void add_row(const logbook::Entry& entry, const logbook::Texts& texts, std::string& out) {
  auto to = std::back_inserter(out);
  if (entry.loss != logbook::Loss::None) {
    fmt::format_to(to, "{:>8}  {:<20}  {:<8}  {} {} {}\n", entry.sequence, "", "gap", entry.missing,
                   entry.missing == 1 ? "record" : "records", name(entry.loss));
    return;
  }
  const std::string time = time_of(entry.record.stamp);
  fmt::format_to(to, "{:>8}  {:<20}  {:<8}  {}\n", entry.sequence,
                 time.empty() ? "clock not set" : time, kind_name(entry.record.kind),
                 told(entry.record, texts));
}

}  // namespace

std::span<const LogColumn> log_columns() { return kColumns; }

std::vector<LogCell> log_cells(const logbook::Entry& entry, const logbook::Texts& texts) {
  std::vector<LogCell> cells;
  cells.reserve(std::size(kColumns));
  put_line(entry, texts, CellValues(cells));
  return cells;
}

SnapshotText snapshot_text(const journal::CellSnapshot& s) {
  const auto numbers = [](int first, int count) {
    return count == 0 ? std::string() : fmt::format("{}-{}", first, first + count - 1);
  };
  return {numbers(first_cell(s), s.cells), joined(voltages_of(s), " ", "-"),
          numbers(first_sensor(s), s.sensors), joined(temperatures_of(s), " ", "-")};
}

std::string_view log_heading(LogForm form) {
  if (form == LogForm::Csv) return csv_heading();
  if (form == LogForm::Table) return "  record  time                  kind      what\n";
  return {};
}

void add_log_line(LogForm form, const logbook::Entry& entry, const logbook::Texts& texts,
                  std::string& out) {
  switch (form) {
    case LogForm::Csv:
      return put_line(entry, texts, Cells(out));
    case LogForm::Ndjson:
      return add_json(entry, texts, out);
    case LogForm::Table:
      return add_row(entry, texts, out);
  }
}

}  // namespace weco::cli
