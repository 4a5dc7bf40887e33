// SPDX-License-Identifier: Apache-2.0
// Frames of a 0x35x bus to points, one core. The sink counts and sums so that nothing is optimised
// away.
#include <benchmark/benchmark.h>

#include <array>

#include "core/protocol/canbms/decoder.hpp"

namespace {

class Sum final : public weco::ReadingSink {
 public:
  void put(const weco::Reading& reading) override {
    ++count;
    total += static_cast<std::uint64_t>(reading.number.mantissa) + reading.bits +
             reading.text_size + static_cast<std::uint64_t>(reading.ref.id);
  }
  std::uint64_t count = 0;
  std::uint64_t total = 0;
};

weco::CanFrame frame(std::uint32_t id, std::uint8_t size, std::array<std::uint8_t, 8> data) {
  weco::CanFrame f;
  f.id = id;
  f.size = size;
  f.data = data;
  return f;
}

/// One second of a Pylontech battery, of a published capture.
std::array<weco::CanFrame, 6> pylontech() {
  return {frame(0x351, 8, {0x14, 0x02, 0x74, 0x0E, 0x74, 0x0E, 0xCC, 0x01}),
          frame(0x355, 4, {0x1A, 0x00, 0x64, 0x00}),
          frame(0x356, 6, {0x02, 0x13, 0x00, 0x00, 0x4A, 0x01}),
          frame(0x359, 7, {0, 0, 0, 0, 0x0A, 0x50, 0x4E}),
          frame(0x35C, 2, {0xC0, 0x00}),
          frame(0x35E, 8, {0x50, 0x59, 0x4C, 0x4F, 0x4E, 0x20, 0x20, 0x20})};
}

/// One second of a battery that speaks the SMA/Victron set.
std::array<weco::CanFrame, 10> victron() {
  return {frame(0x351, 8, {0x48, 0x02, 0x00, 0x05, 0x00, 0x05, 0xAE, 0x01}),
          frame(0x355, 8, {0x43, 0x00, 0x64, 0x00, 0x40, 0x1A, 0x00, 0x00}),
          frame(0x356, 8, {0xBE, 0x14, 0xF9, 0xFF, 0x8C, 0x00, 0x00, 0x00}),
          frame(0x35A, 8, {0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA}),
          frame(0x35E, 8, {0x42, 0x59, 0x44, 0, 0, 0, 0, 0}),
          frame(0x35F, 8, {0x4C, 0x69, 0x01, 0x17, 0x69, 0, 0, 0}),
          frame(0x372, 8, {0x02, 0, 0, 0, 0, 0, 0, 0}),
          frame(0x373, 8, {0xEA, 0x0C, 0x01, 0x0D, 0x1F, 0x01, 0x22, 0x01}),
          frame(0x378, 8, {0x40, 0x08, 0, 0, 0x2B, 0x07, 0, 0}),
          frame(0x379, 8, {0x9C, 0, 0, 0, 0, 0, 0, 0})};
}

template <class Frames>
void decode(benchmark::State& state, Frames frames) {
  weco::canbms::Decoder decoder;
  Sum sink;
  std::int64_t now = 0;
  std::uint64_t fed = 0;
  for (auto _ : state) {
    now += 1000000;
    for (weco::CanFrame& f : frames) {
      f.at = weco::Instant::from_us(now);
      decoder.feed(f, sink);
    }
    fed += frames.size();
  }
  benchmark::DoNotOptimize(sink.total);
  state.SetItemsProcessed(static_cast<std::int64_t>(fed));
  state.counters["readings_per_frame"] = static_cast<double>(sink.count) / static_cast<double>(fed);
}

void pylontech_frames_to_points(benchmark::State& state) { decode(state, pylontech()); }
void victron_frames_to_points(benchmark::State& state) { decode(state, victron()); }
BENCHMARK(pylontech_frames_to_points);
BENCHMARK(victron_frames_to_points);

}  // namespace
