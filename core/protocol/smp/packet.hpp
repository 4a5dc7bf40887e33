// SPDX-License-Identifier: Apache-2.0
// Packets of the Simple Management Protocol and how they travel: on a console as lines of base64
// between which a device may print what it likes, over Bluetooth and UDP as they are.
#pragma once

#include <array>
#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace weco::smp {

enum class Operation : std::uint8_t { Read = 0, ReadResponse = 1, Write = 2, WriteResponse = 3 };
enum class Version : std::uint8_t { V1 = 0, V2 = 1 };
enum class Group : std::uint16_t { Os = 0, Image = 1, File = 8 };

// Commands of the groups.
inline constexpr std::uint8_t kOsEcho = 0;
inline constexpr std::uint8_t kOsReset = 5;
inline constexpr std::uint8_t kOsParams = 6;
inline constexpr std::uint8_t kOsInfo = 7;
inline constexpr std::uint8_t kImageState = 0;
inline constexpr std::uint8_t kImageUpload = 1;
inline constexpr std::uint8_t kImageErase = 5;
inline constexpr std::uint8_t kFileTransfer = 0;
inline constexpr std::uint8_t kFileStatus = 1;

inline constexpr std::size_t kHeaderBytes = 8;
inline constexpr std::size_t kPacketMax = 4096;
inline constexpr std::size_t kLineCharsMax = 124;  // of base64; with marks and line feed 127
/// Length and checksum, base64, marks and line feeds of the longest packet.
inline constexpr std::size_t kConsoleMax =
    ((kPacketMax + 4 + 2) / 3 * 4) + 3 * (((kPacketMax + 6) / 3 * 4) / kLineCharsMax + 1);

struct Header {
  Operation operation = Operation::Read;
  Version version = Version::V2;
  std::uint8_t flags = 0;
  std::uint16_t length = 0;  // of what follows
  std::uint16_t group = 0;
  std::uint8_t sequence = 0;
  std::uint8_t command = 0;
};

void encode_header(const Header& header, ByteWriter& out);
/// Truncated, or Unsupported for a version that is neither 1 nor 2.
Result<Header> decode_header(Bytes packet);

enum class Framing : std::uint8_t { Console, Packet };

/// Writes a packet as it goes on the wire; returns its size there. `out` has room for kConsoleMax.
std::size_t encode_frame(Framing framing, Bytes packet, MutableBytes out);

/// Finds packets in whatever arrives.
class Deframer {
 public:
  explicit Deframer(Framing framing) : framing_(framing) {}
  /// Takes bytes from `data` until a packet is complete or all are taken; true when packet() is
  /// one.
  bool take(Bytes& data);
  [[nodiscard]] Bytes packet() const { return Bytes(bytes_.data() + skip_, size_); }
  void reset() { *this = Deframer(framing_); }
  /// Frames whose checksum or length was wrong.
  [[nodiscard]] std::uint32_t damaged() const { return damaged_; }

 private:
  bool take_console(std::uint8_t byte);
  bool take_packet(std::uint8_t byte);
  bool line_done();
  void decode_character(std::uint8_t byte);
  void drop();

  Framing framing_;
  std::array<std::uint8_t, kPacketMax + 8> bytes_{};
  std::size_t fill_ = 0;
  std::size_t skip_ = 0;
  std::size_t size_ = 0;
  std::uint32_t bits_ = 0;
  std::uint8_t bit_count_ = 0;
  std::uint8_t previous_ = 0;
  bool started_ = false;   // a first line was seen
  bool in_line_ = false;   // between a mark and a line feed
  bool complete_ = false;  // packet() was given out
  std::uint32_t damaged_ = 0;
};

}  // namespace weco::smp
