// SPDX-License-Identifier: Apache-2.0
// Reads a family whose profile is a Modbus map.
#pragma once

#include <vector>

#include "core/protocol/bluetti/watched_client.hpp"
#include "core/protocol/modbus/client.hpp"
#include "core/protocol/weco_service/key.hpp"
#include "host/device/reader.hpp"
#include "host/profile/modbus_map.hpp"

namespace weco {

class ModbusReader final : public DeviceReader {
 public:
  ModbusReader(const Profile& profile, const ReaderPlace& place);
  void restart() override;
  void want(std::vector<PointRef> points) override;
  Exchange* next(const ReadingSource& known) override;
  bool accept(Status outcome, Instant now, Snapshot& into) override;
  Exchange* write(const Reading& value) override;
  Exchange* next_identity(const ReadingSource& known) override;
  [[nodiscard]] bool recognised(const Snapshot& identity) const override;
  [[nodiscard]] Findings findings() const override;
  [[nodiscard]] const modbus::Client& client() const { return client_; }

 private:
  Exchange* ask(RegisterBlock block);
  Exchange* first_of_all();
  Exchange* next_of(const std::vector<PointRef>& wanted, const ReadingSource& known);
  [[nodiscard]] bool was_asked(RegisterBlock block) const;

  const Profile& profile_;
  ModbusMap map_;
  modbus::Client client_;
  bool serial_;  // a line with a speed, which may be the wrong one
  bluetti::WatchedClient watched_{client_};
  weco_service::KeyExchange key_;
  std::vector<PointRef> wanted_;  // empty: everything
  bool keyed_ = false;  // nothing has to be said before the first question, or it has been
  bool telling_key_ = false;
  std::vector<RegisterBlock> asked_;
};

}  // namespace weco
