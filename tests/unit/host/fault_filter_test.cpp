// SPDX-License-Identifier: Apache-2.0
#include "host/link/fault_filter.hpp"

#include "core/base/crc.hpp"
#include "tests/support/catch.hpp"

using namespace weco;

namespace {

using Data = std::vector<std::uint8_t>;
const Data kQuestion = {0x01, 0x03, 0x00, 0x00, 0x00, 0x0A, 0xC5, 0xCD};

FaultFilter::Verdict strike(Fault fault, const Data& message = kQuestion) {
  FaultFilter filter(FaultPlan{}.at_message(1, fault));
  FaultFilter::Verdict verdict = filter.pass(message);
  CHECK(filter.struck(fault) == 1);
  CHECK(filter.messages() == 1);
  return verdict;
}

Data joined(const FaultFilter::Verdict& verdict) {
  Data all;
  for (const FaultFilter::Part& part : verdict.parts) {
    if (!part.back) all.insert(all.end(), part.data.begin(), part.data.end());
  }
  return all;
}

}  // namespace

TEST_CASE("each fault does to a message what its name says") {
  CHECK(strike(Fault::Silence).parts.empty());
  CHECK(strike(Fault::Late).parts.front().after == FaultPlan{}.late_by);
  CHECK(joined(strike(Fault::Late)) == kQuestion);
  const auto split = strike(Fault::Split);
  REQUIRE(split.parts.size() == 2);
  CHECK_FALSE(split.parts[0].data.empty());
  CHECK_FALSE(split.parts[1].data.empty());
  CHECK(split.parts[1].after == FaultPlan{}.split_gap);
  CHECK(joined(split) == kQuestion);
  CHECK(strike(Fault::Merged).hold);
  CHECK(joined(strike(Fault::Duplicated)).size() == 2 * kQuestion.size());
  const auto echoed = strike(Fault::Echoed);
  REQUIRE(echoed.parts.size() == 2);
  CHECK(echoed.parts[0].back);
  CHECK(joined(echoed) == kQuestion);
  const Data flipped = joined(strike(Fault::BitFlip));
  REQUIRE(flipped.size() == kQuestion.size());
  int bits = 0;
  for (std::size_t i = 0; i < flipped.size(); ++i) {
    bits += __builtin_popcount(static_cast<unsigned>(flipped[i] ^ kQuestion[i]));
  }
  CHECK(bits == 1);
  const Data noisy = joined(strike(Fault::GarbageBefore));
  CHECK(noisy.size() > kQuestion.size());
  CHECK(std::equal(kQuestion.rbegin(), kQuestion.rend(), noisy.rbegin()));
  const auto cut = strike(Fault::Disconnect);
  CHECK(cut.gone);
  CHECK(joined(cut).size() < kQuestion.size());
}

TEST_CASE("a wrong unit is a valid message of another address") {
  const Data rtu = joined(strike(Fault::WrongUnit));
  CHECK(rtu[0] != kQuestion[0]);
  const std::uint16_t crc = crc16_modbus(Bytes(rtu).first(rtu.size() - 2));
  CHECK(rtu[rtu.size() - 2] == (crc & 0xFF));
  CHECK(rtu[rtu.size() - 1] == (crc >> 8));
  const Data tcp = {0, 9, 0, 0, 0, 6, 1, 3, 0, 0, 0, 10};
  const Data other = joined(strike(Fault::WrongUnit, tcp));
  CHECK(other[6] != tcp[6]);
  CHECK(Data(other.begin(), other.begin() + 6) == Data(tcp.begin(), tcp.begin() + 6));
}

TEST_CASE("chances strike as often as they say and equal seeds strike alike") {
  const auto run = [](std::uint64_t seed) {
    FaultPlan plan;
    plan.seed = seed;
    plan.chance(Fault::Silence, 100).chance(Fault::BitFlip, 50);
    FaultFilter filter(plan);
    std::vector<std::size_t> sizes;
    for (int i = 0; i < 20000; ++i) sizes.push_back(filter.pass(kQuestion).parts.size());
    CHECK(filter.struck(Fault::Silence) > 1800);
    CHECK(filter.struck(Fault::Silence) < 2200);
    CHECK(filter.struck(Fault::BitFlip) > 850);
    CHECK(filter.struck(Fault::BitFlip) < 1150);
    CHECK(filter.struck(Fault::Late) == 0);
    return sizes;
  };
  CHECK(run(1) == run(1));
  CHECK(run(1) != run(2));
}

TEST_CASE("messages of one byte and none survive every fault") {
  for (std::size_t i = 0; i < kFaultCount; ++i) {
    CAPTURE(kFaultNames[i]);
    const auto one = strike(static_cast<Fault>(i), Data{7});
    CHECK(joined(one).size() <= 14);
    const auto none = strike(static_cast<Fault>(i), Data{});
    CHECK(joined(none).size() <= 12);
  }
}
