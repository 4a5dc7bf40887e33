// SPDX-License-Identifier: Apache-2.0
#include "host/settings/change_run.hpp"

#include <fmt/format.h>

#include <utility>

#include "core/base/assert.hpp"
#include "host/settings/text.hpp"

namespace weco::settings {
namespace {

constexpr Duration kPatience = Duration::s(30);

std::optional<Failure> moved_on(const Plan& plan, const DeviceReport& now) {
  const std::string serial = now.snapshot.identity(point("serial_number"));
  if (serial != plan.serial) {
    return Failure{Error{ErrorCode::VerificationDiffers, 0},
                   fmt::format("another device answers now: '{}', not '{}'", serial, plan.serial),
                   now.endpoint, "Plan again."};
  }
  for (const Change& change : plan.changes) {
    const Reading* reading = now.snapshot.get(change.point);
    if (reading != nullptr && same_setting(*reading, change.before)) continue;
    return Failure{
        Error{ErrorCode::VerificationDiffers, 0},
        fmt::format("{} is {} now, it was {} when this was planned", to_text(change.point),
                    reading == nullptr ? "not told" : setting_text(*reading),
                    setting_text(change.before)),
        now.endpoint, "Plan again."};
  }
  return std::nullopt;
}

}  // namespace

void ChangeRun::start(Finished done) {
  WECO_ASSERT(!setup_.plan.changes.empty());
  done_ = std::move(done);
  setup_.device.start({}, kPatience,
                      [this, alive = std::weak_ptr<int>(alive_)](Outcome<DeviceReport> report) {
                        if (!alive.expired()) looked(std::move(report));
                      });
}

void ChangeRun::looked(Outcome<DeviceReport> report) {
  if (!report) return end(std::move(report).error());
  now_ = std::move(*report);
  if (auto other = moved_on(setup_.plan, now_)) return end(std::move(other));
  auto ledger = Ledger::begin(setup_.folder, setup_.plan, setup_.by, setup_.wall_seconds);
  if (!ledger) return end(std::move(ledger).error());
  ledger_.emplace(std::move(*ledger));
  result_.run = ledger_->run();
  if (Done known = setup_.begun ? setup_.begun(result_.run) : Done{}; !known) {
    return end(known.error());
  }
  next();
}

void ChangeRun::next() {
  if (at_ == setup_.plan.changes.size()) {
    const Done closed = ledger_->finish();
    return end(closed ? std::nullopt : std::optional(closed.error()));
  }
  const Profile& profile = *setup_.device.setup().profile;
  const auto allowed = permit(profile, current().after, {setup_.granted, now_.snapshot});
  if (!allowed) return end(allowed.error());
  if (Done noted = ledger_->intend(current()); !noted) return end(noted.error());
  note(EventKind::Write,
       fmt::format("{}, by {}, run {}", change_text(current()), setup_.by, result_.run));
  setup_.device.write(*allowed, kPatience,
                      [this, alive = std::weak_ptr<int>(alive_)](Outcome<Reading> found) {
                        if (!alive.expired()) wrote(std::move(found));
                      });
}

void ChangeRun::wrote(Outcome<Reading> found) {
  if (found && !same_setting(*found, current().after)) {
    found = failure(ErrorCode::VerificationDiffers,
                    fmt::format("{} reads back as {}, {} was written", to_text(current().point),
                                setting_text(*found), setting_text(current().after)),
                    setup_.plan.endpoint, "The device decides otherwise; see its manual.");
  }
  if (!found) {
    (void)ledger_->failed(current(), found.error());  // the first failure is the one to tell
    return end(std::move(found).error());
  }
  if (Done noted = ledger_->written(current(), *found); !noted) return end(noted.error());
  note(EventKind::Write,
       fmt::format("{}: read back as {}", to_text(current().point), setting_with_unit(*found)));
  result_.changed.push_back(current());
  ++at_;
  next();
}

void ChangeRun::note(EventKind kind, std::string_view text) {
  const LiveDevice::Setup& device = setup_.device.setup();
  if (device.events == nullptr) return;
  device.events->record({.kind = kind, .link = device.link->describe(), .text = text});
}

void ChangeRun::end(std::optional<Failure> why) {
  if (why) {
    const bool refused = why->code() == ErrorCode::RefusedByGuard;
    note(refused ? EventKind::Decision : EventKind::Error,
         fmt::format("the change ends here: {}: {}", why->what, info(why->code()).name));
  }
  result_.failed = std::move(why);
  const Finished done = std::exchange(done_, {});
  done(std::move(result_));
}

}  // namespace weco::settings
