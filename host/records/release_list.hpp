// SPDX-License-Identifier: Apache-2.0
// A list of the firmware that was released, made and signed by whoever keeps it (a vendor, a
// fleet's owner), and how a running version stands against it: a critical release must be installed
// within 60 days (WS-33). The list is JSON beside a signature of minisign's.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/points/point.hpp"
#include "host/proof/minisign.hpp"

namespace weco::records {

struct KnownRelease {
  std::string family;
  NodeKind part = NodeKind::None;  // None: the device itself
  std::string version;
  std::int64_t day = 0;  // seconds since 1970 of the day it came out
  bool critical = false;
  std::string why;
  std::string file;         // as it must lie on a stick; empty: not told
  std::int64_t bytes = 0;   // of that file; 0: not told
  std::string file_sha256;  // hexadecimal; empty: not told
};

struct ReleaseList {
  std::int64_t issued = 0;
  std::string signer;  // id of the key
  std::vector<KnownRelease> releases;
};

/// Strict: an unknown member, a wrong kind or a second release of the same version is BadInput.
Outcome<ReleaseList> parse_releases(std::string_view text, const std::string& where);
/// Believes nothing before one of `keys` has signed `text`; VerificationDiffers when none has.
Outcome<ReleaseList> open_releases(std::string_view text, std::string_view signature,
                                   const std::vector<proof::PublicKey>& keys,
                                   const std::string& where);

/// By their numbers, from left to right: "v2.4" is 2.4.0, and older than 2.10. nullopt when one of
/// the two has no number.
std::optional<std::strong_ordering> compare_versions(std::string_view left, std::string_view right);

enum class Standing : std::uint8_t { Current, Newer, Due, Overdue, NotListed, NotComparable };
constexpr std::string_view name(Standing standing) {
  constexpr std::string_view kNames[] = {"current", "newer",      "due",
                                         "overdue", "not_listed", "not_comparable"};
  return kNames[static_cast<std::size_t>(standing)];
}

struct Judged {
  Standing standing = Standing::NotListed;
  const KnownRelease* newest = nullptr;    // of the list; null: not listed
  const KnownRelease* pressing = nullptr;  // the critical one whose days run out first
  std::int64_t days_left = 0;              // of it; negative: late
  std::int64_t last_day = 0;               // on which it must be installed
};
/// `now` in seconds since 1970. A release of a day to come is not counted yet. Points into `list`.
Judged judge_version(const ReleaseList& list, std::string_view family, NodeKind part,
                     std::string_view running, std::int64_t now);

}  // namespace weco::records
