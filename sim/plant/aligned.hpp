// SPDX-License-Identifier: Apache-2.0
// Numbers in memory as the widest register wants them, all zero at first.
#pragma once

#include <algorithm>
#include <cstddef>
#include <new>

namespace weco::sim {

template <class Number>
class Aligned {
 public:
  Aligned() = default;
  explicit Aligned(std::size_t count) : count_(count), data_(make(count)) {}
  Aligned(Aligned&& other) noexcept : count_(other.count_), data_(other.data_) {
    other.count_ = 0;
    other.data_ = nullptr;
  }
  Aligned& operator=(Aligned&& other) noexcept {
    std::swap(count_, other.count_);
    std::swap(data_, other.data_);
    return *this;
  }
  Aligned(const Aligned&) = delete;
  Aligned& operator=(const Aligned&) = delete;
  ~Aligned() { ::operator delete[](data_, kAlignment); }

  [[nodiscard]] Number* data() { return data_; }
  [[nodiscard]] const Number* data() const { return data_; }
  [[nodiscard]] std::size_t size() const { return count_; }

 private:
  static constexpr std::align_val_t kAlignment{64};
  static Number* make(std::size_t count) {
    auto* data = static_cast<Number*>(::operator new[](count * sizeof(Number), kAlignment));
    std::fill_n(data, count, Number{});
    return data;
  }

  std::size_t count_ = 0;
  Number* data_ = nullptr;
};

}  // namespace weco::sim
