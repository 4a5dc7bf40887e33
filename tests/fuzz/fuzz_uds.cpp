// SPDX-License-Identifier: Apache-2.0
// Arbitrary messages at a UDS server, with time that passes between them: it never writes outside
// what was begun, reads no record beyond the newest, and always has a last answer.
#include <algorithm>

#include "core/protocol/uds/server.hpp"

namespace {

class Watched final : public weco::update::Target {
 public:
  weco::update::Slot slot(std::size_t) override { return {}; }
  weco::update::Refusal begin(std::uint32_t size) override {
    size_ = size;
    return weco::update::Refusal::None;
  }
  weco::update::Refusal write(std::uint32_t offset, weco::Bytes data) override {
    WECO_ASSERT(offset <= size_ && data.size() <= size_ - offset);
    return weco::update::Refusal::None;
  }
  bool matches(std::uint32_t, weco::Bytes) override { return true; }
  weco::update::Refusal set_pending(bool) override { return weco::update::Refusal::None; }
  weco::update::Refusal confirm() override { return weco::update::Refusal::None; }
  void reset() override {}
  [[nodiscard]] std::string_view board() const override { return "b"; }
  [[nodiscard]] std::string_view serial_number() const override { return "s"; }

 private:
  std::uint32_t size_ = 0;
};

class Kept final : public weco::Records {
 public:
  [[nodiscard]] weco::RecordRange range() const override { return {7, 40}; }
  weco::Status read(std::uint32_t first, weco::MutableBytes into) const override {
    WECO_ASSERT(first + into.size() / kBytes <= range().next && into.size() % kBytes == 0);
    std::fill(into.begin(), into.end(), std::uint8_t{0xFF});
    return {};
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Watched target;
  const Kept kept;
  weco::uds::Server server({}, target);
  server.give_out(kept);
  weco::Instant now;
  weco::Bytes rest(data, size);
  while (!rest.empty()) {
    // A byte says how long the message is and whether the session runs out before it.
    const std::uint8_t step = rest.front();
    rest = rest.subspan(1);
    const weco::Bytes message = rest.first(std::min<std::size_t>(rest.size(), step & 0x7FU));
    rest = rest.subspan(message.size());
    if ((step & 0x80U) != 0) now = now + weco::Duration::s(6);
    weco::Bytes answer = server.respond(message, now);
    for (int n = 0; !answer.empty(); ++n) {
      WECO_ASSERT(n < 10);
      answer = server.next();
    }
  }
  return 0;
}
