// SPDX-License-Identifier: Apache-2.0
// Recorded traffic as a value: what was on the wire, when, in which direction, and where it comes
// from. Read are candump's console and log output, the evidence that weco writes, sniffed Pylontech
// RS485 conversations as JSON lines, plain lines of ~frames, and pcapng.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.hpp"
#include "core/protocol/can/frame.hpp"
#include "host/failure/failure.hpp"

namespace weco::transports {

inline constexpr std::size_t kRecordingBytesMax = 1U << 28;
inline constexpr std::size_t kRecordingItemsMax = 5000000;

enum class RecordingForm : std::uint8_t { Candump, Evidence, PylontechSniff, TextFrames, Pcapng };

struct RecordedItem {
  /// Who sent it: the one who asks (our side, an inverter) or the device. Unknown where the form
  /// does not say: everything was heard on the line.
  enum class From : std::uint8_t { Unknown, Asker, Device };
  Duration at{};  // since the first item; 0 throughout when the form has no times
  From from = From::Unknown;
  std::string link;                // evidence: the endpoint; candump: the interface
  std::optional<CanFrame> frame;   // a CAN frame, or
  std::vector<std::uint8_t> data;  // the bytes of one message, its end mark included
  std::uint32_t line = 0;          // of the file
};

struct Recording {
  std::string path;
  RecordingForm form = RecordingForm::Candump;
  bool timed = false;
  bool torn = false;                    // the last line was cut in the middle and left out
  std::vector<std::string> provenance;  // comment lines and headers, as they stand: untrusted
  std::vector<RecordedItem> items;
  [[nodiscard]] bool has_frames() const;
  [[nodiscard]] bool has_bytes() const;
};

/// NotFound, PermissionDenied, TooLong; BadInput, OutOfRange or Unsupported with
/// file:line:column in `where`.
Outcome<Recording> load_recording(const std::string& path);
/// The same for text in memory; `path` serves for messages.
Outcome<Recording> parse_recording(std::string_view text, const std::string& path);

}  // namespace weco::transports
