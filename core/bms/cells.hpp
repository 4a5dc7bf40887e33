// SPDX-License-Identifier: Apache-2.0
// What a pack's front end delivers each cycle, and a mask that says which of it was really read. A
// reading that did not come has no number at all: its bit is clear and nothing looks at the value.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/base/units.hpp"

namespace weco::bms {

/// The largest family (a CM2 cabinet, 240 cells in series) decides; see families.hpp.
inline constexpr std::size_t kCellsMax = 240;
/// Temperature sensors of one pack.
inline constexpr std::size_t kSensorsMax = 32;

/// One bit a cell, bit 0 is the most negative cell.
class CellMask {
 public:
  static constexpr std::size_t kWords = (kCellsMax + 63) / 64;
  /// The first `n` cells, n <= kCellsMax.
  static constexpr CellMask first(std::size_t n) {
    CellMask mask;
    for (std::size_t i = 0; i < n; ++i) mask.set(i);
    return mask;
  }
  constexpr void set(std::size_t i) { words_[i / 64] |= std::uint64_t{1} << (i % 64); }
  constexpr void clear(std::size_t i) { words_[i / 64] &= ~(std::uint64_t{1} << (i % 64)); }
  /// 64 cells at once; see words().
  constexpr void put(std::size_t word, std::uint64_t cells) { words_[word] = cells; }
  [[nodiscard]] constexpr bool test(std::size_t i) const {
    return ((words_[i / 64] >> (i % 64)) & 1U) != 0;
  }
  [[nodiscard]] constexpr std::size_t count() const {
    std::size_t n = 0;
    for (std::uint64_t word : words_) {
      for (; word != 0; word &= word - 1) ++n;
    }
    return n;
  }
  [[nodiscard]] constexpr bool any() const {
    std::uint64_t all = 0;
    for (const std::uint64_t word : words_) all |= word;
    return all != 0;
  }
  /// 64 cells a word, the first cell in the lowest bit.
  [[nodiscard]] constexpr std::span<const std::uint64_t, kWords> words() const { return words_; }
  /// Are the first `n` cells all in it? n <= kCellsMax.
  [[nodiscard]] constexpr bool has_first(std::size_t n) const {
    std::size_t i = 0;
    for (; n >= 64; n -= 64) {
      if (~words_[i++] != 0) return false;
    }
    const std::uint64_t rest = (std::uint64_t{1} << n) - 1;
    return rest == 0 || (words_[i] & rest) == rest;
  }
  friend constexpr bool operator==(const CellMask& a, const CellMask& b) {
    std::uint64_t apart = 0;  // no call for four words
    for (std::size_t i = 0; i < kWords; ++i) apart |= a.words_[i] ^ b.words_[i];
    return apart == 0;
  }

 private:
  std::array<std::uint64_t, kWords> words_{};
};

/// One measurement that may be missing.
template <class Value>
struct Reading {
  Value value{};
  bool read = false;
  friend constexpr bool operator==(const Reading&, const Reading&) = default;
};

/// A cycle of the analogue front end. The spans stay owned by the caller and are only read during
/// the call. More cells than the family has are ignored; fewer count as not read.
struct CellReadings {
  std::span<const Millivolts> voltage;
  CellMask voltage_read;
  std::span<const Temperature> temperature;
  std::uint32_t temperature_read = 0;  // one bit a sensor
};

/// The extremes and the sum, over the readings that exist.
struct CellSummary {
  Millivolts min;
  Millivolts max;
  Millivolts sum;  // of the read cells only
  Temperature coldest;
  Temperature warmest;
  std::uint8_t coldest_at = 0;  // the first sensor that reads so
  std::uint8_t warmest_at = 0;
  std::uint16_t missing = 0;        // cells and sensors that were not read
  bool voltages_known = false;      // every cell was read
  bool temperatures_known = false;  // every sensor was read
  bool any_voltage = false;
  bool any_temperature = false;
};

/// Sums up `cells` cells and `sensors` sensors (both at most the maxima above).
void summarise(const CellReadings& readings, std::size_t cells, std::size_t sensors,
               CellSummary& out);

/// The sensors alone; `out` has the cells, with what is missing of them.
void summarise_temperatures(const CellReadings& readings, std::size_t sensors, CellSummary& out);

/// Which cell has the voltage `wanted`; `cells` when none has.
std::size_t find_cell(const CellReadings& readings, std::size_t cells, Millivolts wanted);

}  // namespace weco::bms
