// SPDX-License-Identifier: Apache-2.0
#include "lua/state/budget.hpp"

#include <cstdlib>
#include <lua.hpp>

namespace weco::lua {

void* allocate(void* user, void* block, std::size_t old_size, std::size_t new_size) {
  auto* budget = static_cast<Budget*>(user);
  const std::size_t old = block == nullptr ? 0 : old_size;  // else old_size is a type tag
  if (new_size == 0) {
    std::free(block);  // NOLINT: the interpreter owns raw blocks
    budget->memory -= old;
    return nullptr;
  }
  if (new_size > old) {
    budget->instructions += (new_size - old) / kBytesAnInstruction;
    const bool text = block == nullptr && old_size == LUA_TSTRING;
    if (text && new_size > kTextMax && !budget->stopped()) budget->stop = Stop::TextLength;
    if (new_size > budget->memory_max || budget->memory - old > budget->memory_max - new_size) {
      if (!budget->stopped()) budget->stop = Stop::Memory;
      return nullptr;
    }
    if (text && new_size > kTextMax) return nullptr;
  }
  void* moved = std::realloc(block, new_size);  // NOLINT
  if (moved != nullptr) budget->memory = budget->memory - old + new_size;
  return moved;
}

}  // namespace weco::lua
