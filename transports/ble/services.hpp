// SPDX-License-Identifier: Apache-2.0
// GATT services that carry a plain byte stream: one characteristic to write, one that notifies.
#pragma once

#include <array>
#include <string_view>

namespace weco::transports::ble {

struct ByteService {
  std::string_view name;  // the endpoint's option service=
  std::string_view service;
  std::string_view notify;  // device to us
  std::string_view write;   // us to device
};

/// Tried in this order when nobody names another.
inline constexpr std::array kByteServices = {
    // Four independent sources (the notes of devices/bluetti_ep760).
    ByteService{"bluetti", "0000ff00-0000-1000-8000-00805f9b34fb",
                "0000ff01-0000-1000-8000-00805f9b34fb", "0000ff02-0000-1000-8000-00805f9b34fb"},
    // Nordic UART Service, published by Nordic Semiconductor; many serial modules speak it.
    ByteService{"uart", "6e400001-b5a3-f393-e0a9-e50e24dcca9e",
                "6e400003-b5a3-f393-e0a9-e50e24dcca9e", "6e400002-b5a3-f393-e0a9-e50e24dcca9e"},
};

}  // namespace weco::transports::ble
