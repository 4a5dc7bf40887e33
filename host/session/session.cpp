// SPDX-License-Identifier: Apache-2.0
#include "host/session/session.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/assert.hpp"

namespace weco {
namespace {

constexpr std::uint8_t kTriesMax = 20;
constexpr std::size_t kReadPiece = 1024;
constexpr std::int64_t kBitsPerCharacter = 11;  // the longest there is; RTU always has 11

/// What another try may mend. A refusal is an answer; a lost link is not mended by asking again.
bool worth_repeating(ErrorCode code) {
  switch (code) {
    case ErrorCode::Timeout:
    case ErrorCode::BadChecksum:
    case ErrorCode::BadFrame:
    case ErrorCode::UnexpectedReply:
    case ErrorCode::Truncated:
      return true;
    default:
      return false;
  }
}

Duration time_on_wire(std::size_t bytes, const LinkTraits& traits) {
  if (traits.bits_per_second == 0) return {};
  return Duration::us(static_cast<std::int64_t>(bytes) * kBitsPerCharacter * 1000000 /
                      traits.bits_per_second);
}

}  // namespace

Session::Session(Reactor& reactor, ByteLink& link, Options options, EventSink* events)
    : reactor_(reactor),
      link_(link),
      options_(options),
      events_(events),
      last_activity_(reactor.now()),
      alive_(std::make_shared<bool>(true)) {
  WECO_ASSERT(options_.tries >= 1 && options_.tries <= kTriesMax);
  link_.on_readable([this] { on_readable(); });
}

Session::~Session() {
  *alive_ = false;
  link_.on_readable({});
  clear_timer();
  reactor_.cancel(posted_);
  if (current_) {
    current_->exchange->cancel();
    finished_.push_back({std::move(current_->done), fail(ErrorCode::Interrupted)});
  }
  for (Item& item : queue_) {
    finished_.push_back({std::move(item.done), fail(ErrorCode::Interrupted)});
  }
  const std::deque<Finished> last = std::move(finished_);
  for (const Finished& each : last) {
    if (each.done) each.done(each.status);
  }
}

void Session::submit(Exchange& exchange, Completion done, std::uint8_t tries) {
  WECO_ASSERT(tries <= kTriesMax);
  const auto same = [&](const Item& item) { return item.exchange == &exchange; };
  WECO_ASSERT(!(current_ && same(*current_)) && std::none_of(queue_.begin(), queue_.end(), same));
  if (queue_.size() >= kSessionQueueMax) {
    finished_.push_back({std::move(done), fail(ErrorCode::Full)});
  } else {
    queue_.push_back({&exchange, std::move(done), tries == 0 ? options_.tries : tries, {}});
  }
  post();
}

Status Session::wait(Exchange& exchange, std::uint8_t tries) {
  // Shared with the completion, which outlives this call when a second interrupt abandons it.
  const auto result = std::make_shared<std::optional<Status>>();
  const auto alive = alive_;
  submit(
      exchange, [result](Status status) { *result = status; }, tries);
  const auto done = [&] { return result->has_value(); };
  int interrupts = 0;
  while (!done()) {
    const Instant until = reactor_.now() + kAttemptMax;
    if (reactor_.run(done, until)) break;
    if (!*alive) return fail(ErrorCode::Interrupted);
    if (reactor_.now() < until && reactor_.interrupted() && ++interrupts == 2) {
      cancel(exchange);
      return fail(ErrorCode::Interrupted);
    }
  }
  return **result;
}

bool Session::cancel(Exchange& exchange) {
  if (current_ && current_->exchange == &exchange) {
    if (phase_ == Phase::Waiting && occupies_line()) {
      not_before_ = std::min(exchange.deadline(), attempt_limit_);  // its answer may still come
    }
    finish(fail(ErrorCode::Interrupted));
    return true;
  }
  for (auto item = queue_.begin(); item != queue_.end(); ++item) {
    if (item->exchange != &exchange) continue;
    finished_.push_back({std::move(item->done), fail(ErrorCode::Interrupted)});
    queue_.erase(item);
    post();
    return true;
  }
  return false;
}

/// Makes pump() run from the reactor; everything that a caller can see happens there.
void Session::post() {
  if (posted_ != 0) return;
  posted_ = reactor_.at(reactor_.now(), [this] {
    posted_ = 0;
    pump();
  });
}

void Session::pump() {
  const auto alive = alive_;
  deliver();
  if (!*alive || current_ || queue_.empty()) return;
  if (reactor_.interrupted()) return fail_queue(ErrorCode::Interrupted);
  current_ = std::move(queue_.front());
  queue_.pop_front();
  begin_quiet();
}

void Session::fail_queue(ErrorCode code) {
  for (Item& item : queue_) finished_.push_back({std::move(item.done), fail(code)});
  counters_.failed += queue_.size();
  queue_.clear();
  post();
}

/// Calls the completions that are due now; what they add waits for the next pump().
void Session::deliver() {
  const auto alive = alive_;
  std::deque<Finished> due = std::exchange(finished_, {});
  while (!due.empty()) {
    const Finished one = std::move(due.front());
    due.pop_front();
    if (one.done) one.done(one.status);
    if (*alive) continue;
    for (const Finished& rest : due) {  // destroyed by `done`: the others still hear of their end
      if (rest.done) rest.done(rest.status);
    }
    return;
  }
}

void Session::begin_quiet() {
  phase_ = Phase::Quiet;
  quiet_deadline_ = reactor_.now() + kQuietWaitMax;
  check_quiet();
}

/// Starts the attempt once the line has been silent for long enough.
void Session::check_quiet() {
  if (!drain(false)) return;
  failure_.reset();  // it answers reads: the link is there, or there again
  if (reactor_.interrupted()) return finish(fail(ErrorCode::Interrupted));
  const Instant now = reactor_.now();
  const Duration quiet = std::max(current_->exchange->quiet_before(), current_->quiet_extra);
  const bool silent = quiet == Duration{} || now >= last_activity_ + quiet;
  if (silent && now >= not_before_) return begin_attempt();
  if (now < not_before_) return set_timer(not_before_, &Session::check_quiet);
  if (now >= quiet_deadline_) {
    current_->tries_left = 1;
    note(EventKind::Error, {ErrorCode::UnexpectedReply, 0}, "the line is never silent");
    return finish(fail(ErrorCode::UnexpectedReply));
  }
  set_timer(std::min(last_activity_ + quiet, quiet_deadline_), &Session::check_quiet);
}

void Session::begin_attempt() {
  Exchange& exchange = *current_->exchange;
  const Instant now = reactor_.now();
  phase_ = Phase::Waiting;
  received_ = 0;
  attempt_limit_ = now + kAttemptMax;
  ++counters_.attempts;
  exchange.start(now);
  patience_ = std::min(exchange.deadline(), attempt_limit_) - now;
  if (!stray_.empty()) {
    exchange.unsolicited(stray_, now);
    stray_.clear();
    if (exchange.state() != Exchange::State::Waiting) return settle();
  }
  const Bytes request = exchange.to_send();
  if (const Done sent = send(request); !sent) {
    if (sent.error().code() == ErrorCode::Disconnected) return link_lost(sent.error());
    note(EventKind::Error, sent.error().error, sent.error().what);
    return finish(fail(sent.error().error.code, sent.error().error.detail));
  }
  last_activity_ = now + time_on_wire(request.size(), link_.traits());
  settle();
}

Done Session::send(Bytes data) {
  const std::size_t piece = link_.traits().write_max;
  if (piece == 0) return data.empty() ? Done{} : link_.write(data);
  while (!data.empty()) {
    const Bytes part = data.first(std::min(piece, data.size()));
    if (Done sent = link_.write(part); !sent) return sent;
    data = data.subspan(part.size());
  }
  return {};
}

void Session::on_readable() {
  if (!drain(phase_ == Phase::Waiting)) return;
  if (phase_ == Phase::Waiting) settle();
}

/// Reads all there is; feeds it to the exchange or, when nobody asked, counts it as stale. False
/// when the link is gone.
bool Session::drain(bool feed) {
  std::array<std::uint8_t, kReadPiece> room{};
  for (std::size_t total = 0; total < kReceivedMax;) {
    const Outcome<std::size_t> got = link_.read(room);
    if (!got) {
      link_lost(got.error());
      return false;
    }
    if (*got == 0) return true;
    total += *got;
    const Instant now = reactor_.now();
    last_activity_ = std::max(last_activity_, now);
    if (!feed || current_->exchange->state() != Exchange::State::Waiting) {
      counters_.stale_bytes += *got;
      keep_stray(Bytes(room).first(*got));
      continue;
    }
    received_ += *got;
    current_->exchange->received(Bytes(room).first(*got), now);
  }
  return true;
}

/// Only the beginning counts: what a device says by itself is said when it is connected.
void Session::keep_stray(Bytes data) {
  const std::size_t room = kStrayMax - std::min(kStrayMax, stray_.size());
  const Bytes taken = data.first(std::min(room, data.size()));
  stray_.insert(stray_.end(), taken.begin(), taken.end());
}

void Session::on_deadline() {
  if (!drain(true)) return;  // what arrived at the last moment still counts
  if (current_->exchange->state() == Exchange::State::Waiting) {
    const Instant now = reactor_.now();
    current_->exchange->advance(now);
    const bool overdue = current_->exchange->state() == Exchange::State::Waiting &&
                         current_->exchange->deadline() <= now;
    if (overdue) return end_attempt(fail(ErrorCode::Timeout));
  }
  settle();
}

/// Looks at where the exchange stands after anything happened to it.
void Session::settle() {
  const Exchange& exchange = *current_->exchange;
  switch (exchange.state()) {
    case Exchange::State::Done:
      return end_attempt({});
    case Exchange::State::Failed:
      return end_attempt(fail(exchange.error().code, exchange.error().detail));
    case Exchange::State::Idle:
    case Exchange::State::Waiting:
      break;
  }
  if (reactor_.now() >= attempt_limit_) return end_attempt(fail(ErrorCode::Timeout));
  if (received_ >= kReceivedMax) return end_attempt(fail(ErrorCode::TooLong));
  arm();
}

void Session::arm() {
  const Instant when = std::min(current_->exchange->deadline(), attempt_limit_);
  set_timer(when, &Session::on_deadline);
}

void Session::end_attempt(Status status) {
  if (status || !worth_repeating(status.error().code)) return finish(status);
  const Error error = status.error();
  if (reactor_.interrupted()) return finish(fail(ErrorCode::Interrupted));
  if (--current_->tries_left == 0) {
    note(EventKind::Error, error, "the exchange failed");
    return finish(status);
  }
  note(EventKind::Error, error, "the exchange is repeated");
  ++counters_.repeated;
  current_->late = current_->late || error.code == ErrorCode::Timeout;
  const bool damaged = error.code != ErrorCode::Timeout;
  current_->quiet_extra = damaged && occupies_line() ? kResyncQuiet : Duration{};
  clear_timer();
  begin_quiet();
}

/// Whatever ended it, the exchange waits no longer and can be asked something else.
void Session::finish(Status status) {
  clear_timer();
  current_->exchange->cancel();
  // Asked twice, answered once: the other answer may still come, and on most links nothing in it
  // tells it from the answer to the next question.
  if (status && current_->late) not_before_ = reactor_.now() + patience_;
  phase_ = Phase::Idle;
  ++(status ? counters_.succeeded : counters_.failed);
  finished_.push_back({std::move(current_->done), status});
  current_.reset();
  post();
}

void Session::link_lost(Failure why) {
  if (!failure_) {
    note(EventKind::Error, why.error, why.what);
    failure_ = std::move(why);
  }
  if (current_) {
    const bool answered =
        phase_ == Phase::Waiting && current_->exchange->state() == Exchange::State::Done;
    finish(answered ? Status{} : fail(ErrorCode::Disconnected));
  }
  fail_queue(ErrorCode::Disconnected);
}

/// True where bytes that are late stand in the way of the next ones.
bool Session::occupies_line() const {
  const LinkTraits traits = link_.traits();
  return traits.bits_per_second != 0 || traits.shared_line;
}

void Session::set_timer(Instant when, void (Session::*action)()) {
  if (timer_ != 0 && timer_when_ == when) return;
  clear_timer();
  timer_when_ = when;
  timer_ = reactor_.at(when, [this, action] {
    timer_ = 0;
    (this->*action)();
  });
}

void Session::clear_timer() {
  reactor_.cancel(timer_);
  timer_ = 0;
}

void Session::note(EventKind kind, Error error, std::string_view what) const {
  if (events_ == nullptr) return;
  std::string text(what);
  text.append(": ").append(info(error.code).name);
  if (error.detail != 0) text.append(" ").append(std::to_string(error.detail));
  const std::string link = link_.describe();
  events_->record({kind, link, {}, {}, text});
}

}  // namespace weco
