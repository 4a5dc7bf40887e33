// SPDX-License-Identifier: Apache-2.0
// Captures of Wireshark's own form as recordings: those that weco wrote and those of others, as far
// as they hold CAN frames, TCP, UDP, ATT or plain bytes. Everything else in them is passed over.
#pragma once

#include <string_view>

#include "transports/replay/recording.hpp"

namespace weco::transports {

bool is_pcapng(std::string_view data);
/// A last block that is cut is left out and makes the recording torn. BadInput with the offset of
/// the block that is none.
Done parse_pcapng(std::string_view data, Recording& recording);

}  // namespace weco::transports
