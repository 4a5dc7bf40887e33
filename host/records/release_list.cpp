// SPDX-License-Identifier: Apache-2.0
#include "host/records/release_list.hpp"

#include <algorithm>
#include <utility>

#include "host/proof/canonical.hpp"
#include "host/records/calendar.hpp"
#include "host/records/release.hpp"

namespace weco::records {
namespace {

using proof::Json;

constexpr std::string_view kSchema = "weco.releases/1";
constexpr std::size_t kReleasesMax = 10000;
constexpr std::size_t kTextMax = 256;
constexpr std::string_view kListKeys[] = {"schema", "issued", "releases"};
constexpr std::string_view kReleaseKeys[] = {"family", "part", "version", "released", "critical",
                                             "why",    "file", "bytes",   "sha256"};

Unexpected<Failure> wrong(const std::string& what, const std::string& where) {
  return failure(ErrorCode::BadInput, what, where,
                 "The form of the list stands in 'weco help flash due'.");
}

template <std::size_t N>
bool only(const Json& object, const std::string_view (&keys)[N]) {
  if (!object.is_object()) return false;
  for (const auto& [key, value] : object.items()) {
    if (std::ranges::find(keys, key) == std::end(keys)) return false;
  }
  return true;
}

bool has_text(const Json& object, std::string_view key, bool required) {
  const auto found = object.find(std::string(key));
  if (found == object.end()) return !required;
  return found->is_string() && found->get_ref<const std::string&>().size() <= kTextMax &&
         (!required || !found->get_ref<const std::string&>().empty());
}

bool is_day(std::string_view text) { return text.size() == 10 && parse_utc(text).has_value(); }

bool is_sha256(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// A name in one folder: the list must not lead anywhere else.
bool is_file_name(std::string_view text) {
  return text.find('/') == std::string_view::npos && text != "." && text != "..";
}

/// nullptr when the entry is as it should be.
const char* mistake_in(const Json& entry) {
  if (!only(entry, kReleaseKeys)) return "has a member that is not known";
  for (const std::string_view key : {"family", "version", "released"}) {
    if (!has_text(entry, key, true)) return "needs family, version and released, each a text";
  }
  for (const std::string_view key : {"part", "why", "file", "sha256"}) {
    if (!has_text(entry, key, false)) return "has a part, why, file or sha256 that is no text";
  }
  if (!is_day(proof::text_of(entry, "released"))) return "was released on no day (2026-11-20)";
  const auto critical = entry.find("critical");
  if (critical == entry.end() || !critical->is_boolean()) return "must say if it is critical";
  if (!compare_versions(proof::text_of(entry, "version"), "0")) return "has no number as version";
  if (std::ranges::find(kNodeNames, proof::text_of(entry, "part")) == kNodeNames.end()) {
    return "is for no known part of a device";
  }
  if (!is_file_name(proof::text_of(entry, "file"))) return "names a file in another folder";
  const auto bytes = entry.find("bytes");
  if (bytes != entry.end() && !(bytes->is_number_unsigned() && bytes->get<std::uint64_t>() > 0 &&
                                bytes->get<std::uint64_t>() < (1ULL << 40U))) {
    return "has bytes that are no size";
  }
  if (const std::string sha = proof::text_of(entry, "sha256"); !sha.empty() && !is_sha256(sha)) {
    return "has a sha256 that is none";
  }
  return nullptr;
}

KnownRelease release_from(const Json& entry) {
  KnownRelease release;
  release.family = proof::text_of(entry, "family");
  release.part = static_cast<NodeKind>(
      std::ranges::find(kNodeNames, proof::text_of(entry, "part")) - kNodeNames.begin());
  release.version = proof::text_of(entry, "version");
  release.day = parse_utc(proof::text_of(entry, "released")).value_or(0);
  release.critical = proof::truth_of(entry, "critical");
  release.why = proof::text_of(entry, "why");
  release.file = proof::text_of(entry, "file");
  release.bytes = proof::whole_of(entry, "bytes");
  release.file_sha256 = proof::text_of(entry, "sha256");
  return release;
}

bool same_release(const KnownRelease& a, const KnownRelease& b) {
  return a.family == b.family && a.part == b.part &&
         compare_versions(a.version, b.version) == std::strong_ordering::equal;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes the next number without its leading zeros; empty when there is none any more.
std::string_view next_number(std::string_view& text) {
  const auto begin = std::ranges::find_if(text, is_digit);
  text.remove_prefix(static_cast<std::size_t>(begin - text.begin()));
  const auto end = std::ranges::find_if_not(text, is_digit);
  std::string_view number = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(number.size());
  while (number.starts_with('0')) number.remove_prefix(1);
  return number;
}

}  // namespace

std::optional<std::strong_ordering> compare_versions(std::string_view left,
                                                     std::string_view right) {
  if (std::ranges::none_of(left, is_digit) || std::ranges::none_of(right, is_digit)) {
    return std::nullopt;
  }
  while (!left.empty() || !right.empty()) {
    const std::string_view a = next_number(left);
    const std::string_view b = next_number(right);
    if (a.size() != b.size()) return a.size() <=> b.size();
    if (const auto order = a.compare(b); order != 0) return order <=> 0;
  }
  return std::strong_ordering::equal;
}

Outcome<ReleaseList> parse_releases(std::string_view text, const std::string& where) {
  const auto json = proof::parse_json(text, where);
  if (!json) return Unexpected{json.error()};
  if (!only(*json, kListKeys) || proof::text_of(*json, "schema") != kSchema) {
    return wrong("this is no list of releases (" + std::string(kSchema) + ")", where);
  }
  const auto releases = json->find("releases");
  const std::string issued = proof::text_of(*json, "issued");
  if (!is_day(issued) || releases == json->end() || !releases->is_array() ||
      releases->size() > kReleasesMax) {
    return wrong("the list needs the day it was issued and at most 10000 releases", where);
  }
  ReleaseList list;
  list.issued = parse_utc(issued).value_or(0);
  for (const Json& entry : *releases) {
    const std::string who = "release " + std::to_string(list.releases.size() + 1);
    if (const char* mistake = mistake_in(entry)) return wrong(who + " " + mistake, where);
    list.releases.push_back(release_from(entry));
  }
  for (std::size_t i = 0; i < list.releases.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      if (!same_release(list.releases[i], list.releases[k])) continue;
      return wrong("release " + std::to_string(i + 1) + " is given twice", where);
    }
  }
  return list;
}

Outcome<ReleaseList> open_releases(std::string_view text, std::string_view signature,
                                   const std::vector<proof::PublicKey>& keys,
                                   const std::string& where) {
  std::optional<Failure> first;
  for (const proof::PublicKey& key : keys) {
    const auto checked = proof::check_file(key, text, signature, where, proof::FirstLine::Anything);
    if (checked) {
      auto list = parse_releases(text, where);
      if (list) list->signer = proof::to_text(checked->key);
      return list;
    }
    if (!first) first = checked.error();
  }
  if (first && keys.size() == 1) return Unexpected{std::move(*first)};
  return failure(ErrorCode::VerificationDiffers,
                 keys.empty() ? "no key is trusted that could have signed the list of releases"
                              : "none of the trusted keys has signed this list of releases",
                 where, "Trust the key of whoever keeps the list: weco key trust, or --key.");
}

Judged judge_version(const ReleaseList& list, std::string_view family, NodeKind part,
                     std::string_view running, std::int64_t now) {
  Judged judged;
  for (const KnownRelease& release : list.releases) {
    if (release.family != family || release.part != part || release.day > now) continue;
    if (judged.newest == nullptr || compare_versions(release.version, judged.newest->version) ==
                                        std::strong_ordering::greater) {
      judged.newest = &release;
    }
    const bool missing =
        compare_versions(release.version, running) == std::strong_ordering::greater;
    if (release.critical && missing &&
        (judged.pressing == nullptr || release.day < judged.pressing->day)) {
      judged.pressing = &release;
    }
  }
  if (judged.newest == nullptr) return judged;
  const auto order = compare_versions(judged.newest->version, running);
  if (!order) {
    judged.standing = Standing::NotComparable;
  } else if (judged.pressing != nullptr) {
    judged.last_day = judged.pressing->day + kFirmwareDays * kDay_s;
    const std::int64_t left = judged.last_day + kDay_s - 1 - now;
    judged.days_left = left >= 0 ? left / kDay_s : -((-left + kDay_s - 1) / kDay_s);
    judged.standing = left >= 0 ? Standing::Due : Standing::Overdue;
  } else {
    judged.standing = *order == std::strong_ordering::greater ? Standing::Newer : Standing::Current;
  }
  return judged;
}

}  // namespace weco::records
