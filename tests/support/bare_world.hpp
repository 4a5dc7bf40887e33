// SPDX-License-Identifier: Apache-2.0
// What a script needs around it when a test is about one thing of it: a world where nothing else
// can be done, a person who is not there, and a conversation with a device as scripts are handed
// it.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "host/device/live_device.hpp"
#include "lua/modules/world.hpp"

namespace weco::test {

class LiveScriptDevice final : public lua::ScriptDevice {
 public:
  explicit LiveScriptDevice(std::unique_ptr<LiveDevice> live) : live_(std::move(live)) {}
  void read(std::vector<PointRef> wanted, Duration patience, Answer done) override {
    live_->start(std::move(wanted), patience, std::move(done));
  }
  [[nodiscard]] bool busy() const override { return live_->busy(); }
  [[nodiscard]] std::string endpoint() const override { return live_->setup().link->describe(); }
  [[nodiscard]] std::string family() const override { return live_->setup().profile->family; }
  LiveDevice* live() override { return live_.get(); }

 private:
  std::unique_ptr<LiveDevice> live_;
};

/// A test says what its time is and what can be opened.
class BareWorld : public lua::World, public lua::Person {
 public:
  void scan(const std::vector<std::string>&, Scanned done) override { done(lua::Value::table()); }
  Outcome<std::unique_ptr<lua::ScriptSite>> simulate(const lua::Value&) override {
    return failure(ErrorCode::Unsupported, "no sites here");
  }
  Outcome<lua::Value> describe(const DeviceReport&) override { return lua::Value{}; }
  Outcome<lua::Value> check(lua::Argument::Type, const std::string& text) override {
    return lua::Value::of(text);
  }
  Outcome<lua::Value> ask(const lua::Argument&,
                          const std::function<Outcome<lua::Value>(const std::string&)>&) override {
    return failure(ErrorCode::BadUsage, "nobody is there");
  }
  void say(const std::string&) override {}
  void table(const lua::Value&) override {}
  void progress(const std::string&, std::uint64_t, std::uint64_t) override {}
};

}  // namespace weco::test
