// SPDX-License-Identifier: Apache-2.0
#include "core/protocol/pylontech/decode.hpp"

#include "core/points/vocabulary.hpp"

namespace weco::pylontech {
namespace {

constexpr std::int32_t kZeroCelsius = 2731;  // in 0.1 K; the protocol drops the 0.05

/// Readings of one node.
class Out {
 public:
  Out(NodePath node, Instant at, ReadingSink& sink) : node_(node), at_(at), sink_(sink) {}

  void number(PointId id, std::int64_t raw, std::int8_t exponent, std::uint8_t index = 0,
              Quality quality = Quality::Good) {
    Reading r = number_reading({id, index, node_}, {raw, exponent}, at_);
    r.quality = quality;
    const PointInfo& row = info(id);
    const std::int64_t unit = power_of_ten(-exponent);
    if (row.min != row.max && (raw < row.min * unit || raw > row.max * unit)) {
      r.quality = Quality::OutOfRange;
    }
    sink_.put(r);
  }
  void temperature(PointId id, std::uint16_t deci_kelvin, std::uint8_t index = 0,
                   Quality quality = Quality::Good) {
    number(id, deci_kelvin - kZeroCelsius, -1, index, quality);
  }
  void bits(PointId id, ValueKind kind, std::uint64_t value, std::uint8_t index = 0,
            Quality quality = Quality::Good) {
    Reading r = bits_reading({id, index, node_}, kind, value, at_);
    r.quality = quality;
    sink_.put(r);
  }
  /// Padding at the end is dropped; nothing left means that the device has none.
  void text(PointId id, Bytes bytes, Quality quality = Quality::Good) {
    while (!bytes.empty() && (bytes.back() == 0 || bytes.back() == ' ')) {
      bytes = bytes.first(bytes.size() - 1);
    }
    Reading r = text_reading({id, 0, node_}, {}, at_);
    for (const std::uint8_t byte : bytes) {
      if (r.text_size == kTextMax) break;
      r.text_bytes[r.text_size++] = static_cast<char>(byte);
    }
    r.quality = bytes.empty() ? Quality::NotImplemented : quality;
    sink_.put(r);
  }
  /// Numbers joined by points: "1.7".
  void version(PointId id, Bytes parts, Quality quality) {
    FixedVector<std::uint8_t, 24> out;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (i > 0) static_cast<void>(out.push_back('.'));
      const DecimalText digits = to_text({parts[i], 0});
      for (const char c : digits.view()) {
        static_cast<void>(out.push_back(static_cast<std::uint8_t>(c)));
      }
    }
    text(id, out.view(), quality);
  }

 private:
  NodePath node_;
  Instant at_;
  ReadingSink& sink_;
};

/// The parts of a 42 answer for one module.
struct Analog {
  Bytes cells;
  Bytes sensors;
  std::int16_t current = 0;
  std::uint16_t voltage = 0;
  std::uint32_t remaining = 0;  // mAh
  std::uint32_t total = 0;
  std::uint16_t cycles = 0;
};

bool read_analog(ByteReader& r, Analog& m) {
  const std::size_t cells = r.u8();
  if (cells == 0 || cells > kCellsMax) return false;
  m.cells = r.take(2 * cells);
  const std::size_t sensors = r.u8();
  if (sensors > kSensorsMax) return false;
  m.sensors = r.take(2 * sensors);
  m.current = r.s16(Endian::Big);
  m.voltage = r.u16(Endian::Big);
  m.remaining = r.u16(Endian::Big);
  const std::uint8_t user = r.u8();
  m.total = r.u16(Endian::Big);
  m.cycles = r.u16(Endian::Big);
  if (user == 4) {  // more than 65 Ah: the short fields hold FFFF, the long ones follow
    m.remaining = r.u24(Endian::Big);
    m.total = r.u24(Endian::Big);
  }
  return r.ok() && (user == 2 || user == 4);
}

/// The parts of a 44 answer for one module. Newer firmware adds one byte.
struct Alarms {
  Bytes cells;
  Bytes sensors;
  std::uint8_t charge_current = 0;
  std::uint8_t voltage = 0;
  std::uint8_t discharge_current = 0;
  std::array<std::uint8_t, 5> status{};
};

bool read_alarms(ByteReader& r, std::size_t extra, Alarms& m) {
  const std::size_t cells = r.u8();
  if (cells == 0 || cells > kCellsMax) return false;
  m.cells = r.take(cells);
  const std::size_t sensors = r.u8();
  if (sensors > kSensorsMax) return false;
  m.sensors = r.take(sensors);
  m.charge_current = r.u8();
  m.voltage = r.u8();
  m.discharge_current = r.u8();
  for (std::uint8_t& byte : m.status) byte = r.u8();
  r.skip(extra);
  return r.ok();
}

/// Modules that fill `data` exactly; 0 when they do not.
std::size_t count_analog(Bytes data) {
  ByteReader r(data);
  std::size_t modules = 0;
  while (r.remaining() > 0 && modules < kModulesMax) {
    Analog m;
    if (!read_analog(r, m)) return 0;
    ++modules;
  }
  return r.remaining() == 0 ? modules : 0;
}
std::size_t count_alarms(Bytes data, std::size_t extra) {
  ByteReader r(data);
  std::size_t modules = 0;
  while (r.remaining() > 0 && modules < kModulesMax) {
    Alarms m;
    if (!read_alarms(r, extra, m)) return 0;
    ++modules;
  }
  return r.remaining() == 0 ? modules : 0;
}

Bytes body(const Frame& answer, std::size_t skip) {
  const Bytes all = answer.info.view();
  return all.size() < skip ? Bytes{} : all.subspan(skip);
}

NodePath node_of(const Question& question, std::uint8_t module) {
  return question.base.child(NodeKind::Module, module);
}

/// Number of the first module in an answer with `modules` of them. The second byte echoes the
/// address that was asked, or counts the modules when all were.
std::uint8_t first_module(const Question& question, const Frame& answer, std::size_t modules) {
  if (modules > 1 || question.info == kAllModules) return 1;
  return module_of(answer.info[1]);
}

void put_flags(const Frame& answer, Report& report) {
  report.unread_alarm_change = (answer.info[0] & 0x01U) != 0;
  report.unread_switch_change = (answer.info[0] & 0x10U) != 0;
}

void put_analog(const Analog& m, std::uint8_t number, Out out, Report& report) {
  ByteReader cells(m.cells);
  std::int32_t sum = 0;
  out.number(point("cell_count"), static_cast<std::int64_t>(m.cells.size() / 2), 0);
  for (std::uint8_t i = 1; cells.remaining() > 0; ++i) {
    const std::int16_t mv = cells.s16(Endian::Big);
    sum += mv;
    out.number(point("cell_voltage"), mv, -3, i);
  }
  ByteReader sensors(m.sensors);
  if (sensors.remaining() > 0) {
    out.temperature(point("board_temperature"), sensors.u16(Endian::Big));
  }
  for (std::uint8_t i = 1; sensors.remaining() > 0; ++i) {
    out.temperature(point("cell_temperature"), sensors.u16(Endian::Big), i);
  }
  out.number(point("pack_current"), m.current, -1);
  out.number(point("pack_voltage"), m.voltage, -3);
  out.number(point("remaining_capacity"), m.remaining, -3);
  out.number(point("full_capacity"), m.total, -3);
  out.number(point("cycle_count"), m.cycles, 0);
  if (m.total >
      0) {  // the protocol has no field for it: the share in whole percent, as displays do
    out.number(point("soc"), (200LL * m.remaining + m.total) / (2LL * m.total), 0);
  }
  if (sum != m.voltage) {
    static_cast<void>(report.cell_sums.push_back({number, sum, m.voltage}));
  }
}

Result<Report> decode_analog(const Question& question, const Frame& answer, Instant at,
                             ReadingSink& sink) {
  const Bytes data = body(answer, 2);
  const std::size_t modules = count_analog(data);
  Report report;
  put_flags(answer, report);
  report.modules = static_cast<std::uint8_t>(modules);
  std::uint8_t number = first_module(question, answer, modules);
  ByteReader r(data);
  while (r.remaining() > 0) {
    Analog m;
    static_cast<void>(read_analog(r, m));
    put_analog(m, number, Out(node_of(question, number), at, sink), report);
    ++number;
  }
  return report;
}

constexpr std::uint8_t kBelow = 1;
constexpr std::uint8_t kAbove = 2;

constexpr std::uint64_t bit(std::uint8_t n) { return 1ULL << n; }

/// One state byte: which event it means.
std::uint64_t state_event(std::uint8_t state, std::uint64_t below, std::uint64_t above) {
  if (state == 0) return 0;
  if (state == kBelow) return below;
  if (state == kAbove) return above;
  return bit(symbol("warnings", "general"));  // F0, or a value the document does not name
}

std::uint64_t warnings_of(const Alarms& m) {
  std::uint64_t events = 0;
  for (const std::uint8_t state : m.cells) {
    events |= state_event(state, bit(symbol("warnings", "cell_undervoltage")),
                          bit(symbol("warnings", "cell_overvoltage")));
  }
  for (const std::uint8_t state : m.sensors) {
    events |= state_event(state, bit(symbol("warnings", "temperature_low")),
                          bit(symbol("warnings", "temperature_high")));
  }
  const std::uint64_t other = bit(symbol("warnings", "general"));
  events |= state_event(m.charge_current, other, bit(symbol("warnings", "charge_overcurrent")));
  events |=
      state_event(m.discharge_current, other, bit(symbol("warnings", "discharge_overcurrent")));
  events |= state_event(m.voltage, bit(symbol("warnings", "pack_undervoltage")),
                        bit(symbol("warnings", "pack_overvoltage")));
  return events;
}

struct BitEvent {
  std::uint8_t bit;
  std::uint8_t event;
};
constexpr BitEvent kStatus1[] = {
    {7, symbol("protections", "pack_undervoltage")},
    {6, symbol("protections", "charge_temperature_high")},
    {5, symbol("protections", "discharge_temperature_high")},
    {4, symbol("protections", "discharge_overcurrent")},
    {2, symbol("protections", "charge_overcurrent")},
    {1, symbol("protections", "cell_undervoltage")},
    {0, symbol("protections", "pack_overvoltage")},
};
constexpr BitEvent kStatus2[] = {
    {2, symbol("contactors", "discharge")},
    {1, symbol("contactors", "charge")},
    {0, symbol("contactors", "precharge")},
};
constexpr BitEvent kManagement[] = {
    {7, symbol("permissions", "charge_enable")},
    {6, symbol("permissions", "discharge_enable")},
    {5, symbol("permissions", "force_charge_now")},
    {4, symbol("permissions", "force_charge_soon")},
    {3, symbol("permissions", "full_charge_request")},
};

template <std::size_t N>
std::uint64_t map(std::uint8_t byte, const BitEvent (&table)[N]) {
  std::uint64_t events = 0;
  for (const BitEvent& row : table) {
    if ((byte >> row.bit & 1U) != 0) events |= bit(row.event);
  }
  return events;
}

/// State bytes kept as they are, eight to a word.
void put_words(Out& out, Bytes states, std::uint8_t index) {
  for (std::size_t at = 0; at < states.size(); at += 8, ++index) {
    std::uint64_t word = 0;
    for (std::size_t i = at; i < states.size() && i < at + 8; ++i) {
      word |= static_cast<std::uint64_t>(states[i]) << (8 * (i - at));
    }
    out.bits(point("warning_word"), ValueKind::Raw, word, index);
  }
}

void put_alarms(const Alarms& m, Out out) {
  out.bits(point("warnings"), ValueKind::Flags, warnings_of(m));
  out.bits(point("protections"), ValueKind::Flags, map(m.status[0], kStatus1));
  out.bits(point("contactors"), ValueKind::Flags, map(m.status[1], kStatus2));
  out.bits(point("heater"), ValueKind::Choice, m.status[2] >> 5 & 1U);
  out.bits(point("buzzer"), ValueKind::Choice, m.status[2] & 1U);
  out.bits(point("cell_faults"), ValueKind::Flags,
           static_cast<std::uint64_t>(m.status[3] | m.status[4] << 8), 1);
  for (std::uint8_t i = 0; i < m.status.size(); ++i) {
    out.bits(point("status_word"), ValueKind::Raw, m.status[i], static_cast<std::uint8_t>(i + 1));
  }
  put_words(out, m.cells, 1);
  put_words(out, m.sensors, 5);
  const std::uint8_t rest[] = {m.charge_current, m.voltage, m.discharge_current};
  put_words(out, rest, 7);
}

/// Bytes that firmware adds to a module's alarms: 0 or 1, whichever fits; 2: neither.
std::size_t alarm_extra(Bytes data) {
  if (count_alarms(data, 0) > 0) return 0;
  return count_alarms(data, 1) > 0 ? 1 : 2;
}

Result<Report> decode_alarms(const Question& question, const Frame& answer, Instant at,
                             ReadingSink& sink) {
  const Bytes data = body(answer, 2);
  const std::size_t extra = alarm_extra(data);
  const std::size_t modules = count_alarms(data, extra);
  Report report;
  put_flags(answer, report);
  report.modules = static_cast<std::uint8_t>(modules);
  std::uint8_t number = first_module(question, answer, modules);
  ByteReader r(data);
  while (r.remaining() > 0) {
    Alarms m;
    static_cast<void>(read_alarms(r, extra, m));
    put_alarms(m, Out(node_of(question, number), at, sink));
    ++number;
  }
  return report;
}

/// A limit that the protocol writes negative for discharging.
std::int64_t magnitude(std::int16_t raw) { return raw < 0 ? -std::int64_t{raw} : raw; }

Result<Report> decode_limits(const Frame& answer, Out out) {
  Report report;
  put_flags(answer, report);
  report.modules = 1;
  ByteReader r(body(answer, 1));  // the flag byte comes first: forgetting it shifts everything
  out.number(point("cell_overvoltage_limit"), r.u16(Endian::Big), -3);
  out.number(point("cell_low_voltage_limit"), r.u16(Endian::Big), -3);
  out.number(point("cell_undervoltage_limit"), r.u16(Endian::Big), -3);
  out.temperature(point("charge_temperature_max"), r.u16(Endian::Big));
  out.temperature(point("charge_temperature_min"), r.u16(Endian::Big));
  out.number(point("charge_current_max"), magnitude(r.s16(Endian::Big)), -1);
  out.number(point("pack_overvoltage_limit"), r.u16(Endian::Big), -3);
  out.number(point("pack_low_voltage_limit"), r.u16(Endian::Big), -3);
  out.number(point("pack_undervoltage_limit"), r.u16(Endian::Big), -3);
  out.temperature(point("discharge_temperature_max"), r.u16(Endian::Big));
  out.temperature(point("discharge_temperature_min"), r.u16(Endian::Big));
  out.number(point("discharge_current_max"), magnitude(r.s16(Endian::Big)), -1);
  return report;
}

Report put_management(ByteReader r, Out out, Quality quality) {
  out.number(point("charge_voltage_limit"), r.u16(Endian::Big), -3, 0, quality);
  out.number(point("discharge_voltage_limit"), r.u16(Endian::Big), -3, 0, quality);
  out.number(point("charge_current_limit"), r.s16(Endian::Big), -1, 0, quality);
  out.number(point("discharge_current_limit"), magnitude(r.s16(Endian::Big)), -1, 0, quality);
  const std::uint8_t status = r.u8();
  out.bits(point("permissions"), ValueKind::Flags, map(status, kManagement), 0, quality);
  out.bits(point("status_word"), ValueKind::Raw, status, 6);
  Report report;
  report.modules = 1;
  return report;
}

Result<Report> decode_management(const Frame& answer, Out out) {
  return put_management(ByteReader(body(answer, 1)), out, Quality::Good);
}

Result<Report> decode_maker(const Frame& answer, Out out) {
  const Bytes all = answer.info.view();
  out.text(point("model"), all.first(10));
  out.version(point("firmware_version"), all.subspan(10, 2), Quality::Good);
  out.text(point("vendor"), all.subspan(12, 20));
  Report report;
  report.modules = 1;
  return report;
}

Result<Report> decode_serial(const Frame& answer, Out out) {
  out.text(point("serial_number"), body(answer, 1));
  Report report;
  report.modules = 1;
  return report;
}

/// Maker's version in a status word, main version as text: how its bytes are printed is not
/// documented, numbers with points between is our reading.
Result<Report> decode_firmware(const Frame& answer, Out out) {
  const Bytes all = answer.info.view();
  out.version(point("firmware_version"), all.subspan(3, 3), Quality::Assumed);
  out.bits(point("status_word"), ValueKind::Raw, static_cast<std::uint64_t>(all[1] << 8 | all[2]),
           7);
  Report report;
  report.modules = 1;
  return report;
}

Result<Report> decode_version(const Frame& answer, Out out) {
  const std::uint8_t parts[] = {static_cast<std::uint8_t>(answer.version >> 4),
                                static_cast<std::uint8_t>(answer.version & 0x0FU)};
  out.version(point("protocol_version"), parts, Quality::Good);
  Report report;
  report.modules = 1;
  return report;
}

/// Position of an extreme, "module.cell", both bytes as sent.
void put_position(Out& out, PointId id, std::uint16_t position) {
  const std::uint8_t parts[] = {static_cast<std::uint8_t>(position >> 8),
                                static_cast<std::uint8_t>(position & 0xFFU)};
  out.version(id, parts, Quality::Assumed);
}

/// 61 to 63 are known from one emulator (Battery-Emulator): every value is marked as assumed.
Result<Report> decode_system_analog(const Frame& answer, Out out) {
  constexpr Quality q = Quality::Assumed;
  ByteReader r(answer.info.view());
  out.number(point("pack_voltage"), r.u16(Endian::Big), -3, 0, q);
  out.number(point("pack_current"), r.s16(Endian::Big), -2, 0, q);
  out.number(point("soc"), r.u8(), 0, 0, q);
  r.skip(2);  // mean cycles; the highest follows
  out.number(point("cycle_count"), r.u16(Endian::Big), 0, 0, q);
  r.skip(1);  // mean health; the lowest follows
  out.number(point("soh"), r.u8(), 0, 0, q);
  out.number(point("cell_voltage_max"), r.u16(Endian::Big), -3, 0, q);
  put_position(out, point("cell_voltage_max_position"), r.u16(Endian::Big));
  out.number(point("cell_voltage_min"), r.u16(Endian::Big), -3, 0, q);
  put_position(out, point("cell_voltage_min_position"), r.u16(Endian::Big));
  out.temperature(point("pack_temperature"), r.u16(Endian::Big), 0, q);
  out.temperature(point("cell_temperature_max"), r.u16(Endian::Big), 0, q);
  put_position(out, point("cell_temperature_max_position"), r.u16(Endian::Big));
  out.temperature(point("cell_temperature_min"), r.u16(Endian::Big), 0, q);
  put_position(out, point("cell_temperature_min_position"), r.u16(Endian::Big));
  r.skip(10);  // MOSFET temperatures
  out.temperature(point("board_temperature"), r.u16(Endian::Big), 0, q);
  Report report;
  return report;
}

/// The bits are not published: words only.
Result<Report> decode_system_alarms(const Frame& answer, Out out) {
  const Bytes all = answer.info.view();
  for (std::uint8_t i = 0; i < 2; ++i) {
    const auto index = static_cast<std::uint8_t>(i + 1);
    out.bits(point("alarm_word"), ValueKind::Raw, all[i], index, Quality::Assumed);
    out.bits(point("fault_word"), ValueKind::Raw, all[i + 2U], index, Quality::Assumed);
  }
  return Report();
}

Result<Report> decode_system_management(const Frame& answer, Out out) {
  Report report = put_management(ByteReader(answer.info.view()), out, Quality::Assumed);
  report.modules = 0;
  return report;
}

Result<Report> decode_one(const Question& question, const Frame& answer, Instant at,
                          ReadingSink& sink) {
  const std::uint8_t by_address = module_of(answer.address);
  const std::uint8_t by_echo = answer.info.empty() ? by_address : module_of(answer.info[0]);
  const Out module(node_of(question, by_address), at, sink);
  const Out echoed(node_of(question, by_echo), at, sink);
  const Out whole(question.base, at, sink);
  switch (question.command) {
    case Command::Analog:
      return decode_analog(question, answer, at, sink);
    case Command::Alarms:
      return decode_alarms(question, answer, at, sink);
    case Command::Limits:
      return decode_limits(answer, module);
    case Command::Version:
      return decode_version(answer, module);
    case Command::Maker:
      return decode_maker(answer, module);
    case Command::Management:
      return decode_management(answer, echoed);
    case Command::SerialNumber:
      return decode_serial(answer, echoed);
    case Command::Firmware:
      return decode_firmware(answer, echoed);
    case Command::SystemAnalog:
      return decode_system_analog(answer, whole);
    case Command::SystemAlarms:
      return decode_system_alarms(answer, whole);
    case Command::SystemManagement:
      return decode_system_management(answer, whole);
  }
  return fail(ErrorCode::Unsupported);
}

/// INFO of an answer in bytes, for the commands whose answers have one size.
std::size_t answer_size(Command command) {
  switch (command) {
    case Command::Limits:
      return 25;
    case Command::Maker:
      return 32;
    case Command::Management:
      return 10;
    case Command::SerialNumber:
      return 17;
    case Command::Firmware:
      return 6;
    case Command::SystemAnalog:
      return 49;
    case Command::SystemAlarms:
      return 4;
    case Command::SystemManagement:
      return 9;
    default:
      return 0;
  }
}

bool layout_fits(Command command, const Frame& answer) {
  const Bytes modules = body(answer, 2);
  if (command == Command::Analog) return count_analog(modules) > 0;
  if (command == Command::Alarms) return alarm_extra(modules) != 2;
  return answer.info.size() == answer_size(command);
}

bool printable_or_padding(Bytes bytes) {
  for (const std::uint8_t c : bytes) {
    if (c != 0 && (c < 0x20 || c > 0x7E)) return false;
  }
  return !bytes.empty() && bytes[0] != 0;
}

}  // namespace

Result<Report> decode(const Question& question, const Frame& answer, Instant at,
                      ReadingSink& sink) {
  if (answer.cid1 != kCid1Battery) return fail(ErrorCode::BadFrame);
  if (answer.cid2 != static_cast<std::uint8_t>(ReturnCode::Ok)) {
    return fail(ErrorCode::DeviceException, answer.cid2);
  }
  if (!layout_fits(question.command, answer)) return fail(ErrorCode::BadFrame);
  Result<Report> report = decode_one(question, answer, at, sink);
  if (report) report->command = question.command;
  return report;
}

bool fits(const Question& question, const Frame& answer) {
  if (answer.cid1 != kCid1Battery || !layout_fits(question.command, answer)) return false;
  const CommandInfo* const row = find_command(static_cast<std::uint8_t>(question.command));
  if (row == nullptr || !row->names_module) return true;
  if (question.info == 0 || question.info == kAllModules) return true;
  const bool second = question.command == Command::Analog || question.command == Command::Alarms;
  return answer.info[second ? 1 : 0] == question.info;
}

Result<Command> recognise(const Frame& answer) {
  if (answer.cid1 != kCid1Battery || answer.cid2 != 0) return fail(ErrorCode::NotFound);
  const Bytes data = body(answer, 2);
  if (count_analog(data) > 0) return Command::Analog;
  if (alarm_extra(data) != 2) return Command::Alarms;
  switch (answer.info.size()) {
    case 0:
      return Command::Version;
    case 4:
      return Command::SystemAlarms;
    case 6:
      return Command::Firmware;
    case 9:
      return Command::SystemManagement;
    case 10:
      return Command::Management;
    case 17:
      if (printable_or_padding(answer.info.view().subspan(1))) return Command::SerialNumber;
      break;
    case 25:
      return Command::Limits;
    case 32:
      if (printable_or_padding(answer.info.view().first(10))) return Command::Maker;
      break;
    case 49:
      return Command::SystemAnalog;
    default:
      break;
  }
  return fail(ErrorCode::NotFound);
}

}  // namespace weco::pylontech
