// SPDX-License-Identifier: Apache-2.0
// `weco flash install`: one firmware onto one device. What may be done is the guard's and the
// procedure's to say; here a person is asked, told and shown the progress.
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <string>
#include <utility>

#include "cli/args.hpp"
#include "cli/context.hpp"
#include "cli/records_place.hpp"
#include "cli/render/json.hpp"
#include "cli/render/text.hpp"
#include "cli/table/flash.hpp"
#include "cli/target.hpp"
#include "host/device/live_device.hpp"
#include "host/guard/update_guard.hpp"
#include "host/update/procedure.hpp"
#include "host/update/smp_updater.hpp"
#include "transports/open.hpp"

namespace weco::cli {
namespace {

constexpr std::uint32_t kUpdateBaud = 115200;  // what update consoles are set to
constexpr Duration kTelemetryPatience = Duration::s(10);
/// A device that has just started may need a while until its readings are there.
constexpr Duration kHealthLimit = Duration::s(60);
constexpr Duration kHealthPause = Duration::s(2);

struct Run {
  const Args& args;
  Context& context;
  Reactor& reactor;
  const Firmware& firmware;
  std::string device;                  // as typed
  std::unique_ptr<LoopbackLine> wire;  // of a simulated telemetry
  std::unique_ptr<sim::VirtualDevice> simulated;
  std::unique_ptr<LiveDevice> telemetry;  // null: a bare board on a bench
  std::optional<DeviceReport> before;
};

Outcome<Firmware> read_good_firmware(const Args& args) {
  PublicKeys keys;
  for (const std::string& path : args.list("key")) {
    if (Done added = keys.add_file(path); !added) return Unexpected{std::move(added).error()};
  }
  auto firmware = read_firmware(std::string(args.text("IMAGE")));
  if (!firmware) return firmware;
  const image::Verdict verdict = verdict_on(*firmware, keys);
  if (verdict.good()) return firmware;
  return failure(ErrorCode::VerificationDiffers,
                 "the image is not good: " + std::string(image::sentence(verdict.finding)),
                 firmware->path, "Nothing was sent. Get the file and the key from the vendor.");
}

Done open_telemetry(Run& run, const Catalog& catalog) {
  auto place = resolve_place(run.context, run.args.text("telemetry"));
  if (!place) return Unexpected{std::move(place).error()};
  if (run.args.given("family")) place->target.family = std::string(run.args.text("family"));
  if (place->target.family.empty()) {
    return failure(ErrorCode::BadUsage, "the family of the telemetry is not known", "--family",
                   "Name it, or a configured device; see 'weco devices list'.");
  }
  auto opened = open_live(*place, place->target.family, run.reactor, catalog);
  if (!opened) return Unexpected{std::move(opened).error()};
  run.wire = std::move(opened->wire);
  run.simulated = std::move(opened->simulated);
  run.telemetry = std::move(opened->device);
  return {};
}

/// WS-34: the person plans the moment in which the pack is off.
Done ask_person(const Run& run, const UpdateState& state) {
  const std::string from(image::to_text(state.active->version).view());
  const std::string to(image::to_text(run.firmware.layout.version).view());
  run.context.output.note(fmt::format(
      "{} ({}) goes from {} to {}. The pack switches off while it is updated; it comes back by "
      "itself.",
      sanitize(run.device), sanitize(state.board), from, to));
  if (run.args.flag("yes")) return {};
  if (::isatty(STDIN_FILENO) != 1) {
    return failure(ErrorCode::RefusedByGuard, "nobody is there to be asked", "--yes",
                   "Run it on a terminal, or say --yes when the moment is planned.");
  }
  run.context.output.note("Type yes to go on:");
  std::array<char, 16> typed{};
  const ssize_t size = ::read(STDIN_FILENO, typed.data(), typed.size());
  const std::string_view answer(typed.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  if (answer == "yes\n") return {};
  return failure(ErrorCode::Interrupted, "the update was not begun");
}

Done permit(Run& run, const UpdateState& state) {
  if (run.telemetry) {
    auto report = run.telemetry->read(kTelemetryPatience);
    if (!report) return Unexpected{std::move(report).error()};
    if (Done allowed = may_operate(run.context, *report); !allowed) return allowed;
    if (const auto refusal = judge_update(report->snapshot, report->assessment, report->findings)) {
      return refuse(*refusal, run.device);
    }
    run.before = std::move(*report);
  }
  return ask_person(run, state);
}

/// Telemetry is there again, no fault is new, every setting is as before.
Done healthy(Run& run) {
  if (!run.telemetry) return {};
  const Instant until = run.reactor.now() + kHealthLimit;
  while (true) {
    const auto report = run.telemetry->read(kTelemetryPatience);
    if (report) {
      const std::string worse = worse_after(run.before->snapshot, run.before->assessment,
                                            report->snapshot, report->assessment);
      if (worse.empty()) return {};
      return failure(ErrorCode::VerificationDiffers, worse, run.device);
    }
    if (run.reactor.now() >= until || run.context.interrupted()) {
      return Unexpected{report.error()};
    }
    run.reactor.run([&] { return run.context.interrupted(); }, run.reactor.now() + kHealthPause);
  }
}

/// An earlier run of the same update left a part on the device.
bool was_begun(const std::string& journal, const Run& run) {
  const auto entries = read_journal(journal);
  if (!entries || entries->empty()) return false;
  const FlashEntry& last = entries->back();
  return last.device == run.device && last.image == hex(hash_of(run.firmware)) && last.offset > 0 &&
         last.stage != FlashStage::Confirmed;
}

void show(const Run& run, FlashEnd end, const UpdateProgress& figures) {
  Output& output = run.context.output;
  const std::string version(image::to_text(run.firmware.layout.version).view());
  const bool there = end == FlashEnd::AlreadyThere;
  if (output.json()) {
    JsonWriter json;
    json.begin_object().field("schema", "weco.flash/1").field("device", run.device);
    json.field("version", version).field("hash", hex(hash_of(run.firmware)));
    json.field("end", there ? "already_there" : "confirmed");
    json.field("payload_bytes", figures.payload).field("wire_bytes", figures.wire);
    output.result(json.end_object().str());
    return;
  }
  std::string text = fmt::format("{} runs {}{}.", sanitize(run.device), version,
                                 there ? " already" : ", tried, well and confirmed");
  if (figures.payload > 0) {
    text += fmt::format(" {} bytes at {} B/s, {} B/s on the wire.", figures.payload,
                        figures.payload_rate(), figures.wire_rate());
  }
  output.result(text);
}

Outcome<ExitCode> install(Run& run, Updater& updater) {
  const std::string path(run.args.text("journal"));
  FlashJournalFile file(path);
  UpdateProgress figures;
  FlashHooks hooks;
  hooks.journal = [&](const FlashEntry& entry) { return file.append(entry); };
  hooks.wall = [&] { return run.reactor.wall_seconds(); };
  hooks.permit = [&](const UpdateState& state) { return permit(run, state); };
  hooks.healthy = [&](const UpdateState&) { return healthy(run); };
  hooks.progress = [&](const UpdateProgress& now) {
    figures = now;
    run.context.output.progress("Sending the firmware", now.offset, now.total, run.reactor.now());
  };
  FlashJob job;
  job.firmware = &run.firmware;
  job.device = run.device;
  job.board = std::string(run.args.text("board"));
  job.resume = was_begun(path, run);
  const auto end = flash(updater, job, hooks);
  run.context.output.end_progress();
  if (!end) return Unexpected{end.error()};
  show(run, *end, figures);
  return ExitCode::Done;
}

Outcome<std::unique_ptr<ByteLink>> open_console(const Place& place, Reactor& reactor) {
  if (place.endpoint.scheme == Scheme::Udp) {
    return failure(ErrorCode::Unsupported, "firmware is not sent over UDP", format(place.endpoint),
                   "Connect the device's console and name its serial port.");
  }
  auto link = transports::open_byte_link(place.endpoint, reactor);
  if (!link || place.endpoint.scheme != Scheme::Serial) return link;
  LineSettings settings = place.endpoint.line_settings();
  if (!place.endpoint.option("baud")) settings.bits_per_second = kUpdateBaud;
  if (Done done = (*link)->configure(settings); !done) return Unexpected{std::move(done).error()};
  return link;
}

}  // namespace

Outcome<ExitCode> run_flash_install(const Args& args, Context& context) {
  if (args.flag("bench") == args.given("telemetry")) {
    return failure(ErrorCode::BadUsage,
                   args.flag("bench") ? "--bench and --telemetry contradict each other"
                                      : "nobody knows how the battery is",
                   "--telemetry",
                   "Name the endpoint that tells its readings, or --bench for a bare board without "
                   "a battery.");
  }
  const auto firmware = read_good_firmware(args);
  if (!firmware) return Unexpected{firmware.error()};
  const auto place = resolve_place(context, args.text("DEVICE"));
  if (!place) return Unexpected{place.error()};
  const auto catalog = Catalog::embedded();
  if (!catalog) return Unexpected{catalog.error()};
  const auto reactor = context.make_reactor();
  Run run{args, context, *reactor, *firmware, std::string(args.text("DEVICE")), {}, {}, {}, {}};
  if (args.given("telemetry")) {
    if (Done done = open_telemetry(run, *catalog); !done) {
      return Unexpected{std::move(done).error()};
    }
  }
  const auto link = open_console(*place, *reactor);
  if (!link) return Unexpected{link.error()};
  Session session(*reactor, **link);
  SmpUpdater updater(session);
  return install(run, updater);
}

}  // namespace weco::cli
