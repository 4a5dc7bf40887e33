// SPDX-License-Identifier: Apache-2.0
// flash_device FOLDER PAYLOAD BUFFER: a device that takes firmware by SMP on the terminal
// FOLDER/device, in requests of at most BUFFER bytes. Writes an image of PAYLOAD bytes and its key
// into FOLDER, prints a line when it is there, and serves until it is killed.
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "host/reactor/poll_reactor.hpp"
#include "sim/update/update_device.hpp"
#include "tests/support/image_maker.hpp"
#include "transports/open.hpp"

using namespace weco;

namespace {

constexpr std::uint32_t kSectorBytes = 4096;

std::vector<std::uint8_t> image_of(std::uint8_t minor, std::uint32_t payload) {
  const image::Uuid vendor = uuid5(kUuidDns, "example.org");
  return test::make_image({.version = {1, minor, 0, 0},
                           .payload_bytes = payload,
                           .seed = minor,
                           .vendor_id = vendor,
                           .class_id = uuid5(vendor, "weco_smart_r2")});
}

void write_file(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

}  // namespace

int main(int count, char** words) {
  if (count != 4) return 2;
  const std::string folder(words[1]);
  const auto payload = static_cast<std::uint32_t>(std::atoi(words[2]));
  const auto fresh = image_of(3, payload);
  write_file(folder + "/new.bin", {fresh.begin(), fresh.end()});
  write_file(folder + "/key.pem", test::test_key_pem());
  PollReactor reactor;
  PublicKeys keys;
  if (!keys.add_ed25519(test::test_key(), "test")) return 1;
  sim::UpdateDeviceConfig config;
  config.slot_sectors = payload / kSectorBytes + 3;
  config.boot_time = Duration::ms(100);
  config.smp.buffer_bytes = static_cast<std::uint16_t>(std::atoi(words[3]));
  sim::VirtualFlash flash({kSectorBytes, 2 * config.slot_sectors + boot::kExtraSectors, 0});
  flash.preload(0, image_of(2, payload));
  sim::UpdateDevice device(reactor, flash, keys, config);
  auto terminal = transports::open_byte_link({Scheme::Pty, folder + "/device", 0, {}}, reactor);
  if (!terminal) return 1;
  device.attach(**terminal);
  static_cast<void>(::write(STDOUT_FILENO, "ready\n", 6));
  reactor.run([] { return false; }, reactor.now() + Duration::minutes(10));
  return 0;
}
