// SPDX-License-Identifier: Apache-2.0
// Which numbers the description of a site may have, by their names in a scenario's file. What is
// outside was a slip of the pen, and no site is made of it.
#pragma once

#include <span>
#include <string_view>

#include "sim/site/site.hpp"

namespace weco::sim {

struct Bounds {
  std::string_view field;  // the last part of the name: "modules" of site.modules
  double least;
  double most;
  double (*of)(const SiteConfig& config);
};
/// One row a number; rows of profiles have the bounds of "rows_W" and "rows_degC".
std::span<const Bounds> site_bounds();
const Bounds& bounds_of(std::string_view field);

/// OutOfRange with the field's name as place and what is allowed.
Unexpected<Failure> outside(std::string_view field, double value, double least, double most);
Done check(const Bounds& bounds, double value);
Done check_bounds(const SiteConfig& config);

}  // namespace weco::sim
