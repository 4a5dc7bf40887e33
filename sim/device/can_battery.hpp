// SPDX-License-Identifier: Apache-2.0
// A virtual battery on a CAN bus: the frames 0x35x of the values that a virtual device has at the
// moment, in their rhythm. It is not asked, it talks; what it hears is the inverter's 0x305. Where
// another battery talks already it keeps silent: an inverter must not be told two stories.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "core/protocol/canbms/encoder.hpp"
#include "host/link/link.hpp"
#include "host/reactor/reactor.hpp"
#include "host/snapshot/snapshot.hpp"

namespace weco::sim {

/// For so long it only listens; other batteries send once a second.
inline constexpr Duration kCanListenFirst = Duration::ms(1500);
/// All that it listens to: the inverter's sign of life (with 11 or 29 bits), and other batteries.
inline constexpr std::uint32_t kCanBatteryHears[] = {0x305, 0x351, 0x355, 0x356};

class CanBattery {
 public:
  /// Unsupported when no node of the device is a battery that says how it may be charged. `values`
  /// and `reactor` must outlive this.
  static Outcome<std::unique_ptr<CanBattery>> make(Reactor& reactor,
                                                   std::unique_ptr<FrameLink> link,
                                                   const Snapshot& values,
                                                   const canbms::Encoder::Config& config);
  ~CanBattery();
  CanBattery(const CanBattery&) = delete;
  CanBattery& operator=(const CanBattery&) = delete;

  /// Called once, when the bus is gone or another battery is on it (Busy); from then on this one is
  /// silent.
  void on_lost(std::function<void(const Failure&)> action) { told_ = std::move(action); }
  /// Frames that the bus took.
  [[nodiscard]] std::uint64_t sent() const { return sent_; }
  /// Frames that it did not take, because nobody acknowledged the ones before.
  [[nodiscard]] std::uint64_t refused() const { return refused_; }
  /// The inverter's signs of life.
  [[nodiscard]] std::uint64_t heard() const { return heard_; }

 private:
  /// The battery's own values, else the device's (maker, model).
  class Source final : public ReadingSource {
   public:
    Source(const Snapshot& values, NodePath battery) : values_(values), battery_(battery) {}
    [[nodiscard]] const Reading* get(const PointRef& ref) const override;

   private:
    const Snapshot& values_;
    NodePath battery_;
  };

  CanBattery(Reactor& reactor, std::unique_ptr<FrameLink> link, const Snapshot& values,
             NodePath battery, const canbms::Encoder::Config& config);
  void pull();
  void talk();
  void lose(const Failure& why);

  Reactor& reactor_;
  std::unique_ptr<FrameLink> link_;
  Source source_;
  canbms::Encoder encoder_;
  std::function<void(const Failure&)> told_;
  Reactor::TimerId timer_ = 0;
  bool lost_ = false;
  std::uint64_t sent_ = 0;
  std::uint64_t refused_ = 0;
  std::uint64_t heard_ = 0;
};

}  // namespace weco::sim
