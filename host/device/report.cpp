// SPDX-License-Identifier: Apache-2.0
#include "host/device/report.hpp"

#include <fmt/format.h>

namespace weco {

std::string in_words(const LineSettings& line) {
  const char parity = line.parity == LineSettings::Parity::None   ? 'N'
                      : line.parity == LineSettings::Parity::Even ? 'E'
                                                                  : 'O';
  return fmt::format("{} {}{}{}", line.bits_per_second, line.data_bits, parity, line.stop_bits);
}

}  // namespace weco
