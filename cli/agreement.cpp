// SPDX-License-Identifier: Apache-2.0
#include "cli/agreement.hpp"

#include <unistd.h>

#include <array>
#include <string_view>

namespace weco::cli {

Done ask_person(const Args& args, Context& context, const std::string& what,
                const std::string& otherwise) {
  context.output.note(what);
  if (args.flag("yes")) return {};
  if (::isatty(STDIN_FILENO) != 1) {
    return failure(ErrorCode::RefusedByGuard, "nobody is there to be asked", "--yes",
                   "Run it on a terminal, or say --yes when the moment is planned.");
  }
  context.output.note("Type yes to go on:");
  std::array<char, 16> typed{};
  const ssize_t size = ::read(STDIN_FILENO, typed.data(), typed.size());
  const std::string_view answer(typed.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  if (answer == "yes\n") return {};
  return failure(ErrorCode::Interrupted, otherwise);
}

}  // namespace weco::cli
