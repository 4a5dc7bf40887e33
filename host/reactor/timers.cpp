// SPDX-License-Identifier: Apache-2.0
#include "host/reactor/timers.hpp"

#include "core/base/assert.hpp"

namespace weco {

Timers::Id Timers::add(Instant when, std::function<void()> action) {
  WECO_ASSERT(action != nullptr);
  WECO_ASSERT(queue_.size() < kTimersMax);
  const Id id = next_id_++;
  queue_.emplace(Key{when, id}, std::move(action));
  when_.emplace(id, when);
  return id;
}

void Timers::cancel(Id id) {
  const auto found = when_.find(id);
  if (found == when_.end()) return;
  queue_.erase(Key{found->second, id});
  when_.erase(found);
}

Instant Timers::next() const {
  return queue_.empty() ? Instant::never() : queue_.begin()->first.first;
}

std::function<void()> Timers::take_due(Instant now, Id border) {
  for (auto at = queue_.begin(); at != queue_.end() && at->first.first <= now; ++at) {
    if (at->first.second >= border) continue;
    std::function<void()> action = std::move(at->second);
    when_.erase(at->first.second);
    queue_.erase(at);
    return action;
  }
  return {};
}

}  // namespace weco
