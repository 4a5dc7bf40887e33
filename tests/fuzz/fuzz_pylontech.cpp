// SPDX-License-Identifier: Apache-2.0
// Arbitrary bytes on a Pylontech line, to whoever listens there, and arbitrary INFO behind a good
// checksum, which is what a strange firmware sends.
#include "core/points/vocabulary.hpp"
#include "core/protocol/pylontech/client.hpp"
#include "core/protocol/pylontech/server.hpp"
#include "core/protocol/pylontech/sniffer.hpp"

namespace {

class Check final : public weco::ReadingSink, public weco::ReadingSource {
 public:
  void put(const weco::Reading& r) override {
    WECO_ASSERT(static_cast<std::size_t>(r.ref.id) < weco::kPointCount);
    WECO_ASSERT(r.ref.index <= weco::info(r.ref.id).count);
    WECO_ASSERT(r.kind == weco::info(r.ref.id).kind);
    WECO_ASSERT(r.text_size <= weco::kTextMax);
  }
  const weco::Reading* get(const weco::PointRef&) const override { return &some; }
  weco::Reading some = weco::number_reading({}, {33, -1}, {});
};

void raw(weco::Bytes data, Check& check) {
  static weco::pylontech::Client client;
  client.ask(weco::pylontech::Command::Analog, 2);
  client.start({});
  client.received(data, {});
  weco::pylontech::Sniffer sniffer;
  sniffer.feed(data, {}, check);
  weco::pylontech::Server server({}, check);
  static_cast<void>(server.respond(data, {}));
}

void wrapped(weco::Bytes data, Check& check) {
  if (data.size() < 2) return;
  weco::pylontech::Frame frame;
  frame.cid2 = data[1];
  for (const std::uint8_t byte : data.subspan(2)) static_cast<void>(frame.info.push_back(byte));
  static std::array<std::uint8_t, weco::pylontech::kCharsMax + 2> room;
  const auto wire = weco::pylontech::encode(frame, room);
  WECO_ASSERT(wire);
  raw(*wire, check);
  const auto* command = weco::pylontech::find_command(data[0]);
  if (command == nullptr) return;
  static_cast<void>(weco::pylontech::decode({command->command, data[1], {}}, frame, {}, check));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Check check;
  raw({data, size}, check);
  wrapped({data, size}, check);
  return 0;
}
