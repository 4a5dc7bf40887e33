// SPDX-License-Identifier: Apache-2.0
// A recording from anywhere is understood or refused with a reason, never a crash.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "transports/replay/recording.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto recording = weco::transports::parse_recording(text, "fuzz");
  if (!recording && recording.error().what.empty()) __builtin_trap();
  return 0;
}
