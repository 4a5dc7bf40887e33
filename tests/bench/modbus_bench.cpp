// SPDX-License-Identifier: Apache-2.0
// How fast Modbus frames are understood, in frames per second (items).
#include <benchmark/benchmark.h>

#include <array>

#include "core/base/crc.hpp"
#include "core/protocol/modbus/client.hpp"
#include "core/protocol/modbus/server.hpp"

namespace {

using namespace weco;
using namespace weco::modbus;

constexpr std::size_t kRegisters = 50;

class Device final : public Registers {
 public:
  bool serves(std::uint8_t) const override { return true; }
  Status read_registers(std::uint8_t, RegisterTable, std::uint16_t address,
                        RegisterSink out) override {
    for (std::size_t i = 0; i < out.size(); ++i) {
      out.set(i, static_cast<std::uint16_t>(address + 31 * i));
    }
    return {};
  }
};

struct Frames {
  Frames() {
    Device device;
    std::array<std::uint8_t, kPduMax> pdu{};
    const std::size_t size = answer_pdu(device, 1, request.pdu(), pdu);
    answer_size = encode_frame(Framing::Rtu, {1, 0, Bytes(pdu).first(size)}, answer);
    asked_size = encode_frame(Framing::Rtu, {1, 0, request.pdu()}, asked);
  }
  Request request = *Request::read_holding_registers(0x4000, kRegisters);
  std::array<std::uint8_t, kFrameMax> asked{};
  std::size_t asked_size = 0;
  std::array<std::uint8_t, kFrameMax> answer{};
  std::size_t answer_size = 0;
};

void rate(benchmark::State& state) {
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}

/// CRC, layout against the request, and each of the 50 registers.
void rtu_answer_decode(benchmark::State& state) {
  Frames frames;
  for (auto _ : state) {
    benchmark::DoNotOptimize(frames.answer.data());
    benchmark::ClobberMemory();
    const auto frame = decode_frame(Framing::Rtu, Bytes(frames.answer).first(frames.answer_size));
    const auto answer = decode_response(frames.request, frame->pdu);
    const RegisterView registers = answer->registers();
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < registers.size(); ++i) sum += registers[i];
    benchmark::DoNotOptimize(sum);
  }
  rate(state);
}
BENCHMARK(rtu_answer_decode);

/// A whole exchange at the client, from start() to the last register.
void rtu_client_exchange(benchmark::State& state) {
  Frames frames;
  Client client({.baud = 9600});
  client.set_request(frames.request);
  for (auto _ : state) {
    client.start(Instant());
    client.received(Bytes(frames.answer).first(frames.answer_size), Instant());
    const RegisterView registers = client.response().registers();
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < registers.size(); ++i) sum += registers[i];
    benchmark::DoNotOptimize(sum);
  }
  rate(state);
}
BENCHMARK(rtu_client_exchange);

void rtu_server_answer(benchmark::State& state) {
  Frames frames;
  Device device;
  Server server({}, device);
  for (auto _ : state) {
    const Bytes out = server.respond(Bytes(frames.asked).first(frames.asked_size), Instant());
    benchmark::DoNotOptimize(out.data());
  }
  rate(state);
}
BENCHMARK(rtu_server_answer);

/// The worst a line can do: nothing but bytes that may begin a frame. Items are bytes.
void client_garbage(benchmark::State& state) {
  Frames frames;
  Client client;
  client.set_request(frames.request);
  std::array<std::uint8_t, 256> garbage{};
  for (std::size_t i = 0; i < garbage.size(); ++i) garbage[i] = i % 2 == 0 ? 1 : 3;
  client.start(Instant());
  for (auto _ : state) client.received(garbage, Instant());
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * 256);
}
BENCHMARK(client_garbage);

void crc_of_a_frame(benchmark::State& state) {
  std::array<std::uint8_t, 256> data{};
  const auto size = static_cast<std::size_t>(state.range(0));
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::uint8_t>(37 * i);
  for (auto _ : state) {
    benchmark::DoNotOptimize(data.data());
    benchmark::ClobberMemory();
    benchmark::DoNotOptimize(crc16_modbus(Bytes(data).first(size)));
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * state.range(0));
}
BENCHMARK(crc_of_a_frame)->Arg(6)->Arg(103)->Arg(254);

}  // namespace
