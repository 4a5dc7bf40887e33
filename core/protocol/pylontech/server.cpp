// SPDX-License-Identifier: Apache-2.0
#include "core/protocol/pylontech/server.hpp"

#include <algorithm>

#include "core/points/vocabulary.hpp"

namespace weco::pylontech {
namespace {

constexpr std::int64_t kZeroCelsius = 2731;

std::uint16_t u16(std::int64_t value) {
  return static_cast<std::uint16_t>(std::clamp<std::int64_t>(value, 0, 0xFFFF));
}
std::int16_t s16(std::int64_t value) {
  return static_cast<std::int16_t>(std::clamp<std::int64_t>(value, -0x8000, 0x7FFF));
}
std::uint8_t u8(std::int64_t value) {
  return static_cast<std::uint8_t>(std::clamp<std::int64_t>(value, 0, 0xFF));
}
bool has(std::uint64_t bits, std::uint8_t n) { return (bits >> n & 1U) != 0; }

struct EventBit {
  std::uint8_t event;
  std::uint8_t bit;
};
constexpr EventBit kStatus1[] = {
    {symbol("protections", "pack_undervoltage"), 7},
    {symbol("protections", "low_voltage"), 7},
    {symbol("protections", "charge_temperature_high"), 6},
    {symbol("protections", "temperature_high"), 6},
    {symbol("protections", "discharge_temperature_high"), 5},
    {symbol("protections", "discharge_overcurrent"), 4},
    {symbol("protections", "short_circuit"), 4},
    {symbol("protections", "charge_overcurrent"), 2},
    {symbol("protections", "cell_undervoltage"), 1},
    {symbol("protections", "pack_overvoltage"), 0},
    {symbol("protections", "cell_overvoltage"), 0},
    {symbol("protections", "high_voltage"), 0},
};
constexpr EventBit kStatus2[] = {
    {symbol("contactors", "discharge"), 2},
    {symbol("contactors", "charge"), 1},
    {symbol("contactors", "precharge"), 0},
};
constexpr EventBit kPermissions[] = {
    {symbol("permissions", "charge_enable"), 7},
    {symbol("permissions", "discharge_enable"), 6},
    {symbol("permissions", "force_charge_now"), 5},
    {symbol("permissions", "force_charge_soon"), 4},
    {symbol("permissions", "full_charge_request"), 3},
};

template <std::size_t N>
std::uint8_t pack(std::uint64_t events, const EventBit (&table)[N]) {
  std::uint32_t byte = 0;
  for (const EventBit& row : table) {
    if (has(events, row.event)) byte |= 1U << row.bit;
  }
  return static_cast<std::uint8_t>(byte);
}

/// 00 normal, 01 below, 02 above.
std::uint8_t state(std::uint64_t events, std::uint8_t below, std::uint8_t above) {
  if (has(events, above)) return 2;
  return has(events, below) ? std::uint8_t{1} : std::uint8_t{0};
}

}  // namespace

Server::Server(const Config& config, const ReadingSource& source)
    : config_(config), source_(source) {
  WECO_ASSERT(config.group <= 14 && config.modules >= 1 && config.modules <= 14);
}

Bytes Server::respond(Bytes data, Instant) {
  bool answered = false;
  Frame answer_frame;
  for (const std::uint8_t byte : data) {
    if (receiver_.feed(byte) != Receiver::Event::Frame || !request()) continue;
    answer_frame = Frame();
    answer_frame.address = request_.address;
    const ReturnCode code = answer(answer_frame);
    answer_frame.cid2 = static_cast<std::uint8_t>(code);
    if (code != ReturnCode::Ok) answer_frame.info.clear();
    answered = true;  // of several requests in one piece the last is answered: the others are stale
  }
  if (!answered) return {};
  const Result<Bytes> wire = encode(answer_frame, out_);
  return wire ? *wire : Bytes{};
}

/// True when the received text is a request to one of our modules, or to the group as address 1.
bool Server::request() {
  if (!parse(receiver_.text(), request_) || !is_request(request_)) return false;
  const auto group = static_cast<std::uint8_t>(request_.address >> 4);
  const std::uint8_t low = request_.address & 0x0FU;
  return request_.cid1 == kCid1Battery && group == config_.group && low >= 1 &&
         low <= config_.modules + 1;
}

ReturnCode Server::answer(Frame& out) {
  const CommandInfo* const row = find_command(request_.cid2);
  if (row == nullptr || (row->single_source && !config_.newer_commands)) {
    return ReturnCode::BadCommand;
  }
  if (row->names_module) return per_module(row->command, out);
  std::array<std::uint8_t, 64> room{};
  ByteWriter writer(room);
  const std::uint8_t module = module_of(request_.address);
  switch (row->command) {
    case Command::Limits:
      limits(module, writer);
      break;
    case Command::Maker:
      maker(module, writer);
      break;
    case Command::SystemAnalog:
      system_analog(writer);
      break;
    case Command::SystemAlarms:
      for (const char* point_name : {"alarm", "fault"}) {
        const PointId id = *point_name == 'a' ? point("alarm_word") : point("fault_word");
        for (std::uint8_t i = 1; i <= 2; ++i) {
          writer.u8(static_cast<std::uint8_t>(bits(id, config_.base, i)));
        }
      }
      break;
    case Command::SystemManagement:
      management(config_.base, writer);
      break;
    default:
      break;  // 4F: the version stands in VER
  }
  for (const std::uint8_t byte : writer.written()) static_cast<void>(out.info.push_back(byte));
  return ReturnCode::Ok;
}

ReturnCode Server::per_module(Command command, Frame& out) {
  if (request_.info.empty() || request_.info.size() > 2) return ReturnCode::BadFormat;
  const std::uint8_t asked = request_.info[0];
  const bool many = command == Command::Analog || command == Command::Alarms;
  const bool all = asked == kAllModules;
  if (all && !many) return ReturnCode::BadData;
  const std::uint8_t low = asked & 0x0FU;
  if (!all && (asked >> 4 != config_.group || low < 1 || low > config_.modules + 1)) {
    return ReturnCode::BadAddress;
  }
  std::array<std::uint8_t, kInfoMax> room{};
  ByteWriter writer(room);
  if (many) writer.u8(0x00);  // no unread changes
  writer.u8(all ? config_.modules : asked);
  const std::uint8_t first = all ? std::uint8_t{1} : module_of(asked);
  const std::uint8_t last = all ? config_.modules : first;
  for (std::uint8_t module = first; module <= last; ++module) {
    const ReturnCode code = one_module(command, module, writer);
    if (code != ReturnCode::Ok) return code;
  }
  for (const std::uint8_t byte : writer.written()) static_cast<void>(out.info.push_back(byte));
  return writer.ok() ? ReturnCode::Ok : ReturnCode::BadData;
}

ReturnCode Server::one_module(Command command, std::uint8_t module, ByteWriter& out) {
  const NodePath at = node(module);
  switch (command) {
    case Command::Analog:
    case Command::Alarms:
      if (count(point("cell_voltage"), at, kCellsMax) == 0) return ReturnCode::Communication;
      command == Command::Analog ? analog(module, out) : alarms(module, out);
      return ReturnCode::Ok;
    case Command::Management:
      management(at, out);
      return ReturnCode::Ok;
    case Command::SerialNumber:
      text(point("serial_number"), at, 16, out);
      return ReturnCode::Ok;
    case Command::Firmware:
      out.u16(static_cast<std::uint16_t>(bits(point("status_word"), at, 7)), Endian::Big);
      version(point("firmware_version"), at, 3, out);
      return ReturnCode::Ok;
    default:
      return ReturnCode::BadCommand;
  }
}

void Server::analog(std::uint8_t module, ByteWriter& out) {
  const NodePath at = node(module);
  const std::uint8_t cells = count(point("cell_voltage"), at, kCellsMax);
  const std::uint8_t sensors = count(point("cell_temperature"), at, kSensorsMax - 1);
  std::int64_t sum = 0;
  out.u8(cells);
  for (std::uint8_t i = 1; i <= cells; ++i) {
    const std::int16_t mv = s16(number(point("cell_voltage"), at, -3, 0, i));
    sum += mv;
    out.s16(mv, Endian::Big);
  }
  out.u8(static_cast<std::uint8_t>(sensors + 1));
  out.u16(kelvin(point("board_temperature"), at), Endian::Big);
  for (std::uint8_t i = 1; i <= sensors; ++i) {
    out.u16(kelvin(point("cell_temperature"), at, i), Endian::Big);
  }
  out.s16(s16(number(point("pack_current"), at, -1, 0)), Endian::Big);
  out.u16(u16(number(point("pack_voltage"), at, -3, sum)), Endian::Big);
  const std::int64_t remaining = number(point("remaining_capacity"), at, -3, 0);
  const std::int64_t total = number(point("full_capacity"), at, -3, 0);
  const bool wide = total > 0xFFFE || remaining > 0xFFFE;
  out.u16(wide ? std::uint16_t{0xFFFF} : u16(remaining), Endian::Big);
  out.u8(wide ? 4 : 2);
  out.u16(wide ? std::uint16_t{0xFFFF} : u16(total), Endian::Big);
  out.u16(u16(number(point("cycle_count"), at, 0, 0)), Endian::Big);
  if (!wide) return;
  for (const std::int64_t mah : {remaining, total}) {
    const auto fitted = std::clamp<std::int64_t>(mah, 0, 0xFFFFFF);
    out.u24(static_cast<std::uint32_t>(fitted), Endian::Big);
  }
}

void Server::alarms(std::uint8_t module, ByteWriter& out) {
  const NodePath at = node(module);
  const std::uint64_t warnings = bits(point("warnings"), at);
  const std::uint64_t faults = bits(point("cell_faults"), at, 1);
  const std::uint64_t low = bits(point("warning_word"), at, 1);
  const std::uint64_t high = bits(point("warning_word"), at, 2);
  const std::uint8_t cells = count(point("cell_voltage"), at, kCellsMax);
  const std::uint8_t sensors = count(point("cell_temperature"), at, kSensorsMax - 1);
  out.u8(cells);
  for (std::uint8_t i = 0; i < cells; ++i) {
    const std::uint64_t word = i < 8 ? low : (i < 16 ? high : 0);
    out.u8(static_cast<std::uint8_t>(word >> (8U * (i % 8U))));
  }
  out.u8(static_cast<std::uint8_t>(sensors + 1));
  for (std::uint8_t i = 0; i <= sensors; ++i) {
    out.u8(i == 0 ? state(warnings, symbol("warnings", "temperature_low"),
                          symbol("warnings", "temperature_high"))
                  : std::uint8_t{0});
  }
  out.u8(has(warnings, symbol("warnings", "charge_overcurrent")) ? 2 : 0);
  out.u8(state(warnings, symbol("warnings", "pack_undervoltage"),
               symbol("warnings", "pack_overvoltage")));
  out.u8(has(warnings, symbol("warnings", "discharge_overcurrent")) ? 2 : 0);
  const std::int64_t current = number(point("pack_current"), at, -1, 0);
  std::uint32_t third = 0;
  if (current > 1) third |= 0x80U;  // charging with more than 0.1 A
  if (current < -1) third |= 0x40U;
  if (bits(point("heater"), at) == 1) third |= 0x20U;
  if (number(point("soc"), at, 0, 0) >= 100) third |= 0x08U;
  if (bits(point("buzzer"), at) == 1) third |= 0x01U;
  out.u8(pack(bits(point("protections"), at) | bits(point("alarms"), at), kStatus1));
  out.u8(static_cast<std::uint8_t>(pack(bits(point("contactors"), at), kStatus2) | 0x08U));
  out.u8(static_cast<std::uint8_t>(third));
  out.u8(static_cast<std::uint8_t>(faults));
  out.u8(static_cast<std::uint8_t>(faults >> 8));
  if (config_.sixth_status) out.u8(0);
}

void Server::limits(std::uint8_t module, ByteWriter& out) {
  const NodePath at = node(module);
  const auto volts = [&](PointId id) { out.u16(u16(number(id, at, -3, 0)), Endian::Big); };
  const auto degrees = [&](PointId id) { out.u16(kelvin(id, at), Endian::Big); };
  out.u8(0x00);  // no unread changes
  volts(point("cell_overvoltage_limit"));
  volts(point("cell_low_voltage_limit"));
  volts(point("cell_undervoltage_limit"));
  degrees(point("charge_temperature_max"));
  degrees(point("charge_temperature_min"));
  out.s16(s16(number(point("charge_current_max"), at, -1, 0)), Endian::Big);
  volts(point("pack_overvoltage_limit"));
  volts(point("pack_low_voltage_limit"));
  volts(point("pack_undervoltage_limit"));
  degrees(point("discharge_temperature_max"));
  degrees(point("discharge_temperature_min"));
  out.s16(s16(-number(point("discharge_current_max"), at, -1, 0)), Endian::Big);
}

void Server::management(const NodePath& at, ByteWriter& out) {
  out.u16(u16(number(point("charge_voltage_limit"), at, -3, 0)), Endian::Big);
  out.u16(u16(number(point("discharge_voltage_limit"), at, -3, 0)), Endian::Big);
  out.s16(s16(number(point("charge_current_limit"), at, -1, 0)), Endian::Big);
  out.s16(s16(-number(point("discharge_current_limit"), at, -1, 0)), Endian::Big);
  out.u8(pack(bits(point("permissions"), at), kPermissions));
}

void Server::maker(std::uint8_t module, ByteWriter& out) {
  const NodePath at = node(module);
  text(point("model"), at, 10, out);
  version(point("firmware_version"), at, 2, out);
  text(point("vendor"), at, 20, out);
}

void Server::system_analog(ByteWriter& out) {
  const NodePath& at = config_.base;
  const auto degrees = [&](PointId id) { out.u16(kelvin(id, at), Endian::Big); };
  const auto place = [&](PointId id) { version(id, at, 2, out); };
  out.u16(u16(number(point("pack_voltage"), at, -3, 0)), Endian::Big);
  out.s16(s16(number(point("pack_current"), at, -2, 0)), Endian::Big);
  out.u8(u8(number(point("soc"), at, 0, 0)));
  for (int i = 0; i < 2; ++i) out.u16(u16(number(point("cycle_count"), at, 0, 0)), Endian::Big);
  for (int i = 0; i < 2; ++i) out.u8(u8(number(point("soh"), at, 0, 0)));
  out.u16(u16(number(point("cell_voltage_max"), at, -3, 0)), Endian::Big);
  place(point("cell_voltage_max_position"));
  out.u16(u16(number(point("cell_voltage_min"), at, -3, 0)), Endian::Big);
  place(point("cell_voltage_min_position"));
  degrees(point("pack_temperature"));
  degrees(point("cell_temperature_max"));
  place(point("cell_temperature_max_position"));
  degrees(point("cell_temperature_min"));
  place(point("cell_temperature_min_position"));
  for (int group = 0; group < 2;
       ++group) {  // MOSFETs, then BMS boards: mean, max, where, min, where
    degrees(point("board_temperature"));
    degrees(point("board_temperature"));
    out.u16(0x0101, Endian::Big);
    degrees(point("board_temperature"));
    out.u16(0x0101, Endian::Big);
  }
}

NodePath Server::node(std::uint8_t module) const {
  return config_.base.child(NodeKind::Module, module);
}

const Reading* Server::get(PointId id, const NodePath& at, std::uint8_t index) const {
  const Reading* const reading = source_.get({id, index, at});
  return reading == nullptr || reading->quality == Quality::NotImplemented ? nullptr : reading;
}

std::int64_t Server::number(PointId id, const NodePath& at, int exponent, std::int64_t fallback,
                            std::uint8_t index) const {
  const Reading* const reading = get(id, at, index);
  if (reading == nullptr) return fallback;
  return rescale(reading->number, exponent).value_or(fallback);
}

/// Without a value: 0 degrees.
std::uint16_t Server::kelvin(PointId id, const NodePath& at, std::uint8_t index) const {
  return u16(number(id, at, -1, 0, index) + kZeroCelsius);
}

std::uint64_t Server::bits(PointId id, const NodePath& at, std::uint8_t index) const {
  const Reading* const reading = get(id, at, index);
  return reading == nullptr ? 0 : reading->bits;
}

void Server::text(PointId id, const NodePath& at, std::size_t size, ByteWriter& out) const {
  const Reading* const reading = get(id, at);
  const std::string_view value = reading == nullptr ? std::string_view{} : reading->text();
  for (std::size_t i = 0; i < size; ++i) {
    out.u8(i < value.size() ? static_cast<std::uint8_t>(value[i]) : std::uint8_t{0});
  }
}

void Server::version(PointId id, const NodePath& at, std::size_t parts, ByteWriter& out) const {
  const Reading* const reading = get(id, at);
  std::string_view value = reading == nullptr ? std::string_view{} : reading->text();
  for (std::size_t i = 0; i < parts; ++i) {
    std::int64_t part = 0;
    while (!value.empty() && value.front() >= '0' && value.front() <= '9' && part < 1000) {
      part = part * 10 + (value.front() - '0');
      value.remove_prefix(1);
    }
    if (!value.empty() && value.front() == '.') value.remove_prefix(1);
    out.u8(u8(part));
  }
}

/// How many of a point's indexes, from 1 without a hole, the source has.
std::uint8_t Server::count(PointId id, const NodePath& at, std::size_t most) const {
  std::uint8_t n = 0;
  while (n < most && get(id, at, static_cast<std::uint8_t>(n + 1)) != nullptr) ++n;
  return n;
}

}  // namespace weco::pylontech
