// SPDX-License-Identifier: Apache-2.0
// How fast answers become points: a Modbus RTU answer of 50 registers, its CRC included. The bar is
// two million answers a second on one core.
#include <benchmark/benchmark.h>

#include <array>
#include <string>
#include <vector>

#include "core/base/crc.hpp"
#include "core/points/vocabulary.hpp"
#include "host/profile/catalog.hpp"
#include "host/profile/modbus_map.hpp"

namespace {

using namespace weco;

class CountingSink final : public ReadingSink {
 public:
  void put(const Reading& reading) override {
    sum_ += reading.number.mantissa + static_cast<int>(reading.quality);
    ++count_;
  }
  std::int64_t sum_ = 0;
  std::int64_t count_ = 0;
};

/// 50 registers of which each is one row, or each two are one row of `type`.
std::string profile_text(const std::string& type, int registers) {
  std::string rows;
  for (int i = 0; i < 50 / registers; ++i) {
    rows += "{ point = \"cell_voltage\", index = " + std::to_string(i + 1) +
            ", at = { \"input\", " + std::to_string(registers * i) + " }, type = \"" + type +
            "\", unit = \"V\"" + (type == "f32" ? "" : ", exponent = -3, absent = 0xFFFF") +
            " },\n";
  }
  return "return { family = \"bench\", title = \"t\", vendor = \"v\", status = \"open\", "
         "node = \"tower\", sources = { { document = \"d\", revision = \"1\", confidence = \"own\" "
         "} "
         "}, protocol = { kind = \"modbus\", over = { \"rtu\" } }, identify = { { point = "
         "\"cell_voltage\", index = 1, value = 3 } }, rows = {\n" +
         rows + "} }";
}

/// Unit, function, byte count, 50 registers, CRC.
std::vector<std::uint8_t> answer(const std::array<std::uint8_t, 4>& value) {
  std::vector<std::uint8_t> frame = {1, 4, 100};
  for (int i = 0; i < 25; ++i) frame.insert(frame.end(), value.begin(), value.end());
  const std::uint16_t crc = crc16_modbus(frame);
  frame.push_back(static_cast<std::uint8_t>(crc & 0xFFU));
  frame.push_back(static_cast<std::uint8_t>(crc >> 8));
  return frame;
}

void decode_answers(benchmark::State& state, const std::string& type, int registers,
                    const std::array<std::uint8_t, 4>& value, bool checked) {
  const auto profile = load_profile(profile_text(type, registers), "bench.lua");
  if (!profile) return state.SkipWithError(profile.error().what.c_str());
  const ModbusMap map(*profile);
  const std::vector<std::uint8_t> frame = answer(value);
  CountingSink sink;
  for (auto _ : state) {
    benchmark::DoNotOptimize(frame.data());
    if (checked && crc16_modbus(Bytes(frame).first(103)) !=
                       (frame[103] | static_cast<unsigned>(frame[104]) << 8)) {
      return state.SkipWithError("checksum");
    }
    map.decode({RegisterTable::Input, 0, 50}, Bytes(frame).subspan(3, 100), {}, sink);
    benchmark::DoNotOptimize(sink.sum_);
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["rows"] =
      benchmark::Counter(static_cast<double>(sink.count_), benchmark::Counter::kIsRate);
}

void u16_rows(benchmark::State& state) { decode_answers(state, "u16", 1, {13, 1, 13, 2}, true); }
void u16_rows_without_crc(benchmark::State& state) {
  decode_answers(state, "u16", 1, {13, 1, 13, 2}, false);
}
void f32_rows(benchmark::State& state) {
  decode_answers(state, "f32", 2, {0x40, 0x53, 0x33, 0x33}, true);
}
void load_weco_smart(benchmark::State& state) {
  for (auto _ : state) {
    auto catalog = Catalog::embedded();
    benchmark::DoNotOptimize(catalog->find("weco_smart"));
  }
}
void list_families(benchmark::State& state) {
  for (auto _ : state) {
    auto catalog = Catalog::embedded();
    benchmark::DoNotOptimize(catalog->families().size());
  }
}

BENCHMARK(u16_rows);
BENCHMARK(u16_rows_without_crc);
BENCHMARK(f32_rows);
BENCHMARK(load_weco_smart);
BENCHMARK(list_families);

}  // namespace
