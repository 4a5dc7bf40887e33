// SPDX-License-Identifier: Apache-2.0
// What a run has finished so far, step by step, kept so that a run that was torn can go on where it
// was. The program keeps it in a file; a test keeps it where it likes.
#pragma once

#include <string>
#include <string_view>

#include "host/failure/failure.hpp"
#include "lua/state/value.hpp"

namespace weco::lua {

/// A step that is over: what it went by, what the person answered in it, and what came of it.
struct Step {
  std::string name;
  Value facts;
  Value answers = Value::table();  // a list of { answer, question }
  Value result;
};

class StepJournal {
 public:
  virtual ~StepJournal() = default;
  /// The step as the torn run finished it last; nullptr when it did not.
  [[nodiscard]] virtual const Step* before(std::string_view name) const = 0;
  /// It is on disk when this returns.
  virtual Done keep(const Step& step) = 0;
};

}  // namespace weco::lua
