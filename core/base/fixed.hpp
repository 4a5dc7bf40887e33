// SPDX-License-Identifier: Apache-2.0
// Containers with a fixed capacity and no heap. Overflow is an answer (false), never silent.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/base/assert.hpp"

namespace weco {

template <class T, std::size_t Capacity>
class FixedVector {
 public:
  [[nodiscard]] constexpr bool push_back(const T& item) {
    if (size_ == Capacity) return false;
    items_[size_++] = item;
    return true;
  }
  constexpr void clear() { size_ = 0; }
  constexpr void pop_back() {
    WECO_ASSERT(size_ > 0);
    --size_;
  }
  [[nodiscard]] constexpr std::size_t size() const { return size_; }
  [[nodiscard]] constexpr bool empty() const { return size_ == 0; }
  [[nodiscard]] constexpr bool full() const { return size_ == Capacity; }
  static constexpr std::size_t capacity() { return Capacity; }
  constexpr T& operator[](std::size_t i) { return WECO_ASSERT(i < size_), items_[i]; }
  constexpr const T& operator[](std::size_t i) const { return WECO_ASSERT(i < size_), items_[i]; }
  constexpr T* begin() { return items_.data(); }
  constexpr T* end() { return items_.data() + size_; }
  constexpr const T* begin() const { return items_.data(); }
  constexpr const T* end() const { return items_.data() + size_; }
  [[nodiscard]] constexpr std::span<const T> view() const { return {items_.data(), size_}; }
  [[nodiscard]] constexpr std::span<T> view() { return {items_.data(), size_}; }

 private:
  std::array<T, Capacity> items_{};
  std::size_t size_ = 0;
};

/// Text of at most `Capacity` bytes. What does not fit is cut; `cut()` tells.
template <std::size_t Capacity>
class FixedString {
 public:
  constexpr FixedString() = default;
  constexpr FixedString(std::string_view text) { append(text); }  // NOLINT: implicit by design
  constexpr void append(std::string_view text) {
    for (const char c : text) {
      if (size_ == Capacity) {
        cut_ = true;
        return;
      }
      text_[size_++] = c;
    }
  }
  [[nodiscard]] constexpr std::string_view view() const { return {text_.data(), size_}; }
  [[nodiscard]] constexpr bool cut() const { return cut_; }
  [[nodiscard]] constexpr bool empty() const { return size_ == 0; }
  friend constexpr bool operator==(const FixedString& a, const FixedString& b) {
    return a.view() == b.view();
  }

 private:
  std::array<char, Capacity> text_{};
  std::uint16_t size_ = 0;
  bool cut_ = false;
};

/// First in, first out, bounded.
template <class T, std::size_t Capacity>
class Ring {
 public:
  [[nodiscard]] constexpr bool push(const T& item) {
    if (size_ == Capacity) return false;
    items_[(first_ + size_) % Capacity] = item;
    ++size_;
    return true;
  }
  constexpr T pop() {
    WECO_ASSERT(size_ > 0);
    const T item = items_[first_];
    first_ = (first_ + 1) % Capacity;
    --size_;
    return item;
  }
  [[nodiscard]] constexpr const T& front() const { return WECO_ASSERT(size_ > 0), items_[first_]; }
  [[nodiscard]] constexpr std::size_t size() const { return size_; }
  [[nodiscard]] constexpr bool empty() const { return size_ == 0; }
  constexpr void clear() { first_ = size_ = 0; }

 private:
  std::array<T, Capacity> items_{};
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace weco
