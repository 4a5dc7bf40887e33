// SPDX-License-Identifier: Apache-2.0
// Reading and writing bytes with a bound that cannot be forgotten. A reader that runs past its end
// stays failed and returns zeros; the caller asks once, at the end, whether all was well.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace weco {

using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;

enum class Endian : std::uint8_t { Big, Little };

class ByteReader {
 public:
  explicit constexpr ByteReader(Bytes data) : data_(data) {}
  /// False once any read ran past the end.
  [[nodiscard]] constexpr bool ok() const { return ok_; }
  [[nodiscard]] constexpr std::size_t position() const { return at_; }
  [[nodiscard]] constexpr std::size_t remaining() const { return data_.size() - at_; }

  constexpr std::uint8_t u8() { return static_cast<std::uint8_t>(integer(1, Endian::Big)); }
  constexpr std::uint16_t u16(Endian e) { return static_cast<std::uint16_t>(integer(2, e)); }
  constexpr std::uint32_t u24(Endian e) { return static_cast<std::uint32_t>(integer(3, e)); }
  constexpr std::uint32_t u32(Endian e) { return static_cast<std::uint32_t>(integer(4, e)); }
  constexpr std::uint64_t u64(Endian e) { return integer(8, e); }
  constexpr std::int16_t s16(Endian e) { return static_cast<std::int16_t>(u16(e)); }
  constexpr std::int32_t s32(Endian e) { return static_cast<std::int32_t>(u32(e)); }
  /// The next `n` bytes, or an empty span when there are fewer.
  constexpr Bytes take(std::size_t n) {
    if (n > remaining()) {
      ok_ = false;
      return {};
    }
    const Bytes part = data_.subspan(at_, n);
    at_ += n;
    return part;
  }
  constexpr void skip(std::size_t n) { static_cast<void>(take(n)); }

 private:
  constexpr std::uint64_t integer(std::size_t n, Endian e) {
    const Bytes part = take(n);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < part.size(); ++i) {
      const std::size_t place = e == Endian::Big ? i : part.size() - 1 - i;
      value = (value << 8) | part[place];
    }
    return value;
  }
  Bytes data_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

class ByteWriter {
 public:
  explicit constexpr ByteWriter(MutableBytes room) : room_(room) {}
  /// False once any write did not fit; nothing is written beyond the room.
  [[nodiscard]] constexpr bool ok() const { return ok_; }
  [[nodiscard]] constexpr std::size_t size() const { return at_; }
  [[nodiscard]] constexpr Bytes written() const { return room_.first(at_); }

  constexpr void u8(std::uint8_t v) { integer(v, 1, Endian::Big); }
  constexpr void u16(std::uint16_t v, Endian e) { integer(v, 2, e); }
  constexpr void u24(std::uint32_t v, Endian e) { integer(v, 3, e); }
  constexpr void u32(std::uint32_t v, Endian e) { integer(v, 4, e); }
  constexpr void u64(std::uint64_t v, Endian e) { integer(v, 8, e); }
  constexpr void s16(std::int16_t v, Endian e) { u16(static_cast<std::uint16_t>(v), e); }
  constexpr void bytes(Bytes data) {
    for (const std::uint8_t b : data) u8(b);
  }

 private:
  constexpr void integer(std::uint64_t v, std::size_t n, Endian e) {
    if (n > room_.size() - at_) {
      ok_ = false;
      return;
    }
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t place = e == Endian::Big ? n - 1 - i : i;
      room_[at_ + i] = static_cast<std::uint8_t>(v >> (8 * place));
    }
    at_ += n;
  }
  MutableBytes room_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace weco
