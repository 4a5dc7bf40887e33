// SPDX-License-Identifier: Apache-2.0
#include "host/device/pylontech_reader.hpp"

#include <fmt/format.h>

#include "host/doctor/line_findings.hpp"

namespace weco {

namespace {

using pylontech::Command;

constexpr Command kEachModule[] = {Command::Management, Command::Limits, Command::Maker,
                                   Command::SerialNumber, Command::Firmware};
constexpr Command kIdentity[] = {Command::Version, Command::Maker, Command::SerialNumber};

pylontech::Client::Config config_for(const Profile& profile, const ReaderPlace& place) {
  pylontech::Client::Config config;
  config.baud = place.traits.bits_per_second;
  if (place.answer_within > Duration{}) {
    config.response_timeout = place.answer_within;
  } else if (profile.protocol.timeout_ms > 0) {
    config.response_timeout = Duration::ms(profile.protocol.timeout_ms);
  }
  return config;
}

}  // namespace

PylontechReader::PylontechReader(const Profile& profile, const ReaderPlace& place)
    : client_(config_for(profile, place)), address_(place.unit) {}

void PylontechReader::restart() {
  plan_.clear();
  at_ = 0;
  modules_ = 1;
  mismatches_.clear();
}

Exchange* PylontechReader::ask(const Question& question) {
  if (question.module == 0) {
    client_.ask(question.command, address_, pylontech::kAllModules);
  } else {
    client_.ask(question.command, static_cast<std::uint8_t>(address_ + question.module - 1));
  }
  return &client_;
}

void PylontechReader::plan_modules() {
  for (std::uint8_t module = 1; module <= modules_; ++module) {
    for (const Command command : kEachModule) plan_.push_back({command, module});
  }
}

Exchange* PylontechReader::next(const ReadingSource& /*known*/) {
  if (plan_.empty()) plan_ = {{Command::Analog, 0}, {Command::Alarms, 0}};
  if (at_ == 2 && plan_.size() == 2) plan_modules();
  return at_ < plan_.size() ? ask(plan_[at_]) : nullptr;
}

Exchange* PylontechReader::next_identity(const ReadingSource& /*known*/) {
  if (plan_.empty()) {
    for (const Command command : kIdentity) plan_.push_back({command, 1});
  }
  return at_ < plan_.size() ? ask(plan_[at_]) : nullptr;
}

/// Only silence to the first question means that nobody is there: older firmware answers some
/// commands with a return code and some not at all.
bool PylontechReader::accept(Status outcome, Instant now, Snapshot& into) {
  const bool first = at_++ == 0;
  if (!outcome) {
    const ErrorCode code = outcome.error().code;
    if (code == ErrorCode::DeviceException) answered_ = true;
    if (code == ErrorCode::Disconnected || code == ErrorCode::Interrupted) return false;
    return !first || code == ErrorCode::DeviceException;
  }
  answered_ = true;
  const auto report = decode(client_.question(), client_.answer(), now, into);
  if (!report) return true;
  if (report->command == Command::Analog && report->modules > 0) modules_ = report->modules;
  for (const auto& mismatch : report->cell_sums.view()) mismatches_.push_back(mismatch);
  return true;
}

bool PylontechReader::recognised(const Snapshot& /*identity*/) const { return answered_; }

Findings PylontechReader::findings() const {
  Findings found;
  const pylontech::Observations seen = client_.observations();
  for (const auto& mismatch : mismatches_) {
    found.push_back({FindingId::CellSumDiffers,
                     fmt::format("Module {}: the cells add up to {} mV, the module says {} mV.",
                                 mismatch.module, mismatch.cells_mV, mismatch.module_mV)});
  }
  add_line_findings(seen.echoes > 0, seen.foreign_requests, found);
  if (seen.bad_checksums > 0) {
    found.push_back({FindingId::DamagedFrames,
                     fmt::format("{} of {} answers had a wrong checksum.", seen.bad_checksums,
                                 seen.bad_checksums + seen.answers)});
  }
  return found;
}

}  // namespace weco
