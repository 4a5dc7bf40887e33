// SPDX-License-Identifier: Apache-2.0
// Scans of virtual lines in virtual time: everything is found, nothing is sent where another master
// talks, and each fault of a line is named.
#include "host/scan/scan.hpp"

#include <fmt/format.h>

#include <array>

#include "core/protocol/modbus/client.hpp"
#include "host/link/loopback.hpp"
#include "host/profile/catalog.hpp"
#include "sim/device/virtual_device.hpp"
#include "sim/timeline/timeline.hpp"
#include "tests/support/catch.hpp"

using namespace weco;

namespace {

constexpr LineSettings kSlow{9600, LineSettings::Parity::None, 8, 1};

/// A virtual RS485 line with virtual devices on it.
struct Field {
  sim::Timeline time;
  Catalog catalog = std::move(*Catalog::embedded());
  LoopbackLine line;
  std::vector<std::unique_ptr<sim::VirtualDevice>> devices;
  std::uint64_t listener_bytes = 0;
  std::unique_ptr<ByteLink> ear;  // hears everything on the wire
  std::unique_ptr<ByteLink> master;
  modbus::Client polling;
  std::function<void()> poll;

  explicit Field(bool echo = false, LineSettings settings = kSlow)
      : line(time, LoopbackOptions{.name = "loop:line",
                                   .timed = true,
                                   .settings = settings,
                                   .shared_line = true,
                                   .echo = echo}) {}

  const Profile& family(std::string_view name) { return **catalog.load(name); }

  sim::VirtualDevice& add(std::string_view name, std::uint8_t unit, LineSettings settings = kSlow,
                          Duration turnaround = Duration::ms(5)) {
    sim::VirtualDeviceOptions options;
    options.unit = unit;
    options.turnaround = turnaround;
    options.seed = 1 + static_cast<std::uint32_t>(devices.size());
    auto device = sim::VirtualDevice::make(time, family(name), options);
    REQUIRE(device);
    auto link = line.join();
    REQUIRE(link->configure(settings));
    const bool modbus = family(name).protocol.kind == ProtocolKind::Modbus;
    (*device)->serve(std::move(link), modbus ? Carrier::Rtu : Carrier::Serial);
    devices.push_back(std::move(*device));
    return *devices.back();
  }

  /// Another master that asks this address again and again, whether anybody answers or not.
  void poll_by_another(std::uint8_t unit, Duration first, Duration period) {
    master = line.join(LoopbackLine::Join{"loop:master", false});
    polling.configure({.framing = modbus::Framing::Rtu, .unit = unit, .baud = 9600});
    polling.set_request(*modbus::Request::read_input_registers(0, 4));
    poll = [this, period] {
      polling.cancel();
      polling.start(time.now());
      REQUIRE(master->write(polling.to_send()));
      time.at(time.now() + period, poll);
    };
    time.at(time.now() + first, poll);
  }

  EndpointOutcome scan(const ScanOptions& options, LoopbackLine::Join how = {},
                       std::optional<LineSettings> configured = {}) {
    LineToScan to_scan{line.join(how), {Carrier::Rtu, Carrier::Serial}, configured, {}};
    auto scan = scan_line(time, std::move(to_scan), options, nullptr);
    int finished = 0;
    scan->start([&] { ++finished; });
    time.run([&] { return finished > 0; }, time.now() + Duration::hours(24));
    REQUIRE(finished == 1);
    return std::move(scan->outcome());
  }

  ScanOptions modbus_options() {
    ScanOptions options;
    options.families = {&family("weco_smart"), &family("eastron_sdm630")};
    options.lines = {kSlow};
    options.addresses = {1, 2, 3};
    return options;
  }
};

bool has(const EndpointOutcome& outcome, FindingId id) {
  for (const Finding& finding : outcome.findings) {
    if (finding.id == id) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("a whole RS485 line, 247 addresses at 6 speeds, is scanned without wasted time",
          "[TK-01][TK-02]") {
  Field field;
  field.add("weco_smart", 17);
  field.add("eastron_sdm630", 100);
  field.add("weco_smart", 247);
  ScanOptions options = field.modbus_options();
  options.every_speed = true;
  options.lines.clear();
  for (const std::uint32_t speed : {9600U, 19200U, 38400U, 57600U, 115200U, 4800U}) {
    options.lines.push_back({speed, LineSettings::Parity::None, 8, 1});
  }
  options.addresses.clear();
  for (int address = 1; address <= 247; ++address) {
    options.addresses.push_back(static_cast<std::uint8_t>(address));
  }
  const Instant begun = field.time.now();
  const EndpointOutcome outcome = field.scan(options);
  const double took_s = static_cast<double>((field.time.now() - begun).to_us()) / 1e6;

  // What no scan can avoid: listening once; and for each silent address the request's own time, the
  // silence before it (3.5 characters) and the wait for an answer.
  double unavoidable_s = static_cast<double>(options.listen.to_us()) / 1e6;
  for (const LineSettings& line : options.lines) {
    const double characters = 8.0 + 3.5;
    const double wait_s = static_cast<double>(options.answer_within.to_us()) / 1e6;
    const double silent = line == kSlow ? 244 : 247;
    unavoidable_s += silent * (characters * 11 / line.bits_per_second + wait_s);
  }
  fmt::print("scan of 6 x 247 addresses: {:.1f} s, unavoidable {:.1f} s, ratio {:.3f}\n", took_s,
             unavoidable_s, took_s / unavoidable_s);
  CHECK(took_s <= 1.10 * unavoidable_s);
  CHECK(took_s >= unavoidable_s);
  REQUIRE(outcome.devices.size() == 3);
  CHECK(outcome.devices[0].unit == 17);
  CHECK(outcome.devices[1].unit == 100);
  CHECK(outcome.devices[1].family == "eastron_sdm630");
  CHECK(outcome.devices[2].unit == 247);
  CHECK(outcome.probes == 6 * 247);
  CHECK(outcome.findings.empty());
}

TEST_CASE("a found device shows its towers and modules", "[WS-03]") {
  Field field;
  field.add("weco_smart", 1);
  const EndpointOutcome outcome = field.scan(field.modbus_options());
  REQUIRE(outcome.devices.size() == 1);
  const Snapshot& s = outcome.devices[0].snapshot;
  const NodePath third = NodePath{}.child(NodeKind::Tower, 1).child(NodeKind::Module, 3);
  CHECK(s.identity(point("serial_number")) == "WI2511000123");
  CHECK(s.number({point("cell_voltage"), 16, third}).has_value());
  CHECK(s.text({point("serial_number"), 0, third}) == "WM2511000043");
}

TEST_CASE("each family is recognised among all the others, also one that is silent before its key",
          "[TK-01][EP-09]") {
  const Catalog catalog = std::move(*Catalog::embedded());
  std::size_t tried = 0;
  for (const FamilyEntry& entry : catalog.families()) {
    const Profile& profile = **catalog.load(entry.family);
    if (profile.protocol.kind != ProtocolKind::Modbus) continue;
    INFO(entry.family);
    const auto& lines = profile.protocol.lines;
    const LineSettings settings = lines.empty() ? kSlow : lines.front();
    Field field(false, settings);
    field.add(entry.family, profile.protocol.unit, settings);
    ScanOptions options;
    for (const FamilyEntry& each : field.catalog.families()) {
      options.families.push_back(&field.family(each.family));
    }
    options.addresses = {profile.protocol.unit};
    options.lines = {settings};
    const EndpointOutcome outcome = field.scan(options);
    REQUIRE(outcome.devices.size() == 1);
    CHECK(outcome.devices[0].family == entry.family);
    ++tried;
  }
  CHECK(tried >= 9);
}

TEST_CASE("a Pylontech group is one device with its modules", "[TK-02]") {
  Field field(false, {115200, LineSettings::Parity::None, 8, 1});
  field.add("pylontech_rs485", 2, {115200, LineSettings::Parity::None, 8, 1});
  ScanOptions options;
  options.families = {&field.family("pylontech_rs485")};
  const EndpointOutcome outcome = field.scan(options);
  REQUIRE(outcome.devices.size() == 1);
  const Snapshot& s = outcome.devices[0].snapshot;
  for (std::uint8_t m = 1; m <= 2; ++m) {
    const NodePath node = NodePath{}.child(NodeKind::Module, m);
    CHECK(s.text({point("serial_number"), 0, node}) == fmt::format("SIMPYL000000000{}", m));
    CHECK(s.number({point("cell_voltage"), 15, node}).has_value());
    CHECK(s.number({point("charge_current_limit"), 0, node}) == Decimal{250, -1});
  }
}

TEST_CASE("a silent line is reported as silent, with what to change") {
  Field field;
  const EndpointOutcome outcome = field.scan(field.modbus_options());
  CHECK(outcome.devices.empty());
  REQUIRE(has(outcome, FindingId::SilentLine));
  CHECK(outcome.findings.size() == 1);
}

TEST_CASE("where another master polls, nothing is ever sent") {
  Field field;
  field.add("weco_smart", 1);
  field.poll_by_another(1, Duration::ms(300), Duration::ms(900));
  const std::uint64_t answered_before = field.devices[0]->answers();
  const EndpointOutcome outcome = field.scan(field.modbus_options());
  CHECK(outcome.devices.empty());
  CHECK(outcome.probes == 0);
  CHECK(has(outcome, FindingId::SecondMaster));
  CHECK(field.devices[0]->answers() > answered_before);  // the other master's questions only
}

TEST_CASE("a master that starts to poll while we scan makes us stop") {
  Field field;
  field.poll_by_another(9, Duration::ms(2300), Duration::ms(37));
  ScanOptions options = field.modbus_options();
  options.addresses.clear();
  for (std::uint8_t address = 1; address <= 200; ++address) options.addresses.push_back(address);
  const EndpointOutcome outcome = field.scan(options);
  CHECK(has(outcome, FindingId::SecondMaster));
  CHECK(outcome.probes < 20);
}

TEST_CASE("an adapter that echoes is named and does no harm") {
  Field field(true);
  field.add("weco_smart", 1);
  const EndpointOutcome outcome = field.scan(field.modbus_options());
  CHECK(outcome.devices.size() == 1);
  CHECK(has(outcome, FindingId::Echo));
}

TEST_CASE("a device at another speed than the line was set to is found and said so") {
  Field field;
  const LineSettings fast{19200, LineSettings::Parity::None, 8, 1};
  field.add("eastron_sdm630", 1, fast);
  ScanOptions options = field.modbus_options();
  options.lines = {fast};
  const EndpointOutcome outcome = field.scan(options, {}, kSlow);
  REQUIRE(outcome.devices.size() == 1);
  CHECK(has(outcome, FindingId::WrongSpeed));
  CHECK(outcome.devices[0].line == fast);
}

TEST_CASE("two devices with one address are told from a bad line") {
  Field field;
  field.add("weco_smart", 2);
  field.add("weco_smart", 2)
      .values()
      .put(text_reading({point("serial_number"), 0, {}}, "ANOTHER", {}));
  field.devices[1]->freeze();
  field.add("eastron_sdm630", 3);
  const EndpointOutcome outcome = field.scan(field.modbus_options());
  CHECK(has(outcome, FindingId::DuplicateAddress));
  REQUIRE(outcome.devices.size() == 1);
  CHECK(outcome.devices[0].unit == 3);
}

TEST_CASE("swapped wires are suspected when bytes come and never make a frame") {
  Field field;
  field.add("weco_smart", 1);
  field.poll_by_another(1, Duration::ms(100), Duration::ms(900));
  const EndpointOutcome outcome = field.scan(field.modbus_options(), {"loop:us", true});
  CHECK(outcome.probes == 0);
  CHECK(has(outcome, FindingId::SwappedPolarity));
}

namespace {

/// Whoever answers every request with the same bytes, or with none.
struct Stranger {
  Stranger(Field& field, LoopbackLine::Join how, std::vector<std::uint8_t> bytes)
      : link(field.line.join(std::move(how))), answer(std::move(bytes)) {
    link->on_readable([this] {
      std::array<std::uint8_t, 256> room{};
      while (link->read(room).value_or(0) > 0) {
      }
      if (!answer.empty()) REQUIRE(link->write(answer).has_value());
    });
  }
  std::unique_ptr<ByteLink> link;
  std::vector<std::uint8_t> answer;
};

EndpointOutcome scan_network(Field& field) {
  ScanOptions options = field.modbus_options();
  LineToScan to_scan{field.line.join(), {Carrier::Tcp}, {}, {}};
  auto scan = scan_line(field.time, std::move(to_scan), options, nullptr);
  bool finished = false;
  scan->start([&] { finished = true; });
  field.time.run([&] { return finished; }, field.time.now() + Duration::hours(1));
  REQUIRE(finished);
  return std::move(scan->outcome());
}

}  // namespace

TEST_CASE("noise at three addresses is a noisy line, at two it may be twins") {
  for (const std::size_t addresses : {2, 3}) {
    Field field;
    const Stranger noise(field, {}, {0xFF, 0x00, 0xFF, 0x00, 0xF8, 0x00, 0xFF, 0x00});
    ScanOptions options = field.modbus_options();
    options.addresses.resize(addresses);
    const EndpointOutcome outcome = field.scan(options);
    CAPTURE(addresses);
    CHECK(outcome.devices.empty());
    CHECK(has(outcome, FindingId::LineNoise) == (addresses == 3));
    CHECK(has(outcome, FindingId::DuplicateAddress) == (addresses == 2));
  }
}

TEST_CASE("a gateway that is silent, and one that speaks something else, are told apart") {
  Field silent;
  const Stranger nobody(silent, {}, {});
  CHECK(has(scan_network(silent), FindingId::SilentGateway));
  Field web;
  const std::string page = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";
  const Stranger server(web, {}, {page.begin(), page.end()});
  const EndpointOutcome outcome = scan_network(web);
  CHECK(has(outcome, FindingId::OtherProtocol));
  CHECK_FALSE(has(outcome, FindingId::DuplicateAddress));
}

TEST_CASE("an answer that no family recognises is an unknown device, not silence") {
  Field field;
  field.add("eastron_sdm630", 1);
  ScanOptions options = field.modbus_options();
  options.families = {&field.family("weco_smart")};
  const EndpointOutcome outcome = field.scan(options);
  CHECK(outcome.devices.empty());
  CHECK(has(outcome, FindingId::UnknownDevice));
}

TEST_CASE("a cable pulled during a scan ends it with a clear reason") {
  Field field;
  field.add("weco_smart", 3);
  field.line.cut_after(30);
  const EndpointOutcome outcome = field.scan(field.modbus_options());
  REQUIRE(outcome.failure.has_value());
  CHECK(outcome.failure->code() == ErrorCode::Disconnected);
}

TEST_CASE("one device reached over two endpoints is listed once, ordered by serial number") {
  const auto report = [](const char* endpoint, const char* serial) {
    DeviceReport r;
    r.endpoint = endpoint;
    r.family = "weco_smart";
    r.snapshot.put(text_reading({point("serial_number"), 0, {}}, serial, {}));
    return r;
  };
  EndpointOutcome serial_line;
  serial_line.endpoint = "serial:a";
  serial_line.devices = {report("serial:a", "B2"), report("serial:a", "")};
  EndpointOutcome network;
  network.endpoint = "tcp:b";
  network.devices = {report("tcp:b", "B2"), report("tcp:b", "A1"), report("tcp:b", "")};
  std::vector<EndpointOutcome> both;
  both.push_back(std::move(serial_line));
  both.push_back(std::move(network));
  const ScanResult result = merge(std::move(both));
  REQUIRE(result.devices.size() == 4);  // nothing is merged that has no serial number
  CHECK(result.devices[2].snapshot.identity(point("serial_number")) == "A1");
  CHECK(result.devices[3].also_at == std::vector<std::string>{"tcp:b"});
}
