// SPDX-License-Identifier: Apache-2.0
// What the nameplates allow: one row of ratings a model, with the source beside the figures. A
// rating is what the product may ever do; what it may do now is decided in tick().
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/time.hpp"
#include "core/base/units.hpp"

namespace weco::ems {

enum class Product : std::uint8_t { WecoSmart, SajCm2, Ep760 };

/// One step of an overload rating: loads above `above_permille` of the rated power up to
/// `to_permille` are carried for `allowed`. Above the last band output stops at once.
struct OverloadBand {
  std::int32_t above_permille;
  std::int32_t to_permille;
  Duration allowed;
};
inline constexpr std::size_t kOverloadBandsMax = 2;

/// Zero means: the vendor has not published it.
struct Ratings {
  Product product;
  std::string_view name;
  Watts pv_max;            // sum of all trackers
  Watts ac_rated;          // continuous, on the grid and on backup
  Watts ac_input_max;      // what the inverter may draw from the AC side to charge
  Watts bypass_max;        // apparent power passed from grid to backup, in VA
  Watts generator_rated;   // 0: no figure published
  Millivolts voltage_min;  // phase to neutral, operating range of the inverter
  Millivolts voltage_max;
  Millihertz frequency_min;
  Millihertz frequency_max;
  std::uint8_t phases;
  std::uint8_t mppt_count;
  Duration changeover_max;                               // grid to backup
  std::array<OverloadBand, kOverloadBandsMax> overload;  // a band with allowed 0 is unused
  Temperature ambient_min;                               // equal to ambient_max: not published
  Temperature ambient_derating;                          // output is reduced above this
  Temperature ambient_max;
  std::uint16_t drm_inputs;    // bit n: the port can carry DRM n
  std::uint8_t ripple_inputs;  // bit n: relay n of 100, 60, 30, 0 percent
  std::string_view source;
};

namespace detail {
// Line-to-line 310-476 V of WeCo's table is 179-274.8 V to neutral; EP760 states 185-285 V.
// Generator: WeCo's nameplate says 8-15 kVA, its specification table 16 kVA for the 8K; the two
// disagree, and the smaller is used.
inline constexpr std::string_view kSmartSource =
    "WeCo Smart All-In-One manual, nameplates and table 2-3";
inline constexpr std::string_view kEp760Source = "BLUETTI EP760 manual, 10.1 to 10.3";
inline constexpr std::string_view kCm2Source = "SAJ CM2 EMS manual; it names no power";
inline constexpr std::uint16_t kDrmAll = 0x1FF;     // DRM0 to DRM8 (WS-48, CM-05)
inline constexpr std::uint16_t kDrmOnly0 = 0x001;   // EP760: one input, EXT IN; taken as DRM0
inline constexpr std::uint8_t kRippleAll = 0x0F;    // D_IN1 to D_IN4 (CM-05)
inline constexpr std::uint8_t kRippleOnly0 = 0x08;  // EP760: the one input, taken as 0 %
inline constexpr OverloadBand kNoBand{0, 0, Duration{}};
inline constexpr std::array<OverloadBand, 2> kSmartOverload{
    {{1000, 1500, Duration::s(10)}, kNoBand}};  // WS-06
inline constexpr std::array<OverloadBand, 2> kEp760Overload{
    {{1000, 1100, Duration::minutes(10)}, {1100, 1500, Duration::s(10)}}};  // EP-04
inline constexpr std::array<OverloadBand, 2> kNoOverload{{kNoBand, kNoBand}};

consteval Ratings smart(std::string_view name, std::int32_t kw, std::int32_t pv_kw,
                        std::int32_t bypass_va) {
  const Watts rated(kw * 1000);
  return {.product = Product::WecoSmart,
          .name = name,
          .pv_max = Watts(pv_kw * 1000),
          .ac_rated = rated,
          .ac_input_max = rated,
          .bypass_max = Watts(bypass_va),
          .generator_rated = rated,
          .voltage_min = Millivolts(179000),
          .voltage_max = Millivolts(274800),
          .frequency_min = Millihertz(45000),
          .frequency_max = Millihertz(65000),
          .phases = 3,
          .mppt_count = 2,
          .changeover_max = Duration::ms(20),
          .overload = kSmartOverload,
          .ambient_min = Temperature::celsius(-20),
          .ambient_derating = Temperature::celsius(40),
          .ambient_max = Temperature::celsius(50),
          .drm_inputs = kDrmAll,
          .ripple_inputs = kRippleAll,
          .source = kSmartSource};
}

consteval Ratings ep760(std::string_view name, std::int32_t rated_w) {
  return {.product = Product::Ep760,
          .name = name,
          .pv_max = Watts(9000),
          .ac_rated = Watts(rated_w),
          .ac_input_max = Watts(rated_w),
          .bypass_max = Watts(11500),
          .generator_rated = Watts(0),
          .voltage_min = Millivolts(185000),
          .voltage_max = Millivolts(285000),
          .frequency_min = Millihertz(47500),
          .frequency_max = Millihertz(51500),
          .phases = 1,
          .mppt_count = 3,
          .changeover_max = Duration::ms(10),
          .overload = kEp760Overload,
          .ambient_min = Temperature::celsius(-20),
          .ambient_derating = Temperature::celsius(40),
          .ambient_max = Temperature::celsius(40),
          .drm_inputs = kDrmOnly0,
          .ripple_inputs = kRippleOnly0,
          .source = kEp760Source};
}

consteval Ratings cm2() {
  return {.product = Product::SajCm2,
          .name = "CM2",
          .pv_max = Watts(0),
          .ac_rated = Watts(0),
          .ac_input_max = Watts(0),
          .bypass_max = Watts(0),
          .generator_rated = Watts(0),
          .voltage_min = Millivolts(0),
          .voltage_max = Millivolts(0),
          .frequency_min = Millihertz(0),
          .frequency_max = Millihertz(0),
          .phases = 3,
          .mppt_count = 0,
          .changeover_max = Duration{},
          .overload = kNoOverload,
          .ambient_min = Temperature{},
          .ambient_derating = Temperature{},
          .ambient_max = Temperature{},
          .drm_inputs = kDrmAll,
          .ripple_inputs = kRippleAll,
          .source = kCm2Source};
}

}  // namespace detail

// Bypass: three phases at 230 V with the bypass current of WS-05.
// The count is written out because GCC 12 puts arrays whose type is deduced into RAM.
inline constexpr std::array<Ratings, 7> kRatings{
    detail::smart("SMART-S3-8K", 8, 16, 3 * 230 * 232 / 10),
    detail::smart("SMART-S3-10K", 10, 20, 3 * 230 * 290 / 10),
    detail::smart("SMART-S3-12K", 12, 24, 3 * 230 * 348 / 10),
    detail::smart("SMART-S3-15K", 15, 28, 3 * 230 * 438 / 10),
    detail::ep760("EP760", 7600),
    detail::ep760("EP760-DE", 4600),
    detail::cm2(),
};

namespace detail {
consteval bool ratings_hold_together() {
  for (const Ratings& r : kRatings) {
    if (r.name.empty() || (r.phases != 1 && r.phases != 3)) return false;
    if (r.voltage_min > r.voltage_max || r.frequency_min > r.frequency_max) return false;
    if (r.ambient_min > r.ambient_derating || r.ambient_derating > r.ambient_max) return false;
    std::int32_t reached = 1000;
    for (const OverloadBand& band : r.overload) {
      if (band.allowed == Duration{}) continue;
      if (band.above_permille != reached || band.to_permille <= reached) return false;
      reached = band.to_permille;
    }
  }
  return true;
}
}  // namespace detail
static_assert(detail::ratings_hold_together(), "ranges are ordered and overload bands join");

}  // namespace weco::ems
