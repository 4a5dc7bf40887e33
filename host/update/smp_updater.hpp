// SPDX-License-Identifier: Apache-2.0
// Updates over SMP: version 2, or 1 with devices that know no other; chunks as large as the
// device's buffer, smaller ones for a while after the link was lost. One request is in flight; in
// packets, where the link may be lent for it, as many parts of the image as the device has buffers
// to spare.
#pragma once

#include <memory>

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
  /// Has a session of its own, and lends the link to a window while the image is sent.
  SmpUpdater(Reactor& reactor, ByteLink& link, SmpOptions options);
  /// Takes its question back from a session that outlives it.
  ~SmpUpdater() override;
  SmpUpdater(const SmpUpdater&) = delete;
  SmpUpdater& operator=(const SmpUpdater&) = delete;
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

  [[nodiscard]] Session& session() const { return own_ ? *own_ : *lent_; }
  [[nodiscard]] bool has_window(const Upload& upload) const;
  Status send_window(Upload& upload, const OnProgress& progress);

  Session* lent_ = nullptr;
  std::unique_ptr<Session> own_;
  SmpOptions options_;
  smp::Client client_;
  std::uint32_t packet_bytes_ = 0;  // 0: not asked yet
  std::uint32_t buffers_ = 1;
  std::string board_;
};

}  // namespace weco
