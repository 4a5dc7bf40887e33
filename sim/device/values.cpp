// SPDX-License-Identifier: Apache-2.0
#include "sim/device/values.hpp"

#include <array>
#include <string>

#include "sim/device/values_families.hpp"
#include "sim/device/writer.hpp"

namespace weco::sim {

namespace {

constexpr std::uint8_t kModules = 4;
constexpr std::uint8_t kCells = 16;
constexpr std::uint8_t kColdModule = 3;
constexpr std::int64_t kWecoDeviceType = 22339;  // the open map's mark: the letters WC

constexpr Fixed kInverterFixed[] = {
    {point("inverter_count"), 1, 0},
    {point("tower_count"), 1, 0},
    {point("module_count"), kModules, 0},
    {point("modules_online"), kModules, 0},
    {point("rated_power"), 10000, 0},
    {point("grid_frequency"), 5000, -2},
    {point("soh"), 1000, -1},
    {point("heat_sink_temperature"), 381, -1},
    {point("ambient_temperature"), 214, -1},
    {point("leakage_current"), 12, 0},
    {point("rated_energy"), 2048, -2},
    {point("soc_min"), 10, 0},
    {point("soc_max"), 100, 0},
    {point("soc_target"), 100, 0},
    {point("soc_reserve"), 20, 0},
    {point("export_limit"), 10000, 0},
    {point("energy_pv_total"), 812345, -1},
    {point("energy_import_total"), 23456, -1},
    {point("energy_export_total"), 34567, -1},
    {point("energy_load_total"), 67890, -1},
    {point("energy_charged_total"), 41230, -1},
    {point("energy_discharged_total"), 38710, -1},
    {point("energy_pv_today"), 234, -1},
    {point("energy_import_today"), 12, -1},
    {point("energy_export_today"), 47, -1},
    {point("energy_load_today"), 151, -1},
    {point("self_sufficiency"), 1549, -1},
};

class Tower final : public ValueModel {
 public:
  explicit Tower(std::uint32_t seed) : seed_(seed) {}

  void update(Instant now, Snapshot& values) override {
    const std::int64_t charge_mA = 4000 + 12 * wave(now, Duration::minutes(10));  // a module's
    const std::int64_t soc = 6200 + 2 * wave(now, Duration::hours(8));            // 0.01 %
    Writer device(values, now);
    std::int64_t tower_W = 0;
    Writer tower = device.at(NodeKind::Tower, 1);
    for (std::uint8_t m = 1; m <= kModules; ++m) {
      tower_W += module(tower.at(NodeKind::Module, m), m, charge_mA, soc);
    }
    fill_tower(tower, tower_W, soc);
    fill_inverter(device, now, tower_W, soc);
  }

 private:
  /// Small, fixed differences between cells: 0..6 mV.
  [[nodiscard]] std::int64_t spread(std::uint32_t module, std::uint32_t cell) const {
    std::uint32_t x = seed_ * 2654435761U + module * 40503U + cell * 9973U;
    x ^= x >> 15;
    x *= 2246822519U;
    return static_cast<std::int64_t>((x >> 13) % 7U);
  }

  /// Returns the power into the module in watts.
  std::int64_t module(Writer w, std::uint8_t m, std::int64_t current_mA, std::int64_t soc) const {
    std::int64_t sum = 0;
    std::int64_t low = 99999;
    std::int64_t high = 0;
    for (std::uint8_t c = 1; c <= kCells; ++c) {
      const std::int64_t mV = 3312 + (soc - 6000) / 50 + spread(m, c);
      w.number(point("cell_voltage"), mV, -3, c);
      sum += mV;
      low = mV < low ? mV : low;
      high = mV > high ? mV : high;
    }
    const std::int64_t deci = m == kColdModule ? 40 : 182 + spread(m, 99);
    for (std::uint8_t t = 1; t <= 4; ++t) w.number(point("cell_temperature"), deci + t % 2, -1, t);
    w.text(point("serial_number"), "WM25110000" + std::to_string(40 + m));
    w.text(point("firmware_version"), "1.4.2");
    w.number(point("pack_voltage"), sum, -3);
    w.number(point("pack_current"), current_mA / 100, -1);
    w.number(point("soc"), soc / 10 + m, -1);
    w.number(point("soh"), 998 - m, -1);
    w.number(point("cycle_count"), 41 + m, 0);
    w.number(point("cell_voltage_max"), high, -3);
    w.number(point("cell_voltage_min"), low, -3);
    w.number(point("cell_voltage_spread"), high - low, -3);
    w.number(point("cell_temperature_max"), deci + 1, -1);
    w.number(point("cell_temperature_min"), deci, -1);
    w.number(point("cell_count"), kCells, 0);
    w.number(point("rated_capacity"), 100, 0);
    w.number(point("charge_current_limit"), m == kColdModule ? 200 : 500, -1);
    w.number(point("discharge_current_limit"), 500, -1);
    w.choice(point("charge_limit_reason"), m == kColdModule
                                               ? symbol("charge_limit_reason", "temperature_low")
                                               : symbol("charge_limit_reason", "none"));
    w.choice(point("discharge_limit_reason"), symbol("discharge_limit_reason", "none"));
    battery_state(w);
    return sum * current_mA / 1000000;
  }

  static void battery_state(Writer& w) {
    w.choice(point("bms_state"), symbol("bms_state", "running"));
    w.choice(point("lock"), symbol("lock", "none"));
    w.choice(point("heater"), symbol("heater", "off"));
    w.choice(point("connection"), symbol("connection", "online"));
    w.choice(point("led_pattern"), symbol("led_pattern", "green"));
    w.flags(point("contactors"), 1U << symbol("contactors", "main_positive") |
                                     1U << symbol("contactors", "main_negative"));
    w.flags(point("permissions"), 1U << symbol("permissions", "charge_enable") |
                                      1U << symbol("permissions", "discharge_enable"));
    for (const PointId id : {point("warnings"), point("alarms"), point("protections")}) {
      w.flags(id, 0);
    }
  }

  /// The tower on its 460 V bus (WS-02). Charging: three modules at 0.5C and the cold one at 0.2C.
  static void fill_tower(Writer& w, std::int64_t power_W, std::int64_t soc) {
    w.text(point("serial_number"), "WT2511000007");
    w.number(point("module_count"), kModules, 0);
    w.number(point("modules_online"), kModules, 0);
    w.number(point("soc"), soc / 10, -1);
    w.number(point("soh"), 995, -1);
    w.number(point("bus_voltage"), 4602, -1, 1);
    w.number(point("pack_voltage"), 4602, -1);
    w.number(point("pack_current"), power_W * 100 / 4602, -1);
    w.number(point("pack_power"), power_W, 0);
    w.number(point("charge_voltage_limit"), 4700, -1);
    w.number(point("charge_current_limit"), 189, -1);
    w.number(point("discharge_current_limit"), 174, -1);
    w.choice(point("charge_limit_reason"), symbol("charge_limit_reason", "temperature_low"));
    w.number(point("charge_limit_module"), kColdModule, 0);
    w.choice(point("discharge_limit_reason"), symbol("discharge_limit_reason", "module_count"));
    w.number(point("discharge_limit_module"), 0, 0);
    w.number(point("cell_voltage_max"), 3365, -3);
    w.number(point("cell_voltage_min"), 3318, -3);
    battery_state(w);
  }

  void fill_inverter(Writer& w, Instant now, std::int64_t battery_W, std::int64_t soc) const {
    for (const Fixed& row : kInverterFixed) w.number(row.id, row.mantissa, row.exponent);
    w.text(point("vendor"), "WeCo");
    w.number(point("device_type"), kWecoDeviceType, 0);
    w.text(point("model"), "SMART-S3-10K-B20");
    w.text(point("serial_number"), "WI25110" + std::to_string(100122 + seed_ % 899877).substr(1));
    w.text(point("firmware_version"), "2.1.0");
    w.text(point("hardware_version"), "B");
    w.choice(point("working_mode"), symbol("working_mode", "auto"));
    w.choice(point("inverter_state"), symbol("inverter_state", "running"));
    w.choice(point("grid_state"), symbol("grid_state", "normal"));
    w.choice(point("grid_code"), symbol("grid_code", "cei_0_21"));
    w.choice(point("phase_sequence"), symbol("phase_sequence", "right"));
    w.choice(point("meter_link"), symbol("meter_link", "up"));
    w.choice(point("ct_direction"), symbol("ct_direction", "right"));
    w.choice(point("sell_to_grid"), symbol("sell_to_grid", "on"));
    w.choice(point("charge_from_grid"), symbol("charge_from_grid", "off"));
    for (std::uint8_t word = 1; word <= 4; ++word) w.word(point("fault_word"), word, 0);
    const std::int64_t load_W = 900 + wave(now, Duration::minutes(7)) / 2;
    const std::int64_t export_W = 40;
    const std::int64_t pv_W = load_W + battery_W + export_W;
    w.number(point("soc"), soc / 10, -1);
    w.number(point("battery_power"), battery_W, 0);
    w.number(point("battery_voltage"), 4602, -1);
    w.number(point("load_power_total"), load_W, 0);
    w.number(point("pv_power_total"), pv_W, 0);
    w.number(point("grid_power_total"), -export_W, 0);
    for (std::uint8_t i = 1; i <= 2; ++i) {
      w.number(point("pv_voltage"), 6120 + 4 * i, -1, i);
      w.number(point("pv_power"), pv_W / 2 + (i == 1 ? pv_W % 2 : 0), 0, i);
      w.number(point("pv_current"), pv_W * 50 / 612, -2, i);
    }
    for (std::uint8_t phase = 1; phase <= 3; ++phase) {
      w.number(point("grid_voltage"), 2301 + 3 * phase, -1, phase);
      w.number(point("backup_voltage"), 2300, -1, phase);
    }
  }

  std::uint32_t seed_;
};

/// A three-phase meter at the grid connection of a house that imports a little.
class Meter final : public ValueModel {
 public:
  void update(Instant now, Snapshot& values) override {
    Writer w(values, now);
    std::int64_t total = 0;
    for (std::uint8_t phase = 1; phase <= 3; ++phase) {
      const std::int64_t watts = 150 * phase + wave(now, Duration::minutes(5)) / 4;
      total += watts;
      w.number(point("grid_voltage"), 2300 + phase, -1, phase);
      w.number(point("grid_current"), watts * 100 / 230, -2, phase);
      w.number(point("grid_power"), watts, 0, phase);
      w.number(point("grid_power_factor"), 98, -2, phase);
      w.number(point("line_voltage"), 3984, -1, phase);
    }
    w.number(point("grid_power_total"), total, 0);
    w.number(point("grid_power_factor_total"), 98, -2);
    w.number(point("grid_voltage_mean"), 2302, -1);
    w.number(point("grid_frequency"), 5001, -2);
    w.number(point("energy_import_total"), 1234567, -2);
    w.number(point("energy_export_total"), 76543, -2);
    w.number(point("meter_speed"), 9600, 0);
    w.number(point("meter_address"), 1, 0);
    w.number(point("meter_parity"), 0, 0);
    w.number(point("demand_period"), 60, 0);
  }
};

/// Two modules of 15 cells, 48 V class, as on a Pylontech RS485 line.
class Bank final : public ValueModel {
 public:
  void update(Instant now, Snapshot& values) override {
    Writer device(values, now);
    device.text(point("vendor"), "weco simulation");
    for (std::uint8_t m = 1; m <= 2; ++m) {
      Writer w = device.at(NodeKind::Module, m);
      std::int64_t sum = 0;
      for (std::uint8_t c = 1; c <= 15; ++c) {
        const std::int64_t mV = 3320 + (c * 7 + m) % 5;
        w.number(point("cell_voltage"), mV, -3, c);
        sum += mV;
      }
      for (std::uint8_t t = 1; t <= 4; ++t) w.number(point("cell_temperature"), 210 + t, -1, t);
      w.number(point("board_temperature"), 243, -1);
      w.number(point("pack_voltage"), sum, -3);
      w.number(point("pack_current"), 10 + wave(now, Duration::minutes(3)) / 100, -1);
      w.number(point("remaining_capacity"), 31000, -3);
      w.number(point("full_capacity"), 50000, -3);
      w.number(point("cycle_count"), 120 + m, 0);
      w.number(point("cell_count"), 15, 0);
      w.text(point("serial_number"), "SIMPYL000000000" + std::to_string(m));
      w.text(point("model"), "US2000C");
      w.text(point("vendor"), "weco simulation");
      w.number(point("charge_voltage_limit"), 53250, -3);
      w.number(point("discharge_voltage_limit"), 47000, -3);
      w.number(point("charge_current_limit"), 250, -1);
      w.number(point("discharge_current_limit"), 250, -1);
      w.flags(point("permissions"), 1U << symbol("permissions", "charge_enable") |
                                        1U << symbol("permissions", "discharge_enable"));
    }
  }
};

}  // namespace

std::unique_ptr<ValueModel> healthy_values(const Profile& profile, std::uint32_t seed) {
  if (auto own = family_values(profile, seed)) return own;
  if (profile.node == NodeKind::Meter) return std::make_unique<Meter>();
  if (profile.protocol.kind == ProtocolKind::Modbus) return std::make_unique<Tower>(seed);
  return std::make_unique<Bank>();
}

}  // namespace weco::sim
