// SPDX-License-Identifier: Apache-2.0
// The 0x35x family as one table: each value of each frame, once. The decoder, the encoder of
// simulated batteries and the printed reference are made from these rows, so they cannot disagree.
// Sources are counted per row: 1 means that a single document or capture says so.
#pragma once

#include <iterator>
#include <span>
#include <string_view>

#include "core/points/vocabulary.hpp"
#include "core/protocol/canbms/assumption.hpp"
#include "core/protocol/canbms/dialect.hpp"

namespace weco::canbms {

/// How the bytes of a field become a value. All are little-endian. The kinds after Text need
/// arithmetic or memory of other frames.
enum class Type : std::uint8_t {
  U8,
  U16,    // 0xFFFF: the device has no value
  S16,    // 0x8000: the device has no value
  U32,    // 0xFFFFFFFF: the device has no value
  Word8,  // bits kept as they are
  Word16,
  Word32,          // as many of the 4 bytes as the frame carries
  Text,            // 8 bytes, or as many as the frame carries; padding at the end is dropped
  TextHead,        // the first 8 bytes of 16
  TextTail,        // the last 8 bytes of 16
  ChargeVoltage,   // u16, remembered for the scale of the pack voltage
  EndVoltage,      // u16, likewise
  ChargeLimit,     // s16; 0x8000 and 0xFFFF: the device has no value
  DischargeLimit,  // the same, a negative one is shown as its magnitude
  SocCoarse,       // u16 in 1 %, unless the fine one of the same frame agrees with it
  SocFine,         // u16 in 0.01 %, where it agrees with the coarse one
  AhBesideSoc,     // u16, where the fine state of charge agrees
  PackVoltage,     // s16 in 0.01 V or 0.1 V
  PackCurrent,     // s16
  Temperature,     // s16 in 0.1 C; -150.0: no sensor
  Kelvin,          // u16
  PositiveAh,      // u16, 0: the device has no value
  Version,         // 2 bytes
  Protections,     // u16 of 0x359
  Warnings,        // u16 of 0x359
  AlarmPairs,      // pairs of bits of 0x35A
  WarningPairs,
  Requests,     // u8 of 0x35C
  BmsRequests,  // u8 of 0x35B
};

inline constexpr std::string_view kTypeNames[] = {"u8",
                                                  "u16",
                                                  "s16",
                                                  "u32",
                                                  "word8",
                                                  "word16",
                                                  "word32",
                                                  "text",
                                                  "text_head",
                                                  "text_tail",
                                                  "charge_voltage",
                                                  "end_voltage",
                                                  "charge_limit",
                                                  "discharge_limit",
                                                  "soc_coarse",
                                                  "soc_fine",
                                                  "ah_beside_soc",
                                                  "pack_voltage",
                                                  "pack_current",
                                                  "temperature",
                                                  "kelvin",
                                                  "positive_ah",
                                                  "version",
                                                  "protections",
                                                  "warnings",
                                                  "alarm_pairs",
                                                  "warning_pairs",
                                                  "requests",
                                                  "bms_requests"};
static_assert(std::size(kTypeNames) == static_cast<std::size_t>(Type::BmsRequests) + 1);
/// The name for listings.
constexpr std::string_view name(Type type) { return kTypeNames[static_cast<std::size_t>(type)]; }

/// When a row applies, where several forms of a frame exist.
enum class Rule : std::uint8_t {
  Always,
  LooksLikeText,     // 0x370/0x371: all bytes printable or padding
  LooksLikeCells,    // 0x370: two temperatures and two cell voltages that can be
  LongerThan4,       // 0x372/0x373: LYNK II sends versions in 4 bytes there
  MakerIsPylontech,  // 0x35E begins with PYLON
  MakerIsOther,      // 0x35E seen and begins otherwise
  DialectIsDeyePcs,
};

struct Field {
  std::uint16_t id;
  std::uint8_t byte;  // first byte
  Type type;
  std::int8_t exponent;  // value = raw x 10^exponent in the point's unit
  PointId point;
  std::uint8_t index;  // of the point; 0 for scalars
  Rule rule;
  Dialects dialects;     // who is known to send it
  std::uint8_t sources;  // independent ones that agree
  bool disputed;         // sources disagree; the note says how
  std::string_view note;
};

namespace detail {
using enum Dialect;
inline constexpr Dialects kP12 = set_of(Pylontech12, PylontechPlus, DeyeLv);
inline constexpr Dialects kPlus = set_of(PylontechPlus);
inline constexpr Dialects kSma = set_of(SmaVictron);
inline constexpr Dialects kPair = set_of(SmaVictron, Pylontech13, DiscoverLynk2);
inline constexpr Dialects kAll35x = set_of(Common35x, Pylontech12, Pylontech13, PylontechPlus,
                                           SmaVictron, DiscoverLynk2, DeyeLv, DeyePcs, Sofar);
inline constexpr Dialects kLists = set_of(PylontechPlus, SmaVictron);
inline constexpr Dialects kPytes = set_of(PytesNative);
inline constexpr Dialects kDisc = set_of(DiscoverLynk2);
inline constexpr Dialects kPcs = set_of(DeyePcs);
}  // namespace detail

// Sorted by id. Columns: id, first byte, type, exponent, point, index, rule, dialects, sources,
// disputed, note.
inline constexpr Field kFields[] = {
    {0x200, 0, Type::U16, -3, point("cell_voltage_max"), 0, Rule::DialectIsDeyePcs, detail::kPcs, 1,
     false, "captures of one maker"},
    {0x200, 2, Type::U16, -3, point("cell_voltage_min"), 0, Rule::DialectIsDeyePcs, detail::kPcs, 1,
     false, ""},
    {0x200, 4, Type::Temperature, -1, point("cell_temperature_max"), 0, Rule::DialectIsDeyePcs,
     detail::kPcs, 1, false, ""},
    {0x200, 6, Type::Temperature, -1, point("cell_temperature_min"), 0, Rule::DialectIsDeyePcs,
     detail::kPcs, 1, false, ""},
    {0x351, 0, Type::ChargeVoltage, -1, point("charge_voltage_limit"), 0, Rule::Always,
     detail::kAll35x, 9, false, "SMA: 0xFFFF means use the default"},
    {0x351, 2, Type::ChargeLimit, -1, point("charge_current_limit"), 0, Rule::Always,
     detail::kAll35x, 9, false, "a negative one is impossible and shown as such"},
    {0x351, 4, Type::DischargeLimit, -1, point("discharge_current_limit"), 0, Rule::Always,
     detail::kAll35x, 9, true, "early diyBMS sends it negative"},
    {0x351, 6, Type::EndVoltage, -1, point("discharge_voltage_limit"), 0, Rule::Always,
     detail::kAll35x, 8, false, "missing in older Pylontech firmware (6 bytes)"},
    {0x354, 0, Type::U16, 0, point("rated_capacity"), 0, Rule::Always, detail::kDisc, 1, false, ""},
    {0x354, 2, Type::U16, 0, point("remaining_capacity"), 0, Rule::Always, detail::kDisc, 1, false,
     "agrees with the state of charge of the capture"},
    {0x355, 0, Type::SocCoarse, 0, point("soc"), 0, Rule::Always, detail::kAll35x, 9, false, ""},
    {0x355, 2, Type::U16, 0, point("soh"), 0, Rule::Always, detail::kAll35x, 9, false, ""},
    {0x355, 4, Type::SocFine, -2, point("soc"), 0, Rule::Always,
     set_of(Dialect::SmaVictron, Dialect::Sofar), 5, true,
     "taken only within 1 % of the coarse one; Luxpower sends the highest cell here"},
    {0x355, 6, Type::AhBesideSoc, 0, point("remaining_capacity"), 0, Rule::Always,
     set_of(Dialect::Sofar), 2, true, "Luxpower sends the lowest cell here"},
    {0x356, 0, Type::PackVoltage, -2, point("pack_voltage"), 0, Rule::Always, detail::kAll35x, 9,
     true, "0.1 V in Sol-Ark's document, HYB and Discover; decided by the limits of 0x351"},
    {0x356, 2, Type::PackCurrent, -1, point("pack_current"), 0, Rule::Always, detail::kAll35x, 9,
     true, "charging positive; Sol-Ark says that it varies by maker"},
    {0x356, 4, Type::Temperature, -1, point("pack_temperature"), 0, Rule::Always, detail::kAll35x,
     9, false, "-150.0: no sensor (YamBMS)"},
    {0x359, 0, Type::Protections, 0, point("protections"), 0, Rule::Always, detail::kP12, 5, false,
     "emulators use other bits; the word is kept"},
    {0x359, 0, Type::Word16, 0, point("fault_word"), 1, Rule::Always, detail::kP12, 5, false, ""},
    {0x359, 2, Type::Warnings, 0, point("warnings"), 0, Rule::Always, detail::kP12, 5, false, ""},
    {0x359, 2, Type::Word16, 0, point("warning_word"), 1, Rule::Always, detail::kP12, 5, false, ""},
    {0x359, 4, Type::U8, 0, point("module_count"), 0, Rule::Always, detail::kP12, 5, false, ""},
    {0x35A, 0, Type::AlarmPairs, 0, point("alarms"), 0, Rule::Always, detail::kPair, 8, true,
     "1 is raised, 2 is normal; Safiery's paper prints them the other way"},
    {0x35A, 0, Type::Word32, 0, point("alarm_word"), 2, Rule::Always, detail::kPair, 8, false, ""},
    {0x35A, 4, Type::WarningPairs, 0, point("warnings"), 0, Rule::Always, detail::kPair, 8, true,
     ""},
    {0x35A, 4, Type::Word32, 0, point("warning_word"), 2, Rule::Always, detail::kPair, 8, false,
     ""},
    {0x35B, 0, Type::BmsRequests, 0, point("status_word"), 1, Rule::Always, detail::kSma, 2, false,
     "bits: start and stop recalibration, start and stop power limit, shutdown"},
    {0x35C, 0, Type::Requests, 0, point("permissions"), 0, Rule::Always, detail::kP12, 5, false,
     "missing in firmware 1.3"},
    {0x35C, 0, Type::Word8, 0, point("status_word"), 2, Rule::Always, detail::kP12, 5, false, ""},
    {0x35E, 0, Type::Text, 0, point("vendor"), 0, Rule::Always, detail::kAll35x, 9, false,
     "padded with spaces (Pylontech) or zeros (BYD)"},
    {0x35F, 0, Type::U16, 0, point("device_type"), 0, Rule::Always, detail::kPair | detail::kPlus,
     3, true, "battery type (SMA) or product id (Victron)"},
    {0x35F, 2, Type::Version, 0, point("firmware_version"), 0, Rule::Always,
     detail::kPair | detail::kPlus, 2, true, "MG reads 01 18 as 1.24, BYD 01 17 as 1.17"},
    {0x35F, 4, Type::PositiveAh, 0, point("full_capacity"), 0, Rule::MakerIsPylontech,
     set_of(Dialect::Pylontech13, Dialect::PylontechPlus), 2, true, "SMA: capacity"},
    {0x35F, 4, Type::PositiveAh, 0, point("remaining_capacity"), 0, Rule::MakerIsOther,
     detail::kSma, 2, true, "Victron, BYD: available"},
    {0x361, 0, Type::U16, -3, point("cell_voltage_max"), 0, Rule::DialectIsDeyePcs, detail::kPcs, 1,
     false, "captures of one maker"},
    {0x361, 2, Type::U16, -3, point("cell_voltage_min"), 0, Rule::DialectIsDeyePcs, detail::kPcs, 1,
     false, ""},
    {0x361, 4, Type::Temperature, -1, point("cell_temperature_max"), 0, Rule::DialectIsDeyePcs,
     detail::kPcs, 1, false, ""},
    {0x361, 6, Type::Temperature, -1, point("cell_temperature_min"), 0, Rule::DialectIsDeyePcs,
     detail::kPcs, 1, false, ""},
    {0x370, 0, Type::TextHead, 0, point("model"), 0, Rule::LooksLikeText,
     set_of(Dialect::SmaVictron, Dialect::DiscoverLynk2), 3, false, ""},
    {0x370, 0, Type::Temperature, -1, point("cell_temperature_max"), 0, Rule::LooksLikeCells,
     detail::kPlus, 3, true, "order proven against 0x373; one paper prints minimum first"},
    {0x370, 2, Type::Temperature, -1, point("cell_temperature_min"), 0, Rule::LooksLikeCells,
     detail::kPlus, 3, true, ""},
    {0x370, 4, Type::U16, -3, point("cell_voltage_max"), 0, Rule::LooksLikeCells, detail::kPlus, 3,
     true, ""},
    {0x370, 6, Type::U16, -3, point("cell_voltage_min"), 0, Rule::LooksLikeCells, detail::kPlus, 3,
     true, ""},
    {0x371, 0, Type::TextTail, 0, point("model"), 0, Rule::LooksLikeText,
     set_of(Dialect::SmaVictron, Dialect::DiscoverLynk2), 3, false, ""},
    {0x372, 0, Type::U16, 0, point("modules_online"), 0, Rule::LongerThan4, detail::kLists, 3, true,
     "LYNK II: 4 bytes of firmware version"},
    {0x372, 2, Type::U16, 0, point("modules_blocking_charge"), 0, Rule::LongerThan4, detail::kLists,
     3, false, ""},
    {0x372, 4, Type::U16, 0, point("modules_blocking_discharge"), 0, Rule::LongerThan4,
     detail::kLists, 3, false, ""},
    {0x372, 6, Type::U16, 0, point("modules_offline"), 0, Rule::LongerThan4, detail::kLists, 3,
     false, ""},
    {0x373, 0, Type::U16, -3, point("cell_voltage_min"), 0, Rule::LongerThan4, detail::kLists, 5,
     true, "LYNK II: 4 bytes of protocol version"},
    {0x373, 2, Type::U16, -3, point("cell_voltage_max"), 0, Rule::LongerThan4, detail::kLists, 5,
     false, ""},
    {0x373, 4, Type::Kelvin, 0, point("cell_temperature_min"), 0, Rule::LongerThan4, detail::kLists,
     5, true, "offset 273, 273.15 or 272"},
    {0x373, 6, Type::Kelvin, 0, point("cell_temperature_max"), 0, Rule::LongerThan4, detail::kLists,
     5, true, ""},
    {0x374, 0, Type::Text, 0, point("cell_voltage_min_position"), 0, Rule::Always, detail::kLists,
     4, false, ""},
    {0x375, 0, Type::Text, 0, point("cell_voltage_max_position"), 0, Rule::Always, detail::kLists,
     4, false, ""},
    {0x376, 0, Type::Text, 0, point("cell_temperature_min_position"), 0, Rule::Always,
     detail::kLists, 4, false, ""},
    {0x377, 0, Type::Text, 0, point("cell_temperature_max_position"), 0, Rule::Always,
     detail::kLists, 4, false, ""},
    {0x378, 0, Type::U32, -1, point("energy_charged_total"), 0, Rule::Always, detail::kSma, 3, true,
     "MG: 0.01 kWh"},
    {0x378, 4, Type::U32, -1, point("energy_discharged_total"), 0, Rule::Always, detail::kSma, 3,
     true, ""},
    {0x379, 0, Type::U16, 0, point("rated_capacity"), 0, Rule::Always, detail::kLists, 5, false,
     ""},
    {0x380, 0, Type::TextHead, 0, point("serial_number"), 0, Rule::Always, detail::kSma, 2, true,
     "REC puts the model here"},
    {0x381, 0, Type::TextTail, 0, point("serial_number"), 0, Rule::Always, detail::kSma, 2, true,
     ""},
    {0x382, 0, Type::Text, 0, point("product_code"), 0, Rule::Always, detail::kSma, 2, false,
     "product family"},
    {0x400, 0, Type::ChargeVoltage, -1, point("charge_voltage_limit"), 0, Rule::Always,
     detail::kPytes, 2, false, "two captures with stated values"},
    {0x400, 2, Type::ChargeLimit, -1, point("charge_current_limit"), 0, Rule::Always,
     detail::kPytes, 2, false, ""},
    {0x400, 4, Type::DischargeLimit, -1, point("discharge_current_limit"), 0, Rule::Always,
     detail::kPytes, 2, false, ""},
    {0x400, 6, Type::EndVoltage, -1, point("discharge_voltage_limit"), 0, Rule::Always,
     detail::kPytes, 2, false, ""},
    {0x404, 0, Type::U16, 0, point("soc"), 0, Rule::Always, detail::kPytes, 2, false, ""},
    {0x404, 2, Type::U16, 0, point("soh"), 0, Rule::Always, detail::kPytes, 2, false, ""},
    {0x404, 6, Type::U16, 0, point("cycle_count"), 0, Rule::Always, detail::kPytes, 1, false, ""},
    {0x405, 0, Type::PackVoltage, -2, point("pack_voltage"), 0, Rule::Always, detail::kPytes, 2,
     false, ""},
    {0x405, 2, Type::PackCurrent, -1, point("pack_current"), 0, Rule::Always, detail::kPytes, 1,
     true, "only 0 was ever published"},
    {0x405, 4, Type::Temperature, -1, point("pack_temperature"), 0, Rule::Always, detail::kPytes, 2,
     false, ""},
    {0x409, 0, Type::U32, -3, point("full_capacity"), 0, Rule::Always, detail::kPytes, 1, false,
     "agrees with the state of charge in both captures"},
    {0x409, 4, Type::U32, -3, point("remaining_capacity"), 0, Rule::Always, detail::kPytes, 1,
     false, ""},
    {0x40A, 0, Type::Text, 0, point("vendor"), 0, Rule::Always, detail::kPytes, 1, false,
     "5 bytes"},
};
inline constexpr std::size_t kFieldCount = std::size(kFields);

/// The rows, for listings.
constexpr std::span<const Field> fields() { return kFields; }

/// Ids of the family that an inverter sends: presence matters, the content is not the battery's.
inline constexpr std::uint16_t kInverterIds[] = {0x305, 0x306, 0x307};

/// One bit of 0x359, in bytes 0-1 (protections) or 2-3 (warnings); bit 8 is bit 0 of the second.
struct BitEvent {
  std::uint8_t bit;
  std::uint8_t event;  // bit of the vocabulary's battery_events
};
inline constexpr BitEvent kProtectionBits[] = {
    {1, symbol("protections", "high_voltage")},
    {2, symbol("protections", "low_voltage")},
    {3, symbol("protections", "temperature_high")},
    {4, symbol("protections", "temperature_low")},
    {7, symbol("protections", "discharge_overcurrent")},
    {8, symbol("protections", "charge_overcurrent")},
    {11, symbol("protections", "system_error")},
};
inline constexpr BitEvent kWarningBits[] = {
    {1, symbol("warnings", "high_voltage")},          {2, symbol("warnings", "low_voltage")},
    {3, symbol("warnings", "temperature_high")},      {4, symbol("warnings", "temperature_low")},
    {7, symbol("warnings", "discharge_overcurrent")}, {8, symbol("warnings", "charge_overcurrent")},
    {11, symbol("warnings", "communication")},
};
/// Pairs of 0x35A, pair n = bits 2n and 2n+1. Pairs 13 to 15 are reserved, or not for a battery.
inline constexpr BitEvent kPairs[] = {
    {0, symbol("alarms", "general")},
    {1, symbol("alarms", "high_voltage")},
    {2, symbol("alarms", "low_voltage")},
    {3, symbol("alarms", "temperature_high")},
    {4, symbol("alarms", "temperature_low")},
    {5, symbol("alarms", "charge_temperature_high")},
    {6, symbol("alarms", "charge_temperature_low")},
    {7, symbol("alarms", "discharge_overcurrent")},
    {8, symbol("alarms", "charge_overcurrent")},
    {9, symbol("alarms", "contactor")},
    {10, symbol("alarms", "short_circuit")},
    {11, symbol("alarms", "internal")},
    {12, symbol("alarms", "cell_imbalance")},
};
/// Bits of 0x35C.
inline constexpr BitEvent kRequestBits[] = {
    {7, symbol("permissions", "charge_enable")},
    {6, symbol("permissions", "discharge_enable")},
    {5, symbol("permissions", "force_charge_now")},
    {4, symbol("permissions", "force_charge_soon")},
    {3, symbol("permissions", "full_charge_request")},
};

/// How many bytes a field takes. Text and words of 32 bits are shorter in a shorter frame.
constexpr std::uint8_t width(Type type) {
  switch (type) {
    case Type::U8:
    case Type::Word8:
    case Type::Text:
    case Type::TextHead:
    case Type::TextTail:
    case Type::Word32:
    case Type::AlarmPairs:
    case Type::WarningPairs:
    case Type::Requests:
    case Type::BmsRequests:
      return 1;
    case Type::U32:
      return 4;
    default:
      return 2;
  }
}

}  // namespace weco::canbms
