// SPDX-License-Identifier: Apache-2.0
#include "host/calibration/supervision.hpp"

#include <algorithm>
#include <utility>

#include "host/settings/change_run.hpp"
#include "host/settings/text.hpp"

namespace weco::calibration {
namespace {

using settings::ChangeRun;

constexpr Duration kTryAgain = Duration::s(10);

Failure interrupted(const std::string& where) {
  return {Error{ErrorCode::Interrupted, 0}, "watching the charge", where, {}};
}

const std::vector<Wish>& wishes_of(const Rule& rule, Leg leg) {
  return leg == Leg::Discharge ? rule.discharge_wishes : rule.charge_wishes;
}

class Supervision {
 public:
  Supervision(const Order& order, Procedure procedure, std::vector<std::string> standing,
              Attendance& attendance)
      : order_(order),
        procedure_(std::move(procedure)),
        standing_(std::move(standing)),
        attendance_(attendance) {}

  Ending run() {
    while (!ending_.cut && !ended(procedure_.progress().phase)) turn();
    if (commanded() && !standing_.empty()) restore();
    if (standing_.empty()) ending_.stands.reset();
    ending_.progress = procedure_.progress();
    ending_.refusal = procedure_.refusal();
    ending_.standing.assign(standing_.rbegin(), standing_.rend());
    return std::move(ending_);
  }

 private:
  [[nodiscard]] bool commanded() const { return !order_.changes.empty(); }

  /// One look, one step, and what follows from it.
  void turn() {
    const Instant begun = attendance_.reactor().now();
    const auto reading = look();
    if (attendance_.stopped()) return cut(interrupted(order_.device));
    if (!reading) return cut(reading.error());
    ending_.last = *reading;
    const Progress& progress = procedure_.step(*reading, attendance_.reactor().now());
    const bool news = !told_ || told_->phase != progress.phase || told_->leg != progress.leg ||
                      told_->missed != progress.missed || told_->full != progress.full;
    if (news) {
      if (Done noted = note_down(); !noted) return cut(noted.error());
      told_ = progress;
    }
    if (ended(progress.phase)) return;
    if (Done done = set_for(settings_of(order_.rule, progress.leg)); !done)
      return cut(done.error());
    attendance_.saw(*reading, progress);
    attendance_.reactor().run([this] { return attendance_.stopped(); }, begun + order_.interval);
  }

  /// Other settings are wanted: a person is told, or they are written.
  Done set_for(const Place& place) {
    if (set_for_ && set_for_->leg == place.leg && set_for_->pack == place.pack) return {};
    if (set_for_ || commanded()) attendance_.begins(place);
    set_for_ = place;
    return commanded() ? apply(place.leg) : Done{};
  }

  void cut(Failure why) { ending_.cut = std::move(why); }

  /// A device that is silent for a moment is asked again.
  Outcome<SiteReading> look() {
    for (int silent = 1;; ++silent) {
      auto report = attendance_.device().read(kLookPatience);
      if (report) return reading_of(report->snapshot);
      if (silent >= kSilentMost || attendance_.stopped() ||
          report.error().code() != ErrorCode::Timeout) {
        return Unexpected{std::move(report).error()};
      }
    }
  }

  /// What was set is part of it: whoever comes after a crash has to know.
  Done note_down() {
    return append(order_.journal, {procedure_.progress(), order_.device,
                                   attendance_.reactor().wall_seconds(), standing_});
  }

  Done apply(Leg leg) {
    LiveDevice& device = attendance_.device();
    const auto now = device.read(kLookPatience);
    if (!now) return Unexpected{now.error()};
    auto plan = plan_wishes(order_.rule, leg, *device.setup().profile, *now);
    if (!plan) return Unexpected{std::move(plan).error()};
    return carry_out(std::move(*plan), "calibrate-soc " + order_.device, true);
  }

  /// Writes the plan. Its run stands from before the first write on.
  Done carry_out(settings::Plan plan, const std::string& by, bool stands) {
    if (plan.changes.empty()) return {};
    std::vector<PointId> granted;
    for (const settings::Change& change : plan.changes) granted.push_back(change.point.id);
    Reactor& reactor = attendance_.reactor();
    ChangeRun::Setup setup{attendance_.device(),
                           std::move(plan),
                           std::move(granted),
                           order_.changes,
                           by,
                           reactor.wall_seconds(),
                           {}};
    if (stands) {
      setup.begun = [this](const std::string& run) {
        standing_.push_back(run);
        return note_down();
      };
    }
    ChangeRun change(std::move(setup));
    std::optional<ChangeRun::Result> result;
    change.start([&](ChangeRun::Result got) { result.emplace(std::move(got)); });
    reactor.run([&] { return result.has_value(); }, Instant::never());
    if (!result) return Unexpected{interrupted(order_.device)};
    if (result->failed) return Unexpected{std::move(*result->failed)};
    return {};
  }

  /// The newest run first, so that each finds what it left.
  Done put_back() {
    while (!standing_.empty()) {
      const auto recorded = settings::read_ledger(order_.changes, standing_.back());
      if (!recorded) return Unexpected{recorded.error()};
      LiveDevice& device = attendance_.device();
      const auto now = device.read(kLookPatience);
      if (!now) return Unexpected{now.error()};
      const auto back = settings::way_back(*recorded, *now);
      if (!back) return Unexpected{back.error()};
      std::vector<PointId> granted;
      for (const settings::Change& change : recorded->changes) granted.push_back(change.point.id);
      auto plan = settings::make_plan(*device.setup().profile, *now, back->wanted, granted);
      if (!plan) return Unexpected{std::move(plan).error()};
      Done done = carry_out(std::move(*plan), "undo " + standing_.back(), false);
      if (!done) return done;
      standing_.pop_back();
      if (Done noted = note_down(); !noted) return noted;
    }
    return {};
  }

  /// After a stop or a loss the line is opened again first; a silent device is waited for.
  void restore() {
    bool anew = ending_.cut.has_value();
    const Instant until = attendance_.reactor().now() + kComesBack;
    for (bool told = false;; told = true) {
      const Done line = anew ? attendance_.reopen() : Done{};
      const Done done = line ? put_back() : line;
      if (done) return;
      ending_.stands = done.error();
      const ErrorCode code = done.error().code();
      const bool silent = !line || code == ErrorCode::Timeout || code == ErrorCode::Disconnected;
      if (!silent || attendance_.stopped() || attendance_.reactor().now() >= until) return;
      if (!told) attendance_.waits();
      anew = true;
      attendance_.reactor().run([this] { return attendance_.stopped(); },
                                attendance_.reactor().now() + kTryAgain);
      if (attendance_.stopped()) return;  // said while it waited: nobody wants to wait longer
    }
  }

  const Order& order_;
  Procedure procedure_;
  std::vector<std::string> standing_;  // oldest first
  Attendance& attendance_;
  Ending ending_;
  std::optional<Progress> told_;
  std::optional<Place> set_for_;
};

}  // namespace

Place settings_of(const Rule& rule, std::int32_t leg) {
  for (std::int32_t n = leg; n >= 0; --n) {
    const Place place = place_of(rule, n);
    if (place.leg == Leg::Charge || place.leg == Leg::Discharge) return place;
  }
  return {};
}

std::vector<PointId> written_by(const Rule& rule) {
  std::vector<PointId> points;
  for (const Leg leg : {Leg::Charge, Leg::Discharge}) {
    for (const Wish& wish : wishes_of(rule, leg)) {
      const auto ref = parse_point_ref(wish.point);
      if (ref && std::ranges::find(points, ref->id) == points.end()) points.push_back(ref->id);
    }
  }
  return points;
}

Outcome<settings::Plan> plan_wishes(const Rule& rule, Leg leg, const Profile& profile,
                                    const DeviceReport& now) {
  std::vector<Reading> wanted;
  std::vector<PointId> granted;
  for (const Wish& wish : wishes_of(rule, leg)) {
    const auto ref = parse_point_ref(wish.point);
    if (!ref) return failure(ref.error(), "the rule names no point", std::string(wish.point));
    const auto value = settings::setting_from_text(*ref, wish.value);
    if (!value) return Unexpected{value.error()};
    // what has no value cannot be given back its having none; nothing is as good as zero
    const Reading* before = now.snapshot.get(*ref);
    if (before != nullptr && before->quality == Quality::NotImplemented) {
      if (wish.value == "0") continue;
      return failure(ErrorCode::NotFound,
                     to_text(*ref) + " has no value on the device, so it could not be put back",
                     now.endpoint, "Set it in the vendor's app, or calibrate without --set.");
    }
    wanted.push_back(*value);
    granted.push_back(ref->id);
  }
  return settings::make_plan(profile, now, wanted, granted);
}

Ending supervise(const Order& order, Procedure procedure, std::vector<std::string> standing,
                 Attendance& attendance) {
  return Supervision(order, std::move(procedure), std::move(standing), attendance).run();
}

}  // namespace weco::calibration
