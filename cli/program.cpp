// SPDX-License-Identifier: Apache-2.0
#include "cli/program.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "cli/args.hpp"
#include "cli/help.hpp"
#include "cli/parse.hpp"
#include "cli/render/json.hpp"
#include "cli/table.hpp"
#include "cli/version.hpp"
#include "host/store/store.hpp"

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

ColorMode color_mode(std::string_view word) {
  if (word == "always") return ColorMode::Always;
  return word == "never" ? ColorMode::Never : ColorMode::Auto;
}

/// Before the command line is understood: a failure to understand it honours --json and --color.
OutputSettings early_settings(std::span<const std::string_view> words) {
  static constexpr std::string_view kColor = "--color";
  OutputSettings settings;
  for (std::size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
    if (words[i] == "--json") settings.json = true;
    if (words[i] == kColor && i + 1 < words.size()) settings.color = color_mode(words[i + 1]);
    if (words[i].starts_with("--color=")) {
      settings.color = color_mode(words[i].substr(kColor.size() + 1));
    }
  }
  return settings;
}

OutputSettings settings_of(const Args& args) {
  OutputSettings settings;
  settings.json = args.flag("json");
  settings.quiet = args.flag("quiet");
  settings.verbosity = args.count("verbose");
  settings.color = color_mode(args.text("color"));
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

Outcome<ExitCode> handle(const Args& args, Context& context) {
  const Command& command = *args.command();
  if (command.records || !args.given("record")) return command.handler(args, context);
  return failure(
      ErrorCode::BadUsage, "this command keeps no recording", "--record",
      "Leave it away; 'weco status', 'weco log-dump' and 'weco flash install' keep one.");
}

ExitCode call(const Args& args, const Surroundings& surroundings, Output& output) {
  Lazy lazy{surroundings, std::string(args.text("config")), {}, {}};
  Context context{output,
                  surroundings.interruption,
                  surroundings.make_reactor,
                  [&lazy] { return lazy.get_config(); },
                  [&lazy] { return lazy.get_catalog(); },
                  surroundings.serial_ports,
                  store::default_folder(surroundings.xdg_data_home, surroundings.home)};
  const auto outcome = handle(args, context);
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
  Output first(surroundings.out, surroundings.err, surroundings.terminal, early_settings(words));
  if (words.size() == 1 && words[0] == "--version") return print_version(first);

  auto typed = parse(words);
  if (!typed) return first.fail(typed.error());
  const auto args = Args::resolve(std::move(*typed));
  if (!args) return first.fail(args.error());

  Output output(surroundings.out, surroundings.err, surroundings.terminal, settings_of(*args));
  if (args->flag("version")) return print_version(output);
  const Command* command = args->command();
  const bool passed_on =
      command != nullptr && command->passes_words && args->given(command->positionals.front().name);
  if (args->flag("help") && !passed_on) return print_help(*args, output);
  return call(*args, surroundings, output);
}

}  // namespace weco::cli
