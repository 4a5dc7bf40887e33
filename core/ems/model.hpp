// SPDX-License-Identifier: Apache-2.0
// The reading of a WeCo model string, and the rules that turn ratings, a number of battery modules
// and an ambient temperature into what one inverter may carry.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/result.hpp"
#include "core/base/units.hpp"
#include "core/ems/ratings.hpp"
#include "core/ems/reading.hpp"

namespace weco::ems {

/// The row of a name as in kRatings ("SMART-S3-8K", "EP760", "EP760-DE", "CM2"); NotFound.
Result<const Ratings*> find_ratings(std::string_view name);

struct SmartModel {
  std::int32_t power_kw = 0;
  std::int32_t usable_kwh = 0;  // 0: the nameplate form does not state it
  std::int32_t modules = 0;     // usable_kwh / 5
  const Ratings* ratings = nullptr;
};
/// Which part of a model string was refused; the `detail` of the error.
enum class ModelPart : std::uint8_t { Series = 1, Power = 2, Energy = 3 };
/// What that part may be, for people.
std::string_view allowed(ModelPart part);
/// "SMART-S3-10K-B35" or the nameplate's "SMART-3PH-10K". BadInput with the ModelPart otherwise.
Result<SmartModel> parse_smart_model(std::string_view text);

/// What the battery side of one inverter may carry.
struct BatteryRating {
  Watts charge_max{};
  Watts discharge_max{};
  Milliamps charge_current_max{};  // on the 460 V bus; 0: not published
  Milliamps discharge_current_max{};
  Confidence confidence = Confidence::Published;
};
inline constexpr std::int32_t kSmartModulesMax = 12;  // an inverter, three towers of four (WS-03)
inline constexpr std::int32_t kEp760PacksMax = 4;     // EP-02
/// WS-04, EP-02: the rating for `count` modules or packs. OutOfRange for a count the product does
/// not take; Unsupported for CM2, whose manual names no power.
Result<BatteryRating> battery_rating(const Ratings& ratings, std::int32_t count);

/// The share of its rated power that an inverter gives at an ambient temperature: all of it up to
/// the derating temperature, nothing outside the ambient range. Between derating and maximum the
/// vendors publish no curve; a straight line down to half is our choice.
Permyriad ambient_share(const Ratings& ratings, Temperature ambient);

}  // namespace weco::ems
