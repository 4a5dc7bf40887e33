// SPDX-License-Identifier: Apache-2.0
// Battery modules around their strings of cells: fuse, contactors and precharge as a circuit, the
// capacitor behind them, the converter of a WeCo module or none, heater, electronics, and what the
// sensors make of all that. It takes what the battery core switches and gives what it reads.
//
//   cells --fuse--+--main------------+-- node --converter-- far side
//                 +--precharge--R----+    |
//   (negative contactor in the return)   capacitor, heater
//
// All modules of a bank are stepped together (module_kernel.hpp); one whose contactors lead another
// way than through the main one has its path worked out by itself. Powers and currents are positive
// into the battery.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "core/bms/pack.hpp"
#include "sim/kernels/random.hpp"
#include "sim/plant/cell_bank.hpp"
#include "sim/plant/kernels.hpp"

namespace weco::sim {

/// Loss = rated power times (idle + linear * u + square * u^2) at the share u of the rated power;
/// nothing while it does not switch.
struct ConverterCurve {
  double rated_W = 0.0;  // 0: no converter, the node is the far side
  double idle_W = 0.0;
  double linear = 0.0;
  double square_per_W = 0.0;
  static constexpr ConverterCurve of_shares(double rated_W, double idle, double linear,
                                            double square) {
    return {rated_W, rated_W * idle, linear, square / rated_W};
  }
  [[nodiscard]] constexpr double loss_W(double power_W) const {
    const double through_W = power_W < 0.0 ? -power_W : power_W;
    return through_W == 0.0 ? 0.0 : idle_W + through_W * (linear + through_W * square_per_W);
  }
};
/// WS-02: 450 to 470 V bus. The curve is unpublished (assumption): 97.4 % at half load.
inline constexpr ConverterCurve kWecoConverter =
    ConverterCurve::of_shares(5120.0, 0.003, 0.010, 0.018);
inline constexpr ConverterCurve kNoConverter = {};

struct ModuleConfig {
  ConverterCurve converter = kWecoConverter;
  double precharge_ohm = 22.0;  // this and what follows: assumption, unpublished
  double capacitor_F = 0.010;
  double capacitor_bleed_ohm = 20000.0;
  double weld_at_A = 1500.0;  // inrush at closing that welds the main contactor
  double fuse_A = 160.0;
  double fuse_A2s = 2.0e5;  // beyond the rated current squared
  double heater_W = 120.0;
  double electronics_W = 1.0;  // assumption
  double insulation_kohm = 5000.0;
  std::size_t sensors = 4;  // of temperature, spread evenly over the cells
};
extern const ModuleConfig kWecoModule;
extern const ModuleConfig kB500Module;
extern const ModuleConfig kCm2Module;

enum class Contactor : std::uint8_t { Main, Negative, Precharge };
inline constexpr std::size_t kContactors = 3;
enum class ContactorFault : std::uint8_t { None, Welded, StuckOpen };
enum class SensorFault : std::uint8_t { None, Stuck, Lost };

/// What one sensor makes of the truth.
struct SensorError {
  double gain = 1.0;
  double offset = 0.0;  // in the unit it delivers: mV, mA, 0.1 K
  SensorFault fault = SensorFault::None;
};

/// Since the module was made, in joules. Over any time
///   far = terminal of the string + converter + heater + electronics + circuit + change of
///   capacitor
struct ModuleEnergy {
  double far_J = 0.0;          // in at the far side, or from outside for the heater
  double converter_J = 0.0;    // lost in it
  double heater_J = 0.0;       // heat that went into the frame
  double electronics_J = 0.0;  // used by the battery's own controller
  double circuit_J = 0.0;      // lost in precharge resistor, contactors and the capacitor's bleeder
  double capacitor_J = 0.0;    // stored
};

class ModuleBank;

/// One of them, for whoever commands, reads and breaks it.
class ModulePlant {
 public:
  /// Around this string of the bank's cells.
  ModulePlant(ModuleBank& bank, std::size_t string);

  /// Sensors with usual errors (assumption: cells 1.5 mV, current 15 mA and 0.3 %), drawn once.
  void spread_sensors(Random& random);

  /// Coils, balancing and heater as the core wants them.
  void obey(const bms::PackOutputs& out);

  /// What should flow in at the far side. Flows only through closed contactors.
  void request(double power_W) { of().request_W[string_] = power_W; }
  /// Energy for the heater comes from outside while the contactors are open.
  void set_outside_supply(bool there) { outside_supply_ = there; }

  /// Fills cells, current, pack_voltage, bus_voltage, insulation_kohm, main_feedback, from what the
  /// sensors have read last. The spans point there and into this module and hold until the next
  /// call.
  void measure(bms::PackInputs& in);
  /// The part of it that changes in every step while nobody interferes and the module reads
  /// plainly: current, pack_voltage, bus_voltage, and the cells' temperatures (true: these were
  /// read anew).
  bool measure_again(bms::PackInputs& in);
  /// No sensor of voltage or current is stuck or lost: what was read once is read again.
  [[nodiscard]] bool reads_plainly() const {
    return stuck_.empty() && current_fault_ == SensorFault::None &&
           voltage_fault_ == SensorFault::None && bus_fault_ == SensorFault::None;
  }
  /// It bleeds and heats already as `out` wants it.
  [[nodiscard]] bool cares_as(const bms::PackOutputs& out) const {
    return heater_wanted_ == out.heater && balancing_ == out.balancing;
  }
  [[nodiscard]] std::size_t string() const { return string_; }

  // What flowed in the last step.
  [[nodiscard]] double node_V() const { return of().node_V[string_]; }
  [[nodiscard]] double current_A() const;
  [[nodiscard]] bool closed(Contactor which) const {
    return closed_[static_cast<std::size_t>(which)];
  }
  [[nodiscard]] bool fuse_blown() const { return fuse_blown_; }
  [[nodiscard]] ModuleEnergy energy() const;
  /// Through its cells, in and out, since it was made.
  [[nodiscard]] double through_As() const { return of().through_As[string_]; }

  // Interference.
  void set_contactor(Contactor which, ContactorFault fault);
  /// The auxiliary contact of the main contactor: None tells the truth, Stuck keeps what it says
  /// now, Lost says open.
  void set_feedback(SensorFault fault);
  void set_insulation_kohm(double kohm) { insulation_kohm_ = kohm; }
  void blow_fuse();
  void replace_fuse();
  void set_cell_sensor(std::size_t cell, const SensorError& error);
  void set_temperature_sensor(std::size_t sensor, const SensorError& error);
  void set_current_sensor(const SensorError& error);
  void set_voltage_sensor(const SensorError& error);
  void set_bus_sensor(const SensorError& error);

 private:
  friend class ModuleBank;
  enum class Path : std::uint8_t { Open, Precharge, Main };
  [[nodiscard]] inline ModuleArrays& of() const;
  void find_path();
  void settle_contactors();
  void scale_sensor(std::size_t sensor);
  void find_heater();
  void close_main(double dt_s);
  /// Takes the path that contactors and fuse leave, for the coming step. True: the main contactor
  /// leads.
  bool take_path(double dt_s);
  /// What flows on another path than the main one.
  void drive_apart(double dt_s);
  void drive_precharge(double dt_s);

  /// The cells' temperatures are others than those read last.
  [[nodiscard]] bool warmed() const;
  void read_temperatures();

  ModuleBank* bank_;
  std::size_t string_;
  std::uint32_t warmings_ = 0;  // of the bank, when temperatures were read; 0: never

  bms::Contactors coils_;
  std::array<ContactorFault, kContactors> contactor_fault_{};
  SensorFault feedback_fault_ = SensorFault::None;
  bool feedback_stuck_at_ = false;
  std::array<bool, kContactors> closed_{};  // what coils and faults make of them
  Path path_ = Path::Open;                  // as contactors and fuse leave it
  Path last_path_ = Path::Open;             // of the last step
  bool fuse_blown_ = false;
  bool heater_wanted_ = false;
  bms::CellMask balancing_;
  bool outside_supply_ = false;
  double insulation_kohm_;

  std::array<std::uint8_t, bms::kSensorsMax> sensor_cell_{};  // where each sensor sits
  std::array<double, bms::kSensorsMax> sensor_gain_{};        // tenths of a degree per kelvin
  std::array<double, bms::kSensorsMax> sensor_offset_{};
  std::array<Temperature, bms::kSensorsMax> temperature_;
  std::array<SensorError, bms::kSensorsMax> temperature_error_{};
  std::vector<std::pair<std::size_t, Millivolts>> stuck_;  // cell sensors
  bms::CellMask cells_read_;
  std::uint32_t temperatures_read_ = 0;
  SensorFault current_fault_ = SensorFault::None;
  SensorFault voltage_fault_ = SensorFault::None;
  SensorFault bus_fault_ = SensorFault::None;
};

class ModuleBank {
 public:
  /// A module around each string. `cells` outlives this.
  ModuleBank(const ModuleConfig& config, CellBank& cells);
  ModuleBank(const ModuleBank&) = delete;
  ModuleBank& operator=(const ModuleBank&) = delete;

  /// Modules and cells by one step of at most CellBank::kStepMax_s; then the sensors read.
  void step(const BankSurroundings& around, double dt_s);
  /// The sensors alone.
  void read();

  [[nodiscard]] ModulePlant& operator[](std::size_t module) { return modules_[module]; }
  [[nodiscard]] const ModulePlant& operator[](std::size_t module) const { return modules_[module]; }
  /// What flowed in at the far side of each in the last step.
  [[nodiscard]] std::span<const double> far_W() const { return {module_->far_W, frame_.modules}; }

 private:
  friend class ModulePlant;
  void lay_out();
  void prepare(double dt_s);
  void take_paths(double dt_s);

  ModuleConfig config_;
  CellBank& cells_;
  std::unique_ptr<ModuleArrays> module_;
  ModuleFrame frame_{};  // where everything is in them
  ModuleStep step_{};
  std::vector<ModulePlant> modules_;
  bool all_on_main_ = false;  // and were so in the last step
};

inline ModuleArrays& ModulePlant::of() const { return *bank_->module_; }
inline double ModulePlant::current_A() const { return bank_->cells_.arrays().current[string_]; }
inline bool ModulePlant::warmed() const { return bank_->cells_.warmings(string_) + 1 != warmings_; }
inline bool ModulePlant::measure_again(bms::PackInputs& in) {
  const ModuleArrays& m = of();
  in.current.value = m.current[string_];
  in.pack_voltage.value = m.voltage[string_];
  in.bus_voltage.value = m.bus[string_];
  const bool anew = warmed();
  if (anew) read_temperatures();
  return anew;
}

}  // namespace weco::sim
