// SPDX-License-Identifier: Apache-2.0
// The protocol data units of Modbus: what is asked and answered, free of any framing. One checked
// representation, the PDU's own bytes: a Request owns them (a client makes it, a server parses it),
// everything else is a view into bytes that somebody else keeps. Limits are those of the Modbus
// application protocol specification V1.1b3; nothing outside them is ever encoded.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/base/assert.hpp"
#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace weco::modbus {

enum class Function : std::uint8_t {
  ReadCoils = 1,
  ReadDiscreteInputs = 2,
  ReadHoldingRegisters = 3,
  ReadInputRegisters = 4,
  WriteSingleCoil = 5,
  WriteSingleRegister = 6,
  WriteMultipleCoils = 15,
  WriteMultipleRegisters = 16,
  ReadFileRecord = 20,
  WriteFileRecord = 21,
  MaskWriteRegister = 22,
  ReadWriteRegisters = 23,
  ReadDeviceIdentification = 43,  // with MEI type 14 only
};

/// The specification's exception codes; 10H-13H are SAJ's own (its protocol document, one source).
enum class ExceptionCode : std::uint8_t {
  IllegalFunction = 1,
  IllegalAddress = 2,
  IllegalValue = 3,
  DeviceFailure = 4,
  Acknowledge = 5,  // accepted, but it takes long: ask again later
  DeviceBusy = 6,
  MemoryParity = 8,
  GatewayPathUnavailable = 0x0A,
  GatewayTargetSilent = 0x0B,
  SajWrongPassword = 0x10,
  SajCheckFailed = 0x11,
  SajBadParameter = 0x12,
  SajLocked = 0x13,
};

/// A short name for a person, "unknown" for a code that is in no document.
std::string_view exception_name(std::uint8_t code);

inline constexpr std::size_t kPduMax = 253;
inline constexpr std::size_t kReadBitsMax = 2000;
inline constexpr std::size_t kWriteBitsMax = 1968;
inline constexpr std::size_t kReadRegistersMax = 125;
inline constexpr std::size_t kWriteRegistersMax = 123;
inline constexpr std::size_t kReadWriteWritesMax = 121;  // the write half of function 23
inline constexpr std::size_t kFileReadBytesMax = 0xF5;   // "byte count" of function 20, both ways
inline constexpr std::size_t kFileWriteBytesMax = 0xFB;  // "byte count" of function 21
inline constexpr std::uint16_t kFileRecordMax = 9999;
inline constexpr std::uint8_t kFileReferenceType = 6;
inline constexpr std::uint8_t kMeiDeviceIdentification = 14;
inline constexpr std::uint8_t kExceptionBit = 0x80;

/// Registers as they lie in a frame: big-endian words, not copied. Reading past the end is a
/// programmer's mistake.
class RegisterView {
 public:
  constexpr RegisterView() = default;
  /// `data` holds an even number of bytes.
  explicit constexpr RegisterView(Bytes data) : data_(data) { WECO_ASSERT(data.size() % 2 == 0); }
  [[nodiscard]] constexpr std::size_t size() const { return data_.size() / 2; }
  [[nodiscard]] constexpr bool empty() const { return data_.empty(); }
  constexpr std::uint16_t operator[](std::size_t i) const {
    WECO_ASSERT(i < size());
    return static_cast<std::uint16_t>((data_[2 * i] << 8) | data_[2 * i + 1]);
  }
  /// `count` registers from `first`.
  [[nodiscard]] constexpr RegisterView part(std::size_t first, std::size_t count) const {
    WECO_ASSERT(first <= size() && count <= size() - first);
    return RegisterView(data_.subspan(2 * first, 2 * count));
  }
  /// The bytes as on the wire, high byte of each register first.
  [[nodiscard]] constexpr Bytes bytes() const { return data_; }

 private:
  Bytes data_;
};

/// 32 bits in two registers, the high one first, as our own register blocks have them.
constexpr std::uint32_t joined(std::uint16_t high, std::uint16_t low) {
  return std::uint32_t{high} << 16 | low;
}
constexpr std::array<std::uint16_t, 2> halves(std::uint32_t value) {
  return {static_cast<std::uint16_t>(value >> 16), static_cast<std::uint16_t>(value & 0xFFFF)};
}

/// Where a server's backend puts registers it was asked for.
class RegisterSink {
 public:
  explicit constexpr RegisterSink(MutableBytes room) : room_(room) {
    WECO_ASSERT(room.size() % 2 == 0);
  }
  [[nodiscard]] constexpr std::size_t size() const { return room_.size() / 2; }
  constexpr void set(std::size_t i, std::uint16_t value) {
    WECO_ASSERT(i < size());
    room_[2 * i] = static_cast<std::uint8_t>(value >> 8);
    room_[2 * i + 1] = static_cast<std::uint8_t>(value & 0xFFU);
  }

 private:
  MutableBytes room_;
};

/// Coils or discrete inputs as they lie in a frame: lowest bit of the first byte first.
class BitView {
 public:
  constexpr BitView() = default;
  /// `data` holds at least `count` bits.
  constexpr BitView(Bytes data, std::size_t count) : data_(data), count_(count) {
    WECO_ASSERT(data.size() >= (count + 7) / 8);
  }
  [[nodiscard]] constexpr std::size_t size() const { return count_; }
  constexpr bool operator[](std::size_t i) const {
    WECO_ASSERT(i < count_);
    return ((data_[i / 8] >> (i % 8)) & 1U) != 0;
  }

 private:
  Bytes data_;
  std::size_t count_ = 0;
};

/// Where a server's backend puts bits it was asked for; all are false at first.
class BitSink {
 public:
  constexpr BitSink(MutableBytes room, std::size_t count) : room_(room), count_(count) {
    WECO_ASSERT(room.size() >= (count + 7) / 8);
  }
  [[nodiscard]] constexpr std::size_t size() const { return count_; }
  constexpr void set(std::size_t i, bool value) {
    WECO_ASSERT(i < count_);
    const std::uint8_t mask = static_cast<std::uint8_t>(1U << (i % 8));
    room_[i / 8] = static_cast<std::uint8_t>(value ? room_[i / 8] | mask : room_[i / 8] & ~mask);
  }

 private:
  MutableBytes room_;
  std::size_t count_;
};

/// A stretch of a file: reference type 6. File 1..65535, record 0..9999, count in registers.
struct FileRange {
  std::uint16_t file = 1;
  std::uint16_t record = 0;
  std::uint16_t count = 0;
  friend constexpr bool operator==(const FileRange&, const FileRange&) = default;
};

/// What one sub-request of function 21 writes; its count is values.size().
struct FileWrite {
  std::uint16_t file = 1;
  std::uint16_t record = 0;
  std::span<const std::uint16_t> values;
};

/// Which objects a device is asked to name itself with (function 43/14).
enum class DeviceIdCode : std::uint8_t { Basic = 1, Regular = 2, Extended = 3, Individual = 4 };

enum class DeviceIdObjectId : std::uint8_t {
  VendorName = 0,
  ProductCode = 1,
  Revision = 2,
  VendorUrl = 3,
  ProductName = 4,
  ModelName = 5,
  UserApplicationName = 6,
};

/// How far a PDU or frame reaches, judged from its beginning only.
struct Extent {
  enum class Kind : std::uint8_t { NotOne, NeedMore, Known };
  Kind kind = Kind::NotOne;
  std::size_t size = 0;  // of the whole, when Known
};
Extent request_extent(Bytes pdu_start);
/// Also of exceptions to any function.
Extent response_extent(Bytes pdu_start);

/// A request's parts; which of them mean something depends on the function.
struct RequestFields {
  Function function = Function::ReadCoils;
  std::uint16_t address = 0;        // of reads and of single, multiple and masked writes
  std::uint16_t count = 0;          // bits or registers
  std::uint16_t write_address = 0;  // function 23
  std::uint16_t value = 0;          // function 6; function 5: 0 or FF00H
  std::uint16_t and_mask = 0xFFFF;
  std::uint16_t or_mask = 0;
  Bytes data;  // 15: packed bits; 16, 23: big-endian registers; 20, 21: the sub-requests
  DeviceIdCode id_code = DeviceIdCode::Basic;
  std::uint8_t object = 0;
};

/// Parts a request. The views point into `pdu`. The error's detail is the exception code with which
/// a server answers: Unsupported (1), OutOfRange (2: addresses past 65535; 3: counts, values),
/// BadFrame (3: lengths).
Result<RequestFields> decode_request(Bytes pdu);

class Request {
 public:
  /// Asks nothing; pdu() is empty.
  constexpr Request() = default;

  // Each fails with OutOfRange when a count is 0 or above the limit, or when the last address would
  // pass 65535.
  static Result<Request> read_coils(std::uint16_t address, std::size_t count);
  static Result<Request> read_discrete_inputs(std::uint16_t address, std::size_t count);
  static Result<Request> read_holding_registers(std::uint16_t address, std::size_t count);
  static Result<Request> read_input_registers(std::uint16_t address, std::size_t count);
  static Result<Request> write_single_coil(std::uint16_t address, bool on);
  static Result<Request> write_single_register(std::uint16_t address, std::uint16_t value);
  static Result<Request> write_multiple_coils(std::uint16_t address, BitView values);
  static Result<Request> write_multiple_registers(std::uint16_t address,
                                                  std::span<const std::uint16_t> values);
  /// new = (old AND and_mask) OR (or_mask AND NOT and_mask)
  static Result<Request> mask_write_register(std::uint16_t address, std::uint16_t and_mask,
                                             std::uint16_t or_mask);
  /// The device writes first, then reads.
  static Result<Request> read_write_registers(std::uint16_t read_address, std::size_t read_count,
                                              std::uint16_t write_address,
                                              std::span<const std::uint16_t> values);
  /// At most 35 ranges, and their answer must fit a PDU.
  static Result<Request> read_file_records(std::span<const FileRange> ranges);
  static Result<Request> write_file_records(std::span<const FileWrite> writes);
  static Result<Request> read_device_identification(DeviceIdCode code, std::uint8_t object = 0);
  /// Checks bytes that came from elsewhere; errors as decode_request().
  static Result<Request> from_pdu(Bytes pdu);

  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] Bytes pdu() const { return Bytes(bytes_.data(), size_); }
  /// Meaningless (0) for an empty request.
  [[nodiscard]] Function function() const { return static_cast<Function>(bytes_[0]); }
  /// The parts; the request must not be empty and must outlive the views.
  [[nodiscard]] RequestFields fields() const;
  [[nodiscard]] bool writes() const;
  /// True when the normal answer repeats the request byte for byte (5, 6, 21, 22).
  [[nodiscard]] bool answer_is_copy() const;
  /// Size of the normal answer's PDU; 0 when only the answer tells (43).
  [[nodiscard]] std::size_t response_size() const;

 private:
  static Result<Request> read(Function function, std::uint16_t address, std::size_t count,
                              std::size_t limit);
  static Result<Request> finish(Request& request, const ByteWriter& writer);
  MutableBytes room() { return bytes_; }
  std::array<std::uint8_t, kPduMax> bytes_{};
  std::uint8_t size_ = 0;
};

/// True for functions that change the device (23 included).
bool writes(Function function);

struct DeviceIdObject {
  std::uint8_t id = 0;
  Bytes value;  // ASCII by the specification for 00H-7FH; untrusted
};

/// One answer of function 43/14; more may follow.
class DeviceIdPage {
 public:
  DeviceIdPage() = default;
  explicit DeviceIdPage(Bytes pdu) : pdu_(pdu) {}  // a checked PDU of a Response
  [[nodiscard]] DeviceIdCode code() const { return static_cast<DeviceIdCode>(pdu_[2]); }
  /// 01H, 02H, 03H stream only, 81H-83H stream and individual access.
  [[nodiscard]] std::uint8_t conformity() const { return pdu_[3]; }
  [[nodiscard]] bool more_follows() const { return pdu_[4] != 0; }
  [[nodiscard]] std::uint8_t next_object() const { return pdu_[5]; }
  [[nodiscard]] std::size_t size() const { return pdu_[6]; }
  DeviceIdObject operator[](std::size_t i) const;

 private:
  Bytes pdu_;
};

/// A normal answer, a view into the PDU it was decoded from. Asking for a part that the function
/// does not have is a programmer's mistake.
class Response {
 public:
  Response() = default;
  [[nodiscard]] Bytes pdu() const { return pdu_; }
  [[nodiscard]] Function function() const { return static_cast<Function>(pdu_[0]); }
  /// Functions 3, 4, 23.
  [[nodiscard]] RegisterView registers() const;
  /// Functions 1, 2: exactly as many as were asked for.
  [[nodiscard]] BitView bits() const;
  /// Function 20: one entry per range that was asked for, in order.
  [[nodiscard]] std::size_t file_record_count() const;
  [[nodiscard]] RegisterView file_record(std::size_t i) const;
  /// Function 43/14.
  [[nodiscard]] DeviceIdPage device_id() const;

 private:
  friend Result<Response> decode_response(const Request& request, Bytes pdu);
  Bytes pdu_;
  std::uint16_t bits_ = 0;
};

/// Checks that `pdu` answers `request` and gives access to it. Fails with
///   DeviceException  the device refused, detail = its code (1..255, vendor codes included);
///   UnexpectedReply  well-formed, but of another function, count, address or value;
///   Truncated, BadFrame  lengths that contradict each other, or an impossible field.
Result<Response> decode_response(const Request& request, Bytes pdu);

/// The request for the next page when `page` says that more follows. Fails with NotFound when
/// nothing follows, BadFrame when the device points backwards (it would never end).
Result<Request> next_device_id_request(const DeviceIdPage& page);

}  // namespace weco::modbus
