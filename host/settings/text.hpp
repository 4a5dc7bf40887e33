// SPDX-License-Identifier: Apache-2.0
// A setting as text that a person types, a script gives and a ledger keeps, both ways without loss.
#pragma once

#include <string>
#include <string_view>

#include "core/points/point.hpp"
#include "host/failure/failure.hpp"

namespace weco::settings {

struct Change;

/// "20", "-1.50", "self_use", "monday,friday", the text itself; "none" for a set without members,
/// "unset" for what the device says it does not have.
std::string setting_text(const Reading& reading);
/// The same with its unit: "20 %".
std::string setting_with_unit(const Reading& reading);
/// "soc_min: 20 % -> 10 %".
std::string change_text(const Change& change);

/// The inverse, except for "unset". BadInput with what the point takes.
Outcome<Reading> setting_from_text(const PointRef& point, std::string_view text);

}  // namespace weco::settings
