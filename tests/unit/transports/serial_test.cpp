// SPDX-License-Identifier: Apache-2.0
// Serial ports against real pseudo-terminals: what a person does with them, and what goes wrong.
#include <fcntl.h>
#include <unistd.h>

#include <filesystem>

#include "core/protocol/modbus/client.hpp"
#include "host/reactor/poll_reactor.hpp"
#include "host/session/session.hpp"
#include "tests/sim/bench.hpp"
#include "tests/unit/transports/scratch.hpp"
#include "transports/open.hpp"
#include "transports/pty/pty.hpp"
#include "transports/serial/serial.hpp"

using namespace weco;
using namespace weco::transports;
using weco::test::Scratch;

namespace {

using Data = std::vector<std::uint8_t>;
constexpr Duration kPatience = Duration::s(5);

/// Everything that arrives until `size` bytes are there.
Data gather(Reactor& reactor, ByteLink& link, std::size_t size) {
  Data all;
  const auto pull = [&] {
    std::array<std::uint8_t, 4096> room{};
    for (Outcome<std::size_t> got = link.read(room); got.has_value() && *got > 0;
         got = link.read(room)) {
      all.insert(all.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(*got));
    }
  };
  link.on_readable(pull);
  reactor.run([&] { return all.size() >= size; }, reactor.now() + kPatience);
  link.on_readable({});
  return all;
}

Data pattern(std::size_t size) {
  Data data(size);
  for (std::size_t i = 0; i < size; ++i) data[i] = static_cast<std::uint8_t>(i * 37 + i / 256);
  return data;
}

struct Served {
  explicit Served(Reactor& reactor, PtyOptions options = {})
      : server(std::move(*PtyServer::open(options, reactor))) {}
  std::unique_ptr<PtyServer> server;
};

}  // namespace

TEST_CASE("bytes of every value pass a pseudo-terminal both ways, unchanged") {
  PollReactor reactor;
  Served served(reactor);
  const auto port = open_serial(served.server->terminal(), LineSettings{}, reactor);
  REQUIRE(port.has_value());
  const Data data = pattern(1024);
  REQUIRE((*port)->write(data).has_value());
  CHECK(gather(reactor, *served.server, data.size()) == data);
  REQUIRE(served.server->write(data).has_value());
  CHECK(gather(reactor, **port, data.size()) == data);
  CHECK((*port)->traits().bits_per_second == 9600);
  CHECK((*port)->describe() == "serial:" + served.server->terminal());
}

TEST_CASE("more than the kernel takes at once waits and arrives complete") {
  PollReactor reactor;
  Served served(reactor);
  const auto port = open_serial(served.server->terminal(), LineSettings{}, reactor);
  REQUIRE(port.has_value());
  const Data data = pattern(100000);
  REQUIRE((*port)->write(data).has_value());
  CHECK(gather(reactor, *served.server, data.size()) == data);
  Outcome<void> full = (*port)->write(pattern(kLoopbackRoomMax));
  for (int i = 0; i < 8 && full.has_value(); ++i) full = (*port)->write(pattern(1U << 16));
  REQUIRE_FALSE(full.has_value());
  CHECK(full.error().code() == ErrorCode::Full);
}

TEST_CASE("a served terminal survives clients that come and go") {
  PollReactor reactor;
  Scratch scratch;
  const std::string path = scratch.path("tower");
  Served served(reactor, {path, {}});
  CHECK(std::filesystem::is_symlink(path));
  for (int client = 0; client < 3; ++client) {
    const auto port = open_serial(path, LineSettings{}, reactor);
    REQUIRE(port.has_value());
    REQUIRE((*port)->write(Data{1, 2}).has_value());
    CHECK(gather(reactor, *served.server, 2) == Data{1, 2});
    REQUIRE(served.server->write(Data{3}).has_value());
    CHECK(gather(reactor, **port, 1) == Data{3});
  }
  served.server.reset();
  CHECK_FALSE(std::filesystem::is_symlink(path));
}

TEST_CASE("a served terminal takes only a name that is nobody's") {
  PollReactor reactor;
  Scratch scratch;
  const std::string file = scratch.write("file", "precious");
  const auto refused = PtyServer::open({file, {}}, reactor);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code() == ErrorCode::Busy);
  CHECK(std::filesystem::file_size(file) == 8);
  const std::string link = scratch.path("link");
  std::filesystem::create_symlink(scratch.path("gone"), link);
  CHECK(PtyServer::open({link, {}}, reactor).has_value());  // left by a killed run
  CHECK_FALSE(std::filesystem::is_symlink(link));
  const auto nowhere = PtyServer::open({scratch.path("no/such/folder"), {}}, reactor);
  REQUIRE_FALSE(nowhere.has_value());
  CHECK(nowhere.error().code() == ErrorCode::NotFound);
}

TEST_CASE("a device with a speed of its own is garbage to a client with another") {
  PollReactor reactor;
  Served served(reactor, {{}, 19200});
  const auto port = open_serial(served.server->terminal(), LineSettings{}, reactor);
  REQUIRE(port.has_value());
  CHECK(served.server->client_speed() == 9600);
  const Data data{1, 3, 0, 0, 0, 10, 0xC5, 0xCD};
  REQUIRE((*port)->write(data).has_value());
  CHECK(gather(reactor, *served.server, data.size()) != data);
  LineSettings right;
  right.bits_per_second = 19200;
  REQUIRE((*port)->configure(right).has_value());
  CHECK(served.server->client_speed() == 19200);
  REQUIRE((*port)->write(data).has_value());
  CHECK(gather(reactor, *served.server, data.size()) == data);
  right.bits_per_second = 12345;
  CHECK((*port)->configure(right).error().code() == ErrorCode::Unsupported);
}

TEST_CASE("a port is opened by one program at a time") {
  PollReactor reactor;
  Served served(reactor);
  const auto first = open_serial(served.server->terminal(), LineSettings{}, reactor);
  REQUIRE(first.has_value());
  const auto second = open_serial(served.server->terminal(), LineSettings{}, reactor);
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().code() == ErrorCode::Busy);
  CHECK(second.error().where == served.server->terminal());
}

TEST_CASE("an unplugged port says so to the reader and to the writer") {
  PollReactor reactor;
  Served served(reactor);
  const auto port = open_serial(served.server->terminal(), LineSettings{}, reactor);
  REQUIRE(port.has_value());
  bool gone = false;
  (*port)->on_readable([&] {
    std::array<std::uint8_t, 16> room{};
    const Outcome<std::size_t> got = (*port)->read(room);
    gone = !got.has_value() && got.error().code() == ErrorCode::Disconnected;
  });
  served.server.reset();
  CHECK(reactor.run([&] { return gone; }, reactor.now() + kPatience));
  (*port)->on_readable({});
  const Outcome<void> sent = (*port)->write(Data{1});
  REQUIRE_FALSE(sent.has_value());
  CHECK(sent.error().code() == ErrorCode::Disconnected);
}

TEST_CASE("what is no port is refused with what is there") {
  PollReactor reactor;
  Scratch scratch;
  const auto missing = open_serial("/dev/ttyNOTHERE7", LineSettings{}, reactor);
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().code() == ErrorCode::NotFound);
  CHECK(missing.error().where == "/dev/ttyNOTHERE7");
  CHECK_FALSE(missing.error().hint.empty());
  const auto file = open_serial(scratch.write("file", "x"), LineSettings{}, reactor);
  REQUIRE_FALSE(file.has_value());
  CHECK(file.error().code() == ErrorCode::BadInput);
  const auto null = open_serial("/dev/null", LineSettings{}, reactor);
  REQUIRE_FALSE(null.has_value());
  CHECK(null.error().code() == ErrorCode::BadInput);
  const std::vector<SerialPort> ports = list_serial_ports();
  for (std::size_t i = 1; i < ports.size(); ++i) CHECK(ports[i - 1].path < ports[i].path);
}

TEST_CASE("a session reads a Modbus device over a real pseudo-terminal") {
  PollReactor reactor;
  Scratch scratch;
  auto device_end =
      open_byte_link(*parse_endpoint("pty:" + scratch.path("tower") + "?baud=19200"), reactor);
  REQUIRE(device_end.has_value());
  test::ServedDevice device(reactor, **device_end);
  auto port =
      open_byte_link(*parse_endpoint("serial:" + scratch.path("tower") + "?baud=19200"), reactor);
  REQUIRE(port.has_value());
  Session session(reactor, **port);
  modbus::ClientConfig config;
  config.unit = test::kUnit;
  config.baud = 19200;
  for (std::uint16_t address = 0; address < 20; ++address) {
    test::Question question(config, address, 100);
    REQUIRE(session.wait(question.client).has_value());
    CHECK(question.right());
  }
  CHECK(session.counters().repeated == 0);
}
