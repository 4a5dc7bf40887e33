// SPDX-License-Identifier: Apache-2.0
// What a scenario's file may say, from the tables that read it: weco-scenario(5) and
// docs/reference/scenario.md.
#pragma once

#include "cli/generate/man.hpp"

namespace weco::cli {

GeneratedFile scenario_manual();
GeneratedFile scenario_page();

}  // namespace weco::cli
