// SPDX-License-Identifier: Apache-2.0
// Arbitrary text as a recording: it ends, errors stand where the text is, and a frame that was read
// is written and read back alike.
#include "core/protocol/can/candump.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  weco::candump::Reader reader(text);
  weco::candump::Record record;
  for (;;) {
    const auto more = reader.next(record);
    if (!more) {
      WECO_ASSERT(more.error().line >= 1 && more.error().column >= 1);
      WECO_ASSERT(more.error().line <= size && more.error().column <= size + 1);
      continue;
    }
    if (!*more) return 0;
    weco::candump::Record back;
    const auto line = weco::candump::format_log(record);
    const auto again = weco::candump::parse_line(line.view(), 1, back);
    WECO_ASSERT(again && *again && back.frame == record.frame);
  }
}
