// SPDX-License-Identifier: Apache-2.0
#include "cli/scan_job.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "cli/render/text.hpp"
#include "transports/ble/discovery.hpp"
#include "transports/ble/gatt_link.hpp"
#include "transports/open.hpp"
#include "transports/tcp/subnet.hpp"
#include "transports/tcp/tcp.hpp"

namespace weco::cli {
namespace {

constexpr Duration kProgressPeriod = Duration::ms(100);

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

/// A scan of one line, as the place says. Takes the line's link.
std::unique_ptr<EndpointScan> scan_place(Reactor& reactor, OpenedLine& opened, const Place& place,
                                         ScanOptions options, EventSink* events) {
  LineToScan line{std::move(opened.link), opened.carriers, {}, {}};
  if (place.endpoint.option("baud")) line.configured = place.endpoint.line_settings();
  if (place.target.unit > 0) line.unit = static_cast<std::uint8_t>(place.target.unit);
  options.answer_within = patience(place.endpoint, options.answer_within);
  return scan_line(reactor, std::move(line), options, events);
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

/// The hosts of a network that listen on the port, in order of their addresses.
Outcome<std::vector<Place>> search_subnet(Context& context, Reactor& reactor, const Place& place) {
  const auto subnet = transports::parse_subnet(place.endpoint.place);
  if (!subnet) return Unexpected{subnet.error()};
  const Duration patience =
      Duration::ms(place.endpoint.number("timeout", transports::kSubnetPatience.to_ms()));
  const auto search =
      transports::SubnetSearch::start(reactor, *subnet, place.endpoint.port, patience);
  while (!search->ended() && !context.interrupted()) {
    reactor.run([&] { return search->ended(); }, reactor.now() + kProgressPeriod);
    context.output.progress("Asking every address", search->asked(), subnet->count, reactor.now());
  }
  if (!search->ended()) return failure(ErrorCode::Interrupted, "scanning");
  const auto found = search->found();
  if (found.hosts.empty()) {
    return failure(ErrorCode::Timeout,
                   fmt::format("none of {} addresses takes a connection on port {}, {} are there",
                               subnet->count, place.endpoint.port, found.refused),
                   format(place.endpoint),
                   "Check the network, the port, and that the devices' Modbus TCP servers are on.");
  }
  std::vector<Place> list;
  for (const std::string& host : found.hosts) {
    list.push_back(place);
    list.back().endpoint.place = host;
  }
  return list;
}

bool is_net(const Place& place) {
  return place.endpoint.scheme == Scheme::Tcp && transports::is_subnet(place.endpoint.place);
}

}  // namespace

Done search_all(Context& context, Reactor& reactor, std::vector<Place>& list) {
  std::vector<Place> all;
  std::optional<Failure> nothing;
  for (Place& place : list) {
    if (!transports::is_ble_search(place.endpoint) && !is_net(place)) {
      all.push_back(std::move(place));
      continue;
    }
    auto found =
        is_net(place) ? search_subnet(context, reactor, place) : search(context, reactor, place);
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

namespace {

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

}  // namespace

/// What all endpoints share.
struct ScanJob::Scan {
  Reactor& reactor;
  const Catalog& catalog;
  ScanOptions options;
  EventSink* events;
  std::vector<std::unique_ptr<Entry>> entries{};
  std::function<void()> done{};

  [[nodiscard]] bool finished() const {
    return std::all_of(entries.begin(), entries.end(),
                       [](const auto& entry) { return entry->finished; });
  }
  void finish(Entry& entry) {
    entry.finished = true;
    if (done && finished()) std::exchange(done, {})();
  }
  void fail(Entry& entry, Failure why);
  void begin(Entry& entry);
  void begin_ble(Entry& entry);
  void start(Entry& entry, std::unique_ptr<EndpointScan> endpoint);
  void start_line(Entry& entry, Outcome<OpenedLine> opened);
  void entry_finished(Entry& entry);
};

void ScanJob::Scan::fail(Entry& entry, Failure why) {
  entry.failed.endpoint = format(entry.place.endpoint);
  entry.failed.failure = std::move(why);
  finish(entry);
}

/// Two vendors run the bus at 250 kbit/s, everybody else at 500: a silent bus is tried again.
void ScanJob::Scan::entry_finished(Entry& entry) {
  if (entry.bitrates.empty() || !entry.scan->outcome().devices.empty()) return finish(entry);
  reactor.at(reactor.now(), [this, &entry] {
    entry.scan.reset();  // the adapter is opened again
    begin(entry);
  });
}

void ScanJob::Scan::start(Entry& entry, std::unique_ptr<EndpointScan> endpoint) {
  entry.scan = std::move(endpoint);
  entry.scan->start([this, &entry] { entry_finished(entry); });
}

void ScanJob::Scan::start_line(Entry& entry, Outcome<OpenedLine> opened) {
  if (!opened) return fail(entry, std::move(opened).error());
  entry.opened = std::move(*opened);
  start(entry, scan_place(reactor, entry.opened, entry.place, options, events));
}

void ScanJob::Scan::begin_ble(Entry& entry) {
  const auto target = transports::ble_target(entry.place.endpoint);
  if (!target) return fail(entry, target.error());
  entry.attempt = transports::ble::connect(
      reactor, *target, [this, &entry](Outcome<std::unique_ptr<transports::ble::GattLink>> link) {
        if (!link) return fail(entry, std::move(link).error());
        start_line(entry, make_line(std::move(*link), entry.place, events));
      });
}

/// TCP and BLE connect while the others are at work already; everything else opens at once.
void ScanJob::Scan::begin(Entry& entry) {
  const Endpoint& endpoint = entry.place.endpoint;
  if (entry.place.is_can()) {
    Place place = entry.place;
    if (!entry.bitrates.empty()) {
      place.endpoint.options.emplace_back("bitrate", entry.bitrates.front());
      entry.bitrates.erase(entry.bitrates.begin());
    }
    auto bus = open_bus(place, reactor, events);
    if (!bus) return fail(entry, std::move(bus).error());
    return start(entry, scan_bus(reactor, std::move(*bus), options));
  }
  if (endpoint.scheme == Scheme::Ble) return begin_ble(entry);
  if (endpoint.scheme != Scheme::Tcp) {
    return start_line(entry, open_line(entry.place, reactor, catalog, events));
  }
  const transports::TcpPlace to = transports::tcp_place(endpoint);
  transports::connect_tcp(reactor, to.host, to.port, to.timeout,
                          [this, &entry](Outcome<std::unique_ptr<ByteLink>> link) {
                            if (!link) return fail(entry, std::move(link).error());
                            start_line(entry, make_line(std::move(*link), entry.place, events));
                          });
}

ScanJob::ScanJob(Reactor& reactor, const Catalog& catalog, ScanOptions options, EventSink* events)
    : scan_(std::make_unique<Scan>(Scan{reactor, catalog, std::move(options), events})) {}
ScanJob::~ScanJob() = default;

void ScanJob::add(Place place) {
  scan_->entries.push_back(std::make_unique<Entry>());
  Entry& entry = *scan_->entries.back();
  entry.place = std::move(place);
  const Endpoint& endpoint = entry.place.endpoint;
  if (endpoint.scheme == Scheme::Slcan && !endpoint.option("bitrate")) {
    entry.bitrates = {"500k", "250k"};
  }
  scan_->begin(entry);
}

bool ScanJob::finished() const { return scan_->finished(); }

void ScanJob::when_finished(std::function<void()> done) {
  if (scan_->finished()) return done();
  scan_->done = std::move(done);
}

ScanProgress ScanJob::progress() const {
  ScanProgress sum;
  for (const auto& entry : scan_->entries) {
    if (!entry->scan) continue;
    const ScanProgress one = entry->scan->progress();
    sum.done += one.done;
    sum.total += one.total;
  }
  return sum;
}

std::vector<EndpointOutcome> ScanJob::take() {
  std::vector<EndpointOutcome> outcomes;
  for (const auto& entry : scan_->entries) {
    outcomes.push_back(std::move(entry->scan ? entry->scan->outcome() : entry->failed));
  }
  return outcomes;
}

Outcome<std::unique_ptr<EndpointScan>> identify_line(Reactor& reactor, OpenedLine& opened,
                                                     const Place& place, const Catalog& catalog,
                                                     EventSink* events) {
  auto families = catalog.load_all();
  if (!families) return Unexpected{std::move(families).error()};
  ScanOptions options;
  options.first_only = true;
  options.families = std::move(*families);
  return scan_place(reactor, opened, place, std::move(options), events);
}

Outcome<DeviceReport> identified_device(EndpointOutcome outcome) {
  if (outcome.failure) return Unexpected{*outcome.failure};
  if (outcome.devices.empty()) {
    std::string why = "no device was found";
    if (!outcome.findings.empty()) why += ": " + outcome.findings.front().symptom;
    if (why.ends_with('.')) why.pop_back();
    return failure(ErrorCode::Timeout, why, outcome.endpoint,
                   outcome.findings.empty()
                       ? std::string()
                       : std::string(info(outcome.findings.front().id).advice));
  }
  DeviceReport& first = outcome.devices.front();
  first.findings = std::move(outcome.findings);
  return std::move(first);
}

}  // namespace weco::cli
