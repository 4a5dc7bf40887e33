// SPDX-License-Identifier: Apache-2.0
#include "core/ems/model.hpp"

#include <array>

namespace weco::ems {
namespace {

// Takes `prefix` off the front of `text`.
bool take(std::string_view& text, std::string_view prefix) {
  if (text.substr(0, prefix.size()) != prefix) return false;
  text.remove_prefix(prefix.size());
  return true;
}

constexpr std::int32_t kModuleKwh = 5;  // usable energy a module: B20 has four
struct PowerName {
  std::string_view text;
  std::int32_t kw;
  std::size_t row;
};
constexpr std::array<PowerName, 4> kPowers{
    {{"8K", 8, 0}, {"10K", 10, 1}, {"12K", 12, 2}, {"15K", 15, 3}}};

Unexpected<Error> refuse(ModelPart part) {
  return fail(ErrorCode::BadInput, static_cast<std::int32_t>(part));
}

// "-B20" .. "-B60" in steps of five; 0 for anything else.
std::int32_t usable_kwh(std::string_view text) {
  if (text.size() != 4 || !take(text, "-B")) return 0;
  for (std::int32_t kwh = 20; kwh <= 60; kwh += kModuleKwh) {
    if (text[0] == '0' + kwh / 10 && text[1] == '0' + kwh % 10) return kwh;
  }
  return 0;
}

BatteryRating smart_battery(const Ratings& ratings, std::int32_t modules) {
  // 8K: 8 kW from 4 modules on, 15 kW of charging from 6 on; fewer scale down (WS-04). The other
  // models state none, so the same power a module is taken, up to the inverter's own rating.
  const std::int32_t discharge_by = modules < 4 ? modules : 4;
  const std::int32_t charge_by = modules < 6 ? modules : 6;
  BatteryRating rating;
  rating.charge_max = Watts(15000 * charge_by / 6);
  if (ratings.ac_rated == Watts(8000)) {
    rating.discharge_max = Watts(8000 * discharge_by / 4);
    rating.charge_current_max = Milliamps(33500 * charge_by / 6);
    rating.discharge_current_max = Milliamps(17800 * discharge_by / 4);
    return rating;
  }
  const Watts by_modules(2000 * modules);
  rating.discharge_max = by_modules < ratings.ac_rated ? by_modules : ratings.ac_rated;
  rating.confidence = Confidence::Ours;
  return rating;
}

}  // namespace

Result<const Ratings*> find_ratings(std::string_view name) {
  for (const Ratings& r : kRatings) {
    if (r.name == name) return &r;
  }
  return fail(ErrorCode::NotFound);
}

std::string_view allowed(ModelPart part) {
  switch (part) {
    case ModelPart::Series:
      return "SMART-S3-... or, as on the nameplate, SMART-3PH-...";
    case ModelPart::Power:
      return "8K, 10K, 12K or 15K";
    case ModelPart::Energy:
      return "B20 to B60 in steps of 5; none on the nameplate form";
  }
  return "";
}

Result<SmartModel> parse_smart_model(std::string_view text) {
  const bool by_order = take(text, "SMART-S3-");
  if (!by_order && !take(text, "SMART-3PH-")) return refuse(ModelPart::Series);
  for (const PowerName& power : kPowers) {
    if (!take(text, power.text)) continue;
    SmartModel model;
    model.power_kw = power.kw;
    model.ratings = &kRatings[power.row];
    model.usable_kwh = by_order ? usable_kwh(text) : 0;
    model.modules = model.usable_kwh / kModuleKwh;
    const bool energy_fits = by_order ? model.usable_kwh != 0 : text.empty();
    if (!energy_fits) return refuse(ModelPart::Energy);
    return model;
  }
  return refuse(ModelPart::Power);
}

Result<BatteryRating> battery_rating(const Ratings& ratings, std::int32_t count) {
  if (ratings.product == Product::SajCm2) return fail(ErrorCode::Unsupported);
  const bool smart = ratings.product == Product::WecoSmart;
  const std::int32_t most = smart ? kSmartModulesMax : kEp760PacksMax;
  if (count < 1 || count > most) return fail(ErrorCode::OutOfRange, count);
  if (smart) return smart_battery(ratings, count);
  BatteryRating rating;
  const Watts limit = count == 1 && ratings.ac_rated > Watts(5000) ? Watts(5000) : ratings.ac_rated;
  rating.charge_max = limit;  // the manual limits the output; charging is held to the same figure
  rating.discharge_max = limit;
  return rating;
}

Permyriad ambient_share(const Ratings& ratings, Temperature ambient) {
  if (ratings.ambient_min == ratings.ambient_max) return Permyriad(10000);
  if (ambient < ratings.ambient_min || ambient > ratings.ambient_max) return Permyriad(0);
  if (ambient <= ratings.ambient_derating) return Permyriad(10000);
  const std::int32_t span = (ratings.ambient_max - ratings.ambient_derating).count();
  const std::int32_t above = (ambient - ratings.ambient_derating).count();
  return Permyriad(10000 - 5000 * above / span);
}

}  // namespace weco::ems
