// SPDX-License-Identifier: Apache-2.0
#include "host/records/exchange.hpp"

#include <fmt/format.h>

#include "host/records/calendar.hpp"

namespace weco::records {
namespace {

using proof::Sealed;
using proof::text_of;
using proof::whole_of;

constexpr const char* kRecord = "weco.record/1";
constexpr const char* kSite = "weco.site/1";

Json attachments_of(const std::vector<store::AttachmentRow>& rows) {
  Json list = Json::array();
  for (const store::AttachmentRow& row : rows) {
    list.push_back(
        {{"name", row.name}, {"sha256", row.hash}, {"content", proof::to_base64(row.content)}});
  }
  return list;
}

Done check_chain(const std::vector<Sealed>& records, const std::string& site,
                 const std::string& where) {
  std::string before(64, '0');
  std::int64_t number = 0;
  for (const Sealed& record : records) {
    if (whole_of(record.body, "number") != ++number || text_of(record.body, "previous") != before) {
      return failure(ErrorCode::VerificationDiffers,
                     fmt::format("the chain is broken before record {}", number), where,
                     "A record is missing, doubled or of another history.");
    }
    if (text_of(record.body, "site") != site) {
      return failure(ErrorCode::VerificationDiffers,
                     fmt::format("record {} is of another site", number), where);
    }
    before = record.hash;
  }
  return {};
}

store::History history_of(const Json& body) {
  store::History history;
  for (const Json& device : proof::list_of(body, "devices")) {
    history.devices.push_back({text_of(device, "serial"), text_of(device, "family"),
                               text_of(device, "model"), text_of(device, "firmware"),
                               text_of(device, "endpoint"), whole_of(device, "seen")});
  }
  for (const Json& row : proof::list_of(body, "counters")) {
    history.counters.push_back({text_of(row, "source"), text_of(row, "point"), whole_of(row, "at"),
                                text_of(row, "value")});
  }
  for (const Json& row : proof::list_of(body, "facts")) {
    history.facts.push_back({text_of(row, "name"), whole_of(row, "at"), text_of(row, "value")});
  }
  return history;
}

}  // namespace

Outcome<Sealed> sealed_record(store::Store& store, const store::RecordRow& record) {
  if (record.signature.empty()) {
    return failure(ErrorCode::RefusedByGuard, fmt::format("record {} is not signed", record.number),
                   store.path(),
                   fmt::format("Sign it first: weco checklist sign SITE {}", record.number));
  }
  auto body = proof::parse_json(record.body, store.path());
  if (!body) return Unexpected{body.error()};
  auto files = store.attachments(record.run);
  if (!files) return Unexpected{files.error()};
  auto key = proof::parse_public_key(record.key, store.path());
  if (!key) return Unexpected{key.error()};
  Sealed sealed;
  sealed.body = std::move(*body);
  sealed.attachments = attachments_of(*files);
  sealed.hash = record.hash;
  sealed.signature = record.signature;
  sealed.key = *key;
  // What leaves is checked as whoever receives it will: a store damaged since is noticed here.
  return proof::open_sealed(to_text(sealed), store.path());
}

Outcome<std::string> export_site(store::Store& store, const store::Site& site,
                                 const proof::SecretKey& key, std::string_view comment) {
  auto records = store.records(site.id);
  if (!records) return Unexpected{records.error()};
  auto devices = store.devices(site.id);
  if (!devices) return Unexpected{devices.error()};
  Json body = {{"schema", kSite},
               {"site", {{"name", site.name}, {"family", site.family}, {"created", site.created}}},
               {"devices", Json::array()},
               {"counters", Json::array()},
               {"facts", Json::array()},
               {"records", Json::array()}};
  auto counters = store.counters(site.id);
  if (!counters) return Unexpected{counters.error()};
  for (const store::CounterRow& row : *counters) {
    body["counters"].push_back(
        {{"source", row.source}, {"point", row.point}, {"at", row.at}, {"value", row.value}});
  }
  auto facts = store.facts(site.id);
  if (!facts) return Unexpected{facts.error()};
  for (const store::FactRow& row : *facts) {
    body["facts"].push_back({{"name", row.name}, {"at", row.at}, {"value", row.value}});
  }
  for (const store::DeviceRow& device : *devices) {
    body["devices"].push_back({{"serial", device.serial},
                               {"family", device.family},
                               {"model", device.model},
                               {"firmware", device.firmware},
                               {"endpoint", device.endpoint},
                               {"seen", device.seen}});
  }
  for (const store::RecordRow& record : *records) {
    auto sealed = sealed_record(store, record);
    if (!sealed) return Unexpected{sealed.error()};
    body["records"].push_back(to_text(*sealed));
  }
  return to_text(proof::seal(std::move(body), Json::array(), key, comment));
}

Outcome<Checked> check_file(std::string_view text, const std::string& where) {
  auto file = proof::open_sealed(text, where);
  if (!file) return Unexpected{file.error()};
  Checked checked;
  checked.schema = text_of(file->body, "schema");
  checked.file = std::move(*file);
  if (checked.schema == kRecord) {
    checked.records.push_back(checked.file);
    return checked;
  }
  if (checked.schema != kSite) {
    return failure(ErrorCode::Unsupported, "the file is signed, but of a kind not known here",
                   where, "Update this program.");
  }
  for (const Json& record : proof::list_of(checked.file.body, "records")) {
    auto opened = proof::open_sealed(record.is_string() ? record.get<std::string>() : "", where);
    if (!opened) return Unexpected{opened.error()};
    checked.records.push_back(std::move(*opened));
  }
  const Json& site = proof::object_of(checked.file.body, "site");
  if (Done done = check_chain(checked.records, text_of(site, "name"), where); !done) {
    return Unexpected{done.error()};
  }
  return checked;
}

Outcome<std::int64_t> import_site(store::Store& store, const Checked& checked) {
  const Json& site = proof::object_of(checked.file.body, "site");
  const store::History history = history_of(checked.file.body);
  std::vector<store::RecordRow> rows;
  std::vector<std::vector<store::AttachmentRow>> files;
  for (const Sealed& record : checked.records) {
    const Json& body = record.body;
    rows.push_back({0, 0, whole_of(body, "number"), text_of(body, "run"),
                    text_of(body, "checklist"), parse_utc(text_of(body, "finished")).value_or(0),
                    record.hash, text_of(body, "previous"), proof::canonical(body),
                    record.signature, proof::key_line(record.key)});
    files.emplace_back();
    for (const Json& file : record.attachments) {
      files.back().push_back({text_of(file, "sha256"), text_of(file, "name"),
                              proof::from_base64(text_of(file, "content")).value_or("")});
    }
  }
  return store.take_over(
      {0, text_of(site, "name"), text_of(site, "family"), whole_of(site, "created")}, history, rows,
      files);
}

}  // namespace weco::records
