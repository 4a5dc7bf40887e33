// SPDX-License-Identifier: Apache-2.0
// The core's troubleshooting table for scripts: complaints and facts as words.
#pragma once

#include "host/failure/failure.hpp"
#include "lua/state/value.hpp"

namespace weco::lua {

/// What to ask or to do next: kind ("ask", "do" or "service"), and fact, question and remedy where
/// there are such. `answers` are truth values by fact. BadInput names the word that is not known.
Outcome<Value> next_trouble(const std::string& complaint, const Value& answers);

}  // namespace weco::lua
