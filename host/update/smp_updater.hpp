// SPDX-License-Identifier: Apache-2.0
// Updates over SMP: version 2, or 1 with devices that know no other; one request in flight, chunks
// as large as the device's buffer, smaller ones for a while after the link was lost.
#pragma once

#include "core/protocol/smp/messages.hpp"
#include "host/session/session.hpp"
#include "host/update/updater.hpp"

namespace weco {

struct SmpOptions {
  smp::Framing framing = smp::Framing::Console;
  /// Devices that do not tell the size of their buffer have at least so much.
  std::uint32_t packet_bytes = 256;
  /// What one message of the link carries at most (UDP), whatever the device's buffer holds.
  std::uint32_t packet_max = smp::kPacketMax;
  /// An upload ends when nothing went forward for so long.
  Duration patience = Duration::s(30);
  /// Between two attempts at a link that is gone.
  Duration pause = Duration::ms(500);
};

class SmpUpdater final : public Updater {
 public:
  SmpUpdater(Session& session, SmpOptions options = {});
  Outcome<UpdateState> look() override;
  Done upload(const Firmware& firmware, bool resume, const OnProgress& progress) override;
  Done ask_for_trial(Bytes hash) override;
  Done reset() override;
  Outcome<UpdateState> await(Duration limit) override;
  Done confirm() override;
  [[nodiscard]] smp::Version version() const { return client_.config().version; }

 private:
  struct Upload;
  Done ask(const char* what, std::uint8_t tries = 0);
  Done agree();
  Outcome<UpdateState> read_state();
  Outcome<smp::UploadAnswer> ask_chunk(const smp::Chunk& chunk, Upload& upload);
  Status step(Upload& upload, bool probe);
  bool recovered(const Error& error, Upload& upload);
  void pause() const;

  Session& session_;
  SmpOptions options_;
  smp::Client client_;
  std::uint32_t packet_bytes_ = 0;  // 0: not asked yet
  std::string board_;
};

}  // namespace weco
