// SPDX-License-Identifier: Apache-2.0
// The replay on a PC: its lines go to standard output, its verdict is the exit code.
#include <cstdio>

#include "firmware/port.hpp"
#include "firmware/replay.hpp"

namespace weco::firmware {

void put(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

}  // namespace weco::firmware

int main() { return weco::firmware::replay_all() ? 0 : 1; }
