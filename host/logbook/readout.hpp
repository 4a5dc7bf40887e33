// SPDX-License-Identifier: Apache-2.0
// A journal read out while other work goes on: the same lines as a Reader gives, handed over as
// they come.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "host/logbook/reader.hpp"
#include "host/logbook/smp_question.hpp"
#include "host/session/session.hpp"

namespace weco::logbook {

class Readout final : public Source {
 public:
  /// `reader` tells how far it is.
  using Take = std::function<void(const Entry& entry, const Reader& reader)>;
  using Ended = std::function<void(Done)>;
  /// The session outlives it, or has ended it when it goes.
  Readout(Session& session, smp::Framing framing);
  ~Readout() override;
  Readout(const Readout&) = delete;
  Readout& operator=(const Readout&) = delete;

  /// All that the device has, or its newest `newest` records. `ended` is called once, from the
  /// reactor, and may destroy this.
  void start(std::optional<std::uint32_t> newest, Take take, Ended ended);

  /// For its reader: what has come, or Busy, and then it is being asked for.
  Outcome<Range> range() override;
  Outcome<std::size_t> read(std::uint32_t first, std::span<Slot> into) override;

 private:
  enum class Known : std::uint8_t { Nothing, Range, Records };
  void go_on();
  void submit();
  void answered(Status status);
  void end(Done done);

  Session& session_;
  SmpQuestion question_;
  std::optional<std::uint32_t> newest_;
  std::optional<Reader> reader_;
  Take take_;
  Ended ended_;
  Known asked_ = Known::Nothing;  // under way, or to be
  Known known_ = Known::Nothing;  // answered and not used
  bool waits_ = false;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);  // gone: the session tells nobody
};

/// The same from a source that is waited for.
Done read_out(Source& source, std::optional<std::uint32_t> newest, const Readout::Take& take);

}  // namespace weco::logbook
