// SPDX-License-Identifier: Apache-2.0
// The journal of a device over SMP's file group.
#pragma once

#include "core/protocol/smp/messages.hpp"
#include "host/logbook/source.hpp"
#include "host/session/session.hpp"

namespace weco::logbook {

class SmpSource final : public Source {
 public:
  /// The session outlives it.
  explicit SmpSource(Session& session, smp::Framing framing = smp::Framing::Console);
  Outcome<Range> range() override;
  Outcome<std::size_t> read(std::uint32_t first, std::span<Slot> into) override;

 private:
  Done ask(const char* what);
  Outcome<smp::FilePart> part(std::string_view name, std::uint64_t offset);

  Session& session_;
  smp::Client client_;
};

}  // namespace weco::logbook
