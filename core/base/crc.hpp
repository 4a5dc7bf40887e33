// SPDX-License-Identifier: Apache-2.0
// The cyclic redundancy checks of the house, table-driven, tables made at compile time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/base/bytes.hpp"

namespace weco {
namespace detail {

template <class Word, Word Polynomial>  // reflected: lowest bit first
consteval std::array<Word, 256> reflected_table() {
  std::array<Word, 256> table{};
  for (std::size_t i = 0; i < 256; ++i) {
    Word crc = static_cast<Word>(i);
    for (int bit = 0; bit < 8; ++bit) {
      crc = static_cast<Word>((crc & 1U) != 0 ? (crc >> 1) ^ Polynomial : crc >> 1);
    }
    table[i] = crc;
  }
  return table;
}

/// Slice k advances a byte through k further zero bytes, so that several bytes are taken at once.
template <class Word, Word Polynomial, std::size_t Slices>
consteval std::array<std::array<Word, 256>, Slices> sliced_tables() {
  std::array<std::array<Word, 256>, Slices> tables{};
  tables[0] = reflected_table<Word, Polynomial>();
  for (std::size_t k = 1; k < Slices; ++k) {
    for (std::size_t i = 0; i < 256; ++i) {
      const Word before = tables[k - 1][i];
      tables[k][i] = static_cast<Word>((before >> 8) ^ tables[0][before & 0xFFU]);
    }
  }
  return tables;
}

template <std::uint16_t Polynomial>
consteval std::array<std::uint16_t, 256> forward_table() {  // highest bit first
  std::array<std::uint16_t, 256> table{};
  for (std::size_t i = 0; i < 256; ++i) {
    std::uint16_t crc = static_cast<std::uint16_t>(i << 8);
    for (int bit = 0; bit < 8; ++bit) {
      crc = static_cast<std::uint16_t>((crc & 0x8000U) != 0 ? (crc << 1) ^ Polynomial : crc << 1);
    }
    table[i] = crc;
  }
  return table;
}

inline constexpr auto kModbusTables = sliced_tables<std::uint16_t, 0xA001, 8>();
inline constexpr auto kCrc32Table = reflected_table<std::uint32_t, 0xEDB88320U>();
inline constexpr auto kXmodemTable = forward_table<0x1021>();

}  // namespace detail

/// CRC-16/MODBUS: polynomial 0x8005 reflected, start 0xFFFF. On the wire low byte first.
constexpr std::uint16_t crc16_modbus(Bytes data, std::uint16_t crc = 0xFFFF) {
  const auto& t = detail::kModbusTables;
  std::size_t i = 0;
  for (; i + 8 <= data.size(); i += 8) {
    const std::uint8_t a = static_cast<std::uint8_t>(data[i] ^ (crc & 0xFFU));
    const std::uint8_t b = static_cast<std::uint8_t>(data[i + 1] ^ (crc >> 8));
    crc = static_cast<std::uint16_t>(t[7][a] ^ t[6][b] ^ t[5][data[i + 2]] ^ t[4][data[i + 3]] ^
                                     t[3][data[i + 4]] ^ t[2][data[i + 5]] ^ t[1][data[i + 6]] ^
                                     t[0][data[i + 7]]);
  }
  for (; i < data.size(); ++i) {
    crc = static_cast<std::uint16_t>((crc >> 8) ^ t[0][(crc ^ data[i]) & 0xFFU]);
  }
  return crc;
}

/// CRC-16/XMODEM: polynomial 0x1021, start 0 (SMP serial framing).
constexpr std::uint16_t crc16_xmodem(Bytes data, std::uint16_t crc = 0) {
  for (const std::uint8_t byte : data) {
    crc = static_cast<std::uint16_t>((crc << 8) ^ detail::kXmodemTable[(crc >> 8) ^ byte]);
  }
  return crc;
}

/// CRC-32 of ISO-HDLC (zlib, Ethernet): journal records, recordings.
constexpr std::uint32_t crc32(Bytes data, std::uint32_t crc = 0) {
  crc = ~crc;
  for (const std::uint8_t byte : data) {
    crc = (crc >> 8) ^ detail::kCrc32Table[(crc ^ byte) & 0xFFU];
  }
  return ~crc;
}

}  // namespace weco
