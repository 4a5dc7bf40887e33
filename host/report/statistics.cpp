// SPDX-License-Identifier: Apache-2.0
#include "host/report/statistics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "host/report/markup.hpp"
#include "host/report/page.hpp"
#include "host/text/utc.hpp"

namespace weco::report {
namespace {

using statistics::Bucket;
using statistics::Energy;
using statistics::Flow;
using statistics::kFlowNames;
using statistics::kFlows;

constexpr std::array<std::string_view, kFlows> kColours = {"#e69f00", "#0072b2", "#56b4e9",
                                                           "#009e73", "#7f7f7f", "#cc79a7"};
constexpr std::array<Flow, kFlows> kAll = {Flow::Production, Flow::Consumption, Flow::Charge,
                                           Flow::Discharge,  Flow::Import,      Flow::Export};

std::string word(const Language& language, std::string_view key) {
  return std::string(language.word(fmt::format("stat.{}", key)));
}

std::string fact(const Language& language, std::string_view key, const std::string& value) {
  return fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", html(word(language, key)),
                     html(value));
}

std::string percent(double share) { return fmt::format("{:.1f} %", 100 * share); }

/// One curve for each flow that is known; as many points as there are periods.
std::string chart(const EnergyReport& report, const std::vector<Bucket>& rows,
                  const Language& language) {
  constexpr double kWidth = 680;
  constexpr double kHeight = 200;
  double highest = 0;
  for (const Bucket& row : rows) {
    for (const Flow flow : kAll) highest = std::max(highest, row.kWh(flow));
  }
  if (rows.size() < 2 || highest <= 0) return {};
  const double step = kWidth / static_cast<double>(rows.size() - 1);
  std::string drawn;
  double legend = 0;
  for (const Flow flow : kAll) {
    const auto i = static_cast<std::size_t>(flow);
    if (!report.energy.known(flow)) continue;
    drawn += fmt::format("<polyline fill=\"none\" stroke=\"{}\" points=\"", kColours[i]);
    for (std::size_t r = 0; r < rows.size(); ++r) {
      drawn += fmt::format("{:.1f},{:.1f} ", step * static_cast<double>(r),
                           kHeight - kHeight * rows[r].kWh(flow) / highest);
    }
    drawn += fmt::format(
        "\"/><rect x=\"{0}\" y=\"222\" width=\"10\" height=\"10\" fill=\"{1}\"/>"
        "<text x=\"{2}\" y=\"231\">{3}</text>",
        legend, kColours[i], legend + 14, html(word(language, kFlowNames[i])));
    legend += 112;
  }
  return fmt::format(
      "<figure><svg viewBox=\"0 -12 680 248\" width=\"680\" font-size=\"11\" role=\"img\" "
      "aria-label=\"{}\"><text x=\"0\" y=\"-3\">{:.2f} kWh</text>"
      "<line x1=\"0\" y1=\"200\" x2=\"680\" y2=\"200\" stroke=\"#a7b0b8\"/>{}"
      "<text x=\"0\" y=\"213\">{}</text><text x=\"680\" y=\"213\" text-anchor=\"end\">{}</text>"
      "</svg></figure>\n",
      html(word(language, "title")), highest, drawn, html(rows.front().stretch.label),
      html(rows.back().stretch.label));
}

std::string cells(const EnergyReport& report, const Bucket& row, const std::string& label) {
  const Energy& energy = report.energy;
  std::string line = fmt::format("<tr><td>{}{}</td>", html(label), row.estimated ? " ~" : "");
  for (const Flow flow : kAll) {
    if (energy.known(flow)) line += fmt::format("<td>{}</td>", kWh_text(energy, row, flow));
  }
  if (energy.question().tariff) {
    line += fmt::format("<td>{}</td><td>{}</td><td>{}</td>", money_text(row.import_cost),
                        money_text(row.export_revenue), money_text(row.benefit()));
  }
  return line + fmt::format("<td>{}</td></tr>\n", percent(energy.covered(row)));
}

std::string table(const EnergyReport& report, const std::vector<Bucket>& rows,
                  const Language& language) {
  const Energy& energy = report.energy;
  std::string page = fmt::format("<h2>{}</h2>\n<table class=\"numbers\"><thead><tr><th>{}</th>",
                                 html(word(language, "table")), html(word(language, "period")));
  for (const Flow flow : kAll) {
    if (!energy.known(flow)) continue;
    page += fmt::format("<th>{} [kWh]</th>",
                        html(word(language, kFlowNames[static_cast<std::size_t>(flow)])));
  }
  if (const auto& tariff = energy.question().tariff) {
    for (const std::string_view key : {"cost_short", "revenue_short", "benefit"}) {
      page += fmt::format("<th>{} [{}]</th>", html(word(language, key)), html(tariff->currency));
    }
  }
  page += fmt::format("<th>{}</th></tr></thead><tbody>\n", html(word(language, "covered")));
  for (const Bucket& row : rows) page += cells(report, row, row.stretch.label);
  if (energy.question().by != statistics::Period::Total) {
    page += cells(report, energy.total(), word(language, "total"));
  }
  page += "</tbody></table>\n";
  if (energy.total().estimated) {
    page += fmt::format("<p class=\"small\">{}</p>\n", html(word(language, "estimated")));
  }
  return page;
}

std::string equivalents_table(const Energy& energy, const Language& language) {
  if (!energy.known(Flow::Production)) return {};
  std::string page = fmt::format(
      "<h2>{}</h2>\n<table><thead><tr><th></th><th>{}</th><th>{}</th><th>{}</th></tr></thead>"
      "<tbody>\n",
      html(word(language, "equivalents")), html(word(language, "total")),
      html(word(language, "factor")), html(word(language, "by")));
  for (const Equivalent& row : equivalents(energy)) {
    const std::string said(language.word("source." + row.source, row.source));
    const std::string assumed = row.assumed ? word(language, "assumed") + ": " : std::string();
    page += fmt::format(
        "<tr><td>{}</td><td class=\"amount\">{:.1f} {}</td><td class=\"amount\">{}</td>"
        "<td>{}</td></tr>\n",
        html(word(language, row.name)), row.amount, row.name == "trees" ? "" : row.unit,
        html(row.factor), html(assumed + said));
  }
  return page + "</tbody></table>\n";
}

}  // namespace

std::array<Equivalent, 3> equivalents(const Energy& energy) {
  const statistics::Factors factors =
      energy.question().tariff ? energy.question().tariff->factors : statistics::usual_factors();
  const double kWh = energy.total().kWh(Flow::Production);
  const double co2 = kWh * factors.co2_kg_per_kWh.value;
  const auto text = [](const statistics::Factor& factor, std::string_view unit) {
    return fmt::format("{} {}", factor.value, unit);
  };
  return {
      {{"co2", "kg", co2, text(factors.co2_kg_per_kWh, "kg/kWh"), factors.co2_kg_per_kWh.source,
        factors.co2_kg_per_kWh.assumed},
       {"coal", "kg", kWh * factors.coal_kg_per_kWh.value, text(factors.coal_kg_per_kWh, "kg/kWh"),
        factors.coal_kg_per_kWh.source, factors.coal_kg_per_kWh.assumed},
       {"trees", "trees", co2 / factors.co2_kg_per_tree_year.value,
        text(factors.co2_kg_per_tree_year, "kg CO2/a"), factors.co2_kg_per_tree_year.source,
        factors.co2_kg_per_tree_year.assumed}}};
}

std::string kWh_text(const Energy& energy, const Bucket& bucket, Flow flow) {
  return energy.known(flow) ? fmt::format("{:.3f}", bucket.kWh(flow)) : std::string();
}

std::string money_text(double amount) {
  const std::string text = fmt::format("{:.2f}", amount);
  return text == "-0.00" ? "0.00" : text;
}

std::string statistics_html(const EnergyReport& report, const Language& language) {
  const Energy& energy = report.energy;
  const std::vector<Bucket> rows = energy.buckets();
  const std::string title = word(language, "title");
  std::string page = page_begin(language.code, title + " - " + report.site, title);
  page += "<table class=\"facts\">\n";
  page += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n",
                      html(language.word("label.site")), html(report.site));
  page += fact(language, "source", report.source);
  page += fact(language, "zone", to_text(energy.question().zone));
  page += fact(language, "from", utc_text(energy.from()));
  page += fact(language, "to", utc_text(energy.to()));
  page += fact(language, "covered", percent(energy.covered(energy.total())));
  if (energy.missing_s() > 0) {
    page += fact(language, "gaps",
                 fmt::format("{:.1f} {}", static_cast<double>(energy.missing_s()) / 3600,
                             word(language, "hours")));
  }
  if (energy.restarts() > 0) {
    page += fact(language, "restarts", std::to_string(energy.restarts()));
  }
  if (energy.question().tariff) {
    page += fact(language, "benefit", word(language, "benefit_how"));
  }
  page += "</table>\n" + chart(report, rows, language) + equivalents_table(energy, language);
  page += table(report, rows, language);
  return page + std::string(kPageEnd);
}

std::string statistics_csv(const EnergyReport& report) {
  const Energy& energy = report.energy;
  std::string text = "period,from,to";
  for (const std::string_view flow : kFlowNames) text += fmt::format(",{}_kWh", flow);
  text += ",import_cost,export_revenue,benefit,currency,recorded_pct,estimated\r\n";
  const auto row = [&](const Bucket& bucket, const std::string& label, std::int64_t from,
                       std::int64_t to) {
    text += fmt::format("{},{},{}", csv(label), utc_text(from), utc_text(to));
    for (const Flow flow : kAll) text += "," + kWh_text(energy, bucket, flow);
    if (const auto& tariff = energy.question().tariff) {
      text += fmt::format(",{},{},{},{}", money_text(bucket.import_cost),
                          money_text(bucket.export_revenue), money_text(bucket.benefit()),
                          csv(tariff->currency));
    } else {
      text += ",,,,";
    }
    text += fmt::format(",{:.1f},{}\r\n", 100 * energy.covered(bucket),
                        bucket.estimated ? "yes" : "no");
  };
  for (const Bucket& bucket : energy.buckets()) {
    row(bucket, bucket.stretch.label, std::max(bucket.stretch.from, energy.from()),
        std::min(bucket.stretch.to, energy.to()));
  }
  if (energy.question().by != statistics::Period::Total) {
    row(energy.total(), "total", energy.from(), energy.to());
  }
  return text;
}

}  // namespace weco::report
