// SPDX-License-Identifier: Apache-2.0
// Updates over UDS on a CAN bus: the programming session asked for whenever something is changed,
// blocks as resume points.
#pragma once

#include <vector>

#include "host/session/uds_line.hpp"
#include "host/update/updater.hpp"

namespace weco {

struct UdsOptions {
  UdsTiming timing{};
  /// An upload ends when nothing went forward for so long.
  Duration patience = Duration::s(30);
  Duration pause = Duration::ms(500);
};

class UdsUpdater final : public Updater {
 public:
  UdsUpdater(Reactor& reactor, FrameLink& link, UdsOptions options = {});
  Outcome<UpdateState> look() override;
  Done upload(const Firmware& firmware, bool resume, const OnProgress& progress) override;
  Done ask_for_trial(Bytes hash) override;
  Done reset() override;
  Outcome<UpdateState> await(Duration limit) override;
  Done confirm() override;

 private:
  struct Upload;
  Result<Bytes> ask_again(Bytes request, std::size_t echo);
  Outcome<Bytes> ask(Bytes request, std::size_t echo, const char* what);
  Outcome<std::optional<update::Slot>> read_slot(std::uint16_t id);
  Done routine(std::uint16_t id, Bytes option, const char* what);
  Status begin(Upload& upload);
  Status send_blocks(Upload& upload, const OnProgress& progress);

  Reactor& reactor_;
  FrameLink& link_;
  UdsOptions options_;
  UdsLine line_;
};

}  // namespace weco
