// SPDX-License-Identifier: Apache-2.0
// What a scenario plays on. In the program it is a whole Site; in a test of the player it is a few
// numbers that change by rule.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "sim/site/site.hpp"

namespace weco::sim {

class Stage {
 public:
  virtual ~Stage() = default;
  virtual void step(Duration dt) = 0;
  [[nodiscard]] virtual Instant now() const = 0;
  [[nodiscard]] virtual std::int64_t wall_seconds() const = 0;

  [[nodiscard]] virtual std::span<const Channel> channels() const = 0;
  virtual void sample(std::span<double> values) const = 0;
  [[nodiscard]] virtual std::size_t pack_count() const = 0;
  [[nodiscard]] virtual PackView pack(std::size_t index) const = 0;
  [[nodiscard]] virtual const Ledger& ledger() const = 0;
  [[nodiscard]] virtual const Fidelity& fidelity() const = 0;
  [[nodiscard]] virtual SiteSummary summary() const = 0;
  [[nodiscard]] virtual PanelView panel() const = 0;

  virtual Done inject(const FaultSpec& fault) = 0;
  virtual Done clear(const FaultSpec& fault) = 0;
  virtual Done command(std::string_view name, double value) = 0;
  virtual Done command(std::string_view name, std::string_view value) = 0;

  [[nodiscard]] virtual std::size_t event_count() const = 0;
  [[nodiscard]] virtual const SiteEvent& event(std::size_t index) const = 0;
  [[nodiscard]] virtual std::uint64_t events_dropped() const = 0;
};

/// The site must outlive the stage.
std::unique_ptr<Stage> stage_on(Site& site);

/// What a scenario may name; the failures say what there is instead.
struct Terms {
  std::function<Outcome<SiteConfig>(std::string_view family)> site;  // as it usually is
  std::function<Outcome<FaultSpec>(std::string_view text)> fault;    // that can strike a site
  std::span<const SiteCommand> commands;
};
Terms site_terms();

}  // namespace weco::sim
