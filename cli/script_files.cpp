// SPDX-License-Identifier: Apache-2.0
#include "cli/script_files.hpp"

#include <dirent.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "cli/render/text.hpp"
#include "cli/suggest.hpp"
#include "cli/table.hpp"
#include "cli/table/run.hpp"
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

constexpr std::size_t kScriptsMax = 1000;  // of the user's own that are listed

/// A world for reading headers: nothing is in it.
class Nowhere final : public lua::World, public lua::Person {
 public:
  explicit Nowhere(Context& context) : reactor_(context.make_reactor()) {}
  Reactor& reactor() override { return *reactor_; }
  void open(const lua::OpenRequest&, Opened done) override { done(nothing()); }
  void scan(const std::vector<std::string>&, Scanned done) override { done(nothing()); }
  Outcome<std::unique_ptr<lua::ScriptSite>> simulate(const lua::Value&) override {
    return nothing();
  }
  Outcome<lua::Value> describe(const DeviceReport&) override { return nothing(); }
  Outcome<lua::Value> check(lua::Argument::Type, const std::string&) override { return nothing(); }
  Outcome<lua::Value> ask(const lua::Argument&,
                          const std::function<Outcome<lua::Value>(const std::string&)>&) override {
    return nothing();
  }
  void say(const std::string&) override {}
  void table(const lua::Value&) override {}
  void progress(const std::string&, std::uint64_t, std::uint64_t) override {}

 private:
  static Unexpected<Failure> nothing() { return failure(ErrorCode::NotFound, "nothing is here"); }
  std::unique_ptr<Reactor> reactor_;
};

/// The names of the scripts in a folder and the folders in it.
void list_folder(const std::string& folder, const std::string& before, int depth,
                 std::vector<std::string>& names) {
  DIR* directory = ::opendir(folder.c_str());
  if (directory == nullptr) return;
  while (const dirent* entry = ::readdir(directory)) {
    const std::string name = entry->d_name;
    if (name.ends_with(kEnding)) {
      const std::string bare = before + name.substr(0, name.size() - kEnding.size());
      if (plain_name(bare) && names.size() < kScriptsMax) names.push_back(bare);
    } else if (plain_name(name) && depth > 0) {
      list_folder(folder + "/" + name, before + name + "/", depth - 1, names);
    }
  }
  ::closedir(directory);
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

std::vector<std::string> taken_names() {
  std::vector<std::string> names;
  const auto add = [&names](const Option& option) {
    names.emplace_back(option.name);
    std::ranges::replace(names.back(), '-', '_');
  };
  std::ranges::for_each(global_options(), add);
  std::ranges::for_each(table::kRun.options, add);
  return names;
}

Outcome<lua::Header> header_of(Context& context, std::string_view name) {
  auto script = find_script(context, name);
  if (!script) return Unexpected{std::move(script).error()};
  Nowhere nowhere(context);
  const std::vector<std::string> names = taken_names();
  const std::vector<std::string_view> taken(names.begin(), names.end());
  lua::HostOptions options;
  options.module = module_finder(context, *script);
  options.taken = taken;
  auto host = lua::ScriptHost::load(std::move(*script), nowhere, nowhere, std::move(options));
  if (!host) return Unexpected{std::move(host).error()};
  return (*host)->header();
}

std::vector<ListedScript> list_scripts(Context& context) {
  std::vector<std::string> own;
  const std::string folder = script_folder(context);
  if (!folder.empty()) list_folder(folder, "", 2, own);
  std::vector<ListedScript> list;
  for (const std::string& name : own) {
    const auto header = header_of(context, name);
    list.push_back({name, header ? header->purpose : header.error().what,
                    folder + "/" + name + std::string(kEnding)});
  }
  for (const scripts::EmbeddedScript& script : scripts::shipped()) {
    if (std::ranges::find(own, script.name) != own.end()) continue;
    list.push_back({std::string(script.name), std::string(script.title), {}});
  }
  std::ranges::sort(list, {}, &ListedScript::name);
  return list;
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
