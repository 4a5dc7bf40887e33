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

#include "host/reactor/poll_reactor.hpp"
#include "host/update/journal.hpp"
#include "sim/update/update_device.hpp"
#include "tests/cli/process.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/image_maker.hpp"
#include "transports/open.hpp"

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

/// Serves until it is killed, and closes `ready` when it does. Never returns.
[[noreturn]] void serve(const std::string& terminal, const std::string& flash_file, bool hangs,
                        int ready) {
  PollReactor reactor;
  PublicKeys keys;
  static_cast<void>(keys.add_ed25519(test::test_key(), "test").has_value());
  sim::VirtualFlash flash({4096, 2 * kSlotSectors + boot::kExtraSectors, 0});
  const bool fresh = !std::filesystem::exists(flash_file);
  if (!flash.keep_in(flash_file)) _exit(1);
  if (fresh) flash.preload(0, image_of(2));
  sim::UpdateDeviceConfig config;
  config.slot_sectors = kSlotSectors;
  config.boot_time = Duration::ms(100);
  config.watchdog = Duration::ms(500);
  auto link = transports::open_byte_link(Endpoint{Scheme::Pty, terminal, 0, {}}, reactor);
  if (!link) _exit(1);
  sim::UpdateDevice device(reactor, flash, keys, config);
  if (hangs) device.hangs({1, 3, 0, 0});
  device.attach(**link);
  close(ready);
  reactor.run([] { return false; }, reactor.now() + Duration::s(60));
  _exit(0);
}

/// A device on a terminal of its own; its flash is a file.
class Served {
 public:
  explicit Served(const Folder& folder, bool hangs = false) : path(folder.path() + "/tty") {
    int ends[2] = {};
    REQUIRE(pipe(ends) == 0);
    child_ = fork();
    if (child_ == 0) {
      close(ends[0]);
      serve(path, folder.path() + "/flash.bin", hangs, ends[1]);
    }
    close(ends[1]);
    char nothing = 0;
    CHECK(read(ends[0], &nothing, 1) == 0);  // the terminal is there, or the child is gone
    close(ends[0]);
  }
  ~Served() {
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
    unlink(path.c_str());
  }
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;
  const std::string path;

 private:
  pid_t child_ = 0;
};

struct Bench {
  explicit Bench(bool hangs = false)
      : image(folder.file("new.bin", text_of(image_of(3)))),
        key(folder.file("key.pem", test::test_key_pem())),
        journal(folder.path() + "/journal"),
        device(folder, hangs) {}
  Ran install(std::vector<std::string> more) {
    std::vector<std::string> words = {
        "flash", "install", "serial:" + device.path, image, "--key", key, "--journal", journal};
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
  const Ran refused = test::weco({"flash", "install", "serial:" + bench.device.path, bench.image,
                                  "--key", bench.key, "--journal", bench.journal, "--telemetry",
                                  "sim:weco_smart", "--family", "weco_smart", "--yes"},
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
