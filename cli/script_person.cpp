// SPDX-License-Identifier: Apache-2.0
#include "cli/script_person.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <optional>
#include <utility>
#include <vector>

#include "cli/render/script.hpp"
#include "cli/render/text.hpp"
#include "cli/typed_line.hpp"
#include "host/records/keys.hpp"
#include "lua/modules/json.hpp"

namespace weco::cli {
namespace {

constexpr std::size_t kAnswersMax = std::size_t{1} << 20U;

using lua::Argument;
using lua::Value;
using Take = std::function<Outcome<Value>(const std::string&)>;

struct Answer {
  std::string question;
  std::string text;
  bool used = false;
};

std::string plain_text(const Value& value) {
  if (value.is(Value::Kind::Boolean)) return value.truth ? "yes" : "no";
  return value.numeric() ? lua::number_text(value) : value.text;
}

Outcome<std::vector<Answer>> read_answers(const std::string& file) {
  const std::string shown = file == "-" ? "stdin" : file;
  const auto text = records::read_whole(file == "-" ? "/dev/stdin" : file, kAnswersMax);
  if (!text) return Unexpected{text.error()};
  std::vector<Answer> answers;
  std::size_t number = 0;
  for (std::size_t start = 0; start < text->size();) {
    const std::size_t end = std::min(text->find('\n', start), text->size());
    const std::string_view line = std::string_view(*text).substr(start, end - start);
    start = end + 1;
    const std::string where = fmt::format("{}:{}", shown, ++number);
    if (line.empty()) continue;
    const auto value = lua::read_json(line);
    if (!value) return failure(ErrorCode::BadInput, value.error().what, where);
    const Value* question = value->get("question");
    const Value* answer = value->get("answer");
    const bool whole = question != nullptr && question->is(Value::Kind::Text) &&
                       answer != nullptr && !answer->is(Value::Kind::Table) &&
                       value->entries.size() == 2;
    if (!whole) {
      return failure(ErrorCode::BadInput, "this line is no answer", where,
                     "Write {\"question\":\"NAME\",\"answer\":VALUE}, one a line.");
    }
    answers.push_back({question->text, plain_text(*answer), false});
  }
  return answers;
}

class Present final : public ScriptPerson {
 public:
  Present(Context& context, Reactor& reactor, bool listens, std::vector<Answer> given,
          bool from_file)
      : context_(context),
        reactor_(reactor),
        listens_(listens),
        from_file_(from_file),
        given_(std::move(given)) {}

  [[nodiscard]] bool answers() const override { return listens_ || from_file_; }

  Outcome<Value> ask(const Argument& question, const Take& take) override {
    if (from_file_) return from_file(question, take);
    if (!listens_) {
      if (!question.preset.is(Value::Kind::Nil)) return question.preset;
      return failure(ErrorCode::BadUsage, "nobody is there to answer " + quoted(question.name), {},
                     "Answer it in a file, see --answers, or run the script at a terminal. It "
                     "must be " +
                         lua::expectation(question) + ".");
    }
    return at_terminal(question, take);
  }

  void say(const std::string& text) override { context_.output.note(clean_lines(text)); }
  void table(const Value& rows) override {
    std::string text = value_page(rows, context_.output.color_err());
    if (text.ends_with('\n')) text.pop_back();
    context_.output.note(text);
  }
  void progress(const std::string& step, std::uint64_t done, std::uint64_t total) override {
    context_.output.progress(step, done, total, reactor_.now());
  }

  void finish() override {
    for (const Answer& answer : given_) {
      if (answer.used) continue;
      context_.output.warning("the answer to " + quoted(answer.question) + " was not asked for.");
    }
  }

 private:
  Outcome<Value> from_file(const Argument& question, const Take& take) {
    for (Answer& answer : given_) {
      if (answer.used || answer.question != question.name) continue;
      answer.used = true;
      return take(answer.text);
    }
    if (!question.preset.is(Value::Kind::Nil)) return question.preset;
    return failure(ErrorCode::BadUsage, "there is no answer to " + quoted(question.name),
                   "--answers", "It must be " + lua::expectation(question) + ".");
  }

  Outcome<Value> at_terminal(const Argument& question, const Take& take) {
    std::string prompt = clean_lines(question.help) + " (" + lua::expectation(question);
    if (!question.preset.is(Value::Kind::Nil)) {
      prompt += "; Enter: " + sanitize(plain_text(question.preset));
    }
    prompt += "):";
    for (;;) {
      context_.output.note(prompt);
      const auto typed = typed_line();
      if (!typed) {
        return failure(ErrorCode::Interrupted, "the person stopped at " + quoted(question.name));
      }
      if (typed->empty() && !question.preset.is(Value::Kind::Nil)) return question.preset;
      auto value = take(*typed);
      if (value) return value;
      context_.output.note("  " + sanitize(value.error().what) + ". " +
                           clean_lines(value.error().hint));
    }
  }

  Context& context_;
  Reactor& reactor_;
  bool listens_;
  bool from_file_;
  std::vector<Answer> given_;
};

}  // namespace

Outcome<std::unique_ptr<ScriptPerson>> ScriptPerson::make(Context& context, Reactor& reactor,
                                                          const PersonSettings& settings) {
  std::vector<Answer> given;
  if (!settings.answers.empty()) {
    auto answers = read_answers(settings.answers);
    if (!answers) return Unexpected{std::move(answers).error()};
    given = std::move(*answers);
  }
  const bool listens = !settings.absent && ::isatty(STDIN_FILENO) == 1 && !context.output.json();
  return std::unique_ptr<ScriptPerson>(std::make_unique<Present>(
      context, reactor, listens, std::move(given), !settings.answers.empty()));
}

}  // namespace weco::cli
