// SPDX-License-Identifier: Apache-2.0
// The CAN half of the wires made of nothing; see loopback.hpp.
#include <algorithm>
#include <deque>
#include <utility>

#include "host/link/loopback.hpp"

namespace weco {
namespace {

// Bits around the data of a classic frame, with the pause after it and the stuff bits that its
// header needs at most (ISO 11898-1: one after five equal bits).
constexpr std::int64_t kBaseFrameBits = 47 + 8;
constexpr std::int64_t kExtendedFrameBits = 67 + 13;
constexpr std::int64_t kBitsPerDataByte = 10;  // 8 and the stuffing of the worst data

Duration frame_time(const CanFrame& frame, std::uint32_t bits_per_second) {
  if (bits_per_second == 0) return {};
  const std::int64_t data = frame.remote ? 0 : frame.size;
  const std::int64_t bits =
      (frame.extended ? kExtendedFrameBits : kBaseFrameBits) + data * kBitsPerDataByte;
  return Duration::us(bits * 1000000 / bits_per_second);
}

/// What arbitration compares: a base identifier wins over an extended one with the same top bits,
/// data over remote.
std::uint64_t priority(const CanFrame& frame) {
  const std::uint64_t top = frame.extended ? frame.id >> 18 : frame.id;
  const std::uint64_t rest = frame.extended ? frame.id & 0x3FFFFU : 0;
  return (top << 20) | (static_cast<std::uint64_t>(frame.extended) << 19) | (rest << 1) |
         static_cast<std::uint64_t>(frame.remote);
}

}  // namespace

class LoopbackBus::Wire : public std::enable_shared_from_this<LoopbackBus::Wire> {
 public:
  Wire(Reactor& reactor, LoopbackBusOptions options)
      : reactor_(reactor), options_(std::move(options)) {}

  void send(const Participant& from, const CanFrame& frame);
  void set_cut(bool cut);

  std::uint64_t carried = 0;

 private:
  friend class Participant;
  struct Pending {
    const Participant* from;
    CanFrame frame;
  };
  void begin_next();
  void hand_out(const Participant* from, CanFrame frame);

  Reactor& reactor_;
  LoopbackBusOptions options_;
  std::vector<Participant*> participants_;
  std::vector<Pending> pending_;
  bool busy_ = false;
  bool cut_ = false;
};

class LoopbackBus::Participant final : public FrameLink {
 public:
  Participant(std::shared_ptr<Wire> wire, std::string name)
      : wire_(std::move(wire)), name_(std::move(name)) {
    wire_->participants_.push_back(this);
  }
  ~Participant() override {
    wire_->reactor_.cancel(wake_);
    std::erase(wire_->participants_, this);
  }

  Done send(const CanFrame& frame) override {
    if (wire_->cut_) return gone();
    if (wire_->pending_.size() >= kLoopbackFramesMax) {
      return failure(ErrorCode::Full, "too many frames wait for the bus", describe());
    }
    wire_->send(*this, frame);
    return {};
  }
  Outcome<bool> receive(CanFrame& frame) override {
    if (inbox_.empty()) {
      if (wire_->cut_) return gone();
      return false;
    }
    frame = inbox_.front();
    inbox_.pop_front();
    return true;
  }
  void on_readable(std::function<void()> action) override {
    readable_ = std::move(action);
    if (readable_ && (!inbox_.empty() || wire_->cut_)) wake();
  }
  [[nodiscard]] std::string describe() const override {
    return name_.empty() ? wire_->options_.name : name_;
  }

  void hear(const CanFrame& frame) {
    if (inbox_.size() < kLoopbackFramesMax) inbox_.push_back(frame);
    if (readable_) wake();
  }
  void wake() {
    if (wake_ != 0) return;
    wake_ = wire_->reactor_.at(wire_->reactor_.now(), [this] {
      wake_ = 0;
      const std::function<void()> action = readable_;  // it may replace itself
      if (action) action();
    });
  }

 private:
  [[nodiscard]] Unexpected<Failure> gone() const {
    return failure(ErrorCode::Disconnected, "the bus is cut", describe());
  }
  std::shared_ptr<Wire> wire_;
  std::string name_;
  std::deque<CanFrame> inbox_;
  std::function<void()> readable_;
  Reactor::TimerId wake_ = 0;
};

void LoopbackBus::Wire::send(const Participant& from, const CanFrame& frame) {
  if (options_.bits_per_second == 0) return hand_out(&from, frame);
  pending_.push_back({&from, frame});
  if (!busy_) begin_next();
}

/// The lowest identifier wins; frames of one identifier keep their order.
void LoopbackBus::Wire::begin_next() {
  const auto first = std::min_element(
      pending_.begin(), pending_.end(),
      [](const Pending& a, const Pending& b) { return priority(a.frame) < priority(b.frame); });
  busy_ = first != pending_.end();
  if (!busy_) return;
  const Pending won = *first;
  pending_.erase(first);
  const Instant end = reactor_.now() + frame_time(won.frame, options_.bits_per_second);
  reactor_.at(end, [wire = weak_from_this(), won] {
    const auto self = wire.lock();
    if (!self) return;
    self->hand_out(won.from, won.frame);
    self->begin_next();
  });
}

void LoopbackBus::Wire::hand_out(const Participant* from, CanFrame frame) {
  if (cut_) return;
  ++carried;
  frame.at = reactor_.now();
  for (Participant* const each : participants_) {
    if (each != from) each->hear(frame);
  }
}

void LoopbackBus::Wire::set_cut(bool cut) {
  cut_ = cut;
  if (!cut) return;
  pending_.clear();
  for (Participant* const each : participants_) each->wake();
}

LoopbackBus::LoopbackBus(Reactor& reactor, LoopbackBusOptions options)
    : wire_(std::make_shared<Wire>(reactor, std::move(options))) {}

LoopbackBus::~LoopbackBus() { wire_->set_cut(true); }

std::unique_ptr<FrameLink> LoopbackBus::join(std::string name) {
  return std::make_unique<Participant>(wire_, std::move(name));
}

void LoopbackBus::cut() { wire_->set_cut(true); }
void LoopbackBus::mend() { wire_->set_cut(false); }
std::uint64_t LoopbackBus::frames_carried() const { return wire_->carried; }

}  // namespace weco
