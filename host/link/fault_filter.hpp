// SPDX-License-Identifier: Apache-2.0
// What real wires do to messages, as named, seeded chances or as a script ("the third message is
// lost"). One filter stands for one direction; FaultyByteLink puts one on each side of any link.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host/link/link.hpp"
#include "host/reactor/reactor.hpp"

namespace weco {

/// What can happen to one message. Append only: seeds of old runs must stay what they were.
enum class Fault : std::uint8_t {
  Late,           // arrives after `late_by`
  Split,          // arrives in two parts, `split_gap` apart
  Merged,         // waits for the next message and arrives with it, or alone after `merge_hold`
  Duplicated,     // arrives twice
  Echoed,         // also comes back to the one who sent it
  BitFlip,        // one bit is wrong: the checksum no longer fits
  WrongUnit,      // valid in itself, but of another address
  Silence,        // never arrives
  GarbageBefore,  // a few random bytes come first
  Disconnect,     // half of it arrives and the link is gone, for `gone_for`
};
inline constexpr std::size_t kFaultCount = 10;
inline constexpr std::array<std::string_view, kFaultCount> kFaultNames = {
    "late",     "split",      "merged",  "duplicated",     "echoed",
    "bit_flip", "wrong_unit", "silence", "garbage_before", "disconnect"};

struct FaultPlan {
  std::uint64_t seed = 1;
  /// Chance of each fault per message, in 1/1000; at most one fault strikes a message.
  std::array<std::uint16_t, kFaultCount> per_mille{};
  struct Step {
    std::uint64_t message = 1;  // counted from 1 in this direction
    Fault fault = Fault::Silence;
  };
  std::vector<Step> script{};  // strikes whatever the chances say
  Duration late_by = Duration::ms(400);
  Duration split_gap = Duration::ms(5);
  Duration merge_hold = Duration::ms(50);
  Duration gone_for =
      Duration::s(2);  // the link comes back after it; the plan of the way out counts

  FaultPlan& chance(Fault fault, std::uint16_t of_thousand) {
    per_mille[static_cast<std::size_t>(fault)] = of_thousand;
    return *this;
  }
  FaultPlan& at_message(std::uint64_t message, Fault fault) {
    script.push_back({message, fault});
    return *this;
  }
};

/// Decides what becomes of each message; pure apart from its counters and its seeded generator.
class FaultFilter {
 public:
  struct Part {
    Duration after{};  // from now
    std::vector<std::uint8_t> data;
    bool back = false;  // goes to the one who sent it
  };
  struct Verdict {
    std::vector<Part> parts;
    bool hold = false;  // keep the parts' data for the next message, at most merge_hold
    bool gone = false;  // the link is lost after the parts, for gone_for
  };

  explicit FaultFilter(FaultPlan plan) : plan_(std::move(plan)), state_(plan_.seed) {}
  Verdict pass(Bytes message);
  [[nodiscard]] const FaultPlan& plan() const { return plan_; }
  [[nodiscard]] std::uint64_t messages() const { return messages_; }
  [[nodiscard]] std::uint64_t struck(Fault fault) const {
    return struck_[static_cast<std::size_t>(fault)];
  }

 private:
  std::uint64_t next_random();
  bool choose(Fault& fault);
  void damage(Fault fault, std::uint64_t random, std::vector<std::uint8_t>& data);
  FaultPlan plan_;
  std::uint64_t state_;
  std::uint64_t messages_ = 0;
  std::array<std::uint64_t, kFaultCount> struck_{};
};

/// A link with a filter on each direction. One write is one message out, what one read of the inner
/// link gives is one message in.
class FaultyByteLink final : public ByteLink {
 public:
  FaultyByteLink(Reactor& reactor, ByteLink& inner, FaultPlan out, FaultPlan in);
  ~FaultyByteLink() override;
  FaultyByteLink(const FaultyByteLink&) = delete;
  FaultyByteLink& operator=(const FaultyByteLink&) = delete;

  Done write(Bytes data) override;
  Outcome<std::size_t> read(MutableBytes room) override;
  void on_readable(std::function<void()> action) override;
  Done configure(const LineSettings& settings) override;
  [[nodiscard]] LinkTraits traits() const override;
  [[nodiscard]] std::string describe() const override;

  [[nodiscard]] const FaultFilter& out() const;
  [[nodiscard]] const FaultFilter& in() const;

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace weco
