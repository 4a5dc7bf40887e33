// SPDX-License-Identifier: Apache-2.0
// SMP's file group: what a device gives out, asked by our client and answered by our server.
#include <algorithm>
#include <array>
#include <vector>

#include "core/protocol/smp/messages.hpp"
#include "core/protocol/smp/server.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/flash/fake_target.hpp"

using namespace weco;

namespace {

struct FakeFiles final : smp::Files {
  Result<std::uint64_t> size(std::string_view name) override {
    if (name != "/log") return fail(ErrorCode::NotFound);
    return std::uint64_t{bytes.size()};
  }
  Result<std::size_t> read(std::string_view, std::uint64_t offset, MutableBytes into) override {
    if (broken) return fail(ErrorCode::IoError);
    const std::size_t part = std::min<std::size_t>(into.size(), bytes.size() - offset);
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(offset), part, into.begin());
    return part;
  }
  std::vector<std::uint8_t> bytes;
  bool broken = false;
};

struct Pair {
  explicit Pair(const smp::ServerConfig& config = {}) : server(config, target) {
    server.give_out(files);
    for (int i = 0; i < 5000; ++i) files.bytes.push_back(static_cast<std::uint8_t>(i * 7));
  }
  /// The client's request as it stands; true when it was answered and not refused.
  bool ask() {
    client.start(Instant{});
    client.received(server.respond(client.to_send(), Instant{}), Instant{});
    return client.state() == Exchange::State::Done;
  }
  FakeTarget target;
  FakeFiles files;
  smp::Server server;
  smp::Client client;
};

}  // namespace

TEST_CASE("a file comes whole, piece by piece, whatever the buffers and styles") {
  for (const std::uint16_t buffer : std::to_array<std::uint16_t>({128, 512, 1024, 4096})) {
    for (const bool indefinite : {false, true}) {
      for (const bool old : {false, true}) {
        Pair pair({.buffer_bytes = buffer, .indefinite = indefinite, .old_version = old});
        smp::ask_file_status(pair.client, "/log");
        REQUIRE(pair.ask());
        CHECK(*smp::read_file_status(pair.client.response()) == 5000);
        std::vector<std::uint8_t> got;
        while (got.size() < 5000) {
          smp::ask_file(pair.client, "/log", got.size());
          REQUIRE(pair.ask());
          const auto part = smp::read_file_part(pair.client.response());
          REQUIRE(part);
          REQUIRE(part->offset == got.size());
          REQUIRE_FALSE(part->data.empty());
          got.insert(got.end(), part->data.begin(), part->data.end());
        }
        CHECK(got == pair.files.bytes);
        smp::ask_file(pair.client, "/log", 5000);
        REQUIRE(pair.ask());
        CHECK(smp::read_file_part(pair.client.response())->data.empty());
      }
    }
  }
}

TEST_CASE("a device says why a file cannot be read, and takes none") {
  Pair pair;
  const auto refused = [&pair](std::string_view why) {
    CHECK_FALSE(pair.ask());
    CHECK(pair.client.error().code == ErrorCode::DeviceException);
    CHECK(smp::error_name(pair.client.error().detail) == why);
  };
  smp::ask_file(pair.client, "/other", 0);
  refused("no such file");
  smp::ask_file_status(pair.client, "/other");
  refused("no such file");
  smp::ask_file(pair.client, "/log", 5001);
  refused("the file is not that long");
  pair.files.broken = true;
  smp::ask_file(pair.client, "/log", 0);
  refused("the file could not be read");
  for (const std::uint8_t command : {smp::kFileTransfer, smp::kFileStatus, std::uint8_t{9}}) {
    cbor::Writer payload = pair.client.payload();
    payload.map(1).text("name").text("/log");
    pair.client.set_request(smp::Operation::Write, smp::Group::File, command, payload.size());
    refused("not supported");
  }
  cbor::Writer nameless = pair.client.payload();
  nameless.map(1).text("off").unsigned_number(0);
  pair.client.set_request(smp::Operation::Read, smp::Group::File, smp::kFileTransfer,
                          nameless.size());
  refused("invalid value");
}

TEST_CASE("a device without files knows no file group") {
  FakeTarget target;
  smp::Server server({}, target);
  smp::Client client;
  smp::ask_file_status(client, "/journal");
  client.start(Instant{});
  client.received(server.respond(client.to_send(), Instant{}), Instant{});
  CHECK(client.error() == Error{ErrorCode::DeviceException, smp::kErrNotSupported});
}

TEST_CASE("an answer about a file that lacks what it must have is not believed") {
  std::array<std::uint8_t, 64> room{};
  cbor::Writer no_data(room);
  no_data.map(1).text("off").unsigned_number(0);
  CHECK_FALSE(smp::read_file_part(cbor::Reader(no_data.written())));
  cbor::Writer no_offset(room);
  no_offset.map(1).text("data").bytes({});
  CHECK_FALSE(smp::read_file_part(cbor::Reader(no_offset.written())));
  cbor::Writer no_length(room);
  no_length.map(1).text("name").text("x");
  CHECK_FALSE(smp::read_file_status(cbor::Reader(no_length.written())));
}
