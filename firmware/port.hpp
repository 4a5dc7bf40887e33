// SPDX-License-Identifier: Apache-2.0
// What the replay needs of the machine it runs on: a place for its lines, nothing else. The host
// writes to standard output, the microcontroller to its first UART.
#pragma once

#include <string_view>

namespace weco::firmware {

/// Sends the text; returns when it is gone. Text is ASCII with line feeds.
void put(std::string_view text);

}  // namespace weco::firmware
