// SPDX-License-Identifier: Apache-2.0
#include "core/protocol/image/verify.hpp"

#include <algorithm>

namespace weco::image {
namespace {

constexpr std::uint32_t kTransformed =
    static_cast<std::uint32_t>(kCompressedLzma1) | static_cast<std::uint32_t>(kCompressedLzma2);

std::optional<HashKind> hash_kind(const Tlv& entry) {
  if (entry.is(TlvType::Sha256)) return HashKind::Sha256;
  if (entry.is(TlvType::Sha384)) return HashKind::Sha384;
  if (entry.is(TlvType::Sha512)) return HashKind::Sha512;
  return std::nullopt;
}

std::optional<Algorithm> algorithm_of(const Tlv& entry) {
  switch (static_cast<TlvType>(entry.type)) {
    case TlvType::Ed25519:
      return Algorithm::Ed25519;
    case TlvType::EcdsaP256:
      return Algorithm::EcdsaP256;
    case TlvType::Rsa2048Pss:
      return Algorithm::RsaPss2048;
    case TlvType::Rsa3072Pss:
      return Algorithm::RsaPss3072;
    default:
      return std::nullopt;
  }
}

bool compute_hash(const Source& source, std::uint32_t size, HashKind kind, Crypto& crypto,
                  MutableBytes into) {
  std::array<std::uint8_t, 256> piece{};
  if (!crypto.hash_begin(kind)) return false;
  for (std::uint32_t at = 0; at < size;) {
    const auto n = std::min<std::uint32_t>(piece.size(), size - at);
    if (!source.read(source.context, at, MutableBytes(piece).first(n))) return false;
    if (!crypto.hash_update(Bytes(piece).first(n))) return false;
    at += n;
  }
  return crypto.hash_end(into);
}

/// The hash entry: exactly one, and right.
Finding check_hash(const Source& source, const Layout& layout, Crypto& crypto, Verdict& verdict) {
  const Tlv* stated = nullptr;
  for (const Tlv& entry : layout.tlvs.view()) {
    if (entry.is_protected || !hash_kind(entry)) continue;
    if (stated != nullptr) return Finding::BadHash;
    stated = &entry;
  }
  if (stated == nullptr) return Finding::NoHash;
  const HashKind kind = *hash_kind(*stated);
  std::array<std::uint8_t, kHashMax> expected{};
  std::array<std::uint8_t, kHashMax> computed{};
  const MutableBytes want = MutableBytes(expected).first(hash_size(kind));
  const MutableBytes have = MutableBytes(computed).first(hash_size(kind));
  if (!read_tlv(source, *stated, want)) return Finding::Unreadable;
  if (!compute_hash(source, layout.hashed_size, kind, crypto, have)) return Finding::HashFailed;
  for (const std::uint8_t byte : want) {
    if (!verdict.hash.push_back(byte)) return Finding::BadHash;
  }
  if (!std::equal(want.begin(), want.end(), have.begin())) return Finding::BadHash;
  verdict.hash_good = true;
  return Finding::Good;
}

/// Entries before a signature that say which key made it.
struct KeyName {
  std::array<std::uint8_t, kPublicKeyMax> bytes{};
  std::size_t size = 0;
  bool full = false;
};

Finding finding_of(Answer answer) {
  switch (answer) {
    case Answer::Good:
      return Finding::Good;
    case Answer::Bad:
      return Finding::BadSignature;
    case Answer::UnknownKey:
      return Finding::UnknownKey;
    case Answer::Unsupported:
      break;
  }
  return Finding::Refused;
}

class SignatureCheck {
 public:
  SignatureCheck(const Source& source, const Layout& layout, Crypto& crypto, const Accepts& accepts,
                 Verdict& verdict)
      : source_(source), layout_(layout), crypto_(crypto), accepts_(accepts), verdict_(verdict) {}

  Finding run() {
    for (const Tlv& entry : layout_.tlvs.view()) {
      if (entry.is(TlvType::SignaturePure)) verdict_.pure = true;
    }
    for (const Tlv& entry : layout_.tlvs.view()) {
      if (entry.is_protected) continue;
      const Finding one = entry.is(TlvType::KeyHash) || entry.is(TlvType::PublicKey)
                              ? note_key(entry)
                              : judge(entry);
      if (one < best_) best_ = one;
      if (best_ == Finding::Good) break;
    }
    return best_;
  }

 private:
  Finding note_key(const Tlv& entry) {
    key_ = {};
    key_.full = entry.is(TlvType::PublicKey);
    if (entry.length > key_.bytes.size()) return Finding::Unsigned;
    if (!read_tlv(source_, entry, key_.bytes)) return Finding::Unreadable;
    key_.size = entry.length;
    return Finding::Unsigned;
  }

  Finding judge(const Tlv& entry) {
    const auto algorithm = algorithm_of(entry);
    if (!algorithm) return Finding::Unsigned;
    verdict_.algorithm = *algorithm;
    if (key_.size == 0 || entry.length > signature_.size()) return Finding::Refused;
    if ((verdict_.pure && !accepts_.pure) || (key_.full && !accepts_.full_key)) {
      return Finding::Refused;
    }
    if (!read_tlv(source_, entry, signature_)) return Finding::Unreadable;
    const Bytes key = Bytes(key_.bytes).first(key_.size);
    Question question;
    question.algorithm = *algorithm;
    (key_.full ? question.public_key : question.key_hash) = key;
    question.digest = verdict_.hash.view();
    question.signature = Bytes(signature_).first(entry.length);
    question.source = &source_;
    question.length = verdict_.pure ? layout_.hashed_size : 0;
    return finding_of(crypto_.ask(question));
  }

  const Source& source_;
  const Layout& layout_;
  Crypto& crypto_;
  const Accepts& accepts_;
  Verdict& verdict_;
  KeyName key_;
  std::array<std::uint8_t, kSignatureMax> signature_{};
  Finding best_ = Finding::Unsigned;
};

struct FindingText {
  Finding finding;
  std::string_view name;
  std::string_view sentence;
};
constexpr std::array kFindings = {
    FindingText{Finding::Good, "good", "hash and signature are right"},
    FindingText{Finding::Unreadable, "unreadable", "it cannot be read"},
    FindingText{Finding::Encrypted, "encrypted",
                "it is encrypted for the device, nobody else can check it"},
    FindingText{Finding::Compressed, "compressed",
                "it is compressed, its hash is over what the device unpacks"},
    FindingText{Finding::NoHash, "no_hash", "it has no hash"},
    FindingText{Finding::BadHash, "bad_hash", "it is damaged: its hash is another"},
    FindingText{Finding::HashFailed, "hash_failed", "its hash cannot be computed here"},
    FindingText{Finding::BadSignature, "bad_signature",
                "its signature does not fit, though the key is known"},
    FindingText{Finding::UnknownKey, "unknown_key", "it is signed with a key that was not given"},
    FindingText{Finding::Refused, "refused", "its kind of signature is not accepted here"},
    FindingText{Finding::Unsigned, "unsigned", "nobody signed it"},
};

}  // namespace

std::string_view name(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::Ed25519:
      return "Ed25519";
    case Algorithm::EcdsaP256:
      return "ECDSA P-256";
    case Algorithm::RsaPss2048:
      return "RSA-2048 PSS";
    case Algorithm::RsaPss3072:
      return "RSA-3072 PSS";
  }
  return "";
}

std::string_view name(Finding finding) { return kFindings[static_cast<std::size_t>(finding)].name; }
std::string_view sentence(Finding finding) {
  return kFindings[static_cast<std::size_t>(finding)].sentence;
}

Verdict verify(const Source& source, const Layout& layout, Crypto& crypto, const Accepts& accepts) {
  Verdict verdict;
  if (layout.encrypted()) {
    verdict.finding = Finding::Encrypted;
    return verdict;
  }
  if ((layout.flags & kTransformed) != 0) {
    verdict.finding = Finding::Compressed;
    return verdict;
  }
  verdict.finding = check_hash(source, layout, crypto, verdict);
  if (verdict.finding != Finding::Good) return verdict;
  SignatureCheck check(source, layout, crypto, accepts, verdict);
  verdict.finding = check.run();
  return verdict;
}

}  // namespace weco::image
