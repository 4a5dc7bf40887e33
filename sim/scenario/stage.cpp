// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/stage.hpp"

#include <string>

namespace weco::sim {
namespace {

class SiteStage final : public Stage {
 public:
  explicit SiteStage(Site& site) : site_(site) {}
  void step(Duration dt) override { site_.step(dt); }
  [[nodiscard]] Instant now() const override { return site_.now(); }
  [[nodiscard]] std::int64_t wall_seconds() const override { return site_.wall_seconds(); }
  [[nodiscard]] std::span<const Channel> channels() const override { return site_.channels(); }
  void sample(std::span<double> values) const override { site_.sample(values); }
  [[nodiscard]] std::size_t pack_count() const override { return site_.pack_count(); }
  [[nodiscard]] PackView pack(std::size_t index) const override { return site_.pack(index); }
  [[nodiscard]] const Ledger& ledger() const override { return site_.ledger(); }
  [[nodiscard]] const Fidelity& fidelity() const override { return site_.fidelity(); }
  [[nodiscard]] SiteSummary summary() const override { return site_.summary(); }
  [[nodiscard]] PanelView panel() const override { return site_.panel(); }
  Done inject(const FaultSpec& fault) override { return site_.inject(fault); }
  Done clear(const FaultSpec& fault) override { return site_.clear(fault); }
  Done command(std::string_view name, double value) override { return site_.command(name, value); }
  Done command(std::string_view name, std::string_view value) override {
    return site_.command(name, value);
  }
  [[nodiscard]] std::size_t event_count() const override { return site_.event_count(); }
  [[nodiscard]] const SiteEvent& event(std::size_t index) const override {
    return site_.event(index);
  }
  [[nodiscard]] std::uint64_t events_dropped() const override { return site_.events_dropped(); }

 private:
  Site& site_;
};

}  // namespace

std::unique_ptr<Stage> stage_on(Site& site) { return std::make_unique<SiteStage>(site); }

Terms site_terms() {
  Terms terms;
  terms.site = [](std::string_view family) -> Outcome<SiteConfig> {
    const auto found = find_site_family(family);
    if (!found) return Unexpected{found.error()};
    return default_site(*found);
  };
  terms.fault = [](std::string_view text) -> Outcome<FaultSpec> {
    auto spec = parse_fault(text);
    if (spec && strikes_wire(spec->id)) {
      return failure(ErrorCode::BadInput, "'" + std::string(text) + "' strikes a served link", {},
                     "Give it with --fault when the site is served.");
    }
    return spec;
  };
  terms.commands = site_commands();
  return terms;
}

}  // namespace weco::sim
