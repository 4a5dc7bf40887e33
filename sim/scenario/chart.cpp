// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/chart.hpp"

#include <algorithm>

namespace weco::sim {
namespace {

constexpr Duration kLook = Duration::minutes(1);
constexpr std::size_t kPacksDrawn = 12;  // more lines cannot be told apart
/// Sources first, then what takes, as the report stacks them.
constexpr EnergyPath kDrawn[] = {EnergyPath::Pv,     EnergyPath::PvAc,      EnergyPath::Discharge,
                                 EnergyPath::Import, EnergyPath::Generator, EnergyPath::Load,
                                 EnergyPath::Charge, EnergyPath::Export};

void join(Bucket& to, const Bucket& from) {
  if (from.count == 0) return;
  if (to.count == 0) {
    to = from;
    return;
  }
  to.least = std::min(to.least, from.least);
  to.most = std::max(to.most, from.most);
  to.sum += from.sum;
  to.count += from.count;
}

}  // namespace

void Curve::add(Instant at, double value) {
  auto index = static_cast<std::size_t>(at.to_us() / width_.to_us());
  while (index >= kBuckets) {
    halve();
    index = static_cast<std::size_t>(at.to_us() / width_.to_us());
  }
  join(buckets_[index], {value, value, value, 1});
  used_ = std::max(used_, index + 1);
}

void Curve::halve() {
  for (std::size_t i = 0; i < kBuckets; ++i) {
    if (i % 2 == 0) {
      buckets_[i / 2] = buckets_[i];
    } else {
      join(buckets_[i / 2], buckets_[i]);
    }
    if (i / 2 != i) buckets_[i] = {};
  }
  used_ = (used_ + 1) / 2;
  width_ = width_ * 2;
}

Charts::Charts(const Stage& stage) : stage_(stage) {
  for (const EnergyPath path : kDrawn) power_.emplace_back(std::string(info(path).name), kLook);
  const std::size_t packs = std::min(stage.pack_count(), kPacksDrawn);
  for (std::size_t i = 0; i < packs; ++i) {
    const std::string name = "pack " + std::to_string(i + 1);
    soc_.emplace_back(name, kLook);
    heat_.emplace_back(name, kLook);
    cells_.emplace_back(name, kLook);
  }
}

void Charts::look() {
  const Instant now = stage_.now();
  if (now < next_) return;
  const Energies& total = stage_.ledger().total;
  const double seconds = static_cast<double>((now - last_).to_us()) * 1e-6;
  for (std::size_t i = 0; i < std::size(kDrawn) && seconds > 0; ++i) {
    power_[i].add(last_, (total.of(kDrawn[i]) - before_.of(kDrawn[i])) / seconds);
  }
  before_ = total;
  last_ = now;
  next_ = now + kLook;
  for (std::size_t i = 0; i < soc_.size(); ++i) {
    const PackView pack = stage_.pack(i);
    soc_[i].add(now, pack.soc_pct);
    heat_[i].add(now, pack.cell_min_degC);
    heat_[i].add(now, pack.cell_max_degC);
    cells_[i].add(now, (pack.cell_max_V - pack.cell_min_V) * 1000);
  }
}

}  // namespace weco::sim
