// SPDX-License-Identifier: Apache-2.0
// Finds the word a typing error was meant to be.
#include "host/failure/nearest.hpp"

#include <algorithm>
#include <vector>

namespace weco {
namespace {

constexpr std::size_t kTypedMax = 64;  // longer words are not compared

/// Edits from one word to the other, a swap of neighbours counting one.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replace});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

}  // namespace

std::string_view nearest(std::string_view typed, std::span<const std::string_view> words) {
  if (typed.empty() || typed.size() > kTypedMax) return {};
  const std::size_t limit = std::max<std::size_t>(1, typed.size() / 3);
  std::size_t best = limit + 1;
  std::string_view found;
  for (const std::string_view word : words) {
    const bool begins = typed.size() >= 2 && word.starts_with(typed);
    const std::size_t edits = begins ? 1 : distance(typed, word);
    if (edits < best) {
      best = edits;
      found = word;
    }
  }
  return found;
}

}  // namespace weco
