// SPDX-License-Identifier: Apache-2.0
// The page about the battery's state machine is made from the machine itself: every state it can
// reach is asked what each single cause does to it. The committed page is compared with that, so a
// changed transition cannot leave it behind. `unit_bms_diagram "[.write]"` writes the page anew.
#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "core/bms/machine.hpp"
#include "tests/support/catch.hpp"

namespace weco::bms {
namespace {

constexpr const char* kPage = WECO_SOURCE "/docs/reference/state-machine.md";

constexpr std::array<const char*, kStates> kStateNames = {
    "Off",   "SelfTest", "Standby",  "Precharge", "Running", "Derating",
    "Fault", "Locked",   "Updating", "Storage",   "Opening"};
const char* name(State s) { return kStateNames[static_cast<std::size_t>(s)]; }

struct Cause {
  const char* label;
  MachineInputs in;
};

/// The link and the join gate are well and nothing else is the case.
MachineInputs calm() {
  MachineInputs in;
  in.link_ok = in.permit_close = true;
  return in;
}
template <class T>
MachineInputs with(T MachineInputs::*field, T value) {
  MachineInputs in = calm();
  in.*field = value;
  return in;
}
MachineInputs closed_and_derated() {
  MachineInputs in = with(&MachineInputs::feedback_closed, true);
  in.derated = true;
  return in;
}

std::vector<Cause> causes() {
  using In = MachineInputs;
  return {{"power on", with(&In::command, Command::PowerOn)},
          {"power off", with(&In::command, Command::PowerOff)},
          {"start", with(&In::command, Command::Start)},
          {"stop", with(&In::command, Command::Stop)},
          {"reset fault", with(&In::command, Command::ResetFault)},
          {"enter update", with(&In::command, Command::EnterUpdate)},
          {"leave update", with(&In::command, Command::LeaveUpdate)},
          {"enter storage", with(&In::command, Command::EnterStorage)},
          {"leave storage", with(&In::command, Command::LeaveStorage)},
          {"service at the device", with(&In::service_verified, true)},
          {"self-test passed", with(&In::self_test_ok, true)},
          {"bus matched", with(&In::bus_matched, true)},
          {"main contactor closed", with(&In::feedback_closed, true)},
          {"main contactor closed and a limit lowered", closed_and_derated()},
          {"a limit lowered", with(&In::derated, true)},
          {"current zero", with(&In::current_zero, true)},
          {"time over", with(&In::timed_out, true)},
          {"tower takes it off", with(&In::force_open, true)},
          {"inverter not heard", with(&In::link_ok, false)},
          {"join gate shut", with(&In::permit_close, false)},
          {"fault that clears itself", with(&In::fault, FaultClass::SelfClears)},
          {"fault that needs a reset", with(&In::fault, FaultClass::NeedsReset)},
          {"fault that locks", with(&In::fault, FaultClass::Locks)},
          {"permanent fault", with(&In::fault, FaultClass::Permanent)}};
}

struct Less {
  bool operator()(const Machine& a, const Machine& b) const {
    const auto key = [](const Machine& m) {
      return std::array<int, 5>{static_cast<int>(m.state), static_cast<int>(m.target),
                                static_cast<int>(m.phase), static_cast<int>(m.latch), m.tries};
    };
    return key(a) < key(b);
  }
};
using Machines = std::set<Machine, Less>;
using Edge = std::pair<State, State>;
using Edges = std::map<Edge, std::vector<std::string>>;

/// From power-on, whatever latch the last life left; `inputs` are tried in every state.
Machines reachable(const std::vector<MachineInputs>& inputs) {
  Machines seen;
  std::vector<Machine> open;
  const auto visit = [&](const Machine& m) {
    if (seen.insert(m).second) open.push_back(m);
  };
  for (int latch = 0; latch <= static_cast<int>(Latch::Permanent); ++latch) {
    Machine m;
    m.latch = static_cast<Latch>(latch);
    visit(m);
  }
  while (!open.empty()) {
    const Machine m = open.back();
    open.pop_back();
    for (const MachineInputs& in : inputs) visit(step(m, in).next);
  }
  return seen;
}

std::vector<MachineInputs> single_inputs() {
  std::vector<MachineInputs> inputs = {calm()};
  for (const Cause& cause : causes()) inputs.push_back(cause.in);
  return inputs;
}

void note(Edges& edges, State from, State to, const char* label) {
  if (from == to) return;
  std::vector<std::string>& labels = edges[{from, to}];
  if (std::find(labels.begin(), labels.end(), label) == labels.end()) labels.emplace_back(label);
}

/// Every change of state with the single causes that make it. What happens by itself is no merit of
/// a cause.
Edges single_edges() {
  Edges edges;
  for (const Machine& m : reachable(single_inputs())) {
    const State alone = step(m, calm()).next.state;
    note(edges, m.state, alone, "by itself");
    for (const Cause& cause : causes()) {
      const State to = step(m, cause.in).next.state;
      const bool simpler = cause.in.derated && cause.in.feedback_closed &&
                           step(m, with(&MachineInputs::derated, true)).next.state == to;
      if (to != alone && !simpler) note(edges, m.state, to, cause.label);
    }
  }
  return edges;
}

std::string joined(const std::vector<std::string>& labels) {
  std::string text;
  for (const std::string& label : labels) text += (text.empty() ? "" : ", ") + label;
  return text;
}

void write_coils(std::ostream& out) {
  out << "| state | phase | main | negative | precharge |\n|---|---|---|---|---|\n";
  const std::array<const char*, 3> phases = {"charging", "closing", "pausing"};
  for (std::size_t s = 0; s < kStates; ++s) {
    Machine m;
    m.state = static_cast<State>(s);
    const std::size_t shown = m.state == State::Precharge ? phases.size() : 1;
    for (std::size_t p = 0; p < shown; ++p) {
      m.phase = static_cast<Phase>(p);
      const Contactors c = contactors(m);
      out << "| " << name(m.state) << " | " << (shown > 1 ? phases[p] : "") << " | "
          << (c.main ? "closed" : "open") << " | " << (c.negative ? "closed" : "open") << " | "
          << (c.precharge ? "closed" : "open") << " |\n";
    }
  }
}

void write_refusals(std::ostream& out) {
  out << "| rule | sentence |\n|---|---|\n";
  for (std::uint8_t i = 1; i < kRefusals; ++i) {
    const RefusalInfo& row = info(static_cast<Refusal>(i));
    out << "| " << row.rule << " | " << row.sentence << " |\n";
  }
}

std::string page() {
  std::ostringstream out;
  const Edges edges = single_edges();
  out << "<!-- Made by the test program unit_bms_diagram from core/bms/machine.cpp. -->\n"
         "# The battery's state machine\n\n"
         "Every change of state that a single cause can make, from power-on, with the line to the\n"
         "inverter heard and the join gate open unless the cause says otherwise. *By itself* is\n"
         "what happens without any cause: a fault that is gone and latched nothing, a latch that "
         "is\n"
         "still set after a restart, limits that are back at their ratings.\n\n"
         "Causes that come together act in this order: fault, service, command, then time and\n"
         "measurements. A fault opens the contactors in the step that reports it.\n\n"
         "```mermaid\nstateDiagram-v2\n  [*] --> Off\n";
  for (const auto& [edge, labels] : edges) {
    out << "  " << name(edge.first) << " --> " << name(edge.second) << ": " << joined(labels)
        << "\n";
  }
  out << "```\n\n| from | to | by |\n|---|---|---|\n";
  for (const auto& [edge, labels] : edges) {
    out << "| " << name(edge.first) << " | " << name(edge.second) << " | " << joined(labels)
        << " |\n";
  }
  out << "\n## Contactors\n\n";
  write_coils(out);
  out << "\n## Why a command is refused\n\n";
  write_refusals(out);
  return out.str();
}

std::vector<MachineInputs> all_inputs() {
  constexpr std::array<bool MachineInputs::*, 11> kFlags = {
      &MachineInputs::timed_out,    &MachineInputs::alarm_overdue,   &MachineInputs::current_zero,
      &MachineInputs::bus_matched,  &MachineInputs::feedback_closed, &MachineInputs::self_test_ok,
      &MachineInputs::permit_close, &MachineInputs::force_open,      &MachineInputs::link_ok,
      &MachineInputs::derated,      &MachineInputs::service_verified};
  std::vector<MachineInputs> inputs;
  for (int command = 0; command < kCommands; ++command) {
    for (int fault = 0; fault <= static_cast<int>(FaultClass::Permanent); ++fault) {
      for (unsigned bits = 0; bits < 1U << kFlags.size(); ++bits) {
        MachineInputs in;
        in.command = static_cast<Command>(command);
        in.fault = static_cast<FaultClass>(fault);
        for (std::size_t i = 0; i < kFlags.size(); ++i) in.*kFlags[i] = ((bits >> i) & 1U) != 0;
        inputs.push_back(in);
      }
    }
  }
  return inputs;
}

TEST_CASE("the page about the state machine is what the machine does", "[WS-17][WS-18]") {
  std::ifstream file(kPage);
  std::stringstream committed;
  committed << file.rdbuf();
  INFO("when wanted: unit_bms_diagram \"[.write]\"");
  CHECK((committed.str() == page()));
}

TEST_CASE(
    "the diagram leaves out no way between two states: causes that come together only join "
    "ways through Fault or Locked",
    "[WS-17][WS-18]") {
  const Edges edges = single_edges();
  const auto drawn = [&edges](State from, State to) {
    return from == to || edges.count({from, to}) != 0;
  };
  const std::vector<MachineInputs> inputs = all_inputs();
  std::array<std::array<bool, kStates>, kStates> taken{};
  for (const Machine& m : reachable(single_inputs())) {
    for (const MachineInputs& in : inputs) {
      taken[static_cast<std::size_t>(m.state)][static_cast<std::size_t>(step(m, in).next.state)] =
          true;
    }
  }
  for (std::size_t a = 0; a < kStates; ++a) {
    for (std::size_t b = 0; b < kStates; ++b) {
      const auto from = static_cast<State>(a);
      const auto to = static_cast<State>(b);
      if (!taken[a][b]) {
        CHECK(edges.count({from, to}) == 0);
        continue;
      }
      INFO(name(from) << " to " << name(to));
      CHECK((drawn(from, to) || (drawn(from, State::Fault) && drawn(State::Fault, to)) ||
             (drawn(from, State::Locked) && drawn(State::Locked, to))));
    }
  }
}

TEST_CASE("write the page about the state machine", "[.write]") {
  std::ofstream file(kPage);
  file << page();
  REQUIRE(file.good());
}

}  // namespace
}  // namespace weco::bms
