// SPDX-License-Identifier: Apache-2.0
#include "cli/script_files.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "cli/render/text.hpp"
#include "cli/suggest.hpp"
#include "host/records/keys.hpp"
#include "lua/state/sandbox.hpp"
#include "scripts/embedded.hpp"

namespace weco::cli {
namespace {

constexpr std::string_view kEnding = ".lua";

/// Lower-case words with - and _, divided by slashes: nothing that leaves a folder.
bool plain_name(std::string_view name) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '/';
  };
  return !name.empty() && name.front() != '/' && name.back() != '/' &&
         name.find("//") == std::string_view::npos && std::all_of(name.begin(), name.end(), plain);
}

std::string folder_of(const std::string& file) {
  const std::size_t slash = file.rfind('/');
  return slash == std::string::npos ? "." : file.substr(0, slash);
}

Outcome<std::string> read_text(const std::string& path) {
  return records::read_whole(path, lua::kSourceMax);
}

const scripts::EmbeddedScript* embedded(std::span<const scripts::EmbeddedScript> list,
                                        std::string_view name) {
  for (const scripts::EmbeddedScript& script : list) {
    if (script.name == name) return &script;
  }
  return nullptr;
}

}  // namespace

std::string script_folder(const Context& context) {
  return context.data_folder.empty() ? std::string() : context.data_folder + "/scripts";
}

Outcome<lua::ScriptText> find_script(Context& context, std::string_view name) {
  const std::string typed(name);
  if (name.ends_with(kEnding) || name.starts_with('/') || name.starts_with('.')) {
    auto text = read_text(typed);
    if (!text) return Unexpected{std::move(text).error()};
    return lua::ScriptText{typed, typed, std::move(*text)};
  }
  if (plain_name(name)) {
    const std::string folder = script_folder(context);
    if (!folder.empty()) {
      const std::string path = folder + "/" + typed + std::string(kEnding);
      auto text = read_text(path);
      if (text) return lua::ScriptText{typed, path, std::move(*text)};
      if (text.error().code() != ErrorCode::NotFound) return Unexpected{std::move(text).error()};
    }
    if (const auto* script = embedded(scripts::shipped(), name)) {
      return lua::ScriptText{typed, "scripts/" + typed + ".lua", std::string(script->text())};
    }
  }
  if (name.find('/') != std::string_view::npos) {  // a program of its own is named by its path
    if (auto text = read_text(typed)) return lua::ScriptText{typed, typed, std::move(*text)};
  }
  std::vector<std::string_view> names;
  for (const scripts::EmbeddedScript& script : scripts::shipped()) names.push_back(script.name);
  return failure(ErrorCode::NotFound, "there is no script " + quoted(name), {},
                 did_you_mean(name, names, "A file is named with its ending: ./look.lua."));
}

std::function<Outcome<lua::Module>(std::string_view)> module_finder(const Context& context,
                                                                    const lua::ScriptText& script) {
  const bool shipped =
      script.file.starts_with("scripts/") && embedded(scripts::shipped(), script.name) != nullptr;
  std::vector<std::string> folders;
  if (!shipped) {  // a shipped script behaves alike on every machine
    folders.push_back(folder_of(script.file));
    if (const std::string own = script_folder(context); !own.empty()) folders.push_back(own);
  }
  return [folders](std::string_view name) -> Outcome<lua::Module> {
    std::string path(name);
    std::ranges::replace(path, '.', '/');
    for (const std::string& folder : folders) {
      const std::string file = folder + "/" + path + std::string(kEnding);
      auto text = read_text(file);
      if (text) return lua::Module{file, std::move(*text)};
      if (text.error().code() != ErrorCode::NotFound) return Unexpected{std::move(text).error()};
    }
    if (const auto* module = embedded(scripts::modules(), path)) {
      return lua::Module{"scripts/lib/" + path + ".lua", std::string(module->text())};
    }
    return failure(ErrorCode::NotFound, "there is no module " + quoted(name), {},
                   "Modules are looked for beside the script, in the user's folder of scripts and "
                   "in the program's own library.");
  };
}

}  // namespace weco::cli
