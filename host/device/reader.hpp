// SPDX-License-Identifier: Apache-2.0
// How a family is read over its protocol: which exchanges a snapshot takes and what their answers
// mean. A reader owns no link; whoever has a session runs what next() gives (see read_device).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "core/protocol/exchange.hpp"
#include "host/doctor/finding.hpp"
#include "host/profile/profile.hpp"
#include "host/session/session.hpp"
#include "host/snapshot/snapshot.hpp"

namespace weco {

class DeviceReader {
 public:
  virtual ~DeviceReader() = default;
  /// Starts over: the next next() is the first exchange of a snapshot.
  virtual void restart() = 0;
  /// From the next restart() on, next() asks for these only where the protocol allows it; empty:
  /// for everything. An index of 0 means all of them.
  virtual void want(std::vector<PointRef> /*points*/) {}
  /// The next exchange of a full snapshot, given what is known so far; nullptr when all that is
  /// known to exist has been asked for. The exchange stays valid until accept().
  virtual Exchange* next(const ReadingSource& known) = 0;
  /// Takes the answer of the exchange that next() gave. False: reading on makes no sense (silence);
  /// a device that refuses one part is read on.
  virtual bool accept(Status outcome, Instant now, Snapshot& into) = 0;
  /// The exchange that sets one value, or nullptr where the protocol has none for it. Not while
  /// another one is under way; valid until the next call.
  virtual Exchange* write(const Reading& /*value*/) { return nullptr; }
  /// The exchanges that tell whether the device is of this family and who it is, in order.
  virtual Exchange* next_identity(const ReadingSource& known) = 0;
  /// After the identity was read: is it this family?
  [[nodiscard]] virtual bool recognised(const Snapshot& identity) const = 0;
  /// How many addresses of the line the device occupies, from its own on.
  [[nodiscard]] virtual std::uint8_t addresses_taken() const { return 1; }
  /// What the answers say about the line and the device beyond their values.
  [[nodiscard]] virtual Findings findings() const = 0;
};

/// What carries the device and where it is on it.
struct ReaderPlace {
  Carrier carrier = Carrier::Rtu;
  std::uint8_t unit = 1;
  LinkTraits traits;
  Duration answer_within{};  // zero: as the family says, else the protocol's default
};

/// Unsupported when the family does not speak over that carrier as question and answer (CAN only
/// listens).
Outcome<std::unique_ptr<DeviceReader>> make_reader(const Profile& profile,
                                                   const ReaderPlace& place);

/// Reads a whole snapshot through a session, one exchange after another. One run at a time; must
/// outlive its run.
class DeviceRun {
 public:
  enum class Extent : std::uint8_t { Identity, Everything };
  DeviceRun(Session& session, DeviceReader& reader) : session_(session), reader_(reader) {}
  ~DeviceRun();
  DeviceRun(const DeviceRun&) = delete;
  DeviceRun& operator=(const DeviceRun&) = delete;

  /// `done` is called once, from the reactor: ok when something was read to the end.
  void start(Extent extent, Snapshot& into, std::uint8_t tries, std::function<void(Status)> done);
  [[nodiscard]] std::size_t exchanges() const { return exchanges_; }

 private:
  void step();
  void completed(Status status);

  Session& session_;
  DeviceReader& reader_;
  Extent extent_ = Extent::Everything;
  Snapshot* into_ = nullptr;
  std::uint8_t tries_ = 0;
  std::function<void(Status)> done_;
  Exchange* in_flight_ = nullptr;
  std::size_t exchanges_ = 0;
  Error refused_{};  // why the newest part that is missing was not given
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);  // gone: the session tells nobody
};

}  // namespace weco
