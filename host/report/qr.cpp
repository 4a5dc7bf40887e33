// SPDX-License-Identifier: Apache-2.0
#include "host/report/qr.hpp"

#include <fmt/format.h>
#include <qrencode.h>

#include <memory>

namespace weco::report {

std::string qr_svg(const std::string& text) {
  const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
      QRcode_encodeString8bit(text.c_str(), 0, QR_ECLEVEL_M), QRcode_free);
  if (!code) return {};
  constexpr int kQuiet = 4;  // modules of white around it, as readers need
  const int size = code->width + 2 * kQuiet;
  std::string path;
  for (int y = 0; y < code->width; ++y) {
    for (int x = 0; x < code->width; ++x) {
      const bool black = (code->data[y * code->width + x] & 1U) != 0;
      if (black) path += fmt::format("M{} {}h1v1h-1z", x + kQuiet, y + kQuiet);
    }
  }
  return fmt::format(
      "<svg class=\"qr\" viewBox=\"0 0 {0} {0}\" shape-rendering=\"crispEdges\" role=\"img\" "
      "aria-label=\"QR\"><rect width=\"{0}\" height=\"{0}\" fill=\"#fff\"/><path d=\"{1}\" "
      "fill=\"#000\"/></svg>",
      size, path);
}

}  // namespace weco::report
