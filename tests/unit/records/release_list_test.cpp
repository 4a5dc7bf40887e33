// SPDX-License-Identifier: Apache-2.0
// Known releases, the days that critical firmware leaves, and sticks that are to bring it.
#include "host/records/release_list.hpp"

#include <string>

#include "host/profile/catalog.hpp"
#include "host/records/calendar.hpp"
#include "host/text/utc.hpp"
#include "host/update/stick.hpp"
#include "tests/cli/process.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/records/site.hpp"

using namespace weco;
using namespace weco::records;
using test::Folder;

namespace {

std::string list_text(const std::string& releases) {
  return R"({"schema":"weco.releases/1","issued":"2026-11-20","releases":[)" + releases + "]}";
}
std::string release(const std::string& version, const std::string& day, bool critical,
                    const std::string& more = "") {
  return R"({"family":"weco_smart","version":")" + version + R"(","released":")" + day +
         R"(","critical":)" + (critical ? "true" : "false") + more + "}";
}
std::int64_t at(const char* text) { return parse_utc(text).value(); }

Judged judge(const ReleaseList& list, const char* running, const char* now) {
  return judge_version(list, "weco_smart", NodeKind::None, running, at(now));
}

StickFacts good_stick() {
  return {"/media/s", true, "FAT32", 31'000'000'000, {{"UP.bin", 3}}, std::string(64, 'a')};
}
const StickRules kEp760 = {true, 32, true, "UP.bin", 3, std::string(64, 'a')};

/// The checks that are not good, by name.
std::string bad(const StickFacts& facts, const StickRules& rules) {
  std::string names;
  for (const StickCheck& check : judge_stick(facts, rules)) {
    if (!check.good) names += (names.empty() ? "" : " ") + check.what;
  }
  return names;
}

}  // namespace

TEST_CASE("critical firmware has 60 days, the last of them whole, and then it is late", "[WS-33]") {
  const auto list = parse_releases(list_text(release("2.4.1", "2026-09-30", true)), "f");
  REQUIRE(list);
  const auto first = judge(*list, "2.4.0", "2026-09-30T00:00:00Z");
  CHECK(first.standing == Standing::Due);
  CHECK(first.days_left == 60);
  CHECK(date_text(first.last_day) == "2026-11-29");
  const auto last = judge(*list, "2.4.0", "2026-11-29T23:59:59Z");
  CHECK(last.standing == Standing::Due);
  CHECK(last.days_left == 0);
  const auto late = judge(*list, "2.4.0", "2026-11-30T00:00:00Z");
  CHECK(late.standing == Standing::Overdue);
  CHECK(late.days_left == -1);
  CHECK(judge(*list, "2.4.0", "2026-12-01T00:00:00Z").days_left == -2);
  CHECK(judge(*list, "2.4.0", "2026-09-29T23:59:59Z").standing == Standing::NotListed);
}

TEST_CASE("the oldest missing critical release counts the days, the newest release ends them",
          "[WS-33]") {
  const auto list = parse_releases(
      list_text(release("2.4", "2026-09-30", true) + "," + release("2.10", "2026-11-10", false) +
                "," + release("2.5", "2026-11-01", true)),
      "f");
  REQUIRE(list);
  const auto old = judge(*list, "2.3.9", "2026-11-20");
  CHECK(old.newest->version == "2.10");
  CHECK(old.pressing->version == "2.4");
  CHECK(judge(*list, "v2.4.0", "2026-11-20").pressing->version == "2.5");
  const auto calm = judge(*list, "2.5", "2026-11-20");
  CHECK(calm.standing == Standing::Newer);
  CHECK(calm.pressing == nullptr);
  CHECK(judge(*list, "2.10.0", "2026-11-20").standing == Standing::Current);
  CHECK(judge(*list, "3", "2026-11-20").standing == Standing::Current);
  CHECK(judge(*list, "beta", "2026-11-20").standing == Standing::NotComparable);
  const auto module = judge_version(*list, "weco_smart", NodeKind::Module, "1", at("2026-11-20"));
  CHECK(module.standing == Standing::NotListed);
}

TEST_CASE("versions are compared by their numbers", "[WS-33]") {
  CHECK(compare_versions("2.9", "2.10") == std::strong_ordering::less);
  CHECK(compare_versions("V2.04", "2.4.0") == std::strong_ordering::equal);
  CHECK(compare_versions("1.2.3+4", "1.2.3.4") == std::strong_ordering::equal);
  CHECK(compare_versions("99999999999999999999999", "99999999999999999999998") ==
        std::strong_ordering::greater);
  CHECK_FALSE(compare_versions("", "1"));
  CHECK_FALSE(compare_versions("1", "new"));
}

TEST_CASE("a list of releases is believed for a trusted signature only", "[WS-33]") {
  const std::string text = list_text(release("2.4.1", "2026-09-30", true));
  const proof::SecretKey key = test::test_key();
  proof::SecretKey other = key;
  other.seed[0] ^= 1;
  other.id[0] ^= 1;
  const std::string signature = proof::sign_file(key, text, "releases");
  const auto opened = open_releases(text, signature, {other.public_key(), key.public_key()}, "f");
  REQUIRE(opened);
  CHECK(opened->signer == proof::to_text(key.id));
  // minisign writes a first line of its own, which nobody signs.
  const std::string theirs = "untrusted comment: signature from minisign secret key" +
                             signature.substr(signature.find('\n'));
  CHECK(open_releases(text, theirs, {key.public_key()}, "f"));
  CHECK_FALSE(proof::check_file(key.public_key(), text, theirs, "f"));
  const auto refused = [&](const std::string& list, const std::string& signed_with,
                           const std::vector<proof::PublicKey>& keys) {
    const auto result = open_releases(list, signed_with, keys, "f");
    REQUIRE_FALSE(result);
    CHECK(result.error().code() == ErrorCode::VerificationDiffers);
  };
  refused(text, signature, {});
  refused(text, signature, {other.public_key()});
  refused(text, signature, {other.public_key(), other.public_key()});
  refused(text, proof::sign_file(other, text, "releases"), {key.public_key()});
  refused(text, "", {key.public_key()});
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    refused(changed, signature, {key.public_key()});
  }
}

TEST_CASE("a list with anything that is not understood is refused whole", "[WS-33]") {
  CHECK(parse_releases(list_text(""), "f"));
  CHECK(parse_releases(list_text(release("1", "2026-01-01", true,
                                         R"(,"part":"module","why":"w","file":"a.bin","bytes":3)")),
                       "f"));
  const std::string good = release("1", "2026-01-01", true);
  for (const std::string& entry :
       {release("1", "2026-02-30", true), release("1", "soon", true),
        release("", "2026-01-01", true), release("new", "2026-01-01", true),
        release("1", "2026-01-01", true, R"(,"urgent":1)"),
        release("1", "2026-01-01", true, R"(,"part":"roof")"),
        release("1", "2026-01-01", true, R"(,"file":"../a")"),
        release("1", "2026-01-01", true, R"(,"file":"..")"),
        release("1", "2026-01-01", true, R"(,"bytes":-1)"),
        release("1", "2026-01-01", true, R"(,"bytes":0)"),
        release("1", "2026-01-01", true, R"(,"sha256":"AB")"),
        release("1", "2026-01-01", true, R"(,"why":1)"),
        std::string(R"({"family":"x","version":"1","released":"2026-01-01"})"), std::string("[]"),
        std::string("1"), good + "," + release("v1.0", "2026-03-01", false)}) {
    CAPTURE(entry);
    const auto list = parse_releases(list_text(entry), "f");
    REQUIRE_FALSE(list);
    CHECK(list.error().code() == ErrorCode::BadInput);
  }
  for (const char* text : {"", "[]", "{}", R"({"schema":"weco.releases/2","releases":[]})",
                           R"({"schema":"weco.releases/1","issued":"x","releases":[]})",
                           R"({"schema":"weco.releases/1","issued":"2026-11-20","releases":{}})"}) {
    CHECK_FALSE(parse_releases(text, "f"));
  }
}

TEST_CASE("a stick for an EP760 is FAT32, has 32 GB at most and nothing packed", "[EP-14]") {
  CHECK(bad(good_stick(), kEp760).empty());
  StickFacts facts = good_stick();
  facts.mounted = false;
  CHECK(bad(facts, kEp760) == "mounted");
  facts = good_stick();
  facts.bytes = 32ULL << 30U;
  CHECK(bad(facts, kEp760).empty());
  ++facts.bytes;
  CHECK(bad(facts, kEp760) == "size");
  facts = good_stick();
  facts.filesystem = "exFAT";
  CHECK(bad(facts, kEp760) == "format");
  CHECK(fat_of(65524) == "FAT16 or FAT12");
  CHECK(fat_of(65525) == "FAT32");
  facts = good_stick();
  facts.files.push_back({"up.ZIP", 9});
  CHECK(bad(facts, kEp760) == "unzipped");
  CHECK(bad(facts, {}).empty());
}

TEST_CASE("the file on a stick is the one that was released", "[EP-14][CM-17]") {
  StickFacts facts = good_stick();
  facts.files = {{"UP.bin/", 0}};
  CHECK(bad(facts, kEp760) == "file");
  facts.files = {{"UP.bin", 4}};
  CHECK(bad(facts, kEp760) == "file");
  facts = good_stick();
  facts.sha256 = std::string(64, 'b');
  CHECK(bad(facts, kEp760) == "file");
  facts.files.clear();
  CHECK(bad(facts, {}) == "file");
  const Folder folder;
  folder.file("UP.bin", "abc");
  const auto seen = look_at_stick(folder.path(), "UP.bin");
  REQUIRE(seen);
  CHECK_FALSE(seen->mounted);
  REQUIRE(seen->files.size() == 1);
  CHECK(seen->files[0].bytes == 3);
  CHECK(seen->sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(look_at_stick(folder.path(), "other")->sha256.empty());
  CHECK(look_at_stick(folder.path() + "/no", "").error().code() == ErrorCode::NotFound);
}

TEST_CASE("each product's own ways of taking firmware are told", "[WS-35][CM-17][EP-14]") {
  const auto catalog = Catalog::embedded();
  const auto kinds = [&](std::string_view family) {
    std::string text;
    const auto routes = catalog->update_routes(family);
    for (const UpdateRoute& route : *routes) {
      CHECK_FALSE(route.steps.empty());
      text += std::string(kUpdateRouteNames[static_cast<std::size_t>(route.kind)]) + " ";
    }
    return text;
  };
  CHECK(kinds("weco_smart") == "computer app stick ");
  CHECK(kinds("saj_cm2_ems") == "app stick ");
  CHECK(kinds("bluetti_ep760") == "stick app ");
  CHECK(kinds("ep760_open") == "stick app ");
  CHECK(kinds("eastron_sdm630").empty());
  const UpdateRoute& stick = catalog->update_routes("bluetti_ep760")->front();
  CHECK((stick.fat32 && stick.unzipped && stick.max_GB == 32));
  CHECK_FALSE(
      load_update_routes("return { routes = { { kind = 'app', title = 'x', steps = {}, "
                         "fat32 = true } } }",
                         "f"));
  CHECK_FALSE(
      load_update_routes("return { routes = { { kind = 'pigeon', title = 'x', steps = {} "
                         "} } }",
                         "f"));
}
