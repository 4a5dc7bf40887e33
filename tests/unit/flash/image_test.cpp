// SPDX-License-Identifier: Apache-2.0
// Firmware images against the verdicts that the format's reference tools gave, and ten thousand
// damaged ones, of which none may be taken.
#include <algorithm>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "host/image/firmware.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/flash/files.hpp"

using namespace weco;
using weco::test::Seeded;
using weco::test::vector_file;
using weco::test::vector_text;

namespace {

const std::string kFolder = "mcuboot/";
const char* const kKeys[] = {"key-ed25519", "key-p256", "key-rsa2048"};

PublicKeys keys_of(const std::string& name) {
  PublicKeys keys;
  if (name != "none") {
    REQUIRE(keys.add_file(std::string(WECO_VECTORS) + "/mcuboot/" + name + ".pub.pem"));
  }
  return keys;
}

Outcome<Firmware> firmware(const std::string& file) {
  return parse_firmware(vector_file(kFolder + file), file);
}

image::Finding finding(const std::string& file, const PublicKeys& keys,
                       const image::Accepts& accepts = {}) {
  const auto read = firmware(file);
  REQUIRE(read);
  return verdict_on(*read, keys, accepts).finding;
}

/// Whether we would take the file with that key; without one, whether its hash is right.
bool taken(const std::string& file, const std::string& key) {
  const auto read = firmware(file);
  if (!read) return false;
  const auto verdict = verdict_on(*read, keys_of(key));
  return key == "none" ? verdict.hash_good : verdict.good();
}

struct Reference {
  std::string file;
  std::string key;
  int code = 0;
};

std::vector<Reference> references() {
  std::vector<Reference> rows;
  std::istringstream text(vector_text(kFolder + "verify.txt"));
  for (std::string line; std::getline(text, line);) {
    const auto key = line.find(" key=");
    const auto code = line.find(" rc=");
    REQUIRE(key != std::string::npos);
    REQUIRE(code != std::string::npos);
    rows.push_back({line.substr(0, key), line.substr(key + 5, code - key - 5),
                    std::stoi(line.substr(code + 4))});
  }
  return rows;
}

}  // namespace

TEST_CASE("every recorded image gets the verdict that the reference signer gave, for every key") {
  const auto rows = references();
  REQUIRE(rows.size() == 21 * 4);
  for (const Reference& row : rows) {
    CAPTURE(row.file, row.key);
    CHECK(taken(row.file, row.key) == (row.code == 0));
  }
}

TEST_CASE("the reason for refusing an image is named") {
  const PublicKeys key = keys_of("key-ed25519");
  CHECK(finding("ok-ed25519-1.2.3.bin", key) == image::Finding::Good);
  CHECK(finding("bad-payload-bitflip.bin", key) == image::Finding::BadHash);
  CHECK(finding("bad-sha-tlv.bin", key) == image::Finding::BadHash);
  CHECK(finding("bad-signature-bitflip.bin", key) == image::Finding::BadSignature);
  CHECK(finding("bad-wrongkey-ed25519.bin", key) == image::Finding::UnknownKey);
  CHECK(finding("bad-wrongkey-ed25519.bin", keys_of("key-ed25519-other")) == image::Finding::Good);
  CHECK(finding("unsigned-sha256-only.bin", key) == image::Finding::Unsigned);
  CHECK(finding("enc-x25519-ed25519-1.5.0.bin", key) == image::Finding::Encrypted);
  CHECK(finding("enc-ec256-p256-1.5.0.bin", keys_of("key-p256")) == image::Finding::Encrypted);
  CHECK(finding("ok-ed25519-pure-2.2.0.bin", key) == image::Finding::Good);
  CHECK(finding("ok-ed25519-pure-2.2.0.bin", key, {false, true}) == image::Finding::Refused);
  CHECK(finding("ok-ed25519-fullpub-2.3.0.bin", key, {true, false}) == image::Finding::Refused);
  const std::map<std::string, std::string> broken = {
      {"bad-magic.bin", "does not begin like a firmware image"},
      {"bad-tlv-magic.bin", "no area of entries"},
      {"bad-truncated-payload.bin", "ends before the image does"}};
  for (const auto& [file, words] : broken) {
    const auto read = firmware(file);
    REQUIRE_FALSE(read);
    CHECK(read.error().what.find(words) != std::string::npos);
    CHECK(read.error().code() == ErrorCode::BadInput);
  }
}

TEST_CASE("version, counter, dependency and hardware of an image are read from what is signed") {
  const auto counted = firmware("ok-ed25519-1.3.0-seccnt7.bin");
  REQUIRE(counted);
  CHECK(counted->layout.version == image::Version{1, 3, 0, 0});
  CHECK(counted->layout.security_counter == 7U);
  CHECK(firmware("ok-ed25519-1.4.0-seccnt-auto.bin")->layout.security_counter == 0x01040000U);
  CHECK_FALSE(firmware("ok-ed25519-1.2.3.bin")->layout.security_counter);
  const auto needs = firmware("ok-ed25519-2.0.0-dep-img1.bin");
  REQUIRE(needs->layout.dependencies.size() == 1);
  CHECK(needs->layout.dependencies[0].image == 1);
  CHECK(needs->layout.dependencies[0].at_least == image::Version{1, 5, 0, 0});
  const auto board = firmware("ok-ed25519-2.1.0-vid-cid.bin");
  const image::Uuid vendor = uuid5(kUuidDns, "example.org");
  CHECK(board->layout.vendor_id == vendor);
  CHECK(board->layout.class_id == uuid5(vendor, "bms-master-r2"));
  const auto padded = firmware("ok-ed25519-1.6.0-hdr512-pad64k-confirmed.bin");
  CHECK(padded->layout.header_size == 512);
  CHECK(padded->layout.padded);
  CHECK(padded->layout.confirmed);
  CHECK(padded->image().size() < padded->bytes.size());
}

TEST_CASE("the same version is read from the signer's spelling and from a device's") {
  CHECK(*image::parse_version("1.2.3+4") == image::Version{1, 2, 3, 4});
  CHECK(*image::parse_version("1.2.3.4") == image::Version{1, 2, 3, 4});
  CHECK(*image::parse_version("255.255.65535") == image::Version{255, 255, 65535, 0});
  CHECK(image::to_text({1, 2, 3, 4}).view() == "1.2.3+4");
  CHECK(image::to_text({255, 255, 65535, 4294967295U}).view() == "255.255.65535+4294967295");
  for (const char* text : {"", "1", "1.2", "1.2.", "256.0.0", "1.2.65536", "1.2.3+", "1.2.3+4x",
                           "1.2.3-4", "a.b.c", "1.2.3+4294967296", " 1.2.3"}) {
    CAPTURE(text);
    CHECK_FALSE(image::parse_version(text));
  }
  CHECK(image::Version{1, 9, 0, 0} < image::Version{1, 10, 0, 0});
}

TEST_CASE("bytes that nobody signed may not follow an image") {
  auto bytes = vector_file(kFolder + "ok-ed25519-1.2.3.bin");
  bytes.push_back(0xFF);
  CHECK_FALSE(parse_firmware(bytes, "x"));
  auto padded = vector_file(kFolder + "ok-ed25519-1.6.0-hdr512-pad64k-confirmed.bin");
  REQUIRE(parse_firmware(padded, "x"));
  padded[padded.size() - 100] = 0xFE;
  CHECK_FALSE(parse_firmware(padded, "x"));
  padded[padded.size() - 100] = 0xFF;
  padded.back() ^= 1;
  CHECK_FALSE(parse_firmware(padded, "x"));
}

TEST_CASE("a file that is no public key is refused, a private one too") {
  PublicKeys keys;
  CHECK(keys.add_file("/nowhere/key.pem").error().code() == ErrorCode::NotFound);
  CHECK(keys.add_pem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "k")
            .error()
            .code() == ErrorCode::BadInput);
  CHECK(keys.add_file(std::string(WECO_VECTORS) + "/mcuboot/enc-x25519.pub.pem").error().code() ==
        ErrorCode::Unsupported);
  CHECK(keys.size() == 0);
}

namespace {

/// One damage: a bit, a byte, a cut, an insertion, a removal, a stretch of zeros, two parts
/// swapped.
std::vector<std::uint8_t> damaged(std::vector<std::uint8_t> bytes, Seeded& random) {
  const std::size_t kind = random.below(7);
  // Half of the damage lies where it is most interesting: header, entries, the end.
  std::size_t at = random.below(bytes.size());
  if (random.below(2) == 0) {
    const std::size_t near = random.below(160);
    at = random.below(2) == 0 ? near % bytes.size() : bytes.size() - 1 - near % bytes.size();
  }
  const auto place = bytes.begin() + static_cast<std::ptrdiff_t>(at);
  const std::size_t length = 1 + random.below(std::min<std::size_t>(64, bytes.size() - at));
  const auto end = place + static_cast<std::ptrdiff_t>(length);
  if (kind == 0) *place = static_cast<std::uint8_t>(*place ^ (1U << random.below(8)));
  if (kind == 1) *place = static_cast<std::uint8_t>(random.next());
  if (kind == 2) bytes.resize(at);
  if (kind == 3) bytes.insert(place, length, static_cast<std::uint8_t>(random.next()));
  if (kind == 4) bytes.erase(place, end);
  if (kind == 5) std::fill(place, end, std::uint8_t{0});
  if (kind == 6)
    std::swap_ranges(place, place + static_cast<std::ptrdiff_t>(length / 2),
                     end - static_cast<std::ptrdiff_t>(length / 2));
  return bytes;
}

}  // namespace

TEST_CASE("of ten thousand damaged images none is accepted") {
  PublicKeys keys;
  for (const char* key : kKeys) {
    REQUIRE(keys.add_file(std::string(WECO_VECTORS) + "/mcuboot/" + key + ".pub.pem"));
  }
  const char* const files[] = {"ok-ed25519-1.3.0-seccnt7.bin",
                               "ok-ed25519-pure-2.2.0.bin",
                               "ok-p256-1.2.3.bin",
                               "ok-rsa2048-1.2.3.bin",
                               "ok-ed25519-1.4.0-seccnt-auto.bin",
                               "ok-ed25519-1.6.0-hdr512-pad64k-confirmed.bin"};
  std::vector<std::vector<std::uint8_t>> originals;
  for (const char* file : files) originals.push_back(vector_file(kFolder + file));
  Seeded random(20261125);
  std::size_t tried = 0;
  std::size_t accepted = 0;
  while (tried < 10000) {
    const auto& original = originals[random.below(originals.size())];
    auto bytes = damaged(original, random);
    if (bytes == original) continue;
    ++tried;
    const auto read = parse_firmware(std::move(bytes), "damaged");
    if (read && verdict_on(*read, keys).good()) ++accepted;
  }
  CHECK(accepted == 0);
}
