// SPDX-License-Identifier: Apache-2.0
#include "tests/support/image_maker.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "core/base/assert.hpp"

namespace weco::test {
namespace {

using Buffer = std::vector<std::uint8_t>;

EVP_PKEY* key_of(bool foreign) {
  std::array<std::uint8_t, 32> seed{};
  seed.fill(foreign ? 0x66 : 0x42);
  EVP_PKEY* key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size());
  WECO_ASSERT(key != nullptr);
  return key;
}

std::array<std::uint8_t, 32> hash_of(const Buffer& data) {
  std::array<std::uint8_t, 32> hash{};
  unsigned int size = 0;
  const int made = EVP_Digest(data.data(), data.size(), hash.data(), &size, EVP_sha256(), nullptr);
  WECO_ASSERT(made == 1);
  return hash;
}

void put(Buffer& out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

template <class Data>
void entry(Buffer& out, image::TlvType type, const Data& data) {
  put(out, static_cast<std::uint16_t>(type), 2);
  put(out, data.size(), 2);
  out.insert(out.end(), data.begin(), data.end());
}

std::array<std::uint8_t, 64> signature_by(EVP_PKEY* key, Bytes data) {
  std::array<std::uint8_t, 64> signature{};
  std::size_t size = signature.size();
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_DigestSignInit(context, nullptr, nullptr, nullptr, key);
  EVP_DigestSign(context, signature.data(), &size, data.data(), data.size());
  EVP_MD_CTX_free(context);
  return signature;
}

Buffer protected_area(const ImageRecipe& recipe) {
  Buffer entries;
  if (recipe.security_counter) {
    Buffer counter;
    put(counter, *recipe.security_counter, 4);
    entry(entries, image::TlvType::SecurityCounter, counter);
  }
  if (recipe.vendor_id) entry(entries, image::TlvType::VendorId, *recipe.vendor_id);
  if (recipe.class_id) entry(entries, image::TlvType::ClassId, *recipe.class_id);
  if (entries.empty()) return {};
  Buffer area;
  put(area, 0x6908, 2);
  put(area, entries.size() + 4, 2);
  area.insert(area.end(), entries.begin(), entries.end());
  return area;
}

Buffer header(const ImageRecipe& recipe, std::size_t protected_size) {
  Buffer out;
  put(out, image::kMagic, 4);
  put(out, 0, 4);
  put(out, image::kHeaderBytes, 2);
  put(out, protected_size, 2);
  put(out, recipe.payload_bytes, 4);
  put(out, 0, 4);
  put(out, recipe.version.major, 1);
  put(out, recipe.version.minor, 1);
  put(out, recipe.version.revision, 2);
  put(out, recipe.version.build, 4);
  put(out, 0, 4);
  return out;
}

Buffer public_der(EVP_PKEY* key) {
  unsigned char* bytes = nullptr;
  const int size = i2d_PUBKEY(key, &bytes);
  Buffer der(bytes, bytes + size);
  OPENSSL_free(bytes);
  return der;
}

}  // namespace

std::vector<std::uint8_t> make_image(const ImageRecipe& recipe) {
  const Buffer area = protected_area(recipe);
  Buffer image = header(recipe, area.size());
  std::uint32_t state = recipe.seed * 2654435761U + 1;
  for (std::uint32_t i = 0; i < recipe.payload_bytes; ++i) {
    state = state * 1664525U + 1013904223U;
    image.push_back(static_cast<std::uint8_t>(state >> 24));
  }
  image.insert(image.end(), area.begin(), area.end());
  const auto hash = hash_of(image);
  EVP_PKEY* key = key_of(recipe.foreign_key);
  Buffer entries;
  entry(entries, image::TlvType::Sha256, hash);
  entry(entries, image::TlvType::KeyHash, hash_of(public_der(key)));
  entry(entries, image::TlvType::Ed25519, signature_by(key, hash));
  EVP_PKEY_free(key);
  put(image, 0x6907, 2);
  put(image, entries.size() + 4, 2);
  image.insert(image.end(), entries.begin(), entries.end());
  return image;
}

std::array<std::uint8_t, 32> test_key() {
  EVP_PKEY* key = key_of(false);
  std::array<std::uint8_t, 32> raw{};
  std::size_t size = raw.size();
  EVP_PKEY_get_raw_public_key(key, raw.data(), &size);
  EVP_PKEY_free(key);
  return raw;
}

std::array<std::uint8_t, 64> sign(Bytes data) {
  EVP_PKEY* key = key_of(false);
  const auto signature = signature_by(key, data);
  EVP_PKEY_free(key);
  return signature;
}

std::string test_key_pem() {
  EVP_PKEY* key = key_of(false);
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PUBKEY(bio, key);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  std::string pem(text, static_cast<std::size_t>(size));
  BIO_free(bio);
  EVP_PKEY_free(key);
  return pem;
}

}  // namespace weco::test
