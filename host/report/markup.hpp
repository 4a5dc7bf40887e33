// SPDX-License-Identifier: Apache-2.0
// Text of devices and operators inside markup: it is shown as text, whatever it holds. Tags,
// entities, control characters and marks that turn the reading direction lose their power.
#pragma once

#include <string>
#include <string_view>

namespace weco::report {

/// For element content and quoted attributes of HTML and SVG.
std::string html(std::string_view text);
/// For a cell of a Markdown table.
std::string markdown(std::string_view text);
/// A quoted CSV cell; what a spreadsheet would take for a formula is kept from being one.
std::string csv(std::string_view text);

}  // namespace weco::report
