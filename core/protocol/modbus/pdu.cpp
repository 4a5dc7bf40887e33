// SPDX-License-Identifier: Apache-2.0
// Encoding and checking of PDUs. One table says, per function, how long a request and an answer
// are; everything that has to find the end of a frame asks it.
#include "core/protocol/modbus/pdu.hpp"

#include <algorithm>

namespace weco::modbus {
namespace {

constexpr Endian kBig = Endian::Big;
constexpr std::uint16_t kCoilOn = 0xFF00;
constexpr std::size_t kFileReadGroup = 7;   // type, file, record, count
constexpr std::size_t kFileAnswerHead = 2;  // length, type
constexpr std::size_t kDeviceIdHead = 7;    // up to and including the number of objects

struct ExceptionName {
  std::uint8_t code;
  std::string_view name;
};
constexpr std::array kExceptionNames = {
    ExceptionName{0x01, "illegal function"},
    ExceptionName{0x02, "illegal data address"},
    ExceptionName{0x03, "illegal data value"},
    ExceptionName{0x04, "device failure"},
    ExceptionName{0x05, "acknowledged, still working"},
    ExceptionName{0x06, "device busy"},
    ExceptionName{0x08, "memory parity error"},
    ExceptionName{0x0A, "gateway path unavailable"},
    ExceptionName{0x0B, "gateway target does not answer"},
    ExceptionName{0x10, "wrong password (SAJ)"},
    ExceptionName{0x11, "check failed (SAJ)"},
    ExceptionName{0x12, "bad parameter (SAJ)"},
    ExceptionName{0x13, "locked (SAJ)"},
};

/// Length of a PDU: `fixed`, or `fixed` plus the byte found at `count_at`.
struct Layout {
  Function function;
  std::uint8_t request_fixed;
  std::uint8_t request_count_at;  // 0: no byte count
  std::uint8_t response_fixed;
  std::uint8_t response_count_at;
  bool writes;
};
constexpr std::array kLayouts = {
    Layout{Function::ReadCoils, 5, 0, 2, 1, false},
    Layout{Function::ReadDiscreteInputs, 5, 0, 2, 1, false},
    Layout{Function::ReadHoldingRegisters, 5, 0, 2, 1, false},
    Layout{Function::ReadInputRegisters, 5, 0, 2, 1, false},
    Layout{Function::WriteSingleCoil, 5, 0, 5, 0, true},
    Layout{Function::WriteSingleRegister, 5, 0, 5, 0, true},
    Layout{Function::WriteMultipleCoils, 6, 5, 5, 0, true},
    Layout{Function::WriteMultipleRegisters, 6, 5, 5, 0, true},
    Layout{Function::ReadFileRecord, 2, 1, 2, 1, false},
    Layout{Function::WriteFileRecord, 2, 1, 2, 1, true},
    Layout{Function::MaskWriteRegister, 7, 0, 7, 0, true},
    Layout{Function::ReadWriteRegisters, 10, 9, 2, 1, true},
    Layout{Function::ReadDeviceIdentification, 4, 0, 0, 0, false},  // the answer: its own walk
};

const Layout* layout_of(std::uint8_t function) {
  for (const Layout& row : kLayouts) {
    if (static_cast<std::uint8_t>(row.function) == function) return &row;
  }
  return nullptr;
}

constexpr Extent not_one() { return {Extent::Kind::NotOne, 0}; }
constexpr Extent need_more() { return {Extent::Kind::NeedMore, 0}; }
constexpr Extent known(std::size_t size) {
  return size > kPduMax ? not_one() : Extent{Extent::Kind::Known, size};
}

Extent counted_extent(Bytes start, std::size_t fixed, std::size_t count_at) {
  if (count_at == 0) return known(fixed);
  if (start.size() <= count_at) return need_more();
  return known(fixed + start[count_at]);
}

Extent device_id_extent(Bytes start) {
  if (start.size() > 1 && start[1] != kMeiDeviceIdentification) return not_one();
  if (start.size() < kDeviceIdHead) return need_more();
  std::size_t at = kDeviceIdHead;
  for (std::size_t i = 0; i < start[6]; ++i) {
    if (at + 2 > kPduMax) return not_one();
    if (start.size() < at + 2) return need_more();
    at += 2U + start[at + 1];
  }
  return known(at);
}

constexpr Unexpected<Error> refuse(ErrorCode code, ExceptionCode exception) {
  return fail(code, static_cast<std::int32_t>(exception));
}

/// Count within its limit and no address past 65535.
Status check_range(std::uint16_t address, std::size_t count, std::size_t limit) {
  if (count == 0 || count > limit) {
    return refuse(ErrorCode::OutOfRange, ExceptionCode::IllegalValue);
  }
  if (address + count > 0x10000U) {
    return refuse(ErrorCode::OutOfRange, ExceptionCode::IllegalAddress);
  }
  return {};
}

std::size_t read_limit(Function function) {
  return function == Function::ReadCoils || function == Function::ReadDiscreteInputs
             ? kReadBitsMax
             : kReadRegistersMax;
}

Status check_file_range(std::uint8_t type, const FileRange& range, std::size_t limit) {
  if (type != kFileReferenceType || range.file == 0 || range.record > kFileRecordMax ||
      range.record + range.count > kFileRecordMax + 1) {
    return refuse(ErrorCode::OutOfRange, ExceptionCode::IllegalAddress);
  }
  if (range.count == 0 || range.count > limit) {
    return refuse(ErrorCode::OutOfRange, ExceptionCode::IllegalValue);
  }
  return {};
}

Status check_file_reads(Bytes groups) {
  if (groups.empty() || groups.size() % kFileReadGroup != 0 || groups.size() > kFileReadBytesMax) {
    return refuse(ErrorCode::BadFrame, ExceptionCode::IllegalValue);
  }
  std::size_t answer = 0;
  ByteReader reader(groups);
  while (reader.remaining() > 0) {
    const std::uint8_t type = reader.u8();
    const FileRange range{reader.u16(kBig), reader.u16(kBig), reader.u16(kBig)};
    if (const Status ok = check_file_range(type, range, kReadRegistersMax); !ok) return ok;
    answer += kFileAnswerHead + 2U * range.count;
  }
  if (answer > kFileReadBytesMax) {
    return refuse(ErrorCode::OutOfRange, ExceptionCode::IllegalValue);
  }
  return {};
}

Status check_file_writes(Bytes groups) {
  if (groups.empty() || groups.size() > kFileWriteBytesMax) {
    return refuse(ErrorCode::BadFrame, ExceptionCode::IllegalValue);
  }
  ByteReader reader(groups);
  while (reader.remaining() > 0) {
    const std::uint8_t type = reader.u8();
    const FileRange range{reader.u16(kBig), reader.u16(kBig), reader.u16(kBig)};
    if (const Status ok = check_file_range(type, range, kReadRegistersMax); !ok) return ok;
    reader.skip(2U * range.count);
    if (!reader.ok()) return refuse(ErrorCode::BadFrame, ExceptionCode::IllegalValue);
  }
  return {};
}

Result<RequestFields> checked(const RequestFields& fields, const Status& status) {
  if (!status) return Unexpected<Error>{status.error()};
  return fields;
}

/// Functions 15, 16 and 23: the data must be exactly as long as its count says.
Status check_write(std::uint16_t address, std::size_t count, std::size_t limit,
                   std::size_t data_size, bool bits) {
  if (const Status ok = check_range(address, count, limit); !ok) return ok;
  if (data_size != (bits ? (count + 7) / 8 : 2 * count)) {
    return refuse(ErrorCode::BadFrame, ExceptionCode::IllegalValue);
  }
  return {};
}

Result<RequestFields> decode_multiple_write(RequestFields f, ByteReader reader) {
  const bool bits = f.function == Function::WriteMultipleCoils;
  f.count = reader.u16(kBig);
  f.data = reader.take(reader.u8());
  return checked(f, check_write(f.address, f.count, bits ? kWriteBitsMax : kWriteRegistersMax,
                                f.data.size(), bits));
}

Result<RequestFields> decode_read_write(RequestFields f, ByteReader reader) {
  f.count = reader.u16(kBig);
  f.write_address = reader.u16(kBig);
  const std::uint16_t write_count = reader.u16(kBig);
  f.data = reader.take(reader.u8());
  if (const Status ok = check_range(f.address, f.count, kReadRegistersMax); !ok) {
    return checked(f, ok);
  }
  return checked(
      f, check_write(f.write_address, write_count, kReadWriteWritesMax, f.data.size(), false));
}

Result<RequestFields> decode_single(RequestFields f, ByteReader reader) {
  f.value = reader.u16(kBig);
  f.count = 1;
  if (f.function == Function::WriteSingleCoil && f.value != 0 && f.value != kCoilOn) {
    return refuse(ErrorCode::OutOfRange, ExceptionCode::IllegalValue);
  }
  return f;
}

Result<RequestFields> decode_device_id(RequestFields f, Bytes pdu) {
  if (pdu[2] < 1 || pdu[2] > 4) return refuse(ErrorCode::OutOfRange, ExceptionCode::IllegalValue);
  f.id_code = static_cast<DeviceIdCode>(pdu[2]);
  f.object = pdu[3];
  return f;
}

Result<RequestFields> decode_file(RequestFields f, Bytes pdu) {
  f.data = pdu.subspan(2);
  return checked(f, f.function == Function::ReadFileRecord ? check_file_reads(f.data)
                                                           : check_file_writes(f.data));
}

}  // namespace

std::string_view exception_name(std::uint8_t code) {
  for (const ExceptionName& row : kExceptionNames) {
    if (row.code == code) return row.name;
  }
  return "unknown";
}

bool writes(Function function) {
  const Layout* row = layout_of(static_cast<std::uint8_t>(function));
  return row != nullptr && row->writes;
}

Extent request_extent(Bytes pdu_start) {
  if (pdu_start.empty()) return need_more();
  const Layout* row = layout_of(pdu_start[0]);
  if (row == nullptr) return not_one();
  if (row->function == Function::ReadDeviceIdentification && pdu_start.size() > 1 &&
      pdu_start[1] != kMeiDeviceIdentification) {
    return not_one();  // another MEI type: its length is nobody's to know
  }
  return counted_extent(pdu_start, row->request_fixed, row->request_count_at);
}

Extent response_extent(Bytes pdu_start) {
  if (pdu_start.empty()) return need_more();
  if (pdu_start[0] > kExceptionBit) return known(2);
  const Layout* row = layout_of(pdu_start[0]);
  if (row == nullptr) return not_one();
  if (row->function == Function::ReadDeviceIdentification) return device_id_extent(pdu_start);
  return counted_extent(pdu_start, row->response_fixed, row->response_count_at);
}

Result<RequestFields> decode_request(Bytes pdu) {
  if (pdu.empty()) return refuse(ErrorCode::Truncated, ExceptionCode::IllegalValue);
  const Layout* row = layout_of(pdu[0]);
  if (row == nullptr) return refuse(ErrorCode::Unsupported, ExceptionCode::IllegalFunction);
  if (row->function == Function::ReadDeviceIdentification && pdu.size() > 1 &&
      pdu[1] != kMeiDeviceIdentification) {
    return refuse(ErrorCode::Unsupported, ExceptionCode::IllegalFunction);
  }
  const Extent extent = request_extent(pdu);
  if (extent.kind != Extent::Kind::Known || extent.size != pdu.size()) {
    return refuse(ErrorCode::BadFrame, ExceptionCode::IllegalValue);
  }
  RequestFields f;
  f.function = row->function;
  ByteReader reader(pdu.subspan(1));
  switch (f.function) {
    case Function::ReadDeviceIdentification:
      return decode_device_id(f, pdu);
    case Function::ReadFileRecord:
    case Function::WriteFileRecord:
      return decode_file(f, pdu);
    default:
      f.address = reader.u16(kBig);
  }
  switch (f.function) {
    case Function::WriteSingleCoil:
    case Function::WriteSingleRegister:
      return decode_single(f, reader);
    case Function::WriteMultipleCoils:
    case Function::WriteMultipleRegisters:
      return decode_multiple_write(f, reader);
    case Function::ReadWriteRegisters:
      return decode_read_write(f, reader);
    case Function::MaskWriteRegister:
      f.and_mask = reader.u16(kBig);
      f.or_mask = reader.u16(kBig);
      return f;
    default:
      f.count = reader.u16(kBig);
      return checked(f, check_range(f.address, f.count, read_limit(f.function)));
  }
}

Result<Request> Request::finish(Request& request, const ByteWriter& writer) {
  if (!writer.ok()) return refuse(ErrorCode::OutOfRange, ExceptionCode::IllegalValue);
  request.size_ = static_cast<std::uint8_t>(writer.size());
  if (const auto fields = decode_request(request.pdu()); !fields) {
    return Unexpected<Error>{fields.error()};
  }
  return request;
}

Result<Request> Request::read(Function function, std::uint16_t address, std::size_t count,
                              std::size_t limit) {
  if (const Status ok = check_range(address, count, limit); !ok) {
    return Unexpected<Error>{ok.error()};
  }
  Request request;
  ByteWriter w(request.room());
  w.u8(static_cast<std::uint8_t>(function));
  w.u16(address, kBig);
  w.u16(static_cast<std::uint16_t>(count), kBig);
  return finish(request, w);
}

Result<Request> Request::read_coils(std::uint16_t address, std::size_t count) {
  return read(Function::ReadCoils, address, count, kReadBitsMax);
}
Result<Request> Request::read_discrete_inputs(std::uint16_t address, std::size_t count) {
  return read(Function::ReadDiscreteInputs, address, count, kReadBitsMax);
}
Result<Request> Request::read_holding_registers(std::uint16_t address, std::size_t count) {
  return read(Function::ReadHoldingRegisters, address, count, kReadRegistersMax);
}
Result<Request> Request::read_input_registers(std::uint16_t address, std::size_t count) {
  return read(Function::ReadInputRegisters, address, count, kReadRegistersMax);
}

Result<Request> Request::write_single_coil(std::uint16_t address, bool on) {
  Request request;
  ByteWriter w(request.room());
  w.u8(static_cast<std::uint8_t>(Function::WriteSingleCoil));
  w.u16(address, kBig);
  w.u16(on ? kCoilOn : std::uint16_t{0}, kBig);
  return finish(request, w);
}

Result<Request> Request::write_single_register(std::uint16_t address, std::uint16_t value) {
  Request request;
  ByteWriter w(request.room());
  w.u8(static_cast<std::uint8_t>(Function::WriteSingleRegister));
  w.u16(address, kBig);
  w.u16(value, kBig);
  return finish(request, w);
}

Result<Request> Request::write_multiple_coils(std::uint16_t address, BitView values) {
  if (const Status ok = check_range(address, values.size(), kWriteBitsMax); !ok) {
    return Unexpected<Error>{ok.error()};
  }
  Request request;
  const std::size_t size = (values.size() + 7) / 8;
  ByteWriter w(request.room());
  w.u8(static_cast<std::uint8_t>(Function::WriteMultipleCoils));
  w.u16(address, kBig);
  w.u16(static_cast<std::uint16_t>(values.size()), kBig);
  w.u8(static_cast<std::uint8_t>(size));
  for (std::size_t byte = 0; byte < size; ++byte) {
    unsigned packed = 0;  // bit by bit: unused bits of the last byte are sent as 0
    for (std::size_t bit = 0; bit < 8 && 8 * byte + bit < values.size(); ++bit) {
      packed |= static_cast<unsigned>(values[8 * byte + bit]) << bit;
    }
    w.u8(static_cast<std::uint8_t>(packed));
  }
  return finish(request, w);
}

Result<Request> Request::write_multiple_registers(std::uint16_t address,
                                                  std::span<const std::uint16_t> values) {
  if (const Status ok = check_range(address, values.size(), kWriteRegistersMax); !ok) {
    return Unexpected<Error>{ok.error()};
  }
  Request request;
  ByteWriter w(request.room());
  w.u8(static_cast<std::uint8_t>(Function::WriteMultipleRegisters));
  w.u16(address, kBig);
  w.u16(static_cast<std::uint16_t>(values.size()), kBig);
  w.u8(static_cast<std::uint8_t>(2 * values.size()));
  for (const std::uint16_t value : values) w.u16(value, kBig);
  return finish(request, w);
}

Result<Request> Request::mask_write_register(std::uint16_t address, std::uint16_t and_mask,
                                             std::uint16_t or_mask) {
  Request request;
  ByteWriter w(request.room());
  w.u8(static_cast<std::uint8_t>(Function::MaskWriteRegister));
  w.u16(address, kBig);
  w.u16(and_mask, kBig);
  w.u16(or_mask, kBig);
  return finish(request, w);
}

Result<Request> Request::read_write_registers(std::uint16_t read_address, std::size_t read_count,
                                              std::uint16_t write_address,
                                              std::span<const std::uint16_t> values) {
  if (const Status ok = check_range(read_address, read_count, kReadRegistersMax); !ok) {
    return Unexpected<Error>{ok.error()};
  }
  if (const Status ok = check_range(write_address, values.size(), kReadWriteWritesMax); !ok) {
    return Unexpected<Error>{ok.error()};
  }
  Request request;
  ByteWriter w(request.room());
  w.u8(static_cast<std::uint8_t>(Function::ReadWriteRegisters));
  w.u16(read_address, kBig);
  w.u16(static_cast<std::uint16_t>(read_count), kBig);
  w.u16(write_address, kBig);
  w.u16(static_cast<std::uint16_t>(values.size()), kBig);
  w.u8(static_cast<std::uint8_t>(2 * values.size()));
  for (const std::uint16_t value : values) w.u16(value, kBig);
  return finish(request, w);
}

Result<Request> Request::read_file_records(std::span<const FileRange> ranges) {
  if (ranges.empty() || ranges.size() > kFileReadBytesMax / kFileReadGroup) {
    return refuse(ErrorCode::OutOfRange, ExceptionCode::IllegalValue);
  }
  Request request;
  ByteWriter w(request.room());
  w.u8(static_cast<std::uint8_t>(Function::ReadFileRecord));
  w.u8(static_cast<std::uint8_t>(kFileReadGroup * ranges.size()));
  for (const FileRange& range : ranges) {
    w.u8(kFileReferenceType);
    w.u16(range.file, kBig);
    w.u16(range.record, kBig);
    w.u16(range.count, kBig);
  }
  return finish(request, w);
}

Result<Request> Request::write_file_records(std::span<const FileWrite> writes) {
  std::size_t size = 0;
  for (const FileWrite& write : writes) {
    if (write.values.size() > kReadRegistersMax || size > kFileWriteBytesMax) {
      return refuse(ErrorCode::OutOfRange, ExceptionCode::IllegalValue);
    }
    size += kFileReadGroup + 2 * write.values.size();
  }
  if (size == 0 || size > kFileWriteBytesMax) {
    return refuse(ErrorCode::OutOfRange, ExceptionCode::IllegalValue);
  }
  Request request;
  ByteWriter w(request.room());
  w.u8(static_cast<std::uint8_t>(Function::WriteFileRecord));
  w.u8(static_cast<std::uint8_t>(size));
  for (const FileWrite& write : writes) {
    w.u8(kFileReferenceType);
    w.u16(write.file, kBig);
    w.u16(write.record, kBig);
    w.u16(static_cast<std::uint16_t>(write.values.size()), kBig);
    for (const std::uint16_t value : write.values) w.u16(value, kBig);
  }
  return finish(request, w);
}

Result<Request> Request::read_device_identification(DeviceIdCode code, std::uint8_t object) {
  Request request;
  ByteWriter w(request.room());
  w.u8(static_cast<std::uint8_t>(Function::ReadDeviceIdentification));
  w.u8(kMeiDeviceIdentification);
  w.u8(static_cast<std::uint8_t>(code));
  w.u8(object);
  return finish(request, w);
}

Result<Request> Request::from_pdu(Bytes pdu) {
  if (pdu.size() > kPduMax) return refuse(ErrorCode::TooLong, ExceptionCode::IllegalValue);
  Request request;
  ByteWriter w(request.room());
  w.bytes(pdu);
  return finish(request, w);
}

RequestFields Request::fields() const {
  WECO_ASSERT(!empty());
  return *decode_request(pdu());
}

bool Request::writes() const { return !empty() && modbus::writes(function()); }

bool Request::answer_is_copy() const {
  return !empty() &&
         (function() == Function::WriteSingleCoil || function() == Function::WriteSingleRegister ||
          function() == Function::WriteFileRecord || function() == Function::MaskWriteRegister);
}

std::size_t Request::response_size() const {
  const RequestFields f = fields();
  switch (f.function) {
    case Function::ReadCoils:
    case Function::ReadDiscreteInputs:
      return 2U + (f.count + 7U) / 8U;
    case Function::ReadHoldingRegisters:
    case Function::ReadInputRegisters:
    case Function::ReadWriteRegisters:
      return 2U + 2U * f.count;
    case Function::WriteFileRecord:
      return size_;
    case Function::ReadDeviceIdentification:
      return 0;
    case Function::ReadFileRecord: {
      std::size_t size = 2;
      for (std::size_t at = 0; at < f.data.size(); at += kFileReadGroup) {
        size += kFileAnswerHead + 2U * RegisterView(f.data.subspan(at + 5, 2))[0];
      }
      return size;
    }
    default:
      return layout_of(bytes_[0])->response_fixed;
  }
}

namespace {

/// The groups of an answer to function 20 against the ranges that were asked for.
Status check_file_answer(Bytes asked, Bytes answer) {
  ByteReader reader(answer);
  for (std::size_t at = 0; at < asked.size(); at += kFileReadGroup) {
    const std::size_t count = RegisterView(asked.subspan(at + 5, 2))[0];
    const std::size_t length = reader.u8();  // of the type and the data
    const std::uint8_t type = reader.u8();
    if (length == 0 || type != kFileReferenceType) return fail(ErrorCode::BadFrame);
    reader.skip(length - 1);
    if (!reader.ok()) return fail(ErrorCode::BadFrame);
    if (length != 1 + 2 * count) return fail(ErrorCode::UnexpectedReply);
  }
  if (reader.remaining() != 0) return fail(ErrorCode::UnexpectedReply);
  return {};
}

Status check_device_id(Bytes asked, Bytes pdu) {
  if (pdu[2] != asked[2]) return fail(ErrorCode::UnexpectedReply);
  if (pdu[4] != 0 && pdu[4] != 0xFF) return fail(ErrorCode::BadFrame);
  return {};
}

/// The parts of a write's answer that repeat the request: all of it, or address and count.
Status check_repeat(Bytes asked, Bytes pdu) {
  const bool same = std::equal(pdu.begin(), pdu.end(), asked.begin(),
                               asked.begin() + static_cast<std::ptrdiff_t>(pdu.size()));
  return same ? Status() : fail(ErrorCode::UnexpectedReply);
}

Status check_answer(const Request& request, Bytes pdu) {
  const Bytes asked = request.pdu();
  if (request.function() == Function::ReadDeviceIdentification) return check_device_id(asked, pdu);
  if (request.function() == Function::ReadFileRecord) {
    if (pdu.size() != request.response_size()) return fail(ErrorCode::UnexpectedReply);
    return check_file_answer(asked.subspan(2), pdu.subspan(2));
  }
  if (pdu.size() != request.response_size()) {
    const bool words = request.function() == Function::ReadHoldingRegisters ||
                       request.function() == Function::ReadInputRegisters ||
                       request.function() == Function::ReadWriteRegisters;
    return fail(words && pdu[1] % 2 != 0 ? ErrorCode::BadFrame : ErrorCode::UnexpectedReply);
  }
  if (request.function() == Function::ReadWriteRegisters || !request.writes()) return {};
  return check_repeat(asked, pdu);
}

}  // namespace

Result<Response> decode_response(const Request& request, Bytes pdu) {
  WECO_ASSERT(!request.empty());
  if (pdu.empty()) return fail(ErrorCode::Truncated);
  const std::uint8_t asked = static_cast<std::uint8_t>(request.function());
  if ((pdu[0] & ~kExceptionBit) != asked) return fail(ErrorCode::UnexpectedReply);
  const Extent extent = response_extent(pdu);
  if (extent.kind == Extent::Kind::NeedMore) return fail(ErrorCode::Truncated);
  if (extent.kind == Extent::Kind::NotOne) return fail(ErrorCode::BadFrame);
  if (pdu.size() < extent.size) return fail(ErrorCode::Truncated);
  if (pdu.size() > extent.size) return fail(ErrorCode::BadFrame);
  if (pdu[0] != asked) {
    if (pdu[1] == 0) return fail(ErrorCode::BadFrame);
    return fail(ErrorCode::DeviceException, pdu[1]);
  }
  if (const Status ok = check_answer(request, pdu); !ok) return Unexpected<Error>{ok.error()};
  Response response;
  response.pdu_ = pdu;
  if (response.function() == Function::ReadCoils ||
      response.function() == Function::ReadDiscreteInputs) {
    response.bits_ = request.fields().count;
  }
  return response;
}

RegisterView Response::registers() const {
  WECO_ASSERT(!pdu_.empty() && (function() == Function::ReadHoldingRegisters ||
                                function() == Function::ReadInputRegisters ||
                                function() == Function::ReadWriteRegisters));
  return RegisterView(pdu_.subspan(2));
}

BitView Response::bits() const {
  WECO_ASSERT(!pdu_.empty() &&
              (function() == Function::ReadCoils || function() == Function::ReadDiscreteInputs));
  return {pdu_.subspan(2), bits_};
}

std::size_t Response::file_record_count() const {
  WECO_ASSERT(!pdu_.empty() && function() == Function::ReadFileRecord);
  std::size_t n = 0;
  for (std::size_t at = 2; at < pdu_.size(); at += 1U + pdu_[at]) ++n;
  return n;
}

RegisterView Response::file_record(std::size_t i) const {
  WECO_ASSERT(!pdu_.empty() && function() == Function::ReadFileRecord);
  std::size_t at = 2;
  for (; i > 0 && at < pdu_.size(); --i) at += 1U + pdu_[at];
  WECO_ASSERT(at < pdu_.size());
  return RegisterView(pdu_.subspan(at + kFileAnswerHead, pdu_[at] - 1U));
}

DeviceIdPage Response::device_id() const {
  WECO_ASSERT(!pdu_.empty() && function() == Function::ReadDeviceIdentification);
  return DeviceIdPage(pdu_);
}

DeviceIdObject DeviceIdPage::operator[](std::size_t i) const {
  WECO_ASSERT(i < size());
  std::size_t at = kDeviceIdHead;
  for (; i > 0; --i) at += 2U + pdu_[at + 1];
  return {pdu_[at], pdu_.subspan(at + 2, pdu_[at + 1])};
}

Result<Request> next_device_id_request(const DeviceIdPage& page) {
  if (!page.more_follows()) return fail(ErrorCode::NotFound);
  if (page.code() == DeviceIdCode::Individual || page.size() == 0 ||
      page.next_object() <= page[page.size() - 1].id) {
    return fail(ErrorCode::BadFrame);
  }
  return Request::read_device_identification(page.code(), page.next_object());
}

}  // namespace weco::modbus
