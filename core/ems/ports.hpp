// SPDX-License-Identifier: Apache-2.0
// The ports of CM2's EMS that a plan or a simulated plant has to respect (SAJ CM2 EMS manual,
// tables 2.1 to 2.9): how many there are and what each is for.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace weco::ems {

struct EmsPort {
  std::string_view name;
  std::uint8_t count;
  std::string_view purpose;
};

inline constexpr std::array<EmsPort, 14> kCm2EmsPorts{
    EmsPort{"Ethernet", 12, "one to each cabinet's PCS, and the local web page"},
    EmsPort{"NET2", 1, "cloud"},
    EmsPort{"RS485-1", 1, "grid meter with export limit"},
    EmsPort{"RS485-2", 1, "PV meter of another maker's inverter"},
    EmsPort{"RS485-3", 1, "SAJ string inverter"},
    EmsPort{"DRM", 1, "demand response or ripple control"},
    EmsPort{"DI", 2, "dry inputs, active low"},
    EmsPort{"DO", 2, "relays, 1 A at 250 V AC or 4 A at 25 V DC"},
    EmsPort{"HSD", 1, "high-side driver of the power light"},
    EmsPort{"24VDC", 1, "supply"},
    EmsPort{"220VAC", 1, "backup supply"},
    EmsPort{"Bluetooth", 1, "commissioning"},
    EmsPort{"WiFi", 1, "antenna, 2.4 GHz"},
    EmsPort{"4G", 1, "antenna"},
};
inline constexpr std::uint8_t kCm2SwitchPorts = 16;  // the switch inside the EMS

}  // namespace weco::ems
