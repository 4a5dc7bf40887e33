// SPDX-License-Identifier: Apache-2.0
// Text points whose wire is no plain text: characters swapped within a register, numbers that are
// shown as text (a serial number, a version), clocks. Both ways; nothing allocates.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/points/point.hpp"

namespace weco {

/// Text up to its first zero byte, without trailing blanks; empty or all ones is NotImplemented.
Reading text_from_wire(const PointRef& ref, Bytes data, bool low_byte_first, Instant at);
/// False when the text is longer than `out`; the rest of `out` becomes zero.
bool text_to_wire(std::string_view text, bool low_byte_first, MutableBytes out);

/// 403209 with exponent -2 is "4032.09".
Reading decimal_text(const PointRef& ref, std::uint64_t wire, int exponent, Instant at);
/// The inverse; BadInput unless the text has exactly the digits that the exponent says.
Result<std::uint64_t> decimal_from_text(std::string_view text, int exponent);

/// "2026-05-09T15:33:58" from six bytes (year after 2000) or eight (whole year, a zero at the end).
/// A date that does not exist is OutOfRange, all zeros are NotImplemented.
Reading clock_text(const PointRef& ref, Bytes data, Instant at);
bool clock_to_wire(std::string_view text, MutableBytes out);

}  // namespace weco
