// SPDX-License-Identifier: Apache-2.0
// A device that is part of a simulated site: what stands on its nameplate is that of the healthy
// device of its family, what is measured comes from the site, and what the simulation does not have
// is not there. Several devices may show one site; all of them see it at the same instant.
#pragma once

#include <cstdint>
#include <memory>

#include "host/failure/failure.hpp"
#include "sim/device/values.hpp"
#include "sim/site/site.hpp"

namespace weco::sim {

/// Whoever asks first moves the site on.
class SharedSite {
 public:
  explicit SharedSite(std::unique_ptr<Site> site) : site_(std::move(site)) {}
  /// The site at this device time, in steps of at most a second; times that are over change
  /// nothing.
  Site& at(Instant now);
  [[nodiscard]] Site& site() { return *site_; }

 private:
  std::unique_ptr<Site> site_;
};

/// Device `number` (from 1) of the family in the site. Unsupported when such a device is not part
/// of a site of this family: a tower has weco_smart inverters, cabinets have one saj_cm2_ems, an
/// EP760 is an ep760_open; a meter (eastron_sdm630, eastron_sdm72) has each of them.
Outcome<std::unique_ptr<ValueModel>> site_values(const Profile& profile,
                                                 std::shared_ptr<SharedSite> site,
                                                 std::int32_t number, std::uint32_t seed);
/// The same of a site that somebody else moves on; it must outlive the values.
Outcome<std::unique_ptr<ValueModel>> site_values(const Profile& profile, Site& site,
                                                 std::int32_t number, std::uint32_t seed);

}  // namespace weco::sim
