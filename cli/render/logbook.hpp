// SPDX-License-Identifier: Apache-2.0
// Lines of a device's journal: for people, for spreadsheets, for programs. The number is always the
// first value of a line and the hash of the chain the last, which is what a dump goes on from.
#pragma once

#include <string>
#include <string_view>

#include "host/logbook/codes.hpp"
#include "host/logbook/reader.hpp"

namespace weco::cli {

enum class LogForm : std::uint8_t { Table, Csv, Ndjson };

/// What stands above the lines; empty for Ndjson.
std::string_view log_heading(LogForm form);
/// One line with its line feed, appended.
void add_log_line(LogForm form, const logbook::Entry& entry, const logbook::Texts& texts,
                  std::string& out);

}  // namespace weco::cli
