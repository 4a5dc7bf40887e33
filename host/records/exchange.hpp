// SPDX-License-Identifier: Apache-2.0
// Records on their way out and in: one signed record, or a whole site with its history, as one file
// that proves itself without the store it came from.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/proof/sealed.hpp"
#include "host/store/store.hpp"

namespace weco::records {

using proof::Json;

/// The signed file of a record; RefusedByGuard while it is not signed.
Outcome<proof::Sealed> sealed_record(store::Store& store, const store::RecordRow& record);
/// Every record of the site (each must be signed) with its attachments, signed as a whole.
Outcome<std::string> export_site(store::Store& store, const store::Site& site,
                                 const proof::SecretKey& key, std::string_view comment);

/// What a file turned out to be.
struct Checked {
  std::string schema;  // "weco.record/1", "weco.site/1"
  proof::Sealed file;
  std::vector<proof::Sealed> records;  // one, or those of the site in order
};
/// Everything that can be checked without a store: spelling, digest, signature, attachments, and
/// for a site the chain from its first record on.
Outcome<Checked> check_file(std::string_view text, const std::string& where);
/// Takes a checked site over; returns how many records were new.
Outcome<std::int64_t> import_site(store::Store& store, const Checked& checked);

}  // namespace weco::records
