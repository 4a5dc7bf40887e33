// SPDX-License-Identifier: Apache-2.0
#include "transports/replay/recorded_answers.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace weco::transports {
namespace {

constexpr std::size_t kHeader = 7;  // of Modbus/TCP
constexpr std::size_t kNumber = 2;  // its first bytes
constexpr std::size_t kRequestMax = 4096;

/// One whole message with a header of Modbus/TCP.
bool numbered(const RecordedAnswers::Message& message) {
  if (message.size() <= kHeader || message[2] != 0 || message[3] != 0) return false;
  return message.size() == std::size_t{6} + message[4] * std::size_t{256} + message[5];
}

void forget_number(RecordedAnswers::Message& message) {
  std::fill_n(message.begin(), std::min(kNumber, message.size()), std::uint8_t{0});
}

std::array<std::uint8_t, kNumber> number_of(const RecordedAnswers::Message& message) {
  std::array<std::uint8_t, kNumber> number{};
  std::copy_n(message.begin(), std::min(kNumber, message.size()), number.begin());
  return number;
}

bool begins_with(const RecordedAnswers::Message& whole, const RecordedAnswers::Message& part) {
  return part.size() <= whole.size() && std::equal(part.begin(), part.end(), whole.begin());
}

}  // namespace

Outcome<std::unique_ptr<RecordedAnswers>> RecordedAnswers::make(const Recording& recording) {
  std::unique_ptr<RecordedAnswers> made(new RecordedAnswers());
  std::vector<std::pair<Message, Message>> all;
  bool numbers = true;
  for (const RecordedItem& item : recording.items) {
    if (item.frame) continue;
    if (item.from == RecordedItem::From::Asker) {
      all.emplace_back(item.data, Message{});
      numbers = numbers && numbered(item.data);
    } else if (!all.empty()) {
      all.back().second.insert(all.back().second.end(), item.data.begin(), item.data.end());
    }
  }
  if (all.empty()) {
    return failure(ErrorCode::NotFound, "nobody asks anything in this recording", recording.path,
                   "Take one that was made with --record, or play one of CAN frames on can: or "
                   "slcan:.");
  }
  made->numbered_ = numbers;
  for (auto& [request, answer] : all) {
    if (numbers) forget_number(request);
    made->answers_[request].push_back(std::move(answer));
  }
  return made;
}

Bytes RecordedAnswers::respond(Bytes data, Instant now) {
  if (!asked_.empty() && !data.empty() && now - heard_ > kRequestPause) miss();
  if (!data.empty()) heard_ = now;
  asked_.insert(asked_.end(), data.begin(), data.end());
  reply_.clear();
  while (!asked_.empty()) {
    Message key = asked_;
    if (numbered_) forget_number(key);
    const auto known = std::find_if(answers_.begin(), answers_.end(),
                                    [&](const auto& each) { return begins_with(key, each.first); });
    if (known == answers_.end()) {
      if (!goes_on()) miss();
      break;
    }
    const std::array<std::uint8_t, kNumber> number = number_of(asked_);
    asked_.erase(asked_.begin(), asked_.begin() + static_cast<std::ptrdiff_t>(known->first.size()));
    reply_ = known->second.front();
    known->second.pop_front();
    known->second.push_back(reply_);
    if (reply_.empty()) continue;  // the device was silent then, too
    if (numbered_ && reply_.size() > kNumber) {
      std::copy(number.begin(), number.end(), reply_.begin());
    }
    break;
  }
  return reply_;
}

/// What came may be the beginning of a request that is known.
bool RecordedAnswers::goes_on() const {
  Message key = asked_;
  if (numbered_) forget_number(key);
  return key.size() < kRequestMax &&
         std::any_of(answers_.begin(), answers_.end(),
                     [&](const auto& each) { return begins_with(each.first, key); });
}

void RecordedAnswers::miss() {
  if (numbered_) forget_number(asked_);
  if (asked_.size() > kRequestMax) asked_.resize(kRequestMax);
  const auto known = unrecorded_.find(asked_);
  if (known != unrecorded_.end()) {
    ++known->second;
  } else if (unrecorded_.size() < kUnrecordedMax) {
    unrecorded_.emplace(asked_, 1);
  }
  asked_.clear();
}

}  // namespace weco::transports
