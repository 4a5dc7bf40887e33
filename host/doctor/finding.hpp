// SPDX-License-Identifier: Apache-2.0
// The bus doctor's vocabulary: what can be wrong with a line or a device, each with the symptom
// that was measured and one sentence what to change. One table; help, JSON and docs come from it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weco {

enum class Severity : std::uint8_t { Ok, Info, Warning, Alarm };
inline constexpr std::array<std::string_view, 4> kSeverityNames = {"ok", "info", "warning",
                                                                   "alarm"};
constexpr std::string_view name(Severity s) { return kSeverityNames[static_cast<std::size_t>(s)]; }

enum class FindingId : std::uint8_t {
  SilentLine,
  WrongSpeed,
  SwappedPolarity,
  DuplicateAddress,
  SecondMaster,
  Echo,
  DamagedFrames,
  WrongUnitAnswers,
  NoKeepAlive,
  KeepAliveMissingAnswer,
  ZeroAmpereLimit,
  StaleFrame,
  CellSumDiffers,
  MixedDialects,
  UnknownFrames,
  UnknownDevice,
  ShortRecording,
};

struct FindingInfo {
  FindingId id;
  std::string_view name;  // stable, for scripts
  Severity severity;
  std::string_view advice;
};

inline constexpr std::array kFindings = {
    FindingInfo{FindingId::SilentLine, "silent_line", Severity::Warning,
                "Check power, wiring and ground; on RS485 swap A and B; on CAN a battery may wait "
                "for an inverter."},
    FindingInfo{FindingId::WrongSpeed, "wrong_speed", Severity::Warning,
                "Set the adapter to the speed at which frames are whole."},
    FindingInfo{FindingId::SwappedPolarity, "swapped_polarity", Severity::Warning,
                "Swap A and B at one end of the RS485 line."},
    FindingInfo{FindingId::DuplicateAddress, "duplicate_address", Severity::Warning,
                "Give every device on the line its own address; switch all but one off to find the "
                "twins."},
    FindingInfo{FindingId::SecondMaster, "second_master", Severity::Warning,
                "Only one master may poll an RS485 line; unplug the inverter or logger while you "
                "scan, or use its own port."},
    FindingInfo{FindingId::Echo, "echo", Severity::Info,
                "The adapter repeats what is sent; weco drops the echo, other programs may not."},
    FindingInfo{FindingId::DamagedFrames, "damaged_frames", Severity::Warning,
                "Check shielding, 120 ohm at both ends, ground and cable length."},
    FindingInfo{FindingId::WrongUnitAnswers, "wrong_unit_answers", Severity::Warning,
                "A device or gateway answers for another address; check the addresses."},
    FindingInfo{FindingId::NoKeepAlive, "no_keep_alive", Severity::Info,
                "No inverter sends 0x305; some batteries stay silent or stop without it."},
    FindingInfo{FindingId::KeepAliveMissingAnswer, "keep_alive_without_battery", Severity::Warning,
                "An inverter sends 0x305 but no battery answers; check the battery's CAN port."},
    FindingInfo{FindingId::ZeroAmpereLimit, "zero_ampere_limit", Severity::Info,
                "The battery asks for 0 A; some inverters ignore a 0 A limit, so check that the "
                "current really stops."},
    FindingInfo{FindingId::StaleFrame, "stale_frame", Severity::Warning,
                "A frame that came regularly has stopped; check the cable and the battery."},
    FindingInfo{FindingId::CellSumDiffers, "cell_sum_differs", Severity::Warning,
                "The cells do not add up to the module voltage; check the sense leads."},
    FindingInfo{FindingId::MixedDialects, "mixed_dialects", Severity::Warning,
                "Frames of two dialects are on the bus; look for a second battery or converter."},
    FindingInfo{FindingId::UnknownFrames, "unknown_frames", Severity::Info,
                "Frames that no dialect explains are on the bus; they are shown as bytes."},
    FindingInfo{FindingId::UnknownDevice, "unknown_device", Severity::Info,
                "A device answers that no family recognises; name the family with --family."},
    FindingInfo{FindingId::ShortRecording, "short_recording", Severity::Info,
                "The recording ends early or carries no times; periods cannot be judged."},
};

namespace detail {
consteval bool findings_in_order() {
  for (std::size_t i = 0; i < kFindings.size(); ++i) {
    if (static_cast<std::size_t>(kFindings[i].id) != i) return false;
  }
  return true;
}
}  // namespace detail
static_assert(detail::findings_in_order());

constexpr const FindingInfo& info(FindingId id) { return kFindings[static_cast<std::size_t>(id)]; }

/// One thing that was found: the row of the table and what was measured.
struct Finding {
  FindingId id;
  std::string symptom;  // a sentence with the numbers, without device text
  friend bool operator==(const Finding&, const Finding&) = default;
};

using Findings = std::vector<Finding>;

}  // namespace weco
