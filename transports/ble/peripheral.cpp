// SPDX-License-Identifier: Apache-2.0
#include "transports/ble/peripheral.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "transports/ble/inbox.hpp"

namespace weco::transports::ble {
namespace {

constexpr const char* kGattManager = "org.bluez.GattManager1";
constexpr const char* kAdvertisingManager = "org.bluez.LEAdvertisingManager1";
constexpr const char* kAdvertisement = "org.bluez.LEAdvertisement1";
const std::string kApplicationPath = "/weco/device";
const std::string kServicePath = kApplicationPath + "/service0";
const std::string kNotifyPath = kServicePath + "/notify";
const std::string kWritePath = kServicePath + "/write";
const std::string kAdvertisementPath = "/weco/advertisement";

/// What the peripheral and the link it handed out share; either may be gone first.
struct Talk {
  explicit Talk(Reactor& reactor) : inbox(reactor) {}
  Inbox inbox;
  std::uint16_t mtu = kMtuDefault;
  std::function<void(ByteBuffer)> notify;
  std::optional<Failure> ended;
};

class CentralLink final : public ByteLink {
 public:
  CentralLink(std::shared_ptr<Talk> talk, std::string where)
      : talk_(std::move(talk)), where_(std::move(where)) {}
  ~CentralLink() override { talk_->inbox.on_readable({}); }
  CentralLink(const CentralLink&) = delete;
  CentralLink& operator=(const CentralLink&) = delete;

  Done write(Bytes data) override {
    if (talk_->ended) return Unexpected<Failure>{*talk_->ended};
    const std::size_t packet_max = talk_->mtu - kAttHeader;
    while (!data.empty()) {
      const Bytes packet = data.first(std::min(data.size(), packet_max));
      talk_->notify({packet.begin(), packet.end()});
      data = data.subspan(packet.size());
    }
    return {};
  }
  Outcome<std::size_t> read(MutableBytes room) override {
    if (talk_->inbox.empty() && talk_->ended) return Unexpected<Failure>{*talk_->ended};
    return talk_->inbox.read(room);
  }
  void on_readable(std::function<void()> action) override {
    talk_->inbox.on_readable(std::move(action));
    if (!talk_->inbox.empty() || talk_->ended) talk_->inbox.wake();
  }
  Done configure(const LineSettings&) override {
    return failure(ErrorCode::Unsupported, "this link has no line settings", where_);
  }
  [[nodiscard]] LinkTraits traits() const override {
    LinkTraits traits;
    traits.write_max = talk_->mtu - kAttHeader;
    return traits;
  }
  [[nodiscard]] std::string describe() const override { return where_; }

 private:
  std::shared_ptr<Talk> talk_;
  std::string where_;
};

class Station final : public Peripheral, private BluezObserver {
 public:
  Station(Reactor& reactor, PeripheralOptions options, PeripheralEvents events)
      : reactor_(reactor),
        options_(std::move(options)),
        events_(std::move(events)),
        adapter_name_(options_.adapter) {}
  ~Station() override {
    reactor_.cancel(timer_);
    hang_up({{ErrorCode::Disconnected, 0}, "the device is served no more", where(), {}});
  }
  Station(const Station&) = delete;
  Station& operator=(const Station&) = delete;

  /// `done` gets the outcome of the first registration.
  void begin(std::function<void(Done)> done) {
    first_ = std::move(done);
    start();
  }
  [[nodiscard]] std::string adapter() const override { return adapter_name_; }
  [[nodiscard]] std::string address() const override { return address_; }

 private:
  [[nodiscard]] std::string where() const { return "ble:" + adapter_name_; }

  // --- registering

  void start() {
    stopping_ = false;
    listening_ = false;
    auto bluez = Bluez::open(reactor_, *this, options_.patience);
    if (!bluez) return stop(bluez.error());
    bluez_ = std::move(*bluez);
    bluez_->load([this](const Done& loaded) {
      if (stopping_) return;
      if (!loaded) return stop(loaded.error());
      choose_adapter();
    });
  }
  void choose_adapter() {
    const auto adapter = bluez_->adapter(options_.adapter, options_.rfkill_folder);
    if (!adapter) return stop(adapter.error());
    adapter_ = *adapter;
    adapter_name_ = last_part(adapter_);
    address_ = text(*bluez_->properties(adapter_, kAdapter), "Address");
    if (bluez_->properties(adapter_, kGattManager) == nullptr ||
        bluez_->properties(adapter_, kAdvertisingManager) == nullptr) {
      return stop({{ErrorCode::Unsupported, 0},
                   "this Bluetooth adapter cannot act as a device",
                   where(),
                   "An adapter for Bluetooth 4.0 or newer can; see 'bluetoothctl show'."});
    }
    if (const Done shown = show_objects(); !shown) return stop(shown.error());
    enrol(kGattManager, "RegisterApplication", kApplicationPath, [this] {
      enrol(kAdvertisingManager, "RegisterAdvertisement", kAdvertisementPath,
            [this] { registered(); });
    });
  }
  /// Hands one of our objects to BlueZ, which reads it before it answers.
  void enrol(const char* manager, const char* method, const std::string& object,
             std::function<void()> then) {
    bluez_->bus().call({kBluez,
                        adapter_,
                        manager,
                        method,
                        {ObjectPath{object}, Dict{}},
                        options_.patience.services},
                       [this, then = std::move(then)](const Reply& reply) {
                         if (stopping_) return;
                         if (!reply) return stop(refusal(reply.error()));
                         then();
                       });
  }
  [[nodiscard]] Failure refusal(const BusError& error) const {
    if (error.name.find("NotPermitted") != std::string::npos) {
      return {{ErrorCode::Busy, 0},
              "this Bluetooth adapter advertises as much as it can already",
              where(),
              "End the other program that advertises, or use another adapter."};
    }
    return explain(error, "beginning to advertise", where());
  }
  Done show_objects() {
    const ByteService& service = options_.service;
    const auto uuid = [](std::string_view text) { return Value(std::string(text)); };
    if (Done done = bluez_->bus().add_object_manager(kApplicationPath); !done) return done;
    Done done =
        show(kServicePath, {kService, {}, {{"UUID", uuid(service.service)}, {"Primary", true}}});
    if (!done) return done;
    done = show(kNotifyPath, {kCharacteristic,
                              {{"StartNotify", "", ""}, {"StopNotify", "", ""}},
                              {{"UUID", uuid(service.notify)},
                               {"Service", ObjectPath{kServicePath}},
                               {"Flags", Texts{"notify"}},
                               {"Value", ByteBuffer{}}}});
    if (!done) return done;
    notifier_ = objects_.back().get();
    done = show(kWritePath, {kCharacteristic,
                             {{"WriteValue", "aya{sv}", ""}},
                             {{"UUID", uuid(service.write)},
                              {"Service", ObjectPath{kServicePath}},
                              {"Flags", Texts{"write", "write-without-response"}}}});
    if (!done) return done;
    return show(kAdvertisementPath, {kAdvertisement,
                                     {{"Release", "", ""}},
                                     {{"Type", std::string("peripheral")},
                                      {"ServiceUUIDs", Texts{std::string(service.service)}},
                                      {"LocalName", options_.name},
                                      {"Discoverable", true}}});
  }
  Done show(const std::string& path, const ExportedInterface& interface) {
    auto object = bluez_->bus().add_object(path, {interface},
                                           [this](const Incoming& asked) { called(asked); });
    if (!object) return Unexpected<Failure>{object.error()};
    objects_.push_back(std::move(*object));
    return {};
  }
  void registered() {
    pause_ = {};
    if (const auto first = std::exchange(first_, {})) return first({});
    if (std::exchange(out_, false) && events_.back) events_.back();
  }

  // --- losing it

  /// Leaves the callback that found the reason, takes everything down and tries again later.
  void stop(Failure why) {
    if (stopping_) return;
    stopping_ = true;
    why.where = where();
    reactor_.cancel(timer_);
    timer_ = reactor_.at(reactor_.now(), [this, why = std::move(why)] {
      timer_ = 0;
      hang_up(why);
      notifier_ = nullptr;
      objects_.clear();
      bluez_.reset();  // and with it what BlueZ knows of us
      if (const auto first = std::exchange(first_, {})) return first(Unexpected<Failure>{why});
      pause_ = options_.back_off.next(pause_);
      timer_ = reactor_.at(reactor_.now() + pause_, [this] {
        timer_ = 0;
        start();
      });
      if (!std::exchange(out_, true) && events_.lost) events_.lost(why);
    });
  }
  void bluez_gone() override { stop(service_gone(where())); }
  void changed(const std::string& path, const std::string& interface,
               const Dict& changed) override {
    if (stopping_) return;
    if (interface == kAdapter && path == adapter_) {
      const Dict* adapter = bluez_->properties(path, kAdapter);
      if (adapter == nullptr || !flag(*adapter, "Powered")) {
        return stop(adapter_off(where(), adapter_name_));
      }
    }
    if (interface != kDevice || path != central_) return;
    const bool fell = find(changed, "Connected") != nullptr && !flag(changed, "Connected");
    if (fell || bluez_->properties(path, kDevice) == nullptr) central_left();
  }

  // --- the central

  void called(const Incoming& asked) {
    if (asked.member == "WriteValue") return written(asked);
    asked.reply(Values{});
    if (stopping_) return;
    if (asked.member == "StartNotify") listening_ = true;
    if (asked.member == "StopNotify") {
      listening_ = false;
      central_left();
    }
    if (asked.member == "Release") {
      stop({{ErrorCode::Disconnected, 0},
            "the Bluetooth service has ended the advertising",
            where(),
            "It is tried again; see 'journalctl -u bluetooth' when that does not help."});
    }
  }
  /// The first that writes is the central; a second one is told that it is taken.
  void written(const Incoming& asked) {
    const auto* data = asked.args.size() == 2 ? asked.args[0].get<ByteBuffer>() : nullptr;
    const auto* how = asked.args.size() == 2 ? asked.args[1].get<Dict>() : nullptr;
    if (data == nullptr || how == nullptr || integer(*how, "offset").value_or(0) != 0) {
      return asked.reply(
          Unexpected<BusError>{{"org.bluez.Error.NotSupported", "a write begins at 0"}});
    }
    const std::string from = text(*how, "device");
    if (talk_ && from != central_) {
      return asked.reply(
          Unexpected<BusError>{{"org.bluez.Error.NotPermitted", "one central at a time"}});
    }
    asked.reply(Values{});
    if (stopping_ || !listening_ || data->empty()) return;  // nobody would hear an answer
    if (!talk_) answer_to(from);
    const auto mtu = integer(*how, "mtu").value_or(talk_->mtu);
    talk_->mtu = static_cast<std::uint16_t>(std::clamp<std::int64_t>(mtu, kMtuDefault, kMtuMax));
    talk_->inbox.arrived(*data);
  }
  void answer_to(const std::string& central) {
    central_ = central;
    talk_ = std::make_shared<Talk>(reactor_);
    talk_->notify = [this](ByteBuffer packet) {
      if (notifier_ != nullptr) notifier_->set(kCharacteristic, "Value", std::move(packet));
    };
    events_.accepted(std::make_unique<CentralLink>(talk_, where()));
  }
  void central_left() {
    hang_up({{ErrorCode::Disconnected, 0}, "the central ended the connection", where(), {}});
  }
  void hang_up(Failure why) {
    if (!talk_) return;
    talk_->ended = std::move(why);
    talk_->notify = {};
    talk_->inbox.wake();
    talk_.reset();
    central_.clear();
  }

  Reactor& reactor_;
  PeripheralOptions options_;
  PeripheralEvents events_;
  std::string adapter_name_;
  std::string address_;
  std::unique_ptr<Bluez> bluez_;
  std::vector<std::unique_ptr<Exported>> objects_;
  Exported* notifier_ = nullptr;
  std::string adapter_;
  bool listening_ = false;
  std::string central_;
  std::shared_ptr<Talk> talk_;  // while a central is served
  std::function<void(Done)> first_;
  bool stopping_ = false;
  bool out_ = false;  // lost() was told, back() not yet
  Duration pause_{};
  Reactor::TimerId timer_ = 0;
};

}  // namespace

Outcome<std::unique_ptr<Peripheral>> advertise(Reactor& reactor, PeripheralOptions options,
                                               PeripheralEvents events) {
  if (options.name.empty() || options.name.size() > kAdvertisedNameMax) {
    return failure(ErrorCode::BadUsage, "a device cannot advertise under this name", options.name,
                   "Give a name of 1 to " + std::to_string(kAdvertisedNameMax) + " bytes.");
  }
  auto station = std::make_unique<Station>(reactor, std::move(options), std::move(events));
  std::optional<Done> outcome;
  station->begin([&outcome](Done done) { outcome = std::move(done); });
  // Every step has its own deadline, so this ends; an interrupt ends it at once.
  if (!reactor.run([&] { return outcome.has_value(); }, Instant::never())) {
    return failure(ErrorCode::Interrupted, "beginning to advertise", "ble:" + station->adapter());
  }
  if (!*outcome) return Unexpected<Failure>{outcome->error()};
  return std::unique_ptr<Peripheral>(std::move(station));
}

}  // namespace weco::transports::ble
