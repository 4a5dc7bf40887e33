// SPDX-License-Identifier: Apache-2.0
#include "host/device/can_listener.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"

using namespace weco;

namespace {

CanFrame frame(std::uint32_t id, std::vector<std::uint8_t> data, std::int64_t at_ms = 0) {
  CanFrame f;
  f.id = id;
  f.size = static_cast<std::uint8_t>(data.size());
  for (std::size_t i = 0; i < data.size(); ++i) f.data[i] = data[i];
  f.at = Instant{} + Duration::ms(at_ms);
  return f;
}

const std::vector<std::uint8_t> kLimits{0x14, 0x02, 0x74, 0x0E, 0x74, 0x0E, 0xCC, 0x01};
const std::vector<std::uint8_t> kMeasured{0x7A, 0x13, 0xF2, 0xFE, 0x6B, 0x01};
const std::vector<std::uint8_t> kState{0x1A, 0x00, 0x64, 0x00};
const std::vector<std::uint8_t> kAlarms{0, 0, 0, 0, 0x0A, 0x50, 0x4E};
const std::vector<std::uint8_t> kRequests{0xC0, 0x00};

DeviceReport report_of(const CanListener& listener, std::int64_t now_ms = 0, bool timed = true) {
  DeviceReport report;
  listener.report(Instant{} + Duration::ms(now_ms), timed, report);
  return report;
}

bool has(const DeviceReport& report, FindingId id) {
  for (const Finding& finding : report.findings) {
    if (finding.id == id) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("a value is judged by the dialect that the whole bus tells, not by the order of frames") {
  CanListener listener;
  listener.feed(frame(0x356, kMeasured));  // alone it tells no maker: the sign is an assumption
  CHECK(report_of(listener).assumptions.size() == 2);
  listener.feed(frame(0x351, kLimits));
  listener.feed(frame(0x359, kAlarms));
  listener.feed(frame(0x35C, kRequests));
  const DeviceReport report = report_of(listener);
  CHECK(report.dialect == "pylontech-1.2");
  CHECK(report.assumptions.empty());
  CHECK(report.snapshot.get({point("pack_current"), 0, {}})->quality == Quality::Good);
  CHECK(report.snapshot.number({point("pack_current"), 0, {}}) == Decimal{-270, -1});
}

TEST_CASE("a bus is complete with limits and either state or measurement") {
  CanListener listener;
  CHECK_FALSE(listener.complete());
  listener.feed(frame(0x351, kLimits));
  CHECK_FALSE(listener.complete());
  listener.feed(frame(0x355, kState));
  CHECK(listener.complete());
}

TEST_CASE("silence, an inverter alone and a strange bus are told apart") {
  CHECK(has(report_of({}), FindingId::SilentLine));
  CanListener inverter;
  inverter.feed(frame(0x305, std::vector<std::uint8_t>(8)));
  CHECK(has(report_of(inverter), FindingId::KeepAliveMissingAnswer));
  CHECK(report_of(inverter).raw.empty());
  CanListener strange;
  strange.feed(frame(0x123, {1, 2}));
  const DeviceReport report = report_of(strange);
  CHECK(has(report, FindingId::NoBattery));
  CHECK(report.assessment.level == Level::Warning);
  REQUIRE(report.raw.size() == 1);
  CHECK(report.raw[0].hex == "0102");
}

TEST_CASE("a vital frame that stopped is named, at once when it is late and not before") {
  CanListener listener;
  for (std::int64_t ms = 0; ms <= 10000; ms += 1000) {
    listener.feed(frame(0x351, kLimits, ms));
    if (ms <= 5000) listener.feed(frame(0x356, kMeasured, ms));
  }
  CHECK_FALSE(has(report_of(listener, 8000), FindingId::StaleFrame));
  CHECK(has(report_of(listener, 10000), FindingId::StaleFrame));
  CHECK_FALSE(has(report_of(listener, 10000, false), FindingId::StaleFrame));  // no real times
}

TEST_CASE("a limit of zero amperes is pointed out") {
  CanListener listener;
  listener.feed(frame(0x351, {0x14, 0x02, 0, 0, 0x74, 0x0E, 0xCC, 0x01}));
  CHECK(has(report_of(listener), FindingId::ZeroAmpereLimit));
}

TEST_CASE("frames that are not vital and have stopped are named together") {
  CanListener listener;
  for (std::int64_t ms = 0; ms <= 10000; ms += 1000) {
    listener.feed(frame(0x351, kLimits, ms));
    if (ms > 5000) continue;
    listener.feed(frame(0x359, kAlarms, ms));
    listener.feed(frame(0x35C, kRequests, ms));
    listener.feed(frame(0x305, {0, 0, 0, 0, 0, 0, 0, 0}, ms));
  }
  const DeviceReport report = report_of(listener, 10000);
  std::vector<std::string> stopped;
  for (const Finding& each : report.findings) {
    if (each.id == FindingId::StaleFrame) stopped.push_back(each.symptom);
  }
  CHECK(stopped == std::vector<std::string>{"Also stopped: 0x359, 0x35C."});
  const DeviceReport later = report_of(listener, 13001);
  CHECK(later.findings != report.findings);
  CHECK(std::any_of(later.findings.begin(), later.findings.end(), [](const Finding& each) {
    return each.symptom.starts_with("0x351 stopped 3.0 s ago; Safiery's inverters stop after 3 s");
  }));
}

TEST_CASE("a limit of 0 A comes with what inverters make of it, while it lasts") {
  CanListener listener;
  listener.feed(frame(0x359, kAlarms));
  listener.feed(frame(0x35C, kRequests));
  listener.feed(frame(0x355, {0x1A, 0, 0x64, 0, 0, 0, 0, 0}));
  listener.feed(frame(0x356, {0x7A, 0x13, 0xF2, 0xFE, 0x6B, 0x01, 0, 0}));
  listener.feed(frame(0x351, {0x14, 0x02, 0x74, 0x0E, 0, 0, 0xCC, 0x01}));
  CHECK(has(report_of(listener), FindingId::ZeroAmpereLimit));
  CHECK(has(report_of(listener), FindingId::DialectConsequence));
  listener.feed(frame(0x351, kLimits));
  CHECK_FALSE(has(report_of(listener), FindingId::DialectConsequence));
}

TEST_CASE("two sets of frames on one bus are a second battery or a converter") {
  CanListener listener;
  listener.feed(frame(0x351, kLimits));
  listener.feed(frame(0x356, kMeasured));
  CHECK_FALSE(has(report_of(listener), FindingId::MixedDialects));
  for (const std::uint32_t id : {0x400U, 0x404U, 0x405U}) listener.feed(frame(id, {1, 2, 3}));
  CHECK(has(report_of(listener), FindingId::MixedDialects));
}
