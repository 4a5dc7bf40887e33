// SPDX-License-Identifier: Apache-2.0
#include "core/ems/demand_response.hpp"

#include <array>

namespace weco::ems {
namespace {

// The share of rated power that each mode leaves: of import for DRM1..4, of export for DRM5..8.
struct ModeRow {
  std::uint8_t mode;
  std::int32_t share_percent;
  Reactive reactive;
};
constexpr std::array<ModeRow, 4> kImportModes{{{1, 0, Reactive::None},
                                               {2, 50, Reactive::None},
                                               {3, 75, Reactive::Source},
                                               {4, 100, Reactive::None}}};
constexpr std::array<ModeRow, 4> kExportModes{{{5, 0, Reactive::None},
                                               {6, 50, Reactive::None},
                                               {7, 75, Reactive::Sink},
                                               {8, 100, Reactive::None}}};
constexpr std::array<std::int32_t, 4> kRippleShares{10000, 6000, 3000, 0};
static_assert(kRippleShares.size() == 4, "one share a relay");

consteval bool priorities_fall() {
  for (std::size_t i = 1; i < 4; ++i) {
    if (kImportModes[i].mode != kImportModes[i - 1].mode + 1) return false;
    if (kExportModes[i].mode != kExportModes[i - 1].mode + 1) return false;
    if (kImportModes[i].share_percent <= kImportModes[i - 1].share_percent) return false;
    if (kExportModes[i].share_percent <= kExportModes[i - 1].share_percent) return false;
    if (kRippleShares[i] >= kRippleShares[i - 1]) return false;
  }
  return true;
}
static_assert(priorities_fall(), "the first mode of a table that is asserted is the strictest");

bool asserted(std::uint16_t bits, unsigned mode) { return ((bits >> mode) & 1U) != 0; }

const ModeRow* strictest(const std::array<ModeRow, 4>& modes, std::uint16_t bits) {
  for (const ModeRow& row : modes) {
    if (asserted(bits, row.mode)) return &row;
  }
  return nullptr;
}

void apply_drm(Demand& demand, std::uint16_t bits, Watts rated) {
  demand.disconnect = asserted(bits, 0);
  if (const ModeRow* row = strictest(kImportModes, bits)) {
    demand.import_mode = row->mode;
    demand.reactive = row->reactive;
    demand.charge = row->mode == 4;
    demand.ac_min = {-(rated * row->share_percent / 100), LimitReason::DemandResponse};
  }
  if (const ModeRow* row = strictest(kExportModes, bits)) {
    demand.export_mode = row->mode;
    if (row->reactive != Reactive::None) demand.reactive = row->reactive;
    demand.discharge = row->mode == 8;
    demand.ac_max = {rated * row->share_percent / 100, LimitReason::DemandResponse};
  }
  if (demand.charge && demand.discharge) demand.charge = demand.discharge = false;  // contradictory
}

Permyriad ripple_share(RippleSilence silence, std::uint8_t relays, Permyriad last) {
  for (std::size_t i = kRippleShares.size(); i-- > 0;) {  // the lowest share asserted counts
    if (((relays >> i) & 1U) != 0) return Permyriad(kRippleShares[i]);
  }
  return silence == RippleSilence::KeepLast ? last : Permyriad(10000);
}

Watts share_of(Watts rated, Permyriad share) {
  return Watts(static_cast<std::int32_t>(std::int64_t{rated.count()} * share.count() / 10000));
}

}  // namespace

void evaluate_demand_into(const DemandSettings& settings, const Ratings& ratings, Watts rated,
                          const DemandInputs& inputs, DemandState& state, Demand& demand) {
  if (settings.port == DemandPort::Drm) {
    if (!inputs.drm.good()) {
      demand.disconnect = true;
      return;
    }
    const auto bits = static_cast<std::uint16_t>(inputs.drm.value & ratings.drm_inputs);
    demand.not_offered = static_cast<std::uint16_t>(inputs.drm.value & ~ratings.drm_inputs);
    apply_drm(demand, bits, rated);
  }
  if (settings.port == DemandPort::Ripple) {
    const auto relays = static_cast<std::uint8_t>(inputs.ripple.value & ratings.ripple_inputs);
    state.ripple_share = inputs.ripple.good()
                             ? ripple_share(settings.silence, relays, state.ripple_share)
                             : Permyriad(0);
    demand.ac_max = {share_of(rated, state.ripple_share), LimitReason::DemandResponse};
  }
}

Demand evaluate_demand(const DemandSettings& settings, const Ratings& ratings, Watts rated,
                       const DemandInputs& inputs, DemandState& state) {
  Demand demand;
  evaluate_demand_into(settings, ratings, rated, inputs, state, demand);
  return demand;
}

}  // namespace weco::ems
