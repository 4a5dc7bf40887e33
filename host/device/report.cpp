// SPDX-License-Identifier: Apache-2.0
#include "host/device/report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "host/profile/expand.hpp"

namespace weco {

std::string in_words(const LineSettings& line) {
  const char parity = line.parity == LineSettings::Parity::None   ? 'N'
                      : line.parity == LineSettings::Parity::Even ? 'E'
                                                                  : 'O';
  return fmt::format("{} {}{}{}", line.bits_per_second, line.data_bits, parity, line.stop_bits);
}

void name_family(const Profile& profile, DeviceReport& into) {
  into.family = profile.family;
  into.title = profile.title;
  into.status = name(profile.status);
  into.node = profile.node;
}

std::vector<LightNote> lights_of(std::span<const LightInfo> lights, const Snapshot& snapshot) {
  std::vector<LightNote> notes;
  for (const NodePath& node : snapshot.nodes()) {
    for (const LightInfo& light : lights) {
      if (node.last().kind != light.node) continue;
      const auto bits = snapshot.bits({light.point, light.index, node});
      if (!bits) continue;
      const bool flags = info(light.point).kind == ValueKind::Flags;
      if (flags ? (*bits >> light.shows & 1U) == 0 : *bits != light.shows) continue;
      notes.push_back(
          {node, light.part, std::string(info(light.point).symbols[light.shows]), light.means});
    }
  }
  return notes;
}

std::vector<AssumptionNote> assumptions_of(const Profile& profile, const Snapshot& snapshot) {
  std::vector<AssumptionNote> notes;
  expand(
      profile, [](const GroupInstance&, std::uint32_t) {},
      [&](const ProfileRow& row, const PointRef& ref, std::uint32_t, std::uint32_t) {
        if (row.confidence != Confidence::Assumed) return;
        const Reading* reading = snapshot.get(ref);
        if (reading == nullptr || reading->quality == Quality::NotImplemented) return;
        const AssumptionNote note{std::string(info(row.id).name),
                                  fmt::format("{}: {}.", info(row.id).name, row.note)};
        if (std::find(notes.begin(), notes.end(), note) == notes.end()) notes.push_back(note);
      });
  return notes;
}

}  // namespace weco
