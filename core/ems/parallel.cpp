// SPDX-License-Identifier: Apache-2.0
#include "core/ems/parallel.hpp"

namespace weco::ems {
namespace {

bool well(const Member& m, Instant now) {
  return m.healthy && now - m.heartbeat <= kHeartbeatTimeout;
}

// The member with the lowest serial number among those that are well and, if asked for, claim to
// lead.
std::int32_t lowest(std::span<const Member> members, Instant now, bool claimants_only) {
  std::int32_t best = kNobody;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const Member& m = members[i];
    if (!well(m, now) || (claimants_only && !m.claims)) continue;
    if (best == kNobody || m.serial < members[static_cast<std::size_t>(best)].serial) {
      best = static_cast<std::int32_t>(i);
    }
  }
  return best;
}

bool leads_well(std::span<const Member> members, std::int32_t master, Instant now) {
  if (master == kNobody || static_cast<std::size_t>(master) >= members.size()) return false;
  return well(members[static_cast<std::size_t>(master)], now);
}

std::size_t count_of(std::span<const CabinetUnit> cabinets, CabinetUnit unit) {
  std::size_t n = 0;
  for (const CabinetUnit u : cabinets) n += u == unit ? 1U : 0U;
  return n;
}

}  // namespace

std::string_view name(PlanRefusal refusal) {
  switch (refusal) {
    case PlanRefusal::None:
      return "accepted";
    case PlanRefusal::Nothing:
      return "nothing is planned";
    case PlanRefusal::TooMany:
      return "more units than the product allows (4 inverters, 20 cabinets)";
    case PlanRefusal::MixedModels:
      return "inverters of different models";
    case PlanRefusal::NotParallel:
      return "this product does not run in parallel";
    case PlanRefusal::EmsMissing:
      return "the primary cabinet has no EMS";
    case PlanRefusal::EmsTwice:
      return "more than one EMS";
    case PlanRefusal::SwitchMissing:
      return "12 cabinets or more need one EMS-Switch unit in a standard cabinet";
    case PlanRefusal::SwitchNotNeeded:
      return "fewer than 12 cabinets take no EMS-Switch unit";
    case PlanRefusal::SwitchTwice:
      return "more than one EMS-Switch unit";
    case PlanRefusal::SwitchMisplaced:
      return "the EMS-Switch unit belongs in a standard cabinet";
  }
  return "";
}

PlanRefusal check_inverters(std::span<const Ratings* const> inverters) {
  if (inverters.empty()) return PlanRefusal::Nothing;
  const Ratings& first = *inverters[0];
  for (const Ratings* r : inverters) {
    if (r->product != first.product || r->name != first.name) return PlanRefusal::MixedModels;
  }
  if (inverters.size() == 1) return PlanRefusal::None;
  if (first.product != Product::WecoSmart) return PlanRefusal::NotParallel;
  return inverters.size() > kInvertersMax ? PlanRefusal::TooMany : PlanRefusal::None;
}

PlanRefusal check_cabinets(std::span<const CabinetUnit> cabinets) {
  if (cabinets.empty()) return PlanRefusal::Nothing;
  if (cabinets.size() > kCabinetsMax) return PlanRefusal::TooMany;
  const std::size_t switches = count_of(cabinets, CabinetUnit::EmsSwitch);
  if (cabinets[0] == CabinetUnit::EmsSwitch) return PlanRefusal::SwitchMisplaced;
  if (cabinets[0] != CabinetUnit::Ems) return PlanRefusal::EmsMissing;
  if (count_of(cabinets, CabinetUnit::Ems) > 1) return PlanRefusal::EmsTwice;
  if (switches > 1) return PlanRefusal::SwitchTwice;
  if (cabinets.size() >= kSwitchFrom) {
    return switches == 0 ? PlanRefusal::SwitchMissing : PlanRefusal::None;
  }
  return switches == 0 ? PlanRefusal::None : PlanRefusal::SwitchNotNeeded;
}

ParallelOutputs elect(std::span<const Member> members, ParallelState& state, Instant now) {
  if (members.size() > kInvertersMax) members = members.first(kInvertersMax);
  const std::int32_t before = state.master;
  // Two that claim at once (the line was cut and mended): the lower serial number, on every member.
  const std::int32_t claimant = lowest(members, now, true);
  if (claimant != kNobody) {
    state.master = claimant;
  } else if (!leads_well(members, state.master, now)) {
    state.master = lowest(members, now, false);
  }
  ParallelOutputs out;
  out.master = state.master;
  out.changed = state.master != before;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const std::uint32_t bit = 1U << i;
    (well(members[i], now) ? out.able : out.lost) |= bit;
  }
  return out;
}

Share share_power(Watts total, const Capabilities& capabilities) {
  Share share;
  std::int64_t sum = 0;
  for (const Watts c : capabilities) sum += c.count();
  const bool negative = total < Watts(0);
  const std::int64_t wanted = negative ? -std::int64_t{total.count()} : total.count();
  const std::int64_t carried = wanted < sum ? wanted : sum;
  std::int64_t rest = carried;
  for (const Watts c : capabilities) {
    const std::int64_t part = carried == 0 ? 0 : carried * c.count() / sum;
    rest -= part;
    static_cast<void>(share.parts.push_back(Watts(static_cast<std::int32_t>(part))));
  }
  for (std::size_t i = 0; i < share.parts.size(); ++i) {  // fewer watts remain than members
    if (rest > 0 && share.parts[i] < capabilities[i]) {
      share.parts[i] += Watts(1);
      --rest;
    }
    if (negative) share.parts[i] = -share.parts[i];
  }
  const auto over = static_cast<std::int32_t>(wanted - carried);
  share.left_over = Watts(negative ? -over : over);
  return share;
}

}  // namespace weco::ems
