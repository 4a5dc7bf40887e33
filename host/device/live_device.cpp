// SPDX-License-Identifier: Apache-2.0
#include "host/device/live_device.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "core/base/assert.hpp"
#include "host/doctor/radio.hpp"

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

/// One look in progress.
struct LiveDevice::Look {
  Look(Session& session, DeviceReader& reader, Answer then)
      : run(session, reader), done(std::move(then)) {}
  DeviceReport report;
  DeviceRun run;
  Reactor::TimerId deadline = 0;
  Answer done;
};

LiveDevice::~LiveDevice() {
  alive_.reset();
  if (look_) reactor_.cancel(look_->deadline);
}

Outcome<DeviceReport> LiveDevice::read(Duration patience) {
  std::optional<Outcome<DeviceReport>> answer;
  start({}, patience, [&answer](Outcome<DeviceReport> got) { answer.emplace(std::move(got)); });
  reactor_.run([&] { return answer.has_value(); }, Instant::never());
  if (answer) return std::move(*answer);
  reactor_.cancel(look_->deadline);
  look_.reset();
  return failure(ErrorCode::Interrupted, "reading", setup_.link->describe());
}

void LiveDevice::start(std::vector<PointRef> wanted, Duration patience, Answer done) {
  WECO_ASSERT(!look_);
  reader_->want(std::move(wanted));
  look_ = std::make_unique<Look>(session_, *reader_, std::move(done));
  look_->deadline = reactor_.at(reactor_.now() + patience, [this] { finish(Status(), true); });
  look_->run.start(DeviceRun::Extent::Everything, look_->report.snapshot, kTries,
                   [this](Status status) { finish(status, false); });
}

void LiveDevice::write(const Permit& permit, Duration patience, Written done) {
  WECO_ASSERT(!busy());
  const Reading value = permit.value();
  Exchange* exchange = reader_->write(value);
  if (exchange == nullptr) {
    reactor_.at(reactor_.now(), [this, done = std::move(done), value] {
      done(failure(ErrorCode::Unsupported,
                   fmt::format("{} cannot be written over this protocol", to_text(value.ref)),
                   setup_.link->describe()));
    });
    return;
  }
  writing_ = true;
  session_.submit(*exchange, [this, alive = std::weak_ptr<int>(alive_), value, patience,
                              done = std::move(done)](Status status) mutable {
    if (alive.expired()) return;
    writing_ = false;
    if (status) return read_back(value.ref, patience, std::move(done));
    if (session_.failure()) return done(Unexpected{*session_.failure()});
    done(failure(status.error(), fmt::format("writing {}", to_text(value.ref)),
                 setup_.link->describe(), advice()));
  });
}

void LiveDevice::read_back(PointRef ref, Duration patience, Written done) {
  start({ref}, patience, [ref, done = std::move(done)](Outcome<DeviceReport> report) {
    if (!report) return done(Unexpected{std::move(report).error()});
    const Reading* reading = report->snapshot.get(ref);
    if (reading != nullptr) return done(*reading);
    done(failure(ErrorCode::UnexpectedReply,
                 fmt::format("{} was written but does not read back", to_text(ref)),
                 report->endpoint));
  });
}

void LiveDevice::finish(Status status, bool late) {
  const std::unique_ptr<Look> look = std::move(look_);
  reactor_.cancel(look->deadline);
  const std::string endpoint = setup_.link->describe();
  if (session_.failure()) return look->done(Unexpected{*session_.failure()});
  if (reactor_.interrupted()) {
    return look->done(failure(ErrorCode::Interrupted, "reading", endpoint));
  }
  if (late) {
    return look->done(failure(ErrorCode::Timeout, "the device was not read to its end in time",
                              endpoint, advice()));
  }
  if (!status) {
    return look->done(
        failure(status.error(),
                fmt::format("reading address {} as {}", setup_.unit, setup_.profile->family),
                endpoint, advice()));
  }
  look->done(take_report(std::move(look->report)));
}

/// What the doctor says to a look that failed; empty: the error's own hint.
std::string LiveDevice::advice() const {
  Findings found = reader_->findings();
  judge_radio(*setup_.link, found);
  const auto worst = std::find_if(found.begin(), found.end(), [](const Finding& each) {
    return info(each.id).level >= Level::Warning;
  });
  if (worst == found.end()) return {};
  return worst->symptom + " " + std::string(info(worst->id).advice);
}

DeviceReport LiveDevice::take_report(DeviceReport report) {
  report.endpoint = setup_.link->describe();
  name_family(*setup_.profile, report);
  report.lights = lights_of(setup_.lights, report.snapshot);
  report.assumptions = assumptions_of(*setup_.profile, report.snapshot);
  report.unit = setup_.unit;
  report.line = setup_.line;
  report.findings = reader_->findings();
  report.radio = judge_radio(*setup_.link, report.findings);
  report.assessment = assess(report.snapshot, setup_.codes, report.findings);
  return report;
}

}  // namespace weco
