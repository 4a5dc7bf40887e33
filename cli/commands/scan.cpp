// SPDX-License-Identifier: Apache-2.0
// `weco scan`: every endpoint in parallel, harmless reads only.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cli/args.hpp"
#include "cli/context.hpp"
#include "cli/render/scan.hpp"
#include "cli/render/text.hpp"
#include "cli/table.hpp"
#include "cli/target.hpp"
#include "host/scan/scan.hpp"
#include "transports/ble/discovery.hpp"
#include "transports/ble/gatt_link.hpp"
#include "transports/open.hpp"
#include "transports/tcp/tcp.hpp"

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

/// What the user named, or every serial port present and every configured device.
Outcome<std::vector<Place>> places(const Args& args, Context& context) {
  std::vector<std::string> texts(args.list("ENDPOINT").begin(), args.list("ENDPOINT").end());
  if (texts.empty()) {
    for (const std::string& port : context.serial_ports()) texts.push_back("serial:" + port);
    auto config = context.config();
    if (!config) return Unexpected{std::move(config).error()};
    for (const auto& device : (*config)->devices) texts.push_back(device.name);
  }
  if (texts.empty()) {
    return failure(ErrorCode::NotFound, "there is no serial port and no configured device to scan",
                   {}, "Plug the adapter in, or name an endpoint such as tcp:192.0.2.5:502.");
  }
  std::vector<Place> list;
  for (const std::string& text : texts) {
    auto place = resolve_place(context, text);
    if (!place) return Unexpected{std::move(place).error()};
    list.push_back(std::move(*place));
  }
  return list;
}

Unexpected<Failure> nothing_likely(const Place& place,
                                   const std::vector<transports::ble::Advertised>& heard) {
  constexpr std::size_t kNamesShown = 5;
  std::string names;
  std::size_t shown = 0;
  for (const auto& each : heard) {
    if (each.name.empty() || shown == kNamesShown) continue;
    names += (shown++ == 0 ? "" : ", ") + quoted(each.name);
  }
  return failure(ErrorCode::NotFound,
                 fmt::format("{} devices were heard, none looks like one to read", heard.size()),
                 format(place.endpoint),
                 names.empty()
                     ? "Go nearer, close the phone app: such devices fall silent while "
                       "they are connected."
                     : "Heard: " + names + ". Name one to try it: weco scan ble:ADDRESS.");
}

/// The devices that an adapter hears and that are worth a connection, strongest first.
Outcome<std::vector<Place>> search(Context& context, Reactor& reactor, const Place& place) {
  transports::ble::DiscoveryOptions options;
  options.adapter = place.endpoint.place;
  if (options.adapter.empty()) options.adapter = place.endpoint.option("adapter").value_or("");
  std::optional<Outcome<std::vector<transports::ble::Advertised>>> heard;
  const Instant begun = reactor.now();
  const auto discovery = transports::ble::discover(
      reactor, options, [&heard](auto outcome) { heard = std::move(outcome); });
  while (!heard && !context.interrupted()) {
    reactor.run([&] { return heard.has_value(); }, reactor.now() + kProgressPeriod);
    const auto passed = static_cast<std::uint64_t>((reactor.now() - begun).to_ms());
    context.output.progress("Listening", passed, static_cast<std::uint64_t>(options.length.to_ms()),
                            reactor.now());
  }
  if (!heard) return failure(ErrorCode::Interrupted, "scanning");
  if (!*heard) return Unexpected{heard->error()};
  std::vector<Place> list;
  for (const auto& device : **heard) {
    if (transports::ble::likeness(device) == transports::ble::Likeness::None) continue;
    Place found = place;
    found.endpoint.place = device.address;
    if (!found.endpoint.option("adapter")) {
      found.endpoint.options.insert(found.endpoint.options.begin(), {"adapter", device.adapter});
    }
    list.push_back(std::move(found));
  }
  if (list.empty()) return nothing_likely(place, **heard);
  return list;
}

/// Replaces every "ble:" by the devices found there.
Done search_all(Context& context, Reactor& reactor, std::vector<Place>& list) {
  std::vector<Place> all;
  std::optional<Failure> nothing;
  for (Place& place : list) {
    if (!transports::is_ble_search(place.endpoint)) {
      all.push_back(std::move(place));
      continue;
    }
    auto found = search(context, reactor, place);
    if (!found && found.error().code() == ErrorCode::Interrupted) {
      return Unexpected{std::move(found).error()};
    }
    if (!found) nothing = std::move(found).error();
    if (found) std::move(found->begin(), found->end(), std::back_inserter(all));
  }
  if (all.empty() && nothing) return Unexpected{*nothing};
  if (nothing) context.output.warning(nothing->where + ": " + nothing->what + ".");
  list = std::move(all);
  return {};
}

/// One endpoint of the scan with what keeps it alive.
struct Entry {
  Place place;
  std::vector<std::string> bitrates;  // of a CAN adapter, still to try when nobody is heard
  OpenedLine opened;
  std::unique_ptr<transports::ble::Attempt> attempt;
  std::unique_ptr<EndpointScan> scan;  // null: not open yet, or it cannot be opened
  EndpointOutcome failed;
  bool finished = false;
};

/// What all endpoints share.
struct Scan {
  Reactor& reactor;
  const Catalog& catalog;
  const ScanOptions& options;
  EventSink* events;
  std::vector<std::unique_ptr<Entry>> entries;
};

void fail_entry(Entry& entry, Failure why) {
  entry.finished = true;
  entry.failed.endpoint = format(entry.place.endpoint);
  entry.failed.failure = std::move(why);
}

void begin(Scan& scan, Entry& entry);

/// Two vendors run the bus at 250 kbit/s, everybody else at 500: a silent bus is tried again.
void entry_finished(Scan& scan, Entry& entry) {
  if (entry.bitrates.empty() || !entry.scan->outcome().devices.empty()) {
    entry.finished = true;
    return;
  }
  scan.reactor.at(scan.reactor.now(), [&scan, &entry] {
    entry.scan.reset();  // the adapter is opened again
    begin(scan, entry);
  });
}

void start_entry(Scan& scan, Entry& entry, std::unique_ptr<EndpointScan> endpoint) {
  entry.scan = std::move(endpoint);
  entry.scan->start([&scan, &entry] { entry_finished(scan, entry); });
}

void start_line(Scan& scan, Entry& entry, Outcome<OpenedLine> opened) {
  if (!opened) return fail_entry(entry, std::move(opened).error());
  entry.opened = std::move(*opened);
  LineToScan line{std::move(entry.opened.link), entry.opened.carriers, {}, {}};
  if (entry.place.endpoint.option("baud")) line.configured = entry.place.endpoint.line_settings();
  if (entry.place.target.unit > 0) line.unit = static_cast<std::uint8_t>(entry.place.target.unit);
  ScanOptions options = scan.options;
  options.answer_within = patience(entry.place.endpoint, options.answer_within);
  start_entry(scan, entry, scan_line(scan.reactor, std::move(line), options, scan.events));
}

void begin_ble(Scan& scan, Entry& entry) {
  const auto target = transports::ble_target(entry.place.endpoint);
  if (!target) return fail_entry(entry, target.error());
  entry.attempt = transports::ble::connect(
      scan.reactor, *target,
      [&scan, &entry](Outcome<std::unique_ptr<transports::ble::GattLink>> link) {
        if (!link) return fail_entry(entry, std::move(link).error());
        start_line(scan, entry, make_line(std::move(*link), entry.place, scan.events));
      });
}

/// TCP and BLE connect while the others are at work already; everything else opens at once.
void begin(Scan& scan, Entry& entry) {
  const Endpoint& endpoint = entry.place.endpoint;
  if (entry.place.is_can()) {
    Place place = entry.place;
    if (!entry.bitrates.empty()) {
      place.endpoint.options.emplace_back("bitrate", entry.bitrates.front());
      entry.bitrates.erase(entry.bitrates.begin());
    }
    auto bus = open_bus(place, scan.reactor, scan.events);
    if (!bus) return fail_entry(entry, std::move(bus).error());
    return start_entry(scan, entry, scan_bus(scan.reactor, std::move(*bus), scan.options));
  }
  if (endpoint.scheme == Scheme::Ble) return begin_ble(scan, entry);
  if (endpoint.scheme != Scheme::Tcp) {
    return start_line(scan, entry, open_line(entry.place, scan.reactor, scan.catalog, scan.events));
  }
  const Duration patience =
      Duration::ms(endpoint.number("timeout", transports::kConnectTimeout.to_ms()));
  transports::connect_tcp(scan.reactor, endpoint.place, endpoint.port, patience,
                          [&scan, &entry](Outcome<std::unique_ptr<ByteLink>> link) {
                            if (!link) return fail_entry(entry, std::move(link).error());
                            start_line(scan, entry,
                                       make_line(std::move(*link), entry.place, scan.events));
                          });
}

void show_progress(const std::vector<std::unique_ptr<Entry>>& entries, Output& output,
                   Instant now) {
  ScanProgress sum;
  for (const auto& entry : entries) {
    if (!entry->scan) continue;
    const ScanProgress one = entry->scan->progress();
    sum.done += one.done;
    sum.total += one.total;
  }
  output.progress("Scanning", sum.done, sum.total, now);
}

bool all_finished(const std::vector<std::unique_ptr<Entry>>& entries) {
  return std::all_of(entries.begin(), entries.end(),
                     [](const auto& entry) { return entry->finished; });
}

}  // namespace

Outcome<ExitCode> run_scan(const Args& args, Context& context) {
  auto catalog = Catalog::embedded();
  if (!catalog) return Unexpected{std::move(catalog).error()};
  auto options = make_options(args, *catalog);
  if (!options) return Unexpected{std::move(options).error()};
  auto list = places(args, context);
  if (!list) return Unexpected{std::move(list).error()};
  const auto reactor = context.make_reactor();
  auto record = open_record(args, *reactor);
  if (!record) return Unexpected{std::move(record).error()};

  if (const Done searched = search_all(context, *reactor, *list); !searched) {
    return Unexpected{searched.error()};
  }

  Scan scan{*reactor, *catalog, *options, record->get(), {}};
  for (Place& place : *list) {
    scan.entries.push_back(std::make_unique<Entry>());
    scan.entries.back()->place = std::move(place);
    const Endpoint& endpoint = scan.entries.back()->place.endpoint;
    if (endpoint.scheme == Scheme::Slcan && !endpoint.option("bitrate")) {
      scan.entries.back()->bitrates = {"500k", "250k"};
    }
    begin(scan, *scan.entries.back());
  }
  while (!all_finished(scan.entries) && !context.interrupted()) {
    reactor->run([&] { return all_finished(scan.entries); }, reactor->now() + kProgressPeriod);
    show_progress(scan.entries, context.output, reactor->now());
  }
  if (context.interrupted()) return failure(ErrorCode::Interrupted, "scanning");

  std::vector<EndpointOutcome> outcomes;
  for (const auto& entry : scan.entries) {
    outcomes.push_back(std::move(entry->scan ? entry->scan->outcome() : entry->failed));
  }
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
