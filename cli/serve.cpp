// SPDX-License-Identifier: Apache-2.0
#include "cli/serve.hpp"

#include <fmt/format.h>

#include <functional>
#include <utility>

#include "cli/render/text.hpp"
#include "cli/target.hpp"
#include "sim/device/slcan_port.hpp"
#include "transports/can/can.hpp"
#include "transports/open.hpp"
#include "transports/pty/pty.hpp"

namespace weco::cli {

namespace {

/// A link whose answers suffer what a real wire does to them.
class DamagedLink final : public ByteLink {
 public:
  DamagedLink(Reactor& reactor, std::unique_ptr<ByteLink> inner, const FaultPlan& plan)
      : inner_(std::move(inner)), faulty_(reactor, *inner_, plan, {}) {}
  Done write(Bytes data) override { return faulty_.write(data); }
  Outcome<std::size_t> read(MutableBytes room) override { return faulty_.read(room); }
  void on_readable(std::function<void()> action) override {
    faulty_.on_readable(std::move(action));
  }
  Done configure(const LineSettings& settings) override { return faulty_.configure(settings); }
  [[nodiscard]] LinkTraits traits() const override { return faulty_.traits(); }
  [[nodiscard]] std::string describe() const override { return faulty_.describe(); }

 private:
  std::unique_ptr<ByteLink> inner_;
  FaultyByteLink faulty_;
};

std::unique_ptr<ByteLink> damaged(Reactor& reactor, std::unique_ptr<ByteLink> link,
                                  const Served& served) {
  if (!served.damage) return link;
  return std::make_unique<DamagedLink>(reactor, std::move(link), *served.damage);
}

Outcome<Carrier> carrier_for(const Endpoint& endpoint, const sim::VirtualDevice& device) {
  if (endpoint.scheme == Scheme::Pty) {
    const bool modbus = device.profile().protocol.kind == ProtocolKind::Modbus;
    return modbus ? Carrier::Rtu : Carrier::Serial;
  }
  std::vector<Carrier> allowed{Carrier::Tcp, Carrier::RtuOverTcp};
  if (endpoint.framing() == Framing::Rtu) allowed = {Carrier::RtuOverTcp};
  return choose_carrier(device.profile(), allowed);
}

Done serve_line(const Endpoint& endpoint, Reactor& reactor, sim::VirtualDevice& device,
                Served& served) {
  const auto carrier = carrier_for(endpoint, device);
  if (!carrier) return Unexpected{carrier.error()};
  const auto place =
      listen_at(endpoint, reactor, served, [&device, c = *carrier](std::unique_ptr<ByteLink> link) {
        device.serve(std::move(link), c);
      });
  if (!place) return Unexpected{place.error()};
  served.lines.push_back(fmt::format("Serving {} at address {} on {}.", device.profile().family,
                                     device.unit(), *place));
  return {};
}

/// The name it advertises when nobody gives one: as the real ones, or the family's.
std::string radio_name(sim::VirtualDevice& device) {
  const Profile& profile = device.profile();
  if (profile.protocol.radio_name.empty()) return profile.family;
  return profile.protocol.radio_name + device.values().identity(point("serial_number"));
}

Done serve_ble(const Endpoint& endpoint, Reactor& reactor, sim::VirtualDevice& device,
               Served& served) {
  const Profile& profile = device.profile();
  if (const auto carrier = choose_carrier(profile, {Carrier::Ble}); !carrier) {
    return Unexpected{carrier.error()};
  }
  if (endpoint.option("pair") || endpoint.place.find(':') != std::string::npos) {
    return failure(ErrorCode::BadUsage, "this names a device to read, not where to serve one",
                   format(endpoint), "Give ble:hci0, or ble:NAME?adapter=hci0.");
  }
  transports::ble::PeripheralOptions options;
  options.adapter = endpoint.option("adapter").value_or("");
  options.name = endpoint.place;
  if (transports::is_ble_search(endpoint)) {
    options.name = radio_name(device);
    if (!endpoint.place.empty()) options.adapter = endpoint.place;
  }
  const bool bluetti = profile.protocol.variant == ModbusVariant::Bluetti;
  const std::string_view service =
      endpoint.option("service").value_or(bluetti ? "bluetti" : "uart");
  for (const auto& each : transports::ble::kByteServices) {
    if (each.name == service) options.service = each;
  }
  const std::string name = options.name;
  transports::ble::PeripheralEvents events;
  events.accepted = [&device](std::unique_ptr<ByteLink> link) {
    device.serve(std::move(link), Carrier::Ble);
  };
  events.lost = [&served](const Failure& why) {
    served.tell(why.where + ": " + why.what + ". It is tried again.");
  };
  events.back = [&served, name] { served.tell(name + " advertises again."); };
  auto radio = transports::ble::advertise(reactor, std::move(options), std::move(events));
  if (!radio) return Unexpected{std::move(radio).error()};
  served.lines.push_back(fmt::format("Serving {} over Bluetooth as {} on {}, address {}.",
                                     profile.family, name, (*radio)->adapter(),
                                     (*radio)->address()));
  served.radios.push_back(std::move(*radio));
  return {};
}

/// Which frames a WeCo battery sends is unpublished; an inverter of Victron's was seen to read one.
constexpr canbms::Encoder::Config kOnCan{.dialect = canbms::Dialect::SmaVictron};

Done serve_bus(const Endpoint& endpoint, Reactor& reactor, sim::VirtualDevice& device,
               Served& served) {
  for (const std::string_view option : {"keepalive", "listen"}) {
    if (endpoint.option(option) != "yes") continue;
    return failure(ErrorCode::BadUsage,
                   "a battery " + std::string(option == "listen" ? "talks" : "sends no keep-alive"),
                   format(endpoint), "Leave " + std::string(option) + " away.");
  }
  auto link = bus_at(endpoint, reactor, served);
  if (!link) return Unexpected{std::move(link).error()};
  auto battery = sim::CanBattery::make(reactor, std::move(*link), device.values(), kOnCan);
  if (!battery) return Unexpected{std::move(battery).error()};
  (*battery)->on_lost([&served](const Failure& why) {
    served.tell(why.where + ": " + why.what + ". The battery is silent from now on.");
  });
  served.lines.push_back(fmt::format("Sending as the battery of {} on {}, dialect {}.",
                                     device.profile().family, format(endpoint),
                                     canbms::info(kOnCan.dialect).name));
  served.batteries.push_back(std::move(*battery));
  return {};
}

}  // namespace

Outcome<std::unique_ptr<FrameLink>> bus_at(const Endpoint& endpoint, Reactor& reactor,
                                           Served& served) {
  if (endpoint.scheme == Scheme::Can) {
    transports::CanOptions options;
    for (const std::uint32_t id : sim::kCanBatteryHears) {
      options.filters.push_back({id, 0x7FF, false});
    }
    options.filters.push_back({sim::kCanBatteryHears[0], 0x1FFFFFFF, true});
    auto bus = transports::CanLink::open(endpoint.place, options, reactor);
    if (!bus) return Unexpected{std::move(bus).error()};
    return std::unique_ptr<FrameLink>(std::move(*bus));
  }
  auto pty = transports::PtyServer::open({endpoint.place, {}}, reactor);
  if (!pty) return Unexpected{std::move(pty).error()};
  const std::uint32_t speed = transports::slcan_bitrate(endpoint);
  served.lines.push_back(
      fmt::format("A CAN adapter that speaks SLCAN is {}, which is {}; its bus runs at {} kbit/s.",
                  endpoint.place, (*pty)->terminal(), speed / 1000));
  return std::unique_ptr<FrameLink>(
      std::make_unique<sim::SlcanPort>(reactor, damaged(reactor, std::move(*pty), served), speed));
}

Outcome<std::string> listen_at(const Endpoint& endpoint, Reactor& reactor, Served& served,
                               std::function<void(std::unique_ptr<ByteLink>)> accepted) {
  const auto accept = [&reactor, &served,
                       take = std::move(accepted)](std::unique_ptr<ByteLink> link) {
    take(damaged(reactor, std::move(link), served));
  };
  if (endpoint.scheme == Scheme::Pty) {
    transports::PtyOptions options;
    options.link_path = endpoint.place;
    if (endpoint.option("baud")) options.bits_per_second = endpoint.line_settings().bits_per_second;
    auto pty = transports::PtyServer::open(options, reactor);
    if (!pty) return Unexpected{std::move(pty).error()};
    std::string place = endpoint.place + ", which is " + (*pty)->terminal();
    accept(std::move(*pty));
    return place;
  }
  if (endpoint.scheme == Scheme::Udp) {
    auto port = transports::UdpServer::listen(reactor, endpoint.place, endpoint.port, accept);
    if (!port) return Unexpected{std::move(port).error()};
    served.ports.push_back(std::move(*port));
    return fmt::format("UDP port {}", served.ports.back()->port());
  }
  auto listener = transports::TcpListener::listen(reactor, endpoint.place, endpoint.port, accept);
  if (!listener) return Unexpected{std::move(listener).error()};
  served.listeners.push_back(std::move(*listener));
  return fmt::format("TCP port {}", served.listeners.back()->port());
}

Done serve(std::string_view text, Reactor& reactor, sim::VirtualDevice& device, Served& served) {
  auto endpoint = parse_endpoint(text);
  if (!endpoint) return Unexpected{std::move(endpoint).error()};
  if (carries_bytes(endpoint->scheme)) return serve_line(*endpoint, reactor, device, served);
  if (endpoint->scheme == Scheme::Ble) return serve_ble(*endpoint, reactor, device, served);
  if (endpoint->scheme == Scheme::Can || endpoint->scheme == Scheme::Slcan) {
    return serve_bus(*endpoint, reactor, device, served);
  }
  return failure(ErrorCode::BadUsage, "a device cannot be served on " + quoted(text), "--serve",
                 "Give pty:PATH, tcp:HOST:PORT, udp:HOST:PORT, ble:ADAPTER, can:INTERFACE or "
                 "slcan:PATH.");
}

std::vector<std::string> served_summary(const Served& served) {
  std::vector<std::string> lines;
  for (const auto& battery : served.batteries) {
    lines.push_back(fmt::format("Sent {} CAN frames; {} more found no room on the bus.",
                                battery->sent(), battery->refused()));
  }
  return lines;
}

}  // namespace weco::cli
