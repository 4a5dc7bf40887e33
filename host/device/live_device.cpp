// SPDX-License-Identifier: Apache-2.0
#include "host/device/live_device.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace weco {

namespace {
constexpr std::uint8_t kTries = 3;
}

LiveDevice::LiveDevice(Reactor& reactor, Setup setup, std::unique_ptr<DeviceReader> reader)
    : reactor_(reactor),
      setup_(std::move(setup)),
      reader_(std::move(reader)),
      session_(reactor, *setup_.link, Session::Options{kTries}, setup_.events) {}

Outcome<std::unique_ptr<LiveDevice>> LiveDevice::make(Reactor& reactor, Setup setup) {
  const ReaderPlace place{setup.carrier, setup.unit, setup.link->traits(), {}};
  auto reader = make_reader(*setup.profile, place);
  if (!reader) return Unexpected{std::move(reader).error()};
  return std::unique_ptr<LiveDevice>(new LiveDevice(reactor, std::move(setup), std::move(*reader)));
}

Outcome<DeviceReport> LiveDevice::read(Duration patience) {
  DeviceReport report;
  std::optional<Status> outcome;
  DeviceRun run(session_, *reader_);
  run.start(DeviceRun::Extent::Everything, report.snapshot, kTries,
            [&](Status status) { outcome = status; });
  reactor_.run([&] { return outcome.has_value(); }, reactor_.now() + patience);
  const std::string endpoint = setup_.link->describe();
  if (session_.failure()) return Unexpected{*session_.failure()};
  if (reactor_.interrupted()) return failure(ErrorCode::Interrupted, "reading", endpoint);
  if (!outcome) {
    return failure(ErrorCode::Timeout, "the device was not read to its end in time", endpoint);
  }
  if (!*outcome) {
    return failure(outcome->error(),
                   fmt::format("reading address {} as {}", setup_.unit, setup_.profile->family),
                   endpoint);
  }
  report.endpoint = endpoint;
  name_family(*setup_.profile, report);
  report.lights = lights_of(setup_.lights, report.snapshot);
  report.assumptions = assumptions_of(*setup_.profile, report.snapshot);
  report.unit = setup_.unit;
  report.line = setup_.line;
  report.findings = reader_->findings();
  report.assessment = assess(report.snapshot, setup_.codes, report.findings);
  return report;
}

}  // namespace weco
