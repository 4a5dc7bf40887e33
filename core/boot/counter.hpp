// SPDX-License-Identifier: Apache-2.0
// The rollback counter: the lowest security counter an image may have. It only grows, survives a
// power cut at any instant, and lives in two sectors of which one is always whole.
#pragma once

#include "core/boot/layout.hpp"

namespace weco::boot {

/// 0 when nothing was ever stored.
std::uint32_t read_counter(const Area& area);
/// True when the counter is at least `value` afterwards.
bool raise_counter(const Area& area, std::uint32_t value);

}  // namespace weco::boot
