// SPDX-License-Identifier: Apache-2.0
// The completion scripts. They hold no words of their own: each asks `weco completion words`, so a
// script installed once stays right.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace weco::cli {

struct ShellScript {
  std::string_view shell;
  std::string_view file;  // as the shell wants it named
  std::string_view text;
};

std::span<const ShellScript> shell_scripts();

}  // namespace weco::cli
