// SPDX-License-Identifier: Apache-2.0
// Listens to a bus of the 0x35x family and turns its frames into readings. It never sends. It
// learns which dialect is spoken, keeps every id it has seen with its last data and its rhythm (so
// that nothing is hidden and silence is noticed), and says which assumptions its values rest on.
#pragma once

#include <array>
#include <span>

#include "core/points/point.hpp"
#include "core/protocol/can/frame.hpp"
#include "core/protocol/canbms/fields.hpp"

namespace weco::canbms {

/// One identifier on the bus.
struct Seen {
  std::uint32_t id = 0;
  bool extended = false;
  std::uint8_t size = 0;      // data bytes of the last frame
  std::uint8_t readings = 0;  // values the last frame gave; 0: shown raw
  std::uint8_t first_field = 0;
  std::uint8_t field_count = 0;  // 0: an id without rows in kFields
  std::array<std::uint8_t, 8> data{};
  std::uint32_t frames = 0;
  Instant last{};
  Duration period{};  // smoothed; 0 until two frames with different times came
};

class Decoder {
 public:
  static constexpr std::size_t kIdsMax = 96;
  /// An id is stale when nothing came for three of its periods, and at least this long (Safiery's
  /// inverter side gives up after 3 s without 0x351; SMA after 60 s).
  static constexpr Duration kStaleAfter = Duration::s(3);

  /// Decodes one frame; its time is frame.at. Error frames and remote frames are counted only.
  void feed(const CanFrame& frame, ReadingSink& sink);

  /// As far as the ids tell by now. It can only get more precise, or change with the bus.
  [[nodiscard]] Dialect dialect() const { return dialect_; }
  /// The sides taken since the dialect was last recognised; sentences in kAssumptions.
  [[nodiscard]] EnumSet<Assumption> assumptions() const { return assumptions_; }
  /// What an installer should hear of; zero limits are there while they last. Sentences in
  /// kFindings.
  [[nodiscard]] EnumSet<Finding> findings() const { return findings_; }

  /// Every id in the order of appearance. Those with readings == 0 were not understood.
  [[nodiscard]] std::span<const Seen> ids() const { return seen_.view(); }
  /// The record of an 11-bit id, nullptr if it never came.
  [[nodiscard]] const Seen* find(std::uint16_t id) const;
  /// True when the id never came or came too long ago.
  [[nodiscard]] bool stale(std::uint16_t id, Instant now) const;

  /// 0x305, 0x306 or 0x307 was seen: an inverter talks (0x305 also as a 29-bit id: Schneider).
  [[nodiscard]] bool inverter_seen() const { return inverter_seen_; }
  [[nodiscard]] bool keep_alive_seen() const { return keep_alive_seen_; }
  /// When 0x305 was last heard; meaningful after keep_alive_seen().
  [[nodiscard]] Instant keep_alive_last() const { return keep_alive_last_; }
  [[nodiscard]] std::uint32_t error_frames() const { return error_frames_; }
  [[nodiscard]] std::uint32_t remote_frames() const { return remote_frames_; }

  void reset() { *this = Decoder(); }

 private:
  struct Step;
  struct Compiled;
  enum class Maker : std::uint8_t { Unknown, Pylontech, Byd, Other };

  Seen* note(const CanFrame& frame);
  Seen* add(const CanFrame& frame);
  Seen* find_extended(std::uint32_t id);
  void touch(Seen& seen, const CanFrame& frame) const;
  void note_inverter(const CanFrame& frame);
  void learn(const CanFrame& frame);
  void note_maker(const CanFrame& frame);
  [[nodiscard]] Dialect recognise() const;
  [[nodiscard]] Dialect recognise_extended() const;
  [[nodiscard]] Dialect recognise_foreign() const;
  [[nodiscard]] Dialect recognise_35x() const;
  [[nodiscard]] bool seen(std::uint16_t id) const { return slot_[id] != 0; }
  [[nodiscard]] int count(std::span<const std::uint16_t> list) const;
  [[nodiscard]] bool any(std::uint16_t first, std::uint16_t last) const;

  [[nodiscard]] bool applies(const Step& step, const CanFrame& frame) const;
  void decode(const Step& step, const CanFrame& frame, ReadingSink& sink);
  void decode_named(const Step& step, const CanFrame& frame, ReadingSink& sink);
  void decode_limit(const Step& step, const CanFrame& frame, ReadingSink& sink);
  void decode_soc(const Step& step, const CanFrame& frame, ReadingSink& sink);
  void decode_voltage(const Step& step, const CanFrame& frame, ReadingSink& sink);
  void decode_kelvin(const Step& step, const CanFrame& frame, ReadingSink& sink);
  void decode_identity(const Step& step, const CanFrame& frame, ReadingSink& sink);
  void decode_bits(const Step& step, const CanFrame& frame, ReadingSink& sink);
  void decode_text(const Step& step, const CanFrame& frame, ReadingSink& sink);
  void decode_half(const Step& step, const CanFrame& frame, ReadingSink& sink);
  [[nodiscard]] int voltage_exponent(std::int32_t raw);

  void put_number(const Step& step, std::int64_t raw, int exponent, Quality quality,
                  ReadingSink& sink);
  void put_checked(const Step& step, std::int64_t raw, bool absent, Assumption assumption,
                   ReadingSink& sink);
  void put_bits(const Step& step, ValueKind kind, std::uint64_t bits, Quality quality,
                ReadingSink& sink);
  void put_text(const Step& step, Bytes text, Quality quality, ReadingSink& sink);
  Quality assume(Assumption assumption);

  FixedVector<Seen, kIdsMax> seen_{};
  std::array<std::uint8_t, 2048> slot_{};  // 11-bit id -> position in seen_ plus 1
  Reading number_{};
  Reading bits_{};
  Reading text_{};
  std::array<std::array<std::uint8_t, 16>, 2> halves_{};  // model, serial number
  std::array<std::uint8_t, 2> halves_known_{};            // bit 0 head, bit 1 tail
  EnumSet<Assumption> assumptions_{};
  EnumSet<Finding> findings_{};
  std::uint32_t charge_voltage_ = 0;  // raw, 0.1 V; 0: not known
  std::uint32_t end_voltage_ = 0;
  Instant keep_alive_last_{};
  std::uint32_t error_frames_ = 0;
  std::uint32_t remote_frames_ = 0;
  std::uint8_t put_count_ = 0;
  Dialect dialect_ = Dialect::Unknown;
  Maker maker_ = Maker::Unknown;
  bool maker_padded_ = true;
  bool pytes_named_ = false;
  bool inverter_seen_ = false;
  bool keep_alive_seen_ = false;
};

}  // namespace weco::canbms
