// SPDX-License-Identifier: Apache-2.0
// The tables behind faults.hpp. Sources: WeCo manual table 8-2; EP760 manual chapter 11 and table
// 3-10. In the EP760's list several numbers share the advice of a merged cell; where the cell's
// reach is not clear the advice is left out instead of guessed. Number 101 has no text there.
#pragma once

#include <array>
#include <string_view>

#include "core/ems/faults.hpp"

namespace weco::ems::detail {

inline constexpr std::string_view kRestart =
    "Restart the inverter; if the fault stays, call the manufacturer.";
inline constexpr std::string_view kWait =
    "Switch the inverter off, wait 30 minutes, start it again; if it stays, call the vendor.";
inline constexpr std::string_view kCall = "Call the vendor.";
inline constexpr std::string_view kPvHigh =
    "Compare the total voltage of the panels with the limit and remove panels.";
inline constexpr std::string_view kInsulation =
    "Look for a short circuit between the panels and earth.";
inline constexpr std::string_view kLines =
    "Check the plugs of the external communication lines and restart; if it stays, call the "
    "vendor.";
inline constexpr std::string_view kAmbient =
    "Keep the system inside its temperature range; if it stays, call the vendor.";
inline constexpr std::string_view kSeeApp = "See the details in the vendor's app.";
inline constexpr std::string_view kGrid =
    "Seldom: the grid had an upset and the inverter comes back by itself. Often: compare grid "
    "voltage and frequency with the specification, check the AC breaker and the wiring, then call "
    "the vendor.";
inline constexpr std::string_view kPvLow =
    "Check the PV wiring and that its voltage lies in the input range.";
inline constexpr std::string_view kString =
    "Compare the string with the PV limits and restart; if the fault stays, call the manufacturer.";
inline constexpr std::string_view kPolarity =
    "Check plus and minus of the string; touch it only when its current is below 0.5 A.";

consteval FaultInfo fault(std::uint16_t code, std::string_view name, std::string_view action,
                          Severity severity) {
  return {code, name, action, severity, false};
}
consteval FaultInfo reserved(std::uint16_t code) {
  return {code, "Reserved", "", Severity::Note, true};
}

// The element count is written out because GCC 12 puts arrays whose type is deduced into RAM.
inline constexpr std::array<FaultInfo, 41> kSmartFaults{
    fault(1, "Inverter failure", kRestart, Severity::Fault),
    fault(2, "Inverter relay failure", kRestart, Severity::Fault),
    fault(3, "Inverter overload (alarm)", "Switch loads off.", Severity::Alarm),
    fault(4, "Inverter overload (shut down)", "Switch loads off, then restart the inverter.",
          Severity::Fault),
    fault(5, "Meter or CT failure",
          "Check that the meter is a supported one, its line to the inverter and the CT wiring.",
          Severity::Alarm),
    fault(6, "No communication with the Wi-Fi module",
          "Check that the module is a supported one and that it is plugged in well.",
          Severity::Warning),
    fault(7, "Inverter too hot",
          "Check the surroundings against the permitted temperature, then restart the inverter.",
          Severity::Alarm),
    fault(8, "Leakage current too high",
          "Check the leakage current sensor and the protective earth.", Severity::Fault),
    fault(9, "Arc detected", "Check the arc sensor and the PV connectors.", Severity::Fault),
    fault(10, "Leakage current sensor failure",
          "Check that the sensor is fitted and its plug makes contact.", Severity::Alarm),
    fault(11, "Arc sensor failure", "Check that the sensor is fitted and its plug makes contact.",
          Severity::Alarm),
    fault(12, "External current sensor reversed", "Turn the sensor: its arrow points to the grid.",
          Severity::Alarm),
    fault(13, "PV insulation resistance too low",
          "Check the PV wiring and the protective earth of the system.", Severity::Fault),
    fault(14, "PV1 input failure", kString, Severity::Alarm),
    fault(15, "PV1 polarity reversed", kPolarity, Severity::Fault),
    fault(16, "PV2 input failure", kString, Severity::Alarm),
    fault(17, "PV2 polarity reversed", kPolarity, Severity::Fault),
    fault(18, "PV3 input failure", kString, Severity::Alarm),
    fault(19, "PV3 polarity reversed", kPolarity, Severity::Fault),
    fault(20, "PV4 input failure", kString, Severity::Alarm),
    fault(21, "PV4 polarity reversed", kPolarity, Severity::Fault),
    fault(22, "DC side failure", kRestart, Severity::Fault),
    fault(23, "Short circuit at the output",
          "Look for a short circuit in the backup loads and their wiring.", Severity::Fault),
    fault(24, "Grid failure",
          "Check grid voltage and frequency, the connection and the breakers; restart, then call "
          "the manufacturer.",
          Severity::Alarm),
    fault(25, "Generator failure",
          "Check generator voltage and frequency, the connection and the breakers; restart, then "
          "call the manufacturer.",
          Severity::Alarm),
    fault(49, "Slave unit 1 failure", kRestart, Severity::Fault),
    fault(50, "Slave unit 2 failure", kRestart, Severity::Fault),
    fault(51, "Slave unit 3 failure", kRestart, Severity::Fault),
    fault(52, "Slave unit 4 failure", kRestart, Severity::Fault),
    fault(53, "Slave unit 5 failure", kRestart, Severity::Fault),
    fault(54, "Slave unit 6 failure", kRestart, Severity::Fault),
    fault(55, "Slave unit 7 failure", kRestart, Severity::Fault),
    fault(56, "Slave unit 8 failure", kRestart, Severity::Fault),
    fault(57, "Slave unit 9 failure", kRestart, Severity::Fault),
    fault(58, "Slave unit 10 failure", kRestart, Severity::Fault),
    fault(59, "Slave unit 11 failure", kRestart, Severity::Fault),
    fault(60, "Slave unit 12 failure", kRestart, Severity::Fault),
    fault(61, "Slave unit 13 failure", kRestart, Severity::Fault),
    fault(62, "Slave unit 14 failure", kRestart, Severity::Fault),
    fault(63, "Slave unit 15 failure", kRestart, Severity::Fault),
    fault(64, "Slave unit 16 failure", kRestart, Severity::Fault),
};

inline constexpr std::array<FaultInfo, 143> kEp760Faults{
    fault(1, "Bus over-voltage", kWait, Severity::Fault),
    fault(2, "Bus 2 over-voltage", kWait, Severity::Fault),
    fault(3, "Bus under-voltage", kWait, Severity::Fault),
    fault(4, "Bus 2 under-voltage", kWait, Severity::Fault),
    fault(5, "Bus over-voltage (hardware)", kWait, Severity::Fault),
    fault(6, "Bus 2 over-voltage (hardware)", kWait, Severity::Fault),
    fault(7, "Battery over-voltage (hardware)", kWait, Severity::Fault),
    fault(8, "Inverter over-current (hardware)", kWait, Severity::Fault),
    reserved(9),
    fault(10, "LLC1 input over-current (hardware)", kWait, Severity::Fault),
    reserved(11),
    reserved(12),
    fault(13, "Auxiliary supply under-voltage", kWait, Severity::Fault),
    fault(14, "DC component in the output", kWait, Severity::Fault),
    fault(15, "Relay failure", kWait, Severity::Fault),
    fault(16, "PV connection wrong", kWait, Severity::Fault),
    fault(17, "PV1 over-current", kWait, Severity::Fault),
    fault(18, "PV2 over-current", kWait, Severity::Fault),
    fault(19, "PV3 over-current", kWait, Severity::Fault),
    fault(20, "PV1 voltage high", kPvHigh, Severity::Alarm),
    fault(21, "PV2 voltage high", kPvHigh, Severity::Alarm),
    fault(22, "PV3 voltage high", kPvHigh, Severity::Alarm),
    fault(23, "PV1 insulation failure", kInsulation, Severity::Fault),
    fault(24, "PV2 insulation failure", kInsulation, Severity::Fault),
    fault(25, "PV3 insulation failure", kInsulation, Severity::Fault),
    fault(26, "PV1 failure (hardware)", kCall, Severity::Fault),
    fault(27, "PV2 failure (hardware)", kCall, Severity::Fault),
    fault(28, "PV3 failure (hardware)", kCall, Severity::Fault),
    reserved(29),
    reserved(30),
    reserved(31),
    fault(32, "Fan failure", "Check that the fan turns.", Severity::Alarm),
    fault(33, "Zero drift of a measurement", kWait, Severity::Fault),
    fault(34, "Input over-current (hardware)", kWait, Severity::Fault),
    fault(35, "DC input voltage low", "Measure the DC voltage; it is too low.", Severity::Alarm),
    fault(36, "DC input voltage high", "Compare the DC voltage with what the battery may have.",
          Severity::Alarm),
    reserved(37),
    reserved(38),
    reserved(39),
    fault(40, "Inverter overload", "", Severity::Alarm),
    reserved(41),
    reserved(42),
    fault(43, "Output failure of L1", "", Severity::Fault),
    reserved(44),
    reserved(45),
    reserved(46),
    fault(47, "Communication failure", kWait, Severity::Alarm),
    reserved(48),
    fault(49, "DSP communication interrupted", kWait, Severity::Fault),
    fault(50, "BMS communication interrupted", kLines, Severity::Fault),
    fault(51, "IoT controller communication interrupted", kLines, Severity::Warning),
    fault(52, "Zero drift of a measurement (ARM)", kWait, Severity::Fault),
    fault(53, "Clock cannot be read or written", kWait, Severity::Warning),
    reserved(54),
    fault(55, "Ambient temperature outside the range", kAmbient, Severity::Alarm),
    fault(56, "Temperature 1 abnormal", kAmbient, Severity::Alarm),
    fault(57, "Temperature 2 abnormal", kAmbient, Severity::Alarm),
    fault(58, "Temperature 3 abnormal", kAmbient, Severity::Alarm),
    fault(59, "Temperature 4 abnormal", kAmbient, Severity::Alarm),
    fault(60, "BMS stopped charging", kSeeApp, Severity::Alarm),
    fault(61, "BMS stopped discharging", kSeeApp, Severity::Alarm),
    fault(62, "BMS failure", kSeeApp, Severity::Fault),
    reserved(63),
    reserved(64),
    fault(65, "PV over-voltage", "", Severity::Alarm),
    reserved(66),
    fault(67, "Bus soft start failed", "", Severity::Fault),
    reserved(68),
    reserved(69),
    reserved(70),
    reserved(71),
    reserved(72),
    reserved(73),
    reserved(74),
    reserved(75),
    reserved(76),
    reserved(77),
    reserved(78),
    reserved(79),
    reserved(80),
    reserved(81),
    reserved(82),
    reserved(83),
    reserved(84),
    reserved(85),
    reserved(86),
    reserved(87),
    reserved(88),
    reserved(89),
    reserved(90),
    reserved(91),
    reserved(92),
    reserved(93),
    reserved(94),
    reserved(95),
    reserved(96),
    fault(97, "Grid voltage high", kGrid, Severity::Alarm),
    fault(98, "Grid voltage low", kGrid, Severity::Alarm),
    fault(99, "Grid frequency high", kGrid, Severity::Alarm),
    fault(100, "Grid frequency low", kGrid, Severity::Alarm),
    fault(101, "", "", Severity::Note),
    fault(102, "Grid lost", kGrid, Severity::Alarm),
    fault(103, "PV1 voltage low", kPvLow, Severity::Warning),
    fault(104, "PV2 voltage low", kPvLow, Severity::Warning),
    fault(105, "PV3 voltage low", kPvLow, Severity::Warning),
    reserved(106),
    fault(107, "Debug CAN of the DSP failed", "", Severity::Warning),
    fault(108, "Debug RS485 of the DSP failed", "", Severity::Warning),
    fault(109, "Reconnection to the grid failed", "", Severity::Alarm),
    reserved(110),
    reserved(111),
    reserved(112),
    reserved(113),
    reserved(114),
    reserved(115),
    reserved(116),
    reserved(117),
    reserved(118),
    reserved(119),
    reserved(120),
    reserved(121),
    reserved(122),
    reserved(123),
    reserved(124),
    reserved(125),
    reserved(126),
    reserved(127),
    reserved(128),
    fault(129, "Settings memory cannot be read or written",
          "Enter the settings again in the vendor's app; if it stays, call the vendor.",
          Severity::Alarm),
    reserved(130),
    reserved(131),
    reserved(132),
    reserved(133),
    fault(134, "USB stick format wrong",
          "Use a FAT32 stick of at most 32 GB; see that the update files are there and not out of "
          "date.",
          Severity::Warning),
    fault(135, "USB update failed", "Switch the inverter on again; if it stays, call the vendor.",
          Severity::Alarm),
    reserved(136),
    fault(137, "USB communication failed", "", Severity::Warning),
    fault(138, "No update file on the USB stick", "Fetch the latest update files.",
          Severity::Warning),
    fault(139, "CT direction or phase sequence wrong",
          "Check direction and phase order of the CT; if it stays, call the vendor.",
          Severity::Alarm),
    fault(140, "Meter communication failed",
          "Check the meter's supply and its line to the inverter; if it stays, call technical "
          "support.",
          Severity::Alarm),
    reserved(141),
    reserved(142),
    fault(143, "Data is being cleared", "", Severity::Note),
};

/// EP-08, the manual's table 3-10.
inline constexpr std::array<std::uint16_t, 9> kBuzzerFaults{5, 6, 7, 8, 10, 26, 27, 28, 34};

struct ConditionRow {
  Condition condition;
  std::uint16_t smart;  // 0: the product has no number for it
  std::uint16_t ep760;
};
inline constexpr std::array<ConditionRow, kConditions> kConditionRows{{
    {Condition::OverloadAlarm, 3, 40},
    {Condition::OverloadTrip, 4, 40},
    {Condition::MeterLost, 5, 140},
    {Condition::CtReversed, 12, 139},
    {Condition::CtMisplaced, 5, 139},
    {Condition::GridVoltageHigh, 24, 97},
    {Condition::GridVoltageLow, 24, 98},
    {Condition::GridFrequencyHigh, 24, 99},
    {Condition::GridFrequencyLow, 24, 100},
    {Condition::GridLost, 24, 102},
    {Condition::AmbientOutside, 7, 55},
    {Condition::GeneratorFailed, 25, 0},
    {Condition::BatteryLinkLost, 0, 50},
    {Condition::Slave1Lost, 49, 0},
    {Condition::Slave2Lost, 50, 0},
    {Condition::Slave3Lost, 51, 0},
}};

template <std::size_t N>
consteval bool ascending(const std::array<FaultInfo, N>& table) {
  for (std::size_t i = 1; i < N; ++i) {
    if (table[i].code <= table[i - 1].code) return false;
  }
  return true;
}
consteval bool conditions_in_order() {
  for (std::size_t i = 0; i < kConditionRows.size(); ++i) {
    if (static_cast<std::size_t>(kConditionRows[i].condition) != i) return false;
  }
  return true;
}
static_assert(ascending(kSmartFaults) && ascending(kEp760Faults));
static_assert(kEp760Faults.back().code == 143 && kSmartFaults.back().code == 64, "all given");
static_assert(conditions_in_order(), "kConditionRows is indexed by Condition");

}  // namespace weco::ems::detail
