// SPDX-License-Identifier: Apache-2.0
// A document that proves itself: a body, its digest, a signature over it and the key that made it,
// in one canonical spelling. Because there is only one, a change of any byte of the file is found,
// in the body or around it.
#pragma once

#include <string>
#include <string_view>

#include "host/proof/canonical.hpp"
#include "host/proof/minisign.hpp"

namespace weco::proof {

struct Sealed {
  Json body;                         // its member "schema" says what it is
  Json attachments = Json::array();  // {"content","name","sha256"}, content in base64
  std::string hash;                  // SHA-256 of the canonical body
  std::string signature;             // minisign's four lines over the canonical body
  PublicKey key;
  std::string comment;  // the signed one: when and by whom
};

/// The whole file, ended with a line feed.
std::string to_text(const Sealed& sealed);
/// Body and attachments signed by `key`.
Sealed seal(Json body, Json attachments, const SecretKey& key, std::string_view comment);
/// Reads and checks everything; VerificationDiffers names the first thing that does not match.
Outcome<Sealed> open_sealed(std::string_view text, const std::string& where);

}  // namespace weco::proof
