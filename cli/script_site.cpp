// SPDX-License-Identifier: Apache-2.0
#include "cli/script_site.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "lua/scenario/site_table.hpp"
#include "sim/faults/catalogue.hpp"
#include "sim/scenario/stage.hpp"
#include "sim/site/site.hpp"

namespace weco::cli {
namespace {

using lua::Value;

constexpr int kStepsBetweenLooks = 600;  // at what stops a script

/// A whole number stays one: a script compares and prints it as such.
Value number(double value) {
  const bool whole = std::nearbyint(value) == value && std::abs(value) < 1e15;
  return whole ? Value::of(static_cast<std::int64_t>(value)) : Value::of(value);
}

class SimulatedSite final : public lua::ScriptSite {
 public:
  explicit SimulatedSite(std::unique_ptr<sim::Site> site) : site_(std::move(site)) {}

  void advance(double seconds, double step_s, const std::function<bool()>& stopped) override {
    const auto whole = Duration::us(static_cast<std::int64_t>(std::llround(seconds * 1e6)));
    const auto step = Duration::us(static_cast<std::int64_t>(std::llround(step_s * 1e6)));
    const Instant end = site_->now() + whole;
    for (int n = 1; site_->now() < end; ++n) {
      site_->step(std::min(std::max(step, Duration::us(1)), end - site_->now()));
      if (n % kStepsBetweenLooks == 0 && stopped()) return;
    }
  }
  [[nodiscard]] double seconds() const override {
    return static_cast<double>((site_->now() - Instant{}).to_us()) * 1e-6;
  }

  Outcome<Value> value(const std::string& channel) override {
    const auto found = site_->value(channel);
    if (!found) return Unexpected{found.error()};
    return number(*found);
  }
  Value values() override {
    const auto channels = site_->channels();
    std::vector<double> sample(channels.size());
    site_->sample(sample);
    Value table = Value::table();
    for (std::size_t i = 0; i < channels.size(); ++i) {
      table.set(channels[i].name, number(sample[i]));
    }
    std::ranges::sort(table.entries, {}, &lua::Entry::name);
    return table;
  }
  Value events() override {
    Value list = Value::table();
    for (std::size_t i = 0; i < site_->event_count(); ++i) {
      const sim::SiteEvent& event = site_->event(i);
      Value row = Value::table();
      row.set("code", Value::of(std::int64_t{event.code}));
      row.set("kind", Value::of(std::string(sim::name(event.kind))));
      row.set("time_s", number(static_cast<double>((event.at - Instant{}).to_us()) * 1e-6));
      row.set("unit", Value::of(std::int64_t{event.unit}));
      row.set("what", Value::of(std::string(event.what)));
      list.entries.push_back({{}, static_cast<std::int64_t>(i) + 1, std::move(row)});
    }
    return list;
  }

  Done command(const std::string& name, const Value& value) override {
    if (value.is(Value::Kind::Text)) return site_->command(name, std::string_view(value.text));
    return site_->command(name, value.number);
  }
  Done fault(const std::string& text, bool on) override {
    const auto spec = sim::parse_fault(text);
    if (!spec) return Unexpected{spec.error()};
    return on ? site_->inject(*spec) : site_->clear(*spec);
  }

 private:
  std::unique_ptr<sim::Site> site_;
};

}  // namespace

Outcome<std::unique_ptr<lua::ScriptSite>> make_script_site(const Value& description) {
  const auto config = lua::read_description(description, sim::site_terms().site);
  if (!config) return Unexpected{config.error()};
  auto site = sim::Site::make(*config);
  if (!site) return Unexpected{std::move(site).error()};
  return std::unique_ptr<lua::ScriptSite>(std::make_unique<SimulatedSite>(std::move(*site)));
}

}  // namespace weco::cli
