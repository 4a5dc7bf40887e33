// SPDX-License-Identifier: Apache-2.0
#include "cli/script_records.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "cli/records_place.hpp"
#include "cli/render/text.hpp"
#include "cli/version.hpp"
#include "host/failure/nearest.hpp"
#include "host/records/exchange.hpp"
#include "host/records/run.hpp"
#include "host/records/tick.hpp"
#include "host/statistics/warranty.hpp"
#include "lua/modules/json.hpp"

namespace weco::cli {
namespace {

using lua::Value;
using proof::text_of;

/// What the runs of a script share.
struct Desk {
  Context& context;
  Reactor& reactor;
  std::optional<Checklists> lists;
  std::optional<store::Store> store;

  Done open() {
    if (!lists) {
      auto all = Checklists::embedded();
      if (!all) return Unexpected{std::move(all).error()};
      lists = std::move(*all);
    }
    if (!store) {
      auto opened = open_store(context);
      if (!opened) return Unexpected{std::move(opened).error()};
      store = std::move(*opened);
    }
    return {};
  }
};

const std::string& member(const Value& table, std::string_view name) {
  static const std::string kEmpty;
  const Value* value = table.get(name);
  return value == nullptr ? kEmpty : value->text;
}

/// A number stays as it was written by the script; what is neither it nor a text is refused.
Done take_text(const lua::Entry& entry, std::string& to) {
  if (entry.value.numeric()) {
    to = lua::number_text(entry.value);
  } else if (entry.value.is(Value::Kind::Text)) {
    to = entry.value.text;
  } else {
    return failure(ErrorCode::BadInput, cli::quoted(entry.name) + " must be a text or a number");
  }
  return {};
}

struct Word {
  std::string_view name;
  std::string* to;
};

Done take_words(const Value& table, std::span<const Word> words,
                const std::function<Outcome<bool>(const lua::Entry&)>& other) {
  for (const lua::Entry& entry : table.entries) {
    const auto word = std::ranges::find(words, entry.name, &Word::name);
    if (word != words.end()) {
      if (Done done = take_text(entry, *word->to); !done) return done;
      continue;
    }
    const auto taken = other(entry);
    if (!taken) return Unexpected{taken.error()};
    if (*taken) continue;
    std::vector<std::string_view> names;
    for (const Word& each : words) names.push_back(each.name);
    const std::string_view close = nearest(entry.name, names);
    return failure(ErrorCode::BadInput, "an answer has no member " + cli::quoted(entry.name), {},
                   close.empty() ? "See run:answer in 'man weco-lua'."
                                 : "Did you mean '" + std::string(close) + "'?");
  }
  return {};
}

Outcome<records::Torque> torque_of(const Value& table) {
  records::Torque torque;
  const Word words[] = {
      {"specified", &torque.specified}, {"applied", &torque.applied}, {"wrench", &torque.wrench}};
  Done done = take_words(table, words, [&](const lua::Entry& entry) -> Outcome<bool> {
    if (!entry.value.is(Value::Kind::Boolean)) return false;
    if (entry.name == "blue") torque.blue = entry.value.truth;
    if (entry.name == "red") torque.red = entry.value.truth;
    return entry.name == "blue" || entry.name == "red";
  });
  if (!done) return Unexpected{std::move(done).error()};
  return torque;
}

/// What a script says about an item; files stay with the command, a script cannot read any.
Outcome<records::Given> given_of(const Value& table) {
  records::Given given;
  std::string result = "ok";
  const Word words[] = {{"result", &result},
                        {"note", &given.note},
                        {"value", &given.value},
                        {"case", &given.case_id}};
  Done done = take_words(table, words, [&](const lua::Entry& entry) -> Outcome<bool> {
    if (entry.name != "torque" || !entry.value.is(Value::Kind::Table)) return false;
    auto torque = torque_of(entry.value);
    if (!torque) return Unexpected{std::move(torque).error()};
    given.torque = std::move(*torque);
    return true;
  });
  if (!done) return Unexpected{std::move(done).error()};
  const auto parsed = records::parse_result(result);
  if (!parsed) {
    return failure(ErrorCode::BadInput, "the result " + cli::quoted(result) + " is not known", {},
                   "Use ok, not_conforming or not_applicable.");
  }
  given.result = *parsed;
  return given;
}

/// How a person answers it: "ok" by judgement, with a number, or with a torque.
std::string_view wants(const ChecklistItem& item) {
  using Kind = Acceptance::Kind;
  if (item.accept.kind == Kind::Number) return "number";
  return item.accept.kind == Kind::Torque ? "torque" : "judgement";
}

Value item_row(const ChecklistItem& item, const records::Json* answer, bool open) {
  Value row = Value::table();
  const auto text = [&](const char* name, std::string_view value) {
    row.set(name, Value::of(std::string(value)));
  };
  if (answer != nullptr) text("by", text_of(*answer, "by"));
  row.set("first", Value::boolean(item.first));
  text("group", item.group);
  text("id", item.id);
  text("kind", name(item.kind));
  text("limits", records::limits_text(item.accept));
  row.set("live", Value::boolean(item.accept.live()));
  if (answer != nullptr) text("note", text_of(*answer, "note"));
  row.set("open", Value::boolean(open));
  if (answer != nullptr) text("result", text_of(*answer, "result"));
  text("text", item.text);
  text("unit", item.accept.unit);
  if (answer != nullptr) text("value", text_of(*answer, "value"));
  text("wants", wants(item));
  return row;
}

class KeptRun final : public lua::ScriptRun {
 public:
  KeptRun(std::shared_ptr<Desk> desk, store::Site site, records::Run run, std::string person)
      : desk_(std::move(desk)),
        site_(std::move(site)),
        run_(std::move(run)),
        person_(std::move(person)) {}

  [[nodiscard]] Value about() const override {
    Value value = Value::table();
    value.set("checklist", Value::of(run_.list().name));
    value.set("family", Value::of(run_.list().family));
    value.set("resumed", Value::boolean(run_.resumed()));
    value.set("site", Value::of(site_.name));
    return value;
  }

  Outcome<std::int64_t> read(const DeviceReport& report) override {
    if (Done done = keep_counters(*desk_->store, site_, report, now()); !done) {
      return Unexpected{std::move(done).error()};
    }
    if (Done done = keep_devices(*desk_->store, site_, report, now()); !done) {
      return Unexpected{std::move(done).error()};
    }
    const auto count = run_.read(report, now());
    if (!count) return Unexpected{count.error()};
    return std::int64_t{*count};
  }

  [[nodiscard]] Value items() const override {
    const std::vector<const ChecklistItem*> open = run_.open();
    Value list = Value::table();
    for (const ChecklistItem& item : run_.list().items) {
      const bool is_open = std::ranges::find(open, &item) != open.end();
      list.entries.push_back({{},
                              static_cast<std::int64_t>(list.entries.size()) + 1,
                              item_row(item, run_.answer_to(item.id), is_open)});
    }
    return list;
  }

  Done answer(const std::string& item, const Value& given) override {
    auto taken = given_of(given);
    if (!taken) {
      Failure failed = std::move(taken).error();
      failed.where = item;
      return Unexpected{std::move(failed)};
    }
    return run_.answer(item, *taken, now());
  }

  Outcome<Value> missing() override {
    auto sentences = run_.missing();
    if (!sentences) return Unexpected{std::move(sentences).error()};
    Value list = Value::table();
    for (std::string& sentence : *sentences) {
      list.entries.push_back(
          {{}, static_cast<std::int64_t>(list.entries.size()) + 1, Value::of(std::move(sentence))});
    }
    return list;
  }

  Outcome<Value> finish(const std::string& declaration, const std::string& key) override {
    using records::Declaration;
    const bool clean = declaration == name(Declaration::NoDiscrepancy);
    auto signer = open_keys(desk_->context).choose(key);
    if (!signer) return Unexpected{std::move(signer).error()};
    const auto record =
        run_.finish(clean ? Declaration::NoDiscrepancy : Declaration::DiscrepancyIsolated,
                    {person_, std::string(kProgram), *signer}, now());
    if (!record) return Unexpected{record.error()};
    const records::Verdict verdict = run_.verdict();
    Value value = Value::table();
    value.set("conforming", Value::boolean(verdict.conforming));
    value.set("hash", Value::of(record->hash));
    value.set("number", Value::of(record->number));
    value.set("recommissioning",
              Value::of(std::string(verdict.recommissioning ? "allowed" : "forbidden")));
    value.set("signed", Value::boolean(!record->signature.empty()));
    return value;
  }

 private:
  [[nodiscard]] std::int64_t now() const { return desk_->reactor.wall_seconds(); }

  std::shared_ptr<Desk> desk_;
  store::Site site_;
  records::Run run_;
  std::string person_;
};

/// The body as it was signed, or as its digest says it was written.
Outcome<Value> shown(store::Store& store, const store::RecordRow& record) {
  std::string key;
  if (record.signature.empty()) {
    if (proof::sha256_hex(record.body) != record.hash) {
      return failure(ErrorCode::VerificationDiffers, "the record is not the one that was written",
                     store.path());
    }
  } else {
    const auto sealed = records::sealed_record(store, record);
    if (!sealed) return Unexpected{sealed.error()};
    key = proof::to_text(sealed->key.id);
  }
  auto body = lua::read_json(record.body);
  if (!body) return body;
  Value value = Value::table();
  value.set("body", std::move(*body));
  value.set("checklist", Value::of(record.checklist));
  value.set("finished", Value::of(record.finished));
  value.set("hash", Value::of(record.hash));
  if (!key.empty()) value.set("key", Value::of(key));
  value.set("number", Value::of(record.number));
  value.set("signed", Value::boolean(!key.empty()));
  return value;
}

Value warranty_row(const statistics::WarrantyRow& row) {
  Value value = Value::table();
  value.set("basis", Value::of(row.basis));
  if (row.limit) value.set("limit", Value::of(*row.limit));
  value.set("name", Value::of(row.name));
  value.set("needs", Value::of(row.needs));
  value.set("state", Value::of(std::string(name(row.state))));
  if (!row.until.empty()) value.set("till", Value::of(row.until));
  value.set("unit", Value::of(row.unit));
  if (row.value) value.set("value", Value::of(*row.value));
  return value;
}

class KeptRecords final : public lua::ScriptRecords {
 public:
  KeptRecords(Context& context, Reactor& reactor)
      : desk_(std::make_shared<Desk>(Desk{context, reactor, {}, {}})) {}

  Outcome<std::unique_ptr<lua::ScriptRun>> begin(const Value& what) override {
    if (Done done = desk_->open(); !done) return Unexpected{std::move(done).error()};
    const std::string& family = member(what, "family");
    const std::string& checklist = member(what, "checklist");
    auto site = site_for(member(what, "site"), family, checklist);
    if (!site) return Unexpected{std::move(site).error()};
    const auto list = desk_->lists->find(family.empty() ? site->family : family, checklist);
    if (!list) return Unexpected{list.error()};
    if (Done done = plan_all(*desk_->store, *desk_->lists, *site); !done) {
      return Unexpected{std::move(done).error()};
    }
    auto run = records::Run::start(*desk_->store, **list, *site, member(what, "operator"),
                                   desk_->reactor.wall_seconds());
    if (!run) return Unexpected{std::move(run).error()};
    return std::unique_ptr<lua::ScriptRun>(std::make_unique<KeptRun>(
        desk_, std::move(*site), std::move(*run), member(what, "operator")));
  }

  Outcome<Value> record(const std::string& site, const Value& which) override {
    if (Done done = desk_->open(); !done) return Unexpected{std::move(done).error()};
    const auto found = find_site(*desk_->store, site);
    if (!found) return Unexpected{found.error()};
    const auto records = desk_->store->records(found->id);
    if (!records) return Unexpected{records.error()};
    const Value* number = which.get("number");
    const std::string& checklist = member(which, "checklist");
    const auto fits = [&](const store::RecordRow& record) {
      return (number == nullptr || record.number == number->whole) &&
             (checklist.empty() || record.checklist == checklist);
    };
    const auto newest = std::find_if(records->rbegin(), records->rend(), fits);
    if (newest != records->rend()) return shown(*desk_->store, *newest);
    return failure(ErrorCode::NotFound, "the site has no such record", found->name,
                   "See 'weco checklist list --site SITE'.");
  }

  Outcome<Value> warranty(const std::string& name, const std::string& log) override {
    if (Done done = desk_->open(); !done) return Unexpected{std::move(done).error()};
    const auto site = find_site(*desk_->store, name);
    if (!site) return Unexpected{site.error()};
    std::vector<statistics::Sample> samples;
    if (!log.empty()) {
      auto read = statistics::read_telemetry(log, "the log");
      if (!read) return Unexpected{std::move(read).error()};
      samples = std::move(*read);
    }
    const auto facts = desk_->store->facts(site->id);
    if (!facts) return Unexpected{facts.error()};
    auto counters = desk_->store->counters(site->id);
    if (!counters) return Unexpected{counters.error()};
    auto devices = desk_->store->devices(site->id);
    if (!devices) return Unexpected{devices.error()};
    const auto rows = statistics::judge_warranty(
        {statistics::warranty_terms(desk_->lists->family_for(site->family)),
         statistics::warranty_facts(*facts), std::move(samples), std::move(*counters),
         std::move(*devices), desk_->reactor.wall_seconds()});
    Value list = Value::table();
    for (const statistics::WarrantyRow& row : rows) {
      list.entries.push_back(
          {{}, static_cast<std::int64_t>(list.entries.size()) + 1, warranty_row(row)});
    }
    return list;
  }

 private:
  /// The site of that name, made when it is new and the checklist fits its family.
  Outcome<store::Site> site_for(const std::string& name, const std::string& family,
                                const std::string& checklist) {
    if (name.empty()) return failure(ErrorCode::BadInput, "a record names the site");
    auto found = desk_->store->find_site(name);
    if (!found) return Unexpected{std::move(found).error()};
    if (*found) return std::move(**found);
    if (family.empty()) {
      return failure(ErrorCode::BadInput, "the site is new and its family is not known", name,
                     "Give weco.checklist the family, such as device.family.");
    }
    if (const auto list = desk_->lists->find(family, checklist); !list) {
      return Unexpected{list.error()};
    }
    return desk_->store->add_site(name, family, desk_->reactor.wall_seconds());
  }

  std::shared_ptr<Desk> desk_;
};

}  // namespace

std::unique_ptr<lua::ScriptRecords> make_script_records(Context& context, Reactor& reactor) {
  return std::make_unique<KeptRecords>(context, reactor);
}

}  // namespace weco::cli
