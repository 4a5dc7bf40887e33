// SPDX-License-Identifier: Apache-2.0
#include "host/doctor/bus.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weco {
namespace {

constexpr std::uint16_t kWarningCount = 96;  // ISO 11898-1

std::string times(std::uint64_t n) { return n == 1 ? "once" : fmt::format("{} times", n); }

std::string counters_text(const BusHealth& health) {
  if (!health.transmit_errors || !health.receive_errors) return {};
  return fmt::format(" Its counters: {} for sending, {} for receiving.", *health.transmit_errors,
                     *health.receive_errors);
}

void judge_state(const BusHealth& health, Findings& found) {
  const std::string restart = health.restart_ms == 0
                                  ? std::string(" It does not come back by itself.")
                                  : fmt::format(" It tries again {} ms later.", health.restart_ms);
  if (health.state == BusHealth::State::BusOff) {
    found.push_back(
        {FindingId::BusOff,
         "The controller has switched itself off the bus after too many errors." + restart});
  } else if (health.bus_offs > 0) {
    found.push_back({FindingId::BusRestarted,
                     fmt::format("The controller went off the bus {} and was restarted {}.",
                                 times(health.bus_offs), times(health.restarts))});
  }
  if (health.state == BusHealth::State::Passive) {
    found.push_back({FindingId::ErrorPassive,
                     "The controller sees so many errors that it keeps quiet about them." +
                         counters_text(health)});
  } else if (health.state == BusHealth::State::Warning) {
    found.push_back(
        {FindingId::ErrorPassive, "The controller sees many errors." + counters_text(health)});
  }
}

/// Which of the two speeds in use is left to try.
std::string_view other_speed(const BusHealth& health) {
  if (health.bits_per_second == 500000) return "; 250 kbit/s is the other one in use";
  if (health.bits_per_second == 250000) return "; 500 kbit/s is the usual one";
  return {};
}

/// Errors and not one whole frame is what a wrong speed looks like; errors among frames is what a
/// bad cable or termination looks like.
void judge_damage(const BusHealth& health, std::uint64_t frames, Findings& found) {
  const bool many = health.receive_errors && *health.receive_errors >= kWarningCount;
  if (health.damaged == 0 && !(many && frames == 0)) return;
  const std::string speed = bitrate_text(health.bits_per_second);
  if (frames == 0) {
    found.push_back({FindingId::WrongSpeed,
                     fmt::format("Something is sent on the bus, but no frame is whole{}{}.",
                                 speed.empty() ? "" : " at " + speed, other_speed(health))});
    return;
  }
  found.push_back({FindingId::Termination,
                   fmt::format("{} {} damaged beside {} whole ones.", health.damaged,
                               health.damaged == 1 ? "frame arrived" : "frames arrived", frames)});
}

void judge_acknowledge(const BusHealth& health, std::uint64_t frames, Findings& found) {
  if (health.no_acknowledge == 0 && health.send_timeouts == 0) return;
  const std::uint64_t count = std::max(health.no_acknowledge, health.send_timeouts);
  if (frames == 0) {
    found.push_back({FindingId::LoneNode,
                     fmt::format("Nobody acknowledged what was sent ({}) and nobody sends: this is "
                                 "the only device on the bus.",
                                 times(count))});
  } else {
    found.push_back({FindingId::NoAcknowledge,
                     fmt::format("What was sent was not acknowledged {}.", times(count))});
  }
}

void judge_losses(const BusHealth& health, Findings& found) {
  if (health.overruns + health.lost > 0) {
    found.push_back({FindingId::LostFrames,
                     fmt::format("{} frames were lost because they were not read in time.",
                                 health.overruns + health.lost)});
  }
  if (health.long_frames > 0) {
    found.push_back({FindingId::LongFrames,
                     fmt::format("{} CAN FD frames with more than 8 bytes came and were left out.",
                                 health.long_frames)});
  }
  if (health.strange > 0) {
    found.push_back({FindingId::StrangeAdapter,
                     fmt::format("{} lines from the adapter were no SLCAN.", health.strange)});
  }
}

std::string wire_text(std::uint8_t fault) {
  // Four bits for each wire: 4 broken, 5 to the battery, 6 to the supply, 7 to ground.
  const auto of = [](std::string_view wire, unsigned code) -> std::string {
    switch (code) {
      case 0:
        return {};
      case 4:
        return fmt::format("{} is broken", wire);
      case 5:
      case 6:
        return fmt::format("{} touches a supply wire", wire);
      case 7:
        return fmt::format("{} touches ground", wire);
      default:
        return fmt::format("{} touches the other wire", wire);
    }
  };
  const std::string high = of("CANH", fault & 0x0FU);
  const std::string low = of("CANL", fault >> 4U);
  if (high.empty()) return low;
  return low.empty() ? high : high + " and " + low;
}

struct Consequence {
  canbms::Dialect dialect;
  std::string_view sentence;
};
constexpr Consequence kConsequences[] = {
    {canbms::Dialect::Pylontech13,
     "This firmware sends no 0x35C: the inverter is not told when the battery wants to be charged "
     "full or at once."},
    {canbms::Dialect::SmaVictron,
     "An SMA inverter ignores charge voltages outside 41 to 63 V without a word, and takes its own "
     "limits when 0x351 or 0x355 is missing for 60 s."},
    {canbms::Dialect::DeyeLv,
     "A Deye inverter accepts a battery only when its name begins with PYLON."},
};

/// Venus reads these two sets (Victron's table and Pylontech's).
constexpr canbms::Dialects kReadByVictron =
    canbms::set_of(canbms::Dialect::Pylontech12, canbms::Dialect::Pylontech13,
                   canbms::Dialect::PylontechPlus, canbms::Dialect::SmaVictron);

/// Identifiers of one maker's set: from `first` to `last`, at least `least` of them.
struct FrameSet {
  std::string_view title;
  bool extended;
  std::uint32_t first;
  std::uint32_t last;
  std::size_t least;
};
constexpr FrameSet kFrameSets[] = {
    {"the 0x35x family", false, 0x351, 0x356, 2},
    {"Growatt low voltage", false, 0x311, 0x321, 3},
    {"Pytes native", false, 0x400, 0x41E, 3},
    {"Pylontech high voltage", true, 0x4210, 0x4291, 3},
    {"SolaX", true, 0x1872, 0x187E, 3},
};

}  // namespace

std::vector<std::string_view> sets_on_bus(std::span<const canbms::Seen> ids) {
  std::vector<std::string_view> titles;
  for (const FrameSet& set : kFrameSets) {
    const auto n = std::count_if(ids.begin(), ids.end(), [&set](const canbms::Seen& seen) {
      return seen.extended == set.extended && seen.id >= set.first && seen.id <= set.last;
    });
    if (static_cast<std::size_t>(n) >= set.least) titles.push_back(set.title);
  }
  return titles;
}

std::string bitrate_text(std::uint32_t bits_per_second) {
  if (bits_per_second == 0) return {};
  if (bits_per_second % 1000000 == 0) return fmt::format("{} Mbit/s", bits_per_second / 1000000);
  return fmt::format("{} kbit/s", bits_per_second / 1000);
}

std::string bus_text(const BusHealth& health) {
  constexpr std::string_view kStates[] = {
      "", "error-active", "error warning", "error-passive", "bus-off", "stopped", "sleeping"};
  std::string text = health.is_virtual ? "virtual" : bitrate_text(health.bits_per_second);
  const auto add = [&text](std::string_view more) {
    if (!text.empty() && !more.empty()) text += ", ";
    text += more;
  };
  if (health.data_bits_per_second != 0) {
    add("CAN FD " + bitrate_text(health.data_bits_per_second));
  }
  add(kStates[static_cast<std::size_t>(health.state)]);
  if (health.listen_only) add("listening only");
  if (health.transmit_errors && health.receive_errors) {
    add(fmt::format("error counters {} (sending) and {} (receiving)", *health.transmit_errors,
                    *health.receive_errors));
  }
  if (health.restarts > 0) add(fmt::format("restarted {}", times(health.restarts)));
  return text;
}

Findings bus_findings(const BusHealth& health, std::uint64_t frames) {
  Findings found;
  judge_state(health, found);
  judge_acknowledge(health, frames, found);
  judge_damage(health, frames, found);
  if (health.wire_fault != 0) {
    found.push_back({FindingId::WireFault,
                     fmt::format("The transceiver reports: {}.", wire_text(health.wire_fault))});
  }
  judge_losses(health, found);
  return found;
}

Findings dialect_findings(canbms::Dialect dialect, const Sent& sent) {
  Findings found;
  const bool victron = (canbms::set_of(dialect) & kReadByVictron) != 0;
  if (victron && sent.zero_discharge_limit) {
    found.push_back({FindingId::DialectConsequence,
                     "A Victron Multi without a grid switches off while the discharge limit is "
                     "0 A."});
  }
  if (victron && sent.zero_charge_limit) {
    found.push_back({FindingId::DialectConsequence,
                     "Some inverters go on charging at a limit of 0 A; what stops them is a charge "
                     "voltage below that of the battery."});
  }
  for (const Consequence& row : kConsequences) {
    if (row.dialect == dialect) {
      found.push_back({FindingId::DialectConsequence, std::string(row.sentence)});
    }
  }
  if (sent.short_frames && dialect == canbms::Dialect::Pylontech12) {
    found.push_back({FindingId::DialectConsequence,
                     "Some frames are shorter than 8 bytes; a Sol-Ark inverter accepts only 8."});
  }
  return found;
}

}  // namespace weco
