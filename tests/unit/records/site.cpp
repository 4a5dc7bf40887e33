// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/records/site.hpp"

#include <algorithm>

#include "host/profile/catalog.hpp"
#include "sim/device/virtual_device.hpp"
#include "sim/timeline/timeline.hpp"
#include "tests/support/catch.hpp"

namespace weco::test {

const Checklists& checklists() {
  static const Checklists kAll = [] {
    auto all = Checklists::embedded();
    if (!all) FAIL(all.error().where + ": " + all.error().what);
    return std::move(*all);
  }();
  return kAll;
}

const Checklist& checklist(std::string_view family, std::string_view name) {
  const auto found = checklists().find(family, name);
  REQUIRE(found);
  return **found;
}

DeviceReport healthy_tower() {
  sim::Timeline timeline;
  const auto catalog = Catalog::embedded();
  REQUIRE(catalog);
  const auto profile = catalog->load("weco_smart");
  REQUIRE(profile);
  auto device = sim::VirtualDevice::make(timeline, **profile, {});
  REQUIRE(device);
  DeviceReport report;
  report.endpoint = "sim:weco_smart";
  report.family = "weco_smart";
  report.snapshot = (*device)->values();
  report.snapshot.put(number_reading({point("hours_since_full"), 0, {}}, {312, 0}, {}));
  report.snapshot.put(number_reading({point("offline_days"), 0, {}}, {2, 0}, {}));
  assess_again(report);
  return report;
}

void assess_again(DeviceReport& report) {
  report.assessment = assess(report.snapshot, {}, report.findings);
}

void set_number(DeviceReport& report, std::string_view point, std::string_view value,
                std::string_view where) {
  const auto id = find_point(point);
  REQUIRE(id);
  std::vector<Reading> changed;
  for (const auto& [ref, reading] : report.snapshot.readings()) {
    if (ref.id != *id || (!where.empty() && to_text(ref) != where)) continue;
    changed.push_back(reading);
    changed.back().number = *parse_decimal(value);
  }
  REQUIRE_FALSE(changed.empty());
  for (const Reading& reading : changed) report.snapshot.put(reading);
  assess_again(report);
}

void set_choice(DeviceReport& report, std::string_view point, std::string_view symbol) {
  const auto id = find_point(point);
  REQUIRE(id);
  const auto symbols = info(*id).symbols;
  const auto found = std::ranges::find(symbols, symbol);
  REQUIRE(found != symbols.end());
  std::vector<Reading> changed;
  for (const auto& [ref, reading] : report.snapshot.readings()) {
    if (ref.id == *id) changed.push_back(reading);
  }
  REQUIRE_FALSE(changed.empty());
  changed.front().bits = static_cast<std::uint64_t>(found - symbols.begin());
  report.snapshot.put(changed.front());
  assess_again(report);
}

records::Given good_answer(const ChecklistItem& item) {
  records::Given given;
  const Acceptance& accept = item.accept;
  if (accept.kind == Acceptance::Kind::Number) {
    given.value = std::string(to_text(accept.min ? *accept.min : *accept.max).view());
  } else if (accept.kind == Acceptance::Kind::Torque) {
    given.torque = records::Torque{accept.max ? "" : "6.0",
                                   accept.max ? std::string(to_text(*accept.max).view()) : "6.0",
                                   "wrench 7, certificate 2026-03", true, true};
  }
  return given;
}

void answer_all(records::Run& run, std::int64_t now) {
  for (const ChecklistItem* item : run.open()) {
    const Done done = run.answer(item->id, good_answer(*item), now);
    INFO(item->id << ": " << (done ? "" : done.error().what));
    REQUIRE(done);
  }
}

proof::SecretKey test_key() {
  proof::SecretKey key;
  for (std::size_t i = 0; i < key.seed.size(); ++i) key.seed[i] = static_cast<std::uint8_t>(i * 7);
  for (std::size_t i = 0; i < key.id.size(); ++i) key.id[i] = static_cast<std::uint8_t>(i + 1);
  return key;
}

}  // namespace weco::test
