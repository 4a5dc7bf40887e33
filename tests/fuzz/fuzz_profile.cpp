// SPDX-License-Identifier: Apache-2.0
// A profile from anywhere is refused with a reason or loaded, within its budgets.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "host/profile/profile.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto profile = weco::load_profile(text, "fuzz");
  if (!profile && profile.error().what.empty()) __builtin_trap();
  return 0;
}
