// SPDX-License-Identifier: Apache-2.0
#include "host/image/firmware.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <fstream>
#include <utility>

namespace weco {

Outcome<Firmware> read_firmware(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    const bool denied = errno == EACCES;
    return failure(denied ? ErrorCode::PermissionDenied : ErrorCode::NotFound,
                   "the firmware file cannot be read", path,
                   denied ? "Check who may read the file." : "Check the name of the file.");
  }
  std::vector<std::uint8_t> bytes;
  std::vector<char> piece(1U << 16);
  while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())) || file.gcount() > 0) {
    bytes.insert(bytes.end(), piece.begin(), piece.begin() + file.gcount());
    if (bytes.size() > kFirmwareMax) {
      return failure(ErrorCode::TooLong, "the file is larger than any firmware image", path,
                     "Check that it is the right file.");
    }
  }
  return parse_firmware(std::move(bytes), path);
}

Outcome<Firmware> parse_firmware(std::vector<std::uint8_t> bytes, std::string path) {
  const Bytes view(bytes);
  const auto layout = image::parse(image::memory_source(view), image::TailRule::Check);
  if (!layout) {
    const auto defect = static_cast<image::Defect>(layout.error().detail);
    return failure(ErrorCode::BadInput,
                   fmt::format("this is no firmware image: {}", image::sentence(defect)), path,
                   "Get the file again from where it was published.");
  }
  return Firmware{std::move(path), std::move(bytes), *layout};
}

image::Verdict verdict_on(const Firmware& firmware, const PublicKeys& keys,
                          const image::Accepts& accepts) {
  OpensslCrypto crypto(keys);
  const Bytes view(firmware.bytes);
  return image::verify(image::memory_source(view), firmware.layout, crypto, accepts);
}

std::string hex(Bytes bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

std::string uuid_text(const image::Uuid& id) {
  std::string text = hex(id);
  for (const std::size_t at : {20U, 16U, 12U, 8U}) text.insert(at, "-");
  return text;
}

}  // namespace weco
