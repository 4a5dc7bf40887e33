// SPDX-License-Identifier: Apache-2.0
#include "core/ems/faults.hpp"

#include "core/ems/panel.hpp"
#include "tests/support/catch.hpp"

using namespace weco::ems;
using weco::Duration;

TEST_CASE("WeCo's list has F001 to F025 and F049 to F064, each with a name and an action",
          "[WS-46]") {
  const auto list = faults_of(Product::WecoSmart);
  REQUIRE(list.size() == 25 + 16);
  for (std::uint16_t code = 0; code <= 300; ++code) {
    const bool listed = (code >= 1 && code <= 25) || (code >= 49 && code <= 64);
    const FaultInfo* fault = find_fault(Product::WecoSmart, code);
    REQUIRE((fault != nullptr) == listed);
    if (fault == nullptr) continue;
    CHECK(fault->code == code);
    CHECK_FALSE(fault->name.empty());
    CHECK_FALSE(fault->action.empty());
    CHECK_FALSE(fault->reserved);
  }
  CHECK(find_fault(Product::WecoSmart, 24)->name == "Grid failure");
  CHECK(find_fault(Product::WecoSmart, 21)->name == "PV4 polarity reversed");
  CHECK(find_fault(Product::WecoSmart, 64)->name == "Slave unit 16 failure");
}

TEST_CASE("EP760's list has every number from 1 to 143, the reserved ones as reserved", "[EP-08]") {
  const auto list = faults_of(Product::Ep760);
  REQUIRE(list.size() == 143);
  int reserved = 0;
  for (std::uint16_t code = 1; code <= 143; ++code) {
    const FaultInfo* fault = find_fault(Product::Ep760, code);
    REQUIRE(fault != nullptr);
    CHECK(fault->code == code);
    CHECK(fault->name.empty() == (code == 101));  // the manual prints that number without a text
    reserved += fault->reserved ? 1 : 0;
  }
  // Counted in the manual: 9 11 12 29-31 37-39 41 42 44-46 48 54 63 64 66 68-96 106 110-128 130-133
  // 136 141 142.
  CHECK(reserved == 3 + 3 + 3 + 2 + 3 + 1 + 1 + 2 + 1 + 29 + 1 + 19 + 4 + 1 + 2);
  CHECK(find_fault(Product::Ep760, 139)->name == "CT direction or phase sequence wrong");
  CHECK(find_fault(Product::Ep760, 0) == nullptr);
  CHECK(find_fault(Product::Ep760, 144) == nullptr);
}

TEST_CASE("the buzzer sounds for nine codes of EP760 and no other", "[EP-08][EP-07]") {
  int sounding = 0;
  for (std::uint16_t code = 0; code < 300; ++code) {
    sounding += sounds_buzzer(Product::Ep760, code) ? 1 : 0;
    CHECK_FALSE(sounds_buzzer(Product::WecoSmart, code));
  }
  CHECK(sounding == 9);
  for (const std::uint16_t code : {std::uint16_t{5}, std::uint16_t{10}, std::uint16_t{34}}) {
    CHECK(sounds_buzzer(Product::Ep760, code));
  }
}

TEST_CASE("a code that no list knows stays visible as its number", "[WS-46]") {
  CHECK(find_fault(Product::WecoSmart, 30) == nullptr);
  CHECK(faults_of(Product::SajCm2).empty());
  CHECK(faults_of(static_cast<Product>(9)).empty());
  FaultSet set;
  CHECK_FALSE(set.any());
  for (std::uint32_t code = 0; code < 256; ++code) {
    set.set(static_cast<std::uint16_t>(code));
    CHECK(set.active(static_cast<std::uint16_t>(code)));
    CHECK(set.any());
    set.clear(static_cast<std::uint16_t>(code));
    CHECK_FALSE(set.any());
  }
  for (std::uint16_t code = 60000; code < 60008; ++code) {
    set.set(code);
    set.set(code);
  }
  CHECK(set.strange().size() == 8);
  CHECK_FALSE(set.more());
  set.set(60008);
  CHECK(set.more());
  CHECK_FALSE(set.active(60008));
  CHECK(set.active(60003));
  set.clear(60003);
  CHECK_FALSE(set.active(60003));
  CHECK(set.strange().size() == 7);
  CHECK(set.any());
  for (std::uint16_t code = 60000; code < 60008; ++code) set.clear(code);
  CHECK(set.any());  // there was more than could be kept: that is not forgotten
}

TEST_CASE("conditions the core sees have the numbers of their product", "[WS-46][EP-08][EP-17]") {
  const auto weco = [](Condition c) { return code_of(Product::WecoSmart, c); };
  const auto ep = [](Condition c) { return code_of(Product::Ep760, c); };
  CHECK(weco(Condition::OverloadAlarm) == 3);
  CHECK(weco(Condition::OverloadTrip) == 4);
  CHECK(weco(Condition::MeterLost) == 5);
  CHECK(weco(Condition::CtReversed) == 12);
  CHECK(weco(Condition::GridLost) == 24);
  CHECK(weco(Condition::GeneratorFailed) == 25);
  CHECK(weco(Condition::Slave3Lost) == 51);
  CHECK(ep(Condition::CtReversed) == 139);
  CHECK(ep(Condition::MeterLost) == 140);
  CHECK(ep(Condition::GridVoltageHigh) == 97);
  CHECK(ep(Condition::GridLost) == 102);
  for (std::size_t i = 0; i < kConditions; ++i) {
    const auto c = static_cast<Condition>(i);
    CHECK(code_of(Product::SajCm2, c) == 0);
    if (weco(c) != 0) CHECK(find_fault(Product::WecoSmart, weco(c)) != nullptr);
    if (ep(c) != 0) CHECK_FALSE(find_fault(Product::Ep760, ep(c))->reserved);
  }
  CHECK(weco(Condition::kCount) == 0);
}

TEST_CASE("a code that two conditions share stays while either holds", "[WS-46]") {
  FaultSet set;
  const ConditionSet meter = bit(Condition::MeterLost);
  const ConditionSet both = meter | bit(Condition::CtMisplaced);
  update_faults(Product::WecoSmart, 0, both, set);
  CHECK(set.active(5));
  update_faults(Product::WecoSmart, both, meter, set);
  CHECK(set.active(5));
  update_faults(Product::WecoSmart, meter, meter, set);
  CHECK(set.active(5));
  update_faults(Product::WecoSmart, meter, 0, set);
  CHECK_FALSE(set.active(5));
  set.set(1);  // what the device reported is not ours to clear
  update_faults(Product::WecoSmart, 0, bit(Condition::BatteryLinkLost), set);
  CHECK(set.active(1));
  CHECK_FALSE(set.active(0));
}

TEST_CASE("the panel shows run, alarm and fault as its table says", "[EP-07]") {
  for (const bool alarm : {false, true}) {
    for (const bool fault : {false, true}) {
      const PanelLights l = panel_lights(alarm, fault);
      CHECK(l.run == !fault);
      CHECK(l.alarm == alarm);
      CHECK(l.fault == fault);
    }
  }
}

TEST_CASE("the buzzer beeps five times for two seconds, a second apart, unless muted", "[EP-07]") {
  int sounding = 0;
  for (int ms = -1000; ms < 30000; ms += 10) {
    const bool on = buzzer_sounds(Duration::ms(ms), false);
    sounding += on ? 10 : 0;
    CHECK(on == (ms >= 0 && ms < 15000 && ms % 3000 < 2000));
    CHECK_FALSE(buzzer_sounds(Duration::ms(ms), true));
  }
  CHECK(sounding == 10000);
}

TEST_CASE("a code that the device reports is not cleared when another condition changes",
          "[WS-46]") {
  FaultSet set;
  set.set(24);
  update_faults(Product::WecoSmart, 0, bit(Condition::MeterLost), set);
  CHECK(set.active(24));
  update_faults(Product::WecoSmart, bit(Condition::MeterLost), 0, set);
  CHECK(set.active(24));
  CHECK_FALSE(set.active(5));
}
