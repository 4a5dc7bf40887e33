// SPDX-License-Identifier: Apache-2.0
#include "sim/device/values_families.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>

#include "sim/device/writer.hpp"

namespace weco::sim {

namespace {
struct FamilyModel {
  std::string_view family;
  std::unique_ptr<ValueModel> (*make)(std::uint32_t seed);
};
constexpr FamilyModel kModels[] = {
    {"bluetti_ep760", bluetti_ep760_values}, {"bluetti_v1", bluetti_v1_values},
    {"eastron_sdm72", sdm72_values},         {"ep760_open", ep760_open_values},
    {"saj_cm2_ems", saj_cm2_values},         {"saj_h2", saj_h2_values},
    {"weco_service", weco_service_values},
};
/// A short-map meter at a house that imports a little.
class Sdm72 final : public ValueModel {
 public:
  void update(Instant now, Snapshot& values) override {
    Writer w(values, now);
    const std::int64_t watts = 820 + wave(now, Duration::minutes(5));
    w.number(point("grid_power_total"), watts, 0);
    w.number(point("import_power"), watts, 0);
    w.number(point("export_power"), 0, 0);
    w.number(point("energy_import_total"), 1234567, -2);
    w.number(point("energy_export_total"), 76543, -2);
    w.number(point("energy_sum"), 1311110, -2);
    w.number(point("meter_parity"), 0, 0);
    w.number(point("meter_address"), 1, 0);
    w.number(point("meter_speed"), 9600, 0);
  }
};

/// A WeCo bank seen through its service line: a master and two slaves, charging.
class ServiceLine final : public ValueModel {
 public:
  void update(Instant now, Snapshot& values) override {
    Writer bank(values, now);
    const std::int64_t centiamps = 1800 + wave(now, Duration::minutes(10));
    bank.number(point("cell_count"), 16, 0);
    bank.text(point("bootloader_version"), "12");
    bank.text(point("firmware_version"), "214");
    bank.text(point("hardware_version"), "3");
    bank.number(point("charge_current_limit"), 900, -1);
    bank.number(point("discharge_current_limit"), 1500, -1);
    bank.number(point("pack_current"), 3 * centiamps / 10, -1);
    bank.number(point("soc"), 640, -1);
    for (std::uint8_t n = 1; n <= 4; ++n) bank.word(point("status_word"), n, n == 3 ? 0x3 : 0);
    for (std::uint8_t m = 1; m <= 3; ++m) module(bank.at(NodeKind::Module, m), m, centiamps);
  }

 private:
  static void module(Writer w, std::uint8_t m, std::int64_t centiamps) {
    w.number(point("pack_voltage"), 5316 + m, -2);
    w.number(point("pack_current"), centiamps, -2);
    w.number(point("cell_temperature_max"), 22 + m, 0);
    w.number(point("cell_temperature_min"), 20 + m, 0);
    w.number(point("cell_voltage_max"), 3326, -3);
    w.number(point("cell_voltage_min"), 3319, -3);
    w.number(point("soc"), 636 + 4 * m, -1);
    if (m > 1) return;  // only the master's cells are on the wire
    for (std::uint8_t c = 1; c <= 16; ++c) {
      w.number(point("cell_voltage"), 3319 + c * 7 % 8, -3, c);
    }
  }
};

}  // namespace

std::unique_ptr<ValueModel> sdm72_values(std::uint32_t /*seed*/) {
  return std::make_unique<Sdm72>();
}

std::unique_ptr<ValueModel> weco_service_values(std::uint32_t /*seed*/) {
  return std::make_unique<ServiceLine>();
}

std::unique_ptr<ValueModel> family_values(const Profile& profile, std::uint32_t seed) {
  const auto* model =
      std::find_if(std::begin(kModels), std::end(kModels),
                   [&](const FamilyModel& each) { return each.family == profile.family; });
  return model == std::end(kModels) ? nullptr : model->make(seed);
}

}  // namespace weco::sim
