// SPDX-License-Identifier: Apache-2.0
// A run as one HTML file that needs nothing but a browser: no scripts, no fonts, no network.
#pragma once

#include <string>

#include "cli/render/simulation.hpp"
#include "sim/scenario/chart.hpp"

namespace weco::cli {

std::string simulation_html(const SimulationReport& report, const sim::Charts& charts);

}  // namespace weco::cli
