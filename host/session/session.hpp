// SPDX-License-Identifier: Apache-2.0
// A session is a byte link in use: it drives exchanges one after another, in the order they were
// submitted, keeps the silences, watches the deadlines and repeats what was lost or damaged. It
// never repeats what the device refused, never sleeps, and completes every submit exactly once.
//
// What a caller may rely on:
// - `done` is always called from the reactor, never from inside submit(), cancel() or received
//   bytes; it may submit, cancel, wait or destroy the session.
// - After `done` was called, or cancel() returned, the session does not touch the exchange again,
//   and the exchange waits for nothing any more.
// - An answer that comes after its time is never taken for the answer to the next question, as long
//   as it is late by no more than the device was given.
// - One exchange is in flight at a time; the link belongs to the session until it is destroyed.
// - When the reactor is interrupted, the attempt in flight ends by itself (answer or deadline) and
//   is not repeated; everything behind it completes with Interrupted.
// - When the link is gone, everything queued completes with Disconnected; failure() says why.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/protocol/exchange.hpp"
#include "host/evidence/event.hpp"
#include "host/link/link.hpp"
#include "host/reactor/reactor.hpp"

namespace weco {

/// Exchanges that wait; a snapshot of the largest site needs about a hundred.
inline constexpr std::size_t kSessionQueueMax = 1024;
/// No attempt lasts longer, whatever the exchange's own deadline says.
inline constexpr Duration kAttemptMax = Duration::s(60);
/// A line that is never silent for this long has another master: UnexpectedReply.
inline constexpr Duration kQuietWaitMax = Duration::s(3);
/// Silence after a damaged answer before the next try, so that its rest is not taken for a new one.
inline constexpr Duration kResyncQuiet = Duration::ms(30);
/// Bytes taken from the link for one exchange per attempt; a device that babbles on is cut off.
inline constexpr std::size_t kReceivedMax = 1U << 20;
/// Bytes kept that came before anybody asked.
inline constexpr std::size_t kStrayMax = 256;

class Session {
 public:
  struct Options {
    std::uint8_t tries = 3;  // 1..20: the first and the repetitions
  };
  struct Counters {
    std::uint64_t attempts = 0;     // requests put on the link
    std::uint64_t repeated = 0;     // of them, repetitions
    std::uint64_t succeeded = 0;    // exchanges
    std::uint64_t failed = 0;       // exchanges, after all tries; refusals included
    std::uint64_t stale_bytes = 0;  // arrived while nobody asked
  };
  using Completion = std::function<void(Status)>;

  /// `events` may be null. It gets failures and repetitions; the bytes themselves are recorded by a
  /// RecordingByteLink.
  Session(Reactor& reactor, ByteLink& link, Options options, EventSink* events = nullptr);
  Session(Reactor& reactor, ByteLink& link) : Session(reactor, link, Options{}) {}
  /// Drops what is queued: its completions are called with Interrupted before this returns.
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Queues `exchange`, which the caller keeps alive until `done` (or cancel()). `tries` 0 takes
  /// the session's. Full when kSessionQueueMax wait, told through `done` like everything else.
  void submit(Exchange& exchange, Completion done, std::uint8_t tries = 0);
  /// Submits and runs the reactor until the exchange is complete. A second interrupt abandons it.
  Status wait(Exchange& exchange, std::uint8_t tries = 0);
  /// Takes a submitted exchange back; its completion follows with Interrupted. False when it is not
  /// (or no longer) here.
  bool cancel(Exchange& exchange);

  /// Why the link is gone; empty while it is there. The next exchange tries the link again.
  [[nodiscard]] const std::optional<Failure>& failure() const { return failure_; }
  [[nodiscard]] std::size_t waiting() const { return queue_.size() + (current_ ? 1U : 0U); }
  [[nodiscard]] const Counters& counters() const { return counters_; }
  [[nodiscard]] ByteLink& link() { return link_; }
  [[nodiscard]] Reactor& reactor() { return reactor_; }

 private:
  enum class Phase : std::uint8_t { Idle, Quiet, Waiting };
  struct Item {
    Exchange* exchange = nullptr;
    Completion done;
    std::uint8_t tries_left = 1;
    Duration quiet_extra{};
    bool late = false;  // an answer was given up
  };
  struct Finished {
    Completion done;
    Status status;
  };

  void post();
  void pump();
  void deliver();
  void begin_quiet();
  void check_quiet();
  void begin_attempt();
  Done send(Bytes data);
  void on_readable();
  bool drain(bool feed);
  void keep_stray(Bytes data);
  void on_deadline();
  void arm();
  void settle();
  void end_attempt(Status status);
  void finish(Status status);
  void fail_queue(ErrorCode code);
  void link_lost(Failure why);
  [[nodiscard]] bool occupies_line() const;
  void set_timer(Instant when, void (Session::*action)());
  void clear_timer();
  void note(EventKind kind, Error error, std::string_view what) const;

  Reactor& reactor_;
  ByteLink& link_;
  Options options_;
  EventSink* events_;
  std::deque<Item> queue_;
  std::optional<Item> current_;
  std::deque<Finished> finished_;
  Phase phase_ = Phase::Idle;
  Instant last_activity_;   // when the line was last known busy
  Instant quiet_deadline_;  // give up waiting for silence
  Instant not_before_;      // an answer that nobody waits for any more may come until then
  Instant attempt_limit_;   // kAttemptMax after its begin
  Duration patience_;       // of the attempt, when it began
  std::size_t received_ = 0;
  std::vector<std::uint8_t> stray_;
  Reactor::TimerId timer_ = 0;  // of the current phase
  Instant timer_when_;
  Reactor::TimerId posted_ = 0;  // pump() is due
  std::optional<Failure> failure_;
  Counters counters_;
  std::shared_ptr<bool> alive_;  // false once destroyed, seen by a loop that calls completions
};

}  // namespace weco
