// SPDX-License-Identifier: Apache-2.0
// Turns what is heard on a CAN bus into a report. Listens only: it has no way to send.
#pragma once

#include <optional>

#include "core/protocol/can/health.hpp"
#include "core/protocol/canbms/decoder.hpp"
#include "host/device/report.hpp"

namespace weco {

class CanListener {
 public:
  void feed(const CanFrame& frame);
  [[nodiscard]] std::uint64_t frames() const { return frames_; }
  /// True once enough came to show a battery: its limits and its state or its measurement.
  [[nodiscard]] bool complete() const;
  /// Fills in everything that was heard. `now` decides what is stale; `timed` says whether the
  /// frames carried real times (a recording may not).
  void report(Instant now, bool timed, DeviceReport& into) const;
  /// What the link tells of the bus; the latest counts.
  void bus(const std::optional<BusHealth>& health) { told_ = health; }
  void reset();

 private:
  [[nodiscard]] Findings findings(Instant now, bool timed) const;
  [[nodiscard]] BusHealth health() const;
  void add_consequences(Findings& found) const;
  void add_stale(Instant now, Findings& found) const;
  void judge_silence(const BusHealth& health, Findings& found) const;

  canbms::Decoder decoder_;
  Snapshot snapshot_;
  BusHealth seen_;  // by error frames
  std::optional<BusHealth> told_;
  std::uint64_t frames_ = 0;
};

}  // namespace weco
