// SPDX-License-Identifier: Apache-2.0
// The world of scripts as this program has it: every transport, the configured devices, the
// families. Opens without waiting, so that many devices come up at once.
#pragma once

#include <memory>

#include "cli/context.hpp"
#include "cli/target.hpp"
#include "lua/modules/world.hpp"

namespace weco::cli {

/// `events` may be null: nothing is recorded.
std::unique_ptr<lua::World> make_script_world(Context& context, Reactor& reactor,
                                              const Catalog& catalog, EventSink* events);

}  // namespace weco::cli
