// SPDX-License-Identifier: Apache-2.0
// Reads along while somebody else asks: an inverter polls its battery, and the conversation becomes
// readings without a byte of our own. Also what decodes a recording.
#pragma once

#include "core/protocol/pylontech/decode.hpp"

namespace weco::pylontech {

struct SnifferCounters {
  std::uint32_t requests = 0;
  std::uint32_t answers = 0;         // decoded
  std::uint32_t refusals = 0;        // answers with a return code
  std::uint32_t guessed = 0;         // decoded without having seen the request
  std::uint32_t not_understood = 0;  // good frames with an unknown layout
  std::uint32_t bad_checksums = 0;
  std::uint32_t bad_frames = 0;
  std::uint32_t writes_seen = 0;  // 94 or 95 from the other master
  std::uint32_t cell_sum_mismatches = 0;
  std::uint32_t noise_bytes = 0;
  std::uint32_t cut_frames = 0;
};

class Sniffer {
 public:
  /// Modules hang below `base`.
  explicit Sniffer(NodePath base = {}) : base_(base) {}

  void feed(Bytes data, Instant now, ReadingSink& sink);
  [[nodiscard]] SnifferCounters counters() const;
  /// The last mismatch of cells and module voltage; meaningful when the counter is not 0.
  [[nodiscard]] const CellSumMismatch& last_mismatch() const { return mismatch_; }
  /// The last frame that was good, and whether there was one.
  [[nodiscard]] const Frame& last_frame() const { return frame_; }

 private:
  void frame(Instant now, ReadingSink& sink);
  void answer(Instant now, ReadingSink& sink);

  NodePath base_;
  Receiver receiver_;
  Frame frame_;
  bool asked_ = false;  // a request waits for its answer
  bool known_ = false;  // and it is one we can decode
  std::uint8_t asked_address_ = 0;
  Question question_{};
  CellSumMismatch mismatch_{};
  SnifferCounters counters_{};
};

}  // namespace weco::pylontech
