// SPDX-License-Identifier: Apache-2.0
#include "host/image/crypto.hpp"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <utility>

namespace weco {
namespace {

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Pkey = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using PkeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;

constexpr std::size_t kPemMax = 16384;
constexpr std::size_t kPureMax = 64U << 20;

std::vector<std::uint8_t> digest(const EVP_MD* kind, Bytes data) {
  std::vector<std::uint8_t> out(static_cast<std::size_t>(EVP_MD_get_size(kind)));
  unsigned int size = 0;
  if (EVP_Digest(data.data(), data.size(), out.data(), &size, kind, nullptr) != 1) out.clear();
  return out;
}

template <class Encode>
std::vector<std::uint8_t> der(EVP_PKEY* key, Encode encode) {
  unsigned char* bytes = nullptr;
  const int size = encode(key, &bytes);
  if (size <= 0) return {};
  std::vector<std::uint8_t> out(bytes, bytes + size);
  OPENSSL_free(bytes);
  return out;
}

bool same(Bytes a, const std::vector<std::uint8_t>& b) {
  return !b.empty() && std::equal(a.begin(), a.end(), b.begin(), b.end());
}

}  // namespace

struct PublicKeys::Key {
  Pkey pkey;
  image::Algorithm algorithm = image::Algorithm::Ed25519;
  std::vector<std::uint8_t> spki;
  std::vector<std::uint8_t> hash256;  // of what the format hashes: PKCS#1 for RSA, SPKI else
  std::vector<std::uint8_t> hash512;  // likewise, for pure signatures
};

namespace {

bool algorithm_of(EVP_PKEY* key, image::Algorithm& algorithm) {
  if (EVP_PKEY_is_a(key, "ED25519") == 1) {
    algorithm = image::Algorithm::Ed25519;
    return true;
  }
  if (EVP_PKEY_is_a(key, "EC") == 1) {
    char group[32] = "";
    algorithm = image::Algorithm::EcdsaP256;
    return EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group,
                                          nullptr) == 1 &&
           std::string_view(group) == "prime256v1";
  }
  if (EVP_PKEY_is_a(key, "RSA") != 1) return false;
  const int bits = EVP_PKEY_get_bits(key);
  algorithm = bits == 3072 ? image::Algorithm::RsaPss3072 : image::Algorithm::RsaPss2048;
  return bits == 2048 || bits == 3072;
}

Unexpected<Failure> no_key(const std::string& where) {
  return failure(ErrorCode::BadInput, "this is no public key", where,
                 "Give the public half as PEM, as 'imgtool getpub -e pem' writes it.");
}

bool ed25519_good(EVP_PKEY* key, Bytes message, Bytes signature) {
  const DigestContext context(EVP_MD_CTX_new());
  return EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                          message.size()) == 1;
}

bool prehashed_good(EVP_PKEY* key, bool rsa, Bytes digested, Bytes signature) {
  const PkeyContext context(EVP_PKEY_CTX_new(key, nullptr));
  if (!context || EVP_PKEY_verify_init(context.get()) != 1) return false;
  if (EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) != 1) return false;
  if (rsa && (EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PSS_PADDING) != 1 ||
              EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), EVP_sha256()) != 1 ||
              EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), RSA_PSS_SALTLEN_DIGEST) != 1)) {
    return false;
  }
  return EVP_PKEY_verify(context.get(), signature.data(), signature.size(), digested.data(),
                         digested.size()) == 1;
}

/// A pure signature needs the bytes themselves.
std::vector<std::uint8_t> message_of(const image::Question& question) {
  std::vector<std::uint8_t> message;
  if (question.length == 0 || question.length > kPureMax) return message;
  message.resize(question.length);
  if (!question.source->read(question.source->context, 0, message)) message.clear();
  return message;
}

}  // namespace

Sha256 sha256(Bytes data) {
  Sha256 out{};
  const auto made = digest(EVP_sha256(), data);
  WECO_ASSERT(made.size() == out.size());
  std::copy(made.begin(), made.end(), out.begin());
  return out;
}

image::Uuid uuid5(const image::Uuid& space, std::string_view name) {
  std::vector<std::uint8_t> text(space.begin(), space.end());
  text.insert(text.end(), name.begin(), name.end());
  const auto hash = digest(EVP_sha1(), text);
  image::Uuid id{};
  std::copy_n(hash.begin(), id.size(), id.begin());
  id[6] = static_cast<std::uint8_t>((id[6] & 0x0F) | 0x50);
  id[8] = static_cast<std::uint8_t>((id[8] & 0x3F) | 0x80);
  return id;
}

PublicKeys::PublicKeys() = default;
PublicKeys::~PublicKeys() = default;
PublicKeys::PublicKeys(PublicKeys&&) noexcept = default;
PublicKeys& PublicKeys::operator=(PublicKeys&&) noexcept = default;
std::size_t PublicKeys::size() const { return keys_.size(); }

Done PublicKeys::add_file(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    const bool denied = errno == EACCES;
    return failure(denied ? ErrorCode::PermissionDenied : ErrorCode::NotFound,
                   "the key cannot be read", path,
                   denied ? "Check who may read the file." : "Check the name of the file.");
  }
  std::string pem(kPemMax + 1, '\0');
  file.read(pem.data(), static_cast<std::streamsize>(pem.size()));
  pem.resize(static_cast<std::size_t>(file.gcount()));
  if (pem.size() > kPemMax) return no_key(path);
  return add_pem(pem, path);
}

Done PublicKeys::add_pem(std::string_view pem, const std::string& where) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  auto key = std::make_unique<Key>();
  key->pkey.reset(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  if (!key->pkey) return no_key(where);
  if (!algorithm_of(key->pkey.get(), key->algorithm)) {
    return failure(ErrorCode::Unsupported, "this kind of key signs no firmware image", where,
                   "Give an Ed25519, ECDSA P-256, RSA-2048 or RSA-3072 key.");
  }
  key->spki =
      der(key->pkey.get(), [](EVP_PKEY* k, unsigned char** to) { return i2d_PUBKEY(k, to); });
  const bool rsa = EVP_PKEY_is_a(key->pkey.get(), "RSA") == 1;
  const auto hashed =
      rsa ? der(key->pkey.get(),
                [](EVP_PKEY* k, unsigned char** to) { return i2d_PublicKey(k, to); })
          : key->spki;
  key->hash256 = digest(EVP_sha256(), hashed);
  key->hash512 = digest(EVP_sha512(), hashed);
  keys_.push_back(std::move(key));
  return {};
}

Done PublicKeys::add_ed25519(Bytes raw, const std::string& where) {
  const Pkey key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, raw.data(), raw.size()));
  const Bio bio(BIO_new(BIO_s_mem()));
  if (!key || PEM_write_bio_PUBKEY(bio.get(), key.get()) != 1) return no_key(where);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return add_pem(std::string_view(text, static_cast<std::size_t>(size)), where);
}

bool PublicKeys::signed_by_any(Bytes data, Bytes signature) const {
  const bool good = std::any_of(keys_.begin(), keys_.end(), [&](const auto& key) {
    return key->algorithm == image::Algorithm::Ed25519 &&
           ed25519_good(key->pkey.get(), data, signature);
  });
  ERR_clear_error();
  return good;
}

struct OpensslCrypto::Hash {
  DigestContext context{EVP_MD_CTX_new()};
};

OpensslCrypto::OpensslCrypto(const PublicKeys& keys)
    : keys_(keys), hash_(std::make_unique<Hash>()) {}
OpensslCrypto::~OpensslCrypto() = default;

bool OpensslCrypto::hash_begin(image::HashKind kind) {
  const EVP_MD* md = kind == image::HashKind::Sha256   ? EVP_sha256()
                     : kind == image::HashKind::Sha384 ? EVP_sha384()
                                                       : EVP_sha512();
  return EVP_DigestInit_ex(hash_->context.get(), md, nullptr) == 1;
}

bool OpensslCrypto::hash_update(Bytes data) {
  return EVP_DigestUpdate(hash_->context.get(), data.data(), data.size()) == 1;
}

bool OpensslCrypto::hash_end(MutableBytes into) {
  unsigned int size = 0;
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> out{};
  if (EVP_DigestFinal_ex(hash_->context.get(), out.data(), &size) != 1 || size != into.size()) {
    return false;
  }
  std::copy_n(out.begin(), size, into.begin());
  return true;
}

image::Answer OpensslCrypto::ask(const image::Question& question) {
  const auto known = std::find_if(keys_.keys_.begin(), keys_.keys_.end(), [&](const auto& key) {
    if (key->algorithm != question.algorithm) return false;
    if (!question.public_key.empty()) return same(question.public_key, key->spki);
    return same(question.key_hash, key->hash256) || same(question.key_hash, key->hash512);
  });
  if (known == keys_.keys_.end()) return image::Answer::UnknownKey;
  EVP_PKEY* key = (*known)->pkey.get();
  const bool ed25519 = question.algorithm == image::Algorithm::Ed25519;
  bool good = false;
  if (ed25519 && question.length != 0) {
    good = ed25519_good(key, message_of(question), question.signature);
  } else if (ed25519) {
    good = ed25519_good(key, question.digest, question.signature);
  } else if (question.length != 0 || question.digest.size() != sizeof(Sha256)) {
    return image::Answer::Unsupported;
  } else {
    const bool rsa = question.algorithm != image::Algorithm::EcdsaP256;
    good = prehashed_good(key, rsa, question.digest, question.signature);
  }
  ERR_clear_error();
  return good ? image::Answer::Good : image::Answer::Bad;
}

}  // namespace weco
