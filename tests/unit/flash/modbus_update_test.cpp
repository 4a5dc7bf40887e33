// SPDX-License-Identifier: Apache-2.0
// The register block for firmware: what it takes, what it refuses, and that it says why.
#include <array>
#include <vector>

#include "core/protocol/modbus_update/update_registers.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/flash/fake_target.hpp"

using namespace weco;
using namespace weco::modbus_update;
using modbus::Request;

namespace {

constexpr std::uint8_t kUnit = 7;

struct Line {
  FakeTarget target;
  UpdateRegisters block{kUnit, target};
  std::array<std::uint8_t, modbus::kPduMax> out{};

  /// The exception; 0 when it was answered.
  int ask(const Result<Request>& request, std::uint8_t unit = kUnit) {
    REQUIRE(request);
    modbus::answer_pdu(block, unit, request->pdu(), out);
    return (out[0] & modbus::kExceptionBit) != 0 ? out[1] : 0;
  }
  int order(const std::vector<std::uint16_t>& words, std::uint8_t unit = kUnit) {
    return ask(Request::write_multiple_registers(kOrder, words), unit);
  }
  int begin(std::uint16_t size) {
    std::vector<std::uint16_t> words = {1, 0, size};
    words.resize(3 + kShaRegisters, size);
    return order(words);
  }
  int write(std::uint16_t file, std::uint16_t record, std::size_t count,
            std::uint8_t unit = kUnit) {
    const std::vector<std::uint16_t> values(count, 0x1234);
    const std::array<modbus::FileWrite, 1> writes = {{{file, record, values}}};
    return ask(Request::write_file_records(writes), unit);
  }
  int read(std::uint16_t record, std::uint16_t count) {
    const std::array<modbus::FileRange, 1> ranges = {{{1, record, count}}};
    return ask(Request::read_file_records(ranges));
  }
  std::uint16_t word(std::size_t at) {
    REQUIRE(ask(Request::read_holding_registers(static_cast<std::uint16_t>(kBase + at), 1)) == 0);
    return static_cast<std::uint16_t>(out[2] << 8 | out[3]);
  }
};

}  // namespace

TEST_CASE("records are taken in order, once, and up to the end of the file") {
  Line line;
  CHECK(line.write(1, 0, 10) == 2);  // nothing was begun
  REQUIRE(line.begin(501) == 0);
  CHECK(line.write(1, 1, 10) == 2);
  CHECK(line.write(1, 0, 122) == 0);
  CHECK(line.write(1, 0, 122) == 0);  // its answer was lost
  CHECK(line.target.written == 244);
  CHECK(line.write(1, 123, 10) == 2);
  CHECK(line.write(2, 0, 10) == 2);
  CHECK(line.write(1, 122, 122) == 0);
  CHECK(line.write(1, 244, 8) == 2);  // 13 bytes are left, in 7 records
  CHECK(line.write(1, 244, 7) == 0);
  CHECK(line.target.written == 501);
  CHECK(line.word(kStoredAt + 1) == 501);
  CHECK(line.word(kTotalAt + 1) == 501);
  // The same upload again goes on; another one begins.
  REQUIRE(line.begin(501) == 0);
  CHECK(line.target.begun == 1);
  REQUIRE(line.begin(502) == 0);
  CHECK(line.target.begun == 2);
  CHECK(line.word(kStoredAt + 1) == 0);
}

TEST_CASE("nobody takes firmware or an order from a broadcast") {
  Line line;
  REQUIRE(line.begin(100) == 0);
  CHECK(line.write(1, 0, 10, modbus::kBroadcastUnit) != 0);
  CHECK(line.order({4}, modbus::kBroadcastUnit) != 0);
  CHECK(line.target.written == 0);
  CHECK(line.target.resets == 0);
}

TEST_CASE("a refused order is an exception, and the block says why") {
  Line line;
  CHECK(line.order({9}) == 3);
  CHECK(line.order({1, 0, 5}) == 3);
  CHECK(line.order({2, 32}) == 3);
  line.target.refusal = update::Refusal::NoFreeSlot;
  CHECK(line.begin(100) == 4);
  CHECK(line.word(kRefusalAt) == static_cast<std::uint16_t>(update::Refusal::NoFreeSlot));
  line.target.refusal = update::Refusal::Busy;
  CHECK(line.begin(100) == 6);
  std::vector<std::uint16_t> words = {2, 32};
  words.resize(2 + kHashRegisters);
  CHECK(line.order(words) == 4);  // no image lies in the spare slot
  CHECK(line.word(kRefusalAt) == static_cast<std::uint16_t>(update::Refusal::NoImage));
  CHECK(line.order({3}) == 0);
  CHECK(line.word(kRefusalAt) == 0);
  CHECK(line.ask(Request::read_holding_registers(kBase, kBlockRegisters)) == 0);
  CHECK(line.ask(Request::read_holding_registers(kBase, kBlockRegisters + 1)) == 2);
  CHECK(line.ask(Request::read_holding_registers(kBase - 1, 1)) == 2);
  CHECK(line.ask(Request::read_input_registers(kBase, 1)) != 0);
}

TEST_CASE("only what was stored is read back") {
  Line line;
  REQUIRE(line.begin(100) == 0);
  REQUIRE(line.write(1, 0, 10) == 0);
  CHECK(line.read(0, 11) == 2);
  CHECK(line.read(10, 1) == 2);
  CHECK(line.read(0, 10) == 4);  // this target cannot read; it was asked
}
