// SPDX-License-Identifier: Apache-2.0
#include "host/snapshot/snapshot.hpp"

#include "tests/support/catch.hpp"

using namespace weco;

namespace {

NodePath module(std::uint8_t tower, std::uint8_t number) {
  return NodePath{}.child(NodeKind::Tower, tower).child(NodeKind::Module, number);
}

}  // namespace

TEST_CASE("a point is written with its way through the site and read back the same") {
  for (const PointRef& ref :
       {PointRef{point("soc"), 0, {}}, PointRef{point("cell_voltage"), 16, module(2, 3)},
        PointRef{point("grid_voltage"), 1, {}}, PointRef{point("soc"), 0, module(3, 4)}}) {
    const std::string text = to_text(ref);
    INFO(text);
    const auto back = parse_point_ref(text);
    REQUIRE(back);
    CHECK(*back == ref);
  }
  CHECK(to_text(PointRef{point("cell_voltage"), 5, module(1, 2)}) ==
        "tower[1].module[2].cell_voltage[5]");
}

TEST_CASE("a point that does not exist is refused", "[TK-10]") {
  for (const char* bad : {"", "sco", "soc[", "soc[x]", "soc[0]", "soc[999]", "roof[1].soc",
                          "tower.soc", "tower[1]soc", "tower[0].soc", "soc[2]",
                          "site[1].site[1].site[1].site[1].site[1].soc", "cell_voltage[241]"}) {
    INFO(bad);
    CHECK_FALSE(parse_point_ref(bad));
  }
}

TEST_CASE("names carry their unit where scripts read them") {
  CHECK(name_with_unit(point("soc")) == "soc_pct");
  CHECK(name_with_unit(point("pack_temperature")) == "pack_temperature_degC");
  CHECK(name_with_unit(point("serial_number")) == "serial_number");
}

TEST_CASE("the newest reading of a point is kept and nodes come in order") {
  Snapshot s;
  s.put(number_reading({point("soc"), 0, module(1, 2)}, {50, 0}, {}));
  s.put(number_reading({point("soc"), 0, module(1, 1)}, {40, 0}, {}));
  s.put(number_reading({point("soc"), 0, module(1, 2)}, {51, 0}, {}));
  CHECK(s.readings().size() == 2);
  CHECK(*s.number({point("soc"), 0, module(1, 2)}) == Decimal{51, 0});
  const auto nodes = s.nodes();
  REQUIRE(nodes.size() == 4);
  CHECK(to_text(nodes[0]).empty());
  CHECK(to_text(nodes[1]) == "tower[1]");
  CHECK(to_text(nodes[2]) == "tower[1].module[1]");
  CHECK(to_text(nodes[3]) == "tower[1].module[2]");
}

TEST_CASE("what a device does not have is never a number") {
  Snapshot s;
  Reading absent = number_reading({point("soc"), 0, {}}, {65535, 0}, {});
  absent.quality = Quality::NotImplemented;
  s.put(absent);
  CHECK_FALSE(s.number({point("soc"), 0, {}}));
  CHECK_FALSE(s.bits({point("soc"), 0, {}}));
  CHECK_FALSE(s.number({point("soh"), 0, {}}));
}

TEST_CASE("a reading is stale just after its age and not at it") {
  Snapshot s;
  s.put(number_reading({point("soc"), 0, {}}, {50, 0}, Instant::from_us(1000)));
  s.mark_stale(Instant::from_us(3000), Duration::us(2000));
  CHECK(s.get({point("soc"), 0, {}})->quality == Quality::Good);
  s.mark_stale(Instant::from_us(3001), Duration::us(2000));
  CHECK(s.get({point("soc"), 0, {}})->quality == Quality::Stale);
}

TEST_CASE("text loses the padding of its wire and nothing else") {
  Snapshot s;
  s.put(text_reading({point("model"), 0, {}}, std::string_view("US2000C \0\0", 10), {}));
  CHECK(s.text({point("model"), 0, {}}) == "US2000C");
  CHECK(s.text({point("vendor"), 0, {}}).empty());
}
