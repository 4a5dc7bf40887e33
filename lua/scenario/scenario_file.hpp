// SPDX-License-Identifier: Apache-2.0
// A scenario from its file. The file is Lua as a notation for data; functions may stand in `run` of
// an event and in `always`, `once` and `check` of an expectation only, and run in the sandbox. They
// see the site through the table `site`: values by name, and in events its commands and faults.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/failure/failure.hpp"
#include "lua/scenario/site_table.hpp"
#include "sim/scenario/scenario.hpp"

namespace weco::lua {

/// One value that is changed before the file is believed: "site.soc_pct" = "80", "seed" = "7".
struct Setting {
  std::string path;
  std::string text;
};

struct LoadOptions {
  sim::Terms terms;
  std::span<const Setting> settings{};
  ReadFile read_file{};  // relative names are meant from the scenario's folder
  std::function<bool()> interrupted;
};

class ScenarioFile {
 public:
  /// BadInput with "file:line" and what is allowed.
  static Outcome<std::unique_ptr<ScenarioFile>> load(std::string_view text, const std::string& file,
                                                     const std::string& name,
                                                     const LoadOptions& options);
  virtual ~ScenarioFile() = default;
  [[nodiscard]] virtual const sim::Scenario& scenario() const = 0;
  /// Where a field of the site stands, "file:12"; for what the site refuses only when it is made.
  [[nodiscard]] virtual std::string place_of(std::string_view field) const = 0;
};

/// Every field that a scenario's file may have, with what holds for this family where nothing is
/// said.
std::vector<FieldText> scenario_fields(const sim::Terms& terms, std::string_view family);

}  // namespace weco::lua
