// SPDX-License-Identifier: Apache-2.0
#include "transports/slcan/slcan_link.hpp"

#include <array>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "core/protocol/can/slcan.hpp"

namespace weco::transports {
namespace {

constexpr std::size_t kReadPiece = 1024;

Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

class Link final : public SlcanLink, private slcan::HostListener {
 public:
  Link(std::unique_ptr<ByteLink> adapter, Reactor& reactor)
      : adapter_(std::move(adapter)), reactor_(reactor) {
    adapter_->on_readable([this] { pull(); });
  }
  ~Link() override {
    adapter_->on_readable({});
    reactor_.cancel(wake_);
    static_cast<void>(adapter_->write(bytes_of(slcan::close_command().view())).has_value());
  }

  Done start(const SlcanOptions& options) {
    const Result<slcan::Line> speed = slcan::bitrate_command(options.bits_per_second);
    if (!speed) {
      return failure(speed.error(), "SLCAN has no code for this bit rate", describe(),
                     "Take 10k, 20k, 50k, 100k, 125k, 250k, 500k, 800k or 1M.");
    }
    options_ = options;
    if (Done done = settle(); !done) return done;
    if (Done done = command(speed->view()); !done) return done;
    return command(slcan::open_command(options.listen_only).view());
  }

  Done send(const CanFrame& frame) override {
    if (lost_) return Unexpected<Failure>{*lost_};
    const Result<slcan::Line> line = slcan::encode(frame);
    if (!line) return failure(line.error(), "this frame cannot be sent", describe());
    const Done sent = adapter_->write(bytes_of(line->view()));
    if (sent) ++counters_.sent;
    return sent;
  }
  Outcome<bool> receive(CanFrame& frame) override {
    if (inbox_.empty()) pull();
    if (!inbox_.empty()) {
      frame = inbox_.front();
      inbox_.pop_front();
      return true;
    }
    if (lost_) return Unexpected<Failure>{*lost_};
    return false;
  }
  void on_readable(std::function<void()> action) override {
    readable_ = std::move(action);
    if (readable_ && (!inbox_.empty() || lost_)) wake();
  }
  [[nodiscard]] std::string describe() const override {
    const std::string name = adapter_->describe();
    const std::size_t colon = name.find(':');
    return "slcan" + (colon == std::string::npos ? ":" + name : name.substr(colon));
  }
  [[nodiscard]] Counters counters() const override {
    Counters all = counters_;
    all.bad_lines = host_.bad_lines();
    return all;
  }
  [[nodiscard]] bool confirmed() const override { return confirmed_; }
  [[nodiscard]] std::optional<BusHealth> health() const override {
    BusHealth health;
    health.bits_per_second = options_.bits_per_second;
    health.listen_only = options_.listen_only;
    health.lost = counters_.dropped;
    health.strange = host_.bad_lines();
    return health;
  }

 private:
  /// An adapter may sit in the middle of a line and may be closed already: whatever it answers to
  /// being closed means nothing, but it must not be taken for the next command's answer.
  Done settle() {
    const std::string text = "\r\r" + std::string(slcan::close_command().view());
    if (Done sent = adapter_->write(bytes_of(text)); !sent) return sent;
    reactor_.run([this] { return lost_.has_value(); }, reactor_.now() + kSlcanSettle);
    if (lost_) return Unexpected<Failure>{*lost_};
    counters_ = {};
    inbox_.clear();
    return {};
  }
  Done command(std::string_view text) {
    reply_.reset();
    if (Done sent = adapter_->write(bytes_of(text)); !sent) return sent;
    const auto answered = [this] { return reply_.has_value() || lost_.has_value(); };
    const bool decided = reactor_.run(answered, reactor_.now() + kSlcanAnswerMax);
    if (lost_) return Unexpected<Failure>{*lost_};
    if (!decided && reactor_.interrupted()) {
      return failure(ErrorCode::Interrupted, "opening the CAN adapter", describe());
    }
    if (!decided) return {};
    confirmed_ = true;
    if (*reply_ == slcan::Reply::Kind::Refused) {
      return failure(ErrorCode::DeviceException, "the CAN adapter refuses to open the bus",
                     describe(), "Unplug it and plug it in again, or try another bit rate.");
    }
    return {};
  }
  void pull() {
    std::array<std::uint8_t, kReadPiece> room{};
    while (!lost_) {
      const Outcome<std::size_t> got = adapter_->read(room);
      if (!got) {
        lost_ = got.error();
        wake();
      } else if (*got == 0) {
        return;
      } else {
        host_.received(Bytes(room).first(*got), reactor_.now(), *this);
      }
    }
  }
  void on_frame(const slcan::Received& received) override {
    ++counters_.received;
    if (inbox_.size() == kSlcanFramesMax) {
      inbox_.pop_front();
      ++counters_.dropped;
    }
    inbox_.push_back(received.frame);
    inbox_.back().at = reactor_.now();
    wake();
  }
  void on_reply(const slcan::Reply& reply) override {
    if (reply.kind == slcan::Reply::Kind::Refused) ++counters_.refused;
    reply_ = reply.kind;
  }
  void wake() {
    if (wake_ != 0 || !readable_) return;
    wake_ = reactor_.at(reactor_.now(), [this] {
      wake_ = 0;
      const std::function<void()> action = readable_;  // it may replace itself
      if (action) action();
    });
  }

  std::unique_ptr<ByteLink> adapter_;
  Reactor& reactor_;
  SlcanOptions options_;
  slcan::Host host_;
  Counters counters_;
  std::deque<CanFrame> inbox_;
  std::function<void()> readable_;
  std::optional<slcan::Reply::Kind> reply_;
  std::optional<Failure> lost_;
  Reactor::TimerId wake_ = 0;
  bool confirmed_ = false;
};

}  // namespace

Outcome<std::unique_ptr<SlcanLink>> SlcanLink::open(std::unique_ptr<ByteLink> adapter,
                                                    Reactor& reactor, const SlcanOptions& options) {
  auto link = std::make_unique<Link>(std::move(adapter), reactor);
  if (const Done started = link->start(options); !started) {
    return Unexpected<Failure>{started.error()};
  }
  return std::unique_ptr<SlcanLink>(std::move(link));
}

}  // namespace weco::transports
