// SPDX-License-Identifier: Apache-2.0
// Hashes and signatures by libcrypto, which stays behind this folder. Public keys only: this
// program never holds a private one, and a file that contains one is refused.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/protocol/image/verify.hpp"
#include "host/failure/failure.hpp"

namespace weco {

using Sha256 = std::array<std::uint8_t, 32>;
Sha256 sha256(Bytes data);
/// RFC 4122 version 5, as image signers derive vendor and class ids.
image::Uuid uuid5(const image::Uuid& space, std::string_view name);
/// The name space of domain names.
inline constexpr image::Uuid kUuidDns = {0x6B, 0xA7, 0xB8, 0x10, 0x9D, 0xAD, 0x11, 0xD1,
                                         0x80, 0xB4, 0x00, 0xC0, 0x4F, 0xD4, 0x30, 0xC8};

/// The public keys that somebody trusts.
class PublicKeys {
 public:
  PublicKeys();
  ~PublicKeys();
  PublicKeys(PublicKeys&&) noexcept;
  PublicKeys& operator=(PublicKeys&&) noexcept;

  /// Adds the key of a PEM file. NotFound, PermissionDenied, BadInput, Unsupported (a kind of key
  /// that signs no image).
  Done add_file(const std::string& path);
  Done add_pem(std::string_view pem, const std::string& where);
  /// An Ed25519 key as its 32 bytes.
  Done add_ed25519(Bytes raw, const std::string& where);
  [[nodiscard]] std::size_t size() const;
  /// Whether any key made this Ed25519 signature over `data` (manifests).
  [[nodiscard]] bool signed_by_any(Bytes data, Bytes signature) const;

 private:
  friend class OpensslCrypto;
  struct Key;
  std::vector<std::unique_ptr<Key>> keys_;
};

class OpensslCrypto final : public image::Crypto {
 public:
  /// `keys` must outlive it.
  explicit OpensslCrypto(const PublicKeys& keys);
  ~OpensslCrypto();
  bool hash_begin(image::HashKind kind) override;
  bool hash_update(Bytes data) override;
  bool hash_end(MutableBytes into) override;
  image::Answer ask(const image::Question& question) override;

 private:
  struct Hash;
  const PublicKeys& keys_;
  std::unique_ptr<Hash> hash_;
};

}  // namespace weco
