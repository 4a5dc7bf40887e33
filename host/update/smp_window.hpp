// SPDX-License-Identifier: Apache-2.0
// Several parts of an image on their way at once, for devices that say they have several buffers:
// over Bluetooth each answer takes two connection events, in which one part after the other would
// leave the air empty. While it runs the link is its own; a session would have one question in
// flight.
#pragma once

#include <memory>
#include <vector>

#include "core/protocol/smp/messages.hpp"
#include "host/link/link.hpp"
#include "host/reactor/reactor.hpp"
#include "host/update/updater.hpp"

namespace weco {

struct SmpWindowOptions {
  smp::Version version = smp::Version::V2;
  std::size_t lanes = 2;           // parts on their way at once
  std::size_t packet_bytes = 256;  // of one of them
  Duration answer = Duration::ms(2500);
};

class SmpWindow {
 public:
  SmpWindow(Reactor& reactor, ByteLink& link, const SmpWindowOptions& options);
  ~SmpWindow();
  SmpWindow(const SmpWindow&) = delete;
  SmpWindow& operator=(const SmpWindow&) = delete;

  /// From `figures.offset`, which is not 0, to the end of the image. On an error the offset is what
  /// the device is known to have; Timeout, Disconnected, Interrupted, UnexpectedReply when a part
  /// went missing, or what the device refused.
  Status run(Bytes image, UpdateProgress& figures, Instant begun,
             const Updater::OnProgress& progress);

 private:
  struct Lane {
    explicit Lane(const smp::ClientConfig& config) : client(config) {}
    smp::Client client;
    std::uint32_t end = 0;  // of the part, in the image
    bool busy = false;
  };
  void on_readable();
  Status fill(Bytes image, UpdateProgress& figures);
  Status settle(UpdateProgress& figures);
  Done write(Bytes data);
  [[nodiscard]] Instant deadline() const;

  Reactor& reactor_;
  ByteLink& link_;
  SmpWindowOptions options_;
  smp::Deframer deframer_{smp::Framing::Packet};
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::uint32_t next_ = 0;  // the first byte that is not on its way
  std::uint8_t sequence_ = 0x80;
  bool news_ = false;
  bool lost_ = false;
};

}  // namespace weco
