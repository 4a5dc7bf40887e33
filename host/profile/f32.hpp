// SPDX-License-Identifier: Apache-2.0
// IEEE 754 singles as decimals and back. A meter that sends 43 66 33 33 means 230.2: the shortest
// decimal that becomes the same single again, not the digits of its binary fraction.
#pragma once

#include <cstdint>

#include "core/base/decimal.hpp"

namespace weco {

/// OutOfRange for infinities, NaN and values beyond what a Decimal holds; digits below 10^-12 are
/// rounded away.
Result<Decimal> decimal_from_f32(std::uint32_t bits);
/// The nearest single; OutOfRange beyond the largest.
Result<std::uint32_t> f32_from_decimal(Decimal value);

}  // namespace weco
