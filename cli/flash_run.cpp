// SPDX-License-Identifier: Apache-2.0
#include "cli/flash_run.hpp"

#include <fmt/format.h>

#include "cli/render/text.hpp"
#include "host/update/journal.hpp"

namespace weco::cli {
namespace {

/// An earlier run of the same update left a part on the device.
bool was_begun(const Installation& what) {
  const auto entries = read_journal(what.journal);
  if (!entries || entries->empty()) return false;
  const FlashEntry& last = entries->back();
  return last.device == what.device && last.image == hex(hash_of(what.firmware)) &&
         last.offset > 0 && last.stage != FlashStage::Confirmed;
}

/// WS-34: the person plans the moment in which packs are off.
std::string announcement(const Installation& what, const UpdateState& state) {
  const std::string from(image::to_text(state.active->version).view());
  return fmt::format(
      "{} ({}) goes from {} to {}. The pack switches off while it is updated; it comes back by "
      "itself.",
      sanitize(what.device), sanitize(state.board), from, version_of(what.firmware));
}

}  // namespace

std::string version_of(const Firmware& firmware) {
  return std::string(image::to_text(firmware.layout.version).view());
}

Outcome<Installed> install(const Installation& what, Updater& updater, Telemetry* telemetry,
                           const Reactor& reactor, const InstallHooks& person) {
  FlashJournalFile file(what.journal);
  Installed installed;
  FlashHooks hooks;
  hooks.journal = [&](const FlashEntry& entry) { return file.append(entry); };
  hooks.wall = [&] { return reactor.wall_seconds(); };
  hooks.permit = [&](const UpdateState& state) {
    if (telemetry != nullptr) {
      if (Done allowed = telemetry->permit(); !allowed) return allowed;
    }
    return person.agree(announcement(what, state));
  };
  hooks.healthy = [&](const UpdateState&) {
    return telemetry != nullptr ? telemetry->healthy() : Done{};
  };
  hooks.progress = [&](const UpdateProgress& now) {
    installed.figures = now;
    person.progress(now);
  };
  FlashJob job;
  job.firmware = &what.firmware;
  job.device = what.device;
  job.board = what.board;
  job.resume = was_begun(what);
  const auto end = flash(updater, job, hooks);
  if (!end) return Unexpected{end.error()};
  installed.end = *end;
  return installed;
}

}  // namespace weco::cli
