// SPDX-License-Identifier: Apache-2.0
#include "transports/ble/attachment.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace weco::transports::ble {
namespace {

/// Connecting fails now and then by chance (a missed advertisement); then it is tried again.
constexpr int kConnectTriesMax = 4;
constexpr Duration kConnectPause = Duration::ms(700);
/// Packets taken from BlueZ before others get their turn.
constexpr int kPacketsPerTurn = 32;
constexpr const char* kAgentPath = "/weco/agent";

bool says(const BusError& error, std::string_view part) {
  return error.name.find(part) != std::string::npos ||
         error.message.find(part) != std::string::npos;
}

Dict options(const char* key, const char* value) { return {{key, std::string(value)}}; }

}  // namespace

Attachment::Attachment(Reactor& reactor, Target target, Events events)
    : reactor_(reactor),
      target_(std::move(target)),
      events_(std::move(events)),
      where_("ble:" + (target_.address.empty() ? target_.name : target_.address)) {}

Attachment::~Attachment() {
  clear_deadline();
  reactor_.cancel(pause_);
  for (const int fd : {notify_fd_, write_fd_}) {
    if (fd < 0) continue;
    reactor_.unwatch(fd);
    ::close(fd);
  }
  // Nobody waits for the answer: BlueZ gets the request before it sees us leave.
  if (bluez_ && ours_ && bluez_->running()) {
    bluez_->bus().call({kBluez, device_, kDevice, "Disconnect", {}, target_.patience.answer},
                       [](const Reply&) {});
  }
}

// --- what every step needs

void Attachment::call(const std::string& path, const std::string& interface,
                      const std::string& method, Values args, Duration deadline,
                      std::function<void(const Reply&)> done) {
  const Call made{kBluez, path, interface, method, std::move(args), deadline};
  bluez_->bus().call(made, [this, done = std::move(done)](const Reply& reply) {
    if (!ended()) done(reply);
  });
}

void Attachment::set_deadline(Duration length, std::function<void()> action) {
  clear_deadline();
  deadline_ = reactor_.at(reactor_.now() + length, [this, action = std::move(action)] {
    deadline_ = 0;
    action();
  });
}

void Attachment::clear_deadline() { reactor_.cancel(std::exchange(deadline_, 0)); }

void Attachment::fail(Failure why) {
  if (ended()) return;
  if (step_ == Step::Ready) return lose(std::move(why));
  step_ = Step::Failed;
  clear_deadline();
  why.where = where_;
  set_deadline({}, [this, why = std::move(why)] { events_.ready(Unexpected<Failure>{why}); });
}

void Attachment::lose(Failure why) {
  if (ended()) return;
  step_ = Step::Lost;
  ours_ = false;
  outbox_.clear();
  for (const int fd : {notify_fd_, write_fd_}) {
    if (fd >= 0) reactor_.unwatch(fd);
  }
  why.where = where_;
  set_deadline({}, [this, why = std::move(why)] { events_.lost(why); });
}

/// A pipe breaks before BlueZ says why: gives the reason a moment to arrive.
void Attachment::lose_soon() {
  for (const int fd : {notify_fd_, write_fd_}) {
    if (fd >= 0) reactor_.unwatch(fd);
  }
  if (deadline_ == 0) set_deadline(target_.patience.settle, [this] { decide_loss(); });
}

void Attachment::decide_loss() {
  if (!bluez_->running()) return lose(service_gone(where_));
  const Dict* adapter = bluez_->properties(adapter_, kAdapter);
  if (adapter == nullptr) {
    return lose({{ErrorCode::Disconnected, 0}, "the Bluetooth adapter was unplugged", where_, {}});
  }
  if (!flag(*adapter, "Powered")) {
    return lose(adapter_off(where_, std::string(last_part(adapter_))));
  }
  lose({{ErrorCode::Disconnected, 0},
        "the device ended the connection, or is out of reach",
        where_,
        kOneAtATime});
}

void Attachment::bluez_gone() { fail(service_gone(where_)); }

void Attachment::changed(const std::string& path, const std::string& interface,
                         const Dict& changed) {
  if (ended()) return;
  if (interface == kAdapter && path == adapter_) {
    const Dict* adapter = bluez_->properties(path, kAdapter);
    if (adapter == nullptr || !flag(*adapter, "Powered")) {
      return step_ == Step::Ready ? lose_soon()
                                  : fail(adapter_off(where_, std::string(last_part(path))));
    }
  }
  if (interface == kDevice && step_ == Step::Discover) {
    const std::string device = find_device();
    if (!device.empty()) return found(device);
  }
  if (interface == kCharacteristic && path == notify_ && notify_fd_ < 0 && step_ >= Step::Attach) {
    const Value* value = find(changed, "Value");
    const ByteBuffer* data = value == nullptr ? nullptr : value->get<ByteBuffer>();
    if (data != nullptr && !data->empty()) events_.packet(*data);
  }
  if (interface != kDevice || path != device_) return;
  note_signal();
  const Value* link = find(changed, "Connected");
  const bool fell = link != nullptr && !flag(changed, "Connected");
  const bool removed = bluez_->properties(path, kDevice) == nullptr;
  if (fell && !removed && std::exchange(leaving_, false)) {
    clear_deadline();
    return connect();
  }
  if (removed || fell) {
    if (step_ == Step::Ready) return lose_soon();
    if (removed || step_ > Step::Connect) {
      return fail({{ErrorCode::Disconnected, 0},
                   "the device ended the connection while it was being set up",
                   where_,
                   kOneAtATime});
    }
  }
  if (step_ == Step::Services && flag(changed, "ServicesResolved")) services_known();
}

void Attachment::note_signal() {
  const Dict* device = bluez_->properties(device_, kDevice);
  if (device == nullptr) return;
  if (const auto rssi = integer(*device, "RSSI")) rssi_ = static_cast<std::int16_t>(*rssi);
}

// --- finding the device

void Attachment::start() {
  auto bluez = Bluez::open(reactor_, *this, target_.patience);
  if (!bluez) return fail(bluez.error());
  bluez_ = std::move(*bluez);
  bluez_->load([this](const Done& done) {
    if (ended()) return;
    if (!done) return fail(done.error());
    loaded();
  });
}

void Attachment::loaded() {
  const auto adapter = bluez_->adapter(target_.adapter, target_.rfkill_folder);
  if (!adapter) return fail(adapter.error());
  adapter_ = *adapter;
  const std::string device = find_device();
  if (!device.empty()) return found(device);
  discover();
}

/// The device's object: by its address, or by the exact name it advertises.
std::string Attachment::find_device() const {
  for (const std::string& path : bluez_->with(kDevice, adapter_)) {
    const Dict& device = *bluez_->properties(path, kDevice);
    const bool same = target_.address.empty() ? text(device, "Name") == target_.name
                                              : text(device, "Address") == target_.address;
    if (same) return path;
  }
  return {};
}

void Attachment::discover() {
  step_ = Step::Discover;
  set_deadline(target_.patience.discovery, [this] {
    fail({{ErrorCode::Timeout, 0}, "the device was not heard", where_, kOneAtATime});
  });
  const Duration quick = target_.patience.answer;
  call(adapter_, kAdapter, "SetDiscoveryFilter", {Dict(options("Transport", "le"))}, quick,
       [this, quick](const Reply& filtered) {
         if (step_ != Step::Discover) return;
         if (!filtered) return fail(explain(filtered.error(), "searching for devices", where_));
         call(adapter_, kAdapter, "StartDiscovery", {}, quick, [this](const Reply& started) {
           discovering_ = started.has_value();
           if (step_ != Step::Discover) return;
           // Another program's search serves us as well.
           if (!started && !says(started.error(), "InProgress")) {
             fail(explain(started.error(), "searching for devices", where_));
           }
         });
       });
}

void Attachment::found(const std::string& path) {
  device_ = path;
  where_ = "ble:" + text(*bluez_->properties(path, kDevice), "Address");
  note_signal();
  clear_deadline();
  const bool searching = step_ == Step::Discover;
  step_ = Step::Connect;
  if (searching) {
    stop_discovery([this] { approach(); });
  } else {
    approach();
  }
}

/// Connecting while searching fails on many adapters.
void Attachment::stop_discovery(std::function<void()> then) {
  if (!std::exchange(discovering_, false)) return then();
  call(adapter_, kAdapter, "StopDiscovery", {}, target_.patience.answer,
       [then = std::move(then)](const Reply&) { then(); });
}

// --- connecting

/// A link that is already there is either shared with another program or that of one that has just
/// left: BlueZ ends such a link only two seconds later, also for whoever came meanwhile.
void Attachment::approach() {
  const Dict* device = bluez_->properties(device_, kDevice);
  if (device == nullptr || !flag(*device, "Connected")) return connect();
  leaving_ = true;
  set_deadline(target_.patience.leave, [this] {
    leaving_ = false;
    connect();
  });
}

void Attachment::connect() {
  ++connect_tries_;
  const Dict* device = bluez_->properties(device_, kDevice);
  ours_ = ours_ || (device != nullptr && !flag(*device, "Connected"));
  call(device_, kDevice, "Connect", {}, target_.patience.connect,
       [this](const Reply& reply) { connected(reply); });
}

void Attachment::connected(const Reply& reply) {
  if (reply || says(reply.error(), "AlreadyConnected")) return wait_for_services();
  const BusError& error = reply.error();
  // A disconnection that is still under way, or a chance miss on the air.
  const bool chance = says(error, "InProgress") || says(error, "abort") || says(error, "busy");
  if (chance && connect_tries_ < kConnectTriesMax) {
    pause_ = reactor_.at(reactor_.now() + kConnectPause * connect_tries_, [this] {
      pause_ = 0;
      if (!ended()) connect();
    });
    return;
  }
  const bool refused = error.name == "org.bluez.Error.Failed" || says(error, "AttemptFailed");
  if (error.name == kNoReply || refused || chance) {
    ours_ = false;
    return fail({{ErrorCode::Timeout, 0},
                 "the device was found, but does not accept the connection",
                 where_,
                 kOneAtATime});
  }
  fail(explain(error, "connecting", where_));
}

/// The reply to Connect and ServicesResolved are to be believed; the signal that Connected became
/// true may never come.
void Attachment::wait_for_services() {
  step_ = Step::Services;
  set_deadline(target_.patience.services, [this] {
    fail({{ErrorCode::Timeout, 0},
          "the device is connected, but does not tell its services",
          where_,
          "Switch the device's Bluetooth off and on; 'bluetoothctl remove ADDRESS' clears what is "
          "remembered of it."});
  });
  const Dict* device = bluez_->properties(device_, kDevice);
  if (device != nullptr && flag(*device, "ServicesResolved")) services_known();
}

/// Signals about new objects may still be on their way, so everything is read once more.
void Attachment::services_known() {
  step_ = target_.pair ? Step::Pair : Step::Attach;
  bluez_->load([this](const Done& done) {
    if (ended()) return;
    if (!done) return fail(done.error());
    if (target_.pair) return pair();
    attach();
  });
}

// --- pairing

/// An agent that can neither show nor ask: the kind of pairing that needs nobody ("just works").
void Attachment::register_agent(std::function<void()> then) {
  const std::vector<ExportedMethod> methods = {{"Release", "", ""},
                                               {"RequestAuthorization", "o", ""},
                                               {"AuthorizeService", "os", ""},
                                               {"Cancel", "", ""}};
  auto agent = bluez_->bus().add_object(kAgentPath, {{"org.bluez.Agent1", methods, {}}},
                                        [](const Incoming& asked) { asked.reply(Values{}); });
  if (!agent) return fail(agent.error());
  agent_ = std::move(*agent);
  call("/org/bluez", "org.bluez.AgentManager1", "RegisterAgent",
       {ObjectPath{kAgentPath}, std::string("NoInputNoOutput")}, target_.patience.answer,
       [this, then = std::move(then)](const Reply& reply) {
         if (!reply) return fail(explain(reply.error(), "preparing to pair", where_));
         then();
       });
}

void Attachment::pair() {
  const Dict* device = bluez_->properties(device_, kDevice);
  if (device != nullptr && flag(*device, "Paired")) {
    step_ = Step::Attach;
    return attach();
  }
  register_agent([this] {
    call(device_, kDevice, "Pair", {}, target_.patience.services, [this](const Reply& reply) {
      if (!reply && !says(reply.error(), "AlreadyExists")) {
        return fail(explain(reply.error(), "pairing", where_));
      }
      step_ = Step::Attach;
      attach();
    });
  });
}

// --- the byte stream

std::string Attachment::characteristic(const std::string& service, std::string_view uuid) const {
  for (const std::string& path : bluez_->with(kCharacteristic, service)) {
    if (text(*bluez_->properties(path, kCharacteristic), "UUID") == uuid) return path;
  }
  return {};
}

bool Attachment::choose_service() {
  std::vector<ByteService> wanted(kByteServices.begin(), kByteServices.end());
  if (!target_.service.empty() || !target_.notify.empty() || !target_.write.empty()) {
    ByteService own = kByteServices.front();
    own.name = "named";
    if (!target_.service.empty()) own.service = target_.service;
    if (!target_.notify.empty()) own.notify = target_.notify;
    if (!target_.write.empty()) own.write = target_.write;
    wanted = {own};
  }
  for (const ByteService& each : wanted) {
    for (const std::string& path : bluez_->with(kService, device_)) {
      if (text(*bluez_->properties(path, kService), "UUID") != each.service) continue;
      notify_ = characteristic(path, each.notify);
      write_ = characteristic(path, each.write);
      if (!notify_.empty() && !write_.empty()) return true;
    }
  }
  return false;
}

void Attachment::attach() {
  clear_deadline();
  if (!choose_service()) {
    return fail(
        {{ErrorCode::Unsupported, 0},
         "the device offers no service that carries a byte stream",
         where_,
         "Known are BLUETTI's and Nordic's; 'bluetoothctl info ADDRESS' lists what it offers."});
  }
  acquire_notify();
}

/// A pipe (descriptor and MTU) when BlueZ gives one. Nullopt: it does not.
std::optional<int> Attachment::take_pipe(const Reply& reply) {
  if (!reply || reply->size() != 2) return std::nullopt;
  const auto* fd = (*reply)[0].get<std::shared_ptr<Descriptor>>();
  const auto mtu = (*reply)[1].integer();
  if (fd == nullptr || !mtu || (*fd)->get() < 0) return std::nullopt;
  mtu_ = static_cast<std::uint16_t>(std::clamp<std::int64_t>(*mtu, kMtuDefault, kMtuMax));
  return (*fd)->take();
}

void Attachment::acquire_notify() {
  const Dict* properties = bluez_->properties(notify_, kCharacteristic);
  if (properties == nullptr || find(*properties, "NotifyAcquired") == nullptr) {
    return start_notify();
  }
  call(notify_, kCharacteristic, "AcquireNotify", {Dict{}}, target_.patience.answer,
       [this](const Reply& reply) {
         const std::optional<int> fd = take_pipe(reply);
         if (!fd) return start_notify();
         notify_fd_ = *fd;
         reactor_.watch(notify_fd_, [this] { read_pipe(); });
         acquire_write();
       });
}

void Attachment::start_notify() {
  call(notify_, kCharacteristic, "StartNotify", {}, target_.patience.answer,
       [this](const Reply& reply) {
         if (!reply) return fail(explain(reply.error(), "asking for notifications", where_));
         acquire_write();
       });
}

void Attachment::acquire_write() {
  const Dict* properties = bluez_->properties(write_, kCharacteristic);
  if (properties == nullptr || find(*properties, "WriteAcquired") == nullptr) {
    return prepare_write();
  }
  call(write_, kCharacteristic, "AcquireWrite", {Dict{}}, target_.patience.answer,
       [this](const Reply& reply) {
         const std::optional<int> fd = take_pipe(reply);
         if (!fd) return prepare_write();
         write_fd_ = *fd;
         reactor_.watch(write_fd_, [this] {
           char nothing = 0;
           if (::recv(write_fd_, &nothing, 1, MSG_DONTWAIT | MSG_PEEK) == 0) lose_soon();
         });
         ready();
       });
}

void Attachment::prepare_write() {
  const Dict* properties = bluez_->properties(write_, kCharacteristic);
  if (properties == nullptr) {
    return fail({{ErrorCode::Disconnected, 0}, "the device has disappeared", where_, kOneAtATime});
  }
  const Texts& flags = texts(*properties, "Flags");
  with_response_ = std::find(flags.begin(), flags.end(), "write-without-response") == flags.end();
  if (const auto mtu = integer(*properties, "MTU")) {
    mtu_ = static_cast<std::uint16_t>(std::clamp<std::int64_t>(*mtu, kMtuDefault, kMtuMax));
  }
  ready();
}

void Attachment::ready() {
  step_ = Step::Ready;
  reactor_.cancel(std::exchange(pause_, 0));
  pause_ = reactor_.at(reactor_.now(), [this] {
    pause_ = 0;
    if (step_ == Step::Ready) events_.ready({});
  });
}

void Attachment::read_pipe() {
  std::array<std::uint8_t, kMtuMax> room{};
  for (int n = 0; n < kPacketsPerTurn && step_ != Step::Lost; ++n) {
    const ssize_t got = ::recv(notify_fd_, room.data(), room.size(), MSG_DONTWAIT);
    if (got > 0) {
      events_.packet(ByteBuffer(room.begin(), room.begin() + got));
      continue;
    }
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    return step_ == Step::Ready ? lose_soon() : fail(service_gone(where_));
  }
}

// --- writing

Done Attachment::send(Bytes packet) {
  if (step_ != Step::Ready) return failure(ErrorCode::Disconnected, "not connected", where_);
  if (outbox_.size() >= kPacketsWaitingMax) {
    return failure(ErrorCode::Full, "the device does not take what is sent", where_);
  }
  outbox_.emplace_back(packet.begin(), packet.end());
  flush();
  return {};
}

void Attachment::flush() {
  if (step_ != Step::Ready || outbox_.empty()) return;
  if (write_fd_ >= 0) return flush_pipe();
  if (!writing_) write_value();
}

void Attachment::flush_pipe() {
  while (!outbox_.empty()) {
    const ByteBuffer& packet = outbox_.front();
    const ssize_t sent =
        ::send(write_fd_, packet.data(), packet.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      reactor_.once_writable(write_fd_, [this] { flush(); });
      return;
    }
    if (sent < 0) return lose_soon();
    outbox_.pop_front();
  }
}

void Attachment::write_value() {
  writing_ = true;
  const Dict how = options("type", with_response_ ? "request" : "command");
  call(write_, kCharacteristic, "WriteValue", {outbox_.front(), how}, target_.patience.write,
       [this](const Reply& reply) {
         writing_ = false;
         if (!outbox_.empty()) outbox_.pop_front();
         if (reply) return flush();
         if (says(reply.error(), "NotConnected") || says(reply.error(), "Unknown") ||
             says(reply.error(), "Failed")) {
           return lose_soon();
         }
         lose(explain(reply.error(), "writing to the device", where_));
       });
}

}  // namespace weco::transports::ble
