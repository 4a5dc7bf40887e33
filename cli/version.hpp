// SPDX-License-Identifier: Apache-2.0
// Which program this is; recordings, reports and --version say it alike.
#pragma once

#include <string_view>

namespace weco::cli {

inline constexpr std::string_view kVersion = WECO_VERSION;          // "0.1.0"
inline constexpr std::string_view kProgram = "weco " WECO_VERSION;  // "weco 0.1.0"

}  // namespace weco::cli
