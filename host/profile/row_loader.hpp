// SPDX-License-Identifier: Apache-2.0
// Rows and groups of a profile: the checks that keep a map honest.
#pragma once

#include <string>

#include "host/profile/lua_data.hpp"
#include "host/profile/profile.hpp"
#include "host/profile/schema.hpp"

namespace weco {

/// Reads "rows" and "groups" of `table` into `group`. `depth` counts the repeated groups around it.
void load_group_content(Schema& schema, const DataValue& table, const Profile& profile,
                        ProfileGroup& group, int depth);

/// What only the whole map shows: overlapping rows, one point twice, addresses beyond 65535, counts
/// that no row of the parent carries.
void check_map(Schema& schema, const Profile& profile);

/// How a sign is called that agrees with the vocabulary, and the opposite.
struct SignWords {
  std::string_view same;
  std::string_view opposite;
};
SignWords sign_words(Sign sign);

/// The bits of one value: 1, 16, 32 or 64; 0 for text, clocks and F32.
int wire_bits(WireType type);
/// Its registers; 1 for a coil, too. Not for Text, whose size is the row's own.
std::uint8_t wire_registers(WireType type);
bool is_decimal(WireType type);
/// Whether the type carries a text point.
bool is_text(WireType type);
bool wire_signed(WireType type);
/// Smallest and largest wire value of an integer type, as far as 64 signed bits hold it.
struct WireLimits {
  std::int64_t min = 0;
  std::int64_t max = 0;
};
WireLimits wire_limits(WireType type);

}  // namespace weco
