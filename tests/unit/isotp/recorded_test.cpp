// SPDX-License-Identifier: Apache-2.0
// What two foreign programs said to each other must read the same here, and our sender must make
// the very frames that theirs made.
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "core/protocol/can/slcan.hpp"
#include "core/protocol/isotp/channel.hpp"
#include "tests/support/catch.hpp"

using namespace weco;

namespace {

using Octets = std::vector<std::uint8_t>;

std::vector<CanFrame> recorded() {
  std::ifstream file(WECO_VECTORS "/uds/transcript-udsoncan-iso14229-slcan.txt");
  REQUIRE(file);
  std::vector<CanFrame> frames;
  for (std::string line; std::getline(file, line);) {
    for (std::size_t at = 2, end = 0; (end = line.find("\\r", at)) != std::string::npos;
         at = end + 2) {
      const auto frame = slcan::parse(line.substr(at, end - at));
      if (frame) frames.push_back(frame->frame);
    }
  }
  return frames;
}

/// One end: hears `rx`; `tx` is what it is expected to say.
struct End {
  End(const isotp::Config& config, std::uint32_t tx, std::uint32_t rx)
      : room(8192), channel(config, room), tx_id(tx), rx_id(rx) {}
  Octets room;
  isotp::Channel channel;
  std::uint32_t tx_id;
  std::uint32_t rx_id;
  std::vector<Octets> messages;

  void hear(const CanFrame& frame) {
    if (frame.id != rx_id) return;
    REQUIRE(channel.received(frame.bytes(), {}));
    if (channel.receiver().state() != isotp::Receiver::State::Done) return;
    const Bytes message = channel.receiver().message();
    messages.emplace_back(message.begin(), message.end());
    channel.receiver().reset();
  }
};

}  // namespace

TEST_CASE("a recorded UDS session reads as the same messages at both ends") {
  End tester({}, 0x7E0, 0x7E8);
  End server({}, 0x7E8, 0x7E0);
  const std::vector<CanFrame> frames = recorded();
  REQUIRE(frames.size() > 300);
  for (const CanFrame& frame : frames) {
    tester.hear(frame);
    server.hear(frame);
  }
  REQUIRE(server.messages.size() > 10);
  CHECK(server.messages[0] == Octets{0x22, 0xF1, 0x89});
  CHECK(tester.messages[0] == Octets{0x62, 0xF1, 0x89, '1', '.', '2', '.', '3', '+', '4'});
  CHECK(tester.messages[1].size() == 16);
  std::size_t longest = 0;
  for (const Octets& message : server.messages) longest = std::max(longest, message.size());
  CHECK(longest == 0x402);
  for (const End* end : {&tester, &server}) {
    CHECK(end->channel.strange() == 0);
    CHECK(end->channel.receiver().counters().stray == 0);
    CHECK(end->channel.receiver().counters().abandoned == 0);
  }
}

TEST_CASE("our sender makes the frames that the recorded client made, block by block") {
  const std::vector<CanFrame> frames = recorded();
  End server({}, 0x7E8, 0x7E0);
  for (const CanFrame& frame : frames) server.hear(frame);
  End tester({}, 0x7E0, 0x7E8);
  std::size_t next = 0;
  std::size_t compared = 0;
  for (const CanFrame& frame : frames) {
    if (frame.id == 0x7E8) {
      tester.hear(frame);
      continue;
    }
    if (tester.channel.pending().empty()) {
      REQUIRE(next < server.messages.size());
      REQUIRE(tester.channel.start(server.messages[next++], {}));
    }
    const Bytes ours = tester.channel.pending();
    REQUIRE(Octets(ours.begin(), ours.end()) == Octets(frame.bytes().begin(), frame.bytes().end()));
    tester.channel.sent({});
    ++compared;
  }
  CHECK(next == server.messages.size());
  CHECK(compared > 250);
}
