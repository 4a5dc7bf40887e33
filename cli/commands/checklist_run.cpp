// SPDX-License-Identifier: Apache-2.0
// `weco checklist run`: the device is read, a person or a file answers the rest, the record is
// closed. Everything that decides is in host/records.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "cli/args.hpp"
#include "cli/context.hpp"
#include "cli/questions.hpp"
#include "cli/records_place.hpp"
#include "cli/render/json.hpp"
#include "cli/render/text.hpp"
#include "cli/table/checklist.hpp"
#include "cli/target.hpp"
#include "cli/version.hpp"

namespace weco::cli {
namespace {

constexpr std::size_t kAnswersMax = 16U << 20U;

struct Work {
  const Args& args;
  Context& context;
  Reactor& reactor;
  const Checklists& lists;
  const Language& language;
  store::Store& store;
  store::Site site;
};

Outcome<int> read_devices(Work& work, records::Run& run) {
  int ticked = 0;
  for (const std::string& typed : work.args.list("device")) {
    work.context.output.detail(1, "reading " + sanitize(typed));
    const std::string_view family =
        work.args.given("family") ? work.args.text("family") : std::string_view(work.site.family);
    const auto report = read_site_device(work.context, work.reactor, typed, family);
    if (!report) return Unexpected{report.error()};
    const std::int64_t now = work.reactor.wall_seconds();
    if (Done done = keep_counters(work.store, work.site, *report, now); !done) {
      return Unexpected{done.error()};
    }
    if (Done done = keep_devices(work.store, work.site, *report, now); !done)
      return Unexpected{done.error()};
    const auto count = run.read(*report, now);
    if (!count) return count;
    ticked += *count;
  }
  return ticked;
}

// --- answers of a file

Outcome<records::Given> given_by(const proof::Json& line, const std::string& where) {
  records::Given given;
  const std::string word = proof::text_of(line, "result");
  const auto result = records::parse_result(word.empty() ? "ok" : word);
  if (!result) {
    return failure(ErrorCode::BadInput, "the result " + cli::quoted(word) + " is not known", where,
                   "Use ok, not_conforming or not_applicable.");
  }
  given.result = *result;
  given.note = proof::text_of(line, "note");
  given.value = proof::text_of(line, "value");
  given.case_id = proof::text_of(line, "case");
  for (const proof::Json& photo : proof::list_of(line, "photos")) {
    auto attachment = read_attachment(photo.is_string() ? photo.get<std::string>() : "");
    if (!attachment) return Unexpected{attachment.error()};
    given.photos.push_back(std::move(*attachment));
  }
  if (const proof::Json& torque = proof::object_of(line, "torque"); !torque.empty()) {
    given.torque =
        records::Torque{proof::text_of(torque, "specified"), proof::text_of(torque, "applied"),
                        proof::text_of(torque, "wrench"), proof::truth_of(torque, "blue"),
                        proof::truth_of(torque, "red")};
  }
  return given;
}

Done answer_line(Work& work, records::Run& run, const std::string& text, const std::string& where) {
  const auto line = proof::parse_json(text, where);
  if (!line) return Unexpected{line.error()};
  for (const auto& [key, value] : line->items()) {
    static constexpr std::string_view kKnown[] = {"item", "result", "note",  "value",
                                                  "case", "photos", "torque"};
    if (std::ranges::find(kKnown, key) != std::end(kKnown)) continue;
    return failure(ErrorCode::BadInput, "an answer has no member " + cli::quoted(key), where,
                   "See 'weco checklist run --help'.");
  }
  const auto given = given_by(*line, where);
  if (!given) return Unexpected{given.error()};
  Done done = run.answer(proof::text_of(*line, "item"), *given, work.reactor.wall_seconds());
  if (done) return done;
  Failure failed = done.error();
  failed.where = where + (failed.where.empty() ? "" : " (" + failed.where + ")");
  return Unexpected{std::move(failed)};
}

/// Each line is on disk before the next one is looked at.
Done answers_of_file(Work& work, records::Run& run) {
  const std::string file(work.args.text("answers"));
  const std::string shown = file == "-" ? "stdin" : file;
  const auto text = records::read_whole(file == "-" ? "/dev/stdin" : file, kAnswersMax);
  if (!text) return Unexpected{text.error()};
  std::size_t number = 0;
  for (std::size_t start = 0; start < text->size();) {
    const std::size_t end = std::min(text->find('\n', start), text->size());
    const std::string line = text->substr(start, end - start);
    start = end + 1;
    ++number;
    if (line.empty()) continue;
    Done done = answer_line(work, run, line, fmt::format("{}:{}", shown, number));
    if (!done) return done;
    if (work.context.interrupted()) return failure(ErrorCode::Interrupted, "answering");
  }
  return {};
}

// --- the end

struct End {
  int ticked = 0;
  std::vector<std::string> missing;
  std::optional<store::RecordRow> record;
};

void show_json(const Work& work, const records::Run& run, const End& end) {
  const records::Verdict verdict = run.verdict();
  const std::size_t items = run.list().items.size();
  JsonWriter json;
  json.begin_object().field("schema", "weco.run/1").field("site", work.site.name);
  json.field("checklist", run.list().name).field("resumed", run.resumed());
  json.field("items", items).field("answered", items - run.open().size());
  json.field("read", end.ticked).field("conforming", verdict.conforming);
  json.field("recommissioning", verdict.recommissioning ? "allowed" : "forbidden");
  json.key("not_conforming").begin_array();
  for (const std::string& id : verdict.open) json.text(id);
  json.end_array().key("missing").begin_array();
  for (const std::string& sentence : end.missing) json.text(sentence);
  json.end_array();
  if (end.record) {
    json.field("number", end.record->number).field("hash", end.record->hash);
    json.field("signed", !end.record->signature.empty());
  }
  work.context.output.result(json.end_object().str());
}

void show_page(const Work& work, const records::Run& run, const End& end) {
  const records::Verdict verdict = run.verdict();
  const std::size_t items = run.list().items.size();
  std::string page = fmt::format("{}, {}: {} of {} items answered, {} read from devices now.\n",
                                 sanitize(work.site.name), run.list().name,
                                 items - run.open().size(), items, end.ticked);
  for (const std::string& id : verdict.open) {
    const ChecklistItem* item = run.list().find(id);
    page += fmt::format("  {} {}: {}\n", id, work.language.word("result.not_conforming"),
                        work.language.word("fix." + item->fix));
  }
  for (const std::string& sentence : end.missing) page += "  " + sentence + "\n";
  if (end.record) {
    page += fmt::format("Record {} is closed, {}.\n", end.record->number,
                        end.record->signature.empty() ? "not signed" : "signed");
    page += work.language.word(verdict.recommissioning ? "recommissioning.allowed"
                                                       : "recommissioning.forbidden");
    page += "\n";
  } else {
    page += "The run stays open; the same command goes on with it.\n";
  }
  work.context.output.result(page);
}

/// What the operator declares, by option or asked; nothing: the run stays open.
std::optional<records::Declaration> declaration(Work& work, const records::Run& run, bool person) {
  using records::Declaration;
  if (work.args.given("declare")) {
    return work.args.text("declare") == "no-discrepancy" ? Declaration::NoDiscrepancy
                                                         : Declaration::DiscrepancyIsolated;
  }
  if (!person) return std::nullopt;
  const Declaration fits =
      run.verdict().conforming ? Declaration::NoDiscrepancy : Declaration::DiscrepancyIsolated;
  Questions questions(work.context.output, work.language);
  if (!questions.declares(fits)) return std::nullopt;
  return fits;
}

Outcome<ExitCode> work_through(Work& work, records::Run& run) {
  End end;
  const auto ticked = read_devices(work, run);
  if (!ticked) return Unexpected{ticked.error()};
  end.ticked = *ticked;
  const bool person =
      !work.args.given("answers") && ::isatty(STDIN_FILENO) == 1 && !work.context.output.json();
  if (work.args.given("answers")) {
    if (Done done = answers_of_file(work, run); !done) return Unexpected{done.error()};
  } else if (person) {
    Questions questions(work.context.output, work.language);
    const auto all = questions.ask_all(run, work.reactor.wall_seconds());
    if (!all) return Unexpected{all.error()};
  }
  auto missing = run.missing();
  if (!missing) return Unexpected{missing.error()};
  end.missing = std::move(*missing);
  if (end.missing.empty() || work.args.given("declare")) {
    if (const auto declared = declaration(work, run, person)) {
      auto key = open_keys(work.context).choose(std::string(work.args.text("key")));
      if (!key) return Unexpected{key.error()};
      const records::Signing signing{std::string(work.args.text("operator")), std::string(kProgram),
                                     *key};
      auto record = run.finish(*declared, signing, work.reactor.wall_seconds());
      if (!record) return Unexpected{record.error()};
      end.record = std::move(*record);
    }
  }
  if (work.context.output.json()) {
    show_json(work, run, end);
  } else {
    show_page(work, run, end);
  }
  return end.record && run.verdict().conforming ? ExitCode::Done : ExitCode::Warning;
}

/// The site of that name, made when it is new and its family is known.
Outcome<store::Site> site_for(const Args& args, Context& context, store::Store& store,
                              const Checklists& lists, std::int64_t now) {
  const std::string name(args.text("site"));
  auto found = store.find_site(name);
  if (!found) return Unexpected{found.error()};
  if (*found) return **found;
  std::string family(args.text("family"));
  for (const std::string& typed : args.list("device")) {
    if (!family.empty()) break;
    const auto place = resolve_place(context, typed);
    if (!place) return Unexpected{place.error()};
    family = place->target.family;
  }
  if (family.empty()) {
    return failure(ErrorCode::BadUsage, "the site is new and its family is not known", "--family",
                   "Name the family; see 'weco checklist list'.");
  }
  if (const auto list = lists.find(family, args.text("CHECKLIST")); !list) {
    return Unexpected{list.error()};
  }
  return store.add_site(name, family, now);
}

}  // namespace

Outcome<ExitCode> run_checklist_run(const Args& args, Context& context) {
  for (const char* wanted : {"site", "operator"}) {
    if (!args.text(wanted).empty()) continue;
    return failure(ErrorCode::BadUsage, fmt::format("the {} is missing", wanted),
                   fmt::format("--{}", wanted), "A record names the site and who did it.");
  }
  const auto lists = Checklists::embedded();
  if (!lists) return Unexpected{lists.error()};
  const auto language = lists->language(args.text("language"));
  if (!language) return Unexpected{language.error()};
  auto store = open_store(context);
  if (!store) return Unexpected{store.error()};
  const auto reactor = context.make_reactor();
  const auto site = site_for(args, context, *store, *lists, reactor->wall_seconds());
  if (!site) return Unexpected{site.error()};
  const auto list =
      lists->find(args.given("family") ? args.text("family") : std::string_view(site->family),
                  args.text("CHECKLIST"));
  if (!list) return Unexpected{list.error()};
  if (Done done = plan_all(*store, *lists, *site); !done) return Unexpected{done.error()};
  auto run =
      records::Run::start(*store, **list, *site, args.text("operator"), reactor->wall_seconds());
  if (!run) return Unexpected{run.error()};
  Work work{args, context, *reactor, *lists, **language, *store, *site};
  return work_through(work, *run);
}

}  // namespace weco::cli
