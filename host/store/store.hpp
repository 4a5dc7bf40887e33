// SPDX-License-Identifier: Apache-2.0
// Sites, devices, runs, readings, records and attachments. Records and what belongs to them can be
// added, never changed, and not deleted before five years have passed (WS-36, WS-65): triggers in
// the file itself see to that, whoever opens it. Bodies are text to this folder.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/failure/failure.hpp"
#include "host/store/database.hpp"

namespace weco::store {

inline constexpr int kSchemaVersion = 2;

struct Site {
  std::int64_t id = 0;
  std::string name;
  std::string family;
  std::int64_t created = 0;  // seconds since 1970-01-01 UTC, as every time here
};

struct DeviceRow {
  std::string serial;
  std::string family;
  std::string model;
  std::string firmware;
  std::string endpoint;
  std::int64_t seen = 0;
};

struct RunRow {
  std::string id;
  std::int64_t site = 0;
  std::string family;
  std::string checklist;
  std::string person;
  std::int64_t started = 0;
};

struct AnswerRow {
  std::string item;
  std::string body;
};

struct ReadingRow {
  std::string item;
  std::string point;  // "tower[1].module[2].soc"
  std::string value;
  std::string unit;
  std::string quality;
  std::int64_t at = 0;
};

struct RecordRow {
  std::int64_t id = 0;
  std::int64_t site = 0;
  std::int64_t number = 0;  // in the site's chain, from 1
  std::string run;
  std::string checklist;
  std::int64_t finished = 0;
  std::string hash;
  std::string previous;
  std::string body;
  std::string signature;  // empty: not signed yet
  std::string key;        // public key of the signature
};

struct AttachmentRow {
  std::string hash;
  std::string name;
  std::string content;
};

struct DueRow {
  std::string site;
  std::string checklist;
  std::int64_t last = 0;  // 0: never done
  std::int64_t due = 0;
};

/// What a device's counter showed.
struct CounterRow {
  std::string source;  // serial number, or the endpoint where there is none
  std::string point;   // "tower[1].energy_charged_total"
  std::int64_t at = 0;
  std::string value;
};

/// What a person said about a site; the newest counts, none is forgotten.
struct FactRow {
  std::string name;
  std::int64_t at = 0;
  std::string value;
};

/// What belongs to a site besides its records.
struct History {
  std::vector<DeviceRow> devices;
  std::vector<CounterRow> counters;
  std::vector<FactRow> facts;
};

/// A body made for its place in the chain.
struct NewRecord {
  std::string body;
  std::string hash;
  std::string signature;
  std::string key;
};
using MakeRecord =
    std::function<Outcome<NewRecord>(std::int64_t number, const std::string& before)>;

class Store {
 public:
  /// Opens `folder`/records.db, makes what is missing and migrates what is old.
  static Outcome<Store> open(const std::string& folder);

  Outcome<std::optional<Site>> find_site(std::string_view name);
  Outcome<std::vector<Site>> sites();
  Outcome<Site> add_site(std::string_view name, std::string_view family, std::int64_t now);
  Done put_device(std::int64_t site, const DeviceRow& device);
  Outcome<std::vector<DeviceRow>> devices(std::int64_t site);

  /// Kept for good: a reading that is here already stays as it is.
  Done put_counters(std::int64_t site, const std::vector<CounterRow>& counters);
  /// By source and point, each in the order of time.
  Outcome<std::vector<CounterRow>> counters(std::int64_t site);
  /// The newest of its name from now on, also when two are said within one second.
  Done put_fact(std::int64_t site, const FactRow& fact);
  /// By name, each in the order of time.
  Outcome<std::vector<FactRow>> facts(std::int64_t site);

  /// What is due and when; a checklist is planned from the day the site was added.
  Done plan(std::int64_t site, std::string_view checklist, int every_days, std::int64_t from,
            std::int64_t last = 0);
  Outcome<std::vector<DueRow>> due(std::int64_t until, std::string_view site = {});

  /// The run of that checklist that was begun and not finished.
  Outcome<std::optional<RunRow>> open_run(std::int64_t site, std::string_view checklist);
  Done begin_run(const RunRow& run);
  /// An answer with its readings and attachments, all or nothing. A later answer replaces it.
  Done put_answer(std::string_view run, const AnswerRow& answer, std::int64_t at,
                  const std::vector<ReadingRow>& readings,
                  const std::vector<AttachmentRow>& attachments);
  Outcome<std::vector<AnswerRow>> answers(std::string_view run);
  Outcome<std::vector<ReadingRow>> readings(std::string_view run);
  Outcome<std::vector<AttachmentRow>> attachments(std::string_view run);

  /// Closes the run with its record, at the end of the site's chain.
  Outcome<RecordRow> append(const RunRow& run, std::int64_t finished, const MakeRecord& make);
  Done put_signature(std::int64_t record, std::string_view signature, std::string_view key);
  Outcome<std::vector<RecordRow>> records(std::int64_t site);
  Outcome<std::optional<RecordRow>> record(std::int64_t id);
  /// Takes over records of another store: those not here yet, in order, each fitting the chain.
  Outcome<std::int64_t> take_over(const Site& site, const History& history,
                                  const std::vector<RecordRow>& records,
                                  const std::vector<std::vector<AttachmentRow>>& attachments);

  Done backup(const std::string& path) { return database_->backup(path); }
  [[nodiscard]] const std::string& path() const { return database_->path(); }
  [[nodiscard]] Database& database() { return *database_; }

 private:
  explicit Store(std::unique_ptr<Database> database) : database_(std::move(database)) {}
  Outcome<std::vector<RecordRow>> select_records(std::string_view where, const Values& values);
  Done insert_record(const RecordRow& record);
  Done take_record(const RecordRow& record, const Site& site,
                   const std::vector<AttachmentRow>& attachments);
  Done take_records(const Site& site, const std::vector<RecordRow>& records,
                    const std::vector<std::vector<AttachmentRow>>& attachments,
                    std::int64_t& taken);
  std::unique_ptr<Database> database_;
};

/// $XDG_DATA_HOME/weco or ~/.local/share/weco; empty when neither is known.
std::string default_folder(std::optional<std::string_view> xdg_data_home,
                           std::optional<std::string_view> home);

}  // namespace weco::store
