// SPDX-License-Identifier: Apache-2.0
// The address of a link as people write it: scheme:place?option=value&option=value. Parsing knows
// every scheme's options with their ranges, so a typing error is found before anything is opened.
// Opening is the composition root's work (transports/open.hpp); nothing here names a transport.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/failure/failure.hpp"
#include "host/link/link.hpp"

namespace weco {

/// A URL longer than this is no URL.
inline constexpr std::size_t kEndpointTextMax = 4096;

enum class Scheme : std::uint8_t { Serial, Slcan, Can, Ble, Tcp, Udp, Pty, Sim, Replay, Loop };

enum class Framing : std::uint8_t { Rtu, Tcp };

/// One option that a scheme allows; the table behind completion, help and the reference.
struct EndpointOption {
  std::string_view key;
  std::string_view unit;     // "bit/s"; empty: none
  std::int64_t low = 0;      // numbers: the range
  std::int64_t high = 0;     // 0 with low 0: not a number
  std::string_view choices;  // "none|even|odd"; empty: a number
  std::string_view summary;  // one clause, no period
};

struct EndpointScheme {
  Scheme scheme;
  std::string_view name;     // "serial"
  std::string_view place;    // what stands after the colon: "PATH", "HOST[:PORT]"
  std::string_view example;  // "serial:/dev/ttyUSB0?baud=9600"
  std::string_view summary;
  std::span<const EndpointOption> options;
};

/// All schemes, in the order of the enum.
std::span<const EndpointScheme> endpoint_schemes();
const EndpointScheme& scheme_info(Scheme scheme);

struct Endpoint {
  Scheme scheme = Scheme::Serial;
  /// Path, interface, address, host or name, decoded. IPv6 without its brackets.
  std::string place;
  /// tcp and udp only; 0 elsewhere. The default port is filled in by parsing.
  std::uint16_t port = 0;
  /// As written (values checked and in canonical spelling), in the order of the scheme's table.
  std::vector<std::pair<std::string, std::string>> options;

  [[nodiscard]] std::optional<std::string_view> option(std::string_view key) const;
  /// A numeric option, or `otherwise` when it is not given.
  [[nodiscard]] std::int64_t number(std::string_view key, std::int64_t otherwise) const;
  /// The line settings asked for; 9600 8N1 where nothing is said.
  [[nodiscard]] LineSettings line_settings() const;
  /// What the URL fixes for the protocol above; empty where it says nothing.
  [[nodiscard]] std::optional<std::uint8_t> unit() const;
  [[nodiscard]] std::optional<Framing> framing() const;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

/// BadUsage names the column (from 1) in `where`, what is allowed in `hint`, a near word if any.
Outcome<Endpoint> parse_endpoint(std::string_view text);
/// parse_endpoint(format(e)) == e for every endpoint that parsing made.
std::string format(const Endpoint& endpoint);

}  // namespace weco
