// SPDX-License-Identifier: Apache-2.0
// A master, a wire with faults and a Modbus device behind it, all in virtual time.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/protocol/modbus/client.hpp"
#include "core/protocol/modbus/server.hpp"
#include "host/link/fault_filter.hpp"
#include "host/link/loopback.hpp"
#include "host/session/session.hpp"
#include "sim/timeline/timeline.hpp"

namespace weco::test {

inline constexpr std::uint8_t kUnit = 7;
inline constexpr std::uint16_t kFirstMissing = 5000;

/// Register n holds n + 1; from kFirstMissing on there is nothing.
class CountingRegisters final : public modbus::Registers {
 public:
  [[nodiscard]] bool serves(std::uint8_t unit) const override { return unit == kUnit; }
  Status read_registers(std::uint8_t, modbus::RegisterTable, std::uint16_t address,
                        modbus::RegisterSink out) override {
    ++reads;
    if (address >= kFirstMissing) return modbus::refuse(modbus::ExceptionCode::IllegalAddress);
    for (std::size_t i = 0; i < out.size(); ++i) {
      out.set(i, static_cast<std::uint16_t>(address + i + 1));
    }
    return {};
  }
  int reads = 0;
};

/// Answers on a link as soon as bytes arrive.
class ServedDevice {
 public:
  ServedDevice(Reactor& reactor, ByteLink& link)
      : server_({modbus::Framing::Rtu, link.traits().bits_per_second}, registers) {
    link.on_readable([this, &reactor, &link] {
      std::array<std::uint8_t, 256> room{};
      while (true) {
        const Outcome<std::size_t> got = link.read(room);
        if (!got || *got == 0) return;
        const Bytes answer = server_.respond(Bytes(room).first(*got), reactor.now());
        if (!answer.empty()) static_cast<void>(link.write(answer).has_value());
      }
    });
  }
  CountingRegisters registers;

 private:
  modbus::Server server_;
};

struct BenchOptions {
  LoopbackOptions line{};
  FaultPlan out{};
  FaultPlan in{};
  std::uint8_t tries = 3;
};

class Bench {
 public:
  explicit Bench(BenchOptions options = {}, EventSink* events = nullptr)
      : wire(time, options.line),
        device(time, wire.b()),
        faulty(time, wire.a(), options.out, options.in),
        session(std::make_unique<Session>(time, faulty, Session::Options{options.tries}, events)) {}

  modbus::ClientConfig config() const {
    modbus::ClientConfig c;
    c.unit = kUnit;
    c.baud = wire_speed();
    return c;
  }
  std::uint32_t wire_speed() const { return faulty.traits().bits_per_second; }

  sim::Timeline time;
  LoopbackPair wire;
  ServedDevice device;
  FaultyByteLink faulty;
  std::unique_ptr<Session> session;
};

/// A client with its question set, and what became of it.
struct Question {
  Question(const modbus::ClientConfig& config, std::uint16_t address, std::size_t count = 4)
      : client(config), first(address) {
    client.set_request(*modbus::Request::read_holding_registers(address, count));
  }
  Session::Completion done() {
    return [this](Status status) {
      ++completions;
      outcome = status;
    };
  }
  [[nodiscard]] bool right() const {
    const modbus::Response answer = client.response();
    const modbus::RegisterView values = answer.registers();
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i] != first + i + 1) return false;
    }
    return values.size() > 0;
  }
  modbus::Client client;
  std::uint16_t first;
  int completions = 0;
  std::optional<Status> outcome;
};

}  // namespace weco::test
