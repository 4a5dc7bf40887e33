// SPDX-License-Identifier: Apache-2.0
// Where sources disagree a decoder has to take a side. Each side taken is a row here, so that it
// can be shown next to the value; each thing on the bus that an installer should hear of is a
// finding.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weco::canbms {

/// Append only.
enum class Assumption : std::uint8_t {
  None,
  VoltageScaleByMagnitude,
  NegativeDischargeLimit,
  CurrentSign,
  KelvinOffset273,
  KelvinOffset272,
  EnergyTenthKwh,
  IdentityAhIsRemaining,
  IdentityAhIsCapacity,
  FirmwareDigits,
  RemainingAhAt355,
  PytesCurrentScale,
  DeyePcsCells,
};

struct AssumptionInfo {
  Assumption assumption;
  std::string_view name;      // stable, for JSON
  std::string_view sentence;  // what was assumed and who says otherwise
};

inline constexpr std::array kAssumptions = {
    AssumptionInfo{Assumption::None, "none", ""},
    AssumptionInfo{Assumption::VoltageScaleByMagnitude, "voltage_scale_by_magnitude",
                   "The scale of the voltage in 0x356 (0.01 V or 0.1 V) was taken from its size, "
                   "because the limits in 0x351 do not decide it."},
    AssumptionInfo{Assumption::NegativeDischargeLimit, "negative_discharge_limit",
                   "The discharge limit in 0x351 came negative; its magnitude is shown."},
    AssumptionInfo{Assumption::CurrentSign, "current_sign",
                   "Current in 0x356 is taken as positive while charging; Sol-Ark says that the "
                   "sign varies by maker. Confirm it once while charging."},
    AssumptionInfo{Assumption::KelvinOffset273, "kelvin_offset_273",
                   "Cell temperatures in 0x373 are kelvin minus 273; other sources use 273.15."},
    AssumptionInfo{Assumption::KelvinOffset272, "kelvin_offset_272",
                   "Cell temperatures of BYD in 0x373 are kelvin minus 272, as the one published "
                   "capture is read by its author; others use 273, which shows 1 degree less."},
    AssumptionInfo{
        Assumption::EnergyTenthKwh, "energy_tenth_kwh",
        "Energy counters in 0x378 are in 0.1 kWh (BYD, Pytes, Safiery); MG Energy counts "
        "0.01 kWh."},
    AssumptionInfo{Assumption::IdentityAhIsRemaining, "identity_ah_is_remaining",
                   "The ampere-hours in 0x35F are what is left (Victron, BYD); SMA calls them the "
                   "capacity."},
    AssumptionInfo{Assumption::IdentityAhIsCapacity, "identity_ah_is_capacity",
                   "The ampere-hours in 0x35F are the capacity (SMA); Victron and BYD send what is "
                   "left."},
    AssumptionInfo{Assumption::FirmwareDigits, "firmware_digits",
                   "The version in 0x35F is read high byte first, each byte as two printed digits "
                   "(BYD); MG Energy reads the low byte as a decimal number."},
    AssumptionInfo{Assumption::RemainingAhAt355, "remaining_ah_at_355",
                   "The last two bytes of 0x355 are remaining ampere-hours (Sofar, YamBMS); "
                   "Luxpower sends the lowest cell there."},
    AssumptionInfo{Assumption::PytesCurrentScale, "pytes_current_scale",
                   "The current in 0x405 is taken in 0.1 A; the published captures show only 0."},
    AssumptionInfo{Assumption::DeyePcsCells, "deye_pcs_cells",
                   "Cell extremes of the Deye PCS set rest on captures of one maker."},
};

/// What the bus shows beyond values. Append only.
enum class Finding : std::uint8_t {
  ChargeLimitZero,
  DischargeLimitZero,
  VoltageScaleUndecided,
  FineSocDisagrees,
  NonStandardAlarmBits,
  ShutdownRequested,
  IdsDropped,
};

struct FindingInfo {
  Finding finding;
  std::string_view name;
  std::string_view sentence;
};

inline constexpr std::array kFindings = {
    FindingInfo{Finding::ChargeLimitZero, "charge_limit_zero",
                "The battery allows 0 A of charge. Some inverters ignore a limit of 0 A."},
    FindingInfo{
        Finding::DischargeLimitZero, "discharge_limit_zero",
        "The battery allows 0 A of discharge. Some inverters ignore a limit of 0 A, a Multi "
        "in island mode switches off."},
    FindingInfo{Finding::VoltageScaleUndecided, "voltage_scale_undecided",
                "The voltage in 0x356 fits neither 0.01 V nor 0.1 V; it is shown raw only."},
    FindingInfo{Finding::FineSocDisagrees, "fine_soc_disagrees",
                "Bytes 4-5 of 0x355 do not agree with the state of charge; they are shown raw only "
                "(Luxpower sends the highest cell there)."},
    FindingInfo{Finding::NonStandardAlarmBits, "non_standard_alarm_bits",
                "0x359 sets bits that the published tables do not name; see the raw words."},
    FindingInfo{Finding::ShutdownRequested, "shutdown_requested",
                "The battery announces a preventive shutdown (0x35B bit 4)."},
    FindingInfo{Finding::IdsDropped, "ids_dropped",
                "More identifiers are on the bus than are kept; some are not shown."},
};

namespace detail {
consteval bool assumptions_in_order() {
  for (std::size_t i = 0; i < kAssumptions.size(); ++i) {
    if (static_cast<std::size_t>(kAssumptions[i].assumption) != i) return false;
  }
  for (std::size_t i = 0; i < kFindings.size(); ++i) {
    if (static_cast<std::size_t>(kFindings[i].finding) != i) return false;
  }
  return true;
}
}  // namespace detail
static_assert(detail::assumptions_in_order(), "the tables are indexed by their enumerators");

constexpr const AssumptionInfo& info(Assumption a) {
  return kAssumptions[static_cast<std::size_t>(a)];
}
constexpr const FindingInfo& info(Finding f) { return kFindings[static_cast<std::size_t>(f)]; }

/// A small set of enumerators of one enum, at most 32.
template <class Enum>
class EnumSet {
 public:
  constexpr void set(Enum e, bool on = true) { bits_ = on ? bits_ | bit(e) : bits_ & ~bit(e); }
  [[nodiscard]] constexpr bool has(Enum e) const { return (bits_ & bit(e)) != 0; }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  constexpr void clear() { bits_ = 0; }
  [[nodiscard]] constexpr std::uint32_t bits() const { return bits_; }
  friend constexpr bool operator==(EnumSet, EnumSet) = default;

 private:
  static constexpr std::uint32_t bit(Enum e) { return 1U << static_cast<unsigned>(e); }
  std::uint32_t bits_ = 0;
};

}  // namespace weco::canbms
