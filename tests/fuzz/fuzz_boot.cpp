// SPDX-License-Identifier: Apache-2.0
// A bootloader on flash full of anything, with power that goes where the input says: it stays on
// its flash, and a second start after the cut ends as the first would have.
#include <algorithm>
#include <array>

#include "core/boot/bootloader.hpp"

namespace {

constexpr std::uint32_t kSector = 256;
constexpr std::uint32_t kSlotSectors = 3;
constexpr std::uint32_t kSectors = 2 * kSlotSectors + weco::boot::kExtraSectors;

struct Flash {
  std::array<std::uint8_t, kSector * kSectors> bytes{};
  int operations_left = 0;
  static bool read(void* context, std::uint32_t address, weco::MutableBytes into) {
    const auto& self = *static_cast<Flash*>(context);
    WECO_ASSERT(address <= self.bytes.size() && into.size() <= self.bytes.size() - address);
    std::copy_n(self.bytes.begin() + address, into.size(), into.begin());
    return true;
  }
  static bool program(void* context, std::uint32_t address, weco::Bytes data) {
    auto& self = *static_cast<Flash*>(context);
    WECO_ASSERT(address <= self.bytes.size() && data.size() <= self.bytes.size() - address);
    if (self.operations_left-- <= 0) return false;
    for (std::size_t i = 0; i < data.size(); ++i) {
      self.bytes[address + i] = static_cast<std::uint8_t>(self.bytes[address + i] & data[i]);
    }
    return true;
  }
  static bool erase(void* context, std::uint32_t sector) {
    auto& self = *static_cast<Flash*>(context);
    WECO_ASSERT(sector < kSectors);
    if (self.operations_left-- <= 0) return false;
    std::fill_n(self.bytes.begin() + sector * kSector, kSector, std::uint8_t{0xFF});
    return true;
  }
};

class Willing final : public weco::image::Crypto {
 public:
  bool hash_begin(weco::image::HashKind) override { return true; }
  bool hash_update(weco::Bytes) override { return true; }
  bool hash_end(weco::MutableBytes into) override {
    std::fill(into.begin(), into.end(), std::uint8_t{0});
    return true;
  }
  weco::image::Answer ask(const weco::image::Question&) override {
    return weco::image::Answer::Good;
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  Flash flash;
  flash.bytes.fill(0xFF);
  std::copy_n(data + 1, std::min(size - 1, flash.bytes.size()), flash.bytes.begin());
  const weco::journal::Flash access{
      {kSector, kSectors, 0}, &flash, &Flash::read, &Flash::program, &Flash::erase};
  Willing crypto;
  weco::boot::Config config;
  config.rollback_protection = (data[0] & 1U) != 0;
  weco::boot::Bootloader loader({access, kSlotSectors}, config, crypto);
  flash.operations_left = data[0] >> 1U;
  static_cast<void>(loader.boot().has_value());
  flash.operations_left = 1000;
  WECO_ASSERT(loader.boot().has_value());
  return 0;
}
