// SPDX-License-Identifier: Apache-2.0
// Whole updates in virtual time: the good one, everything that can be cut in it, how fast it is and
// how little is sent twice.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "host/update/rollout.hpp"
#include "tests/sim/air.hpp"
#include "tests/sim/update_bench.hpp"
#include "tests/unit/flash/files.hpp"

using namespace weco;
using weco::test::kNewVersion;
using weco::test::kOldVersion;
using weco::test::Talk;
using weco::test::UpdateBench;
using weco::test::UpdateBenchOptions;

namespace {

std::vector<FlashStage> stages(const UpdateBench& bench) {
  std::vector<FlashStage> all;
  for (const FlashEntry& entry : bench.journal) all.push_back(entry.stage);
  return all;
}

/// The same command again, as a person would; at most four times.
void finish(UpdateBench& bench) {
  for (int again = 0; again < 4; ++again) {
    bench.time.leap(Duration::s(30));
    REQUIRE(bench.device->bricked() == 0);
    REQUIRE(bench.device->running());
    bench.journal_is_true();
    if (bench.run()) break;
  }
  bench.journal_is_true();
  REQUIRE(bench.done());
  REQUIRE(bench.device->bricked() == 0);
}

std::string_view name(Talk talk) {
  return talk == Talk::Smp ? "SMP" : talk == Talk::Uds ? "UDS" : "Modbus";
}

/// Every step at night, with WECO_EXHAUSTIVE in the environment; every n-th one in each build.
std::size_t every(std::size_t nth) {
  return std::getenv("WECO_EXHAUSTIVE") != nullptr ? 1 : nth;  // NOLINT: one thread
}
/// A UDS update has a step for each frame.
std::size_t stride(Talk talk) { return talk == Talk::Uds ? every(3) : 1; }

struct Steps {
  std::size_t writes = 0;
  std::uint64_t operations = 0;
};
Steps good_update(Talk talk) {
  UpdateBench bench({.talk = talk});
  const std::uint64_t before = bench.flash.operations();
  REQUIRE(bench.run());
  return {bench.blow.writes, bench.flash.operations() - before};
}

}  // namespace

TEST_CASE("a good update ends confirmed and its journal has every step", "[CM-14]") {
  const Talk talk = GENERATE(Talk::Smp, Talk::Uds, Talk::Modbus);
  UpdateBench bench({.talk = talk});
  const auto end = bench.run();
  REQUIRE(end);
  CHECK(*end == FlashEnd::Confirmed);
  CHECK(bench.done());
  CHECK(stages(bench) == std::vector<FlashStage>{FlashStage::Begun, FlashStage::Permitted,
                                                 FlashStage::Uploaded, FlashStage::Asked,
                                                 FlashStage::Restarted, FlashStage::Returned,
                                                 FlashStage::Healthy, FlashStage::Confirmed});
  bench.device->cut_power();
  bench.time.leap(Duration::s(10));
  CHECK(bench.done());
  const auto again = bench.run();
  REQUIRE(again);
  CHECK(*again == FlashEnd::AlreadyThere);
}

TEST_CASE("a host that is killed at any step never bricks, and the rerun finishes", "[CM-14]") {
  const Talk talk = GENERATE(Talk::Smp, Talk::Uds, Talk::Modbus);
  const std::size_t steps = good_update(talk).writes;
  for (std::size_t at = 1; at <= steps; at += stride(talk)) {
    CAPTURE(at);
    UpdateBench bench({.talk = talk});
    bench.blow.dies_at = at;
    CHECK_FALSE(bench.run());
    finish(bench);
  }
  std::cout << name(talk) << ": host killed at " << (steps - 1) / stride(talk) + 1 << " of "
            << steps << " steps\n";
}

TEST_CASE("a cable that is pulled at any step never bricks, and the rerun finishes", "[CM-14]") {
  const Talk talk = GENERATE(Talk::Smp, Talk::Uds, Talk::Modbus);
  const std::size_t steps = good_update(talk).writes;
  for (const std::int64_t seconds : {2, 100}) {
    for (std::size_t at = 1; at <= steps; at += stride(talk)) {
      CAPTURE(at, seconds);
      UpdateBench bench({.talk = talk});
      bench.blow.strikes_at = at;
      bench.blow.strike = [&bench, span = seconds] {
        bench.cut();
        bench.time.at(bench.time.now() + Duration::s(span), [&bench] { bench.mend(); });
      };
      if (!bench.run()) {
        bench.time.leap(Duration::s(100));
        finish(bench);
      }
      CHECK(bench.done());
    }
  }
  std::cout << name(talk) << ": cable pulled at " << (steps - 1) / stride(talk) + 1 << " of "
            << steps << " steps, for 2 s and for 100 s\n";
}

TEST_CASE("a device that loses power at any step never bricks, and the rerun finishes", "[CM-14]") {
  const Talk talk = GENERATE(Talk::Smp, Talk::Uds, Talk::Modbus);
  const std::size_t steps = good_update(talk).writes;
  for (std::size_t at = 1; at <= steps; at += stride(talk)) {
    CAPTURE(at);
    UpdateBench bench({.talk = talk});
    bench.blow.strikes_at = at;
    bench.blow.strike = [&bench] { bench.device->cut_power(); };
    if (!bench.run()) finish(bench);
    CHECK(bench.done());
  }
  std::cout << name(talk) << ": device switched off at " << (steps - 1) / stride(talk) + 1 << " of "
            << steps << " steps\n";
}

TEST_CASE("power may go at every flash operation of an update", "[CM-14]") {
  const Talk talk = GENERATE(Talk::Smp, Talk::Uds, Talk::Modbus);
  const std::uint64_t operations = good_update(talk).operations;
  std::size_t tried = 0;
  for (std::uint64_t at = 0; at < operations; ++at) {
    for (const std::size_t depth : {std::size_t{0}, std::size_t{9}, std::size_t{512}}) {
      CAPTURE(at, depth);
      UpdateBench bench({.talk = talk});
      bench.flash.cut_at(at, depth);
      if (!bench.run()) finish(bench);
      REQUIRE(bench.done());
      REQUIRE(bench.device->bricked() == 0);
      ++tried;
    }
  }
  std::cout << name(talk) << ": power cut at each of " << operations << " flash operations, "
            << tried << " cuts\n";
}

TEST_CASE("firmware that does not live is taken back, and that is told", "[CM-14]") {
  SECTION("it never answers: its watchdog ends the trial") {
    UpdateBench bench;
    bench.device->hangs(kNewVersion);
    const auto end = bench.run();
    REQUIRE_FALSE(end);
    CHECK(end.error().code() == ErrorCode::Reverted);
    CHECK(info(end.error().code()).exit == ExitCode::DeviceReverted);
    CHECK(end.error().what.find("1.2.0") != std::string::npos);
  }
  SECTION("it answers and is not well: it is not confirmed") {
    UpdateBench bench;
    const auto end = bench.run([](const UpdateState&) -> Done {
      return failure(ErrorCode::VerificationDiffers, "a new fault came up");
    });
    REQUIRE_FALSE(end);
    CHECK(end.error().code() == ErrorCode::Reverted);
    CHECK(end.error().what.find("a new fault came up") != std::string::npos);
    CHECK(bench.journal.back().stage == FlashStage::Reverted);
    CHECK(bench.device->last_boot().version == kOldVersion);
    CHECK(bench.device->slot(0).confirmed);
  }
}

TEST_CASE("what does not fit the device is refused before a byte is sent") {
  UpdateBench bench;
  const std::uint64_t before = bench.flash.operations();
  SECTION("older firmware") { bench.firmware = test::firmware_of({1, 1, 9, 0}, 2800); }
  SECTION("other firmware of the same version") {
    bench.firmware = test::firmware_of(kOldVersion, 2801);
  }
  SECTION("other hardware") {
    auto other =
        parse_firmware(test::make_image({.version = kNewVersion,
                                         .vendor_id = test::vendor(),
                                         .class_id = uuid5(test::vendor(), "other_board")}),
                       "other.bin");
    bench.firmware = *other;
  }
  SECTION("firmware that does not say what it is for") {
    bench.firmware = *parse_firmware(test::make_image({.version = kNewVersion}), "bare.bin");
  }
  const auto end = bench.run();
  REQUIRE_FALSE(end);
  CHECK(end.error().code() == ErrorCode::RefusedByGuard);
  CHECK(bench.flash.operations() == before);
  CHECK(bench.journal.back().stage == FlashStage::Refused);
}

namespace {

UpdateBenchOptions serial_line(std::uint16_t buffer, std::uint32_t payload) {
  UpdateBenchOptions options;
  options.sector_bytes = 4096;
  options.slot_sectors = payload / 4096 + 3;
  options.payload = payload;
  options.line.timed = true;
  options.line.settings.bits_per_second = 115200;
  options.device.smp.buffer_bytes = buffer;
  return options;
}

}  // namespace

TEST_CASE("at 115200 bit/s the payload rate is close to what base64 leaves") {
  for (const auto& [buffer, least] : {std::pair{1024, 7900}, std::pair{4096, 8200}}) {
    UpdateBench bench(serial_line(static_cast<std::uint16_t>(buffer), 128 * 1024));
    REQUIRE(bench.run());
    std::cout << "SMP, 115200 bit/s, buffer " << buffer << ": " << bench.progress.payload_rate()
              << " B/s of payload, " << bench.progress.wire_rate() << " B/s on the wire\n";
    CHECK(bench.progress.payload_rate() >= least);
  }
}

TEST_CASE("on a bus of 500 kbit/s UDS leaves little of it unused") {
  UpdateBench bench({.sector_bytes = 4096,
                     .slot_sectors = 128 / 4 + 3,
                     .payload = 128 * 1024,
                     .talk = Talk::Uds,
                     .bus_bits_per_second = 500000});
  REQUIRE(bench.run());
  std::cout << "UDS, 500 kbit/s: " << bench.progress.payload_rate() << " B/s of payload\n";
  CHECK(bench.progress.payload_rate() >= 24000);
}

TEST_CASE("Modbus at 115200 bit/s carries nearly half of the line, since answers repeat requests") {
  UpdateBenchOptions options = serial_line(1024, 64 * 1024);
  options.talk = Talk::Modbus;
  UpdateBench bench(options);
  REQUIRE(bench.run());
  std::cout << "Modbus, 115200 bit/s: " << bench.progress.payload_rate() << " B/s of payload\n";
  CHECK(bench.progress.payload_rate() >= 4500);
  CHECK(bench.progress.payload == bench.progress.total);
}

namespace {

/// Cuts the wire for three seconds at one write after the other, `cuts` in all: each time the
/// update ends well, and at most `again` bytes were sent twice.
void check_short_cuts(const UpdateBenchOptions& options, std::size_t first, std::size_t cuts,
                      std::uint64_t again) {
  UpdateBench good(options);
  REQUIRE(good.run());
  CHECK(good.progress.payload == good.progress.total);
  for (std::size_t at = first; at < good.blow.writes; at += good.blow.writes / cuts) {
    CAPTURE(at);
    UpdateBench bench(options);
    bench.blow.strikes_at = at;
    bench.blow.strike = [&bench] {
      bench.cut();
      bench.time.at(bench.time.now() + Duration::s(3), [&bench] { bench.mend(); });
    };
    REQUIRE(bench.run());
    CHECK(bench.done());
    CHECK(bench.progress.payload <= bench.progress.total + again);
  }
}

}  // namespace

TEST_CASE("Modbus goes on at the record where the line was cut, and across its files") {
  UpdateBenchOptions options = serial_line(1024, 50001);
  options.talk = Talk::Modbus;
  check_short_cuts(options, 5, 20, 2 * 244);
}

namespace {

/// An update through the air.
struct AirBench {
  AirBench(std::uint8_t buffers, std::uint32_t payload)
      : firmware(test::firmware_of(kNewVersion, payload)),
        flash({4096, 2 * (payload / 4096 + 3) + boot::kExtraSectors, 0}),
        air(time, {}) {
    flash.preload(0, test::firmware_of(kOldVersion, 2000).bytes);
    sim::UpdateDeviceConfig config;
    config.slot_sectors = payload / 4096 + 3;
    config.boot.class_id = test::board_class();
    config.smp = {.framing = smp::Framing::Packet, .buffer_bytes = 2048, .buffers = buffers};
    device = std::make_unique<sim::UpdateDevice>(time, flash, test::trusted(), config);
    device->attach(air.b);
    time.leap(Duration::s(2));
  }
  Outcome<FlashEnd> run() {
    SmpUpdater updater(time, air.a, {.framing = smp::Framing::Packet});
    const FlashJob job{&firmware, "T1", {}, false, Duration::s(60)};
    FlashHooks hooks;
    hooks.progress = [this](const UpdateProgress& now) { progress = now; };
    return weco::flash(updater, job, hooks);
  }
  sim::Timeline time;
  Firmware firmware;
  sim::VirtualFlash flash;
  test::Air air;
  std::unique_ptr<sim::UpdateDevice> device;
  UpdateProgress progress;
};

/// Datagrams of which one is lost.
class LossyLink final : public ByteLink {
 public:
  LossyLink(ByteLink& inner, std::size_t lost) : inner_(inner), lost_(lost) {}
  Done write(Bytes data) override { return ++written_ == lost_ ? Done{} : inner_.write(data); }
  Outcome<std::size_t> read(MutableBytes room) override { return inner_.read(room); }
  void on_readable(std::function<void()> action) override { inner_.on_readable(std::move(action)); }
  Done configure(const LineSettings& settings) override { return inner_.configure(settings); }
  [[nodiscard]] LinkTraits traits() const override { return inner_.traits(); }
  [[nodiscard]] std::string describe() const override { return inner_.describe(); }
  [[nodiscard]] std::size_t written() const { return written_; }

 private:
  ByteLink& inner_;
  std::size_t lost_;
  std::size_t written_ = 0;
};

}  // namespace

TEST_CASE("over Bluetooth a window of parts fills the air to nine tenths") {
  AirBench one(1, 128 * 1024);
  REQUIRE(one.run());
  AirBench four(4, 128 * 1024);
  REQUIRE(four.run());
  CHECK(four.device->last_boot().version == kNewVersion);
  const std::int64_t rate = four.air.payload_rate();
  std::cout << "SMP, Bluetooth of MTU 247: " << four.progress.payload_rate() << " of " << rate
            << " B/s with four buffers, " << one.progress.payload_rate() << " with one\n";
  CHECK(four.progress.payload_rate() * 10 >= rate * 9);
  CHECK(four.progress.payload == four.progress.total);
}

TEST_CASE("a datagram that is lost at any place costs no more than its window") {
  UpdateBenchOptions options{.sector_bytes = 4096, .slot_sectors = 12, .payload = 32 * 1024};
  options.device.smp = {.framing = smp::Framing::Packet, .buffer_bytes = 1024, .buffers = 4};
  std::size_t writes = 20;
  for (std::size_t lost = 1; lost <= writes; ++lost) {
    CAPTURE(lost);
    UpdateBench bench(options);
    LossyLink link(bench.link, lost);
    SmpUpdater updater(bench.time, link, {.framing = smp::Framing::Packet});
    UpdateProgress progress;
    FlashHooks hooks;
    hooks.progress = [&progress](const UpdateProgress& now) { progress = now; };
    const FlashJob job{&bench.firmware, "T1", {}, false, Duration::s(60)};
    // A restart is asked for once: where that is lost, the next run asks.
    if (!flash(updater, job, hooks)) REQUIRE(flash(updater, job, hooks));
    CHECK(bench.done());
    CHECK(progress.payload <= progress.total + std::uint64_t{4} * 1024);
    writes = link.written();
  }
}

TEST_CASE("of three devices on one line the one that is asked is updated, and no other") {
  sim::Timeline time;
  LoopbackLine line(
      time,
      {.timed = true, .settings = {.bits_per_second = 115200}, .shared_line = true, .echo = true});
  const Firmware firmware = test::firmware_of(kNewVersion, 2800);
  std::vector<std::unique_ptr<ByteLink>> links;
  std::vector<std::unique_ptr<sim::VirtualFlash>> flashes;
  std::vector<std::unique_ptr<sim::UpdateDevice>> devices;
  for (std::uint8_t unit = 1; unit <= 3; ++unit) {
    flashes.push_back(std::make_unique<sim::VirtualFlash>(
        journal::Geometry{512, 2 * 9 + boot::kExtraSectors, 0}));
    flashes.back()->preload(0, test::firmware_of(kOldVersion, 2000).bytes);
    sim::UpdateDeviceConfig config;
    config.boot.class_id = test::board_class();
    config.unit = unit;
    config.modbus.hears_itself = true;
    devices.push_back(
        std::make_unique<sim::UpdateDevice>(time, *flashes.back(), test::trusted(), config));
    links.push_back(line.join());
    devices.back()->attach(*links.back());
  }
  time.leap(Duration::s(2));
  const auto host = line.join();
  Session session(time, *host);
  ModbusUpdater updater(session, {.unit = 2});
  const FlashJob job{&firmware, "2", {}, false, Duration::s(60)};
  const auto end = flash(updater, job, {});
  if (!end) FAIL(end.error().what);
  for (std::size_t i = 0; i < devices.size(); ++i) {
    CHECK(devices[i]->last_boot().version == (i == 1 ? kNewVersion : kOldVersion));
  }
  CHECK(devices[0]->requests() == 0);
  ModbusUpdater nobody(session, {.unit = 9});
  CHECK(nobody.look().error().code() == ErrorCode::Timeout);
}

TEST_CASE("UDS goes on at the block where the bus was cut, through both wraps of its counters") {
  // Blocks of 64 bytes: more than 255 of them, and each in more than 15 frames of 4 bits' number.
  UpdateBenchOptions options{
      .sector_bytes = 4096, .slot_sectors = 20, .payload = 60000, .talk = Talk::Uds};
  options.device.uds.message_bytes = 130;
  check_short_cuts(options, 200, 40, 2 * 128);
}

namespace {

/// Cuts the wire at random bytes, mends it, until `cuts` are used up.
struct Cutter {
  UpdateBench& bench;
  test::Seeded random;
  std::size_t cuts;
  std::size_t mean;
  bool mending = false;

  void arm() {
    if (cuts == 0) return;
    --cuts;
    bench.wire.line().cut_after(1 + random.below(2 * mean));
  }
  void lost() {
    if (mending) return;
    mending = true;
    bench.time.at(bench.time.now() + Duration::ms(200), [this] {
      mending = false;
      bench.wire.line().mend();
      arm();
    });
  }
};

/// Bytes of the image sent beyond the image, in thousandths of it.
std::uint64_t extra_per_mille(std::size_t cuts, std::size_t mean, std::uint64_t seed) {
  UpdateBench bench(serial_line(1024, 512 * 1024 - 400));
  Cutter cutter{bench, test::Seeded(seed), cuts, mean};
  bench.blow.lost = [&cutter] { cutter.lost(); };
  cutter.arm();
  REQUIRE(bench.run());
  REQUIRE(bench.done());
  CHECK(cutter.cuts == 0);
  return (bench.progress.payload - bench.progress.total) * 1000 / bench.progress.total;
}

}  // namespace

TEST_CASE("a link that is cut at a random byte costs no more than a chunk", "[resume]") {
  for (std::uint64_t seed = 1; seed <= 1000; seed += every(200)) {
    CHECK(extra_per_mille(1, 350000, seed) <= 50);
  }
}

TEST_CASE("a link that is cut a thousand times in one upload still brings it home", "[resume]") {
  const std::uint64_t extra = extra_per_mille(1000, 1100, 77);
  std::cout << "SMP: 1000 cuts in one upload of 512 KiB: " << extra << " per mille sent twice\n";
  CHECK(extra <= 50);
}

namespace {

/// Twenty cabinets, the first one named is the master; `bad` runs a firmware that hangs.
struct Cluster {
  explicit Cluster(std::size_t bad_one, RolloutRules rules = {}) : bad(bad_one) {
    std::vector<RolloutNode> nodes;
    for (std::size_t i = 0; i < kRolloutMax; ++i) {
      site.push_back(std::make_unique<UpdateBench>());
      if (i == bad) site.back()->device->hangs(kNewVersion);
      nodes.push_back({"c" + std::to_string(i + 1), i == 0, {"bus " + std::to_string(i % 5)}});
    }
    auto made = Rollout::make(std::move(nodes), rules);
    REQUIRE(made);
    rollout.emplace(std::move(*made));
  }
  UpdateBench& bench(std::size_t n) {
    return *site[std::stoul(rollout->nodes()[n].name.substr(1)) - 1];
  }
  /// One after the other, to the end.
  void run() {
    while (const auto n = rollout->begin()) {
      const auto end = bench(*n).run();
      if (end) {
        rollout->ended(*n, NodeEnd::Confirmed);
      } else {
        rollout->ended(*n, NodeEnd::Failed, end.error());
      }
    }
    REQUIRE(rollout->over());
  }
  std::size_t bad;
  std::vector<std::unique_ptr<UpdateBench>> site;
  std::optional<Rollout> rollout;
};

}  // namespace

TEST_CASE("of twenty cabinets one bad one stops the work, and the rest is not touched", "[CM-14]") {
  for (const std::size_t bad : {std::size_t{0}, std::size_t{1}, std::size_t{7}, std::size_t{19}}) {
    Cluster cluster(bad);
    cluster.run();
    const Rollout& rollout = *cluster.rollout;
    const std::size_t place = bad == 0 ? kRolloutMax - 1 : bad - 1;
    for (std::size_t n = 0; n < kRolloutMax; ++n) {
      const NodeEnd wanted = n < place    ? NodeEnd::Confirmed
                             : n == place ? NodeEnd::Failed
                                          : NodeEnd::Untouched;
      CHECK(rollout.result(n).end == wanted);
    }
    CHECK(rollout.nodes().back().name == "c1");
    for (const auto& bench : cluster.site) {
      bench->time.leap(Duration::s(60));
      CHECK(bench->device->bricked() == 0);
      CHECK(bench->device->running());
    }
    CHECK(cluster.site[bad]->device->last_boot().version == kOldVersion);
    CHECK(cluster.site[bad]->journal.back().stage == FlashStage::Reverted);
  }
}

TEST_CASE("who wants to go on after a failure does, but never after the first device of all",
          "[CM-14]") {
  Cluster in_the_middle(7, {.at_once = 1, .go_on_after_failure = true});
  in_the_middle.run();
  CHECK(in_the_middle.rollout->count(NodeEnd::Confirmed) == kRolloutMax - 1);
  CHECK(in_the_middle.rollout->count(NodeEnd::Failed) == 1);
  Cluster canary(1, {.at_once = 1, .go_on_after_failure = true});
  canary.run();
  CHECK(canary.rollout->count(NodeEnd::Untouched) == kRolloutMax - 1);
}

TEST_CASE("buses work in parallel, devices restart one at a time, and masters wait for all",
          "[CM-14]") {
  Cluster cluster(99, {.at_once = 8});
  Rollout& rollout = *cluster.rollout;
  REQUIRE(rollout.begin() == std::size_t{0});
  CHECK_FALSE(rollout.begin());  // the canary is alone
  rollout.ready(0);
  REQUIRE(rollout.turn() == std::size_t{0});
  rollout.ended(0, NodeEnd::Confirmed);
  // Five buses: as many devices, however many are allowed.
  for (std::size_t n = 1; n <= 5; ++n) CHECK(rollout.begin() == n);
  CHECK_FALSE(rollout.begin());
  CHECK_FALSE(rollout.turn());
  rollout.ready(3);
  rollout.ready(2);
  CHECK(rollout.turn() == std::size_t{2});
  CHECK_FALSE(rollout.turn());
  rollout.ended(2, NodeEnd::Confirmed);
  CHECK(rollout.begin() == std::size_t{7});  // the next one on that bus
  SECTION("a failure: who lies ready is told so, who sends comes to its end, nobody begins") {
    rollout.ended(1, NodeEnd::Failed, Failure{{ErrorCode::Timeout}, "no answer", {}, {}});
    CHECK(rollout.stopped());
    CHECK_FALSE(rollout.begin());
    CHECK_FALSE(rollout.turn());
    CHECK(rollout.held() == std::size_t{3});
    CHECK_FALSE(rollout.held());
    for (const std::size_t n : {std::size_t{3}, std::size_t{4}, std::size_t{5}, std::size_t{7}}) {
      CHECK_FALSE(rollout.over());
      rollout.ended(n, NodeEnd::Ready);
    }
    CHECK(rollout.over());
    CHECK(rollout.count(NodeEnd::Untouched) == kRolloutMax - 7);
  }
  SECTION("the master begins when nobody else is left") {
    for (std::size_t n = 1; n < kRolloutMax; ++n) {
      if (rollout.at_work(n)) rollout.ended(n, NodeEnd::Confirmed);
      while (rollout.begin()) {
      }
      CHECK(rollout.at_work(kRolloutMax - 1) == (n == kRolloutMax - 2 || n == kRolloutMax - 1));
      if (n == kRolloutMax - 2) break;
    }
    rollout.ended(kRolloutMax - 1, NodeEnd::Confirmed);
    CHECK(rollout.over());
  }
  SECTION("one that was done falls ill: it counts as failed and ends the run") {
    rollout.fell_ill(2, Failure{{ErrorCode::VerificationDiffers}, "an alarm", {}, {}});
    CHECK(rollout.stopped());
    CHECK(rollout.result(2).end == NodeEnd::Failed);
  }
}

TEST_CASE("a run over many devices refuses too many and the same one twice") {
  std::vector<RolloutNode> nodes(kRolloutMax);
  for (std::size_t i = 0; i < nodes.size(); ++i) nodes[i].name = std::to_string(i);
  CHECK(Rollout::make(nodes, {}));
  nodes.push_back({"more", false, {}});
  CHECK(Rollout::make(nodes, {}).error().code() == ErrorCode::Full);
  CHECK(Rollout::make({{"a", false, {}}, {"a", false, {}}}, {}).error().code() ==
        ErrorCode::BadUsage);
}

TEST_CASE("a run that goes on behind a line that a power cut tore leaves a journal that is read") {
  const std::string path = std::filesystem::temp_directory_path() / "weco-torn-journal.log";
  std::filesystem::remove(path);
  const FlashEntry begun{FlashStage::Uploading, "tower 1", "961e", 1, 9, {}, 1764115828};
  const FlashEntry later{FlashStage::Uploading, "tower 1", "961e", 5, 9, {}, 1764115829};
  const std::string line = to_line(begun);
  for (std::size_t torn = 1; torn < line.size(); ++torn) {
    CAPTURE(torn);
    std::ofstream(path, std::ios::binary) << line << line.substr(0, torn);
    FlashJournalFile file(path);
    REQUIRE(file.append(later));
    REQUIRE(file.append(later));
    const auto entries = read_journal(path);
    REQUIRE(entries);
    REQUIRE(entries->size() == 3);
    CHECK((*entries)[0].offset == 1);
    CHECK((*entries)[1].offset == 5);
  }
  std::ofstream(path, std::ios::binary) << line << "odd\n" << line;
  const auto odd = read_journal(path);
  REQUIRE_FALSE(odd);
  CHECK(odd.error().where == path + ":2");
  std::filesystem::remove(path);
}

TEST_CASE("the journal survives its own end: a torn line is left out, odd texts come back") {
  FlashEntry entry{FlashStage::Failed,      "tower 1=a%", "961e", 7, 9,
                   "two words\nand a line", 1764115828};
  const std::string line = to_line(entry);
  CHECK(line.substr(0, 20) == "2025-11-26T00:10:28Z");
  CHECK(line.find('\n') == line.size() - 1);
  const auto parsed = parse_line(std::string_view(line).substr(0, line.size() - 1));
  REQUIRE(parsed);
  CHECK(parsed->device == entry.device);
  CHECK(parsed->note == entry.note);
  CHECK(parsed->stage == entry.stage);
  CHECK(parsed->offset == 7);
  CHECK(parsed->total == 9);
  CHECK(parsed->at == entry.at);
  CHECK_FALSE(parse_line("2025-11-26T00:10:28Z stage=dancing"));
  CHECK_FALSE(parse_line("nonsense"));
  CHECK_FALSE(parse_line(""));
}
