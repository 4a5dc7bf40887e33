// SPDX-License-Identifier: Apache-2.0
#include "cli/target.hpp"

#include <algorithm>
#include <utility>

#include "cli/version.hpp"
#include "host/evidence/pcapng.hpp"
#include "host/evidence/recorder.hpp"
#include "host/evidence/recording_link.hpp"
#include "transports/open.hpp"

namespace weco::cli {

Outcome<Place> resolve_place(Context& context, std::string_view text) {
  auto target = resolve_target(context, text);
  if (!target) return Unexpected{std::move(target).error()};
  auto endpoint = parse_endpoint(target->endpoint);
  if (!endpoint) return Unexpected{std::move(endpoint).error()};
  Place place{std::move(*target), std::move(*endpoint)};
  if (place.target.unit == 0) place.target.unit = place.endpoint.unit().value_or(0);
  if (place.endpoint.scheme == Scheme::Sim && place.target.family.empty()) {
    place.target.family = place.endpoint.place;
  }
  return place;
}

Outcome<std::vector<Place>> places_to_scan(Context& context, std::vector<std::string> named) {
  if (named.empty()) {
    for (const std::string& port : context.serial_ports()) named.push_back("serial:" + port);
    auto config = context.config();
    if (!config) return Unexpected{std::move(config).error()};
    for (const auto& device : (*config)->devices) named.push_back(device.name);
  }
  if (named.empty()) {
    return failure(ErrorCode::NotFound, "there is no serial port and no configured device to scan",
                   {}, "Plug the adapter in, or name an endpoint such as tcp:192.0.2.5:502.");
  }
  std::vector<Place> list;
  for (const std::string& text : named) {
    auto place = resolve_place(context, text);
    if (!place) return Unexpected{std::move(place).error()};
    list.push_back(std::move(*place));
  }
  return list;
}

namespace {

Carrier native_carrier(const Profile& profile) {
  return profile.protocol.kind == ProtocolKind::Modbus ? Carrier::Rtu : Carrier::Serial;
}

Outcome<OpenedLine> open_simulated(const Place& place, Reactor& reactor, const Catalog& catalog) {
  auto profile = catalog.load(place.endpoint.place);
  if (!profile) return Unexpected{std::move(profile).error()};
  sim::VirtualDeviceOptions options;
  options.unit = static_cast<std::uint8_t>(place.target.unit);
  options.seed = static_cast<std::uint32_t>(place.endpoint.number("seed", 1));
  auto device = sim::VirtualDevice::make(reactor, **profile, options);
  if (!device) return Unexpected{std::move(device).error()};
  OpenedLine opened;
  LoopbackOptions wire;
  wire.name = format(place.endpoint);
  opened.wire = std::make_unique<LoopbackLine>(reactor, wire);
  opened.simulated = std::move(*device);
  opened.carriers = {native_carrier(**profile)};
  opened.simulated->serve(opened.wire->join(), opened.carriers.front());
  opened.link = opened.wire->join();
  return opened;
}

std::vector<Carrier> carriers_of(const Endpoint& endpoint) {
  if (endpoint.scheme == Scheme::Ble) return {Carrier::Ble};
  if (endpoint.scheme != Scheme::Tcp && endpoint.scheme != Scheme::Udp) {
    return {Carrier::Rtu, Carrier::Serial};
  }
  const auto framing = endpoint.framing();
  if (framing == Framing::Tcp) return {Carrier::Tcp};
  if (framing == Framing::Rtu) return {Carrier::RtuOverTcp};
  return {Carrier::Tcp, Carrier::RtuOverTcp};
}

}  // namespace

std::unique_ptr<ByteLink> recorded(std::unique_ptr<ByteLink> link, EventSink* events) {
  if (events == nullptr) return link;
  return std::make_unique<RecordingByteLink>(std::move(link), *events);
}

std::unique_ptr<FrameLink> recorded(std::unique_ptr<FrameLink> link, EventSink* events) {
  if (events == nullptr) return link;
  return std::make_unique<RecordingFrameLink>(std::move(link), *events);
}

OpenedLine make_line(std::unique_ptr<ByteLink> link, const Place& place, EventSink* events) {
  OpenedLine opened;
  opened.link = std::move(link);
  opened.carriers = carriers_of(place.endpoint);
  opened.link = recorded(std::move(opened.link), events);
  return opened;
}

Outcome<OpenedLine> open_line(const Place& place, Reactor& reactor, const Catalog& catalog,
                              EventSink* events) {
  if (place.endpoint.scheme == Scheme::Sim) {
    auto simulated = open_simulated(place, reactor, catalog);
    if (!simulated) return simulated;
    OpenedLine opened = make_line(std::move(simulated->link), place, events);
    opened.wire = std::move(simulated->wire);
    opened.simulated = std::move(simulated->simulated);
    opened.carriers = simulated->carriers;
    return opened;
  }
  auto link = transports::open_byte_link(place.endpoint, reactor);
  if (!link) return Unexpected{std::move(link).error()};
  return make_line(std::move(*link), place, events);
}

Outcome<OpenedDevice> open_live(const Place& place, std::string_view family, Reactor& reactor,
                                const Catalog& catalog, EventSink* events) {
  if (const auto profile = catalog.load(family); !profile) return Unexpected{profile.error()};
  auto line = open_line(place, reactor, catalog, events);
  if (!line) return Unexpected{std::move(line).error()};
  return make_live(std::move(*line), place, {family, {}, events}, reactor, catalog);
}

Outcome<OpenedDevice> make_live(OpenedLine line, const Place& place, const LiveSetup& known,
                                Reactor& reactor, const Catalog& catalog) {
  const auto profile = catalog.load(known.family);
  if (!profile) return Unexpected{profile.error()};
  const auto carrier = choose_carrier(**profile, line.carriers);
  if (!carrier) return Unexpected{carrier.error()};
  LiveDevice::Setup setup;
  setup.profile = *profile;
  if (auto codes = catalog.faults(known.family)) setup.codes = *codes;
  if (auto lights = catalog.lights(known.family)) setup.lights = *lights;
  setup.carrier = *carrier;
  setup.unit = place.target.unit != 0 ? static_cast<std::uint8_t>(place.target.unit)
                                      : (*profile)->protocol.unit;
  setup.events = known.events;
  if (place.endpoint.scheme == Scheme::Serial) {
    const bool told = place.endpoint.option("baud") || (*profile)->protocol.lines.empty();
    const LineSettings settings = known.line ? *known.line
                                  : told     ? place.endpoint.line_settings()
                                             : (*profile)->protocol.lines.front();
    if (Done done = line.link->configure(settings); !done) return Unexpected{done.error()};
    setup.line = settings;
  }
  setup.link = std::move(line.link);
  auto live = LiveDevice::make(reactor, std::move(setup));
  if (!live) return Unexpected{std::move(live).error()};
  return OpenedDevice{std::move(line.wire), std::move(line.simulated), std::move(*live)};
}

Outcome<std::unique_ptr<FrameLink>> open_bus(const Place& place, Reactor& reactor,
                                             EventSink* events) {
  auto link = transports::open_frame_link(place.endpoint, reactor);
  if (!link) return link;
  return recorded(std::move(*link), events);
}

Outcome<std::unique_ptr<EventSink>> open_record(const Args& args, Reactor& reactor) {
  if (!args.given("record")) return std::unique_ptr<EventSink>();
  const std::string path(args.text("record"));
  if (path.ends_with(".pcapng")) {
    auto capture = PcapngRecorder::open(path, reactor, kProgram);
    if (!capture) return Unexpected{std::move(capture).error()};
    return std::unique_ptr<EventSink>(std::move(*capture));
  }
  auto recorder = NdjsonRecorder::open(path, reactor, kProgram);
  if (!recorder) return Unexpected{std::move(recorder).error()};
  return std::unique_ptr<EventSink>(std::move(*recorder));
}

Duration patience(const Endpoint& endpoint, Duration otherwise) {
  constexpr Duration kOverTheAir = Duration::ms(1500);
  return endpoint.scheme == Scheme::Ble ? std::max(otherwise, kOverTheAir) : otherwise;
}

Outcome<Carrier> choose_carrier(const Profile& profile, const std::vector<Carrier>& carriers) {
  for (const Carrier carrier : carriers) {
    const auto& over = profile.protocol.over;
    if (std::find(over.begin(), over.end(), carrier) != over.end()) return carrier;
  }
  return failure(ErrorCode::Unsupported,
                 "the family " + profile.family + " does not speak over this endpoint", {},
                 "See 'weco devices show " + profile.family + "' for what it speaks.");
}

ExitCode exit_code(Level level) {
  switch (level) {
    case Level::Alarm:
      return ExitCode::Alarm;
    case Level::Warning:
      return ExitCode::Warning;
    default:
      return ExitCode::Done;
  }
}

}  // namespace weco::cli
