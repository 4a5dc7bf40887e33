// SPDX-License-Identifier: Apache-2.0
// The two text forms in which Linux tools write CAN traffic: what candump prints, and its log file
// (-L). Recordings are exchanged in them, so reading is forgiving about layout and exact about
// content: an error names the line and the column.
#pragma once

#include <string_view>

#include "core/base/fixed.hpp"
#include "core/base/result.hpp"
#include "core/protocol/can/frame.hpp"

namespace weco::candump {

/// One frame of a recording. frame.at is the printed time; has_time tells whether there was one.
struct Record {
  CanFrame frame;
  FixedString<16> interface;
  bool has_time = false;
};

/// Where the text cannot be understood. Line and column count from 1.
/// Codes: BadInput; OutOfRange (id, size or time that does not exist); Unsupported (CAN FD).
struct TextError {
  ErrorCode code = ErrorCode::BadInput;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  friend constexpr bool operator==(const TextError&, const TextError&) = default;
};

/// One line without its end. True: `record` holds a frame; false: blank, or a comment with '#'
/// first.
Result<bool, TextError> parse_line(std::string_view text, std::uint32_t line, Record& record);

/// Frame by frame through a recording. After an error the next call goes on with the next line.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}
  /// False at the end.
  Result<bool, TextError> next(Record& record);
  /// Of the line last read, from 1.
  [[nodiscard]] std::uint32_t line() const { return line_; }

 private:
  std::string_view rest_;
  std::uint32_t line_ = 0;
};

/// Both forms without the line's end.
using Text = FixedString<96>;
/// "(1700000000.000000) can0 351#1402D007D007C001". Times before the origin are written as 0.
Text format_log(const Record& record);
/// "  can0  351   [8]  14 02 D0 07 D0 07 C0 01", with the time in front where there is one.
Text format_console(const Record& record);

}  // namespace weco::candump
