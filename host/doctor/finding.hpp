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

/// How much something matters to whoever reads a status; a fault code of a family has its own
/// Severity, because there "fault" is a word of the trade.
enum class Level : std::uint8_t { Ok, Note, Warning, Alarm };
inline constexpr std::array<std::string_view, 4> kLevelNames = {"ok", "note", "warning", "alarm"};
constexpr std::string_view name(Level s) { return kLevelNames[static_cast<std::size_t>(s)]; }

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
  UnreadableValue,
  ShutdownRequested,
  NoBattery,
  EncryptedLink,
  BusOff,
  BusRestarted,
  ErrorPassive,
  LoneNode,
  NoAcknowledge,
  Termination,
  WireFault,
  LostFrames,
  LongFrames,
  StrangeAdapter,
  DialectConsequence,
  LineNoise,
  SilentGateway,
  SilentDevice,
  OtherProtocol,
  WeakSignal,
  SmallPackets,
  LinkDropped,
};

struct FindingInfo {
  FindingId id;
  std::string_view name;  // stable, for scripts
  Level level;
  std::string_view advice;
};

inline constexpr std::array kFindings = {
    FindingInfo{FindingId::SilentLine, "silent_line", Level::Warning,
                "Check power, wiring and ground; on RS485 swap A and B; on CAN a battery may wait "
                "for an inverter."},
    FindingInfo{FindingId::WrongSpeed, "wrong_speed", Level::Warning,
                "Set the adapter to the speed at which frames are whole; batteries on CAN use 500 "
                "kbit/s, a few 250."},
    FindingInfo{FindingId::SwappedPolarity, "swapped_polarity", Level::Warning,
                "Swap A and B at one end of the RS485 line."},
    FindingInfo{FindingId::DuplicateAddress, "duplicate_address", Level::Warning,
                "Give every device on the line its own address; switch all but one off to find the "
                "twins."},
    FindingInfo{FindingId::SecondMaster, "second_master", Level::Warning,
                "Only one master may poll an RS485 line; unplug the inverter or logger while you "
                "scan, or use its own port."},
    FindingInfo{FindingId::Echo, "echo", Level::Note,
                "The adapter repeats what is sent; weco drops the echo, other programs may not."},
    FindingInfo{FindingId::DamagedFrames, "damaged_frames", Level::Warning,
                "Check shielding, 120 ohm at both ends, ground and cable length."},
    FindingInfo{FindingId::WrongUnitAnswers, "wrong_unit_answers", Level::Warning,
                "A device or gateway answers for another address; check the addresses."},
    FindingInfo{FindingId::NoKeepAlive, "no_keep_alive", Level::Note,
                "No inverter sends 0x305; some batteries stay silent or stop without it."},
    FindingInfo{FindingId::KeepAliveMissingAnswer, "keep_alive_without_battery", Level::Warning,
                "An inverter sends 0x305 but no battery answers; check the battery's CAN port."},
    FindingInfo{
        FindingId::ZeroAmpereLimit, "zero_ampere_limit", Level::Note,
        "Check at the inverter that the current really stops: some ignore a limit of 0 A and "
        "obey only a lower charge voltage."},
    FindingInfo{FindingId::StaleFrame, "stale_frame", Level::Warning,
                "A frame that came regularly has stopped; check the cable and the battery."},
    FindingInfo{FindingId::CellSumDiffers, "cell_sum_differs", Level::Warning,
                "The cells do not add up to the module voltage; check the sense leads."},
    FindingInfo{
        FindingId::MixedDialects, "mixed_dialects", Level::Warning,
        "Inverters read one of them at most; look for a second battery or a converter, and leave "
        "one on the bus."},
    FindingInfo{FindingId::UnknownFrames, "unknown_frames", Level::Note,
                "Frames that no dialect explains are on the bus; they are shown as bytes."},
    FindingInfo{FindingId::UnknownDevice, "unknown_device", Level::Note,
                "A device answers that no family recognises; name the family with --family."},
    FindingInfo{FindingId::ShortRecording, "short_recording", Level::Note,
                "The recording ends early or carries no times; periods cannot be judged."},
    FindingInfo{FindingId::UnreadableValue, "unreadable_value", Level::Note,
                "The raw bytes are shown; record the traffic and send it to us with the model."},
    FindingInfo{FindingId::ShutdownRequested, "shutdown_requested", Level::Alarm,
                "Find out why the battery wants to switch off before you go on."},
    FindingInfo{FindingId::NoBattery, "no_battery", Level::Warning,
                "Check that the battery's CAN port is connected and set to a protocol of the 0x35x "
                "family."},
    FindingInfo{FindingId::EncryptedLink, "encrypted_link", Level::Warning,
                "Its keys belong to the vendor and are not broken here; use the vendor's app, or "
                "switch the encryption off where the device allows it."},
    FindingInfo{
        FindingId::BusOff, "bus_off", Level::Warning,
        "Find the cause (speed, swapped or broken CANH and CANL, termination), then restart "
        "the interface: sudo ip link set NAME type can restart"},
    FindingInfo{FindingId::BusRestarted, "bus_restarted", Level::Note,
                "Once, after plugging in, is harmless; if it repeats, check speed, wires and "
                "termination."},
    FindingInfo{FindingId::ErrorPassive, "error_passive", Level::Warning,
                "Check the speed (500 or 250 kbit/s), that CANH and CANL are not swapped, and the "
                "termination."},
    FindingInfo{FindingId::LoneNode, "lone_node", Level::Warning,
                "Connect the battery or switch it on; a device that only listens does not "
                "acknowledge either."},
    FindingInfo{FindingId::NoAcknowledge, "no_acknowledge", Level::Warning,
                "Check that the other devices are on and set to the same speed."},
    FindingInfo{FindingId::Termination, "termination", Level::Warning,
                "Switch everything off and measure between CANH and CANL: 60 ohm is right, 120 ohm "
                "means that a terminator is missing, 40 ohm that there is a third."},
    FindingInfo{FindingId::WireFault, "wire_fault", Level::Warning,
                "Check CANH and CANL from plug to plug."},
    FindingInfo{FindingId::LostFrames, "lost_frames", Level::Warning,
                "This computer or adapter is too slow for the bus; values may be missing."},
    FindingInfo{FindingId::LongFrames, "can_fd_frames", Level::Note,
                "A CAN FD device shares the bus; batteries of this family do not use it."},
    FindingInfo{FindingId::StrangeAdapter, "strange_adapter", Level::Warning,
                "Another device may be on this port, or the port runs at another speed."},
    FindingInfo{FindingId::DialectConsequence, "dialect_consequence", Level::Note,
                "Compare with what the inverter's manual asks of a battery."},
    FindingInfo{FindingId::LineNoise, "line_noise", Level::Warning,
                "Try every speed with 'weco scan'; if none fits, swap A and B, then check ground, "
                "bias and 120 ohm at both ends."},
    FindingInfo{FindingId::SilentGateway, "silent_gateway", Level::Warning,
                "Check the unit's address, how the gateway packs frames (framing=rtu or tcp), and "
                "the line behind it: power, speed, A and B."},
    FindingInfo{FindingId::SilentDevice, "silent_device", Level::Warning,
                "Close the vendor's app, go nearer and try again; some devices talk to one program "
                "at a time, or only over an encrypted link."},
    FindingInfo{FindingId::OtherProtocol, "other_protocol", Level::Warning,
                "Check the port, and how frames are packed: framing=rtu or framing=tcp."},
    FindingInfo{FindingId::WeakSignal, "weak_signal", Level::Warning,
                "Go nearer, and take metal and concrete out of the way; an adapter on an extension "
                "cable hears better than one behind a computer."},
    FindingInfo{FindingId::SmallPackets, "small_packets", Level::Note,
                "Reading takes longer; another Bluetooth adapter, or a newer BlueZ, may agree on "
                "larger packets."},
    FindingInfo{FindingId::LinkDropped, "link_dropped", Level::Note,
                "Once is harmless; if it repeats, go nearer and close other programs and phones "
                "that want the device."},
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
