// SPDX-License-Identifier: Apache-2.0
// What scripts see beyond plain Lua, written in Lua over the natives of ScriptHost: weco, ui, json,
// csv, time and stats. What each function means stands in lua/meta.
#pragma once

#include <span>
#include <string_view>

namespace weco::lua {

extern const std::string_view kApi;
/// What of it is compiled when a script asks for it.
extern const std::span<const std::string_view> kApiParts;

}  // namespace weco::lua
