// SPDX-License-Identifier: Apache-2.0
// What the decoder decides where makers differ, at the edges of each decision.
#include "core/protocol/canbms/decoder.hpp"

#include <algorithm>
#include <set>

#include "tests/unit/can/collector.hpp"
#include "tests/unit/can/recordings.hpp"

using namespace weco;
using canbms::Assumption;
using canbms::Decoder;
using canbms::Dialect;
using canbms::Finding;
using test::Collector;
using test::frame;

namespace {

/// Feeds and returns what this one frame gave.
Collector feed(Decoder& decoder, const CanFrame& f) {
  Collector out;
  decoder.feed(f, out);
  return out;
}

constexpr std::uint64_t one(std::uint8_t bit) { return 1ULL << bit; }

}  // namespace

TEST_CASE("the scale of the pack voltage follows the limits of the battery") {
  Decoder decoder;
  feed(decoder, frame(0x351, {0x14, 0x02, 0, 0, 0, 0, 0xCC, 0x01}));  // 53.2 V, 46.0 V
  CHECK(feed(decoder, frame(0x356, {0x02, 0x13, 0, 0, 0, 0})).number("pack_voltage") == "48.66");
  CHECK(feed(decoder, frame(0x356, {0x17, 0x02, 0, 0, 0, 0})).number("pack_voltage") == "53.5");
  CHECK_FALSE(decoder.assumptions().has(Assumption::VoltageScaleByMagnitude));
  // The window reaches from half of 46.0 V to one and a half of 53.2 V.
  const auto at = [&](int raw) {
    return feed(decoder, frame(0x356, {raw & 0xFF, raw >> 8, 0, 0})).number("pack_voltage");
  };
  CHECK(at(2300) == "23.00");
  CHECK(at(7980) == "79.80");
  CHECK(at(7981) == "");  // and 798.1 V neither
  CHECK(decoder.findings().has(Finding::VoltageScaleUndecided));
  CHECK(at(2299) == "");
  CHECK(at(798) == "79.8");
  CHECK(at(799) == "");
  CHECK(at(230) == "23.0");
  CHECK(at(229) == "");
  CHECK(at(5000) == "50.00");
  CHECK_FALSE(decoder.findings().has(Finding::VoltageScaleUndecided));
}

TEST_CASE("without limits the scale of the pack voltage is taken from its size, and said so") {
  Decoder decoder;
  const auto at = [&](int raw) { return feed(decoder, frame(0x356, {raw & 0xFF, raw >> 8})); };
  CHECK(at(1500).number("pack_voltage") == "15.00");
  CHECK(at(1500).quality("pack_voltage") == Quality::Assumed);
  CHECK(decoder.assumptions().has(Assumption::VoltageScaleByMagnitude));
  CHECK(at(999).number("pack_voltage") == "99.9");
  CHECK(at(1000).find("pack_voltage") == nullptr);
  CHECK(at(1499).find("pack_voltage") == nullptr);
  CHECK(at(0x8000).quality("pack_voltage") == Quality::NotImplemented);
}

TEST_CASE("a fine state of charge is used only where it agrees with the coarse one") {
  Decoder decoder;
  const auto soc = [&](int fine) {
    return feed(decoder, frame(0x355, {50, 0, 100, 0, fine & 0xFF, fine >> 8})).number("soc");
  };
  CHECK(soc(4900) == "49.00");
  CHECK(soc(5100) == "51.00");
  CHECK_FALSE(decoder.findings().has(Finding::FineSocDisagrees));
  CHECK(soc(4899) == "50");
  CHECK(decoder.findings().has(Finding::FineSocDisagrees));
  CHECK(soc(5101) == "50");
  CHECK(soc(3312) == "50");  // a cell's millivolts
  CHECK(soc(0) == "50");
  CHECK_FALSE(decoder.findings().has(Finding::FineSocDisagrees));
}

TEST_CASE("one state of charge comes out of a frame, never two") {
  Decoder decoder;
  const Collector out = feed(decoder, frame(0x355, {16, 0, 100, 0, 0x40, 0x06, 0x43, 0x01}));
  int count = 0;
  for (const Reading& r : out.readings) count += r.ref.id == point("soc") ? 1 : 0;
  CHECK(count == 1);
  CHECK(out.number("soc") == "16.00");
  CHECK(out.number("remaining_capacity") == "323");
  CHECK(out.quality("remaining_capacity") == Quality::Assumed);
}

TEST_CASE("values that mean 'not there' are a quality and never a number") {
  Decoder decoder;
  const Collector limits =
      feed(decoder, frame(0x351, {0xFF, 0xFF, 0x00, 0x80, 0xFF, 0xFF, 0xFF, 0xFF}));
  for (const char* name : {"charge_voltage_limit", "charge_current_limit",
                           "discharge_current_limit", "discharge_voltage_limit"}) {
    INFO(name);
    CHECK(limits.quality(name) == Quality::NotImplemented);
    CHECK(limits.number(name) == "");
  }
  const Collector state = feed(decoder, frame(0x355, {0xFF, 0xFF, 0xFF, 0xFF}));
  CHECK(state.quality("soc") == Quality::NotImplemented);
  const Collector cold = feed(decoder, frame(0x356, {0x79, 0x14, 0, 0, 0x24, 0xFA}));  // -150.0
  CHECK(cold.quality("pack_temperature") == Quality::NotImplemented);
  const Collector near = feed(decoder, frame(0x356, {0x79, 0x14, 0, 0, 0x25, 0xFA}));  // -149.9
  CHECK(near.quality("pack_temperature") == Quality::OutOfRange);
  CHECK(feed(decoder, frame(0x356, {0x79, 0x14, 0xFF, 0xFF})).number("pack_current") == "-0.1");
}

TEST_CASE("a state of charge above 100 percent is shown as impossible") {
  Decoder decoder;
  CHECK(feed(decoder, frame(0x355, {100, 0, 100, 0})).quality("soc") == Quality::Good);
  CHECK(feed(decoder, frame(0x355, {101, 0, 100, 0})).quality("soc") == Quality::OutOfRange);
}

TEST_CASE("a discharge limit that comes negative is shown as its size, and said so", "[WS-15]") {
  Decoder decoder;
  const Collector out = feed(decoder, frame(0x351, {0x14, 0x02, 0x64, 0, 0x9C, 0xFF}));
  CHECK(out.number("discharge_current_limit") == "10.0");
  CHECK(out.quality("discharge_current_limit") == Quality::Assumed);
  CHECK(decoder.assumptions().has(Assumption::NegativeDischargeLimit));
  const Collector odd = feed(decoder, frame(0x351, {0x14, 0x02, 0x9C, 0xFF, 0x64, 0}));
  CHECK(odd.quality("charge_current_limit") == Quality::OutOfRange);
}

TEST_CASE("a limit of 0 A is found while it lasts", "[WS-15]") {
  Decoder decoder;
  feed(decoder, frame(0x351, {0x28, 0x02, 0, 0, 1, 0, 0xC0, 0x01}));
  CHECK(decoder.findings().has(Finding::ChargeLimitZero));
  CHECK_FALSE(decoder.findings().has(Finding::DischargeLimitZero));
  feed(decoder, frame(0x351, {0x28, 0x02, 1, 0, 0, 0, 0xC0, 0x01}));
  CHECK_FALSE(decoder.findings().has(Finding::ChargeLimitZero));
  CHECK(decoder.findings().has(Finding::DischargeLimitZero));
}

TEST_CASE("alarm pairs: 1 is raised, 2 is normal, 0 and 3 say nothing") {
  Decoder decoder;
  const auto alarms = [&](std::initializer_list<int> bytes) {
    return feed(decoder, frame(0x35A, bytes));
  };
  Collector out = alarms({0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA});
  CHECK(out.bits("alarms") == 0);
  CHECK(out.quality("alarms") == Quality::Good);
  out = alarms({0, 0, 0, 0, 0, 0, 0, 0});
  CHECK(out.quality("alarms") == Quality::NotImplemented);
  out = alarms({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF});
  CHECK(out.quality("alarms") == Quality::NotImplemented);
  for (const auto& pair : canbms::kPairs) {
    CanFrame f = frame(0x35A, {0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA});
    f.data[pair.bit / 4] = static_cast<std::uint8_t>(f.data[pair.bit / 4] ^ 3U << pair.bit % 4 * 2);
    out = feed(decoder, f);
    CHECK(out.bits("alarms") == one(pair.event));
    CHECK(out.bits("warnings") == 0);
    std::rotate(f.data.begin(), f.data.begin() + 4, f.data.end());
    out = feed(decoder, f);
    CHECK(out.bits("alarms") == 0);
    CHECK(out.bits("warnings") == one(pair.event));
  }
  out = alarms({0xAB, 0xAA, 0xFE, 0xAF, 0xAA, 0xFA, 0xFF});  // LYNK II, 7 bytes
  CHECK(out.bits("alarms") == 0);
  CHECK(out.bits("alarm_word", 2) == 0xAFFEAAAB);
  CHECK(out.bits("warning_word", 2) == 0xFFFAAA);
}

TEST_CASE("each published bit of 0x359 is one event, other bits are kept and noted") {
  Decoder decoder;
  for (std::uint8_t bit = 0; bit < 16; ++bit) {
    CanFrame f = frame(0x359, {0, 0, 0, 0, 2, 'P', 'N'});
    f.data[bit / 8] = static_cast<std::uint8_t>(1U << bit % 8);
    Collector out = feed(decoder, f);
    std::uint64_t expected = 0;
    for (const auto& row : canbms::kProtectionBits) expected |= row.bit == bit ? one(row.event) : 0;
    CHECK(out.bits("protections") == expected);
    CHECK(out.bits("fault_word", 1) == one(bit));
    CHECK(decoder.findings().has(Finding::NonStandardAlarmBits) == (expected == 0));
    std::swap(f.data[0], f.data[2]);
    std::swap(f.data[1], f.data[3]);
    out = feed(decoder, f);
    CHECK(out.bits("protections") == 0);
    CHECK(out.bits("warning_word", 1) == one(bit));
    CHECK((out.bits("warnings") == 0) == (expected == 0));
  }
}

TEST_CASE("requests of 0x35C become permissions") {
  Decoder decoder;
  const auto permissions = [&](int byte) {
    return feed(decoder, frame(0x35C, {byte, 0})).bits("permissions");
  };
  CHECK(permissions(0xC0) == 0b00011);
  CHECK(permissions(0xE0) == 0b00111);
  CHECK(permissions(0x40) == 0b00010);
  CHECK(permissions(0x80) == 0b00001);
  CHECK(permissions(0x10) == 0b01000);
  CHECK(permissions(0x08) == 0b10000);
  CHECK(permissions(0x07) == 0);
}

TEST_CASE("0x370 is cells or a name, whichever it looks like") {
  Decoder decoder;
  Collector out = feed(decoder, frame(0x370, {0x76, 0, 0x6C, 0, 0xCF, 0x0C, 0xCA, 0x0C}));
  CHECK(out.number("cell_temperature_max") == "11.8");
  CHECK(out.number("cell_temperature_min") == "10.8");
  CHECK(out.number("cell_voltage_max") == "3.279");
  CHECK(out.number("cell_voltage_min") == "3.274");
  out = feed(decoder, frame(0x370, {'D', 'i', 's', 'c', 'o', 'v', 'e', 'r'}));
  CHECK(out.text("model") == "Discover");
  CHECK(out.find("cell_voltage_max") == nullptr);
  CHECK(feed(decoder, frame(0x371, {' ', 'A', 'E', 'S', 0, 0, 0, 0})).text("model") ==
        "Discover AES");
  // Lowest above highest: neither form, so nothing is claimed and the bytes stay visible.
  out = feed(decoder, frame(0x370, {0x76, 0, 0x6C, 0, 0xCA, 0x0C, 0xCF, 0x0C}));
  CHECK(out.readings.empty());
  CHECK(decoder.find(0x370)->readings == 0);
  CHECK(decoder.find(0x370)->data[4] == 0xCA);
}

TEST_CASE("versions that LYNK II sends in 4 bytes are not taken for modules or cells") {
  Decoder decoder;
  CHECK(feed(decoder, frame(0x372, {0, 0, 0, 2})).readings.empty());
  CHECK(feed(decoder, frame(0x373, {1, 0, 0, 0})).readings.empty());
  const Collector out = feed(decoder, frame(0x372, {2, 0, 2, 0, 1, 0, 0, 0}));
  CHECK(out.number("modules_online") == "2");
  CHECK(out.number("modules_blocking_charge") == "2");
  CHECK(out.number("modules_blocking_discharge") == "1");
  CHECK(out.number("modules_offline") == "0");
}

TEST_CASE("kelvin without decimals names the offset it was taken with") {
  Decoder decoder;
  const CanFrame cells = frame(0x373, {0xEA, 0x0C, 0x01, 0x0D, 0x1F, 0x01, 0x22, 0x01});
  CHECK(feed(decoder, cells).number("cell_temperature_min") == "14");
  CHECK(decoder.assumptions().has(Assumption::KelvinOffset273));
  feed(decoder, frame(0x35A, {0xAA}));
  feed(decoder, frame(0x35E, {'B', 'Y', 'D', 0, 0, 0, 0, 0}));
  const Collector byd = feed(decoder, cells);
  CHECK(byd.number("cell_temperature_min") == "15");
  CHECK(byd.quality("cell_temperature_min") == Quality::Assumed);
  CHECK(decoder.assumptions().has(Assumption::KelvinOffset272));
  CHECK_FALSE(decoder.assumptions().has(Assumption::KelvinOffset273));
}

TEST_CASE("the ampere-hours of 0x35F wait until the maker is known") {
  Decoder decoder;
  const CanFrame id = frame(0x35F, {0x4C, 0x49, 0x01, 0x03, 0x3C, 0x02, 0xAA, 0x00});
  Collector out = feed(decoder, id);
  CHECK(out.find("full_capacity") == nullptr);
  CHECK(out.find("remaining_capacity") == nullptr);
  feed(decoder, frame(0x35E, {'P', 'Y', 'L', 'O', 'N', ' ', ' ', ' '}));
  out = feed(decoder, id);
  CHECK(out.number("full_capacity") == "572");
  CHECK(out.text("firmware_version") == "1.03");
  CHECK(out.quality("firmware_version") == Quality::Assumed);
}

TEST_CASE("a version that is no printed digits is not shown as one") {
  Decoder decoder;
  const Collector out = feed(decoder, frame(0x35F, {0x00, 0x00, 0x0D, 0x05, 0, 0, 0, 0}));
  CHECK(out.text("firmware_version").empty());
}

TEST_CASE("text of a battery loses its padding, and the maker what is no text behind the name") {
  Decoder decoder;
  const Collector out = feed(decoder, frame(0x35E, {'P', 'Y', 'L', 'O', 'N', 0x1C, 0xFC, 0x08}));
  CHECK(out.text("vendor") == "PYLON");
  CHECK(feed(decoder, frame(0x35E, {0, 0, 0})).quality("vendor") == Quality::NotImplemented);
  CHECK(feed(decoder, frame(0x382, {'A', 0, 'B', ' ', 0, ' '})).text("product_code") ==
        std::string("A\0B", 3));
}

TEST_CASE("an inverter on the bus is noticed, whatever form its keep-alive has") {
  Decoder decoder;
  CHECK_FALSE(decoder.inverter_seen());
  feed(decoder, frame(0x307, {0x12, 0x34, 0x56, 0x78, 'V', 'I', 'C', 0}));
  CHECK(decoder.inverter_seen());
  CHECK_FALSE(decoder.keep_alive_seen());
  CanFrame wide = frame(0x305, {0, 0, 0, 0, 0, 0, 0, 0});
  wide.extended = true;
  wide.at = Instant::from_us(7);
  feed(decoder, wide);
  CHECK(decoder.keep_alive_seen());
  CHECK(decoder.keep_alive_last() == Instant::from_us(7));
}

TEST_CASE("each id has a rhythm and grows stale by it", "[WS-21]") {
  Decoder decoder;
  CanFrame f = frame(0x351, {0x14, 0x02, 1, 0, 1, 0});
  const auto ms = [](std::int64_t n) { return Instant::from_us(n * 1000); };
  CHECK(decoder.stale(0x351, ms(0)));
  for (int i = 0; i <= 10; ++i) {
    f.at = ms(2000 * i);
    feed(decoder, f);
  }
  CHECK(decoder.find(0x351)->period.to_ms() == 2000);
  CHECK(decoder.find(0x351)->frames == 11);
  CHECK_FALSE(decoder.stale(0x351, ms(26000)));
  CHECK(decoder.stale(0x351, ms(26001)));
  // A fast id is not called late before 3 s.
  CanFrame fast = frame(0x355, {50, 0});
  for (int i = 0; i <= 10; ++i) {
    fast.at = ms(100 * i);
    feed(decoder, fast);
  }
  CHECK_FALSE(decoder.stale(0x355, ms(4000)));
  CHECK(decoder.stale(0x355, ms(4001)));
  CHECK(decoder.stale(0x356, ms(0)));
}

TEST_CASE("a clock that goes backwards changes no rhythm") {
  Decoder decoder;
  CanFrame f = frame(0x351, {0x14, 0x02});
  for (const std::int64_t us : {5000000, 6000000, 1000000, 6000000}) {
    f.at = Instant::from_us(us);
    feed(decoder, f);
  }
  CHECK(decoder.find(0x351)->period == Duration::s(1));
  CHECK(decoder.find(0x351)->last == Instant::from_us(6000000));
}

TEST_CASE("an id that nobody documented stays visible with its last bytes") {
  Decoder decoder;
  feed(decoder, frame(0x403, {4, 0x84, 0x80, 2}));
  REQUIRE(decoder.ids().size() == 1);
  CHECK(decoder.ids()[0].id == 0x403);
  CHECK(decoder.ids()[0].field_count == 0);
  CHECK(decoder.ids()[0].readings == 0);
  CHECK(decoder.ids()[0].data[1] == 0x84);
}

TEST_CASE("a bus with more ids than are kept says so and goes on") {
  Decoder decoder;
  for (std::uint32_t id = 0; id < Decoder::kIdsMax; ++id) feed(decoder, frame(id, {1}));
  CHECK_FALSE(decoder.findings().has(Finding::IdsDropped));
  CHECK(feed(decoder, frame(0x7FF, {1})).readings.empty());
  CHECK(decoder.findings().has(Finding::IdsDropped));
  CHECK(decoder.ids().size() == Decoder::kIdsMax);
}

TEST_CASE("reports of the controller and requests for frames are counted, not decoded") {
  Decoder decoder;
  CanFrame f = frame(0x355, {50, 0, 100, 0});
  f.remote = true;
  CHECK(feed(decoder, f).readings.empty());
  f.remote = false;
  f.error = true;
  CHECK(feed(decoder, f).readings.empty());
  CHECK(decoder.remote_frames() == 1);
  CHECK(decoder.error_frames() == 1);
  CHECK(decoder.ids().empty());
  f.error = false;
  f.extended = true;  // 29 bits: another identifier
  CHECK(feed(decoder, f).readings.empty());
}

TEST_CASE("dialects that are only named are recognised by their ids") {
  const auto dialect = [](std::initializer_list<std::uint32_t> ids, bool extended) {
    Decoder decoder;
    for (const std::uint32_t id : ids) {
      CanFrame f = frame(id, {1, 2, 3, 4, 5, 6, 7, 8});
      f.extended = extended;
      feed(decoder, f);
    }
    return decoder.dialect();
  };
  CHECK(dialect({0x4210, 0x4220}, true) == Dialect::PylontechHv);
  CHECK(dialect({0x4211}, true) == Dialect::PylontechHv);
  CHECK(dialect({0x4212}, true) == Dialect::Unknown);
  CHECK(dialect({0x7310}, true) == Dialect::PylontechHv);
  CHECK(dialect({0x1872, 0x1873}, true) == Dialect::SolaX);
  CHECK(dialect({0x1870}, true) == Dialect::Unknown);
  CHECK(dialect({0x1883}, true) == Dialect::Unknown);
  CHECK(dialect({0x3110, 0x3120}, true) == Dialect::GrowattHv);
  CHECK(dialect({0x301}, false) == Dialect::GrowattLv);
  CHECK(dialect({0x311, 0x313}, false) == Dialect::GrowattLv);
  CHECK(dialect({0x311}, false) == Dialect::Unknown);
  CHECK(dialect({0x110, 0x200, 0x361, 0x363, 0x364}, false) == Dialect::DeyePcs);
  CHECK(dialect({0x110, 0x150}, false) == Dialect::BydHvs);
  CHECK(dialect({0x110}, false) == Dialect::Unknown);
  CHECK(dialect({0x351, 0x355, 0x30F}, false) == Dialect::Sofar);
  CHECK(dialect({0x351}, false) == Dialect::Common35x);
}

TEST_CASE("the table of fields is sorted, names its sources, and every row is reachable") {
  std::uint16_t last = 0;
  for (const canbms::Field& field : canbms::fields()) {
    CHECK(field.id >= last);
    last = field.id;
    CHECK(field.sources >= 1);
    CHECK(field.dialects != 0);
    CHECK(field.byte + canbms::width(field.type) <= 8);
    CHECK_FALSE(canbms::name(field.type).empty());
  }
  std::set<std::string_view> sentences;
  for (const auto& row : canbms::kAssumptions) sentences.insert(row.sentence);
  CHECK(sentences.size() == canbms::kAssumptions.size());
}
