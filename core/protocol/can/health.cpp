// SPDX-License-Identifier: Apache-2.0
#include "core/protocol/can/health.hpp"

#include <algorithm>

namespace weco {
namespace {

// Classes, in the identifier of an error frame.
constexpr std::uint32_t kSendTimeout = 0x001;
constexpr std::uint32_t kArbitrationLost = 0x002;
constexpr std::uint32_t kController = 0x004;
constexpr std::uint32_t kProtocol = 0x008;
constexpr std::uint32_t kTransceiver = 0x010;
constexpr std::uint32_t kNoAcknowledge = 0x020;
constexpr std::uint32_t kBusOff = 0x040;
constexpr std::uint32_t kBusError = 0x080;
constexpr std::uint32_t kRestarted = 0x100;
constexpr std::uint32_t kCounters = 0x200;

// data[1]: the controller.
constexpr std::uint8_t kOverflow = 0x03;
constexpr std::uint8_t kWarning = 0x0C;
constexpr std::uint8_t kPassive = 0x30;
constexpr std::uint8_t kActive = 0x40;

// data[2] and data[3]: what broke and where.
constexpr std::uint8_t kDamage = 0x1F;  // bit, form, stuff, dominant, recessive
constexpr std::uint8_t kAcknowledgeSlot = 0x19;
constexpr std::uint8_t kAcknowledgeDelimiter = 0x1B;
constexpr std::uint8_t kChecksum = 0x08;

void observe_controller(BusHealth& health, std::uint8_t bits) {
  if ((bits & kOverflow) != 0) ++health.overruns;
  if ((bits & kPassive) != 0) {
    health.state = BusHealth::State::Passive;
  } else if ((bits & kWarning) != 0) {
    health.state = BusHealth::State::Warning;
  } else if ((bits & kActive) != 0) {
    health.state = BusHealth::State::Active;
  }
}

void observe_protocol(BusHealth& health, std::uint8_t kind, std::uint8_t place) {
  // Many controllers report a missing acknowledge as a bit that went wrong in its slot.
  if (place == kAcknowledgeSlot || place == kAcknowledgeDelimiter) {
    ++health.no_acknowledge;
  } else if ((kind & kDamage) != 0 || place == kChecksum) {
    ++health.damaged;
  }
}

}  // namespace

void BusHealth::observe(const CanFrame& frame) {
  if (!frame.error) return;
  const std::uint32_t classes = frame.id;
  if ((classes & kSendTimeout) != 0) ++send_timeouts;
  if ((classes & kArbitrationLost) != 0) ++arbitration_lost;
  if ((classes & kController) != 0) observe_controller(*this, frame.data[1]);
  if ((classes & kNoAcknowledge) != 0) {
    ++no_acknowledge;
  } else if ((classes & kProtocol) != 0) {
    observe_protocol(*this, frame.data[2], frame.data[3]);
  }
  if ((classes & kTransceiver) != 0) wire_fault = frame.data[4];
  if ((classes & kBusError) != 0) ++bus_errors;
  if ((classes & kBusOff) != 0) {
    ++bus_offs;
    state = State::BusOff;
  }
  if ((classes & kRestarted) != 0) {
    ++restarts;
    state = State::Active;
  }
  if ((classes & kCounters) != 0) {
    transmit_errors = frame.data[6];
    receive_errors = frame.data[7];
  }
}

void BusHealth::merge(const BusHealth& other) {
  if (other.state != State::Unknown) state = other.state;
  listen_only = listen_only || other.listen_only;
  is_virtual = is_virtual || other.is_virtual;
  if (other.bits_per_second != 0) bits_per_second = other.bits_per_second;
  if (other.data_bits_per_second != 0) data_bits_per_second = other.data_bits_per_second;
  if (other.restart_ms != 0) restart_ms = other.restart_ms;
  if (other.transmit_errors) transmit_errors = other.transmit_errors;
  if (other.receive_errors) receive_errors = other.receive_errors;
  // The driver counts these, too, and from earlier on: the larger of the two, not the sum.
  bus_errors = std::max(bus_errors, other.bus_errors);
  bus_offs = std::max(bus_offs, other.bus_offs);
  restarts = std::max(restarts, other.restarts);
  arbitration_lost = std::max(arbitration_lost, other.arbitration_lost);
  no_acknowledge += other.no_acknowledge;
  damaged += other.damaged;
  send_timeouts += other.send_timeouts;
  overruns += other.overruns;
  lost += other.lost;
  long_frames += other.long_frames;
  strange += other.strange;
  if (other.wire_fault != 0) wire_fault = other.wire_fault;
}

}  // namespace weco
