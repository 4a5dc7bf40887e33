// SPDX-License-Identifier: Apache-2.0
#include "core/protocol/weco_service/key.hpp"

#include <algorithm>
#include <utility>

#include "core/protocol/modbus/timing.hpp"

namespace weco::weco_service {

using modbus::kWecoServiceKey;

std::array<std::uint8_t, kKeyMessageSize> key_message() {
  return {0x00, 0x03, kWecoServiceKey >> 8, kWecoServiceKey & 0xFF, 0x00, 0x01};
}

std::array<std::uint8_t, kKeyAnswerSize> key_answer() {
  std::array<std::uint8_t, kKeyAnswerSize> answer = {0x01, 0x03, 0x03, 0x23, 0x00, 0x00};
  const std::uint16_t tail =
      modbus::check_value(modbus::Framing::WecoService, Bytes(answer).first(kKeyAnswerSize - 2));
  answer[kKeyAnswerSize - 2] = static_cast<std::uint8_t>(tail & 0xFFU);
  answer[kKeyAnswerSize - 1] = static_cast<std::uint8_t>(tail >> 8);
  return answer;
}

Duration KeyExchange::quiet_before() const {
  return baud_ == 0 ? Duration() : modbus::silence_between(baud_);
}

void KeyExchange::begin(Instant now) {
  seen_ = 0;
  state_ = State::Waiting;
  error_ = {};
  constexpr std::size_t kBytes = kKeyMessageSize + kKeyAnswerSize;
  const Duration on_wire =
      baud_ == 0 ? Duration()
                 : Duration::us(static_cast<std::int64_t>(kBytes) * 11 * 1'000'000 / baud_);
  deadline_ = now + answer_within_ + on_wire;
}

void KeyExchange::take(Bytes data, Instant /*now*/) {
  for (const std::uint8_t byte : data) {
    if (state_ != State::Waiting) return;
    std::copy(newest_.begin() + 1, newest_.end(), newest_.begin());
    newest_.back() = byte;
    ++seen_;
    if (seen_ >= kKeyAnswerSize && newest_ == key_answer()) state_ = State::Done;
  }
}

void KeyExchange::advance(Instant now) {
  if (state_ != State::Waiting || now < deadline_) return;
  state_ = State::Failed;
  error_ = {seen_ == 0 ? ErrorCode::Timeout : ErrorCode::BadFrame, 0};
}

/// The key's message is looked for at the beginning of what comes; everything else is Modbus.
Bytes KeyedServer::process(Bytes data, Instant now) {
  const auto key = key_message();
  while (held_ < key.size() && !data.empty() && data[0] == key[held_]) {
    head_[held_++] = data[0];
    data = data.subspan(1);
  }
  if (held_ == key.size()) {
    held_ = 0;
    keyed_ = true;
    inner_.reset();
    answer_ = key_answer();
    return answer_;
  }
  if (data.empty() && held_ > 0) return {};  // the rest of it may still come
  const std::size_t held = std::exchange(held_, std::size_t{0});
  if (!keyed_) return {};
  const Bytes early = held == 0 ? Bytes() : inner_.respond(Bytes(head_).first(held), now);
  const Bytes reply = inner_.respond(data, now);
  return reply.empty() ? early : reply;
}

}  // namespace weco::weco_service
