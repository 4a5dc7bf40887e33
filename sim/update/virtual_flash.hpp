// SPDX-License-Identifier: Apache-2.0
// Flash of a virtual device: bits only fall, an erase sets them again, power may go in the middle
// of either. With a file behind it, it is still there when the program comes back.
#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "core/journal/flash.hpp"
#include "host/failure/failure.hpp"

namespace weco::sim {

class VirtualFlash {
 public:
  explicit VirtualFlash(journal::Geometry geometry)
      : geometry_(geometry),
        bytes_(std::size_t{geometry.sector_bytes} * geometry.sector_count, 0xFF) {}
  VirtualFlash(const VirtualFlash&) = delete;
  VirtualFlash& operator=(const VirtualFlash&) = delete;

  /// Loads the file, or makes it, and writes every change through. BadInput when it is of another
  /// size.
  Done keep_in(const std::string& path);
  [[nodiscard]] journal::Flash flash() { return {geometry_, this, &read, &program, &erase}; }
  /// As the factory does, past all counting.
  void preload(std::uint32_t address, Bytes data);

  /// Power goes during operation `operation` from now (0: the next), after `done` of its bytes.
  void cut_at(std::uint64_t operation, std::size_t done) {
    cut_operation_ = operations_ + operation;
    cut_done_ = done;
  }
  void power_on() {
    powered_ = true;
    cut_operation_ = kNever;
  }
  [[nodiscard]] bool powered() const { return powered_; }
  /// Programs and erases so far.
  [[nodiscard]] std::uint64_t operations() const { return operations_; }
  /// Bytes programmed so far.
  [[nodiscard]] std::uint64_t programmed() const { return programmed_; }

 private:
  static constexpr std::uint64_t kNever = ~std::uint64_t{0};
  static bool read(void* context, std::uint32_t address, MutableBytes into);
  static bool program(void* context, std::uint32_t address, Bytes data);
  static bool erase(void* context, std::uint32_t sector);
  std::size_t allowance(std::size_t size);
  void write_through(std::size_t address, std::size_t size);

  journal::Geometry geometry_;
  std::vector<std::uint8_t> bytes_;
  std::fstream file_;
  std::uint64_t operations_ = 0;
  std::uint64_t programmed_ = 0;
  std::uint64_t cut_operation_ = kNever;
  std::size_t cut_done_ = 0;
  bool powered_ = true;
};

}  // namespace weco::sim
