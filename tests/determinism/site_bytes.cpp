// SPDX-License-Identifier: Apache-2.0
// A day of a site of each family with a fault of every kind that it takes, each value printed to
// its last bit. Built by several compilers and for several processors, it must print the same.
#include <cstdio>
#include <vector>

#include "sim/faults/catalogue.hpp"
#include "sim/site/site.hpp"

namespace weco::sim {
namespace {

constexpr std::int64_t kDay_s = 24 * 3600;
constexpr std::int64_t kRow_s = 600;
constexpr std::int64_t kFaultFor_s = 300;
constexpr std::uint64_t kSeed = 7;

void print(const char* family, const Site& site, std::vector<double>& values) {
  site.sample(values);
  std::printf("%s %lld", family, static_cast<long long>(site.wall_seconds()));
  for (const double value : values) std::printf(" %a", value);
  std::printf("\n");
}

/// Every row one fault comes and goes, so that all of them pass in the days of a run.
bool play(const char* family, SiteFamily which, Duration step) {
  SiteConfig config = default_site(which);
  config.seed = kSeed;
  auto made = Site::make(config);
  if (!made) return false;
  Site& site = **made;
  std::vector<double> values(site.channels().size());
  std::size_t next = 0;
  const std::span<const FaultInfo> faults = fault_catalogue();
  for (std::int64_t at = 0; at < kDay_s; at += kRow_s) {
    const FaultSpec fault = usual_fault(faults[next++ % faults.size()].id);
    const bool taken = site.inject(fault).has_value();
    const auto run_until = [&](std::int64_t end_s) {
      while (site.now() - Instant{} < Duration::s(end_s)) site.step(step);
    };
    run_until(at + kFaultFor_s);
    if (taken) static_cast<void>(site.clear(fault));
    run_until(at + kRow_s);
    print(family, site, values);
  }
  return true;
}

}  // namespace
}  // namespace weco::sim

int main() {
  using weco::Duration;
  using weco::sim::SiteFamily;
  const bool played = weco::sim::play("weco_smart", SiteFamily::WecoSmart, Duration::s(1)) &&
                      weco::sim::play("saj_cm2", SiteFamily::SajCm2, Duration::s(10)) &&
                      weco::sim::play("ep760", SiteFamily::Ep760, Duration::ms(7300));
  return played ? 0 : 1;
}
