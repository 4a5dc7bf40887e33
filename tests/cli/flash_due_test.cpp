// SPDX-License-Identifier: Apache-2.0
// `weco flash due` as a person runs it.
#include <string>

#include "host/proof/minisign.hpp"
#include "host/reactor/poll_reactor.hpp"
#include "host/records/calendar.hpp"
#include "host/text/utc.hpp"
#include "tests/cli/process.hpp"
#include "tests/support/catch.hpp"

using namespace weco;
using test::Folder;
using test::Ran;

namespace {

proof::SecretKey list_key() {
  proof::SecretKey key;
  key.seed.fill(7);
  key.id.fill(9);
  return key;
}

std::string days_ago(std::int64_t days) {
  return date_text(PollReactor().wall_seconds() - days * records::kDay_s);
}

/// A signed list in which the devices of `family` got a critical release so many days ago.
struct Desk {
  explicit Desk(std::int64_t days, const std::string& family = "weco_smart")
      : pub(folder.file("list.pub", proof::public_key_file(list_key().public_key()))) {
    const std::string text =
        R"({"schema":"weco.releases/1","issued":")" + days_ago(0) + R"(","releases":[{"family":")" +
        family + R"(","version":"99.1","released":")" + days_ago(days) +
        R"(","critical":true,"why":"cells stay warm","file":"UP.bin",)" + R"("bytes":3}]})";
    list = folder.file("releases.json", text);
    folder.file("releases.json.minisig", proof::sign_file(list_key(), text, "of a test"));
  }
  Ran due(std::vector<std::string> more) const {
    std::vector<std::string> words = {"flash", "due", "--releases", list};
    words.insert(words.end(), more.begin(), more.end());
    return test::weco(words, {.variables = {{"XDG_DATA_HOME", folder.path() + "/data"}}});
  }
  Folder folder;
  std::string pub;
  std::string list;
};

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a tower without critical firmware is counted down, and 11 says that it is late",
          "[WS-33]") {
  const Desk desk(50);
  const Ran due = desk.due({"--key", desk.pub, "--family", "weco_smart", "sim:weco_smart"});
  CAPTURE(due.out, due.err);
  CHECK(due.code == 10);
  CHECK(says(due.out, "critical: 10 days left"));
  CHECK(says(due.out, "advisable to power the battery off"));
  CHECK(says(due.out, "Critical because: cells stay warm"));
  CHECK(says(due.out, "RS232 of the WiFi port"));
  const Desk old(61);
  const Ran late =
      old.due({"--key", old.pub, "--family", "weco_smart", "--running", "2", "--json"});
  CHECK(late.code == 11);
  CHECK(says(late.out, "\"standing\":\"overdue\""));
  CHECK(says(late.out, "\"days_left\":-1"));
  CHECK(old.due({"--key", old.pub, "--family", "weco_smart", "--running", "99.1"}).code == 0);
  CHECK(old.due({"--key", old.pub, "--family", "weco_smart", "--running", "beta"}).code == 10);
}

TEST_CASE("a list nobody trusts counts nothing", "[WS-33]") {
  const Desk desk(1);
  const Ran ran = desk.due({"--family", "weco_smart", "--running", "1"});
  CAPTURE(ran.out, ran.err);
  CHECK(ran.code == 5);
  CHECK(ran.out.empty());
  CHECK(says(ran.err, "weco key trust"));
  const test::Setting home{.variables = {{"XDG_DATA_HOME", desk.folder.path() + "/data"}}};
  CHECK(test::weco({"key", "trust", "vendor", desk.pub}, home).code == 0);
  CHECK(desk.due({"--family", "weco_smart", "--running", "1"}).code == 10);
}

TEST_CASE("for an EP760 the stick and its rules are told and checked", "[EP-14][WS-35]") {
  const Desk desk(1, "bluetti_ep760");
  const Folder stick;
  stick.file("UP.bin", "abc");
  const Ran ran = desk.due({"--key", desk.pub, "--family", "bluetti_ep760", "--running", "9.03",
                            "--stick", stick.path()});
  CAPTURE(ran.out, ran.err);
  CHECK(ran.code == 10);
  CHECK(says(ran.out, "five times at most"));
  CHECK(says(ran.out, "bad   mounted"));
  CHECK(says(ran.out, "bad   format"));
  CHECK(says(ran.out, "good  file     UP.bin, 3 bytes"));
  const Ran plain = test::weco({"flash", "due", "--family", "saj_cm2_ems"});
  CHECK(plain.code == 0);
  CHECK(says(plain.out, "TF card or USB drive"));
  CHECK(test::weco({"flash", "due"}).code == 2);
  CHECK(test::weco({"flash", "due", "--family", "eastron_sdm630", "--stick", "/tmp"}).code != 0);
}
