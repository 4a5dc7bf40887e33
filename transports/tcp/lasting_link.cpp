// SPDX-License-Identifier: Apache-2.0
#include "transports/tcp/lasting_link.hpp"

#include <optional>
#include <utility>

namespace weco::transports {
namespace {

class LastingLink final : public ByteLink {
 public:
  LastingLink(Reactor& reactor, std::unique_ptr<ByteLink> connection, TcpPlace place,
              BackOff back_off)
      : reactor_(reactor),
        place_(std::move(place)),
        back_off_(back_off),
        name_(connection->describe()),
        connection_(std::move(connection)) {}
  ~LastingLink() override {
    reactor_.cancel(retry_);
    reactor_.cancel(wake_);
  }
  LastingLink(const LastingLink&) = delete;
  LastingLink& operator=(const LastingLink&) = delete;

  Done write(Bytes data) override {
    if (lost_) return Unexpected<Failure>{*lost_};
    Done done = connection_->write(data);
    if (!done && done.error().code() == ErrorCode::Disconnected) lose(done.error());
    return done;
  }
  Outcome<std::size_t> read(MutableBytes room) override {
    if (lost_) return Unexpected<Failure>{*lost_};
    auto got = connection_->read(room);
    if (!got) lose(got.error());
    return got;
  }
  void on_readable(std::function<void()> action) override {
    readable_ = std::move(action);
    if (!lost_) {
      connection_->on_readable(readable_);
    } else if (readable_ && wake_ == 0) {
      wake_ = reactor_.at(reactor_.now(), [this] {
        wake_ = 0;
        const std::function<void()> told = readable_;  // it may replace itself
        if (told) told();
      });
    }
  }
  Done configure(const LineSettings& settings) override { return connection_->configure(settings); }
  [[nodiscard]] LinkTraits traits() const override { return connection_->traits(); }
  [[nodiscard]] std::string describe() const override { return name_; }

 private:
  /// The broken connection stays until there is another: it may be what is calling.
  void lose(Failure why) {
    lost_ = std::move(why);
    pause_ = back_off_.next(pause_);
    retry_ = reactor_.at(reactor_.now() + pause_, [this] {
      retry_ = 0;
      connect_tcp(reactor_, place_.host, place_.port, place_.timeout,
                  [this, alive = std::weak_ptr<int>(alive_)](auto outcome) {
                    if (!alive.expired()) decided(std::move(outcome));
                  });
    });
  }
  void decided(Outcome<std::unique_ptr<ByteLink>> outcome) {
    if (!outcome) return lose(std::move(outcome).error());
    connection_ = std::move(*outcome);
    lost_.reset();
    pause_ = {};
    if (readable_) connection_->on_readable(readable_);
  }

  Reactor& reactor_;
  TcpPlace place_;
  BackOff back_off_;
  std::string name_;
  std::unique_ptr<ByteLink> connection_;
  std::function<void()> readable_;
  std::optional<Failure> lost_;
  Duration pause_{};
  Reactor::TimerId retry_ = 0;
  Reactor::TimerId wake_ = 0;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);  // gone: a try comes too late
};

}  // namespace

std::unique_ptr<ByteLink> lasting_tcp(Reactor& reactor, std::unique_ptr<ByteLink> connection,
                                      TcpPlace place, BackOff back_off) {
  return std::make_unique<LastingLink>(reactor, std::move(connection), std::move(place), back_off);
}

}  // namespace weco::transports
