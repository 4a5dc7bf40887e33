// SPDX-License-Identifier: Apache-2.0
// The word that was probably meant, for "did you mean".
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

namespace weco {

/// The nearest of `words` within a third of the typed length (at least one) in insertions,
/// deletions and replacements; empty when none is that near. Words over 32 bytes are not compared.
inline std::string_view nearest(std::string_view typed, std::span<const std::string_view> words) {
  constexpr std::size_t kWordMax = 32;
  if (typed.empty() || typed.size() > kWordMax) return {};
  std::size_t best = std::max<std::size_t>(1, typed.size() / 3) + 1;
  std::string_view found;
  for (const std::string_view word : words) {
    if (word.size() > kWordMax) continue;
    std::array<std::size_t, kWordMax + 1> row{};
    for (std::size_t j = 0; j <= word.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= typed.size(); ++i) {
      std::size_t diagonal = std::exchange(row[0], i);
      for (std::size_t j = 1; j <= word.size(); ++j) {
        const std::size_t replaced = diagonal + (typed[i - 1] == word[j - 1] ? 0U : 1U);
        diagonal = row[j];
        row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
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
