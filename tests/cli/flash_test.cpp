// SPDX-License-Identifier: Apache-2.0
// `weco flash install` as a person runs it: the built program, a pseudo-terminal, and behind it a
// device with the core's bootloader in a process of its own.
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <cstdlib>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "host/reactor/poll_reactor.hpp"
#include "host/update/journal.hpp"
#include "sim/update/update_device.hpp"
#include "tests/cli/process.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/image_maker.hpp"
#include "transports/open.hpp"
#include "transports/udp/udp.hpp"

using namespace weco;
using weco::test::Folder;
using weco::test::ImageRecipe;
using weco::test::Ran;

namespace {

constexpr std::uint32_t kSlotSectors = 5;

image::Uuid vendor() { return uuid5(kUuidDns, "example.org"); }

std::vector<std::uint8_t> image_of(std::uint8_t minor) {
  return test::make_image({.version = {1, minor, 0, 0},
                           .payload_bytes = 6000,
                           .seed = minor,
                           .vendor_id = vendor(),
                           .class_id = uuid5(vendor(), "weco_smart_r2")});
}

std::string text_of(const std::vector<std::uint8_t>& bytes) { return {bytes.begin(), bytes.end()}; }

/// One virtual device, its flash in a file.
struct Device {
  Device(PollReactor& reactor, const PublicKeys& keys, const std::string& flash_file, bool hangs,
         smp::Framing framing = smp::Framing::Console)
      : flash({4096, 2 * kSlotSectors + boot::kExtraSectors, 0}) {
    const bool fresh = !std::filesystem::exists(flash_file);
    if (!flash.keep_in(flash_file)) _exit(1);
    if (fresh) flash.preload(0, image_of(2));
    sim::UpdateDeviceConfig config;
    config.slot_sectors = kSlotSectors;
    config.boot_time = Duration::ms(100);
    config.watchdog = Duration::ms(500);
    config.smp.framing = framing;
    if (framing == smp::Framing::Packet) config.smp.buffers = 4;  // several parts on their way
    device = std::make_unique<sim::UpdateDevice>(reactor, flash, keys, config);
    if (hangs) device->hangs({1, 3, 0, 0});
  }
  sim::VirtualFlash flash;
  std::unique_ptr<sim::UpdateDevice> device;
  std::unique_ptr<ByteLink> link;
};

/// Serves until it is killed, and closes `ready` when it does. Never returns.
template <class Set>
[[noreturn]] void serve(Set set, int ready) {
  PollReactor reactor;
  PublicKeys keys;
  static_cast<void>(keys.add_ed25519(test::test_key(), "test").has_value());
  auto kept = set(reactor, keys);
  close(ready);
  reactor.run([] { return false; }, reactor.now() + Duration::s(120));
  _exit(0);
}

/// A process that serves what `set` makes, until this goes.
class Serving {
 public:
  template <class Set>
  explicit Serving(Set set) {
    int ends[2] = {};
    REQUIRE(pipe(ends) == 0);
    child_ = fork();
    if (child_ == 0) {
      close(ends[0]);
      serve(std::move(set), ends[1]);
    }
    close(ends[1]);
    char nothing = 0;
    CHECK(read(ends[0], &nothing, 1) == 0);  // all is there, or the child is gone
    close(ends[0]);
  }
  ~Serving() {
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
  }
  Serving(const Serving&) = delete;
  Serving& operator=(const Serving&) = delete;

 private:
  pid_t child_ = 0;
};

/// Devices on terminals of their own.
class Served {
 public:
  Served(const Folder& folder, std::size_t count, std::size_t bad)
      : path(folder.path() + "/tty"),
        count_(count),
        serving_([path = path, flash = folder.path() + "/flash", count, bad](PollReactor& reactor,
                                                                             PublicKeys& keys) {
          std::vector<std::unique_ptr<Device>> devices;
          for (std::size_t n = 1; n <= count; ++n) {
            const std::string number = std::to_string(n);
            devices.push_back(std::make_unique<Device>(reactor, keys, flash + number, n == bad));
            const Endpoint endpoint{Scheme::Pty, path + number, 0, {}};
            auto link = transports::open_byte_link(endpoint, reactor);
            if (!link) _exit(1);
            devices.back()->link = std::move(*link);
            devices.back()->device->attach(*devices.back()->link);
          }
          return devices;
        }) {}
  ~Served() {
    for (std::size_t n = 1; n <= count_; ++n) unlink((path + std::to_string(n)).c_str());
  }
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;
  [[nodiscard]] std::string endpoint(std::size_t n) const {
    return "serial:" + path + std::to_string(n);
  }
  const std::string path;

 private:
  std::size_t count_;
  Serving serving_;
};

struct Bench {
  explicit Bench(bool hangs = false)
      : image(folder.file("new.bin", text_of(image_of(3)))),
        key(folder.file("key.pem", test::test_key_pem())),
        journal(folder.path() + "/journal"),
        device(folder, 1, hangs ? 1 : 0) {}
  Ran install(std::vector<std::string> more) {
    std::vector<std::string> words = {"flash", "install", device.endpoint(1), image,
                                      "--key", key,       "--journal",        journal};
    words.insert(words.end(), more.begin(), more.end());
    return test::weco(words);
  }
  FlashStage last() const {
    const auto entries = read_journal(journal);
    REQUIRE(entries);
    REQUIRE_FALSE(entries->empty());
    return entries->back().stage;
  }
  Folder folder;
  std::string image;
  std::string key;
  std::string journal;
  Served device;
};

}  // namespace

TEST_CASE("firmware is installed over a terminal, tried, confirmed, and not sent twice",
          "[WS-34][WS-35]") {
  Bench bench;
  const Ran ran = bench.install({"--bench", "--yes"});
  CAPTURE(ran.err);
  REQUIRE(ran.code == 0);
  CHECK(ran.out.find("runs 1.3.0+0, tried, well and confirmed") != std::string::npos);
  CHECK(ran.err.find("The pack switches off") != std::string::npos);
  CHECK(bench.last() == FlashStage::Confirmed);
  const Ran again = bench.install({"--bench", "--yes", "--json"});
  CHECK(again.code == 0);
  CHECK(again.out.find("\"end\":\"already_there\"") != std::string::npos);
}

TEST_CASE("an installation is recorded with what went over the wire and the battery's readings",
          "[CM-14]") {
  Bench bench;
  const std::string record = bench.folder.path() + "/run.ndjson";
  const Ran busy = bench.install({"--telemetry", "sim:weco_smart", "--yes", "--record", record});
  CHECK(busy.code == 6);
  const std::string first = test::read_file(record);
  CHECK(first.find("\"kind\":\"tx\",\"link\":\"sim:weco_smart\"") != std::string::npos);
  CHECK(first.find("\"kind\":\"tx\",\"link\":\"" + bench.device.endpoint(1)) != std::string::npos);
  const Ran whole = bench.install({"--bench", "--yes", "--record", record});
  CAPTURE(whole.err);
  REQUIRE(whole.code == 0);
  CHECK(test::read_file(record).size() > std::filesystem::file_size(bench.image));
}

TEST_CASE("firmware that hangs is taken back by the device, and the exit code says so", "[CM-14]") {
  Bench bench(true);
  const Ran ran = bench.install({"--bench", "--yes"});
  CAPTURE(ran.err);
  CHECK(ran.code == 7);
  CHECK(ran.err.find("the device runs 1.2.0+0 as before") != std::string::npos);
  CHECK(bench.last() == FlashStage::Reverted);
}

TEST_CASE("a device that a record forbids to put into operation gets no firmware", "[WS-66]") {
  Bench bench;
  std::string answers;
  const auto says = [&](const std::string& item, const std::string& more) {
    answers += "{\"item\":\"" + item + "\"" + more + "}\n";
  };
  for (const char* item : {"safety_qualified", "safety_ppe", "safety_area", "safety_lockout"}) {
    says(item, "");
  }
  says("safety_waited", ",\"value\":\"5\"");
  says("safety_no_voltage", ",\"value\":\"0\"");
  for (const char* item : {"tools", "soc_trend", "dust", "heat", "oxidation", "routing",
                           "dc_switch", "weekly_connections"}) {
    says(item, "");
  }
  says("tightness",
       ",\"torque\":{\"specified\":\"6\",\"applied\":\"6\",\"wrench\":\"7\",\"blue\":true,"
       "\"red\":true}");
  says("insulation", ",\"result\":\"not_conforming\",\"note\":\"a cable is cut\"");
  const test::Setting home{.variables = {{"XDG_DATA_HOME", bench.folder.path()}}};
  const Ran recorded =
      test::weco({"checklist", "run", "quarterly", "--site", "S", "--operator", "Ann", "--device",
                  "sim:weco_smart", "--answers", bench.folder.file("answers", answers), "--declare",
                  "discrepancy-isolated"},
                 home);
  CAPTURE(recorded.out, recorded.err);
  REQUIRE(recorded.code == 10);
  REQUIRE(recorded.out.find("must not be put into operation") != std::string::npos);
  const Ran refused = test::weco(
      {"flash", "install", bench.device.endpoint(1), bench.image, "--key", bench.key, "--journal",
       bench.journal, "--telemetry", "sim:weco_smart", "--family", "weco_smart", "--yes"},
      home);
  CAPTURE(refused.err);
  CHECK(refused.code == 6);
  CHECK(refused.err.find("item \"insulation\" (insulation) is not conforming") !=
        std::string::npos);
}

TEST_CASE("nothing is begun without readings, without a yes, or with a battery that is not at rest",
          "[WS-34]") {
  Bench bench;
  CHECK(bench.install({"--yes"}).code == 2);
  const Ran silent = bench.install({"--bench"});
  CHECK(silent.code == 6);
  CHECK(silent.err.find("nobody is there to be asked") != std::string::npos);
  const Ran busy =
      bench.install({"--telemetry", "sim:weco_smart", "--family", "weco_smart", "--yes"});
  CAPTURE(busy.err);
  CHECK(busy.code == 6);
  CHECK(busy.err.find("the update was not begun") != std::string::npos);
  CHECK(bench.last() == FlashStage::Refused);
  const std::string foreign = bench.folder.file(
      "foreign.bin", text_of(test::make_image({.version = {1, 4, 0, 0}, .foreign_key = true})));
  bench.image = foreign;
  CHECK(bench.install({"--bench", "--yes"}).code == 5);
}

namespace {

/// What a battery at rest is to a script, and one that is not.
constexpr std::string_view kResting =
    "local site = weco.simulate { site = { family = 'weco_smart', soc_pct = 50 } } "
    "site:run(120) site:command('update', 1) site:run(60) local device = site:open() ";
constexpr std::string_view kBusy = "local device = assert(weco.open('sim:weco_smart')) ";

/// The same device, and a script instead of the command.
struct ScriptBench : Bench {
  explicit ScriptBench(bool hangs = false) : Bench(hangs), before(std::filesystem::current_path()) {
    journal = folder.path() + "/weco-flash.journal";
    std::filesystem::current_path(folder.path());
  }
  ~ScriptBench() { std::filesystem::current_path(before); }
  ScriptBench(const ScriptBench&) = delete;
  ScriptBench& operator=(const ScriptBench&) = delete;
  Ran run(std::vector<std::string> more, std::string_view battery = kResting,
          const std::string& rights = "'read', 'flash'") {
    const std::string file =
        folder.file("update.lua", "return { purpose = 'Update.', rights = { " + rights +
                                      " }, run = function() " + std::string(battery) +
                                      "return assert(device:flash('" + image + "', { key = '" +
                                      key + "', console = '" + device.endpoint(1) + "' })) end }");
    std::vector<std::string> words = {"run", file, "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return test::weco(words);
  }
  [[nodiscard]] bool untouched() const { return !std::filesystem::exists(journal); }
  std::filesystem::path before;
};

}  // namespace

TEST_CASE("a script installs firmware with the words, checks and journal of the command",
          "[LUA][WS-34][WS-35]") {
  ScriptBench bench;
  const Ran ran = bench.run({"--yes"});
  CAPTURE(ran.out, ran.err);
  REQUIRE(ran.code == 0);
  CHECK(ran.out.find("\"verdict\":\"confirmed\",\"version\":\"1.3.0+0\"") != std::string::npos);
  CHECK(ran.err.find("goes from 1.2.0+0 to 1.3.0+0. The pack switches off") != std::string::npos);
  CHECK(ran.err.find("its signature fits the key in '" + bench.key + "'") != std::string::npos);
  CHECK(bench.last() == FlashStage::Confirmed);
  CHECK(bench.run({"--yes"}).out.find("already_there") != std::string::npos);
}

TEST_CASE("what speaks against firmware speaks against a script, too, and nothing is sent",
          "[LUA][WS-34]") {
  ScriptBench bench;
  const Ran denied = bench.run({"--yes"}, kResting, "'read'");
  CHECK(denied.code != 0);
  CHECK(denied.out.find("no right to change firmware") != std::string::npos);
  const std::string good = std::exchange(
      bench.image,
      bench.folder.file("foreign.bin",
                        text_of(test::make_image({.version = {1, 4, 0, 0}, .foreign_key = true}))));
  CHECK(bench.run({"--yes"}).out.find("the image is not good") != std::string::npos);
  bench.image = good;
  CHECK(bench.untouched());
  CHECK(bench.run({"--yes"}, kBusy).out.find("the update was not begun") != std::string::npos);
  const Ran silent = bench.run({"--non-interactive"});
  CHECK(silent.out.find("Agree with --yes, answer 'flash' in a file") != std::string::npos);
  const std::string no = bench.folder.file("no", "{\"question\":\"flash\",\"answer\":false}\n");
  const Ran declined = bench.run({"--answers", no});
  CHECK(declined.err.find("The pack switches off") != std::string::npos);
  CHECK(declined.out.find("the person did not agree to the change") != std::string::npos);
  CHECK(bench.last() == FlashStage::Refused);
  const Ran after = bench.install({"--bench"});  // it would still have to be brought there
  CHECK(after.err.find("goes from 1.2.0+0 to 1.3.0+0") != std::string::npos);
}

TEST_CASE("a script whose firmware hangs has a device that went back, and is told so",
          "[LUA][CM-14]") {
  ScriptBench bench(true);
  const Ran ran = bench.run({"--yes"});
  CAPTURE(ran.out, ran.err);
  CHECK(ran.code != 0);
  CHECK(ran.out.find("the device runs 1.2.0+0 as before") != std::string::npos);
  CHECK(bench.last() == FlashStage::Reverted);
}

namespace {

/// A site of cabinets, configured as c1 to cN; c1 is the master.
struct Site {
  explicit Site(std::size_t count, std::size_t bad = 0)
      : image(folder.file("new.bin", text_of(image_of(3)))),
        key(folder.file("key.pem", test::test_key_pem())),
        journal(folder.path() + "/journal"),
        cabinets(folder, count, bad) {
    std::string text;
    for (std::size_t n = 1; n <= count; ++n) {
      text += "[device.c" + std::to_string(n) + "]\nendpoint = \"tcp:127.0.0.1:1\"\nupdate = \"" +
              cabinets.endpoint(n) + "\"\nsite = \"cellar\"\n";
      if (n == 1) text += "master = true\n";
    }
    folder.file("weco/config.toml", text);
  }
  [[nodiscard]] std::vector<std::string> words(std::vector<std::string> more) const {
    std::vector<std::string> all = {"flash", "rollout", image, "--bench", "--yes", "--key", key};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  [[nodiscard]] test::Setting home() const {
    return {.variables = {{"XDG_CONFIG_HOME", folder.path()}, {"XDG_DATA_HOME", folder.path()}},
            .silence_ms = 60000};
  }
  Ran rollout(std::vector<std::string> more) const {
    return test::weco(words(std::move(more)), home());
  }
  /// The last word of the journal on each device, in the order of their first.
  std::vector<std::pair<std::string, FlashStage>> last_words() const {
    const auto entries = read_journal(journal);
    REQUIRE(entries);
    std::vector<std::pair<std::string, FlashStage>> words;
    for (const FlashEntry& entry : *entries) {
      const auto same = [&entry](const auto& each) { return each.first == entry.device; };
      const auto found = std::find_if(words.begin(), words.end(), same);
      if (found == words.end()) {
        words.emplace_back(entry.device, entry.stage);
      } else {
        found->second = entry.stage;
      }
    }
    return words;
  }
  Folder folder;
  std::string image;
  std::string key;
  std::string journal;
  Served cabinets;
};

std::size_t times(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

}  // namespace

TEST_CASE(
    "of twenty cabinets on their lines a bad third one ends the run, and the rest stay as "
    "they were",
    "[CM-14]") {
  const Site site(20, 12);
  const Ran ran = site.rollout({"--site", "cellar", "--journal", site.journal, "--json"});
  CAPTURE(ran.out, ran.err);
  CHECK(ran.code == 7);
  // By name: c10 is the canary, c11 the second, c12 the bad one.
  CHECK(times(ran.out, "\"end\":\"confirmed\"") == 2);
  CHECK(times(ran.out, "\"end\":\"failed\"") == 1);
  CHECK(times(ran.out, "\"end\":\"untouched\"") == 17);
  CHECK(times(ran.out, "\"stopped\":true") == 1);
  const auto words = site.last_words();
  REQUIRE(words.size() == 20);
  CHECK(words[0] == std::pair<std::string, FlashStage>("c10", FlashStage::Confirmed));
  CHECK(words[1].second == FlashStage::Confirmed);
  CHECK(words[2] == std::pair<std::string, FlashStage>("c12", FlashStage::Reverted));
  for (std::size_t n = 3; n < words.size(); ++n) CHECK(words[n].second == FlashStage::Planned);
  CHECK(words.back().first == "c1");  // the master
}

TEST_CASE("a run over several devices that is killed goes on where it was", "[CM-14]") {
  const Site site(3);
  const pid_t child = fork();
  if (child == 0) {
    std::vector<std::string> words = site.words({"--all", "--quiet", "--journal", site.journal});
    words.insert(words.begin(), WECO_BINARY);
    std::vector<char*> raw;
    for (std::string& word : words) raw.push_back(word.data());
    raw.push_back(nullptr);
    setenv("XDG_CONFIG_HOME", site.folder.path().c_str(), 1);  // NOLINT: one thread
    execv(WECO_BINARY, raw.data());
    _exit(1);
  }
  PollReactor reactor;
  const auto came_far = [&site] {
    return times(test::read_file(site.journal), "stage=confirmed") == 1 &&
           times(test::read_file(site.journal), "stage=permitted") == 2;
  };
  const Instant until = reactor.now() + Duration::s(30);
  while (!came_far() && reactor.now() < until) {
    reactor.run([] { return false; }, reactor.now() + Duration::ms(20));
  }
  REQUIRE(came_far());
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  const Ran wrong = site.rollout({"--resume", site.folder.path() + "/nothing"});
  CHECK(wrong.code == 1);
  const Ran ran = site.rollout({"--resume", site.journal, "--json"});
  CAPTURE(ran.out, ran.err);
  CHECK(ran.code == 0);
  CHECK(times(ran.out, "\"end\":\"already_there\"") == 1);
  CHECK(times(ran.out, "\"end\":\"confirmed\"") == 2);
  for (const auto& [device, stage] : site.last_words()) {
    CAPTURE(device);
    CHECK((stage == FlashStage::Confirmed || stage == FlashStage::Begun));
  }
}

TEST_CASE("several lines are sent to at once, and their devices restart one at a time", "[CM-14]") {
  const Site site(4);
  const Ran ran = site.rollout({"--all", "--parallel", "4", "--journal", site.journal});
  CAPTURE(ran.out, ran.err);
  CHECK(ran.code == 0);
  const auto entries = read_journal(site.journal);
  REQUIRE(entries);
  std::string off;  // the device that is between the old firmware and the new one
  std::size_t overlapping = 0;
  std::string sent_to;
  for (const FlashEntry& entry : *entries) {
    if (entry.stage == FlashStage::Permitted) sent_to = entry.device;
    if (entry.stage == FlashStage::Asked) {
      CHECK(off.empty());
      off = entry.device;
    }
    if (!off.empty() && sent_to != off) ++overlapping;
    if (entry.stage == FlashStage::Confirmed) off.clear();
  }
  CHECK(overlapping > 0);
}

TEST_CASE("a run over devices says what is missing before it begins") {
  const Site site(2);
  CHECK(site.rollout({}).code == 2);
  CHECK(site.rollout({"--site", "attic"}).code == 2);
  CHECK(test::weco(
            {"flash", "rollout", site.image, site.cabinets.endpoint(1), "--yes", "--key", site.key},
            site.home())
            .code == 2);
  const Ran nobody = test::weco(
      {"flash", "rollout", site.image, "--all", "--bench", "--key", site.key}, site.home());
  CHECK(nobody.code == 6);
  CHECK_FALSE(std::filesystem::exists(site.folder.path() + "/weco/flash"));
  const Ran twice = site.rollout({"c1", "c1"});
  CHECK(twice.code == 2);
}

TEST_CASE("firmware goes over UDP, a message a datagram", "[WS-35]") {
  const Folder folder;
  const Serving serving([&folder](PollReactor& reactor, PublicKeys& keys) {
    struct Kept {
      std::unique_ptr<Device> device;
      std::unique_ptr<transports::UdpServer> server;
    };
    auto kept = std::make_unique<Kept>();
    kept->device = std::make_unique<Device>(reactor, keys, folder.path() + "/flash", false,
                                            smp::Framing::Packet);
    auto server = transports::UdpServer::listen(
        reactor, "127.0.0.1", 0, [&device = *kept->device](std::unique_ptr<ByteLink> link) {
          device.link = std::move(link);
          device.device->attach(*device.link);
        });
    if (!server) _exit(1);
    kept->server = std::move(*server);
    folder.file("port", std::to_string(kept->server->port()));
    return kept;
  });
  const Ran ran =
      test::weco({"flash", "install", "udp:127.0.0.1:" + test::read_file(folder.path() + "/port"),
                  folder.file("new.bin", text_of(image_of(3))), "--key",
                  folder.file("key.pem", test::test_key_pem()), "--journal",
                  folder.path() + "/journal", "--bench", "--yes"});
  CAPTURE(ran.out, ran.err);
  CHECK(ran.code == 0);
  CHECK(ran.out.find("tried, well and confirmed") != std::string::npos);
}
