// SPDX-License-Identifier: Apache-2.0
// The words of a record in one language, and the record as tables: Markdown and CSV.
#include <fmt/format.h>

#include "host/report/markup.hpp"
#include "host/report/record.hpp"

namespace weco::report {

using proof::list_of;
using proof::text_of;

Words::Words(const Source& source, const Checklists& lists, const Language& language)
    : source_(source), language_(language) {
  const auto list = lists.find(text_of(source.body, "family"), text_of(source.body, "checklist"));
  if (list) list_ = *list;
}

std::string Words::title() const {
  const std::string own = text_of(source_.body, "title");
  return std::string(language_.word("title." + own, own));
}

std::string Words::item(const Json& item) const {
  const std::string own = text_of(item, "text");
  const ChecklistItem* known = list_ == nullptr ? nullptr : list_->find(text_of(item, "id"));
  if (known == nullptr || known->text != own) return own;
  return std::string(language_.word(known->key, own));
}

std::string Words::group(const Json& item) const {
  const std::string own = text_of(item, "group");
  return std::string(language_.word("group." + own, own));
}

std::string Words::result(const Json& item) const {
  return std::string(word("result." + text_of(item, "result")));
}

std::string Words::fix(const Json& item) const {
  const std::string fix = text_of(item, "fix");
  return fix.empty() ? fix : std::string(language_.word("fix." + fix, fix));
}

std::string Words::value(const Json& item) const {
  if (const Json& torque = proof::object_of(item, "torque"); !torque.empty()) {
    return fmt::format("{} Nm ({} Nm), {}", text_of(torque, "applied"),
                       text_of(torque, "specified"), text_of(torque, "wrench"));
  }
  std::string value = text_of(item, "value");
  if (const std::string unit = text_of(item, "unit"); !value.empty() && !unit.empty()) {
    value += " " + unit;
  }
  if (const std::string where = text_of(item, "where"); !where.empty()) value += " (" + where + ")";
  return value;
}

std::string Words::note(const Json& item) const {
  std::string note = text_of(item, "note");
  const auto add = [&](const std::string& more) {
    if (!note.empty()) note += "; ";
    note += more;
  };
  if (const std::string id = text_of(item, "case_id"); !id.empty()) {
    add(std::string(word("label.case")) + " " + id);
  }
  for (const Json& missing : list_of(item, "missing_evidence")) {
    if (missing.is_string()) {
      add(std::string(word("label.missing")) + ": " + missing.get<std::string>());
    }
  }
  return note;
}

std::string as_markdown(const Source& source, const Checklists& lists, const Language& language) {
  const Words words(source, lists, language);
  const Json& body = source.body;
  const auto line = [&](const char* label, const std::string& value) {
    return fmt::format("- {}: {}\n", words.word(label), markdown(value));
  };
  std::string page = fmt::format("# {}\n\n", markdown(words.title()));
  page += line("label.site", text_of(body, "site"));
  page += line("label.operator", text_of(body, "operator"));
  page += line("label.started", text_of(body, "started"));
  page += line("label.finished", text_of(body, "finished"));
  page += line("label.number", std::to_string(proof::whole_of(body, "number")));
  page += fmt::format("\n{}\n{}\n\n", words.word("declaration." + text_of(body, "declaration")),
                      words.word("recommissioning." + text_of(body, "recommissioning")));
  page +=
      fmt::format("| {} | {} | {} | {} | {} | {} |\n|---|---|---|---|---|---|\n",
                  words.word("label.item"), words.word("label.result"), words.word("label.value"),
                  words.word("label.limits"), words.word("label.note"), words.word("label.do"));
  for (const Json& item : list_of(body, "items")) {
    page += fmt::format("| {} | {} | {} | {} | {} | {} |\n", markdown(words.item(item)),
                        words.result(item), markdown(words.value(item)),
                        markdown(text_of(item, "limits")), markdown(words.note(item)),
                        markdown(words.fix(item)));
  }
  page += fmt::format("\n{}: `{}`\n", words.word("label.hash"), source.hash);
  page += source.key.empty() ? fmt::format("\n{}\n", words.word("label.unsigned"))
                             : fmt::format("\n{} {}. {}\n", words.word("label.signed"), source.key,
                                           words.word("label.check"));
  return page;
}

std::string as_csv(const Source& source, const Checklists& lists, const Language& language) {
  const Words words(source, lists, language);
  std::string table;
  const auto row = [&](std::initializer_list<std::string> cells) {
    std::string line;
    for (const std::string& cell : cells) line += (line.empty() ? "" : ",") + csv(cell);
    table += line + "\r\n";
  };
  row({"id", "group", "item", "result", "value", "unit", "limits", "by", "at", "note", "fix"});
  for (const Json& item : list_of(source.body, "items")) {
    const Json& torque = proof::object_of(item, "torque");
    row({text_of(item, "id"), words.group(item), words.item(item), text_of(item, "result"),
         torque.empty() ? text_of(item, "value") : text_of(torque, "applied"),
         torque.empty() ? text_of(item, "unit") : text_of(torque, "unit"), text_of(item, "limits"),
         text_of(item, "by"), text_of(item, "at"), words.note(item), words.fix(item)});
  }
  return table;
}

}  // namespace weco::report
