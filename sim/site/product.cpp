// SPDX-License-Identifier: Apache-2.0
#include "sim/site/product.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <string_view>
#include <vector>

#include "core/bms/families.hpp"
#include "core/ems/grid_code.hpp"
#include "core/ems/parallel.hpp"
#include "host/failure/nearest.hpp"
#include "sim/site/bounds.hpp"

namespace weco::sim {
namespace {

/// A module of 54 kg with 16 cells; the frame and its way to the room are assumptions.
constexpr StringThermal kWecoThermal{10.0, 18000.0, 8.0, 0.0};
/// A cabinet: 240 cells of 5.3 kg on cold plates (assumption).
constexpr StringThermal kCabinetThermal{12.0, 400000.0, 25.0, 900.0};

// WS-06: 97.3 % at the peak; EP-04: 94.5 %, 75 W standby. The CM2's is unpublished (assumption).
constexpr InverterCurve kSmartCurve{0.0045, 0.010, 0.012};
constexpr InverterCurve kEp760Curve{0.0099, 0.030, 0.018};
constexpr InverterCurve kCm2Curve{0.0015, 0.010, 0.010};

const std::array<Product, 3> kProducts = {{
    {SiteFamily::WecoSmart, ems::Product::WecoSmart, &bms::kWecoSmart, &bms::kWecoTower8k,
     &kWecoModule, &kLfp100Ah, kWecoThermal, kSmartCurve, "SMART-S3-10K-B20", "VDE-AR-N 4105:2018",
     ems::Mode::SmartAuto},
    {SiteFamily::SajCm2, ems::Product::SajCm2, &bms::kCm2, &bms::kCm2Tower, &kCm2Module, &kLfp280Ah,
     kCabinetThermal, kCm2Curve, "CM2", "VDE-AR-N 4105:2018", ems::Mode::SajSelfConsumption},
    {SiteFamily::Ep760, ems::Product::Ep760, &bms::kEp760, &bms::kEp760Tower, &kB500Module,
     &kLfp100Ah, kWecoThermal, kEp760Curve, "EP760", "VDE-AR-N 4105:2018", ems::Mode::Ep760},
}};

constexpr std::array<std::string_view, 3> kFamilies = {"weco_smart", "saj_cm2", "ep760"};
constexpr std::array<std::string_view, 4> kAgeings = {"none", "nrel", "naumann", "wang"};

template <class Choice, std::size_t N>
Outcome<Choice> find(const std::array<std::string_view, N>& names, std::string_view wanted,
                     std::string_view what) {
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == wanted) return static_cast<Choice>(i);
  }
  return failure(ErrorCode::BadInput, fmt::format("there is no {} '{}'", what, wanted),
                 std::string(what), fmt::format("Give one of {}.", fmt::join(names, ", ")));
}

Outcome<const ems::Ratings*> find_model(const Product& product, const SiteConfig& config) {
  const std::string_view model = config.model.empty() ? product.model : config.model;
  if (product.family == SiteFamily::WecoSmart) {
    if (const auto parsed = ems::parse_smart_model(model)) return parsed->ratings;
  } else if (const auto found = ems::find_ratings(model)) {
    if ((*found)->product == product.product) return *found;
  }
  std::string allowed = "EP760 or EP760-DE";
  if (product.family == SiteFamily::SajCm2) allowed = "CM2";
  if (product.family == SiteFamily::WecoSmart) {
    allowed = "SMART-S3-8K, -10K, -12K or -15K with -B20 to -B60 in steps of 5";
  }
  return failure(ErrorCode::BadInput, fmt::format("'{}' is no model of this family", model),
                 "model", fmt::format("Give {}.", allowed));
}

Done check_counts(const SiteConfig& c) {
  const std::size_t unit = static_cast<std::size_t>(c.cabinets);
  if (c.family != SiteFamily::SajCm2) return {};
  std::array<ems::CabinetUnit, ems::kCabinetsMax> units{};
  units[0] = ems::CabinetUnit::Ems;
  if (c.ems_switch != 0) {
    if (c.ems_switch < 1 || c.ems_switch > c.cabinets) {
      return outside("ems_switch", c.ems_switch, 0, c.cabinets);
    }
    units[static_cast<std::size_t>(c.ems_switch) - 1] = ems::CabinetUnit::EmsSwitch;
  }
  const ems::PlanRefusal refusal = ems::check_cabinets(std::span(units).first(unit));
  if (refusal == ems::PlanRefusal::None) return {};
  return failure(ErrorCode::BadInput, std::string(ems::name(refusal)), "ems_switch",
                 "From 12 cabinets on, one EMS-Switch unit sits in a standard cabinet, such as "
                 "ems_switch = 11 (CM-01).");
}

Outcome<ems::ProtectionConfig> find_protection(const Product& product, const SiteConfig& config,
                                               const ems::Ratings& ratings, double rated_W) {
  const std::string_view name = config.grid_code.empty() ? product.grid_code : config.grid_code;
  const auto code = ems::find_grid_code(name);
  if (!code) {
    std::vector<std::string_view> names;
    for (const ems::GridCode& known : ems::kGridCodes) names.push_back(known.name);
    const std::string_view close = nearest(name, names);
    return failure(ErrorCode::BadInput, fmt::format("there is no grid code '{}'", name),
                   "grid_code",
                   close.empty() ? fmt::format("There are {}.", fmt::join(names, ", "))
                                 : fmt::format("Did you mean '{}'?", close));
  }
  const auto made = ems::make_protection(**code, Watts(static_cast<std::int32_t>(rated_W)),
                                         ratings.phases, ems::Trust::WithUnsure);
  if (made) return *made;
  return failure(ErrorCode::Unsupported,
                 fmt::format("the figures of the grid code '{}' are not published here", name),
                 "grid_code", "Choose another code, such as VDE-AR-N 4105:2018.");
}

ems::BatteryRating cabinet_rating(const SiteConfig& config) {
  const Watts all(static_cast<std::int32_t>(config.cabinet_W * config.cabinets));
  return {all, all, Milliamps(0), Milliamps(0), ems::Confidence::Ours};
}

}  // namespace

std::span<const std::string_view> family_names() { return kFamilies; }
std::string_view name(SiteFamily family) { return kFamilies[static_cast<std::size_t>(family)]; }
Outcome<SiteFamily> find_site_family(std::string_view wanted) {
  return find<SiteFamily>(kFamilies, wanted, "family");
}
std::string_view name(AgeingChoice ageing) { return kAgeings[static_cast<std::size_t>(ageing)]; }
Outcome<AgeingChoice> find_ageing(std::string_view wanted) {
  return find<AgeingChoice>(kAgeings, wanted, "ageing");
}

std::span<const std::string_view> ageing_names() { return kAgeings; }

double InverterCurve::loss_W(double rated_W, double ac_W) const {
  const double u = std::abs(ac_W) / rated_W;
  return rated_W * (idle + u * (linear + u * square));
}

const Product& product_of(SiteFamily family) { return kProducts[static_cast<std::size_t>(family)]; }

SiteConfig default_site(SiteFamily family) {
  SiteConfig config;
  config.family = family;
  config.settings.mode.mode = product_of(family).mode;
  config.settings.mode.sell = true;
  if (family == SiteFamily::SajCm2) {
    config.environment.pv.peak_W = 150e3;
    config.environment.load.annual_Wh = 250e6;
    config.environment.load.backup_share = 0;
  }
  return config;
}

Outcome<SitePlan> plan_site(const SiteConfig& config) {
  if (Done done = check_bounds(config); !done) return Unexpected{std::move(done).error()};
  if (Done done = check_counts(config); !done) return Unexpected{std::move(done).error()};
  SitePlan plan;
  plan.product = &product_of(config.family);
  const auto ratings = find_model(*plan.product, config);
  if (!ratings) return Unexpected{ratings.error()};
  plan.ratings = *ratings;
  plan.cells =
      config.cells != 0 ? static_cast<std::size_t>(config.cells) : plan.product->pack->cells;
  if (plan.cells != plan.product->pack->cells && config.family != SiteFamily::SajCm2) {
    return failure(ErrorCode::BadInput, "this family's packs have 16 cells", "cells",
                   "Only a CM2's cells are unpublished and can be chosen.");
  }
  plan.capacity_Ah = config.capacity_Ah != 0.0 ? config.capacity_Ah
                                               : plan.product->pack->capacity.count() / 1000.0;
  plan.rated_W = plan.ratings->ac_rated.count();
  switch (config.family) {
    case SiteFamily::WecoSmart:
      plan.groups = static_cast<std::size_t>(config.inverters);
      plan.packs = static_cast<std::size_t>(config.towers * config.modules);
      break;
    case SiteFamily::SajCm2:
      plan.packs = static_cast<std::size_t>(config.cabinets);
      plan.rated_W = config.cabinet_W * config.cabinets;
      break;
    case SiteFamily::Ep760:
      plan.packs = static_cast<std::size_t>(config.packs);
      break;
  }
  auto protection = find_protection(*plan.product, config, *plan.ratings, plan.rated_W);
  if (!protection) return Unexpected{std::move(protection).error()};
  plan.protection = *protection;
  if (auto checked = group_config(plan, config, config.settings); !checked) {
    return Unexpected{std::move(checked).error()};
  }
  return plan;
}

Outcome<ems::Config> group_config(const SitePlan& plan, const SiteConfig& config,
                                  const ems::Settings& settings) {
  ems::BatteryRating battery = cabinet_rating(config);
  if (config.family != SiteFamily::SajCm2) {
    const auto rating = ems::battery_rating(*plan.ratings, static_cast<std::int32_t>(plan.packs));
    if (!rating) {
      return failure(ErrorCode::OutOfRange, "the product does not take so many modules", "modules",
                     "A WeCo inverter takes up to 12 modules, an EP760 up to 4 packs.");
    }
    battery = *rating;
  }
  ems::Settings with = settings;
  with.generator.fitted = config.environment.generator;
  const auto made = ems::make_config(*plan.ratings, battery, plan.protection, with);
  if (made) return *made;
  const auto refusal = static_cast<ems::ConfigRefusal>(made.error().detail);
  return failure(
      ErrorCode::BadInput, std::string(ems::name(refusal)), "settings",
      "The core refuses these settings as a whole; see the working modes of the family.");
}

ems::Settings full_charge_settings(const ems::Settings& settings) {
  ems::Settings full = settings;
  full.soc_max = Permyriad(10000);
  full.mode.target_soc = Permyriad(10000);
  const ems::Window day{0, ems::kMinutesPerDay};
  switch (ems::product_of(settings.mode.mode)) {
    case ems::Product::WecoSmart:
      full.mode.mode = ems::Mode::SmartBatteryPriority;
      break;
    case ems::Product::Ep760:
      full.mode.charge_from_grid = true;
      full.mode.charge = {};
      static_cast<void>(full.mode.charge.push_back(day));
      break;
    case ems::Product::SajCm2: {
      ems::Slot slot;
      slot.window = day;
      slot.action = ems::SlotAction::Charge;
      slot.power = Watts(1000000);
      slot.from_grid = true;
      ems::Template whole;
      static_cast<void>(whole.push_back(slot));
      full.mode.mode = ems::Mode::SajTimeOfUse;
      full.mode.week = {};
      static_cast<void>(full.mode.week.templates.push_back(whole));
      break;
    }
  }
  return full;
}

}  // namespace weco::sim
