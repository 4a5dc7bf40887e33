// SPDX-License-Identifier: Apache-2.0
// A whole site on virtual time: the environment around it, the plant (cells, packs, inverters,
// meter) and on top the very core that runs on the products. The core decides, the plant obeys;
// no rule of the core is repeated here. Three families; everything from one configuration, the same
// bytes for the same configuration and seed on every machine.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/time.hpp"
#include "core/bms/led.hpp"
#include "core/bms/pack.hpp"
#include "core/ems/ems.hpp"
#include "core/points/point.hpp"
#include "host/failure/failure.hpp"
#include "sim/ageing/ageing.hpp"
#include "sim/environment/config.hpp"
#include "sim/faults/catalogue.hpp"
#include "sim/site/ledger.hpp"
#include "sim/timeline/timeline.hpp"

namespace weco::sim {

enum class SiteFamily : std::uint8_t { WecoSmart, SajCm2, Ep760 };
std::string_view name(SiteFamily family);  // "weco_smart", "saj_cm2", "ep760"
Outcome<SiteFamily> find_site_family(std::string_view name);
std::span<const std::string_view> family_names();

std::string_view name(AgeingChoice ageing);  // "none", "nrel", "naumann", "wang"
Outcome<AgeingChoice> find_ageing(std::string_view name);
std::span<const std::string_view> ageing_names();

/// Of ems::Mode, in its order: "smart_auto", ...
std::span<const std::string_view> mode_names();

struct SiteConfig {
  SiteFamily family = SiteFamily::WecoSmart;
  std::string model{};          // "SMART-S3-10K-B20", "EP760-DE"; empty: the family's usual one
  std::int32_t inverters = 1;   // WeCo: 1 .. 4 in parallel
  std::int32_t towers = 1;      // WeCo: 1 .. 3 an inverter
  std::int32_t modules = 4;     // WeCo: 1 .. 4 a tower
  std::int32_t cabinets = 1;    // CM2: 1 .. 20
  std::int32_t ems_switch = 0;  // CM2: the cabinet with the EMS-Switch unit, 0 none (CM-01)
  std::int32_t packs = 2;       // EP760: 2 .. 4 (1: at most 5 kW)
  /// Cells in series and ampere-hours of a pack, 0: the family's. CM2's are our assumption (240
  /// cells of 280 Ah), because its manual names none.
  std::int32_t cells = 0;
  double capacity_Ah = 0;
  double cabinet_W = 107500;  // CM2: power of a cabinet's PCS, unpublished, assumption

  std::int64_t start_s = kDefaultWallStart;  // UTC
  std::uint64_t seed = 1;
  EnvironmentConfig environment{};
  ems::Settings settings{};  // see default_site(): the mode must be one of the family
  std::string grid_code{};   // a name of core/ems/grid_code.hpp; empty: the family's usual one
  AgeingChoice ageing = AgeingChoice::Nrel;
  double soh_pct = 100;               // of the cells at the start
  double soc_pct = 50;                // of the cells at the start
  std::optional<double> cell_degC{};  // at the start; empty: as warm as the room
  double spread = 1;                  // of the cells: 0 all equal, 1 usual, 2 twice as far
  bool full_charge_monthly = true;    // WS-13: charged to the top when that is due
  bool switched_on = true;            // false: packs are off until command "start"
};

/// A configuration with which make() succeeds: one inverter, its usual mode.
SiteConfig default_site(SiteFamily family);

struct Channel {
  std::string name;  // with its unit, as in JSON: "grid_power_W", "pack[3].soc_pct"
  Unit unit = Unit::None;
};

enum class SiteEventKind : std::uint8_t {
  Warning,
  Alarm,
  Fault,
  Cleared,
  State,    // of a pack
  Control,  // an EMS condition came or went, a leader changed
  Injected,
  Mended,
  Command,
  Violation,
};
std::string_view name(SiteEventKind kind);

struct SiteEvent {
  Instant at{};
  SiteEventKind kind{};
  std::int16_t unit = 0;    // pack, inverter or cabinet, from 1; 0: the site
  std::string_view what{};  // stable name: "cell_over_voltage", "running", "MeterLost"
  std::uint16_t code = 0;   // the product's own number, 0 none
};
inline constexpr std::size_t kSiteEventsMax = 4096;  // the latest; see events_dropped()

/// What a person may do or what may happen to a site, by name. Values are numbers in the unit of
/// the row; a row with symbols takes them by name, too.
struct SiteCommand {
  std::string_view name;
  std::string_view unit;
  double least = 0;
  double most = 0;
  std::span<const std::string_view> symbols{};
  std::string_view doc{};
};
std::span<const SiteCommand> site_commands();

struct PackView {
  bms::State state = bms::State::Off;
  bms::Latch latch = bms::Latch::None;
  bms::LedPattern led = bms::LedPattern::Dark;
  std::uint32_t warnings = 0;  // bms::EventId, one bit each
  std::uint32_t alarms = 0;
  std::uint32_t faults = 0;
  double soc_pct = 0;       // as its BMS estimates it
  double soc_true_pct = 0;  // of the cells, their mean
  double usable_pct = 0;    // what the string can give, of all that it can take and give
  double soh_pct = 0;       // of the ageing model
  double cycles = 0;        // equivalent full ones
  double voltage_V = 0;
  double current_A = 0;  // positive charges
  double cell_min_V = 0;
  double cell_max_V = 0;
  double cell_min_degC = 0;
  double cell_max_degC = 0;
  double charge_limit_A = 0;
  double discharge_limit_A = 0;
  bool heater = false;
  bool contactors_closed = false;
};

/// A value of each pack by its name, alone or as a column: "pack[2].soc_pct".
struct PackPoint {
  std::string_view name;
  Unit unit;
  std::string_view doc;
  double (*of)(const PackView& pack);
};
std::span<const PackPoint> pack_points();

/// A value of the whole site; every one is a column.
struct SiteChannel {
  std::string_view name;
  Unit unit;
  std::string_view doc;
};
std::span<const SiteChannel> site_channels();

/// What a person sees and hears at the inverter, or at the EMS of cabinets.
struct PanelView {
  bool run = false;
  bool alarm = false;
  bool fault = false;
  bool power_light = false;  // CM-04
  bool buzzer = false;       // EP-07
};

/// Promises of the simulation itself, checked in every step.
struct Fidelity {
  std::uint64_t violations = 0;
  double longest_beyond_s = 0;  // a cell outside its fault limits while its pack conducts
  double worst_balance = 0;     // relative, of a day
};

struct SiteSummary {
  double cycles = 0;   // equivalent full ones, mean of the packs
  double soh_pct = 0;  // lowest of the packs
  double self_sufficiency_pct = 0;
  double self_consumption_pct = 0;
  std::uint32_t warnings = 0;  // how often something of this kind came
  std::uint32_t alarms = 0;
  std::uint32_t faults = 0;
};

class Site {
 public:
  /// BadInput, OutOfRange or Unsupported; `where` names the field ("cabinets"), the text says what
  /// is allowed.
  static Outcome<std::unique_ptr<Site>> make(const SiteConfig& config);
  ~Site();
  Site(const Site&) = delete;
  Site& operator=(const Site&) = delete;

  /// The longest step, and the one at which nothing is coarse.
  static constexpr Duration kStepMax = Duration::s(60);
  static constexpr Duration kStepUsual = Duration::s(1);
  /// Moves the site on by 0 < dt <= kStepMax. No allocation.
  void step(Duration dt);

  [[nodiscard]] const SiteConfig& config() const;
  [[nodiscard]] Instant now() const;                // since the start
  [[nodiscard]] std::int64_t wall_seconds() const;  // UTC

  /// Fixed for the life of the site. sample() fills as many as there is room for.
  [[nodiscard]] std::span<const Channel> channels() const;
  void sample(std::span<double> values) const;
  /// One channel by its name; NotFound with the nearest name.
  [[nodiscard]] Outcome<double> value(std::string_view channel) const;

  /// Refuses wire faults (those are for the served link) and units that are not there.
  Done inject(const FaultSpec& fault);
  /// Mends every fault of this kind, and firmware codes one by one when `fault` names one.
  Done clear(const FaultSpec& fault);
  /// A row of site_commands(). Settings are checked as a whole by the core and refused with its
  /// reason; nothing is changed then.
  Done command(std::string_view name, double value);
  Done command(std::string_view name, std::string_view value);

  [[nodiscard]] const Ledger& ledger() const;
  [[nodiscard]] const Fidelity& fidelity() const;
  [[nodiscard]] SiteSummary summary() const;
  [[nodiscard]] std::size_t pack_count() const;
  [[nodiscard]] PackView pack(std::size_t index) const;  // from 0
  [[nodiscard]] PanelView panel(std::size_t inverter = 0) const;
  /// What the pack's core was told, decided and remembers: the very structures of core/bms.
  [[nodiscard]] const bms::PackInputs& inputs(std::size_t pack) const;
  [[nodiscard]] const bms::PackOutputs& outputs(std::size_t pack) const;
  [[nodiscard]] const bms::PackState& state(std::size_t pack) const;
  [[nodiscard]] bms::SocReport charge(std::size_t pack) const;
  /// What inverter `inverter` was told and measures.
  [[nodiscard]] const ems::Inputs& ems_inputs(std::size_t inverter = 0) const;
  [[nodiscard]] std::size_t inverter_count() const;
  /// The outputs of the core's last tick for this inverter (the plant's for cabinets).
  [[nodiscard]] const ems::Outputs& control(std::size_t inverter = 0) const;
  /// In force now; commands change them.
  [[nodiscard]] const ems::Settings& settings() const;
  /// All of them at once; refused by the core as a whole (BadInput), nothing is changed then.
  Done configure(const ems::Settings& settings);
  /// What its meter has proved of the transformer.
  [[nodiscard]] ems::CtVerdict transformer(std::size_t inverter = 0) const;
  /// The codes its product shows.
  [[nodiscard]] const ems::FaultSet& codes(std::size_t inverter = 0) const;

  /// Oldest first; at most kSiteEventsMax, older ones are counted and dropped.
  [[nodiscard]] std::size_t event_count() const;
  [[nodiscard]] const SiteEvent& event(std::size_t index) const;
  [[nodiscard]] std::uint64_t events_dropped() const;

 private:
  class Plant;
  explicit Site(std::unique_ptr<Plant> plant);
  std::unique_ptr<Plant> plant_;
};

}  // namespace weco::sim
