// SPDX-License-Identifier: Apache-2.0
// Bluetooth's air as an update feels it: nothing travels but at connection events, a few packets
// each way at each of them, none longer than the agreed size.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <utility>
#include <vector>

#include "host/link/link.hpp"
#include "host/reactor/reactor.hpp"

namespace weco::test {

struct AirOptions {
  Duration interval = Duration::ms(15);
  std::size_t packets = 6;          // each way at an event
  std::size_t payload_bytes = 244;  // MTU 247 without its head
};

class Air {
 public:
  class End final : public ByteLink {
   public:
    explicit End(Air& air) : air_(air) {}
    Done write(Bytes data) override {
      while (!data.empty()) {
        const Bytes part = data.first(std::min(air_.options_.payload_bytes, data.size()));
        sent.emplace_back(part.begin(), part.end());
        data = data.subspan(part.size());
      }
      air_.arm();
      return {};
    }
    Outcome<std::size_t> read(MutableBytes room) override {
      const std::size_t size = std::min(room.size(), arrived.size());
      std::copy_n(arrived.begin(), size, room.begin());
      arrived.erase(arrived.begin(), arrived.begin() + static_cast<std::ptrdiff_t>(size));
      return size;
    }
    void on_readable(std::function<void()> action) override { readable = std::move(action); }
    Done configure(const LineSettings&) override {
      return failure(ErrorCode::Unsupported, "the air has no line settings");
    }
    [[nodiscard]] LinkTraits traits() const override {
      return {0, false, air_.options_.payload_bytes};
    }
    [[nodiscard]] std::string describe() const override { return "air"; }

    std::deque<std::vector<std::uint8_t>> sent;
    std::vector<std::uint8_t> arrived;
    std::function<void()> readable;

   private:
    Air& air_;
  };

  Air(Reactor& reactor, AirOptions options) : reactor_(reactor), options_(options) {}
  ~Air() { reactor_.cancel(timer_); }
  Air(const Air&) = delete;
  Air& operator=(const Air&) = delete;
  /// Bytes a second that fit into the packets, one way.
  [[nodiscard]] std::int64_t payload_rate() const {
    return static_cast<std::int64_t>(options_.packets * options_.payload_bytes) * 1000 /
           options_.interval.to_ms();
  }

  End a{*this};
  End b{*this};

 private:
  void arm() {
    if (timer_ != 0) return;
    const std::int64_t events = (reactor_.now() - Instant{}).to_ms() / options_.interval.to_ms();
    const Instant next = Instant{} + Duration::ms((events + 1) * options_.interval.to_ms());
    timer_ = reactor_.at(next, [this] { event(); });
  }
  void event() {
    timer_ = 0;
    move(a, b);
    move(b, a);
    if (!a.sent.empty() || !b.sent.empty()) arm();
    if (!b.arrived.empty() && b.readable) b.readable();
    if (!a.arrived.empty() && a.readable) a.readable();
  }
  void move(End& from, End& to) {
    for (std::size_t n = 0; n < options_.packets && !from.sent.empty(); ++n) {
      const auto& packet = from.sent.front();
      to.arrived.insert(to.arrived.end(), packet.begin(), packet.end());
      from.sent.pop_front();
    }
  }

  Reactor& reactor_;
  AirOptions options_;
  Reactor::TimerId timer_ = 0;
};

}  // namespace weco::test
