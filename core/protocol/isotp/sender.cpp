// SPDX-License-Identifier: Apache-2.0
#include "core/protocol/isotp/sender.hpp"

#include <algorithm>

namespace weco::isotp {

Status Sender::start(Bytes message, Instant now) {
  if (state_ == State::Sending) return fail(ErrorCode::Busy);
  if (message.empty()) return fail(ErrorCode::BadInput);
  if (std::uint64_t{message.size()} > kMessageMax) return fail(ErrorCode::TooLong);
  message_ = message;
  done_ = 0;
  sequence_ = 1;
  waits_ = 0;
  error_ = {};
  state_ = State::Sending;
  if (message.size() <= config_.single_max()) {
    offer(single(message, config_), message.size(), now);
  } else {
    offer(first(message, config_),
          first_payload(static_cast<std::uint32_t>(message.size()), config_), now);
  }
  return {};
}

void Sender::cancel() {
  state_ = State::Idle;
  pending_.clear();
  deadline_ = Instant::never();
}

void Sender::offer(const Data& data, std::size_t carries, Instant now) {
  pending_ = data;
  carries_ = carries;
  wait_ = Wait::Bus;
  deadline_ = now + config_.timing.n_as;
}

void Sender::sent(Instant now) {
  if (pending_.empty()) return;
  const bool was_first = done_ == 0;
  pending_.clear();
  done_ += carries_;
  if (done_ == message_.size()) {
    state_ = State::Done;
    deadline_ = Instant::never();
    return;
  }
  if (!was_first && blocks_) --block_left_;
  if (was_first || (blocks_ && block_left_ == 0)) {
    wait_ = Wait::FlowControl;
    waits_ = 0;
    deadline_ = now + config_.timing.n_bs;
    return;
  }
  if (separation_ == Duration{}) return next_consecutive(now);
  wait_ = Wait::Separation;
  deadline_ = now + separation_;
}

void Sender::next_consecutive(Instant now) {
  const Bytes rest = message_.subspan(done_);
  offer(consecutive(rest, sequence_, config_), std::min(rest.size(), consecutive_payload(config_)),
        now);
  sequence_ = static_cast<std::uint8_t>((sequence_ + 1) & 0x0FU);
}

void Sender::received(const Pdu& pdu, Instant now) {
  if (pdu.kind != Pdu::Kind::FlowControl) return;
  if (state_ != State::Sending || wait_ != Wait::FlowControl) return;
  switch (pdu.flow) {
    case Pdu::Flow::Continue:
      blocks_ = pdu.block_size != 0;
      block_left_ = pdu.block_size;
      separation_ = pdu.separation;
      return next_consecutive(now);
    case Pdu::Flow::Wait:
      if (waits_ == config_.waits_max) return fail_with(Fault::TooManyWaits);
      ++waits_;
      deadline_ = now + config_.timing.n_bs;
      return;
    case Pdu::Flow::Overflow:
      // Only the beginning can be refused; later it breaks the protocol all the same.
      return fail_with(Fault::ReceiverFull);
    case Pdu::Flow::Unknown:
      return fail_with(Fault::WrongFlowStatus);
  }
}

void Sender::advance(Instant now) {
  if (state_ != State::Sending || now < deadline_) return;
  switch (wait_) {
    case Wait::Bus:
      return fail_with(Fault::NoTransmission);
    case Wait::FlowControl:
      return fail_with(Fault::NoFlowControl);
    case Wait::Separation:
      return next_consecutive(now);
  }
}

void Sender::fail_with(Fault fault) {
  state_ = State::Failed;
  error_ = error_of(fault);
  pending_.clear();
  deadline_ = Instant::never();
}

}  // namespace weco::isotp
