// SPDX-License-Identifier: Apache-2.0
#include "host/statistics/energy.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/decimal.hpp"

namespace weco::statistics {
namespace {

constexpr std::int64_t kHour_s = 3600;

struct Counter {
  std::string_view point;
  Flow flow;
};
constexpr std::array kCounters = {
    Counter{"energy_pv_total", Flow::Production},
    Counter{"energy_load_total", Flow::Consumption},
    Counter{"energy_charged_total", Flow::Charge},
    Counter{"energy_discharged_total", Flow::Discharge},
    Counter{"energy_import_total", Flow::Import},
    Counter{"energy_export_total", Flow::Export},
};

std::int64_t next_hour(std::int64_t at) {
  return at - ((at % kHour_s) + kHour_s) % kHour_s + kHour_s;
}

}  // namespace

std::optional<Flow> flow_of_counter(std::string_view point) {
  const std::size_t dot = point.rfind('.');
  const std::string_view name = dot == std::string_view::npos ? point : point.substr(dot + 1);
  const auto found = std::ranges::find(kCounters, name, &Counter::point);
  return found == kCounters.end() ? std::nullopt : std::optional(found->flow);
}

void Energy::widen(std::int64_t from, std::int64_t to) {
  from_ = any_ ? std::min(from_, from) : from;
  to_ = any_ ? std::max(to_, to) : to;
  any_ = true;
}

Bucket& Energy::bucket_at(std::int64_t at) {
  if (last_ != nullptr && at >= last_->stretch.from && at < last_->stretch.to) return *last_;
  Stretch stretch = stretch_of(at, question_.by, question_.zone);
  Bucket& bucket = buckets_[stretch.from];
  bucket.stretch = std::move(stretch);
  last_ = &bucket;  // a map does not move its values
  return bucket;
}

void Energy::put_piece(Flow flow, std::int64_t from, std::int64_t to, double Wh, bool divided) {
  Bucket& bucket = bucket_at(from);
  Price price;
  if (question_.tariff) {
    price = price_at(*question_.tariff, local_of(from, question_.zone));
  }
  for (Bucket* into : {&bucket, &total_}) {
    const auto i = static_cast<std::size_t>(flow);
    into->Wh[i] += Wh;
    into->covered_s[i] += to - from;
    if (flow == Flow::Import) into->import_cost += Wh / 1000 * price.import_per_kWh;
    if (flow == Flow::Export) into->export_revenue += Wh / 1000 * price.export_per_kWh;
    if (flow == Flow::Consumption) into->consumption_value += Wh / 1000 * price.import_per_kWh;
  }
  bucket.estimated = bucket.estimated || divided;
}

void Energy::put(Flow flow, std::int64_t from, std::int64_t to, double Wh) {
  const std::int64_t since = std::max(from, question_.since.value_or(from));
  const std::int64_t until = std::min(to, question_.until.value_or(to));
  if (since >= until) return;
  known_[static_cast<std::size_t>(flow)] = true;
  widen(since, until);
  const double per_second = Wh / static_cast<double>(to - from);
  const Stretch first = stretch_of(since, question_.by, question_.zone);
  const bool prices = question_.tariff && !question_.tariff->windows.empty();
  const bool cut = since != from || until != to || until > first.to;
  const bool divided = to - from > kHour_s && (cut || prices);
  if (divided) total_.estimated = true;
  for (std::int64_t at = since; at < until;) {
    std::int64_t end = std::min(until, bucket_at(at).stretch.to);
    if (prices) {  // by the hour, so that a change of the clock falls between two pieces
      const std::int64_t local = local_of(at, question_.zone);
      const Price price = price_at(*question_.tariff, local);
      end = std::min({end, at + price.until_local - local, next_hour(at)});
    }
    put_piece(flow, at, end, per_second * static_cast<double>(end - at), divided);
    at = end;
  }
}

void Energy::add(const std::vector<Sample>& samples) {
  const std::int64_t pause = longest_pause(samples);
  for (std::size_t i = 1; i < samples.size(); ++i) {
    const Sample& sample = samples[i];
    const std::int64_t from = samples[i - 1].at;
    if (sample.at - from > pause) {
      missing_s_ += sample.at - from;
      continue;
    }
    const auto hours = static_cast<double>(sample.at - from) / static_cast<double>(kHour_s);
    const auto one = [&](Flow flow, double power_W) {
      if (!std::isnan(power_W)) put(flow, from, sample.at, power_W * hours);
    };
    const auto both = [&](Flow in, Flow out, double power_W) {
      if (std::isnan(power_W)) return;
      one(in, std::max(power_W, 0.0));
      one(out, std::max(-power_W, 0.0));
    };
    one(Flow::Production, sample.pv_W);
    one(Flow::Consumption, sample.load_W);
    both(Flow::Charge, Flow::Discharge, sample.battery_W);
    both(Flow::Import, Flow::Export, sample.grid_W);
  }
}

void Energy::add(const std::vector<store::CounterRow>& readings) {
  for (std::size_t i = 1; i < readings.size(); ++i) {
    const store::CounterRow& then = readings[i - 1];
    const store::CounterRow& now = readings[i];
    const auto flow = flow_of_counter(now.point);
    if (!flow || then.source != now.source || then.point != now.point) continue;
    const auto before = parse_decimal(then.value);
    const auto after = parse_decimal(now.value);
    if (!before || !after) continue;
    const double kWh = to_double(*after) - to_double(*before);
    if (kWh < 0) {  // the counter began anew, with a new board for instance
      ++restarts_;
      continue;
    }
    put(*flow, then.at, now.at, kWh * 1000);
  }
}

std::vector<Bucket> Energy::buckets() const {
  std::vector<Bucket> list;
  for (const auto& [from, bucket] : buckets_) list.push_back(bucket);
  return list;
}

double Energy::covered(const Bucket& bucket) const {
  const std::int64_t length = question_.by == Period::Total || &bucket == &total_
                                  ? to_ - from_
                                  : bucket.stretch.to - bucket.stretch.from;
  const std::int64_t best = *std::ranges::max_element(bucket.covered_s);
  return length <= 0 ? 0 : std::min(1.0, static_cast<double>(best) / static_cast<double>(length));
}

}  // namespace weco::statistics
