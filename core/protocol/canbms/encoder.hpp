// SPDX-License-Identifier: Apache-2.0
// The battery's side of the 0x35x family: from values to the frames of a dialect, in its rhythm.
// Simulated batteries speak through it, and its output is what the decoder's tests read back.
#pragma once

#include "core/points/point.hpp"
#include "core/protocol/can/frame.hpp"
#include "core/protocol/canbms/fields.hpp"

namespace weco::canbms {

/// One frame of a dialect: how long it is and how often it comes. Pylontech's document says 1 s;
/// the lengths of 1.2 are those of captures, other makers pad to 8.
struct FrameSpec {
  Dialect dialect;
  std::uint16_t id;
  std::uint8_t size;
  Duration period;
};

inline constexpr FrameSpec kFrames[] = {
    {Dialect::Pylontech12, 0x359, 7, Duration::s(1)},
    {Dialect::Pylontech12, 0x351, 8, Duration::s(1)},
    {Dialect::Pylontech12, 0x355, 4, Duration::s(1)},
    {Dialect::Pylontech12, 0x356, 6, Duration::s(1)},
    {Dialect::Pylontech12, 0x35C, 2, Duration::s(1)},
    {Dialect::Pylontech12, 0x35E, 8, Duration::s(1)},
    {Dialect::PylontechPlus, 0x359, 8, Duration::s(1)},
    {Dialect::PylontechPlus, 0x351, 8, Duration::s(1)},
    {Dialect::PylontechPlus, 0x355, 8, Duration::s(1)},
    {Dialect::PylontechPlus, 0x356, 8, Duration::s(1)},
    {Dialect::PylontechPlus, 0x35C, 8, Duration::s(1)},
    {Dialect::PylontechPlus, 0x35E, 8, Duration::s(1)},
    {Dialect::PylontechPlus, 0x370, 8, Duration::s(1)},
    {Dialect::PylontechPlus, 0x372, 8, Duration::s(1)},
    {Dialect::PylontechPlus, 0x373, 8, Duration::s(1)},
    {Dialect::PylontechPlus, 0x374, 8, Duration::s(1)},
    {Dialect::PylontechPlus, 0x375, 8, Duration::s(1)},
    {Dialect::PylontechPlus, 0x376, 8, Duration::s(1)},
    {Dialect::PylontechPlus, 0x377, 8, Duration::s(1)},
    {Dialect::PylontechPlus, 0x379, 8, Duration::s(1)},
    {Dialect::SmaVictron, 0x351, 8, Duration::s(1)},
    {Dialect::SmaVictron, 0x355, 8, Duration::s(1)},
    {Dialect::SmaVictron, 0x356, 8, Duration::s(1)},
    {Dialect::SmaVictron, 0x35A, 8, Duration::s(1)},
    {Dialect::SmaVictron, 0x35B, 8, Duration::s(1)},
    {Dialect::SmaVictron, 0x35E, 8, Duration::s(1)},
    {Dialect::SmaVictron, 0x35F, 8, Duration::s(1)},
    {Dialect::SmaVictron, 0x370, 8, Duration::s(1)},
    {Dialect::SmaVictron, 0x371, 8, Duration::s(1)},
    {Dialect::SmaVictron, 0x372, 8, Duration::s(1)},
    {Dialect::SmaVictron, 0x373, 8, Duration::s(1)},
    {Dialect::SmaVictron, 0x374, 8, Duration::s(1)},
    {Dialect::SmaVictron, 0x375, 8, Duration::s(1)},
    {Dialect::SmaVictron, 0x376, 8, Duration::s(1)},
    {Dialect::SmaVictron, 0x377, 8, Duration::s(1)},
    {Dialect::SmaVictron, 0x378, 8, Duration::s(1)},
    {Dialect::SmaVictron, 0x379, 8, Duration::s(1)},
    {Dialect::SmaVictron, 0x380, 8, Duration::s(1)},
    {Dialect::SmaVictron, 0x381, 8, Duration::s(1)},
    {Dialect::SmaVictron, 0x382, 8, Duration::s(1)},
};

/// True for the dialects an Encoder can speak.
constexpr bool can_encode(Dialect dialect) {
  for (const FrameSpec& spec : kFrames) {
    if (spec.dialect == dialect) return true;
  }
  return false;
}

class Encoder {
 public:
  /// Whether the battery talks without hearing an inverter. One report says that a US2000C does
  /// not.
  enum class KeepAlive : std::uint8_t { Ignored, Required };

  struct Config {
    Dialect dialect = Dialect::Pylontech12;
    KeepAlive keep_alive = KeepAlive::Ignored;
    Duration patience = Duration::s(5);  // silence of the inverter that stops a battery (YamBMS)
  };
  static constexpr std::size_t kFramesMax = 24;
  using Frames = FixedVector<CanFrame, kFramesMax>;

  /// `source` must outlive the encoder; can_encode(config.dialect) must hold.
  Encoder(const Config& config, const ReadingSource& source);

  /// A frame from the bus; 0x305 (11 or 29 bits) is the inverter's sign of life.
  void received(const CanFrame& frame, Instant now);
  /// Appends the frames whose time has come, at most once each, however late the call is. A frame
  /// none of whose values the source has is left out; without a charge voltage limit 0x351 is.
  void due(Instant now, Frames& out);
  /// When due() has something to send next; Instant::never() while it waits for an inverter.
  [[nodiscard]] Instant next_due() const;
  /// The frame of that id as it would go out now; Unsupported when the dialect has none, NotFound
  /// when the source has no value for it.
  [[nodiscard]] Result<CanFrame> encode(std::uint16_t id) const;
  [[nodiscard]] bool talking(Instant now) const;

 private:
  [[nodiscard]] const Reading* value(const Field& field) const;
  [[nodiscard]] bool put(const Field& field, CanFrame& frame) const;
  [[nodiscard]] bool put_number(const Field& field, CanFrame& frame) const;
  [[nodiscard]] bool put_text(const Field& field, CanFrame& frame) const;
  [[nodiscard]] bool put_bits(const Field& field, CanFrame& frame) const;
  [[nodiscard]] bool put_version(const Field& field, CanFrame& frame) const;
  [[nodiscard]] std::uint64_t flags(PointId id, bool& known) const;
  [[nodiscard]] bool is_byd() const;

  Config config_;
  const ReadingSource& source_;
  std::array<Instant, kFramesMax> next_{};
  bool heard_ = false;
  Instant heard_last_{};
};

}  // namespace weco::canbms
