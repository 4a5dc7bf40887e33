// SPDX-License-Identifier: Apache-2.0
#include "host/proof/digest.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <charconv>

#include <memory>

#include "core/base/assert.hpp"

namespace weco::proof {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

void digest(const EVP_MD* kind, std::string_view bytes, unsigned char* out) {
  const int done = EVP_Digest(bytes.data(), bytes.size(), out, nullptr, kind, nullptr);
  WECO_ASSERT(done == 1);
}

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

Hash sha256(std::string_view bytes) {
  // Both are kept: for a record of a journal, making them took longer than the hash itself.
  static EVP_MD* const kind = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  static EVP_MD_CTX* const context = EVP_MD_CTX_new();
  Hash hash{};
  const bool done = EVP_DigestInit_ex(context, kind, nullptr) == 1 &&
                    EVP_DigestUpdate(context, bytes.data(), bytes.size()) == 1 &&
                    EVP_DigestFinal_ex(context, hash.data(), nullptr) == 1;
  WECO_ASSERT(done);
  return hash;
}

std::string blake2b(std::string_view bytes) {
  std::array<unsigned char, 64> hash{};
  digest(EVP_blake2b512(), bytes, hash.data());
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

std::string hex(std::string_view bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 15U];
  }
  return text;
}

std::string hex(const Hash& hash) {
  return hex(std::string_view(reinterpret_cast<const char*>(hash.data()), hash.size()));
}

std::string sha256_hex(std::string_view bytes) { return hex(sha256(bytes)); }

std::optional<Hash> hash_of_hex(std::string_view text) {
  Hash hash{};
  if (text.size() != 2 * hash.size()) return std::nullopt;
  for (std::size_t i = 0; i < hash.size(); ++i) {
    const char* at = text.data() + 2 * i;
    const auto [end, error] = std::from_chars(at, at + 2, hash[i], 16);
    if (error != std::errc() || end != at + 2) return std::nullopt;
  }
  return hash;
}

std::string to_base64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t word = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      word = word << 8U;
      if (i + k < bytes.size()) word |= static_cast<unsigned char>(bytes[i + k]);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      const bool padding = i + k > bytes.size();
      text += padding ? '=' : kAlphabet[(word >> (18 - 6 * k)) & 63U];
    }
  }
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  for (std::size_t i = 0; i < text.size(); i += 4) {
    std::uint32_t word = 0;
    std::size_t padding = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      const std::size_t digit = kAlphabet.find(text[i + k]);
      const bool last = i + 4 == text.size() && k >= 2 && text[i + k] == '=';
      if (digit == std::string_view::npos ? !last : padding > 0) return std::nullopt;
      if (last && digit == std::string_view::npos) ++padding;
      word = word << 6U | static_cast<std::uint32_t>(digit == std::string_view::npos ? 0 : digit);
    }
    for (std::size_t k = 0; k + padding < 3; ++k) {
      bytes += static_cast<char>((word >> (16 - 8 * k)) & 255U);
    }
  }
  if (to_base64(bytes) != text) return std::nullopt;
  return bytes;
}

Outcome<std::string> random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1) {
    return failure(ErrorCode::IoError, "the system gives no random numbers");
  }
  return bytes;
}

PublicBytes public_of(const Seed& seed) {
  const Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()),
                EVP_PKEY_free);
  PublicBytes bytes{};
  std::size_t size = bytes.size();
  const int done = key ? EVP_PKEY_get_raw_public_key(key.get(), bytes.data(), &size) : 0;
  WECO_ASSERT(done == 1);
  return bytes;
}

SignatureBytes sign(const Seed& seed, std::string_view message) {
  const Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()),
                EVP_PKEY_free);
  const Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  SignatureBytes bytes{};
  std::size_t size = bytes.size();
  const bool done =
      key && context &&
      EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
      EVP_DigestSign(context.get(), bytes.data(), &size, bytes_of(message), message.size()) == 1;
  WECO_ASSERT(done);
  return bytes;
}

bool verify(const PublicBytes& key_bytes, std::string_view message,
            const SignatureBytes& signature) {
  const Key key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key_bytes.data(), key_bytes.size()),
      EVP_PKEY_free);
  const Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  return key && context &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), bytes_of(message),
                          message.size()) == 1;
}

}  // namespace weco::proof
