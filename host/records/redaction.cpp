// SPDX-License-Identifier: Apache-2.0
#include "host/records/redaction.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <nlohmann/json.hpp>
#include <regex>
#include <vector>

#include "host/profile/profile.hpp"

namespace weco::records {
namespace {

using Json = nlohmann::ordered_json;  // members stay in their order

constexpr std::string_view kGone = "(redacted)";

// Anywhere in a member's name, however it is put together.
constexpr std::string_view kSecretParts[] = {"password", "passphrase", "passwd",   "secret",
                                             "token",    "ssid",       "wifi_name"};
// Whole words of it: contactors are not a contact.
constexpr std::string_view kSecretWords[] = {"psk", "pin", "key"};
constexpr std::string_view kPersonWords[] = {
    "owner",     "customer", "contact", "phone",     "email",        "e_mail",   "latitude",
    "longitude", "person",   "site",    "installer", "address_line", "operator", "by"};

/// In small letters, between underlines: "_wifi_name_".
std::string words_of(std::string_view name) {
  std::string words = "_";
  for (const char c : name) {
    words +=
        c == '-' || c == ' ' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return words + "_";
}
bool has_part(std::string_view words, std::span<const std::string_view> parts) {
  return std::ranges::any_of(
      parts, [&](std::string_view part) { return words.find(part) != std::string_view::npos; });
}
bool has_word(std::string_view words, std::span<const std::string_view> wanted) {
  return std::ranges::any_of(wanted, [&](std::string_view word) {
    return words.find("_" + std::string(word) + "_") != std::string_view::npos;
  });
}

struct TextRule {
  Redaction id;
  std::regex wanted;
  std::string left;  // in its place
};
const std::vector<TextRule>& text_rules() {
  static const std::vector<TextRule> rules = [] {
    const auto flags = std::regex::ECMAScript | std::regex::optimize | std::regex::icase;
    std::vector<TextRule> made;
    made.push_back({Redaction::Home, std::regex(R"((/home/|/Users/)[^/\s"]+)", flags),
                    "$1" + std::string(kGone)});
    made.push_back({Redaction::Mail,
                    std::regex(R"([A-Z0-9._%+-]+@[A-Z0-9-]+(\.[A-Z0-9-]+)+)", flags),
                    std::string(kGone)});
    made.push_back(
        {Redaction::Radio,
         std::regex(R"(\b((?:[0-9A-F]{2}[:_-]){3})(?:[0-9A-F]{2}[:_-]){2}[0-9A-F]{2}\b)", flags),
         "$1xx:xx:xx"});
    made.push_back({Redaction::Network, std::regex(R"(\b(tcp|udp):(\[[^\]]*\]|[^\s:/"?]+))", flags),
                    "$1:" + std::string(kGone)});
    return made;
  }();
  return rules;
}

std::vector<std::uint8_t> bytes_of(std::string_view hex) {
  std::vector<std::uint8_t> bytes(hex.size() / 2);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::from_chars(hex.data() + 2 * i, hex.data() + 2 * i + 2, bytes[i], 16);
  }
  return bytes;
}

/// Somewhere in these bytes registers of the WiFi are asked for: function 3 or 4, first, count.
bool asks_for_wifi(std::span<const std::uint8_t> bytes) {
  for (std::size_t i = 0; i + 5 <= bytes.size(); ++i) {
    if (bytes[i] != 3 && bytes[i] != 4) continue;
    const unsigned first = bytes[i + 1] * 256U + bytes[i + 2];
    const unsigned count = bytes[i + 3] * 256U + bytes[i + 4];
    if (count == 0 || count > 125) continue;
    if (first <= kBluettiWifiLast && first + count > kBluettiWifiFirst) return true;
  }
  return false;
}

/// A zero byte is the sign of something else than text.
bool is_text(std::string_view content) { return content.find('\0') == std::string_view::npos; }

}  // namespace

std::string Redactor::plain(std::string_view text) {
  std::string clean(text);
  for (const TextRule& rule : text_rules()) {
    const auto found = std::distance(std::sregex_iterator(clean.begin(), clean.end(), rule.wanted),
                                     std::sregex_iterator());
    if (found == 0) continue;
    taken_[static_cast<std::size_t>(rule.id)] += static_cast<std::uint64_t>(found);
    clean = std::regex_replace(clean, rule.wanted, rule.left);
  }
  return clean;
}

template <class Value>
void Redactor::walk(Value& value) {
  if (value.is_string()) {
    value = plain(value.template get_ref<const std::string&>());
    return;
  }
  if (value.is_array()) {
    for (auto& each : value) walk(each);
    return;
  }
  if (!value.is_object()) return;
  for (auto& [name, member] : value.items()) {
    const std::string words = words_of(name);
    const bool secret = has_part(words, kSecretParts) || has_word(words, kSecretWords);
    const bool person = !secret && has_word(words, kPersonWords);
    if ((secret || person) && !member.is_null() && !member.is_boolean()) {
      count(secret ? Redaction::Secret : Redaction::Person);
      member = kGone;
    } else {
      walk(member);
    }
  }
}

/// An event of a recording: what answers a read of the WiFi's registers goes, until another
/// question is asked.
template <class Value>
void Redactor::take_wifi(Value& event) {
  if (!event.is_object() || !event.contains("kind") || !event.contains("hex")) return;
  if (!event["kind"].is_string() || !event["hex"].is_string()) return;
  const auto& hex = event["hex"].template get_ref<const std::string&>();
  if (event["kind"] == "tx") secret_answers_ = asks_for_wifi(bytes_of(hex));
  if (event["kind"] != "rx" || !secret_answers_) return;
  count(Redaction::WifiRegisters);
  event["hex"] = kGone;
}

template <class Value>
std::string Redactor::cleaned(Value value) {
  take_wifi(value);
  walk(value);
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string Redactor::line(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  const bool json = first != std::string_view::npos && (text[first] == '{' || text[first] == '[');
  Json value = json ? Json::parse(text, nullptr, false) : Json();
  if (!json || value.is_discarded()) return plain(text);
  return cleaned(std::move(value));
}

Outcome<std::string> Redactor::text(std::string_view content, const std::string& name) {
  secret_answers_ = false;
  if (!is_text(content)) {
    return failure(ErrorCode::BadInput, "this is no text, so it cannot be looked through", name,
                   "Record to a file that ends with .ndjson, or give it apart.");
  }
  if (Json whole = Json::parse(content, nullptr, false); whole.is_structured()) {
    return cleaned(std::move(whole)) + "\n";
  }
  std::string clean;
  for (std::size_t at = 0; at < content.size();) {
    const std::size_t end = std::min(content.find('\n', at), content.size());
    clean += line(content.substr(at, end - at)) + "\n";
    at = end + 1;
  }
  return clean;
}

}  // namespace weco::records
