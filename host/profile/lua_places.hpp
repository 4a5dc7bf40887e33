// SPDX-License-Identifier: Apache-2.0
// Where in a data file each entry stands. Lua forgets the lines of table entries, so the text is
// scanned a second time for its shape only: braces, keys and commas. A wrong guess costs nothing
// but a less exact line in a message.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weco {

struct DataPlace {
  int line = 1;
  bool named = false;
  std::string key;          // named entries
  std::int64_t number = 0;  // numbered entries
  std::vector<DataPlace> entries;
};

/// The shape of the first table after the word `return`; line 1 and no entries when there is none.
DataPlace find_places(std::string_view text, int depth_max);

}  // namespace weco
