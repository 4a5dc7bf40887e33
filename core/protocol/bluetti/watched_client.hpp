// SPDX-License-Identifier: Apache-2.0
// A Modbus client on a link whose other end may speak by itself: what the module says ends the
// exchange with its reason instead of a time-out.
#pragma once

#include "core/protocol/bluetti/handshake.hpp"
#include "core/protocol/modbus/client.hpp"

namespace weco::bluetti {

class WatchedClient final : public Exchange {
 public:
  /// `inner` has the question and takes the answer; it must outlive this.
  explicit WatchedClient(modbus::Client& inner) : inner_(inner) {}

  void start(Instant now) override {
    inner_.start(now);
    judge();
  }
  [[nodiscard]] Duration quiet_before() const override { return inner_.quiet_before(); }
  [[nodiscard]] Bytes to_send() const override { return inner_.to_send(); }
  void received(Bytes data, Instant now) override {
    watch_.feed(data);
    if (!judge()) inner_.received(data, now);
  }
  void unsolicited(Bytes data, Instant /*now*/) override {
    watch_.feed(data);
    judge();
  }
  void advance(Instant now) override { inner_.advance(now); }
  void cancel() override { inner_.cancel(); }
  [[nodiscard]] Instant deadline() const override { return inner_.deadline(); }
  [[nodiscard]] State state() const override {
    return watch_.heard() == Watch::Heard::Nothing ? inner_.state() : State::Failed;
  }
  /// EncryptedLink, Disconnected (the module has lost its controller), else the client's own.
  [[nodiscard]] Error error() const override {
    switch (watch_.heard()) {
      case Watch::Heard::Challenge:
        return {ErrorCode::EncryptedLink, 0};
      case Watch::Heard::ControllerLost:
        return {ErrorCode::Disconnected, 0};
      case Watch::Heard::Nothing:
        break;
    }
    return inner_.error();
  }
  [[nodiscard]] Watch::Heard heard() const { return watch_.heard(); }

 private:
  /// True when the exchange is over because of what was heard.
  bool judge() {
    if (watch_.heard() == Watch::Heard::Nothing) return false;
    inner_.cancel();
    return true;
  }
  modbus::Client& inner_;
  Watch watch_;
};

}  // namespace weco::bluetti
