// SPDX-License-Identifier: Apache-2.0
// A measured value together with whether it is there. "Not there" is a quality and never a number,
// so a missing meter cannot be mistaken for a house that draws nothing.
#pragma once

#include <cstdint>

namespace weco::ems {

enum class Quality : std::uint8_t { Absent, Good };

template <class T>
struct Reading {
  T value{};
  Quality quality = Quality::Absent;

  static constexpr Reading good_of(T v) { return {v, Quality::Good}; }
  [[nodiscard]] constexpr bool good() const { return quality == Quality::Good; }
};

/// How sure a figure is. `Published` stands in the vendor's manual or in a document that names it;
/// `Decoded` was read out of a certified device's settings; `Unsure` is remembered or second hand
/// and never enabled unless somebody asks for it; `Ours` is our own choice where nothing is
/// published.
enum class Confidence : std::uint8_t { Published, Decoded, Unsure, Ours };

}  // namespace weco::ems
