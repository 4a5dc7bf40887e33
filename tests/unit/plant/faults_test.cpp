// SPDX-License-Identifier: Apache-2.0
#include "sim/faults/catalogue.hpp"

#include "tests/support/catch.hpp"

using namespace weco;
using namespace weco::sim;

TEST_CASE("every fault is written and read back by its name", "[TK-08]") {
  for (const FaultInfo& row : fault_catalogue()) {
    INFO(row.name);
    const auto bare = parse_fault(row.name);
    REQUIRE(bare);
    CHECK(bare->id == row.id);
    CHECK(bare->value == usual_fault(row.id).value);
    const auto again = parse_fault(to_text(*bare));
    REQUIRE(again);
    CHECK(again->value == bare->value);
    CHECK_FALSE(row.doc.empty());
  }
}

TEST_CASE("a parameter is taken at its edges and refused beyond them", "[TK-08]") {
  for (const FaultInfo& row : fault_catalogue()) {
    for (const FaultParameter& p : row.parameters) {
      if (p.name.empty()) break;
      INFO(row.name << " " << p.name);
      FaultSpec spec = usual_fault(row.id);
      CHECK(set_parameter(spec, p.name, p.least));
      CHECK(set_parameter(spec, p.name, p.most));
      CHECK(spec.of(p.name) == p.most);
      const FaultSpec before = spec;
      for (const double wrong : {p.least - 1.0, p.most + 1.0}) {
        const Done refused = set_parameter(spec, p.name, wrong);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().where == row.name);
        CHECK(refused.error().hint.find("from") != std::string::npos);
        CHECK(spec.value == before.value);
      }
    }
  }
}

TEST_CASE("a fault that is written wrongly is refused with what is meant", "[TK-08]") {
  const auto fails = [](std::string_view text, std::string_view hint) {
    const auto spec = parse_fault(text);
    INFO(text);
    REQUIRE_FALSE(spec);
    INFO(spec.error().hint);
    CHECK(spec.error().hint.find(hint) != std::string::npos);
  };
  fails("grid_lots", "grid_lost");
  fails("", "simulate --list");
  fails("cell_leak:pack=x", "parameter=number");
  fails("cell_leak:pack", "parameter=number");
  fails("cell_leak:pack=1.5", "whole number");
  fails("cell_leak:pack=nan", "parameter=number");
  fails("cell_leak:volume=3", "pack, cell, current");
  fails("grid_lost:pack=1", "none");
  fails("cell_leak:pack=1,", "parameter=number");
  const auto good = parse_fault("cell_leak:current=2.5,cell=4");
  REQUIRE(good);
  CHECK(good->of("current") == 2.5);
  CHECK(good->whole("cell") == 4);
  CHECK(good->whole("pack") == 1);
}

TEST_CASE("what strikes a wire becomes the plan of its filter", "[TK-08]") {
  int wires = 0;
  for (const FaultInfo& row : fault_catalogue()) {
    if (!strikes_wire(row.id)) continue;
    ++wires;
    FaultSpec spec = usual_fault(row.id);
    REQUIRE(set_parameter(spec, "chance", 25));
    const FaultPlan plan = link_plan(spec, 9);
    CHECK(plan.seed == 9);
    CHECK(plan.per_mille[static_cast<std::size_t>(row.id)] == 250);
  }
  CHECK(wires == 10);
  FaultSpec late = usual_fault(FaultId::WireLate);
  REQUIRE(set_parameter(late, "by", 77));
  CHECK(link_plan(late, 1).late_by == Duration::ms(77));
}
