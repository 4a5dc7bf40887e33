// SPDX-License-Identifier: Apache-2.0
#include "lua/scenario/scenario_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "host/failure/nearest.hpp"
#include "host/profile/schema.hpp"
#include "host/text/utc.hpp"
#include "lua/scenario/site_table.hpp"
#include "lua/state/sandbox.hpp"
#include "lua/tree/tree.hpp"

namespace weco::lua {
namespace {

constexpr int kDepthMax = 16;
constexpr std::size_t kReadsShown = 8;
constexpr std::uint64_t kHookInstructionsMax = 5'000'000;
constexpr std::string_view kSettingPlace = "--sweep";

/// What the functions of the file see while one of them runs.
struct Window {
  sim::Scene* scene = nullptr;
  bool may_act = false;
  std::vector<std::pair<std::string, double>> read;  // for the message of a check that fails
};

Failure not_now() {
  return {{ErrorCode::BadInput, 0},
          "the site is not there yet",
          {},
          "Use 'site' inside of the functions of events and expectations only."};
}

Outcome<std::string> text_of(std::span<const Value> arguments, std::size_t index,
                             std::string_view what) {
  if (arguments.size() > index && arguments[index].is(Value::Kind::Text)) {
    return arguments[index].text;
  }
  return failure(ErrorCode::BadInput, std::string(what) + " must be a text");
}

class Loaded final : public ScenarioFile {
 public:
  Loaded(const std::string& file, std::string name, sim::Terms terms)
      : tree_(file, "a scenario"), terms_(std::move(terms)) {
    scenario_.name = std::move(name);
  }
  [[nodiscard]] const sim::Scenario& scenario() const override { return scenario_; }
  [[nodiscard]] std::string place_of(std::string_view field) const override {
    const Node at = find(root(), field.substr(field.rfind('.') + 1));
    return tree_.where(at.value != nullptr ? at : root());
  }

  std::vector<FieldText> texts(std::string_view family) {
    std::vector<FieldText> into;
    tree_.explain(into);
    scenario_.site = terms_.site(family).value();
    read_top();
    return into;
  }

  Done load(std::string_view text, const std::string& file, const LoadOptions& options) {
    Surroundings world;
    world.interrupted = options.interrupted;
    read_file_ = options.read_file;
    auto box = Sandbox::make({kHookInstructionsMax, kMemoryDefault}, std::move(world));
    if (!box) return Unexpected{std::move(box).error()};
    box_ = std::move(*box);
    define();
    auto value = box_->run(text, file);
    if (!value) return Unexpected{std::move(value).error()};
    value_ = std::move(*value);
    places_ = find_places(text, kDepthMax);
    if (!value_.is(Value::Kind::Table)) {
      return failure(ErrorCode::BadInput, "a scenario must return a table", file + ":1",
                     "Begin the file with 'return {'.");
    }
    for (const Setting& setting : options.settings) {
      if (Done done = apply(setting); !done) return done;
    }
    read();
    if (tree_.failed()) return tree_.take();
    return {};
  }

 private:
  [[nodiscard]] Node root() const { return {&value_, &places_, {}, places_.line}; }

  /// The first entry of that name, however deep.
  static Node find(const Node& table, std::string_view name) {
    if (Node at = Tree::child(table, name); at.value != nullptr) return at;
    for (const Entry& entry : table.value->entries) {
      if (entry.numbered() || !entry.value.is(Value::Kind::Table)) continue;
      if (Node at = find(Tree::child(table, entry.name), name); at.value != nullptr) return at;
    }
    return {nullptr, nullptr, {}, table.line};
  }

  void define();
  Done apply(const Setting& setting);
  void read();
  void read_top();
  void check_load_file();
  void read_event(const Node& at);
  void read_expectation(const Node& at);
  void read_condition(const Node& at, sim::Expectation& expected);
  void read_fault(const Node& at, sim::FaultSpec& to);
  void read_command(const Node& at, const Node& value, sim::Action& action);
  std::function<Done(sim::Scene&)> hook(Function function);
  std::function<Outcome<sim::Judgement>(sim::Scene&)> check(Function function);

  Tree tree_;
  sim::Terms terms_;
  ReadFile read_file_;
  std::unique_ptr<Sandbox> box_;
  Window window_;
  Value value_;
  DataPlace places_;
  sim::Scenario scenario_;
};

void Loaded::define() {
  box_->define("site.value", [this](std::span<const Value> arguments) -> Outcome<Values> {
    if (window_.scene == nullptr) return Unexpected{not_now()};
    const auto name = text_of(arguments, 0, "site.value: the name");
    if (!name) return Unexpected{name.error()};
    const auto point = window_.scene->points.find(*name);
    if (!point) return Unexpected{point.error()};
    const double value = window_.scene->points.read(*point);
    const auto seen = std::ranges::find(window_.read, *name, [](const auto& r) { return r.first; });
    if (seen == window_.read.end() && window_.read.size() < kReadsShown) {
      window_.read.emplace_back(*name, value);
    }
    return Values{Value::of(value)};
  });
  box_->define("site.seconds", [this](std::span<const Value>) -> Outcome<Values> {
    if (window_.scene == nullptr) return Unexpected{not_now()};
    const std::int64_t us = window_.scene->stage.now().to_us();
    return Values{Value::of(static_cast<double>(us) * 1e-6)};
  });
  const auto act = [this](std::string name,
                          std::function<Done(sim::Stage&, std::span<const Value>)> body) {
    box_->define(name, [this, body](std::span<const Value> arguments) -> Outcome<Values> {
      if (window_.scene == nullptr) return Unexpected{not_now()};
      if (!window_.may_act) {
        return failure(ErrorCode::BadInput, "an expectation may only look at the site", {},
                       "Change the site in 'run' of an event.");
      }
      if (Done done = body(window_.scene->stage, arguments); !done) {
        return Unexpected{std::move(done).error()};
      }
      return Values{};
    });
  };
  act("site.command", [](sim::Stage& stage, std::span<const Value> arguments) -> Done {
    const auto name = text_of(arguments, 0, "site.command: the name");
    if (!name) return Unexpected{name.error()};
    if (arguments.size() > 1 && arguments[1].is(Value::Kind::Text)) {
      return stage.command(*name, std::string_view(arguments[1].text));
    }
    return stage.command(*name, arguments.size() > 1 ? arguments[1].number : 0.0);
  });
  const auto fault = [this](bool mend) {
    return [this, mend](sim::Stage& stage, std::span<const Value> arguments) -> Done {
      const auto text = text_of(arguments, 0, "the fault");
      if (!text) return Unexpected{text.error()};
      const auto spec = terms_.fault(*text);
      if (!spec) return Unexpected{spec.error()};
      return mend ? stage.clear(*spec) : stage.inject(*spec);
    };
  };
  act("site.fault", fault(false));
  act("site.clear", fault(true));
}

std::function<Done(sim::Scene&)> Loaded::hook(Function function) {
  return [this, function](sim::Scene& scene) -> Done {
    window_ = {&scene, true, {}};
    auto called = box_->call(function, {});
    window_ = {};
    if (!called) return Unexpected{std::move(called).error()};
    return {};
  };
}

std::function<Outcome<sim::Judgement>(sim::Scene&)> Loaded::check(Function function) {
  return [this, function](sim::Scene& scene) -> Outcome<sim::Judgement> {
    window_ = {&scene, false, {}};
    auto called = box_->call(function, {});
    const auto read = std::move(window_.read);
    window_ = {};
    if (!called) return Unexpected{std::move(called).error()};
    sim::Judgement found;
    if (called->empty() || !called->front().is(Value::Kind::Boolean)) {
      return failure(ErrorCode::BadInput, "a check must return true or false",
                     tree_.where({nullptr, nullptr, {}, function.line}));
    }
    found.holds = called->front().truth;
    for (const auto& [name, value] : read) {
      found.values += fmt::format("{}{} = {:.6g}", found.values.empty() ? "" : ", ", name, value);
    }
    return found;
  };
}

/// Writes one value into the tree that the file returned.
Done Loaded::apply(const Setting& setting) {
  Value* table = &value_;
  std::string_view path = setting.path;
  while (true) {
    const std::size_t dot = path.find('.');
    const std::string_view name = path.substr(0, dot);
    if (name.empty() || !table->is(Value::Kind::Table)) {
      return failure(ErrorCode::BadUsage, "'" + setting.path + "' is no name of a scenario's value",
                     std::string(kSettingPlace), "Write it as in the file: site.soc_pct.");
    }
    const auto at = std::ranges::find(table->entries, name, [](const Entry& e) { return e.name; });
    Value* entry = at != table->entries.end() ? &at->value
                                              : &(table->set(std::string(name), Value::table()),
                                                  table->entries.back().value);
    if (dot == std::string_view::npos) {
      const char* begin = setting.text.data();
      const char* end = begin + setting.text.size();
      std::int64_t whole = 0;
      double number = 0;
      if (std::from_chars(begin, end, whole).ptr == end && begin != end) {
        *entry = Value::of(whole);
      } else if (std::from_chars(begin, end, number).ptr == end && begin != end) {
        *entry = Value::of(number);
      } else if (setting.text == "true" || setting.text == "false") {
        *entry = Value::boolean(setting.text == "true");
      } else {
        *entry = Value::of(setting.text);
      }
      return {};
    }
    table = entry;
    path.remove_prefix(dot + 1);
  }
}

void Loaded::read() {
  read_beginning(tree_, root(), terms_.site, scenario_.site);
  if (!tree_.failed()) read_top();
}

void Loaded::read_top() {
  std::string start;
  const Field fields[] = {
      {"title", &scenario_.title, "one line; must be given"},
      {"start", &start, "in the site's time, such as \"2026-01-15 05:00\""},
      {"length", &scenario_.length, "--for changes it"},
      {"step", &scenario_.step, "of the simulation, at most 60s; --step changes it"},
      {"rows_every", &scenario_.row_every, "between two rows of telemetry"},
      {"seed", &scenario_.site.seed, "--seed changes it"},
      {"site", [this](Tree& t, const Node& n) { read_site(t, n, scenario_.site); },
       "what stands there; must be given"},
      {"environment",
       [this](Tree& t, const Node& n) { read_environment(t, n, scenario_.site, read_file_); },
       "what is around it"},
      {"settings", [this](Tree& t, const Node& n) { read_settings(t, n, scenario_.site.settings); },
       "of its energy management, checked by it as a whole"},
      {"events",
       [this](Tree& t, const Node& n) { t.each(n, [this](const Node& at) { read_event(at); }); },
       "what happens; each has one of fault, clear, command, run"},
      {"expect",
       [this](Tree& t, const Node& n) {
         t.each(n, [this](const Node& at) { read_expectation(at); });
       },
       "what must hold; each has one of always, once, check, event"},
  };
  tree_.fill(root(), fields);
  if (tree_.failed()) return;
  if (scenario_.step <= Duration{} || scenario_.step > sim::Site::kStepMax) {
    tree_.refuse(Tree::child(root(), "step"), "'step' must be longer than 0 and at most 60s");
  }
  if (scenario_.length <= Duration{}) {
    tree_.refuse(Tree::child(root(), "length"), "'length' must be longer than 0");
  }
  if (scenario_.row_every <= Duration{}) {
    tree_.refuse(Tree::child(root(), "rows_every"), "'rows_every' must be longer than 0");
  }
  if (scenario_.title.empty()) {
    tree_.refuse(root(), "a scenario needs a 'title'", "Say in one line what happens.");
  }
  check_load_file();
  std::ranges::stable_sort(scenario_.actions, {}, &sim::Action::at);
}

/// What a file does not know of a house is not made up.
void Loaded::check_load_file() {
  const Node at = find(root(), "csv");
  if (tree_.failed() || at.value == nullptr) return;
  const std::vector<sim::ProfileRow>& rows = scenario_.site.environment.load.rows;
  const std::int64_t start_s = scenario_.site.start_s;
  const std::int64_t end_s = start_s + scenario_.length.to_s();
  if (rows.front().at_s <= start_s && rows.back().at_s >= end_s) return;
  tree_.refuse(at,
               fmt::format("{} knows the load from {} to {}, and the scenario goes from {} to {}",
                           at.value->text, utc_text(rows.front().at_s), utc_text(rows.back().at_s),
                           utc_text(start_s), utc_text(end_s)),
               "Choose 'start' and 'length' (or --for) within the file.");
}

void Loaded::read_fault(const Node& at, sim::FaultSpec& to) {
  if (!at.value->is(Value::Kind::Text)) {
    return tree_.refuse(at, "'" + at.path + "' must be a text, such as \"meter_lost\"");
  }
  const auto spec = terms_.fault(at.value->text);
  if (!spec) return tree_.refuse(at, spec.error().what, spec.error().hint);
  to = *spec;
}

void Loaded::read_command(const Node& at, const Node& value, sim::Action& action) {
  const sim::SiteCommand* known = nullptr;
  std::vector<std::string_view> names;
  for (const sim::SiteCommand& row : terms_.commands) {
    names.push_back(row.name);
    if (row.name == at.value->text) known = &row;
  }
  if (known == nullptr) {
    const std::string meant = did_you_mean(at.value->text, names);
    return tree_.refuse(at, "there is no command '" + at.value->text + "'",
                        (meant.empty() ? "" : meant + " ") + "Allowed are: " + join(names) + ".");
  }
  action.kind = sim::Action::Kind::Command;
  action.command = at.value->text;
  action.number = 0;
  if (value.value == nullptr) return;
  if (value.value->is(Value::Kind::Text)) {
    action.number.reset();
    action.text = value.value->text;
    if (!known->symbols.empty()) static_cast<void>(tree_.word(value, known->symbols));
    return;
  }
  if (value.value->is(Value::Kind::Boolean)) {
    action.number = value.value->truth ? 1 : 0;
  } else {
    action.number = value.value->number;
  }
  if (!(*action.number >= known->least && *action.number <= known->most)) {
    tree_.refuse(value, fmt::format("'{}' takes {:g} to {:g} {}", known->name, known->least,
                                    known->most, known->unit));
  }
}

void Loaded::read_event(const Node& at) {
  sim::Action action;
  action.where = tree_.where(at);
  Duration after{};
  int kinds = 0;
  const auto fault = [&](sim::Action::Kind kind) {
    return Field::Own{"a fault", "", [&, kind](Tree&, const Node& n) {
                        ++kinds;
                        action.kind = kind;
                        read_fault(n, action.fault);
                      }};
  };
  const auto command = [&](Tree&, const Node& n) {
    ++kinds;
    read_command(n, Tree::child(at, "value"), action);
  };
  const auto run = [&](Tree& t, const Node& n) {
    ++kinds;
    if (!n.value->is(Value::Kind::Function)) return t.refuse(n, "'run' must be a function");
    action.hook = hook(n.value->function);
  };
  const auto read_with_command = [](Tree&, const Node&) {};
  const Field fields[] = {
      {"at", &after, "since the start"},
      {"fault", fault(sim::Action::Kind::Inject), "from here on this is broken"},
      {"clear", fault(sim::Action::Kind::Clear), "this is mended"},
      {"command", Field::Own{"a command", "", command}, "a person or the world does this"},
      {"value", Field::Own{"number, word, true or false", "", read_with_command}, "of the command"},
      {"run", Field::Own{"function", "", run}, "does what it wants with the table site"},
  };
  tree_.fill(at, fields);
  if (kinds != 1) tree_.refuse(at, "an event needs one of 'fault', 'clear', 'command', 'run'");
  if (scenario_.actions.size() == sim::kActionsMax) tree_.refuse(at, "more than 1000 events");
  action.at = Instant{} + after;
  scenario_.actions.push_back(std::move(action));
}

void Loaded::read_condition(const Node& at, sim::Expectation& expected) {
  using Kind = sim::Expectation::Kind;
  int kinds = 0;
  Duration from{};
  Duration to{};
  Duration moment{};
  const auto judge = [&](Kind kind) {
    return Field::Own{"a value or a function", "", [&, kind](Tree& t, const Node& n) {
                        ++kinds;
                        expected.kind = kind;
                        if (n.value->is(Value::Kind::Function)) {
                          expected.check = check(n.value->function);
                        } else if (n.value->is(Value::Kind::Text)) {
                          expected.point = n.value->text;
                        } else {
                          t.refuse(n, "'" + n.path + "' must be the name of a value or a function");
                        }
                      }};
  };
  const auto event = [&](Tree& t, const Node& n) {
    ++kinds;
    expected.kind = Kind::Events;
    expected.event = n.value->text;
    if (expected.event.empty()) t.refuse(n, "'event' must be the name of an event");
  };
  const Field fields[] = {
      {"what", &expected.text, "the promise in words; must be given"},
      {"always", judge(Kind::Always), "holds in every step"},
      {"once", judge(Kind::Once), "holds in at least one"},
      {"check", judge(Kind::At), "holds at its end"},
      {"event", Field::Own{"an event", "", event}, "so many come"},
      {"least", &expected.least, "of the value, or events"},
      {"most", &expected.most, "of the value, or events"},
      {"from", &from, "since the start"},
      {"to", &to, "without it, the end of the run"},
      {"at", &moment, "with check: then instead of at the end"},
      {"every", &expected.every, "how often a function is asked"},
  };
  tree_.fill(at, fields);
  if (tree_.failed()) return;
  const bool has_at = Tree::child(at, "at").value != nullptr;
  const bool has_to = Tree::child(at, "to").value != nullptr;
  const bool bounded =
      Tree::child(at, "least").value != nullptr || Tree::child(at, "most").value != nullptr;
  if (kinds != 1) {
    tree_.refuse(at, "an expectation needs one of 'always', 'once', 'check', 'event'");
  } else if (has_at && expected.kind != Kind::At) {
    tree_.refuse(at, "'at' goes with 'check'; the others have 'from' and 'to'");
  } else if (bounded == static_cast<bool>(expected.check)) {
    tree_.refuse(at, bounded ? "a function decides alone: 'least' and 'most' go with a value"
                             : "a value needs 'least' or 'most'");
  } else if (has_to && to < from) {
    tree_.refuse(at, "'to' lies before 'from'");
  }
  expected.from = Instant{} + (has_at ? moment : from);
  if (has_at) expected.to = Instant{} + moment;
  if (has_to) expected.to = Instant{} + to;
}

void Loaded::read_expectation(const Node& at) {
  sim::Expectation expected;
  expected.where = tree_.where(at);
  read_condition(at, expected);
  if (expected.text.empty()) {
    tree_.refuse(at, "an expectation needs 'what': the promise in words");
  }
  if (scenario_.expectations.size() == sim::kExpectationsMax) {
    tree_.refuse(at, "more than 200 expectations");
  }
  scenario_.expectations.push_back(std::move(expected));
}

}  // namespace

std::vector<FieldText> scenario_fields(const sim::Terms& terms, std::string_view family) {
  return Loaded("", "", terms).texts(family);
}

Outcome<std::unique_ptr<ScenarioFile>> ScenarioFile::load(std::string_view text,
                                                          const std::string& file,
                                                          const std::string& name,
                                                          const LoadOptions& options) {
  auto loaded = std::make_unique<Loaded>(file, name, options.terms);
  if (Done done = loaded->load(text, file, options); !done) {
    return Unexpected{std::move(done).error()};
  }
  return std::unique_ptr<ScenarioFile>(std::move(loaded));
}

}  // namespace weco::lua
