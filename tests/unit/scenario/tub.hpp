// SPDX-License-Identifier: Apache-2.0
// A stage small enough to know by heart: a tub that fills by a litre a second while its tap is
// open. It overflows above 100 litres, which it reports as an event, once.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "sim/scenario/stage.hpp"

namespace weco::sim::testing {

class Tub final : public Stage {
 public:
  Tub() : channels_{{"level_L", Unit::None}, {"tap", Unit::None}} {}

  void step(Duration dt) override {
    steps.push_back(dt);
    now_ = now_ + dt;
    const double seconds = static_cast<double>(dt.to_us()) * 1e-6;
    level += tap * seconds;
    ledger_.total[EnergyPath::Load] += 1000 * seconds;  // a house of 1 kW
    if (level > 100 && !over_) {
      over_ = true;
      events_.push_back({now_, SiteEventKind::Alarm, 0, "overflow", 0});
    }
  }
  [[nodiscard]] Instant now() const override { return now_; }
  [[nodiscard]] std::int64_t wall_seconds() const override {
    return 1768449600 + now_.to_us() / 1000000;
  }
  [[nodiscard]] std::span<const Channel> channels() const override { return channels_; }
  void sample(std::span<double> values) const override {
    values[0] = level;
    values[1] = tap;
  }
  [[nodiscard]] std::size_t pack_count() const override { return 2; }
  [[nodiscard]] PackView pack(std::size_t index) const override {
    PackView view;
    view.soc_pct = level;
    view.cell_min_V = 3.2;
    view.cell_max_V = 3.25 + 0.01 * static_cast<double>(index);
    return view;
  }
  [[nodiscard]] const Ledger& ledger() const override { return ledger_; }
  [[nodiscard]] const Fidelity& fidelity() const override { return faithful; }
  [[nodiscard]] SiteSummary summary() const override { return {}; }
  [[nodiscard]] PanelView panel() const override { return {}; }
  Done inject(const FaultSpec& fault) override {
    if (fault.id != FaultId::MeterLost) return failure(ErrorCode::Unsupported, "not in a tub");
    tap = 0;
    return {};
  }
  Done clear(const FaultSpec&) override {
    tap = 1;
    return {};
  }
  Done command(std::string_view name, double value) override {
    if (name != "tap") return failure(ErrorCode::NotFound, "a tub has a tap only");
    tap = value;
    return {};
  }
  Done command(std::string_view name, std::string_view value) override {
    return command(name, value == "open" ? 1.0 : 0.0);
  }
  [[nodiscard]] std::size_t event_count() const override { return events_.size(); }
  [[nodiscard]] const SiteEvent& event(std::size_t index) const override { return events_[index]; }
  [[nodiscard]] std::uint64_t events_dropped() const override { return 0; }

  double level = 0;
  double tap = 1;
  Fidelity faithful{};
  std::vector<Duration> steps;

 private:
  Instant now_{};
  bool over_ = false;
  std::vector<Channel> channels_;
  std::vector<SiteEvent> events_;
  Ledger ledger_{};
};

inline constexpr std::array<std::string_view, 2> kTapPlaces = {"shut", "open"};
inline constexpr std::array<SiteCommand, 1> kTubCommands = {
    {{"tap", "L/s", 0, 5, kTapPlaces, "Turns the tap."}}};

/// One family, one fault, one command.
inline Terms tub_terms() {
  Terms terms;
  terms.site = [](std::string_view family) -> Outcome<SiteConfig> {
    if (family == "weco_smart") return SiteConfig{};
    return failure(ErrorCode::NotFound, "there is no family '" + std::string(family) + "'", {},
                   "Allowed are: weco_smart.");
  };
  terms.fault = [](std::string_view text) -> Outcome<FaultSpec> {
    if (text == "meter_lost") return FaultSpec{FaultId::MeterLost, {}};
    return failure(ErrorCode::NotFound, "there is no fault '" + std::string(text) + "'", {},
                   "Did you mean 'meter_lost'?");
  };
  terms.commands = kTubCommands;
  return terms;
}

}  // namespace weco::sim::testing
