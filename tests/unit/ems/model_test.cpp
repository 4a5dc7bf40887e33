// SPDX-License-Identifier: Apache-2.0
// Figures here are those of the manuals, written out again on purpose.
#include "core/ems/model.hpp"

#include <string>

#include "tests/support/catch.hpp"

using namespace weco::ems;
using weco::Duration;
using weco::ErrorCode;
using weco::Milliamps;
using weco::Permyriad;
using weco::Temperature;
using weco::Watts;

namespace {
const Ratings& rated(const char* name) { return **find_ratings(name); }
std::int32_t refused_part(const std::string& text) {
  const auto model = parse_smart_model(text);
  if (model || model.error().code != ErrorCode::BadInput) return 0;
  return model.error().detail;
}
}  // namespace

TEST_CASE("every model string of the range is understood", "[WS-01][WS-03]") {
  int models = 0;
  for (const int kw : {8, 10, 12, 15}) {
    for (int kwh = 20; kwh <= 60; kwh += 5) {
      const std::string text = "SMART-S3-" + std::to_string(kw) + "K-B" + std::to_string(kwh);
      const auto model = parse_smart_model(text);
      REQUIRE(model);
      CHECK(model->power_kw == kw);
      CHECK(model->usable_kwh == kwh);
      CHECK(model->modules == kwh / 5);
      CHECK(model->ratings->ac_rated == Watts(kw * 1000));
      ++models;
    }
    const auto nameplate = parse_smart_model("SMART-3PH-" + std::to_string(kw) + "K");
    REQUIRE(nameplate);
    CHECK(nameplate->power_kw == kw);
    CHECK(nameplate->usable_kwh == 0);
    CHECK(nameplate->modules == 0);
  }
  CHECK(models == 36);
}

TEST_CASE("a model string that makes no sense is refused with the part that is wrong", "[WS-01]") {
  for (const char* text :
       {"", "SMART", "SMART-S1-8K-B20", "smart-S3-8K-B20", "EP760", "SMART-S3"}) {
    CHECK(refused_part(text) == static_cast<int>(ModelPart::Series));
  }
  for (const char* text : {"SMART-S3-", "SMART-S3-9K-B20", "SMART-S3-K-B20", "SMART-3PH-11K"}) {
    CHECK(refused_part(text) == static_cast<int>(ModelPart::Power));
  }
  for (const char* text :
       {"SMART-S3-8K", "SMART-S3-8K-B15", "SMART-S3-8K-B22", "SMART-S3-8K-B65", "SMART-S3-8K-B200",
        "SMART-S3-8K-B2", "SMART-S3-8K-C20", "SMART-S3-8K-B20 ", "SMART-3PH-8K-B20", "SMART-S3-8KX",
        "SMART-S3-8K-Bx0", "SMART-S3-8K-B2x"}) {
    CHECK(refused_part(text) == static_cast<int>(ModelPart::Energy));
  }
  for (const ModelPart part : {ModelPart::Series, ModelPart::Power, ModelPart::Energy}) {
    CHECK_FALSE(allowed(part).empty());
  }
  CHECK(allowed(static_cast<ModelPart>(99)).empty());
}

TEST_CASE("the ratings of each WeCo model are those of its nameplate", "[WS-05][WS-06][WS-49]") {
  const struct {
    const char* name;
    int kw, pv_kw, bypass_va;
  } plates[] = {{"SMART-S3-8K", 8, 16, 16008},
                {"SMART-S3-10K", 10, 20, 20010},
                {"SMART-S3-12K", 12, 24, 24012},
                {"SMART-S3-15K", 15, 28, 30222}};
  for (const auto& plate : plates) {
    const Ratings& r = rated(plate.name);
    CHECK(r.ac_rated == Watts(plate.kw * 1000));
    CHECK(r.pv_max == Watts(plate.pv_kw * 1000));
    CHECK(r.bypass_max == Watts(plate.bypass_va));
    CHECK(r.generator_rated == Watts(plate.kw * 1000));
    CHECK(r.mppt_count == 2);
    CHECK(r.phases == 3);
    CHECK(r.changeover_max == Duration::ms(20));
    CHECK(r.frequency_min == weco::Millihertz(45000));
    CHECK(r.frequency_max == weco::Millihertz(65000));
  }
}

TEST_CASE("the ratings of EP760 are those of its manual, 4.6 kW in Germany",
          "[EP-01][EP-03][EP-04]") {
  const Ratings& r = rated("EP760");
  CHECK(r.ac_rated == Watts(7600));
  CHECK(r.pv_max == Watts(9000));
  CHECK(r.bypass_max == Watts(11500));
  CHECK(r.phases == 1);
  CHECK(r.mppt_count == 3);
  CHECK(r.voltage_min == weco::Millivolts(185000));
  CHECK(r.voltage_max == weco::Millivolts(285000));
  CHECK(r.changeover_max == Duration::ms(10));
  CHECK(rated("EP760-DE").ac_rated == Watts(4600));
  CHECK(rated("CM2").ac_rated == Watts(0));
  CHECK(find_ratings("CM3").error().code == ErrorCode::NotFound);
}

TEST_CASE("an 8K reaches full discharge with 4 modules and full charge with 6", "[WS-04]") {
  const Ratings& r = rated("SMART-S3-8K");
  const struct {
    int modules, charge_w, discharge_w, charge_ma, discharge_ma;
  } rows[] = {{1, 2500, 2000, 5583, 4450},    {3, 7500, 6000, 16750, 13350},
              {4, 10000, 8000, 22333, 17800}, {5, 12500, 8000, 27916, 17800},
              {6, 15000, 8000, 33500, 17800}, {12, 15000, 8000, 33500, 17800}};
  for (const auto& row : rows) {
    const auto b = battery_rating(r, row.modules);
    REQUIRE(b);
    CHECK(b->charge_max == Watts(row.charge_w));
    CHECK(b->discharge_max == Watts(row.discharge_w));
    CHECK(b->charge_current_max == Milliamps(row.charge_ma));
    CHECK(b->discharge_current_max == Milliamps(row.discharge_ma));
    CHECK(b->confidence == Confidence::Published);
  }
  CHECK(battery_rating(r, 0).error().code == ErrorCode::OutOfRange);
  CHECK(battery_rating(r, 13).error().code == ErrorCode::OutOfRange);
}

TEST_CASE("the larger models publish no battery power: ours is marked and never above the inverter",
          "[WS-04]") {
  for (const char* name : {"SMART-S3-10K", "SMART-S3-12K", "SMART-S3-15K"}) {
    const Ratings& r = rated(name);
    for (int modules = 1; modules <= 12; ++modules) {
      const auto b = battery_rating(r, modules);
      CHECK(b->confidence == Confidence::Ours);
      CHECK(b->discharge_max <= r.ac_rated);
      CHECK(b->discharge_max <= Watts(2000 * modules));
      CHECK(b->charge_current_max == Milliamps(0));
    }
    CHECK(battery_rating(r, 12)->discharge_max == r.ac_rated);
  }
}

TEST_CASE("one B500 pack limits an EP760 to 5 kW, two to four give the rated power", "[EP-02]") {
  const Ratings& r = rated("EP760");
  CHECK(battery_rating(r, 1)->discharge_max == Watts(5000));
  for (const int packs : {2, 3, 4}) CHECK(battery_rating(r, packs)->discharge_max == Watts(7600));
  CHECK(battery_rating(r, 0).error().code == ErrorCode::OutOfRange);
  CHECK(battery_rating(r, 5).error().code == ErrorCode::OutOfRange);
  CHECK(battery_rating(rated("EP760-DE"), 1)->discharge_max == Watts(4600));
  CHECK(battery_rating(rated("CM2"), 1).error().code == ErrorCode::Unsupported);
}

TEST_CASE("output is derated from 40 degrees on and off outside the ambient range",
          "[WS-06][EP-04]") {
  const Ratings& smart = rated("SMART-S3-8K");
  const auto share = [](const Ratings& r, int deci) {
    return ambient_share(r, Temperature::deci_celsius(deci)).count();
  };
  CHECK(share(smart, -201) == 0);
  CHECK(share(smart, -200) == 10000);
  CHECK(share(smart, 400) == 10000);
  CHECK(share(smart, 401) == 9950);
  CHECK(share(smart, 450) == 7500);
  CHECK(share(smart, 500) == 5000);
  CHECK(share(smart, 501) == 0);
  CHECK(share(rated("EP760"), 400) == 10000);
  CHECK(share(rated("EP760"), 401) == 0);
  CHECK(share(rated("CM2"), 900) == 10000);  // nothing published, nothing invented
}
