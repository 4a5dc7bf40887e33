// SPDX-License-Identifier: Apache-2.0
// The table decides; the code only finds the row and compares.
#include "core/bms/storage.hpp"

namespace weco::bms {
namespace {

constexpr Temperature kNoChargeBelow = Temperature::celsius(10);  // WS-37

StorageVerdict judge(const StorageRow& row, Temperature t, Permyriad soc, std::int32_t months) {
  if (soc < row.soc_low) {
    return t < kNoChargeBelow ? StorageVerdict::TooColdToCharge : StorageVerdict::ChargeFirst;
  }
  if (soc > row.soc_high) return StorageVerdict::DischargeFirst;
  return months >= row.months ? StorageVerdict::InspectionDue : StorageVerdict::Good;
}

}  // namespace

StorageAdvice storage_advice(std::span<const StorageRow> table, Temperature t, Permyriad soc,
                             std::int32_t months_since_inspection) {
  for (const StorageRow& row : table) {
    if (t < row.from || t > row.to) continue;
    return {judge(row, t, soc, months_since_inspection), &row};
  }
  return {};
}

}  // namespace weco::bms
