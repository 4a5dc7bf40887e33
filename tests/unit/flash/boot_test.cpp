// SPDX-License-Identifier: Apache-2.0
// The bootloader on a flash that loses power: at every operation, at several depths, twice in a
// row. Whatever happens, one of two firmwares runs, a trial that nobody confirmed is taken back,
// and the verdict on each recorded image is that of MCUboot's own code.
#include <algorithm>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "core/boot/bootloader.hpp"
#include "core/boot/counter.hpp"
#include "host/image/firmware.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/image_maker.hpp"
#include "tests/unit/flash/files.hpp"
#include "tests/unit/journal/fake_flash.hpp"

using namespace weco;
using weco::test::vector_file;
using weco::test::vector_text;

namespace {

using Buffer = std::vector<std::uint8_t>;

/// A device: flash, keys, bootloader.
struct Device {
  Device(std::uint32_t sector, std::uint32_t slot_sectors, const PublicKeys& trusted)
      : flash(sector, 2 * slot_sectors + boot::kExtraSectors), keys(trusted), crypto(keys) {
    area = {flash.flash(), slot_sectors};
  }
  void install(const Buffer& image) { std::copy(image.begin(), image.end(), flash.bytes.begin()); }
  boot::SlotError upload(const Buffer& image) {
    boot::Slots slots(area);
    if (const auto error = slots.begin(static_cast<std::uint32_t>(image.size()));
        error != boot::SlotError::None) {
      return error;
    }
    for (std::size_t at = 0; at < image.size(); at += 500) {
      const Bytes piece = Bytes(image).subspan(at, std::min<std::size_t>(500, image.size() - at));
      const auto error = slots.write(static_cast<std::uint32_t>(at), piece);
      if (error != boot::SlotError::None) return error;
    }
    return boot::SlotError::None;
  }
  Result<boot::Boot> reset() { return boot::Bootloader(area, config, crypto).boot(); }
  boot::Boot reset_well() {
    const auto booted = reset();
    REQUIRE(booted);
    REQUIRE(booted->runs);
    return *booted;
  }
  [[nodiscard]] boot::Slots slots() const { return boot::Slots(area); }

  FakeFlash flash;
  const PublicKeys& keys;
  OpensslCrypto crypto;
  boot::Area area;
  boot::Config config;
};

PublicKeys our_key() {
  PublicKeys keys;
  REQUIRE(keys.add_ed25519(test::test_key(), "test"));
  return keys;
}

Buffer old_image() { return test::make_image({.version = {1, 2, 3, 0}, .payload_bytes = 2500}); }
Buffer new_image() {
  return test::make_image({.version = {1, 3, 0, 0}, .payload_bytes = 3300, .seed = 2});
}
constexpr image::Version kOld{1, 2, 3, 0};
constexpr image::Version kNew{1, 3, 0, 0};

/// Old firmware runs, the new one is asked for.
std::unique_ptr<Device> prepared(const PublicKeys& keys) {
  auto device = std::make_unique<Device>(512, 9, keys);
  device->install(old_image());
  REQUIRE(device->reset_well().version == kOld);
  REQUIRE(device->upload(new_image()) == boot::SlotError::None);
  REQUIRE(device->slots().set_pending(false) == boot::SlotError::None);
  return device;
}

}  // namespace

TEST_CASE("each recorded image gets the verdict of the reference bootloader") {
  PublicKeys keys;
  REQUIRE(keys.add_pem(vector_text("mcuboot/key-ed25519.pub.pem"), "vectors"));
  std::istringstream text(vector_text("mcuboot/mcuboot-host-verdicts.txt"));
  std::size_t files = 0;
  for (std::string line; std::getline(text, line);) {
    const auto colon = line.find(": BOOT ok");
    if (colon == std::string::npos) continue;
    const auto version = line.find("ver=") + 4;
    Device device(4096, 32, keys);
    device.install(vector_file("mcuboot/ok-ed25519-1.2.3.bin"));
    const Buffer image = vector_file("mcuboot/" + line.substr(0, colon));
    REQUIRE(device.upload(image) == boot::SlotError::None);
    // Asked for behind the back of the slots, which would not ask for what is no image.
    REQUIRE(boot::write_magic(device.area, 1));
    CAPTURE(line);
    const boot::Boot booted = device.reset_well();
    CHECK(image::to_text(booted.version).view() ==
          line.substr(version, line.find(' ', version) - version));
    ++files;
  }
  CHECK(files == 15);
}

TEST_CASE("a trial that is not confirmed is taken back, a confirmed one stays", "[CM-14]") {
  const PublicKeys keys = our_key();
  const auto device = prepared(keys);
  boot::Boot booted = device->reset_well();
  CHECK(booted.kind == boot::SwapKind::Test);
  CHECK(booted.version == kNew);
  CHECK_FALSE(device->slots().confirmed());
  // Nothing may be loaded over the way back.
  CHECK(device->upload(new_image()) == boot::SlotError::WayBack);
  booted = device->reset_well();
  CHECK(booted.kind == boot::SwapKind::Revert);
  CHECK(booted.version == kOld);
  CHECK(device->slots().confirmed());
  CHECK(device->reset_well().kind == boot::SwapKind::None);
  REQUIRE(device->upload(new_image()) == boot::SlotError::None);
  REQUIRE(device->slots().set_pending(false) == boot::SlotError::None);
  CHECK(device->reset_well().version == kNew);
  REQUIRE(device->slots().confirm() == boot::SlotError::None);
  for (int i = 0; i < 3; ++i) {
    booted = device->reset_well();
    CHECK(booted.kind == boot::SwapKind::None);
    CHECK(booted.version == kNew);
  }
}

TEST_CASE("an image asked for good needs no confirmation") {
  const PublicKeys keys = our_key();
  const auto device = prepared(keys);
  REQUIRE(device->slots().set_pending(true) == boot::SlotError::None);
  CHECK(device->reset_well().kind == boot::SwapKind::Permanent);
  CHECK(device->reset_well().version == kNew);
}

namespace {

/// Resets with a cut at one operation and depth, then without until the device runs.
struct CutRun {
  bool cut = false;
  boot::Boot booted;
};
CutRun reset_cut(Device& device, std::size_t operation, std::size_t depth) {
  device.flash.cut_at(operation, depth);
  CutRun run;
  const auto first = device.reset();
  run.cut = !device.flash.powered;
  device.flash.power_on();
  if (run.cut) {
    run.booted = device.reset_well();
  } else {
    REQUIRE(first);
    run.booted = *first;
  }
  return run;
}

constexpr std::size_t kDepths[] = {0, 1, 5, 12, 100, 448, 500};

}  // namespace

TEST_CASE("power may go at every flash operation of a trial: it never bricks", "[CM-14]") {
  const PublicKeys keys = our_key();
  std::size_t points = 0;
  std::size_t backs = 0;
  for (const std::size_t depth : kDepths) {
    for (std::size_t operation = 0;; ++operation) {
      const auto device = prepared(keys);
      const CutRun run = reset_cut(*device, operation, depth);
      // The exchange is finished, or was not begun and is done now: the new firmware runs. A cut
      // behind the very last step is a reset of a running trial, which takes it back.
      const bool back = run.booted.kind == boot::SwapKind::Revert;
      REQUIRE(run.booted.version == (back ? kOld : kNew));
      REQUIRE(device->slots().confirmed() == back);
      REQUIRE(device->reset_well().version == kOld);
      REQUIRE(device->slots().confirmed());
      backs += back ? 1 : 0;
      if (!run.cut) break;
      ++points;
    }
  }
  std::cout << "cuts in a trial: " << points << "\n";
  CHECK(points > 300);
  CHECK(backs <= std::size(kDepths));
}

TEST_CASE("power may go at every flash operation of the way back", "[CM-14]") {
  const PublicKeys keys = our_key();
  std::size_t points = 0;
  for (const std::size_t depth : kDepths) {
    for (std::size_t operation = 0;; ++operation) {
      const auto device = prepared(keys);
      REQUIRE(device->reset_well().version == kNew);
      const CutRun run = reset_cut(*device, operation, depth);
      REQUIRE(run.booted.version == kOld);
      REQUIRE(device->reset_well().version == kOld);
      REQUIRE(device->slots().confirmed());
      if (!run.cut) break;
      ++points;
    }
  }
  std::cout << "cuts on the way back: " << points << "\n";
  CHECK(points > 300);
}

TEST_CASE("power may go twice in one exchange, at any two operations") {
  const PublicKeys keys = our_key();
  for (std::size_t first = 0; first < 80; first += 7) {
    for (std::size_t second = 0; second < 60; second += 5) {
      const auto device = prepared(keys);
      device->flash.cut_at(first, 3);
      static_cast<void>(device->reset());
      device->flash.power_on();
      const CutRun run = reset_cut(*device, second, 11);
      // After a cut behind the last step the second reset is the one that takes the trial back.
      const bool back = run.booted.kind == boot::SwapKind::Revert;
      CHECK(run.booted.version == (back ? kOld : kNew));
    }
  }
}

TEST_CASE("power may go while a refused image is emptied, and while one is uploaded") {
  const PublicKeys keys = our_key();
  const Buffer foreign = test::make_image(
      {.version = {9, 0, 0, 0}, .payload_bytes = 3300, .seed = 3, .foreign_key = true});
  for (std::size_t operation = 0;; ++operation) {
    Device device(512, 9, keys);
    device.install(old_image());
    REQUIRE(device.upload(foreign) == boot::SlotError::None);
    REQUIRE(device.slots().set_pending(false) == boot::SlotError::None);
    const CutRun run = reset_cut(device, operation, 50);
    REQUIRE(run.booted.version == kOld);
    REQUIRE_FALSE(device.slots().pending());
    if (!run.cut) break;
  }
  for (std::size_t operation = 0;; ++operation) {
    const auto device = prepared(keys);
    device->flash.cut_at(operation, 50);
    const auto error = device->upload(new_image());
    const bool cut = !device->flash.powered;
    device->flash.power_on();
    REQUIRE(device->reset_well().runs);
    if (!cut) {
      REQUIRE(error == boot::SlotError::None);
      break;
    }
  }
}

TEST_CASE(
    "an image below the rollback counter is refused, the counter grows after the confirmation") {
  const PublicKeys keys = our_key();
  const auto image = [](std::uint8_t minor, std::optional<std::uint32_t> counter) {
    return test::make_image({.version = {1, minor, 0, 0}, .security_counter = counter});
  };
  Device device(512, 9, keys);
  device.config.rollback_protection = true;
  device.install(image(0, 7));
  CHECK(device.reset_well().version.minor == 0);
  CHECK(boot::read_counter(device.area) == 7);
  const auto attempt = [&](const Buffer& bytes) {
    REQUIRE(device.upload(bytes) == boot::SlotError::None);
    REQUIRE(device.slots().set_pending(false) == boot::SlotError::None);
    return device.reset_well();
  };
  boot::Boot booted = attempt(image(1, 6));
  CHECK(booted.kind == boot::SwapKind::Fail);
  CHECK(booted.refused_by_counter);
  CHECK(attempt(image(1, std::nullopt)).refused_by_counter);
  booted = attempt(image(1, 9));
  CHECK(booted.version.minor == 1);
  CHECK(boot::read_counter(device.area) == 7);  // on trial: the way back stays open
  CHECK(device.reset_well().version.minor == 0);
  CHECK(attempt(image(2, 9)).version.minor == 2);
  REQUIRE(device.slots().confirm() == boot::SlotError::None);
  CHECK(device.reset_well().version.minor == 2);
  CHECK(boot::read_counter(device.area) == 9);
  CHECK(attempt(image(3, 8)).refused_by_counter);
  CHECK(attempt(image(3, 9)).version.minor == 3);  // equal is enough
}

TEST_CASE("the rollback counter only grows, through full sectors and power cuts") {
  const PublicKeys keys;
  Device device(256, 2, keys);
  for (std::uint32_t value = 1; value < 200; ++value) {
    for (std::size_t operation = 0; operation < 2; ++operation) {
      device.flash.cut_at(operation, value % 8);
      static_cast<void>(boot::raise_counter(device.area, value));
      device.flash.power_on();
      CHECK(boot::read_counter(device.area) >= value - 1);
    }
    REQUIRE(boot::raise_counter(device.area, value));
    REQUIRE(boot::read_counter(device.area) == value);
  }
  CHECK(boot::raise_counter(device.area, 5));
  CHECK(boot::read_counter(device.area) == 199);
}

TEST_CASE("firmware for other hardware is refused by the device itself") {
  const PublicKeys keys = our_key();
  const image::Uuid ours = uuid5(uuid5(kUuidDns, "example.org"), "bms-r2");
  const image::Uuid other = uuid5(uuid5(kUuidDns, "example.org"), "bms-r3");
  Device device(512, 9, keys);
  device.install(test::make_image({.class_id = ours}));
  device.config.class_id = ours;
  REQUIRE(device.upload(test::make_image({.version = {2, 0, 0, 0}, .class_id = other})) ==
          boot::SlotError::None);
  REQUIRE(device.slots().set_pending(false) == boot::SlotError::None);
  const boot::Boot booted = device.reset_well();
  CHECK(booted.refused_by_class);
  CHECK(booted.version.major == 1);
}
