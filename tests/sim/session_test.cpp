// SPDX-License-Identifier: Apache-2.0
// What a session promises when nothing on the wire goes wrong but the caller does what callers do.
#include <malloc.h>

#include "host/evidence/recorder.hpp"
#include "tests/sim/bench.hpp"
#include "tests/support/catch.hpp"

using namespace weco;
using namespace weco::test;

TEST_CASE("an exchange is answered and takes no real time") {
  Bench bench;
  Question question(bench.config(), 100);
  REQUIRE(bench.session->wait(question.client).has_value());
  CHECK(question.right());
  CHECK(bench.session->counters().attempts == 1);
}

TEST_CASE("on a serial line an exchange lasts as long as its characters") {
  BenchOptions options;
  options.line.timed = true;
  Bench bench(options);
  Question question(bench.config(), 0, 10);
  REQUIRE(bench.session->wait(question.client).has_value());
  // 8 bytes out, 25 back, 10 bits each at 9600 bit/s: 34.4 ms, plus the silence before.
  const std::int64_t us = bench.time.now().to_us();
  CHECK(us >= 34375);
  CHECK(us < 34375 + 8000);
}

TEST_CASE("exchanges are answered in the order of their submission, each exactly once") {
  Bench bench;
  std::vector<std::uint16_t> order;
  std::vector<std::unique_ptr<Question>> questions;
  for (std::uint16_t i = 0; i < 50; ++i) {
    questions.push_back(std::make_unique<Question>(bench.config(), i));
    Question& q = *questions.back();
    bench.session->submit(q.client, [&order, &q](Status status) {
      ++q.completions;
      if (status && q.right()) order.push_back(q.first);
    });
  }
  CHECK(order.empty());  // never from inside submit()
  bench.time.leap(Duration::s(10));
  REQUIRE(order.size() == 50);
  for (std::uint16_t i = 0; i < 50; ++i) {
    CHECK(order[i] == i);
    CHECK(questions[i]->completions == 1);
  }
}

TEST_CASE("what the device refuses is never asked again") {
  Bench bench;
  Question question(bench.config(), kFirstMissing);
  const Status status = bench.session->wait(question.client);
  REQUIRE_FALSE(status.has_value());
  CHECK(status.error() == Error{ErrorCode::DeviceException, 2});
  CHECK(bench.device.registers.reads == 1);
}

TEST_CASE("silence is asked again as often as allowed and then reported") {
  BenchOptions options;
  options.out.chance(Fault::Silence, 1000);
  for (const std::uint8_t tries : {std::uint8_t{1}, std::uint8_t{3}, std::uint8_t{20}}) {
    options.tries = tries;
    MemorySink events;
    Bench bench(options, &events);
    Question question(bench.config(), 1);
    const Status status = bench.session->wait(question.client);
    REQUIRE_FALSE(status.has_value());
    CHECK(status.error().code == ErrorCode::Timeout);
    CHECK(bench.session->counters().attempts == tries);
    CHECK(bench.time.now() < Instant{} + Duration::ms(501) * tries);
    CHECK(events.count(EventKind::Error) == tries);
    CHECK(bench.time.timers() == 0);
  }
}

TEST_CASE("the line is silent before every request for as long as the protocol wants") {
  BenchOptions options;
  options.line.timed = true;
  Bench bench(options);
  Question first(bench.config(), 1);
  Question second(bench.config(), 2);
  REQUIRE(bench.session->wait(first.client).has_value());
  const Instant heard = bench.time.now();
  REQUIRE(bench.session->wait(second.client).has_value());
  const Duration transmission = Duration::us((8 + 13) * 10 * 1000000 / 9600);
  CHECK(bench.time.now() - heard >= transmission + second.client.quiet_before());
}

TEST_CASE("a line on which another master never stops talking is named, not waited for") {
  BenchOptions options;
  options.line.timed = true;
  options.line.shared_line = true;
  options.line.piece_bytes = 1;  // pieces would look like silences
  Bench bench(options);
  const auto other = bench.wire.line().join();
  const std::array<std::uint8_t, 4> noise{1, 2, 3, 4};
  std::function<void()> babble = [&] {
    static_cast<void>(other->write(noise).has_value());
    bench.time.at(bench.time.now() + Duration::ms(4), babble);
  };
  babble();
  bench.time.leap(Duration::ms(20));
  Question question(bench.config(), 1);
  const Status status = bench.session->wait(question.client);
  REQUIRE_FALSE(status.has_value());
  CHECK(status.error().code == ErrorCode::UnexpectedReply);
  CHECK(bench.session->counters().attempts == 0);
  CHECK(bench.time.now() < Instant{} + kQuietWaitMax + Duration::ms(50));
}

TEST_CASE("an interrupt lets the exchange in flight finish and ends everything behind it") {
  Bench bench;
  Question first(bench.config(), 1);
  Question second(bench.config(), 2);
  Question third(bench.config(), 3);
  bench.session->submit(first.client, first.done());
  bench.session->submit(second.client, second.done());
  bench.time.run([&] { return bench.session->counters().attempts == 1; }, Instant::never());
  bench.time.interrupt();
  const Status status = bench.session->wait(third.client);
  REQUIRE_FALSE(status.has_value());
  CHECK(status.error().code == ErrorCode::Interrupted);
  CHECK(first.completions == 1);
  CHECK(first.outcome->has_value());
  CHECK(second.completions == 1);
  CHECK(second.outcome->error().code == ErrorCode::Interrupted);
  CHECK(bench.session->counters().attempts == 1);
}

TEST_CASE("a second interrupt abandons an exchange that would wait for its deadline") {
  BenchOptions options;
  options.out.chance(Fault::Silence, 1000);
  Bench bench(options);
  Question question(bench.config(), 1);
  bench.time.at(Instant::from_us(1000), [&] { bench.time.interrupt(); });
  bench.time.at(Instant::from_us(2000), [&] { bench.time.interrupt(); });
  const Status status = bench.session->wait(question.client);
  REQUIRE_FALSE(status.has_value());
  CHECK(status.error().code == ErrorCode::Interrupted);
  CHECK(bench.time.now() == Instant::from_us(2000));
  CHECK(bench.session->waiting() == 0);
}

TEST_CASE("one interrupt ends a silent exchange at its deadline without another try") {
  BenchOptions options;
  options.out.chance(Fault::Silence, 1000);
  Bench bench(options);
  Question question(bench.config(), 1);
  bench.time.at(Instant::from_us(1000), [&] { bench.time.interrupt(); });
  const Status status = bench.session->wait(question.client);
  REQUIRE_FALSE(status.has_value());
  CHECK(status.error().code == ErrorCode::Interrupted);
  CHECK(bench.session->counters().attempts == 1);
}

TEST_CASE("a cancelled exchange completes once with Interrupted, queued or in flight") {
  Bench bench;
  Question first(bench.config(), 1);
  Question second(bench.config(), 2);
  Question third(bench.config(), 3);
  bench.session->submit(first.client, first.done());
  bench.session->submit(second.client, second.done());
  bench.session->submit(third.client, third.done());
  CHECK(bench.session->cancel(second.client));
  bench.time.run([&] { return bench.session->counters().attempts == 1; }, Instant::never());
  CHECK(bench.session->cancel(first.client));
  CHECK_FALSE(bench.session->cancel(first.client));
  CHECK(first.completions == 0);  // never from inside cancel()
  bench.time.leap(Duration::s(5));
  CHECK(first.completions == 1);
  CHECK(first.outcome->error().code == ErrorCode::Interrupted);
  CHECK(second.completions == 1);
  CHECK(second.outcome->error().code == ErrorCode::Interrupted);
  CHECK(third.completions == 1);
  CHECK(third.outcome->has_value());
  CHECK(third.right());
}

TEST_CASE("whatever ended an exchange, it waits for nothing and can ask something else at once") {
  BenchOptions options;
  const bool broken = GENERATE(false, true);
  CAPTURE(broken);
  (broken ? options.in : options.out).at_message(1, broken ? Fault::Disconnect : Fault::Silence);
  Bench bench(options);
  Question question(bench.config(), 1);
  bench.session->submit(question.client, question.done());
  bench.time.run([&] { return bench.session->counters().attempts == 1; }, Instant::never());
  if (!broken) CHECK(bench.session->cancel(question.client));
  bench.time.leap(Duration::s(3));
  CHECK(question.completions == 1);
  CHECK(question.outcome->error().code ==
        (broken ? ErrorCode::Disconnected : ErrorCode::Interrupted));
  CHECK(question.client.state() == Exchange::State::Idle);
  question.client.set_request(*modbus::Request::read_holding_registers(1, 2));
  CHECK(bench.session->wait(question.client).has_value());
  CHECK(question.right());
}

TEST_CASE("the queue is bounded and says so through the completion") {
  Bench bench;
  std::vector<std::unique_ptr<Question>> questions;
  for (std::size_t i = 0; i <= kSessionQueueMax; ++i) {
    questions.push_back(std::make_unique<Question>(bench.config(), std::uint16_t{1}));
    bench.session->submit(questions.back()->client, questions.back()->done());
  }
  bench.time.leap(Duration::minutes(60));
  CHECK(questions.back()->completions == 1);
  CHECK(questions.back()->outcome->error().code == ErrorCode::Full);
  std::size_t good = 0;
  for (const auto& each : questions) {
    REQUIRE(each->completions == 1);
    good += each->outcome->has_value() ? 1U : 0U;
  }
  CHECK(good == kSessionQueueMax);
}

TEST_CASE("a completion may submit, wait and destroy the session") {
  Bench bench;
  Question first(bench.config(), 1);
  Question inner(bench.config(), 2);
  Question last(bench.config(), 3);
  Question after(bench.config(), 4);
  bench.session->submit(first.client, [&](Status) {
    ++first.completions;
    CHECK(bench.session->wait(inner.client).has_value());
    CHECK(inner.right());
    bench.session->submit(after.client, after.done());
    bench.session.reset();
  });
  bench.session->submit(last.client, last.done());
  bench.time.leap(Duration::s(10));
  CHECK(first.completions == 1);
  CHECK(last.completions == 1);
  CHECK(after.completions == 1);
  CHECK(after.outcome->error().code == ErrorCode::Interrupted);
  CHECK(bench.time.timers() == 0);
}

TEST_CASE("destroying a session completes what it still had") {
  Bench bench;
  Question first(bench.config(), 1);
  Question second(bench.config(), 2);
  bench.session->submit(first.client, first.done());
  bench.session->submit(second.client, second.done());
  bench.time.run([&] { return bench.session->counters().attempts == 1; }, Instant::never());
  bench.session.reset();
  CHECK(first.client.state() == Exchange::State::Idle);
  CHECK(first.completions == 1);
  CHECK(second.completions == 1);
  CHECK(second.outcome->error().code == ErrorCode::Interrupted);
  bench.time.leap(Duration::s(10));
  CHECK(first.completions == 1);
}

TEST_CASE("a simulated day of polling leaves nothing behind") {
  Bench bench;
  Question question(bench.config(), 10, 50);
  const auto poll = [&](int times) {
    for (int i = 0; i < times; ++i) {
      REQUIRE(bench.session->wait(question.client).has_value());
      bench.time.leap(Duration::s(1));
    }
  };
  poll(1000);  // whatever grows to its working size does so now
  const auto used = mallinfo2().uordblks;
  const std::size_t timers = bench.time.timers();
  poll(86400);
  CHECK(mallinfo2().uordblks <= used);
  CHECK(bench.time.timers() == timers);
  CHECK(bench.session->counters().failed == 0);
  CHECK(bench.time.now() - Instant{} >= Duration::hours(24));
}
