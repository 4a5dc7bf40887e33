// SPDX-License-Identifier: Apache-2.0
// Settings on their way to virtual devices: from a script through the rights and the guard to the
// wire, read back, recorded, and put back.
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "host/device/live_device.hpp"
#include "host/evidence/recording_link.hpp"
#include "host/link/loopback.hpp"
#include "host/profile/catalog.hpp"
#include "host/profile/modbus_map.hpp"
#include "host/settings/change_run.hpp"
#include "host/settings/text.hpp"
#include "lua/modules/host.hpp"
#include "sim/device/values_site.hpp"
#include "sim/device/virtual_device.hpp"
#include "sim/timeline/timeline.hpp"
#include "tests/support/bare_world.hpp"
#include "tests/support/catch.hpp"

using namespace weco;
using namespace weco::sim;
using settings::Change;
using settings::ChangeRun;

namespace {

const Catalog& catalog() {
  static const Catalog all = *Catalog::embedded();
  return all;
}

/// Counts the requests that change something: functions 5, 6, 15, 16, 22 and 23.
class WriteCounter final : public EventSink {
 public:
  void record(const Event& event) override {
    if (event.kind != EventKind::Tx || event.data.size() < 2) return;
    const auto function = static_cast<modbus::Function>(event.data[1]);
    if (modbus::writes(function)) ++writes;
    ++requests;
  }
  std::size_t writes = 0;
  std::size_t requests = 0;
};

struct Folder {
  Folder() {
    std::string pattern = "/tmp/weco-changes-XXXXXX";
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string path;
};

/// A device of a family on a line that is watched, and a script's only world.
class Bench final : public test::BareWorld {
 public:
  explicit Bench(std::string_view family) : Bench(family, nullptr) {}
  Bench(std::string_view family, std::unique_ptr<ValueModel> model) {
    const auto loaded = catalog().load(family);
    REQUIRE(loaded);
    profile = *loaded;
    VirtualDeviceOptions options;
    auto made = model ? VirtualDevice::make(timeline, *profile, options, std::move(model))
                      : VirtualDevice::make(timeline, *profile, options);
    REQUIRE(made);
    device = std::move(*made);
    device->freeze();
    device->serve(wire.join(), carrier());
  }
  [[nodiscard]] Carrier carrier() const {
    const auto& carriers = profile->protocol.over;
    return std::find(carriers.begin(), carriers.end(), Carrier::Rtu) != carriers.end()
               ? Carrier::Rtu
               : carriers.front();
  }
  std::unique_ptr<LiveDevice> connect() {
    LiveDevice::Setup setup;
    setup.link = std::make_unique<RecordingByteLink>(wire.join(), seen);
    setup.profile = profile;
    setup.carrier = carrier();
    setup.unit = device->unit();
    auto live = LiveDevice::make(timeline, std::move(setup));
    REQUIRE(live);
    return std::move(*live);
  }
  DeviceReport look() {
    auto report = connect()->read(Duration::s(30));
    REQUIRE(report);
    return std::move(*report);
  }
  ChangeRun::Result change(const settings::Plan& plan, std::vector<PointId> granted) {
    const auto live = connect();
    ChangeRun run({*live, plan, std::move(granted), folder.path, "test", 1795717695});
    std::optional<ChangeRun::Result> result;
    run.start([&](ChangeRun::Result got) { result.emplace(std::move(got)); });
    timeline.run([&] { return result.has_value(); }, Instant::never());
    return std::move(*result);
  }
  Outcome<settings::Plan> plan(std::string_view point_name, std::string_view text) {
    const PointRef ref = parse_point_ref(point_name).value();
    const std::vector<Reading> wanted = {settings::setting_from_text(ref, text).value()};
    const std::vector<PointId> granted = {ref.id};
    return settings::make_plan(*profile, look(), wanted, granted);
  }
  Outcome<lua::Value> run(const std::string& rights, const std::string& body) {
    lua::HostOptions options;
    options.agreed = true;
    auto host = lua::ScriptHost::load(
        {"test", "test.lua",
         "return { purpose = 'Test.', rights = { 'read'" + rights +
             " }, run = function() local device = assert(weco.open('x')) " + body + " end }"},
        *this, *this, options);
    if (!host) return Unexpected{std::move(host).error()};
    return (*host)->run(lua::Value::table());
  }

  Reactor& reactor() override { return timeline; }
  void open(const lua::OpenRequest&, Opened done) override;
  Outcome<std::string> changes_folder() override { return folder.path; }

  Timeline timeline;
  LoopbackLine wire{timeline, {.name = "bench", .shared_line = true}};
  WriteCounter seen;
  Folder folder;
  const Profile* profile = nullptr;
  std::unique_ptr<VirtualDevice> device;
};

void Bench::open(const lua::OpenRequest&, Opened done) {
  done(std::make_unique<test::LiveScriptDevice>(connect()));
}

/// Another value that the row can hold, as text; empty: none was found.
std::string other_value(const ModbusMap& map, const Reading& now) {
  std::vector<std::string> candidates = {"1", "0", "2", "10", "60", "100", "2026-11-26T12:00:00"};
  for (const std::string_view symbol : info(now.ref.id).symbols) candidates.emplace_back(symbol);
  for (const std::string& text : candidates) {
    const auto value = settings::setting_from_text(now.ref, text);
    std::array<std::uint8_t, 64> room{};
    if (!value || settings::same_setting(*value, now)) continue;
    if (map.encode(now.ref, *value, room)) return text;
  }
  return {};
}

std::string plan_call(const PointRef& ref, const std::string& text) {
  return "local plan, problem = device:plan { ['" + to_text(ref) + "'] = '" + text +
         "' } if not plan then return problem.code end "
         "local done, why = device:apply(plan) return done and 'written' or why.code";
}

}  // namespace

TEST_CASE("a write without its right never reaches a link, for every setting of every family",
          "[LUA][WS-16]") {
  std::size_t tried = 0, written = 0;
  for (const FamilyEntry& entry : catalog().families()) {
    const Profile& profile = **catalog().load(entry.family);
    if (profile.protocol.kind != ProtocolKind::Modbus) continue;
    Bench bench(entry.family);
    const ModbusMap map(profile);
    const DeviceReport now = bench.look();
    std::set<PointId> met;
    for (const PointRef& ref : map.points()) {
      if (info(ref.id).access == Access::Read || !met.insert(ref.id).second) continue;
      const Reading* before = now.snapshot.get(ref);
      if (before == nullptr) continue;
      const std::string value = other_value(map, *before);
      CAPTURE(entry.family, to_text(ref), value);
      if (value.empty()) continue;
      ++tried;
      const std::size_t before_writes = bench.seen.writes;
      const std::string other = ref.id == point("soc_min") ? "soc_max" : "soc_min";
      CHECK(bench.run("", plan_call(ref, value))->text == "refused_by_guard");
      CHECK(bench.run(", 'write:" + other + "'", plan_call(ref, value))->text ==
            "refused_by_guard");
      CHECK(bench.seen.writes == before_writes);
      if (info(ref.id).access == Access::Command) continue;  // no script can have the right
      const std::string right = ", 'write:" + std::string(info(ref.id).name) + "'";
      const auto outcome = bench.run(right, plan_call(ref, value));
      REQUIRE(outcome);
      if (!map.writable(ref) || profile.status == ProfileStatus::Community) {
        CHECK(outcome->text == "refused_by_guard");
        CHECK(bench.seen.writes == before_writes);
        continue;
      }
      CHECK(outcome->text == "written");
      CHECK(bench.seen.writes == before_writes + 1);
      ++written;
    }
  }
  std::printf("settings tried without their right: %zu, written with it: %zu\n", tried, written);
  CHECK(tried > 60);
  CHECK(written > 40);
}

TEST_CASE("what was changed is put back from the record, to the last value", "[LUA]") {
  Bench bench("ep760_open");
  const DeviceReport before = bench.look();
  std::vector<Reading> wanted;
  for (const auto& [name, text] :
       {std::pair{"soc_min", "25"}, {"working_mode", "backup"}, {"buzzer_enabled", "off"}}) {
    wanted.push_back(settings::setting_from_text(parse_point_ref(name).value(), text).value());
  }
  std::vector<PointId> granted;
  for (const Reading& value : wanted) granted.push_back(value.ref.id);
  const auto plan = settings::make_plan(*bench.profile, before, wanted, granted);
  REQUIRE(plan);
  const std::size_t changes = plan->changes.size();
  CHECK(changes >= 2);
  const auto result = bench.change(*plan, granted);
  REQUIRE_FALSE(result.failed);
  CHECK(result.changed.size() == changes);

  const auto recorded = settings::read_ledger(bench.folder.path, result.run);
  REQUIRE(recorded);
  CHECK(recorded->changes.size() == changes);
  const auto back = settings::way_back(*recorded, bench.look());
  REQUIRE(back);
  const auto undo = settings::make_plan(*bench.profile, bench.look(), back->wanted, granted);
  REQUIRE(undo);
  CHECK_FALSE(bench.change(*undo, granted).failed);
  const DeviceReport after = bench.look();
  for (const Reading& value : wanted) {
    CHECK(settings::same_setting(*after.snapshot.get(value.ref), *before.snapshot.get(value.ref)));
  }
  CHECK(settings::way_back(*recorded, after)->wanted.empty());  // nothing is left to put back
}

TEST_CASE("a setting that somebody changed since is left alone", "[LUA]") {
  Bench bench("ep760_open");
  const std::vector<PointId> granted = {point("soc_min")};
  const auto result = bench.change(bench.plan("soc_min", "25").value(), granted);
  REQUIRE_FALSE(result.failed);
  REQUIRE_FALSE(bench.change(bench.plan("soc_min", "30").value(), granted).failed);
  const auto recorded = settings::read_ledger(bench.folder.path, result.run);
  REQUIRE(recorded);
  const auto back = settings::way_back(*recorded, bench.look());
  REQUIRE_FALSE(back);
  CHECK(back.error().code() == ErrorCode::VerificationDiffers);
}

TEST_CASE("a plan holds only as long as the device is as it was", "[LUA]") {
  Bench bench("ep760_open");
  const std::vector<PointId> granted = {point("soc_min")};
  const auto plan = bench.plan("soc_min", "25");
  REQUIRE(plan);
  REQUIRE_FALSE(bench.change(bench.plan("soc_min", "30").value(), granted).failed);
  const std::size_t writes = bench.seen.writes;
  const auto late = bench.change(*plan, granted);
  REQUIRE(late.failed);
  CHECK(late.failed->code() == ErrorCode::VerificationDiffers);
  CHECK(late.run.empty());
  CHECK(bench.seen.writes == writes);
}

TEST_CASE("nothing is written where the record cannot be kept", "[LUA]") {
  Bench bench("ep760_open");
  const auto plan = bench.plan("soc_min", "25");
  REQUIRE(plan);
  std::ofstream(bench.folder.path + "/file") << "in the way";
  bench.folder.path += "/file";
  const auto result = bench.change(*plan, {point("soc_min")});
  bench.folder.path.resize(bench.folder.path.size() - 5);
  REQUIRE(result.failed);
  CHECK(bench.seen.writes == 0);
}

TEST_CASE("a site acts on what is written to its device, and the core may refuse", "[WS-42]") {
  auto site = Site::make(default_site(SiteFamily::WecoSmart));
  REQUIRE(site);
  auto shared = std::make_shared<SharedSite>(std::move(*site));
  auto values = site_values(**catalog().load("weco_smart"), shared, 1, 1);
  REQUIRE(values);
  Bench bench("weco_smart", std::move(*values));
  const auto change = [&](std::string_view name, std::string_view text) {
    const auto plan = bench.plan(name, text);
    CAPTURE(name, plan ? std::string() : plan.error().what);
    REQUIRE(plan);
    return bench.change(*plan, {parse_point_ref(name).value().id}).failed;
  };
  CHECK_FALSE(change("working_mode", "peak_shaving"));
  CHECK(shared->site().settings().mode.mode == ems::Mode::SmartPeakShaving);
  CHECK_FALSE(change("soc_min", "30"));
  CHECK(shared->site().settings().soc_min == Permyriad(3000));
  CHECK_FALSE(change("soc_max", "80"));
  const auto refused = change("soc_min", "81");  // above what it may be charged to
  REQUIRE(refused);
  CHECK(refused->code() == ErrorCode::DeviceException);
  CHECK(shared->site().settings().soc_min == Permyriad(3000));
}

TEST_CASE("a window acts once its two ends make sense, and shows as written before", "[WS-42]") {
  auto site = Site::make(default_site(SiteFamily::WecoSmart));
  REQUIRE(site);
  auto shared = std::make_shared<SharedSite>(std::move(*site));
  auto values = site_values(**catalog().load("weco_smart"), shared, 1, 1);
  REQUIRE(values);
  Bench bench("weco_smart", std::move(*values));
  const auto windows = [&] { return shared->site().settings().mode.charge.size(); };
  const std::size_t had = windows();
  const std::string index = "[" + std::to_string(had + 1) + "]";
  const auto change = [&](const std::string& name, std::string_view text) {
    const auto plan = bench.plan(name + index, text);
    REQUIRE(plan);
    const auto failed = bench.change(*plan, {find_point(name).value()}).failed;
    CHECK_FALSE(failed);
  };
  change("charge_window_start", "120");
  CHECK(windows() == had);
  change("charge_window_end", "240");
  REQUIRE(windows() == had + 1);
  CHECK(shared->site().settings().mode.charge[had].start == 120);
  CHECK(shared->site().settings().mode.charge[had].end == 240);
}
