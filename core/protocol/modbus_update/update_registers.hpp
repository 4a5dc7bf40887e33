// SPDX-License-Identifier: Apache-2.0
// The device's side of firmware over Modbus, over a Target. What is known of an upload is in
// memory, as with SMP: after a restart it begins anew.
#pragma once

#include <array>

#include "core/protocol/modbus/server.hpp"
#include "core/protocol/modbus_update/block.hpp"
#include "core/protocol/update/target.hpp"

namespace weco::modbus_update {

class UpdateRegisters final : public modbus::Registers {
 public:
  UpdateRegisters(std::uint8_t unit, update::Target& target) : unit_(unit), target_(target) {}

  [[nodiscard]] bool serves(std::uint8_t unit) const override { return unit == unit_; }
  [[nodiscard]] bool supports(std::uint8_t, modbus::Function function) const override {
    return serves_function(function);
  }
  Status read_registers(std::uint8_t, modbus::RegisterTable table, std::uint16_t address,
                        modbus::RegisterSink out) override {
    return read_block(table, address, out);
  }
  Status write_registers(std::uint8_t unit, std::uint16_t address,
                         modbus::RegisterView values) override {
    return unit == unit_ ? obey(address, values) : fail(ErrorCode::NotFound);
  }
  Status read_file(std::uint8_t, std::uint16_t file, std::uint16_t record,
                   modbus::RegisterSink out) override {
    return read_stored(file, record, out);
  }
  Status write_file(std::uint8_t unit, std::uint16_t file, std::uint16_t record,
                    modbus::RegisterView values) override {
    return unit == unit_ ? store(file, record, values) : fail(ErrorCode::NotFound);
  }
  Result<Bytes> identification(std::uint8_t, std::uint8_t object) override {
    return identify(object);
  }

 private:
  // The overrides are inline: the core is built without type information.
  static bool serves_function(modbus::Function function);
  Status read_block(modbus::RegisterTable table, std::uint16_t address, modbus::RegisterSink out);
  Status obey(std::uint16_t address, modbus::RegisterView values);
  Status read_stored(std::uint16_t file, std::uint16_t record, modbus::RegisterSink out);
  Status store(std::uint16_t file, std::uint16_t record, modbus::RegisterView values);
  Result<Bytes> identify(std::uint8_t object) const;
  void put_slot(std::size_t n, std::uint16_t* at);
  update::Refusal begin(modbus::RegisterView values);
  update::Refusal try_hash(modbus::RegisterView values);
  Status judged(update::Refusal refusal);

  std::uint8_t unit_;
  update::Target& target_;
  update::Refusal refusal_ = update::Refusal::None;
  std::uint32_t stored_ = 0;
  std::uint32_t total_ = 0;
  std::array<std::uint8_t, 2 * kShaRegisters> sha_{};
};

}  // namespace weco::modbus_update
