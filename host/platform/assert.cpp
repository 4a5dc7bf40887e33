// SPDX-License-Identifier: Apache-2.0
// What a broken assertion does on a PC: say it and stop before something worse happens.
#include "core/base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace weco {

void assertion_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "weco: internal error: %s does not hold (%s:%d). Please report it.\n",
               expression, file, line);
  std::abort();
}

}  // namespace weco
