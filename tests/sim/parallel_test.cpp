// SPDX-License-Identifier: Apache-2.0
// Many devices read by one script: a street of virtual devices, each on its own line and each with
// its own time to answer.
#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host/link/loopback.hpp"
#include "host/profile/catalog.hpp"
#include "lua/modules/host.hpp"
#include "sim/device/virtual_device.hpp"
#include "sim/timeline/timeline.hpp"
#include "tests/support/bare_world.hpp"
#include "tests/support/catch.hpp"

using namespace weco;
using namespace weco::sim;

namespace {

constexpr int kHouses = 200;
constexpr std::array<std::string_view, 3> kFamilies = {"weco_smart", "ep760_open",
                                                       "eastron_sdm630"};

const Catalog& catalog() {
  static const Catalog all = *Catalog::embedded();
  return all;
}

/// "1" to "200" are its devices; each takes longer to answer than the one before.
class Street final : public test::BareWorld {
 public:
  Street() {
    for (int number = 1; number <= kHouses; ++number) houses_.push_back(build(number));
  }
  Reactor& reactor() override { return timeline; }
  void open(const lua::OpenRequest& request, Opened done) override {
    House& house = *houses_.at(std::stoul(request.device) - 1);
    LiveDevice::Setup setup;
    setup.link = house.wire->join();
    setup.profile = &house.device->profile();
    setup.carrier = setup.profile->protocol.over.front();
    setup.unit = house.device->unit();
    auto live = LiveDevice::make(timeline, std::move(setup));
    REQUIRE(live);
    done(std::make_unique<test::LiveScriptDevice>(std::move(*live)));
  }
  Timeline timeline;

 private:
  struct House {
    std::unique_ptr<LoopbackLine> wire;
    std::unique_ptr<VirtualDevice> device;
  };
  std::unique_ptr<House> build(int number) {
    VirtualDeviceOptions options;
    options.turnaround = Duration::us(5000 + 500 * number);
    const std::string_view family = kFamilies[static_cast<std::size_t>(number) % kFamilies.size()];
    const Profile& profile = **catalog().load(family);
    auto house = std::make_unique<House>();
    house->wire = std::make_unique<LoopbackLine>(timeline, LoopbackOptions{});
    auto device = VirtualDevice::make(timeline, profile, options);
    REQUIRE(device);
    house->device = std::move(*device);
    house->device->freeze();
    house->device->serve(house->wire->join(), profile.protocol.over.front());
    return house;
  }
  std::vector<std::unique_ptr<House>> houses_;
};

}  // namespace

TEST_CASE("two hundred devices are read by one script in the time of the slowest", "[LUA]") {
  Street street;
  const std::string text =
      "local function look(place) "
      "  local device = assert(weco.open(place)) "
      "  local points = assert(device:points()) "
      "  device:close() "
      "  return #points end "
      "local function timed(work) "
      "  local begun = time.elapsed_s() "
      "  work() "
      "  return time.elapsed_s() - begun end "
      "return { purpose = 'Look at a street.', rights = { 'read' }, run = function() "
      "  local places, slowest, points = {}, 0, 0 "
      "  for house = 1, 200 do places[house] = tostring(house) end "
      "  for house = 198, 200 do "  // the last of each family
      "    slowest = math.max(slowest, timed(function() look(places[house]) end)) end "
      "  local together = timed(function() "
      "    for _, house in ipairs(weco.parallel(places, look)) do "
      "      points = points + assert(house.value, house.error) end end) "
      "  return { points = points, slowest = slowest, together = together } end }";
  auto host = lua::ScriptHost::load({"street", "street.lua", text}, street, street, {});
  REQUIRE(host);
  const auto read = (*host)->run(lua::Value::table());
  INFO((read ? std::string() : read.error().what + " " + read.error().where));
  REQUIRE(read);
  const double slowest = read->get("slowest")->number;
  const double together = read->get("together")->number;
  std::printf("200 devices, %lld points: the slowest %.2f s, together %.2f s\n",
              static_cast<long long>(read->get("points")->whole), slowest, together);
  CHECK(slowest > 0.5);
  CHECK(together <= 1.2 * slowest);
}
