// SPDX-License-Identifier: Apache-2.0
// An exchange is one request and its outcome on a byte link, without a link and without a clock:
// bytes and time are arguments. Whoever drives it (the command line waits, a script yields, the
// simulator steps) calls start() once, writes to_send(), then feeds received() and advance() until
// outcome() is no longer pending. It never retries: a retry is a new start().
#pragma once

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace weco {

class Exchange {
 public:
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"  // GCC takes the host's type Done for the same name
  enum class State : std::uint8_t { Idle, Waiting, Done, Failed };
#pragma GCC diagnostic pop

  /// Prepares the request and forgets any earlier answer.
  virtual void start(Instant now) = 0;
  /// Silence that the line must have had before the request goes out (RTU: 3.5 characters).
  [[nodiscard]] virtual Duration quiet_before() const = 0;
  /// The request's bytes; valid until the next start().
  [[nodiscard]] virtual Bytes to_send() const = 0;
  /// Bytes that arrived; may hold parts of a frame, several frames, an echo, garbage.
  virtual void received(Bytes data, Instant now) = 0;
  /// Bytes that had come before the request went out, right after start(): a device that speaks
  /// first. May end the exchange, which then is not sent.
  virtual void unsolicited(Bytes /*data*/, Instant /*now*/) {}
  /// Time passed; fails with Timeout when deadline() is reached.
  virtual void advance(Instant now) = 0;
  /// Stops waiting, for whoever gives up or has lost the link: the state is Idle again and a late
  /// answer is not taken. Does nothing to an exchange that has ended.
  virtual void cancel() = 0;
  /// When advance() must be called at the latest.
  [[nodiscard]] virtual Instant deadline() const = 0;
  [[nodiscard]] virtual State state() const = 0;
  /// Why it failed; meaningful in State::Failed.
  [[nodiscard]] virtual Error error() const = 0;

  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

 protected:
  Exchange() = default;
  ~Exchange() = default;  // never deleted through this base: no heap in the core
};

/// The other side: takes bytes, gives bytes, one request after another. `respond` is called with
/// whatever arrived and returns the bytes to send back (empty while a request is incomplete, or
/// when silence is the right answer). The bytes stay valid until the next call.
class Responder {
 public:
  virtual Bytes respond(Bytes data, Instant now) = 0;
  Responder(const Responder&) = delete;
  Responder& operator=(const Responder&) = delete;

 protected:
  Responder() = default;
  ~Responder() = default;
};

}  // namespace weco
