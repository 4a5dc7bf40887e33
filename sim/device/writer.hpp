// SPDX-License-Identifier: Apache-2.0
// How the simple models put their values into a snapshot.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "host/snapshot/snapshot.hpp"

namespace weco::sim {

/// A value that a healthy device holds all the time.
struct Fixed {
  PointId id;
  std::int64_t mantissa;
  int exponent;
  std::uint8_t index = 0;
};

/// A choice that it holds all the time.
struct Chosen {
  PointId id;
  std::uint8_t value;
};

/// A triangle wave between 0 and 1000 with this period: a rhythm without a floating-point library,
/// so that the bytes are the same on every machine.
inline std::int64_t wave(Instant now, Duration period) {
  const std::int64_t phase = now.to_us() % period.to_us() * 2000 / period.to_us();
  return phase < 1000 ? phase : 2000 - phase;
}

class Writer {
 public:
  Writer(Snapshot& values, Instant now, NodePath node = {})
      : values_(values), now_(now), node_(node) {}
  [[nodiscard]] Writer at(NodeKind kind, std::uint8_t number) const {
    return {values_, now_, node_.child(kind, number)};
  }
  void number(PointId id, std::int64_t mantissa, int exponent, std::uint8_t index = 0) {
    values_.put(
        number_reading({id, index, node_}, {mantissa, static_cast<std::int8_t>(exponent)}, now_));
  }
  void choice(PointId id, std::uint64_t value, std::uint8_t index = 0) {
    values_.put(bits_reading({id, index, node_}, ValueKind::Choice, value, now_));
  }
  void flags(PointId id, std::uint64_t bits, std::uint8_t index = 0) {
    values_.put(bits_reading({id, index, node_}, info(id).kind, bits, now_));
  }
  void fixed(std::span<const Fixed> rows) {
    for (const Fixed& row : rows) number(row.id, row.mantissa, row.exponent, row.index);
  }
  void chosen(std::span<const Chosen> rows) {
    for (const Chosen& row : rows) choice(row.id, row.value);
  }
  void word(PointId id, std::uint8_t index, std::uint64_t bits) {
    values_.put(bits_reading({id, index, node_}, ValueKind::Raw, bits, now_));
  }
  void text(PointId id, std::string_view value) {
    values_.put(text_reading({id, 0, node_}, value, now_));
  }

 private:
  Snapshot& values_;
  Instant now_;
  NodePath node_;
};

}  // namespace weco::sim
