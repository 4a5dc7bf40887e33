// SPDX-License-Identifier: Apache-2.0
// What it costs to ask a device through Lua: one point read again and again from a virtual device
// over a loopback link, by a script and by C++. `tests/bench/run` holds the difference to its bar.
#include <benchmark/benchmark.h>

#include <time.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/device/live_device.hpp"
#include "host/link/loopback.hpp"
#include "host/profile/catalog.hpp"
#include "lua/modules/host.hpp"
#include "sim/device/virtual_device.hpp"
#include "sim/timeline/timeline.hpp"
#include "tests/support/bare_world.hpp"

namespace {

using namespace weco;

constexpr Duration kPatience = Duration::s(30);
constexpr std::int64_t kReads = 500;  // of one run of the script

/// A device whose values stand still, so that only the reading costs anything.
struct Wire {
  Wire() {
    device = std::move(*sim::VirtualDevice::make(timeline, profile, {}));
    device->freeze();
    device->serve(line.join(), Carrier::Rtu);
  }
  std::unique_ptr<LiveDevice> connect() {
    LiveDevice::Setup setup;
    setup.link = line.join();
    setup.profile = &profile;
    setup.carrier = Carrier::Rtu;
    setup.unit = device->unit();
    return std::move(*LiveDevice::make(timeline, std::move(setup)));
  }

  Catalog catalog = *Catalog::embedded();
  const Profile& profile = **catalog.load("weco_smart");
  sim::Timeline timeline;
  LoopbackLine line{timeline, {}};
  std::unique_ptr<sim::VirtualDevice> device;
};

class WireWorld final : public test::BareWorld {
 public:
  Reactor& reactor() override { return wire.timeline; }
  void open(const lua::OpenRequest&, Opened done) override {
    done(std::make_unique<test::LiveScriptDevice>(wire.connect()));
  }

  Wire wire;
};

/// Opens the device and reads as often as the script does.
double read_in_cpp(Wire& wire) {
  const auto live = wire.connect();
  const PointRef soc = *parse_point_ref("soc");
  double sum = 0;
  for (std::int64_t i = 0; i < kReads; ++i) {
    std::optional<Outcome<DeviceReport>> answer;
    live->start({soc}, kPatience,
                [&](Outcome<DeviceReport> got) { answer.emplace(std::move(got)); });
    wire.timeline.run([&] { return answer.has_value(); }, Instant::never());
    const Reading* reading = *answer ? (*answer)->snapshot.get(soc) : nullptr;
    if (reading != nullptr) sum += to_double(reading->number);
  }
  return sum;
}

double processor_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double seconds_of(const std::function<void()>& work) {
  const double begun = processor_seconds();
  work();
  return processor_seconds() - begun;
}

double median_ns(std::vector<double>& seconds) {
  const auto middle = seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2);
  std::nth_element(seconds.begin(), middle, seconds.end());
  return *middle / kReads * 1e9;
}

/// One after the other each time, now this one first and now that one, and the median of the
/// differences: the language is a small part of a read and would drown in what a busy machine does
/// to two figures of different moments.
void point_through_lua(benchmark::State& state) {
  WireWorld world;
  const std::string text =
      "return { purpose = 'Read.', rights = { 'read' }, run = function() "
      "local device, sum = assert(weco.open('x')), 0 "
      "for _ = 1, " +
      std::to_string(kReads) + " do sum = sum + device:read('soc') end return sum end }";
  auto host = lua::ScriptHost::load({"bench", "bench.lua", text}, world, world, {});
  if (!host) return state.SkipWithError(host.error().what.c_str());
  std::vector<double> cpp, more;
  double expected = 0, read = 0;
  const auto in_cpp = [&] { expected = read_in_cpp(world.wire); };
  const auto in_lua = [&] {
    const auto sum = (*host)->run(lua::Value::table());
    read = sum ? sum->number : 0;
  };
  for (auto _ : state) {
    const bool cpp_first = cpp.size() % 2 == 0;
    const double first = cpp_first ? seconds_of(in_cpp) : seconds_of(in_lua);
    const double second = cpp_first ? seconds_of(in_lua) : seconds_of(in_cpp);
    if (std::abs(read - expected) > 1e-3) return state.SkipWithError("other values were read");
    cpp.push_back(cpp_first ? first : second);
    more.push_back(cpp_first ? second - first : first - second);
    state.SetIterationTime(cpp.back() + more.back());
  }
  state.counters["cpp_ns"] = median_ns(cpp);
  state.counters["more_ns"] = median_ns(more);
}

BENCHMARK(point_through_lua)->UseManualTime()->Iterations(40);

}  // namespace
