// SPDX-License-Identifier: Apache-2.0
// The journal of a device over Modbus function 20.
#pragma once

#include "core/protocol/modbus/client.hpp"
#include "host/logbook/source.hpp"
#include "host/session/session.hpp"

namespace weco::logbook {

class ModbusSource final : public Source {
 public:
  /// The session outlives it.
  ModbusSource(Session& session, std::uint8_t unit, modbus::Framing framing);
  ~ModbusSource() override;
  ModbusSource(const ModbusSource&) = delete;
  ModbusSource& operator=(const ModbusSource&) = delete;
  Outcome<Range> range() override;
  Outcome<std::size_t> read(std::uint32_t first, std::span<Slot> into) override;

 private:
  Done ask(const Result<modbus::Request>& request, const char* what);
  [[nodiscard]] std::string where() const;

  Session& session_;
  modbus::Client client_;
};

}  // namespace weco::logbook
