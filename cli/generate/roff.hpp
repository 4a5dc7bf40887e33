// SPDX-License-Identifier: Apache-2.0
// Plain text in manual pages.
#pragma once

#include <string>
#include <string_view>

namespace weco::cli {

/// Text for roff: no escape, no request at the start of a line, and hyphens that can be copied.
std::string roff(std::string_view text);
/// As headings are written there.
std::string upper(std::string_view text);

}  // namespace weco::cli
