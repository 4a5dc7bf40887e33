// SPDX-License-Identifier: Apache-2.0
// UDS on a CAN bus, one request after another: ISO-TP of our own over any link for frames.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/protocol/isotp/channel.hpp"
#include "core/protocol/uds/uds.hpp"
#include "host/failure/failure.hpp"
#include "host/link/link.hpp"
#include "host/reactor/reactor.hpp"

namespace weco {

struct UdsTiming {
  isotp::Address address{};
  isotp::Config isotp{};
  /// From the end of the request to the answer, P2 with room for a slow bus.
  Duration answer = Duration::ms(1000);
  /// After "still at work", and how long that may go on.
  Duration pending_answer = Duration::s(6);
  Duration pending_max = Duration::s(60);
};

/// What a refused or lost request is to a person; a response code in words.
Failure uds_failure(const Error& error, const char* what, const std::string& where);

/// One request and its answer over ISO-TP.
class UdsLine {
 public:
  UdsLine(Reactor& reactor, FrameLink& link, const UdsTiming& timing);
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
  UdsTiming timing_;
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

}  // namespace weco
