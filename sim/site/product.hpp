// SPDX-License-Identifier: Apache-2.0
// What a site of each family is made of: the core's constants for it, the plant under them, and how
// many of everything a configuration asks for. All that may be asked for is checked here, before
// anything is made.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/bms/config.hpp"
#include "core/bms/tower.hpp"
#include "core/ems/ems.hpp"
#include "sim/plant/module_bank.hpp"
#include "sim/site/site.hpp"

namespace weco::sim {

/// Loss = rated power times (idle + linear * u + square * u^2) at the share u of the rated power.
struct InverterCurve {
  double idle = 0.0;  // standby: switched on and nothing flows
  double linear = 0.0;
  double square = 0.0;
  [[nodiscard]] double loss_W(double rated_W, double ac_W) const;
};

struct Product {
  SiteFamily family;
  ems::Product product;
  const bms::PackConfig* pack;
  const bms::TowerConfig* tower;
  const ModuleConfig* module;
  const CellKind* cell;
  StringThermal thermal;
  InverterCurve inverter;
  std::string_view model;      // the usual one
  std::string_view grid_code;  // the usual one
  ems::Mode mode;
};
const Product& product_of(SiteFamily family);

/// A configuration that has been found good.
struct SitePlan {
  const Product* product = nullptr;
  const ems::Ratings* ratings = nullptr;
  ems::ProtectionConfig protection;  // of one group
  std::size_t groups = 1;            // inverters, or the one EMS of cabinets
  std::size_t packs = 1;             // of each group
  std::size_t cells = 16;            // of each pack
  double capacity_Ah = 0.0;          // of each cell
  double rated_W = 0.0;              // of a group, AC
};
/// BadInput, OutOfRange or Unsupported; see Site::make().
Outcome<SitePlan> plan_site(const SiteConfig& config);

/// The core's configuration of one group of this plan, with these settings. BadInput with the
/// core's reason.
Outcome<ems::Config> group_config(const SitePlan& plan, const SiteConfig& config,
                                  const ems::Settings& settings);

/// The settings with which a pack gets its true full charge (WS-13): from PV and grid, whatever the
/// mode; otherwise those given.
ems::Settings full_charge_settings(const ems::Settings& settings);

}  // namespace weco::sim
