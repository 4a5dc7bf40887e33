// SPDX-License-Identifier: Apache-2.0
// What a scan found: for people as a topology tree with findings below, for scripts as
// "weco.scan/1".
#pragma once

#include <string>

#include "cli/output.hpp"
#include "host/scan/scan.hpp"

namespace weco::cli {

std::string scan_page(const ScanResult& result, const Output& output);
std::string scan_json(const ScanResult& result, std::int64_t wall_seconds);

}  // namespace weco::cli
