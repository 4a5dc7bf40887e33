// SPDX-License-Identifier: Apache-2.0
#include "core/protocol/pylontech/client.hpp"

#include <algorithm>

namespace weco::pylontech {

void Client::ask(Command command, std::uint8_t address, std::uint8_t info) {
  command_ = command;
  address_ = address;
  info_ = info == 0 ? address : info;
}

void Client::start(Instant now) {
  Frame request;
  request.address = address_;
  request.cid2 = static_cast<std::uint8_t>(command_);
  const CommandInfo* const row = find_command(request.cid2);
  if (row != nullptr && row->names_module) static_cast<void>(request.info.push_back(info_));
  const Result<Bytes> wire = encode(request, request_);
  WECO_ASSERT(wire);  // a request has at most 20 characters
  request_size_ = wire->size();
  receiver_.clear();
  state_ = State::Waiting;
  error_ = {};
  seen_ = ErrorCode::Timeout;
  Duration sending{};
  if (config_.baud > 0) {  // 8N1: ten bits a character
    const auto bits = static_cast<std::int64_t>(request_size_) * 10;
    sending = Duration::us(bits * 1000000 / config_.baud);
  }
  deadline_ = now + sending + config_.response_timeout;
  last_ = std::max(deadline_, now + sending + config_.total_timeout);
}

void Client::received(Bytes data, Instant now) {
  if (state_ != State::Waiting) return;
  for (const std::uint8_t byte : data) {
    if (receiver_.feed(byte) == Receiver::Event::Frame) frame(now);
    if (state_ != State::Waiting) return;
  }
  if (receiver_.inside()) {
    deadline_ = std::min(last_, std::max(deadline_, now + config_.pause_timeout));
  }
}

void Client::frame(Instant now) {
  const Status parsed = parse(receiver_.text(), frame_);
  if (!parsed) {
    const bool sum = parsed.error().code == ErrorCode::BadChecksum;
    ++(sum ? observations_.bad_checksums : observations_.bad_frames);
    seen_ = parsed.error().code;
    return;
  }
  if (is_request(frame_)) {
    const Bytes ours = to_send();  // '~' in front, CR behind
    const std::string_view text = receiver_.text();
    const bool echo = text.size() + 2 == ours.size() &&
                      std::equal(text.begin(), text.end(), ours.begin() + 1,
                                 [](char a, auto b) { return static_cast<std::uint8_t>(a) == b; });
    ++(echo ? observations_.echoes : observations_.foreign_requests);
    // The answer's time begins when our own words are through.
    if (echo) deadline_ = std::min(last_, std::max(deadline_, now + config_.response_timeout));
    return;
  }
  if (frame_.address != address_) {
    ++observations_.other_addresses;
    if (seen_ == ErrorCode::Timeout) seen_ = ErrorCode::UnexpectedReply;
    return;
  }
  if (frame_.cid2 != static_cast<std::uint8_t>(ReturnCode::Ok)) {
    ++observations_.refusals;
    return finish(State::Failed, {ErrorCode::DeviceException, frame_.cid2});
  }
  if (!fits(question(), frame_)) {
    ++observations_.misfits;
    if (seen_ == ErrorCode::Timeout) seen_ = ErrorCode::UnexpectedReply;
    return;
  }
  ++observations_.answers;
  finish(State::Done);
}

void Client::advance(Instant now) {
  if (state_ == State::Waiting && now >= deadline_) finish(State::Failed, {seen_, 0});
}

void Client::finish(State state, Error error) {
  state_ = state;
  error_ = error;
  deadline_ = Instant::never();
}

Question Client::question(NodePath base) const {
  const CommandInfo* const row = find_command(static_cast<std::uint8_t>(command_));
  const bool named = row != nullptr && row->names_module;
  return {command_, named ? info_ : std::uint8_t{0}, base};
}

Observations Client::observations() const {
  Observations all = observations_;
  all.noise_bytes = receiver_.noise();
  all.cut_frames = receiver_.cut();
  return all;
}

}  // namespace weco::pylontech
