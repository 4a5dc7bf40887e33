// SPDX-License-Identifier: Apache-2.0
// What travels over D-Bus, as far as BlueZ uses it, in types of our own: the library's types stay
// in one file, and what it cannot express here is a value that nobody can read by accident.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace weco::transports::ble {

struct ObjectPath {
  std::string text;
  friend bool operator==(const ObjectPath&, const ObjectPath&) = default;
};

/// A descriptor that came with a message; closed unless somebody takes it.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor();
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] int take() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

using ByteBuffer = std::vector<std::uint8_t>;
using Texts = std::vector<std::string>;
using Paths = std::vector<ObjectPath>;
/// Manufacturer data of an advertisement: company and bytes.
using CompanyData = std::vector<std::pair<std::uint16_t, ByteBuffer>>;

struct Entry;
struct Interface;
struct Object;
using Dict = std::vector<Entry>;            // a{sv}
using Interfaces = std::vector<Interface>;  // a{sa{sv}}
using ObjectList = std::vector<Object>;     // a{oa{sa{sv}}}

struct Value {
  /// monostate: a type that nobody here needs.
  std::variant<std::monostate, bool, std::uint8_t, std::int16_t, std::uint16_t, std::int32_t,
               std::uint32_t, std::uint64_t, std::string, ObjectPath, ByteBuffer, Texts, Paths,
               Dict, CompanyData, Interfaces, ObjectList, std::shared_ptr<Descriptor>>
      data;

  Value() = default;
  template <class T>
  Value(T value) : data(std::move(value)) {}  // NOLINT: a value is written as itself

  template <class T>
  [[nodiscard]] const T* get() const {
    return std::get_if<T>(&data);
  }
  /// Any integer; nullopt for everything else.
  [[nodiscard]] std::optional<std::int64_t> integer() const;
};

struct Entry {
  std::string key;
  Value value;
};
struct Interface {
  std::string name;
  Dict properties;
};
struct Object {
  std::string path;
  Interfaces interfaces;
};
using Values = std::vector<Value>;

/// The value of a key; nullptr when it is not there.
const Value* find(const Dict& dict, std::string_view key);
/// A property, or what stands for "not there": false, empty.
bool flag(const Dict& dict, std::string_view key);
std::string text(const Dict& dict, std::string_view key);  // text or object path
const Texts& texts(const Dict& dict, std::string_view key);
std::optional<std::int64_t> integer(const Dict& dict, std::string_view key);
void assign(Dict& dict, std::string key, Value value);

}  // namespace weco::transports::ble
