// SPDX-License-Identifier: Apache-2.0
// A session on a wire where everything goes wrong: with any fault, in any direction, at any place
// an exchange ends once, in time, with the right values or a clear error, and when the faults stop
// the next exchange succeeds.
#include <set>

#include "tests/sim/bench.hpp"
#include "tests/support/catch.hpp"

using namespace weco;
using namespace weco::test;

namespace {

const std::set<ErrorCode> kClear = {ErrorCode::Timeout,         ErrorCode::BadChecksum,
                                    ErrorCode::BadFrame,        ErrorCode::UnexpectedReply,
                                    ErrorCode::Truncated,       ErrorCode::Disconnected,
                                    ErrorCode::DeviceException, ErrorCode::TooLong};

/// Three tries of half a second, three waits for silence, and the transmissions.
constexpr Duration kBound = Duration::s(12);

void check_end(Bench& bench, Question& question) {
  const Instant begin = bench.time.now();
  bench.session->submit(question.client, question.done());
  bench.time.run([&] { return question.completions > 0; }, begin + kBound);
  REQUIRE(question.completions == 1);
  if (question.outcome->has_value()) {
    CHECK(question.right());
  } else {
    CHECK(kClear.count(question.outcome->error().code) == 1);
  }
  bench.time.leap(Duration::s(5));  // late answers, merged messages, the way back
  CHECK(question.completions == 1);
}

BenchOptions serial_line() {
  BenchOptions options;
  options.line.timed = true;
  return options;
}

}  // namespace

TEST_CASE("one fault in either direction is recovered from within the deadline") {
  for (std::size_t i = 0; i < kFaultCount; ++i) {
    const Fault fault = static_cast<Fault>(i);
    for (const bool out : {true, false}) {
      for (const bool timed : {true, false}) {
        CAPTURE(kFaultNames[i], out, timed);
        BenchOptions options = timed ? serial_line() : BenchOptions{};
        (out ? options.out : options.in).at_message(1, fault);
        Bench bench(options);
        Question question(bench.config(), 200);
        check_end(bench, question);
        // A lost link is not a lost message: whoever asks hears of it, and may ask again.
        CHECK(question.outcome->has_value() == (fault != Fault::Disconnect));
        Question again(bench.config(), 300);
        check_end(bench, again);
        CHECK(again.outcome->has_value());
        CHECK((out ? bench.faulty.out() : bench.faulty.in()).struck(fault) == 1);
      }
    }
  }
}

TEST_CASE("a fault that strikes every message ends in a clear error, never in a wrong value") {
  for (std::size_t i = 0; i < kFaultCount; ++i) {
    for (const bool out : {true, false}) {
      CAPTURE(kFaultNames[i], out);
      BenchOptions options = serial_line();
      (out ? options.out : options.in).chance(static_cast<Fault>(i), 1000);
      Bench bench(options);
      for (std::uint16_t n = 0; n < 5; ++n) {
        Question question(bench.config(), n);
        check_end(bench, question);
      }
    }
  }
}

TEST_CASE("with a lost link everything queued ends with Disconnected and the reason is kept") {
  BenchOptions options;
  options.in.at_message(1, Fault::Disconnect);
  Bench bench(options);
  Question first(bench.config(), 1);
  Question second(bench.config(), 2);
  bench.session->submit(first.client, first.done());
  bench.session->submit(second.client, second.done());
  bench.time.leap(Duration::s(1));
  for (const Question* each : {&first, &second}) {
    CHECK(each->completions == 1);
    CHECK(each->outcome->error().code == ErrorCode::Disconnected);
  }
  REQUIRE(bench.session->failure().has_value());
  CHECK(bench.session->failure()->code() == ErrorCode::Disconnected);
  bench.time.leap(Duration::s(2));
  Question third(bench.config(), 3);
  CHECK(bench.session->wait(third.client).has_value());
  CHECK_FALSE(bench.session->failure().has_value());
}

TEST_CASE("mixed faults of many seeds: one end each, right values or a clear error, then peace") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    BenchOptions options = seed % 2 == 0 ? serial_line() : BenchOptions{};
    for (FaultPlan* plan : {&options.out, &options.in}) {
      plan->seed = seed * 2 + (plan == &options.in ? 1 : 0);
      for (std::size_t i = 0; i < kFaultCount; ++i) {  // switch kinds off, so others get room
        if ((seed >> (i % 6)) % 2 == 0) plan->chance(static_cast<Fault>(i), 60);
      }
    }
    Bench bench(options);
    for (std::uint16_t n = 0; n < 20; ++n) {
      Question question(bench.config(), static_cast<std::uint16_t>(n * 10));
      check_end(bench, question);
    }
    CHECK(bench.session->waiting() == 0);
  }
}

TEST_CASE("one seed is one run") {
  const auto run = [](std::uint64_t seed) {
    BenchOptions options = serial_line();
    options.in.seed = seed;
    for (std::size_t i = 0; i < kFaultCount; ++i) options.in.chance(static_cast<Fault>(i), 50);
    Bench bench(options);
    for (std::uint16_t n = 0; n < 30; ++n) {
      Question question(bench.config(), n);
      static_cast<void>(bench.session->wait(question.client).has_value());
    }
    return std::pair(bench.time.now(), bench.time.actions());
  };
  CHECK(run(5) == run(5));
  CHECK(run(5) != run(6));
}

TEST_CASE("an answer that comes after a second try was answered is not the next question's") {
  BenchOptions options;
  options.in.late_by = Duration::ms(700);  // the question is given up after 500
  options.in.at_message(1, Fault::Late);
  Bench bench(options);
  Question first(bench.config(), 10);
  Question next(bench.config(), 90);
  CHECK(bench.session->wait(first.client).has_value());
  CHECK(first.right());
  CHECK(bench.session->wait(next.client).has_value());
  CHECK(next.right());
  CHECK(bench.session->counters().attempts == 3);
  CHECK(bench.session->counters().stale_bytes > 0);
}

TEST_CASE("the line cut after every single byte of a conversation") {
  constexpr std::size_t kConversation = 3 * (8 + 13);  // three questions of four registers
  for (std::size_t bytes = 0; bytes <= kConversation; ++bytes) {
    CAPTURE(bytes);
    BenchOptions options = serial_line();
    options.line.piece_bytes = 1;
    Bench bench(options);
    bench.wire.line().cut_after(bytes);
    std::vector<std::unique_ptr<Question>> questions;
    std::size_t answered = 0;
    for (std::uint16_t n = 0; n < 3; ++n) {
      questions.push_back(std::make_unique<Question>(bench.config(), n));
      bench.session->submit(questions.back()->client, questions.back()->done());
    }
    bench.time.leap(Duration::s(30));
    for (const auto& each : questions) {
      REQUIRE(each->completions == 1);
      if (each->outcome->has_value()) {
        CHECK(each->right());
        ++answered;
      } else {
        CHECK(each->outcome->error().code == ErrorCode::Disconnected);
      }
    }
    CHECK(answered == bytes / 21);
    bench.wire.line().mend();
    Question again(bench.config(), 9);
    CHECK(bench.session->wait(again.client).has_value());
    CHECK(again.right());
  }
}
