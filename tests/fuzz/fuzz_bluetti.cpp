// SPDX-License-Identifier: Apache-2.0
// Arbitrary bytes from a BLUETTI module: what is taken apart is put together to the same bytes, and
// what a module says by itself is heard alike however it is split.
#include <algorithm>
#include <array>

#include "core/protocol/bluetti/records.hpp"
#include "core/protocol/bluetti/watched_client.hpp"

using namespace weco;

namespace {

void handshake(Bytes data) {
  const auto frame = bluetti::decode_handshake(data);
  if (!frame) return;
  std::array<std::uint8_t, bluetti::kSignedKeySize + bluetti::kHandshakeOverhead> again{};
  const std::size_t size = bluetti::encode_handshake(*frame, again);
  WECO_ASSERT(size == data.size() && std::equal(data.begin(), data.end(), again.begin()));
}

void records(Bytes data) {
  std::array<std::uint8_t, bluetti::kScheduleRecordSize> registers{};
  if (const auto record = bluetti::decode_schedule(data); record) {
    WECO_ASSERT(bluetti::encode_schedule(*record, registers).has_value());
    WECO_ASSERT(std::equal(registers.begin(), registers.end(), data.begin()));
  }
  static std::array<std::uint8_t, 0x10000 + bluetti::kBulkOverhead> room{};
  for (Bytes rest = data; !rest.empty();) {
    const Bytes before = rest;
    const auto item = bluetti::take_bulk_item(rest);
    if (!item) break;
    const std::size_t size = bluetti::encode_bulk_item(*item, room);
    WECO_ASSERT(size == before.size() - rest.size());
    WECO_ASSERT(std::equal(room.begin(), room.begin() + size, before.begin()));
  }
}

void watched(Bytes data, std::size_t split) {
  bluetti::Watch whole;
  whole.feed(data);
  bluetti::Watch parts;
  parts.feed(data.first(split));
  parts.feed(data.subspan(split));
  WECO_ASSERT(whole.heard() == parts.heard());

  modbus::Client inner({.echo = modbus::Echo::Absent});
  inner.set_request(*modbus::Request::read_holding_registers(100, 40));
  bluetti::WatchedClient client(inner);
  client.start({});
  client.unsolicited(data.first(split), {});
  if (client.state() == Exchange::State::Waiting) client.received(data.subspan(split), {});
  if (client.state() == Exchange::State::Waiting) client.advance(client.deadline());
  WECO_ASSERT(client.state() != Exchange::State::Waiting);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes(data, size);
  handshake(bytes);
  records(bytes);
  watched(bytes, size == 0 ? 0 : data[0] % (size + 1));
  return 0;
}
