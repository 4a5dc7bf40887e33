// SPDX-License-Identifier: Apache-2.0
// A classic CAN frame, or an error report of the controller, as every CAN link carries it.
#pragma once

#include <array>
#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/base/time.hpp"

namespace weco {

struct CanFrame {
  static constexpr std::size_t kDataMax = 8;
  std::uint32_t id = 0;   // 11 or 29 bits
  bool extended = false;  // 29-bit identifier
  bool remote = false;    // no data, asks for the frame; size is the requested DLC
  bool error = false;     // from the controller, not from the bus; id holds the error class bits
  std::uint8_t size = 0;  // data bytes, 0..8: the DLC
  std::array<std::uint8_t, kDataMax> data{};
  Instant at{};  // when it was received; origin of the link's reactor

  [[nodiscard]] constexpr Bytes bytes() const { return {data.data(), size}; }
  friend constexpr bool operator==(const CanFrame& a, const CanFrame& b) {
    return a.id == b.id && a.extended == b.extended && a.remote == b.remote && a.error == b.error &&
           a.size == b.size && a.data == b.data;
  }
};

}  // namespace weco
