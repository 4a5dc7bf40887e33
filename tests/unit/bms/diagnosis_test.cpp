// SPDX-License-Identifier: Apache-2.0
// Promises about every row of every family's event table; a new row inherits them all.
#include "core/bms/diagnosis.hpp"

#include <set>
#include <string>

#include "tests/support/catch.hpp"
#include "tests/unit/bms/rig.hpp"

namespace weco::bms {
namespace {

using test::kFamilies;

/// One row, one level, with an engine of its own.
struct Bench {
  const EventTable& table;
  std::size_t row;
  std::size_t level;
  Diagnosis state;
  EventChanges changes;

  [[nodiscard]] const LevelRow& limits() const { return table.rows[row].levels[level]; }
  [[nodiscard]] std::int32_t worse(std::int32_t value, std::int32_t by) const {
    return value + table.sign[row] * by;
  }
  bool feed(std::int32_t value, int times = 1, bool known = true, bool idle = false) {
    EventSignals s;
    for (std::size_t i = 0; i < kEvents; ++i) {  // all others far on their good side
      s.value[i] = -table.sign[i] * 2000000;
    }
    s.value[row] = value;
    s.known = known ? 0xFFFFFFFF : ~(1U << row);
    s.idle = idle ? 1U << row : 0;
    for (int i = 0; i < times; ++i) changes = diagnose(table, state, s);
    return active();
  }
  [[nodiscard]] bool active() const { return ((state.active[level] >> row) & 1U) != 0; }
};

template <class Body>
void for_each_limit(Body body) {
  for (const PackConfig* family : kFamilies) {
    for (std::size_t row = 0; row < kEvents; ++row) {
      for (std::size_t level = 0; level < kLevels; ++level) {
        if (!family->events.rows[row].levels[level].used()) continue;
        INFO(family->name << " " << family->events.rows[row].name << " level " << level);
        body(Bench{family->events, row, level, {}, {}});
      }
    }
  }
}

TEST_CASE("a value just below its limit never raises anything", "[WS-17]") {
  for_each_limit([](Bench b) {
    CHECK_FALSE(b.feed(b.worse(b.limits().trip, -1), 3 * b.limits().trip_count));
  });
}

TEST_CASE("a value at or beyond its limit is raised after exactly its hold", "[WS-17]") {
  for_each_limit([](Bench b) {
    Bench beyond = b;
    const std::int32_t trip = b.limits().trip;
    CHECK_FALSE(b.feed(trip, b.limits().trip_count - 1));
    CHECK(b.feed(trip));
    CHECK((b.changes.raised[b.level] >> b.row) == 1U);
    CHECK_FALSE(beyond.feed(beyond.worse(trip, 1), beyond.limits().trip_count - 1));
    CHECK(beyond.feed(beyond.worse(trip, 1)));
  });
}

TEST_CASE("bad samples count against good ones: half and half never trips", "[WS-17]") {
  for_each_limit([](Bench b) {
    if (b.limits().trip_count < 2) return;
    for (int i = 0; i < 1000; ++i) {
      CHECK_FALSE(b.feed(b.limits().trip));
      CHECK_FALSE(b.feed(b.limits().release));
    }
    CHECK(b.state.counter[b.row][b.level] == 0);
  });
}

TEST_CASE("a raised level stays until its release is held without interruption", "[WS-17]") {
  for_each_limit([](Bench b) {
    const LevelRow& l = b.limits();
    REQUIRE(b.feed(l.trip, l.trip_count));
    CHECK(b.feed(b.worse(l.release, 1), 2 * l.release_count));  // not good enough
    if (l.release_count > 1) CHECK(b.feed(l.release, l.release_count - 1));
    CHECK(b.feed(b.worse(l.release, 1)));  // one bad sample starts the wait again
    if (l.release_count > 1) CHECK(b.feed(l.release, l.release_count - 1));
    CHECK_FALSE(b.feed(l.release));
    CHECK((b.changes.cleared[b.level] >> b.row) == 1U);
    CHECK(b.changes.any());
    b.feed(b.worse(0, -2000000), 2000);  // well again: nothing is left to look at
    CHECK(b.state.busy == 0);
  });
}

TEST_CASE("a value that was not read neither raises nor clears", "[WS-17]") {
  for_each_limit([](Bench b) {
    const LevelRow& l = b.limits();
    CHECK_FALSE(b.feed(l.trip, 2 * l.trip_count, false));
    REQUIRE(b.feed(l.trip, l.trip_count));
    CHECK(b.feed(l.release, 2 * l.release_count, false));
  });
}

TEST_CASE("the fault of a direction without current does not count", "[WS-11]") {
  for_each_limit([](Bench b) {
    const LevelRow& l = b.limits();
    const bool fault = b.level == static_cast<std::size_t>(Level::Fault);
    CHECK(b.feed(l.trip, 2 * l.trip_count, true, true) == !fault);
  });
}

TEST_CASE("every event has a stable name, a requirement and a source", "[WS-16]") {
  for (const PackConfig* family : kFamilies) {
    std::set<std::string> names;
    for (const EventRow& row : family->events.rows) {
      INFO(row.name);
      names.insert(std::string(row.name));
      CHECK(row.requirement.size() == 5);
      CHECK_FALSE(row.source.empty());
    }
    CHECK(names.size() == kEvents);
  }
}

TEST_CASE("which events lock, and which for ever, is what the manuals say",
          "[WS-17][WS-18][WS-19]") {
  for (const PackConfig* family : kFamilies) {
    const auto& c = family->events.clearing;
    CHECK(c[static_cast<std::size_t>(Clearing::Permanent)] == bit(EventId::DeepDischarge));
    const std::uint32_t out_of_specification =
        bit(EventId::CellOverVoltage) | bit(EventId::CellUnderVoltage) |
        bit(EventId::PackOverVoltage) | bit(EventId::PackUnderVoltage) |
        bit(EventId::ChargeOverTemperature) | bit(EventId::ChargeUnderTemperature) |
        bit(EventId::DischargeOverTemperature) | bit(EventId::DischargeUnderTemperature) |
        bit(EventId::ChargeOverCurrent1) | bit(EventId::ChargeOverCurrent2) |
        bit(EventId::DischargeOverCurrent1) | bit(EventId::DischargeOverCurrent2);
    CHECK((c[static_cast<std::size_t>(Clearing::Locks)] & out_of_specification) ==
          out_of_specification);
  }
}

TEST_CASE("the worst of several faults decides how they clear", "[WS-17]") {
  const EventTable& t = kWecoSmart.events;
  CHECK(worst_clearing(t, bit(EventId::Interlock)) == Clearing::SelfClears);
  CHECK(worst_clearing(t, bit(EventId::Interlock) | bit(EventId::SensorLost)) ==
        Clearing::NeedsReset);
  CHECK(worst_clearing(t, bit(EventId::SensorLost) | bit(EventId::ShortCircuit)) ==
        Clearing::Locks);
  CHECK(worst_clearing(t, 0xFFFFFFFF) == Clearing::Permanent);
}

// The numbers below are the document's, typed again on purpose.
TEST_CASE("the WeCo limits are those of the field and of the manual", "[WS-11][WS-17]") {
  const auto level = [](EventId id, Level l) {
    return kWecoSmart.events.rows[static_cast<std::size_t>(id)].levels[static_cast<std::size_t>(l)];
  };
  CHECK(level(EventId::CellOverVoltage, Level::Alarm).trip == 3600);
  CHECK(level(EventId::CellOverVoltage, Level::Fault).trip == 3650);
  CHECK(level(EventId::CellOverVoltage, Level::Fault).release == 3450);
  CHECK(level(EventId::CellUnderVoltage, Level::Alarm).trip == 2800);
  CHECK(level(EventId::CellUnderVoltage, Level::Fault).trip == 2500);
  CHECK(level(EventId::CellUnderVoltage, Level::Fault).release == 3100);
  CHECK(level(EventId::ChargeUnderTemperature, Level::Alarm).trip == -101);
  CHECK(level(EventId::DischargeUnderTemperature, Level::Alarm).trip == -201);
  CHECK(level(EventId::DischargeOverCurrent1, Level::Fault).trip == 110000);
  CHECK(level(EventId::DischargeOverCurrent1, Level::Fault).trip_count == 100);
  CHECK(level(EventId::DischargeOverCurrent2, Level::Fault).trip == 150000);
  CHECK(level(EventId::ChargeOverCurrent1, Level::Fault).trip == 55000);
  CHECK(level(EventId::DeepDischarge, Level::Fault).trip == 2000);
  CHECK(level(EventId::MasterLost, Level::Fault).trip < 60000);
}

}  // namespace
}  // namespace weco::bms
