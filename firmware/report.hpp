// SPDX-License-Identifier: Apache-2.0
// Lines of names and whole numbers, written without a C library so that the host and the
// microcontroller cannot differ in it, and a checksum over everything that is too much to print.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/fixed.hpp"

namespace weco::firmware {

/// One line: `Line("soc").with("promille", 500).end();` prints "soc promille=500".
class Line {
 public:
  static constexpr std::size_t kLengthMax = 160;  // longer lines are cut

  explicit Line(std::string_view title) : text_(title) {}
  Line& with(std::string_view name, std::int64_t value);
  Line& with(std::string_view name, std::string_view value);
  Line& hex(std::string_view name, std::uint32_t value);
  /// Sends the line.
  void end();

 private:
  FixedString<kLengthMax> text_;
};

/// CRC-32 over values as 64-bit words, so that neither padding nor the width of a type matters.
class Digest {
 public:
  void add(std::int64_t value);
  void add(Bytes data);
  [[nodiscard]] std::uint32_t value() const { return crc_; }

 private:
  std::uint32_t crc_ = 0;
};

}  // namespace weco::firmware
