// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/telemetry.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

#include "host/text/utc.hpp"

namespace weco::sim {

void append_number(std::string& to, double value) {
  if (!std::isfinite(value)) return;
  const std::size_t begin = to.size();
  fmt::format_to(std::back_inserter(to), "{:.4f}", value);
  while (to.back() == '0') to.pop_back();
  if (to.back() == '.') to.pop_back();
  if (to.compare(begin, std::string::npos, "-0") == 0) to.replace(begin, 2, "0");
}

void append_header(std::string& to, TelemetryForm form, std::span<const Channel> channels,
                   std::uint32_t run) {
  if (form != TelemetryForm::Csv) return;
  to += run != 0 ? "run,time" : "time";
  for (const Channel& channel : channels) (to += ',') += channel.name;
  to += '\n';
}

void append_row(std::string& to, TelemetryForm form, std::span<const Channel> channels,
                std::span<const double> values, std::int64_t wall_seconds, std::uint32_t run) {
  const bool csv = form == TelemetryForm::Csv;
  if (csv) {
    if (run != 0) to += std::to_string(run) + ",";
    to += utc_text(wall_seconds);
  } else {
    to += run != 0 ? "{\"run\":" + std::to_string(run) + "," : "{";
    to += "\"time\":\"" + utc_text(wall_seconds) + '"';
  }
  for (std::size_t i = 0; i < channels.size(); ++i) {
    to += ',';
    if (!csv) ((to += '"') += channels[i].name) += "\":";
    if (!csv && !std::isfinite(values[i])) to += "null";
    append_number(to, values[i]);
  }
  to += csv ? "\n" : "}\n";
}

}  // namespace weco::sim
