// SPDX-License-Identifier: Apache-2.0
// The frame of Pylontech's RS485 protocol V3.3: text between '~' and CR, every byte as two
// upper-case hexadecimal digits, a length that carries its own check, and a checksum over the
// characters. Relatives with another VER (PACE 25, Shoto 22) share the frame.
#pragma once

#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/fixed.hpp"
#include "core/base/result.hpp"

namespace weco::pylontech {

/// LENGTH counts at most 4095 characters of INFO.
inline constexpr std::size_t kInfoMax = 2047;
inline constexpr std::size_t kHeaderChars = 12;  // VER ADR CID1 CID2 LENGTH
inline constexpr std::size_t kCharsMax = kHeaderChars + 2 * kInfoMax + 4;
inline constexpr std::uint8_t kVersion = 0x20;      // VER of every frame on record
inline constexpr std::uint8_t kCid1Battery = 0x46;  // the only CID1 of the protocol

struct Frame {
  std::uint8_t version = kVersion;
  std::uint8_t address = 2;
  std::uint8_t cid1 = kCid1Battery;
  std::uint8_t cid2 = 0;  // the command of a request, the return code of an answer
  FixedVector<std::uint8_t, kInfoMax> info;
};

/// What stands between '~' and CR, without both.
using Text = FixedVector<char, kCharsMax>;

/// LENGTH for that many characters of INFO (0..4095): the upper nibble makes the sum of the four
/// nibbles 0 modulo 16.
std::uint16_t length_field(std::size_t characters);
/// CHKSUM: two's complement of the sum of the characters' codes.
std::uint16_t checksum(std::string_view text);

/// Writes the frame, '~' and CR included, and returns what was written. Full when `room` is
/// smaller.
Result<Bytes> encode(const Frame& frame, MutableBytes room);
inline constexpr std::size_t kWireMax = kCharsMax + 2;

/// The inverse, without '~' and CR. BadChecksum: CHKSUM or LENGTH's own check differs; BadFrame:
/// too short, a character that is no upper-case digit, or LENGTH differs from what is there.
Status parse(std::string_view text, Frame& frame);

/// Finds frames in a stream, wherever it is cut; '~' always starts anew.
class Receiver {
 public:
  enum class Event : std::uint8_t { None, Frame };

  /// Takes one byte. Event::Frame: a CR ended the text() that is there until the next byte.
  Event feed(std::uint8_t byte);
  [[nodiscard]] std::string_view text() const { return {text_.begin(), text_.size()}; }
  [[nodiscard]] bool inside() const { return inside_; }
  /// Bytes outside of frames, CR and LF between them not counted.
  [[nodiscard]] std::uint32_t noise() const { return noise_; }
  /// Frames that a new '~' or too many characters cut off.
  [[nodiscard]] std::uint32_t cut() const { return cut_; }
  void clear();

 private:
  Text text_;
  bool inside_ = false;
  std::uint32_t noise_ = 0;
  std::uint32_t cut_ = 0;
};

}  // namespace weco::pylontech
