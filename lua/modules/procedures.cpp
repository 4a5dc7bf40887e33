// SPDX-License-Identifier: Apache-2.0
#include "lua/modules/procedures.hpp"

#include <memory>
#include <optional>
#include <utility>

#include "lua/modules/agreement.hpp"

namespace weco::lua {
namespace {

constexpr Duration kPatience = Duration::s(10);

Unexpected<Failure> misuse(std::string what, std::string hint) {
  return failure(ErrorCode::BadInput, "device:flash: " + std::move(what), {}, std::move(hint));
}

/// A whole look, waited for.
Outcome<DeviceReport> look_at(ScriptDevice& device, Reactor& reactor) {
  if (device.busy()) return failure(ErrorCode::Busy, "the device is being read", device.endpoint());
  // A look that an interrupt has cut ends later, for nobody.
  const auto seen = std::make_shared<std::optional<Outcome<DeviceReport>>>();
  device.read({}, kPatience,
              [seen](Outcome<DeviceReport> report) { seen->emplace(std::move(report)); });
  reactor.run([&] { return seen->has_value(); }, Instant::never());
  if (!*seen) return failure(ErrorCode::Interrupted, "reading", device.endpoint());
  return std::move(**seen);
}

std::string text_of(const Value& given, std::string_view name) {
  const Value* value = given.get(name);
  return value == nullptr ? std::string() : value->text;
}

}  // namespace

Outcome<FlashOrder> read_flash_order(const std::string& image, const Value& given) {
  FlashOrder order;
  order.image = image;
  order.console = text_of(given, "console");
  order.board = text_of(given, "board");
  const Value* key = given.get("key");
  if (key != nullptr && key->is(Value::Kind::Text)) order.keys.push_back(key->text);
  if (key != nullptr && key->is(Value::Kind::Table)) {
    for (const Entry& entry : key->entries) order.keys.push_back(entry.value.text);
  }
  for (const std::string& path : order.keys) {
    if (path.empty()) return misuse("a key is the path of a file", "Write key = \"vendor.pem\".");
  }
  if (order.keys.empty()) {
    return misuse("nobody said whose signature is trusted",
                  "Name the vendor's public key: key = \"vendor.pem\".");
  }
  if (order.console.empty()) {
    return misuse("nobody said where the device takes firmware",
                  "Name it: console = \"serial:/dev/ttyUSB1\".");
  }
  return order;
}

Outcome<Value> flash_device(World& world, Person& person, ScriptDevice& device,
                            const FlashOrder& order, bool agreed) {
  FlashParty party;
  party.look = [&] { return look_at(device, world.reactor()); };
  party.agree = [&](const std::string& what) {
    person.say(what);
    return agree(world, person, agreed, {"flash", "Install this firmware now?", order.console});
  };
  party.progress = [&](std::uint64_t done, std::uint64_t total) {
    person.progress("Sending the firmware", done, total);
  };
  return world.flash(order, party);
}

Outcome<Value> calibrate_device(World& world, Person& person, ScriptDevice& device,
                                const CalibrationOrder& order, bool agreed) {
  return device.calibrate(order, [&](const std::string& text, const std::string& question) {
    person.say(text);
    return agree(world, person, agreed, {"calibrate", question, device.endpoint()});
  });
}

}  // namespace weco::lua
