// SPDX-License-Identifier: Apache-2.0
// Updates over UDS on a CAN bus: ISO-TP of our own over any link for frames, the programming
// session asked for whenever something is changed, blocks as resume points.
#pragma once

#include <vector>

#include "core/protocol/isotp/channel.hpp"
#include "core/protocol/uds/uds.hpp"
#include "host/link/link.hpp"
#include "host/reactor/reactor.hpp"
#include "host/update/updater.hpp"

namespace weco {

struct UdsOptions {
  isotp::Address address{};
  isotp::Config isotp{};
  /// From the end of the request to the answer, P2 with room for a slow bus.
  Duration answer = Duration::ms(1000);
  /// After "still at work", and how long that may go on.
  Duration pending_answer = Duration::s(6);
  Duration pending_max = Duration::s(60);
  /// An upload ends when nothing went forward for so long.
  Duration patience = Duration::s(30);
  Duration pause = Duration::ms(500);
};

/// One request and its answer over ISO-TP.
class UdsLine {
 public:
  UdsLine(Reactor& reactor, FrameLink& link, const UdsOptions& options);
  ~UdsLine();
  UdsLine(const UdsLine&) = delete;
  UdsLine& operator=(const UdsLine&) = delete;

  /// The positive answer. DeviceException with the response code as detail; Timeout, Disconnected,
  /// Interrupted, or what ISO-TP says. `echo`: so many bytes after the service come back as sent.
  Result<Bytes> ask(Bytes request, std::size_t echo);
  [[nodiscard]] std::uint64_t wire_bytes() const { return wire_bytes_; }

 private:
  void on_readable();
  bool pump();
  void judge(Bytes message);

  Reactor& reactor_;
  FrameLink& link_;
  UdsOptions options_;
  std::vector<std::uint8_t> room_;
  std::vector<std::uint8_t> request_;
  std::optional<isotp::Channel> channel_;
  std::size_t echo_ = 0;
  std::vector<std::uint8_t> answer_;
  std::optional<Error> outcome_;  // None: answered
  Instant deadline_;
  Instant pending_until_;
  std::uint64_t wire_bytes_ = 0;
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
