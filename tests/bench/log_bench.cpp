// SPDX-License-Identifier: Apache-2.0
// A million records of a journal to a CSV file: checked, chained, in words. The device and the wire
// are left out; it is the journal of a site with an event every five minutes, hours, days,
// counters and the cells of four modules a day.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "cli/log_table.hpp"
#include "cli/render/logbook.hpp"
#include "host/logbook/reader.hpp"

namespace {

using namespace weco;

constexpr std::uint32_t kRecords = 1'000'000;
constexpr std::size_t kBufferMax = 64 * 1024;  // as the command writes it

journal::Record record(std::uint32_t n) {
  const std::int64_t seconds = std::int64_t{n} * 300;
  const journal::Stamp stamp{Instant{} + Duration::s(seconds), 1'767'225'600 + seconds, true};
  const auto date = static_cast<std::int32_t>(stamp.wall_s / 86400);
  const journal::Period period{
      .date = date,
      .hour = static_cast<std::uint8_t>(n / 12 % 24),
      .soc_min = Permyriad(2100 + static_cast<std::int32_t>(n % 700)),
      .soc_max = Permyriad(9300 + static_cast<std::int32_t>(n % 700)),
      .temperature_min = Temperature::deci_celsius(152),
      .temperature_max = Temperature::deci_celsius(287),
      .energies = {n % 3000, n % 211, n % 977, n % 1700, n % 801, n % 607}};
  if (n % 288 == 287) return journal::make_day(stamp, period);
  if (n % 288 == 286) return journal::make_counters(stamp, {n * 300, n, n, n, n / 100});
  if (n % 288 >= 282) {
    journal::CellSnapshot cells{.source = 1, .cells = 16, .sensors = 4};
    for (std::size_t i = 0; i < cells.voltage.size(); ++i) {
      cells.voltage[i] = Millivolts(3300 + static_cast<std::int32_t>((n + i) % 50));
    }
    cells.temperature.fill(Temperature::deci_celsius(static_cast<std::int32_t>(n % 400)));
    cells.voltage_read = 0xFFFF;
    cells.temperature_read = 0xF;
    return journal::make_cells(stamp, cells);
  }
  if (n % 12 == 11) return journal::make_hour(stamp, period);
  return journal::make_event(stamp, {.code = logbook::code_of(static_cast<bms::EventId>(n % 20)),
                                     .severity = static_cast<std::uint8_t>(n % 4),
                                     .source = static_cast<std::uint8_t>(n % 12),
                                     .set = n % 2 == 0,
                                     .a = static_cast<std::int32_t>(n)});
}

/// A device that has them all at hand.
class Device final : public logbook::Source {
 public:
  Device() : slots_(kRecords) {
    for (std::uint32_t n = 0; n < kRecords; ++n) {
      journal::Record numbered = record(n);
      numbered.sequence = n;
      journal::encode(numbered, slots_[n]);
    }
  }
  Outcome<logbook::Range> range() override { return logbook::Range{0, kRecords}; }
  Outcome<std::size_t> read(std::uint32_t first, std::span<logbook::Slot> into) override {
    std::copy_n(slots_.begin() + first, into.size(), into.begin());
    return into.size();
  }

 private:
  std::vector<logbook::Slot> slots_;
};

bool dump(Device& device, const logbook::Texts& texts, std::FILE* file) {
  logbook::Reader reader(device, 0);
  std::string lines(cli::log_heading(cli::LogForm::Csv));
  std::uint32_t whole = 0;
  for (;;) {
    const auto entry = reader.next();
    if (!entry) return false;
    if (!*entry || lines.size() >= kBufferMax) {
      if (std::fwrite(lines.data(), 1, lines.size(), file) != lines.size()) return false;
      lines.clear();
    }
    if (!*entry) return whole == kRecords;
    if ((*entry)->loss == logbook::Loss::None) ++whole;
    cli::add_log_line(cli::LogForm::Csv, **entry, texts, lines);
  }
}

void million_records_to_csv(benchmark::State& state) {
  Device device;
  const logbook::Texts texts;
  for (auto _ : state) {
    std::FILE* file = std::tmpfile();
    if (file == nullptr || !dump(device, texts, file)) state.SkipWithError("not all was read");
    if (file != nullptr) std::fclose(file);
  }
  state.SetItemsProcessed(state.iterations() * kRecords);
}
BENCHMARK(million_records_to_csv)->Unit(benchmark::kMillisecond);

bool dump(Device& device, const logbook::Texts& texts, cli::LogTable& table) {
  logbook::Reader reader(device, 0);
  for (;;) {
    const auto entry = reader.next();
    if (!entry) return false;
    if (!*entry) return table.flush().has_value() && reader.position() == kRecords;
    if (!table.add(**entry, texts)) return false;
  }
}

/// The same into a database, each thousand of them on the disk before the next.
void million_records_to_sqlite(benchmark::State& state) {
  Device device;
  const logbook::Texts texts;
  const std::string path =
      (std::filesystem::temp_directory_path() / ("weco-log-bench-" + std::to_string(::getpid())))
          .string();
  for (auto _ : state) {
    std::filesystem::remove(path);
    const auto table = cli::LogTable::create(path, "bench", "bench");
    if (!table || !dump(device, texts, **table)) state.SkipWithError("not all was read");
  }
  std::filesystem::remove(path);
  state.SetItemsProcessed(state.iterations() * kRecords);
}
BENCHMARK(million_records_to_sqlite)->Unit(benchmark::kMillisecond);

}  // namespace
