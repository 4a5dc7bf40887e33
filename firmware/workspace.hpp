// SPDX-License-Identifier: Apache-2.0
// Memory that the parts of the replay share, because they run one after the other: what one part
// needs is counted once, and a part always begins with fresh objects.
#pragma once

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

namespace weco::firmware {

inline constexpr std::size_t kWorkspaceBytes = 10 * 1024;
inline constexpr std::size_t kWorkspaceAlignment = 8;

/// The memory itself; of whoever called fresh() last.
void* workspace();

/// A new T in the workspace; the one before is forgotten.
template <class T, class... Arguments>
T& fresh(Arguments&&... arguments) {
  static_assert(sizeof(T) <= kWorkspaceBytes);
  static_assert(alignof(T) <= kWorkspaceAlignment);
  static_assert(std::is_trivially_destructible_v<T>);
  return *new (workspace()) T(std::forward<Arguments>(arguments)...);
}

}  // namespace weco::firmware
