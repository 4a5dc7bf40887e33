// SPDX-License-Identifier: Apache-2.0
// `weco status`: one look at a device, or look after look. Reads only.
#include <fmt/format.h>

#include <optional>
#include <utility>

#include "cli/args.hpp"
#include "cli/context.hpp"
#include "cli/listen.hpp"
#include "cli/render/status.hpp"
#include "cli/render/text.hpp"
#include "cli/scan_job.hpp"
#include "cli/table.hpp"
#include "cli/target.hpp"
#include "host/device/can_listener.hpp"
#include "host/device/live_device.hpp"
#include "host/scan/scan.hpp"
#include "transports/replay/recording.hpp"

namespace weco::cli {

namespace {

struct Run {
  const Args& args;
  Context& context;
  Reactor& reactor;
  const Catalog& catalog;
  EventSink* events;
  StatusView view;
  Place place;
};

ExitCode show(Run& run, const DeviceReport& report) {
  Output& output = run.context.output;
  if (output.json()) {
    output.result(status_json(report, run.view, run.reactor.wall_seconds()));
  } else if (run.args.flag("watch")) {
    output.frame(status_page(report, run.view, output));
  } else {
    output.result(status_page(report, run.view, output));
  }
  return exit_code(report.assessment.level);
}

/// Worth another look: a gateway that restarts, an adapter that is plugged in again, a device that
/// is silent for a while. Over Bluetooth the watch ends with the device.
bool may_pass(const Failure& failed, const Endpoint& endpoint) {
  if (endpoint.scheme == Scheme::Ble) return false;
  switch (failed.code()) {
    case ErrorCode::Timeout:
    case ErrorCode::Disconnected:
    case ErrorCode::NotFound:
    case ErrorCode::Busy:
    case ErrorCode::PermissionDenied:  // of a port that was made just now
      return true;
    default:
      return false;
  }
}

/// Takes one look again and again as --watch, --interval and --count say. A look that fails for a
/// while is told and the watch goes on; the first one must succeed.
template <class Look>
Outcome<ExitCode> repeat(Run& run, Look look) {
  const bool watch = run.args.flag("watch");
  const Duration interval = run.args.duration("interval");
  const std::int64_t count = run.args.given("count") ? run.args.integer("count") : 0;
  ExitCode last = ExitCode::Done;
  for (std::int64_t n = 1;; ++n) {
    const Instant begun = run.reactor.now();
    Outcome<DeviceReport> report = look();
    if (report) {
      last = show(run, *report);
    } else if (watch && n > 1 && may_pass(report.error(), run.place.endpoint)) {
      last = run.context.output.fail(report.error());
    } else {
      return Unexpected{std::move(report).error()};
    }
    if (!watch || (count > 0 && n == count) || run.context.output.broken()) return last;
    run.reactor.run([&] { return run.context.interrupted(); }, begun + interval);
    if (run.context.interrupted()) return ExitCode::Interrupted;
  }
}

// --- recordings

Outcome<ExitCode> status_of_recording(Run& run) {
  const auto recording = transports::load_recording(run.place.endpoint.place);
  if (!recording) return Unexpected{recording.error()};
  DeviceReport report = report_of(*recording, run.place, run.catalog);
  if (recording->torn) {
    report.findings.push_back(
        {FindingId::ShortRecording, "The last line is cut off; it was left out."});
  }
  if (report.snapshot.empty() && report.raw.empty() && report.findings.empty()) {
    return failure(ErrorCode::BadInput, "the recording holds nothing that a family here explains",
                   report.endpoint, "Name the family with --family, or see 'weco devices list'.");
  }
  return show(run, report);
}

// --- CAN

Outcome<DeviceReport> listen_on_bus(Run& run, FrameLink& link, CanListener& listener) {
  std::optional<Failure> lost;
  link.on_readable([&] {
    CanFrame frame;
    for (;;) {
      const auto got = link.receive(frame);
      if (!got) {
        lost = got.error();
        link.on_readable({});
        return;
      }
      if (!*got) return;
      listener.feed(frame);
    }
  });
  const Instant give_up = run.reactor.now() + run.args.duration("timeout");
  run.reactor.run([&] { return lost || listener.complete(); }, give_up);
  if (!lost && listener.complete()) {
    run.reactor.run([&] { return lost.has_value(); }, run.reactor.now() + kCanSettle);
  }
  link.on_readable({});
  if (run.context.interrupted()) return failure(ErrorCode::Interrupted, "listening");
  if (lost) return Unexpected{*lost};
  return heard_on_bus(run.reactor.now(), link, listener, run.catalog);
}

Outcome<ExitCode> status_of_bus(Run& run) {
  auto link = open_bus(run.place, run.reactor, run.events);
  if (!link) return Unexpected{std::move(link).error()};
  CanListener listener;
  return repeat(run, [&] { return listen_on_bus(run, **link, listener); });
}

// --- devices that answer

/// Which family at which address: as told, or found out by a scan of this one line.
struct Found {
  std::string family;
  std::uint8_t unit = 0;
  std::optional<LineSettings> line;    // that a scan found it at
  std::optional<DeviceReport> report;  // of the scan
};

Outcome<Found> find_out(Run& run) {
  auto opened = open_line(run.place, run.reactor, run.catalog, run.events);
  if (!opened) return Unexpected{std::move(opened).error()};
  auto made = identify_line(run.reactor, *opened, run.place, run.catalog, run.events);
  if (!made) return Unexpected{std::move(made).error()};
  const auto scan = std::move(*made);
  bool finished = false;
  scan->start([&] { finished = true; });
  while (!finished && !run.context.interrupted()) {
    run.reactor.run([&] { return finished; }, run.reactor.now() + Duration::ms(250));
    const ScanProgress progress = scan->progress();
    run.context.output.progress("Finding out what is connected", progress.done, progress.total,
                                run.reactor.now());
  }
  run.context.output.end_progress();
  if (!finished) return failure(ErrorCode::Interrupted, "finding out what is connected");
  auto first = identified_device(std::move(scan->outcome()));
  if (!first) return Unexpected{std::move(first).error()};
  return Found{first->family, first->unit, first->line, *first};
}

Outcome<OpenedDevice> open_device(Run& run, const Found& found) {
  auto line = open_line(run.place, run.reactor, run.catalog, run.events);
  if (!line) return Unexpected{std::move(line).error()};
  Place place = run.place;
  if (found.unit != 0) place.target.unit = found.unit;
  return make_live(std::move(*line), place, {found.family, found.line, run.events}, run.reactor,
                   run.catalog);
}

Outcome<ExitCode> status_of_device(Run& run) {
  Found found{run.place.target.family, static_cast<std::uint8_t>(run.place.target.unit), {}, {}};
  if (found.family.empty()) {
    auto scanned = find_out(run);
    if (!scanned) return Unexpected{std::move(scanned).error()};
    found = std::move(*scanned);
    if (!run.args.flag("watch")) {
      DeviceReport& report = *found.report;
      std::span<const FaultInfo> codes;
      if (auto listed = run.catalog.faults(found.family)) codes = *listed;
      report.assessment = assess(report.snapshot, codes, report.findings);
      if (auto lights = run.catalog.lights(found.family)) {
        report.lights = lights_of(*lights, report.snapshot);
      }
      return show(run, report);
    }
  }
  auto opened = open_device(run, found);
  if (!opened) return Unexpected{std::move(opened).error()};
  return repeat(run, [&] { return opened->device->read(run.args.duration("timeout")); });
}

Outcome<StatusView> make_view(const Args& args) {
  StatusView view;
  view.all = args.flag("all");
  view.past = args.flag("past");
  for (const std::string& text : args.list("point")) {
    const auto ref = parse_point_ref(text);
    if (!ref) {
      return failure(ErrorCode::BadUsage, "there is no point " + quoted(text), "--point",
                     "Give a name of the vocabulary such as soc or module[2].cell_voltage[5]; see "
                     "'weco devices show'.");
    }
    view.only.push_back(*ref);
  }
  return view;
}

}  // namespace

Outcome<ExitCode> run_status(const Args& args, Context& context) {
  auto view = make_view(args);
  if (!view) return Unexpected{std::move(view).error()};
  auto place = resolve_place(context, args.text("DEVICE"));
  if (!place) return Unexpected{std::move(place).error()};
  if (args.given("family")) place->target.family = std::string(args.text("family"));
  if (args.given("unit")) place->target.unit = static_cast<int>(args.integer("unit"));
  auto catalog = Catalog::embedded();
  if (!catalog) return Unexpected{std::move(catalog).error()};
  const auto reactor = context.make_reactor();
  auto record = open_record(args, *reactor);
  if (!record) return Unexpected{std::move(record).error()};
  Run run{args, context, *reactor, *catalog, record->get(), std::move(*view), std::move(*place)};
  if (run.place.endpoint.scheme == Scheme::Replay) return status_of_recording(run);
  if (run.place.is_can()) return status_of_bus(run);
  return status_of_device(run);
}

}  // namespace weco::cli
