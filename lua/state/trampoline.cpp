// SPDX-License-Identifier: Apache-2.0
#include "lua/state/trampoline.hpp"

#include "lua/state/budget.hpp"

namespace weco::lua {

const char kStopped = 0;

int finish(lua_State* lua, int results) { return results >= 0 ? results : lua_error(lua); }

void watch(lua_State* lua, lua_Debug* /*where*/) {
  void* user = nullptr;
  lua_getallocf(lua, &user);
  auto* budget = static_cast<Budget*>(user);
  if (!budget->stopped() && budget->interrupted != nullptr && (*budget->interrupted)()) {
    budget->stop = Stop::Interrupted;
  }
  if (budget->spend(kHookInstructions)) return;
  lua_sethook(lua, watch, LUA_MASKCOUNT | LUA_MASKLINE | LUA_MASKCALL, 1);
  lua_pushlightuserdata(lua, const_cast<char*>(&kStopped));  // NOLINT: never written through
  finish(lua, kRaise);
}

void arm(lua_State* lua) { lua_sethook(lua, watch, LUA_MASKCOUNT, kHookInstructions); }

}  // namespace weco::lua
