// SPDX-License-Identifier: Apache-2.0
// One spelling for each value, so that equal contents have equal bytes and a digest means the
// content: keys sorted, no blanks, whole numbers only (decimals are text), UTF-8 as it is. For such
// values this is the form of RFC 8785.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "host/failure/failure.hpp"

namespace weco::proof {

using Json = nlohmann::json;

/// Text that is no UTF-8 is replaced, never refused: it comes from devices.
std::string canonical(const Json& value);
/// BadInput with the position for what is no JSON; at most 64 levels and 64 MiB.
Outcome<Json> parse_json(std::string_view text, const std::string& where);

/// Members of an object, with an empty value where the member is missing or of another kind.
std::string text_of(const Json& object, std::string_view key);
std::int64_t whole_of(const Json& object, std::string_view key);
bool truth_of(const Json& object, std::string_view key);
const Json& list_of(const Json& object, std::string_view key);
const Json& object_of(const Json& object, std::string_view key);

}  // namespace weco::proof
