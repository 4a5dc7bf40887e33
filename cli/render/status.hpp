// SPDX-License-Identifier: Apache-2.0
// A device's status: for people in a page, for scripts as "weco.status/1".
#pragma once

#include <string>
#include <vector>

#include "cli/output.hpp"
#include "host/device/report.hpp"

namespace weco::cli {

struct StatusView {
  bool all = false;            // every value and every cell
  std::vector<PointRef> only;  // show these points, at every node; empty: no filter
  bool past = false;           // show only what tells of it
};

std::string status_page(const DeviceReport& report, const StatusView& view, const Output& output);
std::string status_json(const DeviceReport& report, const StatusView& view,
                        std::int64_t wall_seconds);

}  // namespace weco::cli
