// SPDX-License-Identifier: Apache-2.0
#include "cli/flash_device.hpp"

#include <fmt/format.h>

#include <utility>

#include "cli/records_place.hpp"
#include "host/guard/update_guard.hpp"
#include "host/update/modbus_updater.hpp"
#include "host/update/smp_updater.hpp"
#include "host/update/uds_updater.hpp"

namespace weco::cli {
namespace {

constexpr Duration kTelemetryPatience = Duration::s(10);
/// A device that has just started may need a while until its readings are there.
constexpr Duration kHealthLimit = Duration::s(60);
constexpr Duration kHealthPause = Duration::s(2);

}  // namespace

Outcome<Firmware> read_good_firmware(const std::string& image, std::span<const std::string> keys) {
  PublicKeys trusted;
  for (const std::string& path : keys) {
    if (Done added = trusted.add_file(path); !added) return Unexpected{std::move(added).error()};
  }
  auto firmware = read_firmware(image);
  if (!firmware) return firmware;
  const image::Verdict verdict = verdict_on(*firmware, trusted);
  if (verdict.good()) return firmware;
  return failure(ErrorCode::VerificationDiffers,
                 "the image is not good: " + std::string(image::sentence(verdict.finding)),
                 firmware->path, "Nothing was sent. Get the file and the key from the vendor.");
}

Outcome<OpenedUpdater> open_updater(const Place& place, Reactor& reactor, EventSink* events) {
  auto over = open_conversation(place, reactor, events);
  if (!over) return Unexpected{std::move(over).error()};
  OpenedUpdater opened{std::move(*over), nullptr};
  if (opened.over.bus != nullptr) {
    opened.updater = std::make_unique<UdsUpdater>(reactor, *opened.over.bus);
    return opened;
  }
  if (const auto modbus = modbus_at(place.endpoint)) {
    const ModbusUpdateOptions options{.framing = modbus->framing, .unit = modbus->unit};
    opened.updater = std::make_unique<ModbusUpdater>(*opened.over.session, options);
    return opened;
  }
  SmpOptions options;
  if (place.endpoint.scheme == Scheme::Udp) {
    options.framing = smp::Framing::Packet;
    options.packet_max = static_cast<std::uint32_t>(opened.over.link->traits().write_max);
    opened.over.session.reset();  // the updater has its own
    opened.updater = std::make_unique<SmpUpdater>(reactor, *opened.over.link, options);
  } else {
    opened.updater = std::make_unique<SmpUpdater>(*opened.over.session, options);
  }
  return opened;
}

std::string bus_of(const Endpoint& endpoint) {
  return fmt::format("{}:{}:{}", scheme_info(endpoint.scheme).name, endpoint.place, endpoint.port);
}

Look look_at(Place place, Reactor& reactor, const Catalog& catalog, EventSink* events) {
  const auto line = std::make_shared<std::optional<OpenedDevice>>();
  return [line, place = std::move(place), &reactor, &catalog, events]() -> Outcome<DeviceReport> {
    if (!*line) {
      if (place.target.family.empty()) {
        return failure(ErrorCode::BadUsage, "the family of the telemetry is not known", "--family",
                       "Name it, or a configured device; see 'weco devices list'.");
      }
      auto opened = open_live(place, place.target.family, reactor, catalog, events);
      if (!opened) return Unexpected{std::move(opened).error()};
      line->emplace(std::move(*opened));
    }
    return (*line)->device->read(kTelemetryPatience);
  };
}

Telemetry::Telemetry(const Context& context, Reactor& reactor, Look look, std::string device)
    : context_(context), reactor_(reactor), look_(std::move(look)), device_(std::move(device)) {}

Done Telemetry::permit() {
  auto report = look_();
  if (!report) return Unexpected{std::move(report).error()};
  if (Done allowed = may_operate(context_, *report); !allowed) return allowed;
  if (const auto refusal = judge_update(report->snapshot, report->assessment, report->findings)) {
    return refuse(*refusal, device_);
  }
  before_ = std::move(*report);
  return {};
}

Done Telemetry::healthy() {
  const Instant until = reactor_.now() + kHealthLimit;
  while (true) {
    const auto report = look_();
    if (report) {
      // After an earlier run that was cut there is nothing to compare with.
      const std::string worse = before_ ? worse_after(before_->snapshot, before_->assessment,
                                                      report->snapshot, report->assessment)
                                : report->assessment.level == Level::Alarm ? "it has an alarm"
                                                                           : std::string();
      if (worse.empty()) return {};
      return failure(ErrorCode::VerificationDiffers, worse, device_);
    }
    if (reactor_.now() >= until || reactor_.interrupted()) return Unexpected{report.error()};
    reactor_.pause(kHealthPause);
  }
}

Done Telemetry::well() {
  const auto report = look_();
  if (!report) return Unexpected{report.error()};
  if (report->assessment.level != Level::Alarm) return {};
  return failure(ErrorCode::VerificationDiffers, "an alarm came up after its update", device_,
                 "Look at it with 'weco status'.");
}

}  // namespace weco::cli
