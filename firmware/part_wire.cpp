// SPDX-License-Identifier: Apache-2.0
// The protocols that a tower speaks, both ends in one image: a Modbus client asks a server over a
// wire that drops, inserts and flips bytes, and a CAN battery's frames go through a decoder. What
// arrives must be what was sent or nothing.
#include <array>

#include "core/base/crc.hpp"
#include "core/points/vocabulary.hpp"
#include "core/protocol/canbms/decoder.hpp"
#include "core/protocol/canbms/encoder.hpp"
#include "core/protocol/modbus/client.hpp"
#include "core/protocol/modbus/server.hpp"
#include "firmware/recorded.hpp"
#include "firmware/replay.hpp"
#include "firmware/report.hpp"
#include "firmware/workspace.hpp"

namespace weco::firmware {
namespace {

constexpr std::uint64_t kModbusSeed = 0x30DB;
constexpr std::uint64_t kCanSeed = 0x0351;
constexpr int kRequests = 200;
constexpr int kRequestsShownEvery = 25;
constexpr std::uint32_t kDisturbedOnceIn = 4;
constexpr int kCanSeconds = 120;
constexpr int kCanShownEvery = 20;

/// Registers whose value follows from the address, so that the reader knows what to expect.
class KnownRegisters final : public modbus::Registers {
 public:
  static constexpr std::uint16_t value_at(std::size_t address) {
    return static_cast<std::uint16_t>(address * 40503U + 7);
  }
  [[nodiscard]] bool serves(std::uint8_t unit) const override { return unit == 1; }
  Status read_registers(std::uint8_t, modbus::RegisterTable, std::uint16_t address,
                        modbus::RegisterSink out) override {
    for (std::size_t i = 0; i < out.size(); ++i) out.set(i, value_at(address + i));
    return {};
  }
};

/// Damages one byte of what is on the wire, in one of three ways; returns the new size.
std::size_t disturb(MutableBytes wire, std::size_t size, Recording& recording) {
  const auto at = static_cast<std::size_t>(recording.between(0, static_cast<int>(size) - 1));
  switch (recording.between(0, 2)) {
    case 0:
      wire[at] = static_cast<std::uint8_t>(wire[at] ^ (1U << recording.between(0, 7)));
      return size;
    case 1:
      for (std::size_t i = at + 1; i < size; ++i) wire[i - 1] = wire[i];
      return size - 1;
    default:
      for (std::size_t i = size; i > at; --i) wire[i] = wire[i - 1];
      wire[at] = recording.byte();
      return size + 1;
  }
}

bool answer_is_right(const modbus::Client& client, std::uint16_t address, std::size_t count) {
  const modbus::RegisterView registers = client.response().registers();
  if (registers.size() != count) return false;
  for (std::size_t i = 0; i < count; ++i) {
    if (registers[i] != KnownRegisters::value_at(address + i)) return false;
  }
  return true;
}

modbus::ClientConfig client_config() {
  modbus::ClientConfig config;
  config.baud = 9600;
  return config;
}

/// Both ends of a line and what is on it.
struct ModbusLine {
  KnownRegisters registers;
  modbus::Server server{modbus::ServerConfig{modbus::Framing::Rtu, 9600, true}, registers};
  modbus::Client client{client_config()};
  std::array<std::uint8_t, 2 * modbus::kFrameMax> wire{};
};

/// One request over the disturbed wire. Returns false when a wrong answer was believed.
bool ask(ModbusLine& line, Recording& recording, Instant& now) {
  modbus::Client& client = line.client;
  std::array<std::uint8_t, 2 * modbus::kFrameMax>& wire = line.wire;
  const auto address = static_cast<std::uint16_t>(recording.between(0, 60000));
  const auto count = static_cast<std::size_t>(recording.between(1, int{modbus::kReadRegistersMax}));
  client.set_request(modbus::Request::read_input_registers(address, count).value());
  now = now + Duration::s(2);
  client.start(now);
  const Bytes answer = line.server.respond(client.to_send(), now);
  std::size_t size = answer.size();
  for (std::size_t i = 0; i < size; ++i) wire[i] = answer[i];
  if (size > 0 && recording.once_in(kDisturbedOnceIn)) size = disturb(wire, size, recording);
  std::size_t at = 0;
  while (at < size) {
    const auto part = static_cast<std::size_t>(recording.between(1, static_cast<int>(size - at)));
    now = now + Duration::ms(1);
    client.received(Bytes(wire).subspan(at, part), now);
    at += part;
  }
  if (client.state() == Exchange::State::Waiting) client.advance(client.deadline());
  return client.state() != Exchange::State::Done || answer_is_right(client, address, count);
}

bool replay_modbus() {
  auto& line = fresh<ModbusLine>();
  modbus::Client& client = line.client;
  Recording recording(kModbusSeed);
  Instant now;
  int done = 0;
  for (int n = 0; n < kRequests; ++n) {
    if (!ask(line, recording, now)) return false;
    const bool answered = client.state() == Exchange::State::Done;
    done += answered ? 1 : 0;
    if (n % kRequestsShownEvery != 0) continue;
    Line("modbus")
        .with("request", n)
        .with("answered", answered ? 1 : 0)
        .with("error", answered ? 0 : static_cast<int>(client.error().code))
        .hex("sent", crc32(client.to_send()))
        .end();
  }
  Line("modbus")
      .with("answered", done)
      .with("crc_errors", client.observations().crc_errors)
      .with("noise", client.observations().noise_bytes)
      .end();
  return done > kRequests / 2 && done < kRequests;
}

/// A battery's values, as firmware keeps them: a fixed table.
class Values final : public ReadingSource {
 public:
  void set(PointId id, std::int64_t mantissa, std::int8_t exponent) {
    PointRef ref;
    ref.id = id;
    for (Reading& r : readings_) {
      if (r.ref == ref) {
        r.number = Decimal{mantissa, exponent};
        return;
      }
    }
    WECO_ASSERT(readings_.push_back(number_reading(ref, Decimal{mantissa, exponent}, Instant{})));
  }
  [[nodiscard]] const Reading* get(const PointRef& ref) const override {
    for (const Reading& r : readings_) {
      if (r.ref == ref) return &r;
    }
    return nullptr;
  }

 private:
  FixedVector<Reading, 16> readings_;
};

/// Takes every reading into a checksum and compares the numbers with what the battery said.
class Comparing final : public ReadingSink {
 public:
  explicit Comparing(const Values& values) : values_(values) {}
  void put(const Reading& reading) override {
    ++readings;
    digest.add(static_cast<std::int64_t>(reading.ref.id));
    digest.add(reading.number.mantissa);
    digest.add(static_cast<std::int64_t>(reading.bits));
    const Reading* sent = values_.get(reading.ref);
    if (sent != nullptr && compare(sent->number, reading.number) != 0) equal = false;
  }
  Digest digest;
  std::int64_t readings = 0;
  bool equal = true;

 private:
  const Values& values_;
};

void next_values(Values& values, Recording& recording) {
  values.set(point("charge_voltage_limit"), recording.between(500, 576), -1);
  values.set(point("charge_current_limit"), recording.between(0, 1000), -1);
  values.set(point("discharge_current_limit"), recording.between(0, 1000), -1);
  values.set(point("soc"), recording.between(0, 100), 0);
  values.set(point("soh"), recording.between(70, 100), 0);
  values.set(point("pack_voltage"), recording.between(4800, 5760), -2);
  values.set(point("pack_current"), recording.between(-1000, 1000), -1);
}

/// A battery and whoever listens to it.
struct CanBus {
  Values values;
  canbms::Decoder decoder;
  canbms::Encoder::Frames frames;
};

bool replay_can() {
  auto& [values, decoder, frames] = fresh<CanBus>();
  canbms::Encoder::Config config;
  config.dialect = canbms::Dialect::Pylontech12;
  canbms::Encoder encoder(config, values);
  Recording recording(kCanSeed);
  Comparing sink(values);
  for (int second = 0; second < kCanSeconds; ++second) {
    const Instant now = Instant::from_us(second * 1000000LL);
    next_values(values, recording);
    frames.clear();
    encoder.due(now, frames);
    for (CanFrame frame : frames) {
      frame.at = now;
      decoder.feed(frame, sink);
    }
    if (second % kCanShownEvery != 0) continue;
    Line("can")
        .with("second", second)
        .with("frames", static_cast<std::int64_t>(frames.size()))
        .with("dialect", canbms::info(decoder.dialect()).name)
        .hex("digest", sink.digest.value())
        .end();
  }
  Line("can").with("readings", sink.readings).end();
  return sink.equal && sink.readings > 0;
}

/// Every name leads to its row: the table of names is sorted alike on both machines.
bool replay_vocabulary() {
  Digest digest;
  for (std::size_t i = 0; i < kPointCount; ++i) {
    const Result<PointId> found = find_point(kPoints[i].name);
    if (!found || static_cast<std::size_t>(*found) != i) return false;
    digest.add(kPoints[i].max);
  }
  Line("vocabulary")
      .with("points", static_cast<std::int64_t>(kPointCount))
      .hex("digest", digest.value())
      .end();
  return true;
}

}  // namespace

bool replay_wire() {
  const bool vocabulary = replay_vocabulary();
  const bool modbus = replay_modbus();
  return replay_can() && vocabulary && modbus;
}

}  // namespace weco::firmware
