// SPDX-License-Identifier: Apache-2.0
// A host that updates a virtual device over a wire that can be cut, in virtual time. The host can
// die, the wire can break and the device can lose power, each at a chosen moment.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "host/link/loopback.hpp"
#include "host/session/session.hpp"
#include "host/update/modbus_updater.hpp"
#include "host/update/procedure.hpp"
#include "host/update/smp_updater.hpp"
#include "host/update/uds_updater.hpp"
#include "sim/timeline/timeline.hpp"
#include "sim/update/update_device.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/image_maker.hpp"

namespace weco::test {

inline constexpr image::Version kOldVersion{1, 2, 0, 0};
inline constexpr image::Version kNewVersion{1, 3, 0, 0};

inline image::Uuid vendor() { return uuid5(kUuidDns, "example.org"); }
inline image::Uuid board_class() { return uuid5(vendor(), "weco_smart_r2"); }

inline Firmware firmware_of(image::Version version, std::uint32_t payload) {
  auto parsed = parse_firmware(make_image({.version = version,
                                           .payload_bytes = payload,
                                           .seed = version.minor,
                                           .vendor_id = vendor(),
                                           .class_id = board_class()}),
                               "new.bin");
  REQUIRE(parsed);
  return std::move(*parsed);
}

inline const PublicKeys& trusted() {
  static const PublicKeys keys = [] {
    PublicKeys made;
    REQUIRE(made.add_ed25519(test_key(), "test"));
    return made;
  }();
  return keys;
}

/// What a killed process leaves behind: nothing.
struct HostDied {};

/// Counts what the host puts on a wire and strikes at the number that was chosen.
struct Blow {
  std::size_t writes = 0;
  std::size_t dies_at = 0;
  std::size_t strikes_at = 0;
  std::function<void()> strike;
  std::function<void()> lost;

  template <class Send>
  Done pass(Send send) {
    ++writes;
    if (writes == dies_at) throw HostDied{};
    Done done = send();
    if (writes == strikes_at && strike) strike();
    return done;
  }
};

/// The host's end of a line, and of a bus.
class StruckLink final : public ByteLink {
 public:
  StruckLink(ByteLink& inner, Blow& blow) : inner_(inner), blow_(blow) {}
  Done write(Bytes data) override {
    return blow_.pass([&] { return inner_.write(data); });
  }
  Outcome<std::size_t> read(MutableBytes room) override {
    auto got = inner_.read(room);
    if (!got && blow_.lost) blow_.lost();
    return got;
  }
  void on_readable(std::function<void()> action) override { inner_.on_readable(std::move(action)); }
  Done configure(const LineSettings& settings) override { return inner_.configure(settings); }
  [[nodiscard]] LinkTraits traits() const override { return inner_.traits(); }
  [[nodiscard]] std::string describe() const override { return inner_.describe(); }

 private:
  ByteLink& inner_;
  Blow& blow_;
};

class StruckBus final : public FrameLink {
 public:
  StruckBus(FrameLink& inner, Blow& blow) : inner_(inner), blow_(blow) {}
  Done send(const CanFrame& frame) override {
    return blow_.pass([&] { return inner_.send(frame); });
  }
  Outcome<bool> receive(CanFrame& frame) override { return inner_.receive(frame); }
  void on_readable(std::function<void()> action) override { inner_.on_readable(std::move(action)); }
  [[nodiscard]] std::string describe() const override { return inner_.describe(); }

 private:
  FrameLink& inner_;
  Blow& blow_;
};

enum class Talk : std::uint8_t { Smp, Uds, Modbus };

/// Of the device, when Modbus is spoken.
inline constexpr std::uint8_t kUnit = 7;

struct UpdateBenchOptions {
  std::uint32_t sector_bytes = 512;
  std::uint32_t slot_sectors = 9;
  std::uint32_t payload = 2800;
  LoopbackOptions line{};
  sim::UpdateDeviceConfig device{};
  Talk talk = Talk::Smp;
  std::uint32_t bus_bits_per_second = 0;
};

class UpdateBench {
 public:
  explicit UpdateBench(UpdateBenchOptions options = {})
      : firmware(firmware_of(kNewVersion, options.payload)),
        flash({options.sector_bytes, 2 * options.slot_sectors + boot::kExtraSectors, 0}),
        wire(time, options.line),
        bus(time, {.bits_per_second = options.bus_bits_per_second}),
        host_node(bus.join("host")),
        device_node(bus.join("device")),
        link(wire.a(), blow),
        struck_bus(*host_node, blow),
        talk(options.talk) {
    options.device.slot_sectors = options.slot_sectors;
    options.device.boot.class_id = board_class();
    if (talk == Talk::Modbus) options.device.unit = kUnit;
    flash.preload(0, firmware_of(kOldVersion, 2000).bytes);
    device = std::make_unique<sim::UpdateDevice>(time, flash, trusted(), options.device);
    device->attach(wire.b());
    device->attach(*device_node);
    time.leap(Duration::s(2));
  }

  /// One run of the procedure; a dead host ends it without a word.
  Outcome<FlashEnd> run(const std::function<Done(const UpdateState&)>& healthy = {}) {
    FlashHooks hooks;
    hooks.journal = [this](const FlashEntry& entry) -> Done {
      journal.push_back(entry);
      return {};
    };
    hooks.healthy = healthy;
    hooks.progress = [this](const UpdateProgress& figures) { progress = figures; };
    const FlashJob job{&firmware, "T1", {}, !journal.empty(), Duration::s(60)};
    try {
      if (talk == Talk::Uds) {
        UdsUpdater updater(time, struck_bus);
        return flash_once(updater, job, hooks);
      }
      Session session(time, link);
      if (talk == Talk::Modbus) {
        ModbusUpdater updater(session, {.unit = kUnit});
        return flash_once(updater, job, hooks);
      }
      SmpUpdater updater(session);
      return flash_once(updater, job, hooks);
    } catch (const HostDied&) {
      return failure(ErrorCode::Interrupted, "killed");
    }
  }

  void cut() {
    wire.line().cut();
    bus.cut();
  }
  void mend() {
    wire.line().mend();
    bus.mend();
  }
  [[nodiscard]] bool holds_new() { return has_new(device->slot(0)) || has_new(device->slot(1)); }
  [[nodiscard]] bool has_new(const update::Slot& slot) const {
    const auto hash = hash_of(firmware);
    const auto have = slot.hash.view();
    return slot.valid && std::equal(have.begin(), have.end(), hash.begin(), hash.end());
  }
  /// The last line of the journal against the device, once it has come to rest.
  void journal_is_true() {
    if (journal.empty()) return;
    const FlashStage stage = journal.back().stage;
    CAPTURE(name(stage));
    if (stage >= FlashStage::Uploaded && stage <= FlashStage::Confirmed) CHECK(holds_new());
    if (stage == FlashStage::Confirmed) {
      CHECK(has_new(device->slot(0)));
      CHECK(device->slot(0).confirmed);
    }
    if (stage == FlashStage::Reverted || stage == FlashStage::Refused) {
      CHECK_FALSE(has_new(device->slot(0)));
    }
  }
  [[nodiscard]] bool done() {
    return device->running() && has_new(device->slot(0)) && device->slot(0).confirmed;
  }

  sim::Timeline time;
  Firmware firmware;
  sim::VirtualFlash flash;
  LoopbackPair wire;
  LoopbackBus bus;
  std::unique_ptr<FrameLink> host_node;
  std::unique_ptr<FrameLink> device_node;
  Blow blow;
  StruckLink link;
  StruckBus struck_bus;
  Talk talk;
  std::unique_ptr<sim::UpdateDevice> device;
  std::vector<FlashEntry> journal;
  UpdateProgress progress;

 private:
  static Outcome<FlashEnd> flash_once(Updater& updater, const FlashJob& job,
                                      const FlashHooks& hooks) {
    return weco::flash(updater, job, hooks);
  }
};

}  // namespace weco::test
