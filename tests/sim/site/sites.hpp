// SPDX-License-Identifier: Apache-2.0
// Sites for the tests of this folder, and what they are asked.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/site/site.hpp"
#include "tests/support/catch.hpp"

namespace weco::test {

inline constexpr std::array<sim::SiteFamily, 3> kFamilies = {
    sim::SiteFamily::WecoSmart, sim::SiteFamily::SajCm2, sim::SiteFamily::Ep760};
/// 2026-06-10 10:00 UTC: a summer's noon.
inline constexpr std::int64_t kSummerNoon = 1781085600;

inline std::unique_ptr<sim::Site> made(const sim::SiteConfig& config) {
  auto site = sim::Site::make(config);
  if (!site) FAIL(site.error().what << " " << site.error().where);
  return std::move(*site);
}

inline void run(sim::Site& site, Duration time, Duration step = Duration::s(1)) {
  const Instant end = site.now() + time;
  while (site.now() < end) site.step(step);
}

inline double value(const sim::Site& site, std::string_view channel) {
  const auto found = site.value(channel);
  if (!found) FAIL(found.error().what);
  return *found;
}

/// How many events of this name came from number `from` on.
inline int events(const sim::Site& site, std::string_view what, std::size_t from = 0) {
  int n = 0;
  for (std::size_t i = from; i < site.event_count(); ++i) n += site.event(i).what == what ? 1 : 0;
  return n;
}

inline void inject(sim::Site& site, std::string_view fault) {
  const auto spec = sim::parse_fault(fault);
  if (!spec) FAIL(spec.error().what);
  const Done done = site.inject(*spec);
  if (!done) FAIL(done.error().what << " " << done.error().where);
}
inline void mend(sim::Site& site, std::string_view fault) {
  const auto spec = sim::parse_fault(fault);
  if (!spec) FAIL(spec.error().what);
  REQUIRE(site.clear(*spec));
}
template <class Value>
void command(sim::Site& site, std::string_view name, Value value) {
  const Done done = site.command(name, value);
  if (!done) FAIL(done.error().what << " " << done.error().hint);
}

inline bool joined(const sim::Site& site, std::size_t pack) {
  const bms::State s = site.pack(pack).state;
  return s == bms::State::Running || s == bms::State::Derating;
}

/// What the simulation itself promises of every run.
inline void keeps_its_promises(const sim::Site& site) {
  CHECK(site.fidelity().violations == 0);
  CHECK(site.fidelity().longest_beyond_s <= 2.0);
  CHECK(site.fidelity().worst_balance < 1e-9);
}

}  // namespace weco::test
