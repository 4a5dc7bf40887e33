// SPDX-License-Identifier: Apache-2.0
#include "transports/tcp/subnet.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <utility>

#include "transports/tcp/tcp.hpp"

namespace weco::transports {
namespace {

constexpr int kBits = 32;

std::string host_text(std::uint32_t address) {
  const in_addr raw{htonl(address)};
  std::array<char, INET_ADDRSTRLEN> text{};
  ::inet_ntop(AF_INET, &raw, text.data(), text.size());
  return text.data();
}

class Search final : public SubnetSearch {
 public:
  Search(Reactor& reactor, const Subnet& subnet, std::uint16_t port, Duration patience)
      : reactor_(reactor),
        subnet_(subnet),
        port_(port),
        patience_(patience),
        state_(std::make_shared<State>()) {
    next();
  }
  ~Search() override { reactor_.cancel(timer_); }

  [[nodiscard]] bool ended() const override {
    return asked_ == subnet_.count && state_->waiting == 0;
  }
  [[nodiscard]] std::uint32_t asked() const override { return asked_; }
  [[nodiscard]] Found found() const override {
    Found found;
    for (const auto& [address, host] : state_->hosts) found.hosts.push_back(host);
    found.refused = state_->refused;
    return found;
  }

 private:
  /// Shared with the attempts, which may outlive the search.
  struct State {
    std::map<std::uint32_t, std::string> hosts;
    std::uint32_t refused = 0;
    std::size_t waiting = 0;
  };

  void next() {
    timer_ = 0;
    if (asked_ == subnet_.count) return;
    if (state_->waiting < kSubnetAtOnce) {
      const std::uint32_t address = subnet_.first + asked_++;
      ++state_->waiting;
      connect_tcp(reactor_, host_text(address), port_, patience_,
                  [state = state_, address](Outcome<std::unique_ptr<ByteLink>> link) {
                    --state->waiting;
                    if (link) state->hosts.emplace(address, host_text(address));
                    const bool refused = !link && link.error().code() == ErrorCode::Disconnected;
                    state->refused += refused ? 1 : 0;
                  });
    }
    timer_ = reactor_.at(reactor_.now() + kSubnetPace, [this] { next(); });
  }

  Reactor& reactor_;
  Subnet subnet_;
  std::uint16_t port_;
  Duration patience_;
  std::shared_ptr<State> state_;
  std::uint32_t asked_ = 0;
  Reactor::TimerId timer_ = 0;
};

}  // namespace

bool is_subnet(std::string_view place) { return place.find('/') != std::string_view::npos; }

Outcome<Subnet> parse_subnet(std::string_view place) {
  const std::size_t slash = place.find('/');
  const std::string_view behind = slash == std::string_view::npos ? "" : place.substr(slash + 1);
  int prefix = -1;
  const auto [end, error] = std::from_chars(behind.data(), behind.data() + behind.size(), prefix);
  const bool number = error == std::errc{} && end == behind.data() + behind.size();
  in_addr raw{};
  const std::string host(place.substr(0, std::min(slash, place.size())));
  if (!number || ::inet_pton(AF_INET, host.c_str(), &raw) != 1 || prefix < 0 || prefix > kBits) {
    return failure(ErrorCode::BadUsage, "this is no network of IPv4", std::string(place),
                   "Write its address and the length of its prefix: tcp:192.168.1.0/24.");
  }
  if (prefix < kSubnetPrefixMin) {
    return failure(
        ErrorCode::BadUsage, "this network is too large to be looked through", std::string(place),
        "Take a part of it, of prefix /" + std::to_string(kSubnetPrefixMin) + " or longer.");
  }
  const std::uint32_t size = std::uint32_t{1} << (kBits - prefix);
  const std::uint32_t base = ntohl(raw.s_addr) & ~(size - 1);
  if (size <= 2) return Subnet{base, size};  // a link between two, or one host
  return Subnet{base + 1, size - 2};
}

std::unique_ptr<SubnetSearch> SubnetSearch::start(Reactor& reactor, const Subnet& subnet,
                                                  std::uint16_t port, Duration patience) {
  return std::make_unique<Search>(reactor, subnet, port, patience);
}

}  // namespace weco::transports
