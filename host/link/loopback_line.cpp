// SPDX-License-Identifier: Apache-2.0
// The byte half of the wires made of nothing; see loopback.hpp.
#include <algorithm>
#include <deque>
#include <utility>

#include "core/base/assert.hpp"
#include "host/link/loopback.hpp"

namespace weco {

/// The copper. Participants hold it by shared pointer, so one that outlives its line hears
/// Disconnected instead of crashing.
class LoopbackLine::Wire : public std::enable_shared_from_this<LoopbackLine::Wire> {
 public:
  Wire(Reactor& reactor, LoopbackOptions options)
      : reactor_(reactor), options_(std::move(options)) {}

  void join(Participant& who);
  void leave(Participant& who) { std::erase(participants_, &who); }
  void send(Participant& from, Bytes data);
  void set_cut(bool cut);

  [[nodiscard]] bool gone() const { return cut_; }
  [[nodiscard]] const LoopbackOptions& options() const { return options_; }

  static constexpr std::size_t kNoCut = static_cast<std::size_t>(-1);
  std::size_t left_until_cut = kNoCut;
  std::uint64_t collisions = 0;
  std::uint64_t carried = 0;

 private:
  friend class Participant;
  struct Transmission {
    std::uint64_t id = 0;
    Participant* from = nullptr;  // compared, never followed
    LineSettings settings;
    Instant begin;
    Instant end;
    bool garbled = false;
  };
  void schedule(Participant& from, Bytes data);
  void deliver(std::uint64_t id, std::vector<std::uint8_t> piece);
  void hand_out(const Participant* from, const LineSettings& settings, Bytes piece);

  Reactor& reactor_;
  LoopbackOptions options_;
  std::vector<Participant*> participants_;
  std::deque<Transmission> on_wire_;
  std::uint64_t next_id_ = 1;
  bool cut_ = false;
};

class LoopbackLine::Participant final : public ByteLink {
 public:
  Participant(std::shared_ptr<Wire> wire, Join how)
      : wire_(std::move(wire)), how_(std::move(how)), settings_(wire_->options().settings) {
    wire_->join(*this);
  }
  ~Participant() override {
    wire_->reactor_.cancel(wake_);
    wire_->leave(*this);
  }

  Done write(Bytes data) override {
    if (wire_->gone()) return gone();
    wire_->send(*this, data);
    return {};
  }
  Outcome<std::size_t> read(MutableBytes room) override {
    const std::size_t n = std::min(room.size(), inbox_.size());
    if (n == 0 && !room.empty() && wire_->gone()) return gone();
    std::copy_n(inbox_.begin(), n, room.begin());
    inbox_.erase(inbox_.begin(), inbox_.begin() + static_cast<std::ptrdiff_t>(n));
    return n;
  }
  void on_readable(std::function<void()> action) override {
    readable_ = std::move(action);
    if (readable_ && (!inbox_.empty() || wire_->gone())) wake();
  }
  Done configure(const LineSettings& settings) override {
    settings_ = settings;
    return {};
  }
  [[nodiscard]] LinkTraits traits() const override {
    const LoopbackOptions& options = wire_->options();
    return {options.timed ? settings_.bits_per_second : 0, options.shared_line, 0};
  }
  [[nodiscard]] std::string describe() const override {
    return how_.name.empty() ? wire_->options().name : how_.name;
  }

  /// Bytes come in; what does not fit is lost.
  void hear(Bytes data) {
    const std::size_t room = kLoopbackRoomMax - inbox_.size();
    const Bytes kept = data.first(std::min(room, data.size()));
    inbox_.insert(inbox_.end(), kept.begin(), kept.end());
    if (readable_) wake();
  }
  /// Calls the listener from the reactor, never from inside a write of the other side.
  void wake() {
    if (wake_ != 0) return;
    wake_ = wire_->reactor_.at(wire_->reactor_.now(), [this] {
      wake_ = 0;
      const std::function<void()> action = readable_;  // it may replace itself
      if (action) action();
    });
  }
  [[nodiscard]] const LineSettings& settings() const { return settings_; }
  [[nodiscard]] bool swapped() const { return how_.swapped; }

 private:
  [[nodiscard]] Unexpected<Failure> gone() const {
    return failure(ErrorCode::Disconnected, "the line is cut", describe());
  }
  std::shared_ptr<Wire> wire_;
  Join how_;
  LineSettings settings_;
  std::vector<std::uint8_t> inbox_;
  std::function<void()> readable_;
  Reactor::TimerId wake_ = 0;
};

void LoopbackLine::Wire::join(Participant& who) {
  WECO_ASSERT(options_.shared_line || participants_.size() < 2);
  participants_.push_back(&who);
}

void LoopbackLine::Wire::send(Participant& from, Bytes data) {
  if (data.empty()) return;
  if (options_.timed) return schedule(from, data);
  hand_out(&from, options_.settings, data);
}

/// Puts bytes on the wire behind the talker's earlier ones, and against everyone else's.
void LoopbackLine::Wire::schedule(Participant& from, Bytes data) {
  const Instant now = reactor_.now();
  std::erase_if(on_wire_, [&](const Transmission& t) { return t.end < now; });
  Transmission next{next_id_++, &from, from.settings(), now, now, false};
  for (Transmission& other : on_wire_) {
    if (other.from == &from) {
      next.begin = std::max(next.begin, other.end);
    } else if (options_.shared_line && other.end > now) {
      other.garbled = next.garbled = true;
      ++collisions;
    }
  }
  const Duration character = character_time(next.settings);
  next.end = next.begin + character * static_cast<std::int64_t>(data.size());
  on_wire_.push_back(next);
  const std::size_t piece_max = std::max<std::size_t>(options_.piece_bytes, 1);
  for (std::size_t at = 0; at < data.size(); at += piece_max) {
    const Bytes part = data.subspan(at, std::min(piece_max, data.size() - at));
    const auto sent = static_cast<std::int64_t>(at + part.size());
    reactor_.at(next.begin + character * sent,
                [wire = weak_from_this(), id = next.id,
                 piece = std::vector<std::uint8_t>(part.begin(), part.end())] {
                  if (const auto self = wire.lock()) self->deliver(id, piece);
                });
  }
}

void LoopbackLine::Wire::deliver(std::uint64_t id, std::vector<std::uint8_t> piece) {
  const auto found = std::find_if(on_wire_.begin(), on_wire_.end(),
                                  [&](const Transmission& t) { return t.id == id; });
  if (found == on_wire_.end()) return;  // the line was cut meanwhile
  const Transmission sent = *found;
  if (sent.garbled) {
    for (std::uint8_t& byte : piece) byte = static_cast<std::uint8_t>(byte ^ 0x5AU);
  }
  if (reactor_.now() >= sent.end) on_wire_.erase(found);
  hand_out(sent.from, sent.settings, piece);
}

void LoopbackLine::Wire::hand_out(const Participant* from, const LineSettings& settings,
                                  Bytes piece) {
  if (cut_) return;
  const Bytes passed = piece.first(std::min(piece.size(), left_until_cut));
  carried += passed.size();
  for (Participant* const each : participants_) {
    if (each == from && !options_.echo) continue;
    if (options_.timed) {
      each->hear(resample(passed, settings, each->settings(), each->swapped()));
    } else {
      each->hear(passed);
    }
  }
  if (left_until_cut == kNoCut) return;
  left_until_cut -= passed.size();
  if (left_until_cut == 0) set_cut(true);
}

void LoopbackLine::Wire::set_cut(bool cut) {
  cut_ = cut;
  if (!cut) {
    left_until_cut = kNoCut;
    return;
  }
  on_wire_.clear();
  for (Participant* const each : participants_) each->wake();
}

LoopbackLine::LoopbackLine(Reactor& reactor, LoopbackOptions options)
    : wire_(std::make_shared<Wire>(reactor, std::move(options))) {}

LoopbackLine::~LoopbackLine() { wire_->set_cut(true); }

std::unique_ptr<ByteLink> LoopbackLine::join(Join how) {
  return std::make_unique<Participant>(wire_, std::move(how));
}

void LoopbackLine::cut() { wire_->set_cut(true); }
void LoopbackLine::mend() { wire_->set_cut(false); }

void LoopbackLine::cut_after(std::size_t bytes) {
  wire_->left_until_cut = bytes;
  if (bytes == 0) wire_->set_cut(true);
}

std::uint64_t LoopbackLine::collisions() const { return wire_->collisions; }
std::uint64_t LoopbackLine::bytes_carried() const { return wire_->carried; }

}  // namespace weco
