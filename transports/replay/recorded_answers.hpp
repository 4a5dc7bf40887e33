// SPDX-License-Identifier: Apache-2.0
// A recorded device that answers again: to whoever asks what was asked while it was recorded. What
// was not asked then gets no answer and is reported, since an invented one would be no recording.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "core/protocol/exchange.hpp"
#include "transports/replay/recording.hpp"

namespace weco::transports {

/// Different requests without a recorded answer that are remembered.
inline constexpr std::size_t kUnrecordedMax = 1000;
/// A request that has not gone on for so long was cut off.
inline constexpr Duration kRequestPause = Duration::ms(500);

class RecordedAnswers final : public Responder {
 public:
  using Message = std::vector<std::uint8_t>;
  /// NotFound when nobody asks anything in it.
  static Outcome<std::unique_ptr<RecordedAnswers>> make(const Recording& recording);

  /// The same request again gets the next recorded answer, then the first again. The number by
  /// which Modbus/TCP tells requests apart is that of the asker.
  Bytes respond(Bytes data, Instant now) override;

  /// Different requests that are known.
  [[nodiscard]] std::size_t known() const { return answers_.size(); }
  /// What was asked and is not in the recording, with how often.
  [[nodiscard]] const std::map<Message, std::uint64_t>& unrecorded() const { return unrecorded_; }

 private:
  RecordedAnswers() = default;
  void miss();
  [[nodiscard]] bool goes_on() const;

  bool numbered_ = false;  // Modbus/TCP
  std::map<Message, std::deque<Message>> answers_;
  std::map<Message, std::uint64_t> unrecorded_;
  Message asked_;  // so far
  Message reply_;
  Instant heard_{};
};

}  // namespace weco::transports
