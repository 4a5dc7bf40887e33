// SPDX-License-Identifier: Apache-2.0
#include "host/proof/canonical.hpp"

#include <fmt/format.h>

namespace weco::proof {
namespace {

constexpr std::size_t kTextMax = 64U << 20U;
constexpr int kDepthMax = 64;

/// Seen before parsing, so that no depth is ever followed.
bool too_deep(std::string_view text) {
  int depth = 0;
  bool in_text = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_text && c == '\\') {
      ++i;
    } else if (c == '"') {
      in_text = !in_text;
    } else if (!in_text && (c == '[' || c == '{')) {
      if (++depth > kDepthMax) return true;
    } else if (!in_text && (c == ']' || c == '}')) {
      --depth;
    }
  }
  return false;
}

const Json* member(const Json& object, std::string_view key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(std::string(key));
  return found == object.end() ? nullptr : &*found;
}

}  // namespace

std::string canonical(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Outcome<Json> parse_json(std::string_view text, const std::string& where) {
  if (text.size() > kTextMax) {
    return failure(ErrorCode::TooLong, "the file has more than 64 MiB", where);
  }
  if (too_deep(text)) return failure(ErrorCode::BadInput, "the JSON is nested too deeply", where);
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    return failure(ErrorCode::BadInput, fmt::format("this is no JSON at byte {}", error.byte),
                   where);
  } catch (const Json::exception&) {
    return failure(ErrorCode::BadInput, "this is no JSON", where);
  }
}

std::string text_of(const Json& object, std::string_view key) {
  const Json* found = member(object, key);
  return found != nullptr && found->is_string() ? found->get<std::string>() : std::string();
}

std::int64_t whole_of(const Json& object, std::string_view key) {
  const Json* found = member(object, key);
  return found != nullptr && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

bool truth_of(const Json& object, std::string_view key) {
  const Json* found = member(object, key);
  return found != nullptr && found->is_boolean() && found->get<bool>();
}

const Json& list_of(const Json& object, std::string_view key) {
  static const Json kEmpty = Json::array();
  const Json* found = member(object, key);
  return found != nullptr && found->is_array() ? *found : kEmpty;
}

const Json& object_of(const Json& object, std::string_view key) {
  static const Json kEmpty = Json::object();
  const Json* found = member(object, key);
  return found != nullptr && found->is_object() ? *found : kEmpty;
}

}  // namespace weco::proof
