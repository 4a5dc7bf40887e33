// SPDX-License-Identifier: Apache-2.0
#include "transports/ble/bus.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <map>
#include <type_traits>
#include <unordered_map>

#include "transports/ble/sdbus.hpp"

namespace weco::transports::ble {
namespace {

/// Messages handled before timers and other descriptors get their turn.
constexpr int kMessagesPerTurn = 32;
/// The library's own time-out only catches what ours has missed.
constexpr Duration kLibraryGrace = Duration::s(5);

using VariantMap = std::map<std::string, sdbus::Variant>;
using InterfaceMap = std::map<std::string, VariantMap>;

struct Unreadable {};

// --- from the library's types to ours

template <class T>
T take(sdbus::Message& from) {
  T value{};
  from >> value;
  return value;
}
template <class T>
T take(const sdbus::Variant& from) {
  return from.get<T>();
}

template <class From>
Value value_of(From& from, std::string_view type, bool strict);

Dict dict_of(const VariantMap& map) {
  Dict dict;
  dict.reserve(map.size());
  for (const auto& [key, variant] : map) {
    dict.push_back({key, value_of(variant, std::string(variant.peekValueType()), false)});
  }
  return dict;
}

Interfaces interfaces_of(const InterfaceMap& map) {
  Interfaces list;
  list.reserve(map.size());
  for (const auto& [name, properties] : map) list.push_back({name, dict_of(properties)});
  return list;
}

CompanyData companies_of(const std::map<std::uint16_t, sdbus::Variant>& map) {
  CompanyData list;
  for (const auto& [company, data] : map) {
    if (std::string_view(std::string(data.peekValueType())) == "ay") {
      list.emplace_back(company, data.get<ByteBuffer>());
    }
  }
  return list;
}

template <class From>
Value nested_of(From& from, std::string_view type, bool strict) {
  if (type == "a{sv}") return dict_of(take<VariantMap>(from));
  if (type == "a{qv}") return companies_of(take<std::map<std::uint16_t, sdbus::Variant>>(from));
  if (type == "a{sa{sv}}") return interfaces_of(take<InterfaceMap>(from));
  if (type == "a{oa{sa{sv}}}") {
    ObjectList list;
    for (const auto& [path, map] : take<std::map<sdbus::ObjectPath, InterfaceMap>>(from)) {
      list.push_back({path, interfaces_of(map)});
    }
    return list;
  }
  if (type == "ao") {
    Paths paths;
    for (const auto& path : take<std::vector<sdbus::ObjectPath>>(from)) paths.push_back({path});
    return paths;
  }
  if (strict) throw Unreadable{};
  return {};
}

/// `strict`: an argument that cannot be read would leave the rest unreadable, too.
template <class From>
Value value_of(From& from, std::string_view type, bool strict) {
  if (type == "b") return take<bool>(from);
  if (type == "y") return take<std::uint8_t>(from);
  if (type == "n") return take<std::int16_t>(from);
  if (type == "q") return take<std::uint16_t>(from);
  if (type == "i") return take<std::int32_t>(from);
  if (type == "u") return take<std::uint32_t>(from);
  if (type == "t") return take<std::uint64_t>(from);
  if (type == "s") return take<std::string>(from);
  if (type == "o") return ObjectPath{take<sdbus::ObjectPath>(from)};
  if (type == "ay") return take<ByteBuffer>(from);
  if (type == "as") return take<Texts>(from);
  if (type == "h") {
    const auto fd = take<sdbus::UnixFd>(from);
    return std::make_shared<Descriptor>(::dup(fd.get()));
  }
  return nested_of(from, type, strict);
}

Values values_of(sdbus::Message& message) {
  Values values;
  for (;;) {
    const std::string type = library::next_type(message);
    if (type.empty()) return values;
    values.push_back(value_of(message, type, true));
  }
}

// --- from our types to the library's

sdbus::Variant variant_of(const Value& value);

VariantMap map_of(const Dict& dict) {
  VariantMap map;
  for (const Entry& entry : dict) map.emplace(entry.key, variant_of(entry.value));
  return map;
}

/// Calls `into` with the library's form of the value.
template <class Into>
void with_library_form(const Value& value, Into into) {
  std::visit(
      [&](const auto& held) {
        using T = std::remove_cvref_t<decltype(held)>;
        if constexpr (std::is_same_v<T, ObjectPath>) {
          into(library::path(held.text));
        } else if constexpr (std::is_same_v<T, Paths>) {
          std::vector<sdbus::ObjectPath> paths;
          for (const ObjectPath& path : held) paths.push_back(library::path(path.text));
          into(paths);
        } else if constexpr (std::is_same_v<T, Dict>) {
          into(map_of(held));
        } else if constexpr (std::is_same_v<T, CompanyData>) {
          std::map<std::uint16_t, sdbus::Variant> map;
          for (const auto& [company, data] : held) map.emplace(company, sdbus::Variant(data));
          into(map);
        } else if constexpr (std::is_same_v<T, std::shared_ptr<Descriptor>>) {
          into(sdbus::UnixFd(held->get()));
        } else if constexpr (std::is_same_v<T, std::monostate> || std::is_same_v<T, Interfaces> ||
                             std::is_same_v<T, ObjectList>) {
          throw Unreadable{};  // nothing here sends these
        } else {
          into(held);
        }
      },
      value.data);
}

sdbus::Variant variant_of(const Value& value) {
  sdbus::Variant variant;
  with_library_form(value, [&](const auto& form) { variant = sdbus::Variant(form); });
  return variant;
}

void append(sdbus::Message& message, const Values& values) {
  for (const Value& value : values) {
    with_library_form(value, [&](const auto& form) { message << form; });
  }
}

std::string signature_of(const Value& value) {
  static constexpr const char* kSignatures[] = {"",   "b",     "y",     "n", "q",  "i",
                                                "u",  "t",     "s",     "o", "ay", "as",
                                                "ao", "a{sv}", "a{qv}", "",  "",   "h"};
  static_assert(std::size(kSignatures) == std::variant_size_v<decltype(Value::data)>);
  return kSignatures[value.data.index()];
}

BusError error_of(const sdbus::Error& error) { return {error.getName(), error.getMessage()}; }

class Connection;

class Object final : public Exported {
 public:
  Object(Connection& bus, const std::string& path, const std::vector<ExportedInterface>& interfaces,
         std::function<void(Incoming)> called);
  ~Object() override;
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
  void set(const std::string& interface, const std::string& key, Value value, bool quiet) override;
  void announce(bool added) override;

 private:
  void add(const ExportedInterface& interface);
  void received(const std::string& interface, const std::string& member, sdbus::MethodCall call);

  Connection& bus_;
  std::string path_;
  std::map<std::string, Dict> properties_;
  std::function<void(Incoming)> called_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::unique_ptr<sdbus::IObject> object_;
};

class Connection final : public Bus {
 public:
  Connection(Reactor& reactor, std::unique_ptr<sdbus::IConnection> connection)
      : reactor_(reactor), connection_(std::move(connection)) {
    fd_ = connection_->getEventLoopPollData().fd;
    reactor_.watch(fd_, [this] { pump(); });
    rearm();
  }
  ~Connection() override {
    *alive_ = false;
    reactor_.cancel(timer_);
    reactor_.unwatch(fd_);
    for (auto& [id, pending] : pending_) reactor_.cancel(pending.timer);
    pending_.clear();
    matches_.clear();
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  CallId call(const Call& call, std::function<void(Reply)> done) override {
    const CallId id = ++last_id_;
    Pending& pending = pending_[id];
    pending.done = std::move(done);
    pending.timer = reactor_.at(reactor_.now() + call.deadline, [this, id] {
      finish(id, Unexpected<BusError>{{kNoReply, "no reply in time"}});
    });
    try {
      pending.proxy = library::make_proxy(*connection_, call.service, call.path);
      auto message = library::make_call(*pending.proxy, call.interface, call.method);
      append(message, call.args);
      const auto limit = static_cast<std::uint64_t>((call.deadline + kLibraryGrace).to_us());
      library::call(*pending.proxy, message, limit,
                    [this, id](sdbus::Message& reply, const sdbus::Error* error) {
                      replied(id, reply, error);
                    });
    } catch (const sdbus::Error& error) {
      defer_finish(id, Unexpected<BusError>{error_of(error)});
    } catch (const Unreadable&) {
      defer_finish(id, Unexpected<BusError>{{kUnreadable, "an argument cannot be sent"}});
    }
    rearm();
    return id;
  }
  void cancel(CallId id) override {
    const auto found = pending_.find(id);
    if (found == pending_.end()) return;
    reactor_.cancel(found->second.timer);
    pending_.erase(found);
  }
  Done subscribe(const std::string& rule, std::function<void(const Signal&)> action) override {
    try {
      const auto shared = std::make_shared<std::function<void(const Signal&)>>(std::move(action));
      matches_.push_back(library::match(
          *connection_, rule, [this, shared](sdbus::Message& message) { heard(message, shared); }));
    } catch (const sdbus::Error& error) {
      return failure(ErrorCode::IoError, "the system bus refuses to pass signals on", {},
                     error.getMessage());
    }
    rearm();
    return {};
  }
  void on_lost(std::function<void()> action) override { on_lost_ = std::move(action); }
  Done own(const std::string& name) override {
    try {
      library::own(*connection_, name);
    } catch (const sdbus::Error& error) {
      return failure(ErrorCode::IoError, "the name cannot be taken on the system bus", name,
                     error.getMessage());
    }
    rearm();
    return {};
  }
  Outcome<std::unique_ptr<Exported>> add_object(const std::string& path,
                                                const std::vector<ExportedInterface>& interfaces,
                                                std::function<void(Incoming)> called) override {
    try {
      std::unique_ptr<Exported> object =
          std::make_unique<Object>(*this, path, interfaces, std::move(called));
      rearm();
      return object;
    } catch (const sdbus::Error& error) {
      return failure(ErrorCode::IoError, "the object cannot be shown on the system bus", path,
                     error.getMessage());
    }
  }
  Done add_object_manager(const std::string& path) override {
    try {
      library::add_object_manager(*connection_, path);
    } catch (const sdbus::Error& error) {
      return failure(ErrorCode::IoError, "the object cannot be shown on the system bus", path,
                     error.getMessage());
    }
    return {};
  }

  [[nodiscard]] sdbus::IConnection& library_connection() { return *connection_; }
  /// Runs `action` outside the library, in the order things arrived.
  void later(std::function<void()> action) {
    ready_.push_back(std::move(action));
    if (!pumping_) schedule(Duration{});
  }
  void rearm() {
    if (lost_) return;
    try {
      const auto data = connection_->getEventLoopPollData();
      if ((data.events & POLLOUT) != 0) {
        reactor_.once_writable(fd_, [this] { pump(); });
      }
      if (!ready_.empty()) {
        schedule(Duration{});
      } else if (const auto wait = library::wait_of(data)) {
        schedule(*wait);
      }
    } catch (const sdbus::Error&) {
      lose();
    }
  }

 private:
  struct Pending {
    std::unique_ptr<sdbus::IProxy> proxy;
    std::function<void(Reply)> done;
    Reactor::TimerId timer = 0;
  };

  void schedule(Duration wait) {
    const Instant when = reactor_.now() + wait;
    if (timer_ != 0 && timer_when_ <= when) return;
    reactor_.cancel(timer_);
    timer_when_ = when;
    timer_ = reactor_.at(when, [this] {
      timer_ = 0;
      pump();
    });
  }
  void pump() {
    const std::shared_ptr<bool> alive = alive_;
    for (int n = 0; n < kMessagesPerTurn && !lost_; ++n) {
      bool more = false;
      pumping_ = true;
      try {
        more = library::process(*connection_);
      } catch (const sdbus::Error&) {
        lose();
      }
      pumping_ = false;
      deliver(alive);
      if (!*alive) return;
      if (!more) break;
    }
    deliver(alive);
    if (*alive) rearm();
  }
  void deliver(const std::shared_ptr<bool>& alive) {
    while (*alive && !ready_.empty()) {
      const std::function<void()> action = std::move(ready_.front());
      ready_.pop_front();
      action();
    }
  }
  void lose() {
    if (lost_) return;
    lost_ = true;
    reactor_.unwatch(fd_);
    for (const auto& [id, pending] : pending_) {
      defer_finish(id, Unexpected<BusError>{{kBusLost, "the system bus is gone"}});
    }
    later([this] {
      if (const auto action = on_lost_) action();
    });
  }
  /// Inside the library: only takes the message apart.
  void replied(CallId id, sdbus::Message& reply, const sdbus::Error* error) {
    if (error != nullptr) return defer_finish(id, Unexpected<BusError>{error_of(*error)});
    try {
      defer_finish(id, values_of(reply));
    } catch (const sdbus::Error& bad) {
      defer_finish(id, Unexpected<BusError>{{kUnreadable, bad.getMessage()}});
    } catch (const Unreadable&) {
      defer_finish(id, Unexpected<BusError>{{kUnreadable, "the reply has another shape"}});
    }
  }
  void heard(sdbus::Message& message,
             const std::shared_ptr<std::function<void(const Signal&)>>& action) {
    try {
      Signal signal{library::text(message.getSender()), library::text(message.getPath()),
                    library::text(message.getInterfaceName()),
                    library::text(message.getMemberName()), values_of(message)};
      later([action, signal = std::move(signal)] { (*action)(signal); });
    } catch (const sdbus::Error&) {  // a signal of another shape is none of ours
    } catch (const Unreadable&) {
    }
  }
  void defer_finish(CallId id, Reply reply) {
    later([this, id, reply = std::move(reply)] { finish(id, reply); });
  }
  void finish(CallId id, Reply reply) {
    const auto found = pending_.find(id);
    if (found == pending_.end()) return;
    Pending pending = std::move(found->second);
    pending_.erase(found);
    reactor_.cancel(pending.timer);
    pending.proxy.reset();
    pending.done(std::move(reply));
  }

  Reactor& reactor_;
  std::unique_ptr<sdbus::IConnection> connection_;
  int fd_ = -1;
  std::unordered_map<CallId, Pending> pending_;
  std::vector<sdbus::Slot> matches_;
  std::deque<std::function<void()>> ready_;
  std::function<void()> on_lost_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  CallId last_id_ = 0;
  Reactor::TimerId timer_ = 0;
  Instant timer_when_;
  bool pumping_ = false;
  bool lost_ = false;
};

Object::Object(Connection& bus, const std::string& path,
               const std::vector<ExportedInterface>& interfaces,
               std::function<void(Incoming)> called)
    : bus_(bus),
      path_(path),
      called_(std::move(called)),
      object_(library::make_object(bus.library_connection(), path)) {
  for (const ExportedInterface& interface : interfaces) add(interface);
  library::Table::finish_object(*object_);
}

Object::~Object() { *alive_ = false; }

void Object::add(const ExportedInterface& interface) {
  properties_[interface.name] = interface.properties;
  library::Table table(*object_, interface.name);
  for (const ExportedMethod& method : interface.methods) {
    table.method(method.name, method.in, method.out,
                 [this, where = interface.name, member = method.name](sdbus::MethodCall call) {
                   received(where, member, std::move(call));
                 });
  }
  for (const Entry& entry : interface.properties) {
    table.property(entry.key, signature_of(entry.value),
                   [this, where = interface.name, key = entry.key](sdbus::PropertyGetReply& reply) {
                     const Value* value = find(properties_[where], key);
                     if (value != nullptr) append(reply, {*value});
                   });
  }
  table.finish();
}

void Object::received(const std::string& interface, const std::string& member,
                      sdbus::MethodCall call) {
  Incoming incoming{library::text(call.getSender()), path_, interface, member, {}, {}};
  try {
    incoming.args = values_of(call);
  } catch (const Unreadable&) {
    throw library::make_error("org.freedesktop.DBus.Error.InvalidArgs", "unexpected arguments");
  }
  incoming.reply = [call, bus = &bus_](Reply reply) {
    try {
      auto message = reply ? call.createReply()
                           : call.createErrorReply(
                                 library::make_error(reply.error().name, reply.error().message));
      if (reply) append(message, *reply);
      message.send();
    } catch (const sdbus::Error&) {  // whoever asked is gone
    } catch (const Unreadable&) {
    }
    bus->rearm();
  };
  bus_.later([this, alive = alive_, incoming = std::move(incoming)] {
    if (*alive) called_(incoming);
  });
}

void Object::set(const std::string& interface, const std::string& key, Value value, bool quiet) {
  assign(properties_[interface], key, std::move(value));
  if (quiet) return;
  try {
    library::changed(*object_, interface, key);
  } catch (const sdbus::Error&) {  // the bus is gone; on_lost tells
  }
  bus_.rearm();
}

void Object::announce(bool added) {
  try {
    if (added) {
      object_->emitInterfacesAddedSignal();
    } else {
      object_->emitInterfacesRemovedSignal();
    }
  } catch (const sdbus::Error&) {  // the bus is gone; on_lost tells
  }
  bus_.rearm();
}

}  // namespace

Outcome<std::unique_ptr<Bus>> Bus::open(Reactor& reactor) {
  try {
    return std::unique_ptr<Bus>(
        std::make_unique<Connection>(reactor, sdbus::createSystemBusConnection()));
  } catch (const sdbus::Error& error) {
    const bool denied = error.getName().find("AccessDenied") != std::string::npos;
    return failure(denied ? ErrorCode::PermissionDenied : ErrorCode::NotFound,
                   denied ? "this user may not use the system bus"
                          : "there is no D-Bus system bus, through which Bluetooth is reached",
                   "D-Bus", "Start the service 'dbus' and then 'bluetooth'.");
  }
}

}  // namespace weco::transports::ble
