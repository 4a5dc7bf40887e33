// SPDX-License-Identifier: Apache-2.0
// An EP760 with four B500 packs that charges from the sun: as its own radio tells it (the newer
// map), and over our own map; and an older power station with one pack.
#include <string>

#include "sim/device/values_families.hpp"
#include "sim/device/writer.hpp"

namespace weco::sim {

namespace {

constexpr std::uint8_t kPacks = 4;
constexpr std::uint8_t kCells = 16;
constexpr std::int64_t kLoadWatts = 640;
constexpr std::int64_t kDeviceType = 0x4550;  // the open map's mark: the letters EP

std::string serial_of(std::uint32_t seed) {
  return std::to_string(std::uint64_t{2100000000000} + seed % 100000);
}

std::int64_t cell_mV(std::uint32_t seed, std::uint32_t pack, std::uint32_t cell) {
  const std::uint32_t x = seed * 2654435761U + pack * 40503U + cell * 9973U;
  return 3322 + static_cast<std::int64_t>((x >> 13) % 6U);
}

/// The flow of an hour of sun: what the load leaves goes into the packs.
struct Flow {
  std::int64_t pv_W;
  std::int64_t battery_W;
  std::int64_t soc;  // hundredths of a percent
};
Flow flow_at(Instant now) {
  const std::int64_t pv = 2600 + wave(now, Duration::hours(2));
  return {pv, pv - kLoadWatts, 5800 + 2 * wave(now, Duration::hours(8))};
}

constexpr Fixed kRadioFixed[] = {
    {point("time_to_full"), 214, 0},
    {point("module_count"), kPacks, 0},
    {point("inverter_count"), 1, 0},
    {point("energy_load_total"), 34127, -1},
    {point("energy_pv_total"), 41873, -1},
    {point("energy_import_total"), 2216, -1},
    {point("energy_export_total"), 5120, -1},
    {point("energy_charged_total"), 19804, -1},
    {point("energy_discharged_total"), 18422, -1},
    {point("energy_inverter_total"), 33020, -1},
    {point("self_sufficiency"), 92, 0},
    {point("ambient_temperature"), 24, 0},
    {point("heat_sink_temperature"), 39, 0},
    {point("grid_frequency"), 500, -1},
    {point("inverter_frequency"), 500, -1, 1},
    {point("phase_count"), 1, 0},
    {point("grid_voltage"), 2312, -1, 1},
    {point("load_voltage"), 2312, -1, 1},
    {point("load_power"), kLoadWatts, 0, 1},
    {point("load_power_total"), kLoadWatts, 0},
    {point("inverter_voltage"), 2312, -1, 1},
    {point("soc_min"), 10, 0},
    {point("soc_max"), 100, 0},
    {point("demand_limit"), 7600, 0},
    {point("export_limit"), 7600, 0},
};

class Radio final : public ValueModel {
 public:
  explicit Radio(std::uint32_t seed) : seed_(seed) {}

  void update(Instant now, Snapshot& values) override {
    Writer w(values, now);
    const Flow flow = flow_at(now);
    w.fixed(kRadioFixed);
    w.text(point("protocol_version"), "2005");
    w.text(point("model"), "EP760");
    w.text(point("product_code"), "EP760");
    w.text(point("serial_number"), serial_of(seed_));
    w.text(point("firmware_version"), "4032.09");
    w.text(point("dsp_version"), "4033.04");
    w.text(point("device_time"), "2026-06-01T12:00:00");
    w.number(point("soc"), flow.soc / 100, 0);
    w.number(point("battery_voltage"), 532, -1);
    w.number(point("battery_current"), flow.battery_W * 100 / 532, -1, 1);
    w.number(point("pv_power_total"), flow.pv_W, 0);
    w.number(point("inverter_power_total"), kLoadWatts, 0);
    w.number(point("inverter_power"), kLoadWatts, 0, 1);
    for (std::uint8_t input = 1; input <= 2; ++input) {
      w.number(point("pv_power"), flow.pv_W / 2, 0, input);
      w.number(point("pv_voltage"), 3600, -1, input);
      w.number(point("pv_current"), flow.pv_W * 5 / 360, -1, input);
    }
    for (std::uint8_t n = 1; n <= 4; ++n) w.word(point("warning_word"), n, 0);
    for (std::uint8_t n = 1; n <= 6; ++n) w.word(point("fault_word"), n, 0);
    w.word(point("status_word"), 1, 1);
    w.word(point("status_word"), 2, 0xF);
    w.choice(point("working_mode"), symbol("working_mode", "self_consumption"));
    for (const PointId id : {point("ac_output"), point("buzzer_enabled"), point("sell_to_grid")}) {
      w.choice(id, symbol("ac_output", "on"));
    }
    packs(w.at(NodeKind::Tower, 1), flow);
    Writer controller = w.at(NodeKind::Ems, 1);
    controller.text(point("model"), "IoT");
    controller.text(point("serial_number"), serial_of(seed_ + 1));
    controller.text(point("firmware_version"), "9041.12");
    controller.number(point("wifi_signal"), -61, 0);
  }

 private:
  void packs(Writer w, const Flow& flow) const {
    w.number(point("module_count"), kPacks, 0);
    w.number(point("modules_online"), kPacks, 0);
    w.number(point("pack_voltage"), 532, -1);
    w.number(point("pack_current"), flow.battery_W * 100 / 532, -1);
    w.number(point("soc"), flow.soc / 100, 0);
    w.number(point("soh"), 99, 0);
    w.number(point("pack_temperature"), 23, 0);
    Writer pack = w.at(NodeKind::Module, 1);
    pack.number(point("device_address"), 1, 0);
    pack.text(point("model"), "B500");
    pack.text(point("serial_number"), serial_of(seed_ + 2));
    pack.text(point("firmware_version"), "1010.03");
    pack.number(point("soc"), flow.soc / 100, 0);
    pack.number(point("soh"), 99, 0);
    pack.number(point("pack_temperature"), 23, 0);
    pack.number(point("cell_count"), kCells, 0);
    std::int64_t sum = 0;
    for (std::uint8_t c = 1; c <= kCells; ++c) {
      sum += cell_mV(seed_, 1, c);
      pack.number(point("cell_voltage"), cell_mV(seed_, 1, c), -3, c);
    }
    pack.number(point("pack_voltage"), sum / 10, -2);
  }
  std::uint32_t seed_;
};

constexpr Fixed kOpenFixed[] = {
    {point("device_type"), kDeviceType, 0},
    {point("module_count"), kPacks, 0},
    {point("modules_online"), kPacks, 0},
    {point("rated_power"), 7600, 0},
    {point("rated_energy"), 1984, -2},
    {point("overload"), 84, -1},
    {point("heat_sink_temperature"), 392, -1},
    {point("ambient_temperature"), 241, -1},
    {point("leakage_current"), 7, 0},
    {point("wifi_signal"), -61, 0},
    {point("offline_days"), 2, 0},
    {point("grid_voltage"), 2312, -1, 1},
    {point("grid_power"), 0, 0, 1},
    {point("grid_power_total"), 0, 0},
    {point("grid_frequency"), 5000, -2},
    {point("inverter_voltage"), 2312, -1, 1},
    {point("inverter_frequency"), 5000, -2, 1},
    {point("inverter_power"), kLoadWatts, 0, 1},
    {point("backup_voltage"), 2312, -1, 1},
    {point("backup_power"), kLoadWatts, 0, 1},
    {point("backup_frequency"), 5000, -2, 1},
    {point("load_power_total"), kLoadWatts, 0},
    {point("battery_voltage"), 532, -1},
    {point("soh"), 9910, -2},
    {point("charge_current_limit"), 1936, -1},
    {point("discharge_current_limit"), 1936, -1},
    {point("fault_code"), 0, 0},
    {point("fault_count"), 1, 0},
    {point("energy_pv_today"), 1123, -2},
    {point("energy_pv_total"), 418730, -2},
    {point("energy_load_today"), 812, -2},
    {point("energy_load_total"), 341270, -2},
    {point("self_sufficiency"), 923, -1},
    {point("grid_charge_power"), 3000, 0},
    {point("export_limit"), 4600, 0},
    {point("soc_min"), 10, 0},
    {point("soc_max"), 100, 0},
    {point("soc_reserve"), 20, 0},
    {point("soc_target"), 100, 0},
    {point("meter_address"), 1, 0},
    {point("meter_speed"), 9600, 0},
    {point("charge_window_start"), 120, 0, 1},
    {point("charge_window_end"), 300, 0, 1},
    {point("charge_window_power"), 3000, 0, 1},
    {point("charge_window_start"), 0, 0, 2},  // not used: from 0 to 0
    {point("charge_window_end"), 0, 0, 2},
    {point("charge_window_start"), 0, 0, 3},
    {point("charge_window_end"), 0, 0, 3},
    {point("charge_window_start"), 0, 0, 4},
    {point("charge_window_end"), 0, 0, 4},
};

constexpr Chosen kOpenChosen[] = {
    {point("inverter_state"), symbol("inverter_state", "running")},
    {point("grid_state"), symbol("grid_state", "normal")},
    {point("phase_sequence"), symbol("phase_sequence", "right")},
    {point("buzzer"), symbol("buzzer", "off")},
    {point("generator"), symbol("generator", "off")},
    {point("meter_link"), symbol("meter_link", "up")},
    {point("ct_direction"), symbol("ct_direction", "right")},
    {point("network_link"), symbol("network_link", "up")},
    {point("cloud_link"), symbol("cloud_link", "up")},
    {point("bluetooth_link"), symbol("bluetooth_link", "down")},
    {point("working_mode"), symbol("working_mode", "self_consumption")},
    {point("grid_code"), symbol("grid_code", "vde_4105")},
    {point("ac_output"), symbol("ac_output", "on")},
    {point("sell_to_grid"), symbol("sell_to_grid", "on")},
    {point("charge_from_grid"), symbol("charge_from_grid", "off")},
    {point("buzzer_enabled"), symbol("buzzer_enabled", "on")},
    {point("generator_input"), symbol("generator_input", "off")},
    {point("meter_wiring"), symbol("meter_wiring", "ct")},
};
constexpr Chosen kPackChosen[] = {
    {point("connection"), symbol("connection", "online")},
    {point("bms_state"), symbol("bms_state", "running")},
    {point("lock"), symbol("lock", "none")},
    {point("heater"), symbol("heater", "off")},
    {point("led_pattern"), symbol("led_pattern", "green")},
    {point("charge_limit_reason"), symbol("charge_limit_reason", "none")},
    {point("discharge_limit_reason"), symbol("discharge_limit_reason", "none")},
};

class OpenEp760 final : public ValueModel {
 public:
  explicit OpenEp760(std::uint32_t seed) : seed_(seed) {}

  void update(Instant now, Snapshot& values) override {
    Writer w(values, now);
    const Flow flow = flow_at(now);
    w.fixed(kOpenFixed);
    w.chosen(kOpenChosen);
    w.text(point("vendor"), "BLUETTI");
    w.text(point("model"), "EP760");
    w.text(point("serial_number"), serial_of(seed_));
    w.text(point("firmware_version"), "1.0.0");
    w.text(point("hardware_version"), "A");
    w.flags(point("panel_lights"), 1U << symbol("panel_lights", "run"));
    w.flags(point("demand_response"), 0);
    w.flags(point("charge_window_days"), 0x7F, 1);
    for (std::uint8_t n = 1; n <= 3; ++n) {
      w.word(point("fault_word"), n, 0);
      w.number(point("pv_voltage"), 3600 + n, -1, n);
      w.number(point("pv_power"), flow.pv_W / 3, 0, n);
      w.number(point("pv_current"), flow.pv_W * 100 / 3 / 360, -2, n);
      w.number(point("insulation_resistance"), 2100 + n, 0, n);
    }
    w.number(point("pv_power_total"), flow.pv_W, 0);
    w.number(point("battery_power"), flow.battery_W, 0);
    w.number(point("battery_current"), flow.battery_W * 10000 / 532, -3, 1);
    w.number(point("soc"), flow.soc, -2);
    w.choice(point("charge_limit_reason"), symbol("charge_limit_reason", "power_stage"));
    w.choice(point("discharge_limit_reason"), symbol("discharge_limit_reason", "power_stage"));
    for (std::uint8_t pack = 1; pack <= kPacks; ++pack) {
      fill_pack(w.at(NodeKind::Module, pack), pack, flow);
    }
  }

 private:
  void fill_pack(Writer w, std::uint8_t pack, const Flow& flow) const {
    w.chosen(kPackChosen);
    std::int64_t sum = 0;
    std::int64_t low = 9999;
    std::int64_t high = 0;
    for (std::uint8_t c = 1; c <= kCells; ++c) {
      const std::int64_t mV = cell_mV(seed_, pack, c);
      w.number(point("cell_voltage"), mV, -3, c);
      sum += mV;
      low = mV < low ? mV : low;
      high = mV > high ? mV : high;
    }
    for (std::uint8_t t = 1; t <= 8; ++t) w.number(point("cell_temperature"), 226 + t, -1, t);
    w.text(point("serial_number"), serial_of(seed_ + 10U * pack));
    w.text(point("model"), "B500");
    w.text(point("firmware_version"), "1.0.3");
    w.number(point("pack_voltage"), sum / 10, -2);
    w.number(point("pack_current"), flow.battery_W * 1000000 / kPacks / sum, -3);
    w.number(point("pack_power"), flow.battery_W / kPacks, 0);
    w.number(point("pack_temperature"), 229, -1);
    w.number(point("soc"), flow.soc + pack, -2);
    w.number(point("soh"), 9920 - pack, -2);
    w.number(point("rated_capacity"), 9690, -2);
    w.number(point("cycle_count"), 1204 + pack, -1);
    w.number(point("cell_count"), kCells, 0);
    w.number(point("cell_voltage_max"), high, -3);
    w.number(point("cell_voltage_min"), low, -3);
    w.number(point("cell_voltage_spread"), high - low, -3);
    w.number(point("cell_temperature_max"), 234, -1);
    w.number(point("cell_temperature_min"), 227, -1);
    w.number(point("charge_current_limit"), 484, -1);
    w.number(point("discharge_current_limit"), 484, -1);
    w.flags(point("contactors"), 1U << symbol("contactors", "main_positive") |
                                     1U << symbol("contactors", "main_negative"));
    w.flags(point("permissions"), 1U << symbol("permissions", "charge_enable") |
                                      1U << symbol("permissions", "discharge_enable"));
    w.flags(point("balancing_cells"), 0, 1);
    for (const PointId id : {point("warnings"), point("alarms"), point("protections")}) {
      w.flags(id, 0);
    }
  }
  std::uint32_t seed_;
};

class PowerStation final : public ValueModel {
 public:
  explicit PowerStation(std::uint32_t seed) : seed_(seed) {}

  void update(Instant now, Snapshot& values) override {
    Writer w(values, now);
    const std::int64_t pv = 180 + wave(now, Duration::minutes(20)) / 10;
    w.text(point("model"), "AC300");
    w.text(point("protocol_version"), "1017");
    w.text(point("serial_number"), serial_of(seed_));
    w.number(point("pv_power_total"), pv, 0);
    w.number(point("grid_power_total"), 0, 0);
    w.number(point("load_power_total"), 95, 0);
    w.number(point("dc_load_power"), 12, 0);
    w.number(point("soc"), 78, 0);
    w.number(point("module_count"), 4, 0);
    w.number(point("battery_voltage"), 532, -1);
    Writer pack = w.at(NodeKind::Module, 1);
    pack.number(point("device_address"), 1, 0);
    pack.number(point("pack_voltage"), 5318, -2);
    pack.number(point("soc"), 78, 0);
    for (std::uint8_t c = 1; c <= kCells; ++c) {
      pack.number(point("cell_voltage"), cell_mV(seed_, 1, c) / 10, -2, c);
    }
  }

 private:
  std::uint32_t seed_;
};

}  // namespace

std::unique_ptr<ValueModel> bluetti_ep760_values(std::uint32_t seed) {
  return std::make_unique<Radio>(seed);
}

std::unique_ptr<ValueModel> ep760_open_values(std::uint32_t seed) {
  return std::make_unique<OpenEp760>(seed);
}

std::unique_ptr<ValueModel> bluetti_v1_values(std::uint32_t seed) {
  return std::make_unique<PowerStation>(seed);
}

}  // namespace weco::sim
