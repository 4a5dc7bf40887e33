// SPDX-License-Identifier: Apache-2.0
#include "core/protocol/isotp/receiver.hpp"

#include <algorithm>

namespace weco::isotp {

void Receiver::received(const Pdu& pdu, Instant now) {
  switch (pdu.kind) {
    case Pdu::Kind::Single:
    case Pdu::Kind::First:
      return begin(pdu, now);
    case Pdu::Kind::Consecutive:
      return part(pdu, now);
    case Pdu::Kind::FlowControl:
      return;
  }
}

void Receiver::begin(const Pdu& pdu, Instant now) {
  // The new message counts, as the standard says; what was under way is lost.
  if (state_ == State::Receiving) ++counters_.abandoned;
  pending_.clear();
  deadline_ = Instant::never();
  have_ = 0;
  length_ = pdu.length;
  error_ = {};
  if (length_ > room_.size()) {
    ++counters_.refused;
    fail_with(Fault::TooLarge);
    // A single frame is over already; who begins a long message is told to stop.
    if (pdu.kind == Pdu::Kind::First) ask(Pdu::Flow::Overflow, now);
    return;
  }
  keep(pdu.payload);
  if (pdu.kind == Pdu::Kind::Single) return finish();
  state_ = State::Receiving;
  sequence_ = 1;
  // The first frame is full; in the long form it holds four bytes less than in the short one.
  part_size_ = pdu.payload.size() + (pdu.length > kShortMax ? 5U : 1U);
  ask(Pdu::Flow::Continue, now);
}

void Receiver::part(const Pdu& pdu, Instant now) {
  if (state_ != State::Receiving) {
    ++counters_.stray;
    return;
  }
  if (pdu.sequence != sequence_) {
    ++counters_.abandoned;
    return fail_with(Fault::WrongSequence);
  }
  const std::size_t left = length_ - have_;
  // Too short to be this part: somebody else's, or cut. The standard ignores it.
  if (pdu.payload.size() < std::min(left, part_size_)) {
    ++counters_.stray;
    return;
  }
  keep(pdu.payload.first(std::min({left, part_size_, pdu.payload.size()})));
  sequence_ = static_cast<std::uint8_t>((sequence_ + 1) & 0x0FU);
  if (have_ == length_) return finish();
  deadline_ = now + config_.timing.n_cr;
  if (config_.block_size != 0 && --block_left_ == 0) ask(Pdu::Flow::Continue, now);
}

void Receiver::keep(Bytes bytes) {
  std::copy(bytes.begin(), bytes.end(), room_.begin() + static_cast<std::ptrdiff_t>(have_));
  have_ += bytes.size();
}

void Receiver::finish() {
  state_ = State::Done;
  pending_.clear();
  deadline_ = Instant::never();
  ++counters_.messages;
}

void Receiver::ask(Pdu::Flow flow, Instant now) {
  pending_ = flow_control(flow, config_);
  block_left_ = config_.block_size;
  deadline_ = now + config_.timing.n_ar;
}

void Receiver::sent(Instant now) {
  if (pending_.empty()) return;
  pending_.clear();
  deadline_ = state_ == State::Receiving ? now + config_.timing.n_cr : Instant::never();
}

void Receiver::advance(Instant now) {
  if (now < deadline_) return;
  const bool unsent = !pending_.empty();
  pending_.clear();
  deadline_ = Instant::never();
  if (state_ != State::Receiving) return;
  ++counters_.abandoned;
  fail_with(unsent ? Fault::NoTransmission : Fault::NoConsecutive);
}

void Receiver::fail_with(Fault fault) {
  state_ = State::Failed;
  error_ = error_of(fault);
  have_ = 0;
  pending_.clear();
  deadline_ = Instant::never();
}

void Receiver::reset() {
  if (state_ == State::Receiving) ++counters_.abandoned;
  state_ = State::Idle;
  have_ = length_ = 0;
  pending_.clear();
  deadline_ = Instant::never();
}

}  // namespace weco::isotp
