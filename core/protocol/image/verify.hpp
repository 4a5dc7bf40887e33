// SPDX-License-Identifier: Apache-2.0
// Whether an image may be believed: hash over everything it covers, then a signature by a key that
// is known. The algorithms themselves come in through Crypto, because a PC has libcrypto and a
// device its own; which of them an image needs, in which order and over which bytes is decided here
// for both.
#pragma once

#include "core/protocol/image/image.hpp"

namespace weco::image {

enum class HashKind : std::uint8_t { Sha256, Sha384, Sha512 };
constexpr std::size_t hash_size(HashKind kind) {
  return kind == HashKind::Sha256 ? 32 : kind == HashKind::Sha384 ? 48 : 64;
}

enum class Algorithm : std::uint8_t { Ed25519, EcdsaP256, RsaPss2048, RsaPss3072 };
std::string_view name(Algorithm algorithm);

/// What a key is asked. The key is named by its hash, or stands in the image itself.
struct Question {
  Algorithm algorithm = Algorithm::Ed25519;
  Bytes key_hash;    // empty: the image carries `public_key`
  Bytes public_key;  // as SubjectPublicKeyInfo; to be looked for among the known keys
  Bytes digest;
  Bytes signature;
  const Source* source = nullptr;  // pure signatures are over the bytes themselves
  std::uint32_t length = 0;        // how many of them; 0: over the digest
};

enum class Answer : std::uint8_t { Good, Bad, UnknownKey, Unsupported };

class Crypto {
 public:
  /// One hash at a time: begin, update as often as needed, end. False: not supported or failed.
  virtual bool hash_begin(HashKind kind) = 0;
  virtual bool hash_update(Bytes data) = 0;
  virtual bool hash_end(MutableBytes into) = 0;
  virtual Answer ask(const Question& question) = 0;
  Crypto(const Crypto&) = delete;
  Crypto& operator=(const Crypto&) = delete;

 protected:
  Crypto() = default;
  ~Crypto() = default;
};

/// What a verifier accepts beyond the plain case (prehashed, key by its hash). A bootloader that
/// was built without them refuses the rest, and so must whoever predicts its verdict.
struct Accepts {
  bool pure = true;
  bool full_key = true;
  friend bool operator==(const Accepts&, const Accepts&) = default;
};

/// In the order of preference: with several signatures the best finding is told.
enum class Finding : std::uint8_t {
  Good,
  Unreadable,    // the source failed
  Encrypted,     // hash and signature are over the plain text, which only the device can make
  Compressed,    // likewise over what the device unpacks
  NoHash,        // nothing to check it by
  BadHash,       // damaged
  HashFailed,    // the hash could not be computed here
  BadSignature,  // signed by a known key, but something was changed
  UnknownKey,    // signed by somebody else
  Refused,       // a form of signature that is not accepted here
  Unsigned,
};
std::string_view name(Finding finding);
std::string_view sentence(Finding finding);

struct Verdict {
  Finding finding = Finding::Unsigned;
  bool hash_good = false;
  FixedVector<std::uint8_t, kHashMax> hash;  // as stated; what devices call the image by
  Algorithm algorithm = Algorithm::Ed25519;  // of the signature judged, when there is one
  bool pure = false;
  [[nodiscard]] bool good() const { return finding == Finding::Good; }
};

Verdict verify(const Source& source, const Layout& layout, Crypto& crypto, const Accepts& accepts);

}  // namespace weco::image
