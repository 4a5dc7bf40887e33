// SPDX-License-Identifier: Apache-2.0
// The answering side of Modbus: finds requests in whatever arrives, asks a backend for the data and
// makes the answers. Used by virtual devices and by firmware, on every framing, for one unit or for
// a whole line of them.
#pragma once

#include <array>
#include <cstdint>

#include "core/protocol/exchange.hpp"
#include "core/protocol/modbus/framing.hpp"
#include "core/protocol/modbus/pdu.hpp"
#include "core/protocol/modbus/timing.hpp"

namespace weco::modbus {

enum class BitTable : std::uint8_t { Coils, DiscreteInputs };
enum class RegisterTable : std::uint8_t { Holding, Input };

/// How a backend answers with a given exception.
constexpr Unexpected<Error> refuse(ExceptionCode code) {
  return fail(ErrorCode::DeviceException, static_cast<std::int32_t>(code));
}

/// The exception that an error of a backend becomes. DeviceException keeps its detail; NotFound is
/// 2, OutOfRange and BadInput 3, Unsupported 1, Busy 6, everything else 4.
std::uint8_t exception_for(const Error& error);

/// What a device has behind its addresses. Counts and addresses are checked before a call: never
/// empty, never past 65535. `unit` is 0 for a broadcast on a serial line (writes only: apply it to
/// every unit). What is not overridden answers "illegal function". A write that fails must have
/// changed nothing.
class Registers {
 public:
  /// False: the unit is not here. On a serial line that is silence.
  [[nodiscard]] virtual bool serves(std::uint8_t unit) const = 0;
  /// False: exception 1, before anything is read or written.
  [[nodiscard]] virtual bool supports(std::uint8_t /*unit*/, Function /*function*/) const {
    return true;
  }
  virtual Status read_bits(std::uint8_t /*unit*/, BitTable /*table*/, std::uint16_t /*address*/,
                           BitSink /*out*/) {
    return refuse(ExceptionCode::IllegalFunction);
  }
  virtual Status write_coils(std::uint8_t /*unit*/, std::uint16_t /*address*/, BitView /*values*/) {
    return refuse(ExceptionCode::IllegalFunction);
  }
  virtual Status read_registers(std::uint8_t /*unit*/, RegisterTable /*table*/,
                                std::uint16_t /*address*/, RegisterSink /*out*/) {
    return refuse(ExceptionCode::IllegalFunction);
  }
  /// Holding registers; also reached by functions 22 (after a read) and 23 (before its read).
  virtual Status write_registers(std::uint8_t /*unit*/, std::uint16_t /*address*/,
                                 RegisterView /*values*/) {
    return refuse(ExceptionCode::IllegalFunction);
  }
  virtual Status read_file(std::uint8_t /*unit*/, std::uint16_t /*file*/, std::uint16_t /*record*/,
                           RegisterSink /*out*/) {
    return refuse(ExceptionCode::IllegalFunction);
  }
  virtual Status write_file(std::uint8_t /*unit*/, std::uint16_t /*file*/, std::uint16_t /*record*/,
                            RegisterView /*values*/) {
    return refuse(ExceptionCode::IllegalFunction);
  }
  /// An object of the identification, at most 244 bytes, valid until the next call; NotFound when
  /// there is none. Only asked when supports() allows function 43.
  virtual Result<Bytes> identification(std::uint8_t /*unit*/, std::uint8_t /*object*/) {
    return refuse(ExceptionCode::IllegalFunction);
  }

  Registers(const Registers&) = delete;
  Registers& operator=(const Registers&) = delete;

 protected:
  Registers() = default;
  ~Registers() = default;
};

struct ServerConfig {
  Framing framing = Framing::Rtu;
  /// Line speed in bit/s, for t3.5; 0: no serial line.
  std::uint32_t baud = 0;
  /// TCP only: a unit that is not served gets exception 0BH instead of silence.
  bool answer_for_absent_units = true;
  /// The adapter hears its own transmissions: what was answered is dropped when it comes back. Else
  /// the echo of a write's answer, which looks like the write, would be carried out for ever.
  bool hears_itself = false;
};

struct ServerCounters {
  std::uint32_t requests = 0;     // answered or carried out, exceptions included
  std::uint32_t exceptions = 0;   // answered with one
  std::uint32_t not_for_us = 0;   // good frames of or for other units
  std::uint32_t noise_bytes = 0;  // belonged to no frame (a wrong CRC is here, too)
};

/// Several requests in one lump are answered in one lump; when the answers do not fit, the rest is
/// answered on the next call, which may bring no bytes (call until the result is empty).
class Server final : public Responder {
 public:
  Server(const ServerConfig& config, Registers& backend) : config_(config), backend_(backend) {}

  Bytes respond(Bytes data, Instant now) override { return process(data, now); }
  /// Forgets an unfinished request (a connection was closed).
  void reset() { buffer_.clear(), gap_at_ = 0, echoed_ = out_size_; }
  [[nodiscard]] const ServerCounters& counters() const { return counters_; }

 private:
  enum class Step : std::uint8_t { Consumed, Wait };
  // Inline override: see Client.
  Bytes process(Bytes data, Instant now);
  Bytes without_echo(Bytes data);
  void note_gap(Instant now);
  Step step_rtu();
  Step step_tcp();
  bool resume_after_gap();
  bool take_request(std::size_t at);
  void drop(std::size_t n);
  void serve(const Frame& frame);

  ServerConfig config_;
  Registers& backend_;
  ServerCounters counters_;
  ReceiveBuffer<2 * kFrameMax> buffer_;
  std::size_t gap_at_ = 0;  // buffer position where bytes came after a silence; 0: none
  Instant last_byte_;
  std::array<std::uint8_t, 4 * kFrameMax> out_{};
  std::size_t out_size_ = 0;
  std::size_t echoed_ = 0;  // how much of out_ has come back
};

/// Answers one PDU for a unit that the backend serves, without any framing: `out` needs room for
/// kPduMax bytes. Returns the size of the answer; it is never 0.
std::size_t answer_pdu(Registers& backend, std::uint8_t unit, Bytes pdu, MutableBytes out);

}  // namespace weco::modbus
