// SPDX-License-Identifier: Apache-2.0
// gateway PORT SECONDS: reads 100 registers from each of 20 units behind one Modbus/TCP gateway on
// this machine, ten times a second, and prints how many answers came, how many reads failed, and
// the processor seconds that it took.
#include <sys/resource.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <vector>

#include "core/protocol/modbus/client.hpp"
#include "host/reactor/poll_reactor.hpp"
#include "host/session/session.hpp"
#include "transports/tcp/tcp.hpp"

namespace {

using namespace weco;

constexpr std::size_t kUnits = 20;
constexpr std::size_t kRegisters = 100;
constexpr Duration kPeriod = Duration::ms(100);

struct Unit {
  modbus::Client client;
  bool waiting = false;
};

struct Poll {
  Reactor& reactor;
  Session session;
  std::vector<Unit> units{kUnits};
  unsigned long answered = 0;
  unsigned long failed = 0;

  Poll(Reactor& loop, ByteLink& link) : reactor(loop), session(loop, link) {
    modbus::ClientConfig config;
    config.framing = modbus::Framing::Tcp;
    for (std::size_t i = 0; i < kUnits; ++i) {
      config.unit = static_cast<std::uint8_t>(i + 1);
      units[i].client.configure(config);
      units[i].client.set_request(*modbus::Request::read_holding_registers(0, kRegisters));
    }
  }
  void round(Instant due) {
    for (Unit& unit : units) {
      if (unit.waiting) {  // it did not keep up: that round is lost
        ++failed;
        continue;
      }
      unit.waiting = true;
      session.submit(unit.client, [this, &unit](Status status) {
        unit.waiting = false;
        const bool right = status && unit.client.response().registers().size() == kRegisters;
        ++(right ? answered : failed);
      });
    }
    reactor.at(due + kPeriod, [this, due] { round(due + kPeriod); });
  }
};

double processor_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  PollReactor reactor;
  auto link =
      transports::open_tcp(reactor, "127.0.0.1", static_cast<std::uint16_t>(std::atoi(argv[1])));
  if (!link) return 1;
  Poll poll(reactor, **link);
  const double before = processor_seconds();
  poll.round(reactor.now());
  reactor.run([] { return false; }, reactor.now() + Duration::s(std::atoi(argv[2])));
  std::printf("%lu %lu %.3f\n", poll.answered, poll.failed, processor_seconds() - before);
  return 0;
}
