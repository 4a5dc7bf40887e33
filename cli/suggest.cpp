// SPDX-License-Identifier: Apache-2.0
#include "cli/suggest.hpp"

#include "host/failure/nearest.hpp"

namespace weco::cli {
std::string did_you_mean(std::string_view typed, std::span<const std::string_view> words,
                         std::string otherwise) {
  const std::string_view word = nearest(typed, words);
  if (word.empty()) return otherwise;
  return "Did you mean '" + std::string(word) + "'?";
}

std::string enumerate(std::span<const std::string_view> words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " and " : ", ";
    text += words[i];
  }
  return text;
}

}  // namespace weco::cli
