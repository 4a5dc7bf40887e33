// SPDX-License-Identifier: Apache-2.0
#include "cli/script_site.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/device/live_device.hpp"
#include "host/link/loopback.hpp"
#include "lua/scenario/site_table.hpp"
#include "sim/device/values_site.hpp"
#include "sim/device/virtual_device.hpp"
#include "sim/faults/catalogue.hpp"
#include "sim/scenario/stage.hpp"
#include "sim/site/site.hpp"
#include "sim/site/site_journal.hpp"
#include "sim/update/service_console.hpp"
#include "sim/update/virtual_flash.hpp"

namespace weco::cli {
namespace {

using lua::Value;

constexpr int kStepsBetweenLooks = 600;  // at what stops a script

/// A whole number stays one: a script compares and prints it as such.
Value number(double value) {
  const bool whole = std::nearbyint(value) == value && std::abs(value) < 1e15;
  return whole ? Value::of(static_cast<std::int64_t>(value)) : Value::of(value);
}

/// Of a controller: 4096 records, years of days and months of hours.
constexpr journal::Geometry kFlash = {4096, 64, 100000};

/// A site with the memory of its controller. Devices keep it when the script has dropped the site.
struct Remembering {
  explicit Remembering(std::unique_ptr<sim::Site> made) : site(std::move(made)), flash(kFlash) {}
  std::unique_ptr<sim::Site> site;
  sim::VirtualFlash flash;
  std::optional<sim::SiteJournal> memory;
};

/// The controller's service console, for one who asks.
struct ServedConsole {
  ServedConsole(Reactor& reactor, std::shared_ptr<Remembering> kept, const std::string& board)
      : site(std::move(kept)),
        wire(reactor, {.name = "site:" + board}),
        console(reactor, site->memory->journal(), board) {}
  std::shared_ptr<Remembering> site;
  LoopbackLine wire;
  sim::ServiceConsole console;
};

/// A device of a site on a wire of its own, with the service console beside it. The site moves only
/// when the script says so, therefore its values are taken anew before each look.
class SiteDevice final : public lua::ScriptDevice {
 public:
  static Outcome<std::unique_ptr<lua::ScriptDevice>> make(std::shared_ptr<Remembering> site,
                                                          Reactor& reactor, const Catalog& catalog,
                                                          const std::string& family, int number) {
    const auto profile = catalog.load(family);
    if (!profile) return Unexpected{profile.error()};
    auto values =
        sim::site_values(**profile, *site->site, number, site->site->config().seed & 0xFFFFFFFFU);
    if (!values) return Unexpected{std::move(values).error()};
    std::unique_ptr<SiteDevice> made(new SiteDevice(std::move(site), reactor, family));
    sim::VirtualDeviceOptions options;
    options.turnaround = Duration::us(0);
    auto device = sim::VirtualDevice::make(reactor, **profile, options, std::move(*values));
    if (!device) return Unexpected{std::move(device).error()};
    made->device_ = std::move(*device);
    made->device_->freeze();
    made->device_->serve(made->wire_.join(), Carrier::Rtu);
    LiveDevice::Setup setup;
    setup.link = made->wire_.join();
    setup.profile = *profile;
    if (auto codes = catalog.faults(family)) setup.codes = *codes;
    if (auto lights = catalog.lights(family)) setup.lights = *lights;
    setup.unit = (*profile)->protocol.unit;
    auto live = LiveDevice::make(reactor, std::move(setup));
    if (!live) return Unexpected{std::move(live).error()};
    made->live_ = std::move(*live);
    return std::unique_ptr<lua::ScriptDevice>(std::move(made));
  }
  void read(std::vector<PointRef> wanted, Duration patience, Answer done) override {
    device_->refresh();
    live_->start(std::move(wanted), patience, std::move(done));
  }
  [[nodiscard]] bool busy() const override { return live_->busy(); }
  [[nodiscard]] std::string endpoint() const override { return live_->setup().link->describe(); }
  [[nodiscard]] std::string family() const override { return family_; }
  LiveDevice* live() override { return live_.get(); }
  lua::Console console() override {
    auto served = std::make_shared<ServedConsole>(reactor_, site_, family_);
    served->console.serve(served->wire.join(), smp::Framing::Console);
    std::unique_ptr<ByteLink> link = served->wire.join();
    return {.beside = std::move(served), .link = std::move(link)};
  }

 private:
  SiteDevice(std::shared_ptr<Remembering> site, Reactor& reactor, std::string family)
      : site_(std::move(site)),
        reactor_(reactor),
        wire_(reactor, {.name = "site:" + family, .shared_line = true}),
        family_(std::move(family)) {}

  std::shared_ptr<Remembering> site_;
  Reactor& reactor_;
  LoopbackLine wire_;
  std::string family_;
  std::unique_ptr<sim::VirtualDevice> device_;
  std::unique_ptr<LiveDevice> live_;
};

std::string usual_device(sim::SiteFamily family) {
  switch (family) {
    case sim::SiteFamily::WecoSmart:
      return "weco_smart";
    case sim::SiteFamily::SajCm2:
      return "saj_cm2_ems";
    case sim::SiteFamily::Ep760:
      break;
  }
  return "ep760_open";
}

class SimulatedSite final : public lua::ScriptSite {
 public:
  SimulatedSite(std::shared_ptr<Remembering> kept, Reactor& reactor, const Catalog& catalog)
      : kept_(std::move(kept)), site_(kept_->site.get()), reactor_(reactor), catalog_(catalog) {}

  Done advance(double seconds, double step_s, const std::function<bool()>& stopped) override {
    const auto whole = Duration::us(static_cast<std::int64_t>(std::llround(seconds * 1e6)));
    const auto step = Duration::us(static_cast<std::int64_t>(std::llround(step_s * 1e6)));
    const Instant end = site_->now() + whole;
    for (int n = 1; site_->now() < end; ++n) {
      site_->step(std::min(std::max(step, Duration::us(1)), end - site_->now()));
      if (Done kept = kept_->memory->look(*site_); !kept) return kept;
      if (n % kStepsBetweenLooks == 0 && stopped()) break;
    }
    return {};
  }
  [[nodiscard]] double seconds() const override {
    return static_cast<double>((site_->now() - Instant{}).to_us()) * 1e-6;
  }

  Outcome<Value> value(const std::string& channel) override {
    const auto found = site_->value(channel);
    if (!found) return Unexpected{found.error()};
    return number(*found);
  }
  Value values() override {
    const auto channels = site_->channels();
    std::vector<double> sample(channels.size());
    site_->sample(sample);
    Value table = Value::table();
    for (std::size_t i = 0; i < channels.size(); ++i) {
      table.set(channels[i].name, number(sample[i]));
    }
    std::ranges::sort(table.entries, {}, &lua::Entry::name);
    return table;
  }
  Value events() override {
    Value list = Value::table();
    for (std::size_t i = 0; i < site_->event_count(); ++i) {
      const sim::SiteEvent& event = site_->event(i);
      Value row = Value::table();
      row.set("code", Value::of(std::int64_t{event.code}));
      row.set("kind", Value::of(std::string(sim::name(event.kind))));
      row.set("time_s", number(static_cast<double>((event.at - Instant{}).to_us()) * 1e-6));
      row.set("unit", Value::of(std::int64_t{event.unit}));
      row.set("what", Value::of(std::string(event.what)));
      list.entries.push_back({{}, static_cast<std::int64_t>(i) + 1, std::move(row)});
    }
    return list;
  }

  Done command(const std::string& name, const Value& value) override {
    if (value.is(Value::Kind::Text)) return site_->command(name, std::string_view(value.text));
    return site_->command(name, value.number);
  }
  Done fault(const std::string& text, bool on) override {
    const auto spec = sim::parse_fault(text);
    if (!spec) return Unexpected{spec.error()};
    return on ? site_->inject(*spec) : site_->clear(*spec);
  }

  Outcome<std::unique_ptr<lua::ScriptDevice>> device(const std::string& family,
                                                     int number) override {
    const std::string wanted = family.empty() ? usual_device(site_->config().family) : family;
    return SiteDevice::make(kept_, reactor_, catalog_, wanted, number);
  }

 private:
  std::shared_ptr<Remembering> kept_;
  sim::Site* site_;  // in it
  Reactor& reactor_;
  const Catalog& catalog_;
};

}  // namespace

Outcome<std::unique_ptr<lua::ScriptSite>> make_script_site(const Value& description,
                                                           Reactor& reactor,
                                                           const Catalog& catalog) {
  const auto config = lua::read_description(description, sim::site_terms().site);
  if (!config) return Unexpected{config.error()};
  auto site = sim::Site::make(*config);
  if (!site) return Unexpected{std::move(site).error()};
  auto kept = std::make_shared<Remembering>(std::move(*site));
  auto memory = sim::SiteJournal::make(kept->flash.flash(), *kept->site);
  if (!memory) return Unexpected{std::move(memory).error()};
  kept->memory.emplace(std::move(*memory));
  return std::unique_ptr<lua::ScriptSite>(
      std::make_unique<SimulatedSite>(std::move(kept), reactor, catalog));
}

}  // namespace weco::cli
