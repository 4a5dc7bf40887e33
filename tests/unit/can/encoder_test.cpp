// SPDX-License-Identifier: Apache-2.0
// The battery's side of the 0x35x family, read back by the decoder.
#include "core/protocol/canbms/encoder.hpp"

#include "core/protocol/canbms/decoder.hpp"
#include "tests/unit/can/collector.hpp"
#include "tests/unit/can/recordings.hpp"

using namespace weco;
using canbms::Decoder;
using canbms::Dialect;
using canbms::Encoder;
using test::Collector;

namespace {

Instant ms(std::int64_t n) { return Instant::from_us(n * 1000); }

Collector battery() {
  Collector v;
  v.number_in("charge_voltage_limit", "56.8");
  v.number_in("charge_current_limit", "150.5");
  v.number_in("discharge_current_limit", "200.0");
  v.number_in("discharge_voltage_limit", "44.8");
  v.number_in("soc", "63.27");
  v.number_in("soh", "98");
  v.number_in("pack_voltage", "53.14");
  v.number_in("pack_current", "-17.3");
  v.number_in("pack_temperature", "24.5");
  v.flags_in("protections", 1ULL << symbol("protections", "charge_overcurrent"));
  v.flags_in("alarms", 0);
  v.flags_in("warnings", 1ULL << symbol("warnings", "temperature_high"));
  v.flags_in("permissions", 0b00111);
  v.number_in("module_count", "4");
  v.number_in("modules_online", "4");
  v.number_in("modules_blocking_charge", "1");
  v.number_in("modules_blocking_discharge", "0");
  v.number_in("modules_offline", "0");
  v.number_in("cell_voltage_min", "3.312");
  v.number_in("cell_voltage_max", "3.331");
  v.number_in("cell_temperature_min", "23");
  v.number_in("cell_temperature_max", "26");
  v.text_in("cell_voltage_min_position", "0107");
  v.text_in("cell_voltage_max_position", "0212");
  v.text_in("cell_temperature_min_position", "0102");
  v.text_in("cell_temperature_max_position", "0401");
  v.number_in("rated_capacity", "400");
  v.number_in("remaining_capacity", "253");
  v.number_in("energy_charged_total", "1234.5");
  v.number_in("energy_discharged_total", "1180.2");
  v.number_in("device_type", "26956");
  v.text_in("vendor", "WECO");
  v.text_in("model", "SMART-S3 B20");
  v.text_in("serial_number", "W2026110900042");
  v.text_in("product_code", "SMART");
  v.text_in("firmware_version", "2.07");
  return v;
}

const char* const kNumbers[] = {"charge_voltage_limit",
                                "charge_current_limit",
                                "discharge_current_limit",
                                "soh",
                                "pack_voltage",
                                "pack_current",
                                "pack_temperature",
                                "module_count",
                                "modules_online",
                                "modules_offline",
                                "cell_voltage_min",
                                "cell_voltage_max",
                                "cell_temperature_min",
                                "cell_temperature_max",
                                "rated_capacity",
                                "remaining_capacity",
                                "energy_charged_total",
                                "energy_discharged_total",
                                "device_type",
                                "modules_blocking_charge"};

Collector round_trip(const Collector& values, Dialect dialect, Decoder& decoder) {
  Encoder encoder({dialect, Encoder::KeepAlive::Ignored, Duration::s(5)}, values);
  Collector out;
  for (int second = 0; second < 2; ++second) {  // twice: the dialect is known from the second on
    Encoder::Frames frames;
    encoder.due(ms(second * 1000), frames);
    for (const CanFrame& f : frames) decoder.feed(f, out);
  }
  return out;
}

}  // namespace

TEST_CASE("what a simulated battery sends is read back exactly, in every dialect it speaks",
          "[TK-09]") {
  const Collector values = battery();
  for (const Dialect dialect :
       {Dialect::Pylontech12, Dialect::PylontechPlus, Dialect::SmaVictron}) {
    INFO(canbms::info(dialect).name);
    Decoder decoder;
    const Collector out = round_trip(values, dialect, decoder);
    CHECK(decoder.dialect() == dialect);
    for (const char* name : kNumbers) {
      INFO(name);
      if (out.find(name) != nullptr) CHECK(out.equals(name, values.number(name)));
    }
    CHECK(out.find("pack_current") != nullptr);
    CHECK(out.number("soc") == (dialect == Dialect::SmaVictron ? "63.27" : "63"));
    CHECK(out.bits("warnings") == values.bits("warnings"));
    const bool pairs = dialect == Dialect::SmaVictron;
    CHECK(out.bits(pairs ? "alarms" : "protections") == values.bits("protections"));
    CHECK(out.text("vendor") == (pairs ? "WECO" : "PYLON"));
    if (pairs) {
      for (const char* name : {"model", "serial_number", "product_code", "firmware_version"}) {
        CHECK(out.text(name) == values.text(name));
      }
    } else {
      CHECK(out.bits("permissions") == values.bits("permissions"));
    }
  }
}

TEST_CASE("the captured Pylontech frames come out of the encoder byte for byte") {
  const std::vector<CanFrame> frames = test::frames_of("pylontech_setfirelabs_v12_firmware.log");
  Collector values;
  Decoder decoder;
  for (const CanFrame& f : frames) decoder.feed(f, values);
  Encoder encoder({}, values);
  for (const CanFrame& f : frames) {
    const auto made = encoder.encode(static_cast<std::uint16_t>(f.id));
    REQUIRE(made);
    CHECK(*made == f);
  }
}

TEST_CASE("without a charge voltage limit no limits are sent, without a current limit 0 A is",
          "[WS-15]") {
  Collector values;
  values.number_in("charge_current_limit", "100");
  Encoder encoder({}, values);
  CHECK(encoder.encode(0x351).error().code == ErrorCode::NotFound);
  values.readings.clear();
  values.number_in("charge_voltage_limit", "56.0");
  const auto made = encoder.encode(0x351);
  REQUIRE(made);
  CHECK(made->data == std::array<std::uint8_t, 8>{0x30, 0x02, 0, 0, 0, 0, 0xFF, 0xFF});
  CHECK(encoder.encode(0x356).error().code == ErrorCode::NotFound);
  CHECK(encoder.encode(0x35A).error().code == ErrorCode::Unsupported);
}

TEST_CASE("values beyond a field's range are cut to it, never wrapped") {
  Collector values;
  values.number_in("charge_voltage_limit", "56.0");
  values.number_in("charge_current_limit", "5000");
  values.number_in("discharge_current_limit", "-3");
  Encoder encoder({}, values);
  const auto made = encoder.encode(0x351);
  REQUIRE(made);
  CHECK(made->data[2] == 0xFF);
  CHECK(made->data[3] == 0x7F);
  CHECK(made->data[4] == 0);
  CHECK(made->data[5] == 0);
}

TEST_CASE("frames go out once a period, however late the call") {
  const Collector values = battery();
  Encoder encoder({}, values);
  Encoder::Frames frames;
  encoder.due(ms(0), frames);
  CHECK(frames.size() == 6);
  CHECK(encoder.next_due() == ms(1000));
  frames.clear();
  encoder.due(ms(999), frames);
  CHECK(frames.empty());
  encoder.due(ms(1000), frames);
  CHECK(frames.size() == 6);
  frames.clear();
  encoder.due(ms(60000), frames);
  CHECK(frames.size() == 6);
  CHECK(encoder.next_due() == ms(61000));
}

TEST_CASE("a battery that waits for 0x305 is silent before it and after it stops", "[WS-21]") {
  const Collector values = battery();
  Encoder encoder({Dialect::Pylontech12, Encoder::KeepAlive::Required, Duration::s(5)}, values);
  Encoder::Frames frames;
  encoder.due(ms(0), frames);
  CHECK(frames.empty());
  CHECK(encoder.next_due() == Instant::never());
  encoder.received(test::frame(0x306, {0}), ms(100));
  CHECK_FALSE(encoder.talking(ms(100)));
  encoder.received(test::frame(0x305, {0, 0, 0, 0, 0, 0, 0, 0}), ms(100));
  encoder.due(ms(100), frames);
  CHECK(frames.size() == 6);
  CHECK(encoder.talking(ms(5100)));
  CHECK_FALSE(encoder.talking(ms(5101)));
  frames.clear();
  encoder.due(ms(5101), frames);
  CHECK(frames.empty());
}

TEST_CASE("events that a table does not name go out under their wider name") {
  Collector values;
  values.flags_in("protections", 1ULL << symbol("protections", "cell_overvoltage") |
                                     1ULL << symbol("protections", "fuse"));
  Encoder pylontech({}, values);
  Decoder decoder;
  Collector out;
  decoder.feed(pylontech.encode(0x359).value(), out);
  CHECK(out.bits("protections") == (1ULL << symbol("protections", "high_voltage") |
                                    1ULL << symbol("protections", "system_error")));
  Encoder victron({Dialect::SmaVictron, Encoder::KeepAlive::Ignored, Duration::s(5)}, values);
  decoder.feed(victron.encode(0x35A).value(), out);
  CHECK(out.bits("alarms") ==
        (1ULL << symbol("alarms", "high_voltage") | 1ULL << symbol("alarms", "internal")));
}
