// SPDX-License-Identifier: Apache-2.0
#include "transports/ble/discovery.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace weco::transports::ble {
namespace {

class Search final : public Discovery, private BluezObserver {
 public:
  Search(Reactor& reactor, DiscoveryOptions options, Heard done)
      : reactor_(reactor), options_(std::move(options)), done_(std::move(done)) {}
  ~Search() override { reactor_.cancel(timer_); }
  Search(const Search&) = delete;
  Search& operator=(const Search&) = delete;

  void start() {
    auto bluez = Bluez::open(reactor_, *this, options_.patience);
    if (!bluez) return end(Unexpected<Failure>{bluez.error()});
    bluez_ = std::move(*bluez);
    bluez_->load([this](const Done& loaded) {
      if (!loaded) return end(Unexpected<Failure>{loaded.error()});
      begin();
    });
  }

 private:
  void begin() {
    const auto adapter = bluez_->adapter(options_.adapter, options_.rfkill_folder);
    if (!adapter) return end(Unexpected<Failure>{adapter.error()});
    adapter_ = *adapter;
    const Dict filter{{"Transport", std::string("le")}, {"DuplicateData", false}};
    call("SetDiscoveryFilter", {filter}, [this](const Reply& filtered) {
      if (!filtered) return end(Unexpected<Failure>{problem(filtered.error())});
      call("StartDiscovery", {}, [this](const Reply& started) {
        const bool shared =
            !started && started.error().name.find("InProgress") != std::string::npos;
        if (!started && !shared) return end(Unexpected<Failure>{problem(started.error())});
        if (timer_ == 0 && done_) {
          timer_ = reactor_.at(reactor_.now() + options_.length, [this] {
            timer_ = 0;
            end(collect());
          });
        }
      });
    });
  }
  void call(const char* method, Values args, std::function<void(const Reply&)> done) {
    bluez_->bus().call(
        {kBluez, adapter_, kAdapter, method, std::move(args), options_.patience.answer},
        std::move(done));
  }
  Failure problem(const BusError& error) const {
    return explain(error, "searching for devices", std::string(last_part(adapter_)));
  }
  void changed(const std::string& path, const std::string& interface,
               const Dict& /*changed*/) override {
    if (interface == kDevice && fresh_.size() < kObjectsMax) fresh_.insert(path);
    if (interface != kAdapter || path != adapter_) return;
    const Dict* adapter = bluez_->properties(path, kAdapter);
    if (adapter == nullptr || !flag(*adapter, "Powered")) {
      const std::string name(last_part(path));
      end(Unexpected<Failure>{adapter_off(name, name)});
    }
  }
  void bluez_gone() override { end(Unexpected<Failure>{service_gone("")}); }

  /// What was heard now, not what BlueZ remembers: those have a signal strength.
  std::vector<Advertised> collect() const {
    std::vector<Advertised> list;
    for (const std::string& path : bluez_->with(kDevice, adapter_)) {
      if (list.size() == kAdvertisedMax) break;
      const Dict& device = *bluez_->properties(path, kDevice);
      const auto rssi = integer(device, "RSSI");
      if (!rssi && fresh_.find(path) == fresh_.end()) continue;
      Advertised one;
      one.adapter = last_part(adapter_);
      one.address = text(device, "Address");
      one.name = text(device, "Name").substr(0, kNameMax);
      if (rssi) one.rssi = static_cast<std::int16_t>(*rssi);
      one.services = texts(device, "UUIDs");
      const Value* companies = find(device, "ManufacturerData");
      if (companies != nullptr && companies->get<CompanyData>() != nullptr) {
        one.companies = *companies->get<CompanyData>();
      }
      list.push_back(std::move(one));
    }
    std::stable_sort(list.begin(), list.end(), [](const Advertised& a, const Advertised& b) {
      return a.rssi.value_or(INT16_MIN) > b.rssi.value_or(INT16_MIN);
    });
    return list;
  }
  /// Leaves the callback that found the end before the owner may destroy this.
  void end(Outcome<std::vector<Advertised>> outcome) {
    if (!done_) return;
    reactor_.cancel(timer_);
    timer_ = reactor_.at(reactor_.now(),
                         [this, done = std::exchange(done_, {}), outcome = std::move(outcome)] {
                           timer_ = 0;
                           bluez_.reset();  // and with it the search of BlueZ
                           done(outcome);
                         });
  }

  Reactor& reactor_;
  DiscoveryOptions options_;
  Heard done_;
  std::unique_ptr<Bluez> bluez_;
  std::string adapter_;
  std::set<std::string> fresh_;
  Reactor::TimerId timer_ = 0;
};

}  // namespace

std::unique_ptr<Discovery> discover(Reactor& reactor, DiscoveryOptions options, Heard done) {
  auto search = std::make_unique<Search>(reactor, std::move(options), std::move(done));
  search->start();
  return search;
}

}  // namespace weco::transports::ble
