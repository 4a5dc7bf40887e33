// SPDX-License-Identifier: Apache-2.0
// The published JSON Schemas (draft 2020-12) of what --json writes, made from the vocabulary, the
// error table and the findings' table, so that every key a device can have is named with its unit.
#pragma once

#include <vector>

#include "cli/generate/man.hpp"

namespace weco::cli {

/// status.json, scan.json, error.json, progress.json, devices.json, version.json.
std::vector<GeneratedFile> json_schemas();

}  // namespace weco::cli
