// SPDX-License-Identifier: Apache-2.0
#include "firmware/replay.hpp"

#include <array>
#include <cstddef>
#include <string_view>

#include "firmware/port.hpp"
#include "firmware/report.hpp"
#include "firmware/workspace.hpp"

namespace weco::firmware {
namespace {

struct Part {
  std::string_view name;
  bool (*replay)();
};

alignas(kWorkspaceAlignment) std::array<std::byte, kWorkspaceBytes> memory;

constexpr Part kParts[] = {
    {"base", replay_base},   Part{"journal", replay_journal}, Part{"wire", replay_wire},
    {"tower", replay_tower}, Part{"site", replay_site},
};

}  // namespace

void* workspace() { return memory.data(); }

bool replay_all() {
  bool all_ok = true;
  for (const Part& part : kParts) {
    Line("part").with("name", part.name).end();
    const bool ok = part.replay();
    Line("part").with("name", part.name).with("ok", ok ? 1 : 0).end();
    all_ok = all_ok && ok;
  }
  put(all_ok ? "replay ok\n" : "replay failed\n");
  return all_ok;
}

}  // namespace weco::firmware
