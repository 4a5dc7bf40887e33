// SPDX-License-Identifier: Apache-2.0
// The word that was probably meant, for "did you mean": one notion of closeness for commands,
// endpoints and profiles alike.
#pragma once

#include <span>
#include <string_view>

namespace weco {

/// The closest of `words` within a third of the typed length (at least one) in insertions,
/// deletions, replacements and swaps of neighbours; empty when none is. A word that begins with
/// what was typed is close.
std::string_view nearest(std::string_view typed, std::span<const std::string_view> words);

}  // namespace weco
