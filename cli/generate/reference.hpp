// SPDX-License-Identifier: Apache-2.0
// The reference in Markdown, from the same tables as everything else.
#pragma once

#include <vector>

#include "cli/generate/man.hpp"

namespace weco::cli {

/// commands.md, errors.md, points.md, endpoints.md, findings.md.
std::vector<GeneratedFile> reference_pages();

}  // namespace weco::cli
