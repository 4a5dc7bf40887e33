// SPDX-License-Identifier: Apache-2.0
#include "host/proof/minisign.hpp"

#include <algorithm>
#include <vector>

namespace weco::proof {
namespace {

constexpr std::string_view kUntrusted = "untrusted comment: ";
constexpr std::string_view kTrusted = "trusted comment: ";
constexpr std::string_view kSecretHead = "weco secret key 1\n";
constexpr std::string_view kKeyKind = "Ed";
constexpr std::string_view kHashedKind = "ED";
constexpr std::size_t kPublicSize = 2 + 8 + 32;
constexpr std::size_t kSignatureSize = 2 + 8 + 64;

template <std::size_t N>
std::string_view view(const std::array<std::uint8_t, N>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), N};
}

template <std::size_t N>
std::array<std::uint8_t, N> take(std::string_view bytes, std::size_t at) {
  std::array<std::uint8_t, N> out{};
  std::transform(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                 bytes.begin() + static_cast<std::ptrdiff_t>(at + N), out.begin(),
                 [](char c) { return static_cast<std::uint8_t>(c); });
  return out;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
  return lines;
}

std::string untrusted_line(const KeyId& id) {
  return std::string(kUntrusted) + "signature from weco key " + to_text(id);
}

Unexpected<Failure> no_signature(const std::string& where) {
  return failure(ErrorCode::VerificationDiffers, "the signature is not one of minisign's", where);
}

}  // namespace

std::string to_text(const KeyId& id) {
  std::string bytes(view(id));
  std::ranges::reverse(bytes);
  std::string text = hex(bytes);
  for (char& c : text) c = c >= 'a' ? static_cast<char>(c - 32) : c;
  return text;
}

Outcome<SecretKey> make_key() {
  const auto bytes = random_bytes(8 + 32);
  if (!bytes) return Unexpected{bytes.error()};
  return SecretKey{take<8>(*bytes, 0), take<32>(*bytes, 8)};
}

std::string key_line(const PublicKey& key) {
  return to_base64(std::string(kKeyKind) + std::string(view(key.id)) +
                   std::string(view(key.bytes)));
}

std::string public_key_file(const PublicKey& key) {
  return std::string(kUntrusted) + "minisign public key " + to_text(key.id) + "\n" + key_line(key) +
         "\n";
}

Outcome<PublicKey> parse_public_key(std::string_view text, const std::string& where) {
  const auto lines = lines_of(text);
  if (!lines.empty() && lines.size() <= 2) {
    const auto bytes = from_base64(lines.back());
    if (bytes && bytes->size() == kPublicSize && bytes->starts_with(kKeyKind)) {
      return PublicKey{take<8>(*bytes, 2), take<32>(*bytes, 10)};
    }
  }
  return failure(ErrorCode::BadInput, "this is no public key of minisign's", where,
                 "Name the file that 'weco key new' or 'minisign -G' made, ending in .pub.");
}

std::string secret_key_file(const SecretKey& key) {
  return std::string(kSecretHead) +
         to_base64(std::string(view(key.id)) + std::string(view(key.seed))) + "\n";
}

Outcome<SecretKey> parse_secret_key(std::string_view text, const std::string& where) {
  if (text.starts_with(kSecretHead) && text.ends_with('\n')) {
    text.remove_prefix(kSecretHead.size());
    text.remove_suffix(1);
    const auto bytes = from_base64(text);
    if (bytes && bytes->size() == 8 + 32) {
      return SecretKey{take<8>(*bytes, 0), take<32>(*bytes, 8)};
    }
  }
  return failure(ErrorCode::BadInput, "this is no secret key of weco's", where);
}

std::string sign_file(const SecretKey& key, std::string_view message, std::string_view comment) {
  const SignatureBytes first = sign(key.seed, blake2b(message));
  const SignatureBytes global = sign(key.seed, std::string(view(first)) + std::string(comment));
  return untrusted_line(key.id) + "\n" +
         to_base64(std::string(kHashedKind) + std::string(view(key.id)) +
                   std::string(view(first))) +
         "\n" + std::string(kTrusted) + std::string(comment) + "\n" + to_base64(view(global)) +
         "\n";
}

Outcome<CheckedSignature> check_file(const PublicKey& key, std::string_view message,
                                     std::string_view signature, const std::string& where,
                                     FirstLine first_line) {
  const auto lines = lines_of(signature);
  if (lines.size() != 4 || !signature.ends_with('\n') || !lines[0].starts_with(kUntrusted) ||
      !lines[2].starts_with(kTrusted)) {
    return no_signature(where);
  }
  const auto bytes = from_base64(lines[1]);
  const auto global = from_base64(lines[3]);
  if (!bytes || !global || bytes->size() != kSignatureSize || global->size() != 64 ||
      !bytes->starts_with(kHashedKind)) {
    return no_signature(where);
  }
  const KeyId id = take<8>(*bytes, 2);
  if (id != key.id) {
    return failure(ErrorCode::VerificationDiffers,
                   "the signature is by key " + to_text(id) + ", not by key " + to_text(key.id),
                   where);
  }
  if (first_line == FirstLine::Ours && lines[0] != untrusted_line(id)) {
    return failure(ErrorCode::VerificationDiffers, "the signature's first line was changed", where);
  }
  const std::string_view comment = lines[2].substr(kTrusted.size());
  if (!verify(key.bytes, blake2b(message), take<64>(*bytes, 10))) {
    return failure(ErrorCode::VerificationDiffers, "the signature does not belong to this content",
                   where);
  }
  if (!verify(key.bytes, bytes->substr(10) + std::string(comment), take<64>(*global, 0))) {
    return failure(ErrorCode::VerificationDiffers, "the signature's comment was changed", where);
  }
  return CheckedSignature{id, std::string(comment)};
}

}  // namespace weco::proof
