// SPDX-License-Identifier: Apache-2.0
#include "core/ems/faults.hpp"

#include "core/ems/fault_tables.hpp"

namespace weco::ems {

std::span<const FaultInfo> faults_of(Product product) {
  switch (product) {
    case Product::WecoSmart:
      return detail::kSmartFaults;
    case Product::Ep760:
      return detail::kEp760Faults;
    case Product::SajCm2:
      break;
  }
  return {};
}

const FaultInfo* find_fault(Product product, std::uint16_t code) {
  for (const FaultInfo& fault : faults_of(product)) {
    if (fault.code == code) return &fault;
  }
  return nullptr;
}

bool sounds_buzzer(Product product, std::uint16_t code) {
  if (product != Product::Ep760) return false;
  for (const std::uint16_t sounding : detail::kBuzzerFaults) {
    if (sounding == code) return true;
  }
  return false;
}

std::uint16_t code_of(Product product, Condition condition) {
  if (condition >= Condition::kCount) return 0;
  const detail::ConditionRow& row = detail::kConditionRows[static_cast<std::size_t>(condition)];
  if (product == Product::WecoSmart) return row.smart;
  return product == Product::Ep760 ? row.ep760 : std::uint16_t{0};
}

void FaultSet::set(std::uint16_t code) {
  if (code < kBits) {
    bits_[code / 32] |= 1U << (code % 32);
    return;
  }
  if (active(code)) return;
  if (!strange_.push_back(code)) more_ = true;
}

void FaultSet::clear(std::uint16_t code) {
  if (code < kBits) {
    bits_[code / 32] &= ~(1U << (code % 32));
    return;
  }
  FixedVector<std::uint16_t, 8> kept;
  for (const std::uint16_t other : strange_) {
    if (other != code) static_cast<void>(kept.push_back(other));
  }
  strange_ = kept;
}

bool FaultSet::active(std::uint16_t code) const {
  if (code < kBits) return (bits_[code / 32] >> (code % 32) & 1U) != 0;
  for (const std::uint16_t other : strange_) {
    if (other == code) return true;
  }
  return false;
}

bool FaultSet::any() const {
  for (const std::uint32_t word : bits_) {
    if (word != 0) return true;
  }
  return !strange_.empty() || more_;
}

void update_faults(Product product, ConditionSet before, ConditionSet now, FaultSet& faults) {
  if (before == now) return;
  for (std::size_t i = 0; i < kConditions; ++i) {  // first clear, then set: codes may be shared
    const auto condition = static_cast<Condition>(i);
    const std::uint16_t code = code_of(product, condition);
    if (code != 0 && (now & bit(condition)) == 0 && (before & bit(condition)) != 0) {
      faults.clear(code);
    }
  }
  for (std::size_t i = 0; i < kConditions; ++i) {
    const auto condition = static_cast<Condition>(i);
    const std::uint16_t code = code_of(product, condition);
    if (code != 0 && (now & bit(condition)) != 0) faults.set(code);
  }
}

}  // namespace weco::ems
