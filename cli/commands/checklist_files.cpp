// SPDX-License-Identifier: Apache-2.0
// `weco checklist sign`, `export`, `verify`, `import` and `backup`: records on their way out and
// in.
#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <string>
#include <vector>

#include "cli/args.hpp"
#include "cli/context.hpp"
#include "cli/records_place.hpp"
#include "cli/render/json.hpp"
#include "cli/render/text.hpp"
#include "cli/table/checklist.hpp"
#include "host/records/exchange.hpp"
#include "host/report/record.hpp"
#include "host/text/utc.hpp"

namespace weco::cli {
namespace {

constexpr std::size_t kFileMax = 64U << 20U;
constexpr std::size_t kKeyFileMax = 4096;
constexpr unsigned kForAll = 0644;

/// The key to sign with; RefusedByGuard when there is none.
Outcome<proof::SecretKey> signing_key(const Args& args, const Context& context) {
  auto key = open_keys(context).choose(std::string(args.text("key")));
  if (!key) return Unexpected{key.error()};
  if (*key) return **key;
  return failure(ErrorCode::RefusedByGuard, "there is no key of yours to sign with", "",
                 "Make one with 'weco key new NAME'.");
}

std::string count_of(std::int64_t records) {
  return records == 1 ? std::string("1 record") : fmt::format("{} records", records);
}

/// What a command did to a file, in one line.
void tell(Context& context, const std::string& file, const std::string& site, std::int64_t records,
          const std::string& sentence) {
  if (!context.output.json()) return context.output.result(sentence);
  JsonWriter json;
  json.begin_object().field("schema", "weco.records_file/1").field("file", file);
  json.field("site", site).field("records", records);
  context.output.result(json.end_object().str());
}

Done write_minisign(const std::string& file, const proof::Sealed& sealed) {
  Done done = records::write_whole(file + ".body", proof::canonical(sealed.body), kForAll);
  if (done) done = records::write_whole(file + ".body.minisig", sealed.signature, kForAll);
  if (done) {
    done = records::write_whole(file + ".pub", proof::public_key_file(sealed.key), kForAll);
  }
  return done;
}

Outcome<std::string> sealed_text(const Args& args, Context& context, store::Store& store,
                                 const store::Site& site) {
  if (args.given("number")) {
    const auto record = find_record(store, site, args.integer("number"));
    if (!record) return Unexpected{record.error()};
    const auto sealed = records::sealed_record(store, *record);
    if (!sealed) return Unexpected{sealed.error()};
    return proof::to_text(*sealed);
  }
  const auto key = signing_key(args, context);
  if (!key) return Unexpected{key.error()};
  const std::int64_t now = context.make_reactor()->wall_seconds();
  return records::export_site(store, site, *key, "weco site exported " + utc_text(now));
}

/// One record for people, in the format and language asked for.
Outcome<std::string> report_text(const Args& args, store::Store& store, const store::Site& site) {
  if (!args.given("number")) {
    return failure(ErrorCode::BadUsage, "which record?", "--number",
                   "A report is of one record; see 'weco checklist list --site SITE'.");
  }
  if (args.flag("minisign")) {
    return failure(ErrorCode::BadUsage, "a report carries no signature", "--minisign",
                   "Export the record as the signed file, too.");
  }
  const auto lists = Checklists::embedded();
  if (!lists) return Unexpected{lists.error()};
  const auto language = lists->language(args.text("language"));
  if (!language) return Unexpected{language.error()};
  const auto record = find_record(store, site, args.integer("number"));
  if (!record) return Unexpected{record.error()};
  report::Source source;
  source.hash = record->hash;
  if (record->signature.empty()) {
    auto body = proof::parse_json(record->body, store.path());
    if (!body) return Unexpected{body.error()};
    source.body = std::move(*body);
  } else {
    auto sealed = records::sealed_record(store, *record);
    if (!sealed) return Unexpected{sealed.error()};
    source.body = std::move(sealed->body);
    source.attachments = std::move(sealed->attachments);
    source.key = proof::to_text(sealed->key.id);
    source.comment = sealed->comment;
  }
  const std::string_view format = args.text("format");
  return format == "html"       ? report::as_html(source, *lists, **language)
         : format == "markdown" ? report::as_markdown(source, *lists, **language)
                                : report::as_csv(source, *lists, **language);
}

Outcome<ExitCode> export_report(const Args& args, Context& context, store::Store& store,
                                const store::Site& site) {
  const auto text = report_text(args, store, site);
  if (!text) return Unexpected{text.error()};
  const std::string file(args.text("FILE"));
  if (Done done = records::write_whole(file, *text, kForAll); !done) {
    return Unexpected{done.error()};
  }
  tell(context, file, site.name, 1,
       fmt::format("{}: record {} of {}.", sanitize(file), args.integer("number"),
                   sanitize(site.name)));
  return ExitCode::Done;
}

/// Who holds the key, as far as is known here; empty: nobody known.
std::string holder_of(const Context& context, const proof::PublicKey& key) {
  if (context.data_folder.empty()) return {};
  const auto holder = open_keys(context).holder(key);
  return holder && *holder ? (*holder)->name : std::string();
}

Outcome<records::Checked> read_checked(const std::string& file) {
  const auto text = records::read_whole(file, kFileMax);
  if (!text) return Unexpected{text.error()};
  return records::check_file(*text, file);
}

std::string site_of(const records::Checked& checked) {
  const proof::Json& body = checked.file.body;
  return checked.schema == "weco.site/1" ? proof::text_of(proof::object_of(body, "site"), "name")
                                         : proof::text_of(body, "site");
}

Done demand_key(const Args& args, const proof::PublicKey& signer, const std::string& file) {
  if (!args.given("key")) return {};
  const std::string path(args.text("key"));
  const auto text = records::read_whole(path, kKeyFileMax);
  if (!text) return Unexpected{text.error()};
  const auto wanted = proof::parse_public_key(*text, path);
  if (!wanted) return Unexpected{wanted.error()};
  if (*wanted == signer) return {};
  return failure(ErrorCode::VerificationDiffers,
                 fmt::format("the file was signed by key {}, not by key {}",
                             proof::to_text(signer.id), proof::to_text(wanted->id)),
                 file, "Ask who signed it.");
}

}  // namespace

Outcome<ExitCode> run_checklist_sign(const Args& args, Context& context) {
  const std::string_view typed = args.text("NUMBER");
  std::int64_t number = 0;
  const auto parsed = std::from_chars(typed.data(), typed.data() + typed.size(), number);
  if (parsed.ec != std::errc{} || parsed.ptr != typed.data() + typed.size()) {
    return failure(ErrorCode::BadUsage, quoted(typed) + " is no number of a record", "NUMBER",
                   "See 'weco checklist list --site SITE'.");
  }
  auto store = open_store(context);
  if (!store) return Unexpected{store.error()};
  const auto site = find_site(*store, args.text("SITE"));
  if (!site) return Unexpected{site.error()};
  const auto record = find_record(*store, *site, number);
  if (!record) return Unexpected{record.error()};
  if (!record->signature.empty()) {
    return failure(ErrorCode::BadUsage, fmt::format("record {} is signed already", number),
                   site->name);
  }
  const auto key = signing_key(args, context);
  if (!key) return Unexpected{key.error()};
  const std::int64_t now = context.make_reactor()->wall_seconds();
  const std::string signature = proof::sign_file(
      *key, record->body, "weco record " + record->hash.substr(0, 16) + " " + utc_text(now));
  const Done done = store->put_signature(record->id, signature, proof::key_line(key->public_key()));
  if (!done) return Unexpected{done.error()};
  tell(context, store->path(), site->name, 1,
       fmt::format("Record {} is signed with key {}.", number,
                   proof::to_text(key->public_key().id)));
  return ExitCode::Done;
}

Outcome<ExitCode> run_checklist_export(const Args& args, Context& context) {
  auto store = open_store(context);
  if (!store) return Unexpected{store.error()};
  const auto site = find_site(*store, args.text("SITE"));
  if (!site) return Unexpected{site.error()};
  if (args.text("format") != "signed") return export_report(args, context, *store, *site);
  const auto text = sealed_text(args, context, *store, *site);
  if (!text) return Unexpected{text.error()};
  const std::string file(args.text("FILE"));
  const auto checked = records::check_file(*text, file);
  if (!checked) return Unexpected{checked.error()};
  Done done = records::write_whole(file, *text, kForAll);
  if (done && args.flag("minisign")) done = write_minisign(file, checked->file);
  if (!done) return Unexpected{done.error()};
  const auto count = static_cast<std::int64_t>(checked->records.size());
  tell(context, file, site->name, count,
       fmt::format("{}: {} of {}.", sanitize(file), count_of(count), sanitize(site->name)));
  return ExitCode::Done;
}

Outcome<ExitCode> run_checklist_verify(const Args& args, Context& context) {
  JsonWriter json;
  json.begin_object().field("schema", "weco.verified/1").key("files").begin_array();
  std::string page;
  for (const std::string& file : args.list("FILE")) {
    const auto checked = read_checked(file);
    if (!checked) return Unexpected{checked.error()};
    const proof::PublicKey& key = checked->file.key;
    if (Done done = demand_key(args, key, file); !done) return Unexpected{done.error()};
    const std::string holder = holder_of(context, key);
    const std::string id = proof::to_text(key.id);
    const std::string site = site_of(*checked);
    json.begin_object().field("file", file).field("schema", checked->schema);
    json.field("site", site).field("records", checked->records.size());
    json.field("hash", checked->file.hash).field("key", id).field("holder", holder);
    json.field("comment", checked->file.comment).end_object();
    const std::string what =
        checked->schema == "weco.site/1"
            ? fmt::format("{} of {}, chain whole",
                          count_of(static_cast<std::int64_t>(checked->records.size())),
                          sanitize(site))
            : fmt::format("record {} of {}", proof::whole_of(checked->file.body, "number"),
                          sanitize(site));
    page += fmt::format("{}: {}. Whole and signed by key {} ({}).\n", sanitize(file), what, id,
                        args.given("key") ? "the one named"
                        : holder.empty()  ? "not known here"
                                          : holder);
  }
  context.output.result(context.output.json() ? json.end_array().end_object().str() : page);
  return ExitCode::Done;
}

Outcome<ExitCode> run_checklist_import(const Args& args, Context& context) {
  const std::string file(args.text("FILE"));
  const auto checked = read_checked(file);
  if (!checked) return Unexpected{checked.error()};
  if (checked->schema != "weco.site/1") {
    return failure(ErrorCode::BadInput, "this is a single record, not a site", file,
                   "Import what 'weco checklist export SITE FILE' wrote.");
  }
  const auto holder = open_keys(context).holder(checked->file.key);
  if (!holder) return Unexpected{holder.error()};
  if (!*holder) {
    return failure(ErrorCode::RefusedByGuard,
                   "the file is signed by key " + proof::to_text(checked->file.key.id) +
                       ", which is not trusted here",
                   file,
                   "Compare the id with its holder, then use 'weco key trust NAME FILE.pub'.");
  }
  const auto lists = Checklists::embedded();
  if (!lists) return Unexpected{lists.error()};
  auto store = open_store(context);
  if (!store) return Unexpected{store.error()};
  const auto taken = records::import_site(*store, *checked);
  if (!taken) return Unexpected{taken.error()};
  const auto site = find_site(*store, site_of(*checked));
  if (!site) return Unexpected{site.error()};
  if (Done done = plan_all(*store, *lists, *site); !done) return Unexpected{done.error()};
  tell(context, file, site->name, *taken,
       fmt::format("{}: {} of {} records are new.", sanitize(site->name), *taken,
                   checked->records.size()));
  return ExitCode::Done;
}

Outcome<ExitCode> run_checklist_backup(const Args& args, Context& context) {
  const std::string file(args.text("FILE"));
  std::error_code error;
  if (std::filesystem::exists(file, error)) {
    return failure(ErrorCode::BadUsage, "there is such a file already", file,
                   "Name a new one; a backup is never written over another.");
  }
  auto store = open_store(context);
  if (!store) return Unexpected{store.error()};
  if (Done done = store->backup(file); !done) return Unexpected{done.error()};
  tell(context, file, "", 0, "Everything is copied to " + sanitize(file) + ".");
  return ExitCode::Done;
}

}  // namespace weco::cli
