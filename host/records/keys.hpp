// SPDX-License-Identifier: Apache-2.0
// The installer's own keys and those of others that are trusted, as files below the records'
// folder: NAME.key (readable by its owner only), NAME.pub, trusted/NAME.pub.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/proof/minisign.hpp"

namespace weco::records {

struct NamedKey {
  std::string name;
  proof::PublicKey key;
  bool own = false;
};

class KeyFolder {
 public:
  explicit KeyFolder(std::string folder) : folder_(std::move(folder)) {}

  /// Refuses to replace a key.
  Outcome<proof::PublicKey> make(const std::string& name);
  Done trust(const std::string& name, const proof::PublicKey& key);
  /// Own keys first, each kind by name.
  Outcome<std::vector<NamedKey>> list() const;
  Outcome<proof::SecretKey> secret(const std::string& name) const;
  /// The key of that name, or the only own one when `name` is empty; nothing when there is none.
  Outcome<std::optional<proof::SecretKey>> choose(const std::string& name) const;
  /// Who holds this key, as far as is known here.
  Outcome<std::optional<NamedKey>> holder(const proof::PublicKey& key) const;
  [[nodiscard]] const std::string& folder() const { return folder_; }

 private:
  std::string folder_;
};

/// A whole file of at most `max` bytes.
Outcome<std::string> read_whole(const std::string& path, std::size_t max);
/// Written beside and renamed, so that a file is there whole or not at all. `mode` as of chmod.
Done write_whole(const std::string& path, std::string_view content, unsigned mode);

}  // namespace weco::records
