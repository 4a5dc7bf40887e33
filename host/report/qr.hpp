// SPDX-License-Identifier: Apache-2.0
// A QR code as SVG: the digest of a record on paper, to be held against the file.
#pragma once

#include <string>

namespace weco::report {

/// Empty when `text` is too long for a QR code.
std::string qr_svg(const std::string& text);

}  // namespace weco::report
