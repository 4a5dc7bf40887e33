// SPDX-License-Identifier: Apache-2.0
// Arbitrary files as firmware images: whatever is read of them lies inside, and a layout that was
// taken is one whose hashed part and whole fit the file.
#include "core/protocol/image/verify.hpp"

namespace {

/// Says yes to everything, so that every branch behind a check is reached.
class Willing final : public weco::image::Crypto {
 public:
  bool hash_begin(weco::image::HashKind) override { return true; }
  bool hash_update(weco::Bytes data) override {
    for (const std::uint8_t byte : data) sum = static_cast<std::uint8_t>(sum ^ byte);
    return true;
  }
  bool hash_end(weco::MutableBytes into) override {
    for (std::uint8_t& byte : into) byte = sum;
    return true;
  }
  weco::image::Answer ask(const weco::image::Question&) override {
    return weco::image::Answer::Good;
  }
  std::uint8_t sum = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const weco::Bytes file(data, size);
  const weco::image::Source source = weco::image::memory_source(file);
  for (const auto rule : {weco::image::TailRule::Check, weco::image::TailRule::Ignore}) {
    const auto layout = weco::image::parse(source, rule);
    if (!layout) continue;
    WECO_ASSERT(layout->size <= size && layout->hashed_size <= layout->size);
    for (const weco::image::Tlv& entry : layout->tlvs.view()) {
      WECO_ASSERT(entry.offset + entry.length <= layout->size);
    }
    Willing crypto;
    static_cast<void>(weco::image::verify(source, *layout, crypto, {}));
  }
  return 0;
}
