// SPDX-License-Identifier: Apache-2.0
// Turns what is heard on a byte line, requests and answers of others, into a report: for recordings
// of a running site. It never sends.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/protocol/modbus/sniffer.hpp"
#include "core/protocol/pylontech/sniffer.hpp"
#include "host/device/report.hpp"
#include "host/profile/catalog.hpp"
#include "host/profile/modbus_map.hpp"

namespace weco {

class LineListener final : private modbus::SnifferSink {
 public:
  /// `family` names the Modbus map to read with; empty: every family of the catalogue is tried on
  /// each unit and the first that recognises it is taken. The catalogue outlives the listener.
  LineListener(const Catalog& catalog, const std::string& family);
  /// One recorded message, or any part of a serial conversation. Modbus TCP is understood when a
  /// message begins as one.
  void feed(Bytes data, Instant now);
  /// Fills in the device that was heard most; `others` of them are counted in a finding.
  void report(DeviceReport& into);

 private:
  /// One family's reading of one unit.
  struct Candidate {
    const Profile* profile;
    ModbusMap map;
    std::map<std::uint8_t, Snapshot> units;
  };
  void on_pair(std::uint8_t unit, const modbus::Request& request,
               const Result<modbus::Response>& answer, Instant asked, Instant answered) override;
  bool feed_tcp(Bytes data, Instant now);
  [[nodiscard]] bool recognised(const Profile& profile, const Snapshot& snapshot) const;
  void report_modbus(DeviceReport& into);
  void report_pylontech(DeviceReport& into);

  const Catalog& catalog_;
  bool family_named_;
  std::vector<std::unique_ptr<Candidate>> candidates_;
  modbus::Sniffer modbus_{*this};
  Snapshot pylontech_values_;
  pylontech::Sniffer pylontech_;
  std::uint64_t pairs_ = 0;
};

}  // namespace weco
