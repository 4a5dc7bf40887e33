// SPDX-License-Identifier: Apache-2.0
// `weco flash install`: one firmware onto one device. What may be done is the guard's and the
// procedure's to say; here a person is asked, told and shown the progress.
#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>

#include "cli/agreement.hpp"
#include "cli/args.hpp"
#include "cli/context.hpp"
#include "cli/flash_device.hpp"
#include "cli/render/json.hpp"
#include "cli/render/text.hpp"
#include "cli/table/flash.hpp"
#include "host/update/journal.hpp"
#include "host/update/procedure.hpp"

namespace weco::cli {
namespace {

struct Run {
  const Args& args;
  Context& context;
  Reactor& reactor;
  const Firmware& firmware;
  std::string device;                  // as typed
  std::optional<Telemetry> telemetry;  // none: a bare board on a bench
};

Outcome<Place> telemetry_place(const Args& args, Context& context) {
  auto place = resolve_place(context, args.text("telemetry"));
  if (place && args.given("family")) place->target.family = std::string(args.text("family"));
  if (place && place->target.family.empty()) {
    return failure(ErrorCode::BadUsage, "the family of the telemetry is not known", "--family",
                   "Name it, or a configured device; see 'weco devices list'.");
  }
  return place;
}

Done permit(Run& run, const UpdateState& state) {
  if (run.telemetry) {
    if (Done allowed = run.telemetry->permit(); !allowed) return allowed;
  }
  const std::string from(image::to_text(state.active->version).view());
  const std::string to(image::to_text(run.firmware.layout.version).view());
  // WS-34: the person plans the moment in which packs are off
  return ask_person(run.args, run.context,
                    fmt::format("{} ({}) goes from {} to {}. The pack switches off while it is "
                                "updated; it comes back by itself.",
                                sanitize(run.device), sanitize(state.board), from, to),
                    "the update was not begun");
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
  hooks.healthy = [&](const UpdateState&) {
    return run.telemetry ? run.telemetry->healthy() : Done{};
  };
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
  Run run{args, context, *reactor, *firmware, std::string(args.text("DEVICE")), {}};
  if (args.given("telemetry")) {
    auto telemetry = telemetry_place(args, context);
    if (!telemetry) return Unexpected{std::move(telemetry).error()};
    run.telemetry.emplace(context, *reactor, *catalog, std::move(*telemetry), run.device);
  }
  const auto opened = open_updater(*place, *reactor);
  if (!opened) return Unexpected{opened.error()};
  return install(run, *opened->updater);
}

}  // namespace weco::cli
