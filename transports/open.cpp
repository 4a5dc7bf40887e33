// SPDX-License-Identifier: Apache-2.0
#include "transports/open.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "host/link/keep_alive.hpp"
#include "host/link/lasting_link.hpp"
#include "transports/ble/gatt_link.hpp"
#include "transports/ble/services.hpp"
#include "transports/can/can.hpp"
#include "transports/pty/pty.hpp"
#include "transports/replay/replay_link.hpp"
#include "transports/serial/serial.hpp"
#include "transports/slcan/slcan_link.hpp"
#include "transports/tcp/subnet.hpp"
#include "transports/tcp/tcp.hpp"
#include "transports/udp/udp.hpp"

namespace weco::transports {
namespace {

struct Bitrate {
  std::string_view text;
  std::uint32_t bits_per_second;
};
constexpr Bitrate kBitrates[] = {{"10k", 10000},   {"20k", 20000},   {"50k", 50000},
                                 {"100k", 100000}, {"125k", 125000}, {"250k", 250000},
                                 {"500k", 500000}, {"800k", 800000}, {"1M", 1000000}};
// The port of a USB adapter ignores its speed; those with a real UART come set to this one.
constexpr std::int64_t kAdapterBaud = 115200;

SlcanOptions slcan_options(const Endpoint& endpoint) {
  SlcanOptions options;
  options.bits_per_second = slcan_bitrate(endpoint);
  options.listen_only = endpoint.option("listen") == "yes";
  return options;
}

ReplayOptions replay_options(const Endpoint& endpoint, const Recording& recording) {
  ReplayOptions options;
  if (endpoint.option("speed") == "recorded") options.speed = ReplayOptions::Speed::Recorded;
  const bool asked =
      std::any_of(recording.items.begin(), recording.items.end(), [](const RecordedItem& item) {
        return !item.frame && item.from == RecordedItem::From::Asker;
      });
  if (asked) options.role = ReplayOptions::Role::Answer;
  return options;
}

Outcome<std::unique_ptr<ByteLink>> open_lasting_tcp(const Endpoint& endpoint, Reactor& reactor) {
  const TcpPlace place = tcp_place(endpoint);
  auto link = open_tcp(reactor, place.host, place.port, place.timeout);
  if (!link) return link;
  return lasting_tcp(reactor, std::move(*link), place);
}

/// An adapter that is unplugged is used again when it is back under its name.
Outcome<std::unique_ptr<ByteLink>> open_lasting_serial(const Endpoint& endpoint, Reactor& reactor) {
  const auto open = [&reactor, path = endpoint.place, settings = endpoint.line_settings()] {
    return open_serial(path, settings, reactor);
  };
  auto link = open();
  if (!link) return link;
  return lasting_link(reactor, std::move(*link), [open](const auto& done) { done(open()); });
}

Outcome<std::unique_ptr<ByteLink>> open_pty_server(const Endpoint& endpoint, Reactor& reactor) {
  PtyOptions options;
  options.link_path = endpoint.place;
  if (endpoint.option("baud")) options.bits_per_second = endpoint.line_settings().bits_per_second;
  Outcome<std::unique_ptr<PtyServer>> server = PtyServer::open(options, reactor);
  if (!server) return Unexpected<Failure>{server.error()};
  return std::unique_ptr<ByteLink>(std::move(*server));
}

Unexpected<Failure> not_here(const Endpoint& endpoint, std::string what, std::string hint) {
  return failure(ErrorCode::Unsupported, std::move(what), format(endpoint), std::move(hint));
}

Outcome<std::unique_ptr<FrameLink>> open_slcan(const Endpoint& endpoint, Reactor& reactor) {
  LineSettings settings;
  settings.bits_per_second = static_cast<std::uint32_t>(endpoint.number("baud", kAdapterBaud));
  Outcome<std::unique_ptr<ByteLink>> port = open_serial(endpoint.place, settings, reactor);
  if (!port) return Unexpected<Failure>{port.error()};
  auto link = SlcanLink::open(std::move(*port), reactor, slcan_options(endpoint));
  if (!link) return Unexpected<Failure>{link.error()};
  return std::unique_ptr<FrameLink>(std::move(*link));
}

Outcome<std::unique_ptr<FrameLink>> open_can(const Endpoint& endpoint, Reactor& reactor) {
  CanOptions options;
  options.listen_only = endpoint.option("keepalive") != "yes";
  auto link = CanLink::open(endpoint.place, options, reactor);
  if (!link) return Unexpected<Failure>{link.error()};
  return std::unique_ptr<FrameLink>(std::move(*link));
}

/// A real bus, with the keep-alive that the user may have asked for.
Outcome<std::unique_ptr<FrameLink>> open_bus(const Endpoint& endpoint, Reactor& reactor) {
  const bool beats = endpoint.option("keepalive") == "yes";
  if (beats && endpoint.option("listen") == "yes") {
    return failure(ErrorCode::BadUsage, "who only listens cannot send a keep-alive",
                   format(endpoint), "Take either listen=yes or keepalive=yes.");
  }
  const auto open = [endpoint, &reactor] {
    return endpoint.scheme == Scheme::Can ? open_can(endpoint, reactor)
                                          : open_slcan(endpoint, reactor);
  };
  auto link = open();
  if (!link) return link;
  auto lasting =
      lasting_link(reactor, std::move(*link), [open](const auto& done) { done(open()); });
  if (!beats) return lasting;
  return std::unique_ptr<FrameLink>(std::make_unique<KeepAliveLink>(std::move(lasting), reactor));
}

}  // namespace

std::uint32_t slcan_bitrate(const Endpoint& endpoint) {
  const std::string_view wanted = endpoint.option("bitrate").value_or("500k");
  const auto* found = std::find_if(std::begin(kBitrates), std::end(kBitrates),
                                   [&](const Bitrate& each) { return each.text == wanted; });
  return found != std::end(kBitrates) ? found->bits_per_second : SlcanOptions{}.bits_per_second;
}

TcpPlace tcp_place(const Endpoint& endpoint) {
  return {endpoint.place, endpoint.port,
          Duration::ms(endpoint.number("timeout", kConnectTimeout.to_ms()))};
}

bool is_ble_search(const Endpoint& endpoint) {
  if (endpoint.scheme != Scheme::Ble) return false;
  const std::string_view place = endpoint.place;
  const bool adapter = place.starts_with("hci") && place.size() > 3 &&
                       place.find_first_not_of("0123456789", 3) == std::string_view::npos;
  return place.empty() || adapter;
}

Outcome<ble::Target> ble_target(const Endpoint& endpoint) {
  if (is_ble_search(endpoint)) {
    return failure(ErrorCode::BadUsage, "this names a Bluetooth adapter, not a device",
                   format(endpoint), "Find devices with 'weco scan " + format(endpoint) + "'.");
  }
  ble::Target target;
  const bool address = endpoint.place.find(':') != std::string::npos;
  (address ? target.address : target.name) = endpoint.place;
  target.adapter = endpoint.option("adapter").value_or("");
  target.pair = endpoint.option("pair") == "yes";
  for (const ble::ByteService& each : ble::kByteServices) {
    if (endpoint.option("service") != each.name) continue;
    target.service = each.service;
    target.notify = each.notify;
    target.write = each.write;
  }
  return target;
}

Outcome<std::unique_ptr<ByteLink>> open_byte_link(const Endpoint& endpoint, Reactor& reactor) {
  switch (endpoint.scheme) {
    case Scheme::Serial:
      return open_lasting_serial(endpoint, reactor);
    case Scheme::Tcp:
      if (is_subnet(endpoint.place)) {
        return failure(ErrorCode::BadUsage, "this names a network, not a device", format(endpoint),
                       "Find devices with 'weco scan " + format(endpoint) + "'.");
      }
      return open_lasting_tcp(endpoint, reactor);
    case Scheme::Udp:
      return open_udp(reactor, endpoint.place, endpoint.port);
    case Scheme::Ble: {
      const Outcome<ble::Target> target = ble_target(endpoint);
      if (!target) return Unexpected<Failure>{target.error()};
      auto link = ble::open(reactor, *target);
      if (!link) return Unexpected<Failure>{link.error()};
      return std::unique_ptr<ByteLink>(std::move(*link));
    }
    case Scheme::Pty:
      return open_pty_server(endpoint, reactor);
    case Scheme::Replay: {
      Outcome<Recording> recording = load_recording(endpoint.place);
      if (!recording) return Unexpected<Failure>{recording.error()};
      const ReplayOptions options = replay_options(endpoint, *recording);
      return replay_bytes(std::move(*recording), reactor, options);
    }
    case Scheme::Slcan:
    case Scheme::Can:
      return not_here(endpoint, "this endpoint carries CAN frames, not bytes",
                      "Use a serial, tcp or replay endpoint here.");
    default:
      return not_here(endpoint, "this kind of endpoint cannot be opened here",
                      "Use serial, slcan, ble, tcp, udp or replay.");
  }
}

Outcome<std::unique_ptr<FrameLink>> open_frame_link(const Endpoint& endpoint, Reactor& reactor) {
  switch (endpoint.scheme) {
    case Scheme::Slcan:
    case Scheme::Can:
      return open_bus(endpoint, reactor);
    case Scheme::Replay: {
      Outcome<Recording> recording = load_recording(endpoint.place);
      if (!recording) return Unexpected<Failure>{recording.error()};
      const ReplayOptions options = replay_options(endpoint, *recording);
      return replay_frames(std::move(*recording), reactor, options);
    }
    default:
      return not_here(endpoint, "this endpoint carries bytes, not CAN frames",
                      "Use can, slcan or a replay of candump.");
  }
}

Outcome<std::unique_ptr<FrameLink>> open_talking_bus(const Endpoint& endpoint, Reactor& reactor) {
  if (endpoint.option("listen") == "yes") {
    return failure(ErrorCode::BadUsage, "who only listens cannot ask", format(endpoint),
                   "Leave listen=yes away.");
  }
  if (endpoint.scheme != Scheme::Can) return open_frame_link(endpoint, reactor);
  auto link = CanLink::open(endpoint.place, {}, reactor);
  if (!link) return Unexpected<Failure>{link.error()};
  return std::unique_ptr<FrameLink>(std::move(*link));
}

Outcome<bool> carries_frames(const Endpoint& endpoint) {
  if (endpoint.scheme == Scheme::Slcan || endpoint.scheme == Scheme::Can) return true;
  if (endpoint.scheme != Scheme::Replay) return false;
  const Outcome<Recording> recording = load_recording(endpoint.place);
  if (!recording) return Unexpected<Failure>{recording.error()};
  return recording->has_frames();
}

}  // namespace weco::transports
