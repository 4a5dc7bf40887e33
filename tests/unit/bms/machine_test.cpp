// SPDX-License-Identifier: Apache-2.0
// Every state the machine can ever reach, from power-on, under every input: what must never be, and
// that there is always a way home.
#include "core/bms/machine.hpp"

#include <algorithm>
#include <iostream>
#include <map>
#include <set>
#include <span>
#include <unordered_map>
#include <vector>

#include "core/bms/families.hpp"
#include "core/bms/tower.hpp"
#include "tests/support/catch.hpp"

namespace weco::bms {
namespace {

std::uint32_t key(const Machine& m) {
  return static_cast<std::uint32_t>(m.state) | static_cast<std::uint32_t>(m.target) << 4 |
         static_cast<std::uint32_t>(m.phase) << 8 | static_cast<std::uint32_t>(m.latch) << 10 |
         static_cast<std::uint32_t>(m.tries) << 13;
}

Machine unkey(std::uint32_t k) {
  Machine m;
  m.state = static_cast<State>(k & 15U);
  m.target = static_cast<State>((k >> 4) & 15U);
  m.phase = static_cast<Phase>((k >> 8) & 3U);
  m.latch = static_cast<Latch>((k >> 10) & 7U);
  m.tries = static_cast<std::uint8_t>(k >> 13);
  return m;
}

constexpr int kFlags = 11;

MachineInputs inputs_of(int command, int fault, unsigned flags) {
  MachineInputs in;
  in.command = static_cast<Command>(command);
  in.fault = static_cast<FaultClass>(fault);
  in.timed_out = (flags & 1U) != 0;
  in.alarm_overdue = (flags & 2U) != 0;
  in.current_zero = (flags & 4U) != 0;
  in.bus_matched = (flags & 8U) != 0;
  in.feedback_closed = (flags & 16U) != 0;
  in.self_test_ok = (flags & 32U) != 0;
  in.permit_close = (flags & 64U) != 0;
  in.force_open = (flags & 128U) != 0;
  in.link_ok = (flags & 256U) != 0;
  in.derated = (flags & 512U) != 0;
  in.service_verified = (flags & 1024U) != 0;
  return in;
}

template <class Visit>
void for_all_inputs(Visit visit) {
  for (int command = 0; command < kCommands; ++command) {
    for (int fault = 0; fault <= static_cast<int>(FaultClass::Permanent); ++fault) {
      for (unsigned flags = 0; flags < 1U << kFlags; ++flags) {
        visit(inputs_of(command, fault, flags));
      }
    }
  }
}

struct Graph {
  std::set<std::uint32_t> seen;
  std::map<std::uint32_t, std::set<std::uint32_t>> back;  // without service, see below
  std::map<std::uint32_t, std::set<std::uint32_t>> back_service;
};

const char* broken(const Machine& m, const MachineInputs& in, const Transition& t) {
  const Machine& n = t.next;
  const bool closes = energised(n);
  if (closes && in.fault != FaultClass::None) return "closed while a fault is active";
  if (closes && n.latch != Latch::None) return "closed while a latch is set";
  if (m.latch == Latch::Permanent && n.latch != Latch::Permanent) return "permanent lock cleared";
  if (m.latch == Latch::Overdue && n.latch < Latch::Overdue && !in.service_verified) {
    return "overdue lock cleared without service";
  }
  if (n.latch < m.latch && in.fault != FaultClass::None) return "latch cleared under a fault";
  if (!energised(m) && closes) {
    if (in.command != Command::Start && m.state != State::Precharge) return "closed by itself";
    if (!in.permit_close || in.force_open || !in.link_ok) return "closed without permission";
  }
  if (t.refusal != Refusal::None && in.command == Command::None) return "refused nothing";
  if (t.latches_cleared && n.state != State::SelfTest) return "cleared without a self-test";
  return nullptr;
}

/// Explores everything from power-on; `latch` is what the record of the last life says.
Graph explore(const char*& failure) {
  Graph g;
  std::vector<std::uint32_t> open;
  for (const Latch latch :
       {Latch::None, Latch::Reset, Latch::Lock, Latch::Overdue, Latch::Permanent}) {
    Machine m;
    m.latch = latch;
    g.seen.insert(key(m));
    open.push_back(key(m));
  }
  while (!open.empty()) {
    const std::uint32_t at = open.back();
    open.pop_back();
    const Machine m = unkey(at);
    std::vector<std::uint8_t> known(65536);  // what this state has led to already
    for_all_inputs([&](const MachineInputs& in) {
      const Transition t = step(m, in);
      if (const char* what = broken(m, in, t)) failure = what;
      const std::uint32_t to = key(t.next);
      const bool quiet = in.fault == FaultClass::None;
      const auto kind = static_cast<std::uint8_t>(!quiet ? 1U : (in.service_verified ? 2U : 4U));
      if ((known[to] & kind) != 0) return;
      known[to] = static_cast<std::uint8_t>(known[to] | kind);
      if (quiet) (in.service_verified ? g.back_service : g.back)[to].insert(at);
      if (g.seen.insert(to).second) open.push_back(to);
    });
  }
  return g;
}

std::set<std::uint32_t> can_reach(std::uint32_t goal, const Graph& g, bool with_service) {
  std::set<std::uint32_t> home = {goal};
  std::vector<std::uint32_t> open = {goal};
  const auto take = [&](const std::map<std::uint32_t, std::set<std::uint32_t>>& edges,
                        std::uint32_t at) {
    const auto found = edges.find(at);
    if (found == edges.end()) return;
    for (const std::uint32_t from : found->second) {
      if (home.insert(from).second) open.push_back(from);
    }
  };
  while (!open.empty()) {
    const std::uint32_t at = open.back();
    open.pop_back();
    take(g.back, at);
    if (with_service) take(g.back_service, at);
  }
  return home;
}

TEST_CASE("no reachable state of a pack closes under a fault, and all but permanent ones lead home",
          "[WS-17][WS-18][WS-19][TK-03]") {
  const char* failure = nullptr;
  const Graph g = explore(failure);
  INFO((failure == nullptr ? "" : failure));
  CHECK(failure == nullptr);
  std::cout << "one pack: " << g.seen.size() << " states, each under "
            << kCommands * 5 * (1 << kFlags) << " inputs\n";
  CHECK(g.seen.size() > 50);
  Machine standby;
  standby.state = State::Standby;
  const auto home = can_reach(key(standby), g, true);
  const auto home_alone = can_reach(key(standby), g, false);
  std::set<State> states;
  for (const std::uint32_t k : g.seen) {
    const Machine m = unkey(k);
    states.insert(m.state);
    INFO("state " << static_cast<int>(m.state) << " latch " << static_cast<int>(m.latch));
    CHECK((home.count(k) != 0) == (m.latch != Latch::Permanent));
    CHECK((home_alone.count(k) != 0) == (m.latch < Latch::Overdue));
  }
  CHECK(states.size() == kStates);  // none is unreachable
}

TEST_CASE("every state ends by its time-out or by what it waits for", "[WS-17][WS-18][WS-37]") {
  const auto after = [](State s, Latch latch, Phase phase = Phase::Charging,
                        std::uint8_t tries = 0) {
    Machine m;
    m.state = s;
    m.latch = latch;
    m.phase = phase;
    m.tries = tries;
    MachineInputs in;
    in.timed_out = true;
    in.permit_close = in.link_ok = true;
    return step(m, in);
  };
  CHECK(after(State::Off, Latch::None).next.state == State::SelfTest);
  CHECK(after(State::SelfTest, Latch::None).next.state == State::Fault);
  CHECK(after(State::SelfTest, Latch::None).finding == Finding::SelfTestFailed);
  CHECK(after(State::Standby, Latch::None).next.state == State::Off);
  CHECK(after(State::Precharge, Latch::None).next.phase == Phase::Pausing);
  CHECK(after(State::Precharge, Latch::None, Phase::Pausing, 1).next.phase == Phase::Charging);
  CHECK(after(State::Precharge, Latch::None, Phase::Charging, 2).finding ==
        Finding::PrechargeFailed);
  CHECK(after(State::Precharge, Latch::None, Phase::Closing).finding == Finding::ContactorNoClose);
  CHECK(after(State::Running, Latch::None).next.state == State::Opening);
  CHECK(after(State::Derating, Latch::None).next.state == State::Opening);
  CHECK(after(State::Opening, Latch::None).next.state == State::Standby);
  CHECK(after(State::Fault, Latch::Reset).next.latch == Latch::Overdue);
  CHECK(after(State::Locked, Latch::Lock).next.latch == Latch::Overdue);
  CHECK(after(State::Locked, Latch::Overdue).next.state == State::Off);
  CHECK(after(State::Updating, Latch::None).next.state == State::SelfTest);
  CHECK(after(State::Storage, Latch::None).next.state == State::SelfTest);
}

TEST_CASE("a machine or an input that cannot be falls to the safe side", "[WS-17]") {
  MachineInputs in;
  in.link_ok = in.permit_close = in.self_test_ok = in.feedback_closed = in.bus_matched = true;
  Machine m;
  m.state = State::Running;
  in.fault = static_cast<FaultClass>(99);
  CHECK(step(m, in).next.latch == Latch::Permanent);
  in.fault = FaultClass::None;
  in.command = static_cast<Command>(99);
  CHECK(step(m, in).next == m);
  in.command = Command::None;
  m.state = State::Precharge;
  m.phase = static_cast<Phase>(9);
  CHECK(step(m, in).next == m);
  CHECK(contactors(m) == Contactors{});
  Machine other = m;
  other.state = State::Off;
  CHECK_FALSE(other == m);
  other = m;
  other.target = State::Off;
  CHECK_FALSE(other == m);
  other = m;
  other.phase = Phase::Charging;
  CHECK_FALSE(other == m);
  other = m;
  other.latch = Latch::Reset;
  CHECK_FALSE(other == m);
  other = m;
  other.tries = 1;
  CHECK_FALSE(other == m);
  m.state = static_cast<State>(15);
  CHECK(step(m, in).next == m);
  CHECK(contactors(m) == Contactors{});
}

TEST_CASE("a command is obeyed in its states and refused in all others, with the reason",
          "[WS-17][WS-34][WS-37]") {
  const auto give = [](State s, Command c, Latch latch = Latch::None) {
    Machine m;
    m.state = s;
    m.latch = latch;
    MachineInputs in;
    in.command = c;
    in.link_ok = in.permit_close = true;
    return step(m, in);
  };
  using S = State;
  CHECK(give(S::Precharge, Command::Stop).next.state == S::Standby);
  CHECK(give(S::Running, Command::Stop).next.state == S::Opening);
  CHECK(give(S::Opening, Command::Stop).refusal == Refusal::None);
  for (const S s : {S::Off, S::SelfTest, S::Standby, S::Updating, S::Storage}) {
    INFO(static_cast<int>(s));
    CHECK(give(s, Command::Stop).refusal == Refusal::NotInThisState);
    CHECK(give(s, Command::ResetFault).refusal == Refusal::NotInThisState);
    CHECK(give(s, Command::ResetFault).next.state == s);
  }
  for (const S s : {S::Precharge, S::Running, S::Derating, S::Opening}) {
    CHECK(give(s, Command::ResetFault).refusal == Refusal::NotInThisState);
    CHECK(give(s, Command::PowerOn).refusal == Refusal::NotInThisState);
  }
  for (const Command c : {Command::EnterUpdate, Command::EnterStorage}) {
    CHECK(give(S::Fault, c, Latch::Reset).refusal == Refusal::FaultActive);
    CHECK(give(S::Locked, c, Latch::Lock).refusal == Refusal::FaultActive);
    CHECK(give(S::Locked, c, Latch::Permanent).refusal == Refusal::PermanentLock);
    CHECK(give(S::Off, c).refusal == Refusal::NotInThisState);
    CHECK(give(S::Standby, c).refusal == Refusal::None);
  }
  CHECK(give(S::Off, Command::PowerOff).refusal == Refusal::NotInThisState);
  CHECK(give(S::Updating, Command::PowerOff).refusal == Refusal::UpdateRunning);
}

TEST_CASE("service at the device does nothing to a permanent lock, and a command is still refused",
          "[WS-17][WS-18]") {
  Machine m;
  m.state = State::Locked;
  m.latch = Latch::Permanent;
  MachineInputs in;
  in.service_verified = in.link_ok = in.permit_close = in.self_test_ok = true;
  in.command = Command::ResetFault;
  const Transition t = step(m, in);
  CHECK(t.next == m);
  CHECK(t.refusal != Refusal::None);
}

TEST_CASE("a given-up or finished precharge starts from its first try the next time", "[WS-17]") {
  Machine m;
  m.state = State::Precharge;
  m.tries = kPrechargeTries - 1;
  MachineInputs in;
  in.link_ok = in.permit_close = true;
  in.timed_out = true;
  CHECK(step(m, in).finding == Finding::PrechargeFailed);
  CHECK(step(m, in).next.tries == 0);
  m.phase = Phase::Closing;
  CHECK(step(m, in).finding == Finding::ContactorNoClose);
  CHECK(step(m, in).next.tries == 0);
  in.feedback_closed = true;
  CHECK(step(m, in).next.state == State::Running);
  CHECK(step(m, in).next.tries == 0);
}

TEST_CASE("a pack that has opened forgets where it was going", "[WS-17]") {
  MachineInputs in;
  in.link_ok = in.permit_close = in.current_zero = true;
  for (const State target : {State::Off, State::Standby, State::Updating, State::Storage}) {
    Machine m;
    m.state = State::Opening;
    m.target = target;
    CHECK(step(m, in).next.state == target);
    CHECK(step(m, in).next.target == State::Standby);
    MachineInputs fault = in;
    fault.fault = FaultClass::NeedsReset;
    CHECK(step(m, fault).next.state == State::Fault);
    CHECK(step(m, fault).next.target == State::Standby);
  }
}

TEST_CASE("each refusal names its rule", "[WS-18][WS-19][WS-21][WS-22][WS-34]") {
  CHECK(info(Refusal::AlarmOverdue).rule == "WS-18");
  CHECK(info(Refusal::PermanentLock).rule == "WS-18");
  CHECK(info(Refusal::DeepDischarged).rule == "WS-19");
  CHECK(info(Refusal::LinkLost).rule == "WS-21");
  CHECK(info(Refusal::JoinGate).rule == "WS-22");
  CHECK(info(Refusal::UpdateRunning).rule == "WS-34");
  CHECK(info(Refusal::None).rule.empty());
}

// --- three packs of one tower ------------------------------------------------------------------

struct Three {
  std::array<Machine, 3> pack;
  bool wanted = false;
};

std::uint64_t key(const Three& t) {
  std::uint64_t k = t.wanted ? 1 : 0;
  for (const Machine& m : t.pack) k = k << 16 | key(m);
  return k;
}

Three unkey(std::uint64_t k) {
  Three t;
  for (std::size_t i = 3; i-- > 0; k >>= 16) {
    t.pack[i] = unkey(static_cast<std::uint32_t>(k & 0xFFFF));
  }
  t.wanted = (k & 1U) != 0;
  return t;
}

/// What may happen to a pack, whatever happens to the other two at the same time.
struct Stimulus {
  FaultClass fault = FaultClass::None;
  bool timed_out = false;
  bool ready = true;  // current zero, bus matched, feedback follows, self-test passes
  bool service = false;
  Command own = Command::None;  // at this module alone
};
constexpr std::array kStimuli = {
    Stimulus{},
    Stimulus{FaultClass::None, true, false},
    Stimulus{FaultClass::None, false, false},
    Stimulus{FaultClass::SelfClears},
    Stimulus{FaultClass::Locks},
    Stimulus{FaultClass::Permanent},
    Stimulus{FaultClass::None, false, true, true},
    Stimulus{FaultClass::None, false, true, false, Command::ResetFault},
    Stimulus{FaultClass::None, false, true, false, Command::PowerOn},
    Stimulus{FaultClass::None, false, true, false, Command::PowerOff},
};

/// What the whole tower sees: the command, and how far pack `who` is from the bus.
enum class Voltage { Near, Far, Unread, OtherType };

struct World {
  Command command;
  bool link;
  Voltage voltage;
  std::size_t who;
};

struct Decision {
  std::array<ModuleOrder, 3> orders;
  bool wanted = false;
};

Decision decide(const TowerConfig& config, const Three& before, const World& w) {
  std::array<ModuleReport, 3> reports;
  for (std::size_t i = 0; i < 3; ++i) {
    ModuleReport& r = reports[i];
    r.present = true;
    r.serial = static_cast<std::uint32_t>(100 + i);
    r.type = {config.type_code, true};
    r.pack_voltage = {Millivolts(52800), true};
    r.state = before.pack[i].state;
    r.latch = before.pack[i].latch;
  }
  ModuleReport& odd = reports[w.who];
  if (w.voltage == Voltage::Far) odd.pack_voltage.value = Millivolts(52800 + 1501);
  if (w.voltage == Voltage::Unread) odd.pack_voltage.read = false;
  if (w.voltage == Voltage::OtherType) odd.type.value = 99;
  TowerState state{before.wanted};
  const TowerOrders o = coordinate(config, state, {reports, w.command, w.link});
  return {{o.order[0], o.order[1], o.order[2]}, state.run_wanted};
}

Machine react(const Machine& m, const ModuleOrder& order, const Stimulus& s, bool link) {
  MachineInputs in;
  in.command = s.own != Command::None ? s.own : order.command;
  in.fault = s.fault;
  if (order.type_mismatch) in.fault = std::max(in.fault, FaultClass::NeedsReset);
  in.timed_out = s.timed_out;
  in.current_zero = in.bus_matched = in.feedback_closed = in.self_test_ok = s.ready;
  in.permit_close = order.permit_close;
  in.force_open = order.force_open;
  in.link_ok = link;
  in.service_verified = s.service;
  return step(m, in).next;
}

/// The promise that pack `i` breaks by becoming `m` under stimulus `s`; null when none.
const char* broken(const TowerConfig& config, const World& w, const Three& before, std::size_t i,
                   const Machine& m, const Stimulus& s, const ModuleOrder& order) {
  bool any_wrong = false;
  bool bus_alive = false;  // on a dead bus there is nothing to be far from
  for (const Machine& other : before.pack) {
    any_wrong |= other.state == State::Fault || other.state == State::Locked;
    bus_alive |= contactors(other).main && other.state != State::Precharge;
  }
  const bool running = m.state == State::Running || m.state == State::Derating;
  if (w.voltage == Voltage::OtherType && running) return "mixed tower runs on";
  if (!energised(m)) return nullptr;
  if (s.fault != FaultClass::None) return "closed under a fault";
  if (m.latch != Latch::None) return "closed under a latch";
  if (energised(before.pack[i])) return nullptr;
  const bool bad_voltage = w.voltage == Voltage::Unread || (w.voltage == Voltage::Far && bus_alive);
  if (!order.permit_close) return "closed without the master's permission";
  if (!w.link) return "closed without the inverter";
  if (w.voltage == Voltage::OtherType) return "closed in a mixed tower";
  if (i == w.who && bad_voltage) return "joined with a bad voltage";
  if (any_wrong && !config.isolates_module) return "closed beside a fault";
  return nullptr;
}

/// The slaves are alike: sorting them halves the work. Pack 0 is the master.
Three canonical(Three t) {
  if (key(t.pack[2]) < key(t.pack[1])) std::swap(t.pack[1], t.pack[2]);
  return t;
}

struct TowerGraph {
  std::unordered_map<std::uint64_t, std::uint32_t> index;
  std::vector<std::uint64_t> nodes;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> edges;  // from, to
};

void note(TowerGraph& g, std::uint32_t from, const Three& after) {
  const std::uint64_t k = key(canonical(after));
  std::uint32_t to = 0;
  if (const auto found = g.index.find(k); found != g.index.end()) {
    to = found->second;
  } else {
    to = static_cast<std::uint32_t>(g.nodes.size());
    g.index.emplace(k, to);
    g.nodes.push_back(k);
  }
  if (to != from && (g.edges.empty() || g.edges.back() != std::pair(from, to))) {
    g.edges.emplace_back(from, to);
  }
}

/// Every machine that pack `i` can become, each once; promises are judged for every stimulus.
std::vector<Machine> outcomes(const TowerConfig& config, const World& w, const Three& before,
                              std::size_t i, const ModuleOrder& order,
                              std::span<const Stimulus> stimuli, const char*& failure) {
  std::vector<Machine> found;
  for (const Stimulus& s : stimuli) {
    const Machine m = react(before.pack[i], order, s, w.link);
    if (const char* what = broken(config, w, before, i, m, s, order)) failure = what;
    const auto same = [&](const Machine& other) { return key(other) == key(m); };
    if (std::none_of(found.begin(), found.end(), same)) found.push_back(m);
  }
  return found;
}

/// What follows when the tower sees `w` and each pack gets any of `stimuli`, all at the same time.
void visit_tower(const TowerConfig& config, TowerGraph& g, std::uint32_t from, const World& w,
                 std::span<const Stimulus> stimuli, const char*& failure) {
  const Three before = unkey(g.nodes[from]);
  const Decision d = decide(config, before, w);
  std::array<std::vector<Machine>, 3> next;
  for (std::size_t i = 0; i < 3; ++i) {
    next[i] = outcomes(config, w, before, i, d.orders[i], stimuli, failure);
  }
  Three after;
  after.wanted = d.wanted;
  for (const Machine& a : next[0]) {
    for (const Machine& b : next[1]) {
      for (const Machine& c : next[2]) {
        after.pack = {a, b, c};
        note(g, from, after);
      }
    }
  }
}

TowerGraph explore_tower(const TowerConfig& config, const char*& failure) {
  constexpr std::array<Stimulus, 1> kQuiet = {};
  TowerGraph g;
  g.nodes.push_back(key(Three{}));
  g.index.emplace(g.nodes[0], 0);
  for (std::uint32_t at = 0; at < g.nodes.size(); ++at) {
    visit_tower(config, g, at, {Command::None, true, Voltage::Near, 0}, kStimuli, failure);
    for (std::size_t who = 0; who < 3; ++who) {
      for (const Voltage v : {Voltage::Far, Voltage::Unread, Voltage::OtherType}) {
        visit_tower(config, g, at, {Command::None, true, v, who}, kQuiet, failure);
      }
    }
    for (const Command c : {Command::Start, Command::Stop}) {
      visit_tower(config, g, at, {c, true, Voltage::Near, 0}, kQuiet, failure);
    }
    visit_tower(config, g, at, {Command::None, false, Voltage::Near, 0}, kQuiet, failure);
  }
  return g;
}

std::vector<bool> reach_standby(const TowerGraph& g) {
  std::vector<std::vector<std::uint32_t>> back(g.nodes.size());
  for (const auto& [from, to] : g.edges) back[to].push_back(from);
  Three home;
  for (Machine& m : home.pack) m.state = State::Standby;
  std::vector<bool> good(g.nodes.size(), false);
  std::vector<std::uint32_t> open = {g.index.at(key(home))};
  good[open[0]] = true;
  while (!open.empty()) {
    const std::uint32_t at = open.back();
    open.pop_back();
    for (const std::uint32_t from : back[at]) {
      if (!good[from]) {
        good[from] = true;
        open.push_back(from);
      }
    }
  }
  return good;
}

TEST_CASE("no reachable state of a tower of three closes what may not close",
          "[WS-03][WS-21][WS-22]") {
  for (const bool isolates : {true, false}) {
    TowerConfig config = kWecoTower8k;
    config.isolates_module = isolates;
    const char* failure = nullptr;
    const TowerGraph g = explore_tower(config, failure);
    INFO((failure == nullptr ? "" : failure));
    CHECK(failure == nullptr);
    std::cout << "three packs, " << (isolates ? "one may be isolated" : "all or none") << ": "
              << g.nodes.size() << " states, " << g.edges.size() << " moves\n";
    const std::vector<bool> good = reach_standby(g);
    std::size_t stuck = 0;
    std::size_t permanent = 0;
    for (std::size_t i = 0; i < g.nodes.size(); ++i) {
      const Three t = unkey(g.nodes[i]);
      const bool locked = std::any_of(t.pack.begin(), t.pack.end(),
                                      [](const Machine& m) { return m.latch == Latch::Permanent; });
      permanent += locked ? 1 : 0;
      stuck += good[i] == locked ? 1 : 0;
    }
    CHECK(permanent > 0);
    CHECK(stuck == 0);
  }
}

}  // namespace
}  // namespace weco::bms
