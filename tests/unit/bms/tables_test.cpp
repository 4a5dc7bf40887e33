// SPDX-License-Identifier: Apache-2.0
// The limit tables once more, typed from the manuals and from the field's practice and not from the
// code: a figure that moves by one step in families.hpp, events.hpp or tower.cpp fails here.
// Sources: WS-11 and WS-17..19 (WeCo SMART), EP-02 and EP-04 (EP760), the rule of thumb over five
// makers' manuals (over-voltage 3.60 alarm, 3.65 V for 1 s, release 3.45; under-voltage 2.80 alarm,
// 2.50 V for 1 s, release 3.10; over-current 1.1 for 10 s, 1.5 for 0.5 s; charging to 55 and
// discharging to 60 degrees). What no source states is the house's own figure.
#include <array>

#include "core/bms/families.hpp"
#include "core/bms/tower.hpp"
#include "tests/support/catch.hpp"

namespace weco::bms {
namespace {

constexpr Reaction kNote = Reaction::Record;
constexpr Reaction kNoIn = Reaction::StopCharge;
constexpr Reaction kNoOut = Reaction::StopDischarge;
constexpr Reaction kNone = Reaction::StopBoth;
constexpr Reaction kOff = Reaction::Open;
constexpr Clearing kSelf = Clearing::SelfClears;
constexpr Clearing kReset = Clearing::NeedsReset;
constexpr Clearing kLock = Clearing::Locks;
constexpr Clearing kEver = Clearing::Permanent;
constexpr bool kHigh = true;
constexpr bool kLow = false;

struct Figures {
  std::int32_t trip, release;
  int bad, good;
  Reaction reaction;
};
constexpr Figures kNothing{0, 0, 0, 0, kNote};

struct Expected {
  EventId event;
  bool high;
  Clearing clearing;
  std::array<Figures, kLevels> levels;  // warning, alarm, fault
};

// clang-format off
// What every pack of LFP cells has in common. Millivolts, 0.1 degrees, milliseconds, yes or no.
constexpr Expected kCells[] = {
    {EventId::CellOverVoltage, kHigh, kLock,
     {{{3580, 3500, 10, 10, kNote}, {3600, 3450, 10, 20, kNoIn}, {3650, 3450, 10, 50, kOff}}}},
    {EventId::CellUnderVoltage, kLow, kLock,
     {{{2900, 3000, 10, 10, kNote}, {2800, 3100, 10, 20, kNoOut}, {2500, 3100, 10, 50, kOff}}}},
    {EventId::ChargeOverTemperature, kHigh, kLock,
     {{{450, 430, 10, 50, kNote}, {500, 450, 10, 50, kNoIn}, {550, 500, 10, 50, kOff}}}},
    {EventId::DischargeOverTemperature, kHigh, kLock,
     {{{500, 480, 10, 50, kNote}, {550, 500, 10, 50, kNone}, {600, 550, 10, 50, kOff}}}},
    {EventId::DischargeUnderTemperature, kLow, kLock,
     {{{-100, -80, 10, 50, kNote}, {-201, -181, 10, 50, kNoOut}, {-201, -181, 50, 50, kOff}}}},
    {EventId::ShortCircuit, kHigh, kLock, {{kNothing, kNothing, {1, 0, 1, 600, kOff}}}},
    {EventId::Imbalance, kHigh, kLock,
     {{{150, 100, 100, 100, kNote}, {500, 300, 100, 100, kNoIn}, {1000, 500, 50, 100, kOff}}}},
    {EventId::SensorLost, kHigh, kReset,
     {{{1, 0, 3, 10, kNote}, {1, 0, 10, 20, kNone}, {1, 0, 50, 50, kOff}}}},
    {EventId::LinkLost, kHigh, kSelf,
     {{{2000, 1500, 1, 10, kNote}, {5000, 1500, 1, 20, kNone}, kNothing}}},
    {EventId::ContactorWelded, kHigh, kLock, {{kNothing, kNothing, {1, 0, 10, 50, kOff}}}},
    {EventId::ContactorNoClose, kHigh, kReset, {{kNothing, kNothing, {1, 0, 5, 1, kOff}}}},
    {EventId::PrechargeFailed, kHigh, kReset, {{kNothing, kNothing, {1, 0, 1, 1, kOff}}}},
    {EventId::SelfTestFailed, kHigh, kReset, {{kNothing, kNothing, {1, 0, 1, 1, kOff}}}},
    {EventId::DeepDischarge, kLow, kEver, {{kNothing, kNothing, {2000, 3100, 5, 50, kOff}}}},
    {EventId::AfeCommunication, kHigh, kReset,
     {{{300, 200, 1, 10, kNote}, {500, 200, 1, 20, kNone}, {1000, 200, 1, 50, kOff}}}},
    {EventId::Interlock, kHigh, kSelf, {{kNothing, kNothing, {1, 0, 1, 10, kOff}}}},
    {EventId::TypeMismatch, kHigh, kReset, {{kNothing, kNothing, {1, 0, 1, 10, kOff}}}},
    {EventId::MasterLost, kHigh, kSelf,
     {{{10000, 5000, 1, 10, kNote}, {30000, 5000, 1, 20, kNone}, {59000, 5000, 1, 20, kOff}}}},
    {EventId::TowerDrift, kHigh, kReset,
     {{{1000, 800, 20, 20, kNote}, kNothing, {1500, 1000, 50, 50, kOff}}}},
    {EventId::BreakerTripping, kHigh, kLock,
     {{{1, 0, 1, 10, kNote}, kNothing, {2, 0, 1, 10, kOff}}}},
    {EventId::Fire, kHigh, kLock, {{kNothing, kNothing, {1, 0, 2, 600, kOff}}}},
    {EventId::CoolingFailed, kHigh, kSelf,
     {{{1, 0, 10, 50, kNote}, {1, 0, 600, 50, kNoIn}, kNothing}}},
};

// 16 cells, 50 A in and 100 A out, no charging below -10 degrees (WS-11), 460 V bus.
constexpr Expected kWecoRows[] = {
    {EventId::PackOverVoltage, kHigh, kLock,
     {{{56960, 56000, 10, 10, kNote}, {57440, 55200, 10, 20, kNoIn},
       {58240, 55200, 10, 50, kOff}}}},
    {EventId::PackUnderVoltage, kLow, kLock,
     {{{47200, 48800, 10, 10, kNote}, {45600, 49600, 10, 20, kNoOut},
       {40800, 49600, 10, 50, kOff}}}},
    {EventId::ChargeUnderTemperature, kLow, kLock,
     {{{0, 20, 10, 50, kNote}, {-101, -81, 10, 50, kNoIn}, {-101, -81, 50, 50, kOff}}}},
    {EventId::ChargeOverCurrent1, kHigh, kLock,
     {{{52500, 50000, 20, 20, kNote}, {55000, 50000, 50, 100, kNoIn},
       {55000, 50000, 100, 600, kOff}}}},
    {EventId::ChargeOverCurrent2, kHigh, kLock,
     {{kNothing, kNothing, {75000, 50000, 5, 600, kOff}}}},
    {EventId::DischargeOverCurrent1, kHigh, kLock,
     {{{105000, 100000, 20, 20, kNote}, {110000, 100000, 50, 100, kNoOut},
       {110000, 100000, 100, 600, kOff}}}},
    {EventId::DischargeOverCurrent2, kHigh, kLock,
     {{kNothing, kNothing, {150000, 100000, 5, 600, kOff}}}},
    {EventId::Insulation, kLow, kLock,
     {{{470, 564, 10, 50, kNote}, {94, 188, 30, 50, kNone}, {47, 188, 30, 50, kOff}}}},
};

// 16 cells, 48.4 A in and 96.9 A out, no charging below 0 degrees, 100 V.
constexpr Expected kEp760Rows[] = {
    {EventId::PackOverVoltage, kHigh, kLock,
     {{{56960, 56000, 10, 10, kNote}, {57440, 55200, 10, 20, kNoIn},
       {58240, 55200, 10, 50, kOff}}}},
    {EventId::PackUnderVoltage, kLow, kLock,
     {{{47200, 48800, 10, 10, kNote}, {45600, 49600, 10, 20, kNoOut},
       {40800, 49600, 10, 50, kOff}}}},
    {EventId::ChargeUnderTemperature, kLow, kLock,
     {{{0, 20, 10, 50, kNote}, {-1, 19, 10, 50, kNoIn}, {-1, 19, 50, 50, kOff}}}},
    {EventId::ChargeOverCurrent1, kHigh, kLock,
     {{{50820, 48400, 20, 20, kNote}, {53240, 48400, 50, 100, kNoIn},
       {53240, 48400, 100, 600, kOff}}}},
    {EventId::ChargeOverCurrent2, kHigh, kLock,
     {{kNothing, kNothing, {72600, 48400, 5, 600, kOff}}}},
    {EventId::DischargeOverCurrent1, kHigh, kLock,
     {{{101745, 96900, 20, 20, kNote}, {106590, 96900, 50, 100, kNoOut},
       {106590, 96900, 100, 600, kOff}}}},
    {EventId::DischargeOverCurrent2, kHigh, kLock,
     {{kNothing, kNothing, {145350, 96900, 5, 600, kOff}}}},
    {EventId::Insulation, kLow, kLock,
     {{{100, 120, 10, 50, kNote}, {20, 40, 30, 50, kNone}, {10, 40, 30, 50, kOff}}}},
};

// 240 cells, 140 A both ways, no charging below 0 degrees, 880 V.
constexpr Expected kCm2Rows[] = {
    {EventId::PackOverVoltage, kHigh, kLock,
     {{{854400, 840000, 10, 10, kNote}, {861600, 828000, 10, 20, kNoIn},
       {873600, 828000, 10, 50, kOff}}}},
    {EventId::PackUnderVoltage, kLow, kLock,
     {{{708000, 732000, 10, 10, kNote}, {684000, 744000, 10, 20, kNoOut},
       {612000, 744000, 10, 50, kOff}}}},
    {EventId::ChargeUnderTemperature, kLow, kLock,
     {{{0, 20, 10, 50, kNote}, {-1, 19, 10, 50, kNoIn}, {-1, 19, 50, 50, kOff}}}},
    {EventId::ChargeOverCurrent1, kHigh, kLock,
     {{{147000, 140000, 20, 20, kNote}, {154000, 140000, 50, 100, kNoIn},
       {154000, 140000, 100, 600, kOff}}}},
    {EventId::ChargeOverCurrent2, kHigh, kLock,
     {{kNothing, kNothing, {210000, 140000, 5, 600, kOff}}}},
    {EventId::DischargeOverCurrent1, kHigh, kLock,
     {{{147000, 140000, 20, 20, kNote}, {154000, 140000, 50, 100, kNoOut},
       {154000, 140000, 100, 600, kOff}}}},
    {EventId::DischargeOverCurrent2, kHigh, kLock,
     {{kNothing, kNothing, {210000, 140000, 5, 600, kOff}}}},
    {EventId::Insulation, kLow, kLock,
     {{{880, 1056, 10, 50, kNote}, {176, 352, 30, 50, kNone}, {88, 352, 30, 50, kOff}}}},
};
// clang-format on
static_assert(std::size(kCells) + std::size(kWecoRows) == kEvents);
static_assert(std::size(kCells) + std::size(kEp760Rows) == kEvents);
static_assert(std::size(kCells) + std::size(kCm2Rows) == kEvents);

/// One level of one row, run by the engine with everything else far on its good side.
class Probe {
 public:
  Probe(const EventTable& table, const Expected& row, std::size_t level)
      : table_(table), row_(row), level_(level) {
    for (std::size_t i = 0; i < kEvents; ++i) signals_.value[i] = -table.sign[i] * 2000000;
    signals_.known = 0xFFFFFFFF;
  }
  /// Whether the level is active after `times` cycles with `value`.
  bool after(std::int32_t value, int times) {
    signals_.value[static_cast<std::size_t>(row_.event)] = value;
    for (int i = 0; i < times; ++i) diagnose(table_, state_, signals_);
    return (state_.active[level_] & bit(row_.event)) != 0;
  }

 private:
  const EventTable& table_;
  const Expected& row_;
  std::size_t level_;
  EventSignals signals_;
  Diagnosis state_;
};

/// Just inside, at and beyond the trip with its hold; just short of and at the release with its.
void check_level(const EventTable& table, const Expected& row, std::size_t level) {
  const Figures& f = row.levels[level];
  const std::int32_t worse = row.high ? 1 : -1;
  CHECK_FALSE(Probe(table, row, level).after(f.trip - worse, 2 * f.bad));
  for (const std::int32_t value : {f.trip, f.trip + worse}) {
    Probe probe(table, row, level);
    if (f.bad > 1) CHECK_FALSE(probe.after(value, f.bad - 1));
    CHECK(probe.after(value, 1));
    CHECK(probe.after(f.release + worse, 2 * f.good));
    if (f.good > 1) CHECK(probe.after(f.release, f.good - 1));
    CHECK_FALSE(probe.after(f.release, 1));
  }
  Probe brief(table, row, level);  // good again in the cycle after the trip
  CHECK(brief.after(f.trip, f.bad));
  if (f.good > 1) CHECK(brief.after(f.release, f.good - 1));
  CHECK_FALSE(brief.after(f.release, 1));
}

void check_row(const PackConfig& family, const Expected& row) {
  const EventTable& table = family.events;
  const EventRow& is = table.rows[static_cast<std::size_t>(row.event)];
  INFO(family.name << " " << is.name);
  CHECK(is.id == row.event);
  CHECK((is.sense == Sense::High) == row.high);
  CHECK(is.clearing == row.clearing);
  CHECK((table.clearing[static_cast<std::size_t>(row.clearing)] & bit(row.event)) != 0);
  for (std::size_t level = 0; level < kLevels; ++level) {
    const Figures& f = row.levels[level];
    INFO("level " << level);
    REQUIRE(is.levels[level].used() == (f.bad != 0));
    if (f.bad == 0) continue;
    check_level(table, row, level);
    const bool stops_in = (table.stops_charge[level] & bit(row.event)) != 0;
    const bool stops_out = (table.stops_discharge[level] & bit(row.event)) != 0;
    const bool both = f.reaction == kNone || f.reaction == kOff;
    CHECK(is.levels[level].reaction == f.reaction);
    CHECK(stops_in == (both || f.reaction == kNoIn));
    CHECK(stops_out == (both || f.reaction == kNoOut));
  }
}

TEST_CASE("every event of a WeCo module trips, holds and releases at its documented figures",
          "[WS-11][WS-17][WS-19][WS-21]") {
  for (const Expected& row : kCells) check_row(kWecoSmart, row);
  for (const Expected& row : kWecoRows) check_row(kWecoSmart, row);
}

TEST_CASE("every event of a B500 trips, holds and releases at its documented figures",
          "[EP-04][EP-20]") {
  for (const Expected& row : kCells) check_row(kEp760, row);
  for (const Expected& row : kEp760Rows) check_row(kEp760, row);
}

TEST_CASE("every event of a CM2 cabinet trips, holds and releases at its documented figures",
          "[CM-15]") {
  for (const Expected& row : kCells) check_row(kCm2, row);
  for (const Expected& row : kCm2Rows) check_row(kCm2, row);
}

/// From this temperature (0.1 degrees) on, so many hundredths of a percent of 1C.
struct Band {
  std::int32_t from, share, emergency;
};

void check_bands(const TemperatureRows& rows, const std::array<Band, kTemperatureRows>& bands) {
  const auto stated = [&bands](std::int32_t deci, bool emergency) {
    Permyriad share(0);
    for (const Band& b : bands) {
      if (deci >= b.from) share = Permyriad(emergency ? b.emergency : b.share);
    }
    return share;
  };
  for (std::size_t i = 0; i < bands.size(); ++i) {
    CHECK(rows[i].from == Temperature::deci_celsius(bands[i].from));
    for (const std::int32_t deci : {bands[i].from - 1, bands[i].from, bands[i].from + 1}) {
      const Temperature t = Temperature::deci_celsius(deci);
      INFO(deci << " tenths of a degree");
      CHECK(temperature_rate(rows, t, t, false) == stated(deci, false));
      CHECK(temperature_rate(rows, t, t, true) == stated(deci, true));
    }
  }
}

// "Forbidden below -10; at most 0.03C (emergency only) between -10 and -7; not at and below 0; at
// most 0.2C below 11; at most 0.5C from 12 to 35." The gaps go to the stricter neighbour.
constexpr std::array<Band, kTemperatureRows> kWecoIn = {{{-10000, 0, 0},
                                                         {-100, 0, 300},
                                                         {1, 2000, 2000},
                                                         {120, 5000, 5000},
                                                         {351, 2000, 2000},
                                                         {451, 1000, 1000},
                                                         {500, 0, 0},
                                                         {550, 0, 0}}};
constexpr std::array<Band, kTemperatureRows> kFieldIn = {{{-10000, 0, 0},
                                                          {0, 0, 0},
                                                          {1, 1000, 1000},
                                                          {50, 2000, 2000},
                                                          {100, 5000, 5000},
                                                          {451, 1000, 1000},
                                                          {500, 0, 0},
                                                          {550, 0, 0}}};
constexpr std::array<Band, kTemperatureRows> kFieldOut = {{{-10000, 0, 0},
                                                           {-200, 2000, 2000},
                                                           {0, 5000, 5000},
                                                           {100, 10000, 10000},
                                                           {451, 8000, 8000},
                                                           {501, 5000, 5000},
                                                           {550, 0, 0},
                                                           {600, 0, 0}}};

TEST_CASE("each temperature band of each family begins and ends where its source says",
          "[WS-11][EP-04][CM-15]") {
  check_bands(kWecoSmart.charge_temperature, kWecoIn);
  check_bands(kEp760.charge_temperature, kFieldIn);
  check_bands(kCm2.charge_temperature, kFieldIn);
  for (const PackConfig* family : {&kWecoSmart, &kEp760, &kCm2}) {
    check_bands(family->discharge_temperature, kFieldOut);
    CHECK(family->temperature_hysteresis == TemperatureDelta(10));
    CHECK(family->emergency_soc == Permyriad(500));
  }
}

TEST_CASE("the state of charge is reset, aged and bounded by the figures of its sources",
          "[WS-10][WS-13]") {
  for (const PackConfig* family : {&kWecoSmart, &kEp760, &kCm2}) {
    const SocConfig& s = family->soc;
    CHECK(s.sensor_offset == Milliamps(15));
    CHECK(s.sensor_gain == Permyriad(50));
    CHECK(s.capacity_doubt == Permyriad(100));
    CHECK(s.efficiency == Permyriad(9995));
    CHECK(s.efficiency_doubt == Permyriad(5));
    CHECK(s.full_band == Permyriad(50));
    CHECK(s.empty_band == Permyriad(300));
    CHECK(s.full_cell == Millivolts(3480));
    CHECK(s.full_lowest_cell == Millivolts(3380));
    CHECK(s.full_tail == Permyriad(510));
    CHECK(s.full_hold_s == 60);
    CHECK(s.empty_cell == Millivolts(2850));
    CHECK(s.rest_s == 1800);
    CHECK(s.rest_current == Permyriad(20));
    CHECK(s.rate_loss == Permyriad(400));
    CHECK(s.full_due_s == 2592000);  // a month
    const struct {
      int celsius, share;
    } capacity[] = {{-20, 4500}, {0, 6000}, {10, 7500}, {25, 10000}};
    for (std::size_t i = 0; i < kCapacityRows; ++i) {
      CHECK(s.capacity[i].at == Temperature::celsius(capacity[i].celsius));
      CHECK(s.capacity[i].share == Permyriad(capacity[i].share));
    }
  }
}

TEST_CASE("currents taper between 3.45 and 3.57 V and between 3.05 and 2.82 V of a cell",
          "[WS-15]") {
  for (const PackConfig* family : {&kWecoSmart, &kEp760, &kCm2}) {
    CHECK(family->headroom.charge_full == Millivolts(3450));
    CHECK(family->headroom.charge_zero == Millivolts(3570));
    CHECK(family->headroom.discharge_full == Millivolts(3050));
    CHECK(family->headroom.discharge_zero == Millivolts(2820));
    CHECK(family->charge_cell == Millivolts(3520));
    CHECK(family->discharge_cell == Millivolts(2850));
    CHECK(family->history_s == 600);
    CHECK(family->history_share == Permyriad(5000));
    CHECK(family->rest_s == 2100);  // WS-20: 30 to 40 minutes
    CHECK_FALSE(family->rest_enforced);
  }
}

TEST_CASE("cells are bled from 3.40 V and 10 mV on, five at once, and never above 50 degrees",
          "[WS-15][CM-15]") {
  for (const PackConfig* family : {&kWecoSmart, &kEp760, &kCm2}) {
    const BalanceConfig& b = family->balance;
    CHECK(b.start == Millivolts(3400));
    CHECK(b.difference == Millivolts(10));
    CHECK(b.cells_max == (family == &kCm2 ? 60 : 5));
    CHECK(b.stop == Temperature::celsius(50));
    CHECK(b.resume == Temperature::celsius(45));
    CHECK(b.on_s == 4);
    CHECK(b.off_s == 1);
  }
}

TEST_CASE("only a WeCo module has a heater: on at 5, off at 13 degrees, two hours at most",
          "[WS-12]") {
  for (const PackConfig* family : {&kWecoSmart, &kEp760, &kCm2}) {
    const HeaterConfig& h = family->heater;
    CHECK(h.fitted == (family == &kWecoSmart));
    CHECK(h.on == Temperature::celsius(5));
    CHECK(h.off == Temperature::celsius(13));
    CHECK(h.warmest == Temperature::celsius(40));
    CHECK(h.soc_min == Permyriad(2000));
    CHECK(h.run_max_s == 7200);
  }
}

TEST_CASE("each state of a pack lasts at most as long as its source allows",
          "[WS-17][WS-18][WS-21]") {
  for (const PackConfig* family : {&kWecoSmart, &kEp760, &kCm2}) {
    const TimeoutConfig& t = family->timeout;
    CHECK(t.self_test == Duration::ms(10000));
    CHECK(t.self_test_least == Duration::ms(2000));
    CHECK(t.standby == Duration::s(172800));
    CHECK(t.precharge == Duration::ms(2000));
    CHECK(t.precharge_pause == Duration::ms(3000));
    CHECK(t.closing == Duration::ms(5000));
    CHECK(t.link_open == Duration::ms(60000));
    CHECK(t.opening == Duration::ms(3000));
    CHECK(t.fault == Duration::s(86400));
    CHECK(t.locked == Duration::s(3600));
    CHECK(t.updating == Duration::s(1800));
    CHECK(t.storage == Duration::s(7776000));  // three months
    CHECK(t.off == Duration::s(604800));
    CHECK(family->zero_current == Milliamps(3500));
    const std::int32_t long_string = family->cells > 50 ? 20 * family->cells : 1000;
    CHECK(family->precharge_match == Millivolts(long_string));
    CHECK(family->precharge_current == Milliamps(50));
    CHECK(family->link_silent == Duration::ms(5000));
  }
}

TEST_CASE("each family's cells, capacity and currents are those of its sources",
          "[WS-02][EP-02][CM-15]") {
  const struct {
    const PackConfig* family;
    const char* name;
    int type, cells, sensors, capacity, in, out;
  } packs[] = {{&kWecoSmart, "weco_smart", 1, 16, 4, 100000, 50000, 100000},
               {&kEp760, "ep760_b500", 2, 16, 4, 96900, 48400, 96900},
               {&kCm2, "cm2", 3, 240, 30, 280000, 140000, 140000}};
  for (const auto& pack : packs) {
    CHECK(pack.family->name == pack.name);
    CHECK(pack.family->type_code == pack.type);
    CHECK(pack.family->cells == pack.cells);
    CHECK(pack.family->sensors == pack.sensors);
    CHECK(pack.family->capacity == MilliampHours(pack.capacity));
    CHECK(pack.family->charge_rating == Milliamps(pack.in));
    CHECK(pack.family->discharge_rating == Milliamps(pack.out));
  }
}

struct Power {
  int modules, charge_w, discharge_w, bus_in_mA, bus_out_mA;
};

void check_power(const TowerConfig& tower, const std::array<Power, kPowerRows>& rows) {
  for (std::size_t i = 0; i < kPowerRows; ++i) {
    INFO(tower.name << " row " << i);
    CHECK(tower.power[i].modules == rows[i].modules);
    CHECK(tower.power[i].charge == Watts(rows[i].charge_w));
    CHECK(tower.power[i].discharge == Watts(rows[i].discharge_w));
    CHECK(tower.power[i].bus_charge == Milliamps(rows[i].bus_in_mA));
    CHECK(tower.power[i].bus_discharge == Milliamps(rows[i].bus_out_mA));
  }
  CHECK(power_row(tower, 0) == nullptr);
  CHECK(power_row(tower, 1) == &tower.power[0]);
}

TEST_CASE("an 8K tower carries 8 kW out from 4 modules and 15 kW in from 6 modules on", "[WS-04]") {
  check_power(kWecoTower8k, {{{1, 2500, 2000, 5583, 4450},
                              {2, 5000, 4000, 11166, 8900},
                              {3, 7500, 6000, 16750, 13350},
                              {4, 10000, 8000, 22333, 17800},
                              {5, 12500, 8000, 27916, 17800},
                              {6, 15000, 8000, 33500, 17800}}});
}

TEST_CASE("one B500 carries 5 kW, two to four carry 7.6 kW; a cabinet carries 107.5 kW",
          "[EP-02][CM-15]") {
  const Power more{2, 7600, 7600, 0, 0};
  check_power(kEp760Tower, {{{1, 5000, 5000, 0, 0}, more, more, more, more, more}});
  const Power cabinet{2, 107500, 107500, 0, 0};
  check_power(kCm2Tower,
              {{{1, 107500, 107500, 0, 0}, cabinet, cabinet, cabinet, cabinet, cabinet}});
}

TEST_CASE("packs join within 1.5 V, at voltages their cells can have, by reports of 2 s",
          "[WS-03][WS-22][EP-02]") {
  const struct {
    const TowerConfig* tower;
    const char* name;
    int type, modules, towers, low_mV, high_mV;
    bool isolates, converters;
  } towers[] = {{&kWecoTower8k, "weco_smart_8k", 1, 4, 3, 40000, 59200, true, true},
                {&kEp760Tower, "ep760", 2, 4, 1, 40000, 59200, true, false},
                {&kCm2Tower, "cm2", 3, 1, 1, 600000, 888000, false, false}};
  for (const auto& t : towers) {
    CHECK(t.tower->name == t.name);
    CHECK(t.tower->type_code == t.type);
    CHECK(t.tower->modules_per_tower == t.modules);
    CHECK(t.tower->towers_max == t.towers);
    CHECK(t.tower->join_difference == Millivolts(1500));
    CHECK(t.tower->plausible_low == Millivolts(t.low_mV));
    CHECK(t.tower->plausible_high == Millivolts(t.high_mV));
    CHECK(t.tower->report_fresh == Duration::ms(2000));
    CHECK(t.tower->isolates_module == t.isolates);
    CHECK(t.tower->converters == t.converters);
  }
}

}  // namespace
}  // namespace weco::bms
