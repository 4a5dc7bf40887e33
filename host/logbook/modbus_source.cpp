// SPDX-License-Identifier: Apache-2.0
#include "host/logbook/modbus_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/protocol/modbus_journal/block.hpp"

namespace weco::logbook {
namespace {

using namespace modbus_journal;

std::uint32_t number(modbus::RegisterView words, std::size_t at) {
  return modbus::joined(words[at], words[at + 1]);
}

}  // namespace

ModbusSource::ModbusSource(Session& session, std::uint8_t unit, modbus::Framing framing)
    : session_(session),
      client_({.framing = framing, .unit = unit, .baud = session.link().traits().bits_per_second}) {
}

ModbusSource::~ModbusSource() { session_.cancel(client_); }

std::string ModbusSource::where() const {
  return fmt::format("{}, unit {}", session_.link().describe(), client_.config().unit);
}

Done ModbusSource::ask(const Result<modbus::Request>& request, const char* what) {
  if (!request) return failure(request.error(), what, where());
  client_.set_request(*request);
  const Status status = session_.wait(client_);
  if (status) return {};
  const Error error = status.error();
  if (error.code != ErrorCode::DeviceException) return failure(error, what, where());
  return failure(error, fmt::format("{}: the device refuses it", what), where(),
                 "It keeps no journal that can be read this way, or is another unit.");
}

Outcome<Range> ModbusSource::range() {
  if (Done done = ask(modbus::Request::read_holding_registers(kBase, kBlockRegisters),
                      "asking for the journal");
      !done) {
    return Unexpected{done.error()};
  }
  const modbus::RegisterView words = client_.response().registers();
  if (words[0] != kMagic || words[1] != kVersion) {
    return failure(ErrorCode::Unsupported, "it has no register block for a journal", where(),
                   "Check the unit; devices without it give their journal out on their console.");
  }
  return Range{number(words, kOldestAt), number(words, kNextAt)};
}

Outcome<std::size_t> ModbusSource::read(std::uint32_t first, std::span<Slot> into) {
  const std::uint32_t place = first % kPlaces;
  const std::uint32_t in_file = place % kFileRecords;
  const std::size_t count =
      std::min<std::size_t>({into.size(), kReadRecords, kFileRecords - in_file});
  const std::array<modbus::FileRange, 1> range = {
      {{static_cast<std::uint16_t>(kFirstFile + place / kFileRecords),
        static_cast<std::uint16_t>(in_file * kRecordRegisters),
        static_cast<std::uint16_t>(count * kRecordRegisters)}}};
  if (Done done = ask(modbus::Request::read_file_records(range), "reading the journal"); !done) {
    return Unexpected{done.error()};
  }
  return copy_records(client_.response().file_record(0).bytes(), into);
}

}  // namespace weco::logbook
