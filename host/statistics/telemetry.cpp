// SPDX-License-Identifier: Apache-2.0
#include "host/statistics/telemetry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "host/records/calendar.hpp"

namespace weco::statistics {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

void sum(double& into, double value) { into = std::isnan(into) ? value : into + value; }
void least(double& into, double value) { into = std::fmin(into, value); }
void most(double& into, double value) { into = std::fmax(into, value); }
void most_either_way(double& into, double value) { into = std::fmax(into, std::abs(value)); }

struct Column {
  std::string_view name;
  double Sample::*into;
  void (*take)(double&, double);
  bool of_part = false;  // "pack[3].current_A" counts, too
};
constexpr std::array kColumns = {
    Column{"pv_power_W", &Sample::pv_W, sum},
    Column{"pv_ac_power_W", &Sample::pv_W, sum},
    Column{"load_power_W", &Sample::load_W, sum},
    Column{"battery_power_W", &Sample::battery_W, sum},
    Column{"grid_power_W", &Sample::grid_W, sum},
    Column{"soc_pct", &Sample::soc_pct, sum},
    Column{"humidity_pct", &Sample::humidity_pct, most},
    Column{"cell_min_degC", &Sample::coldest_degC, least, true},
    Column{"cell_max_degC", &Sample::warmest_degC, most, true},
    Column{"current_A", &Sample::current_A, most_either_way, true},
};

/// A file may give one quantity in several columns; the columns that nobody wants are passed over.
const Column* column_of(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  const std::string_view last = dot == std::string_view::npos ? name : name.substr(dot + 1);
  for (const Column& column : kColumns) {
    if (column.name == (column.of_part ? last : name)) return &column;
  }
  return nullptr;
}

Sample nothing(std::int64_t at) {
  return {at, kNone, kNone, kNone, kNone, kNone, kNone, kNone, kNone, kNone};
}

std::string_view unquoted(std::string_view cell) {
  if (cell.size() >= 2 && cell.front() == '"' && cell.back() == '"') {
    cell = cell.substr(1, cell.size() - 2);
  }
  return cell;
}

/// Takes the text up to the next `end` away from the front of `text`.
std::string_view take_until(std::string_view& text, char end) {
  const std::size_t at = std::min(text.find(end), text.size());
  const std::string_view piece = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return piece;
}

class Reader {
 public:
  Reader(std::string_view text, const std::string& file) : rest_(text), file_(file) {}

  Outcome<std::vector<Sample>> read() {
    const std::size_t first = rest_.find_first_not_of(" \t\r\n");
    const bool objects = first != std::string_view::npos && rest_[first] == '{';
    Done done;
    if (!objects) done = read_header();
    while (done && !rest_.empty()) {
      const std::string_view line = next_line();
      if (!line.empty()) done = objects ? read_object(line) : read_cells(line);
    }
    if (!done) return Unexpected{done.error()};
    if (samples_.empty()) return bad("the file has no rows");
    if (!useful_) {
      return bad("no column says a power, a state of charge or a temperature",
                 "Head them as 'weco simulate --telemetry' does: pv_power_W, load_power_W, "
                 "battery_power_W, grid_power_W, soc_pct, pack[1].cell_max_degC.");
    }
    return std::move(samples_);
  }

 private:
  Unexpected<Failure> bad(std::string what, std::string hint = {}) const {
    return failure(ErrorCode::BadInput, std::move(what), fmt::format("{}:{}", file_, line_),
                   std::move(hint));
  }

  std::string_view next_line() {
    ++line_;
    std::string_view line = take_until(rest_, '\n');
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }

  Done read_header() {
    std::string_view line = next_line();
    if (line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
    bool time = false;
    do {
      const std::string_view name = unquoted(take_until(line, ','));
      if (name == "run") return several();
      header_.push_back(column_of(name));
      useful_ = useful_ || header_.back() != nullptr;
      if (name == "time") {
        time = true;
        time_at_ = header_.size() - 1;
      }
    } while (!line.empty());
    if (time) return {};
    return bad("no column is headed 'time'", "The first line names the columns.");
  }

  Unexpected<Failure> several() const {
    return bad("the file holds several runs of a sweep", "Write the telemetry of one run.");
  }

  Done begin(std::string_view time) {
    const auto at = records::parse_utc(time);
    if (!at) return bad("the time is not understood", "Write 2026-03-01T13:00:00Z, in UTC.");
    if (!samples_.empty() && *at <= samples_.back().at) {
      return bad("the time does not go forward", "Give each moment once, in order.");
    }
    if (samples_.size() == kSamplesMax) return bad("the file has more than 20 million rows");
    samples_.push_back(nothing(*at));
    return {};
  }

  Done put(const Column& column, std::string_view cell) {
    if (cell.empty() || cell == "null") return {};
    double value = 0;
    const auto parsed = std::from_chars(cell.data(), cell.data() + cell.size(), value);
    if (parsed.ec != std::errc{} || parsed.ptr != cell.data() + cell.size() ||
        !std::isfinite(value)) {
      return bad(std::string(column.name) + " is no number");
    }
    column.take(samples_.back().*column.into, value);
    return {};
  }

  Done read_cells(std::string_view line) {
    cells_.clear();
    for (bool more = true; more;) {
      more = line.find(',') != std::string_view::npos;
      cells_.push_back(unquoted(take_until(line, ',')));
    }
    if (cells_.size() != header_.size()) {
      return bad(fmt::format("the row has {} cells, the header {}", cells_.size(), header_.size()));
    }
    Done done = begin(cells_[time_at_]);
    for (std::size_t i = 0; done && i < cells_.size(); ++i) {
      if (header_[i] != nullptr) done = put(*header_[i], cells_[i]);
    }
    return done;
  }

  /// A flat object as append_row() writes it: no blanks, no nesting, no escapes.
  Done read_object(std::string_view line) {
    if (!line.starts_with('{') || !line.ends_with('}')) return bad("the line is no flat object");
    const std::string_view inner = line.substr(1, line.size() - 2);
    std::string_view rest = inner;
    Done done;
    bool timed = false;
    while (done && !rest.empty()) {
      std::string_view value = take_until(rest, ',');
      const std::string_view key = unquoted(take_until(value, ':'));
      if (key == "run") return several();
      if (key != "time") continue;
      done = begin(unquoted(value));
      timed = true;
    }
    if (done && !timed) return bad("the object has no 'time'");
    for (rest = inner; done && !rest.empty();) {
      std::string_view value = take_until(rest, ',');
      const Column* column = column_of(unquoted(take_until(value, ':')));
      if (column == nullptr) continue;
      useful_ = true;
      done = put(*column, value);
    }
    return done;
  }

  std::string_view rest_;
  const std::string& file_;
  std::size_t line_ = 0;
  std::vector<const Column*> header_;
  std::size_t time_at_ = 0;
  std::vector<std::string_view> cells_;
  bool useful_ = false;
  std::vector<Sample> samples_;
};

}  // namespace

Outcome<std::vector<Sample>> read_telemetry(std::string_view text, const std::string& file) {
  return Reader(text, file).read();
}

std::int64_t longest_pause(const std::vector<Sample>& samples) {
  constexpr std::int64_t kLeast_s = 900;
  std::vector<std::int64_t> steps;
  for (std::size_t i = 1; i < samples.size(); ++i) {
    steps.push_back(samples[i].at - samples[i - 1].at);
  }
  if (steps.empty()) return kLeast_s;
  const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
  std::ranges::nth_element(steps, middle);
  return std::max(kLeast_s, 3 * *middle);
}

}  // namespace weco::statistics
