// SPDX-License-Identifier: Apache-2.0
// One CAN bus: nothing is ever sent, so all there is to do is to listen long enough.
#include <algorithm>
#include <utility>

#include "host/device/can_listener.hpp"
#include "host/scan/scan.hpp"

namespace weco {

namespace {

/// Batteries of the family send every frame at least once a second (Pylontech V1.2); three give
/// every id time to come twice.
constexpr Duration kBusListen = Duration::s(3);

class BusScan final : public EndpointScan {
 public:
  BusScan(Reactor& reactor, std::unique_ptr<FrameLink> link, const ScanOptions& options)
      : reactor_(reactor), link_(std::move(link)), listen_(std::max(options.listen, kBusListen)) {
    outcome_.endpoint = link_->describe();
    const auto family = std::find_if(
        options.families.begin(), options.families.end(),
        [](const Profile* each) { return each->protocol.kind == ProtocolKind::CanBms; });
    if (family != options.families.end()) profile_ = *family;
  }
  ~BusScan() override {
    reactor_.cancel(timer_);
    link_->on_readable({});
  }
  BusScan(const BusScan&) = delete;
  BusScan& operator=(const BusScan&) = delete;

  void start(std::function<void()> finished) override {
    finished_ = std::move(finished);
    link_->on_readable([this] { hear(); });
    timer_ = reactor_.at(reactor_.now() + listen_, [this] { finish(); });
  }
  [[nodiscard]] ScanProgress progress() const override { return {finished_ ? 0U : 1U, 1}; }
  [[nodiscard]] EndpointOutcome& outcome() override { return outcome_; }

 private:
  void hear() {
    CanFrame frame;
    for (;;) {
      const auto got = link_->receive(frame);
      if (!got) {
        outcome_.failure = got.error();
        link_->on_readable({});
        return;
      }
      if (!*got) return;
      listener_.feed(frame);
    }
  }
  void finish() {
    DeviceReport report;
    report.endpoint = outcome_.endpoint;
    if (profile_ != nullptr) name_family(*profile_, report);
    report.node = NodeKind::None;
    listener_.bus(link_->health());
    listener_.report(reactor_.now(), true, report);
    outcome_.probes = 1;
    if (report.snapshot.empty()) {
      outcome_.findings = report.findings;
    } else {
      outcome_.devices.push_back(std::move(report));
    }
    if (const auto finished = std::exchange(finished_, {})) finished();
  }

  Reactor& reactor_;
  std::unique_ptr<FrameLink> link_;
  Duration listen_;
  const Profile* profile_ = nullptr;  // of batteries on CAN
  EndpointOutcome outcome_;
  std::function<void()> finished_;
  CanListener listener_;
  Reactor::TimerId timer_ = 0;
};

}  // namespace

std::unique_ptr<EndpointScan> scan_bus(Reactor& reactor, std::unique_ptr<FrameLink> link,
                                       const ScanOptions& options) {
  return std::make_unique<BusScan>(reactor, std::move(link), options);
}

ScanResult merge(std::vector<EndpointOutcome> outcomes) {
  ScanResult result;
  const auto serial = [](const DeviceReport& device) {
    return device.snapshot.identity(point("serial_number"));
  };
  for (EndpointOutcome& outcome : outcomes) {
    for (DeviceReport& device : outcome.devices) {
      const auto twin = std::find_if(
          result.devices.begin(), result.devices.end(), [&](const DeviceReport& other) {
            return !serial(device).empty() && serial(device) == serial(other) &&
                   device.family == other.family && device.endpoint != other.endpoint;
          });
      if (twin == result.devices.end()) {
        result.devices.push_back(std::move(device));
      } else {
        twin->also_at.push_back(device.endpoint);
      }
    }
    outcome.devices.clear();
    result.endpoints.push_back(std::move(outcome));
  }
  std::stable_sort(result.devices.begin(), result.devices.end(),
                   [&](const auto& a, const auto& b) { return serial(a) < serial(b); });
  return result;
}

}  // namespace weco
