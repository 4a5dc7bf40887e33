// SPDX-License-Identifier: Apache-2.0
// Arbitrary bytes as CBOR, passed over whole and walked as the answers of SMP are.
#include "core/protocol/smp/messages.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const weco::Bytes bytes(data, size);
  weco::cbor::Reader reader(bytes);
  reader.skip();
  WECO_ASSERT(reader.ok() || reader.peek() == weco::cbor::Kind::Other);
  static_cast<void>(weco::smp::read_params(weco::cbor::Reader(bytes)).has_value());
  static_cast<void>(weco::smp::read_upload(weco::cbor::Reader(bytes)).has_value());
  static_cast<void>(weco::smp::read_image_state(weco::cbor::Reader(bytes)).has_value());
  if (const auto text = weco::smp::read_text(weco::cbor::Reader(bytes), "output")) {
    WECO_ASSERT(text->size() <= size);
  }
  return 0;
}
