// SPDX-License-Identifier: Apache-2.0
// Finding the one right answer in whatever arrives. The head of the buffer is judged again and
// again: our echo, our answer, somebody else's frame, or a byte of noise. An unfinished frame at
// the head waits only if it may be ours; otherwise our answer is looked for behind it.
#include "core/protocol/modbus/client.hpp"

#include <algorithm>

namespace weco::modbus {
namespace {

/// After this silence an unfinished frame is no longer waited for. Far above t3.5 because USB
/// adapters and network gateways deliver in lumps.
constexpr Duration kResyncSilence = Duration::ms(60);

/// How long the longest answer may be when only the answer tells.
constexpr std::size_t kUnknownAnswer = kRtuFrameMax;

}  // namespace

void Client::configure(const ClientConfig& config) {
  WECO_ASSERT(state_ != State::Waiting);
  config_ = config;
  echo_ = config.echo == Echo::Present  ? EchoState::Yes
          : config.echo == Echo::Absent ? EchoState::No
                                        : EchoState::Unknown;
}

void Client::set_request(const Request& request) {
  WECO_ASSERT(state_ != State::Waiting && !request.empty());
  request_ = request;
}

void Client::begin(Instant now) {
  WECO_ASSERT(!request_.empty());
  ++transaction_;
  sent_size_ = encode_frame(config_.framing, {config_.unit, transaction_, request_.pdu()}, sent_);
  const std::size_t answer = request_.response_size();
  expected_size_ = answer == 0 ? 0 : answer + frame_overhead(config_.framing);
  buffer_.clear();
  answer_size_ = 0;
  trouble_ = Trouble::None;
  noise_ = 0;
  echo_dropped_ = false;
  may_be_echo_ = false;
  last_byte_ = now;
  error_ = {};
  state_ = State::Waiting;
  const Duration sending = transmission_time(sent_size_, config_.baud, config_.bits_per_character);
  if (is_broadcast()) {
    whole_deadline_ = deadline_ = now + sending + config_.broadcast_turnaround;
    if (!request_.writes() || request_.function() == Function::ReadWriteRegisters) {
      sent_size_ = 0;
      deadline_ = now;
      finish(State::Failed, {ErrorCode::BadUsage});
    }
    return;
  }
  // Silence ends the wait as soon as no first character can come any more; once something comes,
  // it gets the time that a whole answer takes.
  const Duration begins = sending + config_.response_timeout;
  deadline_ = now + begins + transmission_time(1, config_.baud, config_.bits_per_character);
  whole_deadline_ = now + begins +
                    transmission_time(expected_size_ == 0 ? kUnknownAnswer : expected_size_,
                                      config_.baud, config_.bits_per_character);
}

Duration Client::silence_needed() const {
  const Duration silence =
      config_.framing == Framing::Rtu || config_.framing == Framing::WecoService
          ? silence_between(config_.baud)
          : Duration();
  return std::max(silence, config_.pause_between);
}

void Client::take(Bytes data, Instant now) {
  if (state_ == State::Waiting) pass_time(now);
  seen_.bytes_received += static_cast<std::uint32_t>(data.size());
  if (state_ == State::Idle || state_ == State::Failed) return;
  if (!data.empty()) {
    last_byte_ = now;
    deadline_ = std::max(deadline_, whole_deadline_);
  }
  while (!data.empty()) {
    const std::size_t taken = buffer_.append(data);
    data = data.subspan(taken);
    scan(false);
    if (taken == 0) drop_noise(1);  // full of an unfinished frame that cannot be one
  }
}

void Client::pass_time(Instant now) {
  if (state_ != State::Waiting) return;
  if (now < deadline_) {
    if (now - last_byte_ >= kResyncSilence && !buffer_.empty()) look_beyond();
    return;
  }
  if (is_broadcast()) {
    finish(State::Done, {});
    return;
  }
  scan(true);
  if (state_ == State::Waiting) finish(State::Failed, final_error());
}

Error Client::final_error() const {
  // As many stray bytes as the answer has: it came damaged, maybe not even its unit is right.
  if (trouble_ <= Trouble::Cut && has_crc(config_.framing) && noise_ > 0 &&
      noise_ == expected_size_) {
    return {ErrorCode::BadChecksum};
  }
  switch (trouble_) {
    case Trouble::None:
      return {ErrorCode::Timeout};
    case Trouble::Cut:
      return {ErrorCode::Truncated};
    case Trouble::Checksum:
      return {ErrorCode::BadChecksum};
    case Trouble::Unexpected:
      return {ErrorCode::UnexpectedReply};
    case Trouble::BadFrame:
    case Trouble::Noise:
      break;
  }
  return {ErrorCode::BadFrame};
}

void Client::finish(State state, Error error) {
  state_ = state;
  error_ = error;
}

Response Client::response() const {
  WECO_ASSERT(state_ == State::Done && answer_size_ > 0);
  return *decode_response(request_, Bytes(answer_.data(), answer_size_));
}

/// Judges the buffer until it is empty or more bytes are needed. With `last_call` no more will
/// come: what is unfinished counts as cut off.
void Client::scan(bool last_call) {
  while (!buffer_.empty()) {
    const Step step = has_crc(config_.framing) ? step_rtu() : step_tcp();
    if (step == Step::Consumed) continue;
    if (!last_call) return;
    if (state_ == State::Waiting && look_beyond()) continue;
    note_dropped_head(buffer_.view());
    drop_noise(1);
  }
}

/// Our own transmission at the head. Where echo and answer look alike (5, 6, 21, 22), only what was
/// learned or configured about the line can tell; a second copy afterwards tells it, too.
bool Client::take_echo(Bytes data, bool& could_grow) {
  if (config_.echo == Echo::Absent || echo_dropped_) return false;
  const Bytes sent = to_send();
  const std::size_t n = std::min(sent.size(), data.size());
  if (!std::equal(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(n), sent.begin())) {
    return false;
  }
  const bool alike = request_.answer_is_copy() && !is_broadcast();
  const bool expected = state_ == State::Waiting ? !alike || echo_ == EchoState::Yes : may_be_echo_;
  if (!expected) return false;
  if (n < sent.size()) {
    could_grow = true;
    return false;
  }
  buffer_.drop(n);
  echo_dropped_ = true;
  may_be_echo_ = false;
  seen_.echo_seen = true;
  echo_ = EchoState::Yes;
  return true;
}

/// How far our answer reaches if it begins at the start of `data`; NotOne when it cannot.
Extent Client::own_extent(Bytes data) const {
  constexpr Extent kNotOne{Extent::Kind::NotOne, 0};
  if (is_broadcast() || data[0] != config_.unit) return kNotOne;
  if (data.size() < 2) return {Extent::Kind::NeedMore, 0};
  if (data[1] == (function_byte() | kExceptionBit)) return {Extent::Kind::Known, kRtuOverhead + 2};
  if (data[1] != function_byte()) return kNotOne;
  const Extent extent = rtu_response_extent(data);
  if (extent.kind == Extent::Kind::Known && expected_size_ != 0 && extent.size != expected_size_) {
    return kNotOne;  // another count: judged as somebody else's answer
  }
  return extent;
}

/// Takes a whole answer to us at `at`; false when there is none.
bool Client::take_own_rtu(std::size_t at) {
  const Bytes data = buffer_.view().subspan(at);
  const Extent extent = own_extent(data);
  if (extent.kind != Extent::Kind::Known || extent.size > data.size()) return false;
  const auto frame = decode_frame(config_.framing, data.first(extent.size));
  if (!frame) return false;
  drop_noise(at);
  seen_.units_answering.add(frame->unit);
  accept(frame->pdu);
  buffer_.drop(extent.size);
  return true;
}

/// Searches for our complete answer behind an unfinished frame at the head.
bool Client::look_beyond() {
  for (std::size_t at = 1; at < buffer_.size(); ++at) {
    if (has_crc(config_.framing)) {
      if (take_own_rtu(at)) return true;
      continue;
    }
    const Bytes data = buffer_.view().subspan(at);
    const Extent extent = tcp_extent(data);
    if (extent.kind != Extent::Kind::Known || extent.size > data.size()) continue;
    if (data[0] != transaction_ >> 8 || data[1] != (transaction_ & 0xFFU)) continue;
    drop_noise(at);
    return step_tcp() == Step::Consumed;
  }
  return false;
}

/// A frame of the line that is not our answer: another unit's or another question's answer, or a
/// request that we did not send.
bool Client::take_foreign(Bytes data, bool& could_grow) {
  const Extent answer = rtu_response_extent(data);
  const Extent request = rtu_request_extent(data);
  could_grow |= answer.kind == Extent::Kind::NeedMore || request.kind == Extent::Kind::NeedMore;
  could_grow |= answer.kind == Extent::Kind::Known && answer.size > data.size();
  could_grow |= request.kind == Extent::Kind::Known && request.size > data.size();
  const auto whole = [&](Extent e) {
    return e.kind == Extent::Kind::Known && e.size <= data.size() &&
           crc_matches(config_.framing, data.first(e.size));
  };
  // A frame that could be both (5, 6, ...) is a request unless it comes from our own unit, which
  // is being asked by us and so may well be answering.
  const bool ours = data[0] == config_.unit;
  if (whole(request) && !(ours && whole(answer)) &&
      decode_request(data.subspan(1, request.size - kRtuOverhead))) {
    ++seen_.foreign_requests;
    buffer_.drop(request.size);
    return true;
  }
  if (!whole(answer)) return false;
  ++(ours ? seen_.wrong_function : seen_.wrong_unit);
  seen_.units_answering.add(data[0]);
  trouble(Trouble::Unexpected);
  buffer_.drop(answer.size);
  return true;
}

Client::Step Client::step_rtu() {
  const Bytes data = buffer_.view();
  bool could_grow = false;
  if (take_echo(data, could_grow)) return Step::Consumed;
  bool may_be_ours = could_grow;
  if (state_ == State::Waiting) {
    if (take_own_rtu(0)) return Step::Consumed;
    const Extent own = own_extent(data);
    may_be_ours |= own.kind == Extent::Kind::NeedMore ||
                   (own.kind == Extent::Kind::Known && own.size > data.size());
    // Our unit and function with another count may be damaged: judged when all could be there.
    could_grow |= may_be_ours || (data.size() > 1 && data[0] == config_.unit &&
                                  data[1] == function_byte() && data.size() < expected_size_);
  }
  if (take_foreign(data, could_grow)) return Step::Consumed;
  if (could_grow) {
    if (!may_be_ours && state_ == State::Waiting && look_beyond()) return Step::Consumed;
    return Step::Wait;
  }
  note_dropped_head(data);
  drop_noise(1);
  return Step::Consumed;
}

/// Before the head is given up: was it our answer, damaged or cut off?
void Client::note_dropped_head(Bytes data) {
  if (state_ != State::Waiting) return;
  if (!has_crc(config_.framing)) {
    const bool ours =
        data.size() > 1 && data[0] == transaction_ >> 8 && data[1] == (transaction_ & 0xFFU);
    if (ours) trouble(Trouble::Cut);
    return;
  }
  const bool head = data[0] == config_.unit && !is_broadcast();
  const bool exception = data.size() > 1 && data[1] == (function_byte() | kExceptionBit);
  const bool normal = data.size() > 1 && data[1] == function_byte();
  if (!head || (data.size() > 1 && !exception && !normal)) return;
  std::size_t wanted = exception ? kRtuOverhead + 2 : expected_size_;
  if (normal && wanted == 0) {
    const Extent extent = rtu_response_extent(data);
    wanted = extent.kind == Extent::Kind::Known ? extent.size : kRtuFrameMax;
  }
  if (data.size() < 2 || data.size() < wanted) {
    trouble(Trouble::Cut);
    return;
  }
  ++seen_.crc_errors;
  trouble(Trouble::Checksum);
}

void Client::drop_noise(std::size_t n) {
  buffer_.drop(n);
  if (n == 0) return;
  noise_ += static_cast<std::uint32_t>(n);
  seen_.noise_bytes += static_cast<std::uint32_t>(n);
  trouble(Trouble::Noise);
}

Client::Step Client::step_tcp() {
  const Bytes data = buffer_.view();
  const Extent extent = tcp_extent(data);
  if (extent.kind == Extent::Kind::NotOne) {
    drop_noise(1);
    return Step::Consumed;
  }
  if (extent.kind == Extent::Kind::NeedMore || extent.size > data.size()) {
    // An answer that is on its way is not searched for inside: only a foreign head is passed over.
    const bool ours =
        data[0] == transaction_ >> 8 && (data.size() < 2 || data[1] == (transaction_ & 0xFFU));
    if (!ours && state_ == State::Waiting && look_beyond()) return Step::Consumed;
    return Step::Wait;
  }
  const auto frame = decode_frame(Framing::Tcp, data.first(extent.size));
  WECO_ASSERT(frame.has_value());
  if (frame->transaction != transaction_ || state_ != State::Waiting) {
    ++seen_.wrong_transaction;
    trouble(Trouble::Unexpected);
  } else if (frame->unit != config_.unit) {
    ++seen_.wrong_unit;
    seen_.units_answering.add(frame->unit);
    trouble(Trouble::Unexpected);
  } else {
    seen_.units_answering.add(frame->unit);
    accept(frame->pdu);
  }
  buffer_.drop(extent.size);
  return Step::Consumed;
}

/// A frame with the right address (and checksum, transaction): is it the answer?
void Client::accept(Bytes pdu) {
  const auto response = decode_response(request_, pdu);
  if (!response && response.error().code == ErrorCode::UnexpectedReply) {
    ++seen_.wrong_function;
    trouble(Trouble::Unexpected);
    return;
  }
  if (!response && response.error().code != ErrorCode::DeviceException) {
    ++seen_.bad_frames;
    trouble(Trouble::BadFrame);
    return;
  }
  ++seen_.answers;
  if (!response) {
    finish(State::Failed, response.error());
  } else {
    std::copy(pdu.begin(), pdu.end(), answer_.begin());
    answer_size_ = pdu.size();
    finish(State::Done, {});
  }
  const bool copy = response && request_.answer_is_copy();
  if (config_.echo != Echo::Detect || !has_crc(config_.framing)) return;
  if (!echo_dropped_ && !copy) echo_ = EchoState::No;
  may_be_echo_ = copy && echo_ == EchoState::Unknown;
}

}  // namespace weco::modbus
