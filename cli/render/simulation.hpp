// SPDX-License-Identifier: Apache-2.0
// What one simulated run came to, and the forms in which people and scripts get it. Nothing in here
// depends on how fast or on how many processors it ran: the same run is the same bytes.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "cli/output.hpp"
#include "sim/scenario/play.hpp"

namespace weco::cli {

inline constexpr std::size_t kEventsKept = 200;  // the first of a run, for its report

struct SimulationReport {
  std::uint32_t run = 0;  // from 1 in a sweep
  std::string scenario;   // name or file, as typed
  std::string title;
  std::uint64_t seed = 0;
  std::vector<std::pair<std::string, std::string>> settings;  // values of the sweep
  std::int64_t start_s = 0;                                   // UTC
  Duration simulated{};
  sim::Ledger ledger{};
  sim::SiteSummary summary{};
  sim::Fidelity fidelity{};
  std::vector<sim::Verdict> verdicts;
  struct Line {
    std::int64_t at_s = 0;
    std::string text;
  };
  std::vector<Line> events;
  std::uint64_t events_total = 0;
  std::string repeat;  // the command that gives the same run again

  [[nodiscard]] bool held() const;
  [[nodiscard]] std::uint32_t failed() const;
};

/// "2d 03:20:00"
std::string elapsed_text(Duration elapsed);
/// One event in words: "pack 2 alarm cell_over_voltage".
std::string event_text(const sim::SiteEvent& event);

/// For people: energies, battery, expectations; failed ones with time, values and the command.
std::string simulation_page(const SimulationReport& report, const Output& output);
/// One row of a sweep's table.
std::string sweep_line(const SimulationReport& report);
/// {"schema":"weco.simulate/1",...}
std::string simulation_json(const SimulationReport& report);
/// One <testcase> for each expectation.
std::string junit_cases(const SimulationReport& report);
std::string junit_file(const std::string& cases, std::uint64_t tests, std::uint64_t failures);

}  // namespace weco::cli
