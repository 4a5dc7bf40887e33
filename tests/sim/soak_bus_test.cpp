// SPDX-License-Identifier: Apache-2.0
// The soak on buses: a battery is heard on CAN and through an SLCAN adapter, and messages cross a
// bus by ISO-TP, while frames are lost, adapters are pulled and their lines say something else.
#include <algorithm>
#include <map>

#include "host/device/can_listener.hpp"
#include "host/link/fault_filter.hpp"
#include "host/link/isotp_link.hpp"
#include "host/link/lasting_link.hpp"
#include "host/link/loopback.hpp"
#include "host/profile/catalog.hpp"
#include "sim/device/can_battery.hpp"
#include "sim/device/slcan_port.hpp"
#include "sim/device/virtual_device.hpp"
#include "sim/timeline/timeline.hpp"
#include "tests/sim/soak.hpp"
#include "tests/support/allocations.hpp"
#include "tests/support/catch.hpp"
#include "transports/slcan/slcan_link.hpp"

using namespace weco;

namespace {

constexpr Duration kPeriod = Duration::s(2);
constexpr Duration kBlackoutEvery = Duration::minutes(5);
constexpr Duration kBlackout = Duration::s(12);

/// Loses one frame in five hundred, and all of them for a while.
class Losses {
 public:
  explicit Losses(std::uint64_t seed = 7) : random_(seed) {}
  [[nodiscard]] static bool dark(Instant now) {
    const std::int64_t phase = now.to_us() % kBlackoutEvery.to_us();
    return phase >= kBlackoutEvery.to_us() - kBlackout.to_us();
  }
  bool strikes(Instant now) { return dark(now) || draw() % 500 == 0; }
  std::uint64_t draw() {
    random_ = random_ * 6364136223846793005U + 1442695040888963407U;
    return random_ >> 33U;
  }

 private:
  std::uint64_t random_;
};

bool has(const DeviceReport& report, FindingId id) {
  return std::any_of(report.findings.begin(), report.findings.end(),
                     [id](const Finding& each) { return each.id == id; });
}

/// A battery whose values stand still, so that each of its frames is known.
struct Battery {
  explicit Battery(sim::Timeline& time)
      : catalog(std::move(*Catalog::embedded())),
        device(std::move(*sim::VirtualDevice::make(time, **catalog.load("weco_smart"), {}))) {
    device->freeze();
  }
  std::unique_ptr<sim::CanBattery> on(sim::Timeline& time, std::unique_ptr<FrameLink> link) const {
    return std::move(*sim::CanBattery::make(time, std::move(link), device->values(),
                                            {.dialect = canbms::Dialect::SmaVictron}));
  }
  Catalog catalog;
  std::unique_ptr<sim::VirtualDevice> device;
};

}  // namespace

TEST_CASE("on a CAN bus a soak leaves nothing behind, and each silence is told and forgotten") {
  sim::Timeline time;
  const Battery battery(time);
  LoopbackBus bus(time);
  const auto talks = battery.on(time, bus.join("battery"));
  const auto ear = bus.join("ear");
  CanListener listener;
  Losses losses;
  ear->on_readable([&] {
    CanFrame frame;
    while (ear->receive(frame).value_or(false)) {
      if (!losses.strikes(time.now())) listener.feed(frame);
    }
  });
  std::size_t silences = 0;
  std::size_t memory = 0;
  bool stale = false;
  const Instant end = time.now() + test::soak_length();
  while (time.now() < end) {
    time.leap(kPeriod);
    {
      DeviceReport report;
      listener.report(time.now(), true, report);
      CHECK(report.dialect == "sma-victron");
      const bool now_stale = has(report, FindingId::StaleFrame);
      silences += now_stale && !stale ? 1 : 0;
      stale = now_stale;
      // What is heard again is not called silent any longer: each id comes once a second.
      if (!Losses::dark(time.now()) && !Losses::dark(time.now() - Duration::s(4))) {
        CHECK(!stale);
      }
    }
    if (memory == 0 && time.now() >= Instant{} + test::soak_length() / 2) {
      memory = test::allocations_live();
    }
  }
  CHECK(silences == static_cast<std::size_t>(test::soak_length().to_us() / kBlackoutEvery.to_us()));
  CHECK(test::allocations_live() <= memory + test::kSoakRoom);
}

namespace {

/// Chance of each fault per message of the adapter's port, in 1/1000; it brings a second's frames.
constexpr std::uint16_t kChance = 5;

/// SLCAN has no checksum: whether lines may also be damaged. What a host sends are the few commands
/// that open the bus; a cable may be pulled between them. An echo would be another battery.
FaultPlan port_faults(bool damaged, bool from_adapter, std::uint64_t seed) {
  FaultPlan plan;
  plan.seed = seed;
  plan.chance(Fault::Disconnect, kChance);
  if (!from_adapter) return plan;
  for (const Fault each :
       {Fault::Late, Fault::Split, Fault::Merged, Fault::Duplicated, Fault::Silence}) {
    plan.chance(each, kChance);
  }
  for (const Fault each : {Fault::BitFlip, Fault::WrongUnit, Fault::GarbageBefore}) {
    plan.chance(each, damaged ? kChance : 0);
  }
  return plan;
}

using Struck = std::array<std::uint64_t, kFaultCount>;

/// A faulty port that leaves word of what struck it.
class Port final : public ByteLink {
 public:
  Port(sim::Timeline& time, ByteLink& port, bool damaged, std::uint64_t seed, Struck& struck)
      : link_(time, port, port_faults(damaged, false, seed), port_faults(damaged, true, ~seed)),
        struck_(struck) {}
  ~Port() override {
    for (std::size_t i = 0; i < kFaultCount; ++i) {
      const auto fault = static_cast<Fault>(i);
      struck_[i] += link_.out().struck(fault) + link_.in().struck(fault);
    }
  }
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;
  Done write(Bytes data) override { return link_.write(data); }
  Outcome<std::size_t> read(MutableBytes room) override { return link_.read(room); }
  void on_readable(std::function<void()> action) override { link_.on_readable(std::move(action)); }
  Done configure(const LineSettings& settings) override { return link_.configure(settings); }
  [[nodiscard]] LinkTraits traits() const override { return link_.traits(); }
  [[nodiscard]] std::string describe() const override { return link_.describe(); }

 private:
  FaultyByteLink link_;
  Struck& struck_;
};

/// An adapter whose port is pulled and comes back, as the program opens it: each time anew.
struct Adapter {
  sim::Timeline& time;
  ByteLink& port;
  bool damaged;
  std::uint64_t opened = 0;
  std::uint64_t pulled_while_opened = 0;
  Struck struck{};

  std::unique_ptr<FrameLink> open() {
    auto first = again();
    REQUIRE(first);
    return lasting_link(time, std::move(*first), [this](const auto& done) { done(again()); },
                        {Duration::s(1), Duration::s(4)});
  }
  Outcome<std::unique_ptr<FrameLink>> again() {
    auto link = transports::SlcanLink::open(
        std::make_unique<Port>(time, port, damaged, ++opened, struck), time, {});
    if (!link) {
      pulled_while_opened += link.error().code() == ErrorCode::Disconnected ? 1 : 0;
      return Unexpected<Failure>{link.error()};
    }
    return std::unique_ptr<FrameLink>(std::move(*link));
  }
};

/// Hears the battery through the adapter; counts how often the link was told to be gone.
struct Ear {
  explicit Ear(std::unique_ptr<FrameLink> heard_through) : link(std::move(heard_through)) {
    link->on_readable([this] { pull(); });
  }
  Ear(const Ear&) = delete;
  Ear& operator=(const Ear&) = delete;

  std::unique_ptr<FrameLink> link;
  CanListener listener;
  std::map<std::uint32_t, std::array<std::uint8_t, 8>> known;
  std::uint64_t losses = 0;
  std::uint64_t strange = 0;
  bool gone = false;

  void pull() {
    CanFrame frame;
    for (;;) {
      const Outcome<bool> got = link->receive(frame);
      if (!got) {
        losses += gone ? 0 : 1;
        gone = true;
        return;
      }
      gone = false;
      if (!*got) return;
      listener.feed(frame);
      std::array<std::uint8_t, 8> data{};
      std::copy(frame.data.begin(), frame.data.begin() + frame.size, data.begin());
      const auto seen = known.emplace(frame.id, data);
      strange += seen.first->second != data ? 1 : 0;
    }
  }
};

void soak_adapter(bool damaged) {
  CAPTURE(damaged);
  sim::Timeline time;
  const Battery battery(time);
  LoopbackPair wire(time);
  Adapter adapter{time, wire.a(), damaged};
  const auto talks =
      battery.on(time, std::make_unique<sim::SlcanPort>(time, wire.take_b(), 500000));
  Ear ear(adapter.open());
  std::size_t memory = 0;
  std::size_t looks = 0, silent_looks = 0;
  const Instant end = time.now() + test::soak_length();
  while (time.now() < end) {
    time.leap(kPeriod);
    DeviceReport report;
    ear.listener.report(time.now(), true, report);
    ++looks;
    silent_looks += has(report, FindingId::StaleFrame) ? 1 : 0;
    if (memory == 0 && time.now() >= Instant{} + test::soak_length() / 2) {
      memory = test::allocations_live();
    }
  }
  CHECK(silent_looks < looks / 5);
  if (!damaged) CHECK(ear.strange == 0);
  CHECK(test::allocations_live() <= memory + test::kSoakRoom);
  ear.link.reset();
  const auto pulled = adapter.struck[static_cast<std::size_t>(Fault::Disconnect)];
  CHECK(pulled > 0);
  CHECK(ear.losses + adapter.pulled_while_opened == pulled);
}

}  // namespace

TEST_CASE("through an SLCAN adapter a soak leaves nothing behind, and a pulled one is used again") {
  soak_adapter(GENERATE(false, true));
}

namespace {

/// One end of a bus that loses frames.
class LossyFrames final : public FrameLink {
 public:
  LossyFrames(std::unique_ptr<FrameLink> link, Reactor& reactor, std::uint64_t seed)
      : link_(std::move(link)), reactor_(reactor), losses_(seed) {}
  Done send(const CanFrame& frame) override {
    if (losses_.strikes(reactor_.now())) return {};
    return link_->send(frame);
  }
  Outcome<bool> receive(CanFrame& frame) override { return link_->receive(frame); }
  void on_readable(std::function<void()> action) override { link_->on_readable(std::move(action)); }
  [[nodiscard]] std::string describe() const override { return link_->describe(); }

 private:
  std::unique_ptr<FrameLink> link_;
  Reactor& reactor_;
  Losses losses_;
};

using Data = std::vector<std::uint8_t>;

/// Asks and is answered with the same bytes backwards.
struct Conversation {
  sim::Timeline time;
  LoopbackBus bus{time, {.name = "loop:can", .bits_per_second = 500000}};
  IsotpLink tester{
      std::make_unique<LossyFrames>(bus.join("tester"), time, 3), {0x7E0, 0x7E8, false}, {}, time};
  IsotpLink device{
      std::make_unique<LossyFrames>(bus.join("device"), time, 5), {0x7E8, 0x7E0, false}, {}, time};
  std::uint64_t broke_at_device = 0;

  Conversation() {
    device.on_readable([this] {
      Data message;
      for (Outcome<bool> got = device.receive(message);; got = device.receive(message)) {
        if (!got) {
          ++broke_at_device;
          continue;
        }
        if (!*got) return;
        std::reverse(message.begin(), message.end());
        if (!device.send(message)) return;  // still busy with an answer that nobody takes
      }
    });
  }
  /// The answer; nothing when one of the messages broke or was lost.
  std::optional<Data> ask(const Data& question, std::uint64_t& told) {
    Data stale;
    while (tester.receive(stale).value_or(false)) {
    }
    if (!tester.send(question)) return std::nullopt;
    std::optional<Data> answer;
    bool broke = false;
    const auto settled = [&] {
      Data message;
      const Outcome<bool> got = tester.receive(message);
      broke = broke || !got;
      if (got && *got) answer = std::move(message);
      return answer || broke;
    };
    time.run(settled, time.now() + kPeriod);
    told += broke ? 1 : 0;
    return answer;
  }
};

}  // namespace

TEST_CASE("by ISO-TP a soak leaves nothing behind, no answer is wrong and each loss is got over") {
  Conversation talk;
  Losses random(11);
  std::uint64_t told = 0, unanswered = 0, answered = 0;
  int in_a_row = 0, worst = 0;
  std::size_t memory = 0;
  const Instant end = talk.time.now() + test::soak_length();
  while (talk.time.now() < end) {
    Data question(1 + random.draw() % 300);
    for (std::uint8_t& byte : question) byte = static_cast<std::uint8_t>(random.draw());
    const Instant begun = talk.time.now();
    auto answer = talk.ask(question, told);
    if (answer) {
      std::reverse(answer->begin(), answer->end());
      CHECK(*answer == question);
      ++answered;
    }
    const bool dark = Losses::dark(begun - kPeriod) || Losses::dark(talk.time.now());
    unanswered += answer ? 0 : 1;
    in_a_row = answer || dark ? 0 : in_a_row + 1;
    worst = std::max(worst, in_a_row);
    talk.time.run([] { return false; }, begun + kPeriod);
    if (memory == 0 && talk.time.now() >= Instant{} + test::soak_length() / 2) {
      memory = test::allocations_live();
    }
  }
  CHECK(answered > 9 * unanswered / 2);
  CHECK(unanswered > 0);
  CHECK(told > 0);
  CHECK(talk.broke_at_device > 0);
  CHECK(worst <= 8);  // of one in five that meets a loss
  CHECK(test::allocations_live() <= memory + 8 * test::kSoakRoom);
}
