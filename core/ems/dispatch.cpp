// SPDX-License-Identifier: Apache-2.0
#include "core/ems/dispatch.hpp"

namespace weco::ems {
namespace {

constexpr Watts kZero{};

Watts smaller(Watts a, Watts b) { return a < b ? a : b; }
Watts larger(Watts a, Watts b) { return a > b ? a : b; }

// What the mode would do with the battery if nothing but the battery itself were limited.
Watts wished(const Intent& intent, const Bounds& b, LimitReason& reason) {
  const Watts surplus = b.pv + b.pv_ac - b.load;
  Watts wish = intent.battery_first ? b.pv + b.pv_ac : surplus;
  wish = larger(wish, -intent.discharge_max);
  if (intent.from_grid > kZero) wish = larger(wish, intent.from_grid);
  if (intent.discharge_min > kZero) wish = smaller(wish, -intent.discharge_min);
  if (wish > b.charge.value) {
    reason = b.charge.reason;
    return b.charge.value;
  }
  if (wish < -b.discharge.value) {
    reason = b.discharge.reason;
    return -b.discharge.value;
  }
  return wish;
}

// Too much on the AC side: charge more, then make less PV.
void hold_down(Flow& flow, const Bounds& b, const Bound& high) {
  if (flow.ac <= high.value) return;
  flow.reason = high.reason;
  flow.battery =
      smaller(flow.battery + (flow.ac - high.value), larger(b.charge.value, flow.battery));
  flow.pv = larger(smaller(flow.pv, high.value + flow.battery), kZero);
  flow.ac = flow.pv - flow.battery;
}

// Too little on the AC side: charge less, then, where that is wanted, discharge.
void hold_up(Flow& flow, const Bounds& b, const Bound& low) {
  if (flow.ac >= low.value) return;
  flow.reason = low.reason;
  const Watts floor = b.discharge_for_import ? -b.discharge.value : kZero;
  const Watts lowest = smaller(floor, flow.battery);
  flow.battery = larger(flow.battery - (low.value - flow.ac), lowest);
  flow.ac = flow.pv - flow.battery;
}

// Export that the inverter alone cannot avoid: the other PV inverters make less, where they obey.
void settle_grid(Flow& flow, const Bounds& b) {
  flow.grid = flow.load - flow.pv_ac - flow.ac;
  const Watts over = -flow.grid - b.export_max.value;
  if (over > kZero && b.pv_ac_controllable) {
    const Watts cut = smaller(over, flow.pv_ac);
    flow.pv_ac -= cut;
    flow.grid += cut;
    flow.reason = b.export_max.reason;
  }
  flow.export_excess = larger(-flow.grid - b.export_max.value, kZero);
  flow.import_excess = larger(flow.grid - b.import_max.value, kZero);
}

}  // namespace

void solve_into(const Intent& intent, const Bounds& b, Flow& flow) {
  flow = Flow{};
  flow.load = b.load;
  flow.pv = b.pv;
  flow.pv_ac = b.pv_ac;
  flow.battery = wished(intent, b, flow.reason);
  flow.ac = flow.pv - flow.battery;
  const Watts net_load = b.load - b.pv_ac;
  Bound high = b.ac_max;
  high.at_most(net_load + b.export_max.value, b.export_max.reason);
  high.at_least(b.ac_min.value, b.ac_min.reason);  // the device's own floor cannot be passed
  Bound low = b.ac_min;
  low.at_least(net_load - b.import_max.value, b.import_max.reason);
  low.at_most(high.value, high.reason);
  hold_down(flow, b, high);
  hold_up(flow, b, low);
  settle_grid(flow, b);
  flow.curtailed = (b.pv - flow.pv) + (b.pv_ac - flow.pv_ac);
}

Flow solve(const Intent& intent, const Bounds& bounds) {
  Flow flow;
  solve_into(intent, bounds, flow);
  return flow;
}

}  // namespace weco::ems
