// SPDX-License-Identifier: Apache-2.0
// `weco simulate`: a scenario of a whole site, or a virtual device on real endpoints or in virtual
// time.
#include <fmt/format.h>

#include <optional>
#include <utility>

#include "cli/args.hpp"
#include "cli/commands/recorded.hpp"
#include "cli/commands/scenario.hpp"
#include "cli/context.hpp"
#include "cli/render/status.hpp"
#include "cli/render/text.hpp"
#include "cli/serve.hpp"
#include "cli/table.hpp"
#include "cli/target.hpp"
#include "sim/device/virtual_device.hpp"
#include "sim/timeline/timeline.hpp"

namespace weco::cli {

namespace {

constexpr Duration kHousekeeping = Duration::ms(500);
DeviceReport report_of(sim::VirtualDevice& device, const Catalog& catalog) {
  const Profile& profile = device.profile();
  DeviceReport report;
  report.endpoint = "sim:" + profile.family;
  name_family(profile, report);
  report.unit = device.unit();
  report.snapshot = device.values();
  std::span<const FaultInfo> codes;
  if (auto listed = catalog.faults(profile.family)) codes = *listed;
  report.assessment = assess(report.snapshot, codes, {});
  if (auto lights = catalog.lights(profile.family)) {
    report.lights = lights_of(*lights, report.snapshot);
  }
  return report;
}

/// Nobody to serve: simulated time jumps, and what the device looks like at the end is the result.
Outcome<ExitCode> run_in_virtual_time(const Args& args, Context& context, const Profile& profile,
                                      const sim::VirtualDeviceOptions& options,
                                      const Catalog& catalog) {
  if (!args.given("for")) {
    return failure(ErrorCode::BadUsage, "without --serve the simulation needs an end", "--for",
                   "Add --for 60s, or --serve pty:PATH to let other programs talk to the device.");
  }
  sim::Timeline timeline;
  auto device = sim::VirtualDevice::make(timeline, profile, options);
  if (!device) return Unexpected{std::move(device).error()};
  const Instant end = timeline.now() + args.duration("for");
  timeline.run([&] { return context.interrupted(); }, end);
  if (context.interrupted()) return ExitCode::Interrupted;
  const DeviceReport report = report_of(**device, catalog);
  Output& output = context.output;
  output.result(output.json() ? status_json(report, {}, timeline.wall_seconds())
                              : status_page(report, {}, output));
  return exit_code(report.assessment.level);
}

Outcome<ExitCode> run_in_real_time(const Args& args, Context& context, const Profile& profile,
                                   sim::VirtualDeviceOptions options,
                                   const std::optional<FaultPlan>& damage) {
  const auto reactor = context.make_reactor();
  options.base = reactor->now();
  auto device = sim::VirtualDevice::make(*reactor, profile, options);
  if (!device) return Unexpected{std::move(device).error()};
  Served served;
  served.tell = [&context](const std::string& line) { context.output.note(sanitize(line)); };
  served.damage = damage;
  for (const std::string& where : args.list("serve")) {
    if (Done done = serve(where, *reactor, **device, served); !done) {
      return Unexpected{std::move(done).error()};
    }
  }
  for (const std::string& line : served.lines) context.output.note(sanitize(line));
  const Instant begun = reactor->now();
  const bool ends = args.given("for");
  const Duration length =
      ends ? args.duration("for") / static_cast<std::int64_t>(options.speed) : Duration{};
  const Instant end = ends ? begun + length : Instant::never();
  while (!context.interrupted() && reactor->now() < end) {
    reactor->run([&] { return context.interrupted(); },
                 std::min(end, reactor->now() + kHousekeeping));
    (*device)->prune();
    if (ends) {
      context.output.progress("Simulating",
                              static_cast<std::uint64_t>((reactor->now() - begun).to_ms()),
                              static_cast<std::uint64_t>(length.to_ms()), reactor->now());
    }
  }
  context.output.end_progress();
  context.output.note(fmt::format("Answered {} requests.", (*device)->answers()));
  for (const std::string& line : served_summary(served)) context.output.note(line);
  return context.interrupted() ? ExitCode::Interrupted : ExitCode::Done;
}

}  // namespace

namespace {

Unexpected<Failure> not_recorded() {
  return failure(ErrorCode::BadUsage, "only a scenario keeps a recording of its own", "--record",
                 "Record where it is read: weco status ENDPOINT --record FILE.");
}

Outcome<ExitCode> serve_family(const Args& args, Context& context, const Catalog& catalog,
                               std::string_view family) {
  for (const std::string_view option :
       {"step", "telemetry", "report", "junit", "sweep", "shard", "console", "journal"}) {
    const Option* row = find_option(args.command(), option);
    if (row->repeatable ? args.list(option).empty() : !args.given(option)) continue;
    return failure(ErrorCode::BadUsage, "a single device plays no scenario",
                   "--" + std::string(option),
                   "Name a scenario; 'weco simulate --list' lists those that are shipped.");
  }
  auto profile = catalog.load(family);
  if (!profile) return Unexpected{std::move(profile).error()};
  const auto speed = parse_speed(args.given("speed") ? args.text("speed") : "real");
  if (!speed) return Unexpected{speed.error()};
  sim::VirtualDeviceOptions options;
  options.unit = static_cast<std::uint8_t>(args.integer("unit"));
  options.seed = args.given("seed") ? static_cast<std::uint32_t>(args.integer("seed")) : 1;
  if (args.list("serve").empty()) {
    if (!args.list("fault").empty()) {
      return failure(ErrorCode::BadUsage, "there is no wire that could be bad", "--fault",
                     "Faults of a wire need --serve.");
    }
    return run_in_virtual_time(args, context, **profile, options, catalog);
  }
  if (*speed == 0) {
    return failure(ErrorCode::BadUsage, "a served device cannot run as fast as it goes", "--speed",
                   "Give real or a factor; --speed max is for simulations without --serve.");
  }
  options.speed = *speed;
  std::optional<FaultPlan> damage;
  for (const std::string& text : args.list("fault")) {
    const auto fault = sim::parse_fault(text);
    if (!fault) {
      return failure(ErrorCode::BadUsage, fault.error().what, "--fault", fault.error().hint);
    }
    if (!sim::strikes_wire(fault->id)) {
      return failure(ErrorCode::BadUsage, quoted(text) + " strikes a whole site", "--fault",
                     "Play a scenario with it; a single device suffers faults of its wire only.");
    }
    add_damage(*fault, options.seed, damage);
  }
  return run_in_real_time(args, context, **profile, options, damage);
}

}  // namespace

Outcome<ExitCode> run_simulate(const Args& args, Context& context) {
  if (args.flag("list")) {
    context.output.result(scenario_list(context.output));
    return ExitCode::Done;
  }
  if (args.given("from")) {
    if (args.given("record")) return not_recorded();
    return serve_recording(args, context);
  }
  const std::string_view what = args.text("WHAT");
  if (what.empty()) {
    return failure(ErrorCode::BadUsage, "nothing to simulate was named", {},
                   "Name a scenario or a family; 'weco simulate --list' lists the scenarios.");
  }
  auto catalog = Catalog::embedded();
  if (!catalog) return Unexpected{std::move(catalog).error()};
  for (const FamilyEntry& entry : catalog->families()) {
    if (entry.family != what) continue;
    if (args.given("record")) return not_recorded();
    return serve_family(args, context, *catalog, what);
  }
  const auto source = find_scenario(what, *catalog);
  if (!source) return Unexpected{source.error()};
  return play_scenario(args, context, *catalog, *source);
}

}  // namespace weco::cli
