// SPDX-License-Identifier: Apache-2.0
// One record of what happened in a run: bytes on a wire, a reading, a decision, a write. Reports,
// support bundles, replays and regression tests are made from these, so a sink never drops,
// reorders or changes one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/protocol/can/frame.hpp"

namespace weco {

/// What an event is about. Append only: the names are part of recorded evidence.
enum class EventKind : std::uint8_t {
  Tx,        // bytes sent; data
  Rx,        // bytes received; data
  CanTx,     // a CAN frame sent; frame
  CanRx,     // a CAN frame received; frame
  Decision,  // something was allowed or refused, and why; text
  Reading,   // a value that a person or a report was shown; text
  Write,     // a change planned, sent or read back; text
  Error,     // an exchange or a link failed; text
  Info,      // versions, seed, marks; text
};

inline constexpr std::array<std::string_view, 9> kEventKindNames = {
    "tx", "rx", "can_tx", "can_rx", "decision", "reading", "write", "error", "info"};

constexpr std::string_view name(EventKind kind) {
  return kEventKindNames[static_cast<std::size_t>(kind)];
}

/// Views are valid during record() only; a sink that keeps an event copies them.
struct Event {
  EventKind kind = EventKind::Info;
  std::string_view link;  // the endpoint; empty when no link is meant
  Bytes data{};
  CanFrame frame{};
  std::string_view text{};
};

class EventSink {
 public:
  virtual ~EventSink() = default;
  /// Never fails for the caller: a recorder that cannot write says so at its end (status()).
  virtual void record(const Event& event) = 0;
};

}  // namespace weco
