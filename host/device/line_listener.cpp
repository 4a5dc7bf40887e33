// SPDX-License-Identifier: Apache-2.0
#include "host/device/line_listener.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace weco {

namespace {

/// Table and first address of a read request; nothing for other functions.
std::optional<RegisterBlock> block_of(const modbus::Request& request) {
  const modbus::RequestFields fields = request.fields();
  const RegisterBlock at{RegisterTable::Holding, fields.address, fields.count};
  switch (fields.function) {
    case modbus::Function::ReadHoldingRegisters:
      return at;
    case modbus::Function::ReadInputRegisters:
      return RegisterBlock{RegisterTable::Input, at.first, at.count};
    case modbus::Function::ReadCoils:
      return RegisterBlock{RegisterTable::Coil, at.first, at.count};
    case modbus::Function::ReadDiscreteInputs:
      return RegisterBlock{RegisterTable::Discrete, at.first, at.count};
    default:
      return std::nullopt;
  }
}

}  // namespace

LineListener::LineListener(const Catalog& catalog, const std::string& family)
    : catalog_(catalog), family_named_(!family.empty()) {
  for (const FamilyEntry& entry : catalog.families()) {
    if (family_named_ && entry.family != family) continue;
    const Profile* profile = catalog.find(entry.family);
    if (profile == nullptr || profile->protocol.kind != ProtocolKind::Modbus) continue;
    candidates_.push_back(std::make_unique<Candidate>(Candidate{profile, ModbusMap(*profile), {}}));
  }
}

/// A message made of whole Modbus TCP frames is heard as the RTU frames it would be on a line.
bool LineListener::feed_tcp(Bytes data, Instant now) {
  std::vector<std::uint8_t> as_rtu;
  while (!data.empty()) {
    const modbus::Extent extent = modbus::tcp_extent(data);
    if (extent.kind != modbus::Extent::Kind::Known || extent.size > data.size()) return false;
    const auto frame = modbus::decode_frame(modbus::Framing::Tcp, data.first(extent.size));
    if (!frame) return false;
    std::array<std::uint8_t, modbus::kFrameMax> room{};
    const std::size_t size = modbus::encode_frame(modbus::Framing::Rtu, *frame, room);
    as_rtu.insert(as_rtu.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(size));
    data = data.subspan(extent.size);
  }
  modbus_.feed(as_rtu, now);
  return !as_rtu.empty();
}

void LineListener::feed(Bytes data, Instant now) {
  if (feed_tcp(data, now)) return;
  modbus_.feed(data, now);
  pylontech_.feed(data, now, pylontech_values_);
}

void LineListener::on_pair(std::uint8_t unit, const modbus::Request& request,
                           const Result<modbus::Response>& answer, Instant /*asked*/,
                           Instant answered) {
  ++pairs_;
  const auto block = block_of(request);
  if (!answer || !block) return;
  for (const auto& candidate : candidates_) {
    candidate->map.decode(*block, answer->pdu().subspan(2), answered, candidate->units[unit]);
  }
}

bool LineListener::recognised(const Profile& profile, const Snapshot& snapshot) const {
  return family_named_ ||
         (!profile.identify.empty() &&
          std::all_of(profile.identify.begin(), profile.identify.end(), [&](const auto& rule) {
            const Reading* reading = snapshot.get(rule.point);
            return reading != nullptr && rule.holds(*reading);
          }));
}

void LineListener::report_modbus(DeviceReport& into) {
  for (const auto& candidate : candidates_) {
    for (const auto& [unit, snapshot] : candidate->units) {
      if (snapshot.readings().size() <= into.snapshot.readings().size()) continue;
      if (!recognised(*candidate->profile, snapshot)) continue;
      name_family(*candidate->profile, into);
      into.assumptions = assumptions_of(*candidate->profile, snapshot);
      into.unit = unit;
      into.snapshot = snapshot;
    }
  }
  if (into.snapshot.empty() && pairs_ > 0) {
    into.findings.push_back(
        {FindingId::UnknownDevice,
         fmt::format("{} Modbus questions and answers were heard; no family explains them.",
                     pairs_)});
  }
}

void LineListener::report_pylontech(DeviceReport& into) {
  const pylontech::SnifferCounters seen = pylontech_.counters();
  if (const Profile* profile = catalog_.find("pylontech_rs485")) {
    name_family(*profile, into);
  }
  into.snapshot = pylontech_values_;
  if (seen.cell_sum_mismatches > 0) {
    into.findings.push_back({FindingId::CellSumDiffers,
                             fmt::format("In {} answers the cells do not add up to the module.",
                                         seen.cell_sum_mismatches)});
  }
  if (seen.bad_checksums > 0) {
    into.findings.push_back(
        {FindingId::DamagedFrames,
         fmt::format("{} of {} frames had a wrong checksum.", seen.bad_checksums,
                     seen.bad_checksums + seen.answers + seen.requests)});
  }
}

void LineListener::report(DeviceReport& into) {
  modbus_.flush();
  if (!pylontech_values_.empty()) {
    report_pylontech(into);
  } else {
    report_modbus(into);
  }
  std::span<const FaultInfo> codes;
  if (const auto listed = catalog_.faults(into.family)) codes = *listed;
  into.assessment = assess(into.snapshot, codes, into.findings);
}

}  // namespace weco
