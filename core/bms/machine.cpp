// SPDX-License-Identifier: Apache-2.0
// Order inside one step: faults first, then the service action, then the command, then what the
// state does by itself. A fault therefore opens the contactors in the very step that reports it.
#include "core/bms/machine.hpp"

#include <algorithm>
#include <array>

namespace weco::bms {
namespace {

constexpr std::array<RefusalInfo, kRefusals> kRefusalTable = {{
    {Refusal::None, "", ""},
    {Refusal::NotInThisState, "BMS", "The pack is not in a state in which this is possible."},
    {Refusal::FaultActive, "WS-17", "A fault is active or waits for its reset."},
    {Refusal::AlarmOverdue, "WS-18",
     "An alarm has not reset itself within 24 hours; isolate the pack and call service."},
    {Refusal::PermanentLock, "WS-18",
     "The pack is locked for good; isolate it and call service, never restart it."},
    {Refusal::DeepDischarged, "WS-19",
     "The pack was in extreme under-voltage; it must never be charged or used again."},
    {Refusal::LinkLost, "WS-21", "The battery must not be used without its line to the inverter."},
    {Refusal::JoinGate, "WS-22",
     "The pack may not join the bus: other type, voltage too far away or not measured."},
    {Refusal::UpdateRunning, "WS-34", "The pack is being updated and stays off until it is done."},
}};

consteval bool refusals_in_order() {
  for (std::size_t i = 0; i < kRefusalTable.size(); ++i) {
    if (static_cast<std::size_t>(kRefusalTable[i].refusal) != i) return false;
  }
  return true;
}
static_assert(refusals_in_order(), "kRefusalTable is indexed by Refusal");

bool is_on(State s) { return s == State::Running || s == State::Derating; }

void enter(Machine& m, State state) {
  m.state = state;
  m.phase = Phase::Charging;
  m.target = State::Standby;
}

void open_towards(Machine& m, State target) {
  enter(m, State::Opening);
  m.target = target;
}

Latch latch_of(FaultClass fault) {
  switch (fault) {
    case FaultClass::None:
    case FaultClass::SelfClears:
      return Latch::None;
    case FaultClass::NeedsReset:
      return Latch::Reset;
    case FaultClass::Locks:
      return Latch::Lock;
    case FaultClass::Permanent:
      break;
  }
  return Latch::Permanent;
}

void fall(Machine& m) { enter(m, m.latch >= Latch::Lock ? State::Locked : State::Fault); }

/// Latches what is active and leaves every state in which it must not stay. In Off and Updating
/// nothing is measured and all contactors are open.
void absorb_fault(Machine& m, FaultClass fault) {
  if (m.state == State::Off || m.state == State::Updating) return;
  m.latch = std::max(m.latch, latch_of(fault));
  const bool wrong = fault != FaultClass::None || m.latch != Latch::None;
  const bool settled = m.state == (m.latch >= Latch::Lock ? State::Locked : State::Fault);
  if (wrong && !settled) fall(m);
}

/// A command that wants to bring the pack (back) to use is first measured against what is wrong.
Refusal hand_restart(const Machine& m, const MachineInputs& in) {
  if (m.latch == Latch::Permanent) return Refusal::PermanentLock;
  if (m.latch == Latch::Overdue || in.alarm_overdue) return Refusal::AlarmOverdue;
  return in.fault != FaultClass::None ? Refusal::FaultActive : Refusal::None;
}

Refusal power_off(Machine& m) {
  if (m.state == State::Off) return Refusal::NotInThisState;
  if (m.state == State::Updating) return Refusal::UpdateRunning;
  if (is_on(m.state) || m.state == State::Opening) {
    open_towards(m, State::Off);
  } else {
    enter(m, State::Off);
  }
  return Refusal::None;
}

Refusal start(Machine& m, const MachineInputs& in) {
  const Refusal refusal = hand_restart(m, in);
  if (refusal != Refusal::None) return refusal;
  if (m.latch != Latch::None) return Refusal::FaultActive;
  if (m.state != State::Standby) return Refusal::NotInThisState;
  if (!in.link_ok) return Refusal::LinkLost;
  if (!in.permit_close || in.force_open) return Refusal::JoinGate;
  enter(m, State::Precharge);
  m.tries = 0;
  return Refusal::None;
}

Refusal stop(Machine& m) {
  switch (m.state) {
    case State::Running:
    case State::Derating:
      open_towards(m, State::Standby);
      return Refusal::None;
    case State::Opening:
      return Refusal::None;  // already on its way, wherever that leads
    case State::Precharge:
      enter(m, State::Standby);
      return Refusal::None;
    default:
      return Refusal::NotInThisState;
  }
}

Refusal reset_fault(Machine& m, const MachineInputs& in) {
  const Refusal refusal = hand_restart(m, in);
  if (refusal != Refusal::None) return refusal;
  if (m.state != State::Fault && m.state != State::Locked) return Refusal::NotInThisState;
  m.latch = Latch::None;
  enter(m, State::SelfTest);
  return Refusal::None;
}

/// Into update or storage: from standby at once, from the bus through an orderly opening.
Refusal set_aside(Machine& m, const MachineInputs& in, State where) {
  if (m.latch == Latch::Permanent) return Refusal::PermanentLock;
  if (m.latch != Latch::None || in.fault != FaultClass::None) return Refusal::FaultActive;
  if (is_on(m.state)) {
    open_towards(m, where);
    return Refusal::None;
  }
  if (m.state != State::Standby && m.state != State::Storage) return Refusal::NotInThisState;
  enter(m, where);
  return Refusal::None;
}

Refusal leave(Machine& m, State where) {
  if (m.state != where) return Refusal::NotInThisState;
  enter(m, State::SelfTest);
  return Refusal::None;
}

Refusal obey(Machine& m, const MachineInputs& in) {
  switch (in.command) {
    case Command::None:
      break;
    case Command::PowerOn:
      return leave(m, State::Off);
    case Command::PowerOff:
      return power_off(m);
    case Command::Start:
      return start(m, in);
    case Command::Stop:
      return stop(m);
    case Command::ResetFault:
      return reset_fault(m, in);
    case Command::EnterUpdate:
      return set_aside(m, in, State::Updating);
    case Command::LeaveUpdate:
      return leave(m, State::Updating);
    case Command::EnterStorage:
      return set_aside(m, in, State::Storage);
    case Command::LeaveStorage:
      return leave(m, State::Storage);
  }
  return Refusal::None;
}

void give_up(Transition& t, Finding finding) {
  t.finding = finding;
  t.next.latch = Latch::Reset;
  fall(t.next);
}

void advance_precharge(Transition& t, const MachineInputs& in) {
  Machine& m = t.next;
  if (in.force_open || !in.permit_close || !in.link_ok) {
    enter(m, State::Standby);
    return;
  }
  switch (m.phase) {
    case Phase::Charging:
      if (in.bus_matched) {
        m.phase = Phase::Closing;
      } else if (in.timed_out) {
        m.tries = static_cast<std::uint8_t>(m.tries + 1);
        if (m.tries >= kPrechargeTries) {
          m.tries = 0;
          give_up(t, Finding::PrechargeFailed);
        } else {
          m.phase = Phase::Pausing;
        }
      }
      return;
    case Phase::Closing:
      if (in.feedback_closed) {
        m.tries = 0;
        enter(m, in.derated ? State::Derating : State::Running);
      } else if (in.timed_out) {
        m.tries = 0;
        give_up(t, Finding::ContactorNoClose);
      }
      return;
    case Phase::Pausing:
      if (in.timed_out) m.phase = Phase::Charging;
      return;
  }
}

void advance_fault(Machine& m, const MachineInputs& in) {
  if (in.timed_out) {  // WS-18: 24 hours are over
    m.latch = std::max(m.latch, Latch::Overdue);
    enter(m, State::Locked);
  } else if (m.latch == Latch::None && in.fault == FaultClass::None) {
    enter(m, State::SelfTest);
  }
}

void advance_locked(Machine& m, const MachineInputs& in) {
  if (!in.timed_out) return;
  if (m.latch >= Latch::Overdue) {
    enter(m, State::Off);  // WS-18: shut down and wait for service
  } else {
    m.latch = Latch::Overdue;
  }
}

/// What a state does by itself; every state has an end.
void advance(Transition& t, const MachineInputs& in) {
  Machine& m = t.next;
  switch (m.state) {
    case State::Off:
    case State::Updating:
    case State::Storage:
      if (in.timed_out) enter(m, State::SelfTest);
      return;
    case State::SelfTest:
      if (in.self_test_ok) {
        enter(m, State::Standby);
      } else if (in.timed_out) {
        give_up(t, Finding::SelfTestFailed);
      }
      return;
    case State::Standby:
      if (in.timed_out) enter(m, State::Off);
      return;
    case State::Precharge:
      return advance_precharge(t, in);
    case State::Running:
    case State::Derating:
      if (in.force_open || in.timed_out) {  // WS-21: nobody renewed the permission
        open_towards(m, State::Standby);
      } else {
        m.state = in.derated ? State::Derating : State::Running;
      }
      return;
    case State::Opening:
      if (in.current_zero || in.timed_out) enter(m, m.target);
      return;
    case State::Fault:
      return advance_fault(m, in);
    case State::Locked:
      return advance_locked(m, in);
  }
}

/// Service at the device clears everything but a permanent lock, and only when nothing is wrong.
bool service(Machine& m, const MachineInputs& in) {
  const bool waiting = m.state == State::Fault || m.state == State::Locked;
  if (!in.service_verified || !waiting || in.fault != FaultClass::None) return false;
  if (m.latch == Latch::Permanent) return false;
  m.latch = Latch::None;
  enter(m, State::SelfTest);
  return true;
}

}  // namespace

const RefusalInfo& info(Refusal refusal) {
  return kRefusalTable[static_cast<std::size_t>(refusal)];
}

Transition step(const Machine& machine, const MachineInputs& in) {
  Transition t{machine};
  absorb_fault(t.next, in.fault);
  const Latch before = t.next.latch;
  const State state = t.next.state;
  if (!service(t.next, in)) {
    t.refusal = obey(t.next, in);
    if (t.next.state == state) advance(t, in);
  }
  t.latches_cleared = before != Latch::None && t.next.latch == Latch::None;
  return t;
}

Contactors contactors(const Machine& machine) {
  switch (machine.state) {
    case State::Precharge:
      if (machine.phase == Phase::Charging) return {false, true, true};
      if (machine.phase == Phase::Closing) return {true, true, true};
      return {};
    case State::Running:
    case State::Derating:
    case State::Opening:
      return {true, true, false};
    default:
      return {};
  }
}

bool energised(const Machine& machine) {
  const Contactors c = contactors(machine);
  return c.main || c.precharge;
}

}  // namespace weco::bms
