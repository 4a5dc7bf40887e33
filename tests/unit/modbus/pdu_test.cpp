// SPDX-License-Identifier: Apache-2.0
// Numbers here come from the Modbus application protocol specification V1.1b3, written out and not
// taken from the codec's constants.
#include "core/protocol/modbus/pdu.hpp"

#include <numeric>

#include "tests/support/catch.hpp"
#include "tests/unit/modbus/support.hpp"

using namespace weco;
using namespace weco::modbus;
using test::Buffer;
using test::from_hex;

namespace {

using Words = std::vector<std::uint16_t>;

std::string hex(Bytes data) {
  std::string out;
  for (const std::uint8_t byte : data) {
    out += "0123456789abcdef"[byte >> 4];
    out += "0123456789abcdef"[byte & 15];
  }
  return out;
}

BitView bits(const Buffer& packed, std::size_t count) { return BitView(packed, count); }

std::string code_of(const Result<Request>& result) {
  return result ? "fine" : std::string(info(result.error().code).name);
}

}  // namespace

TEST_CASE("requests are encoded as the specification's examples show") {
  const Buffer coils = from_hex("cd01");
  const Words two{10, 258};
  const Words three{255, 255, 255};
  CHECK(hex(Request::read_coils(19, 19)->pdu()) == "0100130013");
  CHECK(hex(Request::read_discrete_inputs(196, 22)->pdu()) == "0200c40016");
  CHECK(hex(Request::read_holding_registers(107, 3)->pdu()) == "03006b0003");
  CHECK(hex(Request::read_input_registers(8, 1)->pdu()) == "0400080001");
  CHECK(hex(Request::write_single_coil(172, true)->pdu()) == "0500acff00");
  CHECK(hex(Request::write_single_coil(172, false)->pdu()) == "0500ac0000");
  CHECK(hex(Request::write_single_register(1, 3)->pdu()) == "0600010003");
  CHECK(hex(Request::write_multiple_coils(19, bits(coils, 10))->pdu()) == "0f0013000a02cd01");
  CHECK(hex(Request::write_multiple_registers(1, two)->pdu()) == "100001000204000a0102");
  CHECK(hex(Request::mask_write_register(4, 0xF2, 0x25)->pdu()) == "16000400f20025");
  CHECK(hex(Request::read_write_registers(3, 6, 14, three)->pdu()) ==
        "1700030006000e00030600ff00ff00ff");
  CHECK(hex(Request::read_device_identification(DeviceIdCode::Basic)->pdu()) == "2b0e0100");
}

TEST_CASE("a read is refused one above the limit and at zero") {
  CHECK(Request::read_coils(0, 1));
  CHECK(Request::read_coils(0, 1999));
  CHECK(Request::read_coils(0, 2000));
  CHECK_FALSE(Request::read_coils(0, 2001));
  CHECK_FALSE(Request::read_coils(0, 0));
  CHECK(Request::read_discrete_inputs(0, 2000));
  CHECK_FALSE(Request::read_discrete_inputs(0, 2001));
  CHECK(Request::read_holding_registers(0, 124));
  CHECK(Request::read_holding_registers(0, 125));
  CHECK_FALSE(Request::read_holding_registers(0, 126));
  CHECK_FALSE(Request::read_holding_registers(0, 0));
  CHECK(Request::read_input_registers(0, 125));
  CHECK_FALSE(Request::read_input_registers(0, 126));
  CHECK_FALSE(Request::read_input_registers(0, 65536 + 1));
  CHECK(code_of(Request::read_input_registers(0, 126)) == "out_of_range");
}

TEST_CASE("a write is refused one above the limit and at zero") {
  const Buffer many(250, 0xFF);
  CHECK(Request::write_multiple_coils(0, bits(many, 1968)));
  CHECK(Request::write_multiple_coils(0, bits(many, 1968))->pdu().size() == 252);
  CHECK_FALSE(Request::write_multiple_coils(0, bits(many, 1969)));
  CHECK_FALSE(Request::write_multiple_coils(0, bits(many, 0)));
  CHECK(Request::write_multiple_registers(0, Words(122)));
  CHECK(Request::write_multiple_registers(0, Words(123))->pdu().size() == 252);
  CHECK_FALSE(Request::write_multiple_registers(0, Words(124)));
  CHECK_FALSE(Request::write_multiple_registers(0, Words()));
  CHECK(Request::read_write_registers(0, 125, 0, Words(121))->pdu().size() == 252);
  CHECK_FALSE(Request::read_write_registers(0, 126, 0, Words(121)));
  CHECK_FALSE(Request::read_write_registers(0, 125, 0, Words(122)));
  CHECK_FALSE(Request::read_write_registers(0, 0, 0, Words(1)));
  CHECK_FALSE(Request::read_write_registers(0, 1, 0, Words()));
}

TEST_CASE("no request reaches past the last address") {
  CHECK(Request::read_holding_registers(65535, 1));
  CHECK_FALSE(Request::read_holding_registers(65535, 2));
  CHECK(Request::read_coils(65536 - 2000, 2000));
  CHECK_FALSE(Request::read_coils(65537 - 2000, 2000));
  CHECK(Request::write_multiple_registers(65534, Words(2)));
  CHECK_FALSE(Request::write_multiple_registers(65534, Words(3)));
  CHECK_FALSE(Request::read_write_registers(0, 1, 65535, Words(2)));
  const auto past = decode_request(from_hex("03ffff0002"));
  REQUIRE_FALSE(past);
  CHECK(past.error() == Error{ErrorCode::OutOfRange, 2});
}

TEST_CASE("unused bits of a coil write are sent as zero") {
  const Buffer all_ones{0xFF};
  CHECK(hex(Request::write_multiple_coils(0, bits(all_ones, 3))->pdu()) == "0f000000030107");
}

TEST_CASE("file records keep to reference type 6, their ranges and the size of a PDU") {
  using Ranges = std::vector<FileRange>;
  CHECK(hex(Request::read_file_records(Ranges{{4, 1, 2}, {3, 9, 2}})->pdu()) ==
        "140e0600040001000206000300090002");
  CHECK(Request::read_file_records(Ranges{{1, 0, 121}}));
  CHECK_FALSE(Request::read_file_records(Ranges{{1, 0, 122}}));
  CHECK(Request::read_file_records(Ranges(35, FileRange{1, 0, 2})));
  CHECK_FALSE(Request::read_file_records(Ranges(36, FileRange{1, 0, 2})));
  CHECK_FALSE(Request::read_file_records(Ranges(35, FileRange{1, 0, 3})));  // the answer: 280
  CHECK_FALSE(Request::read_file_records(Ranges{}));
  CHECK_FALSE(Request::read_file_records(Ranges{{0, 0, 1}}));
  CHECK(Request::read_file_records(Ranges{{1, 9999, 1}}));
  CHECK_FALSE(Request::read_file_records(Ranges{{1, 9999, 2}}));
  CHECK_FALSE(Request::read_file_records(Ranges{{1, 10000, 1}}));
  CHECK_FALSE(Request::read_file_records(Ranges{{1, 0, 0}}));
  CHECK_FALSE(decode_request(from_hex("140705000400010002")));
  const Words data{0x06AF, 0x04BE, 0x100D};
  const std::vector<FileWrite> one{{4, 7, data}};
  CHECK(hex(Request::write_file_records(one)->pdu()) == "150d0600040007000306af04be100d");
  const Words most(122);
  const Words more(123);
  CHECK(Request::write_file_records(std::vector<FileWrite>{{1, 0, most}})->pdu().size() == 253);
  CHECK_FALSE(Request::write_file_records(std::vector<FileWrite>{{1, 0, more}}));
  CHECK_FALSE(Request::write_file_records(std::vector<FileWrite>{{1, 0, most}, {1, 0, most}}));
  CHECK_FALSE(Request::write_file_records(std::vector<FileWrite>{}));
  const Words far_too_many(40000);
  CHECK_FALSE(Request::write_file_records(std::vector<FileWrite>{{1, 0, far_too_many}}));
  CHECK_FALSE(Request::write_file_records(std::vector<FileWrite>{{1, 0, Words()}}));
}

TEST_CASE("every request survives encoding, parsing and encoding again") {
  const Buffer packed = from_hex("a501");
  const Words data{1, 0xFFFF, 0x8000};
  const std::vector<FileWrite> files{{4, 7, data}, {5, 0, data}};
  const std::vector<FileRange> ranges{{4, 1, 2}};
  for (const auto& request :
       {Request::read_coils(1, 9), Request::read_discrete_inputs(2, 3),
        Request::read_holding_registers(3, 4), Request::read_input_registers(4, 5),
        Request::write_single_coil(5, true), Request::write_single_register(6, 7),
        Request::write_multiple_coils(7, bits(packed, 9)),
        Request::write_multiple_registers(8, data), Request::mask_write_register(9, 1, 2),
        Request::read_write_registers(1, 2, 3, data), Request::read_file_records(ranges),
        Request::write_file_records(files),
        Request::read_device_identification(DeviceIdCode::Individual, 5)}) {
    REQUIRE(request);
    INFO(hex(request->pdu()));
    const auto again = Request::from_pdu(request->pdu());
    REQUIRE(again);
    CHECK(hex(again->pdu()) == hex(request->pdu()));
    for (std::size_t cut = 0; cut < request->pdu().size(); ++cut) {
      CHECK_FALSE(Request::from_pdu(request->pdu().first(cut)));
    }
    Buffer longer = test::copy(request->pdu());
    longer.push_back(0);
    CHECK_FALSE(Request::from_pdu(longer));
  }
}

TEST_CASE("a request's parts are what was put in") {
  const Words data{0x1234, 0xABCD};
  const Request rw = *Request::read_write_registers(0x10, 2, 0x20, data);
  const RequestFields f = rw.fields();
  CHECK(f.address == 0x10);
  CHECK(f.count == 2);
  CHECK(f.write_address == 0x20);
  CHECK(RegisterView(f.data)[1] == 0xABCD);
  const RequestFields m = Request::mask_write_register(9, 0xF0F0, 0x0F00)->fields();
  CHECK(m.and_mask == 0xF0F0);
  CHECK(m.or_mask == 0x0F00);
  CHECK(Request::write_single_coil(1, true)->fields().value == 0xFF00);
  CHECK(Request::read_device_identification(DeviceIdCode::Individual, 5)->fields().object == 5);
}

TEST_CASE("a malformed request names the exception a server answers with") {
  const auto detail = [](std::string_view pdu) {
    const auto fields = decode_request(from_hex(pdu));
    return fields ? 0 : fields.error().detail;
  };
  CHECK(detail("0300000001") == 0);
  CHECK(detail("0800001234") == 1);      // diagnostics: not spoken
  CHECK(detail("2b0d0000") == 1);        // CANopen over Modbus
  CHECK(detail("2b0e0500") == 3);        // no such way to read the identification
  CHECK(detail("2b0e0000") == 3);        //
  CHECK(detail("0300000000") == 3);      // nothing
  CHECK(detail("030000007e") == 3);      // 126
  CHECK(detail("03ffff0002") == 2);      // past the end
  CHECK(detail("0500ac1234") == 3);      // neither on nor off
  CHECK(detail("0f0013000a01cd") == 3);  // ten coils in one byte
  CHECK(detail("100001000202000a") == 3);
  CHECK(detail("1406060001000100") == 3);  // not a whole number of sub-requests
  CHECK(detail("1400") == 3);
  CHECK(detail("1509060001000000021234") == 3);  // two registers announced, one there
  CHECK(detail("1500") == 3);
  CHECK(detail("170000000000000001021234") == 3);  // reads nothing
  CHECK(detail("17000000010000000104") == 3);
  CHECK(detail("140706000000010001") == 2);  // file 0
  CHECK(detail("140705000100010001") == 2);  // reference type 5
}

TEST_CASE("an answer gives its registers, bits and file records without copying") {
  const Request read = *Request::read_holding_registers(107, 3);
  const Buffer pdu = from_hex("0306022b00000064");
  const auto answer = decode_response(read, pdu);
  REQUIRE(answer);
  CHECK(answer->registers().size() == 3);
  CHECK(answer->registers()[0] == 555);
  CHECK(answer->registers()[2] == 100);
  CHECK(answer->registers().part(2, 1)[0] == 100);
  CHECK(answer->registers().bytes().data() == pdu.data() + 2);

  const Buffer coil_pdu = from_hex("0103cd6b05");
  const Request read_coils = *Request::read_coils(19, 19);
  const auto coils = decode_response(read_coils, coil_pdu);
  REQUIRE(coils);
  CHECK(coils->bits().size() == 19);
  CHECK(coils->bits()[0]);
  CHECK_FALSE(coils->bits()[1]);
  CHECK(coils->bits()[18]);

  const std::vector<FileRange> ranges{{4, 1, 2}, {3, 9, 2}};
  const Buffer file_pdu = from_hex("140c05060dfe0020050633cd0040");
  const auto files = decode_response(*Request::read_file_records(ranges), file_pdu);
  REQUIRE(files);
  REQUIRE(files->file_record_count() == 2);
  CHECK(files->file_record(0)[0] == 0x0DFE);
  CHECK(files->file_record(1)[1] == 0x0040);
}

TEST_CASE("an answer to another question is told from a broken one") {
  const auto judge = [](const Request& request, std::string_view pdu) {
    const Buffer data = from_hex(pdu);
    const auto answer = decode_response(request, data);
    return answer ? std::string("fine") : std::string(info(answer.error().code).name);
  };
  const Request read = *Request::read_holding_registers(0, 2);
  CHECK(judge(read, "030400010002") == "fine");
  CHECK(judge(read, "040400010002") == "unexpected_reply");
  CHECK(judge(read, "03020001") == "unexpected_reply");
  CHECK(judge(read, "0306000100020003") == "unexpected_reply");
  CHECK(judge(read, "0303000100") == "bad_frame");
  CHECK(judge(read, "0304000100") == "truncated");
  CHECK(judge(read, "03040001000200") == "bad_frame");
  CHECK(judge(read, "") == "truncated");
  CHECK(judge(read, "8302") == "device_exception");
  CHECK(judge(read, "83") == "truncated");
  CHECK(judge(read, "8300") == "bad_frame");
  CHECK(judge(read, "8402") == "unexpected_reply");
  const Request one = *Request::write_single_register(8, 0xAAAA);
  CHECK(judge(one, "060008aaaa") == "fine");
  CHECK(judge(one, "060008aaab") == "unexpected_reply");
  CHECK(judge(one, "060009aaaa") == "unexpected_reply");
  const Words words{1, 2};
  const Request many = *Request::write_multiple_registers(1, words);
  CHECK(judge(many, "1000010002") == "fine");
  CHECK(judge(many, "1000010001") == "unexpected_reply");
  const std::vector<FileRange> ranges{{4, 1, 2}};
  const Request file = *Request::read_file_records(ranges);
  CHECK(judge(file, "140605060dfe0020") == "fine");
  CHECK(judge(file, "140605070dfe0020") == "bad_frame");
  CHECK(judge(file, "140603060dfe0020") == "unexpected_reply");
  CHECK(judge(file, "140600060dfe0020") == "bad_frame");
  CHECK(judge(file, "1406ff060dfe0020") == "bad_frame");
}

TEST_CASE("an exception carries its code, the vendor's own included", "[CM-03]") {
  const Request read = *Request::read_holding_registers(0, 2);
  for (const int code : {1, 2, 3, 4, 6, 0x0B, 0x10, 0x11, 0x12, 0x13, 0xFF}) {
    const Buffer pdu{0x83, static_cast<std::uint8_t>(code)};
    const auto answer = decode_response(read, pdu);
    REQUIRE_FALSE(answer);
    CHECK(answer.error() == Error{ErrorCode::DeviceException, code});
  }
  CHECK(exception_name(0x13) == "locked (SAJ)");
  CHECK(exception_name(2) == "illegal data address");
  CHECK(exception_name(0x77) == "unknown");
}

TEST_CASE("an identification is read page by page and cannot go round in circles") {
  const Request first = *Request::read_device_identification(DeviceIdCode::Regular);
  const Buffer page_pdu = from_hex("2b0e0282ff02020002414201024344");
  const auto answer = decode_response(first, page_pdu);
  REQUIRE(answer);
  const DeviceIdPage page = answer->device_id();
  CHECK(page.conformity() == 0x82);
  REQUIRE(page.size() == 2);
  CHECK(page[1].id == 1);
  CHECK(hex(page[1].value) == "4344");
  const auto next = next_device_id_request(page);
  REQUIRE(next);
  CHECK(hex(next->pdu()) == "2b0e0202");
  const auto follow = [](std::string_view pdu) {
    const Buffer data = from_hex(pdu);
    return next_device_id_request(DeviceIdPage(data)).error().code;
  };
  CHECK(follow("2b0e02820000020002414201024344") == ErrorCode::NotFound);
  CHECK(follow("2b0e0282ff01020002414201024344") == ErrorCode::BadFrame);   // points at itself
  CHECK(follow("2b0e0282ff0200") == ErrorCode::BadFrame);                   // an empty page
  CHECK_FALSE(decode_response(first, from_hex("2b0e0282020000")));          // neither 00 nor FF
  CHECK_FALSE(decode_response(first, from_hex("2b0e0182000000")));          // another code
  CHECK_FALSE(decode_response(first, from_hex("2b0e028200000100054142")));  // object cut off
}

TEST_CASE("the size of an answer is known before it comes") {
  CHECK(Request::read_coils(0, 9)->response_size() == 4);
  CHECK(Request::read_holding_registers(0, 125)->response_size() == 252);
  CHECK(Request::write_single_coil(0, true)->response_size() == 5);
  CHECK(Request::mask_write_register(0, 0, 0)->response_size() == 7);
  CHECK(Request::write_multiple_registers(0, Words(3))->response_size() == 5);
  CHECK(Request::read_file_records(std::vector<FileRange>{{4, 1, 2}, {3, 9, 2}})->response_size() ==
        14);
  CHECK(Request::read_device_identification(DeviceIdCode::Basic)->response_size() == 0);
}

TEST_CASE("the functions that change a device are known as such") {
  const auto changes = [](int function) { return writes(static_cast<Function>(function)); };
  for (const int function : {5, 6, 15, 16, 21, 22, 23}) CHECK(changes(function));
  for (const int function : {1, 2, 3, 4, 20, 43, 8, 0, 255}) CHECK_FALSE(changes(function));
}

TEST_CASE("bytes from elsewhere are taken up to the size of a PDU") {
  const Words most(122);
  const Request largest = *Request::write_file_records(std::vector<FileWrite>{{1, 0, most}});
  CHECK(Request::from_pdu(largest.pdu()));
  CHECK(code_of(Request::from_pdu(Buffer(254))) == "too_long");
}
