// SPDX-License-Identifier: Apache-2.0
// The half of `weco simulate` that plays scenarios.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/args.hpp"
#include "cli/context.hpp"
#include "host/link/fault_filter.hpp"
#include "sim/faults/catalogue.hpp"

namespace weco::cli {

/// Where a scenario comes from.
struct ScenarioText {
  std::string name;  // as typed
  std::string file;  // in messages
  std::string text;
  std::string folder{};  // of the files that it names, with a / at its end; empty: the current one
};

/// A shipped one, or a file: NotFound with the nearest name.
Outcome<ScenarioText> find_scenario(std::string_view word, const Catalog& catalog);
/// "real", "max" (0) or a factor.
Outcome<std::uint32_t> parse_speed(std::string_view text);
Outcome<ExitCode> play_scenario(const Args& args, Context& context, const Catalog& catalog,
                                const ScenarioText& source);
/// Shipped scenarios and the faults that --fault knows.
std::string scenario_list(const Output& output);
/// Adds a fault of the wire to those that a served line already has.
void add_damage(const sim::FaultSpec& fault, std::uint64_t seed, std::optional<FaultPlan>& damage);

}  // namespace weco::cli
