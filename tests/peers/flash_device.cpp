// SPDX-License-Identifier: Apache-2.0
// A virtual device whose firmware can be updated, for clients of others: UDS behind an SLCAN
// adapter on FOLDER/can, Modbus TCP on the port in FOLDER/port. Writes the image to bring onto it
// and the key that signed it into FOLDER, prints a line when it is there, and serves until its
// input ends.
#include <unistd.h>

#include <array>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "host/reactor/poll_reactor.hpp"
#include "sim/device/slcan_port.hpp"
#include "sim/update/update_device.hpp"
#include "tests/support/image_maker.hpp"
#include "transports/open.hpp"
#include "transports/tcp/tcp.hpp"

namespace {

using namespace weco;

constexpr std::uint32_t kSlotSectors = 8;

std::vector<std::uint8_t> image_of(std::uint8_t minor) {
  const image::Uuid vendor = uuid5(kUuidDns, "example.org");
  return test::make_image({.version = {1, minor, 0, 0},
                           .payload_bytes = 21001,
                           .seed = minor,
                           .vendor_id = vendor,
                           .class_id = uuid5(vendor, "weco_smart_r2")});
}

void write_file(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

sim::UpdateDeviceConfig config_of(std::uint8_t unit) {
  sim::UpdateDeviceConfig config;
  config.slot_sectors = kSlotSectors;
  config.boot_time = Duration::ms(100);
  config.unit = unit;
  config.modbus.framing = modbus::Framing::Tcp;
  return config;
}

/// One device with its own flash.
struct Device {
  Device(Reactor& reactor, const PublicKeys& keys, std::uint8_t unit)
      : flash({4096, 2 * kSlotSectors + boot::kExtraSectors, 0}),
        update(reactor, preloaded(flash), keys, config_of(unit)) {}
  static sim::VirtualFlash& preloaded(sim::VirtualFlash& flash) {
    flash.preload(0, image_of(2));
    return flash;
  }
  sim::VirtualFlash flash;
  sim::UpdateDevice update;
};

}  // namespace

int main(int count, char** words) {
  if (count != 2) return 2;
  const std::string folder(words[1]);
  const auto fresh = image_of(3);
  write_file(folder + "/new.bin", {fresh.begin(), fresh.end()});
  write_file(folder + "/key.pem", test::test_key_pem());
  PollReactor reactor;
  PublicKeys keys;
  if (!keys.add_ed25519(test::test_key(), "test")) return 1;
  Device on_can(reactor, keys, 0);
  Device on_tcp(reactor, keys, 5);
  auto terminal = transports::open_byte_link({Scheme::Pty, folder + "/can", 0, {}}, reactor);
  if (!terminal) return 1;
  auto bus = std::make_unique<sim::SlcanPort>(reactor, std::move(*terminal), 500000);
  on_can.update.attach(*bus);
  std::unique_ptr<ByteLink> client;
  auto listener =
      transports::TcpListener::listen(reactor, "127.0.0.1", 0, [&](std::unique_ptr<ByteLink> link) {
        on_tcp.update.detach();
        client = std::move(link);
        on_tcp.update.attach(*client);
      });
  if (!listener) return 1;
  write_file(folder + "/port", std::to_string((*listener)->port()));
  static_cast<void>(::write(STDOUT_FILENO, "ready\n", 6));
  bool over = false;
  reactor.watch(STDIN_FILENO, [&over] {
    std::array<char, 16> room{};
    over = ::read(STDIN_FILENO, room.data(), room.size()) <= 0;
  });
  reactor.run([&over] { return over; }, reactor.now() + Duration::s(120));
  return 0;
}
