// SPDX-License-Identifier: Apache-2.0
// A device family as data: which point lies where on its wire, what its fault codes and ports mean.
// A profile is a Lua file in data mode: one table of plain values, read by an interpreter without
// libraries, with a budget. The loader is strict, because a wrong row here is a wrong reading on
// every site: it refuses whatever it does not know and says file, line, row and what is allowed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/points/vocabulary.hpp"
#include "host/failure/failure.hpp"
#include "host/link/link.hpp"

namespace weco {

/// Who answers for a map: the vendor published it, others found it out, or it is our own.
enum class ProfileStatus : std::uint8_t { Vendor, Community, Open };
enum class ProtocolKind : std::uint8_t { Modbus, CanBms, Pylontech };
/// What carries the protocol.
enum class Carrier : std::uint8_t { Rtu, Tcp, RtuOverTcp, Ble, Serial, Can };
enum class RegisterTable : std::uint8_t { Holding, Input, Coil, Discrete };
enum class WireType : std::uint8_t {
  U16,
  S16,
  U32,
  S32,
  U64,
  S64,
  F32,     // IEEE 754 single
  Text,    // two bytes a register, ends at the first zero byte
  Bits16,  // flags or raw bits
  Bits32,
  Bits64,
  Bit,        // one coil or discrete input
  Decimal16,  // an unsigned number that is shown as text: a version, a serial number
  Decimal32,
  Decimal64,
  Clock6,      // year after 2000, month, day, hour, minute, second: a byte each
  Clock8,      // year in two bytes, then month, day, hour, minute, second and a zero byte
  HourMinute,  // a byte each, as minutes after midnight
};
/// What is special about the frames of a family that otherwise is Modbus.
enum class ModbusVariant : std::uint8_t {
  Plain,
  Bluetti,      // a module that may want an encrypted link first, or lose its controller
  WecoService,  // a keyed tail in the place of the checksum
};
/// How sure a row is, best first.
enum class Confidence : std::uint8_t {
  Own,      // we define it (status open)
  Vendor,   // printed by the vendor
  Several,  // independent sources agree
  Single,   // one source
  Assumed,  // nobody says so; the row's note tells why it is believed
};

std::string_view name(ProfileStatus status);   // "vendor", "community", "open"
std::string_view name(ProtocolKind kind);      // "modbus", "canbms", "pylontech"
std::string_view name(Carrier carrier);        // "rtu", "tcp", "rtu_over_tcp", ...
std::string_view name(RegisterTable table);    // "holding", "input", "coil", "discrete"
std::string_view name(WireType type);          // "u16", ...
std::string_view name(Confidence confidence);  // "own", "vendor", ...
std::string_view name(ModbusVariant variant);  // "plain", "bluetti", "weco_service"

/// Where something about the family is written down.
struct ProfileSource {
  std::string document;
  std::string revision;
  std::string note;
  Confidence confidence = Confidence::Own;
};

/// Where BLUETTI's radios keep name and password of the WiFi, in clear: never read, whoever asks.
inline constexpr std::uint16_t kBluettiWifiFirst = 12000;
inline constexpr std::uint16_t kBluettiWifiLast = 12050;

struct ProfileProtocol {
  ProtocolKind kind = ProtocolKind::Modbus;
  std::vector<Carrier> over;
  std::uint8_t unit = 1;        // address to try first
  std::uint8_t unit_max = 247;  // last address that makes sense for this family
  ModbusVariant variant = ModbusVariant::Plain;
  bool low_word_first = false;                 // order of the registers of one value
  bool text_low_byte_first = false;            // order of the two characters of a register
  std::uint16_t registers_per_read_max = 125;  // 1..125
  std::uint16_t gap_max = 0;     // registers without a row that a read may bridge (they answer 0)
  std::uint16_t pause_ms = 0;    // silence the device wants between an answer and a request
  std::uint16_t timeout_ms = 0;  // longest time the device takes to answer; 0: unpublished
  std::vector<std::uint16_t> borders;   // addresses that no read may reach across, sorted
  std::vector<LineSettings> lines;      // serial settings in the order a scan tries them
  std::vector<std::uint32_t> bitrates;  // CAN speeds in the order a scan tries them
  std::vector<std::uint8_t> functions;  // Modbus functions the family answers
  std::string radio_name;  // how the name begins that its Bluetooth advertises; digits follow
};

/// One thing to ask that tells this family from others; all entries must hold. Reads only.
struct IdentifyRule {
  enum class Kind : std::uint8_t { Point, CanId, Command };
  Kind kind = Kind::Point;
  PointRef point;              // Kind::Point, at the device itself
  std::string pattern;         // text: '*' any run, '?' any byte; empty: not tested
  std::optional<Decimal> min;  // number, in the point's unit, inclusive
  std::optional<Decimal> max;
  std::uint32_t number = 0;  // Kind::CanId: identifier; Kind::Command: command code
  std::string note;
  /// Whether a reading of `point` passes. False for anything not Good.
  [[nodiscard]] bool holds(const Reading& reading) const;
};

/// A wire value and what it stands for.
struct WireSymbol {
  std::int64_t wire = 0;   // value, or bit position in a set
  std::int64_t means = 0;  // symbol of a Choice or Flags point; the number for a Number point
};

/// One row: a point and its place. For a repeated row, `index` is the first.
struct ProfileRow {
  PointId id{};
  std::uint8_t index = 0;    // 0 for scalars
  std::uint8_t count = 1;    // how many indexes follow each other
  std::uint16_t stride = 0;  // registers from one to the next
  RegisterTable table = RegisterTable::Input;
  std::uint16_t address = 0;  // relative to the group
  WireType type = WireType::U16;
  std::uint8_t registers = 1;  // size of one value; 1 for coils too
  std::int32_t numerator = 1;  // value = (wire * numerator + offset) * 10^exponent
  std::int32_t offset = 0;
  std::int8_t exponent = 0;
  std::uint8_t part_low = 0;          // lowest bit of the part of the register that the row means
  std::uint8_t part_bits = 0;         // its width; 0: the whole value
  std::optional<PointId> count_from;  // a point of the same node that tells how many indexes exist
  bool negated = false;               // the wire counts the other way than the vocabulary
  bool proves_node = false;           // when this is not there, nothing of its group is
  bool writable = false;              // through the guard only
  std::int64_t range_min = 0;         // writable rows: allowed wire values, inclusive
  std::int64_t range_max = 0;
  std::vector<std::uint64_t> absent;  // wire patterns that mean "not there"
  std::vector<WireSymbol> symbols;    // sorted by wire; empty: none needed
  Confidence confidence = Confidence::Own;
  std::string note;
  int line = 0;  // in the profile's file
};

/// Rows that repeat together: one for each tower, each module. Depth: device -> group -> group.
struct ProfileGroup {
  NodeKind node = NodeKind::None;     // None: the device itself, exactly once
  std::optional<PointId> count_from;  // a point of the parent that tells how many there are
  std::uint8_t first = 1;             // number of the first instance
  std::uint8_t max = 1;               // instances the map has room for
  std::uint16_t stride = 0;           // registers from one instance to the next
  std::uint16_t address = 0;          // of the first instance, relative to the parent
  std::vector<ProfileRow> rows;
  std::vector<ProfileGroup> groups;
  int line = 0;
};

/// A named variant of a protocol that has no map of its own (CAN, RS485 text protocols).
struct ProfileDialect {
  std::string name;
  std::string title;
  std::string note;
};

struct Profile {
  std::string family;
  std::string title;
  std::string vendor;
  std::string file;  // where it was read from, for messages
  ProfileStatus status = ProfileStatus::Community;
  NodeKind node = NodeKind::None;           // what the device itself is
  std::vector<std::string> model_patterns;  // as written: "SMART-S3-{8K,10K}-B{20,25}"
  std::vector<std::string> models;          // every model the patterns stand for; empty: any
  std::vector<ProfileSource> sources;
  ProfileProtocol protocol;
  std::vector<IdentifyRule> identify;
  std::vector<ProfileDialect> dialects;
  ProfileGroup root;  // node None
  /// Whether this model exists; BadInput with the closest one and the patterns when not (WS-01).
  [[nodiscard]] Done check_model(std::string_view model) const;
};

enum class Severity : std::uint8_t { Info, Warning, Alarm, Fault };
std::string_view name(Severity severity);

/// A code of the family, in our own words.
struct FaultInfo {
  std::string code;  // "F013"
  std::string name;
  Severity severity = Severity::Fault;
  std::vector<std::string> actions;       // in order
  PointId carrier = point("fault_word");  // or alarm_word, warning_word
  std::uint8_t word = 0;                  // index of the carrier that has it; 0: none
  std::uint8_t bit = 0;                   // in that word
  std::string note;
};

/// What a light or a buzzer means when its point shows this.
struct LightInfo {
  std::string part;  // "Power LED"
  PointId point{};
  std::uint8_t index = 0;
  NodeKind node = NodeKind::None;  // of which part of the device; None: the device itself
  std::uint64_t shows = 0;         // symbol of a Choice, bit of Flags
  std::string means;
};

struct PortPin {
  std::string pin;  // "1", "A1"
  std::string signal;
  std::string note;
};
struct PortInfo {
  std::string name;  // "BAT1"
  std::string title;
  std::string connector;  // "RJ45"; empty: unpublished
  std::vector<PortPin> pins;
  std::string note;
};

/// A way by which a device takes firmware, as its manual tells.
struct UpdateRoute {
  enum class Kind : std::uint8_t { Computer, App, Stick };  // a stick or a card
  Kind kind = Kind::Computer;
  std::string title;
  std::vector<std::string> steps;
  std::string note;
  bool fat32 = false;        // a stick must be
  std::uint32_t max_GB = 0;  // a stick may have; 0: nobody says
  bool unzipped = false;     // the files on it must be
};
inline constexpr std::array<std::string_view, 3> kUpdateRouteNames = {"computer", "app", "stick"};

/// Bounds of a profile text; beyond them it is refused before anything is believed.
inline constexpr std::size_t kProfileTextMax = std::size_t{256} * 1024;
inline constexpr std::size_t kProfileMemoryMax = std::size_t{8} * 1024 * 1024;
inline constexpr std::size_t kProfileBlockMax = std::size_t{1024} * 1024;  // one string or array
inline constexpr std::size_t kProfileTurnoverMax = std::size_t{64} * 1024 * 1024;  // ever taken
inline constexpr int kProfileInstructionsMax = 200000;
inline constexpr int kProfileDepthMax = 10;
inline constexpr std::size_t kProfileValuesMax = 50000;

/// Strict. `file` is used in messages only. BadInput: the text is wrong, `where` is "file:line";
/// Exhausted: it uses up a budget.
Outcome<Profile> load_profile(std::string_view text, const std::string& file);
Outcome<std::vector<FaultInfo>> load_faults(std::string_view text, const std::string& file);
Outcome<std::vector<LightInfo>> load_lights(std::string_view text, const std::string& file);
Outcome<std::vector<UpdateRoute>> load_update_routes(std::string_view text,
                                                     const std::string& file);
Outcome<std::vector<PortInfo>> load_ports(std::string_view text, const std::string& file);

/// '*' stands for any run of bytes, '?' for one.
bool matches_pattern(std::string_view pattern, std::string_view text);

}  // namespace weco
