// SPDX-License-Identifier: Apache-2.0
#include "core/protocol/cbor/cbor.hpp"

#include <array>
#include <limits>

namespace weco::cbor {
namespace {

constexpr std::uint8_t kBreak = 0xFF;
constexpr std::uint8_t kIndefinite = 31;

}  // namespace

Kind Reader::peek() const {
  if (!ok_ || at_ == data_.size()) return Kind::Other;
  const std::uint8_t first = data_[at_];
  constexpr std::array kKinds = {Kind::Unsigned, Kind::Negative, Kind::Bytes, Kind::Text,
                                 Kind::Array,    Kind::Map,      Kind::Other, Kind::Other};
  if (first == 0xF4 || first == 0xF5) return Kind::Bool;
  if (first == 0xF6) return Kind::Null;
  return kKinds[first >> 5];
}

Reader::Head Reader::head() {
  Head head;
  if (!ok_ || at_ == data_.size()) {
    ok_ = false;
    return head;
  }
  const std::uint8_t first = data_[at_++];
  head.major = static_cast<std::uint8_t>(first >> 5);
  head.info = static_cast<std::uint8_t>(first & 0x1F);
  if (head.info < 24) {
    head.value = head.info;
    return head;
  }
  if (head.info == kIndefinite) return head;
  const std::size_t size = head.info > 27 ? 0 : std::size_t{1} << (head.info - 24);
  if (size == 0 || size > data_.size() - at_) {
    ok_ = false;
    return head;
  }
  for (std::size_t i = 0; i < size; ++i) head.value = (head.value << 8) | data_[at_++];
  return head;
}

Container Reader::open(std::uint8_t major) {
  const Head start = head();
  Container container;
  if (start.major != major) ok_ = false;
  container.indefinite = start.info == kIndefinite;
  container.left = start.value;
  // An element takes at least a byte, a pair two: a larger count is a lie.
  const std::size_t room = (data_.size() - at_) / (major == 5 ? 2 : 1);
  if (!container.indefinite && container.left > room) ok_ = false;
  return container;
}

bool Reader::more(Container& container) {
  if (!ok_) return false;
  if (!container.indefinite) {
    if (container.left == 0) return false;
    --container.left;
    return true;
  }
  if (at_ == data_.size()) {
    ok_ = false;
    return false;
  }
  if (data_[at_] != kBreak) return true;
  ++at_;
  return false;
}

std::uint64_t Reader::unsigned_number() {
  const Head start = head();
  if (start.major != 0 || start.info == kIndefinite) ok_ = false;
  return ok_ ? start.value : 0;
}

std::int64_t Reader::number() {
  const Head start = head();
  const bool fits =
      start.value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (start.major > 1 || start.info == kIndefinite || !fits) ok_ = false;
  if (!ok_) return 0;
  const auto value = static_cast<std::int64_t>(start.value);
  return start.major == 0 ? value : -1 - value;
}

bool Reader::boolean() {
  const Kind kind = peek();
  const Head start = head();
  if (kind != Kind::Bool) ok_ = false;
  return ok_ && start.value == 21;
}

Bytes Reader::string(std::uint8_t major) {
  const Head start = head();
  if (start.major != major || start.info == kIndefinite || start.value > data_.size() - at_) {
    ok_ = false;
  }
  if (!ok_) return {};
  const Bytes part = data_.subspan(at_, static_cast<std::size_t>(start.value));
  at_ += part.size();
  return part;
}

std::string_view Reader::text() {
  const Bytes part = string(3);
  return {reinterpret_cast<const char*>(part.data()), part.size()};
}

Bytes Reader::bytes() { return string(2); }

void Reader::skip() {
  // What is open, from the outside in; no recursion on a microcontroller's stack.
  std::array<Container, kDepthMax> open_ones{};
  int depth = 0;
  do {
    const Kind kind = peek();
    if (kind == Kind::Array || kind == Kind::Map) {
      if (depth == kDepthMax) {
        ok_ = false;
        return;
      }
      Container inner = kind == Kind::Map ? map() : array();
      if (kind == Kind::Map && !inner.indefinite) inner.left *= 2;
      open_ones[static_cast<std::size_t>(depth++)] = inner;
    } else if (kind == Kind::Bytes || kind == Kind::Text) {
      string(kind == Kind::Bytes ? 2 : 3);
    } else {
      const Head start = head();
      if (start.major == 6 || start.info == kIndefinite) ok_ = false;
    }
    while (ok_ && depth > 0 && !more(open_ones[static_cast<std::size_t>(depth - 1)])) --depth;
  } while (ok_ && depth > 0);
}

Writer& Writer::head(std::uint8_t major, std::uint64_t value) {
  const auto first = static_cast<std::uint8_t>(major << 5);
  if (value < 24) return raw(static_cast<std::uint8_t>(first | value));
  const std::size_t size = head_size(value) - 1;
  const std::uint8_t info = size == 1 ? 24 : size == 2 ? 25 : size == 4 ? 26 : 27;
  raw(static_cast<std::uint8_t>(first | info));
  for (std::size_t i = size; i > 0; --i) {
    raw(static_cast<std::uint8_t>(value >> (8 * (i - 1))));
  }
  return *this;
}

Writer& Writer::number(std::int64_t value) {
  if (value >= 0) return head(0, static_cast<std::uint64_t>(value));
  return head(1, static_cast<std::uint64_t>(-1 - value));
}

Writer& Writer::text(std::string_view value) {
  head(3, value.size());
  for (const char c : value) raw(static_cast<std::uint8_t>(c));
  return *this;
}

Writer& Writer::bytes(Bytes value) {
  head(2, value.size());
  out_.bytes(value);
  return *this;
}

}  // namespace weco::cbor
