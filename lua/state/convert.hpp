// SPDX-License-Identifier: Apache-2.0
// Values across the border, with calls that never raise: reading looks at what is there, pushing
// and keeping functions happen inside a protected call.
#pragma once

#include <lua.hpp>
#include <span>
#include <string>

#include "host/failure/failure.hpp"
#include "lua/state/value.hpp"

namespace weco::lua {

/// Copies the value at `index`. Refuses cycles, coroutines, keys that are neither names nor whole
/// numbers, and more than the bounds of sandbox.hpp.
Outcome<Value> read_value(lua_State* lua, int index);
/// The same for all from `first` to the top.
Outcome<Values> read_values(lua_State* lua, int first);
/// Pushes all of them; Exhausted when there is no memory left.
Done push_values(lua_State* lua, std::span<const Value> values);

}  // namespace weco::lua
