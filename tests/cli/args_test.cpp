// SPDX-License-Identifier: Apache-2.0
// Values as people type them, and the table they are checked against.
#include <algorithm>
#include <set>
#include <string>

#include "cli/args.hpp"
#include "cli/help.hpp"
#include "cli/parse.hpp"
#include "cli/table.hpp"
#include "core/base/error.hpp"
#include "tests/support/catch.hpp"

using namespace weco;
using namespace weco::cli;

namespace {

Outcome<Args> understand(std::vector<std::string_view> words) {
  auto typed = parse(words);
  if (!typed) return Unexpected<Failure>{typed.error()};
  return Args::resolve(std::move(*typed));
}

void visit(std::span<const Command> level, const std::string& path,
           const std::function<void(const Command&, const std::string&)>& action) {
  for (const Command& command : level) {
    const std::string name = path + std::string(command.name);
    action(command, name);
    visit(command.subcommands(), name + " ", action);
  }
}

}  // namespace

TEST_CASE("a time needs its unit") {
  CHECK(parse_duration("500ms").value() == Duration::ms(500));
  CHECK(parse_duration("60s").value() == Duration::s(60));
  CHECK(parse_duration("1.5h").value() == Duration::minutes(90));
  CHECK(parse_duration("0s").value() == Duration{});
  CHECK(parse_duration("2d").value() == Duration::hours(48));
  for (const char* bad :
       {"", "5", "s", "-5s", "5 s", "5x", "5sec", "1.2.3s", "5s ", "1e3s", ".s"}) {
    INFO(bad);
    CHECK_FALSE(parse_duration(bad).has_value());
  }
  CHECK(parse_duration("36525d").has_value());
  CHECK_FALSE(parse_duration("36526d").has_value());
  CHECK_FALSE(parse_duration("99999999999999999d").has_value());
}

TEST_CASE("lists of numbers are whole numbers and ranges that run forwards") {
  CHECK(parse_ranges("1-16,247").value() == std::vector<NumberRange>{{1, 16}, {247, 247}});
  CHECK(parse_ranges("5").value() == std::vector<NumberRange>{{5, 5}});
  for (const char* bad : {"", ",", "1,", "5-1", "a", "1-", "-1", "1--2", "1-2-3", "1 2"}) {
    INFO(bad);
    CHECK_FALSE(parse_ranges(bad).has_value());
  }
}

TEST_CASE("a command line is resolved to values, with the table's defaults", "[TK-01]") {
  const auto args = understand({"scan", "tcp:192.0.2.5", "--speed", "9600", "--speed=19200",
                                "--json", "serial:/dev/ttyUSB0", "-vv", "--addresses", "1-3"});
  REQUIRE(args.has_value());
  CHECK(args->command_path() == "scan");
  CHECK(args->flag("json"));
  CHECK_FALSE(args->flag("quiet"));
  CHECK(args->count("verbose") == 2);
  CHECK(args->list("speed").size() == 2);
  CHECK(args->list("ENDPOINT").size() == 2);
  CHECK(args->list("ENDPOINT")[1] == "serial:/dev/ttyUSB0");
  CHECK(args->duration("listen") == Duration::s(2));
  CHECK_FALSE(args->given("listen"));
  CHECK(args->ranges("addresses") == std::vector<NumberRange>{{1, 3}});
  CHECK(args->text("color") == "auto");
}

TEST_CASE("options of every command may stand before and after it") {
  for (const auto& words :
       std::vector<std::vector<std::string_view>>{{"--color", "never", "devices", "list"},
                                                  {"devices", "--color", "never", "list"},
                                                  {"devices", "list", "--color=never"}}) {
    const auto args = understand(words);
    REQUIRE(args.has_value());
    CHECK(args->command_path() == "devices list");
    CHECK(args->text("color") == "never");
  }
}

TEST_CASE("words behind -- are arguments, whatever they look like") {
  const auto args = understand({"completion", "words", "--", "status", "--json", ""});
  REQUIRE(args.has_value());
  REQUIRE(args->list("WORD").size() == 3);
  CHECK(args->list("WORD")[1] == "--json");
  CHECK(args->list("WORD")[2].empty());
  CHECK_FALSE(args->flag("json"));
}

TEST_CASE("every row of the command table is complete") {
  visit(commands(), "", [](const Command& command, const std::string& path) {
    INFO(path);
    CHECK_FALSE(command.summary.empty());
    CHECK_FALSE(command.summary.ends_with('.'));
    CHECK(command.text.ends_with('.'));
    CHECK((command.handler != nullptr || !command.subcommands().empty()));
    CHECK(find_command(path) == &command);
    std::set<std::string_view> names;
    std::set<char> letters;
    for (const Option& option : global_options()) {
      names.insert(option.name);
      if (option.letter != 0) letters.insert(option.letter);
    }
    for (const Option& option : command.options) {
      INFO(option.name);
      CHECK(names.insert(option.name).second);
      CHECK((option.letter == 0 || letters.insert(option.letter).second));
      CHECK(option.help.ends_with('.'));
      const bool valued = option.kind != Kind::Flag && option.kind != Kind::Count;
      CHECK(valued == !option.value_name.empty());
      CHECK((option.kind == Kind::Choice) == !option.choices.empty());
    }
    for (std::size_t i = 0; i < command.positionals.size(); ++i) {
      CHECK(command.positionals[i].help.ends_with('.'));
      CHECK((!command.positionals[i].repeatable || i + 1 == command.positionals.size()));
    }
    for (const Example& example : command.examples) CHECK(example.says.ends_with('.'));
  });
}

TEST_CASE("the defaults of the table are values the table accepts") {
  visit(commands(), "", [](const Command& command, const std::string& path) {
    for (const Option& option : command.options) {
      if (option.default_value.empty()) continue;
      Typed typed;
      typed.command = &command;
      typed.command_path = path;
      typed.given.push_back({option.name, {std::string(option.default_value)}, 1});
      typed.given.push_back({"help", {}, 1});
      INFO(path << " --" << option.name);
      CHECK(Args::resolve(typed).has_value());
    }
  });
}

TEST_CASE("every exit code of every error is explained in one table", "[TK-07]") {
  for (const ErrorInfo& error : kErrors) {
    const bool explained = std::ranges::any_of(
        exit_texts(), [&](const ExitText& row) { return row.code == error.exit; });
    INFO(error.name);
    CHECK(explained);
  }
}
