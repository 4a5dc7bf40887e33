// SPDX-License-Identifier: Apache-2.0
// Promises of a whole pack: what any fault does, what survives, what no command can do.
#include "core/bms/pack.hpp"

#include <iostream>

#include "tests/support/catch.hpp"
#include "tests/unit/bms/rig.hpp"

namespace weco::bms {
namespace {

using test::kFamilies;
using test::provoke;
using test::Random;
using test::Rig;

constexpr auto kFault = static_cast<std::size_t>(Level::Fault);

/// Events that can only happen on the way to closing.
bool while_starting(EventId id) {
  return id == EventId::PrechargeFailed || id == EventId::SelfTestFailed;
}

/// Brings the pack to the fault `id`: running first where that is possible.
void bring_to_fault(Rig& rig, const EventRow& row) {
  const std::int32_t trip = row.levels[kFault].trip;
  if (row.id == EventId::SelfTestFailed) {
    provoke(rig, row.id, trip);
    rig.command(Command::PowerOn);
    rig.seconds(15);
    return;
  }
  if (row.id == EventId::ContactorWelded) {
    rig.to_standby();
  } else if (row.id == EventId::PrechargeFailed) {
    rig.to_standby();
    provoke(rig, row.id, trip);
    rig.command(Command::Start);
    rig.seconds(20);
    return;
  } else {
    rig.to_running();
    REQUIRE(rig.closed());
  }
  provoke(rig, row.id, trip);
  for (int i = 0; i <= row.levels[kFault].trip_count && rig.out.faults == 0; ++i) {
    rig.tick();
    if (rig.closed() && row.id != EventId::ContactorWelded) CHECK(rig.out.faults == 0);
  }
}

template <class Body>
void for_each_fault(Body body) {
  for (const PackConfig* family : kFamilies) {
    for (const EventRow& row : family->events.rows) {
      if (!row.levels[kFault].used()) continue;
      INFO(family->name << " " << row.name);
      Rig rig(*family);
      bring_to_fault(rig, row);
      body(rig, row);
    }
  }
}

TEST_CASE("every fault opens the contactors within its hold and names itself", "[WS-17][EP-07]") {
  for_each_fault([](Rig& rig, const EventRow& row) {
    rig.tick(2);
    CHECK_FALSE(rig.closed());
    CHECK(rig.out.contactors == Contactors{});
    CHECK(limits_of(rig.state).charge.value() == Milliamps(0));
    CHECK(limits_of(rig.state).discharge.value() == Milliamps(0));
    const bool latched = row.clearing != Clearing::SelfClears;
    if (latched) CHECK(rig.out.latched != 0);
    const bool self = rig.now_in() == State::Fault || rig.now_in() == State::Locked;
    CHECK(self);
    if (row.clearing == Clearing::Locks) CHECK(rig.now_in() == State::Locked);
  });
}

TEST_CASE("no command closes anything while a fault is active", "[WS-17][WS-18]") {
  for_each_fault([](Rig& rig, const EventRow& row) {
    const bool gone = row.id == EventId::PrechargeFailed || row.id == EventId::SelfTestFailed ||
                      row.id == EventId::ContactorNoClose;
    rig.tick(2);
    for (int c = 1; c < kCommands; ++c) {
      const auto command = static_cast<Command>(c);
      const Refusal refusal = rig.command(command);
      INFO("command " << c);
      CHECK_FALSE(rig.closed());
      if (command == Command::Start) CHECK(refusal != Refusal::None);
      if (command == Command::ResetFault && !gone && rig.out.faults != 0) {
        CHECK(refusal != Refusal::None);
      }
    }
  });
}

TEST_CASE("a latched fault survives a power cut; a permanent one survives everything",
          "[WS-17][WS-18][WS-19]") {
  for_each_fault([](Rig& rig, const EventRow& row) {
    rig.tick(2);
    if (row.clearing == Clearing::SelfClears) return;
    const std::uint32_t latched = rig.out.latched;
    rig.power_cycle();
    rig.healthy();
    rig.command(Command::PowerOn);
    rig.seconds(80);
    CHECK((rig.out.latched & latched) == latched);
    CHECK(rig.command(Command::Start) != Refusal::None);
    CHECK_FALSE(rig.closed());
    const Refusal reset = rig.command(Command::ResetFault);
    if (row.clearing == Clearing::Permanent) {
      CHECK(reset == Refusal::DeepDischarged);
      rig.in.service_verified = true;
      rig.seconds(10);
      CHECK(rig.now_in() == State::Locked);
      CHECK(rig.out.latch == Latch::Permanent);
    } else {
      CHECK(reset == Refusal::None);
      rig.seconds(4);
      CHECK(rig.now_in() == State::Standby);
      CHECK(rig.out.latched == 0);
      CHECK(rig.command(Command::Start) == Refusal::None);
    }
  });
}

TEST_CASE("a fault that clears itself leads back to standby, never to running", "[WS-17]") {
  for_each_fault([](Rig& rig, const EventRow& row) {
    if (row.clearing != Clearing::SelfClears) return;
    rig.healthy();
    for (int i = 0; i < 100; ++i) {
      rig.tick();
      CHECK_FALSE(rig.closed());
    }
    CHECK(rig.now_in() == State::Standby);
  });
}

TEST_CASE("every alarm stops exactly the directions its row names", "[WS-15][WS-21]") {
  for (const PackConfig* family : kFamilies) {
    for (const EventRow& row : family->events.rows) {
      const LevelRow& alarm = row.levels[1];
      if (!alarm.used() || while_starting(row.id)) continue;
      INFO(family->name << " " << row.name);
      Rig rig(*family);
      rig.to_running();
      provoke(rig, row.id, alarm.trip);
      rig.tick(alarm.trip_count);
      CHECK((rig.out.alarms & bit(row.id)) != 0);
      const bool charge = alarm.reaction != Reaction::StopDischarge;
      const bool discharge = alarm.reaction != Reaction::StopCharge;
      if (charge) CHECK(limits_of(rig.state).charge.value() == Milliamps(0));
      if (discharge) CHECK(limits_of(rig.state).discharge.value() == Milliamps(0));
    }
  }
}

TEST_CASE("inputs that nobody filled in permit nothing", "[WS-17][WS-21]") {
  PackState state = power_up(kWecoSmart, factory_record(kWecoSmart, Permyriad(5000)), Instant());
  Instant now;
  for (int i = 0; i < 200; ++i) {
    now = now + Duration::ms(100);
    PackInputs in;
    in.command = i == 0 ? Command::PowerOn : Command::Start;
    const PackOutputs out = tick(kWecoSmart, state, in, now);
    CHECK_FALSE(out.contactors.negative);
    CHECK(limits_of(state).charge.value() == Milliamps(0));
    CHECK(limits_of(state).discharge.value() == Milliamps(0));
  }
  CHECK(state.machine.state == State::Fault);
}

TEST_CASE("a pack starts through self-test, precharge and feedback", "[EP-10]") {
  Rig rig(kWecoSmart);
  CHECK(rig.tick().state == State::Off);
  CHECK(rig.command(Command::Start) == Refusal::NotInThisState);
  CHECK(rig.command(Command::PowerOn) == Refusal::None);
  CHECK(rig.out.state == State::SelfTest);
  rig.tick(19);
  CHECK(rig.out.state == State::SelfTest);
  rig.tick(2);
  CHECK(rig.out.state == State::Standby);
  rig.in.bus_voltage.value = rig.in.pack_voltage.value - Millivolts(1001);
  CHECK(rig.command(Command::Start) == Refusal::None);
  CHECK(rig.out.contactors == Contactors{false, true, true});
  rig.tick();
  CHECK(rig.out.contactors == Contactors{false, true, true});  // 1001 mV apart: not yet
  rig.in.bus_voltage.value = rig.in.pack_voltage.value + Millivolts(1000);
  rig.current(51);
  rig.tick();
  CHECK(rig.out.contactors == Contactors{false, true, true});  // 51 mA: not yet
  rig.current(50);
  rig.tick();
  CHECK(rig.out.contactors == Contactors{true, true, true});
  rig.tick();
  CHECK(rig.out.contactors == Contactors{true, true, false});
  CHECK((rig.out.state == State::Running || rig.out.state == State::Derating));
}

TEST_CASE("a voltage that is not read is no match and no drift", "[WS-03]") {
  Rig rig(kWecoSmart);
  rig.to_standby();
  rig.in.pack_voltage.read = false;
  rig.command(Command::Start);
  rig.tick(5);
  CHECK(rig.out.contactors == Contactors{false, true, true});
  rig.in.pack_voltage.read = true;
  rig.tick(3);
  CHECK(rig.out.contactors.main);
  rig.in.tower_voltage = {Millivolts(0), true};
  rig.in.pack_voltage.read = false;
  rig.seconds(8);
  CHECK(rig.closed());
}

TEST_CASE("a precharge is tried three times with pauses, then latches", "[WS-17]") {
  Rig rig(kWecoSmart);
  rig.to_standby();
  provoke(rig, EventId::PrechargeFailed, 1);
  rig.command(Command::Start);
  int tries = 0;
  bool closed = false;
  for (int i = 0; i < 200; ++i) {
    rig.tick();
    if (rig.out.contactors.precharge && !closed) ++tries;
    closed = rig.out.contactors.precharge;
    CHECK_FALSE(rig.out.contactors.main);
  }
  CHECK(tries == 3);
  CHECK(rig.now_in() == State::Fault);
  CHECK((rig.out.latched & bit(EventId::PrechargeFailed)) != 0);
}

TEST_CASE("a main contactor that does not close is given up after 5 s", "[WS-63]") {
  Rig rig(kWecoSmart);
  rig.to_standby();
  rig.contactor_follows = false;
  rig.in.main_feedback = false;
  rig.command(Command::Start);
  rig.tick(50);
  CHECK(rig.out.contactors.main);
  rig.tick(1);
  CHECK_FALSE(rig.out.contactors.main);
  CHECK((rig.out.latched & bit(EventId::ContactorNoClose)) != 0);
  const std::size_t fault = static_cast<std::size_t>(Level::Fault);
  CHECK(rig.out.changes.raised[fault] == bit(EventId::ContactorNoClose));
  rig.tick(1);
  CHECK(rig.out.changes.raised[fault] == 0);
}

TEST_CASE("an orderly opening waits for zero current, but not longer than 3 s", "[WS-63]") {
  Rig rig(kWecoSmart);
  rig.to_running();
  rig.current(20000);
  CHECK(rig.command(Command::Stop) == Refusal::None);
  CHECK(rig.out.contactors.main);
  CHECK(limits_of(rig.state).charge.value() == Milliamps(0));
  rig.tick(5);
  CHECK(rig.out.contactors.main);
  SECTION("zero in time") {
    rig.current(3501);
    rig.tick();
    CHECK(rig.out.contactors.main);
    rig.current(-3500);
    rig.tick();
    CHECK_FALSE(rig.out.contactors.main);
  }
  SECTION("never zero") {
    rig.tick(24);
    CHECK(rig.out.contactors.main);
    rig.tick(1);
    CHECK_FALSE(rig.out.contactors.main);
  }
  SECTION("no current reading: waits to the end") {
    rig.in.current.read = false;
    rig.tick(24);
    CHECK(rig.out.contactors.main);
    rig.tick(1);
    CHECK_FALSE(rig.out.contactors.main);
  }
  SECTION("a fault does not wait") {
    rig.in.interlock_closed = false;
    rig.tick();
    CHECK_FALSE(rig.out.contactors.main);
  }
  SECTION("stopping twice changes nothing, powering off while opening ends in off") {
    CHECK(rig.command(Command::Stop) == Refusal::None);
    CHECK(rig.command(Command::PowerOff) == Refusal::None);
    rig.current(0);
    rig.tick();
    CHECK(rig.now_in() == State::Off);
  }
}

TEST_CASE("without the inverter current stops after 5 s and the pack opens after 60 s", "[WS-21]") {
  Rig rig(kWecoSmart);
  rig.to_running();
  rig.in.link_age = Duration::ms(4999);
  rig.tick(10);
  CHECK(limits_of(rig.state).charge.value() > Milliamps(0));
  rig.in.link_age = Duration::ms(5000);
  rig.tick();
  CHECK(limits_of(rig.state).charge.value() == Milliamps(0));
  CHECK(limits_of(rig.state).discharge.value() == Milliamps(0));
  CHECK(rig.closed());
  rig.in.link_age = Duration::ms(59999);
  rig.tick();
  CHECK(rig.now_in() == State::Derating);
  rig.in.link_age = Duration::ms(60000);
  rig.tick(2);
  CHECK(rig.now_in() == State::Standby);
  CHECK(rig.command(Command::Start) == Refusal::LinkLost);
  rig.in.link_age = Duration::ms(0);
  CHECK(rig.command(Command::Start) == Refusal::None);
}

TEST_CASE("a slave without its master blinks red after 10 s and is off within 60 s", "[WS-03]") {
  Rig rig(kWecoSmart);
  rig.to_running();
  int seconds = 0;
  bool blinked = false;
  for (; rig.closed() && seconds < 100; ++seconds) {
    rig.in.master_age = Duration::s(seconds);
    rig.seconds(1);
    if (seconds < 10) CHECK(rig.out.led != LedPattern::RedBlink);
    blinked = blinked || rig.out.led == LedPattern::RedBlink;
  }
  CHECK(blinked);
  CHECK(seconds <= 60);
  CHECK(seconds > 50);
  rig.in.master_age = Duration::ms(0);
  rig.seconds(10);
  CHECK(rig.now_in() == State::Standby);
}

TEST_CASE("an alarm of 24 hours forbids a restart by hand until it has gone by itself", "[WS-18]") {
  Rig rig(kWecoSmart);
  rig.to_standby();
  rig.in.cooling_failed = true;  // an alarm without a fault level
  rig.seconds(62);
  CHECK((rig.out.alarms & bit(EventId::CoolingFailed)) != 0);
  rig.state.pending_s = 24 * 3600 - 1;
  CHECK_FALSE(rig.tick().alarm_overdue);
  rig.seconds(1);
  CHECK(rig.out.alarm_overdue);
  CHECK(rig.command(Command::Start) == Refusal::AlarmOverdue);
  CHECK(rig.command(Command::ResetFault) == Refusal::AlarmOverdue);
  rig.in.cooling_failed = false;
  rig.seconds(10);
  CHECK_FALSE(rig.out.alarm_overdue);
  CHECK(rig.command(Command::Start) == Refusal::None);
}

TEST_CASE("two timers drive a pack as one does, and the fast one alone opens it", "[WS-17]") {
  Rig one(kWecoSmart), two(kWecoSmart);
  one.to_running();
  two.to_running();
  for (int tenth = 1; tenth <= 300; ++tenth) {
    one.current(tenth * 100);
    two.current(tenth * 100);
    one.tick();
    two.now = one.now;
    two.in.main_feedback = contactors(two.state.machine).main;
    two.out = tick_fast(two.config, two.state, two.in, two.now);
    if (two.now - two.state.slow_at >= Duration::s(1)) {
      tick_slow(two.config, two.state, two.in, two.now);
    }
    CHECK(two.out.contactors.main == one.out.contactors.main);
    CHECK(two.state.level == one.out.soc);
    CHECK(limits_of(two.state).charge.value() == limits_of(one.state).charge.value());
  }
  CHECK(two.state.soc.charge == one.state.soc.charge);
  two.in.short_circuit = true;
  two.out = tick_fast(two.config, two.state, two.in, two.now + Duration::ms(100));
  CHECK_FALSE(two.out.contactors.main);
  CHECK(two.out.state == State::Locked);
}

TEST_CASE("a fault of 24 hours needs service, and a power cut does not shorten it", "[WS-18]") {
  Rig rig(kWecoSmart);
  rig.to_running();
  rig.in.short_circuit = true;
  rig.tick();
  rig.in.short_circuit = false;
  CHECK(rig.now_in() == State::Locked);
  rig.state.pending_s = 23 * 3600;
  rig.power_cycle();
  CHECK(rig.state.pending_s == 23 * 3600);
  rig.command(Command::PowerOn);
  rig.seconds(70);
  rig.state.pending_s = 24 * 3600 - 1;
  rig.seconds(2);
  CHECK(rig.out.latch == Latch::Overdue);
  CHECK(rig.command(Command::ResetFault) == Refusal::AlarmOverdue);
  CHECK(rig.command(Command::Start) == Refusal::AlarmOverdue);
  rig.power_cycle();
  rig.command(Command::PowerOn);
  rig.seconds(5);
  CHECK(rig.command(Command::ResetFault) == Refusal::AlarmOverdue);
  rig.now = rig.now + Duration::minutes(59);
  rig.tick(1);
  CHECK(rig.now_in() == State::Locked);
  rig.now = rig.now + Duration::minutes(2);
  rig.tick(1);
  CHECK(rig.now_in() == State::Off);  // shut down and wait
  rig.command(Command::PowerOn);
  rig.seconds(1);
  rig.in.service_verified = true;
  rig.tick();
  rig.in.service_verified = false;
  rig.seconds(3);
  CHECK(rig.now_in() == State::Standby);
  CHECK(rig.out.latch == Latch::None);
}

TEST_CASE("a fault state that lasts 24 hours becomes a lock for service", "[WS-18]") {
  Rig rig(kWecoSmart);
  rig.to_running();
  rig.in.interlock_closed = false;
  rig.seconds(1);
  CHECK(rig.now_in() == State::Fault);
  rig.state.pending_s = 24 * 3600;
  rig.tick();
  CHECK(rig.now_in() == State::Locked);
  CHECK(rig.out.latch == Latch::Overdue);
}

TEST_CASE("a record that does not check out locks the pack until service has seen it",
          "[WS-16][WS-18]") {
  Rig rig(kWecoSmart);
  PersistentBytes bytes = encode(snapshot(kWecoSmart, rig.state));
  bytes[7] = static_cast<std::uint8_t>(bytes[7] ^ 1U);
  rig.state = power_up(kWecoSmart, decode(bytes, kWecoSmart.type_code), rig.now);
  rig.command(Command::PowerOn);
  rig.seconds(5);
  CHECK(rig.out.storage_lost);
  CHECK(rig.now_in() == State::Locked);
  CHECK(rig.command(Command::ResetFault) == Refusal::AlarmOverdue);
  CHECK(report_of(kWecoSmart, rig.state).band == Permyriad(10000));
  rig.in.service_verified = true;
  rig.seconds(4);
  CHECK_FALSE(rig.out.storage_lost);
  CHECK(rig.now_in() == State::Standby);
}

TEST_CASE("updating switches the pack off and ends by itself", "[WS-34]") {
  Rig rig(kWecoSmart);
  rig.to_running();
  rig.current(20000);
  CHECK(rig.command(Command::EnterUpdate) == Refusal::None);
  rig.tick();
  CHECK(rig.now_in() == State::Opening);
  rig.current(0);
  rig.tick();
  CHECK(rig.now_in() == State::Updating);
  CHECK_FALSE(rig.closed());
  CHECK(rig.command(Command::PowerOff) == Refusal::UpdateRunning);
  CHECK(rig.command(Command::Start) == Refusal::NotInThisState);
  CHECK(rig.command(Command::EnterUpdate) == Refusal::NotInThisState);
  SECTION("left by command") { CHECK(rig.command(Command::LeaveUpdate) == Refusal::None); }
  SECTION("left after half an hour") {
    rig.now = rig.now + Duration::minutes(30);
    rig.tick();
  }
  CHECK(rig.now_in() == State::SelfTest);
  rig.seconds(3);
  CHECK(rig.now_in() == State::Standby);
}

TEST_CASE("storage, standby and off end by themselves", "[WS-37][EP-16]") {
  Rig rig(kWecoSmart);
  rig.to_standby();
  CHECK(rig.command(Command::EnterStorage) == Refusal::None);
  CHECK(rig.now_in() == State::Storage);
  rig.now = rig.now + Duration::hours(24 * 90);
  rig.tick(30);
  CHECK(rig.now_in() == State::Standby);
  rig.now = rig.now + Duration::hours(48);
  rig.tick();
  CHECK(rig.now_in() == State::Off);
  rig.now = rig.now + Duration::hours(24 * 7);
  rig.tick();
  CHECK(rig.now_in() == State::SelfTest);
  rig.seconds(3);
  CHECK(rig.command(Command::EnterStorage) == Refusal::None);
  CHECK(rig.command(Command::LeaveStorage) == Refusal::None);
  CHECK(rig.now_in() == State::SelfTest);
}

TEST_CASE("the lamp tells the state the way each product does", "[WS-17][EP-07]") {
  Rig weco(kWecoSmart);
  CHECK(weco.tick().led == LedPattern::Dark);
  weco.to_running();
  CHECK(weco.out.led == LedPattern::Steady);
  weco.in.short_circuit = true;
  CHECK(weco.tick().led == LedPattern::RedAlternating);
  Rig b500(kEp760);
  b500.to_standby();
  CHECK(b500.out.led == LedPattern::Blink);
  b500.in.short_circuit = true;
  CHECK(b500.tick().led == LedPattern::FaultFlash);
  b500.in.master_age = Duration::s(11);
  CHECK(b500.tick(2).led == LedPattern::FaultFlash);
}

TEST_CASE("a breaker that trips twice is not reset", "[EP-20]") {
  Rig rig(kEp760);
  rig.to_running();
  rig.in.breaker_trips = 1;
  rig.tick(2);
  CHECK(rig.closed());
  CHECK((rig.out.warnings & bit(EventId::BreakerTripping)) != 0);
  rig.in.breaker_trips = 2;
  rig.tick(2);
  CHECK_FALSE(rig.closed());
  CHECK(rig.command(Command::ResetFault) == Refusal::FaultActive);
}

TEST_CASE("what must be stored is announced", "[WS-16]") {
  Rig rig(kWecoSmart);
  rig.to_running();
  rig.tick(3);
  CHECK_FALSE(rig.out.persist);
  rig.in.short_circuit = true;
  CHECK(rig.tick().persist);
  Rig hourly(kWecoSmart);
  hourly.to_running();
  hourly.state.operating_s = 3599;
  int stores = 0;
  for (int i = 0; i < 10; ++i) stores += hourly.tick().persist ? 1 : 0;
  CHECK(stores == 1);
  CHECK(hourly.state.operating_s == 3600);
}

TEST_CASE("late ticks lose no time", "[WS-18]") {
  Rig rig(kWecoSmart);
  rig.to_running();
  const std::uint32_t before = rig.state.operating_s;
  for (int i = 0; i < 100; ++i) {
    rig.now = rig.now + Duration::ms(1400);  // plus the tick's own 100 ms
    rig.tick();
  }
  CHECK(rig.state.operating_s - before >= 149);
  CHECK(rig.state.operating_s - before <= 151);
}

/// One random change of the world.
void disturb(Rig& rig, Random& random) {
  const auto& rows = rig.config.events.rows;
  const auto& row = rows[static_cast<std::size_t>(random.between(0, kEvents - 1))];
  const auto level = static_cast<std::size_t>(random.between(0, 2));
  if (!row.levels[level].used()) return;
  if (row.id == EventId::DeepDischarge && !random.chance(20)) return;
  provoke(rig, row.id, row.levels[level].trip);
}

struct RandomRun {
  std::uint64_t closed_ticks = 0;
  std::uint64_t fault_ticks = 0;
  std::uint64_t broken = 0;
};

/// Commands and disturbances at random; counts every tick in which a promise is broken.
void random_life(Rig& rig, Random& random, int ticks, RandomRun& run) {
  for (int i = 0; i < ticks; ++i) {
    if (random.chance(80)) disturb(rig, random);
    if (random.chance(30)) rig.healthy();
    if (random.chance(20)) {
      rig.in.command = static_cast<Command>(random.between(0, kCommands - 1));
    } else if (random.chance(8)) {
      rig.in.command = random.chance(2) ? Command::PowerOn : Command::Start;
    }
    rig.in.service_verified = random.chance(400);
    if (random.chance(5000)) rig.power_cycle();
    if (random.chance(3000)) rig.now = rig.now + Duration::hours(random.between(1, 30));
    const bool permanent = rig.state.machine.latch == Latch::Permanent;
    rig.tick();
    const bool closed = rig.out.contactors.main || rig.out.contactors.precharge;
    if (closed && (rig.out.faults != 0 || rig.out.latch != Latch::None)) ++run.broken;
    if (closed && rig.out.latched != 0) ++run.broken;
    if (permanent && (closed || rig.out.latch != Latch::Permanent)) ++run.broken;
    if (!closed && limits_of(rig.state).charge.value() > Milliamps(0)) ++run.broken;
    if (rig.out.soc < Permyriad(0) || rig.out.soc > Permyriad(10000)) ++run.broken;
    run.closed_ticks += closed ? 1 : 0;
    run.fault_ticks += rig.out.faults != 0 ? 1 : 0;
  }
}

TEST_CASE("a million random ticks: contactors are never closed while a fault is active",
          "[WS-17][WS-18][WS-19][TK-03]") {
  RandomRun run;
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    Random random(seed * 7919);
    Rig rig(*kFamilies[seed % 2]);
    rig.to_running();
    random_life(rig, random, 2000, run);
  }
  Random random(99);
  Rig cabinet(kCm2);
  cabinet.to_running();
  random_life(cabinet, random, 20000, run);
  std::cout << "random life: " << run.closed_ticks << " ticks closed, " << run.fault_ticks
            << " with a fault\n";
  CHECK(run.broken == 0);
  CHECK(run.closed_ticks > 50000);
  CHECK(run.fault_ticks > 50000);
}

}  // namespace
}  // namespace weco::bms
