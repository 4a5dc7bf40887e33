// SPDX-License-Identifier: Apache-2.0
// A run that is killed at every single write: the writes of SQLite go through these functions of
// this program, and the chosen one of them is the last thing that the process does.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

#include <string>

#include "host/records/exchange.hpp"
#include "host/records/run.hpp"
#include "tests/cli/process.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/records/site.hpp"

using namespace weco;
using namespace weco::records;
using test::Folder;
using test::kNow;

namespace {

/// Writes left until the end; negative: nobody dies.
int g_writes_left = -1;

void one_write() {
  if (g_writes_left < 0) return;
  if (g_writes_left-- == 0) ::kill(::getpid(), SIGKILL);
}

}  // namespace

// What libsqlite3 calls; the names of the program come before those of the C library.
extern "C" ssize_t pwrite64(int fd, const void* bytes, size_t count, off64_t at) {
  one_write();
  return ::syscall(SYS_pwrite64, fd, bytes, count, at);
}
extern "C" ssize_t pwrite(int fd, const void* bytes, size_t count, off_t at) {
  return pwrite64(fd, bytes, count, at);
}
extern "C" int fdatasync(int fd) {
  one_write();
  return static_cast<int>(::syscall(SYS_fdatasync, fd));
}
extern "C" int ftruncate64(int fd, off64_t size) {
  one_write();
  return static_cast<int>(::syscall(SYS_ftruncate, fd, size));
}

namespace {

/// What the run has been told is on disk; shared with the process that dies.
struct Told {
  int answers = 0;
  bool record = false;
};

/// One whole run; counts in `told` what it was told is kept.
bool work(const std::string& folder, Told& told) {
  auto store = store::Store::open(folder);
  if (!store) return false;
  const auto site = store->add_site("Casa Neri", "weco_smart", kNow);
  if (!site) return false;
  auto run = Run::start(*store, test::checklist("weco_smart", "quarterly"), *site, "Ann", kNow);
  if (!run) return false;
  for (const ChecklistItem* item : run->open()) {
    Given given = test::good_answer(*item);
    if (item->id == "dust") given.photos.push_back({proof::sha256_hex("j"), "a.jpg", "j"});
    if (!run->answer(item->id, given, kNow)) return false;
    ++told.answers;
  }
  const auto record =
      run->finish(Declaration::NoDiscrepancy, {"Ann", "weco test", test::test_key()}, kNow);
  told.record = record.has_value();
  return told.record;
}

/// Whether the process lived to the end.
bool work_and_die(const std::string& folder, int at_write, Told& told) {
  const pid_t child = ::fork();
  if (child == 0) {
    g_writes_left = at_write;
    ::_exit(work(folder, told) ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  if (WIFEXITED(status)) REQUIRE(WEXITSTATUS(status) == 0);
  return WIFEXITED(status);
}

/// Everything that was told to be kept is there, the run can be ended and its chain holds.
void check_survivors(const std::string& folder, const Told& told) {
  auto store = store::Store::open(folder);
  REQUIRE(store);
  auto site = store->add_site("Casa Neri", "weco_smart", kNow);
  REQUIRE(site);
  const auto records = store->records(site->id);
  REQUIRE(records);
  if (told.record) REQUIRE(records->size() == 1);
  if (records->empty()) {
    auto run = Run::start(*store, test::checklist("weco_smart", "quarterly"), *site, "Ann", kNow);
    REQUIRE(run);
    const std::size_t kept = run->list().items.size() - run->open().size();
    CHECK(static_cast<int>(kept) >= told.answers);
    CHECK(static_cast<int>(kept) <= told.answers + 1);
    test::answer_all(*run, kNow);
    REQUIRE(run->finish(Declaration::NoDiscrepancy, {"Ann", "weco", test::test_key()}, kNow));
  }
  const auto file = export_site(*store, *site, test::test_key(), "after the crash");
  REQUIRE(file);
  const auto checked = records::check_file(*file, "site.json");
  REQUIRE(checked);
  CHECK(checked->records.size() == 1);
}

}  // namespace

TEST_CASE("a run that is killed at any write loses no answer it had confirmed, and goes on",
          "[WS-65][WS-36]") {
  void* shared =
      ::mmap(nullptr, sizeof(Told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  REQUIRE(shared != MAP_FAILED);
  Told& told = *new (shared) Told;
  test::checklist("weco_smart", "quarterly");  // read before the processes part
  int at = 0;
  bool lived = false;
  while (!lived) {
    const Folder folder;
    told = {};
    lived = work_and_die(folder.path(), at, told);
    INFO("killed at write " << at);
    check_survivors(folder.path(), told);
#if defined(__SANITIZE_ADDRESS__)
    at += 7;
#else
    ++at;
#endif
  }
  INFO(at);
  CHECK(at > 50);  // the writes are those of SQLite, not of nobody
  ::munmap(shared, sizeof(Told));
}
