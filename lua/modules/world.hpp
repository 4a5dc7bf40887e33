// SPDX-License-Identifier: Apache-2.0
// What a script may touch, as its host gives it: devices and a person. The program makes the real
// ones; a test makes others. Nothing here waits: what takes time answers through the reactor.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/protocol/smp/client.hpp"
#include "host/device/live_device.hpp"
#include "host/logbook/codes.hpp"
#include "host/logbook/reader.hpp"
#include "host/reactor/reactor.hpp"
#include "lua/modules/argument.hpp"

namespace weco::lua {

/// The service console of a device: a link that speaks SMP, while other work goes on, or a journal
/// that has to be waited for.
struct Console {
  std::shared_ptr<void> beside{};  // what answers there, of a simulated one; what `source` is in
  std::unique_ptr<ByteLink> link{};
  smp::Framing framing = smp::Framing::Console;
  logbook::Source* source = nullptr;
};

/// A calibration of the state of charge, as a script wants it.
struct CalibrationOrder {
  bool plan = false;             // say what it takes, and end
  bool set = false;              // write the settings, and put them back at every end
  bool resume = false;           // where one was cut
  std::vector<PointId> granted;  // what the script may write
};
/// What it takes, and a question. A failure leaves everything as it is.
using Agree = std::function<Done(const std::string& text, const std::string& question)>;

/// A device that is open. Destroying it closes it.
class ScriptDevice {
 public:
  using Answer = std::function<void(Outcome<DeviceReport>)>;
  virtual ~ScriptDevice() = default;
  /// One look at it; `wanted` empty: everything. `done` is called once, from the reactor. One look
  /// at a time.
  virtual void read(std::vector<PointRef> wanted, Duration patience, Answer done) = 0;
  [[nodiscard]] virtual bool busy() const = 0;
  [[nodiscard]] virtual std::string endpoint() const = 0;
  [[nodiscard]] virtual std::string family() const = 0;
  /// What settings are written through; nullptr where nothing can be written.
  virtual LiveDevice* live() { return nullptr; }
  /// Waits until it has ended: what `weco calibrate-soc --json` prints, with the end as verdict.
  virtual Outcome<Value> calibrate(const CalibrationOrder& order, const Agree& agree) {
    static_cast<void>(order), static_cast<void>(agree);
    return failure(ErrorCode::Unsupported, "a charge is watched on a device that answers",
                   endpoint(), "Open it at a serial, tcp or udp endpoint.");
  }
  /// The console beside it where there is nothing to choose; no link: somebody has to name it.
  virtual Console console() { return {}; }
};

/// A virtual site that a script moves on by itself; it is on no wire and its time is its own.
class ScriptSite {
 public:
  virtual ~ScriptSite() = default;
  /// Goes on by so many seconds in steps of `step_s`; ends early when `stopped` says so.
  virtual Done advance(double seconds, double step_s, const std::function<bool()>& stopped) = 0;
  [[nodiscard]] virtual double seconds() const = 0;  // since its start
  virtual Outcome<Value> value(const std::string& channel) = 0;
  virtual Value values() = 0;
  virtual Value events() = 0;
  virtual Done command(const std::string& name, const Value& value) = 0;
  virtual Done fault(const std::string& fault, bool on) = 0;
  /// One of its devices as it is now, read by its own protocol; it may outlive the site. `family`
  /// empty: the usual one.
  virtual Outcome<std::unique_ptr<ScriptDevice>> device(const std::string& family, int number) = 0;
};

/// A checklist at a site that is being worked through; an answer is on disk before the next one.
class ScriptRun {
 public:
  virtual ~ScriptRun() = default;
  [[nodiscard]] virtual Value about() const = 0;  // site, family, checklist, resumed
  /// Ticks what the device can say; how many items that were.
  virtual Outcome<std::int64_t> read(const DeviceReport& report) = 0;
  [[nodiscard]] virtual Value items() const = 0;
  virtual Done answer(const std::string& item, const Value& given) = 0;
  /// Sentences: what must be there before it can be closed.
  virtual Outcome<Value> missing() = 0;
  /// Closes it with what the operator declared; `key` signs, empty: the only own one.
  virtual Outcome<Value> finish(const std::string& declaration, const std::string& key) = 0;
};

/// The records of maintenance on this machine.
class ScriptRecords {
 public:
  virtual ~ScriptRecords() = default;
  virtual Outcome<std::unique_ptr<ScriptRun>> begin(const Value& what) = 0;
  /// The newest record of a site that `which` (number, checklist) fits, checked first.
  virtual Outcome<Value> record(const std::string& site, const Value& which) = 0;
  /// A site against the terms of its warranty; `log` is the text of a telemetry file or empty.
  virtual Outcome<Value> warranty(const std::string& site, const std::string& log) = 0;
};

struct OpenRequest {
  std::string device;  // a configured name or an endpoint
  std::string family;  // empty: as configured, else find out
  int unit = 0;        // address on the line; 0: as configured
};

/// Firmware for a device, as a script names it.
struct FlashOrder {
  std::string image;              // path
  std::vector<std::string> keys;  // paths of public keys; any of them may have signed
  std::string console;            // where the device takes firmware
  std::string board;              // that an image is for which does not say so itself
};
/// The battery and the person around an update.
struct FlashParty {
  std::function<Outcome<DeviceReport>()> look;  // a whole look, waited for
  std::function<Done(const std::string& what)> agree;
  std::function<void(std::uint64_t done, std::uint64_t total)> progress;
};

class World {
 public:
  using ConsoleOpened = std::function<void(Outcome<Console>)>;
  using Opened = std::function<void(Outcome<std::unique_ptr<ScriptDevice>>)>;
  using Scanned = std::function<void(Outcome<Value>)>;
  virtual ~World() = default;
  virtual Reactor& reactor() = 0;
  /// The person said stop, and a procedure has taken that word for its own end.
  [[nodiscard]] virtual bool stopped() const { return false; }
  /// `done` may be called before this returns.
  virtual void open(const OpenRequest& request, Opened done) = 0;
  /// Looks at these endpoints, or at all there are; the value is what `weco scan --json` prints.
  virtual void scan(const std::vector<std::string>& endpoints, Scanned done) = 0;
  /// A site as a scenario describes it: tables `site`, `environment` and `settings`, `start`,
  /// `seed`.
  virtual Outcome<std::unique_ptr<ScriptSite>> simulate(const Value& description) = 0;
  /// nullptr where none are kept.
  virtual ScriptRecords* records() { return nullptr; }
  /// Where the record of each change of settings is kept, for `weco undo`.
  virtual Outcome<std::string> changes_folder() {
    return failure(ErrorCode::Unsupported, "changes are not recorded here");
  }
  /// What `weco status --json` prints of it.
  virtual Outcome<Value> describe(const DeviceReport& report) = 0;
  /// `alone`: nothing else goes on, so that it may be waited for. `done` may be called before this
  /// returns.
  virtual void open_console(const std::string& place, bool alone, ConsoleOpened done) {
    static_cast<void>(alone);
    done(failure(ErrorCode::Unsupported, "no service console is opened here", place));
  }
  /// A line of a journal as `weco log-dump --format ndjson` prints it.
  virtual Outcome<Value> describe_line(const logbook::Entry&, const logbook::Texts&) {
    return failure(ErrorCode::Unsupported, "no journal is read here");
  }
  /// Waits until it has ended: { verdict, version, hash, payload_bytes, wire_bytes }.
  virtual Outcome<Value> flash(const FlashOrder& order, const FlashParty& party) {
    static_cast<void>(party);
    return failure(ErrorCode::Unsupported, "no firmware is installed here", order.console);
  }
  /// See Check.
  virtual Outcome<Value> check(Argument::Type type, const std::string& text) = 0;
};

/// Who answers questions: someone at a terminal, or a file of answers.
class Person {
 public:
  virtual ~Person() = default;
  /// What was typed, checked by `take` until it is taken. BadUsage with what to do when nobody is
  /// there and the question has no preset.
  virtual Outcome<Value> ask(const Argument& question,
                             const std::function<Outcome<Value>(const std::string&)>& take) = 0;
  virtual void say(const std::string& text) = 0;
  virtual void table(const Value& rows) = 0;
  virtual void progress(const std::string& step, std::uint64_t done, std::uint64_t total) = 0;
};

}  // namespace weco::lua
