// SPDX-License-Identifier: Apache-2.0
// "Did you mean": the word that was probably meant, or none when nothing comes close.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weco::cli {

/// "Did you mean 'scan'?" or, when nothing comes close, `otherwise`.
std::string did_you_mean(std::string_view typed, std::span<const std::string_view> words,
                         std::string otherwise);

/// "a, b and c".
std::string enumerate(std::span<const std::string_view> words);

}  // namespace weco::cli
