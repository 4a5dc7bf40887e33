// SPDX-License-Identifier: Apache-2.0
#include "transports/ble/gatt_link.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "transports/ble/inbox.hpp"

namespace weco::transports::ble {
namespace {

class Link final : public GattLink {
 public:
  Link(Reactor& reactor, Target target, BackOff back_off)
      : reactor_(reactor), target_(std::move(target)), back_off_(back_off), inbox_(reactor) {}
  ~Link() override { reactor_.cancel(retry_); }

  /// Attaches for the first time; `done` gets the outcome.
  void begin(std::function<void(Done)> done) {
    first_ = std::move(done);
    attach();
  }

  Done write(Bytes data) override {
    if (lost_) return Unexpected<Failure>{*lost_};
    while (!data.empty()) {
      const Bytes packet = data.first(std::min(data.size(), attachment_->payload()));
      if (const Done sent = attachment_->send(packet); !sent) return sent;
      data = data.subspan(packet.size());
    }
    return {};
  }
  Outcome<std::size_t> read(MutableBytes room) override {
    if (inbox_.empty() && lost_) return Unexpected<Failure>{*lost_};
    return inbox_.read(room);
  }
  void on_readable(std::function<void()> action) override {
    inbox_.on_readable(std::move(action));
    if (!inbox_.empty() || lost_) inbox_.wake();
  }
  Done configure(const LineSettings&) override {
    return failure(ErrorCode::Unsupported, "this link has no line settings", describe());
  }
  [[nodiscard]] LinkTraits traits() const override {
    LinkTraits traits;
    traits.write_max = attachment_->payload();
    return traits;
  }
  [[nodiscard]] std::string describe() const override { return attachment_->where(); }
  [[nodiscard]] std::optional<RadioHealth> radio() const override {
    return RadioHealth{attachment_->rssi(), attachment_->mtu(), reconnections_};
  }

 private:
  void attach() {
    attachment_ = std::make_unique<Attachment>(
        reactor_, target_,
        Attachment::Events{[this](const Done& done) { attached(done); },
                           [this](ByteBuffer packet) { inbox_.arrived(std::move(packet)); },
                           [this](Failure why) { lost(std::move(why)); }});
    attachment_->start();
  }
  void attached(const Done& done) {
    if (const auto first = std::exchange(first_, {})) {
      if (done) remember();
      return first(done);
    }
    if (!done) return lost(done.error());
    lost_.reset();
    pause_ = {};
    ++reconnections_;
    remember();
  }
  /// A name stood for whoever carried it first; from now on it is this device.
  void remember() {
    const std::string where = attachment_->where();
    target_.address = where.substr(where.find(':') + 1);
    target_.name.clear();
  }
  void lost(Failure why) {
    lost_ = std::move(why);
    pause_ = back_off_.next(pause_);
    retry_ = reactor_.at(reactor_.now() + pause_, [this] {
      retry_ = 0;
      inbox_.clear();
      attach();
    });
    inbox_.wake();
  }

  Reactor& reactor_;
  Target target_;
  BackOff back_off_;
  std::unique_ptr<Attachment> attachment_;
  std::function<void(Done)> first_;
  Inbox inbox_;
  std::optional<Failure> lost_;
  Duration pause_{};
  unsigned reconnections_ = 0;
  Reactor::TimerId retry_ = 0;
};

class FirstTry final : public Attempt {
 public:
  FirstTry(Reactor& reactor, Target target, Connected done, BackOff back_off)
      : link_(std::make_unique<Link>(reactor, std::move(target), back_off)),
        done_(std::move(done)) {
    link_->begin([this](const Done& outcome) {
      const Connected told = std::move(done_);
      if (!outcome) return told(Unexpected<Failure>{outcome.error()});
      told(std::unique_ptr<GattLink>(std::move(link_)));
    });
  }

 private:
  std::unique_ptr<Link> link_;
  Connected done_;
};

}  // namespace

std::unique_ptr<Attempt> connect(Reactor& reactor, Target target, Connected done,
                                 BackOff back_off) {
  return std::make_unique<FirstTry>(reactor, std::move(target), std::move(done), back_off);
}

Outcome<std::unique_ptr<GattLink>> open(Reactor& reactor, const Target& target, BackOff back_off) {
  std::optional<Outcome<std::unique_ptr<GattLink>>> result;
  const auto attempt = connect(
      reactor, target,
      [&result](Outcome<std::unique_ptr<GattLink>> outcome) { result = std::move(outcome); },
      back_off);
  // Every step has its own deadline, so this ends; an interrupt ends it at once.
  const bool decided = reactor.run([&] { return result.has_value(); }, Instant::never());
  if (decided) return std::move(*result);
  return failure(ErrorCode::Interrupted, "connecting", "ble:" + target.address + target.name);
}

}  // namespace weco::transports::ble
