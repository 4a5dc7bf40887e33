// SPDX-License-Identifier: Apache-2.0
// Signatures and public keys in minisign's file formats (its prehashed form: Ed25519 over
// BLAKE2b-512), so that anybody can check a record with the Debian package and without this
// program.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "host/proof/digest.hpp"

namespace weco::proof {

using KeyId = std::array<std::uint8_t, 8>;

struct PublicKey {
  KeyId id{};
  PublicBytes bytes{};
  friend bool operator==(const PublicKey&, const PublicKey&) = default;
};

struct SecretKey {
  KeyId id{};
  Seed seed{};
  [[nodiscard]] PublicKey public_key() const { return {id, public_of(seed)}; }
};

/// As minisign prints it: "E7620F1842B4E81F".
std::string to_text(const KeyId& id);

/// 40 random bytes become a key.
Outcome<SecretKey> make_key();
/// One line of base64, what `minisign -P` takes.
std::string key_line(const PublicKey& key);
/// The whole file NAME.pub.
std::string public_key_file(const PublicKey& key);
/// Reads either; BadInput for anything else.
Outcome<PublicKey> parse_public_key(std::string_view text, const std::string& where);
/// Our own file: minisign cannot be given it. Never printed.
std::string secret_key_file(const SecretKey& key);
Outcome<SecretKey> parse_secret_key(std::string_view text, const std::string& where);

/// The four lines of a .minisig file. `comment` is signed too.
std::string sign_file(const SecretKey& key, std::string_view message, std::string_view comment);

struct CheckedSignature {
  KeyId key{};
  std::string comment;  // the trusted one
};
/// The first line of a signature is signed by nobody. A record has one spelling, so there it must
/// be ours; a file that minisign itself may have signed can have anything.
enum class FirstLine : std::uint8_t { Ours, Anything };
/// VerificationDiffers says what does not match.
Outcome<CheckedSignature> check_file(const PublicKey& key, std::string_view message,
                                     std::string_view signature, const std::string& where,
                                     FirstLine first_line = FirstLine::Ours);

}  // namespace weco::proof
