// SPDX-License-Identifier: Apache-2.0
#include "host/store/store.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace weco::store {
namespace {

constexpr const char* kFirstHash =
    "0000000000000000000000000000000000000000000000000000000000000000";

/// One entry a version; entry n brings version n to n + 1. Only ever appended to.
constexpr const char* kMigrations[] = {
    R"sql(
CREATE TABLE sites(
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, family TEXT NOT NULL,
  created INTEGER NOT NULL);
CREATE TABLE devices(
  site INTEGER NOT NULL REFERENCES sites(id), serial TEXT NOT NULL, family TEXT NOT NULL,
  model TEXT NOT NULL, firmware TEXT NOT NULL, endpoint TEXT NOT NULL, seen INTEGER NOT NULL,
  PRIMARY KEY(site, serial)) WITHOUT ROWID;
CREATE TABLE due(
  site INTEGER NOT NULL REFERENCES sites(id), checklist TEXT NOT NULL,
  every_days INTEGER NOT NULL CHECK(every_days > 0), last INTEGER NOT NULL, due INTEGER NOT NULL,
  PRIMARY KEY(site, checklist)) WITHOUT ROWID;
CREATE INDEX due_by_time ON due(due);
CREATE TABLE runs(
  id TEXT PRIMARY KEY, site INTEGER NOT NULL REFERENCES sites(id), family TEXT NOT NULL,
  checklist TEXT NOT NULL, person TEXT NOT NULL, started INTEGER NOT NULL,
  finished INTEGER) WITHOUT ROWID;
CREATE UNIQUE INDEX one_open_run ON runs(site, checklist) WHERE finished IS NULL;
CREATE TABLE answers(
  run TEXT NOT NULL REFERENCES runs(id), item TEXT NOT NULL, body TEXT NOT NULL,
  at INTEGER NOT NULL, PRIMARY KEY(run, item)) WITHOUT ROWID;
CREATE TABLE readings(
  id INTEGER PRIMARY KEY, run TEXT NOT NULL REFERENCES runs(id), item TEXT NOT NULL,
  point TEXT NOT NULL, value TEXT NOT NULL, unit TEXT NOT NULL, quality TEXT NOT NULL,
  at INTEGER NOT NULL);
CREATE INDEX readings_of_run ON readings(run, item);
CREATE TABLE attachments(
  hash TEXT PRIMARY KEY, content BLOB NOT NULL, added INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE run_attachments(
  run TEXT NOT NULL REFERENCES runs(id), item TEXT NOT NULL, name TEXT NOT NULL,
  hash TEXT NOT NULL REFERENCES attachments(hash), PRIMARY KEY(run, item, name)) WITHOUT ROWID;
CREATE TABLE records(
  id INTEGER PRIMARY KEY, site INTEGER NOT NULL REFERENCES sites(id), number INTEGER NOT NULL,
  run TEXT NOT NULL UNIQUE REFERENCES runs(id), checklist TEXT NOT NULL,
  finished INTEGER NOT NULL, hash TEXT NOT NULL UNIQUE, previous TEXT NOT NULL,
  body TEXT NOT NULL, signature TEXT NOT NULL, key TEXT NOT NULL, UNIQUE(site, number));

CREATE TRIGGER records_stay BEFORE DELETE ON records
  WHEN old.finished > unixepoch() - 5 * 366 * 86400
  BEGIN SELECT RAISE(ABORT, 'records are kept for at least five years'); END;
CREATE TRIGGER records_never_change BEFORE UPDATE OF site, number, run, checklist, finished, hash,
  previous, body ON records
  BEGIN SELECT RAISE(ABORT, 'a record is never changed'); END;
CREATE TRIGGER runs_stay BEFORE DELETE ON runs
  WHEN old.started > unixepoch() - 5 * 366 * 86400
  BEGIN SELECT RAISE(ABORT, 'records are kept for at least five years'); END;
CREATE TRIGGER answers_stay BEFORE DELETE ON answers
  WHEN old.at > unixepoch() - 5 * 366 * 86400
  BEGIN SELECT RAISE(ABORT, 'records are kept for at least five years'); END;
CREATE TRIGGER answers_end BEFORE UPDATE ON answers
  WHEN (SELECT finished FROM runs WHERE id = old.run) IS NOT NULL
  BEGIN SELECT RAISE(ABORT, 'a record is never changed'); END;
CREATE TRIGGER readings_stay BEFORE DELETE ON readings
  WHEN old.at > unixepoch() - 5 * 366 * 86400 AND
       (SELECT finished FROM runs WHERE id = old.run) IS NOT NULL
  BEGIN SELECT RAISE(ABORT, 'records are kept for at least five years'); END;
CREATE TRIGGER attachments_stay BEFORE DELETE ON attachments
  WHEN old.added > unixepoch() - 5 * 366 * 86400
  BEGIN SELECT RAISE(ABORT, 'records are kept for at least five years'); END;
CREATE TRIGGER attachments_never_change BEFORE UPDATE ON attachments
  BEGIN SELECT RAISE(ABORT, 'a record is never changed'); END;
)sql",
    R"sql(
CREATE TABLE counters(
  site INTEGER NOT NULL REFERENCES sites(id), source TEXT NOT NULL, point TEXT NOT NULL,
  at INTEGER NOT NULL, value TEXT NOT NULL, PRIMARY KEY(site, source, point, at)) WITHOUT ROWID;
CREATE TABLE facts(
  site INTEGER NOT NULL REFERENCES sites(id), name TEXT NOT NULL, at INTEGER NOT NULL,
  value TEXT NOT NULL, PRIMARY KEY(site, name, at)) WITHOUT ROWID;
CREATE TRIGGER counters_stay BEFORE DELETE ON counters
  WHEN old.at > unixepoch() - 5 * 366 * 86400
  BEGIN SELECT RAISE(ABORT, 'records are kept for at least five years'); END;
CREATE TRIGGER counters_never_change BEFORE UPDATE ON counters
  BEGIN SELECT RAISE(ABORT, 'a record is never changed'); END;
CREATE TRIGGER facts_stay BEFORE DELETE ON facts
  WHEN old.at > unixepoch() - 5 * 366 * 86400
  BEGIN SELECT RAISE(ABORT, 'records are kept for at least five years'); END;
CREATE TRIGGER facts_never_change BEFORE UPDATE ON facts
  BEGIN SELECT RAISE(ABORT, 'a record is never changed'); END;
)sql",
};
static_assert(std::size(kMigrations) == kSchemaVersion);

Done migrate(Database& database) {
  return database.transaction([&]() -> Done {
    std::int64_t version = 0;
    if (Done done = database.each("PRAGMA user_version", {},
                                  [&](const Row& row) { version = row.whole(0); });
        !done) {
      return done;
    }
    if (version > kSchemaVersion) {
      return failure(ErrorCode::Unsupported,
                     fmt::format("the records were written by a newer weco (version {})", version),
                     database.path(), "Update this program; nothing was changed.");
    }
    if (version == kSchemaVersion) return {};
    for (; version < kSchemaVersion; ++version) {
      if (Done done = database.script(kMigrations[version]); !done) return done;
    }
    return database.script(fmt::format("PRAGMA user_version={}", kSchemaVersion));
  });
}

template <class Row_>
Outcome<std::vector<Row_>> collect(Database& database, std::string_view sql, const Values& values,
                                   Row_ (*make)(const Row&)) {
  std::vector<Row_> rows;
  const Done done = database.each(sql, values, [&](const Row& row) { rows.push_back(make(row)); });
  if (!done) return Unexpected{done.error()};
  return rows;
}

template <class Row_>
Outcome<std::optional<Row_>> first(Outcome<std::vector<Row_>> rows) {
  if (!rows) return Unexpected{std::move(rows).error()};
  if (rows->empty()) return std::optional<Row_>();
  return std::optional<Row_>(std::move(rows->front()));
}

std::string text(std::string_view view) { return std::string(view); }

Site site_of(const Row& row) { return {row.whole(0), row.text(1), row.text(2), row.whole(3)}; }

RecordRow record_of(const Row& row) {
  return {row.whole(0), row.whole(1), row.whole(2), row.text(3), row.text(4), row.whole(5),
          row.text(6),  row.text(7),  row.text(8),  row.text(9), row.text(10)};
}

/// The end of a site's chain: the last number and the last hash.
struct ChainEnd {
  std::int64_t number = 0;
  std::string hash = kFirstHash;
};
Outcome<ChainEnd> chain_end(Database& database, std::int64_t site) {
  ChainEnd end;
  const Done done =
      database.each("SELECT number, hash FROM records WHERE site=? ORDER BY number DESC LIMIT 1",
                    {site}, [&](const Row& row) {
                      end = {row.whole(0), row.text(1)};
                    });
  if (!done) return Unexpected{done.error()};
  return end;
}

/// Two people may work through one run; what the first has finished, the second cannot add to.
Done still_open(Database& database, const std::string& run) {
  bool finished = false;
  Done done = database.each("SELECT 1 FROM runs WHERE id=? AND finished IS NOT NULL", {run},
                            [&](const Row&) { finished = true; });
  if (!done || !finished) return done;
  return failure(ErrorCode::Busy, "this run was finished meanwhile by somebody else", run,
                 "Its record stays as it is: see 'weco checklist list --site NAME', or begin a new "
                 "run.");
}

}  // namespace

std::string default_folder(std::optional<std::string_view> xdg_data_home,
                           std::optional<std::string_view> home) {
  if (xdg_data_home && xdg_data_home->starts_with('/')) return text(*xdg_data_home) + "/weco";
  if (home && home->starts_with('/')) return text(*home) + "/.local/share/weco";
  return {};
}

Outcome<Store> Store::open(const std::string& folder) {
  if (folder.empty()) {
    return failure(ErrorCode::NotFound, "there is no folder for records", "",
                   "Set HOME or XDG_DATA_HOME.");
  }
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return failure(Error{ErrorCode::PermissionDenied, error.value()},
                   "the folder for records cannot be made", folder,
                   "Check the folder's rights, or set XDG_DATA_HOME to a folder of yours.");
  }
  auto database = Database::open(folder + "/records.db");
  if (!database) return Unexpected{database.error()};
  if (Done done = migrate(**database); !done) return Unexpected{done.error()};
  return Store(std::move(*database));
}

Outcome<std::optional<Site>> Store::find_site(std::string_view name) {
  return first(collect<Site>(*database_, "SELECT id, name, family, created FROM sites WHERE name=?",
                             {text(name)}, site_of));
}

Outcome<std::vector<Site>> Store::sites() {
  return collect<Site>(*database_, "SELECT id, name, family, created FROM sites ORDER BY name", {},
                       site_of);
}

Outcome<Site> Store::add_site(std::string_view name, std::string_view family, std::int64_t now) {
  const Done done = database_->run(
      "INSERT INTO sites(name, family, created) VALUES(?, ?, ?) ON CONFLICT(name) DO NOTHING",
      {text(name), text(family), now});
  if (!done) return Unexpected{done.error()};
  auto site = find_site(name);
  if (!site) return Unexpected{site.error()};
  return **site;
}

Done Store::put_device(std::int64_t site, const DeviceRow& device) {
  return database_->run(
      "INSERT INTO devices(site, serial, family, model, firmware, endpoint, seen) "
      "VALUES(?, ?, ?, ?, ?, ?, ?) ON CONFLICT(site, serial) DO UPDATE SET family=excluded.family, "
      "model=excluded.model, firmware=excluded.firmware, endpoint=excluded.endpoint, "
      "seen=excluded.seen",
      {site, device.serial, device.family, device.model, device.firmware, device.endpoint,
       device.seen});
}

Outcome<std::vector<DeviceRow>> Store::devices(std::int64_t site) {
  return collect<DeviceRow>(
      *database_,
      "SELECT serial, family, model, firmware, endpoint, seen FROM devices WHERE site=? "
      "ORDER BY serial",
      {site}, [](const Row& row) {
        return DeviceRow{row.text(0), row.text(1), row.text(2),
                         row.text(3), row.text(4), row.whole(5)};
      });
}

Done Store::put_counters(std::int64_t site, const std::vector<CounterRow>& counters) {
  for (const CounterRow& row : counters) {
    const Done done = database_->run(
        "INSERT INTO counters(site, source, point, at, value) VALUES(?, ?, ?, ?, ?) "
        "ON CONFLICT DO NOTHING",
        {site, row.source, row.point, row.at, row.value});
    if (!done) return done;
  }
  return {};
}

Outcome<std::vector<CounterRow>> Store::counters(std::int64_t site) {
  return collect<CounterRow>(
      *database_,
      "SELECT source, point, at, value FROM counters WHERE site=? ORDER BY source, point, at",
      {site}, [](const Row& row) {
        return CounterRow{row.text(0), row.text(1), row.whole(2), row.text(3)};
      });
}

Done Store::put_fact(std::int64_t site, const FactRow& fact) {
  return database_->run(
      "INSERT INTO facts(site, name, at, value) VALUES(?1, ?2, max(?3, coalesce((SELECT max(at) + "
      "1 "
      "FROM facts WHERE site=?1 AND name=?2), 0)), ?4)",
      {site, fact.name, fact.at, fact.value});
}

Outcome<std::vector<FactRow>> Store::facts(std::int64_t site) {
  return collect<FactRow>(*database_,
                          "SELECT name, at, value FROM facts WHERE site=? ORDER BY name, at",
                          {site}, [](const Row& row) {
                            return FactRow{row.text(0), row.whole(1), row.text(2)};
                          });
}

Done Store::plan(std::int64_t site, std::string_view checklist, int every_days, std::int64_t from,
                 std::int64_t last) {
  const std::int64_t period = std::int64_t{every_days} * 86400;
  return database_->run(
      "INSERT INTO due(site, checklist, every_days, last, due) VALUES(?, ?, ?, ?, ?) "
      "ON CONFLICT(site, checklist) DO UPDATE SET last=excluded.last, due=excluded.due "
      "WHERE excluded.last > due.last",
      {site, text(checklist), std::int64_t{every_days}, last, from + period});
}

Outcome<std::vector<DueRow>> Store::due(std::int64_t until, std::string_view site) {
  std::string sql =
      "SELECT sites.name, due.checklist, due.last, due.due FROM due JOIN sites ON "
      "sites.id=due.site WHERE due.due<=?";
  Values values{until};
  if (!site.empty()) {
    sql += " AND sites.name=?";
    values.emplace_back(text(site));
  }
  return collect<DueRow>(*database_, sql + " ORDER BY due.due, sites.name, due.checklist", values,
                         [](const Row& row) {
                           return DueRow{row.text(0), row.text(1), row.whole(2), row.whole(3)};
                         });
}

Outcome<std::optional<RunRow>> Store::open_run(std::int64_t site, std::string_view checklist) {
  return first(collect<RunRow>(
      *database_,
      "SELECT id, site, family, checklist, person, started FROM runs WHERE site=? AND checklist=? "
      "AND finished IS NULL",
      {site, text(checklist)}, [](const Row& row) {
        return RunRow{row.text(0), row.whole(1), row.text(2),
                      row.text(3), row.text(4),  row.whole(5)};
      }));
}

Done Store::begin_run(const RunRow& run) {
  return database_->run(
      "INSERT INTO runs(id, site, family, checklist, person, started) VALUES(?, ?, ?, ?, ?, ?)",
      {run.id, run.site, run.family, run.checklist, run.person, run.started});
}

Done Store::put_answer(std::string_view run, const AnswerRow& answer, std::int64_t at,
                       const std::vector<ReadingRow>& readings,
                       const std::vector<AttachmentRow>& attachments) {
  return database_->transaction([&]() -> Done {
    Done done = still_open(*database_, text(run));
    if (!done) return done;
    done = database_->run(
        "INSERT INTO answers(run, item, body, at) VALUES(?, ?, ?, ?) "
        "ON CONFLICT(run, item) DO UPDATE SET body=excluded.body, at=excluded.at",
        {text(run), answer.item, answer.body, at});
    if (done) {
      done =
          database_->run("DELETE FROM readings WHERE run=? AND item=?", {text(run), answer.item});
    }
    for (const ReadingRow& reading : readings) {
      if (!done) return done;
      done = database_->run(
          "INSERT INTO readings(run, item, point, value, unit, quality, at) "
          "VALUES(?, ?, ?, ?, ?, ?, ?)",
          {text(run), answer.item, reading.point, reading.value, reading.unit, reading.quality,
           reading.at});
    }
    for (const AttachmentRow& attachment : attachments) {
      if (!done) return done;
      done = database_->run(
          "INSERT INTO attachments(hash, content, added) VALUES(?, ?, ?) ON CONFLICT DO NOTHING",
          {attachment.hash, attachment.content, at});
      if (!done) return done;
      done = database_->run(
          "INSERT INTO run_attachments(run, item, name, hash) VALUES(?, ?, ?, ?) "
          "ON CONFLICT(run, item, name) DO UPDATE SET hash=excluded.hash",
          {text(run), answer.item, attachment.name, attachment.hash});
    }
    return done;
  });
}

Outcome<std::vector<AnswerRow>> Store::answers(std::string_view run) {
  return collect<AnswerRow>(*database_, "SELECT item, body FROM answers WHERE run=?", {text(run)},
                            [](const Row& row) {
                              return AnswerRow{row.text(0), row.text(1)};
                            });
}

Outcome<std::vector<ReadingRow>> Store::readings(std::string_view run) {
  return collect<ReadingRow>(
      *database_,
      "SELECT item, point, value, unit, quality, at FROM readings WHERE run=? ORDER BY id",
      {text(run)}, [](const Row& row) {
        return ReadingRow{row.text(0), row.text(1), row.text(2),
                          row.text(3), row.text(4), row.whole(5)};
      });
}

Outcome<std::vector<AttachmentRow>> Store::attachments(std::string_view run) {
  return collect<AttachmentRow>(
      *database_,
      "SELECT attachments.hash, run_attachments.name, attachments.content FROM run_attachments "
      "JOIN attachments ON attachments.hash=run_attachments.hash WHERE run=? ORDER BY item, name",
      {text(run)}, [](const Row& row) {
        return AttachmentRow{row.text(0), row.text(1), row.text(2)};
      });
}

Done Store::insert_record(const RecordRow& record) {
  return database_->run(
      "INSERT INTO records(site, number, run, checklist, finished, hash, previous, body, "
      "signature, key) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {record.site, record.number, record.run, record.checklist, record.finished, record.hash,
       record.previous, record.body, record.signature, record.key});
}

Outcome<RecordRow> Store::append(const RunRow& run, std::int64_t finished, const MakeRecord& make) {
  RecordRow record{0, run.site, 0, run.id, run.checklist, finished, {}, {}, {}, {}, {}};
  const Done done = database_->transaction([&]() -> Done {
    if (Done open = still_open(*database_, run.id); !open) return open;
    const auto end = chain_end(*database_, run.site);
    if (!end) return Unexpected{end.error()};
    record.number = end->number + 1;
    record.previous = end->hash;
    auto made = make(record.number, record.previous);
    if (!made) return Unexpected{made.error()};
    record.hash = made->hash;
    record.body = std::move(made->body);
    record.signature = std::move(made->signature);
    record.key = std::move(made->key);
    if (Done put = insert_record(record); !put) return put;
    record.id = database_->last_id();
    if (Done put = database_->run("UPDATE runs SET finished=? WHERE id=?", {finished, run.id});
        !put) {
      return put;
    }
    return database_->run(
        "UPDATE due SET last=?, due=? + every_days * 86400 WHERE site=? AND checklist=?",
        {finished, finished, run.site, run.checklist});
  });
  if (!done) return Unexpected{done.error()};
  return record;
}

Done Store::put_signature(std::int64_t record, std::string_view signature, std::string_view key) {
  return database_->run("UPDATE records SET signature=?, key=? WHERE id=?",
                        {text(signature), text(key), record});
}

Outcome<std::vector<RecordRow>> Store::select_records(std::string_view where,
                                                      const Values& values) {
  return collect<RecordRow>(
      *database_,
      fmt::format("SELECT id, site, number, run, checklist, finished, hash, previous, body, "
                  "signature, key FROM records WHERE {} ORDER BY number",
                  where),
      values, record_of);
}

Outcome<std::vector<RecordRow>> Store::records(std::int64_t site) {
  return select_records("site=?", {site});
}

Outcome<std::optional<RecordRow>> Store::record(std::int64_t id) {
  return first(select_records("id=?", {id}));
}

Done Store::take_record(const RecordRow& record, const Site& site,
                        const std::vector<AttachmentRow>& attachments) {
  Done done = database_->run(
      "INSERT INTO runs(id, site, family, checklist, person, started, finished) "
      "VALUES(?, ?, ?, ?, '', ?, ?)",
      {record.run, record.site, site.family, record.checklist, record.finished, record.finished});
  if (done) done = insert_record(record);
  std::int64_t place = 0;
  for (const AttachmentRow& attachment : attachments) {
    if (!done) return done;
    done = database_->run(
        "INSERT INTO attachments(hash, content, added) VALUES(?, ?, ?) ON CONFLICT DO NOTHING",
        {attachment.hash, attachment.content, record.finished});
    if (!done) return done;
    done = database_->run(
        "INSERT INTO run_attachments(run, item, name, hash) VALUES(?, ?, ?, ?)",
        {record.run, fmt::format("{:06}", place++), attachment.name, attachment.hash});
  }
  return done;
}

Done Store::take_records(const Site& site, const std::vector<RecordRow>& records,
                         const std::vector<std::vector<AttachmentRow>>& attachments,
                         std::int64_t& taken) {
  auto end = chain_end(*database_, site.id);
  if (!end) return Unexpected{end.error()};
  for (std::size_t i = 0; i < records.size(); ++i) {
    RecordRow record = records[i];
    record.site = site.id;
    auto here = first(select_records("site=? AND number=?", {record.site, record.number}));
    if (!here) return Unexpected{here.error()};
    if (*here && (*here)->hash == record.hash) continue;
    if (*here || record.number != end->number + 1 || record.previous != end->hash) {
      return failure(ErrorCode::VerificationDiffers,
                     fmt::format("record {} does not continue the chain kept here", record.number),
                     site.name, "Nothing was taken over: the two histories differ.");
    }
    if (Done done = take_record(record, site, attachments[i]); !done) return done;
    *end = {record.number, record.hash};
    ++taken;
  }
  return {};
}

Outcome<std::int64_t> Store::take_over(const Site& wanted, const History& history,
                                       const std::vector<RecordRow>& records,
                                       const std::vector<std::vector<AttachmentRow>>& attachments) {
  std::int64_t taken = 0;
  const Done done = database_->transaction([&]() -> Done {
    auto site = add_site(wanted.name, wanted.family, wanted.created);
    if (!site) return Unexpected{site.error()};
    if (Done put = take_records(*site, records, attachments, taken); !put) return put;
    for (const DeviceRow& device : history.devices) {
      if (Done put = put_device(site->id, device); !put) return put;
    }
    for (const FactRow& fact : history.facts) {
      Done put = database_->run(
          "INSERT INTO facts(site, name, at, value) VALUES(?, ?, ?, ?) ON CONFLICT DO NOTHING",
          {site->id, fact.name, fact.at, fact.value});
      if (!put) return put;
    }
    return put_counters(site->id, history.counters);
  });
  if (!done) return Unexpected{done.error()};
  return taken;
}

}  // namespace weco::store
