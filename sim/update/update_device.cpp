// SPDX-License-Identifier: Apache-2.0
#include "sim/update/update_device.hpp"

#include <array>
#include <utility>
#include <vector>

namespace weco::sim {
namespace {

update::Refusal refusal_of(boot::SlotError error) {
  switch (error) {
    case boot::SlotError::None:
      return update::Refusal::None;
    case boot::SlotError::WayBack:
      return update::Refusal::NoFreeSlot;
    case boot::SlotError::TooLarge:
      return update::Refusal::TooLarge;
    case boot::SlotError::Range:
      return update::Refusal::Range;
    case boot::SlotError::Flash:
      return update::Refusal::Flash;
    case boot::SlotError::NoImage:
      return update::Refusal::NoImage;
    case boot::SlotError::State:
      break;
  }
  return update::Refusal::State;
}

bool is_hash(const image::Tlv& entry) {
  return entry.is(image::TlvType::Sha256) || entry.is(image::TlvType::Sha384) ||
         entry.is(image::TlvType::Sha512);
}

}  // namespace

UpdateDevice::UpdateDevice(Reactor& reactor, VirtualFlash& flash, const PublicKeys& keys,
                           UpdateDeviceConfig config)
    : reactor_(reactor),
      flash_(flash),
      crypto_(keys),
      config_(std::move(config)),
      area_{flash.flash(), config_.slot_sectors},
      slots_(area_) {
  start_boot();
}

UpdateDevice::~UpdateDevice() {
  detach();
  reactor_.cancel(timer_);
}

void UpdateDevice::attach(FrameLink& bus) {
  if (bus_ != nullptr) bus_->on_readable({});
  bus_ = &bus;
  bus_->on_readable([this] { on_frame(); });
}

void UpdateDevice::attach(ByteLink& link) {
  if (link_ != nullptr) link_->on_readable({});
  link_ = &link;
  link_->on_readable([this] { on_readable(); });
}

void UpdateDevice::detach() {
  if (link_ != nullptr) link_->on_readable({});
  if (bus_ != nullptr) bus_->on_readable({});
  link_ = nullptr;
  bus_ = nullptr;
}

/// After anything that may have touched the flash.
bool UpdateDevice::still_powered() {
  if (flash_.powered()) return true;
  later(Duration{}, &UpdateDevice::cut_power);
  return false;
}

void UpdateDevice::on_frame() {
  CanFrame frame;
  while (bus_ != nullptr) {
    const auto got = bus_->receive(frame);
    if (!got || !*got) return;
    if (port_ == nullptr || !flash_.powered()) continue;
    const std::uint32_t before = port_->requests();
    static_cast<void>(port_->take(frame));
    requests_ += port_->requests() - before;
  }
}

void UpdateDevice::later(Duration span, void (UpdateDevice::*action)()) {
  reactor_.cancel(timer_);
  timer_ = reactor_.at(reactor_.now() + span, [this, action] {
    timer_ = 0;
    (this->*action)();
  });
}

void UpdateDevice::off() {
  state_ = State::Off;
  server_.reset();  // what was in memory is gone
  port_.reset();
  modbus_.reset();
}

void UpdateDevice::cut_power() {
  off();
  later(config_.outage, &UpdateDevice::start_boot);
}

void UpdateDevice::start_boot() {
  off();
  flash_.power_on();
  state_ = State::Booting;
  later(config_.boot_time, &UpdateDevice::finish_boot);
}

void UpdateDevice::finish_boot() {
  boot::Bootloader loader(area_, config_.boot, crypto_);
  const auto booted = loader.boot();
  if (!flash_.powered()) return cut_power();
  ++boots_;
  if (!booted || !booted->runs) {
    ++bricked_;
    return off();
  }
  boot_ = *booted;
  slots_ = boot::Slots(area_);
  if (hangs_ && boot_.version == *hangs_) {
    state_ = State::Hanging;
    return later(config_.watchdog, &UpdateDevice::start_boot);
  }
  if (config_.unit == 0) {
    server_ = std::make_unique<smp::Server>(config_.smp, *this);
  } else {
    modbus_ = std::make_unique<Modbus>(config_, *this);
  }
  if (bus_ != nullptr) {
    port_ = std::make_unique<UdsPort>(reactor_, *bus_, config_.uds, *this,
                                      [this] { return still_powered(); });
  }
  state_ = State::Running;
}

void UpdateDevice::on_readable() {
  std::array<std::uint8_t, 2048> room{};
  while (link_ != nullptr) {
    const auto got = link_->read(room);
    if (!got || *got == 0) return;
    if (state_ != State::Running) continue;
    const Bytes data = Bytes(room).first(*got);
    if (modbus_) {
      const std::uint32_t before = modbus_->server.counters().requests;
      // Several requests in a lump are answered over several calls.
      for (Bytes rest = data; serve(modbus_->server, rest) && flash_.powered(); rest = {}) {
      }
      if (modbus_) requests_ += modbus_->server.counters().requests - before;
    } else {
      const std::uint32_t before = server_->requests();
      serve(*server_, data);
      if (server_) requests_ += server_->requests() - before;
    }
    if (!flash_.powered()) cut_power();
  }
}

/// False when it had nothing to say.
bool UpdateDevice::serve(Responder& server, Bytes data) {
  const Bytes answer = server.respond(data, reactor_.now());
  if (answer.empty() || !flash_.powered()) return false;
  static_cast<void>(link_->write(answer).has_value());  // a cut wire is the asker's trouble
  return true;
}

update::Slot UpdateDevice::slot(std::size_t n) {
  update::Slot slot;
  const auto index = static_cast<std::uint32_t>(n);
  const auto layout = slots_.layout(index);
  if (!layout) return slot;
  boot::SlotSource source{&area_, index};
  for (const image::Tlv& entry : layout->tlvs.view()) {
    std::array<std::uint8_t, image::kHashMax> hash{};
    if (!is_hash(entry) || entry.length > hash.size() || !slot.hash.empty()) continue;
    const MutableBytes data = MutableBytes(hash).first(entry.length);
    if (!image::read_tlv(source.source(), entry, data)) continue;
    for (const std::uint8_t byte : data) slot.valid = slot.hash.push_back(byte);
  }
  slot.version = layout->version;
  slot.active = n == 0;
  // On trial, the spare slot is the one that stays after a reset.
  slot.confirmed = n == 0 ? slots_.confirmed() : !slots_.confirmed();
  slot.pending = n == 1 && slots_.pending();
  slot.permanent = n == 1 && slots_.permanent();
  return slot;
}

update::Refusal UpdateDevice::begin(std::uint32_t size) { return refusal_of(slots_.begin(size)); }

update::Refusal UpdateDevice::write(std::uint32_t offset, Bytes data) {
  return refusal_of(slots_.write(offset, data));
}

update::Refusal UpdateDevice::read(std::uint32_t offset, MutableBytes into) {
  boot::SlotSource spare{&area_, 1};
  const image::Source source = spare.source();
  return source.read(source.context, offset, into) ? update::Refusal::None : update::Refusal::Flash;
}

bool UpdateDevice::matches(std::uint32_t size, Bytes wanted) {
  boot::SlotSource spare{&area_, 1};
  const image::Source source = spare.source();
  std::vector<std::uint8_t> bytes(size <= source.size ? size : 0);
  if (bytes.empty() || !source.read(source.context, 0, bytes)) return false;
  const Sha256 have = sha256(bytes);
  return std::equal(have.begin(), have.end(), wanted.begin(), wanted.end());
}

update::Refusal UpdateDevice::set_pending(bool permanent) {
  return refusal_of(slots_.set_pending(permanent));
}

update::Refusal UpdateDevice::confirm() { return refusal_of(slots_.confirm()); }

void UpdateDevice::reset() { later(config_.answer_left, &UpdateDevice::start_boot); }

}  // namespace weco::sim
