// SPDX-License-Identifier: Apache-2.0
// Arbitrary bytes on WeCo's service line, at both ends: the battery is silent without the key and
// answers reads only, the host always comes to an end.
#include <algorithm>

#include "core/protocol/modbus/client.hpp"
#include "core/protocol/weco_service/key.hpp"

using namespace weco;

namespace {

class Battery final : public modbus::Registers {
 public:
  bool serves(std::uint8_t unit) const override { return unit == 1; }
  Status read_registers(std::uint8_t, modbus::RegisterTable, std::uint16_t address,
                        modbus::RegisterSink out) override {
    for (std::size_t i = 0; i < out.size(); ++i) out.set(i, address);
    return {};
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Bytes bytes(data + 1, size - 1);
  const std::size_t split = data[0] % (bytes.size() + 1);
  Battery battery;
  modbus::Server inner({.framing = modbus::Framing::WecoService}, battery);
  weco_service::KeyedServer server(inner);
  if ((data[0] & 1U) != 0) {
    const auto key = weco_service::key_message();
    WECO_ASSERT(server.respond(key, {}).size() == weco_service::kKeyAnswerSize);
  }
  static_cast<void>(server.respond(bytes.first(split), {}));
  static_cast<void>(server.respond(bytes.subspan(split), {}));

  weco_service::KeyExchange key;
  key.start({});
  key.received(bytes.first(split), {});
  key.received(bytes.subspan(split), {});
  key.advance(key.deadline());
  WECO_ASSERT(key.state() != Exchange::State::Waiting);

  modbus::Client client({.framing = modbus::Framing::WecoService, .echo = modbus::Echo::Absent});
  client.set_request(*modbus::Request::read_holding_registers(1, 38));
  client.start({});
  client.received(bytes, {});
  if (client.state() == Exchange::State::Waiting) client.advance(client.deadline());
  WECO_ASSERT(client.state() != Exchange::State::Waiting);
  return 0;
}
