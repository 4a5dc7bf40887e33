// SPDX-License-Identifier: Apache-2.0
// The functions behind the prelude and behind whatever the owner of a sandbox defines, as bodies
// for the trampoline.
#pragma once

#include <lua.hpp>
#include <string>

#include "host/failure/failure.hpp"
#include "lua/state/sandbox.hpp"

namespace weco::lua {

int charge_body(lua_State* lua);      // (bytes): uses up what moving so many costs
int check_body(lua_State* lua);       // (): stops a script that has caught its own end
int is_stopped_body(lua_State* lua);  // (): whether it would
int refuse_body(lua_State* lua);      // (message, hint): raises where the script called
int unknown_body(lua_State* lua);  // (table, member, names): the same for a name that is not there
int scan_body(lua_State* lua);     // (text, pattern, start): first, last, captures; or nil
int native_body(lua_State* lua);   // upvalue 1: the Native

/// Leaves the failure as an error value on the stack and returns kRaise.
int raise_failure(lua_State* lua, const Failure& failed);
/// The failure that an error value stands for; nullptr-like when it is none of ours.
bool failure_of(lua_State* lua, int index, Failure& failed);

/// Where the script was: name of the chunk and line of its innermost function; line 0: nowhere.
struct ScriptPlace {
  char chunk[LUA_IDSIZE] = {};
  int line = 0;
};
ScriptPlace script_place(lua_State* lua);

}  // namespace weco::lua
