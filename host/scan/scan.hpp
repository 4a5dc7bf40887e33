// SPDX-License-Identifier: Apache-2.0
// Finds devices: every endpoint in parallel, one probe at a time on each line. Listens before it
// talks and falls silent for good when it hears another master. Sends reads only. What is odd about
// a line becomes a finding with what to change.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/device/report.hpp"
#include "host/evidence/event.hpp"
#include "host/link/link.hpp"
#include "host/profile/profile.hpp"
#include "host/reactor/reactor.hpp"

namespace weco {

struct ScanOptions {
  std::vector<const Profile*> families;        // the candidates, in the order to try
  std::vector<LineSettings> lines;             // serial settings to try; empty: the families' own
  std::vector<std::uint8_t> addresses;         // empty: kAddressesDefault and the families' own
  Duration listen = Duration::s(2);            // before the first probe of a line
  Duration answer_within = Duration::ms(100);  // silence that means: nobody at this address
  bool every_speed = false;                    // go on after the first speed that gave a device
  bool first_only = false;                     // stop at the first device
};

/// Addresses tried when nobody says otherwise: what installers leave or set by switch.
inline constexpr std::uint8_t kAddressDefaultLast = 16;

/// What became of one endpoint.
struct EndpointOutcome {
  std::string endpoint;
  std::vector<DeviceReport> devices;
  Findings findings;
  std::optional<Failure> failure;  // it could not be opened or went away
  std::uint32_t probes = 0;
};

struct ScanProgress {
  std::uint64_t done = 0;  // probes
  std::uint64_t total = 0;
};

/// One endpoint being scanned. Driven by the reactor; `finished` is called once.
class EndpointScan {
 public:
  virtual ~EndpointScan() = default;
  virtual void start(std::function<void()> finished) = 0;
  [[nodiscard]] virtual ScanProgress progress() const = 0;
  [[nodiscard]] virtual EndpointOutcome& outcome() = 0;
};

/// What is scanned and what is known of it beforehand.
struct LineToScan {
  std::unique_ptr<ByteLink> link;
  std::vector<Carrier> carriers;           // Rtu and Serial on a serial line, Tcp and RtuOverTcp
  std::optional<LineSettings> configured;  // asked for by the user: tried first
  std::optional<std::uint8_t> unit;        // asked for by the user: the only address
};
/// A serial line, where settings are tried, or a TCP connection, which has none.
std::unique_ptr<EndpointScan> scan_line(Reactor& reactor, LineToScan line,
                                        const ScanOptions& options, EventSink* events);
/// A CAN bus: listens, never sends.
std::unique_ptr<EndpointScan> scan_bus(Reactor& reactor, std::unique_ptr<FrameLink> link,
                                       const ScanOptions& options);

/// What all endpoints together gave: devices by serial number, one entry a device even when two
/// endpoints reach it (report.also_at lists the others).
struct ScanResult {
  std::vector<DeviceReport> devices;
  std::vector<EndpointOutcome> endpoints;  // their devices have moved to `devices`
};
ScanResult merge(std::vector<EndpointOutcome> outcomes);

}  // namespace weco
