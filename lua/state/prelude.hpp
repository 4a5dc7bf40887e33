// SPDX-License-Identifier: Apache-2.0
// The list of what a script can see, written in Lua: which functions of the standard libraries,
// each with the bound that it lacks.
#pragma once

#include <string_view>

namespace weco::lua {

inline constexpr char kPreludeName[] = "=weco";

/// A chunk called with the standard libraries, the natives of the sandbox, what its owner defined
/// and the owner's chunk, if any; returns the environment of scripts and the metatable of texts.
extern const std::string_view kPrelude;

}  // namespace weco::lua
