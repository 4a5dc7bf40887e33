// SPDX-License-Identifier: Apache-2.0
// Where a virtual device's values come from. The simple model here gives a healthy device with a
// slow rhythm; the battery core over a plant takes its place without the server noticing.
#pragma once

#include <cstdint>
#include <memory>

#include "host/profile/profile.hpp"
#include "host/snapshot/snapshot.hpp"

namespace weco::sim {

class ValueModel {
 public:
  virtual ~ValueModel() = default;
  /// Brings every value up to `now`. Called with increasing times.
  virtual void update(Instant now, Snapshot& values) = 0;
  /// What becomes of a setting that somebody writes.
  enum class Setting : std::uint8_t {
    Kept,     // has no effect here: the device remembers it and shows it
    Taken,    // acts on the model, which shows it from its next update on
    Refused,  // the model does not allow it now
  };
  virtual Setting set(const Reading& /*value*/) { return Setting::Kept; }
};

/// A healthy device of the family: a site with one WeCo tower of four modules, a three-phase meter,
/// or a bank of 48 V modules. The third module is cold on purpose, so that a limit has a reason.
/// Same seed, same values.
std::unique_ptr<ValueModel> healthy_values(const Profile& profile, std::uint32_t seed);

}  // namespace weco::sim
