// SPDX-License-Identifier: Apache-2.0
// A question about a journal in SMP's file group, as one exchange after the other: whoever drives
// them may wait for each, or go on with something else.
#pragma once

#include "core/protocol/smp/messages.hpp"
#include "host/link/link.hpp"
#include "host/logbook/source.hpp"

namespace weco::logbook {

class SmpQuestion {
 public:
  /// The link outlives it.
  explicit SmpQuestion(ByteLink& link, smp::Framing framing = smp::Framing::Console);

  void ask_range();
  void ask_records(std::uint32_t first);
  [[nodiscard]] Exchange& exchange() { return client_; }
  /// What the exchange came to: true when the question is answered, false when exchange() holds
  /// the next part of it.
  Outcome<bool> take(Status status);
  /// Of a range that is answered.
  [[nodiscard]] const Range& range() const { return range_; }
  /// Copies the records that came; fails when there is no whole one.
  Outcome<std::size_t> records(std::span<Slot> into);

 private:
  enum class Part : std::uint8_t { Size, Oldest, Records };
  [[nodiscard]] std::string_view title() const;
  [[nodiscard]] Unexpected<Failure> unreadable() const;
  Outcome<bool> take_size();
  Outcome<bool> take_oldest();

  ByteLink& link_;
  smp::Client client_;
  Part part_ = Part::Size;
  std::uint64_t offset_ = 0;
  Range range_{};
};

}  // namespace weco::logbook
