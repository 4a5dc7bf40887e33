// SPDX-License-Identifier: Apache-2.0
// Lines of a device's journal: for people, for spreadsheets, for programs. The number is always the
// first value of a line and the hash of the chain the last, which is what a dump goes on from.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "host/logbook/codes.hpp"
#include "host/logbook/reader.hpp"

namespace weco::cli {

enum class LogForm : std::uint8_t { Table, Csv, Ndjson };

/// What a line says, in this order; of a table as of the columns of a spreadsheet.
struct LogColumn {
  std::string_view name;
  bool text = false;
};
std::span<const LogColumn> log_columns();
using LogCell = std::variant<std::monostate, std::int64_t, std::string>;
/// The line as values, one a column; numbers with a fraction as their exact decimal text.
std::vector<LogCell> log_cells(const logbook::Entry& entry, const logbook::Texts& texts);

/// The cells of a snapshot in words; empty for what it does not have, "-" for what was not read.
struct SnapshotText {
  std::string cells;     // "17-32"
  std::string voltages;  // "3.312 3.311 -", volts
  std::string sensors;
  std::string temperatures;  // degrees Celsius
};
SnapshotText snapshot_text(const journal::CellSnapshot& snapshot);

/// What stands above the lines; empty for Ndjson.
std::string_view log_heading(LogForm form);
/// One line with its line feed, appended.
void add_log_line(LogForm form, const logbook::Entry& entry, const logbook::Texts& texts,
                  std::string& out);

}  // namespace weco::cli
