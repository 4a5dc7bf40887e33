// SPDX-License-Identifier: Apache-2.0
// Makes a state of charge true again by a full charge, guided: the person sets what is to be set in
// the vendor's app, this watches and says stop. It sets nothing, reads nothing and knows no clock:
// readings and instants go in; phase, refusal and verdict come out.
//
//   look -> refused? -> charging -> holding at 100 % -> calibrated
//              a cycle without 100 %, twice -> a service case (WS-61)
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
  std::optional<bool> grid;  // the public grid is there
};
SiteReading reading_of(const Snapshot& snapshot);

/// From this temperature on a share of the capacity may flow in.
struct ChargeRow {
  std::int32_t from_dC = 0;
  std::int32_t share = 0;  // of 0.01 % of the capacity an hour
};

/// What the family's makers say about it, as data.
struct Rule {
  std::string_view family;
  std::vector<ChargeRow> charge;   // coldest first; below the first nothing may flow
  std::int32_t cell_most_mV = 0;   // the pack's own protection; above it the clock stops
  std::int32_t cell_least_mV = 0;  // below it nothing may be charged
  Duration hold;                   // at 100 %, while the cells are balanced
  Duration patience;               // without a charging current this is a cycle without 100 %
  int cycles_most = 0;             // that may miss 100 %
  std::int32_t setback = 0;  // 0.01 % below the highest: it is being discharged, a cycle ended
  std::string_view instruction;
  std::string_view afterwards;
};
/// Unsupported for a family whose procedure needs more than a full charge.
Outcome<Rule> rule_of(std::string_view family);

/// What speaks against it, with the rule's id where there is one.
struct Refusal {
  std::string rule;  // "WS-19"; empty: a reading that is missing
  std::string text;
};
/// More packs than this are not watched.
inline constexpr std::size_t kPacksMax = 64;
/// The first thing that speaks against charging now.
std::optional<Refusal> speaks_against(const Rule& rule, const SiteReading& reading);
/// Current that the temperature allows this pack, 0 when it is not known.
std::int32_t allowed_mA(const Rule& rule, const PackReading& pack);

enum class Phase : std::uint8_t { Charging, Holding, Calibrated, ServiceCase, Stopped };
std::string_view name(Phase phase);
constexpr bool ended(Phase phase) { return phase >= Phase::Calibrated; }

/// What must be known to go on after a cut.
struct Progress {
  Phase phase = Phase::Charging;
  std::int32_t missed = 0;        // cycles without 100 %
  std::int32_t highest = 0;       // lowest pack's SOC, at its best in this cycle
  std::int32_t packs = 0;         // that are watched
  std::uint64_t full = 0;         // those that reached 100 % in this cycle, bit 0 the first
  std::int64_t elapsed_s = 0;     // since it was begun
  std::int32_t soc_before = 0;    // of the pack with the lowest
  std::int32_t band_before = -1;  // the widest; negative: not published
};

/// The least favourable of all packs, for people.
struct Figures {
  std::int32_t soc = 0;
  std::int32_t band = -1;  // negative: not published
  std::int32_t voltage_mV = -1;
  std::int32_t spread_mV = 0;
  Duration remaining;
};
Figures figures_of(const Rule& rule, const SiteReading& reading, Phase phase);

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
  void charge(const SiteReading& reading, std::int32_t soc, Instant now);
  void hold(const SiteReading& reading, std::int32_t soc, Instant now);
  void miss(std::int32_t soc, Instant now);
  [[nodiscard]] std::optional<Refusal> too_much(const SiteReading& reading, Instant now);

  Rule rule_;
  Progress progress_;
  Refusal refusal_;
  bool begun_ = false;
  std::optional<Instant> last_;
  std::optional<Instant> held_since_;
  std::optional<Instant> idle_since_;
  std::optional<Instant> over_since_;
};

/// How long, how much: before anything is begun.
struct Plan {
  Duration duration;
  double energy_kWh = 0;  // from the grid, if the sun gives nothing
};
Plan plan_of(const Rule& rule, const SiteReading& reading);

}  // namespace weco::calibration
