// SPDX-License-Identifier: Apache-2.0
// Digests, Ed25519 and the text forms of bytes: all that is used of libcrypto.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "host/failure/failure.hpp"

namespace weco::proof {

using Hash = std::array<std::uint8_t, 32>;
using Seed = std::array<std::uint8_t, 32>;
using PublicBytes = std::array<std::uint8_t, 32>;
using SignatureBytes = std::array<std::uint8_t, 64>;

Hash sha256(std::string_view bytes);
/// 64 bytes.
std::string blake2b(std::string_view bytes);
/// Lower-case hexadecimal.
std::string hex(std::string_view bytes);
std::string hex(const Hash& hash);
std::string sha256_hex(std::string_view bytes);
/// nullopt for anything but 64 digits; capital ones are read, too.
std::optional<Hash> hash_of_hex(std::string_view text);

std::string to_base64(std::string_view bytes);
/// nullopt for anything but the one canonical spelling: no blanks, right padding, no stray bits.
std::optional<std::string> from_base64(std::string_view text);

/// Bytes of the system's generator; IoError when it has none.
Outcome<std::string> random_bytes(std::size_t count);

PublicBytes public_of(const Seed& seed);
SignatureBytes sign(const Seed& seed, std::string_view message);
bool verify(const PublicBytes& key, std::string_view message, const SignatureBytes& signature);

}  // namespace weco::proof
