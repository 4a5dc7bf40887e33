// SPDX-License-Identifier: Apache-2.0
// What the network operator may demand through the terminals: demand response modes DRM0 to DRM8
// of AS/NZS 4755 / 4777.2 (Australia, New Zealand) or ripple control with four relays (Germany).
// One of the two at a time, because they share the terminals (WS-48, CM-05). The demand is a bound
// on the inverter's AC power; it is answered in the tick that sees it, hence within a second.
// Sources: Sungrow SH10RT page 37, Delta RPI-H3 page 58 (both demand tables and the priorities).
#pragma once

#include <cstdint>

#include "core/ems/dispatch.hpp"
#include "core/ems/ratings.hpp"
#include "core/ems/reading.hpp"

namespace weco::ems {

enum class DemandPort : std::uint8_t { None, Drm, Ripple };
/// No relay of the ripple receiver is set: a matter of the site, no rule settles it.
enum class RippleSilence : std::uint8_t { FullPower, KeepLast };
enum class Reactive : std::uint8_t { None, Source, Sink };

struct DemandSettings {
  DemandPort port = DemandPort::None;
  RippleSilence silence = RippleSilence::FullPower;
};
/// Bits as the terminals show them; Absent when the port itself cannot be read.
struct DemandInputs {
  Reading<std::uint16_t> drm{};    // bit n: DRM n asserted
  Reading<std::uint8_t> ripple{};  // bits 0..3: 100, 60, 30, 0 percent
};
struct DemandState {
  Permyriad ripple_share{10000};  // last share demanded
};

struct Demand {
  bool disconnect = false;  // DRM0
  Bound ac_max{kNoLimit};
  Bound ac_min{-kNoLimit};
  bool charge = false;     // DRM4: consume more, as far as other modes allow
  bool discharge = false;  // DRM8: generate more, as far as other modes allow
  Reactive reactive = Reactive::None;
  std::uint8_t import_mode = 0;   // the DRM of 1..4 in force, 0 none
  std::uint8_t export_mode = 0;   // the DRM of 5..8 in force, 0 none
  std::uint16_t not_offered = 0;  // DRM bits asserted that this product's port cannot carry
};

/// A port that cannot be read is answered as the strictest demand it could carry: DRM0, or 0 %.
Demand evaluate_demand(const DemandSettings& settings, const Ratings& ratings, Watts rated,
                       const DemandInputs& inputs, DemandState& state);
/// The same into a fresh Demand of the caller.
void evaluate_demand_into(const DemandSettings& settings, const Ratings& ratings, Watts rated,
                          const DemandInputs& inputs, DemandState& state, Demand& demand);

}  // namespace weco::ems
