// SPDX-License-Identifier: Apache-2.0
// Both ends of SLCAN on arbitrary bytes: no line may break them, and every frame that the host
// understands must be one that can be written again.
#include "core/protocol/can/slcan.hpp"

namespace {

class Sink final : public weco::slcan::HostListener, public weco::slcan::FrameSink {
 public:
  void on_frame(const weco::slcan::Received& received) override { put(received.frame); }
  void on_reply(const weco::slcan::Reply&) override {}
  void put(const weco::CanFrame& frame) override {
    const auto line = weco::slcan::encode(frame);
    WECO_ASSERT(line);
    const auto back = weco::slcan::parse(line->view().substr(0, line->view().size() - 1));
    WECO_ASSERT(back && back->frame == frame);
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Sink sink;
  weco::slcan::Host host;
  host.received({data, size}, {}, sink);
  weco::slcan::Adapter adapter(sink);
  static_cast<void>(adapter.respond({data, size}, {}));
  static_cast<void>(adapter.respond({data, size}, {}));
  return 0;
}
