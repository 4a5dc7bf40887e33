// SPDX-License-Identifier: Apache-2.0
#include "sim/device/can_battery.hpp"

#include <utility>

namespace weco::sim {

namespace {

constexpr std::uint32_t kInverterAlive = kCanBatteryHears[0];

constexpr bool is_battery(std::uint32_t id) {
  for (const std::uint32_t heard : kCanBatteryHears) {
    if (heard == id) return id != kInverterAlive;
  }
  return false;
}

/// The first node that says up to which voltage it may be charged: without that no inverter may use
/// a battery.
std::optional<NodePath> battery_of(const Snapshot& values) {
  for (const auto& [ref, reading] : values.readings()) {
    if (ref.id != point("charge_voltage_limit") || ref.index != 0) continue;
    if (reading.quality != Quality::NotImplemented) return ref.node;
  }
  return std::nullopt;
}

}  // namespace

const Reading* CanBattery::Source::get(const PointRef& ref) const {
  PointRef own = ref;
  own.node = battery_;
  if (const Reading* reading = values_.get(own)) return reading;
  own.node = {};
  return values_.get(own);
}

Outcome<std::unique_ptr<CanBattery>> CanBattery::make(Reactor& reactor,
                                                      std::unique_ptr<FrameLink> link,
                                                      const Snapshot& values,
                                                      const canbms::Encoder::Config& config) {
  const auto battery = battery_of(values);
  if (!battery) {
    return failure(ErrorCode::Unsupported, "this device is no battery that an inverter could ask",
                   link->describe(), "Serve a battery there, such as weco_smart.");
  }
  return std::unique_ptr<CanBattery>(
      new CanBattery(reactor, std::move(link), values, *battery, config));
}

CanBattery::CanBattery(Reactor& reactor, std::unique_ptr<FrameLink> link, const Snapshot& values,
                       NodePath battery, const canbms::Encoder::Config& config)
    : reactor_(reactor),
      link_(std::move(link)),
      source_(values, battery),
      encoder_(config, source_) {
  link_->on_readable([this] { pull(); });
  timer_ = reactor_.at(reactor_.now() + kCanListenFirst, [this] { talk(); });
}

CanBattery::~CanBattery() {
  link_->on_readable({});
  reactor_.cancel(timer_);
}

void CanBattery::pull() {
  CanFrame frame;
  while (!lost_) {
    const Outcome<bool> got = link_->receive(frame);
    if (!got) return lose(got.error());
    if (!*got) break;
    if (frame.error || frame.remote) continue;
    if (!frame.extended && is_battery(frame.id)) {
      return lose({Error{ErrorCode::Busy}, "another battery sends on this bus", link_->describe(),
                   "Serve the virtual one on a bus of its own."});
    }
    if (frame.id != kInverterAlive) continue;
    ++heard_;
    encoder_.received(frame, reactor_.now());
  }
  if (timer_ == 0 && !lost_) talk();
}

void CanBattery::talk() {
  reactor_.cancel(timer_);
  timer_ = 0;
  canbms::Encoder::Frames frames;
  encoder_.due(reactor_.now(), frames);
  for (const CanFrame& frame : frames) {
    const Done sent = link_->send(frame);
    if (!sent && sent.error().code() != ErrorCode::Full) return lose(sent.error());
    ++(sent ? sent_ : refused_);
  }
  const Instant next = encoder_.next_due();
  const bool goes_on = encoder_.talking(reactor_.now()) && next != Instant::never();
  if (goes_on) timer_ = reactor_.at(next, [this] { talk(); });
}

void CanBattery::lose(const Failure& why) {
  lost_ = true;
  link_->on_readable({});
  reactor_.cancel(timer_);
  timer_ = 0;
  if (told_) told_(why);
}

}  // namespace weco::sim
