// SPDX-License-Identifier: Apache-2.0
// One connection to one device, from finding it to losing it: adapter, discovery, Connect,
// services, pairing when asked for, notifications and writes. A sequence of replies with a deadline
// each; it runs in the reactor and tells its owner what happens, always from the reactor.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/base/bytes.hpp"
#include "host/reactor/reactor.hpp"
#include "transports/ble/bluez.hpp"
#include "transports/ble/services.hpp"

namespace weco::transports::ble {

/// What to connect to. Exactly one of address and name is given.
struct Target {
  std::string address;  // "AA:BB:CC:DD:EE:FF"
  std::string name;     // as advertised
  std::string adapter;  // "hci0"; empty: the first that is on
  std::string service;  // full UUIDs; empty: whichever of kByteServices is there
  std::string notify;
  std::string write;
  bool pair = false;
  Patience patience;
  std::string rfkill_folder = "/sys/class/rfkill";
};

/// Payload of a packet without negotiation: ATT's default of 23 less the header (Core 5.4,
/// F 3.2.8).
inline constexpr std::size_t kAttHeader = 3;
inline constexpr std::uint16_t kMtuDefault = 23;
inline constexpr std::uint16_t kMtuMax = 517;
/// Packets that wait until BlueZ takes them; beyond it send() fails with Full.
inline constexpr std::size_t kPacketsWaitingMax = 1024;

class Attachment final : private BluezObserver {
 public:
  struct Events {
    std::function<void(Done)> ready;         // once
    std::function<void(ByteBuffer)> packet;  // one notification
    std::function<void(Failure)> lost;       // once, after ready(ok)
  };
  /// Calls of Events may not destroy the attachment; they may note that somebody else shall.
  Attachment(Reactor& reactor, Target target, Events events);
  ~Attachment() override;
  Attachment(const Attachment&) = delete;
  Attachment& operator=(const Attachment&) = delete;

  void start();
  /// Queues one packet of at most payload() bytes.
  Done send(Bytes packet);

  [[nodiscard]] std::size_t payload() const { return mtu_ - kAttHeader; }
  [[nodiscard]] std::uint16_t mtu() const { return mtu_; }
  /// As last heard; nullopt when the adapter does not say.
  [[nodiscard]] std::optional<std::int16_t> rssi() const { return rssi_; }
  [[nodiscard]] const std::string& where() const { return where_; }

 private:
  enum class Step : std::uint8_t {
    Start,
    Discover,
    Connect,
    Services,
    Pair,
    Attach,
    Ready,
    Lost,
    Failed
  };
  void changed(const std::string& path, const std::string& interface, const Dict& changed) override;
  void bluez_gone() override;

  void call(const std::string& path, const std::string& interface, const std::string& method,
            Values args, Duration deadline, std::function<void(const Reply&)> done);
  void fail(Failure why);
  void lose(Failure why);
  void lose_soon();
  void decide_loss();
  void set_deadline(Duration length, std::function<void()> action);
  void clear_deadline();
  [[nodiscard]] bool ended() const { return step_ == Step::Lost || step_ == Step::Failed; }

  void loaded();
  [[nodiscard]] std::string find_device() const;
  void discover();
  void stop_discovery(std::function<void()> then);
  void found(const std::string& path);
  void approach();
  void connect();
  void connected(const Reply& reply);
  void wait_for_services();
  void services_known();
  void pair();
  void register_agent(std::function<void()> then);
  void attach();
  bool choose_service();
  [[nodiscard]] std::string characteristic(const std::string& service, std::string_view uuid) const;
  void acquire_notify();
  void start_notify();
  void acquire_write();
  void prepare_write();
  void ready();
  std::optional<int> take_pipe(const Reply& reply);
  void read_pipe();
  void flush();
  void flush_pipe();
  void write_value();
  void note_signal();

  Reactor& reactor_;
  Target target_;
  Events events_;
  std::string where_;
  std::unique_ptr<Bluez> bluez_;
  std::unique_ptr<Exported> agent_;
  Step step_ = Step::Start;
  std::string adapter_;
  std::string device_;
  std::string notify_;
  std::string write_;
  int connect_tries_ = 0;
  bool discovering_ = false;
  bool leaving_ = false;  // somebody's link is there, and may be about to end
  bool ours_ = false;     // we connected it, so we disconnect it
  int notify_fd_ = -1;
  int write_fd_ = -1;
  bool writing_ = false;  // a WriteValue is under way
  bool with_response_ = false;
  std::uint16_t mtu_ = kMtuDefault;
  std::optional<std::int16_t> rssi_;
  std::deque<ByteBuffer> outbox_;
  Reactor::TimerId deadline_ = 0;
  Reactor::TimerId pause_ = 0;
};

}  // namespace weco::transports::ble
