// SPDX-License-Identifier: Apache-2.0
// HTML files that need nothing but a browser: no scripts, no fonts, no network. A run as one, and
// what other reports with charts are made of.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/render/simulation.hpp"
#include "sim/scenario/chart.hpp"

namespace weco::cli {

/// Up to and with the heading; the page ends with "</body></html>\n".
std::string report_head(std::string_view title);
/// Lines of means over the band from least to most; empty without a value.
std::string line_chart(std::string_view title, std::string_view unit,
                       const std::vector<sim::Curve>& curves, Duration length);

std::string simulation_html(const SimulationReport& report, const sim::Charts& charts);

}  // namespace weco::cli
