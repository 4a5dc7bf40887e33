// SPDX-License-Identifier: Apache-2.0
// What every page for people begins with: a policy that forbids every request, and a style for
// screens and for A4 paper in which no row, chart or signature is cut.
#pragma once

#include <string>
#include <string_view>

namespace weco::report {

/// Up to and with the heading. `title` and `heading` are any text.
std::string page_begin(std::string_view language, std::string_view title, std::string_view heading);
inline constexpr std::string_view kPageEnd = "</body>\n</html>\n";

}  // namespace weco::report
