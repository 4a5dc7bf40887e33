// SPDX-License-Identifier: Apache-2.0
// Reads a family whose profile is a Modbus map.
#pragma once

#include <vector>

#include "core/protocol/modbus/client.hpp"
#include "host/device/reader.hpp"
#include "host/profile/modbus_map.hpp"

namespace weco {

class ModbusReader final : public DeviceReader {
 public:
  ModbusReader(const Profile& profile, const ReaderPlace& place);
  void restart() override { asked_.clear(); }
  Exchange* next(const ReadingSource& known) override;
  bool accept(Status outcome, Instant now, Snapshot& into) override;
  Exchange* next_identity(const ReadingSource& known) override;
  [[nodiscard]] bool recognised(const Snapshot& identity) const override;
  [[nodiscard]] Findings findings() const override;
  [[nodiscard]] const modbus::Client& client() const { return client_; }

 private:
  Exchange* ask(RegisterBlock block);
  [[nodiscard]] bool was_asked(RegisterBlock block) const;

  const Profile& profile_;
  ModbusMap map_;
  modbus::Client client_;
  std::vector<RegisterBlock> asked_;
};

}  // namespace weco
