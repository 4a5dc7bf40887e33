// SPDX-License-Identifier: Apache-2.0
// A journal from a number on, record by record: each one checked, none left out in silence. While a
// ring goes on under the reader it loses only what the device itself has overwritten, and says so.
//
// The chain: every line's hash is SHA-256 over the hash of the line before it (32 zero bytes at the
// start) and the 64 bytes of the record as the device stores them; for a gap "gap" with the first
// number and the count, four bytes each, little endian. Whoever has the records can build it again.
#pragma once

#include <array>
#include <optional>

#include "host/logbook/source.hpp"
#include "host/proof/digest.hpp"

namespace weco::logbook {

/// Why a number has no record.
enum class Loss : std::uint8_t {
  None,
  Overwritten,  // the ring went over it
  Lost,         // a power cut took it
  Damaged,      // its checksum, layout or number is wrong
};
std::string_view name(Loss loss);  // "overwritten"

struct Entry {
  std::uint32_t sequence = 0;
  Loss loss = Loss::None;
  std::uint32_t missing = 0;  // so many numbers from `sequence` on, in a gap
  journal::Record record{};   // without a loss
  proof::Hash chain{};        // up to and with this line
};

class Reader {
 public:
  /// From record `from` on, with the hash of the line before it. The source outlives the reader.
  Reader(Source& source, std::uint32_t from, const proof::Hash& chain = {})
      : source_(source), next_(from), chain_(chain) {}

  /// Asks the device what it has. VerificationDiffers when that is less than was read from it.
  Done look();
  /// The next line, or nullopt when the device has nothing newer now; asking again later is fine.
  /// Fails as look() does.
  Outcome<std::optional<Entry>> next();
  [[nodiscard]] std::uint32_t position() const { return next_; }
  /// Up to and with the last line.
  [[nodiscard]] const proof::Hash& chain() const { return chain_; }
  /// As last told by the device.
  [[nodiscard]] const Range& range() const { return range_; }

 private:
  Done fill();
  Entry take(const Slot& slot);
  Entry gap(Loss loss, std::uint32_t count);

  Source& source_;
  std::uint32_t next_;
  proof::Hash chain_;
  Range range_{};
  std::array<Slot, 16> slots_{};
  std::size_t filled_ = 0;
  std::size_t used_ = 0;
};

}  // namespace weco::logbook
