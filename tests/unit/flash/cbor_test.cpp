// SPDX-License-Identifier: Apache-2.0
// CBOR: the examples of RFC 8949 that matter here, and everything that a hostile device may send.
#include <array>
#include <string>
#include <vector>

#include "core/protocol/cbor/cbor.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/flash/files.hpp"

using namespace weco;

namespace {

using Buffer = std::vector<std::uint8_t>;

std::int64_t number(const Buffer& bytes, bool& ok) {
  cbor::Reader reader(bytes);
  const std::int64_t value = reader.number();
  ok = reader.ok() && reader.at_end();
  return value;
}

struct Example {
  std::int64_t value;
  Buffer bytes;
};

}  // namespace

TEST_CASE("whole numbers are written as the standard's examples and read back") {
  const Example examples[] = {{0, {0x00}},
                              {23, {0x17}},
                              {24, {0x18, 0x18}},
                              {255, {0x18, 0xFF}},
                              {256, {0x19, 0x01, 0x00}},
                              {1000, {0x19, 0x03, 0xE8}},
                              {1000000, {0x1A, 0x00, 0x0F, 0x42, 0x40}},
                              {1000000000000, {0x1B, 0, 0, 0, 0xE8, 0xD4, 0xA5, 0x10, 0x00}},
                              {-1, {0x20}},
                              {-10, {0x29}},
                              {-100, {0x38, 0x63}},
                              {-1000, {0x39, 0x03, 0xE7}}};
  for (const Example& example : examples) {
    CAPTURE(example.value);
    std::array<std::uint8_t, 16> room{};
    cbor::Writer writer(room);
    writer.number(example.value);
    const Bytes written = writer.written();
    CHECK(Buffer(written.begin(), written.end()) == example.bytes);
    bool ok = false;
    CHECK(number(example.bytes, ok) == example.value);
    CHECK(ok);
  }
  bool ok = true;
  number({0x1B, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}, ok);
  CHECK_FALSE(ok);
  number({0x3B, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}, ok);
  CHECK_FALSE(ok);
}

TEST_CASE("maps and arrays are read with and without a length") {
  const Buffer definite = {0xA2, 0x61, 'a', 0x01, 0x61, 'b', 0x82, 0x02, 0x03};
  const Buffer indefinite = {0xBF, 0x61, 'a', 0x01, 0x61, 'b', 0x9F, 0x02, 0x03, 0xFF, 0xFF};
  for (const Buffer& bytes : {definite, indefinite}) {
    cbor::Reader reader(bytes);
    cbor::Container map = reader.map();
    std::string keys;
    std::int64_t sum = 0;
    while (reader.more(map)) {
      const std::string_view key = reader.text();
      keys += key;
      if (key == "a") {
        sum += reader.number();
        continue;
      }
      cbor::Container list = reader.array();
      while (reader.more(list)) sum += 10 * reader.number();
    }
    CHECK(reader.ok());
    CHECK(reader.at_end());
    CHECK(keys == "ab");
    CHECK(sum == 51);
    cbor::Reader skipper(bytes);
    skipper.skip();
    CHECK(skipper.ok());
    CHECK(skipper.at_end());
  }
}

TEST_CASE("what is cut off, nested too deep, tagged or counted wrongly is refused") {
  const Buffer deep_enough(cbor::kDepthMax, 0x81);
  Buffer bytes = deep_enough;
  bytes.push_back(0x00);
  cbor::Reader fits(bytes);
  fits.skip();
  CHECK(fits.ok());
  bytes.insert(bytes.begin(), 0x81);
  cbor::Reader deep(bytes);
  deep.skip();
  CHECK_FALSE(deep.ok());
  const Buffer wrong[] = {{},
                          {0x18},
                          {0x1C},
                          {0x42, 0x00},
                          {0x5F, 0x41, 0x00, 0xFF},
                          {0x9B, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF},
                          {0xBB, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF},
                          {0xC0, 0x00},
                          {0x9F, 0x00},
                          {0xFF}};
  for (const Buffer& one : wrong) {
    cbor::Reader reader(one);
    reader.skip();
    CHECK_FALSE(reader.ok());
  }
}

TEST_CASE("a hundred thousand random byte strings are passed over without going astray") {
  test::Seeded random(7);
  for (int i = 0; i < 100000; ++i) {
    Buffer bytes(random.below(24));
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random.next());
    cbor::Reader reader(bytes);
    reader.skip();
    if (!reader.ok()) CHECK(reader.peek() == cbor::Kind::Other);
  }
}
