// SPDX-License-Identifier: Apache-2.0
#include "host/device/modbus_reader.hpp"

#include <algorithm>
#include <array>

#include "host/doctor/line_findings.hpp"

namespace weco {

namespace {

modbus::Framing framing_of(Carrier carrier) {
  if (carrier == Carrier::Tcp) return modbus::Framing::Tcp;
  return carrier == Carrier::RtuOverTcp ? modbus::Framing::RtuOverTcp : modbus::Framing::Rtu;
}

modbus::ClientConfig config_for(const Profile& profile, const ReaderPlace& place) {
  modbus::ClientConfig config;
  config.framing = profile.protocol.variant == ModbusVariant::WecoService
                       ? modbus::Framing::WecoService
                       : framing_of(place.carrier);
  config.unit = place.unit;
  config.baud = place.traits.bits_per_second;
  if (place.answer_within > Duration{}) {
    config.response_timeout = place.answer_within;
  } else if (profile.protocol.timeout_ms > 0) {
    config.response_timeout = Duration::ms(profile.protocol.timeout_ms);
  }
  config.pause_between = Duration::ms(profile.protocol.pause_ms);
  return config;
}

modbus::Request read_request(RegisterBlock block) {
  using modbus::Request;
  const auto made = [&] {
    switch (block.table) {
      case RegisterTable::Holding:
        return Request::read_holding_registers(block.first, block.count);
      case RegisterTable::Input:
        return Request::read_input_registers(block.first, block.count);
      case RegisterTable::Coil:
        return Request::read_coils(block.first, block.count);
      case RegisterTable::Discrete:
        break;
    }
    return Request::read_discrete_inputs(block.first, block.count);
  }();
  return made.value();  // the map never gives a block beyond the protocol's limits
}

/// Always the request for many: one way of writing is enough, and what takes several registers must
/// not be torn apart.
Result<modbus::Request> write_request(RegisterBlock block, Bytes data) {
  if (block.table == RegisterTable::Coil) {
    return modbus::Request::write_single_coil(block.first, data[0] != 0);
  }
  if (block.table != RegisterTable::Holding) return fail(ErrorCode::Unsupported);
  std::array<std::uint16_t, modbus::kWriteRegistersMax> registers{};
  const modbus::RegisterView view(data);
  for (std::size_t i = 0; i < block.count; ++i) registers[i] = view[i];
  return modbus::Request::write_multiple_registers(block.first,
                                                   std::span(registers).first(block.count));
}

/// Data of a read answer as the map wants it: function and byte count are in front.
Bytes data_of(const modbus::Response& response) { return response.pdu().subspan(2); }

bool covers(RegisterBlock whole, RegisterBlock part) {
  return whole.table == part.table && whole.first <= part.first &&
         whole.first + whole.count >= part.first + part.count;
}

/// Who a device is: what a scan shows of it, wherever its map has it.
constexpr PointId kIdentity[] = {point("vendor"),           point("model"),
                                 point("serial_number"),    point("firmware_version"),
                                 point("hardware_version"), point("device_type")};

}  // namespace

ModbusReader::ModbusReader(const Profile& profile, const ReaderPlace& place)
    : profile_(profile),
      map_(profile),
      client_(config_for(profile, place)),
      serial_(place.traits.bits_per_second != 0),
      key_(place.traits.bits_per_second, client_.config().response_timeout) {
  restart();
}

/// A battery that was switched off has forgotten the key, so it is told with every snapshot.
void ModbusReader::restart() {
  asked_.clear();
  telling_key_ = false;
  keyed_ = profile_.protocol.variant != ModbusVariant::WecoService;
}

/// What must be said before any question; nullptr when that is done.
Exchange* ModbusReader::first_of_all() {
  if (keyed_) return nullptr;
  telling_key_ = true;
  return &key_;
}

bool ModbusReader::was_asked(RegisterBlock block) const {
  return std::any_of(asked_.begin(), asked_.end(),
                     [&](const RegisterBlock& asked) { return covers(asked, block); });
}

Exchange* ModbusReader::ask(RegisterBlock block) {
  asked_.push_back(block);
  client_.set_request(read_request(block));
  if (profile_.protocol.variant == ModbusVariant::Bluetti) return &watched_;
  return &client_;
}

void ModbusReader::want(std::vector<PointRef> points) {
  wanted_.clear();
  for (const PointRef& ref : points) {
    const std::uint8_t count = info(ref.id).count;
    if (ref.index > 0 || count == 1) {
      wanted_.push_back(ref);
      continue;
    }
    for (std::uint8_t index = 1; index <= count; ++index) {
      wanted_.push_back({ref.id, index, ref.node});
    }
  }
}

Exchange* ModbusReader::next(const ReadingSource& known) {
  if (Exchange* first = first_of_all()) return first;
  if (!wanted_.empty()) return next_of(wanted_, known);
  for (const RegisterBlock& block : map_.blocks(known)) {
    if (!was_asked(block)) return ask(block);
  }
  return nullptr;
}

Exchange* ModbusReader::next_identity(const ReadingSource& known) {
  if (Exchange* first = first_of_all()) return first;
  std::vector<PointRef> wanted;
  for (const IdentifyRule& rule : profile_.identify) wanted.push_back(rule.point);
  for (const PointId id : kIdentity) wanted.push_back({id, 0, {}});
  return next_of(wanted, known);
}

/// The next block that holds one of these and was not asked for yet.
Exchange* ModbusReader::next_of(const std::vector<PointRef>& wanted, const ReadingSource& known) {
  const auto blocks = map_.blocks(known);
  for (const PointRef& ref : wanted) {
    const auto place = map_.where(ref);
    if (!place || was_asked(*place)) continue;
    const auto whole = std::find_if(blocks.begin(), blocks.end(), [&](const RegisterBlock& block) {
      return covers(block, *place);
    });
    return ask(whole == blocks.end() ? *place : *whole);
  }
  return nullptr;
}

Exchange* ModbusReader::write(const Reading& value) {
  if (profile_.protocol.variant != ModbusVariant::Plain) return nullptr;
  std::array<std::uint8_t, 2 * modbus::kWriteRegistersMax> room{};
  const auto place = map_.where(value.ref);
  const auto size = map_.encode(value.ref, value, room);
  if (!place || !size) return nullptr;
  const auto request = write_request(*place, Bytes(room).first(*size));
  if (!request) return nullptr;
  client_.set_request(*request);
  return &client_;
}

bool ModbusReader::accept(Status outcome, Instant now, Snapshot& into) {
  if (telling_key_) {
    telling_key_ = false;
    keyed_ = outcome.has_value();
    return keyed_;
  }
  if (!outcome) return outcome.error().code == ErrorCode::DeviceException;
  map_.decode(asked_.back(), data_of(client_.response()), now, into);
  return true;
}

bool ModbusReader::recognised(const Snapshot& identity) const {
  return !profile_.identify.empty() &&
         std::all_of(profile_.identify.begin(), profile_.identify.end(),
                     [&](const IdentifyRule& rule) {
                       const Reading* reading = identity.get(rule.point);
                       return reading != nullptr && rule.holds(*reading);
                     });
}

Findings ModbusReader::findings() const {
  Findings found;
  if (watched_.heard() == bluetti::Watch::Heard::Challenge) {
    found.push_back({FindingId::EncryptedLink, "The device asks for an encrypted link."});
  }
  const modbus::LineObservations& seen = client_.observations();
  add_line_findings(seen.echo_seen, seen.foreign_requests, found);
  if (seen.wrong_unit > 0) {
    found.push_back({FindingId::WrongUnitAnswers,
                     std::to_string(seen.wrong_unit) + " answers came from another address."});
  }
  if (seen.crc_errors > 0) {
    found.push_back({FindingId::DamagedFrames, std::to_string(seen.crc_errors) + " of " +
                                                   std::to_string(seen.crc_errors + seen.answers) +
                                                   " answers had a wrong checksum."});
  }
  if (serial_ && seen.answers == 0 && seen.noise_bytes > 0) {
    found.push_back({FindingId::LineNoise, std::to_string(seen.noise_bytes) +
                                               " bytes came that make no frame at this speed."});
  }
  return found;
}

}  // namespace weco
