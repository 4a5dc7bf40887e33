// SPDX-License-Identifier: Apache-2.0
// As much CBOR (RFC 8949) as device management speaks: whole numbers, text, bytes, booleans, null,
// arrays and maps, of definite and of indefinite length. Reading copies nothing and never goes
// deeper than kDepthMax; the first mistake makes the reader fail for good, like ByteReader, so that
// code asks once, at the end. Refused: tags, texts in pieces, and text that is no UTF-8 is left to
// whoever shows it.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/bytes.hpp"

namespace weco::cbor {

inline constexpr int kDepthMax = 8;

enum class Kind : std::uint8_t { Unsigned, Negative, Bytes, Text, Array, Map, Bool, Null, Other };

/// An array or map being read.
struct Container {
  std::uint64_t left = 0;  // elements; in a map, pairs
  bool indefinite = false;
};

class Reader {
 public:
  explicit Reader(Bytes data) : data_(data) {}
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return at_ == data_.size(); }
  /// Of the next item; Other at the end, after a failure and for what is only skipped.
  [[nodiscard]] Kind peek() const;

  Container map() { return open(5); }
  Container array() { return open(4); }
  /// Whether another element (of a map: another key) follows; takes the end mark of an indefinite
  /// one. False after a failure, so every loop ends.
  bool more(Container& container);

  std::uint64_t unsigned_number();
  /// OutOfRange numbers fail.
  std::int64_t number();
  bool boolean();
  std::string_view text();
  Bytes bytes();
  /// Passes over one item with everything in it.
  void skip();
  void fail() { ok_ = false; }

 private:
  struct Head {
    std::uint8_t major = 7;
    std::uint8_t info = 31;
    std::uint64_t value = 0;
  };
  Head head();
  Container open(std::uint8_t major);
  Bytes string(std::uint8_t major);
  Bytes data_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

class Writer {
 public:
  explicit Writer(MutableBytes room) : out_(room) {}
  [[nodiscard]] bool ok() const { return out_.ok(); }
  [[nodiscard]] Bytes written() const { return out_.written(); }
  [[nodiscard]] std::size_t size() const { return out_.size(); }

  Writer& map(std::uint64_t pairs) { return head(5, pairs); }
  Writer& array(std::uint64_t elements) { return head(4, elements); }
  /// Of indefinite length, ended by end().
  Writer& open_map() { return raw(0xBF); }
  Writer& open_array() { return raw(0x9F); }
  Writer& end() { return raw(0xFF); }
  Writer& number(std::int64_t value);
  Writer& unsigned_number(std::uint64_t value) { return head(0, value); }
  Writer& boolean(bool value) { return raw(value ? 0xF5 : 0xF4); }
  Writer& null() { return raw(0xF6); }
  Writer& text(std::string_view value);
  Writer& bytes(Bytes value);

 private:
  Writer& head(std::uint8_t major, std::uint64_t value);
  Writer& raw(std::uint8_t byte) {
    out_.u8(byte);
    return *this;
  }
  ByteWriter out_;
};

/// Bytes of the head of a text, byte string or number of this value.
constexpr std::size_t head_size(std::uint64_t value) {
  return value < 24 ? 1 : value < 0x100 ? 2 : value < 0x10000 ? 3 : value < 0x100000000ULL ? 5 : 9;
}

}  // namespace weco::cbor
