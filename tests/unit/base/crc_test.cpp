// SPDX-License-Identifier: Apache-2.0
// Check values: the catalogue of parametrised CRC algorithms, input "123456789".
#include "core/base/crc.hpp"

#include <array>

#include "tests/support/catch.hpp"

namespace {
constexpr std::array<std::uint8_t, 9> kDigits{'1', '2', '3', '4', '5', '6', '7', '8', '9'};
}

TEST_CASE("each CRC gives its published check value") {
  CHECK(weco::crc16_modbus(kDigits) == 0x4B37);
  CHECK(weco::crc16_xmodem(kDigits) == 0x31C3);
  CHECK(weco::crc32(kDigits) == 0xCBF43926U);
}

TEST_CASE("a CRC taken in pieces equals the CRC of the whole") {
  std::array<std::uint8_t, 100> data{};
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::uint8_t>(i * 37);
  const weco::Bytes all(data);
  for (std::size_t cut = 0; cut <= data.size(); ++cut) {
    CHECK(weco::crc16_modbus(all.subspan(cut), weco::crc16_modbus(all.first(cut))) ==
          weco::crc16_modbus(all));
  }
}
