// SPDX-License-Identifier: Apache-2.0
// The shipped scripts' way to simulated sites: each place is a site with its inverter or EMS on a
// wire, all under one clock, and a person does what he is asked to.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/render/status.hpp"
#include "host/device/live_device.hpp"
#include "host/link/loopback.hpp"
#include "host/profile/catalog.hpp"
#include "lua/modules/host.hpp"
#include "lua/modules/json.hpp"
#include "scripts/embedded.hpp"
#include "sim/device/values_site.hpp"
#include "sim/device/virtual_device.hpp"
#include "sim/device/writer.hpp"
#include "sim/timeline/timeline.hpp"
#include "tests/support/catch.hpp"

namespace weco::test {

inline const Catalog& catalog() {
  static const Catalog all = *Catalog::embedded();
  return all;
}

inline std::string_view text_of(std::span<const scripts::EmbeddedScript> list,
                                std::string_view name) {
  for (const scripts::EmbeddedScript& script : list) {
    if (script.name == name) return script.text();
  }
  FAIL("no script " << name);
  return {};
}

inline std::string_view device_family(sim::SiteFamily family) {
  if (family == sim::SiteFamily::WecoSmart) return "weco_smart";
  return family == sim::SiteFamily::SajCm2 ? "saj_cm2_ems" : "ep760_open";
}

/// A site on a morning in June.
inline sim::SiteConfig morning_site(sim::SiteFamily family, std::uint64_t seed) {
  constexpr std::int64_t kMorning_s = 1781510400;  // 2026-06-15, 8 in the morning, UTC
  sim::SiteConfig config = sim::default_site(family);
  config.seed = seed;
  config.start_s = kMorning_s;
  config.soc_pct = 60;
  if (family == sim::SiteFamily::SajCm2) config.cabinets = 2;
  return config;
}

/// What a device shows besides what its site makes it show: another nameplate, an old count.
using Edit = std::function<void(Snapshot&, Instant)>;

/// Other serial numbers than those of every simulated device of the family.
inline Edit renumbered(char digit) {
  return [digit](Snapshot& values, Instant now) {
    constexpr PointId serial = point("serial_number");
    std::vector<PointRef> all;
    for (const auto& [ref, reading] : values.readings()) {
      if (ref.id == serial) all.push_back(ref);
    }
    for (const PointRef& ref : all) {
      std::string text = values.text(ref);
      text[text.size() / 2] = digit;
      values.put(text_reading(ref, text, now));
    }
  };
}

class EditedValues final : public sim::ValueModel {
 public:
  EditedValues(std::unique_ptr<sim::ValueModel> values, Edit edit)
      : values_(std::move(values)), edit_(std::move(edit)) {}
  void update(Instant now, Snapshot& values) override {
    values_->update(now, values);
    if (edit_) edit_(values, now);
  }
  Setting set(const Reading& value) override { return values_->set(value); }

 private:
  std::unique_ptr<sim::ValueModel> values_;
  Edit edit_;
};

/// One site, its device and the wire to it. A fault of the wire strikes what the device answers,
/// every other one the site.
class Place {
 public:
  Place(sim::Timeline& timeline, const sim::SiteConfig& config, std::string_view fault,
        bool from_the_start, Edit edit = {})
      : timeline_(timeline), wire_(timeline, {.name = "site:", .shared_line = true}) {
    constexpr int kBefore_s = 120, kAfter_s = 300;
    auto site = sim::Site::make(config);
    REQUIRE(site);
    std::optional<sim::FaultSpec> spec;
    if (!fault.empty()) {
      const auto parsed = sim::parse_fault(fault);
      REQUIRE(parsed);
      spec = *parsed;
    }
    const bool of_wire = spec && sim::strikes_wire(spec->id);
    if (of_wire) damage_ = sim::link_plan(*spec, config.seed);
    if (spec && !of_wire && from_the_start) REQUIRE((*site)->inject(*spec));
    for (int i = 0; i < kBefore_s; ++i) (*site)->step(sim::Site::kStepUsual);
    if (spec && !of_wire) {
      if (!from_the_start) REQUIRE((*site)->inject(*spec));
      for (int i = 0; i < kAfter_s; ++i) (*site)->step(sim::Site::kStepUsual);
    }
    sim::VirtualDeviceOptions options;
    options.base = Instant{} - ((*site)->now() - Instant{});
    options.update_period = Duration::s(5);  // nobody looks more often
    site_ = std::make_shared<sim::SharedSite>(std::move(*site));
    const Profile& profile = **catalog().load(device_family(config.family));
    auto values = sim::site_values(profile, site_, 1, 1);
    REQUIRE(values);
    auto made = sim::VirtualDevice::make(
        timeline_, profile, options,
        std::make_unique<EditedValues>(std::move(*values), std::move(edit)));
    REQUIRE(made);
    device_ = std::move(*made);
  }

  std::unique_ptr<LiveDevice> open() {
    const Profile& profile = device_->profile();
    if (lives_) device_->refresh();
    if (!served_) device_->serve(wire_.join(), Carrier::Rtu);
    served_ = true;
    LiveDevice::Setup setup;
    setup.link = wire_.join();
    if (damage_) {
      inner_.push_back(std::move(setup.link));
      setup.link =
          std::make_unique<FaultyByteLink>(timeline_, *inner_.back(), FaultPlan{}, *damage_);
    }
    setup.profile = &profile;
    if (auto codes = catalog().faults(profile.family)) setup.codes = *codes;
    setup.unit = profile.protocol.unit;
    auto live = LiveDevice::make(timeline_, std::move(setup));
    REQUIRE(live);
    return std::move(*live);
  }
  /// From now on every look at the device shows the same, however long it takes.
  void freeze() {
    device_->refresh();
    device_->freeze();
    lives_ = false;
  }
  [[nodiscard]] sim::Site& site() { return site_->site(); }

 private:
  sim::Timeline& timeline_;
  LoopbackLine wire_;
  std::optional<FaultPlan> damage_;
  std::vector<std::unique_ptr<ByteLink>> inner_;
  bool lives_ = true;  // goes on while a script waits
  bool served_ = false;
  std::shared_ptr<sim::SharedSite> site_;
  std::unique_ptr<sim::VirtualDevice> device_;
};

class SiteWorld final : public lua::World, public lua::Person {
 public:
  SiteWorld() = default;  // places are added
  /// A tower of four modules that stays as it is.
  SiteWorld(std::uint64_t seed, std::string_view fault) {
    sim::SiteConfig config = sim::default_site(sim::SiteFamily::WecoSmart);
    config.seed = seed;
    add("site:", config, fault, false).freeze();
  }
  /// A site that is taken into operation on a morning in June; its time is that of the script.
  SiteWorld(sim::SiteFamily family, std::uint64_t seed, std::string_view fault) {
    add("site:", family, seed, fault);
  }
  Place& add(const std::string& place, sim::SiteFamily family, std::uint64_t seed,
             std::string_view fault, Edit edit = {}) {
    const bool from_the_start = fault.starts_with("meter_");
    return add(place, morning_site(family, seed), fault, from_the_start, std::move(edit));
  }
  Place& add(const std::string& place, const sim::SiteConfig& config, std::string_view fault,
             bool from_the_start, Edit edit = {}) {
    return *(places_[place] = std::make_unique<Place>(timeline_, config, fault, from_the_start,
                                                      std::move(edit)));
  }

  Reactor& reactor() override { return timeline_; }
  void open(const lua::OpenRequest& request, Opened done) override {
    const std::string place = request.device.empty() ? "site:" : request.device;
    const auto found = places_.find(place);
    if (found == places_.end()) {
      return done(failure(ErrorCode::NotFound, "there is no such port", place));
    }
    done(std::make_unique<Device>(found->second->open(), place));
  }
  Outcome<std::unique_ptr<lua::ScriptSite>> simulate(const lua::Value&) override {
    return failure(ErrorCode::Unsupported, "no sites here");
  }
  void scan(const std::vector<std::string>&, Scanned done) override { done(lua::Value::table()); }
  Outcome<lua::Value> describe(const DeviceReport& report) override {
    return lua::read_json(cli::status_json(report, {}, timeline_.wall_seconds()));
  }
  Outcome<lua::Value> check(lua::Argument::Type, const std::string& text) override {
    return lua::Value::of(text);
  }
  Outcome<lua::Value> ask(const lua::Argument& question,
                          const std::function<Outcome<lua::Value>(const std::string&)>&) override {
    constexpr double kOven_W = 4000;
    asked.push_back(question.help);
    if (question.name == "load_on") REQUIRE(site().command("extra_load_W", kOven_W));
    if (question.name == "load_off") REQUIRE(site().command("extra_load_W", 0));
    if (question.type != lua::Argument::Type::Switch) return question.preset;
    return lua::Value::boolean(question.name != no && question.help != no);
  }
  std::string no;  // name or text of the question that is denied
  std::vector<std::string> asked;
  std::vector<std::string> said;
  [[nodiscard]] sim::Site& site() { return places_.at("site:")->site(); }
  void freeze() { places_.at("site:")->freeze(); }
  void say(const std::string& text) override { said.push_back(text); }
  void table(const lua::Value&) override {}
  void progress(const std::string&, std::uint64_t, std::uint64_t) override {}

  /// What weco status --json would print of it.
  std::string status() {
    std::string text;
    open({}, [&](Outcome<std::unique_ptr<lua::ScriptDevice>> device) {
      REQUIRE(device);
      bool over = false;
      (*device)->read({}, Duration::s(30), [&](Outcome<DeviceReport> report) {
        REQUIRE(report);
        text = cli::status_json(*report, {}, timeline_.wall_seconds());
        over = true;
      });
      timeline_.run([&] { return over; }, Instant::never());
    });
    return text;
  }

  /// Level and everything that is not well, as "level: check: sentence; ...". A script that ends
  /// with a mistake is its message.
  std::string judge(std::string_view script, std::vector<std::string> words = {"site:"}) {
    const auto result = attempt(script, std::move(words));
    if (!result) return "failed: " + result.error().what;
    return judged(*result);
  }
  static std::string judged(const lua::Value& result) {
    std::string text = result.get("level")->text + ":";
    for (const lua::Entry& row : result.get("checks")->entries) {
      const std::string& level = row.value.get("level")->text;
      if (level == "ok" || level == "not_checked") continue;
      text += " " + row.value.get("check")->text + ": " + row.value.get("says")->text + ";";
    }
    return text;
  }

  lua::Value run(std::string_view script, std::vector<std::string> words,
                 lua::StepJournal* journal = nullptr) {
    auto result = attempt(script, std::move(words), journal);
    if (!result) FAIL(result.error().where << " " << result.error().what);
    return *result;
  }

  Outcome<lua::Value> attempt(std::string_view script, std::vector<std::string> words,
                              lua::StepJournal* journal = nullptr) {
    lua::HostOptions options;
    options.journal = journal;
    options.module = [](std::string_view name) -> Outcome<lua::Module> {
      return lua::Module{std::string(name), std::string(text_of(scripts::modules(), name))};
    };
    auto host = lua::ScriptHost::load({std::string(script), std::string(script),
                                       std::string(text_of(scripts::shipped(), script))},
                                      *this, *this, std::move(options));
    if (!host) FAIL(host.error().what);
    auto values = lua::read_arguments(
        (*host)->header(), words,
        [](lua::Argument::Type, const std::string& text) -> Outcome<lua::Value> {
          return lua::Value::of(text);
        });
    REQUIRE(values);
    REQUIRE(lua::missing_argument((*host)->header(), *values) == nullptr);
    return (*host)->run(*values);
  }

 private:
  class Device final : public lua::ScriptDevice {
   public:
    Device(std::unique_ptr<LiveDevice> live, std::string place)
        : live_(std::move(live)), place_(std::move(place)) {}
    void read(std::vector<PointRef> wanted, Duration patience, Answer done) override {
      live_->start(std::move(wanted), patience, std::move(done));
    }
    [[nodiscard]] bool busy() const override { return live_->busy(); }
    [[nodiscard]] std::string endpoint() const override { return place_; }
    [[nodiscard]] std::string family() const override { return live_->setup().profile->family; }

   private:
    std::unique_ptr<LiveDevice> live_;
    std::string place_;
  };

  sim::Timeline timeline_;
  std::map<std::string, std::unique_ptr<Place>> places_;
};

}  // namespace weco::test
