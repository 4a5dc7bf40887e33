// SPDX-License-Identifier: Apache-2.0
// Everything a command may touch, passed in: a test calls a handler with its own reactor, sinks and
// configuration, and the program's main is the only place where the real ones are made.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/output.hpp"
#include "host/config/config.hpp"
#include "host/link/endpoint.hpp"
#include "host/profile/catalog.hpp"
#include "host/reactor/reactor.hpp"

namespace weco::cli {

/// The user said stop (SIGINT, SIGTERM). Remembers it and wakes the reactor that is running.
class Interruption {
 public:
  virtual ~Interruption() = default;
  [[nodiscard]] virtual bool requested() const = 0;
  /// It was answered: what comes next is another one.
  virtual void forget() = 0;
  /// The reactor to wake; nullptr before it is destroyed.
  virtual void wakes(Reactor* reactor) = 0;
};

/// Whether this build reads devices at such endpoints; help and completion offer no others.
constexpr bool can_be_read(Scheme scheme) {
  switch (scheme) {
    case Scheme::Serial:
    case Scheme::Slcan:
    case Scheme::Can:
    case Scheme::Ble:
    case Scheme::Tcp:
    case Scheme::Udp:
    case Scheme::Sim:
    case Scheme::Replay:
      return true;
    default:
      return false;
  }
}

/// What an endpoint or the name of a configured device stands for.
struct Target {
  std::string name;      // of the configured device; empty when an endpoint was typed
  std::string endpoint;  // as typed or configured; the transport checks it
  std::string family;    // empty: find out
  int unit = 0;          // address on the line; 0: the family's own
};

struct Context {
  Output& output;
  Interruption& interruption;
  /// Makes the reactor of this run and attaches it to the interruption.
  std::function<std::unique_ptr<Reactor>()> make_reactor;
  /// Reads the configuration, once and only when somebody needs it. A file that is not there is an
  /// empty configuration, unless it was named on the command line.
  std::function<Outcome<const config::Config*>()> config;
  /// The families this program knows. Made once, when somebody needs them.
  std::function<Outcome<const Catalog*>()> catalog;
  /// Serial ports present ("/dev/ttyUSB0"), for completion and scan.
  std::function<std::vector<std::string>()> serial_ports;
  /// Where records and keys are kept; empty when neither XDG_DATA_HOME nor HOME is known.
  std::string data_folder;

  [[nodiscard]] bool interrupted() const { return interruption.requested(); }
};

/// A configured name or an endpoint ("scheme:..."). NotFound names the configured devices that come
/// close.
Outcome<Target> resolve_target(Context& context, std::string_view text);

}  // namespace weco::cli
