// SPDX-License-Identifier: Apache-2.0
#include "cli/log_table.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <string_view>

#include "cli/render/text.hpp"
#include "host/proof/digest.hpp"

namespace weco::cli {
namespace {

constexpr std::size_t kTogether = 1000;     // records of one transaction
constexpr std::int64_t kMark = 0x7765636F;  // "weco", in the file's heading
constexpr std::int64_t kLayout = 2;         // of the tables
constexpr std::string_view kKinds[] = {"event", "hour", "day", "counters", "cells", "gap"};

/// What kind of record says what is seen from its own view: columns without a value are left out.
std::string_view columns_of(std::string_view kind) {
  constexpr std::string_view kPeriod =
      "sequence,time,date,hour,soc_min_pct,soc_max_pct,temperature_min_degC,temperature_max_degC,"
      "pv_Wh,import_Wh,export_Wh,load_Wh,charge_Wh,discharge_Wh";
  if (kind == "event") return R"(sequence,time,code,severity,source,"set",a,b,text)";
  if (kind == "counters") {
    return "sequence,time,charge_Wh,discharge_Wh,operating_s,cycles,faults";
  }
  if (kind == "cells") {
    return "sequence,time,source,first_cell,cells_V,first_sensor,temperatures_degC";
  }
  return kind == "gap" ? "sequence,missing,loss" : kPeriod;
}

std::string view_name(std::string_view kind) {
  return std::string(kind) + (kind.back() == 's' ? "" : "s");
}

std::string schema() {
  std::string sql =
      fmt::format("PRAGMA application_id={}; PRAGMA user_version={};", kMark, kLayout);
  sql += "CREATE TABLE dump(device TEXT NOT NULL, program TEXT NOT NULL) STRICT;";
  sql += "CREATE TABLE records(";
  std::string_view between;
  for (const LogColumn& column : log_columns()) {
    const bool key = column.name == "sequence";
    sql += fmt::format("{}\"{}\" {}", between, column.name,
                       key           ? "INTEGER PRIMARY KEY"
                       : column.text ? "TEXT"
                                     : "NUMERIC");
    between = ",";
  }
  sql += ");";
  for (const std::string_view kind : kKinds) {
    sql += fmt::format("CREATE VIEW {} AS SELECT {} FROM records WHERE kind='{}';", view_name(kind),
                       columns_of(kind), kind);
  }
  sql +=
      "CREATE VIEW cell_voltages AS SELECT sequence,time,source,first_cell+key AS cell,"
      "value AS voltage_V FROM cells,json_each(cells_V);";
  return sql;
}

/// While records come, a commit costs no wait for the disk; a kill loses none and a power cut none
/// but the last. At the end the file stands alone again.
Done begin_writing(store::Database& database) {
  return database.script("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;");
}

std::string insertion() {
  std::string places;
  for (std::size_t i = 0; i < log_columns().size(); ++i) places += i == 0 ? "?" : ",?";
  return "INSERT INTO records VALUES(" + places + ")";
}

Unexpected<Failure> not_ours(const std::string& path) {
  return failure(ErrorCode::BadInput,
                 quoted(std::string_view(path)) + " is no database that 'weco log-dump' wrote",
                 "--output", "Name the file of the earlier run, or another one to begin.");
}

/// Reads the mark, then where the last line ends.
Outcome<LogTable::End> end_of(store::Database& database) {
  std::int64_t mark = 0, layout = 0;
  Done done = database.each("PRAGMA application_id", {},
                            [&](const store::Row& row) { mark = row.whole(0); });
  if (done) {
    done = database.each("PRAGMA user_version", {},
                         [&](const store::Row& row) { layout = row.whole(0); });
  }
  if (!done) return Unexpected{std::move(done).error()};
  if (mark != kMark || layout != kLayout) return not_ours(database.path());
  LogTable::End end;
  bool good = true;
  done = database.each("SELECT sequence,missing,chain FROM records ORDER BY sequence DESC LIMIT 1",
                       {}, [&](const store::Row& row) {
                         const std::int64_t next = row.whole(0) + (row.null(1) ? 1 : row.whole(1));
                         const auto chain = proof::hash_of_hex(row.text(2));
                         good = next > 0 && next <= std::int64_t{UINT32_MAX} && chain;
                         end = {static_cast<std::uint32_t>(next), chain.value_or(proof::Hash{})};
                       });
  if (!done) return Unexpected{std::move(done).error()};
  if (!good) return not_ours(database.path());
  return end;
}

}  // namespace

Outcome<std::unique_ptr<LogTable>> LogTable::create(const std::string& path,
                                                    const std::string& device,
                                                    std::string_view program) {
  std::error_code error;
  if (std::filesystem::exists(path, error) && std::filesystem::file_size(path, error) > 0) {
    return failure(ErrorCode::BadUsage,
                   quoted(std::string_view(path)) +
                       " is there already, and no database is written "
                       "over",
                   "--output", "Add --resume to go on with it, or name another file.");
  }
  auto database = store::Database::open(path, store::Purpose::Export);
  if (!database) return Unexpected{std::move(database).error()};
  Done done = (*database)->transaction([&]() -> Done {
    if (Done made = (*database)->script(schema()); !made) return made;
    return (*database)->run("INSERT INTO dump VALUES(?,?)",
                            {sanitize(device), std::string(program)});
  });
  if (!done) return Unexpected{std::move(done).error()};
  return std::make_unique<LogTable>(std::move(*database));
}

Outcome<std::unique_ptr<LogTable>> LogTable::go_on(const std::string& path) {
  auto database = store::Database::open(path, store::Purpose::Export);
  if (!database) return Unexpected{std::move(database).error()};
  auto end = end_of(**database);
  if (!end) return Unexpected{std::move(end).error()};
  auto table = std::make_unique<LogTable>(std::move(*database));
  table->end_ = *end;
  return table;
}

LogTable::~LogTable() {
  static_cast<void>(database_->script("PRAGMA journal_mode=DELETE").has_value());
}

Done LogTable::add(const logbook::Entry& entry, const logbook::Texts& texts) {
  waiting_.push_back(log_cells(entry, texts));
  return waiting_.size() < kTogether ? Done{} : flush();
}

Done LogTable::flush() {
  if (waiting_.empty()) return {};
  static const std::string sql = insertion();
  Done done = writing_ ? Done{} : begin_writing(*database_);
  writing_ = done.has_value();
  if (done) done = database_->transaction([&] { return database_->run_for(sql, waiting_); });
  waiting_.clear();
  return done;
}

}  // namespace weco::cli
