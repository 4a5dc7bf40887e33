// SPDX-License-Identifier: Apache-2.0
// From a request's PDU to the backend and back (the first half), and from a stream of bytes to
// requests (the second).
#include "core/protocol/modbus/server.hpp"

#include <algorithm>

namespace weco::modbus {
namespace {

constexpr Endian kBig = Endian::Big;
/// A silence after which new bytes may be the beginning of a request although one is unfinished.
/// More than t3.5, because USB adapters and ptys deliver in lumps.
constexpr Duration kLumpSilence = Duration::ms(20);
/// After this silence an unfinished request is dropped.
constexpr Duration kStaleSilence = Duration::s(1);

constexpr std::uint8_t kRegularFirst = 3;   // objects 3-6 make an identification "regular"
constexpr std::uint8_t kReservedFirst = 7;  // 7-7FH are reserved
constexpr std::uint8_t kExtendedFirst = 0x80;
constexpr std::uint8_t kIndividualAccess = 0x80;

/// One request being answered.
struct Call {
  Registers& backend;
  std::uint8_t unit;
  const RequestFields& request;
  Bytes pdu;
  MutableBytes out;  // kPduMax bytes
};
using Answered = Result<std::size_t>;

std::size_t head(const Call& call, std::size_t data_size) {
  call.out[0] = call.pdu[0];
  call.out[1] = static_cast<std::uint8_t>(data_size);
  return 2 + data_size;
}

/// The answer that repeats the first `n` bytes of the request.
Answered repeat(const Call& call, const Status& status, std::size_t n) {
  if (!status) return Unexpected<Error>{status.error()};
  std::copy_n(call.pdu.begin(), n, call.out.begin());
  return n;
}

Answered read_bits(const Call& call, BitTable table) {
  const std::size_t size = (call.request.count + 7U) / 8U;
  const MutableBytes room = call.out.subspan(2, size);
  std::fill(room.begin(), room.end(), std::uint8_t{0});
  const Status ok = call.backend.read_bits(call.unit, table, call.request.address,
                                           BitSink(room, call.request.count));
  if (!ok) return Unexpected<Error>{ok.error()};
  return head(call, size);
}

Answered read_registers(const Call& call, RegisterTable table) {
  const std::size_t size = 2U * call.request.count;
  const MutableBytes room = call.out.subspan(2, size);
  std::fill(room.begin(), room.end(), std::uint8_t{0});
  const Status ok =
      call.backend.read_registers(call.unit, table, call.request.address, RegisterSink(room));
  if (!ok) return Unexpected<Error>{ok.error()};
  return head(call, size);
}

Answered write_coils(const Call& call) {
  const RequestFields& f = call.request;
  const std::uint8_t single = f.value != 0 ? 1 : 0;
  const bool many = f.function == Function::WriteMultipleCoils;
  const BitView values(many ? f.data : Bytes(&single, 1), f.count);
  return repeat(call, call.backend.write_coils(call.unit, f.address, values), 5);
}

Answered write_registers(const Call& call) {
  const RequestFields& f = call.request;
  const Bytes data =
      f.function == Function::WriteMultipleRegisters ? f.data : call.pdu.subspan(3, 2);
  return repeat(call, call.backend.write_registers(call.unit, f.address, RegisterView(data)), 5);
}

Answered mask_write(const Call& call) {
  const RequestFields& f = call.request;
  std::array<std::uint8_t, 2> word{};
  const Status read =
      call.backend.read_registers(call.unit, RegisterTable::Holding, f.address, RegisterSink(word));
  if (!read) return Unexpected<Error>{read.error()};
  const unsigned before = RegisterView(word)[0];
  const unsigned after = (before & f.and_mask) | (f.or_mask & ~static_cast<unsigned>(f.and_mask));
  RegisterSink(word).set(0, static_cast<std::uint16_t>(after));
  return repeat(call, call.backend.write_registers(call.unit, f.address, RegisterView(word)),
                call.pdu.size());
}

Answered read_write(const Call& call) {
  const RequestFields& f = call.request;
  const Status written =
      call.backend.write_registers(call.unit, f.write_address, RegisterView(f.data));
  if (!written) return Unexpected<Error>{written.error()};
  return read_registers(call, RegisterTable::Holding);
}

Answered read_files(const Call& call) {
  ByteReader reader(call.request.data);
  std::size_t at = 2;
  while (reader.remaining() > 0) {
    reader.skip(1);
    const std::uint16_t file = reader.u16(kBig);
    const std::uint16_t record = reader.u16(kBig);
    const std::size_t size = 2U * reader.u16(kBig);
    call.out[at] = static_cast<std::uint8_t>(size + 1);
    call.out[at + 1] = kFileReferenceType;
    const MutableBytes room = call.out.subspan(at + 2, size);
    std::fill(room.begin(), room.end(), std::uint8_t{0});
    const Status ok = call.backend.read_file(call.unit, file, record, RegisterSink(room));
    if (!ok) return Unexpected<Error>{ok.error()};
    at += 2 + size;
  }
  return head(call, at - 2);
}

Answered write_files(const Call& call) {
  ByteReader reader(call.request.data);
  while (reader.remaining() > 0) {
    reader.skip(1);
    const std::uint16_t file = reader.u16(kBig);
    const std::uint16_t record = reader.u16(kBig);
    const std::size_t size = 2U * reader.u16(kBig);
    const Status ok =
        call.backend.write_file(call.unit, file, record, RegisterView(reader.take(size)));
    if (!ok) return Unexpected<Error>{ok.error()};
  }
  return repeat(call, {}, call.pdu.size());
}

bool has_object(const Call& call, unsigned from, unsigned to) {
  for (unsigned id = from; id <= to; ++id) {
    if (call.backend.identification(call.unit, static_cast<std::uint8_t>(id))) return true;
  }
  return false;
}

std::uint8_t conformity(const Call& call) {
  unsigned level = 1;
  if (has_object(call, kRegularFirst, kReservedFirst - 1U)) level = 2;
  if (has_object(call, kExtendedFirst, 0xFF)) level = 3;
  return static_cast<std::uint8_t>(kIndividualAccess | level);
}

/// The last object that a stream of the given kind reaches.
unsigned last_object(DeviceIdCode code) {
  if (code == DeviceIdCode::Basic) return kRegularFirst - 1U;
  return code == DeviceIdCode::Regular ? kReservedFirst - 1U : 0xFFU;
}

Answered identification(const Call& call) {
  const RequestFields& f = call.request;
  const bool one = f.id_code == DeviceIdCode::Individual;
  const auto vendor = call.backend.identification(call.unit, 0);
  if (!vendor && vendor.error().code == ErrorCode::DeviceException) {
    return Unexpected<Error>{vendor.error()};
  }
  if (one && !call.backend.identification(call.unit, f.object)) {
    return refuse(ExceptionCode::IllegalAddress);
  }
  const unsigned last = one ? f.object : last_object(f.id_code);
  // The specification: an object that is not there restarts a stream at the beginning.
  const bool there = f.object <= last && call.backend.identification(call.unit, f.object);
  const unsigned first = there ? f.object : 0;
  std::uint8_t count = 0;
  unsigned next = 0;  // 0: everything fitted
  ByteWriter w(call.out.first(kPduMax));
  const std::array<std::uint8_t, 7> start{call.pdu[0], call.pdu[1], call.pdu[2], conformity(call)};
  w.bytes(start);
  for (unsigned id = first; id <= last && next == 0; ++id) {
    const auto value = call.backend.identification(call.unit, static_cast<std::uint8_t>(id));
    if (!value) continue;
    if (value->size() > kPduMax - start.size() - 2) return refuse(ExceptionCode::DeviceFailure);
    if (w.size() + 2 + value->size() > kPduMax) {
      next = id;
      continue;
    }
    w.u8(static_cast<std::uint8_t>(id));
    w.u8(static_cast<std::uint8_t>(value->size()));
    w.bytes(*value);
    ++count;
  }
  call.out[4] = next != 0 ? 0xFF : 0;
  call.out[5] = static_cast<std::uint8_t>(next);
  call.out[6] = count;
  return w.size();
}

Answered dispatch(const Call& call) {
  if (!call.backend.supports(call.unit, call.request.function)) {
    return refuse(ExceptionCode::IllegalFunction);
  }
  switch (call.request.function) {
    case Function::ReadCoils:
      return read_bits(call, BitTable::Coils);
    case Function::ReadDiscreteInputs:
      return read_bits(call, BitTable::DiscreteInputs);
    case Function::ReadHoldingRegisters:
      return read_registers(call, RegisterTable::Holding);
    case Function::ReadInputRegisters:
      return read_registers(call, RegisterTable::Input);
    case Function::WriteSingleCoil:
    case Function::WriteMultipleCoils:
      return write_coils(call);
    case Function::WriteSingleRegister:
    case Function::WriteMultipleRegisters:
      return write_registers(call);
    case Function::ReadFileRecord:
      return read_files(call);
    case Function::WriteFileRecord:
      return write_files(call);
    case Function::MaskWriteRegister:
      return mask_write(call);
    case Function::ReadWriteRegisters:
      return read_write(call);
    case Function::ReadDeviceIdentification:
      return identification(call);
  }
  return refuse(ExceptionCode::IllegalFunction);
}

std::size_t exception(std::uint8_t function, std::uint8_t code, MutableBytes out) {
  out[0] = static_cast<std::uint8_t>(function | kExceptionBit);
  out[1] = code;
  return 2;
}

}  // namespace

std::uint8_t exception_for(const Error& error) {
  constexpr auto kCode = [](ExceptionCode code) { return static_cast<std::uint8_t>(code); };
  switch (error.code) {
    case ErrorCode::DeviceException:
      return error.detail >= 1 && error.detail <= 0xFF ? static_cast<std::uint8_t>(error.detail)
                                                       : kCode(ExceptionCode::DeviceFailure);
    case ErrorCode::NotFound:
      return kCode(ExceptionCode::IllegalAddress);
    case ErrorCode::OutOfRange:
    case ErrorCode::BadInput:
      return kCode(ExceptionCode::IllegalValue);
    case ErrorCode::Unsupported:
      return kCode(ExceptionCode::IllegalFunction);
    case ErrorCode::Busy:
      return kCode(ExceptionCode::DeviceBusy);
    default:
      return kCode(ExceptionCode::DeviceFailure);
  }
}

std::size_t answer_pdu(Registers& backend, std::uint8_t unit, Bytes pdu, MutableBytes out) {
  WECO_ASSERT(!pdu.empty() && out.size() >= kPduMax);
  const auto request = decode_request(pdu);
  if (!request) {
    return exception(pdu[0], static_cast<std::uint8_t>(request.error().detail), out);
  }
  const Answered size = dispatch({backend, unit, *request, pdu, out});
  return size ? *size : exception(pdu[0], exception_for(size.error()), out);
}

Bytes Server::process(Bytes data, Instant now) {
  if (data.empty() && buffer_.empty()) return {};
  if (!data.empty()) note_gap(now);
  if (config_.hears_itself && !data.empty()) {
    data = without_echo(data);
    if (data.empty()) return {};  // the rest of the echo may follow
  }
  out_size_ = echoed_ = 0;
  for (;;) {
    data = data.subspan(buffer_.append(data));
    while (!buffer_.empty() && out_.size() - out_size_ >= kFrameMax) {
      if ((has_crc(config_.framing) ? step_rtu() : step_tcp()) == Step::Wait) break;
    }
    if (data.empty()) break;
    if (out_.size() - out_size_ < kFrameMax) {
      counters_.noise_bytes += static_cast<std::uint32_t>(data.size());
      break;  // a flood beyond four answers and two frames: the sender must ask again
    }
  }
  return Bytes(out_.data(), out_size_);
}

/// `data` without what it repeats of the last answer. What began like the echo and then was not
/// goes back to the buffer, in front of the rest.
Bytes Server::without_echo(Bytes data) {
  std::size_t n = 0;
  while (n < data.size() && echoed_ < out_size_ && data[n] == out_[echoed_]) ++n, ++echoed_;
  if (n < data.size() && echoed_ < out_size_) {
    static_cast<void>(buffer_.append(Bytes(out_).first(echoed_)));
    echoed_ = out_size_;
  }
  return data.subspan(n);
}

void Server::note_gap(Instant now) {
  const Duration silence = now - last_byte_;
  last_byte_ = now;
  if (buffer_.empty() || !has_crc(config_.framing)) return;
  if (silence >= kStaleSilence) {
    counters_.noise_bytes += static_cast<std::uint32_t>(buffer_.size());
    drop(buffer_.size());
  } else if (silence >= std::max(kLumpSilence, silence_between(config_.baud))) {
    gap_at_ = buffer_.size();
  }
}

void Server::drop(std::size_t n) {
  buffer_.drop(n);
  gap_at_ = gap_at_ > n ? gap_at_ - n : 0;
}

/// A whole request for us at `at`, or any whole frame at the head.
bool Server::take_request(std::size_t at) {
  const Bytes data = buffer_.view().subspan(at);
  const Extent extent = rtu_request_extent(data);
  if (extent.kind != Extent::Kind::Known || extent.size > data.size()) return false;
  const auto frame = decode_frame(config_.framing, data.first(extent.size));
  if (!frame) return false;
  const bool broadcast = frame->unit == kBroadcastUnit;
  if (at > 0 && !broadcast && !backend_.serves(frame->unit)) return false;
  counters_.noise_bytes += static_cast<std::uint32_t>(at);
  serve(*frame);
  drop(at + extent.size);
  return true;
}

/// An unfinished request at the head, then a silence, then a whole request: the master gave up the
/// first one.
bool Server::resume_after_gap() {
  return gap_at_ > 0 && gap_at_ < buffer_.size() && take_request(gap_at_);
}

Server::Step Server::step_rtu() {
  if (take_request(0)) return Step::Consumed;
  const Bytes data = buffer_.view();
  const Extent request = rtu_request_extent(data);
  const Extent answer = rtu_response_extent(data);
  const auto unfinished = [&](Extent e) {
    return e.kind == Extent::Kind::NeedMore ||
           (e.kind == Extent::Kind::Known && e.size > data.size());
  };
  // An answer on the line: another device's, or our own, echoed by the adapter.
  if (answer.kind == Extent::Kind::Known && !unfinished(answer) &&
      crc_matches(config_.framing, data.first(answer.size))) {
    ++counters_.not_for_us;
    drop(answer.size);
    return Step::Consumed;
  }
  const bool served = backend_.serves(data[0]);
  const bool foreign = !served && data[0] != kBroadcastUnit;
  if (unfinished(request) || (foreign && unfinished(answer))) {
    return resume_after_gap() ? Step::Consumed : Step::Wait;
  }
  // A function or length that no table knows, yet all of it is for us and undamaged: an exception
  // is a better answer than silence.
  if (served && data.size() > kRtuOverhead && data.size() <= kRtuFrameMax &&
      crc_matches(config_.framing, data)) {
    serve({data[0], 0, data.subspan(1, data.size() - kRtuOverhead)});
    drop(data.size());
    return Step::Consumed;
  }
  ++counters_.noise_bytes;
  drop(1);
  return Step::Consumed;
}

Server::Step Server::step_tcp() {
  const Bytes data = buffer_.view();
  const Extent extent = tcp_extent(data);
  if (extent.kind == Extent::Kind::NotOne) {
    ++counters_.noise_bytes;
    drop(1);
    return Step::Consumed;
  }
  if (extent.kind == Extent::Kind::NeedMore || extent.size > data.size()) return Step::Wait;
  const auto frame = decode_frame(Framing::Tcp, data.first(extent.size));
  WECO_ASSERT(frame.has_value());
  serve(*frame);
  drop(extent.size);
  return Step::Consumed;
}

void Server::serve(const Frame& frame) {
  const bool serial = has_crc(config_.framing);
  const bool broadcast = serial && frame.unit == kBroadcastUnit;
  std::array<std::uint8_t, kPduMax> pdu;  // NOLINT: written before it is read
  std::size_t size = 0;
  if (broadcast) {
    const auto function = static_cast<Function>(frame.pdu[0]);
    if (!writes(function) || function == Function::ReadWriteRegisters) return;
    ++counters_.requests;
    static_cast<void>(answer_pdu(backend_, kBroadcastUnit, frame.pdu, pdu));
    return;
  }
  if (backend_.serves(frame.unit)) {
    ++counters_.requests;
    size = answer_pdu(backend_, frame.unit, frame.pdu, pdu);
  } else {
    ++counters_.not_for_us;
    if (serial || !config_.answer_for_absent_units) return;
    size =
        exception(frame.pdu[0], static_cast<std::uint8_t>(ExceptionCode::GatewayTargetSilent), pdu);
  }
  if ((pdu[0] & kExceptionBit) != 0) ++counters_.exceptions;
  const MutableBytes room = MutableBytes(out_).subspan(out_size_);
  out_size_ +=
      encode_frame(config_.framing, {frame.unit, frame.transaction, Bytes(pdu).first(size)}, room);
}

}  // namespace weco::modbus
