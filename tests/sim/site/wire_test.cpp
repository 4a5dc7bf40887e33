// SPDX-License-Identifier: Apache-2.0
// Devices of one site, each on a wire of its own.
#include <cmath>

#include "host/profile/catalog.hpp"
#include "sim/device/values_site.hpp"
#include "sim/device/virtual_device.hpp"
#include "sim/timeline/timeline.hpp"
#include "tests/sim/site/sites.hpp"

using namespace weco;
using namespace weco::sim;
using namespace weco::test;

namespace {

const Catalog& catalog() {
  static const Catalog all = *Catalog::embedded();
  return all;
}

/// A device of the site on the timeline.
struct Device {
  Device(Timeline& timeline, std::shared_ptr<SharedSite> site, std::string_view family,
         std::int32_t number = 1)
      : profile(*catalog().load(family)) {
    auto values = site_values(*profile, std::move(site), number, 1);
    if (!values) FAIL(values.error().what);
    auto made = VirtualDevice::make(timeline, *profile, {}, std::move(*values));
    REQUIRE(made);
    device = std::move(*made);
  }
  [[nodiscard]] double number(PointId id, NodePath node = {}, std::uint8_t index = 0) const {
    const auto found = device->values().number({id, index, node});
    if (!found) FAIL("no such value");
    return static_cast<double>(found->mantissa) * std::pow(10.0, found->exponent);
  }
  const Profile* profile;
  std::unique_ptr<VirtualDevice> device;
};

std::shared_ptr<SharedSite> shared(SiteConfig config) {
  config.start_s = kSummerNoon;
  return std::make_shared<SharedSite>(made(config));
}

}  // namespace

TEST_CASE("inverters and meter on their wires show one and the same site", "[TK-08]") {
  SiteConfig config = default_site(SiteFamily::WecoSmart);
  config.inverters = 2;
  const auto site = shared(config);
  Timeline timeline;
  const Device first(timeline, site, "weco_smart", 1), second(timeline, site, "weco_smart", 2);
  const Device meter(timeline, site, "eastron_sdm630");
  timeline.run([] { return false; }, timeline.now() + Duration::minutes(20));
  CHECK(site->site().now() >= Instant{} + Duration::minutes(20));
  const double pv = value(site->site(), "pv_power_W");
  CHECK(pv > 1000.0);
  CHECK(first.number(point("pv_power_total")) == Approx(pv).margin(1.0));
  CHECK(second.number(point("pv_power_total")) == first.number(point("pv_power_total")));
  CHECK(meter.number(point("grid_power_total")) ==
        Approx(first.number(point("grid_power_total"))).margin(1.0));
  const NodePath module = NodePath{}.child(NodeKind::Tower, 1).child(NodeKind::Module, 4);
  CHECK(first.number(point("pack_voltage"), module) ==
        Approx(site->site().pack(3).voltage_V).margin(0.001));
  CHECK(second.number(point("pack_voltage"), module) ==
        Approx(site->site().pack(7).voltage_V).margin(0.001));
  CHECK(first.number(point("cell_voltage"), module, 16) > 3.0);
}

TEST_CASE("what is wrong in a site is seen on the wire", "[WS-17][WS-49]") {
  const auto site = shared(default_site(SiteFamily::WecoSmart));
  Timeline timeline;
  const Device device(timeline, site, "weco_smart");
  timeline.run([] { return false; }, timeline.now() + Duration::minutes(2));
  inject(site->site(), "insulation_low:pack=2");
  inject(site->site(), "firmware_code:code=6");
  timeline.run([] { return false; }, timeline.now() + Duration::minutes(1));
  const NodePath module = NodePath{}.child(NodeKind::Tower, 1).child(NodeKind::Module, 2);
  const auto bits = [&](PointId id, NodePath node, std::uint8_t index = 0) {
    const auto found = device.device->values().bits({id, index, node});
    REQUIRE(found);
    return *found;
  };
  CHECK(bits(point("bms_state"), module) == symbol("bms_state", "locked"));
  CHECK(bits(point("lock"), module) != symbol("lock", "none"));
  CHECK(((bits(point("protections"), module) >> symbol("protections", "insulation")) & 1U) == 1U);
  CHECK(bits(point("fault_word"), {}, 1) == 1U << 5);
}

TEST_CASE("twenty cabinets and an EP760 show every pack of their site", "[CM-01][EP-02]") {
  SiteConfig cabinets = default_site(SiteFamily::SajCm2);
  cabinets.cabinets = 20;
  cabinets.ems_switch = 11;
  SiteConfig station = default_site(SiteFamily::Ep760);
  station.packs = 4;
  Timeline timeline;
  const Device plant(timeline, shared(cabinets), "saj_cm2_ems");
  const Device ep760(timeline, shared(station), "ep760_open");
  timeline.run([] { return false; }, timeline.now() + Duration::minutes(2));
  CHECK(plant.number(point("cabinet_count")) == 20);
  CHECK(plant.number(point("cell_voltage"), NodePath{}.child(NodeKind::Cabinet, 20), 240) > 3.0);
  CHECK(ep760.number(point("module_count")) == 4);
  CHECK(ep760.number(point("soc"), NodePath{}.child(NodeKind::Module, 4)) > 40.0);
}

TEST_CASE("a device that is no part of the site is refused with those that are", "[TK-08]") {
  const auto site = shared(default_site(SiteFamily::WecoSmart));
  const auto refused = [&](std::string_view family, std::int32_t number, std::string_view hint) {
    const auto profile = catalog().load(family);
    REQUIRE(profile);
    const auto values = site_values(**profile, site, number, 1);
    REQUIRE_FALSE(values);
    CHECK(values.error().hint.find(hint) != std::string::npos);
  };
  refused("saj_cm2_ems", 1, "weco_smart");
  refused("weco_smart", 2, "It has 1");
  refused("weco_smart", 0, "It has 1");
}
