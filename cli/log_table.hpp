// SPDX-License-Identifier: Apache-2.0
// A device's journal as one SQLite file: the table `records` with the columns of a CSV dump, views
// of each kind of record, and `dump` with what the file is of. Records go in by the thousand, all
// of a thousand or none of it, so that a dump which was cut can always be gone on with.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/render/logbook.hpp"
#include "host/store/database.hpp"

namespace weco::cli {

class LogTable {
 public:
  /// Where the next record belongs.
  struct End {
    std::uint32_t next = 0;
    proof::Hash chain{};
  };
  /// A new file. BadUsage when there is one: nothing is written over.
  /// `program` is who writes it.
  static Outcome<std::unique_ptr<LogTable>> create(const std::string& path,
                                                   const std::string& device,
                                                   std::string_view program);
  /// A file that create() made, to go on with. BadInput when it is something else.
  static Outcome<std::unique_ptr<LogTable>> go_on(const std::string& path);

  explicit LogTable(std::unique_ptr<store::Database> database) : database_(std::move(database)) {}
  ~LogTable();
  LogTable(const LogTable&) = delete;
  LogTable& operator=(const LogTable&) = delete;
  Done add(const logbook::Entry& entry, const logbook::Texts& texts);
  /// What was added is in the file.
  Done flush();
  [[nodiscard]] const End& end() const { return end_; }

 private:
  std::unique_ptr<store::Database> database_;
  std::vector<store::Values> waiting_;
  bool writing_ = false;  // the first record has come: before, nothing in the file changes
  End end_;
};

}  // namespace weco::cli
