// SPDX-License-Identifier: Apache-2.0
#include "core/protocol/modbus/framing.hpp"

#include "core/protocol/modbus/timing.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/modbus/support.hpp"

using namespace weco;
using namespace weco::modbus;
using test::Buffer;
using test::from_hex;

TEST_CASE("silences scale with the line speed up to 19200 and are fixed above") {
  CHECK(silence_between(9600).to_us() == 4011);  // 3.5 x 11 bits, rounded up
  CHECK(silence_inside(9600).to_us() == 1719);
  CHECK(silence_between(19200).to_us() == 2006);
  CHECK(silence_between(19201).to_us() == 1750);
  CHECK(silence_inside(19201).to_us() == 750);
  CHECK(silence_between(115200).to_us() == 1750);
  CHECK(silence_between(1200).to_us() == 32084);
  CHECK(silence_between(0).to_us() == 0);
}

TEST_CASE("a frame's time on the wire is never rounded down") {
  CHECK(transmission_time(8, 9600).to_us() == 9167);
  CHECK(transmission_time(8, 9600, 10).to_us() == 8334);
  CHECK(transmission_time(0, 9600).to_us() == 0);
  CHECK(transmission_time(256, 1200).to_us() == 2346667);
  CHECK(transmission_time(8, 0).to_us() == 0);
}

TEST_CASE("the three framings carry the same request") {
  const Buffer pdu = from_hex("0400000002");
  CHECK(test::framed(Framing::Rtu, 1, pdu) == from_hex("01040000000271cb"));
  CHECK(test::framed(Framing::RtuOverTcp, 1, pdu) == from_hex("01040000000271cb"));
  CHECK(test::framed(Framing::Tcp, 1, pdu, 0xABCD) == from_hex("abcd00000006010400000002"));
}

TEST_CASE("a whole frame is taken apart, anything else is named") {
  const auto error = [](Framing framing, std::string_view hex) {
    const auto frame = decode_frame(framing, from_hex(hex));
    return frame ? ErrorCode::None : frame.error().code;
  };
  CHECK(error(Framing::Rtu, "01040000000271cb") == ErrorCode::None);
  CHECK(error(Framing::Rtu, "01040000000271cc") == ErrorCode::BadChecksum);
  CHECK(error(Framing::Rtu, "0171cb") == ErrorCode::Truncated);
  CHECK(error(Framing::Rtu, "") == ErrorCode::Truncated);
  CHECK(error(Framing::Tcp, "abcd00000006010400000002") == ErrorCode::None);
  CHECK(error(Framing::Tcp, "abcd000000060104000000") == ErrorCode::Truncated);
  CHECK(error(Framing::Tcp, "abcd0000000601040000000200") == ErrorCode::BadFrame);
  CHECK(error(Framing::Tcp, "abcd00010006010400000002") == ErrorCode::BadFrame);
  CHECK(error(Framing::Tcp, "abcd00000106010400000002") == ErrorCode::BadFrame);
  CHECK(error(Framing::Tcp, "abcd00000001010400000002") == ErrorCode::BadFrame);
  CHECK(decode_frame(Framing::Rtu, test::framed(Framing::Rtu, 1, Buffer(253)))->pdu.size() == 253);
  CHECK(decode_frame(Framing::Tcp, test::framed(Framing::Tcp, 1, Buffer(253)))->pdu.size() == 253);
  CHECK(decode_frame(Framing::Rtu, test::framed(Framing::Rtu, 1, Buffer(1)))->pdu.size() == 1);
  CHECK(error(Framing::Rtu, std::string(2 * 257, '0')) == ErrorCode::TooLong);
  CHECK(error(Framing::Tcp, std::string(2 * 261, '0')) == ErrorCode::TooLong);
}

TEST_CASE("a TCP length is believed from 2 to 254") {
  const auto kind = [](unsigned length) {
    Buffer data = from_hex("000100000000");
    data[5] = static_cast<std::uint8_t>(length);
    return tcp_extent(data).kind;
  };
  CHECK(kind(1) == Extent::Kind::NotOne);
  CHECK(kind(2) == Extent::Kind::Known);
  CHECK(kind(254) == Extent::Kind::Known);
  CHECK(kind(255) == Extent::Kind::NotOne);
}

TEST_CASE("the end of a frame is known from its beginning") {
  const auto size = [](Extent extent) {
    return extent.kind == Extent::Kind::Known ? extent.size : 0;
  };
  CHECK(size(rtu_request_extent(from_hex("0103"))) == 8);
  CHECK(size(rtu_request_extent(from_hex("01100001000204"))) == 13);
  CHECK(rtu_request_extent(from_hex("011000010002")).kind == Extent::Kind::NeedMore);
  CHECK(size(rtu_response_extent(from_hex("010304"))) == 9);
  CHECK(size(rtu_response_extent(from_hex("0183"))) == 5);
  CHECK(size(rtu_response_extent(from_hex("0110"))) == 8);
  CHECK(rtu_response_extent(from_hex("0103ff")).kind == Extent::Kind::NotOne);  // 257 bytes
  CHECK(rtu_response_extent(from_hex("0163")).kind == Extent::Kind::NotOne);
  CHECK(size(rtu_response_extent(from_hex("012b0e010100000100024142"))) == 14);
  CHECK(rtu_response_extent(from_hex("012b0e010100000100")).kind == Extent::Kind::NeedMore);
  CHECK(rtu_response_extent({}).kind == Extent::Kind::NeedMore);
}

TEST_CASE("the receive buffer never loses the order and never takes more than it holds") {
  ReceiveBuffer<8> buffer;
  const Buffer six = from_hex("010203040506");
  CHECK(buffer.append(six) == 6);
  CHECK(buffer.append(six) == 2);
  CHECK(buffer.append(six) == 0);
  buffer.drop(5);
  CHECK(buffer.append(six) == 5);
  CHECK(test::copy(buffer.view()) == from_hex("0601020102030405"));
  buffer.drop(8);
  CHECK(buffer.empty());
}
