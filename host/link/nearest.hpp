// SPDX-License-Identifier: Apache-2.0
// The word that was probably meant, for "did you mean".
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace weco {

/// The nearest of `words` within a third of the typed length (at least one) in insertions,
/// deletions, replacements and swaps of neighbours; empty when none is that near. Words over 32
/// bytes are not compared.
inline std::string_view nearest(std::string_view typed, std::span<const std::string_view> words) {
  constexpr std::size_t kWordMax = 32;
  if (typed.empty() || typed.size() > kWordMax) return {};
  std::size_t best = std::max<std::size_t>(1, typed.size() / 3) + 1;
  std::string_view found;
  for (const std::string_view word : words) {
    if (word.size() > kWordMax) continue;
    std::array<std::size_t, kWordMax + 1> before{};
    std::array<std::size_t, kWordMax + 1> last{};
    std::array<std::size_t, kWordMax + 1> row{};
    for (std::size_t j = 0; j <= word.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= typed.size(); ++i) {
      before = last;
      last = row;
      row[0] = i;
      for (std::size_t j = 1; j <= word.size(); ++j) {
        const std::size_t replaced = last[j - 1] + (typed[i - 1] == word[j - 1] ? 0U : 1U);
        row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
        const bool swapped =
            i > 1 && j > 1 && typed[i - 1] == word[j - 2] && typed[i - 2] == word[j - 1];
        if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    if (row[word.size()] < best) {
      best = row[word.size()];
      found = word;
    }
  }
  return found;
}

}  // namespace weco
