// SPDX-License-Identifier: Apache-2.0
// What an Error of the core becomes on its way to a person: what was attempted, where, and what to
// try next. The text is composed once, at the very end (cli/render); libraries never print.
#pragma once

#include <string>
#include <utility>

#include "core/base/result.hpp"

namespace weco {

struct Failure {
  Error error;
  std::string what;   // what was being attempted or is wrong, a clause without a period
  std::string where;  // file:line:column, endpoint, device or option; may be empty
  std::string hint;   // a full sentence; empty: the error table's own hint

  [[nodiscard]] ErrorCode code() const { return error.code; }
};

template <class T>
using Outcome = Result<T, Failure>;
using Done = Outcome<void>;

inline Unexpected<Failure> failure(Error error, std::string what, std::string where = {},
                                   std::string hint = {}) {
  return {Failure{error, std::move(what), std::move(where), std::move(hint)}};
}
inline Unexpected<Failure> failure(ErrorCode code, std::string what, std::string where = {},
                                   std::string hint = {}) {
  return failure(Error{code, 0}, std::move(what), std::move(where), std::move(hint));
}

}  // namespace weco
