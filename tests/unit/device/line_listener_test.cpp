// SPDX-License-Identifier: Apache-2.0
// A recorded conversation becomes the same values, whichever framing carried it.
#include "host/device/line_listener.hpp"

#include "core/base/crc.hpp"
#include "core/protocol/modbus/client.hpp"
#include "core/protocol/modbus/server.hpp"
#include "host/device/live_device.hpp"
#include "host/evidence/recorder.hpp"
#include "host/evidence/recording_link.hpp"
#include "host/link/loopback.hpp"
#include "sim/device/virtual_device.hpp"
#include "sim/timeline/timeline.hpp"
#include "tests/support/catch.hpp"

using namespace weco;

namespace {

/// Reads a frozen virtual device over `carrier` and records every byte.
struct RecordedRun {
  sim::Timeline time;
  Catalog catalog = std::move(*Catalog::embedded());
  LoopbackLine wire{time, {}};
  MemorySink events;
  DeviceReport report;

  RecordedRun(std::string_view family, Carrier carrier) {
    const Profile& profile = **catalog.load(family);
    auto device = std::move(*sim::VirtualDevice::make(time, profile, {}));
    device->freeze();
    device->serve(wire.join(), carrier);
    LiveDevice::Setup setup;
    setup.link = std::make_unique<RecordingByteLink>(wire.join(), events);
    setup.profile = &profile;
    setup.carrier = carrier;
    setup.unit = profile.protocol.unit;
    auto live = std::move(*LiveDevice::make(time, std::move(setup)));
    report = std::move(*live->read(Duration::s(60)));
  }
};

void replays_equally(std::string_view family, Carrier carrier) {
  RecordedRun run(family, carrier);
  LineListener listener(run.catalog, "");
  Instant at{};
  for (const MemorySink::Kept& event : run.events.events()) {
    if (event.kind != EventKind::Tx && event.kind != EventKind::Rx) continue;
    listener.feed(event.data, at);
    at = at + Duration::ms(50);
  }
  DeviceReport replayed;
  listener.report(replayed);
  CHECK(replayed.family == family);
  REQUIRE(replayed.snapshot.readings().size() == run.report.snapshot.readings().size());
  for (const auto& [ref, reading] : run.report.snapshot.readings()) {
    const Reading* again = replayed.snapshot.get(ref);
    INFO(to_text(ref));
    REQUIRE(again != nullptr);
    CHECK(again->quality == reading.quality);
    CHECK(again->number == reading.number);
    CHECK(again->bits == reading.bits);
    CHECK(again->text() == reading.text());
  }
}

}  // namespace

TEST_CASE("a recorded run over a serial line replays to the same values", "[TK-02]") {
  replays_equally("weco_smart", Carrier::Rtu);
}

TEST_CASE("a recorded run over Modbus TCP replays to the same values", "[TK-02]") {
  replays_equally("weco_smart", Carrier::Tcp);
}

TEST_CASE("a recorded run over Pylontech RS485 replays to the same values", "[TK-02]") {
  replays_equally("pylontech_rs485", Carrier::Serial);
}

TEST_CASE("traffic that no family explains is said to be so") {
  const auto catalog = Catalog::embedded();
  LineListener listener(*catalog, "");
  modbus::Client client({.unit = 9});
  client.set_request(*modbus::Request::read_holding_registers(0x9000, 1));
  client.start({});
  listener.feed(client.to_send(), {});
  const std::uint8_t answer[] = {9, 3, 2, 0, 1};
  std::vector<std::uint8_t> frame(answer, answer + 5);
  const std::uint16_t crc = crc16_modbus(frame);
  frame.push_back(static_cast<std::uint8_t>(crc & 0xFF));
  frame.push_back(static_cast<std::uint8_t>(crc >> 8));
  listener.feed(frame, Instant{} + Duration::ms(20));
  DeviceReport report;
  listener.report(report);
  CHECK(report.family.empty());
  REQUIRE(report.findings.size() == 1);
  CHECK(report.findings[0].id == FindingId::UnknownDevice);
}
