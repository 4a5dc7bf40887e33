// SPDX-License-Identifier: Apache-2.0
#include "core/protocol/can/health.hpp"

#include "tests/support/catch.hpp"

using namespace weco;
using State = BusHealth::State;

namespace {

/// An error frame as Linux hands it out: classes in the identifier, details in the data.
CanFrame error_frame(std::uint32_t classes, std::array<std::uint8_t, 8> data = {}) {
  CanFrame frame;
  frame.error = true;
  frame.id = classes;
  frame.size = 8;
  frame.data = data;
  return frame;
}

BusHealth after(const CanFrame& frame) {
  BusHealth health;
  health.observe(frame);
  return health;
}

}  // namespace

TEST_CASE("an error frame tells the state of the controller") {
  CHECK(after(error_frame(0x004, {0, 0x04})).state == State::Warning);
  CHECK(after(error_frame(0x004, {0, 0x08})).state == State::Warning);
  CHECK(after(error_frame(0x004, {0, 0x10})).state == State::Passive);
  CHECK(after(error_frame(0x004, {0, 0x24})).state == State::Passive);
  CHECK(after(error_frame(0x004, {0, 0x40})).state == State::Active);
  CHECK(after(error_frame(0x004, {0, 0x01})).overruns == 1);
  CHECK(after(error_frame(0x004, {0, 0x01})).state == State::Unknown);
}

TEST_CASE("bus-off and the restart after it are counted, and the state follows") {
  BusHealth health;
  health.observe(error_frame(0x040));
  CHECK(health.state == State::BusOff);
  CHECK(health.bus_offs == 1);
  health.observe(error_frame(0x100));
  CHECK(health.state == State::Active);
  CHECK(health.restarts == 1);
  CHECK(health.bus_offs == 1);
}

TEST_CASE("a missing acknowledge is one, whichever way the controller reports it") {
  CHECK(after(error_frame(0x020)).no_acknowledge == 1);
  CHECK(after(error_frame(0x028, {0, 0, 0x10, 0x19})).no_acknowledge == 1);
  CHECK(after(error_frame(0x008, {0, 0, 0x10, 0x19})).no_acknowledge == 1);
  CHECK(after(error_frame(0x008, {0, 0, 0x01, 0x1B})).no_acknowledge == 1);
  CHECK(after(error_frame(0x008, {0, 0, 0x01, 0x19})).damaged == 0);
}

TEST_CASE("damage is a frame whose form, bits, stuffing or checksum are wrong") {
  CHECK(after(error_frame(0x008, {0, 0, 0x04, 0})).damaged == 1);
  CHECK(after(error_frame(0x088, {0, 0, 0x02, 0})).damaged == 1);
  CHECK(after(error_frame(0x088, {0, 0, 0x02, 0})).bus_errors == 1);
  CHECK(after(error_frame(0x008, {0, 0, 0, 0x08})).damaged == 1);
  CHECK(after(error_frame(0x008, {0, 0, 0x20, 0})).damaged == 0);  // overload is none
  CHECK(after(error_frame(0x008, {0, 0, 0x80, 0})).damaged == 0);  // nor that we were sending
}

TEST_CASE("the counters are believed only where the frame says that it carries them") {
  const BusHealth told = after(error_frame(0x204, {0, 0x10, 0, 0, 0, 0, 128, 7}));
  CHECK(told.transmit_errors == 128);
  CHECK(told.receive_errors == 7);
  CHECK_FALSE(after(error_frame(0x004, {0, 0x10, 0, 0, 0, 0, 128, 7})).transmit_errors);
  CHECK(after(error_frame(0x010, {0, 0, 0, 0, 0x07})).wire_fault == 0x07);
}

TEST_CASE("a frame of the bus says nothing of the controller, whatever its identifier is") {
  CanFrame frame = error_frame(0x040);
  frame.error = false;
  CHECK(after(frame).bus_offs == 0);
  CHECK(after(frame).state == State::Unknown);
}

TEST_CASE("what the driver and the error frames both counted is not counted twice") {
  BusHealth seen = after(error_frame(0x040));
  BusHealth driver;
  driver.state = State::Active;
  driver.bits_per_second = 500000;
  driver.bus_offs = 3;
  driver.restarts = 3;
  driver.lost = 2;
  seen.merge(driver);
  CHECK(seen.state == State::Active);
  CHECK(seen.bus_offs == 3);
  CHECK(seen.restarts == 3);
  CHECK(seen.lost == 2);
  seen.merge(BusHealth{});
  CHECK(seen.state == State::Active);
  CHECK(seen.bits_per_second == 500000);
}
