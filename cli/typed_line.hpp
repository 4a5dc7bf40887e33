// SPDX-License-Identifier: Apache-2.0
// One line from standard input.
#pragma once

#include <optional>
#include <string>

namespace weco::cli {

/// What a person types, without blanks at its end and cut after 4096 bytes; nullopt at the end of
/// input and after an interruption.
std::optional<std::string> typed_line();

}  // namespace weco::cli
