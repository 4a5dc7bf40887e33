// SPDX-License-Identifier: Apache-2.0
// A record for people: one HTML file that needs nothing else, Markdown, or a table for a
// spreadsheet; in any language that there is a file for.
#pragma once

#include <string>

#include "host/profile/checklist.hpp"
#include "host/proof/canonical.hpp"

namespace weco::report {

using proof::Json;

struct Source {
  Json body;         // of a weco.record/1
  Json attachments;  // {"content","name","sha256"}, content in base64
  std::string hash;
  std::string key;      // id of the key that signed; empty: not signed
  std::string comment;  // the signed one
};

/// Texts of items are translated where the record's own words are those of this program's
/// checklist; what was written then is never replaced by something newer.
std::string as_html(const Source& source, const Checklists& lists, const Language& language);
std::string as_markdown(const Source& source, const Checklists& lists, const Language& language);
std::string as_csv(const Source& source, const Checklists& lists, const Language& language);

/// The words of one record in one language.
class Words {
 public:
  Words(const Source& source, const Checklists& lists, const Language& language);
  [[nodiscard]] std::string_view word(std::string_view key) const { return language_.word(key); }
  [[nodiscard]] std::string title() const;
  [[nodiscard]] std::string item(const Json& item) const;
  [[nodiscard]] std::string group(const Json& item) const;
  [[nodiscard]] std::string result(const Json& item) const;
  [[nodiscard]] std::string fix(const Json& item) const;  // empty: nothing to do
  /// "5.8 Nm (6.0 Nm), wrench 7", "62.0 %" or nothing.
  [[nodiscard]] std::string value(const Json& item) const;
  [[nodiscard]] std::string note(const Json& item) const;

 private:
  const Source& source_;
  const Language& language_;
  const Checklist* list_ = nullptr;
};

}  // namespace weco::report
