// SPDX-License-Identifier: Apache-2.0
// The one place that raises an error of the interpreter. Debian's Lua is built as C: raising is a
// longjmp, and whatever has a destructor in the frames it leaves is leaked. So a function for Lua
// is a body that returns how it ended, with everything that owns something gone by then, and the
// trampoline around it, which owns nothing, raises. A tidy rule keeps lua_error out of every other
// file (docs/adr/0017).
#pragma once

#include <lua.hpp>

namespace weco::lua {

/// What a body returns when the value on top of the stack is an error to raise.
inline constexpr int kRaise = -1;
/// Stands for "the budget is used up" on its way through the interpreter.
extern const char kStopped;

/// The number of results as it is; kRaise raises the value on top and does not return.
int finish(lua_State* lua, int results);

/// A body as a function for Lua.
template <int (*Body)(lua_State*)>
int trampoline(lua_State* lua) {
  return finish(lua, Body(lua));
}

/// The count hook: looks at the budget and at the interrupt flag. Once they say stop it is called
/// before every instruction and raises each time, so that pcall gains nothing.
void watch(lua_State* lua, lua_Debug* where);
/// Sets the hook for this thread and those it makes.
void arm(lua_State* lua);

}  // namespace weco::lua
