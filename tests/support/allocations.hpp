// SPDX-License-Identifier: Apache-2.0
// Counts what the program allocates. Linking weco_test_allocations replaces every form of operator
// new and delete, so that sanitizers see matching pairs.
#pragma once

#include <cstddef>

namespace weco::test {

/// Allocations made since the program began.
std::size_t allocations_made();
/// Allocations made and not freed yet.
std::size_t allocations_live();

}  // namespace weco::test
