// SPDX-License-Identifier: Apache-2.0
// A live view that runs for a simulated day: everything between the wire and the text on the
// screen, with every allocation counted.
#include "cli/render/status.hpp"
#include "host/device/live_device.hpp"
#include "host/link/loopback.hpp"
#include "host/profile/catalog.hpp"
#include "sim/device/virtual_device.hpp"
#include "sim/timeline/timeline.hpp"
#include "tests/support/allocations.hpp"
#include "tests/support/catch.hpp"

using namespace weco;

namespace {

class CountingSink final : public cli::TextSink {
 public:
  bool write(std::string_view text) override {
    bytes += text.size();
    return true;
  }
  std::size_t bytes = 0;
};

struct Site {
  sim::Timeline time;
  Catalog catalog = std::move(*Catalog::embedded());
  LoopbackLine wire{time, {}};
  std::unique_ptr<sim::VirtualDevice> device;
  std::unique_ptr<LiveDevice> live;

  explicit Site(std::string_view family) {
    const Profile& profile = **catalog.load(family);
    sim::VirtualDeviceOptions options;
    options.update_period = Duration::s(10);
    device = std::move(*sim::VirtualDevice::make(time, profile, options));
    const bool modbus = profile.protocol.kind == ProtocolKind::Modbus;
    const Carrier carrier = modbus ? Carrier::Rtu : Carrier::Serial;
    device->serve(wire.join(), carrier);
    LiveDevice::Setup setup;
    setup.link = wire.join();
    setup.profile = &profile;
    setup.carrier = carrier;
    setup.unit = profile.protocol.unit;
    live = std::move(*LiveDevice::make(time, std::move(setup)));
  }
};

void watch_for_a_day(std::string_view family) {
  Site site(family);
  CountingSink out;
  CountingSink err;
  cli::Output output(out, err, {.out_is_tty = true}, {});
  const Instant end = site.time.now() + Duration::hours(24);
  std::size_t after_two_hours = 0;
  std::size_t looks = 0;
  while (site.time.now() < end) {
    const Instant begun = site.time.now();
    {
      const auto report = site.live->read(Duration::s(10));
      REQUIRE(report);
      output.frame(cli::status_page(*report, {}, output));
      REQUIRE(cli::status_json(*report, {}, 0).size() > 500);
    }
    ++looks;
    site.time.run([] { return false; }, begun + Duration::minutes(5));
    if (looks == 24) after_two_hours = test::allocations_live();
  }
  CHECK(looks == 288);
  CHECK(out.bytes > 500 * looks);
  CHECK(test::allocations_live() == after_two_hours);
}

}  // namespace

TEST_CASE("a live view of a tower holds no more memory after a day than after two hours",
          "[TK-07]") {
  watch_for_a_day("weco_smart");
}

TEST_CASE("a live view of a battery bank holds no more memory after a day than after two hours") {
  watch_for_a_day("pylontech_rs485");
}
