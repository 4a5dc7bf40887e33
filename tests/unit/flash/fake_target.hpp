// SPDX-License-Identifier: Apache-2.0
// A device without a bootloader: keeps what is uploaded and remembers what it was asked.
#pragma once

#include <algorithm>
#include <vector>

#include "core/protocol/update/target.hpp"

struct FakeTarget final : weco::update::Target {
  weco::update::Slot slot(std::size_t n) override { return slots[n]; }
  weco::update::Refusal begin(std::uint32_t size) override {
    if (refusal != weco::update::Refusal::None) return refusal;
    stored.assign(size, 0xFF);
    written = 0;
    ++begun;
    return weco::update::Refusal::None;
  }
  weco::update::Refusal write(std::uint32_t offset, weco::Bytes data) override {
    if (offset != written || offset + data.size() > stored.size()) {
      return weco::update::Refusal::Range;
    }
    std::copy(data.begin(), data.end(), stored.begin() + offset);
    written += static_cast<std::uint32_t>(data.size());
    return weco::update::Refusal::None;
  }
  bool matches(std::uint32_t, weco::Bytes) override { return true; }
  weco::update::Refusal set_pending(bool permanent) override {
    slots[1].pending = true;
    slots[1].permanent = permanent;
    return weco::update::Refusal::None;
  }
  weco::update::Refusal confirm() override {
    slots[0].confirmed = true;
    return weco::update::Refusal::None;
  }
  void reset() override { ++resets; }
  [[nodiscard]] std::string_view board() const override { return "weco_smart_r2"; }
  [[nodiscard]] std::string_view serial_number() const override { return "T1"; }

  weco::update::Slot slots[weco::update::kSlots];
  std::vector<std::uint8_t> stored;
  std::uint32_t written = 0;
  int begun = 0;
  int resets = 0;
  weco::update::Refusal refusal = weco::update::Refusal::None;
};
