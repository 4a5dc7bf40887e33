// SPDX-License-Identifier: Apache-2.0
// What an update did, step by step, written before anything is built on it. A line says what is
// true already, never what is intended; so whoever reads the journal after a crash knows the least
// that has happened.
//
//   2026-11-26T00:10:28Z stage=uploaded device=tower-1 image=961ede61... offset=16572 of=16572
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "host/failure/failure.hpp"

namespace weco {

enum class FlashStage : std::uint8_t {
  Begun,      // the image is good, the device known
  Permitted,  // the guard let it pass
  Uploading,  // the device has `offset` bytes
  Uploaded,   // the device lists our hash
  Asked,      // it will try the image at its next reset
  Restarted,  // it was told to reset
  Returned,   // our image runs, on trial
  Healthy,    // and is well
  Confirmed,  // and stays
  Reverted,   // the old firmware runs again
  Refused,    // nothing was changed
  Failed,     // ended with an error, in `note`
  Planned,    // it belongs to a run over many devices that begins now
};
std::string_view name(FlashStage stage);

struct FlashEntry {
  FlashStage stage = FlashStage::Begun;
  std::string device;
  std::string image;  // hash, hexadecimal
  std::uint32_t offset = 0;
  std::uint32_t total = 0;
  std::string note;     // one line; empty: none
  std::int64_t at = 0;  // seconds since 1970, UTC
};

std::string to_line(const FlashEntry& entry);
/// BadInput when it is no line of a journal.
Outcome<FlashEntry> parse_line(std::string_view line);

using FlashJournal = std::function<Done(const FlashEntry&)>;

/// Appends to a file, each line on disk before it returns.
class FlashJournalFile {
 public:
  explicit FlashJournalFile(std::string path) : path_(std::move(path)) {}
  ~FlashJournalFile();
  FlashJournalFile(const FlashJournalFile&) = delete;
  FlashJournalFile& operator=(const FlashJournalFile&) = delete;
  Done append(const FlashEntry& entry);

 private:
  std::string path_;
  int fd_ = -1;
};

/// A line that was torn, at the end or where a run went on, is left out. NotFound; BadInput with
/// the line's number.
Outcome<std::vector<FlashEntry>> read_journal(const std::string& path);

}  // namespace weco
