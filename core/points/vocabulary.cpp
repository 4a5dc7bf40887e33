// SPDX-License-Identifier: Apache-2.0
// What holds for the whole vocabulary, checked once instead of in every file that reads it.
#include "core/points/vocabulary.hpp"

namespace weco {
namespace {

consteval bool names_are_unique() {
  for (std::size_t i = 0; i < kPointCount; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (kPoints[i].name == kPoints[j].name) return false;
    }
  }
  return true;
}
static_assert(names_are_unique(), "a point has one row");

}  // namespace
}  // namespace weco
