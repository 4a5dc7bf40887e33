// SPDX-License-Identifier: Apache-2.0
// Where scripts and their modules are: a file that was named, the user's folder, or inside the
// program.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/context.hpp"
#include "lua/modules/host.hpp"

namespace weco::cli {

/// The user's own scripts; empty when no data folder is known.
std::string script_folder(const Context& context);
/// NotFound names the closest script.
Outcome<lua::ScriptText> find_script(Context& context, std::string_view name);
/// What its file says of it, read without touching anything.
Outcome<lua::Header> header_of(Context& context, std::string_view name);
/// The names that belong to `weco run` itself, as a script would write them.
std::vector<std::string> taken_names();

struct ListedScript {
  std::string name;
  std::string purpose;  // of a file with a mistake: what is wrong
  std::string file;     // empty: shipped
};
/// The user's own and the shipped ones, by name.
std::vector<ListedScript> list_scripts(Context& context);
/// What require finds: beside the script, in the user's folder, and the program's own library, in
/// this order.
std::function<Outcome<lua::Module>(std::string_view)> module_finder(const Context& context,
                                                                    const lua::ScriptText& script);

}  // namespace weco::cli
