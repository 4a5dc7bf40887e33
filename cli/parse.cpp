// SPDX-License-Identifier: Apache-2.0
#include "cli/parse.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "cli/render/text.hpp"
#include "cli/suggest.hpp"
#include "cli/table.hpp"
#include "host/failure/nearest.hpp"

namespace weco::cli {
namespace {

bool takes_value(const Option& option) {
  return option.kind != Kind::Flag && option.kind != Kind::Count;
}

std::vector<std::string_view> option_names(const Command* command) {
  std::vector<std::string_view> names;
  if (command != nullptr) {
    for (const Option& option : command->options) names.push_back(option.name);
  }
  for (const Option& option : global_options()) names.push_back(option.name);
  return names;
}

std::vector<std::string_view> command_names(std::span<const Command> level) {
  std::vector<std::string_view> names;
  for (const Command& command : level) {
    if (!command.hidden) names.push_back(command.name);
  }
  return names;
}

std::string help_hint(const std::string& path) {
  return path.empty() ? "See 'weco help'." : "See 'weco help " + path + "'.";
}

Unexpected<Failure> unknown_option(std::string_view word, const Command* command,
                                   const std::string& path) {
  const std::string_view name = word.substr(0, word.find('='));
  std::string hint = help_hint(path);
  if (name.starts_with("--")) {
    const std::string_view near = nearest(name.substr(2), option_names(command));
    if (!near.empty()) hint = "Did you mean '--" + std::string(near) + "'?";
  }
  const std::string of = path.empty() ? "" : " of 'weco " + path + "'";
  return failure(ErrorCode::BadUsage, "unknown option " + cli::quoted(name) + of, {},
                 std::move(hint));
}

Unexpected<Failure> unknown_command(std::string_view word, std::span<const Command> level,
                                    const std::string& path) {
  const std::vector<std::string_view> names = command_names(level);
  const std::string of = path.empty() ? "" : " of 'weco " + path + "'";
  return failure(ErrorCode::BadUsage, "unknown command " + cli::quoted(word) + of, {},
                 did_you_mean(word, names, "The commands are " + enumerate(names) + "."));
}

const Command* find_in(std::span<const Command> level, std::string_view word) {
  for (const Command& command : level) {
    if (command.name == word) return &command;
  }
  return nullptr;
}

/// How many words the option at the front takes, itself included; 0 when it is not a global one.
/// Options before a command are always global.
std::size_t global_option_words(std::string_view word) {
  if (word.starts_with("--")) {
    const std::string_view name = word.substr(2, word.find('=') - 2);
    const Option* option = find_option(nullptr, name);
    if (option == nullptr) return 0;
    return takes_value(*option) && word.find('=') == std::string_view::npos ? 2 : 1;
  }
  for (const char letter : word.substr(1)) {
    const auto is_it = [&](const Option& o) { return o.letter == letter; };
    if (std::ranges::none_of(global_options(), is_it)) return 0;
  }
  return 1;
}

struct Located {
  const Command* command = nullptr;
  std::string path;
  std::vector<std::string> rest;  // the words that do not name the command
};

/// Walks down the table. Stops at the first word that is an argument of the command found.
Outcome<Located> locate(std::span<const std::string_view> words) {
  Located found;
  std::span<const Command> level = commands();
  std::size_t i = 0;
  while (i < words.size() && !level.empty()) {
    const std::string_view word = words[i];
    if (word == "--") break;
    if (word.size() > 1 && word.front() == '-') {
      const std::size_t count = global_option_words(word);
      if (count == 0) {
        if (found.command != nullptr && found.command->handler != nullptr) break;
        return unknown_option(word, found.command, found.path);
      }
      for (std::size_t k = 0; k < count && i < words.size(); ++k, ++i) {
        found.rest.emplace_back(words[i]);
      }
      continue;
    }
    const Command* next = find_in(level, word);
    if (next == nullptr) {
      if (found.command != nullptr && found.command->handler != nullptr) break;
      return unknown_command(word, level, found.path);
    }
    found.command = next;
    found.path += (found.path.empty() ? "" : " ") + std::string(word);
    level = next->subcommands();
    ++i;
  }
  for (; i < words.size(); ++i) found.rest.emplace_back(words[i]);
  return found;
}

/// Of a command that passes words on: those behind its first argument that are no options of ours.
std::vector<std::string> take_passed(Located& located) {
  std::vector<std::string> kept;
  std::vector<std::string> passed;
  const Command* command = located.command;
  bool named = false;
  bool all = false;
  for (std::size_t i = 0; i < located.rest.size(); ++i) {
    const std::string& word = located.rest[i];
    if (all) {
      passed.push_back(word);
      continue;
    }
    if (word == "--" && named) {
      all = true;
      passed.push_back(word);
      continue;
    }
    const bool dashed = word.size() > 1 && word.front() == '-' && word != "--";
    const Option* option =
        word.starts_with("--") ? find_option(command, word.substr(2, word.find('=') - 2)) : nullptr;
    const bool letters = dashed && !word.starts_with("--") && global_option_words(word) > 0;
    if (!named || option != nullptr || letters) {
      kept.push_back(word);
      named = named || !dashed;
      const bool awaits =
          option != nullptr && takes_value(*option) && word.find('=') == std::string::npos;
      if (awaits && i + 1 < located.rest.size()) kept.push_back(located.rest[++i]);
      continue;
    }
    passed.push_back(word);
  }
  located.rest = std::move(kept);
  return passed;
}

struct Fed {
  std::string_view name;
  bool value;
  CLI::Option* option;
};

/// Declares the row's options and positionals to CLI11, as bare collectors of words.
std::vector<Fed> feed(CLI::App& app, const Command* command) {
  std::vector<Fed> fed;
  app.set_help_flag();
  app.allow_extras();
  const auto add = [&](const Option& row) {
    std::string names = "--" + std::string(row.name);
    if (row.letter != 0) names += std::string(",-") + row.letter;
    CLI::Option* option = takes_value(row)
                              ? app.add_option(names, [](const CLI::results_t&) { return true; })
                              : app.add_flag(names);
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    fed.push_back({row.name, takes_value(row), option});
  };
  for (const Option& row : global_options()) add(row);
  if (command == nullptr) return fed;
  for (const Option& row : command->options) add(row);
  for (const Positional& row : command->positionals) {
    CLI::Option* option =
        app.add_option(std::string(row.name), [](const CLI::results_t&) { return true; });
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    if (row.repeatable) option->expected(-1);
    fed.push_back({row.name, true, option});
  }
  return fed;
}

Outcome<Typed> collect(const CLI::App& app, const std::vector<Fed>& fed, Located located) {
  Typed typed;
  typed.command = located.command;
  typed.command_path = std::move(located.path);
  for (const std::string& word : app.remaining()) {
    if (word == "--") continue;
    if (word.size() > 1 && word.front() == '-') {
      return unknown_option(word, typed.command, typed.command_path);
    }
    return failure(ErrorCode::BadUsage, "unexpected argument " + cli::quoted(word), {},
                   help_hint(typed.command_path));
  }
  for (const Fed& one : fed) {
    if (one.option->count() == 0) continue;
    Typed::Given given{one.name, one.option->results(), static_cast<int>(one.option->count())};
    if (!one.value) {
      for (const std::string& value : given.values) {
        if (value == "true") continue;
        return failure(ErrorCode::BadUsage, "--" + std::string(one.name) + " takes no value", {},
                       help_hint(typed.command_path));
      }
      given.values.clear();
    }
    typed.given.push_back(std::move(given));
  }
  return typed;
}

Unexpected<Failure> no_command(const Located& located) {
  const bool root = located.command == nullptr;
  const auto names = command_names(root ? commands() : located.command->subcommands());
  return failure(
      ErrorCode::BadUsage,
      root ? "no command was given" : "'weco " + located.path + "' needs a command of its own", {},
      "The commands are " + enumerate(names) + ". " + help_hint(located.path));
}

bool asks_for_help(const Typed& typed) {
  return std::ranges::any_of(typed.given, [](const Typed::Given& given) {
    return given.name == "help" || given.name == "version";
  });
}

}  // namespace

Outcome<Typed> parse(std::span<const std::string_view> words) {
  auto located = locate(words);
  if (!located) return Unexpected<Failure>{located.error()};
  try {
    std::vector<std::string> passed;
    const bool passes = located->command != nullptr && located->command->passes_words;
    if (passes) passed = take_passed(*located);
    CLI::App app;
    const std::vector<Fed> fed = feed(app, located->command);
    std::vector<std::string> reversed(located->rest.rbegin(), located->rest.rend());
    app.parse(std::move(reversed));
    auto typed = collect(app, fed, *located);
    if (!typed) return typed;
    if (!passed.empty()) {
      const int count = static_cast<int>(passed.size());
      typed->given.push_back({located->command->positionals.back().name, std::move(passed), count});
    }
    const bool acts = typed->command != nullptr && typed->command->handler != nullptr;
    if (!acts && !asks_for_help(*typed)) return no_command(*located);
    return typed;
  } catch (const CLI::ArgumentMismatch& mismatch) {  // "--name: ..."
    const std::string text = mismatch.what();
    return failure(ErrorCode::BadUsage, text.substr(0, text.find(':')) + " needs a value", {},
                   help_hint(located->path));
  } catch (const CLI::Error& error) {
    return failure(ErrorCode::BadUsage, sanitize(error.what()), {}, help_hint(located->path));
  }
}

Outcome<Args> args_of(const std::vector<std::string>& words) {
  const std::vector<std::string_view> views(words.begin(), words.end());
  auto typed = parse(views);
  if (!typed) return Unexpected{std::move(typed).error()};
  return Args::resolve(std::move(*typed));
}

}  // namespace weco::cli
