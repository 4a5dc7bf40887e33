// SPDX-License-Identifier: Apache-2.0
// Unified Diagnostic Services (ISO 14229), as much as an update needs, and the identifiers that our
// devices publish for it. Messages only: ISO-TP carries them.
//
//   22 F191                board, as text                22 F18C   serial number, as text
//   22 FD00, FD01          running and spare slot: flags, version (8), size of the hash, hash
//   22 FD20                numbers of the oldest record of the journal (4) and of the next (4)
//   31 01 FD21 first count reads so many of its records (1 to 15, each 64 bytes) from `first` (4)
//   22 FD02                upload under way: bytes stored (4), of (4), SHA-256 of the image (32)
//   31 01 FF00 size sha    empties the spare slot for an image (programming session)
//   34 00 44 offset rest   the upload goes on at `offset`, which must be what FD02 says
//   36 n data, 37          blocks; n begins at 01 and goes from FF to 00
//   31 01 FD10 hash        tries the image with this hash at the next reset
//   31 01 FD11             what runs stays
//   11 01                  resets
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/bytes.hpp"

namespace weco::uds {

enum class Service : std::uint8_t {
  Session = 0x10,
  Reset = 0x11,
  ReadData = 0x22,
  Routine = 0x31,
  RequestDownload = 0x34,
  TransferData = 0x36,
  TransferExit = 0x37,
  TesterPresent = 0x3E,
};
inline constexpr std::uint8_t kStartRoutine = 1;
inline constexpr std::uint8_t kPositive = 0x40;
inline constexpr std::uint8_t kNegative = 0x7F;
inline constexpr std::uint8_t kDefaultSession = 1;
inline constexpr std::uint8_t kProgrammingSession = 2;

inline constexpr std::uint16_t kSerialNumber = 0xF18C;
inline constexpr std::uint16_t kBoard = 0xF191;
inline constexpr std::uint16_t kRunningSlot = 0xFD00;
inline constexpr std::uint16_t kSpareSlot = 0xFD01;
inline constexpr std::uint16_t kUploadState = 0xFD02;
inline constexpr std::uint16_t kJournalRange = 0xFD20;
inline constexpr std::uint16_t kJournalRoutine = 0xFD21;
inline constexpr std::uint8_t kJournalRecords = 15;  // of one answer
inline constexpr std::uint16_t kEraseRoutine = 0xFF00;
inline constexpr std::uint16_t kTrialRoutine = 0xFD10;
inline constexpr std::uint16_t kConfirmRoutine = 0xFD11;

enum SlotFlag : std::uint8_t {
  kValid = 0x01,
  kActive = 0x02,
  kConfirmed = 0x04,
  kPending = 0x08,
  kPermanent = 0x10,
};

/// Negative response codes.
enum class Nrc : std::uint8_t {
  None = 0x00,
  ServiceNotSupported = 0x11,
  SubFunctionNotSupported = 0x12,
  WrongLength = 0x13,
  BusyRepeat = 0x21,
  ConditionsNotCorrect = 0x22,
  SequenceError = 0x24,
  OutOfRange = 0x31,
  SecurityDenied = 0x33,
  UploadRefused = 0x70,
  TransferSuspended = 0x71,
  ProgrammingFailure = 0x72,
  WrongBlockCounter = 0x73,
  Pending = 0x78,
  NotInSession = 0x7F,
};
constexpr std::string_view name(std::uint8_t nrc) {
  switch (static_cast<Nrc>(nrc)) {
    case Nrc::ServiceNotSupported:
      return "service not supported";
    case Nrc::SubFunctionNotSupported:
      return "sub-function not supported";
    case Nrc::WrongLength:
      return "wrong length";
    case Nrc::BusyRepeat:
      return "busy";
    case Nrc::ConditionsNotCorrect:
      return "conditions not correct";
    case Nrc::SequenceError:
      return "wrong sequence";
    case Nrc::OutOfRange:
      return "out of range";
    case Nrc::SecurityDenied:
      return "security access denied";
    case Nrc::UploadRefused:
      return "upload refused";
    case Nrc::TransferSuspended:
      return "transfer suspended";
    case Nrc::ProgrammingFailure:
      return "programming failed";
    case Nrc::WrongBlockCounter:
      return "wrong block counter";
    case Nrc::Pending:
      return "still at work";
    case Nrc::NotInSession:
      return "not in this session";
    case Nrc::None:
      break;
  }
  return "unknown";
}

/// The longest message that 12 bits of ISO-TP announce.
inline constexpr std::size_t kMessageMax = 4095;

}  // namespace weco::uds
