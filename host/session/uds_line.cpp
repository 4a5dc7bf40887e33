// SPDX-License-Identifier: Apache-2.0
#include "host/session/uds_line.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weco {
namespace {

constexpr std::size_t kFrameBytes = 8;

}  // namespace

Failure uds_failure(const Error& error, const char* what, const std::string& where) {
  if (error.code != ErrorCode::DeviceException) return {error, what, where, {}};
  return {error,
          fmt::format("{}: the device says '{}'", what,
                      uds::name(static_cast<std::uint8_t>(error.detail))),
          where,
          {}};
}

UdsLine::UdsLine(Reactor& reactor, FrameLink& link, const UdsTiming& timing)
    : reactor_(reactor), link_(link), timing_(timing), room_(uds::kMessageMax) {
  link_.on_readable([this] { on_readable(); });
}

UdsLine::~UdsLine() { link_.on_readable({}); }

/// Puts on the bus what ISO-TP has ready. False when the link is gone.
bool UdsLine::pump() {
  while (channel_) {
    const Bytes data = channel_->pending();
    if (data.empty()) return true;
    if (!link_.send(timing_.address.frame(data))) {
      outcome_ = Error{ErrorCode::Disconnected};
      return false;
    }
    wire_bytes_ += kFrameBytes;
    channel_->sent(reactor_.now());
  }
  return true;
}

void UdsLine::on_readable() {
  CanFrame frame;
  while (true) {
    const auto got = link_.receive(frame);
    if (!got) {
      outcome_ = Error{ErrorCode::Disconnected};
      return;
    }
    if (!*got) return;
    if (!channel_ || outcome_ || !timing_.address.hears(frame)) continue;
    channel_->received(frame.bytes(), reactor_.now());
    if (!pump()) return;
    if (channel_->receiver().state() != isotp::Receiver::State::Done) continue;
    judge(channel_->receiver().message());
    channel_->receiver().reset();
  }
}

void UdsLine::judge(Bytes message) {
  const std::uint8_t service = request_.front();
  if (message.size() >= 3 && message[0] == uds::kNegative && message[1] == service) {
    if (message[2] != static_cast<std::uint8_t>(uds::Nrc::Pending)) {
      outcome_ = Error{ErrorCode::DeviceException, message[2]};
      return;
    }
    deadline_ = std::min(pending_until_, reactor_.now() + timing_.pending_answer);
    return;
  }
  if (message.empty() || message[0] != service + uds::kPositive || message.size() < 1 + echo_ ||
      !std::equal(request_.begin() + 1, request_.begin() + 1 + static_cast<std::ptrdiff_t>(echo_),
                  message.begin() + 1)) {
    return;  // a late answer to something else
  }
  answer_.assign(message.begin(), message.end());
  outcome_ = Error{};
}

Result<Bytes> UdsLine::ask(Bytes request, std::size_t echo) {
  on_readable();  // what is still there answers nothing that is asked now
  request_.assign(request.begin(), request.end());
  echo_ = echo;
  outcome_.reset();
  channel_.emplace(timing_.isotp, room_);
  const Instant begun = reactor_.now();
  deadline_ = begun + timing_.answer;
  pending_until_ = begun + timing_.pending_max;
  if (Status started = channel_->start(request_, begun); !started)
    return Unexpected{started.error()};
  pump();
  while (!outcome_) {
    const bool sending = channel_->sender().state() == isotp::Sender::State::Sending;
    const Instant until =
        sending ? channel_->deadline() : std::min(deadline_, channel_->deadline());
    reactor_.run([this] { return outcome_.has_value(); }, until);
    if (outcome_) break;
    const Instant now = reactor_.now();
    if (now < until && reactor_.interrupted()) return fail(ErrorCode::Interrupted);
    channel_->advance(now);
    if (channel_->sender().state() == isotp::Sender::State::Failed) {
      return Unexpected{channel_->sender().error()};
    }
    if (!pump()) break;
    if (sending) {
      deadline_ = now + timing_.answer;
    } else if (now >= deadline_) {
      return fail(ErrorCode::Timeout);
    }
  }
  if (outcome_->code != ErrorCode::None) return Unexpected{*outcome_};
  return Bytes(answer_);
}

}  // namespace weco
