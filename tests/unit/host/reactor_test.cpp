// SPDX-License-Identifier: Apache-2.0
// What every reactor promises, on the real one and in virtual time.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <vector>

#include "host/reactor/poll_reactor.hpp"
#include "sim/timeline/timeline.hpp"
#include "tests/support/catch.hpp"

using namespace weco;

namespace {

const auto kNever = [] { return false; };

void check_order(Reactor& reactor) {
  std::vector<int> fired;
  const Instant now = reactor.now();
  reactor.at(now + Duration::ms(2), [&] { fired.push_back(3); });
  reactor.at(now + Duration::ms(1), [&] { fired.push_back(1); });
  reactor.at(now + Duration::ms(1), [&] { fired.push_back(2); });
  const auto gone = reactor.at(now + Duration::ms(1), [&] { fired.push_back(99); });
  reactor.cancel(gone);
  reactor.cancel(gone);
  reactor.cancel(0);
  CHECK(reactor.run([&] { return fired.size() == 3; }, now + Duration::s(5)));
  CHECK(fired == std::vector<int>{1, 2, 3});
}

void check_changes_while_firing(Reactor& reactor) {
  int fired = 0;
  const Instant now = reactor.now();
  Reactor::TimerId second = 0;
  reactor.at(now, [&] {
    ++fired;
    reactor.cancel(second);
    reactor.at(now, [&] { fired += 10; });
  });
  second = reactor.at(now, [&] { fired += 100; });
  CHECK(reactor.run([&] { return fired >= 11; }, now + Duration::s(5)));
  CHECK(fired == 11);
}

void check_nested(Reactor& reactor) {
  bool inner = false;
  bool outer = false;
  const Instant now = reactor.now();
  reactor.at(now, [&] {
    reactor.at(reactor.now() + Duration::ms(1), [&] { inner = true; });
    CHECK(reactor.run([&] { return inner; }, reactor.now() + Duration::s(5)));
    outer = true;
  });
  CHECK(reactor.run([&] { return outer; }, now + Duration::s(5)));
}

void check_interrupt(Reactor& reactor) {
  const Instant far = reactor.now() + Duration::s(100);
  CHECK_FALSE(reactor.interrupted());
  reactor.at(reactor.now(), [&] {
    reactor.at(reactor.now(), [&] { reactor.interrupt(); });
    CHECK_FALSE(reactor.run(kNever, far));  // the inner and
  });
  CHECK_FALSE(reactor.run(kNever, far));  // the outer run end
  CHECK(reactor.now() < far);
  CHECK(reactor.interrupted());
  bool later = false;
  reactor.at(reactor.now() + Duration::ms(1), [&] { later = true; });
  CHECK(reactor.run([&] { return later; }, far));  // the exchange in flight may finish
  reactor.interrupt();                             // between two runs: the next one ends
  CHECK_FALSE(reactor.run(kNever, far));
  CHECK(reactor.now() < far);
}

void check_limits(Reactor& reactor) {
  CHECK_FALSE(reactor.run(kNever, Instant::never()));  // nothing to wait for
  const Instant until = reactor.now() + Duration::ms(3);
  CHECK_FALSE(reactor.run(kNever, until));
  CHECK(reactor.now() >= until);
  CHECK(reactor.run([] { return true; }, Instant::never()));
  int past = 0;
  reactor.at(Instant::from_us(-5), [&] { ++past; });
  CHECK(reactor.run([&] { return past == 1; }, reactor.now() + Duration::s(5)));
}

template <class R>
void check_all() {
  check_order(*std::make_unique<R>());
  check_changes_while_firing(*std::make_unique<R>());
  check_nested(*std::make_unique<R>());
  check_limits(*std::make_unique<R>());
  check_interrupt(*std::make_unique<R>());
}

struct Pipe {
  Pipe() { REQUIRE(::pipe2(ends.data(), O_NONBLOCK | O_CLOEXEC) == 0); }
  ~Pipe() {
    ::close(ends[0]);
    if (ends[1] >= 0) ::close(ends[1]);
  }
  void put() { REQUIRE(::write(ends[1], "x", 1) == 1); }
  bool take() {
    char c = 0;
    return ::read(ends[0], &c, 1) == 1;
  }
  std::array<int, 2> ends{-1, -1};
};

Reactor* signalled = nullptr;
void on_signal(int) { signalled->interrupt(); }

}  // namespace

TEST_CASE("the real reactor keeps every promise of a reactor") { check_all<PollReactor>(); }

TEST_CASE("virtual time keeps every promise of a reactor") { check_all<sim::Timeline>(); }

TEST_CASE("a watched descriptor is called while it has data, and when its writer is gone") {
  PollReactor reactor;
  Pipe pipe;
  int calls = 0;
  int bytes = 0;
  reactor.watch(pipe.ends[0], [&] {
    ++calls;
    bytes += pipe.take() ? 1 : 0;
  });
  pipe.put();
  pipe.put();
  CHECK(reactor.run([&] { return bytes == 2; }, reactor.now() + Duration::s(5)));
  const int before = calls;
  ::close(pipe.ends[1]);
  pipe.ends[1] = -1;
  CHECK(reactor.run([&] { return calls > before; }, reactor.now() + Duration::s(5)));
  reactor.unwatch(pipe.ends[0]);
  const int after = calls;
  reactor.run(kNever, reactor.now() + Duration::ms(2));
  CHECK(calls == after);
}

TEST_CASE("an action may unwatch itself and other descriptors that are ready too") {
  PollReactor reactor;
  Pipe first;
  Pipe second;
  int calls = 0;
  const auto both = [&] {
    ++calls;
    reactor.unwatch(first.ends[0]);
    reactor.unwatch(second.ends[0]);
  };
  reactor.watch(first.ends[0], both);
  reactor.watch(second.ends[0], both);
  first.put();
  second.put();
  reactor.run(kNever, reactor.now() + Duration::ms(5));
  CHECK(calls == 1);
}

TEST_CASE("a writable descriptor is reported once") {
  PollReactor reactor;
  Pipe pipe;
  int calls = 0;
  reactor.once_writable(pipe.ends[1], [&] { ++calls; });
  reactor.run(kNever, reactor.now() + Duration::ms(5));
  CHECK(calls == 1);
}

TEST_CASE("a timer that sets itself again does not starve descriptors") {
  PollReactor reactor;
  Pipe pipe;
  bool read = false;
  std::function<void()> again = [&] { reactor.at(reactor.now(), again); };
  again();
  reactor.watch(pipe.ends[0], [&] { read = pipe.take(); });
  pipe.put();
  CHECK(reactor.run([&] { return read; }, reactor.now() + Duration::s(5)));
}

TEST_CASE("a signal handler may interrupt") {
  PollReactor reactor;
  signalled = &reactor;
  struct sigaction action {};
  action.sa_handler = on_signal;
  struct sigaction before {};
  REQUIRE(::sigaction(SIGUSR1, &action, &before) == 0);
  reactor.at(reactor.now() + Duration::ms(1), [] { ::raise(SIGUSR1); });
  CHECK_FALSE(reactor.run(kNever, reactor.now() + Duration::s(100)));
  CHECK(reactor.interrupted());
  ::sigaction(SIGUSR1, &before, nullptr);
}

TEST_CASE("virtual time jumps: a year takes no time and the calendar follows") {
  sim::Timeline time(Instant::from_us(5), 1767225600);
  int days = 0;
  std::function<void()> daily = [&] {
    ++days;
    time.at(time.now() + Duration::hours(24), daily);
  };
  time.at(time.now() + Duration::hours(24), daily);
  time.leap(Duration::hours(24 * 365));
  CHECK(days == 365);
  CHECK(time.now() == Instant::from_us(5) + Duration::hours(24 * 365));
  CHECK(time.wall_seconds() == 1767225600 + 365 * 86400);
  CHECK(time.timers() == 1);
  CHECK(time.actions() == 365);
}

TEST_CASE("the real clock goes forward and the calendar is that of this century") {
  PollReactor reactor;
  const Instant before = reactor.now();
  CHECK(reactor.now() >= before);
  CHECK(reactor.wall_seconds() > 1700000000);
  CHECK(reactor.wall_seconds() < 4102444800);
}
