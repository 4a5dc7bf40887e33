// SPDX-License-Identifier: Apache-2.0
// Listens to both directions of an RTU line without ever sending, and puts requests and answers
// together: for replay, for learning a device's registers from a running inverter, and for showing
// a second master.
#pragma once

#include <cstdint>

#include "core/base/time.hpp"
#include "core/protocol/modbus/framing.hpp"
#include "core/protocol/modbus/pdu.hpp"

namespace weco::modbus {

/// Gets what a sniffer understood; everything passed is valid during the call only.
class SnifferSink {
 public:
  /// `answer` fails with DeviceException when the device refused. The times are those of the last
  /// bytes.
  virtual void on_pair(std::uint8_t unit, const Request& request, const Result<Response>& answer,
                       Instant asked, Instant answered) = 0;
  /// Another request came, or flush(), before an answer did. Normal for broadcasts.
  virtual void on_unanswered(std::uint8_t /*unit*/, const Request& /*request*/, Instant /*asked*/) {
  }
  /// An answer to a request that was not heard or that it does not fit.
  virtual void on_orphan(std::uint8_t /*unit*/, Bytes /*pdu*/, Instant /*at*/) {}
  SnifferSink(const SnifferSink&) = delete;
  SnifferSink& operator=(const SnifferSink&) = delete;

 protected:
  SnifferSink() = default;
  ~SnifferSink() = default;
};

class Sniffer {
 public:
  explicit Sniffer(SnifferSink& sink) : sink_(sink) {}
  void feed(Bytes data, Instant now);
  /// The recording ends, or the line has been silent: what is unfinished is given up.
  void flush();
  /// Bytes that belonged to no frame with a good checksum.
  [[nodiscard]] std::uint32_t noise_bytes() const { return noise_; }

 private:
  void scan(bool last_call);
  bool take_answer(Bytes data, Extent extent);
  bool take_request(Bytes data, Extent extent);
  void give_up_pending();

  SnifferSink& sink_;
  ReceiveBuffer<3 * kRtuFrameMax> buffer_;
  Request pending_;
  std::uint8_t pending_unit_ = 0;
  Instant asked_;
  Instant last_byte_;
  std::uint32_t noise_ = 0;
};

}  // namespace weco::modbus
