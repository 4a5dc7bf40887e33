// SPDX-License-Identifier: Apache-2.0
#include "host/link/lasting_link.hpp"

#include <optional>
#include <utility>

namespace weco {
namespace {

/// What both shapes of link need to come back.
template <class Link>
class Lasting {
 public:
  Lasting(Reactor& reactor, std::unique_ptr<Link> first, Reopen<Link> reopen, BackOff back_off)
      : reactor_(reactor),
        reopen_(std::move(reopen)),
        back_off_(back_off),
        name_(first->describe()),
        link_(std::move(first)) {}
  ~Lasting() {
    reactor_.cancel(retry_);
    reactor_.cancel(wake_);
  }
  Lasting(const Lasting&) = delete;
  Lasting& operator=(const Lasting&) = delete;

  /// The link while it is there.
  [[nodiscard]] Link* link() const { return lost_ ? nullptr : link_.get(); }
  [[nodiscard]] Unexpected<Failure> failure() const { return Unexpected<Failure>{*lost_}; }
  [[nodiscard]] const std::string& name() const { return name_; }
  /// Called with each link that is there again, before anybody uses it.
  void on_back(std::function<void(Link&)> action) { back_ = std::move(action); }

  /// The broken link stays until it is opened again: it may be what is calling.
  void lose(Failure why) {
    lost_ = std::move(why);
    pause_ = back_off_.next(pause_);
    retry_ = reactor_.at(reactor_.now() + pause_, [this] {
      retry_ = 0;
      link_.reset();
      const Reopen<Link> reopen = reopen_;  // this may end while it is opened
      reopen([this, alive = std::weak_ptr<int>(alive_)](Outcome<std::unique_ptr<Link>> outcome) {
        if (!alive.expired()) decided(std::move(outcome));
      });
    });
  }
  void on_readable(std::function<void()> action) {
    readable_ = std::move(action);
    if (!lost_) {
      link_->on_readable(readable_);
    } else if (readable_ && wake_ == 0) {
      wake_ = reactor_.at(reactor_.now(), [this] {
        wake_ = 0;
        const std::function<void()> told = readable_;  // it may replace itself
        if (told) told();
      });
    }
  }

 private:
  void decided(Outcome<std::unique_ptr<Link>> outcome) {
    if (!outcome) return lose(std::move(outcome).error());
    link_ = std::move(*outcome);
    lost_.reset();
    pause_ = {};
    if (back_) back_(*link_);
    if (readable_) link_->on_readable(readable_);
  }

  Reactor& reactor_;
  Reopen<Link> reopen_;
  BackOff back_off_;
  std::string name_;
  std::unique_ptr<Link> link_;
  std::function<void(Link&)> back_;
  std::function<void()> readable_;
  std::optional<Failure> lost_;
  Duration pause_{};
  Reactor::TimerId retry_ = 0;
  Reactor::TimerId wake_ = 0;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);  // gone: a try comes too late
};

class LastingBytes final : public ByteLink {
 public:
  LastingBytes(Reactor& reactor, std::unique_ptr<ByteLink> first, Reopen<ByteLink> reopen,
               BackOff back_off)
      : traits_(first->traits()), lasting_(reactor, std::move(first), std::move(reopen), back_off) {
    lasting_.on_back([this](ByteLink& link) {
      if (settings_) static_cast<void>(link.configure(*settings_).has_value());
      traits_ = link.traits();
    });
  }

  Done write(Bytes data) override {
    ByteLink* const link = lasting_.link();
    if (link == nullptr) return lasting_.failure();
    Done done = link->write(data);
    if (!done && done.error().code() == ErrorCode::Disconnected) lasting_.lose(done.error());
    return done;
  }
  Outcome<std::size_t> read(MutableBytes room) override {
    ByteLink* const link = lasting_.link();
    if (link == nullptr) return lasting_.failure();
    auto got = link->read(room);
    if (!got) lasting_.lose(got.error());
    return got;
  }
  void on_readable(std::function<void()> action) override {
    lasting_.on_readable(std::move(action));
  }
  Done configure(const LineSettings& settings) override {
    ByteLink* const link = lasting_.link();
    if (link == nullptr) return lasting_.failure();
    Done done = link->configure(settings);
    if (done) settings_ = settings;
    traits_ = link->traits();
    return done;
  }
  [[nodiscard]] LinkTraits traits() const override { return traits_; }
  [[nodiscard]] std::string describe() const override { return lasting_.name(); }

 private:
  LinkTraits traits_;
  std::optional<LineSettings> settings_;  // as last asked for
  Lasting<ByteLink> lasting_;
};

class LastingFrames final : public FrameLink {
 public:
  LastingFrames(Reactor& reactor, std::unique_ptr<FrameLink> first, Reopen<FrameLink> reopen,
                BackOff back_off)
      : lasting_(reactor, std::move(first), std::move(reopen), back_off) {}

  Done send(const CanFrame& frame) override {
    FrameLink* const link = lasting_.link();
    if (link == nullptr) return lasting_.failure();
    Done done = link->send(frame);
    if (!done && done.error().code() == ErrorCode::Disconnected) lasting_.lose(done.error());
    return done;
  }
  Outcome<bool> receive(CanFrame& frame) override {
    FrameLink* const link = lasting_.link();
    if (link == nullptr) return lasting_.failure();
    auto got = link->receive(frame);
    if (!got) lasting_.lose(got.error());
    return got;
  }
  void on_readable(std::function<void()> action) override {
    lasting_.on_readable(std::move(action));
  }
  [[nodiscard]] std::string describe() const override { return lasting_.name(); }
  [[nodiscard]] std::optional<BusHealth> health() const override {
    const FrameLink* const link = lasting_.link();
    return link == nullptr ? std::nullopt : link->health();
  }

 private:
  Lasting<FrameLink> lasting_;
};

}  // namespace

std::unique_ptr<ByteLink> lasting_link(Reactor& reactor, std::unique_ptr<ByteLink> first,
                                       Reopen<ByteLink> reopen, BackOff back_off) {
  return std::make_unique<LastingBytes>(reactor, std::move(first), std::move(reopen), back_off);
}

std::unique_ptr<FrameLink> lasting_link(Reactor& reactor, std::unique_ptr<FrameLink> first,
                                        Reopen<FrameLink> reopen, BackOff back_off) {
  return std::make_unique<LastingFrames>(reactor, std::move(first), std::move(reopen), back_off);
}

}  // namespace weco
