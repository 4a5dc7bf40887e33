// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <csignal>

#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "host/proof/digest.hpp"
#include "host/store/store.hpp"
#include "tests/cli/process.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/records/site.hpp"

using namespace weco;
using namespace weco::store;
using test::Folder;
using test::kNow;

namespace {

Store opened(const std::string& folder) {
  auto store = Store::open(folder);
  if (!store) FAIL(store.error().what + " " + store.error().where);
  return std::move(*store);
}

/// One run and its record, as a process would write them. Returns the failure's text.
std::string write_record(Store& store, const Site& site, const std::string& run) {
  const RunRow row{run, site.id, "weco_smart", "list " + run, "Ann", kNow};
  if (Done done = store.begin_run(row); !done) return done.error().what;
  const Done answered =
      store.put_answer(run, {"a", "{}"}, kNow, {{"a", "soc", "62.0", "%", "good", kNow}}, {});
  if (!answered) return answered.error().what;
  const auto record = store.append(
      row, kNow, [&](std::int64_t number, const std::string& before) -> Outcome<NewRecord> {
        NewRecord made;
        made.body = before + std::to_string(number);
        made.hash = proof::sha256_hex(made.body);
        return made;
      });
  return record ? "" : record.error().what;
}

/// Runs `work` in a process of its own and returns whether it ended well.
template <class Work>
pid_t in_process(Work work) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work() ? 0 : 1);
  return child;
}
bool ended_well(pid_t child) {
  int status = 0;
  return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void check_chain(Store& store, std::int64_t site, std::size_t count) {
  const auto records = store.records(site);
  REQUIRE(records);
  REQUIRE(records->size() == count);
  std::string before(64, '0');
  for (std::size_t i = 0; i < count; ++i) {
    const RecordRow& record = (*records)[i];
    REQUIRE(record.number == static_cast<std::int64_t>(i) + 1);
    REQUIRE(record.previous == before);
    REQUIRE(record.body == before + std::to_string(i + 1));
    before = record.hash;
  }
}

}  // namespace

TEST_CASE("eight processes that write at once lose nothing and the chain holds", "[WS-65][WS-36]") {
  constexpr int kProcesses = 8;
  constexpr int kRecords = 1000;
  const Folder folder;
  const std::string path = folder.path() + "/store";
  std::vector<pid_t> children;
  for (int p = 0; p < kProcesses; ++p) {
    children.push_back(in_process([&] {
      auto store = Store::open(path);
      if (!store) return false;
      const auto site = store->add_site("Casa Neri", "weco_smart", kNow);
      for (int n = 0; site && n < kRecords; ++n) {
        const std::string run = std::to_string(p) + "-" + std::to_string(n);
        if (!write_record(*store, *site, run).empty()) return false;
      }
      return site.has_value();
    }));
  }
  for (const pid_t child : children) CHECK(ended_well(child));
  Store store = opened(path);
  const auto site = store.find_site("Casa Neri");
  REQUIRE(site);
  check_chain(store, (*site)->id, kProcesses * kRecords);
}

TEST_CASE("records are neither changed nor deleted, whoever opens the file", "[WS-36][WS-65]") {
  const Folder folder;
  Store store = opened(folder.path());
  const auto site = store.add_site("S", "weco_smart", kNow);
  REQUIRE(site);
  REQUIRE(write_record(store, *site, "r") == "");
  for (const char* sql :
       {"DELETE FROM records", "DELETE FROM runs", "DELETE FROM answers", "DELETE FROM readings",
        "UPDATE records SET body='x'", "UPDATE records SET hash='x'", "UPDATE answers SET body='x'",
        "DELETE FROM sites"}) {
    INFO(sql);
    CHECK_FALSE(store.database().run(sql));
  }
  check_chain(store, site->id, 1);
  const auto records = store.records(site->id);
  CHECK(store.put_signature((*records)[0].id, "s", "k"));
}

TEST_CASE("what one person has finished, another cannot add to or finish again", "[WS-36][WS-65]") {
  const Folder folder;
  Store store = opened(folder.path());
  const auto site = store.add_site("S", "weco_smart", kNow);
  REQUIRE(site);
  REQUIRE(write_record(store, *site, "r") == "");
  for (const char* item : {"a", "b"}) {
    const Done late = store.put_answer("r", {item, "{1}"}, kNow + 1, {}, {});
    REQUIRE_FALSE(late);
    CHECK(late.error().what == "this run was finished meanwhile by somebody else");
  }
  const auto answers = store.answers("r");
  REQUIRE(answers);
  REQUIRE(answers->size() == 1);
  CHECK((*answers)[0].body == "{}");
  const RunRow row{"r", site->id, "weco_smart", "list r", "Bea", kNow};
  const auto again = store.append(row, kNow + 1, [](std::int64_t, const std::string&) {
    return Outcome<NewRecord>(NewRecord{});
  });
  REQUIRE_FALSE(again);
  CHECK(again.error().what == "this run was finished meanwhile by somebody else");
  check_chain(store, site->id, 1);
}

TEST_CASE("a row that belongs to nothing is refused", "[TK-10]") {
  const Folder folder;
  Store store = opened(folder.path());
  const Done done = store.begin_run({"r", 4711, "f", "c", "p", kNow});
  REQUIRE_FALSE(done);
  CHECK(done.error().what.find("FOREIGN KEY") != std::string::npos);
}

TEST_CASE("a checklist is due after its period and again after each record", "[WS-61][WS-62]") {
  const Folder folder;
  Store store = opened(folder.path());
  const auto site = store.add_site("S", "weco_smart", kNow);
  REQUIRE(site);
  REQUIRE(store.plan(site->id, "list r", 30, kNow));
  const std::int64_t first = kNow + 30 * 86400;
  CHECK(store.due(first - 1)->empty());
  REQUIRE(store.due(first)->size() == 1);
  CHECK(store.due(first, "S")->size() == 1);
  CHECK(store.due(first, "T")->empty());
  REQUIRE(write_record(store, *site, "r") == "");
  CHECK(store.due(first)->size() == 1);  // finished at kNow: due again 30 days after that
  CHECK((*store.due(first))[0].last == kNow);
}

TEST_CASE("a damaged store is named as such and nothing is written to it", "[TK-10]") {
  const Folder folder;
  std::string garbage(8192, 'x');
  folder.file("records.db", garbage);
  const auto store = Store::open(folder.path());
  REQUIRE_FALSE(store);
  CHECK(store.error().what == "the records on this disk are damaged");
  CHECK(test::read_file(folder.path() + "/records.db") == garbage);
}

TEST_CASE("a store of a newer program is left alone", "[TK-10]") {
  const Folder folder;
  { REQUIRE(opened(folder.path()).database().run("PRAGMA user_version=99")); }
  const auto store = Store::open(folder.path());
  REQUIRE_FALSE(store);
  CHECK(store.error().code() == ErrorCode::Unsupported);
}

TEST_CASE("a full disk loses the new record only, and says so", "[TK-10][WS-65]") {
  const Folder folder;
  {
    Store store = opened(folder.path());
    const auto site = store.add_site("S", "weco_smart", kNow);
    REQUIRE(write_record(store, *site, "r") == "");
  }
  const pid_t child = in_process([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    auto store = Store::open(folder.path());
    if (!store) return false;
    // SQLite's own limit on the file gives the same answer as a disk without room.
    if (!store->database().run("PRAGMA max_page_count=1")) return false;
    const auto site = store->find_site("S");
    const RunRow row{"big", (*site)->id, "f", "c", "p", kNow};
    if (!store->begin_run(row)) return true;
    const Done done = store->put_answer("big", {"a", std::string(1U << 20U, 'x')}, kNow, {}, {});
    return !done && done.error().code() == ErrorCode::Full &&
           done.error().what.find("the disk is full") == 0;
  });
  CHECK(ended_well(child));
  Store store = opened(folder.path());
  check_chain(store, (*store.find_site("S"))->id, 1);
  CHECK(store.answers("big")->empty());
}

TEST_CASE("a home that cannot be written gets one sentence and a way out", "[TK-10]") {
  const Folder folder;
  folder.file("plain", "a file where the folder should be");
  const auto store = Store::open(folder.path() + "/plain/weco");
  REQUIRE_FALSE(store);
  CHECK(store.error().hint.find("XDG_DATA_HOME") != std::string::npos);
  CHECK_FALSE(Store::open(""));
}

TEST_CASE("a backup made while others write is whole", "[WS-36]") {
  const Folder folder;
  Store store = opened(folder.path() + "/a");
  const auto site = store.add_site("S", "weco_smart", kNow);
  REQUIRE(write_record(store, *site, "r") == "");
  std::filesystem::create_directories(folder.path() + "/b");
  REQUIRE(store.backup(folder.path() + "/b/records.db"));
  Store copy = opened(folder.path() + "/b");
  check_chain(copy, (*copy.find_site("S"))->id, 1);
}

TEST_CASE("records go below XDG_DATA_HOME, else below the home", "[TK-07]") {
  CHECK(default_folder("/data", "/home/ann") == "/data/weco");
  CHECK(default_folder("relative", "/home/ann") == "/home/ann/.local/share/weco");
  CHECK(default_folder({}, {}) == "");
}

TEST_CASE("a store of an older version is brought up to date with all that is in it", "[WS-36]") {
  const Folder folder;
  {
    Store store = opened(folder.path());
    const auto site = store.add_site("S", "weco_smart", kNow);
    REQUIRE(site);
    REQUIRE(write_record(store, *site, "r").empty());
    REQUIRE(
        store.database().script("DROP TABLE counters; DROP TABLE facts; PRAGMA user_version=1;"));
  }
  Store store = opened(folder.path());
  const auto site = store.find_site("S");
  REQUIRE(site);
  REQUIRE(*site);
  CHECK(store.records((*site)->id)->size() == 1);
  const std::vector<CounterRow> rows = {{"A", "energy_pv_total", kNow, "1.0"}};
  REQUIRE(store.put_counters((*site)->id, rows));
  REQUIRE(store.put_counters((*site)->id, {{"A", "energy_pv_total", kNow, "2.0"}}));
  CHECK(store.counters((*site)->id)->front().value == "1.0");
  CHECK_FALSE(store.database().run("UPDATE counters SET value='9'"));
  CHECK_FALSE(store.database().run("DELETE FROM counters"));
}
