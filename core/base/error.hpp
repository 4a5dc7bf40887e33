// SPDX-License-Identifier: Apache-2.0
// The one table of errors: every code with its name, the exit code a script sees, the sentence a
// person reads and what to try next. docs/reference and the man page are derived from it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weco {

/// Exit codes of the program (DESIGN, "Rules of the house"). Append only.
enum class ExitCode : std::uint8_t {
  Done = 0,
  Failed = 1,
  Usage = 2,
  NoAnswer = 3,
  RefusedByDevice = 4,
  VerificationDiffers = 5,
  RefusedByGuard = 6,
  DeviceReverted = 7,
  Warning = 10,
  Alarm = 11,
  Interrupted = 130,
};

/// What went wrong. Append only: the values are part of recorded evidence.
enum class ErrorCode : std::uint8_t {
  None = 0,
  Timeout,              // nothing came before the deadline
  BadChecksum,          // a frame came, its checksum differs
  BadFrame,             // a frame came that breaks its protocol's layout
  UnexpectedReply,      // a valid frame that answers another question (unit, function, transaction)
  DeviceException,      // the device refused; detail = its own code
  Truncated,            // the data ends before the value does
  TooLong,              // more data than the protocol or the buffer allows
  OutOfRange,           // a value outside what the type, point or device allows
  Unsupported,          // asked for something this device, protocol or build does not have
  NotFound,             // a name, file, port or device that is not there
  PermissionDenied,     // the operating system refuses
  Disconnected,         // the link was there and is gone
  Busy,                 // someone else uses it
  BadInput,             // text or file that cannot be understood
  BadUsage,             // a command line that cannot be understood
  RefusedByGuard,       // a write that the rules of the product forbid
  VerificationDiffers,  // what was read back is not what was written
  Interrupted,          // the user said stop
  IoError,              // the operating system failed; detail = errno
  Full,                 // a bounded container, queue or disk has no room
  Exhausted,            // an instruction, memory or time budget is used up
  EncryptedLink,        // the device wants an encrypted link, whose keys belong to its vendor
  Reverted,             // a device went back to the firmware it had
};

struct ErrorInfo {
  ErrorCode code;
  std::string_view name;  // stable, for scripts
  ExitCode exit;
  std::string_view sentence;  // without context; the host adds what and where
  std::string_view hint;      // what to try next when the place of failure has nothing better
};

inline constexpr std::array kErrors = {
    ErrorInfo{ErrorCode::None, "none", ExitCode::Done, "No error.", ""},
    ErrorInfo{ErrorCode::Timeout, "timeout", ExitCode::NoAnswer, "No answer before the deadline.",
              "Check power, cable, address and speed; 'weco scan' tries them all."},
    ErrorInfo{ErrorCode::BadChecksum, "bad_checksum", ExitCode::Failed,
              "A frame arrived with a wrong checksum.",
              "Check shielding, termination and speed of the line."},
    ErrorInfo{ErrorCode::BadFrame, "bad_frame", ExitCode::Failed,
              "A frame arrived that breaks the protocol.",
              "Check that the device speaks the protocol of this family."},
    ErrorInfo{ErrorCode::UnexpectedReply, "unexpected_reply", ExitCode::Failed,
              "A frame arrived that answers another question.",
              "Look for a second master or two devices with one address on the line."},
    ErrorInfo{ErrorCode::DeviceException, "device_exception", ExitCode::RefusedByDevice,
              "The device refused the request.", "See the device's manual for the code it gave."},
    ErrorInfo{ErrorCode::Truncated, "truncated", ExitCode::Failed, "The data ends too early.",
              "Read again; if it repeats, record the traffic and send it to support."},
    ErrorInfo{ErrorCode::TooLong, "too_long", ExitCode::Failed, "The data is longer than allowed.",
              "Ask for less at a time."},
    ErrorInfo{ErrorCode::OutOfRange, "out_of_range", ExitCode::Failed,
              "A value is outside the allowed range.", "See the range in 'weco devices show'."},
    ErrorInfo{ErrorCode::Unsupported, "unsupported", ExitCode::Failed,
              "This is not supported here.", "See 'weco devices list' for what is."},
    ErrorInfo{ErrorCode::NotFound, "not_found", ExitCode::Failed, "It is not there.",
              "Check the spelling and that the device is plugged in."},
    ErrorInfo{ErrorCode::PermissionDenied, "permission_denied", ExitCode::Failed,
              "The operating system refuses access.",
              "For serial ports, join the group 'dialout' and log in again."},
    ErrorInfo{ErrorCode::Disconnected, "disconnected", ExitCode::NoAnswer, "The link is gone.",
              "Check the cable and plug the adapter in again."},
    ErrorInfo{ErrorCode::Busy, "busy", ExitCode::Failed, "Another program is using it.",
              "Close the other program and try again."},
    ErrorInfo{ErrorCode::BadInput, "bad_input", ExitCode::Failed, "The input cannot be understood.",
              "Correct the place named."},
    ErrorInfo{ErrorCode::BadUsage, "bad_usage", ExitCode::Usage,
              "The command line cannot be understood.", "See 'weco help'."},
    ErrorInfo{ErrorCode::RefusedByGuard, "refused_by_guard", ExitCode::RefusedByGuard,
              "The write was refused before anything was sent.", "See the rule named."},
    ErrorInfo{ErrorCode::VerificationDiffers, "verification_differs", ExitCode::VerificationDiffers,
              "What was read back differs from what was written.",
              "Read the device again before you trust any setting."},
    ErrorInfo{ErrorCode::Interrupted, "interrupted", ExitCode::Interrupted, "Interrupted.", ""},
    ErrorInfo{ErrorCode::IoError, "io_error", ExitCode::Failed, "The operating system failed.",
              "See the reason named."},
    ErrorInfo{ErrorCode::Full, "full", ExitCode::Failed, "There is no room left.",
              "Make room and try again."},
    ErrorInfo{ErrorCode::Exhausted, "exhausted", ExitCode::Failed, "A budget is used up.",
              "Simplify the input named."},
    ErrorInfo{
        ErrorCode::EncryptedLink, "encrypted_link", ExitCode::RefusedByDevice,
        "The device wants an encrypted link.",
        "It is not broken here: read it with the vendor's app, or where the device offers it, "
        "switch the encryption off or Modbus TCP on."},
    ErrorInfo{ErrorCode::Reverted, "reverted", ExitCode::DeviceReverted,
              "The device went back to the firmware it had before.",
              "It works as before; read the reason, then try again."},
};

namespace detail {
consteval bool errors_in_order() {
  for (std::size_t i = 0; i < kErrors.size(); ++i) {
    if (static_cast<std::size_t>(kErrors[i].code) != i) return false;
  }
  return true;
}
}  // namespace detail
static_assert(detail::errors_in_order(), "kErrors is indexed by ErrorCode");

constexpr const ErrorInfo& info(ErrorCode code) { return kErrors[static_cast<std::size_t>(code)]; }

/// An error inside the core: no text, no heap. `detail` is the device's own code, an errno or a
/// position, as the code's comment says; 0 when there is nothing to add.
struct Error {
  ErrorCode code = ErrorCode::None;
  std::int32_t detail = 0;
  friend constexpr bool operator==(const Error&, const Error&) = default;
};

}  // namespace weco
