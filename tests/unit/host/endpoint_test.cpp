// SPDX-License-Identifier: Apache-2.0
#include "host/link/endpoint.hpp"

#include "tests/support/catch.hpp"

using namespace weco;

namespace {

Failure refusal(std::string_view text) {
  const Outcome<Endpoint> parsed = parse_endpoint(text);
  REQUIRE_FALSE(parsed.has_value());
  CHECK(parsed.error().code() == ErrorCode::BadUsage);
  return parsed.error();
}

}  // namespace

TEST_CASE("every endpoint that can be read is written back to the same endpoint") {
  const char* const texts[] = {
      "serial:/dev/ttyUSB0",
      "serial:/dev/ttyUSB0?baud=19200&parity=even&data=8&stop=1&unit=247",
      "serial:/dev/serial/by-id/usb-FTDI_FT232R-if00?stop=2&parity=odd",
      "serial:/tmp/a%3Fb%25c d",
      "serial:COM3",
      "slcan:/dev/ttyACM0?bitrate=500k",
      "slcan:/dev/ttyACM0?bitrate=1m&listen=YES",
      "can:can0",
      "ble:c0:ff:ee:00:12:34?adapter=hci1",
      "tcp:192.0.2.5",
      "tcp:192.0.2.5:502?unit=1&framing=tcp&timeout=500",
      "tcp:[::1]:1502?framing=rtu",
      "tcp:[fe80::1%25eth0]",
      "tcp:gateway.example:65535",
      "udp:[2001:db8::7]",
      "pty:/tmp/tower?baud=9600",
      "sim:weco_smart?seed=9223372036854775807",
      "replay:site 1.log?speed=recorded",
      "loop:a",
  };
  for (const char* const text : texts) {
    CAPTURE(text);
    const Outcome<Endpoint> first = parse_endpoint(text);
    REQUIRE(first.has_value());
    const std::string written = format(*first);
    CAPTURE(written);
    const Outcome<Endpoint> second = parse_endpoint(written);
    REQUIRE(second.has_value());
    CHECK(*first == *second);
    CHECK(format(*second) == written);
  }
}

TEST_CASE("every scheme's printed example is valid") {
  for (const EndpointScheme& scheme : endpoint_schemes()) {
    CAPTURE(std::string(scheme.example));
    const Outcome<Endpoint> parsed = parse_endpoint(scheme.example);
    REQUIRE(parsed.has_value());
    CHECK(parsed->scheme == scheme.scheme);
    CHECK(&scheme_info(scheme.scheme) == &scheme);
  }
}

TEST_CASE("an endpoint's parts are read with their defaults") {
  const Endpoint serial = *parse_endpoint("serial:/dev/ttyS1?unit=3&parity=EVEN&baud=115200");
  CHECK(serial.place == "/dev/ttyS1");
  CHECK(serial.line_settings() == LineSettings{115200, LineSettings::Parity::Even, 8, 1});
  CHECK(*serial.unit() == 3);
  CHECK_FALSE(serial.framing().has_value());
  CHECK(parse_endpoint("serial:/dev/ttyS1")->line_settings() == LineSettings{});
  CHECK_FALSE(parse_endpoint("serial:/dev/ttyS1")->unit().has_value());

  const Endpoint v6 = *parse_endpoint("tcp:[::1]?framing=rtu&unit=0");
  CHECK(v6.place == "::1");
  CHECK(v6.port == 502);
  CHECK(*v6.framing() == Framing::Rtu);
  CHECK(*v6.unit() == 0);
  CHECK(parse_endpoint("udp:host")->port == 1337);
  CHECK(parse_endpoint("ble:c0:ff:ee:00:12:34")->place == "C0:FF:EE:00:12:34");
  CHECK(parse_endpoint("ble:PBOX 25")->place == "PBOX 25");
  CHECK(parse_endpoint("ble:?adapter=hci1")->place.empty());
  CHECK(parse_endpoint("ble:" + std::string(248, 'n'))->place.size() == 248);
  refusal("ble:" + std::string(249, 'n'));
}

TEST_CASE("a misspelt endpoint is refused with the place and what was probably meant") {
  Failure f = refusal("serail:/dev/ttyUSB0");
  CHECK(f.what == "'serail' is no kind of endpoint");
  CHECK(f.where == "'serail:/dev/ttyUSB0' column 1");
  CHECK(f.hint == "Did you mean 'serial'?");

  f = refusal("serial:/dev/ttyUSB0?buad=9600");
  CHECK(f.what == "'buad' is no option of serial");
  CHECK(f.where == "'serial:/dev/ttyUSB0?buad=9600' column 21");
  CHECK(f.hint == "Did you mean 'baud'?");

  f = refusal("serial:/dev/ttyUSB0?baud=9600&parity=both");
  CHECK(f.where == "'serial:/dev/ttyUSB0?baud=9600&parity=both' column 38");
  CHECK(f.hint == "Allowed: none, even, odd.");

  f = refusal("xyzzy:1");
  CHECK(f.hint == "Allowed are serial, slcan, can, ble, tcp, udp, pty, sim, replay, loop.");
  CHECK(refusal("can:can0?bitrate=500k").hint == "Allowed are keepalive.");
  CHECK(refusal("tcp:::1").hint == "Write [::1]:502.");
}

TEST_CASE("numbers of an endpoint are held to their range, at the edge and just beyond") {
  CHECK(parse_endpoint("serial:/a?unit=1").has_value());
  CHECK(parse_endpoint("serial:/a?unit=247").has_value());
  CHECK(refusal("serial:/a?unit=0").hint == "Allowed: 1 to 247.");
  refusal("serial:/a?unit=248");
  CHECK(parse_endpoint("serial:/a?baud=300").has_value());
  CHECK(refusal("serial:/a?baud=299").hint == "Allowed: 300 to 4000000 bit/s.");
  CHECK(parse_endpoint("serial:/a?baud=4000000").has_value());
  refusal("serial:/a?baud=4000001");
  refusal("serial:/a?baud=99999999999999999999");
  CHECK(parse_endpoint("tcp:a:1").has_value());
  CHECK(parse_endpoint("tcp:a:65535").has_value());
  CHECK(refusal("tcp:a:0").hint == "Allowed: 1 to 65535.");
  refusal("tcp:a:65536");
}

TEST_CASE("nonsense of every kind is refused, never taken for something else") {
  const char* const texts[] = {"",
                               "serial",
                               "serial:",
                               ":x",
                               "SERIAL:/a",
                               "serial:?baud=9600",
                               "serial:/a?",
                               "serial:/a?baud",
                               "serial:/a?baud=",
                               "serial:/a?baud=9600x",
                               "serial:/a?baud= 9600",
                               "serial:/a?baud=+9600",
                               "serial:/a?baud=-1",
                               "serial:/a?baud=9600&baud=9600",
                               "serial:/a?=9600",
                               "serial:/a?baud=96%zz",
                               "serial:/a%2",
                               "serial:/a%0a",
                               "serial:/a\nb",
                               "tcp:[]",
                               "tcp:[::1",
                               "tcp:[::1]x",
                               "tcp:[::1]:",
                               "tcp::502",
                               "tcp:a:b",
                               "ble:c0:ff:ee:00:12",
                               "ble:c0-ff-ee-00-12-34",
                               "can:a/b",
                               "can:sixteen_letters_",
                               "slcan:/a?bitrate=300k",
                               "sim:x?seed=-1",
                               "serial:/a?framing=rtu"};
  for (const char* const text : texts) {
    CAPTURE(text);
    const Failure f = refusal(text);
    CHECK_FALSE(f.what.empty());
    CHECK(f.where.find("column") != std::string::npos);
    CHECK(f.where.find('\n') == std::string::npos);
  }
  refusal("serial:" + std::string(kEndpointTextMax, 'a'));
}
