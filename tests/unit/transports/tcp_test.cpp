// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <memory>
#include <vector>

#include "host/reactor/poll_reactor.hpp"
#include "tests/support/catch.hpp"
#include "transports/open.hpp"
#include "transports/tcp/lasting_link.hpp"
#include "transports/tcp/tcp.hpp"

using namespace weco;
using namespace weco::transports;

namespace {

using Data = std::vector<std::uint8_t>;
constexpr Duration kPatience = Duration::s(5);

/// Sends back what it gets, to as many as come.
class EchoServer {
 public:
  EchoServer(Reactor& reactor, const std::string& host, std::uint16_t port = 0,
             Duration idle = kUnansweredMax)
      : listener(std::move(*TcpListener::listen(
            reactor, host, port, [this](auto link) { serve(std::move(link)); }, idle))) {}
  void serve(std::unique_ptr<ByteLink> link) {
    ByteLink& added = *link;
    links.push_back(std::move(link));
    added.on_readable([&added] {
      std::array<std::uint8_t, 4096> room{};
      for (auto got = added.read(room); got.has_value() && *got > 0; got = added.read(room)) {
        static_cast<void>(added.write(Bytes(room).first(*got)).has_value());
      }
    });
  }
  std::vector<std::unique_ptr<ByteLink>> links;
  std::unique_ptr<TcpListener> listener;
};

Data gather(Reactor& reactor, ByteLink& link, std::size_t size) {
  Data all;
  link.on_readable([&] {
    std::array<std::uint8_t, 4096> room{};
    for (auto got = link.read(room); got.has_value() && *got > 0; got = link.read(room)) {
      all.insert(all.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(*got));
    }
  });
  reactor.run([&] { return all.size() >= size; }, reactor.now() + kPatience);
  link.on_readable({});
  return all;
}

bool lost(Reactor& reactor, ByteLink& link) {
  bool gone = false;
  link.on_readable([&] {
    std::array<std::uint8_t, 64> room{};
    gone = !link.read(room).has_value();
  });
  reactor.run([&] { return gone; }, reactor.now() + kPatience);
  link.on_readable({});
  return gone;
}

}  // namespace

TEST_CASE("connections over IPv4 and IPv6 carry any amount both ways") {
  for (const char* const host : {"127.0.0.1", "::1"}) {
    CAPTURE(host);
    PollReactor reactor;
    EchoServer server(reactor, host);
    const std::uint16_t port = server.listener->port();
    REQUIRE(port != 0);
    auto link = open_tcp(reactor, host, port);
    REQUIRE(link.has_value());
    const Data data(200000, 0xA5);
    REQUIRE((*link)->write(data).has_value());
    CHECK(gather(reactor, **link, data.size()) == data);
    CHECK((*link)->traits().bits_per_second == 0);
    CHECK((*link)->configure({}).error().code() == ErrorCode::Unsupported);
    const bool v6 = std::string(host) == "::1";
    CHECK((*link)->describe() ==
          std::string(v6 ? "tcp:[::1]:" : "tcp:127.0.0.1:") + std::to_string(port));
  }
}

TEST_CASE("a closed connection is noticed on both sides") {
  PollReactor reactor;
  EchoServer server(reactor, "127.0.0.1");
  auto link = open_tcp(reactor, "127.0.0.1", server.listener->port());
  REQUIRE(link.has_value());
  REQUIRE(reactor.run([&] { return server.links.size() == 1; }, reactor.now() + kPatience));
  CHECK(server.listener->connections() == 1);
  server.links.clear();
  CHECK(server.listener->connections() == 0);
  CHECK(lost(reactor, **link));
  CHECK((*link)->write(Data{1}).error().code() == ErrorCode::Disconnected);

  auto second = open_tcp(reactor, "127.0.0.1", server.listener->port());
  REQUIRE(second.has_value());
  REQUIRE(reactor.run([&] { return server.links.size() == 1; }, reactor.now() + kPatience));
  *second = nullptr;
  CHECK(lost(reactor, *server.links.front()));
}

TEST_CASE("a port where nobody listens is refused at once, a silent one at the deadline") {
  PollReactor reactor;
  std::uint16_t free_port = 0;
  {
    EchoServer server(reactor, "127.0.0.1");
    free_port = server.listener->port();
  }
  const auto refused = open_tcp(reactor, "127.0.0.1", free_port);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code() == ErrorCode::Disconnected);
  CHECK(refused.error().what == "nobody listens on this port");
  CHECK(refused.error().where == "tcp:127.0.0.1:" + std::to_string(free_port));

  // 192.0.2.0/24 is for documentation: nobody is there. The network may say so before the deadline.
  const Instant begin = reactor.now();
  const auto silent = open_tcp(reactor, "192.0.2.1", 502, Duration::ms(50));
  REQUIRE_FALSE(silent.has_value());
  CHECK(reactor.now() - begin < Duration::s(2));
  CHECK_FALSE(silent.error().hint.empty());
}

TEST_CASE("a connection that breaks comes back by itself, also when nobody listens for a while") {
  PollReactor reactor;
  auto server = std::make_unique<EchoServer>(reactor, "127.0.0.1");
  const std::uint16_t port = server->listener->port();
  const TcpPlace place{"127.0.0.1", port, kConnectTimeout};
  auto first = open_tcp(reactor, place.host, place.port, place.timeout);
  REQUIRE(first.has_value());
  const auto link =
      lasting_tcp(reactor, std::move(*first), place, {Duration::ms(20), Duration::ms(80)});
  const Data ping = {1, 2, 3};
  REQUIRE(link->write(ping).has_value());
  CHECK(gather(reactor, *link, 3) == ping);

  const bool away = GENERATE(false, true);
  CAPTURE(away);
  server->links.clear();
  if (away) server.reset();
  CHECK(lost(reactor, *link));
  const auto refused = link->write(ping);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code() == ErrorCode::Disconnected);
  if (away) {
    reactor.run([] { return false; }, reactor.now() + Duration::ms(100));
    CHECK(lost(reactor, *link));  // tried in vain, and it says so to whoever listens now
    server = std::make_unique<EchoServer>(reactor, "127.0.0.1", port);
  }
  const Instant give_up = reactor.now() + kPatience;
  while (!link->write(ping).has_value() && reactor.now() < give_up) {
    reactor.run([] { return false; }, reactor.now() + Duration::ms(10));
  }
  CHECK(gather(reactor, *link, 3) == ping);
}

TEST_CASE("a lasting connection that is given up while it is sought leaves nothing behind") {
  PollReactor reactor;
  EchoServer server(reactor, "127.0.0.1");
  const TcpPlace place{"127.0.0.1", server.listener->port(), kConnectTimeout};
  auto first = open_tcp(reactor, place.host, place.port, place.timeout);
  REQUIRE(first.has_value());
  auto link = lasting_tcp(reactor, std::move(*first), place, {Duration::ms(1), Duration::ms(1)});
  server.links.clear();
  CHECK(lost(reactor, *link));
  SECTION("in the pause") { link.reset(); }
  SECTION("while it connects") {
    reactor.run([] { return false; }, reactor.now() + Duration::ms(2));
    link.reset();
  }
  reactor.run([] { return false; }, reactor.now() + Duration::ms(20));
  CHECK(link == nullptr);
}

TEST_CASE("a connection that was interrupted says so") {
  PollReactor reactor;
  EchoServer server(reactor, "127.0.0.1");
  reactor.interrupt();
  const auto link = open_tcp(reactor, "127.0.0.1", server.listener->port());
  REQUIRE_FALSE(link.has_value());
  CHECK(link.error().code() == ErrorCode::Interrupted);
}

TEST_CASE("a listener says why it cannot listen") {
  PollReactor reactor;
  EchoServer server(reactor, "127.0.0.1");
  const auto nothing = [](std::unique_ptr<ByteLink>) {};
  const auto busy = TcpListener::listen(reactor, "127.0.0.1", server.listener->port(), nothing);
  REQUIRE_FALSE(busy.has_value());
  CHECK(busy.error().code() == ErrorCode::Busy);
  const auto foreign = TcpListener::listen(reactor, "192.0.2.1", 0, nothing);
  REQUIRE_FALSE(foreign.has_value());
  CHECK(foreign.error().code() == ErrorCode::NotFound);
  const auto nonsense = TcpListener::listen(reactor, "300.1.1.1.1", 0, nothing);
  REQUIRE_FALSE(nonsense.has_value());
  CHECK(nonsense.error().code() == ErrorCode::NotFound);
}

TEST_CASE("a listener serves a bounded number of connections") {
  PollReactor reactor;
  EchoServer server(reactor, "127.0.0.1");
  std::vector<std::unique_ptr<ByteLink>> clients;
  for (std::size_t i = 0; i <= kConnectionsMax; ++i) {
    auto link = open_tcp(reactor, "127.0.0.1", server.listener->port());
    REQUIRE(link.has_value());
    clients.push_back(std::move(*link));
  }
  CHECK(lost(reactor, *clients.back()));
  CHECK(server.listener->connections() == kConnectionsMax);
  REQUIRE(clients.front()->write(Data{7}).has_value());
  CHECK(gather(reactor, *clients.front(), 1) == Data{7});
}

TEST_CASE("clients that never finish a request take no place away from one that does") {
  PollReactor reactor;
  EchoServer server(reactor, "127.0.0.1", 0, Duration::ms(50));
  std::vector<std::unique_ptr<ByteLink>> idle;
  for (std::size_t i = 0; i < kConnectionsMax; ++i) {
    auto link = open_tcp(reactor, "127.0.0.1", server.listener->port());
    REQUIRE(link.has_value());
    idle.push_back(std::move(*link));
  }
  ByteLink& honest = *idle[3];
  reactor.run([] { return false; }, reactor.now() + Duration::ms(60));
  REQUIRE(honest.write(Data{1}).has_value());
  CHECK(gather(reactor, honest, 1) == Data{1});
  auto next = open_tcp(reactor, "127.0.0.1", server.listener->port());
  REQUIRE(next.has_value());
  REQUIRE((*next)->write(Data{2}).has_value());
  CHECK(gather(reactor, **next, 1) == Data{2});
  CHECK(lost(reactor, *idle[0]));
  CHECK(server.listener->connections() == kConnectionsMax);
  REQUIRE(honest.write(Data{3}).has_value());
  CHECK(gather(reactor, honest, 1) == Data{3});
}

TEST_CASE("endpoints that this build cannot open say what to use instead") {
  PollReactor reactor;
  for (const char* const text : {"sim:weco_smart", "loop:a", "slcan:/dev/ttyACM0", "can:can0"}) {
    CAPTURE(text);
    const auto link = open_byte_link(*parse_endpoint(text), reactor);
    REQUIRE_FALSE(link.has_value());
    CHECK(link.error().code() == ErrorCode::Unsupported);
    CHECK_FALSE(link.error().hint.empty());
  }
  CHECK(open_frame_link(*parse_endpoint("serial:/dev/ttyS0"), reactor).error().code() ==
        ErrorCode::Unsupported);
}
