// SPDX-License-Identifier: Apache-2.0
// What the Modbus tests share: hex text, a device with every table, and a client driven by bytes.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/protocol/modbus/client.hpp"
#include "core/protocol/modbus/server.hpp"

namespace weco::modbus::test {

using Buffer = std::vector<std::uint8_t>;

inline Buffer from_hex(std::string_view text) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; };
  Buffer out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    out.push_back(static_cast<std::uint8_t>(digit(text[i]) * 16 + digit(text[i + 1])));
  }
  return out;
}

inline Buffer copy(Bytes data) { return Buffer(data.begin(), data.end()); }

inline Buffer joined(std::initializer_list<Buffer> parts) {
  Buffer out;
  for (const Buffer& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

inline Buffer framed(Framing framing, std::uint8_t unit, Bytes pdu, std::uint16_t transaction = 1) {
  Buffer out(kFrameMax);
  out.resize(encode_frame(framing, {unit, transaction, pdu}, out));
  return out;
}

inline Buffer rtu(std::uint8_t unit, std::string_view pdu_hex) {
  return framed(Framing::Rtu, unit, from_hex(pdu_hex));
}

/// A device with all tables, 65536 entries each; what is at or above `limit` does not exist.
class Bank final : public Registers {
 public:
  bool serves(std::uint8_t unit) const override { return unit == served || unit == also_served; }
  bool supports(std::uint8_t, Function function) const override { return function != unsupported; }
  Status read_bits(std::uint8_t, BitTable table, std::uint16_t address, BitSink out) override {
    if (const Status ok = check(address, out.size()); !ok) return ok;
    for (std::size_t i = 0; i < out.size(); ++i) {
      out.set(i, table == BitTable::Coils ? coils[address + i] : discrete[address + i]);
    }
    return {};
  }
  Status write_coils(std::uint8_t unit, std::uint16_t address, BitView values) override {
    if (const Status ok = check(address, values.size()); !ok) return ok;
    for (std::size_t i = 0; i < values.size(); ++i) coils[address + i] = values[i];
    note_write(unit);
    return {};
  }
  Status read_registers(std::uint8_t, RegisterTable table, std::uint16_t address,
                        RegisterSink out) override {
    if (const Status ok = check(address, out.size()); !ok) return ok;
    for (std::size_t i = 0; i < out.size(); ++i) {
      out.set(i, table == RegisterTable::Holding ? holding[address + i] : input[address + i]);
    }
    return {};
  }
  Status write_registers(std::uint8_t unit, std::uint16_t address, RegisterView values) override {
    if (const Status ok = check(address, values.size()); !ok) return ok;
    for (std::size_t i = 0; i < values.size(); ++i) holding[address + i] = values[i];
    note_write(unit);
    return {};
  }
  Status read_file(std::uint8_t, std::uint16_t file, std::uint16_t record,
                   RegisterSink out) override {
    for (std::size_t i = 0; i < out.size(); ++i) {
      const auto found = files.find({file, static_cast<std::uint16_t>(record + i)});
      if (found == files.end()) return fail(ErrorCode::NotFound);
      out.set(i, found->second);
    }
    return {};
  }
  Status write_file(std::uint8_t unit, std::uint16_t file, std::uint16_t record,
                    RegisterView values) override {
    for (std::size_t i = 0; i < values.size(); ++i) {
      files[{file, static_cast<std::uint16_t>(record + i)}] = values[i];
    }
    note_write(unit);
    return {};
  }
  Result<Bytes> identification(std::uint8_t, std::uint8_t object) override {
    const auto found = objects.find(object);
    if (found == objects.end()) return fail(ErrorCode::NotFound);
    return Bytes(reinterpret_cast<const std::uint8_t*>(found->second.data()), found->second.size());
  }

  std::uint8_t served = 1;
  std::uint8_t also_served = 1;
  Function unsupported = static_cast<Function>(0);
  std::size_t limit = 0x10000;
  Error failure;
  int writes = 0;
  std::uint8_t last_unit_written = 0xEE;
  std::vector<bool> coils = std::vector<bool>(0x10000);
  std::vector<bool> discrete = std::vector<bool>(0x10000);
  std::vector<std::uint16_t> holding = std::vector<std::uint16_t>(0x10000);
  std::vector<std::uint16_t> input = std::vector<std::uint16_t>(0x10000);
  std::map<std::pair<std::uint16_t, std::uint16_t>, std::uint16_t> files;
  std::map<std::uint8_t, std::string> objects;

 private:
  void note_write(std::uint8_t unit) {
    ++writes;
    last_unit_written = unit;
  }
  Status check(std::size_t address, std::size_t count) const {
    if (failure.code != ErrorCode::None) return Unexpected<Error>{failure};
    if (address + count > limit) return refuse(ExceptionCode::IllegalAddress);
    return {};
  }
};

inline constexpr Instant kStart = Instant::from_us(1'000'000);

/// Starts `request` on `client` at kStart and gives it `data` in one piece a moment later.
inline void ask(Client& client, const Request& request, const Buffer& data) {
  client.set_request(request);
  client.start(kStart);
  client.received(data, kStart + Duration::ms(1));
}

}  // namespace weco::modbus::test
