// SPDX-License-Identifier: Apache-2.0
// What the device of a site tells whoever reads it: the inverter of a house, or the EMS of
// cabinets, with the parts behind it.
#pragma once

#include "host/snapshot/snapshot.hpp"
#include "sim/scenario/stage.hpp"

namespace weco::sim {

/// The texts and the mark of its type that a healthy device of the family tells: what is left of
/// its values when a site is to stand in the place of its model.
void keep_identity(const SiteConfig& site, Snapshot& values);

/// Puts what the site knows. Of inverters in parallel it is the first one with its own towers. A
/// value that the simulation does not have is not there.
void show(const Stage& stage, const SiteConfig& site, Instant now, Snapshot& values);

}  // namespace weco::sim
