// SPDX-License-Identifier: Apache-2.0
// The device's side of a journal over Modbus. Nothing can be written.
#pragma once

#include "core/protocol/modbus/server.hpp"
#include "core/protocol/modbus_journal/block.hpp"
#include "core/protocol/records.hpp"

namespace weco::modbus_journal {

class JournalRegisters final : public modbus::Registers {
 public:
  JournalRegisters(std::uint8_t unit, const Records& records) : unit_(unit), records_(records) {}

  [[nodiscard]] bool serves(std::uint8_t unit) const override { return unit == unit_; }
  [[nodiscard]] bool supports(std::uint8_t, modbus::Function function) const override {
    return function == modbus::Function::ReadHoldingRegisters ||
           function == modbus::Function::ReadFileRecord;
  }
  Status read_registers(std::uint8_t, modbus::RegisterTable table, std::uint16_t address,
                        modbus::RegisterSink out) override {
    return read_block(table, address, out);
  }
  Status read_file(std::uint8_t, std::uint16_t file, std::uint16_t record,
                   modbus::RegisterSink out) override {
    return read_records(file, record, out);
  }

 private:
  // The overrides are inline: the core is built without type information.
  Status read_block(modbus::RegisterTable table, std::uint16_t address, modbus::RegisterSink out);
  Status read_records(std::uint16_t file, std::uint16_t record, modbus::RegisterSink out);

  std::uint8_t unit_;
  const Records& records_;
};

}  // namespace weco::modbus_journal
