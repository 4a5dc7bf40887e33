// SPDX-License-Identifier: Apache-2.0
// A device is looked at every two seconds over a wire where everything goes wrong, for twenty
// minutes in each build and for eight hours at night, in virtual time and with every allocation
// counted. It does not change, so every value that is read is known beforehand.
#include <algorithm>
#include <set>

#include "host/device/live_device.hpp"
#include "host/link/fault_filter.hpp"
#include "host/link/loopback.hpp"
#include "host/profile/catalog.hpp"
#include "sim/device/virtual_device.hpp"
#include "sim/timeline/timeline.hpp"
#include "tests/sim/soak.hpp"
#include "tests/support/allocations.hpp"
#include "tests/support/catch.hpp"

using namespace weco;

namespace {

constexpr Duration kPeriod = Duration::s(2);
constexpr Duration kPatience = Duration::s(30);
/// Chance of each fault per message, in 1/1000: of a look of some thirty questions about one third
/// meets one.
constexpr std::uint16_t kChance = 1;
/// Failed looks in a row that bad luck explains.
constexpr int kFailuresMax = 20;

const std::set<ErrorCode> kClear = {ErrorCode::Timeout,         ErrorCode::BadChecksum,
                                    ErrorCode::BadFrame,        ErrorCode::UnexpectedReply,
                                    ErrorCode::Truncated,       ErrorCode::Disconnected,
                                    ErrorCode::DeviceException, ErrorCode::TooLong};

/// How a family is reached. WeCo's key hides half of the checksum, and Pylontech's is a sum that is
/// the same in any order.
struct Wire {
  std::string_view family;
  Carrier carrier;
  std::uint32_t bits_per_second;  // 0: no serial line
  bool checked;                   // its checksum finds every damage that is made here
  bool datagrams = false;         // each message whole, and each for itself
};

FaultPlan plan_for(const Wire& wire, std::uint64_t seed) {
  FaultPlan plan;
  plan.seed = seed;
  for (std::size_t i = 0; i < kFaultCount; ++i) plan.chance(static_cast<Fault>(i), kChance);
  // Without numbers of transactions the answer to a doubled question is the answer to the next one
  // of its length. Gateways double questions, wires do not.
  if (wire.carrier != Carrier::Tcp) plan.chance(Fault::Duplicated, 0);
  // TCP and BLE neither damage nor lose what they carry; they break.
  const bool stream = wire.bits_per_second == 0;
  for (const Fault each : {Fault::BitFlip, Fault::GarbageBefore, Fault::Echoed}) {
    if (stream || !wire.checked) plan.chance(each, 0);
  }
  // A datagram comes whole or not at all, twice or late; nothing tells that its peer is gone.
  if (wire.datagrams) {
    for (const Fault each : {Fault::Split, Fault::Merged, Fault::Disconnect}) plan.chance(each, 0);
  }
  return plan;
}

/// Counts losses of the link as the session tells them.
class Losses final : public EventSink {
 public:
  void record(const Event& event) override {
    const bool lost =
        event.kind == EventKind::Error && event.text.find("disconnected") != std::string_view::npos;
    told += lost ? 1 : 0;
  }
  std::uint64_t told = 0;
};

struct Site {
  sim::Timeline time;
  Catalog catalog = std::move(*Catalog::embedded());
  Losses losses;
  LoopbackLine line;
  std::unique_ptr<sim::VirtualDevice> device;
  std::unique_ptr<ByteLink> ours;
  const FaultyByteLink* faulty = nullptr;
  std::unique_ptr<LiveDevice> live;

  Site(const Wire& wire, const FaultPlan& out, const FaultPlan& in)
      : line(time, options(wire)), ours((device_joins(wire), line.join())) {
    LiveDevice::Setup setup;
    auto link = std::make_unique<FaultyByteLink>(time, *ours, out, in);
    faulty = link.get();
    setup.link = std::move(link);
    setup.profile = *catalog.load(wire.family);
    setup.carrier = wire.carrier;
    setup.unit = setup.profile->protocol.unit;
    setup.events = &losses;
    live = std::move(*LiveDevice::make(time, std::move(setup)));
  }
  static LoopbackOptions options(const Wire& wire) {
    LoopbackOptions options;
    options.timed = wire.bits_per_second != 0;
    if (options.timed) options.settings.bits_per_second = wire.bits_per_second;
    return options;
  }
  void device_joins(const Wire& wire) {
    device = std::move(*sim::VirtualDevice::make(time, **catalog.load(wire.family), {}));
    device->freeze();
    device->serve(line.join(), wire.carrier);
  }
  /// What was read to the end must be what the device holds.
  static bool same(const Snapshot& got, const Snapshot& wanted) {
    const auto& all = got.readings();
    return std::all_of(all.begin(), all.end(), [&](const auto& each) {
      const Reading* known = wanted.get(each.first);
      return known != nullptr && known->quality == each.second.quality &&
             known->number == each.second.number && known->bits == each.second.bits &&
             known->text() == each.second.text();
    });
  }
};

struct Tally {
  std::size_t looks = 0;
  std::size_t failed = 0;
  int failed_in_a_row = 0;
  int worst = 0;
};

void look(Site& site, const Snapshot* wanted, Tally& tally) {
  const Instant begun = site.time.now();
  const auto report = site.live->read(kPatience);
  ++tally.looks;
  CHECK(site.time.now() - begun <= kPatience);
  if (report) {
    tally.failed_in_a_row = 0;
    if (wanted != nullptr) CHECK(Site::same(report->snapshot, *wanted));
  } else {
    ++tally.failed;
    tally.worst = std::max(tally.worst, ++tally.failed_in_a_row);
    CHECK(kClear.count(report.error().code()) == 1);
  }
  site.time.run([] { return false; }, begun + kPeriod);
}

void soak(const Wire& wire) {
  CAPTURE(wire.family, name(wire.carrier));
  Site well(wire, {}, {});
  const Snapshot wanted = std::move(well.live->read(kPatience)->snapshot);
  REQUIRE(wanted.readings().size() > 10);
  const Snapshot* const known = wire.checked ? &wanted : nullptr;
  Site site(wire, plan_for(wire, 1), plan_for(wire, 2));
  Tally tally;
  std::size_t memory = 0;
  std::size_t timers = 0;
  const Instant end = site.time.now() + test::soak_length();
  for (const Instant quarter : {Instant{} + test::soak_length() / 4, end}) {
    while (site.time.now() < quarter) look(site, known, tally);
    site.time.leap(kPatience);  // what is late has come, and a link that was gone is back
    if (quarter == end) break;
    memory = test::allocations_live();
    timers = site.time.timers();
  }
  CHECK(test::allocations_live() <= memory + test::kSoakRoom);
  CHECK(site.time.timers() == timers);
  CHECK(tally.looks > 100);
  // A question whose datagram is lost is asked again, and that is all that can happen to it.
  CHECK((tally.failed > 0) == !wire.datagrams);
  CHECK(tally.worst <= kFailuresMax);
  const FaultFilter& out = site.faulty->out();
  const FaultFilter& in = site.faulty->in();
  CHECK(site.losses.told == out.struck(Fault::Disconnect) + in.struck(Fault::Disconnect));
  for (std::size_t i = 0; i < kFaultCount; ++i) {
    const auto fault = static_cast<Fault>(i);
    CAPTURE(kFaultNames[i]);
    if (out.plan().per_mille[i] > 0) CHECK(out.struck(fault) + in.struck(fault) > 0);
  }
}

}  // namespace

TEST_CASE("over every transport a soak leaves nothing behind, and every loss is told and mended") {
  soak(GENERATE(Wire{"weco_smart", Carrier::Rtu, 115200, true},
                Wire{"weco_service", Carrier::Rtu, 115200, false},
                Wire{"pylontech_rs485", Carrier::Serial, 115200, false},
                Wire{"eastron_sdm630", Carrier::Tcp, 0, true},
                Wire{"eastron_sdm630", Carrier::Tcp, 0, true, true},
                Wire{"saj_h2", Carrier::RtuOverTcp, 0, true},
                Wire{"bluetti_ep760", Carrier::Ble, 0, true}));
}
