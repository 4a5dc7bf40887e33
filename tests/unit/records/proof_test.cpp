// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "host/proof/sealed.hpp"
#include "tests/cli/process.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/records/site.hpp"

using namespace weco;
using namespace weco::proof;
using test::Folder;

namespace {

Sealed example() {
  Json body = {{"schema", "weco.record/1"},
               {"site", "Casa Neri"},
               {"attachments", {{{"name", "a.jpg"}, {"sha256", sha256_hex("picture")}}}}};
  const Json files = {
      {{"name", "a.jpg"}, {"sha256", sha256_hex("picture")}, {"content", to_base64("picture")}}};
  return seal(std::move(body), files, test::test_key(), "weco record, by a test");
}

}  // namespace

TEST_CASE("digests are those of their standards", "[WS-65]") {
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  // RFC 7693, appendix A.
  CHECK(hex(blake2b("abc")).starts_with("ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b7"));
}

TEST_CASE("Ed25519 signs as RFC 8032 says", "[WS-65]") {
  Seed seed{};
  const char* digits = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
  for (std::size_t i = 0; i < seed.size(); ++i) {
    seed[i] = static_cast<std::uint8_t>(std::stoi(std::string(digits + 2 * i, 2), nullptr, 16));
  }
  const PublicBytes key = public_of(seed);
  CHECK(hex(std::string_view(reinterpret_cast<const char*>(key.data()), 32)) ==
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  const SignatureBytes signature = sign(seed, "");
  CHECK(hex(std::string_view(reinterpret_cast<const char*>(signature.data()), 8)) ==
        "e5564300c360ac72");
  CHECK(verify(key, "", signature));
  CHECK_FALSE(verify(key, "x", signature));
}

TEST_CASE("base64 has one spelling for each content", "[WS-65]") {
  CHECK(to_base64("") == "");
  CHECK(to_base64("f") == "Zg==");
  CHECK(to_base64("fo") == "Zm8=");
  CHECK(to_base64("foobar") == "Zm9vYmFy");
  CHECK(from_base64("Zm9vYmFy") == "foobar");
  for (const char* wrong : {"Zg=", "Zh==", "Zg==Zg==", "Z===", "Zg =", "====", "Zm9v\n"}) {
    INFO(wrong);
    CHECK_FALSE(from_base64(wrong));
  }
}

TEST_CASE("canonical JSON has sorted keys, no blanks, and survives text that is no UTF-8",
          "[WS-65]") {
  CHECK(canonical(Json{{"b", 1}, {"a", {true, nullptr}}, {"\u00e9", "x"}}) ==
        "{\"a\":[true,null],\"b\":1,\"\u00e9\":\"x\"}");
  CHECK(canonical(Json{{"a", "\xff<\x01"}}) == "{\"a\":\"\uFFFD<\\u0001\"}");
  CHECK_FALSE(parse_json(std::string(100, '[') + std::string(100, ']'), "f"));
  const auto torn = parse_json("{\"a\":", "f.json");
  REQUIRE_FALSE(torn);
  CHECK(torn.error().what == "this is no JSON at byte 6");
}

TEST_CASE("minisign accepts our signatures and refuses them for a changed file", "[WS-65]") {
  INFO("minisign is needed; './dev setup' installs it");
  REQUIRE(test::installed("minisign"));
  const Folder folder;
  const SecretKey key = test::test_key();
  const std::string text = to_text(example());
  const std::string file = folder.file("record.json", text);
  folder.file("record.json.minisig", sign_file(key, text, "of a test"));
  const std::string pub = folder.file("key.pub", public_key_file(key.public_key()));
  const auto check = [&] { return test::run_in_pipe({"minisign", "-V", "-p", pub, "-m", file}); };
  const auto good = check();
  INFO(good.out << good.err);
  CHECK(good.code == 0);
  CHECK(good.out.find("Trusted comment: of a test") != std::string::npos);
  CHECK(test::run_in_pipe({"minisign", "-V", "-P", key_line(key.public_key()), "-m", file}).code ==
        0);
  std::string changed = text;
  changed[changed.size() / 2] ^= 1;
  folder.file("record.json", changed);
  CHECK(check().code != 0);
}

TEST_CASE("our check accepts a signature that minisign made", "[WS-65]") {
  INFO("minisign is needed; './dev setup' installs it");
  REQUIRE(test::installed("minisign"));
  const Folder folder;
  const std::string pub = folder.path() + "/m.pub";
  const std::string file = folder.file("f", "content");
  const auto made =
      test::run_in_pipe({"minisign", "-G", "-W", "-p", pub, "-s", folder.path() + "/m.key"});
  INFO(made.err);
  REQUIRE(made.code == 0);
  REQUIRE(test::run_in_pipe({"minisign", "-S", "-s", folder.path() + "/m.key", "-m", file}).code ==
          0);
  const auto key = parse_public_key(test::read_file(pub), pub);
  REQUIRE(key);
  const std::string signature = test::read_file(file + ".minisig");
  // Its first line is its own and not signed; ours is fixed, so it is put in place here.
  const std::string ours = "untrusted comment: signature from weco key " + to_text(key->id) +
                           signature.substr(signature.find('\n'));
  CHECK(check_file(*key, "content", ours, file));
  CHECK_FALSE(check_file(*key, "Content", ours, file));
}

TEST_CASE("a sealed file opens as it was made", "[WS-65]") {
  const Sealed made = example();
  const auto opened = open_sealed(to_text(made), "f");
  REQUIRE(opened);
  CHECK(opened->body == made.body);
  CHECK(opened->comment == "weco record, by a test");
  CHECK(opened->key == test::test_key().public_key());
}

TEST_CASE("a key of somebody else does not open what it did not sign", "[WS-65]") {
  Sealed made = example();
  SecretKey other = test::test_key();
  other.seed[0] ^= 1;
  made.key = other.public_key();
  const auto opened = open_sealed(to_text(made), "f");
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code() == ErrorCode::VerificationDiffers);
  made.signature = sign_file(other, canonical(made.body), made.comment);
  CHECK(open_sealed(to_text(made), "f"));  // a new signature is another signer, who is named
}

TEST_CASE("any changed, missing or added byte of a sealed file is found", "[WS-65]") {
  const std::string text = to_text(example());
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (const unsigned flip : {1U, 0x20U, 0x80U}) {
      std::string changed = text;
      changed[i] = static_cast<char>(static_cast<unsigned char>(changed[i]) ^ flip);
      const auto opened = open_sealed(changed, "f");
      INFO("byte " << i << " of " << text.size() << ", flip " << flip);
      REQUIRE_FALSE(opened);
    }
  }
  CHECK_FALSE(open_sealed(text.substr(0, text.size() - 1), "f"));
  CHECK_FALSE(open_sealed(text + "\n", "f"));
  CHECK_FALSE(open_sealed(" " + text, "f"));
  CHECK_FALSE(open_sealed("", "f"));
  CHECK_FALSE(open_sealed("{}", "f"));
}
