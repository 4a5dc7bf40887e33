// SPDX-License-Identifier: Apache-2.0
// Asks a person at a terminal about one item of a checklist after the other, in the language of the
// record. Nothing is kept here: every answer goes to the run at once.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/context.hpp"
#include "host/profile/checklist.hpp"
#include "host/records/run.hpp"

namespace weco::cli {

class Questions {
 public:
  Questions(Output& output, const Language& language) : output_(output), language_(language) {}

  /// Asks until every item has an answer that the run takes, and a service case where one is due;
  /// false when the person stopped.
  Outcome<bool> ask_all(records::Run& run, std::int64_t now);
  /// The operator's declaration, typed as yes.
  bool declares(records::Declaration declaration);

 private:
  std::optional<std::string> line(std::string_view prompt);
  [[nodiscard]] std::string_view word(std::string_view key) const { return language_.word(key); }
  void show(const ChecklistItem& item);
  std::optional<records::Given> ask(const ChecklistItem& item);
  bool ask_torque(const ChecklistItem& item, records::Given& given);
  bool ask_evidence(const ChecklistItem& item, records::Given& given);

  Output& output_;
  const Language& language_;
  std::string group_;
};

/// A file as an attachment: its content, digest and bare name.
Outcome<store::AttachmentRow> read_attachment(const std::string& path);

}  // namespace weco::cli
