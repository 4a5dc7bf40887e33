// SPDX-License-Identifier: Apache-2.0
// Bluetooth through a BlueZ that does everything the real one does, and everything that goes wrong.
#include <filesystem>
#include <vector>

#include "host/reactor/poll_reactor.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/transports/fake_bluez.hpp"
#include "transports/ble/discovery.hpp"
#include "transports/ble/gatt_link.hpp"
#include "transports/ble/inbox.hpp"
#include "transports/open.hpp"

using namespace weco;
using namespace weco::transports;
using test::FakeBluez;
using test::PrivateBus;
using test::Scratch;
using Data = ble::ByteBuffer;

namespace {

constexpr Duration kEnough = Duration::s(10);
const std::string kAddress = "C0:FF:EE:00:12:34";

ble::Target target() {
  ble::Target target;
  target.address = kAddress;
  target.rfkill_folder = "/nowhere";
  target.patience = {Duration::ms(400), Duration::ms(400), Duration::ms(400), Duration::ms(400),
                     Duration::ms(400), Duration::ms(30),  Duration::ms(200)};
  return target;
}
constexpr BackOff kQuick{Duration::ms(20), Duration::ms(80)};

struct Air {
  explicit Air(FakeBluez::Options options = {}, const std::string& policy = {}) : bus(policy) {
    start(std::move(options));
  }
  void start(FakeBluez::Options options) {
    bluez = std::make_unique<FakeBluez>(reactor, std::move(options));
  }
  std::unique_ptr<ble::GattLink> open(const ble::Target& to = target()) {
    auto link = ble::open(reactor, to, kQuick);
    if (!link) FAIL(link.error().what);
    return std::move(*link);
  }
  Failure refusal(const ble::Target& to = target()) {
    auto link = ble::open(reactor, to, kQuick);
    REQUIRE_FALSE(link.has_value());
    return link.error();
  }
  /// The next packet, or none when the link is lost first.
  Data packet(ByteLink& link) {
    Data room(1024);
    bool over = false;
    link.on_readable([&] {
      if (over) return;
      const auto got = link.read(room);
      room.resize(got ? *got : 0);
      over = !got || *got > 0;
    });
    reactor.run([&] { return over; }, reactor.now() + kEnough);
    link.on_readable({});
    REQUIRE(over);
    return room;
  }
  std::optional<Failure> loss(ByteLink& link) {
    std::optional<Failure> why;
    Data room(1024);
    link.on_readable([&] {
      for (auto got = link.read(room); !why; got = link.read(room)) {
        if (!got) why = got.error();
        if (got && *got == 0) return;
      }
    });
    reactor.run([&] { return why.has_value(); }, reactor.now() + kEnough);
    link.on_readable({});
    return why;
  }
  bool until(const std::function<bool()>& done) {
    return reactor.run(done, reactor.now() + kEnough);
  }

  PrivateBus bus;
  PollReactor reactor;
  std::unique_ptr<FakeBluez> bluez;
};

}  // namespace

TEST_CASE("a device is found, connected, written to and heard, packet by packet", "[TK-02]") {
  const bool pipes = GENERATE(true, false);
  CAPTURE(pipes);
  FakeBluez::Options options;
  options.pipes = pipes;
  Air air(options);
  const auto link = air.open();
  CHECK(link->describe() == "ble:" + kAddress);
  CHECK(link->radio()->mtu == 247);
  CHECK(link->traits().write_max == 244);
  CHECK(*link->radio()->signal_dbm == -67);

  REQUIRE(link->write(Data{1, 3, 0, 110}).has_value());
  CHECK(air.packet(*link) == Data{1, 3, 0, 110});

  air.bluez->on_packet = [](const Data&) {};
  REQUIRE(link->write(Data(245, 7)).has_value());
  REQUIRE(air.until([&] { return air.bluez->packets.size() == 3; }));
  CHECK(air.bluez->packets[1].size() == 244);
  CHECK(air.bluez->packets[2].size() == 1);
  CHECK(link->configure({}).error().code() == ErrorCode::Unsupported);
}

TEST_CASE("a device is found by the name it advertises, and known ones without a search") {
  FakeBluez::Options options;
  options.known = GENERATE(true, false);
  Air air(options);
  ble::Target to = target();
  to.address.clear();
  to.name = "PBOX2501";
  CHECK(air.open(to)->describe() == "ble:" + kAddress);
}

TEST_CASE("connections that fail by chance are tried again") {
  FakeBluez::Options options;
  options.aborts = 1;
  Air air(options);
  air.open();
  CHECK(air.bluez->connects == 2);
}

TEST_CASE("a link that another program leaves just now is not taken for a connection") {
  FakeBluez::Options options;
  options.known = true;
  options.linked = true;
  Air air(options);
  const bool left = GENERATE(true, false);
  CAPTURE(left);
  ble::Target to = target();
  if (left) to.patience.leave = Duration::s(60);  // the end of the link is what ends the wait
  std::unique_ptr<ble::GattLink> link;
  const auto attempt = ble::connect(air.reactor, to, [&](auto got) {
    REQUIRE(got.has_value());
    link = std::move(*got);
  });
  air.reactor.run([&] { return air.bluez->connects > 0; }, air.reactor.now() + Duration::ms(100));
  CHECK(air.bluez->connects == 0);
  if (left) air.bluez->drop_link();
  REQUIRE(air.until([&] { return link != nullptr; }));
  REQUIRE(link->write(Data{3}).has_value());
  CHECK(air.packet(*link) == Data{3});
}

TEST_CASE("a device is paired with when that is asked for, and only then") {
  Air air;
  ble::Target to = target();
  to.pair = GENERATE(false, true);
  air.open(to);
  CHECK(air.bluez->paired == to.pair);
}

TEST_CASE("whatever keeps a device from being reached is named with what to do", "[TK-07]") {
  FakeBluez::Options options;
  ErrorCode code = ErrorCode::Timeout;
  std::string what;
  SECTION("no adapter") {
    options.adapter = false;
    code = ErrorCode::NotFound;
    what = "this machine has no Bluetooth adapter";
  }
  SECTION("adapter off") {
    options.powered = false;
    code = ErrorCode::Disconnected;
    what = "the Bluetooth adapter hci0 is switched off";
  }
  SECTION("no permission") {
    options.search_error = {"org.freedesktop.DBus.Error.AccessDenied", "Rejected"};
    code = ErrorCode::PermissionDenied;
    what = "this user may not use Bluetooth";
  }
  SECTION("out of reach") {
    options.heard = false;
    what = "the device was not heard";
  }
  SECTION("taken by somebody else") {
    options.connect_error = {"org.bluez.Error.Failed", "le-connection-refused"};
    what = "the device was found, but does not accept the connection";
  }
  SECTION("connecting never ends") {
    options.mute = true;
    what = "the device was found, but does not accept the connection";
  }
  SECTION("no services") {
    options.services = false;
    what = "the device is connected, but does not tell its services";
  }
  SECTION("another kind of device") {
    options.byte_service = false;
    code = ErrorCode::Unsupported;
    what = "the device offers no service that carries a byte stream";
  }
  SECTION("an address that is no text") {
    options.address = std::uint32_t{0xFFFFFFFF};
    what = "the device was not heard";
  }
  Air air(options);
  const Failure why = air.refusal();
  CHECK(why.what == what);
  CHECK(why.code() == code);
  CHECK(why.where == "ble:" + kAddress);
  CHECK_FALSE(why.hint.empty());
}

TEST_CASE("an adapter blocked by rfkill is told apart from one that is switched off") {
  const Scratch scratch;
  std::filesystem::create_directory(scratch.path("rfkill0"));
  const auto tell = [&](const char* soft, const char* hard) {
    scratch.write("rfkill0/type", "bluetooth\n");
    scratch.write("rfkill0/name", "hci0\n");
    scratch.write("rfkill0/soft", soft);
    scratch.write("rfkill0/hard", hard);
  };
  FakeBluez::Options options;
  options.powered = false;
  Air air(options);
  ble::Target to = target();
  to.rfkill_folder = scratch.path("");
  tell("1\n", "0\n");
  CHECK(air.refusal(to).hint == "Unblock it with 'rfkill unblock bluetooth'.");
  tell("0\n", "1\n");
  CHECK(air.refusal(to).code() == ErrorCode::PermissionDenied);
  tell("0\n", "0\n");
  CHECK(air.refusal(to).code() == ErrorCode::Disconnected);
}

TEST_CASE("without a Bluetooth service or without a bus the failure says which") {
  Air air;
  air.bluez.reset();
  CHECK(air.refusal().what == "the Bluetooth service is not running");
  ::setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere/bus", 1);
  CHECK(air.refusal().what == "there is no D-Bus system bus, through which Bluetooth is reached");
}

TEST_CASE("a bus that does not let this user reach the Bluetooth service is named as that") {
  Air air({}, "<deny send_destination='org.bluez'/>");
  const Failure why = air.refusal();
  CHECK(why.what == "this user may not use Bluetooth");
  CHECK(why.code() == ErrorCode::PermissionDenied);
}

TEST_CASE("what breaks while the connection is being set up ends it at once, with the reason") {
  FakeBluez::Options options;
  options.mute = true;
  Air air(options);
  ble::Target to = target();
  to.patience.connect = Duration::s(60);  // nothing below waits for it
  std::optional<Failure> why;
  const auto attempt = ble::connect(air.reactor, to, [&](auto link) { why = link.error(); });
  REQUIRE(air.until([&] { return air.bluez->connects == 1; }));
  std::string what;
  SECTION("the adapter is switched off") {
    air.bluez->power(false);
    what = "the Bluetooth adapter hci0 is switched off";
  }
  SECTION("the device disappears") {
    air.bluez->remove_device();
    what = "the device ended the connection while it was being set up";
  }
  SECTION("the Bluetooth service ends") {
    air.bluez.reset();
    what = "the Bluetooth service has ended";
  }
  SECTION("the bus ends") {
    air.bus.stop();
    what = "the D-Bus system bus is gone";
  }
  REQUIRE(air.until([&] { return why.has_value(); }));
  CHECK(why->what == what);
  CHECK(why->where == "ble:" + kAddress);
  CHECK_FALSE(why->hint.empty());
}

TEST_CASE("a bus that restarts is reported and the device got back") {
  Air air;
  const auto link = air.open();
  air.bus.stop();
  const auto why = air.loss(*link);
  REQUIRE(why.has_value());
  CHECK(why->code() == ErrorCode::Disconnected);
  air.bluez.reset();
  air.bus.start();
  air.start({});
  REQUIRE(air.until([&] { return link->radio()->reconnections == 1; }));
  REQUIRE(link->write(Data{3}).has_value());
  CHECK(air.packet(*link) == Data{3});
}

TEST_CASE("a device that drops out in mid-transfer is reported and comes back by itself") {
  FakeBluez::Options options;
  options.pipes = GENERATE(true, false);
  Air air(options);
  const auto link = air.open();
  bool removed = false;
  SECTION("the radio link breaks") {
    air.bluez->on_packet = [&](const Data&) { air.bluez->drop_link(); };
  }
  SECTION("the device disappears") {
    removed = true;
    air.bluez->on_packet = [&](const Data&) { air.bluez->remove_device(); };
  }
  REQUIRE(link->write(Data{1}).has_value());
  const auto why = air.loss(*link);
  REQUIRE(why.has_value());
  CHECK(why->what == "the device ended the connection, or is out of reach");
  if (!removed) CHECK(link->write(Data{2}).error().code() == ErrorCode::Disconnected);
  REQUIRE(air.until([&] { return link->radio()->reconnections == 1; }));
  air.bluez->on_packet = [&](const Data& packet) { air.bluez->notify(packet); };
  REQUIRE(link->write(Data{3}).has_value());
  CHECK(air.packet(*link) == Data{3});
}

TEST_CASE("a Bluetooth service that restarts is reported and the device got back") {
  Air air;
  const auto link = air.open();
  air.bluez.reset();
  const auto why = air.loss(*link);
  REQUIRE(why.has_value());
  CHECK(why->what == "the Bluetooth service has ended");
  air.start({});
  REQUIRE(air.until([&] { return link->radio()->reconnections == 1; }));
  REQUIRE(link->write(Data{3}).has_value());
  CHECK(air.packet(*link) == Data{3});
}

TEST_CASE("an adapter that is switched off is named, and used again once it is on") {
  Air air;
  const auto link = air.open();
  air.bluez->power(false);
  const auto why = air.loss(*link);
  REQUIRE(why.has_value());
  CHECK(why->what == "the Bluetooth adapter hci0 is switched off");
  air.bluez->power(true);
  REQUIRE(air.until([&] { return link->radio()->reconnections == 1; }));
}

TEST_CASE("notifications without end take bounded memory, and no deadline waits for their end") {
  FakeBluez::Options options;
  options.pipes = GENERATE(true, false);
  CAPTURE(options.pipes);
  Air air(options);
  const auto link = air.open();
  Reactor::TimerId next = 0;
  const std::function<void()> flood = [&] {
    constexpr int kAtOnce = 8;
    for (int n = 0; n < kAtOnce; ++n) air.bluez->notify(Data(244, 0x55));
    next = air.reactor.at(air.reactor.now(), flood);
  };
  flood();
  bool due = false;
  air.reactor.at(air.reactor.now() + Duration::ms(200), [&] { due = true; });
  REQUIRE(air.until([&] { return due; }));
  air.reactor.cancel(next);

  std::size_t kept = 0;
  Data room(1024);
  for (auto got = link->read(room); got && *got > 0; got = link->read(room)) kept += *got;
  CHECK(kept <= ble::kInboxMax);
  CHECK(kept > ble::kInboxMax / 2);
  REQUIRE(link->write(Data{0xEE}).has_value());  // the echo comes behind all of them
  Data last;
  REQUIRE(air.until([&] {
    for (auto got = link->read(room); got && *got > 0; got = link->read(room)) {
      last.assign(room.begin(), room.begin() + static_cast<std::ptrdiff_t>(*got));
    }
    return last == Data{0xEE};
  }));
}

TEST_CASE("an absurd packet size from the Bluetooth service is brought into range") {
  FakeBluez::Options options;
  options.pipes = false;
  options.mtu = GENERATE(ble::Value(std::uint32_t{0xFFFFFFFF}), ble::Value(std::uint16_t{0xFFFF}),
                         ble::Value(std::uint16_t{0}), ble::Value(std::string("247")));
  Air air(options);
  const auto link = air.open();
  CHECK(link->radio()->mtu >= ble::kMtuDefault);
  CHECK(link->radio()->mtu <= ble::kMtuMax);
  REQUIRE(link->write(Data(600, 1)).has_value());
}

TEST_CASE("a search tells what was heard now, how well, and what is worth a connection") {
  FakeBluez::Options options;
  options.name = "PBOX\x1b]0;gone\x07" + std::string(300, 'x');
  Air air(options);
  ble::DiscoveryOptions search;
  search.length = Duration::ms(100);
  search.rfkill_folder = "/nowhere";
  std::optional<Outcome<std::vector<ble::Advertised>>> heard;
  const auto discovery =
      ble::discover(air.reactor, search, [&](auto outcome) { heard = std::move(outcome); });
  REQUIRE(air.until([&] { return heard.has_value(); }));
  REQUIRE(heard->has_value());
  REQUIRE((*heard)->size() == 1);
  const ble::Advertised& device = (**heard)[0];
  CHECK(device.address == kAddress);
  CHECK(*device.rssi == -67);
  CHECK(device.name.size() == ble::kNameMax);
  CHECK(ble::likeness(device) == ble::Likeness::Service);
}

TEST_CASE("advertisements are judged by service, then maker, then name") {
  ble::Advertised device;
  CHECK(ble::likeness(device) == ble::Likeness::None);
  device.name = "Kitchen lamp";
  CHECK(ble::likeness(device) == ble::Likeness::None);
  device.name = "PBOX2501000123456";
  CHECK(ble::likeness(device) == ble::Likeness::Name);
  device.companies = {{0x4C42, {'U', 'E', 'T', 'T', 'I'}}};
  CHECK(ble::likeness(device) == ble::Likeness::Manufacturer);
  CHECK_FALSE(ble::advertises_encryption(device));
  device.companies = {{0x4C42, {'U', 'E', 'T', 'T', 'E'}}};
  CHECK(ble::advertises_encryption(device));
}

TEST_CASE("an endpoint that names an adapter is for searching, not for opening") {
  for (const char* const text : {"ble:", "ble:hci0", "ble:hci12"}) {
    CHECK(is_ble_search(*parse_endpoint(text)));
    CHECK(ble_target(*parse_endpoint(text)).error().code() == ErrorCode::BadUsage);
  }
  CHECK_FALSE(is_ble_search(*parse_endpoint("ble:hci")));
  const auto target = ble_target(*parse_endpoint("ble:PBOX25?adapter=hci1&service=uart&pair=yes"));
  REQUIRE(target.has_value());
  CHECK(target->name == "PBOX25");
  CHECK(target->adapter == "hci1");
  CHECK(target->pair);
  CHECK(target->service.starts_with("6e400001"));
}
