// SPDX-License-Identifier: Apache-2.0
// Doubles in memory as the widest register wants them, all zero at first.
#pragma once

#include <algorithm>
#include <cstddef>
#include <new>

namespace weco::sim {

class AlignedDoubles {
 public:
  AlignedDoubles() = default;
  explicit AlignedDoubles(std::size_t count) : count_(count), data_(make(count)) {}
  AlignedDoubles(AlignedDoubles&& other) noexcept : count_(other.count_), data_(other.data_) {
    other.count_ = 0;
    other.data_ = nullptr;
  }
  AlignedDoubles& operator=(AlignedDoubles&& other) noexcept {
    std::swap(count_, other.count_);
    std::swap(data_, other.data_);
    return *this;
  }
  AlignedDoubles(const AlignedDoubles&) = delete;
  AlignedDoubles& operator=(const AlignedDoubles&) = delete;
  ~AlignedDoubles() { ::operator delete[](data_, kAlignment); }

  [[nodiscard]] double* data() { return data_; }
  [[nodiscard]] const double* data() const { return data_; }
  [[nodiscard]] std::size_t size() const { return count_; }

 private:
  static constexpr std::align_val_t kAlignment{64};
  static double* make(std::size_t count) {
    auto* data = static_cast<double*>(::operator new[](count * sizeof(double), kAlignment));
    std::fill_n(data, count, 0.0);
    return data;
  }

  std::size_t count_ = 0;
  double* data_ = nullptr;
};

}  // namespace weco::sim
