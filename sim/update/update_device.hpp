// SPDX-License-Identifier: Apache-2.0
// A virtual device whose firmware can be updated: the core's bootloader on virtual flash, and its
// firmware answering on a link. It restarts when asked, comes back after a power cut, and a
// firmware that hangs is ended by its watchdog, all in the reactor's time.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/boot/bootloader.hpp"
#include "core/protocol/modbus_update/update_registers.hpp"
#include "core/protocol/smp/server.hpp"
#include "host/image/crypto.hpp"
#include "host/link/link.hpp"
#include "host/reactor/reactor.hpp"
#include "sim/update/uds_port.hpp"
#include "sim/update/virtual_flash.hpp"

namespace weco::sim {

struct UpdateDeviceConfig {
  std::string board = "weco_smart_r2";
  std::string serial_number = "T1";
  std::uint32_t slot_sectors = 9;
  boot::Config boot{};
  smp::ServerConfig smp{};
  uds::ServerConfig uds{};
  std::uint8_t unit = 0;  // its Modbus address on the byte link; 0: SMP is spoken there
  modbus::ServerConfig modbus{};
  Duration answer_left = Duration::ms(50);  // between the answer to a reset and the reset
  Duration boot_time = Duration::ms(800);
  Duration outage = Duration::s(3);  // a power cut lasts so long
  Duration watchdog = Duration::s(10);
};

class UpdateDevice final : public update::Target {
 public:
  /// Starts at once. `flash` and `keys` outlive the device.
  UpdateDevice(Reactor& reactor, VirtualFlash& flash, const PublicKeys& keys,
               UpdateDeviceConfig config);
  ~UpdateDevice();

  /// Speaks SMP or Modbus on this link, which outlives the device or is taken away with detach().
  void attach(ByteLink& link);
  /// Speaks UDS on this bus, likewise.
  void attach(FrameLink& bus);
  void detach();
  /// Power goes now and comes back after the outage.
  void cut_power();
  /// A firmware of this version starts and never answers.
  void hangs(image::Version version) { hangs_ = version; }

  [[nodiscard]] bool running() const { return state_ == State::Running; }
  [[nodiscard]] const boot::Boot& last_boot() const { return boot_; }
  [[nodiscard]] std::uint32_t boots() const { return boots_; }
  /// Starts that ended without a firmware that may run. Stays 0, whatever happens.
  [[nodiscard]] std::uint32_t bricked() const { return bricked_; }
  [[nodiscard]] std::uint32_t requests() const { return requests_; }

  update::Slot slot(std::size_t n) override;
  update::Refusal begin(std::uint32_t size) override;
  update::Refusal write(std::uint32_t offset, Bytes data) override;
  update::Refusal read(std::uint32_t offset, MutableBytes into) override;
  bool matches(std::uint32_t size, Bytes sha256) override;
  update::Refusal set_pending(bool permanent) override;
  update::Refusal confirm() override;
  void reset() override;
  [[nodiscard]] std::string_view board() const override { return config_.board; }
  [[nodiscard]] std::string_view serial_number() const override { return config_.serial_number; }

 private:
  enum class State : std::uint8_t { Off, Booting, Running, Hanging };
  struct Modbus {
    Modbus(const UpdateDeviceConfig& config, update::Target& target)
        : registers(config.unit, target), server(config.modbus, registers) {}
    modbus_update::UpdateRegisters registers;
    modbus::Server server;
  };
  void on_readable();
  bool serve(Responder& server, Bytes data);
  void on_frame();
  bool still_powered();
  void start_boot();
  void finish_boot();
  void off();
  void later(Duration span, void (UpdateDevice::*action)());

  Reactor& reactor_;
  VirtualFlash& flash_;
  OpensslCrypto crypto_;
  UpdateDeviceConfig config_;
  boot::Area area_;
  boot::Slots slots_;
  std::unique_ptr<smp::Server> server_;
  std::unique_ptr<UdsPort> port_;
  std::unique_ptr<Modbus> modbus_;
  ByteLink* link_ = nullptr;
  FrameLink* bus_ = nullptr;
  State state_ = State::Off;
  Reactor::TimerId timer_ = 0;
  std::optional<image::Version> hangs_;
  boot::Boot boot_;
  std::uint32_t boots_ = 0;
  std::uint32_t bricked_ = 0;
  std::uint32_t requests_ = 0;
};

}  // namespace weco::sim
