// SPDX-License-Identifier: Apache-2.0
// `weco repl`: a script that is written while it runs.
#include <algorithm>
#include <array>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/args.hpp"
#include "cli/complete.hpp"
#include "cli/context.hpp"
#include "cli/generate/lua_reference.hpp"
#include "cli/line_editor.hpp"
#include "cli/plain_lua.hpp"
#include "cli/render/script.hpp"
#include "cli/render/text.hpp"
#include "cli/script_files.hpp"
#include "cli/script_person.hpp"
#include "cli/script_world.hpp"
#include "cli/suggest.hpp"
#include "cli/table.hpp"
#include "cli/table/repl.hpp"
#include "core/points/point.hpp"
#include "lua/modules/host.hpp"
#include "scripts/embedded.hpp"

namespace weco::cli {
namespace {

constexpr std::string_view kSession =
    "return { purpose = \"A session.\", rights = { \"read\" }, run = function() end }";
constexpr std::string_view kPrompt = "weco> ";
constexpr std::string_view kMorePrompt = "  ..> ";
constexpr std::size_t kHelpWidth = 80;

constexpr std::string_view kWords[] = {"and",    "break", "do",       "else",  "elseif", "end",
                                       "false",  "for",   "function", "help",  "if",     "in",
                                       "local",  "nil",   "not",      "or",    "quit",   "repeat",
                                       "return", "then",  "true",     "until", "while"};

const std::vector<LuaEntry>& reference() {
  static const std::vector<LuaEntry> entries = read_lua_meta(scripts::meta());
  return entries;
}

std::string parts(std::string_view heading, const std::vector<LuaEntry::Part>& list) {
  std::string text;
  for (const LuaEntry::Part& part : list) {
    std::string line = std::string(heading) + " " + part.name + ": " + part.type;
    if (!part.about.empty()) line += ". " + part.about;
    text += wrap(line, kHelpWidth, 4);
  }
  return text;
}

std::string explained(const LuaEntry& entry) {
  std::string text = (entry.signature.empty() ? entry.name : entry.signature) + "\n";
  text += wrap(entry.about, kHelpWidth, 2) + parts("takes", entry.parameters);
  text += parts(entry.signature.empty() ? "has" : "gives", entry.results);
  return entry.example.empty() ? text : text + "\n" + entry.example;
}

std::string overview() {
  std::string text;
  for (const LuaEntry& entry : reference()) {
    if (entry.signature.empty()) {
      text += "\n" + entry.name + ": " + entry.about + "\n";
    } else {
      text += "  " + entry.signature + "\n";
    }
  }
  std::string plain = "Lua itself:";
  for (const PlainLua& row : plain_lua()) plain += " " + std::string(row.name());
  return text + "\n" + wrap(plain, kHelpWidth, 2) + "\nhelp NAME explains one of them.\n";
}

/// Of Lua itself: one function, or those of a library.
std::string explained_plain(std::string_view name) {
  std::string text;
  for (const PlainLua& row : plain_lua()) {
    const std::string_view member = row.name();
    const bool inside = member.starts_with(name) && member.substr(name.size()).starts_with('.');
    if (member != name && !inside) continue;
    text += std::string(row.call) + "\n" + wrap(row.about, kHelpWidth, 2);
  }
  return text;
}

/// A method may be asked about by the name that its object has in the session: d:read.
Outcome<std::string> help_about(const std::string& name) {
  std::vector<std::string_view> names;
  std::string methods;
  const std::size_t colon = name.find(':');
  for (const LuaEntry& entry : reference()) {
    names.push_back(entry.name);
    if (entry.name == name) return explained(entry);
    const bool method = colon != std::string::npos && entry.name.ends_with(name.substr(colon));
    if (method) methods += (methods.empty() ? "" : "\n") + explained(entry);
  }
  if (!methods.empty()) return methods;
  if (std::string text = explained_plain(name); !text.empty()) return text;
  for (const PlainLua& row : plain_lua()) names.push_back(row.name());
  return failure(ErrorCode::NotFound, "there is no help about '" + name + "'", {},
                 did_you_mean(name, names, "help alone lists what there is."));
}

// --- completion

bool in_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == ':';
}

/// help, help NAME, help "NAME" and help(NAME): the name, or an empty one; nothing when the line
/// asks for no help.
std::optional<std::string> asked_about(const std::string& line) {
  constexpr std::string_view kHelp = "help";
  if (!line.starts_with(kHelp)) return std::nullopt;
  const std::string rest = line.substr(kHelp.size());
  const auto word = std::ranges::find_if(rest, in_word);
  const std::string_view between = std::string_view(rest).substr(0, word - rest.begin());
  if (between.find_first_not_of(" ()'\"") != std::string_view::npos) return std::nullopt;
  if (between.empty() && word != rest.end()) return std::nullopt;  // "helper"
  return std::string(word, std::find_if_not(word, rest.end(), in_word));
}

/// Where the text that the cursor is in begins, behind its quotation mark.
std::optional<std::size_t> open_text(const std::string& before) {
  std::optional<std::size_t> begin;
  char mark = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const char c = before[i];
    if (begin && c == '\\') {
      ++i;
    } else if (begin && c == mark) {
      begin.reset();
    } else if (!begin && (c == '"' || c == '\'')) {
      mark = c;
      begin = i + 1;
    }
  }
  return begin;
}

/// A device behind open( or scan(, a point anywhere else.
Offer texts(const std::string& before, std::size_t begin, Context& context) {
  const std::string typed = before.substr(begin);
  Offer offer{typed.size(), {}};
  const std::string call = before.substr(0, begin - 1);
  if (call.ends_with("open(") || call.ends_with("scan(")) {
    const std::array<std::string, 2> words{"status", typed};
    for (Candidate& candidate : complete(words, context).candidates) {
      offer.words.push_back(std::move(candidate.word));
    }
    return offer;
  }
  const std::string node = typed.substr(0, typed.rfind('.') + 1);
  for (std::size_t i = 0; i < kPointCount; ++i) {
    offer.words.push_back(node + name_with_unit(static_cast<PointId>(i)));
  }
  return offer;
}

Offer offered(const std::string& before, Context& context) {
  if (const auto begin = open_text(before)) return texts(before, *begin, context);
  std::size_t begin = before.size();
  while (begin > 0 && in_word(before[begin - 1])) --begin;
  const std::string typed = before.substr(begin);
  Offer offer{typed.size(), {}};
  if (typed.empty()) return offer;
  const std::size_t colon = typed.find(':');
  for (const LuaEntry& entry : reference()) {
    const std::size_t method = entry.name.find(':');
    if (method == std::string::npos) offer.words.push_back(entry.name);
    if (method != std::string::npos && colon != std::string::npos) {
      offer.words.push_back(typed.substr(0, colon) + entry.name.substr(method));
    }
  }
  for (const PlainLua& row : plain_lua()) offer.words.emplace_back(row.name());
  offer.words.insert(offer.words.end(), std::begin(kWords), std::end(kWords));
  return offer;
}

// --- the session

/// The host of a session, and everything it stands on. Made anew when one was stopped.
struct Session {
  std::unique_ptr<Reactor> reactor;
  std::unique_ptr<EventSink> record;  // nullptr: not asked for
  std::unique_ptr<lua::World> world;
  std::unique_ptr<ScriptPerson> person;
  std::unique_ptr<lua::ScriptHost> host;  // the first to go
};

Outcome<std::unique_ptr<Session>> make_session(const Args& args, Context& context,
                                               const Catalog& catalog) {
  auto session = std::make_unique<Session>();
  session->reactor = context.make_reactor();
  auto record = open_record(args, *session->reactor);
  if (!record) return Unexpected{std::move(record).error()};
  session->record = std::move(*record);
  session->world = make_script_world(context, *session->reactor, catalog, session->record.get());
  auto person = ScriptPerson::make(context, *session->reactor, {});
  if (!person) return Unexpected{std::move(person).error()};
  session->person = std::move(*person);
  lua::ScriptText script{"repl", "./session", std::string(kSession)};
  lua::HostOptions options;
  options.seed = static_cast<std::uint64_t>(args.integer("seed"));
  options.interrupted = [&context] { return context.interrupted(); };
  options.module = module_finder(context, script);
  options.kept = context.data_folder;
  auto host = lua::ScriptHost::load(std::move(script), *session->world, *session->person, options);
  if (!host) return Unexpected{std::move(host).error()};
  session->host = std::move(*host);
  return session;
}

class Repl {
 public:
  Repl(const Args& args, Context& context, const Catalog& catalog)
      : args_(args),
        context_(context),
        catalog_(catalog),
        editor_(context.data_folder.empty() ? "" : context.data_folder + "/repl-history",
                [&context](const std::string& before) { return offered(before, context); }) {}

  Outcome<ExitCode> run() {
    if (Done done = begin(); !done) return Unexpected{std::move(done).error()};
    if (editor_.at_terminal()) {
      context_.output.note(
          "Lua 5.4 with everything scripts are given. help lists it, Tab "
          "completes, Ctrl-D ends the session.");
    }
    while (!quit_) {
      const TypedLine line = typed();
      if (line.kind == TypedLine::Kind::Ended) break;
      if (line.kind == TypedLine::Kind::Interrupted) {
        input_.clear();
        context_.interruption.forget();
        context_.output.note("");
        continue;
      }
      if (Done done = take(line.text); !done) return Unexpected{std::move(done).error()};
    }
    if (!input_.empty()) fail({{ErrorCode::BadInput, 0}, "the last input is not finished", {}, {}});
    if (editor_.at_terminal()) return ExitCode::Done;
    return failed_ ? ExitCode::Failed : ExitCode::Done;
  }

 private:
  Done begin() {
    session_.reset();  // the interruption belongs to one reactor at a time
    auto session = make_session(args_, context_, catalog_);
    if (!session) return Unexpected{std::move(session).error()};
    session_ = std::move(*session);
    return {};
  }
  Done begin_if_stopped() {
    if (!session_->host->stopped() && !session_->reactor->interrupted()) return {};
    context_.output.note("The session begins anew: devices are closed, what was set is gone.");
    return begin();
  }

  /// Ctrl-C gives up what is being typed, not what the session has open.
  TypedLine typed() {
    context_.interruption.wakes(nullptr);
    TypedLine line = editor_.read(std::string(input_.empty() ? kPrompt : kMorePrompt));
    context_.interruption.wakes(
        line.kind == TypedLine::Kind::Interrupted ? nullptr : session_->reactor.get());
    return line;
  }

  void fail(const Failure& failed) {
    failed_ = true;
    context_.output.fail(failed);
  }

  /// One line: a word of ours, or Lua, perhaps the rest of an input.
  Done take(const std::string& line) {
    if (input_.empty() && own_word(line)) return {};
    input_ += (input_.empty() ? "" : "\n") + line;
    if (input_.find_first_not_of(" \t\n") == std::string::npos) {
      input_.clear();
      return {};
    }
    auto result = session_->host->evaluate(input_, "input " + std::to_string(number_));
    if (result && result->incomplete) return {};
    context_.output.end_progress();
    editor_.remember(std::exchange(input_, {}));
    ++number_;
    if (!result) {
      fail(result.error());
      context_.interruption.forget();
      return begin_if_stopped();
    }
    show(result->value);
    return {};
  }

  bool own_word(const std::string& line) {
    const auto about = asked_about(line);
    if (line == "quit" || line == "exit") quit_ = true;
    if (!about && !quit_) return false;
    editor_.remember(line);
    if (!about) return true;
    if (about->empty()) {
      context_.output.result(overview());
    } else if (auto text = help_about(*about)) {
      context_.output.result(*text);
    } else {
      fail(text.error());
    }
    return true;
  }

  void show(const lua::Value& value) {
    if (context_.output.json()) {
      context_.output.result(script_json("repl", value));
    } else if (!value.is(lua::Value::Kind::Nil)) {
      context_.output.result(value_page(value, context_.output.color_out()));
    }
  }

  const Args& args_;
  Context& context_;
  const Catalog& catalog_;
  LineEditor editor_;
  std::unique_ptr<Session> session_;
  std::string input_;  // not finished yet
  int number_ = 1;     // of the input
  bool failed_ = false;
  bool quit_ = false;
};

}  // namespace

Outcome<ExitCode> run_repl(const Args& args, Context& context) {
  const auto catalog = context.catalog();
  if (!catalog) return Unexpected{catalog.error()};
  Repl repl(args, context, **catalog);
  return repl.run();
}

}  // namespace weco::cli
