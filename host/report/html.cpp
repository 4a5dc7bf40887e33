// SPDX-License-Identifier: Apache-2.0
// The record as one page for a browser and for A4 paper.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "core/base/decimal.hpp"
#include "host/proof/digest.hpp"
#include "host/report/markup.hpp"
#include "host/report/page.hpp"
#include "host/report/qr.hpp"
#include "host/report/record.hpp"

namespace weco::report {
namespace {

using proof::list_of;
using proof::object_of;
using proof::text_of;

std::string row(std::string_view label, const std::string& value) {
  return fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", html(label), html(value));
}

/// How many items are ok, not conforming and not applicable, as one bar.
std::string result_chart(const Words& words, const Json& items) {
  constexpr std::array<std::string_view, 3> kResults = {"ok", "not_conforming", "not_applicable"};
  constexpr std::array<std::string_view, 3> kColors = {"#2e8b57", "#c0392b", "#a7b0b8"};
  constexpr double kWidth = 600;
  const double all = std::max<double>(1, static_cast<double>(items.size()));
  std::string bars;
  std::string legend;
  double x = 0;
  for (std::size_t i = 0; i < kResults.size(); ++i) {
    const auto count = std::count_if(items.begin(), items.end(), [&](const Json& item) {
      return text_of(item, "result") == kResults[i];
    });
    const double width = kWidth * static_cast<double>(count) / all;
    bars += fmt::format("<rect x=\"{:.1f}\" y=\"0\" width=\"{:.1f}\" height=\"18\" fill=\"{}\"/>",
                        x, width, kColors[i]);
    legend += fmt::format(
        "<rect x=\"{0}\" y=\"26\" width=\"10\" height=\"10\" fill=\"{1}\"/>"
        "<text x=\"{2}\" y=\"35\">{3}: {4}</text>",
        i * 200, kColors[i], i * 200 + 16, html(words.word("result." + std::string(kResults[i]))),
        count);
    x += width;
  }
  return fmt::format(
      "<figure><svg viewBox=\"0 0 600 40\" width=\"600\" font-size=\"12\" role=\"img\" "
      "aria-label=\"{}\">{}{}</svg></figure>\n",
      html(words.word("label.count")), bars, legend);
}

/// The readings that decided an item, side by side, when there are several numbers.
std::string reading_chart(const Words& words, const Json& item) {
  struct Bar {
    std::string name;
    std::string shown;
    double value = 0;
  };
  std::vector<Bar> bars;
  double highest = 0;
  for (const Json& reading : list_of(item, "readings")) {
    const std::string text = text_of(reading, "value");
    if (!parse_decimal(text)) return {};
    const double value = std::strtod(text.c_str(), nullptr);
    bars.push_back({text_of(reading, "point"), text + " " + text_of(reading, "unit"), value});
    highest = std::max(highest, std::abs(value));
  }
  if (bars.size() < 2 || highest <= 0) return {};
  std::string drawn;
  int y = 0;
  for (const Bar& bar : bars) {
    drawn += fmt::format(
        "<text x=\"0\" y=\"{}\">{}</text><rect x=\"300\" y=\"{}\" width=\"{:.1f}\" height=\"10\" "
        "fill=\"{}\"/><text x=\"510\" y=\"{}\">{}</text>",
        y + 11, html(bar.name), y + 2, 200 * std::abs(bar.value) / highest,
        bar.value < 0 ? "#c77f1a" : "#3b73a8", y + 11, html(bar.shown));
    y += 16;
  }
  return fmt::format(
      "<figure><figcaption>{}</figcaption><svg viewBox=\"0 0 600 {}\" width=\"600\" "
      "font-size=\"11\" role=\"img\" aria-label=\"{}\">{}</svg></figure>\n",
      html(words.item(item)), y, html(words.word("label.readings")), drawn);
}

std::string facts(const Source& source, const Words& words) {
  const Json& body = source.body;
  std::string page = "<table class=\"facts\">\n";
  page += row(words.word("label.site"), text_of(body, "site"));
  page += row(words.word("label.family"), text_of(body, "family"));
  page += row(words.word("label.operator"), text_of(body, "operator"));
  page += row(words.word("label.started"), text_of(body, "started"));
  page += row(words.word("label.finished"), text_of(body, "finished"));
  page += row(words.word("label.program"), text_of(body, "program"));
  page += "</table>\n";
  const bool good = proof::truth_of(body, "conforming");
  page += fmt::format("<div class=\"verdict{}\"><p>{}</p><p>{}</p></div>\n", good ? "" : " bad",
                      html(words.word("declaration." + text_of(body, "declaration"))),
                      html(words.word("recommissioning." + text_of(body, "recommissioning"))));
  return page;
}

std::string devices(const Json& body, const Words& words) {
  if (list_of(body, "devices").empty()) return {};
  std::string page = fmt::format(
      "<h2>{}</h2>\n<table><thead><tr><th>{}</th><th>{}</th><th>{}</th></tr></thead><tbody>\n",
      html(words.word("label.devices")), html(words.word("label.serial")),
      html(words.word("label.model")), html(words.word("label.firmware")));
  for (const Json& device : list_of(body, "devices")) {
    page +=
        fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td></tr>\n", html(text_of(device, "serial")),
                    html(text_of(device, "model")), html(text_of(device, "firmware")));
  }
  return page + "</tbody></table>\n";
}

std::string item_row(const Json& item, const Words& words) {
  const std::string result = text_of(item, "result");
  const bool known = result == "ok" || result == "not_conforming" || result == "not_applicable";
  std::string note = html(words.note(item));
  if (const std::string fix = words.fix(item); !fix.empty()) {
    note += fmt::format("{}<strong>{}</strong>: {}", note.empty() ? "" : "<br>",
                        html(words.word("label.do")), html(fix));
  }
  std::string value = html(words.value(item));
  if (const Json& torque = object_of(item, "torque"); !torque.empty()) {
    value += fmt::format("<br>{}: {} {}", html(words.word("label.marks")),
                         proof::truth_of(torque, "mark_blue") ? "&#10003;" : "&#10007;",
                         proof::truth_of(torque, "mark_red") ? "&#10003;" : "&#10007;");
  }
  if (text_of(item, "by") == "reading") {
    value +=
        fmt::format("<br><span class=\"small\">{}</span>", html(words.word("label.by_reading")));
  }
  return fmt::format(
      "<tr><td>{}</td><td class=\"{}\">{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
      html(words.item(item)), known ? result : "", html(words.result(item)), value,
      html(text_of(item, "limits")), note);
}

std::string items(const Json& body, const Words& words) {
  std::string page;
  std::string group;
  for (const Json& item : list_of(body, "items")) {
    if (text_of(item, "group") != group || page.empty()) {
      if (!page.empty()) page += "</tbody></table>\n";
      group = text_of(item, "group");
      page += fmt::format(
          "<h2>{}</h2>\n<table class=\"items\"><thead><tr><th>{}</th><th>{}</th><th>{}</th>"
          "<th>{}</th><th>{}</th></tr></thead><tbody>\n",
          html(words.group(item)), html(words.word("label.item")), html(words.word("label.result")),
          html(words.word("label.value")), html(words.word("label.limits")),
          html(words.word("label.note")));
    }
    page += item_row(item, words);
  }
  return page.empty() ? page : page + "</tbody></table>\n";
}

std::string readings(const Json& body, const Words& words) {
  std::string charts;
  for (const Json& item : list_of(body, "items")) charts += reading_chart(words, item);
  if (charts.empty()) return charts;
  return fmt::format("<h2>{}</h2>\n{}", html(words.word("label.readings")), charts);
}

/// Pictures are shown, other files named; the kind is what the bytes say, not the name.
std::string attachments(const Source& source, const Words& words) {
  if (source.attachments.empty()) return {};
  std::string page = fmt::format("<h2>{}</h2>\n", html(words.word("label.attachments")));
  for (const Json& file : source.attachments) {
    const std::string content = text_of(file, "content");
    const char* kind = content.starts_with("/9j/")          ? "jpeg"
                       : content.starts_with("iVBORw0KGgo") ? "png"
                                                            : nullptr;
    page += "<figure>";
    if (kind != nullptr && proof::from_base64(content)) {
      page += fmt::format("<img alt=\"\" src=\"data:image/{};base64,{}\">", kind, content);
    }
    page += fmt::format("<figcaption>{} <span class=\"mono\">{}</span></figcaption></figure>\n",
                        html(text_of(file, "name")), html(text_of(file, "sha256")));
  }
  return page;
}

std::string proof_block(const Source& source, const Words& words) {
  const Json& body = source.body;
  std::string page = fmt::format("<h2>{}</h2>\n<div>{}<table class=\"facts\">\n",
                                 html(words.word("label.proof")), qr_svg("sha256:" + source.hash));
  page += row(words.word("label.number"), std::to_string(proof::whole_of(body, "number")));
  page += row(words.word("label.hash"), source.hash);
  page += row(words.word("label.previous"), text_of(body, "previous"));
  if (!source.key.empty()) {
    page += row(words.word("label.signed"), source.key);
    page += row(words.word("label.signature"), source.comment);
  }
  page += "</table></div>\n<p class=\"small\">";
  page += html(words.word(source.key.empty() ? "label.unsigned" : "label.check"));
  page += fmt::format("</p>\n<div class=\"sign\"><div>{}</div><div>{}</div><div>{}</div></div>\n",
                      html(words.word("label.place_date")), html(words.word("label.sign_operator")),
                      html(words.word("label.sign_owner")));
  return page;
}

}  // namespace

std::string as_html(const Source& source, const Checklists& lists, const Language& language) {
  const Words words(source, lists, language);
  const Json& body = source.body;
  std::string page =
      page_begin(language.code, words.title() + " - " + text_of(body, "site"), words.title());
  page += facts(source, words) + result_chart(words, list_of(body, "items"));
  page += devices(body, words) + items(body, words) + readings(body, words);
  page += attachments(source, words) + proof_block(source, words);
  return page + std::string(kPageEnd);
}

}  // namespace weco::report
