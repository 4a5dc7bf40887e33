// SPDX-License-Identifier: Apache-2.0
#include "transports/udp/udp.hpp"

#include <array>
#include <vector>

#include "host/reactor/poll_reactor.hpp"
#include "tests/support/catch.hpp"
#include "transports/tcp/subnet.hpp"
#include "transports/tcp/tcp.hpp"

using namespace weco;
using namespace weco::transports;

namespace {

using Data = std::vector<std::uint8_t>;
constexpr Duration kPatience = Duration::s(5);

/// Whoever comes gets back what they send.
struct Echo {
  Echo(Reactor& reactor, const char* host, std::uint16_t port = 0) {
    auto made = UdpServer::listen(reactor, host, port, [this](std::unique_ptr<ByteLink> link) {
      ByteLink& added = *link;
      links.push_back(std::move(link));
      added.on_readable([&added] {
        std::array<std::uint8_t, 2048> room{};
        const auto got = added.read(room);
        if (got && *got > 0) static_cast<void>(added.write(Bytes(room).first(*got)).has_value());
      });
    });
    REQUIRE(made.has_value());
    server = std::move(*made);
  }
  std::vector<std::unique_ptr<ByteLink>> links;
  std::unique_ptr<UdpServer> server;
};

/// The next datagram, or nothing within `patience`.
Data next(Reactor& reactor, ByteLink& link, Duration patience = kPatience) {
  Data data;
  ErrorCode code{};
  link.on_readable([&] {
    std::array<std::uint8_t, 2048> room{};
    const auto got = link.read(room);
    if (!got) code = got.error().code();
    if (got) data.assign(room.begin(), room.begin() + static_cast<std::ptrdiff_t>(*got));
  });
  reactor.run([&] { return !data.empty() || code != ErrorCode{}; }, reactor.now() + patience);
  link.on_readable({});
  return data;
}

std::unique_ptr<ByteLink> to(Reactor& reactor, const char* host, const Echo& echo) {
  auto link = open_udp(reactor, host, echo.server->port());
  REQUIRE(link.has_value());
  return std::move(*link);
}

}  // namespace

TEST_CASE("datagrams over IPv4 and IPv6 keep their borders and go to who asked") {
  for (const char* const host : {"127.0.0.1", "::1"}) {
    CAPTURE(host);
    PollReactor reactor;
    Echo echo(reactor, host);
    const auto a = to(reactor, host, echo);
    const auto b = to(reactor, host, echo);
    REQUIRE(a->write(Data{1, 2, 3}).has_value());
    REQUIRE(a->write(Data(kDatagramMax, 0xA5)).has_value());
    REQUIRE(b->write(Data{9}).has_value());
    CHECK(next(reactor, *a) == Data{1, 2, 3});
    CHECK(next(reactor, *a) == Data(kDatagramMax, 0xA5));
    CHECK(next(reactor, *b) == Data{9});
    CHECK(echo.server->clients() == 2);
    CHECK(a->write(Data(kDatagramMax + 1, 0)).error().code() == ErrorCode::OutOfRange);
    const bool v6 = std::string(host) == "::1";
    CHECK(a->describe() ==
          std::string(v6 ? "udp:[::1]:" : "udp:127.0.0.1:") + std::to_string(echo.server->port()));
  }
}

TEST_CASE("a datagram that is read in pieces loses nothing and never mixes with the next") {
  PollReactor reactor;
  Echo echo(reactor, "127.0.0.1");
  const auto link = to(reactor, "127.0.0.1", echo);
  REQUIRE(link->write(Data{1, 2, 3}).has_value());
  REQUIRE(link->write(Data{4}).has_value());
  std::vector<Data> pieces;
  link->on_readable([&] {
    std::array<std::uint8_t, 2> room{};
    const auto got = link->read(room);
    if (got && *got > 0) {
      pieces.emplace_back(room.begin(), room.begin() + static_cast<std::ptrdiff_t>(*got));
    }
  });
  reactor.run([&] { return pieces.size() == 3; }, reactor.now() + kPatience);
  CHECK(pieces == std::vector<Data>{{1, 2}, {3}, {4}});
}

TEST_CASE("a port that is closed is told once, and the link goes on when the device is back") {
  PollReactor reactor;
  std::uint16_t port = 0;
  std::unique_ptr<ByteLink> link;
  {
    const Echo gone(reactor, "127.0.0.1");
    port = gone.server->port();
    link = to(reactor, "127.0.0.1", gone);
  }
  REQUIRE(link->write(Data{1}).has_value());
  std::array<std::uint8_t, 8> room{};
  ErrorCode told{};
  link->on_readable([&] {
    if (const auto got = link->read(room); !got) told = got.error().code();
  });
  reactor.run([&] { return told != ErrorCode{}; }, reactor.now() + kPatience);
  CHECK(told == ErrorCode::Disconnected);
  CHECK(link->read(room).value_or(9) == 0);
  const Echo back(reactor, "127.0.0.1", port);
  REQUIRE(link->write(Data{2}).has_value());
  CHECK(next(reactor, *link) == Data{2});
}

TEST_CASE("a crowd of clients and floods of datagrams take bounded memory") {
  PollReactor reactor;
  Echo echo(reactor, "127.0.0.1");
  std::vector<std::unique_ptr<ByteLink>> crowd;
  for (std::size_t i = 0; i <= kUdpClientsMax; ++i) {
    crowd.push_back(to(reactor, "127.0.0.1", echo));
    REQUIRE(crowd.back()->write(Data{static_cast<std::uint8_t>(i)}).has_value());
    CHECK(next(reactor, *crowd.back()) == Data{static_cast<std::uint8_t>(i)});
  }
  CHECK(echo.server->clients() == kUdpClientsMax);
  std::array<std::uint8_t, 8> room{};
  CHECK(echo.links.front()->read(room).error().code() == ErrorCode::Disconnected);
  // The one that was forgotten is a new client when it speaks again.
  REQUIRE(crowd.front()->write(Data{77}).has_value());
  CHECK(next(reactor, *crowd.front()) == Data{77});
  for (std::size_t i = 0; i < 4 * kDatagramsWaitingMax; ++i) {
    static_cast<void>(crowd.front()->write(Data{1}).has_value());
    reactor.run([] { return false; }, reactor.now());
  }
  std::size_t waiting = 0;
  while (crowd.front()->read(room).value_or(0) > 0) ++waiting;
  CHECK(waiting <= 2 * kDatagramsWaitingMax);
  echo.server.reset();
  CHECK(echo.links.back()->read(room).has_value() == false);
}

TEST_CASE("a port that is taken and a host that is none are named") {
  PollReactor reactor;
  const Echo echo(reactor, "127.0.0.1");
  const auto second = UdpServer::listen(reactor, "127.0.0.1", echo.server->port(), {});
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().code() == ErrorCode::Busy);
  const auto nobody = open_udp(reactor, "256.1.1.1", 502);
  REQUIRE_FALSE(nobody.has_value());
  CHECK(nobody.error().code() == ErrorCode::NotFound);
}

TEST_CASE("a network is its hosts, and what is none or too large is refused") {
  const auto net = parse_subnet("192.168.1.77/24");
  REQUIRE(net.has_value());
  CHECK(net->first == 0xC0A80101);
  CHECK(net->count == 254);
  CHECK(parse_subnet("10.0.0.4/31")->count == 2);
  CHECK(parse_subnet("10.0.0.4/32")->first == 0x0A000004);
  CHECK(parse_subnet("10.0.0.0/22")->count == 1022);
  for (const char* const wrong : {"10.0.0.0/21", "10.0.0.0/0", "10.0.0.0/33", "10.0.0.0/", "/24",
                                  "10.0.0/24", "10.0.0.0/2x", "fe80::1/64", "gateway/24"}) {
    CAPTURE(wrong);
    CHECK(is_subnet(wrong));
    CHECK(parse_subnet(wrong).error().code() == ErrorCode::BadUsage);
  }
  CHECK_FALSE(is_subnet("192.168.1.77"));
}

TEST_CASE("a network is asked address by address, at a pace, and who listens is found") {
  PollReactor reactor;
  std::vector<std::unique_ptr<ByteLink>> links;
  const auto keep = [&links](std::unique_ptr<ByteLink> link) { links.push_back(std::move(link)); };
  const auto one = TcpListener::listen(reactor, "127.0.0.2", 0, keep);
  REQUIRE(one.has_value());
  const std::uint16_t port = (*one)->port();
  const auto two = TcpListener::listen(reactor, "127.0.0.13", port, keep);
  REQUIRE(two.has_value());
  const Instant begun = reactor.now();
  const auto search =
      SubnetSearch::start(reactor, *parse_subnet("127.0.0.0/28"), port, Duration::ms(500));
  reactor.run([&] { return search->ended(); }, begun + kPatience);
  REQUIRE(search->ended());
  CHECK(reactor.now() - begun >= kSubnetPace * 13);
  CHECK(search->asked() == 14);
  CHECK(search->found().hosts == std::vector<std::string>{"127.0.0.2", "127.0.0.13"});
  CHECK(search->found().refused == 12);
}

TEST_CASE("a search that is given up takes its attempts with it") {
  PollReactor reactor;
  auto search = SubnetSearch::start(reactor, *parse_subnet("127.0.0.0/24"), 1, Duration::ms(500));
  reactor.run([] { return false; }, reactor.now() + kSubnetPace * 2);
  CHECK(search->asked() >= 1);
  CHECK_FALSE(search->ended());
  search.reset();
  reactor.run([] { return false; }, reactor.now() + Duration::ms(5));
}
