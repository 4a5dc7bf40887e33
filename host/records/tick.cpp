// SPDX-License-Identifier: Apache-2.0
#include "host/records/tick.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/points/vocabulary.hpp"
#include "host/records/calendar.hpp"

namespace weco::records {
namespace {

std::string text(Decimal d) { return std::string(to_text(d).view()); }

std::string shown(const Reading& reading) {
  if (reading.kind == ValueKind::Text) return std::string(reading.text());
  if (reading.kind == ValueKind::Number) return text(reading.number);
  const auto symbols = info(reading.ref.id).symbols;
  if (reading.kind == ValueKind::Choice && reading.bits < symbols.size()) {
    return std::string(symbols[static_cast<std::size_t>(reading.bits)]);
  }
  return fmt::format("0x{:X}", reading.bits);
}

/// A device that says it does not know has told nothing: a person decides.
bool undecided(const Reading& reading) {
  const auto symbols = info(reading.ref.id).symbols;
  return reading.kind == ValueKind::Choice && reading.bits < symbols.size() &&
         symbols[static_cast<std::size_t>(reading.bits)] == "unknown";
}

/// What the device says now.
bool is_said(const Reading& reading) {
  return reading.quality != Quality::NotImplemented && reading.quality != Quality::Stale &&
         !undecided(reading);
}

std::vector<const Reading*> wanted(const Acceptance& accept, const Snapshot& snapshot) {
  std::vector<const Reading*> found;
  for (const auto& [ref, reading] : snapshot.readings()) {
    if (ref.id != accept.point || !is_said(reading)) continue;
    if (accept.of != NodeKind::None && ref.node.last().kind != accept.of) continue;
    found.push_back(&reading);
  }
  return found;
}

/// How far a number lies outside the range; none: inside.
bool inside(const Acceptance& accept, Decimal value) {
  return (!accept.min || compare(value, *accept.min) >= 0) &&
         (!accept.max || compare(value, *accept.max) <= 0);
}

void decide_by(Ticked& ticked, const Reading& reading, bool good) {
  ticked.good = good;
  ticked.value = shown(reading);
  ticked.where = to_text(reading.ref);
}

/// The first reading that breaks the rule decides, else the one shown first.
template <class Good>
void decide(Ticked& ticked, const std::vector<const Reading*>& readings, Good good) {
  const auto bad = std::ranges::find_if(readings, [&](const Reading* r) { return !good(*r); });
  decide_by(ticked, bad == readings.end() ? *readings.front() : **bad, bad == readings.end());
}

Decimal minus(Decimal a, Decimal b) {
  const int exponent = std::min(a.exponent, b.exponent);
  const auto x = rescale(a, exponent);
  const auto y = rescale(b, exponent);
  return {(x ? *x : 0) - (y ? *y : 0), static_cast<std::int8_t>(exponent)};
}

void decide_spread(Ticked& ticked, const Acceptance& accept,
                   const std::vector<const Reading*>& readings) {
  struct Ends {
    const Reading* low = nullptr;
    const Reading* high = nullptr;
  };
  std::map<NodePath, Ends> groups;  // within a part, or all together when the parts are compared
  for (const Reading* reading : readings) {
    Ends& ends = groups[accept.of == NodeKind::None ? reading->ref.node : NodePath{}];
    if (ends.low == nullptr || compare(reading->number, ends.low->number) < 0) ends.low = reading;
    if (ends.high == nullptr || compare(reading->number, ends.high->number) > 0) {
      ends.high = reading;
    }
  }
  std::optional<Decimal> widest;
  for (const auto& [node, ends] : groups) {
    const Decimal width = minus(ends.high->number, ends.low->number);
    if (widest && compare(width, *widest) <= 0) continue;
    widest = width;
    ticked.value = text(width);
    ticked.where = to_text(ends.low->ref) + " - " + to_text(ends.high->ref);
  }
  ticked.good = widest && compare(*widest, *accept.spread) <= 0;
}

/// Many cells say one thing: the record keeps the lowest and the highest of more than this.
constexpr std::size_t kReadingsKept = 16;

void keep(Ticked& ticked, std::vector<const Reading*> readings, std::int64_t now) {
  if (readings.size() > kReadingsKept && readings.front()->kind == ValueKind::Number) {
    const auto [low, high] = std::ranges::minmax_element(
        readings,
        [](const Reading* a, const Reading* b) { return compare(a->number, b->number) < 0; });
    readings = {*low, *high};
  }
  for (const Reading* reading : readings) {
    const PointInfo& point = info(reading->ref.id);
    ticked.readings.push_back({{},
                               to_text(reading->ref),
                               shown(*reading),
                               std::string(info(point.unit).symbol),
                               std::string(name(reading->quality)),
                               now});
  }
}

/// That no fault was found is worth something where the device tells of faults.
std::optional<Ticked> tick_faults(const DeviceReport& report, std::int64_t now) {
  std::vector<const Reading*> said;
  for (const auto& [ref, reading] : report.snapshot.readings()) {
    if (tells_faults(ref.id) && is_said(reading)) said.push_back(&reading);
  }
  if (said.empty()) return std::nullopt;
  Ticked ticked;
  ticked.good = report.assessment.faults.empty();
  ticked.value = std::to_string(report.assessment.faults.size());
  for (const ActiveFault& fault : report.assessment.faults) {
    const std::string called = fault.code.empty() ? fault.name : fault.code + " " + fault.name;
    if (ticked.where.empty()) ticked.where = called;
    ticked.readings.push_back({{}, to_text(fault.node) + " " + fault.raw, called, "", "good", now});
  }
  keep(ticked, std::move(said), now);
  return ticked;
}

/// What the bus doctor says of the wire itself; other findings are about devices and dialects.
bool is_of_the_bus(FindingId id) {
  return id == FindingId::WrongSpeed || id == FindingId::DamagedFrames ||
         (id >= FindingId::BusOff && id <= FindingId::LostFrames);
}

std::optional<Ticked> tick_bus(const DeviceReport& report, std::int64_t now) {
  if (report.bus.empty()) return std::nullopt;  // not read on CAN, or its state is not told
  Ticked ticked;
  ticked.where = report.endpoint;
  ticked.readings.push_back({{}, "bus", report.bus, "", "good", now});
  for (const Finding& finding : report.findings) {
    if (!is_of_the_bus(finding.id)) continue;
    ticked.readings.push_back(
        {{}, std::string(info(finding.id).name), finding.symptom, "", "good", now});
  }
  ticked.good = ticked.readings.size() == 1;
  ticked.value = std::to_string(ticked.readings.size() - 1);
  return ticked;
}

/// Where another version is found, the days that are left decide.
std::optional<Ticked> tick_firmware(const Acceptance& accept, const DeviceReport& report,
                                    std::int64_t now, const std::optional<Release>& release) {
  if (!release) return std::nullopt;
  Ticked ticked;
  bool installed = true;
  for (const auto& [ref, reading] : report.snapshot.readings()) {
    if (ref.id != point("firmware_version") || reading.kind != ValueKind::Text) continue;
    if (accept.of != NodeKind::None && ref.node.last().kind != accept.of) continue;
    ticked.readings.push_back({{},
                               to_text(ref),
                               std::string(reading.text()),
                               "",
                               std::string(name(reading.quality)),
                               now});
    if (reading.text() == release->version) continue;
    if (installed) ticked.where = to_text(ref);
    installed = false;
  }
  if (ticked.readings.empty()) return std::nullopt;
  const std::int64_t last = release->day + (kFirmwareDays + 1) * kDay_s - 1;
  const std::int64_t left = last - now;
  ticked.good = installed || left >= 0;
  ticked.value = installed ? release->version : std::to_string(left / kDay_s);
  ticked.unit = installed ? "" : "d";
  return ticked;
}

}  // namespace

std::optional<Ticked> tick(const ChecklistItem& item, const DeviceReport& report, std::int64_t now,
                           const std::optional<Release>& release) {
  const Acceptance& accept = item.accept;
  if (!accept.live()) return std::nullopt;
  if (accept.kind == Acceptance::Kind::CleanBus) return tick_bus(report, now);
  if (accept.kind == Acceptance::Kind::Firmware) return tick_firmware(accept, report, now, release);
  if (accept.kind == Acceptance::Kind::NoFault) return tick_faults(report, now);
  const auto readings = wanted(accept, report.snapshot);
  if (readings.empty()) return std::nullopt;
  Ticked ticked;
  ticked.unit = info(info(accept.point).unit).symbol;
  if (accept.spread) {
    if (accept.of != NodeKind::None && readings.size() < 2) return std::nullopt;
    decide_spread(ticked, accept, readings);
  } else if (accept.same) {
    const std::string first = shown(*readings.front());
    decide(ticked, readings, [&](const Reading& r) { return shown(r) == first; });
  } else if (!accept.is.empty()) {
    decide(ticked, readings, [&](const Reading& r) { return shown(r) == accept.is; });
  } else {
    decide(ticked, readings, [&](const Reading& r) {
      return r.quality != Quality::OutOfRange && inside(accept, r.number);
    });
  }
  keep(ticked, readings, now);
  return ticked;
}

std::string limits_text(const Acceptance& accept) {
  std::string unit = accept.unit == "degC" ? "°C" : accept.unit;
  if (accept.kind == Acceptance::Kind::Point) unit = info(info(accept.point).unit).symbol;
  if (!unit.empty()) unit = " " + unit;
  if (accept.kind == Acceptance::Kind::Torque) {
    return accept.max ? (accept.below ? "<= " : "") + text(*accept.max) + " Nm" : "";
  }
  if (accept.spread) return "max - min <= " + text(*accept.spread) + unit;
  if (!accept.is.empty()) return accept.is;
  if (accept.min && accept.max) return text(*accept.min) + " .. " + text(*accept.max) + unit;
  if (accept.min) return ">= " + text(*accept.min) + unit;
  return accept.max ? "<= " + text(*accept.max) + unit : std::string();
}

}  // namespace weco::records
