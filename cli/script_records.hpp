// SPDX-License-Identifier: Apache-2.0
// The records of maintenance as scripts see them: the same store, keys and checklists that `weco
// checklist` works with, so that a record of a script and one of the command cannot be told apart.
#pragma once

#include <memory>

#include "cli/context.hpp"
#include "lua/modules/world.hpp"

namespace weco::cli {

/// Makes no store before a script asks for one. `context` and `reactor` must outlive it.
std::unique_ptr<lua::ScriptRecords> make_script_records(Context& context, Reactor& reactor);

}  // namespace weco::cli
