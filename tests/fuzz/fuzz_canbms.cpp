// SPDX-License-Identifier: Apache-2.0
// Arbitrary frames, 14 bytes each (id, flags, size, data, gap), through one decoder: every reading
// names a point of the vocabulary, and a good number lies in its range.
#include "core/protocol/canbms/decoder.hpp"

namespace {

class Check final : public weco::ReadingSink {
 public:
  void put(const weco::Reading& r) override {
    WECO_ASSERT(static_cast<std::size_t>(r.ref.id) < weco::kPointCount);
    WECO_ASSERT(r.text_size <= weco::kTextMax);
    const weco::PointInfo& row = weco::info(r.ref.id);
    WECO_ASSERT(r.kind == row.kind);
    if (r.kind != weco::ValueKind::Number || r.quality != weco::Quality::Good) return;
    if (row.min == row.max) return;
    WECO_ASSERT(weco::compare(r.number, {row.min, 0}) >= 0);
    WECO_ASSERT(weco::compare(r.number, {row.max, 0}) <= 0);
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Check sink;
  static weco::canbms::Decoder decoder;
  decoder.reset();
  weco::ByteReader in({data, size});
  std::int64_t now = 0;
  while (in.remaining() >= 14) {
    weco::CanFrame frame;
    frame.id = in.u16(weco::Endian::Big);
    const std::uint8_t flags = in.u8();
    frame.extended = (flags & 1U) != 0;
    frame.remote = (flags & 2U) != 0;
    frame.error = (flags & 4U) != 0;
    frame.size = in.u8();
    const weco::Bytes bytes = in.take(8);
    for (std::size_t i = 0; i < 8; ++i) frame.data[i] = bytes[i];
    now += static_cast<std::int16_t>(in.u16(weco::Endian::Big)) * 1000;
    frame.at = weco::Instant::from_us(now);
    decoder.feed(frame, sink);
  }
  for (const weco::canbms::Seen& seen : decoder.ids()) {
    static_cast<void>(
        decoder.stale(static_cast<std::uint16_t>(seen.id), weco::Instant::from_us(now)));
  }
  return 0;
}
