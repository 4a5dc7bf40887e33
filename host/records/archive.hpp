// SPDX-License-Identifier: Apache-2.0
// A handful of files as one tar archive (POSIX ustar), and the evidence pack of a site: what can be
// handed to somebody who has neither this program nor this machine. `tar`, `sha256sum -c` and
// `minisign` check it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "host/proof/minisign.hpp"
#include "host/store/store.hpp"

namespace weco::records {

struct ArchiveFile {
  std::string name;  // at most 99 bytes, letters, digits, '.', '_', '-' and '/'
  std::string content;
};

/// The same files and time are the same bytes.
std::string tar(const std::vector<ArchiveFile>& files, std::int64_t at);

/// A name without anything that a shell, a path or a screen could mistake.
std::string harmless_name(std::string_view name);

struct Evidence {
  std::string judgement;          // weco.warranty/1, as JSON
  std::vector<ArchiveFile> logs;  // as named by the user
  std::string made_by;            // program and version
};
/// Everything of the site: its signed export, each record with its signature and attachments, the
/// logs, the judgement, the keys, and one signed list of digests over all of it. RefusedByGuard
/// while a record is unsigned.
Outcome<std::string> evidence_pack(store::Store& store, const store::Site& site,
                                   const proof::SecretKey& key, const Evidence& evidence,
                                   std::int64_t now);

}  // namespace weco::records
