// SPDX-License-Identifier: Apache-2.0
// `weco run`: a script with its arguments.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "cli/args.hpp"
#include "cli/context.hpp"
#include "cli/render/script.hpp"
#include "cli/script_files.hpp"
#include "cli/script_journal.hpp"
#include "cli/script_person.hpp"
#include "cli/script_world.hpp"
#include "cli/table.hpp"
#include "cli/table/run.hpp"
#include "lua/modules/host.hpp"

namespace weco::cli {
namespace {

constexpr int kHelpWidthMin = 50;
constexpr int kHelpWidthMax = 100;

/// What was typed, and what is missing asked for.
Outcome<lua::Value> arguments_of(const Args& args, const lua::Header& header, lua::World& world,
                                 ScriptPerson& person) {
  const lua::Check check = [&world](lua::Argument::Type type, const std::string& text) {
    return world.check(type, text);
  };
  auto values = lua::read_arguments(header, args.list("ARGUMENT"), check);
  if (!values) return values;
  while (const lua::Argument* missing = lua::missing_argument(header, *values)) {
    if (!person.answers()) {
      return failure(ErrorCode::BadUsage, "the argument '" + missing->name + "' is missing", {},
                     "It must be " + lua::expectation(*missing) + ". See --help of the script.");
    }
    auto answer = person.ask(*missing, [&](const std::string& typed) {
      return lua::parse_argument(*missing, typed, check);
    });
    if (!answer) return answer;
    lua::Value value = std::move(*answer);
    if (missing->many) {
      value = lua::Value::table();
      value.entries.push_back({{}, 1, std::move(*answer)});
    }
    values->set(missing->name, std::move(value));
  }
  std::ranges::sort(values->entries, {}, &lua::Entry::name);
  return values;
}

ExitCode level_code(const lua::Value& result) {
  const lua::Value* level = result.is(lua::Value::Kind::Table) ? result.get("level") : nullptr;
  if (level == nullptr) return ExitCode::Done;
  if (level->text == "alarm") return ExitCode::Alarm;
  return level->text == "warning" ? ExitCode::Warning : ExitCode::Done;
}

/// Goes on with what was torn, or says that there is something.
Done begin(ScriptJournal& journal, const lua::Value& arguments, bool resume, Context& context,
           const Reactor& reactor) {
  auto torn = journal.begin(arguments, reactor.wall_seconds(), resume);
  if (!torn) return Unexpected{std::move(torn).error()};
  if (!torn->steps) return {};
  const std::string kept = fmt::format("the run of {} with {} {}", torn->begun, *torn->steps,
                                       *torn->steps == 1 ? "step" : "steps");
  context.output.note(resume ? "Going on with " + kept + "."
                             : "Torn earlier was " + kept + "; --resume goes on with it.");
  return {};
}

/// What was done stays, and that is said.
Unexpected<Failure> torn(Failure problem, const ScriptJournal& journal, Context& context) {
  if (journal.kept()) context.output.note("What was done is kept; --resume goes on with it.");
  return Unexpected{std::move(problem)};
}

}  // namespace

Outcome<ExitCode> run_run(const Args& args, Context& context) {
  auto script = find_script(context, args.text("SCRIPT"));
  if (!script) return Unexpected{std::move(script).error()};
  const auto catalog = context.catalog();
  if (!catalog) return Unexpected{catalog.error()};
  const auto reactor = context.make_reactor();
  auto record = open_record(args, *reactor);
  if (!record) return Unexpected{std::move(record).error()};
  const auto world = make_script_world(context, *reactor, **catalog, record->get());
  auto person = ScriptPerson::make(
      context, *reactor, {std::string(args.text("answers")), args.flag("non-interactive")});
  if (!person) return Unexpected{std::move(person).error()};

  const std::vector<std::string> names = taken_names();
  const std::vector<std::string_view> taken(names.begin(), names.end());
  lua::HostOptions options;
  options.seed = static_cast<std::uint64_t>(args.integer("seed"));
  options.interrupted = [&context] { return context.interrupted(); };
  ScriptJournal journal(context.data_folder, *script, options.seed);
  options.module = journal.following(module_finder(context, *script));
  options.taken = taken;
  options.journal = &journal;
  options.kept = context.data_folder;
  options.agreed = args.flag("yes");
  const std::string name = script->name;
  auto host = lua::ScriptHost::load(std::move(*script), *world, **person, std::move(options));
  if (!host) return Unexpected{std::move(host).error()};
  if (args.flag("help")) {
    const int width = std::clamp(context.output.terminal().columns, kHelpWidthMin, kHelpWidthMax);
    context.output.result(script_help(name, (*host)->header(), width));
    return ExitCode::Done;
  }
  auto values = arguments_of(args, (*host)->header(), *world, **person);
  if (!values) return Unexpected{std::move(values).error()};
  if (Done done = begin(journal, *values, args.flag("resume"), context, *reactor); !done) {
    return Unexpected{std::move(done).error()};
  }
  auto result = (*host)->run(*values);
  context.output.end_progress();
  if (!result) return torn(std::move(result).error(), journal, context);
  if (!args.flag("resume")) (*person)->finish();
  if (context.output.json()) {
    context.output.result(script_json(name, *result));
  } else if (!result->is(lua::Value::Kind::Nil)) {
    context.output.result(value_page(*result, context.output.color_out()));
  }
  journal.end();
  return level_code(*result);
}

}  // namespace weco::cli
