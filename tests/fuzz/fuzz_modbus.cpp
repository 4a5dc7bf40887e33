// SPDX-License-Identifier: Apache-2.0
// Arbitrary bytes, cut arbitrarily, into everything that reads Modbus: no crash, no over-read, no
// endless loop, and no answer that its own request would not accept.
#include <array>
#include <cstdlib>

#include "core/protocol/modbus/client.hpp"
#include "core/protocol/modbus/server.hpp"
#include "core/protocol/modbus/sniffer.hpp"

namespace {

using namespace weco;
using namespace weco::modbus;

void require(bool promise) {
  if (!promise) std::abort();
}

/// A device that has everything and touches every byte it is given.
class Everything final : public Registers {
 public:
  bool serves(std::uint8_t unit) const override { return unit % 2 == 1; }
  Status read_bits(std::uint8_t, BitTable, std::uint16_t address, BitSink out) override {
    for (std::size_t i = 0; i < out.size(); ++i) out.set(i, (address + i) % 3 == 0);
    return {};
  }
  Status write_coils(std::uint8_t, std::uint16_t, BitView values) override {
    for (std::size_t i = 0; i < values.size(); ++i) sum_ += values[i] ? 1U : 0U;
    return {};
  }
  Status read_registers(std::uint8_t, RegisterTable, std::uint16_t address,
                        RegisterSink out) override {
    for (std::size_t i = 0; i < out.size(); ++i) out.set(i, static_cast<std::uint16_t>(address));
    return {};
  }
  Status write_registers(std::uint8_t, std::uint16_t, RegisterView values) override {
    for (std::size_t i = 0; i < values.size(); ++i) sum_ += values[i];
    return {};
  }
  Status read_file(std::uint8_t, std::uint16_t file, std::uint16_t, RegisterSink out) override {
    for (std::size_t i = 0; i < out.size(); ++i) out.set(i, file);
    return {};
  }
  Status write_file(std::uint8_t, std::uint16_t, std::uint16_t, RegisterView values) override {
    for (std::size_t i = 0; i < values.size(); ++i) sum_ += values[i];
    return {};
  }
  Result<Bytes> identification(std::uint8_t, std::uint8_t object) override {
    if (object > 2 && object != 0x80) return fail(ErrorCode::NotFound);
    return Bytes(kText);
  }

 private:
  static constexpr std::array<std::uint8_t, 3> kText{'a', 'b', 'c'};
  std::size_t sum_ = 0;
};

class Reader final : public SnifferSink {
 public:
  void on_pair(std::uint8_t, const Request& request, const Result<Response>& answer, Instant,
               Instant) override {
    require(!request.empty());
    if (answer) require(answer->function() == request.function());
  }
};

void touch(const Response& response) {
  std::size_t sum = 0;
  switch (response.function()) {
    case Function::ReadCoils:
    case Function::ReadDiscreteInputs:
      for (std::size_t i = 0; i < response.bits().size(); ++i) sum += response.bits()[i] ? 1U : 0U;
      break;
    case Function::ReadHoldingRegisters:
    case Function::ReadInputRegisters:
    case Function::ReadWriteRegisters:
      for (std::size_t i = 0; i < response.registers().size(); ++i) sum += response.registers()[i];
      break;
    case Function::ReadFileRecord:
      for (std::size_t i = 0; i < response.file_record_count(); ++i) {
        sum += response.file_record(i).size();
      }
      break;
    case Function::ReadDeviceIdentification:
      for (std::size_t i = 0; i < response.device_id().size(); ++i) {
        sum += response.device_id()[i].value.size();
      }
      static_cast<void>(next_device_id_request(response.device_id()));
      break;
    default:
      break;
  }
  static_cast<void>(sum);
}

/// The client asks what the first bytes say and is fed the rest.
void fuzz_client(Framing framing, Bytes request_pdu, Bytes data, std::size_t piece) {
  const auto request = Request::from_pdu(request_pdu);
  if (!request) return;
  Client client({.framing = framing, .unit = data.empty() ? std::uint8_t{1} : data[0]});
  client.set_request(*request);
  Instant now = Instant::from_us(0);
  client.start(now);
  while (!data.empty()) {
    const std::size_t n = piece < data.size() ? piece : data.size();
    client.received(data.first(n), now = now + Duration::ms(static_cast<std::int64_t>(n)));
    data = data.subspan(n);
  }
  client.advance(client.deadline());
  require(client.state() == Exchange::State::Done || client.state() == Exchange::State::Failed);
  if (client.state() == Exchange::State::Done && !client.is_broadcast()) touch(client.response());
}

/// What a server answers to a good request must be an answer to it.
void fuzz_round_trip(Bytes request_pdu) {
  const auto request = Request::from_pdu(request_pdu);
  if (!request) return;
  Everything device;
  std::array<std::uint8_t, kPduMax> out{};
  const std::size_t size = answer_pdu(device, 1, request->pdu(), out);
  const auto answer = decode_response(*request, Bytes(out).first(size));
  require(answer || answer.error().code == ErrorCode::DeviceException);
  if (answer) touch(*answer);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size < 4 || size > 4096) return 0;
  const Bytes data(bytes, size);
  const auto framing = static_cast<Framing>(data[0] % 3);
  const std::size_t piece = 1U + data[1] % 64U;
  const std::size_t request_size = data[2] < size - 3 ? data[2] : size - 3;
  const Bytes request = data.subspan(3, request_size);
  const Bytes rest = data.subspan(3 + request_size);
  fuzz_round_trip(request);
  fuzz_client(framing, request, rest, piece);
  Everything device;
  Server server({.framing = framing, .hears_itself = data[1] >= 0x80}, device);
  Reader reader;
  Sniffer sniffer(reader);
  Instant now;
  for (Bytes left = data; !left.empty();) {
    const std::size_t n = piece < left.size() ? piece : left.size();
    now = now + Duration::ms(static_cast<std::int64_t>(n));
    require(server.respond(left.first(n), now).size() <= 4 * kFrameMax);
    sniffer.feed(left.first(n), now);
    left = left.subspan(n);
  }
  sniffer.flush();
  return 0;
}
