// SPDX-License-Identifier: Apache-2.0
// Where sdbus-c++ 1.x (Debian 12) and 2.x (Debian 13) differ. Everything else compiles with both.
#pragma once

#include <sdbus-c++/sdbus-c++.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/time.hpp"

namespace weco::transports::ble::library {

#if __has_include(<sdbus-c++/VTableItems.h>)

inline sdbus::Error make_error(const std::string& name, const std::string& message) {
  return {sdbus::Error::Name(name), message};
}
inline sdbus::ObjectPath path(const std::string& text) { return sdbus::ObjectPath(text); }
inline std::unique_ptr<sdbus::IProxy> make_proxy(sdbus::IConnection& connection,
                                                 const std::string& service,
                                                 const std::string& object) {
  return sdbus::createProxy(connection, sdbus::ServiceName(service), sdbus::ObjectPath(object));
}
inline sdbus::MethodCall make_call(sdbus::IProxy& proxy, const std::string& interface,
                                   const std::string& method) {
  return proxy.createMethodCall(sdbus::InterfaceName(interface), sdbus::MethodName(method));
}
/// `done` gets the reply, or the error's name and message.
template <class DoneCall>
void call(sdbus::IProxy& proxy, const sdbus::MethodCall& message, std::uint64_t timeout_us,
          DoneCall done) {
  proxy.callMethodAsync(
      message,
      [done](sdbus::MethodReply reply, std::optional<sdbus::Error> error) {
        done(reply, error ? &*error : nullptr);
      },
      timeout_us);
}
inline bool process(sdbus::IConnection& connection) { return connection.processPendingEvent(); }
inline std::optional<Duration> wait_of(const sdbus::IConnection::PollData& data) {
  const auto wait = data.getRelativeTimeout();
  if (wait == std::chrono::microseconds::max()) return std::nullopt;
  return Duration::us(std::max<std::int64_t>(wait.count(), 0));
}
template <class Handler>
sdbus::Slot match(sdbus::IConnection& connection, const std::string& rule, Handler handler) {
  return connection.addMatch(
      rule, [handler](sdbus::Message message) { handler(message); }, sdbus::return_slot);
}
inline std::string next_type(const sdbus::Message& message) {
  const auto [type, contents] = message.peekType();
  if (type == 0) return {};
  return std::string(1, type) + (type == 'a' && contents != nullptr ? contents : "");
}
inline void own(sdbus::IConnection& connection, const std::string& name) {
  connection.requestName(sdbus::ServiceName(name));
}
inline void add_object_manager(sdbus::IConnection& connection, const std::string& object) {
  connection.addObjectManager(sdbus::ObjectPath(object));
}
inline std::unique_ptr<sdbus::IObject> make_object(sdbus::IConnection& connection,
                                                   const std::string& object) {
  return sdbus::createObject(connection, sdbus::ObjectPath(object));
}
/// Collects an interface's members and adds them at once.
class Table {
 public:
  Table(sdbus::IObject& object, const std::string& interface)
      : object_(object), interface_(interface) {}
  void method(const std::string& name, const std::string& in, const std::string& out,
              std::function<void(sdbus::MethodCall)> action) {
    items_.push_back(sdbus::MethodVTableItem{sdbus::MethodName(name),
                                             sdbus::Signature(in),
                                             {},
                                             sdbus::Signature(out),
                                             {},
                                             std::move(action),
                                             {}});
  }
  void property(const std::string& name, const std::string& signature,
                std::function<void(sdbus::PropertyGetReply&)> getter) {
    items_.push_back(sdbus::PropertyVTableItem{
        sdbus::PropertyName(name), sdbus::Signature(signature), std::move(getter), {}, {}});
  }
  void finish() { object_.addVTable(sdbus::InterfaceName(interface_), std::move(items_)); }
  static void finish_object(sdbus::IObject&) {}

 private:
  sdbus::IObject& object_;
  std::string interface_;
  std::vector<sdbus::VTableItem> items_;
};
inline void changed(sdbus::IObject& object, const std::string& interface, const std::string& key) {
  object.emitPropertiesChangedSignal(sdbus::InterfaceName(interface),
                                     std::vector<sdbus::PropertyName>{sdbus::PropertyName(key)});
}
inline std::string text(const char* raw) { return raw == nullptr ? std::string() : raw; }

#else

inline sdbus::Error make_error(const std::string& name, const std::string& message) {
  return {name, message};
}
inline sdbus::ObjectPath path(const std::string& text) { return sdbus::ObjectPath(text); }
inline std::unique_ptr<sdbus::IProxy> make_proxy(sdbus::IConnection& connection,
                                                 const std::string& service,
                                                 const std::string& object) {
  return sdbus::createProxy(connection, service, object);
}
inline sdbus::MethodCall make_call(sdbus::IProxy& proxy, const std::string& interface,
                                   const std::string& method) {
  return proxy.createMethodCall(interface, method);
}
template <class DoneCall>
void call(sdbus::IProxy& proxy, const sdbus::MethodCall& message, std::uint64_t timeout_us,
          DoneCall done) {
  proxy.callMethod(
      message, [done](sdbus::MethodReply& reply, const sdbus::Error* error) { done(reply, error); },
      timeout_us);
}
inline bool process(sdbus::IConnection& connection) { return connection.processPendingRequest(); }
inline std::optional<Duration> wait_of(const sdbus::IConnection::PollData& data) {
  const auto wait = data.getRelativeTimeout();
  if (!wait) return std::nullopt;
  return Duration::us(std::max<std::int64_t>(wait->count(), 0));
}
template <class Handler>
sdbus::Slot match(sdbus::IConnection& connection, const std::string& rule, Handler handler) {
  return connection.addMatch(rule, [handler](sdbus::Message& message) { handler(message); });
}
inline std::string next_type(const sdbus::Message& message) {
  std::string type;
  std::string contents;
  message.peekType(type, contents);
  if (type.empty() || type.front() == 0) return {};
  return type.substr(0, 1) + (type.front() == 'a' ? contents : "");
}
inline void own(sdbus::IConnection& connection, const std::string& name) {
  connection.requestName(name);
}
inline void add_object_manager(sdbus::IConnection& connection, const std::string& object) {
  connection.addObjectManager(object, sdbus::floating_slot);
}
inline std::unique_ptr<sdbus::IObject> make_object(sdbus::IConnection& connection,
                                                   const std::string& object) {
  return sdbus::createObject(connection, object);
}
class Table {
 public:
  Table(sdbus::IObject& object, const std::string& interface)
      : object_(object), interface_(interface) {}
  void method(const std::string& name, const std::string& in, const std::string& out,
              std::function<void(sdbus::MethodCall)> action) {
    object_.registerMethod(interface_, name, in, out, std::move(action));
  }
  void property(const std::string& name, const std::string& signature,
                std::function<void(sdbus::PropertyGetReply&)> getter) {
    object_.registerProperty(interface_, name, signature, std::move(getter));
  }
  void finish() {}
  static void finish_object(sdbus::IObject& object) { object.finishRegistration(); }

 private:
  sdbus::IObject& object_;
  std::string interface_;
};
inline void changed(sdbus::IObject& object, const std::string& interface, const std::string& key) {
  object.emitPropertiesChangedSignal(interface, {key});
}
inline std::string text(std::string raw) { return raw; }
#endif

}  // namespace weco::transports::ble::library
