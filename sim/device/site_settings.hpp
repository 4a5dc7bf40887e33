// SPDX-License-Identifier: Apache-2.0
// What a write to a device of a simulated site does there: each setting that the core has becomes
// one of the site's; windows are held back until they make sense together.
#pragma once

#include <array>
#include <optional>

#include "sim/device/values.hpp"
#include "sim/site/site.hpp"

namespace weco::sim {

class SiteSettings {
 public:
  ValueModel::Setting set(Site& site, const Reading& value);
  /// What the device shows: the site's settings, with windows that wait as they were written.
  [[nodiscard]] ems::Settings shown(const ems::Settings& in_force) const;

 private:
  using Row = std::array<ems::Window, ems::kWindowsMax>;
  struct Windows {
    Row charge{};
    Row discharge{};
  };
  ValueModel::Setting set_window(Site& site, const Reading& value);
  std::optional<Windows> waiting_;  // a window's start and end are written one after the other
};

}  // namespace weco::sim
