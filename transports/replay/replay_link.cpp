// SPDX-License-Identifier: Apache-2.0
#include "transports/replay/replay_link.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <string>
#include <utility>

namespace weco::transports {
namespace {

using Speed = ReplayOptions::Speed;
using Role = ReplayOptions::Role;

Unexpected<Failure> at_end(const std::string& name) {
  return failure(ErrorCode::Disconnected, "the recording is at its end", name,
                 "Record for longer, or play it from the start.");
}

/// The indices of a recording in their order, each when it is due.
class Player {
 public:
  Player(Reactor& reactor, Speed speed, std::function<void()> due)
      : reactor_(reactor), speed_(speed), due_(std::move(due)), begin_(reactor.now()) {}
  ~Player() { reactor_.cancel(timer_); }
  Player(const Player&) = delete;
  Player& operator=(const Player&) = delete;

  /// True when an item with this time may be heard now; else it calls `due` when it may.
  bool may(Duration at) {
    if (speed_ == Speed::Instant || begin_ + at <= reactor_.now()) return true;
    arm(begin_ + at);
    return false;
  }
  void arm(Instant when) {
    reactor_.cancel(timer_);
    timer_ = reactor_.at(when, [this] {
      timer_ = 0;
      due_();
    });
  }
  [[nodiscard]] Reactor& reactor() const { return reactor_; }

 private:
  Reactor& reactor_;
  Speed speed_;
  std::function<void()> due_;
  Instant begin_;
  Reactor::TimerId timer_ = 0;
};

/// Hears every message in order, one a read() at most, so that message borders survive.
class ListeningBytes final : public ByteLink {
 public:
  ListeningBytes(Recording recording, Reactor& reactor, Speed speed)
      : recording_(std::move(recording)), player_(reactor, speed, [this] { call(); }) {
    std::erase_if(recording_.items,
                  [](const RecordedItem& item) { return item.frame.has_value(); });
  }
  Done write(Bytes) override { return {}; }
  Outcome<std::size_t> read(MutableBytes room) override {
    if (next_ == recording_.items.size()) return at_end(describe());
    const RecordedItem& item = recording_.items[next_];
    if (!player_.may(item.at)) return std::size_t{0};
    const std::size_t n = std::min(room.size(), item.data.size() - offset_);
    std::copy_n(item.data.begin() + static_cast<std::ptrdiff_t>(offset_), n, room.begin());
    offset_ += n;
    if (offset_ == item.data.size()) {
      offset_ = 0;
      ++next_;
    }
    return n;
  }
  void on_readable(std::function<void()> action) override {
    readable_ = std::move(action);
    if (readable_) player_.arm(player_.reactor().now());
  }
  Done configure(const LineSettings&) override {
    return failure(ErrorCode::Unsupported, "a recording has no line settings", describe());
  }
  [[nodiscard]] LinkTraits traits() const override { return {0, true, 0}; }
  [[nodiscard]] std::string describe() const override { return "replay:" + recording_.path; }

 private:
  void call() {
    const std::function<void()> action = readable_;  // it may replace itself
    if (action) action();
  }
  Recording recording_;
  Player player_;
  std::function<void()> readable_;
  std::size_t next_ = 0;
  std::size_t offset_ = 0;
};

/// The recorded device, as far as it was recorded.
class AnsweringBytes final : public ByteLink {
 public:
  AnsweringBytes(Recording recording, Reactor& reactor, Speed speed)
      : recording_(std::move(recording)), reactor_(reactor), speed_(speed) {
    for (std::size_t i = 0; i < recording_.items.size(); ++i) {
      const RecordedItem& item = recording_.items[i];
      if (!item.frame && item.from == RecordedItem::From::Asker) known_[item.data].push_back(i);
    }
  }
  ~AnsweringBytes() override {
    for (const Reactor::TimerId timer : timers_) reactor_.cancel(timer);
  }

  Done write(Bytes data) override {
    const auto found = known_.find({data.begin(), data.end()});
    if (found == known_.end()) return {};
    const std::size_t asked = found->second.front();
    found->second.pop_front();
    found->second.push_back(asked);
    for (std::size_t i = asked + 1; i < recording_.items.size(); ++i) {
      const RecordedItem& item = recording_.items[i];
      if (item.frame) continue;
      if (item.from == RecordedItem::From::Asker) break;
      const Duration pause =
          speed_ == Speed::Recorded ? item.at - recording_.items[asked].at : Duration{};
      deliver(pause, item.data);
    }
    return {};
  }
  Outcome<std::size_t> read(MutableBytes room) override {
    const std::size_t n = std::min(room.size(), inbox_.size());
    std::copy_n(inbox_.begin(), n, room.begin());
    inbox_.erase(inbox_.begin(), inbox_.begin() + static_cast<std::ptrdiff_t>(n));
    return n;
  }
  void on_readable(std::function<void()> action) override {
    readable_ = std::move(action);
    if (readable_ && !inbox_.empty()) deliver({}, {});
  }
  Done configure(const LineSettings&) override {
    return failure(ErrorCode::Unsupported, "a recording has no line settings", describe());
  }
  [[nodiscard]] LinkTraits traits() const override { return {}; }
  [[nodiscard]] std::string describe() const override { return "replay:" + recording_.path; }

 private:
  void deliver(Duration pause, std::vector<std::uint8_t> data) {
    const auto slot = timers_.insert(timers_.end(), 0);
    *slot = reactor_.at(reactor_.now() + pause, [this, slot, bytes = std::move(data)] {
      timers_.erase(slot);
      inbox_.insert(inbox_.end(), bytes.begin(), bytes.end());
      const std::function<void()> action = readable_;  // it may replace itself
      if (action) action();
    });
  }
  Recording recording_;
  Reactor& reactor_;
  Speed speed_;
  std::map<std::vector<std::uint8_t>, std::deque<std::size_t>> known_;  // request: where recorded
  std::list<Reactor::TimerId> timers_;
  std::deque<std::uint8_t> inbox_;
  std::function<void()> readable_;
};

class ListeningFrames final : public FrameLink {
 public:
  ListeningFrames(Recording recording, Reactor& reactor, Speed speed)
      : recording_(std::move(recording)), player_(reactor, speed, [this] { call(); }) {
    std::erase_if(recording_.items,
                  [](const RecordedItem& item) { return !item.frame.has_value(); });
  }
  Done send(const CanFrame&) override { return {}; }
  Outcome<bool> receive(CanFrame& frame) override {
    if (next_ == recording_.items.size()) return at_end(describe());
    const RecordedItem& item = recording_.items[next_];
    if (!player_.may(item.at)) return false;
    frame = *item.frame;
    frame.at = player_.reactor().now();
    ++next_;
    return true;
  }
  void on_readable(std::function<void()> action) override {
    readable_ = std::move(action);
    if (readable_) player_.arm(player_.reactor().now());
  }
  [[nodiscard]] std::string describe() const override { return "replay:" + recording_.path; }

 private:
  void call() {
    const std::function<void()> action = readable_;  // it may replace itself
    if (action) action();
  }
  Recording recording_;
  Player player_;
  std::function<void()> readable_;
  std::size_t next_ = 0;
};

}  // namespace

Outcome<std::unique_ptr<ByteLink>> replay_bytes(Recording recording, Reactor& reactor,
                                                ReplayOptions options) {
  if (!recording.has_bytes()) {
    return failure(ErrorCode::NotFound, "the recording holds no bytes of a serial line",
                   recording.path, "It holds CAN frames.");
  }
  if (options.role == Role::Answer) {
    return std::unique_ptr<ByteLink>(
        std::make_unique<AnsweringBytes>(std::move(recording), reactor, options.speed));
  }
  return std::unique_ptr<ByteLink>(
      std::make_unique<ListeningBytes>(std::move(recording), reactor, options.speed));
}

Outcome<std::unique_ptr<FrameLink>> replay_frames(Recording recording, Reactor& reactor,
                                                  ReplayOptions options) {
  if (!recording.has_frames()) {
    return failure(ErrorCode::NotFound, "the recording holds no CAN frames", recording.path,
                   "It holds bytes of a serial line.");
  }
  return std::unique_ptr<FrameLink>(
      std::make_unique<ListeningFrames>(std::move(recording), reactor, options.speed));
}

}  // namespace weco::transports
