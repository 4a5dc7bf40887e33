// SPDX-License-Identifier: Apache-2.0
// `weco scan`: every endpoint in parallel, harmless reads only.
#include <algorithm>
#include <utility>

#include "cli/args.hpp"
#include "cli/context.hpp"
#include "cli/render/scan.hpp"
#include "cli/scan_job.hpp"
#include "cli/table.hpp"
#include "cli/target.hpp"
#include "host/scan/scan.hpp"

namespace weco::cli {

namespace {

constexpr Duration kProgressPeriod = Duration::ms(100);

bool one_of(std::span<const std::string> list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

/// The families to look for, as --family and --protocol say.
Outcome<std::vector<const Profile*>> candidates(const Args& args, const Catalog& catalog) {
  const auto families = args.list("family");
  const auto protocols = args.list("protocol");
  for (const std::string& family : families) {
    if (auto known = catalog.load(family); !known) return Unexpected{std::move(known).error()};
  }
  std::vector<const Profile*> list;
  for (const FamilyEntry& entry : catalog.families()) {
    if (!families.empty() && !one_of(families, entry.family)) continue;
    auto profile = catalog.load(entry.family);
    if (!profile) return Unexpected{std::move(profile).error()};
    if (protocols.empty() || one_of(protocols, name((*profile)->protocol.kind))) {
      list.push_back(*profile);
    }
  }
  return list;
}

LineSettings::Parity parity_of(std::string_view word) {
  return word == "even"  ? LineSettings::Parity::Even
         : word == "odd" ? LineSettings::Parity::Odd
                         : LineSettings::Parity::None;
}

/// Every speed with every parity asked for; speeds alone go with none and even, the two that
/// devices ship with.
std::vector<LineSettings> lines_asked_for(const Args& args,
                                          std::span<const Profile* const> families) {
  std::vector<LineSettings> lines;
  std::vector<std::uint32_t> speeds;
  for (const std::string& speed : args.list("speed")) {
    speeds.push_back(static_cast<std::uint32_t>(std::stoul(speed)));
  }
  std::vector<LineSettings::Parity> parities;
  for (const std::string& word : args.list("parity")) parities.push_back(parity_of(word));
  if (speeds.empty() && parities.empty()) return lines;
  if (parities.empty()) parities = {LineSettings::Parity::None, LineSettings::Parity::Even};
  if (speeds.empty()) {
    for (const Profile* profile : families) {
      for (const LineSettings& line : profile->protocol.lines)
        speeds.push_back(line.bits_per_second);
    }
    std::sort(speeds.begin(), speeds.end());
    speeds.erase(std::unique(speeds.begin(), speeds.end()), speeds.end());
  }
  for (const std::uint32_t speed : speeds) {
    for (const auto parity : parities) lines.push_back({speed, parity, 8, 1});
  }
  return lines;
}

Outcome<ScanOptions> make_options(const Args& args, const Catalog& catalog) {
  ScanOptions options;
  auto families = candidates(args, catalog);
  if (!families) return Unexpected{std::move(families).error()};
  options.families = std::move(*families);
  options.lines = lines_asked_for(args, options.families);
  for (const NumberRange range : args.ranges("addresses")) {
    for (std::int64_t address = range.from; address <= range.to; ++address) {
      options.addresses.push_back(static_cast<std::uint8_t>(address));
    }
  }
  options.listen = args.duration("listen");
  if (args.given("timeout")) options.answer_within = args.duration("timeout");
  options.every_speed = args.flag("all");
  return options;
}

}  // namespace

Outcome<ExitCode> run_scan(const Args& args, Context& context) {
  auto catalog = Catalog::embedded();
  if (!catalog) return Unexpected{std::move(catalog).error()};
  auto options = make_options(args, *catalog);
  if (!options) return Unexpected{std::move(options).error()};
  const auto named = args.list("ENDPOINT");
  auto list = places_to_scan(context, {named.begin(), named.end()});
  if (!list) return Unexpected{std::move(list).error()};
  const auto reactor = context.make_reactor();
  auto record = open_record(args, *reactor);
  if (!record) return Unexpected{std::move(record).error()};

  if (const Done searched = search_all(context, *reactor, *list); !searched) {
    return Unexpected{searched.error()};
  }

  ScanJob scan(*reactor, *catalog, *options, record->get());
  for (Place& place : *list) scan.add(std::move(place));
  while (!scan.finished() && !context.interrupted()) {
    reactor->run([&] { return scan.finished(); }, reactor->now() + kProgressPeriod);
    const ScanProgress sum = scan.progress();
    context.output.progress("Scanning", sum.done, sum.total, reactor->now());
  }
  if (context.interrupted()) return failure(ErrorCode::Interrupted, "scanning");
  std::vector<EndpointOutcome> outcomes = scan.take();
  // A single endpoint that cannot be opened is a failure of the command, not a line in a tree.
  if (outcomes.size() == 1 && outcomes.front().failure && outcomes.front().devices.empty()) {
    return Unexpected{*outcomes.front().failure};
  }
  const ScanResult result = merge(std::move(outcomes));
  Output& output = context.output;
  output.result(output.json() ? scan_json(result, reactor->wall_seconds())
                              : scan_page(result, output));
  return result.devices.empty() ? ExitCode::NoAnswer : ExitCode::Done;
}

}  // namespace weco::cli
