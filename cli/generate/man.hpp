// SPDX-License-Identifier: Apache-2.0
// Manual pages from the command table, in the man macros that every Unix reads.
#pragma once

#include <string>
#include <vector>

namespace weco::cli {

/// A file to write: its name and its text.
struct GeneratedFile {
  std::string name;
  std::string text;
};

/// weco.1, one page a command and weco-config.5.
std::vector<GeneratedFile> man_pages();

}  // namespace weco::cli
