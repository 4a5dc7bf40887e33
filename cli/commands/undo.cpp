// SPDX-License-Identifier: Apache-2.0
// `weco undo`: the way back from a run that changed settings.
#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/agreement.hpp"
#include "cli/args.hpp"
#include "cli/context.hpp"
#include "cli/records_place.hpp"
#include "cli/render/json.hpp"
#include "cli/render/text.hpp"
#include "cli/table/undo.hpp"
#include "cli/target.hpp"
#include "host/settings/change_run.hpp"
#include "host/settings/text.hpp"

namespace weco::cli {
namespace {

using settings::Change;
using settings::ChangeRun;

std::string lines_of(const std::vector<Change>& changes) {
  std::string text;
  for (const Change& change : changes) {
    text += "  " + sanitize(settings::change_text(change)) + "\n";
  }
  return text;
}

std::string result_json(const std::string& undone, const ChangeRun::Result& result) {
  JsonWriter json;
  json.begin_object().field("schema", "weco.undo/1").field("undone", undone);
  json.field("run", result.run).key("changed").begin_array();
  for (const Change& change : result.changed) {
    json.begin_object().field("point", to_text(change.point));
    json.field("before", settings::setting_text(change.before));
    json.field("after", settings::setting_text(change.after)).end_object();
  }
  json.end_array().end_object();
  return json.str();
}

Outcome<OpenedDevice> open_changed(const settings::RecordedRun& recorded, const Args& args,
                                   Context& context, Reactor& reactor, const Catalog& catalog,
                                   EventSink* events) {
  const std::string typed(args.given("device") ? args.text("device") : recorded.endpoint);
  auto place = resolve_place(context, typed);
  if (!place) return Unexpected{std::move(place).error()};
  if (place->is_can()) {
    return failure(ErrorCode::Unsupported, "settings are not written over CAN", typed);
  }
  if (place->target.unit == 0) place->target.unit = recorded.unit;
  return open_live(*place, recorded.family, reactor, catalog, events);
}

ChangeRun::Result carry_out(ChangeRun& run, Reactor& reactor) {
  std::optional<ChangeRun::Result> result;
  run.start([&](ChangeRun::Result got) { result.emplace(std::move(got)); });
  reactor.run([&] { return result.has_value(); }, Instant::never());
  if (result) return std::move(*result);
  ChangeRun::Result stopped;
  stopped.failed = Failure{Error{ErrorCode::Interrupted, 0}, "putting settings back", {}, {}};
  return stopped;
}

}  // namespace

Outcome<ExitCode> run_undo(const Args& args, Context& context) {
  const auto folder = changes_folder(context);
  if (!folder) return Unexpected{folder.error()};
  const auto recorded = settings::read_ledger(*folder, args.text("RUN"));
  if (!recorded) return Unexpected{recorded.error()};
  const auto catalog = context.catalog();
  if (!catalog) return Unexpected{catalog.error()};
  const auto reactor = context.make_reactor();
  auto record = open_record(args, *reactor);
  if (!record) return Unexpected{std::move(record).error()};
  auto opened = open_changed(*recorded, args, context, *reactor, **catalog, record->get());
  if (!opened) return Unexpected{std::move(opened).error()};
  LiveDevice& device = *opened->device;
  const auto now = device.read(args.duration("timeout"));
  if (!now) return Unexpected{now.error()};
  const auto back = settings::way_back(*recorded, *now);
  if (!back) return Unexpected{back.error()};
  std::vector<PointId> granted;
  for (const Change& change : recorded->changes) granted.push_back(change.point.id);
  const auto plan = settings::make_plan(*device.setup().profile, *now, back->wanted, granted);
  if (!plan) return Unexpected{plan.error()};

  ChangeRun::Result result;
  if (!plan->changes.empty()) {
    const std::string what =
        fmt::format("{} goes back to what was before run {}:\n{}", sanitize(plan->endpoint),
                    sanitize(recorded->run), lines_of(plan->changes));
    if (Done asked = ask_person(args, context, what, "nothing was put back"); !asked) {
      return Unexpected{std::move(asked).error()};
    }
    ChangeRun run(
        {device, *plan, granted, *folder, "undo " + recorded->run, reactor->wall_seconds()});
    result = carry_out(run, *reactor);
    if (result.failed) return Unexpected{std::move(*result.failed)};
  }
  if (context.output.json()) {
    context.output.result(result_json(recorded->run, result));
  } else {
    context.output.result(
        result.changed.empty()
            ? std::string("Nothing to put back: the device is as it was before the run.\n")
            : fmt::format("Put back {} settings, read back as written; this was run {}.\n",
                          result.changed.size(), result.run));
  }
  for (const PointRef& point : back->stay) {
    context.output.warning(to_text(point) +
                           " had no value before the run and stays; set it to what it should be.");
  }
  return back->stay.empty() ? ExitCode::Done : ExitCode::Warning;
}

}  // namespace weco::cli
