// SPDX-License-Identifier: Apache-2.0
// `weco flash install`: one firmware onto one device. Here a person is asked, told and shown the
// progress.
#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>

#include "cli/agreement.hpp"
#include "cli/args.hpp"
#include "cli/context.hpp"
#include "cli/flash_run.hpp"
#include "cli/render/json.hpp"
#include "cli/render/text.hpp"
#include "cli/table/flash.hpp"

namespace weco::cli {
namespace {

Outcome<Place> telemetry_place(const Args& args, Context& context) {
  auto place = resolve_place(context, args.text("telemetry"));
  if (place && args.given("family")) place->target.family = std::string(args.text("family"));
  if (place && place->target.family.empty()) {
    return failure(ErrorCode::BadUsage, "the family of the telemetry is not known", "--family",
                   "Name it, or a configured device; see 'weco devices list'.");
  }
  return place;
}

void show(const Installation& what, const Installed& installed, Output& output) {
  const std::string version = version_of(what.firmware);
  const bool there = installed.end == FlashEnd::AlreadyThere;
  const UpdateProgress& figures = installed.figures;
  if (output.json()) {
    JsonWriter json;
    json.begin_object().field("schema", "weco.flash/1").field("device", what.device);
    json.field("version", version).field("hash", hex(hash_of(what.firmware)));
    json.field("end", there ? "already_there" : "confirmed");
    json.field("payload_bytes", figures.payload).field("wire_bytes", figures.wire);
    output.result(json.end_object().str());
    return;
  }
  std::string text = fmt::format("{} runs {}{}.", sanitize(what.device), version,
                                 there ? " already" : ", tried, well and confirmed");
  if (figures.payload > 0) {
    text += fmt::format(" {} bytes at {} B/s, {} B/s on the wire.", figures.payload,
                        figures.payload_rate(), figures.wire_rate());
  }
  output.result(text);
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
  const auto firmware = read_good_firmware(std::string(args.text("IMAGE")), args.list("key"));
  if (!firmware) return Unexpected{firmware.error()};
  const auto place = resolve_place(context, args.text("DEVICE"));
  if (!place) return Unexpected{place.error()};
  const auto catalog = Catalog::embedded();
  if (!catalog) return Unexpected{catalog.error()};
  const auto reactor = context.make_reactor();
  const auto record = open_record(args, *reactor);
  if (!record) return Unexpected{record.error()};
  const Installation what{*firmware, std::string(args.text("DEVICE")),
                          std::string(args.text("board")), std::string(args.text("journal"))};
  std::optional<Telemetry> telemetry;
  if (args.given("telemetry")) {
    auto battery = telemetry_place(args, context);
    if (!battery) return Unexpected{std::move(battery).error()};
    telemetry.emplace(context, *reactor,
                      look_at(std::move(*battery), *reactor, *catalog, record->get()), what.device);
  }
  const auto opened = open_updater(*place, *reactor, record->get());
  if (!opened) return Unexpected{opened.error()};
  const InstallHooks person{[&](const std::string& told) {
                              return ask_person(args, context, told, "the update was not begun");
                            },
                            [&](const UpdateProgress& now) {
                              context.output.progress("Sending the firmware", now.offset, now.total,
                                                      reactor->now());
                            }};
  const auto installed =
      install(what, *opened->updater, telemetry ? &*telemetry : nullptr, *reactor, person);
  context.output.end_progress();
  if (!installed) return Unexpected{installed.error()};
  show(what, *installed, context.output);
  return ExitCode::Done;
}

}  // namespace weco::cli
