// SPDX-License-Identifier: Apache-2.0
// `weco simulate`: a virtual device on real endpoints, or, without one, in virtual time.
#include <fmt/format.h>

#include <charconv>
#include <limits>
#include <utility>

#include "cli/args.hpp"
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
constexpr std::int64_t kSpeedMax = 100000;

/// How many simulated seconds pass in a real one; 0: as fast as it goes.
Outcome<std::uint32_t> parse_speed(std::string_view text) {
  if (text == "real") return std::uint32_t{1};
  if (text == "max") return std::uint32_t{0};
  std::uint32_t factor = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), factor);
  if (error != std::errc{} || end != text.data() + text.size() || factor == 0 ||
      factor > kSpeedMax) {
    return failure(ErrorCode::BadUsage, quoted(text) + " is no speed", "--speed",
                   "Give real, max or a whole factor from 1 to 100000.");
  }
  return factor;
}

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
                                   sim::VirtualDeviceOptions options) {
  const auto reactor = context.make_reactor();
  options.base = reactor->now();
  auto device = sim::VirtualDevice::make(*reactor, profile, options);
  if (!device) return Unexpected{std::move(device).error()};
  Served served;
  served.tell = [&context](const std::string& line) { context.output.note(sanitize(line)); };
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
  return context.interrupted() ? ExitCode::Interrupted : ExitCode::Done;
}

}  // namespace

Outcome<ExitCode> run_simulate(const Args& args, Context& context) {
  auto catalog = Catalog::embedded();
  if (!catalog) return Unexpected{std::move(catalog).error()};
  auto profile = catalog->load(args.text("FAMILY"));
  if (!profile) return Unexpected{std::move(profile).error()};
  const auto speed = parse_speed(args.text("speed"));
  if (!speed) return Unexpected{speed.error()};
  sim::VirtualDeviceOptions options;
  options.unit = static_cast<std::uint8_t>(args.integer("unit"));
  options.seed = static_cast<std::uint32_t>(args.integer("seed"));
  if (args.list("serve").empty()) {
    return run_in_virtual_time(args, context, **profile, options, *catalog);
  }
  if (*speed == 0) {
    return failure(ErrorCode::BadUsage, "a served device cannot run as fast as it goes", "--speed",
                   "Give real or a factor; --speed max is for simulations without --serve.");
  }
  options.speed = *speed;
  return run_in_real_time(args, context, **profile, options);
}

}  // namespace weco::cli
