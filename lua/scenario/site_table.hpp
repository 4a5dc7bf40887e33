// SPDX-License-Identifier: Apache-2.0
// The tables `site`, `environment` and `settings` of a scenario's file.
#pragma once

#include "lua/tree/tree.hpp"
#include "sim/site/site.hpp"

namespace weco::lua {

/// `config` begins as the family's default; `start_s` in it must be set already, because rows of
/// profiles are given relative to it.
void read_site(Tree& tree, const Node& table, sim::SiteConfig& config);
void read_environment(Tree& tree, const Node& table, sim::SiteConfig& config);
void read_settings(Tree& tree, const Node& table, ems::Settings& settings);

}  // namespace weco::lua
