// SPDX-License-Identifier: Apache-2.0
// Arbitrary bytes at an SMP server and at a client that waits, in both framings. The server never
// writes outside what was begun.
#include <algorithm>

#include "core/protocol/smp/messages.hpp"
#include "core/protocol/smp/server.hpp"

namespace {

class Watched final : public weco::update::Target {
 public:
  weco::update::Slot slot(std::size_t) override { return {}; }
  weco::update::Refusal begin(std::uint32_t size) override {
    size_ = size;
    return weco::update::Refusal::None;
  }
  weco::update::Refusal write(std::uint32_t offset, weco::Bytes data) override {
    WECO_ASSERT(offset <= size_ && data.size() <= size_ - offset);
    return weco::update::Refusal::None;
  }
  bool matches(std::uint32_t, weco::Bytes) override { return true; }
  weco::update::Refusal set_pending(bool) override { return weco::update::Refusal::None; }
  weco::update::Refusal confirm() override { return weco::update::Refusal::None; }
  void reset() override {}
  [[nodiscard]] std::string_view board() const override { return "b"; }
  [[nodiscard]] std::string_view serial_number() const override { return "s"; }

 private:
  std::uint32_t size_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto framing =
      (data[0] & 1U) != 0 ? weco::smp::Framing::Console : weco::smp::Framing::Packet;
  Watched target;
  weco::smp::ServerConfig config;
  config.framing = framing;
  config.old_version = (data[0] & 2U) != 0;
  config.indefinite = (data[0] & 4U) != 0;
  weco::smp::Server server(config, target);
  weco::smp::Client client({.framing = framing});
  weco::smp::ask_params(client);
  client.start({});
  weco::Bytes rest(data + 1, size - 1);
  while (!rest.empty()) {
    const weco::Bytes piece = rest.first(std::min<std::size_t>(rest.size(), 1 + rest[0] % 200U));
    rest = rest.subspan(piece.size());
    static_cast<void>(server.respond(piece, {}));
    client.received(piece, {});
    if (client.state() != weco::Exchange::State::Waiting) client.start({});
  }
  return 0;
}
