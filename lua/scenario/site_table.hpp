// SPDX-License-Identifier: Apache-2.0
// The tables `site`, `environment` and `settings` of a scenario's file.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "lua/tree/tree.hpp"
#include "sim/site/site.hpp"

namespace weco::lua {

/// The family as it usually is, by its name.
using UsualSite = std::function<Outcome<sim::SiteConfig>(std::string_view family)>;
/// The content of a file that the description names.
using ReadFile = std::function<Outcome<std::string>(const std::string& name)>;

/// Reads what decides how the rest is meant: the family, the site's clock, the start. `top` is the
/// table that `site`, `environment` and `start` stand in.
void read_beginning(Tree& tree, const Node& top, const UsualSite& usual, sim::SiteConfig& config);
/// A table of `site`, `environment`, `settings`, `start` and `seed` and nothing else.
Outcome<sim::SiteConfig> read_description(const Value& value, const UsualSite& usual);

/// `config` begins as the family's default; `start_s` in it must be set already, because rows of
/// profiles are given relative to it.
void read_site(Tree& tree, const Node& table, sim::SiteConfig& config);
/// Without `file` no file may be named.
void read_environment(Tree& tree, const Node& table, sim::SiteConfig& config, const ReadFile& file);
void read_settings(Tree& tree, const Node& table, ems::Settings& settings);

}  // namespace weco::lua
