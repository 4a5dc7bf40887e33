// SPDX-License-Identifier: Apache-2.0
#include "core/protocol/modbus/sniffer.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/modbus/support.hpp"

using namespace weco;
using namespace weco::modbus;
using test::Buffer;
using test::from_hex;
using test::joined;
using test::kStart;
using test::rtu;

namespace {

/// What was heard, one line of text each.
class Notes final : public SnifferSink {
 public:
  void on_pair(std::uint8_t unit, const Request& request, const Result<Response>& answer,
               Instant asked, Instant answered) override {
    std::string line = "pair " + head(unit, request);
    if (!answer) {
      line += " refused " + std::to_string(answer.error().detail);
    } else if (request.function() == Function::ReadHoldingRegisters) {
      line += " =";
      for (std::size_t i = 0; i < answer->registers().size(); ++i) {
        line += " " + std::to_string(answer->registers()[i]);
      }
    }
    lines.push_back(line);
    delay = answered - asked;
  }
  void on_unanswered(std::uint8_t unit, const Request& request, Instant) override {
    lines.push_back("unanswered " + head(unit, request));
  }
  void on_orphan(std::uint8_t unit, Bytes pdu, Instant) override {
    lines.push_back("orphan " + std::to_string(unit) + " fn " + std::to_string(pdu[0]));
  }
  std::vector<std::string> lines;
  Duration delay;

 private:
  static std::string head(std::uint8_t unit, const Request& request) {
    return std::to_string(unit) + " fn " + std::to_string(static_cast<int>(request.function()));
  }
};

using Lines = std::vector<std::string>;

Lines heard(const Buffer& data) {
  Notes notes;
  Sniffer sniffer(notes);
  sniffer.feed(data, kStart);
  sniffer.flush();
  return notes.lines;
}

const Buffer kAsk = rtu(5, "0300100002");
const Buffer kTell = rtu(5, "0304000a0014");

}  // namespace

TEST_CASE("a listener pairs what a master asks with what a device answers, however it is cut") {
  const Buffer all = joined({kAsk, kTell, kAsk, rtu(5, "8302")});
  for (std::size_t cut = 0; cut <= all.size(); ++cut) {
    Notes notes;
    Sniffer sniffer(notes);
    sniffer.feed(Bytes(all).first(cut), kStart);
    sniffer.feed(Bytes(all).subspan(cut), kStart + Duration::ms(10));
    CHECK(notes.lines == Lines{"pair 5 fn 3 = 10 20", "pair 5 fn 3 refused 2"});
    CHECK(sniffer.noise_bytes() == 0);
  }
}

TEST_CASE("a listener tells a request from an answer that looks the same") {
  const Buffer write = rtu(5, "0600010003");
  CHECK(heard(joined({write, write})) == Lines{"pair 5 fn 6"});
  CHECK(heard(joined({write, write, write})) == Lines{"pair 5 fn 6", "unanswered 5 fn 6"});
  CHECK(heard(joined({rtu(6, "0600010003"), write, write})) ==
        Lines{"unanswered 6 fn 6", "pair 5 fn 6"});
}

TEST_CASE("a listener reports what has no answer and what has no question") {
  CHECK(heard(joined({kAsk, kAsk, kTell})) == Lines{"unanswered 5 fn 3", "pair 5 fn 3 = 10 20"});
  CHECK(heard(kTell) == Lines{"orphan 5 fn 3"});
  CHECK(heard(joined({kAsk, rtu(6, "0304000a0014"), kTell})) ==
        Lines{"orphan 6 fn 3", "pair 5 fn 3 = 10 20"});
  CHECK(heard(joined({kAsk, rtu(5, "0302000a")})) == Lines{"orphan 5 fn 3", "unanswered 5 fn 3"});
  CHECK(heard(rtu(0, "0600010003")) == Lines{"unanswered 0 fn 6"});
}

TEST_CASE("noise on the line costs a listener nothing but the noise") {
  Notes notes;
  Sniffer sniffer(notes);
  sniffer.feed(joined({from_hex("ff00"), kAsk, kTell}), kStart);
  CHECK(notes.lines == Lines{"pair 5 fn 3 = 10 20"});
  // A broken-off long frame hides what follows only until the line is silent.
  sniffer.feed(joined({from_hex("05100000007bf6"), kAsk, kTell}), kStart + Duration::ms(1));
  CHECK(notes.lines.size() == 1);
  sniffer.feed(kAsk, kStart + Duration::ms(61));
  CHECK(notes.lines.size() == 2);
  CHECK(sniffer.noise_bytes() == 2 + 7);
  sniffer.feed(kTell, kStart + Duration::ms(75));
  CHECK(notes.lines.size() == 3);
  CHECK(notes.delay == Duration::ms(14));
  sniffer.feed(Buffer(5000, 0x03), kStart + Duration::s(1));
  sniffer.flush();
  CHECK(notes.lines.size() == 3);
}

TEST_CASE("a frame that could only be an answer is never taken for a request") {
  CHECK(heard(rtu(5, "010300ffff")) == Lines{"orphan 5 fn 1"});  // as a request: 65535 coils
  CHECK(heard(rtu(5, "0103000001")) == Lines{"unanswered 5 fn 1"});
}

TEST_CASE("what hides behind an unfinished frame is found when the recording ends") {
  CHECK(heard(joined({from_hex("05100000007bf6"), kAsk, kTell})) == Lines{"pair 5 fn 3 = 10 20"});
}

TEST_CASE("no damaged frame is ever reported") {
  const Buffer all = joined({kAsk, kTell});
  for (std::size_t bit = 0; bit < 8 * all.size(); ++bit) {
    Buffer damaged = all;
    damaged[bit / 8] = static_cast<std::uint8_t>(damaged[bit / 8] ^ (1U << (bit % 8)));
    for (const std::string& line : heard(damaged)) CHECK(line.substr(0, 4) != "pair");
  }
}
