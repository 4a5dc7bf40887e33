// SPDX-License-Identifier: Apache-2.0
#include "host/statistics/warranty.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "core/base/decimal.hpp"
#include "host/records/calendar.hpp"
#include "host/text/utc.hpp"

namespace weco::statistics {
namespace {

using records::kDay_s;
using State = WarrantyRow::State;

constexpr std::int64_t kYear_s = 365 * kDay_s;
constexpr double kDaysAYear = 365.25;
/// A rate from less than this says little about years.
constexpr double kShortBasis_days = 30;
constexpr double kEndIsNear_days = 180;

struct Cause {
  std::string_view name;
  std::string_view what;  // of the value, with its unit
  double Sample::*value;
  bool below;
  std::optional<double> (*limit)(const WarrantyTerms&);
  bool performance;  // else the wider, functional window
};
constexpr std::array kCauses = {
    Cause{"outside_cold", "degC", &Sample::coldest_degC, true,
          [](const WarrantyTerms& t) { return t.cold_degC; }, true},
    Cause{"outside_hot", "degC", &Sample::warmest_degC, false,
          [](const WarrantyTerms& t) { return t.hot_degC; }, true},
    Cause{"outside_current", "A", &Sample::current_A, false,
          [](const WarrantyTerms& t) { return t.current_A; }, true},
    Cause{"outside_depth", "% charge left", &Sample::soc_pct, true,
          [](const WarrantyTerms& t) {
            return t.depth_pct ? std::optional<double>(100 - *t.depth_pct) : std::nullopt;
          },
          true},
    Cause{"outside_humidity", "% humidity", &Sample::humidity_pct, false,
          [](const WarrantyTerms& t) { return t.humidity_pct; }, true},
    Cause{"outside_functional_cold", "degC", &Sample::coldest_degC, true,
          [](const WarrantyTerms& t) { return t.functional_cold_degC; }, false},
    Cause{"outside_functional_hot", "degC", &Sample::warmest_degC, false,
          [](const WarrantyTerms& t) { return t.functional_hot_degC; }, false},
};

constexpr std::string_view kUnpublished = "its limit is not published in the maker's manuals";

struct Outside {
  std::int64_t looked_s = 0;
  std::int64_t outside_s = 0;
  std::int64_t first = 0;
  std::int64_t last = 0;
  double worst = 0;
};

struct Window {
  std::array<Outside, kCauses.size()> causes;
  Outside any;                // of the performance window
  std::int64_t paused_s = 0;  // of the last year of the log
};

bool breaks(const Cause& cause, double limit, double value) {
  return cause.below ? value < limit : value > limit;
}

void count(Outside& outside, std::int64_t from, std::int64_t to, bool broken) {
  outside.looked_s += to - from;
  if (!broken) return;
  if (outside.outside_s == 0) outside.first = from;
  outside.outside_s += to - from;
  outside.last = to;
}

Window window_of(const std::vector<Sample>& samples, const WarrantyTerms& terms) {
  Window window;
  const std::int64_t pause = longest_pause(samples);
  for (std::size_t i = 1; i < samples.size(); ++i) {
    const Sample& sample = samples[i];
    const std::int64_t from = samples[i - 1].at;
    if (sample.at - from > pause) {
      const std::int64_t year = std::max(from, samples.back().at - kYear_s);
      window.paused_s += std::max<std::int64_t>(0, sample.at - year);
      continue;
    }
    bool any = false;
    bool looked = false;
    for (std::size_t c = 0; c < kCauses.size(); ++c) {
      const double value = sample.*kCauses[c].value;
      const auto limit = kCauses[c].limit(terms);
      if (std::isnan(value) || !limit) continue;
      Outside& outside = window.causes[c];
      const bool broken = breaks(kCauses[c], *limit, value);
      if (broken && (outside.outside_s == 0 || (value < outside.worst) == kCauses[c].below)) {
        outside.worst = value;
      }
      count(outside, from, sample.at, broken);
      any = any || (broken && kCauses[c].performance);
      looked = looked || kCauses[c].performance;
    }
    if (looked) count(window.any, from, sample.at, any);
  }
  return window;
}

double hours(std::int64_t seconds) { return static_cast<double>(seconds) / 3600; }
double days(std::int64_t seconds) { return static_cast<double>(seconds) / kDay_s; }

WarrantyRow outside_row(const Cause& cause, const Outside& outside, const WarrantyTerms& terms) {
  WarrantyRow row{std::string(cause.name), "WS-30", State::Unknown, {}, "h", {}, {}, {}};
  const auto limit = cause.limit(terms);
  if (!limit) {
    row.basis = kUnpublished;
    return row;
  }
  row.limit = 0;
  if (outside.looked_s == 0) {
    row.basis = "no log holds it";
    return row;
  }
  row.value = hours(outside.outside_s);
  row.state = outside.outside_s == 0 ? State::Ok : State::Warning;
  row.basis = fmt::format("{} {:g} {}; {:.1f} h were looked at", cause.below ? "below" : "above",
                          *limit, cause.what, hours(outside.looked_s));
  if (outside.outside_s > 0) {
    row.basis += fmt::format(", first {}, last {}, worst {:g}", utc_text(outside.first),
                             utc_text(outside.last), outside.worst);
  }
  return row;
}

/// The newest reading of a counter, of the source that shows most.
struct Newest {
  double value = 0;
  std::int64_t at = 0;
  std::string source;
};
std::map<std::pair<std::string, std::string>, Newest> last_readings(
    const std::vector<store::CounterRow>& rows, std::string_view name) {
  std::map<std::pair<std::string, std::string>, Newest> last;
  for (const store::CounterRow& row : rows) {
    const std::size_t dot = row.point.rfind('.');
    const auto value = parse_decimal(row.value);
    if (!value || row.point.substr(dot == std::string::npos ? 0 : dot + 1) != name) continue;
    last[{row.source, row.point}] = {to_double(*value), row.at, row.source};
  }
  return last;
}
std::optional<Newest> newest(const std::vector<store::CounterRow>& rows, std::string_view name,
                             std::string_view source = {}) {
  std::optional<Newest> most;
  for (const auto& [key, one] : last_readings(rows, name)) {
    if (!source.empty() && key.first != source) continue;
    if (!most || one.value > most->value) most = one;
  }
  return most;
}

/// A whole cycle where nobody says how deep those are that are promised.
double depth_of_cycle(const WarrantyTerms& terms) { return terms.depth_pct.value_or(100); }

struct Rate {
  double per_day = 0;
  double basis_days = 0;
  std::string basis;
};

/// How fast the counter of cycles grew between its first and last reading.
std::optional<Rate> counted_rate(const std::vector<store::CounterRow>& rows) {
  std::optional<Rate> best;
  const store::CounterRow* first = nullptr;
  for (const store::CounterRow& row : rows) {
    if (!row.point.ends_with("cycle_count")) continue;
    if (first == nullptr || first->source != row.source || first->point != row.point) {
      first = &row;
      continue;
    }
    const auto from = parse_decimal(first->value);
    const auto to = parse_decimal(row.value);
    const double span = days(row.at - first->at);
    if (!from || !to || span < 1) continue;
    const double per_day = (to_double(*to) - to_double(*from)) / span;
    if (per_day < 0 || (best && span <= best->basis_days)) continue;
    best = Rate{per_day, span,
                fmt::format("the counter from {} to {}", date_text(first->at), date_text(row.at))};
  }
  return best;
}

/// The same from the power of a log, with the rated energy that the device states.
std::optional<Rate> logged_rate(const WarrantyCase& in) {
  double rated_kWh = 0;
  for (const auto& [key, one] : last_readings(in.counters, "rated_energy")) rated_kWh += one.value;
  if (rated_kWh <= 0 || in.samples.size() < 2) return std::nullopt;
  const std::int64_t pause = longest_pause(in.samples);
  double Wh = 0;
  std::int64_t looked_s = 0;
  for (std::size_t i = 1; i < in.samples.size(); ++i) {
    const std::int64_t step = in.samples[i].at - in.samples[i - 1].at;
    const double power = in.samples[i].battery_W;
    if (step > pause || std::isnan(power)) continue;
    looked_s += step;
    Wh += std::max(-power, 0.0) * hours(step);
  }
  if (looked_s < kDay_s) return std::nullopt;
  const double cycles = Wh / 1000 / (rated_kWh * depth_of_cycle(in.terms) / 100);
  return Rate{cycles / days(looked_s), days(looked_s),
              fmt::format("{:.0f} days of the log, {:g} kWh rated", days(looked_s), rated_kWh)};
}

struct Cycles {
  std::optional<double> counted;
  std::optional<double> moved;
  [[nodiscard]] std::optional<double> most() const {
    if (!counted) return moved;
    return moved ? std::max(*counted, *moved) : *counted;
  }
};

WarrantyRow limit_row(std::string name, std::string needs, std::optional<double> value,
                      std::string unit, std::optional<double> limit, std::string basis) {
  WarrantyRow row{
      std::move(name), std::move(needs), State::Unknown, value, std::move(unit), limit, {},
      std::move(basis)};
  if (!limit) row.basis += fmt::format("; {}", kUnpublished);
  if (value && limit) row.state = *value > *limit ? State::Warning : State::Ok;
  return row;
}

/// The same day some years later; the last of February stays in February.
std::int64_t years_later(std::int64_t at, int years) {
  const records::Day day = records::day_of(at);
  const auto make = [&](int d) {
    return records::parse_utc(fmt::format("{:04}-{:02}-{:02}", day.year + years, day.month, d));
  };
  const auto same = make(day.day);
  return same ? *same : make(day.day - 1).value_or(at);
}

/// The day by which the cycles are used up, at the pace until now; nothing: that cannot be said.
std::optional<std::int64_t> end_by_cycles(const WarrantyCase& in, const Cycles& cycles,
                                          const std::optional<Rate>& rate, std::string& basis) {
  if (!in.terms.cycles) {
    basis += "; no number of cycles is published";
    return std::nullopt;
  }
  const auto done = cycles.most();
  if (!done || !rate || rate->per_day <= 0) {
    basis += "; how fast it cycles is not known: give --telemetry, or keep counters";
    return std::nullopt;
  }
  const double left = std::max(0.0, *in.terms.cycles - *done) / rate->per_day;
  const double most = 200 * kDaysAYear;
  const auto end = in.now + static_cast<std::int64_t>(std::min(left, most) * kDay_s);
  basis += fmt::format("; {:g} cycles at {:.3f} a day ({}): {}{}", *in.terms.cycles, rate->per_day,
                       rate->basis, left > most ? "after " : "", date_text(end));
  if (rate->basis_days < kShortBasis_days) basis += ", a short basis";
  return end;
}

WarrantyRow end_of_life(const WarrantyCase& in, const Cycles& cycles,
                        const std::optional<Rate>& rate) {
  WarrantyRow row{"end_of_life", "WS-31", State::Unknown, {}, "days left", {}, {}, {}};
  std::optional<std::int64_t> end;
  if (!in.terms.years) {
    row.basis = "no number of years is published";
  } else if (in.facts.produced) {
    end = years_later(*in.facts.produced, *in.terms.years);
    row.basis = fmt::format("{} years from production: {}", *in.terms.years, date_text(*end));
  } else {
    row.basis = "the day of production is not known: give --produced";
  }
  const auto by_cycles = end_by_cycles(in, cycles, rate, row.basis);
  if (end && by_cycles) end = std::min(*end, *by_cycles);
  if (in.terms.cycles && cycles.most().value_or(0) >= *in.terms.cycles) end = in.now;
  if (!end) return row;  // cycles alone are no forecast
  row.until = date_text(*end);
  row.value = std::floor(days(*end - in.now));
  row.state = *row.value <= kEndIsNear_days ? State::Warning : State::Ok;
  if (*row.value <= 0) row.basis += "; its use must cease";
  return row;
}

WarrantyRow offline(const WarrantyCase& in, const Window& window) {
  const auto said = newest(in.counters, "offline_days");
  std::string basis;
  std::optional<double> value;
  if (said) {
    value = said->value;
    basis = fmt::format("the device said {:g} on {}", said->value, date_text(said->at));
  }
  if (in.samples.size() > 1) {
    const double paused = days(window.paused_s);
    value = std::max(value.value_or(0), paused);
    basis += fmt::format("{}pauses of the log in its last year: {:.2f}", basis.empty() ? "" : "; ",
                         paused);
  }
  if (!value) basis = "neither the device nor a log tells";
  return limit_row("offline", "WS-32", value, "days", in.terms.offline_days, basis);
}

/// The longest time without 100 % (99 % is not enough). Nobody knows what happened in a pause of
/// the log: it ends one span and begins another.
struct WithoutFull {
  std::int64_t looked_s = 0;
  std::int64_t from = 0;  // of the longest span
  std::int64_t to = 0;
  std::int64_t missed = 0;  // times that the limit passed in full
  bool full = false;        // it was reached at all
};
WithoutFull without_full(const std::vector<Sample>& samples, std::int64_t limit_s) {
  constexpr double kFull_pct = 99.95;  // what is shown as 100.0
  const std::int64_t pause = longest_pause(samples);
  WithoutFull found;
  std::optional<std::int64_t> since;
  std::int64_t last = 0;
  const auto end_span = [&](std::int64_t at) {
    if (at - *since > found.to - found.from) found.from = *since, found.to = at;
    if (at > *since) found.missed += (at - *since - 1) / limit_s;  // the limit itself is inside
  };
  for (const Sample& sample : samples) {
    if (std::isnan(sample.soc_pct)) continue;
    if (since && sample.at - last > pause) {
      end_span(last);
      since.reset();
    }
    if (!since) since = last = sample.at;
    found.looked_s += sample.at - last;
    last = sample.at;
    if (sample.soc_pct < kFull_pct) continue;
    found.full = true;
    end_span(sample.at);
    since = sample.at;
  }
  if (since) end_span(last);
  return found;
}

WarrantyRow full_charge(const WarrantyCase& in) {
  const double limit = in.terms.full_charge_days.value_or(30);
  const WithoutFull found = without_full(in.samples, static_cast<std::int64_t>(limit * kDay_s));
  if (found.looked_s == 0) {
    return limit_row("full_charge", "WS-13", {}, "days", in.terms.full_charge_days,
                     "no log holds it");
  }
  std::string basis = fmt::format("longest without 100 % from {} to {}; {:.1f} days were looked at",
                                  utc_text(found.from), utc_text(found.to), days(found.looked_s));
  if (found.missed > 0) {
    basis += fmt::format("; missed {} time{}", found.missed, found.missed == 1 ? "" : "s");
  }
  WarrantyRow row = limit_row("full_charge", "WS-13", days(found.to - found.from), "days",
                              in.terms.full_charge_days, basis);
  if (row.state == State::Ok && !found.full && days(found.looked_s) < limit) {
    row.state = State::Unknown;
    row.basis += "; the log is too short to say";
  }
  return row;
}

WarrantyRow firmware(const WarrantyCase& in) {
  WarrantyRow row{"firmware", "WS-33", State::Unknown, {}, "days left", {}, {}, {}};
  if (!in.facts.release) {
    row.basis = "no critical release was named: give --released VERSION=DAY";
    return row;
  }
  const records::Release& release = *in.facts.release;
  std::vector<std::string> old;
  bool any = false;
  // A release is for one kind of device: those of the model that has it, or all while none has it.
  const auto has = [&](const store::DeviceRow& device) {
    return device.firmware == release.version;
  };
  const bool installed = std::ranges::any_of(in.devices, has);
  for (const store::DeviceRow& device : in.devices) {
    if (device.firmware.empty()) continue;
    any = true;
    const bool concerned =
        !installed || std::ranges::any_of(in.devices, [&](const store::DeviceRow& other) {
          return has(other) && other.model == device.model;
        });
    if (!concerned) continue;
    if (device.firmware != release.version) old.push_back(device.serial + " " + device.firmware);
  }
  row.basis = fmt::format("{} was released on {}", release.version, date_text(release.day));
  if (!any) {
    row.basis += "; what is installed was never read";
    return row;
  }
  if (old.empty()) {
    row.state = State::Ok;
    row.basis += " and is on every device of its model that was read";
    return row;
  }
  row.state = State::Warning;
  row.basis += fmt::format("; {} of the devices read differ, first {}", old.size(), old.front());
  if (!in.terms.firmware_days) {
    row.basis += fmt::format("; {}", kUnpublished);
    return row;
  }
  const std::int64_t due = release.day + *in.terms.firmware_days * kDay_s;
  row.until = date_text(due);
  row.value = std::floor(days(due - in.now));
  row.basis += ". Until then the battery had better be off";
  return row;
}

WarrantyRow claim(const WarrantyCase& in) {
  WarrantyRow row{"claim", "WS-36", State::Ok, {}, "days left", {}, {}, "no event was named"};
  if (!in.facts.event) return row;
  if (!in.terms.claim_days) {
    row.state = State::Unknown;
    row.basis =
        fmt::format("event of {}; {}: claim at once", date_text(*in.facts.event), kUnpublished);
    return row;
  }
  const std::int64_t last = *in.facts.event + *in.terms.claim_days * kDay_s;
  row.until = date_text(last);
  row.value = std::floor(days(last + kDay_s - 1 - in.now));  // the last day counts
  row.state = State::Warning;
  row.basis = fmt::format(
      "event of {}; {}", date_text(*in.facts.event),
      *row.value < 0 ? "the time for the claim is over" : "the claim has to be made by then");
  return row;
}

Cycles cycle_rows(const WarrantyCase& in, std::vector<WarrantyRow>& rows) {
  const auto moved = newest(in.counters, "energy_discharged_total");
  const auto rated = newest(in.counters, "rated_energy", moved ? moved->source : "");
  const auto counted = newest(in.counters, "cycle_count");
  Cycles cycles;
  if (counted) cycles.counted = counted->value;
  if (moved && rated && rated->value > 0) {
    cycles.moved = moved->value / (rated->value * depth_of_cycle(in.terms) / 100);
  }
  rows.push_back(limit_row(
      "cycles_counted", "WS-31", cycles.counted, "cycles", in.terms.cycles,
      counted ? fmt::format("counter of {} on {}", counted->source, date_text(counted->at))
              : std::string("no counter was kept: run a checklist with --device")));
  rows.push_back(limit_row("cycles_from_energy", "WS-31", cycles.moved, "cycles", in.terms.cycles,
                           cycles.moved
                               ? fmt::format("{:g} kWh discharged, a cycle is {:g} % of {:g} kWh",
                                             moved->value, depth_of_cycle(in.terms), rated->value)
                               : std::string("discharged and rated energy were not both read")));
  return cycles;
}

std::optional<std::int64_t> fact_day(std::string_view text) {
  return text.size() == 10 ? records::parse_utc(text) : std::nullopt;
}

}  // namespace

const WarrantyTerms& warranty_terms(std::string_view family) {
  static constexpr double kModule_Ah = 100;  // WS-02
  static constexpr WarrantyTerms kWecoSmart = {.cold_degC = 11,
                                               .hot_degC = 35,
                                               .functional_cold_degC = 0,
                                               .functional_hot_degC = 40,
                                               .current_A = 0.5 * kModule_Ah,
                                               .depth_pct = 90,
                                               .humidity_pct = 80,
                                               .years = 10,
                                               .cycles = 7000,
                                               .offline_days = 60,
                                               .full_charge_days = 30,
                                               .firmware_days = records::kFirmwareDays,
                                               .claim_days = 10};
  // The manual's specification says "10 years" and nothing else.
  static constexpr WarrantyTerms kEp760 = {.years = 10};
  static constexpr WarrantyTerms kNothing;  // the CM2's manual refers to a paper that is not public
  return family == "weco_smart" ? kWecoSmart : family == "ep760" ? kEp760 : kNothing;
}

std::string_view name(State state) {
  return state == State::Ok ? "ok" : state == State::Warning ? "warning" : "unknown";
}

WarrantyFacts warranty_facts(const std::vector<store::FactRow>& rows) {
  WarrantyFacts facts;
  for (const store::FactRow& row : rows) {  // in the order of time: the newest stays
    if (row.name == "produced") facts.produced = fact_day(row.value);
    if (row.name == "event") facts.event = fact_day(row.value);
  }
  facts.release = records::release_of(rows);
  return facts;
}

std::vector<WarrantyRow> judge_warranty(const WarrantyCase& in) {
  std::vector<WarrantyRow> rows;
  const Window window = window_of(in.samples, in.terms);
  for (std::size_t c = 0; c < kCauses.size(); ++c) {
    rows.push_back(outside_row(kCauses[c], window.causes[c], in.terms));
  }
  WarrantyRow any{"outside", "WS-30", State::Unknown, {}, "h", {}, {}, "no log was given"};
  const bool any_limit = std::ranges::any_of(
      kCauses, [&](const Cause& cause) { return cause.limit(in.terms).has_value(); });
  if (any_limit) any.limit = 0;
  if (!any_limit) any.basis = kUnpublished;
  if (window.any.looked_s > 0) {
    any.value = hours(window.any.outside_s);
    any.state = window.any.outside_s == 0 ? State::Ok : State::Warning;
    any.basis = fmt::format(
        "outside the performance window for any of these reasons; {:.1f} h "
        "were looked at",
        hours(window.any.looked_s));
  }
  rows.push_back(std::move(any));
  const Cycles cycles = cycle_rows(in, rows);
  std::optional<double> age;
  if (in.facts.produced) age = days(in.now - *in.facts.produced) / kDaysAYear;
  rows.push_back(limit_row(
      "age", "WS-31", age, "years", in.terms.years,
      age ? "produced on " + date_text(*in.facts.produced) : std::string("give --produced")));
  auto rate = counted_rate(in.counters);
  const auto logged = logged_rate(in);
  if (!rate || (logged && logged->basis_days > rate->basis_days)) rate = logged;
  rows.push_back(end_of_life(in, cycles, rate));
  rows.push_back(offline(in, window));
  rows.push_back(full_charge(in));
  rows.push_back(firmware(in));
  rows.push_back(claim(in));
  return rows;
}

}  // namespace weco::statistics
