// SPDX-License-Identifier: Apache-2.0
#include "host/reactor/poll_reactor.hpp"

#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "core/base/assert.hpp"

namespace weco {
namespace {

constexpr std::int64_t kMicrosecondsPerSecond = 1000000;

timespec clock_value(clockid_t clock) {
  timespec value{};
  const int failed = clock_gettime(clock, &value);
  WECO_ASSERT(failed == 0);
  return value;
}

}  // namespace

PollReactor::PollReactor()
    : wake_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      timer_fd_(timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK)) {
  WECO_ASSERT(wake_fd_ >= 0);
  WECO_ASSERT(timer_fd_ >= 0);
  static_assert(std::atomic<std::uint32_t>::is_always_lock_free,
                "interrupt() is called by signals");
}

PollReactor::~PollReactor() {
  close(timer_fd_);
  close(wake_fd_);
}

Instant PollReactor::now() const {
  const timespec t = clock_value(CLOCK_BOOTTIME);
  return Instant::from_us(static_cast<std::int64_t>(t.tv_sec) * kMicrosecondsPerSecond +
                          t.tv_nsec / 1000);
}

std::int64_t PollReactor::wall_seconds() const {
  return static_cast<std::int64_t>(clock_value(CLOCK_REALTIME).tv_sec);
}

PollReactor::TimerId PollReactor::at(Instant when, std::function<void()> action) {
  return timers_.add(when, std::move(action));
}

void PollReactor::cancel(TimerId id) { timers_.cancel(id); }

PollReactor::Watch& PollReactor::watch_of(int fd) {
  WECO_ASSERT(fd >= 0);
  Watch& entry = watches_[fd];
  if (entry.generation == 0) entry.generation = ++generation_;
  return entry;
}

void PollReactor::watch(int fd, std::function<void()> readable) {
  watch_of(fd).readable = std::make_shared<const std::function<void()>>(std::move(readable));
}

void PollReactor::once_writable(int fd, std::function<void()> writable) {
  watch_of(fd).writable = std::make_shared<const std::function<void()>>(std::move(writable));
}

void PollReactor::unwatch(int fd) { watches_.erase(fd); }

bool PollReactor::run(const std::function<bool()>& done, Instant until) {
  const std::uint32_t entry = acknowledged_;
  while (true) {
    if (done()) return true;
    const std::uint32_t interrupts = interrupts_.load();
    if (interrupts != entry) {
      acknowledged_ = interrupts;
      return false;
    }
    if (fire_timers(done)) return true;
    if (interrupts_.load() != entry) continue;  // a run inside an action has emptied the eventfd
    if (now() >= until) return done();
    if (timers_.size() == 0 && watches_.empty() && until == Instant::never()) return done();
    wait_for_descriptors(until);
  }
}

/// One pass over what is due: a timer that sets itself again waits for the next pass, so that
/// descriptors get their turn. True when done() became true.
bool PollReactor::fire_timers(const std::function<bool()>& done) {
  const Timers::Id border = timers_.border();
  const Instant due = now();
  while (const auto action = timers_.take_due(due, border)) {
    action();
    if (done()) return true;
    if (interrupts_.load() != acknowledged_) return false;
  }
  return false;
}

void PollReactor::wait_for_descriptors(Instant until) {
  arm(std::min(until, timers_.next()));
  std::vector<pollfd> polled{{wake_fd_, POLLIN, 0}, {timer_fd_, POLLIN, 0}};
  std::vector<std::uint64_t> generations{0, 0};
  polled.reserve(watches_.size() + 2);
  generations.reserve(watches_.size() + 2);
  for (const auto& [fd, entry] : watches_) {
    short events = 0;
    if (entry.readable) events = static_cast<short>(events | POLLIN);
    if (entry.writable) events = static_cast<short>(events | POLLOUT);
    polled.push_back({fd, events, 0});
    generations.push_back(entry.generation);
  }
  const int ready = poll(polled.data(), polled.size(), -1);
  if (ready < 0) {
    WECO_ASSERT(errno == EINTR || errno == EAGAIN);
    return;
  }
  std::uint64_t count = 0;
  if (polled[0].revents != 0) static_cast<void>(read(wake_fd_, &count, sizeof count));
  if (polled[1].revents != 0) {
    static_cast<void>(read(timer_fd_, &count, sizeof count));
    armed_ = Instant::never();
  }
  dispatch(polled, generations);
}

void PollReactor::dispatch(const std::vector<pollfd>& polled,
                           const std::vector<std::uint64_t>& generations) {
  const auto still = [&](std::size_t i) {
    const auto found = watches_.find(polled[i].fd);
    return found != watches_.end() && found->second.generation == generations[i] ? &found->second
                                                                                 : nullptr;
  };
  constexpr short kFailed = POLLERR | POLLHUP | POLLNVAL;
  for (std::size_t i = 2; i < polled.size(); ++i) {
    const short events = polled[i].revents;
    if (events == 0) continue;
    if (Watch* entry = still(i); entry && entry->writable && (events & (POLLOUT | kFailed)) != 0) {
      const Action action = std::exchange(entry->writable, nullptr);
      if (!entry->readable) watches_.erase(polled[i].fd);
      (*action)();
    }
    if (Watch* entry = still(i); entry && entry->readable && (events & (POLLIN | kFailed)) != 0) {
      const Action action = entry->readable;  // kept alive: the action may unwatch itself
      (*action)();
    }
  }
}

void PollReactor::arm(Instant wake) {
  if (wake == armed_) return;
  armed_ = wake;
  itimerspec setting{};  // all zero disarms
  if (wake != Instant::never()) {
    const std::int64_t us = std::max<std::int64_t>(wake.to_us(), 1);
    setting.it_value.tv_sec = static_cast<time_t>(us / kMicrosecondsPerSecond);
    setting.it_value.tv_nsec = static_cast<long>(us % kMicrosecondsPerSecond * 1000);
  }
  const int failed = timerfd_settime(timer_fd_, TFD_TIMER_ABSTIME, &setting, nullptr);
  WECO_ASSERT(failed == 0);
}

void PollReactor::interrupt() {
  const int saved = errno;
  interrupts_.fetch_add(1);
  const std::uint64_t one = 1;
  static_cast<void>(write(wake_fd_, &one, sizeof one) == sizeof one);
  errno = saved;
}

bool PollReactor::interrupted() const { return interrupts_.load() != 0; }

}  // namespace weco
