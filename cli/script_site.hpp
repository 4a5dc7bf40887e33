// SPDX-License-Identifier: Apache-2.0
// The virtual sites of scripts, from the description that scenarios use.
#pragma once

#include <memory>

#include "host/profile/catalog.hpp"
#include "lua/modules/world.hpp"

namespace weco::cli {

/// BadInput or OutOfRange: names what in the description is wrong. The reactor and the catalog must
/// outlive the site and its devices.
Outcome<std::unique_ptr<lua::ScriptSite>> make_script_site(const lua::Value& description,
                                                           Reactor& reactor,
                                                           const Catalog& catalog);

}  // namespace weco::cli
