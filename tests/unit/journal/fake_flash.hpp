// SPDX-License-Identifier: Apache-2.0
// A flash in memory that behaves as badly as a real one: bits only fall, an erase sets them again,
// power may go in the middle of either, chips fail, and every access is counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/journal/flash.hpp"

struct FakeFlash {
  FakeFlash(std::uint32_t sector_bytes, std::uint32_t sectors, std::uint32_t limit = 0)
      : geometry{sector_bytes, sectors, limit},
        bytes(std::size_t{sector_bytes} * sectors, 0xFF),
        erases(sectors, 0) {}

  weco::journal::Flash flash() { return {geometry, this, &FakeFlash::read, &program, &erase}; }
  /// Power goes during operation number `operation` (from 0), after `done` of its bytes.
  void cut_at(std::size_t operation, std::size_t done) {
    cut_operation = operations + operation;
    cut_done = done;
  }
  void power_on() {
    powered = true;
    cut_operation = kNever;
  }

  static constexpr std::size_t kNever = static_cast<std::size_t>(-1);
  weco::journal::Geometry geometry;
  std::vector<std::uint8_t> bytes;
  std::vector<std::uint32_t> erases;
  std::size_t operations = 0;  // programs and erases
  std::size_t reads = 0;
  std::size_t cut_operation = kNever;
  std::size_t cut_done = 0;
  bool powered = true;
  std::size_t reads_until_failure = kNever;
  int programs_fail = 0;       // the next n programs fail ...
  std::size_t fail_keeps = 0;  // ... after this many bytes
  bool programs_lie = false;   // a failing program says it went well
  std::vector<std::uint32_t> dead_sectors;

 private:
  static FakeFlash& self(void* context) { return *static_cast<FakeFlash*>(context); }
  // How many of `size` bytes this operation gets done.
  std::size_t allowance(std::size_t size) {
    if (!powered) return 0;
    if (operations++ != cut_operation) return size;
    powered = false;
    return cut_done < size ? cut_done : size;
  }
  static bool read(void* context, std::uint32_t address, weco::MutableBytes into) {
    FakeFlash& f = self(context);
    ++f.reads;
    if (f.reads_until_failure == 0) return false;
    if (f.reads_until_failure != kNever) --f.reads_until_failure;
    if (!f.powered) return false;
    for (std::size_t i = 0; i < into.size(); ++i) into[i] = f.bytes.at(address + i);
    return true;
  }
  static bool program(void* context, std::uint32_t address, weco::Bytes data) {
    FakeFlash& f = self(context);
    std::size_t size = f.allowance(data.size());
    bool good = f.powered;
    if (f.programs_fail > 0) {
      --f.programs_fail;
      size = f.fail_keeps;
      good = f.programs_lie;
    }
    for (std::size_t i = 0; i < size; ++i) {
      f.bytes.at(address + i) = static_cast<std::uint8_t>(f.bytes.at(address + i) & data[i]);
    }
    return good;
  }
  static bool erase(void* context, std::uint32_t sector) {
    FakeFlash& f = self(context);
    for (const std::uint32_t dead : f.dead_sectors) {
      if (dead == sector) return false;
    }
    const std::size_t size = f.allowance(f.geometry.sector_bytes);
    const std::size_t start = std::size_t{sector} * f.geometry.sector_bytes;
    for (std::size_t i = 0; i < size; ++i) f.bytes.at(start + i) = 0xFF;
    if (size != 0) ++f.erases.at(sector);
    return f.powered;
  }
};
