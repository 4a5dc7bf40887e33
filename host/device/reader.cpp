// SPDX-License-Identifier: Apache-2.0
#include "host/device/reader.hpp"

#include <utility>

#include "host/device/modbus_reader.hpp"
#include "host/device/pylontech_reader.hpp"

namespace weco {

namespace {
/// No device needs more: a map of 65536 registers in the smallest reads that make sense.
constexpr std::size_t kExchangesMax = 4096;
}  // namespace

Outcome<std::unique_ptr<DeviceReader>> make_reader(const Profile& profile,
                                                   const ReaderPlace& place) {
  switch (profile.protocol.kind) {
    case ProtocolKind::Modbus:
      return std::unique_ptr<DeviceReader>(std::make_unique<ModbusReader>(profile, place));
    case ProtocolKind::Pylontech:
      return std::unique_ptr<DeviceReader>(std::make_unique<PylontechReader>(profile, place));
    case ProtocolKind::CanBms:
      break;
  }
  return failure(ErrorCode::Unsupported, "the family " + profile.family + " is not read by asking",
                 {}, "Use a CAN endpoint such as slcan:/dev/ttyACM0?bitrate=500k.");
}

DeviceRun::~DeviceRun() {
  if (in_flight_ != nullptr) {
    done_ = {};
    session_.cancel(*in_flight_);
  }
}

void DeviceRun::start(Extent extent, Snapshot& into, std::uint8_t tries,
                      std::function<void(Status)> done) {
  WECO_ASSERT(in_flight_ == nullptr);
  extent_ = extent;
  into_ = &into;
  tries_ = tries;
  done_ = std::move(done);
  exchanges_ = 0;
  refused_ = {ErrorCode::NotFound, 0};
  reader_.restart();
  step();
}

void DeviceRun::step() {
  Exchange* exchange = exchanges_ == kExchangesMax   ? nullptr
                       : extent_ == Extent::Identity ? reader_.next_identity(*into_)
                                                     : reader_.next(*into_);
  if (exchange == nullptr) {
    Status status;
    if (exchanges_ == 0 || into_->empty()) status = fail(refused_.code, refused_.detail);
    if (const auto done = std::exchange(done_, {})) done(status);
    return;
  }
  ++exchanges_;
  in_flight_ = exchange;
  // A run that was given up is told of its cancelled exchange later, when it is gone.
  session_.submit(
      *exchange,
      [this, alive = std::weak_ptr<int>(alive_)](Status status) {
        if (!alive.expired()) completed(status);
      },
      tries_);
}

void DeviceRun::completed(Status status) {
  in_flight_ = nullptr;
  if (!done_) return;
  if (!status) refused_ = status.error();
  if (reader_.accept(status, session_.reactor().now(), *into_)) {
    step();
    return;
  }
  const auto done = std::exchange(done_, {});
  done(status ? Status(fail(ErrorCode::BadFrame)) : status);
}

}  // namespace weco
