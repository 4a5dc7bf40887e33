// SPDX-License-Identifier: Apache-2.0
// The journal of a device over UDS on a CAN bus.
#pragma once

#include "host/logbook/source.hpp"
#include "host/session/uds_line.hpp"

namespace weco::logbook {

class UdsSource final : public Source {
 public:
  /// The bus outlives it.
  UdsSource(Reactor& reactor, FrameLink& bus, const UdsTiming& timing = {});
  Outcome<Range> range() override;
  Outcome<std::size_t> read(std::uint32_t first, std::span<Slot> into) override;

 private:
  Outcome<Bytes> ask(Bytes request, std::size_t echo, const char* what);

  FrameLink& bus_;
  UdsLine line_;
};

}  // namespace weco::logbook
