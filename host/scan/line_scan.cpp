// SPDX-License-Identifier: Apache-2.0
// One byte line: listen, then setting by setting, carrier by carrier, address by address.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/protocol/modbus/sniffer.hpp"
#include "core/protocol/pylontech/sniffer.hpp"
#include "host/device/reader.hpp"
#include "host/doctor/radio.hpp"
#include "host/scan/scan.hpp"
#include "host/session/session.hpp"

namespace weco {

namespace {

/// A damaged answer is asked for so often before two devices are suspected behind one address.
constexpr int kDamagedTriesMax = 3;
/// Twins at so many addresses are less likely than a line that makes noise.
constexpr std::size_t kNoisyAddresses = 3;
constexpr std::uint8_t kReadTries = 3;

/// Counts what a passive listener understands; two whole frames are no coincidence.
class Overheard final : public modbus::SnifferSink {
 public:
  void feed(Bytes data, Instant now) {
    bytes_ += data.size();
    modbus_.feed(data, now);
    pylontech_.feed(data, now, ignored_);
  }
  void on_pair(std::uint8_t /*unit*/, const modbus::Request& /*request*/,
               const Result<modbus::Response>& /*answer*/, Instant /*asked*/,
               Instant /*answered*/) override {
    frames_ += 2;
  }
  void on_unanswered(std::uint8_t /*unit*/, const modbus::Request& /*request*/,
                     Instant /*asked*/) override {
    ++frames_;
  }
  void on_orphan(std::uint8_t /*unit*/, Bytes /*pdu*/, Instant /*at*/) override { ++frames_; }
  void end() { modbus_.flush(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] std::size_t frames() const {
    const auto seen = pylontech_.counters();
    return frames_ + seen.requests + seen.answers + seen.refusals + seen.not_understood;
  }

 private:
  std::size_t bytes_ = 0;
  std::size_t frames_ = 0;
  modbus::Sniffer modbus_{*this};
  pylontech::Sniffer pylontech_;
  Snapshot ignored_;
};

/// One address to ask, with one protocol, at one setting of the line.
struct Probe {
  std::size_t setting = 0;
  Carrier carrier = Carrier::Rtu;
  std::uint8_t address = 1;
  friend bool operator==(const Probe&, const Probe&) = default;
};

bool speaks(const Profile& profile, Carrier carrier) {
  const auto& over = profile.protocol.over;
  return std::find(over.begin(), over.end(), carrier) != over.end();
}

bool uses(const Profile& profile, const LineSettings& line) {
  const auto& lines = profile.protocol.lines;
  return std::find(lines.begin(), lines.end(), line) != lines.end();
}

template <class T>
void add_once(std::vector<T>& list, const T& item) {
  if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(item);
}

class LineScan final : public EndpointScan {
 public:
  LineScan(Reactor& reactor, LineToScan line, const ScanOptions& options, EventSink* events);
  ~LineScan() override {
    reactor_.cancel(timer_);
    line_.link->on_readable({});
  }
  LineScan(const LineScan&) = delete;
  LineScan& operator=(const LineScan&) = delete;

  void start(std::function<void()> finished) override;
  [[nodiscard]] ScanProgress progress() const override { return {next_, probes_.size()}; }
  [[nodiscard]] EndpointOutcome& outcome() override { return outcome_; }

 private:
  void plan();
  void plan_settings();
  void plan_probes(std::size_t setting, Carrier carrier);
  [[nodiscard]] std::vector<std::uint8_t> addresses(Carrier carrier) const;
  [[nodiscard]] bool candidate(const Profile& profile, const Probe& probe) const;
  bool configure(std::size_t setting);

  void listen(std::size_t setting);
  void hear();
  void listened();
  void probe_next();
  void try_family();
  void try_silent_family();
  void identified(Status status);
  void damaged();
  void judge_damage();
  void judge_silence();
  void recognised();
  [[nodiscard]] bool found_before() const;
  void read_whole(Status status);
  void next_address();
  void take_findings();
  void finish();
  void find(FindingId id, std::string symptom);

  Reactor& reactor_;
  LineToScan line_;
  ScanOptions options_;
  EventSink* events_;
  EndpointOutcome outcome_;
  std::function<void()> finished_;
  bool serial_;
  std::vector<LineSettings> settings_;
  std::vector<Probe> probes_;
  std::vector<Probe> taken_;  // addresses that belong to a device found before
  std::size_t next_ = 0;      // probe in progress or to come
  std::size_t setting_ = 0;   // in force
  Reactor::TimerId timer_ = 0;

  std::unique_ptr<Overheard> overheard_;
  std::unique_ptr<Session> session_;
  std::size_t family_ = 0;  // being tried at this address
  int damaged_tries_ = 0;
  std::vector<std::uint8_t> damaged_;  // addresses where nothing but damage came
  bool someone_there_ = false;         // an answer came that no family has recognised yet
  std::unique_ptr<DeviceReader> reader_;
  std::unique_ptr<DeviceRun> run_;
  Snapshot identity_;
  std::size_t setting_found_ = 0;
  bool stop_ = false;
};

LineScan::LineScan(Reactor& reactor, LineToScan line, const ScanOptions& options, EventSink* events)
    : reactor_(reactor), line_(std::move(line)), options_(options), events_(events) {
  outcome_.endpoint = line_.link->describe();
  serial_ = std::any_of(line_.carriers.begin(), line_.carriers.end(), [](Carrier carrier) {
    return carrier == Carrier::Rtu || carrier == Carrier::Serial;
  });
  plan();
}

/// Settings in the order that finds most devices soonest: what the user set, then the first choice
/// of every family, then the second.
void LineScan::plan_settings() {
  if (!serial_) {
    settings_.push_back({});
    return;
  }
  if (line_.configured) settings_.push_back(*line_.configured);
  for (const LineSettings& line : options_.lines) add_once(settings_, line);
  if (!options_.lines.empty()) return;
  for (std::size_t choice = 0; choice < 16; ++choice) {
    for (const Profile* profile : options_.families) {
      if (choice < profile->protocol.lines.size()) {
        add_once(settings_, profile->protocol.lines[choice]);
      }
    }
  }
}

std::vector<std::uint8_t> LineScan::addresses(Carrier carrier) const {
  if (line_.unit) return {*line_.unit};
  if (!options_.addresses.empty()) return options_.addresses;
  std::vector<std::uint8_t> list;
  for (const Profile* profile : options_.families) {
    if (speaks(*profile, carrier)) add_once(list, profile->protocol.unit);
  }
  const std::uint8_t last = serial_ ? kAddressDefaultLast : 4;
  for (std::uint8_t address = 1; address <= last; ++address) add_once(list, address);
  return list;
}

bool LineScan::candidate(const Profile& profile, const Probe& probe) const {
  if (!speaks(profile, probe.carrier)) return false;
  // A family without line settings of its own comes over a bridge, which has whatever it has.
  const bool bridged = profile.protocol.lines.empty() && probe.setting == 0;
  const bool asked_for =
      !options_.lines.empty() || (line_.configured && probe.setting == 0) || bridged;
  return !serial_ || asked_for || uses(profile, settings_[probe.setting]);
}

void LineScan::plan_probes(std::size_t setting, Carrier carrier) {
  const Probe example{setting, carrier, 0};
  const bool any = std::any_of(options_.families.begin(), options_.families.end(),
                               [&](const Profile* p) { return candidate(*p, example); });
  if (!any) return;
  for (const std::uint8_t address : addresses(carrier)) {
    probes_.push_back({setting, carrier, address});
  }
}

void LineScan::plan() {
  plan_settings();
  for (std::size_t setting = 0; setting < settings_.size(); ++setting) {
    for (const Carrier carrier : line_.carriers) plan_probes(setting, carrier);
  }
}

void LineScan::find(FindingId id, std::string symptom) {
  const bool known = std::any_of(outcome_.findings.begin(), outcome_.findings.end(),
                                 [&](const Finding& finding) { return finding.id == id; });
  if (!known) outcome_.findings.push_back({id, std::move(symptom)});
}

bool LineScan::configure(std::size_t setting) {
  setting_ = setting;
  if (!serial_) return true;
  const Done done = line_.link->configure(settings_[setting]);
  if (done || done.error().code() == ErrorCode::Unsupported) return true;
  outcome_.failure = done.error();
  return false;
}

void LineScan::start(std::function<void()> finished) {
  finished_ = std::move(finished);
  if (probes_.empty()) {
    outcome_.failure = Failure{{ErrorCode::Unsupported, 0},
                               "no family speaks over this endpoint",
                               outcome_.endpoint,
                               "See 'weco devices list'."};
    timer_ = reactor_.at(reactor_.now(), [this] { finish(); });
    return;
  }
  listen(probes_.front().setting);
}

void LineScan::listen(std::size_t setting) {
  if (!configure(setting)) {
    timer_ = reactor_.at(reactor_.now(), [this] { finish(); });
    return;
  }
  overheard_ = std::make_unique<Overheard>();
  line_.link->on_readable([this] { hear(); });
  const Duration period = serial_ ? options_.listen : Duration{};
  timer_ = reactor_.at(reactor_.now() + period, [this] { listened(); });
}

void LineScan::hear() {
  std::array<std::uint8_t, 512> room{};
  for (;;) {
    const auto got = line_.link->read(room);
    if (!got) {
      outcome_.failure = got.error();
      line_.link->on_readable({});
      return;
    }
    if (*got == 0) return;
    overheard_->feed(Bytes(room).first(*got), reactor_.now());
  }
}

/// Silence: talk. Frames: another master is at work, so never talk. Noise: try to understand it at
/// the other settings, then leave the line alone.
void LineScan::listened() {
  timer_ = 0;
  overheard_->end();
  if (outcome_.failure) return finish();
  if (overheard_->frames() > 0) {
    find(FindingId::SecondMaster,
         fmt::format("{} frames of another master were heard{}; nothing was sent.",
                     overheard_->frames(),
                     serial_ ? " at " + in_words(settings_[setting_]) : std::string()));
    return finish();
  }
  const bool noise = overheard_->bytes() > 0 || setting_ > 0;
  if (!noise) return probe_next();
  if (setting_ + 1 < settings_.size()) return listen(setting_ + 1);
  find(FindingId::SwappedPolarity,
       fmt::format(
           "Bytes arrive, but at none of {} settings do they make a frame; nothing was sent.",
           settings_.size()));
  finish();
}

void LineScan::probe_next() {
  const bool found_it = options_.first_only && !outcome_.devices.empty();
  const bool found_enough = !outcome_.devices.empty() && !options_.every_speed &&
                            next_ < probes_.size() && probes_[next_].setting != setting_found_;
  if (stop_ || found_it || found_enough || next_ == probes_.size() || outcome_.failure)
    return finish();
  const Probe& probe = probes_[next_];
  if (probe.setting != setting_ && !configure(probe.setting)) return finish();
  if (!session_)
    session_ = std::make_unique<Session>(reactor_, *line_.link, Session::Options{}, events_);
  family_ = 0;
  damaged_tries_ = 0;
  someone_there_ = false;
  ++outcome_.probes;
  try_family();
}

void LineScan::try_family() {
  const Probe& probe = probes_[next_];
  while (family_ < options_.families.size() && !candidate(*options_.families[family_], probe)) {
    ++family_;
  }
  if (family_ == options_.families.size()) {
    if (someone_there_) {
      find(FindingId::UnknownDevice,
           fmt::format("Address {} answers, but no family recognises it.", probe.address));
    }
    return next_address();
  }
  const ReaderPlace place{probe.carrier, probe.address, line_.link->traits(),
                          options_.answer_within};
  auto reader = make_reader(*options_.families[family_], place);
  if (!reader) {
    ++family_;
    return try_family();
  }
  run_.reset();
  reader_ = std::move(*reader);
  run_ = std::make_unique<DeviceRun>(*session_, *reader_);
  identity_.clear();
  run_->start(DeviceRun::Extent::Identity, identity_, 1, [this](Status s) { identified(s); });
}

/// Nobody answers here, unless it is one of those that hear nothing before their key.
void LineScan::try_silent_family() {
  const Probe& probe = probes_[next_];
  const auto keyed = [&](const Profile* profile) {
    return profile->protocol.variant == ModbusVariant::WecoService &&
           profile->protocol.unit == probe.address && candidate(*profile, probe);
  };
  const auto rest = options_.families.begin() + static_cast<std::ptrdiff_t>(family_) + 1;
  const auto next = std::find_if(rest, options_.families.end(), keyed);
  if (next == options_.families.end()) return next_address();
  family_ = static_cast<std::size_t>(next - options_.families.begin());
  try_family();
}

void LineScan::take_findings() {
  for (const Finding& finding : reader_->findings()) {
    if (finding.id == FindingId::LineNoise) continue;  // judged over all addresses, see damaged()
    find(finding.id, finding.symptom);
    if (finding.id == FindingId::SecondMaster) stop_ = true;
  }
}

void LineScan::identified(Status status) {
  take_findings();
  if (stop_) return finish();
  const ErrorCode code = status ? ErrorCode::None : status.error().code;
  if (code == ErrorCode::Disconnected) {
    outcome_.failure = session_->failure().value_or(
        Failure{status.error(), "the link is gone", outcome_.endpoint, {}});
    return finish();
  }
  if (code == ErrorCode::Interrupted) return finish();
  if (code == ErrorCode::Timeout && !someone_there_) return try_silent_family();
  if (code == ErrorCode::BadChecksum || code == ErrorCode::BadFrame ||
      code == ErrorCode::Truncated) {
    return damaged();
  }
  if (code != ErrorCode::Timeout) someone_there_ = true;
  if (status && reader_->recognised(identity_)) return recognised();
  ++family_;
  try_family();
}

/// Damage at one address, while others are fine, is what two devices with one address look like; at
/// many it is noise, and over a network it is something else that listens there.
void LineScan::damaged() {
  if (++damaged_tries_ < kDamagedTriesMax) return try_family();
  add_once(damaged_, probes_[next_].address);
  next_address();
}

void LineScan::judge_damage() {
  if (damaged_.empty()) return;
  if (!serial_) {
    if (!outcome_.devices.empty()) return;
    return find(FindingId::OtherProtocol, "What answers here sends no frames of Modbus.");
  }
  if (damaged_.size() >= kNoisyAddresses && outcome_.devices.empty()) {
    return find(
        FindingId::LineNoise,
        fmt::format("At {} addresses bytes came back that make no frame; that is no device.",
                    damaged_.size()));
  }
  std::string list;
  for (const std::uint8_t address : damaged_) {
    list += (list.empty() ? "" : ", ") + std::to_string(address);
  }
  find(FindingId::DuplicateAddress,
       fmt::format("Address {} answered {} times, each time damaged.", list, kDamagedTriesMax));
}

/// Not a byte came back, of whatever kind the link is.
void LineScan::judge_silence() {
  if (serial_) {
    return find(FindingId::SilentLine,
                fmt::format("{} probes at {} settings: not a single byte came back.",
                            outcome_.probes, settings_.size()));
  }
  const bool radio = line_.link->radio().has_value();
  find(radio ? FindingId::SilentDevice : FindingId::SilentGateway,
       fmt::format("The connection stands, but to {} probes not a single byte came back.",
                   outcome_.probes));
}

/// Some devices and gateways answer at more addresses than their own: the serial number tells.
bool LineScan::found_before() const {
  const std::string serial = identity_.identity(point("serial_number"));
  return !serial.empty() &&
         std::any_of(outcome_.devices.begin(), outcome_.devices.end(), [&](const auto& device) {
           return device.family == options_.families[family_]->family &&
                  device.snapshot.identity(point("serial_number")) == serial;
         });
}

void LineScan::recognised() {
  if (found_before()) return next_address();
  setting_found_ = setting_;
  run_->start(DeviceRun::Extent::Everything, identity_, kReadTries,
              [this](Status s) { read_whole(s); });
}

void LineScan::read_whole(Status status) {
  take_findings();
  const Profile& profile = *options_.families[family_];
  const Probe& probe = probes_[next_];
  DeviceReport report;
  report.endpoint = outcome_.endpoint;
  name_family(profile, report);
  report.assumptions = assumptions_of(profile, identity_);
  report.unit = probe.address;
  if (serial_) report.line = settings_[setting_];
  if (const auto radio = line_.link->radio()) report.radio = radio_text(*radio);
  report.snapshot = identity_;
  report.assessment = assess(report.snapshot, {}, {});
  if (!status) {
    find(FindingId::DamagedFrames,
         fmt::format("The device at address {} could not be read to the end.", probe.address));
  }
  if (line_.configured && serial_ && !(settings_[setting_] == *line_.configured)) {
    find(FindingId::WrongSpeed,
         fmt::format("The line was set to {}; the device answers at {}.",
                     in_words(*line_.configured), in_words(settings_[setting_])));
  }
  outcome_.devices.push_back(std::move(report));
  for (unsigned n = 1; n < reader_->addresses_taken(); ++n) {
    taken_.push_back({probe.setting, probe.carrier, static_cast<std::uint8_t>(probe.address + n)});
  }
  next_address();
}

void LineScan::next_address() {
  do {
    ++next_;
  } while (next_ < probes_.size() &&
           std::find(taken_.begin(), taken_.end(), probes_[next_]) != taken_.end());
  probe_next();
}

void LineScan::finish() {
  judge_damage();
  if (outcome_.devices.empty() && outcome_.findings.empty() && !outcome_.failure) judge_silence();
  judge_radio(*line_.link, outcome_.findings);
  next_ = probes_.size();
  if (const auto finished = std::exchange(finished_, {})) finished();
}

}  // namespace

std::unique_ptr<EndpointScan> scan_line(Reactor& reactor, LineToScan line,
                                        const ScanOptions& options, EventSink* events) {
  return std::make_unique<LineScan>(reactor, std::move(line), options, events);
}

}  // namespace weco
