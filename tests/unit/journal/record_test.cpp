// SPDX-License-Identifier: Apache-2.0
// What goes into a record comes out again, and nothing damaged ever does.
#include "core/journal/record.hpp"

#include "core/base/crc.hpp"
#include "tests/support/catch.hpp"

using namespace weco::journal;
using weco::ErrorCode;

namespace {
const Stamp kStamp{weco::Instant::from_us(123456789), 1795000000, true};
using Slot = std::array<std::uint8_t, kRecordBytes>;

Slot encoded(Record record) {
  record.sequence = 0x01020304;
  Slot slot{};
  encode(record, slot);
  return slot;
}
void seal(Slot& slot) {
  const std::uint32_t crc = weco::crc32(weco::Bytes(slot).first(60));
  for (std::size_t i = 0; i < 4; ++i) slot[60 + i] = static_cast<std::uint8_t>(crc >> (8 * i));
}
}  // namespace

TEST_CASE("an event comes back from its record with every field", "[WS-16]") {
  for (const bool set : {true, false}) {
    const Event event{24, 3, 2, set, -7, 2147483647};
    const auto back = decode(encoded(make_event(kStamp, event)));
    REQUIRE(back);
    CHECK(back->kind == Kind::Event);
    CHECK(back->sequence == 0x01020304);
    CHECK(back->stamp == kStamp);
    CHECK(*event_of(*back) == event);
    CHECK(period_of(*back).error().code == ErrorCode::Unsupported);
    CHECK(counters_of(*back).error().code == ErrorCode::Unsupported);
  }
}

TEST_CASE("hours, days and counters come back from their records", "[WS-16]") {
  const Period period{20777,
                      23,
                      weco::Permyriad(1000),
                      weco::Permyriad(10000),
                      weco::Temperature::celsius(-10),
                      weco::Temperature::deci_celsius(355),
                      {1, 2, 3, 4, 5, 0xFFFFFF}};
  const Stamp unset{weco::Instant::from_us(-1), 0, false};
  const auto hour = decode(encoded(make_hour(unset, period)));
  REQUIRE(hour);
  CHECK(hour->kind == Kind::Hour);
  CHECK_FALSE(hour->stamp.wall_known);
  CHECK(*period_of(*hour) == period);
  CHECK(event_of(*hour).error().code == ErrorCode::Unsupported);
  const auto day = decode(encoded(make_day(kStamp, period)));
  CHECK(day->kind == Kind::Day);
  CHECK(*period_of(*day) == period);
  const Counters counters{4000000000U, 7000000, 0x123456789ABULL, 1, 9};
  const auto total = decode(encoded(make_counters(kStamp, counters)));
  CHECK(*counters_of(*total) == counters);
}

namespace {
/// A module's cells and sensors; the fifth cell and the second sensor were not read.
CellSnapshot module_of_cells() {
  CellSnapshot s{.source = 20, .part = 14, .cells = 16, .sensors = 4};
  for (std::size_t i = 0; i < CellSnapshot::kCells; ++i) {
    s.voltage[i] = weco::Millivolts(3301 + static_cast<std::int32_t>(i));
  }
  s.voltage_read = 0xFFFF & ~(1U << 4U);
  s.voltage[4] = {};
  s.temperature = {weco::Temperature::deci_celsius(-123),
                   {},
                   weco::Temperature::celsius(60),
                   weco::Temperature::deci_celsius(1)};
  s.temperature_read = 0b1101;
  return s;
}
}  // namespace

TEST_CASE("the cells of a module come back from one record, each to the millivolt", "[WS-16]") {
  const auto back = decode(encoded(make_cells(kStamp, module_of_cells())));
  REQUIRE(back);
  CHECK(back->kind == Kind::Cells);
  CHECK(*cells_of(*back) == module_of_cells());
  CHECK(event_of(*back).error().code == ErrorCode::Unsupported);
  CHECK(cells_of(make_counters(kStamp, {})).error().code == ErrorCode::Unsupported);
}

TEST_CASE("a cell or sensor that was not read stays without a number in the journal", "[WS-16]") {
  CellSnapshot s = module_of_cells();
  s.voltage_read = 0;
  s.temperature_read = 0;
  const auto back = cells_of(make_cells(kStamp, s));
  CHECK(back->voltage_read == 0);
  CHECK(back->temperature_read == 0);
  CHECK(back->voltage[0] == weco::Millivolts(0));
  CHECK(back->cells == 16);
}

TEST_CASE("a voltage beyond what a cell record holds is stored as the bound", "[WS-16]") {
  CellSnapshot s = module_of_cells();
  const std::array<std::int32_t, 6> given = {-1, 0, 1, 4093, 4094, 4095};
  const std::array<std::int32_t, 6> kept = {0, 0, 1, 4093, 4094, 4094};
  s.voltage_read = 0xFFFF;
  for (std::size_t i = 0; i < given.size(); ++i) s.voltage[i] = weco::Millivolts(given[i]);
  const auto back = cells_of(make_cells(kStamp, s));
  CHECK(back->voltage_read == 0xFFFF);
  for (std::size_t i = 0; i < kept.size(); ++i) {
    CHECK(back->voltage[i] == weco::Millivolts(kept[i]));
  }
}

TEST_CASE("a record that claims more cells or sensors than it holds is refused", "[WS-16]") {
  CellSnapshot s = module_of_cells();
  s.cells = 17;
  CHECK(cells_of(make_cells(kStamp, s)).error() == weco::Error{ErrorCode::BadFrame, 17});
  s.cells = 16;
  s.sensors = 5;
  CHECK(cells_of(make_cells(kStamp, s)).error() == weco::Error{ErrorCode::BadFrame, 5});
}

TEST_CASE("energy above what a period record holds is stored as its maximum", "[WS-16]") {
  Period period;
  period.energies.load_wh = 0x1000000;
  CHECK(period_of(make_day(kStamp, period))->energies.load_wh == 0xFFFFFF);
}

TEST_CASE("a record is laid out as its header says", "[WS-16]") {
  const Slot slot = encoded(make_event(kStamp, {0x1234, 1, 0, true, 0, 0}));
  CHECK(slot[0] == 0xA1);
  CHECK(slot[1] == 1);
  CHECK(slot[2] == 1);
  CHECK(slot[4] == 0x04);
  CHECK(slot[7] == 0x01);
  CHECK(slot[8] == (123456789 & 0xFF));
  CHECK(slot[24] == 0x34);
  CHECK(slot[25] == 0x12);
  const Slot cells = encoded(make_cells(kStamp, module_of_cells()));
  CHECK(cells[1] == 5);
  CHECK(cells[24] == 20);
  CHECK(cells[28] == 0xE5);  // 3301 and 3302 are CE5 and CE6
  CHECK(cells[29] == 0x6C);
  CHECK(cells[30] == 0xCE);
  CHECK(cells[52] == 0x85);  // -12.3 °C
  CHECK(cells[53] == 0xFF);
}

TEST_CASE("a record with any single bit flipped is refused", "[WS-16]") {
  const Slot good = encoded(make_event(kStamp, {3, 1, 0, true, 11, 12}));
  REQUIRE(decode(good));
  for (std::size_t bit = 0; bit < 8 * kRecordBytes; ++bit) {
    Slot bad = good;
    bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ (1U << (bit % 8)));
    CHECK(decode(bad).error().code == ErrorCode::BadChecksum);
  }
}

TEST_CASE("a sound record of another layout or an unknown kind is refused by name", "[WS-16]") {
  Slot slot = encoded(make_event(kStamp, {}));
  slot[0] = 0xA2;
  seal(slot);
  CHECK(decode(slot).error() == weco::Error{ErrorCode::BadFrame, 0xA2});
  slot[0] = kLayoutVersion;
  for (const auto kind : {std::uint8_t{0}, std::uint8_t{6}, std::uint8_t{255}}) {
    slot[1] = kind;
    seal(slot);
    CHECK(decode(slot).error() == weco::Error{ErrorCode::BadFrame, kind});
  }
}

namespace {
// True when changing any one of the fields makes two values differ, and none leaves them equal.
template <class T, class... Changes>
bool every_field_counts(const T& value, Changes... change) {
  const auto differs = [&value](auto apply) {
    T other = value;
    apply(other);
    return !(other == value);
  };
  return (differs(change) && ...) && value == T(value);
}
}  // namespace

TEST_CASE("records compare equal only when every field does", "[WS-16]") {
  CHECK(every_field_counts(
      Stamp{}, [](Stamp& s) { s.at = weco::Instant::from_us(1); }, [](Stamp& s) { s.wall_s = 1; },
      [](Stamp& s) { s.wall_known = true; }));
  CHECK(every_field_counts(
      Event{}, [](Event& e) { e.code = 1; }, [](Event& e) { e.severity = 1; },
      [](Event& e) { e.source = 1; }, [](Event& e) { e.set = false; }, [](Event& e) { e.a = 1; },
      [](Event& e) { e.b = 1; }));
  CHECK(every_field_counts(
      Energies{}, [](Energies& e) { e.pv_wh = 1; }, [](Energies& e) { e.import_wh = 1; },
      [](Energies& e) { e.export_wh = 1; }, [](Energies& e) { e.load_wh = 1; },
      [](Energies& e) { e.charge_wh = 1; }, [](Energies& e) { e.discharge_wh = 1; }));
  CHECK(every_field_counts(
      Period{}, [](Period& p) { p.date = 1; }, [](Period& p) { p.hour = 1; },
      [](Period& p) { p.soc_min = weco::Permyriad(1); },
      [](Period& p) { p.soc_max = weco::Permyriad(1); },
      [](Period& p) { p.temperature_min = weco::Temperature::celsius(1); },
      [](Period& p) { p.temperature_max = weco::Temperature::celsius(1); },
      [](Period& p) { p.energies.pv_wh = 1; }));
  CHECK(every_field_counts(
      Counters{}, [](Counters& c) { c.operating_s = 1; }, [](Counters& c) { c.milli_cycles = 1; },
      [](Counters& c) { c.charge_wh = 1; }, [](Counters& c) { c.discharge_wh = 1; },
      [](Counters& c) { c.faults = 1; }));
  CHECK(every_field_counts(
      CellSnapshot{}, [](CellSnapshot& s) { s.source = 1; }, [](CellSnapshot& s) { s.part = 1; },
      [](CellSnapshot& s) { s.cells = 1; }, [](CellSnapshot& s) { s.sensors = 1; },
      [](CellSnapshot& s) { s.voltage[15] = weco::Millivolts(1); },
      [](CellSnapshot& s) { s.temperature[3] = weco::Temperature::celsius(1); },
      [](CellSnapshot& s) { s.voltage_read = 1; },
      [](CellSnapshot& s) { s.temperature_read = 1; }));
  CHECK(every_field_counts(
      Record{}, [](Record& r) { r.kind = Kind::Day; }, [](Record& r) { r.sequence = 1; },
      [](Record& r) { r.stamp.wall_s = 1; }, [](Record& r) { r.payload[35] = 1; }));
}
