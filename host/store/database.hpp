// SPDX-License-Identifier: Apache-2.0
// SQLite as this house uses it: statements with bound values, transactions that take the write lock
// at once, waiting instead of "database is locked", and one clear sentence for each way a disk or a
// file can fail. The rest of the folder knows tables, nobody else knows SQLite.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "host/failure/failure.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace weco::store {

/// What may be bound to a `?`; text and blobs alike are bytes.
using Value = std::variant<std::monostate, std::int64_t, std::string>;
using Values = std::vector<Value>;

class Row {
 public:
  explicit Row(sqlite3_stmt* statement) : statement_(statement) {}
  [[nodiscard]] std::int64_t whole(int column) const;
  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] bool null(int column) const;
  [[nodiscard]] int columns() const;

 private:
  sqlite3_stmt* statement_;
};

/// Whose file it is.
enum class Purpose : std::uint8_t {
  Records,  // of the house, for several processes at once
  Export,   // given to somebody: one file with nothing beside it, one process writes
};

class Database {
 public:
  /// Opens or creates the file: foreign keys, nothing lost at a power cut; Records with a
  /// write-ahead log.
  static Outcome<std::unique_ptr<Database>> open(const std::string& path,
                                                 Purpose purpose = Purpose::Records);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  Done run(std::string_view sql, const Values& values = {});
  /// The same statement for each of many rows of values.
  Done run_for(std::string_view sql, const std::vector<Values>& rows);
  /// Calls `row` for each; `row` must not use the database.
  Done each(std::string_view sql, const Values& values, const std::function<void(const Row&)>& row);
  /// Several statements without values.
  Done script(const std::string& sql);
  [[nodiscard]] std::int64_t last_id() const;
  /// All of `work` or nothing of it. Not nested.
  Done transaction(const std::function<Done()>& work);
  /// A whole copy while others go on writing.
  Done backup(const std::string& path);
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  Database(sqlite3* handle, std::string path, Purpose purpose)
      : handle_(handle), path_(std::move(path)), purpose_(purpose) {}
  Outcome<sqlite3_stmt*> prepare(std::string_view sql, const Values& values);
  [[nodiscard]] Unexpected<Failure> failed(int code) const;
  sqlite3* handle_;
  std::string path_;
  Purpose purpose_;
};

}  // namespace weco::store
