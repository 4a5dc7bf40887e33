// SPDX-License-Identifier: Apache-2.0
// What a shell should offer next. Computed by the program itself, because only it knows the
// configured devices, the serial ports present and the families; the shell files merely ask.
// Answers within 20 ms: nothing is opened on a wire and no family's file is parsed unless its codes
// or connectors are asked for.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cli/context.hpp"

namespace weco::cli {

struct Candidate {
  std::string word;
  std::string about;  // one short sentence; may be empty
};

struct Completion {
  enum class Files : std::uint8_t { None, Files, Directories };
  std::vector<Candidate> candidates;  // all begin with what was typed of the last word
  Files files = Files::None;          // the shell offers these itself
};

/// `words` without the program's name; the last one is being typed and may be empty. Never fails:
/// what cannot be found out is not offered.
Completion complete(std::span<const std::string> words, Context& context);

}  // namespace weco::cli
