// SPDX-License-Identifier: Apache-2.0
#include "lua/modules/agreement.hpp"

#include <utility>

namespace weco::lua {

Done agree(World& world, Person& person, bool given, const Agreement& about) {
  if (given) return {};
  Argument question;
  question.name = about.name;
  question.type = Argument::Type::Switch;
  question.help = about.question;
  auto answer = person.ask(question, [&](const std::string& typed) {
    return parse_argument(question, typed, [&](Argument::Type type, const std::string& text) {
      return world.check(type, text);
    });
  });
  if (!answer) {
    Failure why = std::move(answer).error();
    if (why.code() == ErrorCode::BadUsage) {
      why.hint = "Agree with --yes, answer '" + about.name +
                 "' in a file (--answers), or run it at a terminal.";
    }
    return Unexpected{std::move(why)};
  }
  if (answer->truth) return {};
  return failure(ErrorCode::Interrupted, "the person did not agree to the change", about.place,
                 "Nothing was changed.");
}

}  // namespace weco::lua
