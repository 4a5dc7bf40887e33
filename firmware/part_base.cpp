// SPDX-License-Identifier: Apache-2.0
// Numbers as a wire carries them and the checksums, over a recording: text and back, other
// exponents and back, and that a checksum taken in pieces is the checksum of the whole.
#include <array>

#include "core/base/crc.hpp"
#include "core/base/decimal.hpp"
#include "core/base/time.hpp"
#include "firmware/recorded.hpp"
#include "firmware/replay.hpp"
#include "firmware/report.hpp"

namespace weco::firmware {
namespace {

constexpr std::uint64_t kSeed = 0xBA5E;
constexpr int kDecimals = 400;
constexpr int kShownEvery = 40;
constexpr int kBlocks = 64;

bool replay_decimals(Recording& recording) {
  Digest digest;
  bool ok = true;
  for (int i = 0; i < kDecimals; ++i) {
    const int narrow = recording.between(0, 63);
    const Decimal number{static_cast<std::int64_t>(recording.word()) >> narrow,
                         static_cast<std::int8_t>(recording.between(-kDecimalExponentMax, 0))};
    const DecimalText text = to_text(number);
    const Result<Decimal> back = parse_decimal(text.view());
    ok = ok && back && compare(*back, number) == 0;
    const Result<std::int64_t> whole = rescale(number, 0);
    digest.add(whole ? *whole : -1);
    for (const char c : text.view()) digest.add(c);
    if (i % kShownEvery == 0) Line("decimal").with("text", text.view()).end();
  }
  Line("decimals").with("count", kDecimals).hex("digest", digest.value()).end();
  return ok;
}

bool replay_checksums(Recording& recording) {
  std::array<std::uint8_t, 61> block{};
  bool ok = true;
  for (int i = 0; i < kBlocks; ++i) {
    const auto size = static_cast<std::size_t>(recording.between(0, block.size()));
    const auto cut = static_cast<std::size_t>(recording.between(0, static_cast<int>(size)));
    for (std::uint8_t& b : block) b = recording.byte();
    const Bytes all = Bytes(block).first(size);
    const Bytes head = all.first(cut);
    const Bytes tail = all.subspan(cut);
    ok = ok && crc16_modbus(all) == crc16_modbus(tail, crc16_modbus(head)) &&
         crc16_xmodem(all) == crc16_xmodem(tail, crc16_xmodem(head)) &&
         crc32(all) == crc32(tail, crc32(head));
    if (i % 8 != 0) continue;
    Line("checksums")
        .with("size", static_cast<std::int64_t>(size))
        .hex("modbus", crc16_modbus(all))
        .hex("xmodem", crc16_xmodem(all))
        .hex("crc32", crc32(all))
        .end();
  }
  return ok;
}

bool replay_clock(Recording& recording) {
  ClockExtender clock;
  std::uint32_t counter = 0;
  std::int64_t total = 0;
  bool ok = true;
  for (int i = 0; i < kBlocks; ++i) {
    const auto step = static_cast<std::uint32_t>(recording.word());
    counter += step;
    total += step;
    ok = ok && clock.extend(counter) == total;
  }
  Line("clock").with("ticks", total).end();
  return ok;
}

}  // namespace

bool replay_base() {
  Recording recording(kSeed);
  const bool decimals = replay_decimals(recording);
  const bool checksums = replay_checksums(recording);
  return replay_clock(recording) && decimals && checksums;
}

}  // namespace weco::firmware
