// SPDX-License-Identifier: Apache-2.0
// What parses is written back so that it parses to the same.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "host/link/endpoint.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto endpoint = weco::parse_endpoint(text);
  if (!endpoint) return 0;
  const auto again = weco::parse_endpoint(weco::format(*endpoint));
  if (!again || !(*again == *endpoint)) __builtin_trap();
  return 0;
}
