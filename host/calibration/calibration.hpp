// SPDX-License-Identifier: Apache-2.0
// Makes a state of charge true again, by what the family's makers say: a full charge, or whole
// cycles with rests. This says what is next and says stop; it sets nothing, reads nothing and knows
// no clock: readings and instants go in; phase, refusal and verdict come out.
//
//   look -> refused? -> leg after leg, as the rule lists them -> calibrated
//              a charge without 100 %, twice -> a service case (WS-61)
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.hpp"
#include "host/failure/failure.hpp"
#include "host/snapshot/snapshot.hpp"

namespace weco::calibration {

/// What the procedure looks at in one pack. Empty: the device does not publish it.
struct PackReading {
  std::string name;                             // "tower[1].module[2]"; empty: the device itself
  std::optional<std::int32_t> soc;              // 0.01 %
  std::optional<std::int32_t> band;             // 0.01 %, half width
  std::optional<std::int32_t> cell_min_mV;      // lowest and highest of its cells
  std::optional<std::int32_t> cell_max_mV;      //
  std::optional<std::int32_t> coldest_dC;       // 0.1 degrees
  std::optional<std::int32_t> warmest_dC;       //
  std::optional<std::int32_t> current_mA;       // positive charges
  std::optional<std::int32_t> capacity_mAh;     // nameplate
  std::optional<std::int32_t> voltage_mV;       // at its terminals
  std::optional<std::int32_t> deep_discharges;  // that it remembers
  std::optional<std::int32_t> full_h;           // hours since 100 %
  std::string lock;                             // symbols of the vocabulary
  std::string state;                            //
  bool alarm = false;                           // one is pending, or a protection
};
struct SiteReading {
  std::vector<PackReading> packs;
  std::optional<bool> grid;            // the public grid is there
  std::optional<std::int32_t> load_W;  // of the house
};
SiteReading reading_of(const Snapshot& snapshot);

/// From this temperature on a share of the capacity may flow.
struct ShareRow {
  std::int32_t from_dC = 0;
  std::int32_t share = 0;  // of 0.01 % of the capacity an hour
};

enum class Leg : std::uint8_t { Charge, Hold, Rest, Discharge };

/// A setting as `weco` writes it where the family's map is open: "charge_from_grid", "on".
struct Wish {
  std::string_view point;
  std::string_view value;
};

/// What the family's makers say about it, as data. What has a value here is what is done with every
/// LFP string where they are silent.
struct Rule {
  std::string_view family;
  std::vector<Leg> legs = {Leg::Charge, Leg::Hold};  // a Hold comes after a Charge
  int rounds = 1;
  std::vector<Leg> closing{};  // once behind them: nobody is left with an empty battery
  bool one_bus = false;        // in parallel: the first that is full ends the charge for all
  /// 0.1 degC; colder, the voltage at rest tells no charge (as our core has it, core/bms/soc.cpp;
  /// the vendors publish nothing), and on one bus the others than the first full one learn from it.
  std::int32_t rest_coldest_dC = 100;
  bool in_turn = false;                    // one pack after the other, the rest keep serving
  std::vector<ShareRow> charge;            // coldest first; below the first nothing may flow
  std::vector<ShareRow> discharge{};       // empty: nobody discharges here
  std::int32_t cell_most_mV = 3650;        // the pack's own protection; above it the clock stops
  std::int32_t cell_least_mV = 2500;       // below it a charge destroys cells
  std::int32_t cell_empty_mV = 2850;       // a string with such a cell has given what it can
  std::int32_t floor = 0;                  // 0.01 %, where a discharge is whole
  Duration hold = Duration::minutes(30);   // at 100 %, while the cells are balanced
  Duration rest{};                         // without a current
  Duration patience = Duration::hours(2);  // without a charging current it is a cycle without 100 %
  std::int32_t cell_top_mV = 3400;         // from here on a management balances, and charges slowly
  Duration balancing = Duration::hours(48);  // there without 100 % is a cycle without it, too
  Duration night{};             // without the current that a discharge or a rest waits for
  int cycles_most = 2;          // in a row that may miss 100 %
  std::int32_t setback = 1000;  // 0.01 % below the highest: it is being discharged, a cycle ended
  std::string_view warmth{};    // the ids of its rules: temperatures and currents,
  std::string_view source;      // what asks for the procedure,
  std::string_view service;     // what asks for a service case
  std::string_view to_charge;   // for people
  std::string_view to_discharge{};
  std::string_view afterwards = "Set the app back to what it was.";
  std::vector<Wish> charge_wishes{};  // the same for a map that may be written
  std::vector<Wish> discharge_wishes{};
};
/// Unsupported for a family of which no procedure is known.
Outcome<Rule> rule_of(std::string_view family);

/// What speaks against it, with the rule's id where there is one.
struct Refusal {
  std::string rule;  // "WS-19"; empty: a reading that is missing
  std::string text;
};
/// More packs than this are not watched.
inline constexpr std::size_t kPacksMax = 64;
/// The first thing that speaks against this leg now, in any pack.
std::optional<Refusal> speaks_against(const Rule& rule, const SiteReading& reading, Leg leg);
/// What a person has to know of an outcome that cannot be seen from outside: packs on one bus whose
/// cells are too cold to learn from their rest. Empty: nothing.
std::string caution(const Rule& rule, const SiteReading& reading);
/// Current that the temperature allows this pack, 0 when it is not known.
std::int32_t allowed_mA(const std::vector<ShareRow>& rows, const PackReading& pack);

enum class Phase : std::uint8_t {
  Charging,
  Holding,
  Resting,
  Discharging,
  Calibrated,
  ServiceCase,
  Stopped
};
std::string_view name(Phase phase);
constexpr bool ended(Phase phase) { return phase >= Phase::Calibrated; }

/// What must be known to go on after a cut.
struct Progress {
  Phase phase = Phase::Charging;
  std::int32_t leg = 0;           // how many are behind it, all rounds and packs counted
  std::int64_t leg_s = 0;         // `elapsed_s` when this one began
  std::int32_t missed = 0;        // charges in a row without 100 %
  std::int32_t highest = 0;       // lowest pack's SOC, at its best in this leg
  std::int32_t packs = 0;         // that are heard
  std::uint64_t full = 0;         // those that reached 100 % in this leg, bit 0 the first
  std::uint64_t given_up = 0;     // those that are a case for service
  std::int64_t elapsed_s = 0;     // since it was begun
  std::int32_t soc_before = 0;    // of the pack with the lowest
  std::int32_t band_before = -1;  // the widest; negative: not published
};

/// Where a procedure stands.
struct Place {
  Leg leg = Leg::Charge;
  int round = 0;         // from 0; behind the last: the closing legs
  std::size_t pack = 0;  // whose turn it is; 0 when all go together
};
Place place_of(const Rule& rule, std::int32_t leg);
/// Legs of the whole procedure with so many packs.
std::int32_t legs_of(const Rule& rule, std::size_t packs);
/// Those who go through this leg: all packs, or the one whose turn it is.
SiteReading in_turn(const Rule& rule, const SiteReading& reading, std::int32_t leg);

/// The least favourable of those that are charged, for people.
struct Figures {
  std::int32_t soc = 0;
  std::int32_t band = -1;  // negative: not published
  std::int32_t voltage_mV = -1;
  std::int32_t spread_mV = 0;
  Duration remaining;
};
Figures figures_of(const Rule& rule, const SiteReading& reading, std::int32_t leg);

/// A current above the allowed one is a limit broken when it lasts longer: what a battery asks for
/// takes an inverter some seconds.
inline constexpr Duration kCurrentGrace = Duration::s(60);

class Procedure {
 public:
  explicit Procedure(const Rule& rule) : rule_(rule) {}
  /// Goes on where an earlier run was cut, `away` after its last line; the time at 100 % is held
  /// anew.
  Procedure(const Rule& rule, const Progress& progress, Duration away);

  const Progress& step(const SiteReading& reading, Instant now);
  [[nodiscard]] const Progress& progress() const { return progress_; }
  /// Why it is Stopped.
  [[nodiscard]] const Refusal& refusal() const { return refusal_; }

 private:
  void stop(Refusal refusal);
  void begin(const SiteReading& reading);
  void enter(std::int32_t leg);
  void charge(const SiteReading& reading, std::int32_t soc, Instant now);
  void hold(const SiteReading& reading, std::int32_t soc, Instant now);
  void rest(const SiteReading& reading, Instant now);
  void discharge(const SiteReading& reading, Instant now);
  void miss(Instant now);
  [[nodiscard]] std::optional<Refusal> too_much(const SiteReading& reading, Instant now);

  Rule rule_;
  Progress progress_;
  Refusal refusal_;
  bool begun_ = false;
  std::optional<Instant> last_;
  std::optional<Instant> held_since_;  // full, or at rest
  std::optional<Instant> idle_since_;
  std::optional<Instant> top_since_;
  std::optional<Instant> over_since_;
};

/// How long, how much: a part for each leg that is still to come.
struct Part {
  Leg leg = Leg::Charge;
  Duration duration;
  double energy_kWh = 0;  // from the grid, if the sun gives nothing; negative: given to the house
};
std::vector<Part> plan_of(const Rule& rule, const SiteReading& reading, std::int32_t leg = 0);
Duration duration_of(const std::vector<Part>& plan);

}  // namespace weco::calibration
