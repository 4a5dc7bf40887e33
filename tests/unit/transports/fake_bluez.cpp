// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/transports/fake_bluez.hpp"

#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "transports/ble/bluez.hpp"
#include "transports/ble/services.hpp"

namespace weco::test {

using namespace transports::ble;

namespace {

const std::string kAdapterPath = "/org/bluez/hci0";
const std::string kDevicePath = kAdapterPath + "/dev_C0_FF_EE_00_12_34";
const std::string kServicePath = kDevicePath + "/service0001";
const std::string kNotifyPath = kServicePath + "/char0002";
const std::string kWritePath = kServicePath + "/char0004";

/// {address} and {policy} stand for what differs.
constexpr const char* kDaemonSettings =
    "<busconfig><type>session</type><listen>unix:path={address}</listen><auth>EXTERNAL</auth>"
    "<policy context='default'><allow send_destination='*'/><allow receive_sender='*'/>"
    "<allow own='*'/>{policy}</policy></busconfig>";

void replace(std::string& text, const std::string& what, const std::string& by) {
  text.replace(text.find(what), what.size(), by);
}

Unexpected<BusError> error(const BusError& why) { return Unexpected<BusError>{why}; }

}  // namespace

PrivateBus::PrivateBus(const std::string& policy) : address_(scratch_.path("bus")) {
  std::string settings = kDaemonSettings;
  replace(settings, "{address}", address_);
  replace(settings, "{policy}", policy);
  config_ = scratch_.write("bus.conf", settings);
  ::setenv("DBUS_SYSTEM_BUS_ADDRESS", ("unix:path=" + address_).c_str(), 1);
  start();
}

PrivateBus::~PrivateBus() { stop(); }

void PrivateBus::start() {
  std::array<int, 2> ready{};
  REQUIRE(::pipe(ready.data()) == 0);
  daemon_ = ::fork();
  REQUIRE(daemon_ >= 0);
  if (daemon_ == 0) {
    ::dup2(ready[1], STDOUT_FILENO);
    ::close(ready[0]);
    ::close(ready[1]);
    ::close(STDERR_FILENO);  // it complains about limits it does not need
    const std::string file = "--config-file=" + config_;
    ::execlp("dbus-daemon", "dbus-daemon", file.c_str(), "--nofork", "--nopidfile",
             "--print-address=1", nullptr);
    ::_exit(127);
  }
  ::close(ready[1]);
  char first = 0;
  const ssize_t got = ::read(ready[0], &first, 1);  // it prints its address once it listens
  ::close(ready[0]);
  REQUIRE(got == 1);
}

void PrivateBus::stop() {
  if (daemon_ < 0) return;
  ::kill(daemon_, SIGKILL);  // at once: no goodbye to one before the other
  ::waitpid(std::exchange(daemon_, -1), nullptr, 0);
}

FakeBluez::FakeBluez(Reactor& reactor, Options options)
    : on_packet([this](const Data& packet) { notify(packet); }),
      reactor_(reactor),
      options_(std::move(options)) {
  auto bus = Bus::open(reactor);
  REQUIRE(bus.has_value());
  bus_ = std::move(*bus);
  REQUIRE(bus_->add_object_manager("/").has_value());
  if (options_.adapter) add_adapter();
  agents_ = add("/org/bluez", {{"org.bluez.AgentManager1", {{"RegisterAgent", "os", ""}}, {}}});
  if (options_.known) add_device();
  REQUIRE(bus_->own(kBluez).has_value());
}

FakeBluez::~FakeBluez() { close_pipes(); }

void FakeBluez::add_adapter() {
  std::vector<ExportedInterface> interfaces = {
      {kAdapter,
       {{"SetDiscoveryFilter", "a{sv}", ""}, {"StartDiscovery", "", ""}, {"StopDiscovery", "", ""}},
       {{"Powered", options_.powered}, {"Address", std::string("00:AA:01:00:00:00")}}}};
  if (options_.serves) {
    interfaces.push_back({"org.bluez.GattManager1", {{"RegisterApplication", "oa{sv}", ""}}, {}});
    interfaces.push_back(
        {"org.bluez.LEAdvertisingManager1", {{"RegisterAdvertisement", "oa{sv}", ""}}, {}});
  }
  adapter_ = add(kAdapterPath, interfaces);
}

std::unique_ptr<Exported> FakeBluez::add(const std::string& path,
                                         const std::vector<ExportedInterface>& interfaces) {
  auto object = bus_->add_object(path, interfaces, [this](const Incoming& call) { called(call); });
  REQUIRE(object.has_value());
  return std::move(*object);
}

void FakeBluez::add_device() {
  if (device_) return;
  const Dict properties = {{"Address", options_.address},
                           {"Name", options_.name},
                           {"RSSI", std::int16_t{-67}},
                           {"UUIDs", Texts{std::string(kByteServices.front().service)}},
                           {"ManufacturerData", CompanyData{{0x5242, {'X'}}}},
                           {"Connected", options_.linked},
                           {"Paired", false},
                           {"ServicesResolved", false}};
  device_ =
      add(kDevicePath,
          {{kDevice, {{"Connect", "", ""}, {"Disconnect", "", ""}, {"Pair", "", ""}}, properties}});
  device_->announce(true);
}

void FakeBluez::add_characteristics() {
  const ByteService& service = kByteServices.front();
  const auto characteristic = [&](const std::string& path, std::string_view uuid, Texts flags,
                                  const char* acquired) {
    Dict properties = {{"UUID", std::string(uuid)},
                       {"Service", ObjectPath{kServicePath}},
                       {"Flags", std::move(flags)},
                       {"Value", ByteBuffer{}},
                       {"MTU", options_.mtu}};
    if (options_.pipes) properties.push_back({acquired, false});
    gatt_.push_back(add(path, {{kCharacteristic,
                                {{"AcquireNotify", "a{sv}", "hq"},
                                 {"AcquireWrite", "a{sv}", "hq"},
                                 {"StartNotify", "", ""},
                                 {"WriteValue", "aya{sv}", ""}},
                                properties}}));
    return gatt_.back().get();
  };
  const std::string uuid(options_.byte_service ? service.service : "180a");
  gatt_.push_back(add(kServicePath, {{kService, {}, {{"UUID", uuid}}}}));
  notifier_ = characteristic(kNotifyPath, service.notify, {"notify"}, "NotifyAcquired");
  characteristic(kWritePath, service.write, {"write", "write-without-response"}, "WriteAcquired");
  for (const auto& object : gatt_) object->announce(true);
}

void FakeBluez::called(const Incoming& call) {
  if (call.interface == kDevice) return called_device(call);
  if (call.interface == kCharacteristic) return called_characteristic(call);
  if (call.member == "RegisterApplication") return take_application(call);
  if (call.member == "RegisterAdvertisement") return take_advertisement(call);
  if (call.member == "StartDiscovery" && options_.search_error) {
    return call.reply(error(*options_.search_error));
  }
  call.reply(Values{});
  if (call.member == "StartDiscovery" && options_.heard) add_device();
}

/// As the real one with virtual controllers: that Connected became true is never signalled.
void FakeBluez::called_device(const Incoming& call) {
  if (call.member == "Pair") paired = true;
  if (call.member != "Connect") return call.reply(Values{});
  ++connects;
  if (options_.mute) return;
  if (options_.aborts > 0) {
    --options_.aborts;
    return call.reply(error({"org.bluez.Error.Failed", "le-connection-abort-by-local"}));
  }
  if (options_.connect_error) return call.reply(error(*options_.connect_error));
  device_->set(kDevice, "Connected", true, true);
  call.reply(Values{});
  if (!options_.services) return;
  gatt_.clear();
  add_characteristics();
  device_->set(kDevice, "ServicesResolved", true);
}

int FakeBluez::pipe(const Incoming& call) {
  std::array<int, 2> ends{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends.data()) == 0);
  call.reply(Values{std::make_shared<Descriptor>(ends[1]), options_.mtu});
  return ends[0];
}

void FakeBluez::called_characteristic(const Incoming& call) {
  if (call.member == "AcquireNotify") {
    notify_fd_ = pipe(call);
  } else if (call.member == "AcquireWrite") {
    write_fd_ = pipe(call);
    reactor_.watch(write_fd_, [this] {
      Data room(1024);
      const ssize_t got = ::recv(write_fd_, room.data(), room.size(), 0);
      if (got <= 0) return reactor_.unwatch(write_fd_);
      room.resize(static_cast<std::size_t>(got));
      arrived(room);
    });
  } else if (call.member == "WriteValue") {
    if (options_.write_error) return call.reply(error(*options_.write_error));
    const Data packet = *call.args.at(0).get<ByteBuffer>();
    call.reply(Values{});
    arrived(packet);
  } else {
    call.reply(Values{});
  }
}

void FakeBluez::arrived(const Data& packet) {
  packets.push_back(packet);
  on_packet(packet);
}

void FakeBluez::notify(const Data& packet) {
  if (notify_fd_ >= 0) {
    static_cast<void>(::send(notify_fd_, packet.data(), packet.size(), MSG_NOSIGNAL));
  } else if (notifier_ != nullptr) {
    notifier_->set(kCharacteristic, "Value", packet);
  }
}

// --- the other side of a device that is served here

/// Reads the application's objects before it answers, as the real one.
void FakeBluez::take_application(const Incoming& call) {
  served_by_ = call.sender;
  const std::string root = call.args.at(0).get<ObjectPath>()->text;
  bus_->call({served_by_, root, kObjectManager, "GetManagedObjects", {}}, [this, call](
                                                                              const Reply& reply) {
    REQUIRE(reply.has_value());
    for (const Object& object : *reply->front().get<ObjectList>()) {
      for (const Interface& each : object.interfaces) {
        const std::string uuid = text(each.properties, "UUID");
        if (uuid == kByteServices.front().notify) served_notify_ = object.path;
        if (uuid == kByteServices.front().write) served_write_ = object.path;
      }
    }
    REQUIRE(bus_->subscribe("type='signal',interface='" + std::string(kProperties) + "',path='" +
                                served_notify_ + "'",
                            [this](const Signal& signal) {
                              const Dict& changed = *signal.args.at(1).get<Dict>();
                              heard.push_back(*find(changed, "Value")->get<ByteBuffer>());
                            })
                .has_value());
    call.reply(Values{});
  });
}

void FakeBluez::take_advertisement(const Incoming& call) {
  if (options_.advertise_error) return call.reply(error(*options_.advertise_error));
  const std::string path = call.args.at(0).get<ObjectPath>()->text;
  bus_->call(
      {call.sender, path, kProperties, "GetAll", {std::string("org.bluez.LEAdvertisement1")}},
      [this, call](const Reply& reply) {
        REQUIRE(reply.has_value());
        advertised = *reply->front().get<Dict>();
        call.reply(Values{});
      });
}

void FakeBluez::call_served(const std::string& path, const char* method, Values args) {
  bus_->call({served_by_, path, kCharacteristic, method, std::move(args)},
             [this, write = path == served_write_](const Reply& reply) {
               if (!reply) return refused.push_back(reply.error().name);
               if (write) ++written;
             });
}

void FakeBluez::listen() { call_served(served_notify_, "StartNotify", {}); }

void FakeBluez::stop_listening() { call_served(served_notify_, "StopNotify", {}); }

void FakeBluez::write(const std::string& central, const Data& packet, std::uint16_t mtu,
                      std::uint16_t offset) {
  Dict how = {{"device", ObjectPath{central}}, {"type", std::string("command")}};
  if (mtu != 0) how.push_back({"mtu", mtu});
  if (offset != 0) how.push_back({"offset", offset});
  call_served(served_write_, "WriteValue", {packet, how});
}

void FakeBluez::close_pipes() {
  for (int* const fd : {&notify_fd_, &write_fd_}) {
    if (*fd < 0) continue;
    reactor_.unwatch(*fd);
    ::close(std::exchange(*fd, -1));
  }
}

void FakeBluez::drop_link() {
  close_pipes();
  device_->set(kDevice, "ServicesResolved", false);
  device_->set(kDevice, "Connected", false);
}

void FakeBluez::remove_device() {
  close_pipes();
  notifier_ = nullptr;
  gatt_.clear();
  device_->announce(false);
  device_.reset();
}

void FakeBluez::power(bool on) {
  options_.powered = on;
  if (!on && device_) drop_link();
  adapter_->set(kAdapter, "Powered", on);
}

}  // namespace weco::test
