// SPDX-License-Identifier: Apache-2.0
// Healthy values of the families that have a model of their own, one file each maker.
#pragma once

#include <cstdint>
#include <memory>

#include "sim/device/values.hpp"

namespace weco::sim {

std::unique_ptr<ValueModel> saj_h2_values(std::uint32_t seed);
std::unique_ptr<ValueModel> saj_cm2_values(std::uint32_t seed);
std::unique_ptr<ValueModel> ep760_open_values(std::uint32_t seed);
std::unique_ptr<ValueModel> bluetti_ep760_values(std::uint32_t seed);
std::unique_ptr<ValueModel> bluetti_v1_values(std::uint32_t seed);
std::unique_ptr<ValueModel> weco_service_values(std::uint32_t seed);
std::unique_ptr<ValueModel> sdm72_values(std::uint32_t seed);

/// The model of the family by its name; nullptr when it has none of its own.
std::unique_ptr<ValueModel> family_values(const Profile& profile, std::uint32_t seed);

}  // namespace weco::sim
