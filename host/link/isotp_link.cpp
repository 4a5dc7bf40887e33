// SPDX-License-Identifier: Apache-2.0
#include "host/link/isotp_link.hpp"

#include <algorithm>
#include <utility>

namespace weco {
namespace {

/// A full transmit queue empties at the speed of the bus: a frame takes about 0.25 ms.
constexpr Duration kRetry = Duration::ms(1);

}  // namespace

Failure isotp_failure(Error error, std::string where) {
  std::string what(isotp::info(static_cast<isotp::Fault>(error.detail)).sentence);
  if (!what.empty() && what.back() == '.') what.pop_back();
  if (!what.empty() && what.front() >= 'A' && what.front() <= 'Z') {
    what.front() = static_cast<char>(what.front() - 'A' + 'a');
  }
  return {error, std::move(what), std::move(where), {}};
}

IsotpLink::IsotpLink(std::unique_ptr<FrameLink> frames, const isotp::Address& address,
                     const isotp::Config& config, Reactor& reactor)
    : frames_(std::move(frames)),
      address_(address),
      reactor_(reactor),
      room_(kIsotpMessageMax),
      channel_(config, room_) {
  WECO_ASSERT(config.frame_size == isotp::kClassicMax);
  frames_->on_readable([this] { pull(); });
}

IsotpLink::~IsotpLink() {
  frames_->on_readable({});
  reactor_.cancel(timer_);
  reactor_.cancel(wake_);
}

std::string IsotpLink::describe() const { return frames_->describe(); }

Done IsotpLink::send(Bytes message) {
  if (lost_) return Unexpected<Failure>{*lost_};
  if (message.size() > kIsotpMessageMax) {
    return failure(ErrorCode::TooLong, "the message is longer than ISO-TP carries here",
                   describe());
  }
  if (channel_.sender().state() == isotp::Sender::State::Sending) {
    return failure(ErrorCode::Busy, "the message before is still on its way", describe());
  }
  outgoing_.assign(message.begin(), message.end());
  if (const Status begun = channel_.start(outgoing_, reactor_.now()); !begun) {
    return failure(begun.error(), "an empty message cannot be sent", describe());
  }
  sender_told_ = false;
  pump();
  if (lost_) return Unexpected<Failure>{*lost_};
  return {};
}

Outcome<bool> IsotpLink::receive(std::vector<std::uint8_t>& message) {
  if (!inbox_.empty()) {
    message = std::move(inbox_.front());
    inbox_.pop_front();
    return true;
  }
  if (!failures_.empty()) {
    Failure first = std::move(failures_.front());
    failures_.pop_front();
    return Unexpected<Failure>{std::move(first)};
  }
  if (lost_) return Unexpected<Failure>{*lost_};
  return false;
}

void IsotpLink::on_readable(std::function<void()> action) {
  readable_ = std::move(action);
  if (readable_ && (!inbox_.empty() || !failures_.empty() || lost_)) wake();
}

void IsotpLink::pull() {
  CanFrame frame;
  while (!lost_) {
    const Outcome<bool> got = frames_->receive(frame);
    if (!got) {
      lost_ = got.error();
      frames_->on_readable({});
      arm();  // what was on its way is not late, it is lost
      wake();
      return;
    }
    if (!*got) return;
    if (!address_.hears(frame)) continue;
    static_cast<void>(channel_.received(frame.bytes(), reactor_.now()));
    settle();
    pump();
  }
}

/// Takes what the last frame or the clock decided, before the next one comes.
void IsotpLink::settle() {
  isotp::Receiver& receiver = channel_.receiver();
  if (receiver.state() == isotp::Receiver::State::Done) {
    const Bytes whole = receiver.message();
    if (inbox_.size() == kIsotpMessagesMax) inbox_.pop_front();
    inbox_.emplace_back(whole.begin(), whole.end());
    receiver.reset();
    wake();
  } else if (receiver.state() == isotp::Receiver::State::Failed && receiver.pending().empty()) {
    broke(receiver.error());
    receiver.reset();
  }
  if (sender_told_ || channel_.sender().state() == isotp::Sender::State::Sending) return;
  sender_told_ = true;
  if (channel_.sender().state() == isotp::Sender::State::Failed) broke(channel_.sender().error());
}

/// Puts on the bus what is to go now. A bus that takes nothing is tried again until patience ends.
void IsotpLink::pump() {
  crowded_ = false;
  while (!lost_ && !channel_.pending().empty()) {
    const Done sent = frames_->send(address_.frame(channel_.pending()));
    if (!sent && sent.error().code() == ErrorCode::Full) {
      crowded_ = true;
      break;
    }
    if (!sent) {
      lost_ = sent.error();
      wake();
      break;
    }
    channel_.sent(reactor_.now());
    settle();
  }
  arm();
}

void IsotpLink::arm() {
  reactor_.cancel(timer_);
  timer_ = 0;
  Instant next = lost_ ? Instant::never() : channel_.deadline();
  if (crowded_) next = std::min(next, reactor_.now() + kRetry);
  if (next == Instant::never()) return;
  timer_ = reactor_.at(next, [this] {
    timer_ = 0;
    channel_.advance(reactor_.now());
    settle();
    pump();
  });
}

void IsotpLink::broke(Error error) {
  if (failures_.size() == kIsotpMessagesMax) failures_.pop_front();
  failures_.push_back(isotp_failure(error, describe()));
  wake();
}

void IsotpLink::wake() {
  if (wake_ != 0 || !readable_) return;
  wake_ = reactor_.at(reactor_.now(), [this] {
    wake_ = 0;
    const std::function<void()> action = readable_;  // it may replace itself
    if (action) action();
  });
}

}  // namespace weco
