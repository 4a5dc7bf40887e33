// SPDX-License-Identifier: Apache-2.0
#include "host/records/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "host/proof/digest.hpp"
#include "host/records/recommissioning.hpp"
#include "host/records/tick.hpp"
#include "host/text/utc.hpp"

namespace weco::records {
namespace {

using proof::text_of;

constexpr std::array<std::string_view, 3> kResults = {"ok", "not_conforming", "not_applicable"};
constexpr int kWrenchPercent = 10;  // WS-67

Unexpected<Failure> refuse(const ChecklistItem& item, std::string what, std::string hint = {}) {
  return failure(ErrorCode::BadInput, std::move(what), item.id, std::move(hint));
}

bool is_ok(const Json& answer) { return text_of(answer, "result") == kResults[0]; }
bool is_bad(const Json& answer) { return text_of(answer, "result") == kResults[1]; }

Json item_body(const ChecklistItem& item, Result result, std::string_view by, std::int64_t now) {
  Json body = {{"id", item.id},     {"group", item.group},        {"kind", name(item.kind)},
               {"text", item.text}, {"requirements", item.needs}, {"result", name(result)},
               {"by", by},          {"at", utc_text(now)}};
  if (const std::string limits = limits_text(item.accept); !limits.empty()) body["limits"] = limits;
  if (result == Result::NotConforming && !item.fix.empty()) body["fix"] = item.fix;
  return body;
}

/// What was measured against the item's range; the range decides, not the word.
Done judge_number(const ChecklistItem& item, const Given& given, Result& result, Json& extra) {
  const auto value = parse_decimal(given.value);
  if (!value) {
    return refuse(item, "the item wants a number in " + item.accept.unit, "Write it as 12.3.");
  }
  const Acceptance& accept = item.accept;
  const bool good = (!accept.min || compare(*value, *accept.min) >= 0) &&
                    (!accept.max || compare(*value, *accept.max) <= 0);
  if (!good) result = Result::NotConforming;
  extra["value"] = std::string(to_text(*value).view());
  extra["unit"] = accept.unit == "degC" ? "°C" : accept.unit;
  return {};
}

/// The wrench's 10 % and both marks (WS-67).
Done judge_torque(const ChecklistItem& item, const Given& given, Result& result, Json& extra) {
  if (!given.torque) {
    return refuse(item, "the item wants the torque applied, the wrench and both marks");
  }
  const Torque& torque = *given.torque;
  const auto applied = parse_decimal(torque.applied);
  auto specified = item.accept.max;
  if (!specified) {
    const auto typed = parse_decimal(torque.specified);
    if (!typed) {
      return refuse(item, "the torque specified is missing",
                    "Take it from the maker's torque table, in Nm.");
    }
    specified = *typed;
  }
  if (!applied || applied->mantissa <= 0 || specified->mantissa <= 0) {
    return refuse(item, "the torque applied is no number above zero", "Write it in Nm, as 5.8.");
  }
  if (torque.wrench.empty()) {
    return refuse(item, "the wrench is not named", "Name it with its certificate.");
  }
  const Decimal hundred{specified->mantissa * 100, specified->exponent};
  const Decimal high{specified->mantissa * (100 + kWrenchPercent), specified->exponent};
  const Decimal low{specified->mantissa * (100 - kWrenchPercent), specified->exponent};
  const Decimal got{applied->mantissa * 100, applied->exponent};
  const bool in_tolerance = item.accept.below ? compare(got, hundred) <= 0
                                              : compare(got, low) >= 0 && compare(got, high) <= 0;
  if (!in_tolerance || !torque.blue || !torque.red) result = Result::NotConforming;
  extra["torque"] = {{"specified", std::string(to_text(*specified).view())},
                     {"applied", std::string(to_text(*applied).view())},
                     {"unit", "Nm"},
                     {"wrench", torque.wrench},
                     {"mark_blue", torque.blue},
                     {"mark_red", torque.red},
                     {"within_tolerance", in_tolerance}};
  return {};
}

std::vector<std::string> missing_evidence(const ChecklistItem& item, const Given& given) {
  std::vector<std::string> missing;
  for (const std::string& wanted : item.evidence) {
    const bool there = wanted == "photo"    ? !given.photos.empty()
                       : wanted == "torque" ? given.torque.has_value()
                       : wanted == "serial" ? !given.value.empty()
                       : wanted == "log"    ? !given.photos.empty() || !given.note.empty()
                                            : !given.value.empty();
    if (!there) missing.push_back(wanted);
  }
  return missing;
}

}  // namespace

std::string_view name(Result result) { return kResults[static_cast<std::size_t>(result)]; }

std::optional<Result> parse_result(std::string_view word) {
  const auto found = std::ranges::find(kResults, word);
  if (found == kResults.end()) return std::nullopt;
  return static_cast<Result>(found - kResults.begin());
}

std::string_view name(Declaration declaration) {
  return declaration == Declaration::NoDiscrepancy ? "no_discrepancy" : "discrepancy_isolated";
}

Outcome<Run> Run::start(store::Store& store, const Checklist& list, const store::Site& site,
                        std::string_view person, std::int64_t now) {
  if (list.card) {
    return failure(ErrorCode::BadUsage, "the " + list.name + " card is only to be read", "",
                   "Use 'weco checklist show " + list.name + "'.");
  }
  if (list.recommissions) {
    if (Done done = may_recommission(store, site, list.name); !done) {
      return Unexpected{done.error()};
    }
  }
  Run run(store, list, site);
  auto open = store.open_run(site.id, list.name);
  if (!open) return Unexpected{open.error()};
  if (*open) {
    run.row_ = **open;
    run.resumed_ = true;
    auto answers = store.answers(run.row_.id);
    if (!answers) return Unexpected{answers.error()};
    for (const store::AnswerRow& answer : *answers) {
      auto body = proof::parse_json(answer.body, store.path());
      if (!body) return Unexpected{body.error()};
      run.answers_.insert_or_assign(answer.item, std::move(*body));
    }
    return run;
  }
  const auto id = proof::random_bytes(16);
  if (!id) return Unexpected{id.error()};
  run.row_ = {proof::hex(*id), site.id, list.family, list.name, std::string(person), now};
  if (Done done = store.begin_run(run.row_); !done) return Unexpected{done.error()};
  if (list.every_days > 0) {
    Done done = store.plan(site.id, list.name, list.every_days, site.created);
    if (!done) return Unexpected{done.error()};
  }
  return run;
}

const Json* Run::answer_to(std::string_view item) const {
  const auto found = answers_.find(item);
  return found == answers_.end() ? nullptr : &found->second;
}

const ChecklistItem* Run::blocked_by() const {
  for (const ChecklistItem& item : list_.items) {
    if (!item.first) continue;
    const Json* answer = answer_to(item.id);
    if (answer == nullptr || !is_ok(*answer)) return &item;
  }
  return nullptr;
}

std::vector<const ChecklistItem*> Run::open() const {
  std::vector<const ChecklistItem*> items;
  for (const ChecklistItem& item : list_.items) {
    const Json* answer = answer_to(item.id);
    if (answer == nullptr || (item.first && !is_ok(*answer))) items.push_back(&item);
  }
  return items;
}

Done Run::put(const ChecklistItem& item, Json body, std::int64_t now,
              std::vector<store::ReadingRow> readings,
              const std::vector<store::AttachmentRow>& attachments) {
  Done done =
      store_->put_answer(row_.id, {item.id, proof::canonical(body)}, now, readings, attachments);
  if (done) answers_.insert_or_assign(item.id, std::move(body));
  return done;
}

Outcome<int> Run::read(const DeviceReport& report, std::int64_t now) {
  const auto facts = store_->facts(site_.id);
  if (!facts) return Unexpected{facts.error()};
  const auto release = release_of(*facts);
  int count = 0;
  for (const ChecklistItem& item : list_.items) {
    const Json* before = answer_to(item.id);
    if (before != nullptr && text_of(*before, "by") != "reading") continue;
    const auto ticked = tick(item, report, now, release);
    if (!ticked) continue;
    Json body = item_body(item, ticked->good ? Result::Ok : Result::NotConforming, "reading", now);
    body["value"] = ticked->value;
    body["unit"] = ticked->unit;
    body["where"] = ticked->where;
    if (before != nullptr && !text_of(*before, "note").empty()) {
      body["note"] = text_of(*before, "note");
    }
    if (before != nullptr && !text_of(*before, "case_id").empty()) {
      body["case_id"] = text_of(*before, "case_id");
    }
    Json readings = Json::array();
    for (const store::ReadingRow& row : ticked->readings) {
      readings.push_back({{"point", row.point},
                          {"value", row.value},
                          {"unit", row.unit},
                          {"quality", row.quality}});
    }
    body["readings"] = std::move(readings);
    if (Done done = put(item, std::move(body), now, ticked->readings, {}); !done) {
      return Unexpected{done.error()};
    }
    ++count;
  }
  return count;
}

Done Run::answer(std::string_view id, const Given& given, std::int64_t now) {
  const ChecklistItem* item = list_.find(id);
  if (item == nullptr) {
    return failure(ErrorCode::NotFound, "the checklist has no item \"" + std::string(id) + "\"",
                   list_.name, "See 'weco checklist show " + list_.name + "'.");
  }
  if (const ChecklistItem* first = blocked_by(); first != nullptr && !item->first) {
    return failure(ErrorCode::RefusedByGuard,
                   "the safety precondition \"" + first->id + "\" is not confirmed", item->id,
                   "Preconditions come first and cannot be skipped (WS-60): " + first->text);
  }
  const Json* before = answer_to(id);
  if (before != nullptr && text_of(*before, "by") == "reading") {
    return amend(id, given, now);  // the reading stands; a person adds to it
  }
  Result result = given.result;
  if (item->first && result == Result::NotApplicable) {
    return refuse(*item, "a safety precondition always applies (WS-60)");
  }
  Json extra = Json::object();
  if (!given.value.empty()) extra["value"] = given.value;
  if (result == Result::Ok) {
    Done done;
    if (item->accept.kind == Acceptance::Kind::Number) {
      done = judge_number(*item, given, result, extra);
    } else if (item->accept.kind == Acceptance::Kind::Torque) {
      done = judge_torque(*item, given, result, extra);
    }
    if (!done) return done;
  } else if (given.note.empty()) {
    return refuse(*item, "an item that is not conforming or not applicable wants a note",
                  "Say what was found, or why it does not apply.");
  }
  Json body = item_body(*item, result, "operator", now);
  body.update(extra);
  if (!given.note.empty()) body["note"] = given.note;
  if (!given.case_id.empty()) body["case_id"] = given.case_id;
  if (const auto missing = missing_evidence(*item, given);
      !missing.empty() && result != Result::NotApplicable) {
    body["missing_evidence"] = missing;
  }
  Json photos = Json::array();
  for (const store::AttachmentRow& photo : given.photos) photos.push_back(photo.name);
  if (!photos.empty()) body["photos"] = std::move(photos);
  return put(*item, std::move(body), now, {}, given.photos);
}

Done Run::amend(std::string_view id, const Given& given, std::int64_t now) {
  const ChecklistItem* item = list_.find(id);
  const Json* before = answer_to(id);
  if (item == nullptr || before == nullptr) {
    return failure(ErrorCode::NotFound, "there is no answer to add to", std::string(id));
  }
  Json body = *before;
  if (!given.note.empty()) body["note"] = given.note;
  if (!given.case_id.empty()) body["case_id"] = given.case_id;
  std::vector<store::ReadingRow> readings;
  for (const Json& row : proof::list_of(body, "readings")) {
    readings.push_back({item->id, text_of(row, "point"), text_of(row, "value"),
                        text_of(row, "unit"), text_of(row, "quality"), now});
  }
  return put(*item, std::move(body), now, std::move(readings), given.photos);
}

Verdict Run::verdict() const {
  Verdict verdict;
  for (const ChecklistItem& item : list_.items) {
    const Json* answer = answer_to(item.id);
    if (answer == nullptr || !is_bad(*answer)) continue;
    verdict.conforming = false;
    verdict.open.push_back(item.id);
    if (item.kind == ItemKind::Other) continue;
    verdict.recommissioning = false;
    verdict.forbids.push_back(item.id);
  }
  return verdict;
}

Outcome<bool> Run::failed_last_time(std::string_view id) const {
  auto records = store_->records(site_.id);
  if (!records) return Unexpected{records.error()};
  const auto last = std::find_if(records->rbegin(), records->rend(), [&](const auto& record) {
    return record.checklist == list_.name;
  });
  if (last == records->rend()) return false;
  auto body = proof::parse_json(last->body, store_->path());
  if (!body) return Unexpected{body.error()};
  for (const Json& item : proof::list_of(*body, "items")) {
    if (text_of(item, "id") == id) return is_bad(item);
  }
  return false;
}

Outcome<std::vector<const ChecklistItem*>> Run::without_case() const {
  std::vector<const ChecklistItem*> items;
  for (const ChecklistItem& item : list_.items) {
    const Json* answer = answer_to(item.id);
    if (answer == nullptr || !is_bad(*answer) || !item.fix.ends_with("_ticket")) continue;
    const auto again = failed_last_time(item.id);
    if (!again) return Unexpected{again.error()};
    if (*again && text_of(*answer, "case_id").empty()) items.push_back(&item);
  }
  return items;
}

Outcome<std::vector<std::string>> Run::missing() const {
  std::vector<std::string> sentences;
  for (const ChecklistItem* item : open()) {
    sentences.push_back("Item \"" + item->id + "\" has no answer: " + item->text);
  }
  const auto again = without_case();
  if (!again) return Unexpected{again.error()};
  for (const ChecklistItem* item : *again) {
    sentences.push_back("Item \"" + item->id +
                        "\" was not conforming last time either: open a service case and give "
                        "its id (WS-61).");
  }
  return sentences;
}

Outcome<Json> Run::body(Declaration declaration, const Signing& signing, std::int64_t now) const {
  auto devices = store_->devices(site_.id);
  if (!devices) return Unexpected{devices.error()};
  auto attachments = store_->attachments(row_.id);
  if (!attachments) return Unexpected{attachments.error()};
  const Verdict result = verdict();
  Json body = {{"schema", "weco.record/1"},
               {"program", signing.program},
               {"site", site_.name},
               {"family", list_.family},
               {"checklist", list_.name},
               {"title", list_.title},
               {"revision", list_.revision},
               {"run", row_.id},
               {"operator", signing.person},
               {"started", utc_text(row_.started)},
               {"finished", utc_text(now)},
               {"declaration", name(declaration)},
               {"conforming", result.conforming},
               {"recommissioning", result.recommissioning ? "allowed" : "forbidden"},
               {"not_conforming", result.open},
               {"forbidding", result.forbids}};
  Json items = Json::array();
  for (const ChecklistItem& item : list_.items) items.push_back(*answer_to(item.id));
  body["items"] = std::move(items);
  Json made = Json::array();
  for (const store::DeviceRow& device : *devices) {
    made.push_back({{"serial", device.serial},
                    {"family", device.family},
                    {"model", device.model},
                    {"firmware", device.firmware},
                    {"endpoint", device.endpoint}});
  }
  body["devices"] = std::move(made);
  Json files = Json::array();
  for (const store::AttachmentRow& file : *attachments) {
    files.push_back({{"name", file.name}, {"sha256", file.hash}});
  }
  body["attachments"] = std::move(files);
  return body;
}

Outcome<store::RecordRow> Run::finish(Declaration declaration, const Signing& signing,
                                      std::int64_t now) {
  const auto left = missing();
  if (!left) return Unexpected{left.error()};
  if (!left->empty()) {
    return failure(ErrorCode::BadInput, "the run cannot be closed yet", list_.name, left->front());
  }
  if (verdict().conforming != (declaration == Declaration::NoDiscrepancy)) {
    return failure(ErrorCode::BadInput,
                   verdict().conforming
                       ? "a discrepancy was declared, but every item is conforming"
                       : "there are discrepancies: the system has to be isolated and declared so",
                   list_.name, "Declare no_discrepancy or discrepancy_isolated as it is.");
  }
  auto made = body(declaration, signing, now);
  if (!made) return Unexpected{made.error()};
  return store_->append(
      row_, now, [&](std::int64_t number, const std::string& before) -> Outcome<store::NewRecord> {
        Json record = *made;
        record["number"] = number;
        record["previous"] = before;
        store::NewRecord out;
        out.body = proof::canonical(record);
        out.hash = proof::sha256_hex(out.body);
        if (signing.key) {
          out.signature =
              proof::sign_file(*signing.key, out.body,
                               "weco record " + out.hash.substr(0, 16) + " " + utc_text(now));
          out.key = proof::key_line(signing.key->public_key());
        }
        return out;
      });
}

}  // namespace weco::records
