// SPDX-License-Identifier: Apache-2.0
// The reference in Markdown, from the same tables as everything else.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/generate/man.hpp"

namespace weco::cli {

/// commands.md, errors.md, points.md, endpoints.md, findings.md.
std::vector<GeneratedFile> reference_pages();
/// Text inside a cell of a Markdown table.
std::string table_cell(std::string_view text);

}  // namespace weco::cli
