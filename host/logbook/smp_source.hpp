// SPDX-License-Identifier: Apache-2.0
// The journal of a device over SMP's file group, waited for.
#pragma once

#include "host/logbook/smp_question.hpp"
#include "host/session/session.hpp"

namespace weco::logbook {

class SmpSource final : public Source {
 public:
  /// The session outlives it.
  explicit SmpSource(Session& session, smp::Framing framing = smp::Framing::Console)
      : session_(session), question_(session.link(), framing) {}
  Outcome<Range> range() override;
  Outcome<std::size_t> read(std::uint32_t first, std::span<Slot> into) override;

 private:
  Done wait();

  Session& session_;
  SmpQuestion question_;
};

}  // namespace weco::logbook
