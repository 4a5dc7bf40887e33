// SPDX-License-Identifier: Apache-2.0
#include "cli/serve.hpp"

#include <fmt/format.h>

#include <utility>

#include "cli/render/text.hpp"
#include "cli/target.hpp"
#include "transports/pty/pty.hpp"

namespace weco::cli {

namespace {

Done serve_pty(const Endpoint& endpoint, Reactor& reactor, sim::VirtualDevice& device,
               Served& served) {
  transports::PtyOptions options;
  options.link_path = endpoint.place;
  if (endpoint.option("baud")) options.bits_per_second = endpoint.line_settings().bits_per_second;
  auto pty = transports::PtyServer::open(options, reactor);
  if (!pty) return Unexpected{std::move(pty).error()};
  served.lines.push_back(fmt::format("Serving {} at address {} on {}, which is {}.",
                                     device.profile().family, device.unit(), endpoint.place,
                                     (*pty)->terminal()));
  const bool modbus = device.profile().protocol.kind == ProtocolKind::Modbus;
  device.serve(std::move(*pty), modbus ? Carrier::Rtu : Carrier::Serial);
  return {};
}

Done serve_tcp(const Endpoint& endpoint, Reactor& reactor, sim::VirtualDevice& device,
               Served& served) {
  std::vector<Carrier> allowed{Carrier::Tcp, Carrier::RtuOverTcp};
  if (endpoint.framing() == Framing::Rtu) allowed = {Carrier::RtuOverTcp};
  const auto carrier = choose_carrier(device.profile(), allowed);
  if (!carrier) return Unexpected{carrier.error()};
  auto listener =
      transports::TcpListener::listen(reactor, endpoint.place, endpoint.port,
                                      [&device, c = *carrier](std::unique_ptr<ByteLink> link) {
                                        device.serve(std::move(link), c);
                                      });
  if (!listener) return Unexpected{std::move(listener).error()};
  served.lines.push_back(fmt::format("Serving {} as unit {} on TCP port {}.",
                                     device.profile().family, device.unit(), (*listener)->port()));
  served.listeners.push_back(std::move(*listener));
  return {};
}

}  // namespace

Done serve(std::string_view text, Reactor& reactor, sim::VirtualDevice& device, Served& served) {
  auto endpoint = parse_endpoint(text);
  if (!endpoint) return Unexpected{std::move(endpoint).error()};
  if (endpoint->scheme == Scheme::Pty) return serve_pty(*endpoint, reactor, device, served);
  if (endpoint->scheme == Scheme::Tcp) return serve_tcp(*endpoint, reactor, device, served);
  return failure(ErrorCode::BadUsage, "a device cannot be served on " + quoted(text), "--serve",
                 "Give pty:PATH or tcp:HOST:PORT.");
}

}  // namespace weco::cli
