// SPDX-License-Identifier: Apache-2.0
// The vocabulary: every value a device can have, one row each, for all families. A profile may only
// use these names. Rows are appended within their group; names never change meaning. Sources of the
// requirements in brackets: the products' manuals by their requirement ids.
#pragma once

#include <iterator>

#include "core/points/point.hpp"

namespace weco {

namespace symbols {
inline constexpr std::string_view roles[] = {"single", "master", "slave"};
inline constexpr std::string_view switches[] = {"off", "on"};
inline constexpr std::string_view bms_states[] = {"off",      "self_test", "standby", "precharge",
                                                  "running",  "derating",  "fault",   "locked",
                                                  "updating", "storage"};
inline constexpr std::string_view contactors[] = {"main_positive", "main_negative", "precharge",
                                                  "charge", "discharge"};
inline constexpr std::string_view permissions[] = {
    "charge_enable",       "discharge_enable", "force_charge_now", "force_charge_soon",
    "full_charge_request", "power_limited",    "shutdown_request", "force_charge"};
inline constexpr std::string_view led_patterns[] = {
    "off",          "green",         "green_blinking",  "green_fast",
    "blue",         "blue_blinking", "amber",           "amber_blinking",
    "red",          "red_blinking",  "red_alternating", "slow_blinking",
    "fast_blinking"};
inline constexpr std::string_view connections[] = {"unknown", "online", "offline", "joining",
                                                   "isolated"};
inline constexpr std::string_view limit_reasons[] = {"none",
                                                     "temperature_low",
                                                     "temperature_high",
                                                     "soc_high",
                                                     "soc_low",
                                                     "cell_voltage_high",
                                                     "cell_voltage_low",
                                                     "module_count",
                                                     "power_stage",
                                                     "history",
                                                     "imbalance",
                                                     "alarm",
                                                     "fault",
                                                     "locked",
                                                     "link_lost",
                                                     "command",
                                                     "updating",
                                                     "rest",
                                                     "contactor_open",
                                                     "heating",
                                                     "other"};
inline constexpr std::string_view battery_events[] = {"general",
                                                      "cell_overvoltage",
                                                      "cell_undervoltage",
                                                      "pack_overvoltage",
                                                      "pack_undervoltage",
                                                      "temperature_high",
                                                      "temperature_low",
                                                      "charge_temperature_high",
                                                      "charge_temperature_low",
                                                      "discharge_temperature_high",
                                                      "discharge_temperature_low",
                                                      "charge_overcurrent",
                                                      "discharge_overcurrent",
                                                      "short_circuit",
                                                      "cell_imbalance",
                                                      "contactor",
                                                      "precharge",
                                                      "internal",
                                                      "communication",
                                                      "sensor",
                                                      "insulation",
                                                      "deep_discharge",
                                                      "system_error",
                                                      "high_voltage",
                                                      "low_voltage",
                                                      "module_offline",
                                                      "fuse",
                                                      "soc_low",
                                                      "heater",
                                                      "cell_failure",
                                                      "charger",
                                                      "mixed_types"};
inline constexpr std::string_view locks[] = {"none", "temporary", "permanent"};
inline constexpr std::string_view inverter_states[] = {
    "initialising", "waiting", "self_check", "running", "off_grid",
    "bypass",       "fault",   "updating",   "standby", "off"};
inline constexpr std::string_view grid_states[] = {"unknown",      "normal",       "absent",
                                                   "out_of_range", "reconnecting", "generator"};
inline constexpr std::string_view phase_sequences[] = {"unknown", "right", "wrong"};
inline constexpr std::string_view drm_modes[] = {"drm0", "drm1", "drm2", "drm3", "drm4",
                                                 "drm5", "drm6", "drm7", "drm8"};
inline constexpr std::string_view ct_directions[] = {"unknown", "right", "reversed"};
inline constexpr std::string_view links[] = {"unknown", "up", "down"};
inline constexpr std::string_view safety_states[] = {"unknown", "normal", "warning", "alarm",
                                                     "off"};
inline constexpr std::string_view doors[] = {"unknown", "closed", "open"};
inline constexpr std::string_view working_modes[] = {
    "auto",   "peak_shaving", "battery_priority", "self_consumption", "time_of_use",
    "backup", "passive",      "ac_coupled",       "pv_priority",      "scheduled_charge"};
inline constexpr std::string_view grid_codes[] = {"none",     "cei_0_21",   "g98",         "g99",
                                                  "nts_2_1",  "en_50549_1", "en_50549_10", "r25",
                                                  "vde_4105", "as_4777_2",  "rd_1699"};
inline constexpr std::string_view weekdays[] = {"monday", "tuesday",  "wednesday", "thursday",
                                                "friday", "saturday", "sunday"};
inline constexpr std::string_view tou_modes[] = {"standby", "charge", "discharge",
                                                 "self_consumption"};
inline constexpr std::string_view meter_wirings[] = {
    "none", "ct", "meter", "meter_with_ct", "single_phase", "three_phase"};
inline constexpr std::string_view commands[] = {"none",         "start",       "stop",
                                                "reset_fault",  "full_charge", "storage",
                                                "enter_update", "balance",     "silence_buzzer"};
/// Cells are numbered, not named: a set of cells prints as numbers.
inline constexpr std::span<const std::string_view> cells64{};
}  // namespace symbols

namespace detail {
constexpr PointInfo number(std::string_view name, Unit unit, std::string_view doc,
                           std::uint8_t count, std::int32_t min, std::int32_t max,
                           Sign sign = Sign::None, Access access = Access::Read) {
  return {name, ValueKind::Number, unit, sign, count, min, max, access, {}, doc};
}
constexpr PointInfo text(std::string_view name, std::string_view doc,
                         Access access = Access::Read) {
  return {name, ValueKind::Text, Unit::None, Sign::None, 1, 0, 0, access, {}, doc};
}
constexpr PointInfo coded(ValueKind kind, std::string_view name,
                          std::span<const std::string_view> symbols, std::string_view doc,
                          std::uint8_t count = 1, Access access = Access::Read) {
  return {name, kind, Unit::None, Sign::None, count, 0, 0, access, symbols, doc};
}
constexpr PointInfo choice(std::string_view name, std::span<const std::string_view> symbols,
                           std::string_view doc, std::uint8_t count = 1,
                           Access access = Access::Read) {
  return coded(ValueKind::Choice, name, symbols, doc, count, access);
}
constexpr PointInfo flags(std::string_view name, std::span<const std::string_view> symbols,
                          std::string_view doc, std::uint8_t count = 1,
                          Access access = Access::Read) {
  return coded(ValueKind::Flags, name, symbols, doc, count, access);
}
constexpr PointInfo raw(std::string_view name, std::string_view doc, std::uint8_t count) {
  return coded(ValueKind::Raw, name, {}, doc, count);
}
}  // namespace detail

inline constexpr PointInfo kPoints[] = {
    // Identity, of a device or any part of it.
    detail::text("vendor", "Maker as the device names it."),
    detail::text("model", "Model as the device names it."),
    detail::text("serial_number", "Serial number."),
    detail::text("hardware_version", "Hardware revision."),
    detail::text("firmware_version", "Running firmware."),
    detail::text("bootloader_version", "Bootloader."),
    detail::text("protocol_version", "Version of the protocol the device claims."),
    detail::text("product_code", "Order or product code."),
    detail::text("manufacture_date", "Production date; the warranty counts from it (WS-31)."),
    detail::number("device_type", Unit::None, "Type number of the family.", 1, 0, 65535),
    detail::number("device_address", Unit::None, "Bus address or unit number.", 1, 0, 255),
    detail::choice("role", symbols::roles, "Master, slave or single."),
    detail::number("operating_time", Unit::Hour, "Time in operation since production.", 1, 0,
                   2000000),
    detail::text("device_time", "Clock of the device, local time, ISO 8601.", Access::Setting),
    // Site.
    detail::text("plant_name", "Name of the plant (CM-08).", Access::Setting),
    detail::text("plant_address", "Address of the plant (CM-08).", Access::Setting),
    detail::text("installer_code", "Code of the installer (CM-08).", Access::Setting),
    detail::text("bonded_serial", "Serial number of the cabinet the EMS is bonded with (CM-08)."),
    detail::number("inverter_count", Unit::None, "Inverters in parallel (WS-03).", 1, 0, 64),
    detail::number("tower_count", Unit::None, "Towers (WS-03).", 1, 0, 64),
    detail::number("module_count", Unit::None, "Battery modules installed.", 1, 0, 255),
    detail::number("modules_online", Unit::None, "Modules taking part.", 1, 0, 255),
    detail::number("modules_offline", Unit::None, "Modules installed but not taking part.", 1, 0,
                   255),
    detail::number("modules_blocking_charge", Unit::None, "Modules that forbid charging.", 1, 0,
                   255),
    detail::number("modules_blocking_discharge", Unit::None, "Modules that forbid discharging.", 1,
                   0, 255),
    detail::number("cabinet_count", Unit::None, "Cabinets (CM-01).", 1, 0, 64),
    detail::number("offline_days", Unit::Day, "Days offline in the last twelve months (WS-32).", 1,
                   0, 366),
    // Battery: state.
    detail::number("soc", Unit::Percent, "State of charge.", 1, 0, 100),
    detail::number("soc_error", Unit::Percent,
                   "Half width of the band the true state of charge lies in.", 1, 0, 100),
    detail::number("soh", Unit::Percent,
                   "State of health in percent of the initial capacity; indicative only (WS-14).",
                   1, 0, 110),
    detail::number("hours_since_full", Unit::Hour, "Time since 100 % was last reached (WS-13).", 1,
                   0, 200000),
    detail::number("pack_voltage", Unit::Volt, "Voltage of the battery at its terminals.", 1, 0,
                   1500),
    detail::number("pack_current", Unit::Ampere, "Current into the battery.", 1, -5000, 5000,
                   Sign::IntoBattery),
    detail::number("pack_power", Unit::Watt, "Power into the battery.", 1, -5000000, 5000000,
                   Sign::IntoBattery),
    detail::number("pack_temperature", Unit::Celsius, "Temperature the battery reports for itself.",
                   1, -60, 150),
    detail::number("board_temperature", Unit::Celsius, "Temperature of the BMS board.", 1, -60,
                   150),
    detail::number("bus_voltage", Unit::Volt,
                   "DC bus behind the module converter or at the inverter (WS-02).", 2, 0, 1500),
    detail::number("bus_current", Unit::Ampere, "Current on the DC bus, into the battery.", 1,
                   -5000, 5000, Sign::IntoBattery),
    detail::number("remaining_capacity", Unit::AmpereHour, "Charge left.", 1, 0, 100000),
    detail::number("full_capacity", Unit::AmpereHour, "Charge when full, as the BMS sees it now.",
                   1, 0, 100000),
    detail::number("rated_capacity", Unit::AmpereHour, "Nameplate capacity.", 1, 0, 100000),
    detail::number("rated_energy", Unit::KilowattHour, "Nameplate energy.", 1, 0, 100000),
    detail::number("cycle_count", Unit::None, "Equivalent full cycles (WS-31).", 1, 0, 100000),
    detail::number("battery_resistance", Unit::Milliohm, "Internal resistance of the pack.", 1, 0,
                   100000),
    detail::number("insulation_resistance", Unit::Kiloohm, "Insulation to earth.", 4, 0, 100000),
    detail::choice("bms_state", symbols::bms_states, "State of the battery management."),
    detail::flags("contactors", symbols::contactors, "Contactors that report closed."),
    detail::flags("permissions", symbols::permissions, "What the battery allows and asks for."),
    detail::choice("heater", symbols::switches, "Heater of the pack (WS-12)."),
    detail::flags("balancing_cells", symbols::cells64, "Cells being balanced, bit 0 = cell 1.", 4),
    detail::choice("led_pattern", symbols::led_patterns, "What the LED of this part shows."),
    detail::choice("buzzer", symbols::switches, "Buzzer (EP-07)."),
    detail::choice("connection", symbols::connections, "Whether this part is reachable."),
    // Battery: cells.
    detail::number("cell_count", Unit::None, "Cells in series.", 1, 0, 255),
    detail::number("cell_voltage", Unit::Volt, "Voltage of a cell.", 240, 0, 6),
    detail::number("cell_temperature", Unit::Celsius, "Temperature at a sensor of the cells.", 64,
                   -60, 150),
    detail::number("cell_voltage_max", Unit::Volt, "Highest cell voltage.", 1, 0, 6),
    detail::number("cell_voltage_min", Unit::Volt, "Lowest cell voltage.", 1, 0, 6),
    detail::number("cell_voltage_spread", Unit::Volt, "Highest minus lowest cell voltage.", 1, 0,
                   6),
    detail::number("cell_temperature_max", Unit::Celsius, "Highest cell temperature.", 1, -60, 150),
    detail::number("cell_temperature_min", Unit::Celsius, "Lowest cell temperature.", 1, -60, 150),
    detail::text("cell_voltage_max_position", "Which cell is highest, as the device names it."),
    detail::text("cell_voltage_min_position", "Which cell is lowest, as the device names it."),
    detail::text("cell_temperature_max_position",
                 "Which sensor is warmest, as the device names it."),
    detail::text("cell_temperature_min_position",
                 "Which sensor is coldest, as the device names it."),
    detail::flags("cell_faults", symbols::cells64, "Cells in error, bit 0 = cell 1.", 4),
    // Battery: limits in force, and why.
    detail::number("charge_voltage_limit", Unit::Volt, "Highest charge voltage allowed now (CVL).",
                   1, 0, 1500),
    detail::number("charge_current_limit", Unit::Ampere,
                   "Highest charge current allowed now (CCL).", 1, 0, 5000),
    detail::number("discharge_current_limit", Unit::Ampere,
                   "Highest discharge current allowed now (DCL).", 1, 0, 5000),
    detail::number("discharge_voltage_limit", Unit::Volt,
                   "Voltage at which discharging ends (DVL).", 1, 0, 1500),
    detail::number("charge_power_limit", Unit::Watt, "Highest charge power allowed now.", 1, 0,
                   5000000),
    detail::number("discharge_power_limit", Unit::Watt, "Highest discharge power allowed now.", 1,
                   0, 5000000),
    detail::choice("charge_limit_reason", symbols::limit_reasons,
                   "The rule that limits charging now."),
    detail::choice("discharge_limit_reason", symbols::limit_reasons,
                   "The rule that limits discharging now."),
    detail::number("charge_limit_module", Unit::None,
                   "Module that causes the charge limit; 0: none in particular.", 1, 0, 255),
    detail::number("discharge_limit_module", Unit::None,
                   "Module that causes the discharge limit; 0: none in particular.", 1, 0, 255),
    // Battery: protection settings that the device publishes.
    detail::number("cell_overvoltage_limit", Unit::Volt, "Cell over-voltage protection.", 1, 0, 6),
    detail::number("cell_low_voltage_limit", Unit::Volt, "Cell low-voltage warning.", 1, 0, 6),
    detail::number("cell_undervoltage_limit", Unit::Volt, "Cell under-voltage protection.", 1, 0,
                   6),
    detail::number("pack_overvoltage_limit", Unit::Volt, "Pack over-voltage protection.", 1, 0,
                   1500),
    detail::number("pack_low_voltage_limit", Unit::Volt, "Pack low-voltage warning.", 1, 0, 1500),
    detail::number("pack_undervoltage_limit", Unit::Volt, "Pack under-voltage protection.", 1, 0,
                   1500),
    detail::number("charge_temperature_max", Unit::Celsius, "Highest temperature for charging.", 1,
                   -60, 150),
    detail::number("charge_temperature_min", Unit::Celsius, "Lowest temperature for charging.", 1,
                   -60, 150),
    detail::number("discharge_temperature_max", Unit::Celsius,
                   "Highest temperature for discharging.", 1, -60, 150),
    detail::number("discharge_temperature_min", Unit::Celsius,
                   "Lowest temperature for discharging.", 1, -60, 150),
    detail::number("charge_current_max", Unit::Ampere, "Charge current protection.", 1, 0, 5000),
    detail::number("discharge_current_max", Unit::Ampere, "Discharge current protection.", 1, 0,
                   5000),
    // Alarms and faults. Raw words keep what the family cannot name.
    detail::flags("warnings", symbols::battery_events,
                  "Warnings: current is reduced, nothing is stopped."),
    detail::flags("alarms", symbols::battery_events, "Alarms: one direction is stopped."),
    detail::flags("protections", symbols::battery_events,
                  "Protections: the battery has taken itself off."),
    detail::raw("warning_word", "Warning bits of the family.", 16),
    detail::raw("alarm_word", "Alarm bits of the family.", 16),
    detail::raw("fault_word", "Fault bits of the family.", 16),
    detail::raw("status_word", "Status bits of the family.", 16),
    detail::number("fault_code", Unit::None,
                   "Code of the newest fault as the family numbers it; 0: none.", 1, 0, 65535),
    detail::number("fault_count", Unit::None, "Faults stored in the device.", 1, 0, 65535),
    detail::choice("lock", symbols::locks, "Whether the battery has locked itself (WS-17, WS-18)."),
    // Battery: counters.
    detail::number("energy_charged_total", Unit::KilowattHour, "Energy charged since production.",
                   1, 0, 10000000),
    detail::number("energy_discharged_total", Unit::KilowattHour,
                   "Energy discharged since production.", 1, 0, 10000000),
    detail::number("charge_throughput", Unit::AmpereHour,
                   "Charge moved, both directions, since production.", 1, 0, 100000000),
    detail::number("deep_discharge_count", Unit::None,
                   "Times the battery fell below its minimum voltage (WS-19).", 1, 0, 65535),
    // Inverter.
    detail::choice("inverter_state", symbols::inverter_states, "State of the inverter."),
    detail::choice("grid_state", symbols::grid_states, "What the inverter sees of the grid."),
    detail::number("rated_power", Unit::Watt, "Nameplate power.", 1, 0, 5000000),
    detail::number("grid_voltage", Unit::Volt, "Voltage to neutral of a phase at the grid.", 3, 0,
                   600),
    detail::number("line_voltage", Unit::Volt,
                   "Voltage between phases: 1 = L1-L2, 2 = L2-L3, 3 = L3-L1.", 3, 0, 1000),
    detail::number("grid_voltage_mean", Unit::Volt, "Mean voltage to neutral.", 1, 0, 600),
    detail::number("line_voltage_mean", Unit::Volt, "Mean voltage between phases.", 1, 0, 1000),
    detail::number("grid_current", Unit::Ampere, "Current of a phase at the grid.", 3, -5000, 5000,
                   Sign::Import),
    detail::number("grid_current_mean", Unit::Ampere, "Mean of the phase currents.", 1, -5000,
                   5000),
    detail::number("grid_current_sum", Unit::Ampere, "Sum of the phase currents.", 1, -15000,
                   15000),
    detail::number("neutral_current", Unit::Ampere, "Current in the neutral.", 1, 0, 5000),
    detail::number("grid_power", Unit::Watt, "Power of a phase at the grid, import positive.", 3,
                   -5000000, 5000000, Sign::Import),
    detail::number("grid_power_total", Unit::Watt, "Power at the grid, import positive.", 1,
                   -5000000, 5000000, Sign::Import),
    detail::number("grid_apparent_power", Unit::VoltAmpere, "Apparent power of a phase.", 3,
                   -5000000, 5000000),
    detail::number("grid_apparent_power_total", Unit::VoltAmpere, "Apparent power.", 1, -5000000,
                   5000000),
    detail::number("grid_reactive_power", Unit::Var, "Reactive power of a phase.", 3, -5000000,
                   5000000),
    detail::number("grid_reactive_power_total", Unit::Var, "Reactive power.", 1, -5000000, 5000000),
    detail::number("grid_power_factor", Unit::None, "Power factor of a phase.", 3, -1, 1),
    detail::number("grid_power_factor_total", Unit::None, "Power factor.", 1, -1, 1),
    detail::number("grid_phase_angle", Unit::Degree, "Phase angle of a phase.", 3, -360, 360),
    detail::number("grid_phase_angle_total", Unit::Degree, "Phase angle.", 1, -360, 360),
    detail::number("grid_frequency", Unit::Hertz, "Grid frequency.", 1, 0, 100),
    detail::choice("phase_sequence", symbols::phase_sequences, "Order of the phases."),
    detail::number("inverter_voltage", Unit::Volt, "Output voltage of a phase.", 3, 0, 600),
    detail::number("inverter_current", Unit::Ampere, "Output current of a phase.", 3, -5000, 5000),
    detail::number("inverter_power", Unit::Watt,
                   "Output power of a phase, out of the inverter positive.", 3, -5000000, 5000000,
                   Sign::Produced),
    detail::number("inverter_power_total", Unit::Watt,
                   "Output power, out of the inverter positive.", 1, -5000000, 5000000,
                   Sign::Produced),
    detail::number("inverter_apparent_power", Unit::VoltAmpere, "Apparent output power of a phase.",
                   3, 0, 5000000),
    detail::number("inverter_frequency", Unit::Hertz, "Output frequency.", 3, 0, 100),
    detail::number("backup_voltage", Unit::Volt, "Backup output voltage of a phase.", 3, 0, 600),
    detail::number("backup_current", Unit::Ampere, "Backup output current of a phase.", 3, 0, 5000,
                   Sign::Consumed),
    detail::number("backup_power", Unit::Watt, "Backup output power of a phase.", 3, 0, 5000000,
                   Sign::Consumed),
    detail::number("backup_power_total", Unit::Watt, "Backup output power.", 1, 0, 5000000,
                   Sign::Consumed),
    detail::number("backup_apparent_power", Unit::VoltAmpere, "Backup apparent power of a phase.",
                   3, 0, 5000000),
    detail::number("backup_frequency", Unit::Hertz, "Backup output frequency.", 3, 0, 100),
    detail::number("pv_voltage", Unit::Volt, "Voltage of a PV input.", 8, 0, 1500),
    detail::number("pv_current", Unit::Ampere, "Current of a PV input.", 8, 0, 1000,
                   Sign::Produced),
    detail::number("pv_power", Unit::Watt, "Power of a PV input.", 8, 0, 5000000, Sign::Produced),
    detail::number("pv_power_total", Unit::Watt, "PV power.", 1, 0, 5000000, Sign::Produced),
    detail::number("external_pv_power", Unit::Watt,
                   "Power of PV on a third-party inverter, by its own meter (CM-03).", 1, 0,
                   5000000, Sign::Produced),
    detail::number("load_power", Unit::Watt, "Power of the loads.", 3, 0, 5000000, Sign::Consumed),
    detail::number("load_power_total", Unit::Watt, "Power of all loads.", 1, 0, 5000000,
                   Sign::Consumed),
    detail::number("battery_power", Unit::Watt,
                   "Power into the battery, as the inverter measures it.", 1, -5000000, 5000000,
                   Sign::IntoBattery),
    detail::number("battery_voltage", Unit::Volt, "Battery voltage as the inverter measures it.", 1,
                   0, 1500),
    detail::number("battery_current", Unit::Ampere,
                   "Current into the battery as the inverter measures it.", 2, -5000, 5000,
                   Sign::IntoBattery),
    detail::number("battery_temperature", Unit::Celsius,
                   "Battery temperature as the inverter sees it.", 1, -60, 150),
    detail::number("heat_sink_temperature", Unit::Celsius, "Heat sink.", 1, -60, 200),
    detail::number("ambient_temperature", Unit::Celsius, "Air around the device.", 1, -60, 100),
    detail::number("leakage_current", Unit::Milliampere, "Residual current.", 1, -10000, 10000),
    detail::number("generator_voltage", Unit::Volt, "Generator voltage of a phase.", 3, 0, 600),
    detail::number("generator_power", Unit::Watt, "Generator power.", 1, 0, 5000000,
                   Sign::Produced),
    detail::choice("generator", symbols::switches, "Generator relay or input (WS-49)."),
    detail::number("reconnect_time", Unit::Second, "Time left until connection to the grid.", 1, 0,
                   100000),
    detail::flags("demand_response", symbols::drm_modes, "Demand response modes asked for (DRM)."),
    detail::number("ripple_level", Unit::Percent, "Power that ripple control allows (CM-05).", 1, 0,
                   100),
    detail::number("overload", Unit::Percent, "Load in percent of the rating.", 1, 0, 1000),
    detail::number("drm_import_limit", Unit::Watt, "Import that demand response allows now.", 1, 0,
                   5000000),
    detail::number("drm_export_limit", Unit::Watt, "Export that demand response allows now.", 1, 0,
                   5000000),
    // Energy counters.
    detail::number("energy_pv_today", Unit::KilowattHour, "Energy PV, today.", 1, 0, 10000000),
    detail::number("energy_pv_month", Unit::KilowattHour, "Energy PV, this month.", 1, 0, 10000000),
    detail::number("energy_pv_year", Unit::KilowattHour, "Energy PV, this year.", 1, 0, 10000000),
    detail::number("energy_pv_total", Unit::KilowattHour, "Energy PV, since commissioning.", 1, 0,
                   100000000),
    detail::number("energy_import_today", Unit::KilowattHour, "Energy bought from the grid, today.",
                   1, 0, 10000000),
    detail::number("energy_import_month", Unit::KilowattHour,
                   "Energy bought from the grid, this month.", 1, 0, 10000000),
    detail::number("energy_import_year", Unit::KilowattHour,
                   "Energy bought from the grid, this year.", 1, 0, 10000000),
    detail::number("energy_import_total", Unit::KilowattHour,
                   "Energy bought from the grid, since commissioning.", 1, 0, 100000000),
    detail::number("energy_export_today", Unit::KilowattHour, "Energy sold to the grid, today.", 1,
                   0, 10000000),
    detail::number("energy_export_month", Unit::KilowattHour,
                   "Energy sold to the grid, this month.", 1, 0, 10000000),
    detail::number("energy_export_year", Unit::KilowattHour, "Energy sold to the grid, this year.",
                   1, 0, 10000000),
    detail::number("energy_export_total", Unit::KilowattHour,
                   "Energy sold to the grid, since commissioning.", 1, 0, 100000000),
    detail::number("energy_load_today", Unit::KilowattHour, "Energy used by the loads, today.", 1,
                   0, 10000000),
    detail::number("energy_load_month", Unit::KilowattHour, "Energy used by the loads, this month.",
                   1, 0, 10000000),
    detail::number("energy_load_year", Unit::KilowattHour, "Energy used by the loads, this year.",
                   1, 0, 10000000),
    detail::number("energy_load_total", Unit::KilowattHour,
                   "Energy used by the loads, since commissioning.", 1, 0, 100000000),
    detail::number("energy_backup_today", Unit::KilowattHour,
                   "Energy used by the backup output, today.", 1, 0, 10000000),
    detail::number("energy_backup_month", Unit::KilowattHour,
                   "Energy used by the backup output, this month.", 1, 0, 10000000),
    detail::number("energy_backup_year", Unit::KilowattHour,
                   "Energy used by the backup output, this year.", 1, 0, 10000000),
    detail::number("energy_backup_total", Unit::KilowattHour,
                   "Energy used by the backup output, since commissioning.", 1, 0, 100000000),
    detail::number("energy_charged_today", Unit::KilowattHour,
                   "Energy charged into the battery, today.", 1, 0, 10000000),
    detail::number("energy_charged_month", Unit::KilowattHour,
                   "Energy charged into the battery, this month.", 1, 0, 10000000),
    detail::number("energy_charged_year", Unit::KilowattHour,
                   "Energy charged into the battery, this year.", 1, 0, 10000000),
    detail::number("energy_discharged_today", Unit::KilowattHour,
                   "Energy taken from the battery, today.", 1, 0, 10000000),
    detail::number("energy_discharged_month", Unit::KilowattHour,
                   "Energy taken from the battery, this month.", 1, 0, 10000000),
    detail::number("energy_discharged_year", Unit::KilowattHour,
                   "Energy taken from the battery, this year.", 1, 0, 10000000),
    detail::number("energy_import_phase", Unit::KilowattHour, "Energy bought, by phase.", 3, 0,
                   100000000),
    detail::number("energy_export_phase", Unit::KilowattHour, "Energy sold, by phase.", 3, 0,
                   100000000),
    detail::number("energy_sum", Unit::KilowattHour, "Import plus export.", 1, 0, 100000000),
    detail::number("energy_sum_phase", Unit::KilowattHour, "Import plus export, by phase.", 3, 0,
                   100000000),
    detail::number("energy_reactive_import", Unit::KilovarHour, "Reactive energy, import.", 1, 0,
                   100000000),
    detail::number("energy_reactive_export", Unit::KilovarHour, "Reactive energy, export.", 1, 0,
                   100000000),
    detail::number("energy_reactive_sum", Unit::KilovarHour, "Reactive energy, both.", 1, 0,
                   100000000),
    detail::number("energy_reactive_import_phase", Unit::KilovarHour,
                   "Reactive energy by phase, import.", 3, 0, 100000000),
    detail::number("energy_reactive_export_phase", Unit::KilovarHour,
                   "Reactive energy by phase, export.", 3, 0, 100000000),
    detail::number("energy_apparent", Unit::KilovoltAmpereHour, "Apparent energy.", 1, 0,
                   100000000),
    detail::number("meter_charge", Unit::AmpereHour, "Charge counted by a meter.", 1, 0, 100000000),
    detail::number("self_sufficiency", Unit::Percent,
                   "PV production over total consumption (WS-47).", 1, 0, 10000),
    detail::number("running_hours_today", Unit::Hour, "Time in operation today.", 1, 0, 24),
    // Meter.
    detail::number("power_demand", Unit::Watt, "Demand, mean of the demand period.", 1, -5000000,
                   5000000, Sign::Import),
    detail::number("power_demand_max", Unit::Watt, "Highest demand.", 1, -5000000, 5000000,
                   Sign::Import),
    detail::number("apparent_demand", Unit::VoltAmpere, "Apparent demand.", 1, 0, 5000000),
    detail::number("apparent_demand_max", Unit::VoltAmpere, "Highest apparent demand.", 1, 0,
                   5000000),
    detail::number("neutral_current_demand", Unit::Ampere, "Demand of the neutral current.", 1, 0,
                   5000),
    detail::number("neutral_current_demand_max", Unit::Ampere,
                   "Highest demand of the neutral current.", 1, 0, 5000),
    detail::number("current_demand", Unit::Ampere, "Current demand of a phase.", 3, 0, 5000),
    detail::number("current_demand_max", Unit::Ampere, "Highest current demand of a phase.", 3, 0,
                   5000),
    detail::number("voltage_distortion", Unit::Percent,
                   "Total harmonic distortion of a phase voltage.", 3, 0, 1000),
    detail::number("current_distortion", Unit::Percent,
                   "Total harmonic distortion of a phase current.", 3, 0, 1000),
    detail::number("line_voltage_distortion", Unit::Percent,
                   "Total harmonic distortion between phases.", 3, 0, 1000),
    detail::number("voltage_distortion_mean", Unit::Percent, "Mean distortion of the voltages.", 1,
                   0, 1000),
    detail::number("current_distortion_mean", Unit::Percent, "Mean distortion of the currents.", 1,
                   0, 1000),
    detail::number("line_voltage_distortion_mean", Unit::Percent, "Mean distortion between phases.",
                   1, 0, 1000),
    detail::choice("ct_direction", symbols::ct_directions,
                   "Direction of the current transformers (WS-09, EP-17)."),
    detail::choice("meter_link", symbols::links, "Whether the meter answers the inverter."),
    // EMS and cabinets.
    detail::choice("power_led", symbols::led_patterns, "Power LED of the EMS (CM-04)."),
    detail::choice("ems_switch", symbols::switches, "EMS-Switch unit present (CM-01)."),
    detail::choice("fire_protection", symbols::safety_states,
                   "Fire protection of a cabinet (CM-15)."),
    detail::choice("liquid_cooling", symbols::safety_states,
                   "Liquid cooling of a cabinet (CM-15)."),
    detail::number("coolant_temperature_in", Unit::Celsius, "Coolant into the cabinet.", 1, -60,
                   150),
    detail::number("coolant_temperature_out", Unit::Celsius, "Coolant out of the cabinet.", 1, -60,
                   150),
    detail::number("coolant_flow", Unit::LitrePerMinute, "Coolant flow.", 1, 0, 1000),
    detail::number("humidity", Unit::Percent, "Relative humidity in the cabinet.", 1, 0, 100),
    detail::choice("door", symbols::doors, "Door of the cabinet."),
    detail::choice("digital_input", symbols::switches, "Digital input (CM-06).", 4),
    detail::choice("digital_output", symbols::switches, "Digital output (CM-06).", 4),
    detail::choice("network_link", symbols::links, "Ethernet link to the network (CM-09)."),
    detail::number("mobile_signal", Unit::Decibel, "Mobile network signal (CM-09).", 1, -140, 0),
    detail::number("wifi_signal", Unit::Decibel, "WiFi signal.", 1, -140, 0),
    detail::choice("cloud_link", symbols::links, "Connection to the vendor cloud (WS-32, EP-09)."),
    // Settings. Written through the guard only.
    detail::choice("working_mode", symbols::working_modes, "Working mode.", 1, Access::Setting),
    detail::choice("grid_code", symbols::grid_codes, "Grid code in force (WS-08).", 1,
                   Access::Setting),
    detail::number("soc_min", Unit::Percent, "Discharging ends at this state of charge.", 1, 0, 100,
                   Sign::None, Access::Setting),
    detail::number("soc_max", Unit::Percent, "Charging ends at this state of charge.", 1, 0, 100,
                   Sign::None, Access::Setting),
    detail::number("soc_reserve", Unit::Percent, "Kept for backup.", 1, 0, 100, Sign::None,
                   Access::Setting),
    detail::number("soc_target", Unit::Percent,
                   "Target of charging from the grid in a window (WS-41).", 1, 0, 100, Sign::None,
                   Access::Setting),
    detail::number("charge_power_setting", Unit::Watt, "Charge power an installer allows.", 1, 0,
                   5000000, Sign::None, Access::Setting),
    detail::number("discharge_power_setting", Unit::Watt, "Discharge power an installer allows.", 1,
                   0, 5000000, Sign::None, Access::Setting),
    detail::number("grid_charge_power", Unit::Watt, "Power of charging from the grid (EP-05).", 1,
                   0, 5000000, Sign::None, Access::Setting),
    detail::number("export_limit", Unit::Watt, "Export allowed at the grid meter (CM-13).", 1, 0,
                   5000000, Sign::None, Access::Setting),
    detail::number("demand_limit", Unit::Watt, "Peak import allowed (CM-13).", 1, 0, 5000000,
                   Sign::None, Access::Setting),
    detail::choice("sell_to_grid", symbols::switches,
                   "Selling to the grid (Feed to Grid, EP-06; WS-40).", 1, Access::Setting),
    detail::choice("charge_from_grid", symbols::switches, "Charging from the grid (EP-06).", 1,
                   Access::Setting),
    detail::choice("ac_output", symbols::switches, "AC output (AC, EP-06).", 1, Access::Setting),
    detail::choice("generator_input", symbols::switches, "Generator input in use (WS-49).", 1,
                   Access::Setting),
    detail::choice("heater_enabled", symbols::switches, "Heater may run (WS-12).", 1,
                   Access::Setting),
    detail::choice("buzzer_enabled", symbols::switches, "Buzzer may sound (EP-07).", 1,
                   Access::Setting),
    detail::number("rest_time", Unit::Minute, "Rest between charge and discharge (WS-20).", 1, 0,
                   240, Sign::None, Access::Setting),
    detail::number("charge_window_start", Unit::Minute,
                   "Start of a charge window, minutes after midnight.", 8, 0, 1440, Sign::None,
                   Access::Setting),
    detail::number("charge_window_end", Unit::Minute, "End of a charge window.", 8, 0, 1440,
                   Sign::None, Access::Setting),
    detail::number("charge_window_power", Unit::Watt, "Power of a charge window.", 8, 0, 5000000,
                   Sign::None, Access::Setting),
    detail::flags("charge_window_days", symbols::weekdays,
                  "Weekdays of a charge window as a set, bit 0 = Monday.", 8, Access::Setting),
    detail::number("discharge_window_start", Unit::Minute,
                   "Start of a discharge window, minutes after midnight.", 8, 0, 1440, Sign::None,
                   Access::Setting),
    detail::number("discharge_window_end", Unit::Minute, "End of a discharge window.", 8, 0, 1440,
                   Sign::None, Access::Setting),
    detail::number("discharge_window_power", Unit::Watt, "Power of a discharge window.", 8, 0,
                   5000000, Sign::None, Access::Setting),
    detail::flags("discharge_window_days", symbols::weekdays,
                  "Weekdays of a discharge window as a set, bit 0 = Monday.", 8, Access::Setting),
    detail::number("tou_slot_end", Unit::Minute,
                   "End of a time-of-use slot; it starts where the one before ends (CM-12).", 12, 0,
                   1440, Sign::None, Access::Setting),
    detail::choice("tou_slot_mode", symbols::tou_modes,
                   "What happens in a time-of-use slot (CM-12).", 12, Access::Setting),
    detail::number("tou_slot_power", Unit::Watt, "Power of a time-of-use slot.", 12, 0, 5000000,
                   Sign::None, Access::Setting),
    detail::number("tou_template", Unit::None, "Template used on a weekday, 1 = Monday (CM-12).", 7,
                   0, 16, Sign::None, Access::Setting),
    detail::choice("meter_wiring", symbols::meter_wirings,
                   "How the meter is connected (WS-09, CM-10).", 1, Access::Setting),
    detail::number("meter_address", Unit::None, "Modbus address of the meter.", 1, 1, 247,
                   Sign::None, Access::Setting),
    detail::number("meter_speed", Unit::None, "Speed of the meter line in bit/s (CM-03).", 1, 1200,
                   115200, Sign::None, Access::Setting),
    detail::number("meter_parity", Unit::None, "Parity and stop bits as the meter numbers them.", 1,
                   0, 3, Sign::None, Access::Setting),
    detail::number("demand_period", Unit::Minute, "Period over which demand is averaged.", 1, 0, 60,
                   Sign::None, Access::Setting),
    detail::text("apn", "Access point of the mobile network (CM-09).", Access::Setting),
    // Commands. Written through the guard only.
    detail::choice("command", symbols::commands, "What the device is told to do.", 1,
                   Access::Command),
};

constexpr const PointInfo& info(PointId id) { return kPoints[static_cast<std::size_t>(id)]; }
inline constexpr std::size_t kPointCount = std::size(kPoints);

namespace detail {
/// Positions in kPoints ordered by name, made at compile time.
consteval std::array<std::uint16_t, kPointCount> points_by_name() {
  std::array<std::uint16_t, kPointCount> order{};
  for (std::size_t i = 0; i < kPointCount; ++i) {
    std::size_t at = i;
    for (; at > 0 && kPoints[i].name < kPoints[order[at - 1]].name; --at) order[at] = order[at - 1];
    order[at] = static_cast<std::uint16_t>(i);
  }
  return order;
}
inline constexpr auto kPointsByName = points_by_name();
consteval bool names_are_unique() {
  for (std::size_t i = 1; i < kPointCount; ++i) {
    if (kPoints[kPointsByName[i - 1]].name == kPoints[kPointsByName[i]].name) return false;
  }
  return true;
}
}  // namespace detail
static_assert(detail::names_are_unique(), "a point has one row");

/// The point of that name; NotFound when the vocabulary has none.
constexpr Result<PointId> find_point(std::string_view name) {
  std::size_t low = 0;
  std::size_t high = kPointCount;
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    const PointInfo& row = kPoints[detail::kPointsByName[middle]];
    if (row.name == name) return PointId{detail::kPointsByName[middle]};
    if (row.name < name) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return fail(ErrorCode::NotFound);
}

/// point("soc"), checked at compile time: a name that is not in the table does not compile.
consteval PointId point(std::string_view name) { return find_point(name).value(); }

/// The value of a symbol of a Choice or the bit of a symbol of a Flags point, at compile time.
consteval std::uint8_t symbol(std::string_view point_name, std::string_view symbol_name) {
  const PointInfo& row = info(point(point_name));
  for (std::size_t i = 0; i < row.symbols.size(); ++i) {
    if (row.symbols[i] == symbol_name) return static_cast<std::uint8_t>(i);
  }
  assertion_failed("symbol is in the vocabulary", "", 0);  // not constant: does not compile
}

}  // namespace weco
