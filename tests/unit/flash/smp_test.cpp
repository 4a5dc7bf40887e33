// SPDX-License-Identifier: Apache-2.0
// SMP against frames and conversations recorded from other people's implementations, in both
// directions, and against everything a console may print in between.
#include <nlohmann/json.hpp>

#include <array>
#include <sstream>
#include <string>
#include <vector>

#include "core/protocol/smp/messages.hpp"
#include "core/protocol/smp/server.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/flash/fake_target.hpp"
#include "tests/unit/flash/files.hpp"

using namespace weco;
using weco::test::vector_file;
using weco::test::vector_text;

namespace {

using Buffer = std::vector<std::uint8_t>;

Buffer from_hex(const std::string& text) {
  Buffer bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoi(text.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

Buffer buffer_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }
Buffer buffer_of(const std::string& text) { return {text.begin(), text.end()}; }

Buffer framed(const Buffer& packet) {
  std::array<std::uint8_t, smp::kConsoleMax> wire{};
  return buffer_of(Bytes(wire).first(smp::encode_frame(smp::Framing::Console, packet, wire)));
}

std::vector<Buffer> packets_in(const Buffer& wire) {
  smp::Deframer deframer(smp::Framing::Console);
  std::vector<Buffer> packets;
  Bytes rest(wire);
  while (deframer.take(rest)) packets.push_back(buffer_of(deframer.packet()));
  return packets;
}

struct Recorded {
  std::string name;
  Buffer frame;
  Buffer lines;
};

std::vector<Recorded> recorded() {
  std::vector<Recorded> all;
  for (const auto& row : nlohmann::json::parse(vector_text("smp/requests.json"))) {
    std::string lines;
    for (const auto& line : row["serial_lines_128"]) lines += line.get<std::string>();
    all.push_back({row["name"].get<std::string>(), from_hex(row["frame"].get<std::string>()),
                   buffer_of(lines)});
  }
  return all;
}

/// The packet that a client makes of a request, with the sequence number of the recorded one.
Buffer packet_of(smp::Client& client, std::uint8_t sequence) {
  for (int i = 0; i < sequence; ++i) client.start(Instant{});
  const auto packets = packets_in(buffer_of(client.to_send()));
  REQUIRE(packets.size() == 1);
  return packets.front();
}

std::string unescaped(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
    } else if (text[i + 1] == 'x') {
      out += static_cast<char>(std::stoi(text.substr(i + 2, 2), nullptr, 16));
      i += 3;
    } else {
      out += text[++i] == 'n' ? '\n' : text[i] == 't' ? '\t' : '\r';
    }
  }
  return out;
}

struct Spoken {
  bool request = false;
  Buffer packet;
};

/// The recorded conversation, packet by packet, in order.
std::vector<Spoken> transcript() {
  smp::Deframer asks(smp::Framing::Console);
  smp::Deframer answers(smp::Framing::Console);
  std::vector<Spoken> all;
  std::istringstream text(vector_text("smp/transcript-smpclient-mcuboot-boot_serial.txt"));
  for (std::string line; std::getline(text, line);) {
    if (line.size() < 2) continue;
    const bool request = line.front() == '>';
    const std::string bytes = unescaped(line.substr(2));
    Bytes rest(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    smp::Deframer& deframer = request ? asks : answers;
    while (deframer.take(rest)) all.push_back({request, buffer_of(deframer.packet())});
  }
  CHECK(asks.damaged() == 0);
  CHECK(answers.damaged() == 0);
  return all;
}

}  // namespace

TEST_CASE("console lines are those of another implementation, both ways") {
  const auto all = recorded();
  REQUIRE(all.size() == 22);
  for (const Recorded& row : all) {
    CAPTURE(row.name);
    CHECK(framed(row.frame) == row.lines);
    const auto packets = packets_in(row.lines);
    REQUIRE(packets.size() == 1);
    CHECK(packets.front() == row.frame);
    const auto header = smp::decode_header(row.frame);
    REQUIRE(header);
    CHECK(header->length == row.frame.size() - smp::kHeaderBytes);
  }
}

TEST_CASE("requests are byte for byte those of another implementation") {
  for (const Recorded& row : recorded()) {
    CAPTURE(row.name);
    smp::ClientConfig config;
    config.version = row.name.ends_with("v1") ? smp::Version::V1 : smp::Version::V2;
    smp::Client client(config);
    const std::string name = row.name.substr(0, row.name.size() - 3);
    std::array<std::uint8_t, 32> hash{};
    for (std::uint8_t i = 0; i < 32; ++i) hash[i] = i;
    if (name == "echo") {
      smp::ask_echo(client, "hello weco");
    } else if (name == "reset") {
      smp::ask_reset(client);
    } else if (name == "params") {
      smp::ask_params(client);
    } else if (name == "image state read") {
      smp::ask_image_state(client);
    } else if (name == "image state write test") {
      smp::ask_test(client, hash);
    } else if (name == "image state write confirm") {
      smp::ask_confirm(client);
    } else if (name == "image upload next") {
      const std::size_t data = row.frame.size() - 256;
      smp::ask_upload(client, {128, Bytes(row.frame).subspan(data), 0, {}, false});
    } else if (name == "fs download") {
      smp::ask_file(client, "/lfs/log.bin", 0);
    } else {
      continue;
    }
    CHECK(packet_of(client, row.frame[6]) == row.frame);
  }
}

TEST_CASE("an update recorded between two other implementations is understood on both sides") {
  FakeTarget target;
  smp::Server server({.write_unit = 8}, target);  // as that bootloader writes
  std::size_t answers = 0;
  std::uint32_t offset = 0;
  bool boots = false;
  const auto all = transcript();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].request) {
      const Buffer wire = framed(all[i].packet);
      if (all[i].packet[5] == 1 && all[i].packet[7] == 1) {
        const auto reply = packets_in(buffer_of(server.respond(wire, Instant{})));
        REQUIRE(reply.size() == 1);
        const auto ours = smp::read_upload(cbor::Reader(Bytes(reply[0]).subspan(8)));
        const auto theirs = smp::read_upload(cbor::Reader(Bytes(all[i + 1].packet).subspan(8)));
        REQUIRE(ours);
        REQUIRE(theirs);
        CHECK(ours->offset == theirs->offset);
        offset = theirs->offset;
      }
      continue;
    }
    ++answers;
    const cbor::Reader payload(Bytes(all[i].packet).subspan(8));
    if (all[i].packet[5] == 1 && all[i].packet[7] == 0) {
      const auto list = smp::read_image_state(payload);
      REQUIRE(list);
      REQUIRE(list->size() == 2);
      CHECK((*list)[0].active == !(*list)[1].pending);  // what that bootloader says
      CHECK((*list)[0].confirmed);
      CHECK((*list)[0].version == image::Version{1, 2, 3, 4});
      CHECK((*list)[1].hash.size() == 32);
      boots = (*list)[1].pending;
    }
    if (all[i].packet[5] == 0 && all[i].packet[7] == 6) {
      CHECK(smp::read_params(payload)->buffer_bytes == 1024);
    }
  }
  CHECK(answers == 12);
  CHECK(offset == 3189);
  CHECK(boots);
  CHECK(target.stored == vector_file("mcuboot/ok-ed25519-1.4.0-seccnt-auto.bin"));
}

namespace {

/// Client and server without any wire; what the server says arrives in pieces of `piece` bytes.
void talk(smp::Client& client, smp::Server& server, std::size_t piece = 1) {
  client.start(Instant{});
  const Buffer reply = buffer_of(server.respond(buffer_of(client.to_send()), Instant{}));
  for (std::size_t at = 0; at < reply.size(); at += piece) {
    client.received(Bytes(reply).subspan(at, std::min(piece, reply.size() - at)), Instant{});
  }
}

}  // namespace

TEST_CASE("both styles of error, lengths and versions are understood") {
  FakeTarget target;
  for (const bool indefinite : {false, true}) {
    for (const bool old_version : {false, true}) {
      smp::ServerConfig config;
      config.indefinite = indefinite;
      config.old_version = old_version;
      smp::Server server(config, target);
      smp::Client client;
      smp::ask_params(client);
      talk(client, server);
      REQUIRE(client.state() == Exchange::State::Done);
      CHECK(smp::read_params(client.response())->buffer_bytes == 1024);
      const std::array<std::uint8_t, 32> nobody{};
      smp::ask_test(client, nobody);
      talk(client, server);
      REQUIRE(client.state() == Exchange::State::Failed);
      CHECK(client.error().code == ErrorCode::DeviceException);
      CHECK(client.error().detail == (old_version ? 1 : smp::error_detail(1, 8)));
      CHECK_FALSE(smp::error_name(client.error().detail).empty());
      smp::ask_echo(client, "x");
      talk(client, server);
      CHECK(smp::read_text(client.response(), "r").value() == "x");
    }
  }
}

TEST_CASE("a console may print between, before and inside the lines of an answer") {
  FakeTarget target;
  smp::Server server({}, target);
  smp::Client client;
  smp::ask_echo(client, std::string(200, 'y'));
  client.start(Instant{});
  std::string reply;
  for (const std::uint8_t byte :
       buffer_of(server.respond(buffer_of(client.to_send()), Instant{}))) {
    reply += static_cast<char>(byte);
    if (byte == '\n') reply += "[00:01] <inf> bms: all well\r\n";
  }
  reply = "*** Booting ***\r\nuart:~$ " + reply;
  client.received(buffer_of(reply), Instant{});
  CHECK(client.state() == Exchange::State::Done);
}

TEST_CASE("a damaged, a late and a foreign answer are not taken") {
  FakeTarget target;
  smp::Server server({}, target);
  smp::Client client;
  smp::ask_echo(client, "one");
  client.start(Instant{});
  const Buffer first = buffer_of(server.respond(buffer_of(client.to_send()), Instant{}));
  client.start(Instant{});
  client.received(first, Instant{});
  CHECK(client.state() == Exchange::State::Waiting);
  CHECK(client.stale() == 1);
  Buffer second = buffer_of(server.respond(buffer_of(client.to_send()), Instant{}));
  for (std::size_t i = 2; i + 1 < second.size(); ++i) {
    Buffer damaged = second;
    damaged[i] = static_cast<std::uint8_t>(damaged[i] == 'A' ? 'B' : 'A');
    client.received(damaged, Instant{});
    CHECK(client.state() == Exchange::State::Waiting);
  }
  client.received(second, Instant{});
  CHECK(client.state() == Exchange::State::Done);
  client.start(Instant{});
  client.advance(client.deadline() - Duration::us(1));
  CHECK(client.state() == Exchange::State::Waiting);
  client.advance(client.deadline());
  CHECK(client.error().code == ErrorCode::Timeout);
}

TEST_CASE("an upload goes on where it was, and an offset nobody expects changes nothing") {
  FakeTarget target;
  smp::Server server({}, target);
  smp::Client client;
  const Buffer file = vector_file("mcuboot/ok-ed25519-1.4.0-seccnt-auto.bin");
  const std::array<std::uint8_t, 32> sha{1};
  const auto total = static_cast<std::uint32_t>(file.size());
  const auto offset_after = [&](std::uint32_t offset, std::size_t size) {
    smp::ask_upload(client, {offset, Bytes(file).subspan(offset, size), total, sha, false});
    talk(client, server, 7);
    REQUIRE(client.state() == Exchange::State::Done);
    return smp::read_upload(client.response())->offset;
  };
  CHECK(offset_after(0, 500) == 500);
  CHECK(offset_after(0, 500) == 500);  // the same file: told where it stands, not erased
  CHECK(target.begun == 1);
  smp::ask_upload(client, {smp::kProbeOffset, {}, 0, {}, false});
  talk(client, server);
  CHECK(smp::read_upload(client.response())->offset == 500);
  CHECK(offset_after(400, 100) == 500);
  CHECK(offset_after(500, 800) == 1300);
  CHECK(offset_after(1300, 900) == 2200);
  CHECK(offset_after(2200, file.size() - 2200) == total);
  CHECK(target.stored == file);
  target.refusal = update::Refusal::NoFreeSlot;
  smp::ask_upload(client, {0, Bytes(file).first(100), total, {}, false});
  talk(client, server);
  CHECK(client.error().detail == smp::error_detail(1, 9));
}

TEST_CASE("a chunk fills a packet to the last byte") {
  for (const std::size_t packet : {256U, 512U, 1016U, 1024U, 4088U}) {
    for (const std::uint32_t offset : {0U, 23U, 24U, 255U, 256U, 65535U, 65536U, 500000U}) {
      std::array<std::uint8_t, 32> sha{};
      smp::Chunk chunk{offset, {}, 524288, sha, false};
      const std::size_t room = smp::chunk_room(packet, chunk);
      const Buffer data(room, 0x55);
      chunk.data = data;
      smp::Client client({.framing = smp::Framing::Packet});
      smp::ask_upload(client, chunk);
      client.start(Instant{});
      CHECK(client.to_send().size() <= packet);
      CHECK(client.to_send().size() + 2 >= packet);
    }
  }
}
