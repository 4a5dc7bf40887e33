// SPDX-License-Identifier: Apache-2.0
#include "cli/program.hpp"

#include <algorithm>
#include <utility>

#include "cli/args.hpp"
#include "cli/help.hpp"
#include "cli/parse.hpp"
#include "cli/render/json.hpp"
#include "cli/table.hpp"
#include "cli/version.hpp"

namespace weco::cli {
namespace {

/// Made when somebody first asks, kept for the run.
struct Lazy {
  const Surroundings& surroundings;
  std::string config_path;  // from the command line; empty: the user's own
  std::optional<Outcome<config::Config>> config;
  std::optional<Outcome<Catalog>> catalog;

  Outcome<const config::Config*> get_config() {
    if (!config) config.emplace(load_config());
    if (!*config) return Unexpected<Failure>{config->error()};
    return &**config;
  }

  Outcome<config::Config> load_config() {
    if (!config_path.empty()) return config::load(config_path);
    const std::string path = config::default_path(surroundings.xdg_config_home, surroundings.home);
    if (path.empty()) return config::Config{};
    auto loaded = config::load(path);
    if (!loaded && loaded.error().code() == ErrorCode::NotFound) return config::Config{};
    return loaded;
  }

  Outcome<const Catalog*> get_catalog() {
    if (!catalog) catalog.emplace(Catalog::embedded());
    if (!*catalog) return Unexpected<Failure>{catalog->error()};
    return &**catalog;
  }
};

/// Before the command line is understood: a script that typed --json gets its failure as JSON.
bool typed_json(std::span<const std::string_view> words) {
  for (const std::string_view word : words) {
    if (word == "--") return false;
    if (word == "--json") return true;
  }
  return false;
}

OutputSettings settings_of(const Args& args) {
  OutputSettings settings;
  settings.json = args.flag("json");
  settings.quiet = args.flag("quiet");
  settings.verbosity = args.count("verbose");
  const std::string_view color = args.text("color");
  settings.color = color == "always"  ? ColorMode::Always
                   : color == "never" ? ColorMode::Never
                                      : ColorMode::Auto;
  const std::string_view progress = args.text("progress");
  settings.progress = progress == "json"    ? ProgressMode::Json
                      : progress == "never" ? ProgressMode::Never
                                            : ProgressMode::Auto;
  return settings;
}

int help_width(const Terminal& terminal) {
  constexpr int kWidest = 100;
  constexpr int kNarrowest = 50;
  return std::clamp(terminal.columns, kNarrowest, kWidest);
}

ExitCode print_version(Output& output) {
  if (output.json()) {
    JsonWriter json;
    json.begin_object().field("schema", "weco.version/1").field("version", kVersion);
    output.result(json.end_object().str());
  } else {
    output.result(kProgram);
  }
  return ExitCode::Done;
}

ExitCode print_help(const Args& args, Output& output) {
  const int width = help_width(output.terminal());
  output.result(args.command() == nullptr ? overview_text(width)
                                          : help_text(*args.command(), args.command_path(), width));
  return ExitCode::Done;
}

ExitCode call(const Args& args, const Surroundings& surroundings, Output& output) {
  Lazy lazy{surroundings, std::string(args.text("config")), {}, {}};
  Context context{output,
                  surroundings.interruption,
                  surroundings.make_reactor,
                  [&lazy] { return lazy.get_config(); },
                  [&lazy] { return lazy.get_catalog(); },
                  surroundings.serial_ports};
  const auto outcome = args.command()->handler(args, context);
  output.end_progress();
  if (context.interrupted()) {
    if (!outcome && outcome.error().code() != ErrorCode::Interrupted) {
      static_cast<void>(output.fail(outcome.error()));
    }
    return ExitCode::Interrupted;
  }
  return outcome ? *outcome : output.fail(outcome.error());
}

}  // namespace

ExitCode run(std::span<const std::string_view> words, const Surroundings& surroundings) {
  OutputSettings early;
  early.json = typed_json(words);
  Output first(surroundings.out, surroundings.err, surroundings.terminal, early);
  if (words.size() == 1 && words[0] == "--version") return print_version(first);

  auto typed = parse(words);
  if (!typed) return first.fail(typed.error());
  const auto args = Args::resolve(std::move(*typed));
  if (!args) return first.fail(args.error());

  Output output(surroundings.out, surroundings.err, surroundings.terminal, settings_of(*args));
  if (args->flag("version")) return print_version(output);
  if (args->flag("help")) return print_help(*args, output);
  return call(*args, surroundings, output);
}

}  // namespace weco::cli
