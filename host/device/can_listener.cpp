// SPDX-License-Identifier: Apache-2.0
#include "host/device/can_listener.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "host/doctor/bus.hpp"

namespace weco {

namespace {

/// What the decoder noticed, in the words of the bus doctor.
struct Noticed {
  canbms::Finding seen;
  FindingId id;
};
constexpr Noticed kNoticed[] = {
    {canbms::Finding::ChargeLimitZero, FindingId::ZeroAmpereLimit},
    {canbms::Finding::DischargeLimitZero, FindingId::ZeroAmpereLimit},
    {canbms::Finding::VoltageScaleUndecided, FindingId::UnreadableValue},
    {canbms::Finding::FineSocDisagrees, FindingId::UnreadableValue},
    {canbms::Finding::NonStandardAlarmBits, FindingId::UnreadableValue},
    {canbms::Finding::ShutdownRequested, FindingId::ShutdownRequested},
    {canbms::Finding::IdsDropped, FindingId::UnknownFrames},
};

/// The frames a battery of this family has to send; without one an inverter gives up.
constexpr std::uint16_t kVitalIds[] = {0x351, 0x355, 0x356};

/// How long inverters go on without it, as far as their makers say.
std::string_view patience(std::uint16_t id) {
  if (id == 0x351)
    return "; Safiery's inverters stop after 3 s without it, SMA's take defaults after 60 s";
  if (id == 0x355) return "; SMA's inverters stop after 60 s without it";
  return {};
}

/// What an inverter says: it is understood, but holds no value of the battery.
bool is_inverter_frame(const canbms::Seen& seen) {
  return !seen.extended && seen.id >= 0x305 && seen.id <= 0x307;
}

CanFrame last_frame(const canbms::Seen& seen) {
  CanFrame frame;
  frame.id = seen.id;
  frame.extended = seen.extended;
  frame.size = seen.size;
  frame.data = seen.data;
  frame.at = seen.last;
  return frame;
}

std::string nothing_decoded(const canbms::DialectInfo& dialect) {
  if (dialect.dialect == canbms::Dialect::Unknown) {
    return "Frames came, but none of a battery that is known here.";
  }
  if (dialect.decoded) {
    return fmt::format("Frames of {} came, but without the bytes that hold values.", dialect.title);
  }
  return fmt::format("The bus speaks {}, which is recognised but not decoded here.", dialect.title);
}

std::string hex(Bytes data) {
  std::string text;
  for (const std::uint8_t byte : data) text += fmt::format("{:02X}", byte);
  return text;
}

}  // namespace

void CanListener::feed(const CanFrame& frame) {
  if (frame.error) return seen_.observe(frame);  // of the controller, not of the bus
  ++frames_;
  decoder_.feed(frame, snapshot_);
}

bool CanListener::complete() const {
  const auto seen = [this](std::uint16_t id) {
    const canbms::Seen* frame = decoder_.find(id);
    return frame != nullptr && frame->readings > 0;
  };
  return seen(0x351) && (seen(0x355) || seen(0x356));
}

void CanListener::reset() { *this = CanListener(); }

BusHealth CanListener::health() const {
  BusHealth all = seen_;
  if (told_) all.merge(*told_);
  return all;
}

void CanListener::judge_silence(const BusHealth& health, Findings& found) const {
  const bool explained = !found.empty();
  if (explained) return;  // errors without frames: the doctor has said what that means
  const std::string speed = bitrate_text(health.bits_per_second);
  found.push_back({FindingId::SilentLine,
                   fmt::format("No frame came{}: no battery is connected, or it waits for an "
                               "inverter's 0x305 each second, or the speed is wrong.",
                               speed.empty() ? "" : " at " + speed)});
}

/// What follows for inverters from what is sent, and from whom.
void CanListener::add_consequences(Findings& found) const {
  Sent sent;
  for (const std::uint16_t id : kVitalIds) {
    const canbms::Seen* seen = decoder_.find(id);
    sent.short_frames = sent.short_frames || (seen != nullptr && seen->size < CanFrame::kDataMax);
  }
  sent.zero_charge_limit = decoder_.findings().has(canbms::Finding::ChargeLimitZero);
  sent.zero_discharge_limit = decoder_.findings().has(canbms::Finding::DischargeLimitZero);
  for (Finding& each : dialect_findings(decoder_.dialect(), sent)) found.push_back(std::move(each));
  const std::vector<std::string_view> sets = sets_on_bus(decoder_.ids());
  if (sets.size() < 2) return;
  found.push_back({FindingId::MixedDialects,
                   fmt::format("Frames of {} are on the bus together.", fmt::join(sets, " and "))});
}

/// Frames that came regularly and have stopped: those without which an inverter gives up by
/// themselves, the others together.
void CanListener::add_stale(Instant now, Findings& found) const {
  std::string others;
  for (const canbms::Seen& seen : decoder_.ids()) {
    const auto id = static_cast<std::uint16_t>(seen.id);
    if (seen.extended || seen.frames < 2 || is_inverter_frame(seen)) continue;
    if (!decoder_.stale(id, now)) continue;
    if (std::find(std::begin(kVitalIds), std::end(kVitalIds), id) == std::end(kVitalIds)) {
      others += fmt::format("{}0x{:03X}", others.empty() ? "" : ", ", id);
      continue;
    }
    const double silent_s = static_cast<double>((now - seen.last).to_ms()) / 1000;
    found.push_back({FindingId::StaleFrame,
                     fmt::format("0x{:03X} stopped {:.1f} s ago{}.", id, silent_s, patience(id))});
  }
  if (others.empty()) return;
  found.push_back({FindingId::StaleFrame, fmt::format("Also stopped: {}.", others)});
}

Findings CanListener::findings(Instant now, bool timed) const {
  Findings found;
  for (const Noticed& row : kNoticed) {
    if (decoder_.findings().has(row.seen)) {
      found.push_back({row.id, std::string(canbms::info(row.seen).sentence)});
    }
  }
  const BusHealth bus = health();
  for (Finding& each : bus_findings(bus, frames_)) found.push_back(std::move(each));
  if (frames_ == 0) {
    judge_silence(bus, found);
    return found;
  }
  const canbms::DialectInfo& dialect = canbms::info(decoder_.dialect());
  if (snapshot_.empty() && !decoder_.keep_alive_seen()) {
    found.push_back({FindingId::NoBattery, nothing_decoded(dialect)});
  } else if (snapshot_.empty()) {
    found.push_back(
        {FindingId::KeepAliveMissingAnswer, "Only the inverter's 0x305 is on the bus."});
  } else if (!snapshot_.empty() && !decoder_.inverter_seen()) {
    found.push_back({FindingId::NoKeepAlive, "No inverter frame (0x305, 0x306, 0x307) was heard."});
  }
  if (!snapshot_.empty()) add_consequences(found);
  if (timed) add_stale(now, found);
  return found;
}

void CanListener::report(Instant now, bool timed, DeviceReport& into) const {
  // The dialect may have become clear late: every id's last frame is read again under it.
  canbms::Decoder settled = decoder_;
  into.snapshot = snapshot_;
  for (const canbms::Seen& seen : decoder_.ids()) {
    if (seen.readings > 0) settled.feed(last_frame(seen), into.snapshot);
  }
  into.bus = bus_text(health());
  into.dialect = canbms::info(settled.dialect()).name;
  into.findings = findings(now, timed);
  for (const canbms::AssumptionInfo& row : canbms::kAssumptions) {
    if (row.assumption != canbms::Assumption::None && settled.assumptions().has(row.assumption)) {
      into.assumptions.push_back({std::string(row.name), std::string(row.sentence)});
    }
  }
  for (const canbms::Seen& seen : decoder_.ids()) {
    if (seen.readings > 0 || is_inverter_frame(seen)) continue;
    into.raw.push_back(
        {seen.id, seen.extended, hex(Bytes(seen.data).first(seen.size)), seen.frames});
  }
  into.assessment = assess(into.snapshot, {}, into.findings);
}

}  // namespace weco
