// SPDX-License-Identifier: Apache-2.0
// A virtual device on the air: what it advertises, who may talk to it, and what ends it.
#include <vector>

#include "host/reactor/poll_reactor.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/transports/fake_bluez.hpp"
#include "transports/ble/inbox.hpp"
#include "transports/ble/peripheral.hpp"

using namespace weco;
using namespace weco::transports;
using test::FakeBluez;
using test::PrivateBus;
using Data = ble::ByteBuffer;

namespace {

constexpr Duration kEnough = Duration::s(10);
const std::string kCentral = "/org/bluez/hci0/dev_C0_FF_EE_00_12_34";
const std::string kOther = "/org/bluez/hci0/dev_C0_FF_EE_00_12_35";

struct Stage {
  explicit Stage(FakeBluez::Options options = {}, const std::string& policy = {}) : bus(policy) {
    start(std::move(options));
  }
  void start(FakeBluez::Options options = {}) {
    bluez = std::make_unique<FakeBluez>(reactor, std::move(options));
  }
  Outcome<std::unique_ptr<ble::Peripheral>> advertise(const std::string& name = "PBOX2501") {
    ble::PeripheralOptions options;
    options.name = name;
    options.patience = {Duration::ms(400), Duration::ms(400), Duration::ms(400),
                        Duration::ms(400), Duration::ms(400), Duration::ms(30)};
    options.back_off = {Duration::ms(20), Duration::ms(80)};
    options.rfkill_folder = "/nowhere";
    ble::PeripheralEvents events;
    events.accepted = [this](std::unique_ptr<ByteLink> link) { links.push_back(std::move(link)); };
    events.lost = [this](const Failure& why) { losses.push_back(why); };
    events.back = [this] { ++backs; };
    return ble::advertise(reactor, options, events);
  }
  bool until(const std::function<bool()>& done) {
    return reactor.run(done, reactor.now() + kEnough);
  }
  /// All that has arrived at a link.
  static Data all(ByteLink& link) {
    Data data;
    Data room(1024);
    for (auto got = link.read(room); got && *got > 0; got = link.read(room)) {
      data.insert(data.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(*got));
    }
    return data;
  }
  /// A central listens and writes; its link.
  ByteLink& join(const std::string& central = kCentral, std::uint16_t mtu = 0) {
    const std::size_t before = links.size();
    bluez->listen();
    bluez->write(central, {1}, mtu);
    REQUIRE(until([&] { return links.size() == before + 1; }));
    REQUIRE(all(*links.back()) == Data{1});
    return *links.back();
  }

  PrivateBus bus;
  PollReactor reactor;
  std::unique_ptr<FakeBluez> bluez;
  std::vector<std::unique_ptr<ByteLink>> links;
  std::vector<Failure> losses;
  int backs = 0;
};

}  // namespace

TEST_CASE("a virtual device advertises its name and service, and answers in packets that fit") {
  Stage stage;
  const auto radio = stage.advertise();
  REQUIRE(radio.has_value());
  CHECK((*radio)->adapter() == "hci0");
  CHECK((*radio)->address() == "00:AA:01:00:00:00");
  CHECK(ble::text(stage.bluez->advertised, "LocalName") == "PBOX2501");
  CHECK(ble::text(stage.bluez->advertised, "Type") == "peripheral");
  const ble::Texts& services = ble::texts(stage.bluez->advertised, "ServiceUUIDs");
  REQUIRE(services.size() == 1);
  CHECK(services[0].starts_with("0000ff00"));

  ByteLink& link = stage.join();
  CHECK(link.describe() == "ble:hci0");
  CHECK(link.configure({}).error().code() == ErrorCode::Unsupported);
  REQUIRE(link.write(Data(45, 7)).has_value());
  REQUIRE(stage.until([&] { return stage.bluez->heard.size() == 3; }));
  CHECK(stage.bluez->heard[0].size() == 20);
  CHECK(stage.bluez->heard[2].size() == 5);

  stage.bluez->write(kCentral, {2}, 247);
  REQUIRE(stage.until([&] { return stage.bluez->written == 2; }));
  CHECK(link.traits().write_max == 244);
  REQUIRE(link.write(Data(245, 7)).has_value());
  REQUIRE(stage.until([&] { return stage.bluez->heard.size() == 5; }));
  CHECK(stage.bluez->heard[4].size() == 1);
}

TEST_CASE("a virtual device talks to one central at a time, and to the next once that has left") {
  Stage stage;
  const auto radio = stage.advertise();
  REQUIRE(radio.has_value());
  ByteLink& first = stage.join(kCentral, 247);
  stage.bluez->write(kOther, {9});
  REQUIRE(stage.until([&] { return stage.bluez->refused.size() == 1; }));
  CHECK(stage.bluez->refused[0] == "org.bluez.Error.NotPermitted");
  CHECK(Stage::all(first).empty());

  SECTION("it stops listening") { stage.bluez->stop_listening(); }
  SECTION("its connection breaks") {
    stage.bluez->add_device();
    stage.bluez->drop_link();
  }
  SECTION("it disappears") {
    stage.bluez->add_device();
    stage.bluez->remove_device();
  }
  Data room(16);
  REQUIRE(stage.until([&] { return !first.read(room).has_value(); }));
  CHECK(first.read(room).error().code() == ErrorCode::Disconnected);
  CHECK(first.write(Data{1}).error().code() == ErrorCode::Disconnected);
  ByteLink& second = stage.join(kOther);
  REQUIRE(second.write(Data{5}).has_value());
  REQUIRE(stage.until([&] { return stage.bluez->heard.size() == 1; }));
}

TEST_CASE("odd writes of a central harm nobody, and endless ones take bounded memory") {
  Stage stage;
  const auto radio = stage.advertise();
  REQUIRE(radio.has_value());
  stage.bluez->write(kCentral, {1});  // before it listens: taken, and heard by nobody
  REQUIRE(stage.until([&] { return stage.bluez->written == 1; }));
  CHECK(stage.links.empty());

  ByteLink& link = stage.join();
  stage.bluez->write(kCentral, {1, 2}, 247, 100);  // the middle of a long write
  stage.bluez->write(kCentral, {}, 247);
  stage.bluez->write(kCentral, {1}, 0xFFFF);
  REQUIRE(stage.until([&] { return stage.bluez->written == 4; }));
  CHECK(stage.bluez->refused == std::vector<std::string>{"org.bluez.Error.NotSupported"});
  CHECK(link.traits().write_max == ble::kMtuMax - ble::kAttHeader);
  CHECK(Stage::all(link) == Data{1});

  constexpr int kBursts = 4;
  constexpr int kBurst = 50;  // a bus lets no more than 128 calls wait
  for (int burst = 1; burst <= kBursts; ++burst) {
    for (int n = 0; n < kBurst; ++n) stage.bluez->write(kCentral, Data(512, 3));
    REQUIRE(stage.until([&] { return stage.bluez->written == 4 + burst * kBurst; }));
  }
  const std::size_t kept = Stage::all(link).size();
  CHECK(kept <= ble::kInboxMax);
  CHECK(kept > ble::kInboxMax / 2);
}

TEST_CASE("whatever keeps a virtual device off the air is named with what to do") {
  FakeBluez::Options options;
  ErrorCode code = ErrorCode::NotFound;
  std::string what;
  std::string policy;
  SECTION("no adapter") {
    options.adapter = false;
    what = "this machine has no Bluetooth adapter";
  }
  SECTION("adapter off") {
    options.powered = false;
    code = ErrorCode::Disconnected;
    what = "the Bluetooth adapter hci0 is switched off";
  }
  SECTION("an adapter that cannot be a device") {
    options.serves = false;
    code = ErrorCode::Unsupported;
    what = "this Bluetooth adapter cannot act as a device";
  }
  SECTION("too much is advertised") {
    options.advertise_error = {"org.bluez.Error.NotPermitted", "Maximum advertisements reached"};
    code = ErrorCode::Busy;
    what = "this Bluetooth adapter advertises as much as it can already";
  }
  SECTION("no permission") {
    policy = "<deny send_destination='org.bluez'/>";
    code = ErrorCode::PermissionDenied;
    what = "this user may not use Bluetooth";
  }
  Stage stage(options, policy);
  const auto radio = stage.advertise();
  REQUIRE_FALSE(radio.has_value());
  CHECK(radio.error().what == what);
  CHECK(radio.error().code() == code);
  CHECK_FALSE(radio.error().hint.empty());
}

TEST_CASE("a name that no advertisement can carry is refused") {
  Stage stage;
  CHECK(stage.advertise("").error().code() == ErrorCode::BadUsage);
  CHECK(stage.advertise(std::string(30, 'x')).error().code() == ErrorCode::BadUsage);
  CHECK(stage.advertise(std::string(29, 'x')).has_value());
}

TEST_CASE("a virtual device is on the air again after the service or the adapter was away") {
  Stage stage;
  const auto radio = stage.advertise();
  REQUIRE(radio.has_value());
  ByteLink& link = stage.join();
  std::string what;
  SECTION("the service restarts") {
    stage.bluez.reset();
    what = "the Bluetooth service has ended";
  }
  SECTION("the adapter is switched off and on") {
    stage.bluez->power(false);
    what = "the Bluetooth adapter hci0 is switched off";
  }
  REQUIRE(stage.until([&] { return !stage.losses.empty(); }));
  Data room(16);
  CHECK_FALSE(link.read(room).has_value());
  // Meanwhile it is tried in vain, and that is not told again.
  stage.reactor.run([] { return false; }, stage.reactor.now() + Duration::ms(150));
  CHECK(stage.losses.size() == 1);
  CHECK(stage.losses[0].what == what);
  CHECK(stage.losses[0].where == "ble:hci0");
  CHECK(stage.backs == 0);
  if (stage.bluez) {
    stage.bluez->power(true);
  } else {
    stage.start();
  }
  REQUIRE(stage.until([&] { return stage.backs == 1; }));
  ByteLink& again = stage.join();
  REQUIRE(again.write(Data{5}).has_value());
  REQUIRE(stage.until([&] { return !stage.bluez->heard.empty(); }));
  CHECK(stage.bluez->heard.back() == Data{5});
}
