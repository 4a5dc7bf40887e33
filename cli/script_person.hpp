// SPDX-License-Identifier: Apache-2.0
// Who a script talks with: a person at the terminal, a file of answers, or nobody. Everything said
// goes to stderr, because stdout belongs to what the script returns.
#pragma once

#include <memory>
#include <string>

#include "cli/context.hpp"
#include "lua/modules/world.hpp"

namespace weco::cli {

struct PersonSettings {
  std::string answers;  // a file of lines {"question":"NAME","answer":VALUE}; empty: none
  bool absent = false;  // nobody is asked, whatever is connected
};

class ScriptPerson : public lua::Person {
 public:
  /// BadInput with the line of the file of answers that is wrong.
  static Outcome<std::unique_ptr<ScriptPerson>> make(Context& context, Reactor& reactor,
                                                     const PersonSettings& settings);
  /// Someone types: what is missing can be asked for.
  [[nodiscard]] virtual bool answers() const = 0;
  /// Says which answers of the file no question asked for.
  virtual void finish() = 0;
};

}  // namespace weco::cli
