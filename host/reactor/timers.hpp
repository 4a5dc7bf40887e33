// SPDX-License-Identifier: Apache-2.0
// The timers of a reactor, real or virtual: ordered by instant, then by the order in which they
// were set. Both loops share it so that a simulation fires in exactly the order real life would.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <unordered_map>
#include <utility>

#include "core/base/time.hpp"

namespace weco {

/// More timers than this at once are a leak in the program, not a big site: a link needs about
/// five.
inline constexpr std::size_t kTimersMax = 65536;

class Timers {
 public:
  using Id = std::uint64_t;  // 0 is no timer; ids are never used twice

  Id add(Instant when, std::function<void()> action);
  /// Unknown, fired and zero ids are ignored.
  void cancel(Id id);
  /// When the next timer is due; Instant::never() without one.
  [[nodiscard]] Instant next() const;
  /// The id that the next timer to be added will have: a border between "set before" and "after".
  [[nodiscard]] Id border() const { return next_id_; }
  /// Removes the first timer due at `now` and set before `border`; an empty function when there is
  /// none. The caller runs it, so the queue may change meanwhile.
  std::function<void()> take_due(Instant now, Id border);
  [[nodiscard]] std::size_t size() const { return queue_.size(); }

 private:
  using Key = std::pair<Instant, Id>;
  std::map<Key, std::function<void()>> queue_;
  std::unordered_map<Id, Instant> when_;
  Id next_id_ = 1;
};

}  // namespace weco
