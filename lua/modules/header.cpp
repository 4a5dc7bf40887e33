// SPDX-License-Identifier: Apache-2.0
#include "lua/modules/header.hpp"

#include <algorithm>
#include <utility>

#include "core/points/vocabulary.hpp"
#include "host/failure/nearest.hpp"
#include "host/profile/schema.hpp"
#include "lua/modules/files.hpp"

namespace weco::lua {
namespace {

constexpr int kDepthMax = 16;

std::vector<std::string_view> names_of(const Header& header) {
  std::vector<std::string_view> names;
  for (const Argument& argument : header.arguments) names.push_back(argument.name);
  return names;
}

void take_argument(Tree& tree, const Node& at, Header& header,
                   std::span<const std::string_view> taken) {
  Argument argument;
  read_argument(tree, at, argument);
  if (tree.failed()) return;
  if (header.find(argument.name) != nullptr) {
    return tree.refuse(at, "there are two arguments '" + argument.name + "'");
  }
  if (std::ranges::find(taken, argument.name) != taken.end()) {
    return tree.refuse(at, "--" + argument.name + " is an option of 'weco run' already",
                       "Choose another name.");
  }
  if (!header.arguments.empty() && header.arguments.back().many) {
    return tree.refuse(at, "only the last argument can be given many times");
  }
  if (header.arguments.size() == kArgumentsMax) {
    return tree.refuse(at, "there are more than 40 arguments");
  }
  if (argument.type == Argument::Type::Switch && argument.preset.is(Value::Kind::Nil)) {
    argument.preset = Value::boolean(false);
  }
  header.arguments.push_back(std::move(argument));
}

constexpr std::string_view kWrite = "write:";
constexpr std::string_view kFiles = "files:";

/// "write:soc_min"; a value that nobody may write is no right.
void take_write(Tree& tree, const Node& at, std::string_view name, Header& header) {
  const auto id = find_point(name);
  if (id && info(*id).access == Access::Setting) {
    header.writes.push_back(*id);
    return;
  }
  std::vector<std::string_view> settings;
  for (const PointInfo& row : kPoints) {
    if (row.access == Access::Setting) settings.push_back(row.name);
  }
  const std::string_view close = nearest(name, settings);
  tree.refuse(at, "'" + std::string(name) + "' is no setting that could be written",
              close.empty() ? "See 'weco devices show' for what can be set."
                            : "Did you mean 'write:" + std::string(close) + "'?");
}

void take_right(Tree& tree, const Node& at, Header& header) {
  const std::string& text = at.value->text;
  if (at.value->is(Value::Kind::Text) && text.starts_with(kWrite)) {
    return take_write(tree, at, std::string_view(text).substr(kWrite.size()), header);
  }
  if (at.value->is(Value::Kind::Text) && text.starts_with(kFiles)) {
    std::string folder = text.substr(kFiles.size());
    if (const std::string_view wrong = wrong_folder(folder); !wrong.empty()) {
      return tree.refuse(at, std::string(wrong), "Write: files:DIR, such as files:reports.");
    }
    header.folders.push_back(std::move(folder));
    return;
  }
  header.rights.push_back(static_cast<Right>(tree.word(at, kRights)));
}

const Argument* with_name(const Header& header, std::string_view word) {
  std::string name(word);
  std::ranges::replace(name, '-', '_');
  for (const Argument& argument : header.arguments) {
    if (argument.name == name) return &argument;
  }
  return nullptr;
}

Unexpected<Failure> unknown(const Header& header, std::string_view word) {
  const std::string name(word.substr(0, word.find('=')));
  std::string typed = name.substr(2);
  std::ranges::replace(typed, '-', '_');
  const auto names = names_of(header);
  const std::string_view close = nearest(typed, names);
  std::string hint = close.empty() ? "" : "Did you mean '--" + std::string(close) + "'? ";
  hint += names.empty() ? "It takes no arguments." : "It takes: " + join(names) + ".";
  return failure(ErrorCode::BadUsage, "the script has no argument '" + name + "'", {}, hint);
}

/// One value into the table of values; a list when there may be many.
Done put(Value& values, const Argument& argument, const std::string& text, const Check& check) {
  auto value = parse_argument(argument, text, check);
  if (!value) return Unexpected{std::move(value).error()};
  const auto at =
      std::ranges::find(values.entries, argument.name, [](const Entry& e) { return e.name; });
  if (!argument.many) {
    if (at != values.entries.end()) {
      return failure(ErrorCode::BadUsage, "'" + argument.name + "' is given twice");
    }
    values.set(argument.name, std::move(*value));
    return {};
  }
  Value* list = at != values.entries.end()
                    ? &at->value
                    : &(values.set(argument.name, Value::table()), values.entries.back().value);
  list->entries.push_back(
      {{}, static_cast<std::int64_t>(list->entries.size()) + 1, std::move(*value)});
  return {};
}

}  // namespace

bool Header::may(Right right) const { return std::ranges::find(rights, right) != rights.end(); }

const Argument* Header::find(std::string_view name) const {
  const auto at = std::ranges::find(arguments, name, &Argument::name);
  return at == arguments.end() ? nullptr : &*at;
}

Outcome<Header> read_header(const Value& value, std::string_view text, const std::string& file,
                            std::span<const std::string_view> taken) {
  if (!value.is(Value::Kind::Table)) {
    return failure(ErrorCode::BadInput, "a script must return a table", file + ":1",
                   "Write: return { purpose = \"...\", run = function(arguments) ... end }.");
  }
  const DataPlace places = find_places(text, kDepthMax);
  Tree tree(file, "a script");
  const Node root{&value, &places, {}, places.line};
  Header header;
  bool rights_given = false;
  const Field fields[] = {
      {"purpose", &header.purpose},
      {"text", &header.text},
      {"example", &header.example},
      {"arguments",
       [&](Tree& t, const Node& list) {
         t.each(list, [&](const Node& at) { take_argument(t, at, header, taken); });
       }},
      {"rights",
       [&](Tree& t, const Node& list) {
         rights_given = true;
         t.each(list, [&](const Node& at) { take_right(t, at, header); });
       }},
      {"families",
       [&](Tree& t, const Node& list) {
         t.each(list, [&](const Node& at) {
           if (!at.value->is(Value::Kind::Text)) return t.refuse(at, "a family is a text");
           header.families.push_back(at.value->text);
         });
       }},
      {"run",
       [&](Tree& t, const Node& at) {
         if (!at.value->is(Value::Kind::Function)) return t.refuse(at, "'run' must be a function");
         header.run = at.value->function;
       }},
  };
  tree.fill(root, fields);
  if (!tree.failed() && header.run.line == 0) {
    tree.refuse(root, "a script needs 'run'", "Write: run = function(arguments) ... end.");
  }
  if (!tree.failed() && (header.purpose.empty() || header.purpose.back() != '.')) {
    tree.refuse(root, "a script needs a 'purpose', one sentence with a period");
  }
  if (tree.failed()) return tree.take();
  if (!rights_given) header.rights = {Right::Read};
  return header;
}

Outcome<Value> read_arguments(const Header& header, std::span<const std::string> words,
                              const Check& check) {
  Value values = Value::table();
  std::size_t position = 0;
  bool only_values = false;
  const auto given = [&](const Argument& argument) {
    return values.get(argument.name) != nullptr && !argument.many;
  };
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--" && !only_values) {
      only_values = true;
      continue;
    }
    if (!only_values && word.starts_with("--")) {
      const std::size_t equals = word.find('=');
      const Argument* argument = with_name(header, std::string_view(word).substr(2, equals - 2));
      if (argument == nullptr) return unknown(header, word);
      std::string text = equals == std::string::npos ? "" : word.substr(equals + 1);
      if (equals == std::string::npos && argument->type == Argument::Type::Switch) {
        text = "yes";
      } else if (equals == std::string::npos) {
        if (++i == words.size()) {
          return failure(ErrorCode::BadUsage, "--" + argument->name + " needs a value", {},
                         "It must be " + expectation(*argument) + ".");
        }
        text = words[i];
      }
      if (Done done = put(values, *argument, text, check); !done) {
        return Unexpected{std::move(done).error()};
      }
      continue;
    }
    while (position < header.arguments.size() &&
           (header.arguments[position].type == Argument::Type::Switch ||
            given(header.arguments[position]))) {
      ++position;
    }
    if (position == header.arguments.size()) {
      return failure(ErrorCode::BadUsage, "unexpected argument '" + word + "'", {},
                     "See --help for what the script takes.");
    }
    if (Done done = put(values, header.arguments[position], word, check); !done) {
      return Unexpected{std::move(done).error()};
    }
  }
  return values;
}

const Argument* missing_argument(const Header& header, Value& values) {
  for (const Argument& argument : header.arguments) {
    if (values.get(argument.name) != nullptr) continue;
    if (argument.required()) return &argument;
    if (!argument.preset.is(Value::Kind::Nil)) values.set(argument.name, argument.preset);
  }
  return nullptr;
}

}  // namespace weco::lua
