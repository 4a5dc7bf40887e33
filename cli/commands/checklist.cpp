// SPDX-License-Identifier: Apache-2.0
// `weco checklist list`, `show` and `due`: what there is to check, what was recorded, what is due.
#include <fmt/format.h>

#include <string>

#include "cli/args.hpp"
#include "cli/context.hpp"
#include "cli/records_place.hpp"
#include "cli/render/grid.hpp"
#include "cli/render/json.hpp"
#include "cli/render/text.hpp"
#include "cli/table/checklist.hpp"
#include "host/proof/canonical.hpp"
#include "host/records/calendar.hpp"
#include "host/records/tick.hpp"
#include "host/text/utc.hpp"

namespace weco::cli {
namespace {

using proof::text_of;

std::string period(int days) {
  return days == 0 ? std::string("once") : fmt::format("{} days", days);
}

Outcome<ExitCode> list_checklists(const Args& args, Context& context, const Checklists& lists) {
  std::string_view family;
  if (args.given("family")) {
    family = lists.family_for(args.text("family"));
    if (family.empty()) return Unexpected{lists.find(args.text("family"), "").error()};
  }
  JsonWriter json;
  json.begin_object().field("schema", "weco.checklists/1").key("checklists").begin_array();
  Grid grid({{"family"}, {"checklist"}, {"title"}, {"due every"}, {"items", Grid::Align::Right}});
  for (const Checklist& list : lists.all()) {
    if (!family.empty() && list.family != family) continue;
    grid.add({{list.family},
              {list.name},
              {list.title},
              {list.card ? std::string("to read") : period(list.every_days)},
              {std::to_string(list.items.size())}});
    json.begin_object().field("family", list.family).field("name", list.name);
    json.field("title", list.title).field("revision", list.revision);
    json.field("every_days", list.every_days).field("card", list.card);
    json.field("items", list.items.size()).end_object();
  }
  context.output.result(context.output.json() ? json.end_array().end_object().str()
                                              : grid.draw(context.output));
  return ExitCode::Done;
}

std::string state_of(const proof::Json& body) {
  if (!proof::truth_of(body, "conforming")) {
    return text_of(body, "recommissioning") == "forbidden" ? "forbids use" : "discrepancies";
  }
  return "conforming";
}

Outcome<ExitCode> list_records(const Args& args, Context& context) {
  auto store = open_store(context);
  if (!store) return Unexpected{store.error()};
  const auto site = find_site(*store, args.text("site"));
  if (!site) return Unexpected{site.error()};
  const auto records = store->records(site->id);
  if (!records) return Unexpected{records.error()};
  JsonWriter json;
  json.begin_object().field("schema", "weco.records/1").field("site", site->name);
  json.field("family", site->family).key("records").begin_array();
  Grid grid({{"number", Grid::Align::Right},
             {"finished"},
             {"checklist"},
             {"operator"},
             {"result"},
             {"signed"}});
  for (const store::RecordRow& record : *records) {
    const auto body = proof::parse_json(record.body, store->path());
    if (!body) return Unexpected{body.error()};
    const bool is_signed = !record.signature.empty();
    grid.add({{std::to_string(record.number)},
              {utc_text(record.finished)},
              {record.checklist},
              {text_of(*body, "operator")},
              {state_of(*body)},
              {is_signed ? "yes" : "no"}});
    json.begin_object().field("number", record.number).field("checklist", record.checklist);
    json.field("finished", utc_text(record.finished));
    json.field("operator", text_of(*body, "operator"));
    json.field("conforming", proof::truth_of(*body, "conforming"));
    json.field("recommissioning", text_of(*body, "recommissioning"));
    json.field("signed", is_signed).field("hash", record.hash).end_object();
  }
  context.output.result(context.output.json() ? json.end_array().end_object().str()
                                              : grid.draw(context.output));
  return ExitCode::Done;
}

std::string show_page(const Checklist& list, const Language& language, const Output& output) {
  std::string page =
      output.styled(language.word("title." + list.title, list.title), Style::Heading) + "\n";
  const int width = output.width_out() == 0 ? 100 : output.width_out();
  std::string group;
  for (const ChecklistItem& item : list.items) {
    if (item.group != group) {
      group = item.group;
      page += "\n" + output.styled(language.word("group." + group, group), Style::Strong) + "\n";
    }
    page += "  " + item.id;
    if (const std::string limits = records::limits_text(item.accept); !limits.empty()) {
      page += " [" + limits + "]";
    }
    for (const std::string& wanted : item.evidence) page += " +" + wanted;
    page += "\n" + wrap(language.word(item.key, item.text), static_cast<std::size_t>(width), 4);
    if (!page.ends_with('\n')) page += "\n";
    if (!item.fix.empty()) {
      page += wrap("-> " + std::string(language.word("fix." + item.fix)),
                   static_cast<std::size_t>(width), 6);
      if (!page.ends_with('\n')) page += "\n";
    }
  }
  return page;
}

std::string show_json(const Checklist& list, const Language& language) {
  JsonWriter json;
  json.begin_object().field("schema", "weco.checklist/1").field("family", list.family);
  json.field("name", list.name).field("title", language.word("title." + list.title, list.title));
  json.field("revision", list.revision).field("every_days", list.every_days);
  json.key("items").begin_array();
  for (const ChecklistItem& item : list.items) {
    json.begin_object().field("id", item.id);
    json.field("group", language.word("group." + item.group, item.group));
    json.field("kind", name(item.kind)).field("first", item.first);
    json.field("text", language.word(item.key, item.text));
    json.field("limits", records::limits_text(item.accept));
    json.field("fix", item.fix.empty() ? "" : language.word("fix." + item.fix));
    json.key("evidence").begin_array();
    for (const std::string& wanted : item.evidence) json.text(wanted);
    json.end_array().key("requirements").begin_array();
    for (const std::string& need : item.needs) json.text(need);
    json.end_array().end_object();
  }
  return json.end_array().end_object().str();
}

std::int64_t days_late(const store::DueRow& row, std::int64_t now) {
  return (now - row.due) / records::kDay_s;
}

std::string due_json(const std::vector<store::DueRow>& rows, std::int64_t now) {
  JsonWriter json;
  json.begin_object().field("schema", "weco.due/1").key("due").begin_array();
  for (const store::DueRow& row : rows) {
    json.begin_object().field("site", row.site).field("checklist", row.checklist);
    json.field("due", date_text(row.due));
    json.field("last", row.last == 0 ? std::string() : date_text(row.last));
    json.field("days_late", days_late(row, now)).end_object();
  }
  return json.end_array().end_object().str();
}

std::string due_page(const std::vector<store::DueRow>& rows, std::int64_t now,
                     const Output& output) {
  Grid grid({{"site"}, {"checklist"}, {"due"}, {"last"}, {"days late", Grid::Align::Right}});
  for (const store::DueRow& row : rows) {
    std::vector<Cell> cells;
    cells.reserve(5);
    cells.push_back({row.site});
    cells.push_back({row.checklist});
    cells.push_back({date_text(row.due)});
    cells.push_back({row.last == 0 ? std::string("never") : date_text(row.last)});
    cells.push_back({std::to_string(days_late(row, now))});
    grid.add(std::move(cells));
  }
  return grid.draw(output);
}

}  // namespace

Outcome<ExitCode> run_checklist_list(const Args& args, Context& context) {
  if (args.given("site")) return list_records(args, context);
  const auto lists = Checklists::embedded();
  if (!lists) return Unexpected{lists.error()};
  return list_checklists(args, context, *lists);
}

Outcome<ExitCode> run_checklist_show(const Args& args, Context& context) {
  const auto lists = Checklists::embedded();
  if (!lists) return Unexpected{lists.error()};
  const auto language = lists->language(args.text("language"));
  if (!language) return Unexpected{language.error()};
  if (!args.given("family")) {
    return failure(ErrorCode::BadUsage, "the family is missing", "--family",
                   "Name it; see 'weco checklist list'.");
  }
  const auto list = lists->find(args.text("family"), args.text("CHECKLIST"));
  if (!list) return Unexpected{list.error()};
  context.output.result(context.output.json() ? show_json(**list, **language)
                                              : show_page(**list, **language, context.output));
  return ExitCode::Done;
}

Outcome<ExitCode> run_checklist_due(const Args& args, Context& context) {
  auto store = open_store(context);
  if (!store) return Unexpected{store.error()};
  if (args.given("site")) {
    if (const auto site = find_site(*store, args.text("site")); !site) {
      return Unexpected{site.error()};
    }
  }
  const std::int64_t now = context.make_reactor()->wall_seconds();
  const std::int64_t until = now + args.duration("within").to_s();
  const auto rows = store->due(until, args.text("site"));
  if (!rows) return Unexpected{rows.error()};
  if (context.output.json()) {
    context.output.result(due_json(*rows, now));
  } else if (rows->empty()) {
    context.output.note("Nothing is due.");
  } else {
    context.output.result(due_page(*rows, now, context.output));
  }
  return args.flag("exit-code") && !rows->empty() ? ExitCode::Warning : ExitCode::Done;
}

}  // namespace weco::cli
