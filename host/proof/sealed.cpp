// SPDX-License-Identifier: Apache-2.0
#include "host/proof/sealed.hpp"

#include <utility>

namespace weco::proof {
namespace {

constexpr const char* kSchema = "weco.sealed/1";

Unexpected<Failure> differs(std::string what, const std::string& where) {
  return failure(ErrorCode::VerificationDiffers, std::move(what), where,
                 "The file was changed or damaged after it was signed; ask for it again.");
}

Done check_attachments(const Json& attachments, const std::string& where) {
  for (const Json& attachment : attachments) {
    const auto content = from_base64(text_of(attachment, "content"));
    if (content && sha256_hex(*content) == text_of(attachment, "sha256")) continue;
    return differs("the attachment \"" + text_of(attachment, "name") + "\" is not the one recorded",
                   where);
  }
  return {};
}

/// Each attachment is named in the body with its digest, in the same order.
bool attachments_belong(const Json& body, const Json& attachments) {
  const Json& wanted = list_of(body, "attachments");
  if (wanted.size() != attachments.size()) return false;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (text_of(wanted[i], "sha256") != text_of(attachments[i], "sha256") ||
        text_of(wanted[i], "name") != text_of(attachments[i], "name")) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::string to_text(const Sealed& sealed) {
  const Json file = {{"schema", kSchema},           {"body", sealed.body},
                     {"hash", sealed.hash},         {"attachments", sealed.attachments},
                     {"key", key_line(sealed.key)}, {"signature", sealed.signature}};
  return canonical(file) + "\n";
}

Sealed seal(Json body, Json attachments, const SecretKey& key, std::string_view comment) {
  Sealed sealed;
  const std::string text = canonical(body);
  sealed.body = std::move(body);
  sealed.attachments = std::move(attachments);
  sealed.hash = sha256_hex(text);
  sealed.signature = sign_file(key, text, comment);
  sealed.key = key.public_key();
  sealed.comment = comment;
  return sealed;
}

Outcome<Sealed> open_sealed(std::string_view text, const std::string& where) {
  auto file = parse_json(text, where);
  if (!file) return differs(file.error().what, where);
  Sealed sealed;
  if (text_of(*file, "schema") != kSchema) {
    return failure(ErrorCode::VerificationDiffers, "this is no signed file of weco's", where,
                   "Name a file that 'weco checklist export' wrote.");
  }
  sealed.body = object_of(*file, "body");
  sealed.attachments = list_of(*file, "attachments");
  sealed.hash = text_of(*file, "hash");
  sealed.signature = text_of(*file, "signature");
  auto key = parse_public_key(text_of(*file, "key"), where);
  if (!key) return differs("the key in the file was changed", where);
  sealed.key = *key;
  if (Done done = check_attachments(sealed.attachments, where); !done) {
    return Unexpected{done.error()};
  }
  const std::string body = canonical(sealed.body);
  if (sha256_hex(body) != sealed.hash) return differs("the content was changed", where);
  const auto checked = check_file(sealed.key, body, sealed.signature, where);
  if (!checked) return Unexpected{checked.error()};
  sealed.comment = checked->comment;
  if (!attachments_belong(sealed.body, sealed.attachments)) {
    return differs("the attachments are not those recorded", where);
  }
  if (to_text(sealed) != text) return differs("the file's spelling was changed", where);
  return sealed;
}

}  // namespace weco::proof
