// SPDX-License-Identifier: Apache-2.0
// A three-phase hybrid inverter of the H2 series that charges two packs from the sun.
#include <string>

#include "sim/device/values_families.hpp"
#include "sim/device/writer.hpp"

namespace weco::sim {

namespace {

constexpr std::uint8_t kPacks = 2;
constexpr std::int64_t kChargeWatts = 2400;
constexpr std::int64_t kLoadWatts = 900;
constexpr Duration kDay = Duration::hours(12);  // of the rhythm

constexpr Fixed kFixed[] = {
    {point("device_type"), 0x5B, 0},
    {point("fault_count"), 3, 0},
    {point("heat_sink_temperature"), 412, -1},
    {point("ambient_temperature"), 238, -1},
    {point("leakage_current"), 9, 0},
    {point("insulation_resistance"), 2300, 0, 1},
    {point("insulation_resistance"), 2310, 0, 2},
    {point("reconnect_time"), 0, 0},
    {point("battery_protocol"), 9, 0},
    {point("soc_max"), 100, 0},
    {point("soc_min"), 10, 0},
    {point("depth_of_discharge"), 90, 0},
    {point("soc_reserve"), 20, 0},
    {point("grid_frequency"), 5001, -2},
    {point("bus_voltage"), 6502, -1, 1},
    {point("battery_voltage"), 2048, -1},
    {point("battery_temperature"), 213, -1},
    {point("running_hours_today"), 63, -1},
    {point("operating_time"), 81234, -1},
    {point("energy_pv_today"), 1834, -2},
    {point("energy_pv_total"), 812345, -2},
    {point("energy_charged_today"), 940, -2},
    {point("energy_charged_total"), 412300, -2},
    {point("energy_discharged_today"), 610, -2},
    {point("energy_discharged_total"), 387100, -2},
    {point("energy_load_today"), 1151, -2},
    {point("energy_load_total"), 678900, -2},
    {point("energy_import_today"), 120, -2},
    {point("energy_import_total"), 234560, -2},
    {point("energy_export_today"), 470, -2},
    {point("energy_export_total"), 345670, -2},
    {point("module_count"), kPacks, 0},
    {point("rated_capacity"), 100, 0},
    {point("pack_overvoltage_limit"), 2300, -1},
    {point("pack_low_voltage_limit"), 1800, -1},
    {point("charge_voltage_limit"), 2272, -1},
    {point("discharge_voltage_limit"), 1792, -1},
    {point("discharge_current_limit"), 250, -1},
    {point("charge_current_limit"), 250, -1},
    {point("charge_window_start"), 60, 0, 1},
    {point("charge_window_end"), 300, 0, 1},
    {point("charge_window_share"), 80, 0, 1},
    {point("meter_address"), 2, 0},
};

class SajH2 final : public ValueModel {
 public:
  explicit SajH2(std::uint32_t seed) : seed_(seed) {}

  void update(Instant now, Snapshot& values) override {
    Writer w(values, now);
    w.fixed(kFixed);
    w.text(point("serial_number"), "HSR225" + std::to_string(1000000 + seed_ % 8999999));
    w.text(point("product_code"), "H2-10K-T2");
    w.text(point("firmware_version"), "1.427");
    w.text(point("hardware_version"), "1.012");
    w.text(point("protocol_version"), "1.500");
    w.number(point("soc"), 6400 + wave(now, Duration::hours(8)), -2);
    w.choice(point("inverter_state"), symbol("inverter_state", "running"));
    w.choice(point("working_mode"), symbol("working_mode", "self_consumption"));
    for (std::uint8_t n = 1; n <= 4; ++n) w.word(point("fault_word"), n, 0);
    w.word(point("status_word"), 12, 1);
    w.flags(point("charge_window_days"), 0x7F, 1);
    powers(w, 4200 + wave(now, kDay));
    for (std::uint8_t pack = 1; pack <= kPacks; ++pack) {
      fill_pack(w.at(NodeKind::Module, pack), now);
    }
    for (std::uint8_t n = 1; n <= 2; ++n) meter(w.at(NodeKind::Meter, n), n == 1 ? -300 : 0);
  }

 private:
  /// What the sun gives goes to the load, then the battery, then the grid.
  static void powers(Writer& w, std::int64_t pv_W) {
    const std::int64_t export_W = pv_W - kLoadWatts - kChargeWatts;
    w.number(point("pv_power_total"), pv_W, 0);
    w.number(point("load_power_total"), kLoadWatts, 0);
    w.number(point("battery_power"), kChargeWatts, 0);
    w.number(point("pack_power"), kChargeWatts, 0);
    w.number(point("pack_current"), kChargeWatts * 1000 / 2048, -2);
    w.number(point("battery_current"), kChargeWatts * 1000 / 2048, -2, 1);
    for (const PointId id :
         {point("grid_power_total"), point("meter_power"), point("system_grid_power")}) {
      w.number(id, -export_W, 0);
    }
    w.number(point("inverter_power_total"), kLoadWatts + export_W, 0);
    for (std::uint8_t input = 1; input <= 2; ++input) {
      w.number(point("pv_voltage"), 5800 + input * 20, -1, input);
      w.number(point("pv_power"), pv_W / 2, 0, input);
      w.number(point("pv_current"), pv_W * 50 / 582, -2, input);
    }
    for (std::uint8_t phase = 1; phase <= 3; ++phase) {
      w.number(point("grid_voltage"), 2305 + phase, -1, phase);
      w.number(point("grid_power"), -export_W / 3, 0, phase);
      w.number(point("grid_current"), -export_W * 100 / 3 / 230, -2, phase);
      w.number(point("grid_power_factor"), 998, -3, phase);
      w.number(point("inverter_voltage"), 2306 + phase, -1, phase);
      w.number(point("inverter_frequency"), 5001, -2, phase);
      w.number(point("inverter_power"), (kLoadWatts + export_W) / 3, 0, phase);
      w.number(point("backup_voltage"), 2300, -1, phase);
      w.number(point("backup_frequency"), 5001, -2, phase);
    }
  }

  /// Two meters: one at the grid, one where nothing flows now.
  static void meter(Writer w, std::int64_t watts) {
    w.word(point("status_word"), 1, 1);
    w.number(point("grid_frequency"), 5001, -2);
    for (std::uint8_t phase = 1; phase <= 3; ++phase) {
      w.number(point("grid_voltage"), 2305 + phase, -1, phase);
      w.number(point("grid_power"), watts, 0, phase);
      w.number(point("grid_current"), (watts < 0 ? -watts : watts) * 100 / 230, -2, phase);
      w.number(point("grid_power_factor"), 1000, -3, phase);
    }
  }

  static void fill_pack(Writer w, Instant now) {
    const std::int64_t soc = 6400 + wave(now, Duration::hours(8));
    w.number(point("soc"), soc, -2);
    w.number(point("soh"), 9910, -2);
    w.number(point("pack_voltage"), 2048, -1);
    w.number(point("pack_current"), kChargeWatts * 500 / 2048, -2);
    w.number(point("pack_temperature"), 213, -1);
    w.number(point("cycle_count"), 88, 0);
    w.number(point("energy_discharged_total"), 193550, -2);
    w.text(point("serial_number"), "B2SIM00000000001");
    w.text(point("firmware_version"), "2.001");
    w.text(point("hardware_version"), "1.000");
    w.word(point("fault_word"), 5, 0);
    w.word(point("warning_word"), 1, 0);
  }

  std::uint32_t seed_;
};

}  // namespace

std::unique_ptr<ValueModel> saj_h2_values(std::uint32_t seed) {
  return std::make_unique<SajH2>(seed);
}

}  // namespace weco::sim
