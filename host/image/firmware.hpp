// SPDX-License-Identifier: Apache-2.0
// A firmware file on disk: read once, bounded, its layout understood, its verdict by the keys
// given.
#pragma once

#include <string>
#include <vector>

#include "host/image/crypto.hpp"

namespace weco {

/// The largest image that anything we know has room for is 2 MiB.
inline constexpr std::size_t kFirmwareMax = 16U << 20;

struct Firmware {
  std::string path;
  std::vector<std::uint8_t> bytes;  // of the file
  image::Layout layout;
  /// What is sent to a device: the image without padding and trailer, because a trailer could ask
  /// to be taken without a trial.
  [[nodiscard]] Bytes image() const { return Bytes(bytes).first(layout.size); }
};

/// NotFound, PermissionDenied, TooLong, BadInput with the defect in words.
Outcome<Firmware> read_firmware(const std::string& path);
Outcome<Firmware> parse_firmware(std::vector<std::uint8_t> bytes, std::string path);

/// With the keys given; without any, a whole image ends as UnknownKey or Unsigned.
image::Verdict verdict_on(const Firmware& firmware, const PublicKeys& keys,
                          const image::Accepts& accepts = {});

std::string hex(Bytes bytes);
std::string uuid_text(const image::Uuid& id);

}  // namespace weco
