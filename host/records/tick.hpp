// SPDX-License-Identifier: Apache-2.0
// Items that tick themselves: what a device says is held against the item's acceptance, and the
// readings that decided are kept. Where the device does not say it, a person is asked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/device/report.hpp"
#include "host/profile/checklist.hpp"
#include "host/records/release.hpp"
#include "host/store/store.hpp"

namespace weco::records {

struct Ticked {
  bool good = false;
  std::string value;  // the number that decided, such as "4.0" or "F013"
  std::string unit;
  std::string where;  // which part it came from
  std::vector<store::ReadingRow> readings;
};

/// nullopt when the item is none of the live ones or the device has no such reading. `release`: the
/// newest critical firmware, as far as one was named.
std::optional<Ticked> tick(const ChecklistItem& item, const DeviceReport& report, std::int64_t now,
                           const std::optional<Release>& release = std::nullopt);

/// "0 .. 40 °C", "online", "<= 0.050 V between cells": what the item accepts.
std::string limits_text(const Acceptance& accept);

}  // namespace weco::records
