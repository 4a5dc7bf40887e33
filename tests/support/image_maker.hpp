// SPDX-License-Identifier: Apache-2.0
// Makes signed firmware images for tests, as a vendor's build would. The key is made from a fixed
// seed and protects nothing.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/protocol/image/image.hpp"

namespace weco::test {

struct ImageRecipe {
  image::Version version{1, 0, 0, 0};
  std::uint32_t payload_bytes = 3000;
  std::uint32_t seed = 1;  // of the payload
  std::optional<std::uint32_t> security_counter{};
  std::optional<image::Uuid> vendor_id{};
  std::optional<image::Uuid> class_id{};
  bool foreign_key = false;
};

std::vector<std::uint8_t> make_image(const ImageRecipe& recipe);
/// The Ed25519 key that signs them, and the one that does not.
std::array<std::uint8_t, 32> test_key();
/// Ed25519 over any bytes, with the same key.
std::array<std::uint8_t, 64> sign(Bytes data);
/// The public half as PEM.
std::string test_key_pem();

}  // namespace weco::test
