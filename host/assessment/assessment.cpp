// SPDX-License-Identifier: Apache-2.0
#include "host/assessment/assessment.hpp"

#include <algorithm>
#include <array>

namespace weco {

namespace {

std::string in_words(std::string_view symbol) {
  std::string words(symbol);
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

/// Which reading of the module shows why a reason holds.
struct Witness {
  std::string_view reason;
  PointId point;
};
constexpr Witness kWitnesses[] = {
    {"temperature_low", point("cell_temperature_min")},
    {"temperature_high", point("cell_temperature_max")},
    {"cell_voltage_high", point("cell_voltage_max")},
    {"cell_voltage_low", point("cell_voltage_min")},
    {"soc_high", point("soc")},
    {"soc_low", point("soc")},
};

/// The module of that number below `node`, or `node` itself when the device has no such module.
NodePath module_below(const Snapshot& snapshot, const NodePath& node, std::uint8_t number) {
  if (number == 0) return node;
  for (const NodePath& path : snapshot.nodes()) {
    if (path.last() == NodePath::Step{NodeKind::Module, number} &&
        (path.parent() == node || node.depth() == 0)) {
      return path;
    }
  }
  return node;
}

std::string because(const Snapshot& snapshot, const LimitInForce& limit) {
  if (limit.reason.empty() || limit.reason == "none") return {};
  std::string who;
  if (limit.module > 0) who = "module " + std::to_string(limit.module);
  for (const Witness& witness : kWitnesses) {
    if (witness.reason != limit.reason) continue;
    const NodePath where = module_below(snapshot, limit.node, limit.module);
    const auto value = snapshot.number({witness.point, 0, where});
    if (!value) break;
    const std::string shown = std::string(to_text(*value).view()) + ' ' +
                              std::string(info(info(witness.point).unit).symbol);
    return who.empty() ? shown : who + " at " + shown;
  }
  const std::string words = in_words(limit.reason);
  return who.empty() ? words : who + ": " + words;
}

void add_limit(const Snapshot& snapshot, const NodePath& node, bool charge, Assessment& out) {
  const auto value = snapshot.number(
      {charge ? point("charge_current_limit") : point("discharge_current_limit"), 0, node});
  if (!value) return;
  LimitInForce limit{charge, node, *value, {}, 0, {}};
  const PointId reason_point =
      charge ? point("charge_limit_reason") : point("discharge_limit_reason");
  if (const auto reason = snapshot.bits({reason_point, 0, node})) {
    const auto symbols = info(reason_point).symbols;
    limit.reason = *reason < symbols.size() ? std::string(symbols[*reason]) : std::string();
  }
  const PointId module_point =
      charge ? point("charge_limit_module") : point("discharge_limit_module");
  if (const auto module = snapshot.number({module_point, 0, node})) {
    limit.module = static_cast<std::uint8_t>(rescale(*module, 0).value_or(0));
  }
  limit.because = because(snapshot, limit);
  out.limits.push_back(std::move(limit));
}

/// Flags of the vocabulary that mean trouble, and how much.
struct TroubleFlags {
  PointId point;
  Level level;
};
constexpr TroubleFlags kTroubleFlags[] = {
    {point("protections"), Level::Alarm},
    {point("alarms"), Level::Alarm},
    {point("warnings"), Level::Warning},
};

void add_flags(const Reading& reading, Assessment& out) {
  for (const TroubleFlags& row : kTroubleFlags) {
    if (reading.ref.id != row.point) continue;
    const auto symbols = info(row.point).symbols;
    for (std::size_t bit = 0; bit < symbols.size(); ++bit) {
      if (((reading.bits >> bit) & 1U) == 0) continue;
      out.faults.push_back({reading.ref.node,
                            {},
                            in_words(symbols[bit]),
                            row.level,
                            {},
                            std::string(info(row.point).name)});
    }
  }
}

Level level_of(Severity severity) {
  switch (severity) {
    case Severity::Info:
      return Level::Note;
    case Severity::Warning:
      return Level::Warning;
    default:
      return Level::Alarm;
  }
}

/// Fault words: named by the family's list where it has the bit, shown as bit where it has not. A
/// bit nobody can name still counts as an alarm: it is never dropped (WS-46). Alarm and warning
/// words count where the family's list names bits of them; elsewhere they are evidence only, and
/// what they mean is in the flags that the decoder made of them.
void add_words(const Reading& reading, std::span<const FaultInfo> codes, Assessment& out) {
  const PointId id = reading.ref.id;
  const bool counts = id == point("fault_word") ||
                      ((id == point("alarm_word") || id == point("warning_word")) &&
                       std::any_of(codes.begin(), codes.end(), [id](const FaultInfo& code) {
                         return code.word > 0 && code.carrier == id;
                       }));
  if (!counts) return;
  const Level unnamed = id == point("warning_word") ? Level::Warning : Level::Alarm;
  for (unsigned bit = 0; bit < 64; ++bit) {
    if (((reading.bits >> bit) & 1U) == 0) continue;
    const PointRef place{reading.ref.id, reading.ref.index, {}};
    ActiveFault active{reading.ref.node, {}, "unknown",
                       unnamed,          {}, to_text(place) + " bit " + std::to_string(bit)};
    const auto known = std::find_if(codes.begin(), codes.end(), [&](const FaultInfo& code) {
      return code.carrier == id && code.word == std::max<std::uint8_t>(1, reading.ref.index) &&
             code.bit == bit;
    });
    if (known != codes.end()) {
      active.code = known->code;
      active.name = known->name;
      active.level = level_of(known->severity);
      active.actions = known->actions;
      active.note = known->note;
    }
    out.faults.push_back(std::move(active));
  }
}

void add_lock(const Reading& reading, Assessment& out) {
  if (reading.ref.id != point("lock") || reading.bits == symbol("lock", "none")) return;
  const bool permanent = reading.bits == symbol("lock", "permanent");
  out.faults.push_back(
      {reading.ref.node,
       {},
       permanent ? "permanently locked" : "locked",
       Level::Alarm,
       {permanent ? "Isolate it and call service; it must never be restarted (WS-18)."
                  : "If it does not clear by itself within 24 hours, do not restart it; call "
                    "service (WS-18)."},
       "lock"});
}

}  // namespace

bool tells_faults(PointId id) {
  return id == point("fault_word") || id == point("lock") ||
         std::ranges::any_of(kTroubleFlags,
                             [id](const TroubleFlags& row) { return row.point == id; });
}

bool tells_past(PointId id) {
  constexpr std::array kKept = {
      point("warning_word"),         point("alarm_word"),        point("fault_code"),
      point("fault_record"),         point("setting_record"),    point("fault_count"),
      point("cycle_count"),          point("charge_throughput"), point("cell_faults"),
      point("deep_discharge_count"), point("hours_since_full")};
  const PointInfo& about = info(id);
  return tells_faults(id) || std::ranges::find(kKept, id) != kKept.end() ||
         (about.unit == Unit::KilowattHour && about.name.ends_with("_total"));
}

Assessment assess(const Snapshot& snapshot, std::span<const FaultInfo> codes,
                  const Findings& findings) {
  Assessment out;
  for (const NodePath& node : snapshot.nodes()) {
    if (node.last().kind == NodeKind::Module && node.depth() > 1) continue;  // the tower speaks
    add_limit(snapshot, node, true, out);
    add_limit(snapshot, node, false, out);
  }
  for (const auto& [ref, reading] : snapshot.readings()) {
    if (reading.quality == Quality::NotImplemented) continue;
    add_flags(reading, out);
    add_words(reading, codes, out);
    add_lock(reading, out);
  }
  std::stable_sort(out.faults.begin(), out.faults.end(),
                   [](const auto& a, const auto& b) { return a.level > b.level; });
  for (const ActiveFault& fault : out.faults) out.level = std::max(out.level, fault.level);
  for (const Finding& finding : findings) out.level = std::max(out.level, info(finding.id).level);
  if (out.level == Level::Note) out.level = Level::Ok;
  return out;
}

}  // namespace weco
