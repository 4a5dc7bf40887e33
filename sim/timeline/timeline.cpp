// SPDX-License-Identifier: Apache-2.0
#include "sim/timeline/timeline.hpp"

#include <limits>
#include <utility>

#include "core/base/assert.hpp"

namespace weco::sim {

namespace {
constexpr bool kVirtualTimeHasDescriptors = false;  // nothing real can be waited for
}  // namespace

Timeline::TimerId Timeline::at(Instant when, std::function<void()> action) {
  return timers_.add(when < now_ ? now_ : when, std::move(action));
}

void Timeline::cancel(TimerId id) { timers_.cancel(id); }

void Timeline::watch(int, std::function<void()>) { WECO_ASSERT(kVirtualTimeHasDescriptors); }

void Timeline::once_writable(int, std::function<void()>) {
  WECO_ASSERT(kVirtualTimeHasDescriptors);
}

void Timeline::unwatch(int) {}

bool Timeline::run(const std::function<bool()>& done, Instant until) {
  constexpr Timers::Id kAll = std::numeric_limits<Timers::Id>::max();
  const std::uint32_t entry = acknowledged_;
  while (true) {
    if (done()) return true;
    if (interrupts_ != entry) {
      acknowledged_ = interrupts_;
      return false;
    }
    const Instant next = timers_.next();
    if (next > until || next == Instant::never()) {
      if (until != Instant::never() && until > now_) {
        now_ = until;
        actions_at_now_ = 0;
      }
      return done();
    }
    if (next > now_) {
      now_ = next;
      actions_at_now_ = 0;
    }
    ++actions_;
    WECO_ASSERT(++actions_at_now_ <= kActionsPerInstantMax);
    const auto action = timers_.take_due(now_, kAll);
    action();
  }
}

void Timeline::leap(Duration span) {
  run([] { return false; }, now_ + span);
}

}  // namespace weco::sim
