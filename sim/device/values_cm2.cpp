// SPDX-License-Identifier: Apache-2.0
// Twenty CM2 cabinets behind one EMS and one EMS-Switch, charging from the sun.
#include <string>

#include "sim/device/values_families.hpp"
#include "sim/device/writer.hpp"

namespace weco::sim {

namespace {

constexpr std::uint8_t kCabinets = 20;
constexpr std::uint8_t kCells = 240;
constexpr std::uint8_t kSensors = 30;
constexpr std::int64_t kCabinetWatts = 18000;  // into each battery
constexpr std::int64_t kLoadWatts = 140000;
constexpr std::int64_t kDeviceType = 0x434D;  // the open map's mark: the letters CM

constexpr Chosen kSystemChosen[] = {
    {point("ems_switch"), symbol("ems_switch", "on")},
    {point("power_led"), symbol("power_led", "green")},
    {point("network_link"), symbol("network_link", "up")},
    {point("cloud_link"), symbol("cloud_link", "up")},
    {point("bluetooth_link"), symbol("bluetooth_link", "down")},
    {point("grid_state"), symbol("grid_state", "normal")},
    {point("working_mode"), symbol("working_mode", "time_of_use")},
    {point("grid_code"), symbol("grid_code", "vde_4105")},
    {point("sell_to_grid"), symbol("sell_to_grid", "on")},
    {point("charge_from_grid"), symbol("charge_from_grid", "off")},
    {point("meter_wiring"), symbol("meter_wiring", "three_phase")},
    {point("network_mode"), symbol("network_mode", "ethernet")},
};
constexpr Chosen kCabinetChosen[] = {
    {point("connection"), symbol("connection", "online")},
    {point("bms_state"), symbol("bms_state", "running")},
    {point("lock"), symbol("lock", "none")},
    {point("heater"), symbol("heater", "off")},
    {point("led_pattern"), symbol("led_pattern", "green")},
    {point("charge_limit_reason"), symbol("charge_limit_reason", "none")},
    {point("discharge_limit_reason"), symbol("discharge_limit_reason", "none")},
    {point("fire_protection"), symbol("fire_protection", "normal")},
    {point("liquid_cooling"), symbol("liquid_cooling", "normal")},
    {point("door"), symbol("door", "closed")},
    {point("inverter_state"), symbol("inverter_state", "running")},
};
constexpr Fixed kSystemFixed[] = {
    {point("device_type"), kDeviceType, 0},
    {point("cabinet_count"), kCabinets, 0},
    {point("ripple_level"), 100, 0},
    {point("mobile_signal"), -83, 0},
    {point("offline_days"), 0, 0},
    {point("soh"), 9930, -2},
    {point("rated_energy"), 43000, -1},
    {point("rated_power"), 2000000, 0},
    {point("load_power_total"), kLoadWatts, 0},
    {point("power_demand"), 0, 0},
    {point("grid_frequency"), 5000, -2},
    {point("self_sufficiency"), 874, -1},
    {point("fault_code"), 0, 0},
    {point("fault_count"), 0, 0},
    {point("energy_pv_today"), 318000, -2},
    {point("energy_pv_week"), 2130000, -2},
    {point("energy_load_today"), 221000, -2},
    {point("energy_charged_today"), 91000, -2},
    {point("energy_discharged_today"), 78000, -2},
    {point("export_limit"), 500000, 0},
    {point("demand_limit"), 300000, 0},
    {point("soc_min"), 10, 0},
    {point("soc_max"), 95, 0},
    {point("soc_reserve"), 10, 0},
    // The manual's example of a day: four slots, the same every day.
    {point("tou_slot_end"), 480, 0, 1},
    {point("tou_slot_end"), 1020, 0, 2},
    {point("tou_slot_end"), 1200, 0, 3},
    {point("tou_slot_end"), 1440, 0, 4},
};
constexpr Fixed kCabinetFixed[] = {
    {point("soh"), 9930, -2},
    {point("rated_capacity"), 28000, -2},
    {point("cell_count"), kCells, 0},
    {point("cycle_count"), 2120, -1},
    {point("charge_voltage_limit"), 8448, -1},
    {point("discharge_voltage_limit"), 6840, -1},
    {point("charge_current_limit"), 1400, -1},
    {point("discharge_current_limit"), 1400, -1},
    {point("insulation_resistance"), 4200, 0, 1},
    {point("coolant_temperature_in"), 201, -1},
    {point("coolant_temperature_out"), 226, -1},
    {point("coolant_flow"), 320, -1},
    {point("ambient_temperature"), 248, -1},
    {point("humidity"), 41, 0},
    {point("leakage_current"), 14, 0},
    {point("rated_power"), 100000, 0},
    {point("inverter_frequency"), 5000, -2, 1},
    {point("bus_voltage"), 8010, -1, 1},
    {point("heat_sink_temperature"), 403, -1},
    {point("fault_code"), 0, 0},
    {point("fault_count"), 0, 0},
};

class Cm2 final : public ValueModel {
 public:
  explicit Cm2(std::uint32_t seed) : seed_(seed) {}

  void update(Instant now, Snapshot& values) override {
    Writer w(values, now);
    const std::int64_t soc = 5200 + 2 * wave(now, Duration::hours(6));
    plant(w, soc, 560000 + 20 * wave(now, Duration::hours(1)));
    for (std::uint8_t n = 1; n <= kCabinets; ++n) cabinet(w.at(NodeKind::Cabinet, n), n, soc);
  }

 private:
  void plant(Writer& w, std::int64_t soc, std::int64_t pv_W) const {
    const std::int64_t battery_W = kCabinetWatts * kCabinets;
    const std::int64_t grid_W = kLoadWatts + battery_W - pv_W;
    w.fixed(kSystemFixed);
    w.chosen(kSystemChosen);
    w.text(point("vendor"), "SAJ");
    w.text(point("model"), "CM2 EMS");
    w.text(point("serial_number"), "CM2E" + std::to_string(10000000 + seed_ % 89999999));
    w.text(point("bonded_serial"), "CM2C0001");
    w.text(point("firmware_version"), "1.0.0");
    w.text(point("plant_name"), "Simulated plant");
    w.text(point("country"), "Germany");
    w.number(point("soc"), soc, -2);
    w.number(point("pv_power_total"), pv_W, 0);
    w.number(point("battery_power"), battery_W, 0);
    w.number(point("grid_power_total"), grid_W, 0);
    for (std::uint8_t n = 1; n <= 4; ++n) {
      const std::uint8_t shows = n == 1   ? symbol("status_led", "red")
                                 : n == 2 ? symbol("status_led", "green_blinking")
                                 : n == 3 ? symbol("status_led", "off")
                                          : symbol("status_led", "green");
      w.choice(point("status_led"), shows, n);
      w.choice(point("tou_slot_mode"), symbol("tou_slot_mode", "self_consumption"), n);
    }
    for (std::uint8_t n = 1; n <= 2; ++n) w.word(point("fault_word"), n, 0);
    for (std::uint8_t n = 1; n <= 2; ++n) w.choice(point("digital_input"), 0, n);
    for (std::uint8_t n = 1; n <= 3; ++n) w.choice(point("digital_output"), n == 3 ? 1 : 0, n);
    for (std::uint8_t n = 1; n <= 7; ++n) w.number(point("tou_template"), 1, 0, n);
    w.flags(point("demand_response"), 0);
    for (std::uint8_t phase = 1; phase <= 3; ++phase) {
      w.number(point("grid_voltage"), 2304 + phase, -1, phase);
      w.number(point("grid_current"), grid_W * 100 / 3 / 230, -2, phase);
    }
    meter(w.at(NodeKind::Meter, 1), grid_W);
    meter(w.at(NodeKind::Meter, 2), -pv_W);
  }

  static void meter(Writer w, std::int64_t watts) {
    w.choice(point("meter_link"), symbol("meter_link", "up"));
    w.choice(point("ct_direction"), symbol("ct_direction", "right"));
    w.number(point("grid_power_total"), watts, 0);
    w.number(point("grid_frequency"), 5000, -2);
    w.number(point("meter_speed"), 9600, 0);
    w.number(point("meter_parity"), 0, 0);
    w.number(point("meter_address"), 1, 0);
    for (std::uint8_t phase = 1; phase <= 3; ++phase) {
      w.number(point("grid_voltage"), 2304 + phase, -1, phase);
      w.number(point("grid_power"), watts / 3, 0, phase);
      w.number(point("grid_current"), watts * 100 / 3 / 230, -2, phase);
    }
  }

  void cabinet(Writer w, std::uint8_t n, std::int64_t soc) const {
    w.fixed(kCabinetFixed);
    w.chosen(kCabinetChosen);
    std::string serial = std::to_string(10000 + n);
    w.text(point("serial_number"), "CM2C" + serial.replace(0, 1, ""));
    w.text(point("model"), "CM2");
    w.text(point("firmware_version"), "1.0.0");
    std::int64_t sum = 0;
    std::int64_t low = 9999;
    std::int64_t high = 0;
    for (std::uint8_t c = 1; c <= kCells; ++c) {
      const std::uint32_t x = seed_ * 2654435761U + n * 40503U + c * 9973U;
      const std::int64_t mV = 3318 + static_cast<std::int64_t>((x >> 13) % 9U);
      w.number(point("cell_voltage"), mV, -3, c);
      sum += mV;
      low = mV < low ? mV : low;
      high = mV > high ? mV : high;
    }
    for (std::uint8_t t = 1; t <= kSensors; ++t) {
      w.number(point("cell_temperature"), 240 + t % 7, -1, t);
    }
    w.number(point("soc"), soc + n, -2);
    w.number(point("pack_voltage"), sum / 10, -2);
    w.number(point("pack_current"), kCabinetWatts * 1000000 / sum, -3);
    w.number(point("pack_power"), kCabinetWatts, 0);
    w.number(point("pack_temperature"), 243, -1);
    w.number(point("cell_voltage_max"), high, -3);
    w.number(point("cell_voltage_min"), low, -3);
    w.number(point("cell_voltage_spread"), high - low, -3);
    w.number(point("cell_temperature_max"), 246, -1);
    w.number(point("cell_temperature_min"), 240, -1);
    w.number(point("inverter_power_total"), -kCabinetWatts, 0);
    for (std::uint8_t phase = 1; phase <= 3; ++phase) {
      w.number(point("inverter_voltage"), 2304 + phase, -1, phase);
      w.number(point("inverter_power"), -kCabinetWatts / 3, 0, phase);
    }
    for (std::uint8_t word = 1; word <= 2; ++word) w.word(point("fault_word"), word, 0);
    for (std::uint8_t part = 1; part <= 4; ++part) w.flags(point("balancing_cells"), 0, part);
    w.flags(point("contactors"), 1U << symbol("contactors", "main_positive") |
                                     1U << symbol("contactors", "main_negative"));
    w.flags(point("permissions"), 1U << symbol("permissions", "charge_enable") |
                                      1U << symbol("permissions", "discharge_enable"));
    for (const PointId id : {point("warnings"), point("alarms"), point("protections")}) {
      w.flags(id, 0);
    }
  }

  std::uint32_t seed_;
};

}  // namespace

std::unique_ptr<ValueModel> saj_cm2_values(std::uint32_t seed) {
  return std::make_unique<Cm2>(seed);
}

}  // namespace weco::sim
