// SPDX-License-Identifier: Apache-2.0
#include "host/store/database.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <optional>

namespace weco::store {
namespace {

/// Longer than any of our transactions takes, even with many processes in the queue.
constexpr int kBusyWait_ms = 120000;

/// Whether the disk has no room for even the smallest of SQLite's files beside the records.
bool no_room(const std::string& path) {
  constexpr std::uint64_t kLeast = 128U << 10U;
  struct statvfs disk = {};
  return ::statvfs(path.c_str(), &disk) == 0 &&
         static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize < kLeast;
}

/// Whether this process may only write files of a certain size.
bool limited() {
  struct rlimit size = {};
  return ::getrlimit(RLIMIT_FSIZE, &size) == 0 && size.rlim_cur != RLIM_INFINITY;
}

/// SQLite calls a full disk an I/O error where it happens beside the records themselves.
int without_room(int code, int system_error, const std::string& path) {
  if ((code & 0xFF) != SQLITE_IOERR) return code;
  const bool full = system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG;
  return full || no_room(path) || (code == SQLITE_IOERR_WRITE && limited()) ? SQLITE_FULL : code;
}

Unexpected<Failure> explain_export(int code, const std::string& path, const char* detail) {
  switch (code & 0xFF) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return failure(ErrorCode::BadInput, "this file is no database, or a damaged one", path,
                     "Nothing was changed. Name another file.");
    case SQLITE_FULL:
      return failure(ErrorCode::Full, "the disk is full; what was written before is whole", path,
                     "Make room and go on.");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return failure(ErrorCode::Busy, "another program holds this file", path,
                     "Close what has it open.");
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return failure(ErrorCode::IoError, "this file cannot be written", path,
                     "Check the folder and its rights.");
    default:
      return failure(ErrorCode::IoError, std::string("this file cannot be used: ") + detail, path);
  }
}

Unexpected<Failure> explain(int code, const std::string& path, const char* detail) {
  switch (code & 0xFF) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return failure(ErrorCode::BadInput, "the records on this disk are damaged", path,
                     "Nothing was changed. Put a copy from 'weco checklist export' or a backup in "
                     "its place.");
    case SQLITE_FULL:
      return failure(ErrorCode::Full, "the disk is full, so nothing was written", path,
                     "Make room and try again; what was answered before is kept.");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return failure(ErrorCode::Busy, "another program has held the records for two minutes", path);
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return failure(ErrorCode::PermissionDenied, "the records cannot be written here", path,
                     "Check the folder's rights, or set XDG_DATA_HOME to a folder of yours.");
    case SQLITE_CONSTRAINT:
      return failure(ErrorCode::BadInput, std::string("the records refuse this: ") + detail, path);
    default:
      return failure(ErrorCode::IoError, std::string("the records cannot be used: ") + detail,
                     path);
  }
}

int bind(sqlite3_stmt* statement, const Values& values) {
  int code = SQLITE_OK;
  int index = 1;
  for (const Value& value : values) {
    if (code != SQLITE_OK) break;
    if (const auto* whole = std::get_if<std::int64_t>(&value)) {
      code = sqlite3_bind_int64(statement, index, *whole);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
      code = sqlite3_bind_text64(statement, index, text->data(), text->size(), SQLITE_TRANSIENT,
                                 SQLITE_UTF8);
    } else {
      code = sqlite3_bind_null(statement, index);
    }
    ++index;
  }
  return code;
}

/// Opening, switching to the write-ahead log and migrating are not covered by SQLite's own waiting:
/// one process at a time does them.
class OpeningLock {
 public:
  explicit OpeningLock(const std::string& path)
      : fd_(::open((path + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    while (fd_ >= 0 && ::flock(fd_, LOCK_EX) != 0 && errno == EINTR) {
    }
  }
  ~OpeningLock() {
    if (fd_ >= 0) ::close(fd_);
  }
  OpeningLock(const OpeningLock&) = delete;
  OpeningLock& operator=(const OpeningLock&) = delete;

 private:
  int fd_;
};

}  // namespace

std::int64_t Row::whole(int column) const { return sqlite3_column_int64(statement_, column); }

std::string Row::text(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  const int size = sqlite3_column_bytes(statement_, column);
  return bytes == nullptr ? std::string() : std::string(bytes, static_cast<std::size_t>(size));
}

bool Row::null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

int Row::columns() const { return sqlite3_column_count(statement_); }

Outcome<std::unique_ptr<Database>> Database::open(const std::string& path, Purpose purpose) {
  std::optional<OpeningLock> lock;
  if (purpose == Purpose::Records) lock.emplace(path);
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  std::unique_ptr<Database> made(new Database(handle, path, purpose));
  if (code != SQLITE_OK) return made->failed(code);
  sqlite3_extended_result_codes(handle, 1);
  std::string settings =
      "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF;";
  if (purpose == Purpose::Records) {
    ::chmod(path.c_str(), S_IRUSR | S_IWUSR);
    sqlite3_busy_timeout(handle, kBusyWait_ms);
    settings = "PRAGMA journal_mode=WAL;" + settings;
  }
  const Done done = made->script(settings);
  if (!done) return Unexpected{done.error()};
  return made;
}

Database::~Database() { sqlite3_close_v2(handle_); }

Unexpected<Failure> Database::failed(int code) const {
  auto* words = purpose_ == Purpose::Records ? explain : explain_export;
  if (handle_ == nullptr) return words(code, path_, "no memory");
  return words(without_room(code, sqlite3_system_errno(handle_), path_), path_,
               sqlite3_errmsg(handle_));
}

Outcome<sqlite3_stmt*> Database::prepare(std::string_view sql, const Values& values) {
  sqlite3_stmt* statement = nullptr;
  int code =
      sqlite3_prepare_v2(handle_, sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  if (code == SQLITE_OK) code = bind(statement, values);
  if (code == SQLITE_OK) return statement;
  auto failed_with = failed(code);
  sqlite3_finalize(statement);
  return failed_with;
}

Done Database::run_for(std::string_view sql, const std::vector<Values>& rows) {
  auto statement = prepare(sql, {});
  if (!statement) return Unexpected{statement.error()};
  Done done;
  for (const Values& values : rows) {
    int code = bind(*statement, values);
    if (code == SQLITE_OK) code = sqlite3_step(*statement);
    if (code != SQLITE_DONE) {
      done = failed(code);
      break;
    }
    sqlite3_reset(*statement);
  }
  sqlite3_finalize(*statement);
  return done;
}

Done Database::each(std::string_view sql, const Values& values,
                    const std::function<void(const Row&)>& row) {
  auto statement = prepare(sql, values);
  if (!statement) return Unexpected{statement.error()};
  int code = sqlite3_step(*statement);
  for (; code == SQLITE_ROW; code = sqlite3_step(*statement)) row(Row(*statement));
  Done done;
  if (code != SQLITE_DONE) done = failed(code);
  sqlite3_finalize(*statement);
  return done;
}

Done Database::run(std::string_view sql, const Values& values) {
  return each(sql, values, [](const Row&) {});
}

Done Database::script(const std::string& sql) {
  const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code == SQLITE_OK) return {};
  return failed(code);
}

std::int64_t Database::last_id() const { return sqlite3_last_insert_rowid(handle_); }

Done Database::transaction(const std::function<Done()>& work) {
  if (Done begun = run("BEGIN IMMEDIATE"); !begun) return begun;
  Done done = work();
  if (done) done = run("COMMIT");
  if (!done) sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
  return done;
}

Done Database::backup(const std::string& path) {
  const std::string beside = path + ".part";  // so that a copy is whole or not there
  ::unlink(beside.c_str());
  sqlite3* target = nullptr;
  int code =
      sqlite3_open_v2(beside.c_str(), &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  if (code == SQLITE_OK) {
    sqlite3_backup* copy = sqlite3_backup_init(target, "main", handle_, "main");
    if (copy != nullptr) sqlite3_backup_step(copy, -1);
    if (copy != nullptr) sqlite3_backup_finish(copy);
    code = sqlite3_errcode(target);
  }
  Done done;
  if (code != SQLITE_OK) {
    code = without_room(code, sqlite3_system_errno(target), beside);
    done = explain(code, path, sqlite3_errmsg(target));
  }
  sqlite3_close_v2(target);
  if (done && ::rename(beside.c_str(), path.c_str()) != 0) {
    done = explain(SQLITE_CANTOPEN, path, "");
  }
  if (!done) ::unlink(beside.c_str());
  return done;
}

}  // namespace weco::store
