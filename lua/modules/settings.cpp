// SPDX-License-Identifier: Apache-2.0
#include "lua/modules/settings.hpp"

#include <utility>

#include "host/settings/text.hpp"
#include "lua/modules/agreement.hpp"
#include "lua/modules/host.hpp"
#include "lua/modules/json.hpp"

namespace weco::lua {
namespace {

constexpr Duration kPatience = Duration::s(30);
constexpr std::size_t kPlansMax = 256;  // made and not carried out

Value change_row(const settings::Change& change) {
  Value row = Value::table();
  row.set("after", script_value(change.after));
  row.set("before", script_value(change.before));
  row.set("point", Value::of(to_text(change.point)));
  row.set("unit", Value::of(std::string(info(info(change.point.id).unit).suffix)));
  return row;
}

Value change_rows(const std::vector<settings::Change>& changes) {
  Value list = Value::table();
  for (const settings::Change& change : changes) {
    list.entries.push_back(
        {{}, static_cast<std::int64_t>(list.entries.size()) + 1, change_row(change)});
  }
  return list;
}

Unexpected<Failure> cannot_write(const ScriptDevice& device) {
  return failure(ErrorCode::Unsupported, "no setting can be written to this device",
                 device.endpoint(), "Change the setting in the vendor's own tool.");
}

}  // namespace

Outcome<Reading> setting_of(const PointRef& point, const Value& value) {
  switch (value.kind) {
    case Value::Kind::Boolean:
      return settings::setting_from_text(point, value.truth ? "on" : "off");
    case Value::Kind::Table: {
      std::string members;
      for (const Entry& entry : value.entries) {
        members += (members.empty() ? "" : ",") + entry.value.text;
      }
      return settings::setting_from_text(point, members);
    }
    default:
      return settings::setting_from_text(point, value.numeric() ? number_text(value) : value.text);
  }
}

struct Settings::Run {
  explicit Run(settings::ChangeRun::Setup setup) : run(std::move(setup)) {}
  settings::ChangeRun run;
  Answer done;
};

Settings::Settings(World& world, Person& person, Terms terms)
    : world_(world), person_(person), terms_(std::move(terms)) {}
Settings::~Settings() = default;

void Settings::forget() {
  runs_.clear();
  plans_.clear();
}

void Settings::plan(ScriptDevice& device, std::vector<Reading> wanted, Answer done) {
  LiveDevice* live = device.live();
  if (live == nullptr) return done(cannot_write(device));
  if (plans_.size() >= kPlansMax) {
    return done(failure(ErrorCode::Full, "more than 256 plans were made and not carried out", {},
                        "Carry out or make fewer of them."));
  }
  device.read({}, kPatience,
              [this, live, wanted = std::move(wanted), done = std::move(done),
               alive = std::weak_ptr<int>(alive_)](Outcome<DeviceReport> report) {
                if (alive.expired()) return;
                if (!report) return done(Unexpected{std::move(report).error()});
                auto plan =
                    settings::make_plan(*live->setup().profile, *report, wanted, terms_.granted);
                if (!plan) return done(Unexpected{std::move(plan).error()});
                Value value = Value::table();
                value.set("changes", change_rows(plan->changes));
                value.set("id", Value::of(++last_));
                plans_.emplace(last_, std::move(*plan));
                done(std::move(value));
              });
}

Done Settings::agree(const settings::Plan& plan) {
  person_.table(change_rows(plan.changes));
  return lua::agree(world_, person_, terms_.agreed,
                    {"apply", "Write these settings to " + plan.endpoint + "?", plan.endpoint});
}

void Settings::apply(ScriptDevice& device, std::int64_t id, Answer done) {
  const auto at = plans_.find(id);
  LiveDevice* live = device.live();
  if (live == nullptr) return done(cannot_write(device));
  if (at == plans_.end()) {
    return done(failure(ErrorCode::BadInput, "this plan was carried out already", device.endpoint(),
                        "Make a new one with device:plan."));
  }
  const settings::Plan plan = std::move(at->second);
  plans_.erase(at);
  if (plan.changes.empty()) {
    Value nothing = Value::table();
    nothing.set("changed", Value::table());
    return done(std::move(nothing));
  }
  const auto folder = world_.changes_folder();
  if (!folder) return done(Unexpected{folder.error()});
  if (Done agreed = agree(plan); !agreed) return done(Unexpected{std::move(agreed).error()});
  auto run = std::make_unique<Run>(settings::ChangeRun::Setup{
      *live, plan, terms_.granted, *folder, terms_.by, world_.reactor().wall_seconds()});
  run->done = std::move(done);
  settings::ChangeRun& started = run->run;
  runs_[id] = std::move(run);
  started.start(
      [this, id](settings::ChangeRun::Result result) { finished(id, std::move(result)); });
}

void Settings::finished(std::int64_t id, settings::ChangeRun::Result result) {
  const auto at = runs_.find(id);
  const std::unique_ptr<Run> run = std::move(at->second);
  runs_.erase(at);
  if (result.failed) {
    Failure why = std::move(*result.failed);
    if (!result.changed.empty()) {
      why.what += "; before that, " + std::to_string(result.changed.size()) + " changed";
      why.hint = "Look at the device; 'weco undo " + result.run + "' puts back what was changed.";
    }
    return run->done(Unexpected{std::move(why)});
  }
  Value value = Value::table();
  value.set("changed", change_rows(result.changed));
  value.set("run", Value::of(result.run));
  run->done(std::move(value));
}

}  // namespace weco::lua
