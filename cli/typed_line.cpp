// SPDX-License-Identifier: Apache-2.0
#include "cli/typed_line.hpp"

#include <unistd.h>

namespace weco::cli {
namespace {

constexpr std::size_t kLineMax = 4096;

}  // namespace

std::optional<std::string> typed_line() {
  std::string typed;
  while (typed.size() < kLineMax) {
    char c = 0;
    const ssize_t count = ::read(STDIN_FILENO, &c, 1);
    if (count <= 0) return std::nullopt;
    if (c == '\n') break;
    if (c != '\r') typed += c;
  }
  while (typed.ends_with(' ')) typed.pop_back();
  return typed;
}

}  // namespace weco::cli
