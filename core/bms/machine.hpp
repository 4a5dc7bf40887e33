// SPDX-License-Identifier: Apache-2.0
// The discrete half of a pack: which state it is in and what may happen next. It is a pure function
// over a handful of small enumerations, without time or measurements, so that every state it can
// ever reach is explored by a test. Time-outs arrive as a fact ("this state's time is over"); who
// measures them is pack.cpp, how long they are is the table in config.hpp.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace weco::bms {

/// Append only (stored in journals). `Opening` is the bounded wait for zero current before an
/// orderly opening; a fault never waits there.
enum class State : std::uint8_t {
  Off = 0,
  SelfTest,
  Standby,
  Precharge,
  Running,
  Derating,
  Fault,
  Locked,
  Updating,
  Storage,
  Opening,
};
inline constexpr std::uint8_t kStates = 11;
/// Stable, for logs and scripts.
inline constexpr std::array<std::string_view, kStates> kStateNames = {
    "off",   "self_test", "standby",  "precharge", "running", "derating",
    "fault", "locked",    "updating", "storage",   "opening"};

/// Inside Precharge: bus charges through the resistor, main contactor closes, pause before a retry.
enum class Phase : std::uint8_t { Charging, Closing, Pausing };

/// What keeps the pack from closing although no fault may be active any more, in rising severity.
enum class Latch : std::uint8_t {
  None = 0,
  Reset,      // a reset command clears it
  Lock,       // WS-17: out of specification; a reset command clears it within 24 hours
  Overdue,    // WS-18: not cleared in 24 hours; only service at the device clears it
  Permanent,  // WS-18, WS-19: nothing clears it
};

enum class Command : std::uint8_t {
  None = 0,
  PowerOn,
  PowerOff,
  Start,
  Stop,
  ResetFault,
  EnterUpdate,
  LeaveUpdate,
  EnterStorage,
  LeaveStorage,
};
inline constexpr std::uint8_t kCommands = 10;

/// Why a command was not carried out.
enum class Refusal : std::uint8_t {
  None = 0,
  NotInThisState,
  FaultActive,
  AlarmOverdue,
  PermanentLock,
  DeepDischarged,
  LinkLost,
  JoinGate,
  UpdateRunning,
};
inline constexpr std::uint8_t kRefusals = 9;

struct RefusalInfo {
  Refusal refusal;
  std::string_view rule;  // requirement id
  std::string_view sentence;
};
/// The rule behind a refusal, for people.
const RefusalInfo& info(Refusal refusal);

/// The worst fault that is active now.
enum class FaultClass : std::uint8_t { None = 0, SelfClears, NeedsReset, Locks, Permanent };

/// Something the machine itself found out; the diagnosis records it as an event.
enum class Finding : std::uint8_t { None = 0, PrechargeFailed, ContactorNoClose, SelfTestFailed };

inline constexpr std::uint8_t kPrechargeTries = 3;  // physics 3.1: three tries, then latch

struct Machine {
  State state = State::Off;
  State target = State::Standby;  // where Opening leads
  Phase phase = Phase::Charging;
  Latch latch = Latch::None;
  std::uint8_t tries = 0;  // failed precharges, 0 .. kPrechargeTries - 1
  friend constexpr bool operator==(const Machine&, const Machine&) = default;
};

struct MachineInputs {
  Command command = Command::None;
  FaultClass fault = FaultClass::None;
  bool timed_out = false;         // the time of the present state is over
  bool alarm_overdue = false;     // an alarm is pending for 24 hours or longer (WS-18)
  bool current_zero = false;      // small enough to open a contactor without an arc
  bool bus_matched = false;       // the bus has reached the pack's voltage, precharge current small
  bool feedback_closed = false;   // the main contactor reports closed
  bool self_test_ok = false;      // all readings there, nothing wrong, contactors open
  bool permit_close = false;      // join gate: this pack may connect to the bus
  bool force_open = false;        // the tower wants this pack off the bus
  bool link_ok = false;           // the inverter is heard
  bool derated = false;           // a limit is below its rating
  bool service_verified = false;  // physical service action at the device, see PackInputs
  friend constexpr bool operator==(const MachineInputs&, const MachineInputs&) = default;
};

struct Transition {
  Machine next;
  Refusal refusal = Refusal::None;
  Finding finding = Finding::None;
  bool latches_cleared = false;
};

/// The only way a pack changes its state. Total: every machine and every input has an answer.
Transition step(const Machine& machine, const MachineInputs& in);

struct Contactors {
  bool main = false;
  bool negative = false;
  bool precharge = false;
  friend constexpr bool operator==(const Contactors&, const Contactors&) = default;
};
/// What the coils get in this state.
Contactors contactors(const Machine& machine);

/// True when current can flow: the main path or the precharge path is closed.
bool energised(const Machine& machine);

}  // namespace weco::bms
