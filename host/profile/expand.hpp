// SPDX-License-Identifier: Apache-2.0
// A profile's groups written out: every repetition of every row at its absolute address. Shared by
// the overlap check of the loader and by the Modbus map, so that both see the same registers.
#pragma once

#include <cstdint>

#include "host/profile/profile.hpp"

namespace weco {

/// One repetition of a group. `parent` is a position in the order of visiting; the device is 0.
struct GroupInstance {
  const ProfileGroup* group = nullptr;
  NodePath node;
  std::uint32_t parent = 0;
  std::uint8_t number = 0;  // 1.. within the parent; 0 for what is there once
  std::uint32_t base = 0;   // absolute address of the group's own 0
};

/// Calls on_instance(instance, own position) for each repetition, parents first, and
/// on_value(row, ref, absolute address, position) for each value in it.
template <class OnInstance, class OnValue>
void expand(const ProfileGroup& group, const GroupInstance& self, std::uint32_t position,
            std::uint32_t& next_position, OnInstance&& on_instance, OnValue&& on_value) {
  on_instance(self, position);
  for (const ProfileRow& row : group.rows) {
    for (std::uint32_t i = 0; i < row.count; ++i) {
      PointRef ref{row.id, 0, self.node};
      if (row.index > 0) ref.index = static_cast<std::uint8_t>(row.index + i);
      on_value(row, ref, self.base + row.address + i * row.stride, position);
    }
  }
  for (const ProfileGroup& child : group.groups) {
    for (std::uint32_t n = 0; n < child.max; ++n) {
      const auto number = static_cast<std::uint8_t>(child.first + n);
      const bool repeats = child.node != NodeKind::None;
      const GroupInstance inner{&child, repeats ? self.node.child(child.node, number) : self.node,
                                position, repeats ? number : std::uint8_t{0},
                                self.base + child.address + n * child.stride};
      const std::uint32_t inner_position = next_position++;
      expand(child, inner, inner_position, next_position, on_instance, on_value);
    }
  }
}

template <class OnInstance, class OnValue>
void expand(const Profile& profile, OnInstance&& on_instance, OnValue&& on_value) {
  std::uint32_t next_position = 1;
  expand(profile.root, GroupInstance{&profile.root, {}, 0, 0, 0}, 0, next_position, on_instance,
         on_value);
}

}  // namespace weco
