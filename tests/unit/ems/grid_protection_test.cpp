// SPDX-License-Identifier: Apache-2.0
// Every enabled row of every grid code is probed below, at and above its limit and its hold. The
// table of VDE-AR-N 4105 is written out again from its source.
#include "core/ems/grid_protection.hpp"

#include <string>

#include "tests/support/catch.hpp"

using namespace weco::ems;
using weco::Duration;
using weco::ErrorCode;
using weco::Instant;
using weco::Millihertz;
using weco::Millivolts;
using weco::Watts;

namespace {
constexpr Watts kRated{10000};
const Duration kPace = Duration::ms(20);

GridSample sample(int mv, int mhz = 50000) {
  return {{Millivolts(mv), Millivolts(mv), Millivolts(mv)}, Millihertz(mhz), Quality::Good};
}
GridSample normal() { return sample(230000); }

const GridCode& code(const char* name) { return **find_grid_code(name); }

struct Bench {
  explicit Bench(const ProtectionConfig& c) : config(c) {}
  Bench(const char* name, Trust trust, std::uint8_t phases = 3)
      : config(*make_protection(code(name), kRated, phases, trust)) {}
  // Runs `time` with one sample; returns whether the grid was on all along.
  bool run(const GridSample& s, Duration time, bool off = false) {
    bool always = true;
    for (const Instant end = now + time; now < end;) {
      now = now + kPace;
      always = protect(config, state, s, off, now) && always;
    }
    return always;
  }
  void connect() {
    run(normal(), Duration::minutes(6));
    REQUIRE(state.connected);
  }
  ProtectionConfig config;
  ProtectionState state{};
  Instant now = Instant::from_us(5000000);
};

// A sample that is `by` beyond the row's limit (negative: inside it) and normal otherwise.
GridSample at_row(const TripRow& row, int by) {
  switch (row.kind) {
    case TripKind::UnderVoltage:
      return sample(row.limit - by);
    case TripKind::UnderFrequency:
      return sample(230000, row.limit - by);
    case TripKind::OverFrequency:
      return sample(230000, row.limit + by);
    case TripKind::OverVoltage:
    case TripKind::MeanOverVoltage:
      break;
  }
  return sample(row.limit + by);
}

// Only `row` of a code, so that a neighbour does not trip first.
ProtectionConfig only(const GridCode& c, std::size_t row) {
  ProtectionConfig config{&c, static_cast<std::uint16_t>(1U << row), 3, kRated};
  return config;
}
bool connects(const GridCode& c) { return c.reconnect.voltage_max > Millivolts(0); }
}  // namespace

TEST_CASE("VDE-AR-N 4105:2018 carries the settings of a certified inverter", "[WS-08][EP-01]") {
  const GridCode& c = code("VDE-AR-N 4105:2018");
  const struct {
    TripKind kind;
    int limit, ms;
  } rows[] = {{TripKind::UnderVoltage, 184000, 3000}, {TripKind::UnderVoltage, 103500, 300},
              {TripKind::OverVoltage, 287500, 100},   {TripKind::MeanOverVoltage, 253000, 0},
              {TripKind::UnderFrequency, 47500, 100}, {TripKind::OverFrequency, 51500, 100}};
  REQUIRE(c.rows.size() == std::size(rows));
  for (std::size_t i = 0; i < std::size(rows); ++i) {
    CHECK(c.rows[i].kind == rows[i].kind);
    CHECK(c.rows[i].limit == rows[i].limit);
    CHECK(c.rows[i].hold == Duration::ms(rows[i].ms));
    CHECK(c.rows[i].confidence == Confidence::Decoded);
  }
  CHECK(c.reconnect.wait == Duration::s(60));
  CHECK(c.reconnect.voltage_min == Millivolts(195500));
  CHECK(c.reconnect.frequency_max == Millihertz(50100));
  CHECK(c.frequency_watt.start == Millihertz(50200));
  CHECK(c.frequency_watt.slope_per_hertz == weco::Permyriad(4000));
}

TEST_CASE("each trip row of each grid code holds at its limit and trips beyond it after its hold",
          "[WS-08]") {
  for (const GridCode& c : kGridCodes) {
    if (!connects(c)) continue;
    for (std::size_t i = 0; i < c.rows.size(); ++i) {
      const TripRow& row = c.rows[i];
      if (row.kind == TripKind::MeanOverVoltage) continue;  // its own test, it takes minutes
      INFO(c.name << " row " << i);
      {
        Bench at(only(c, i));
        at.connect();
        CHECK(at.run(at_row(row, 0), row.hold + Duration::s(2)));
      }
      Bench beyond(only(c, i));
      beyond.connect();
      CHECK(beyond.run(at_row(row, 1), row.hold));  // the first sample starts the hold
      CHECK_FALSE(beyond.run(at_row(row, 1), kPace));
      CHECK(beyond.state.cause == GridCause::Row);
      CHECK(beyond.state.row == i);
      Bench brief(only(c, i));
      brief.connect();
      CHECK(brief.run(at_row(row, 1), row.hold));
      CHECK(brief.run(at_row(row, 0), kPace));  // back in time: the hold starts anew
      CHECK(brief.run(at_row(row, 1), row.hold));
    }
  }
}

TEST_CASE("one phase beyond a limit is enough, a phase that is not there is not looked at",
          "[WS-06][WS-08]") {
  for (std::size_t phase = 0; phase < 3; ++phase) {
    GridSample s = normal();
    s.voltage[phase] = Millivolts(290000);
    Bench three("VDE-AR-N 4105:2018", Trust::CertainOnly);
    three.connect();
    CHECK_FALSE(three.run(s, Duration::ms(200)));
    Bench one("VDE-AR-N 4105:2018", Trust::CertainOnly, 1);
    one.connect();
    CHECK(one.run(s, Duration::ms(200)) == (phase != 0));
  }
}

TEST_CASE("one phase below its limit is enough, whichever it is", "[WS-06][WS-08]") {
  for (std::size_t phase = 0; phase < 3; ++phase) {
    GridSample s = normal();
    s.voltage[phase] = Millivolts(100000);
    Bench b("VDE-AR-N 4105:2018", Trust::CertainOnly);
    b.connect();
    CHECK_FALSE(b.run(s, Duration::ms(400)));
    CHECK(b.state.row == 1);
    s.voltage[phase] = Millivolts(195499);
    b.run(s, Duration::minutes(3));
    CHECK_FALSE(b.state.connected);
  }
}

TEST_CASE("the ten-minute mean trips above 253 V and not at it", "[WS-08]") {
  Bench at("VDE-AR-N 4105:2018", Trust::CertainOnly);
  at.connect();
  CHECK(at.run(sample(253000), Duration::minutes(21)));
  CHECK(at.state.mean.highest() == Millivolts(253000));
  Bench above("VDE-AR-N 4105:2018", Trust::CertainOnly);
  above.connect();
  above.run(normal(), Duration::minutes(10));
  // 230 V for ten minutes, then 260 V: the mean passes 253 V after 23/30 of ten minutes = 460 s.
  CHECK(above.run(sample(260000), Duration::s(455)));
  CHECK_FALSE(above.run(sample(260000), Duration::s(10)));
  CHECK(above.state.row == 3);
  // Back only when the mean is inside again as well, not 60 s after the voltage is.
  above.run(normal(), Duration::s(70));
  CHECK_FALSE(above.state.connected);
  above.run(normal(), Duration::minutes(11));
  CHECK(above.state.connected);
}

TEST_CASE("the ten-minute mean begins with its first sample, whenever that is", "[WS-08]") {
  TenMinuteMean mean;
  const Instant first = Instant{} + Duration::hours(1);
  mean.add(sample(230000), 3, first);
  CHECK(mean.highest() == Millivolts(0));  // no step is over yet
  mean.add(sample(240000), 3, first + Duration::ms(10));
  mean.add(sample(250000), 3, first + Duration::s(30));
  CHECK(mean.highest() == Millivolts(240000));  // one step of three samples
}

TEST_CASE("protection is made for the smallest inverter and refused for none", "[WS-08]") {
  const GridCode& rules = code("VDE-AR-N 4105:2018");
  CHECK(make_protection(rules, Watts(1), 3, Trust::CertainOnly).has_value());
  CHECK_FALSE(make_protection(rules, Watts(0), 3, Trust::CertainOnly).has_value());
}

TEST_CASE("above 50.2 Hz an output of one watt is still an output", "[WS-08]") {
  Bench b("VDE-AR-N 4105:2018", Trust::CertainOnly);
  b.connect();
  CHECK(grid_support(b.config, b.state, Millihertz(50201), Watts(1), b.now).max.value == Watts(1));
}

TEST_CASE("the mean survives a voltage no meter should report", "[WS-08]") {
  TenMinuteMean mean;
  Instant now{};
  for (int i = 0; i < 5; ++i) {
    mean.add(sample(2000000), 3, now);
    now = now + Duration::s(1);
  }
  CHECK(mean.highest() == Millivolts(655350));
  TenMinuteMean dead;
  for (int i = 0; i < 5; ++i) {
    dead.add(sample(0), 3, now);
    now = now + Duration::s(1);
  }
  CHECK(dead.highest() == Millivolts(0));
}

TEST_CASE("the grid is taken again only after the whole wait inside all bounds", "[WS-08]") {
  Bench b("VDE-AR-N 4105:2018", Trust::CertainOnly);
  CHECK(b.state.cause == GridCause::Starting);
  b.run(normal(), Duration::s(60));
  CHECK_FALSE(b.state.connected);
  b.run(normal(), kPace);
  CHECK(b.state.connected);
  CHECK(b.state.cause == GridCause::None);
  b.run(sample(230000, 51600), Duration::s(1));
  REQUIRE_FALSE(b.state.connected);
  b.run(sample(230000, 50101), Duration::minutes(5));  // a hair above the release
  CHECK_FALSE(b.state.connected);
  b.run(sample(230000, 50100), Duration::s(59));
  b.run(sample(195499), Duration::ms(20));  // one sample outside starts the wait again
  b.run(sample(195500, 47500), Duration::s(59));
  CHECK_FALSE(b.state.connected);
  b.run(sample(253000, 50100), Duration::s(2));
  CHECK(b.state.connected);
}

TEST_CASE("each bound of the reconnection is kept", "[WS-08]") {
  for (const GridSample& s :
       {sample(195499), sample(253001), sample(230000, 47499), sample(230000, 50101)}) {
    Bench b("VDE-AR-N 4105:2018", Trust::CertainOnly);
    b.run(s, Duration::minutes(3));
    CHECK_FALSE(b.state.connected);
  }
}

TEST_CASE("CEI 0-21 waits 30 s at the start, 300 s after a trip, and rises by 20 percent a minute",
          "[WS-08]") {
  Bench b("CEI 0-21", Trust::WithUnsure);
  b.run(normal(), Duration::s(30));
  CHECK_FALSE(b.state.connected);
  b.run(normal(), kPace);
  REQUIRE(b.state.connected);
  const auto most = [&](Duration after) {
    return grid_support(b.config, b.state, Millihertz(50000), Watts(0),
                        b.state.connected_at + after)
        .max;
  };
  CHECK(most(Duration{}).value == Watts(0));
  CHECK(most(Duration{}).reason == LimitReason::ReconnectRamp);
  CHECK(most(Duration::minutes(1)).value == Watts(2000));
  CHECK(most(Duration::ms(299999)).value == Watts(9999));
  CHECK(most(Duration::minutes(5)).reason == LimitReason::None);
  b.run(sample(30000), Duration::s(1));
  REQUIRE_FALSE(b.state.connected);
  b.run(normal(), Duration::s(300));
  CHECK_FALSE(b.state.connected);
  b.run(normal(), kPace * 2);
  CHECK(b.state.connected);
}

TEST_CASE("a grid that cannot be measured is left at once", "[WS-06]") {
  Bench b("VDE-AR-N 4105:2018", Trust::CertainOnly);
  b.connect();
  CHECK_FALSE(b.run(GridSample{}, kPace));
  CHECK(b.state.cause == GridCause::NotMeasured);
}

TEST_CASE("a blackout is left in the sample that shows it, for the changeover in time",
          "[WS-06][EP-04]") {
  for (const int mv : {0, 19999}) {
    Bench b("VDE-AR-N 4105:2018", Trust::CertainOnly);
    b.connect();
    CHECK_FALSE(b.run(sample(mv, 0), kPace));
    CHECK(b.state.cause == GridCause::Blackout);
  }
  Bench dip("VDE-AR-N 4105:2018", Trust::CertainOnly);
  dip.connect();
  CHECK(dip.run(sample(20000), Duration::ms(200)));  // a dip waits for its row
}

TEST_CASE("a command disconnects, and reconnecting takes the wait", "[WS-48]") {
  Bench b("VDE-AR-N 4105:2018", Trust::CertainOnly);
  b.connect();
  CHECK_FALSE(b.run(normal(), kPace, true));
  CHECK(b.state.cause == GridCause::Commanded);
  b.run(normal(), Duration::s(60));
  CHECK_FALSE(b.state.connected);
  b.run(normal(), kPace * 2);
  CHECK(b.state.connected);
}

TEST_CASE("a code that lacks a certain figure is refused, and says which", "[WS-08]") {
  const auto missing = [](const char* name, Trust trust) {
    const auto config = make_protection(code(name), kRated, 3, trust);
    if (config) return -1;
    CHECK(config.error().code == ErrorCode::Unsupported);
    return static_cast<int>(config.error().detail);
  };
  for (const char* sure : {"VDE-AR-N 4105:2018", "VDE-AR-N 4105:2011", "RD1699"}) {
    CHECK(missing(sure, Trust::CertainOnly) == -1);
  }
  CHECK(missing("CEI 0-21", Trust::CertainOnly) == static_cast<int>(TripKind::UnderFrequency));
  CHECK(missing("CEI 0-21", Trust::WithUnsure) == -1);
  CHECK(missing("EN 50549-1", Trust::CertainOnly) == static_cast<int>(TripKind::UnderVoltage));
  CHECK(missing("EN 50549-1", Trust::WithUnsure) == static_cast<int>(TripKind::UnderVoltage));
  CHECK(missing("AS/NZS 4777.2 A", Trust::CertainOnly) == static_cast<int>(TripKind::UnderVoltage));
  CHECK(missing("AS/NZS 4777.2 A", Trust::WithUnsure) == -1);
  for (const char* bare : {"G98", "G99", "NTS 2.1 type A", "EN 50549-10", "R25"}) {
    CHECK(missing(bare, Trust::WithUnsure) == static_cast<int>(TripKind::UnderVoltage));
  }
  CHECK(find_grid_code("G100").error().code == ErrorCode::NotFound);
  for (const std::uint8_t phases : {std::uint8_t{0}, std::uint8_t{4}}) {
    CHECK(make_protection(code("RD1699"), kRated, phases, Trust::CertainOnly).error().code ==
          ErrorCode::OutOfRange);
  }
  CHECK(make_protection(code("RD1699"), Watts(0), 3, Trust::CertainOnly).error().code ==
        ErrorCode::OutOfRange);
}

TEST_CASE("rows that are not certain are carried, marked and off", "[WS-08]") {
  int unsure = 0;
  for (const GridCode& c : kGridCodes) {
    for (const TripRow& row : c.rows) {
      CHECK_FALSE(row.source.empty());
      unsure += row.confidence == Confidence::Unsure ? 1 : 0;
    }
  }
  CHECK(unsure > 0);
  // Switch off what is sure: with certain rows only, an uncertain one never trips.
  ProtectionConfig cei{&code("CEI 0-21"), 0, 3, kRated};
  Bench b(cei);
  b.connect();
  CHECK(b.run(sample(230000, 51000), Duration::s(5)));
}

TEST_CASE("above 50.2 Hz output falls by 40 percent of what it was for each hertz", "[WS-08]") {
  Bench b("VDE-AR-N 4105:2018", Trust::CertainOnly);
  b.connect();
  const auto most = [&](int mhz, int ac) {
    return grid_support(b.config, b.state, Millihertz(mhz), Watts(ac), b.now).max.value;
  };
  CHECK(most(50200, 5000) == kNoLimit);
  CHECK(most(50201, 5000) == Watts(4998));
  CHECK(most(50700, 4000) == Watts(4000));  // 20 % of the 5000 W at which it began
  CHECK(most(51200, 4000) == Watts(3000));
  CHECK(most(53000, 4000) == Watts(0));
  CHECK(most(50200, 3000) == kNoLimit);
  CHECK(most(50700, 3000) == Watts(2400));  // a new start takes a new reference
  CHECK(most(50100, 3000) == kNoLimit);
  CHECK(most(50700, -3000) == Watts(0));  // charging already: nothing to fall
  CHECK(most(50100, 3000) == kNoLimit);
  CHECK(most(51200, 1000000) == Watts(600000));  // exact for a large plant as well
}

TEST_CASE("AS/NZS storage goes from discharge to charge with rising frequency, and back below",
          "[WS-08]") {
  Bench b("AS/NZS 4777.2 A", Trust::WithUnsure);
  b.connect();
  b.run(normal(), Duration::minutes(7));  // past the ramp
  const auto support = [&](int mhz, int ac) {
    return grid_support(b.config, b.state, Millihertz(mhz), Watts(ac), b.now);
  };
  CHECK(support(50250, 8000).max.value == kNoLimit);
  CHECK(support(50500, 8000).max.value == Watts(4000));
  CHECK(support(50750, 8000).max.value == Watts(0));
  CHECK(support(51375, 8000).max.value == Watts(-5000));
  CHECK(support(52000, 8000).max.value == Watts(-10000));
  CHECK(support(53000, 8000).max.value == Watts(-10000));
  CHECK(support(50000, 0).max.value == kNoLimit);
  CHECK(support(49750, -6000).min.value == -kNoLimit);
  CHECK(support(49375, -6000).min.value == Watts(-3000));
  CHECK(support(49000, -6000).min.value == Watts(0));
  CHECK(support(48500, -6000).min.value == Watts(5000));
  CHECK(support(48000, -6000).min.value == Watts(10000));
  CHECK(support(47000, -6000).min.value == Watts(10000));
  CHECK(support(50000, 0).min.value == -kNoLimit);
}

TEST_CASE("after every reconnection the output rises again from nothing by the code's ramp",
          "[WS-08]") {
  Bench b("AS/NZS 4777.2 A", Trust::WithUnsure);
  b.connect();
  b.run(normal(), Duration::minutes(7));  // past the first ramp
  const auto most = [&] {
    return grid_support(b.config, b.state, Millihertz(50000), Watts(0), b.now).max.value;
  };
  REQUIRE(most() == kNoLimit);
  b.run(sample(230000, 53000), Duration::s(3));
  REQUIRE_FALSE(b.state.connected);
  for (int s = 0; s < 600 && !b.state.connected; ++s) b.run(normal(), Duration::s(1));
  REQUIRE(b.state.connected);
  CHECK(most() <= Watts(30));  // within a second of the reconnection
  b.run(normal(), Duration::minutes(1));
  CHECK(most() >= Watts(1600));  // 16 % a minute of 10 kW
  CHECK(most() <= Watts(1630));
}

TEST_CASE("after an outage the fall of output starts from what the inverter gives then",
          "[WS-08]") {
  Bench b("VDE-AR-N 4105:2018", Trust::CertainOnly);
  b.connect();
  const auto most = [&](int ac) {
    return grid_support(b.config, b.state, Millihertz(50700), Watts(ac), b.now).max.value;
  };
  CHECK(most(5000) == Watts(4000));
  b.run(sample(230000, 51600), Duration::s(1));
  REQUIRE_FALSE(b.state.connected);
  CHECK(most(0) == kNoLimit);
  b.connect();
  CHECK(most(3000) == Watts(2400));
}

TEST_CASE("an uncertain row is not enabled wherever it stands in the table", "[WS-08]") {
  const auto sure = Confidence::Published;
  static const TripRow rows[] = {
      {TripKind::UnderVoltage, 180000, Duration{}, Confidence::Unsure, "test"},
      {TripKind::UnderVoltage, 184000, Duration{}, sure, "test"},
      {TripKind::OverVoltage, 264500, Duration{}, sure, "test"},
      {TripKind::UnderFrequency, 47500, Duration{}, sure, "test"},
      {TripKind::OverFrequency, 51500, Duration{}, sure, "test"},
      {TripKind::OverFrequency, 52000, Duration{}, Confidence::Unsure, "test"}};
  static const GridCode mixed{"mixed", rows, code("RD1699").reconnect,
                              code("RD1699").frequency_watt, ""};
  CHECK(make_protection(mixed, kRated, 3, Trust::CertainOnly)->enabled == 0x1E);
  CHECK(make_protection(mixed, kRated, 3, Trust::WithUnsure)->enabled == 0x3F);
}

TEST_CASE("off the grid, grid support asks for nothing", "[WS-08]") {
  Bench b("VDE-AR-N 4105:2018", Trust::CertainOnly);
  CHECK(grid_support(b.config, b.state, Millihertz(51000), Watts(5000), b.now).max.value ==
        kNoLimit);
  Bench plain("RD1699", Trust::CertainOnly);
  plain.connect();
  CHECK(grid_support(plain.config, plain.state, Millihertz(51000), Watts(5000), plain.now)
            .max.value == kNoLimit);
}

TEST_CASE("a row of a kind nobody knows counts as beyond", "[WS-08]") {
  static const TripRow odd[] = {
      {static_cast<TripKind>(9), 1, Duration{}, Confidence::Ours, "test"}};
  static const GridCode strange{"odd", odd, code("RD1699").reconnect, code("RD1699").frequency_watt,
                                ""};
  Bench b(ProtectionConfig{&strange, 1, 3, kRated});
  b.run(normal(), Duration::minutes(10));
  CHECK_FALSE(b.state.connected);
}
