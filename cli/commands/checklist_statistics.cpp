// SPDX-License-Identifier: Apache-2.0
// `weco checklist statistics`: energy, money and equivalents by period, from files or from what was
// kept of a site. All that reckons is in host/statistics.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "cli/args.hpp"
#include "cli/context.hpp"
#include "cli/records_place.hpp"
#include "cli/render/grid.hpp"
#include "cli/render/json.hpp"
#include "cli/render/text.hpp"
#include "cli/table/checklist_statistics.hpp"
#include "host/records/calendar.hpp"
#include "host/report/statistics.hpp"
#include "host/statistics/telemetry.hpp"
#include "host/text/utc.hpp"

namespace weco::cli {
namespace {

using statistics::Bucket;
using statistics::Energy;
using statistics::Flow;
using statistics::kFlowNames;
using statistics::kFlows;

constexpr std::size_t kTelemetryMax = 1U << 30U;
constexpr std::size_t kTariffMax = 1U << 20U;
constexpr unsigned kForAll = 0644;

Outcome<std::optional<std::int64_t>> local_day(const Args& args, const char* option,
                                               const statistics::Zone& zone) {
  if (!args.given(option)) return std::optional<std::int64_t>();
  const std::string text(args.text(option));
  const auto day = records::parse_utc(text);
  if (!day || text.size() != 10) {
    return failure(ErrorCode::BadUsage, quoted(text) + " is no day", fmt::format("--{}", option),
                   "Write it as 2026-01-31.");
  }
  return std::optional(statistics::instant_of(*day, zone));
}

Outcome<statistics::Question> question(const Args& args) {
  statistics::Question asked;
  asked.by = statistics::parse_period(args.text("by"));
  if (args.given("tariff")) {
    const std::string file(args.text("tariff"));
    const auto text = records::read_whole(file, kTariffMax);
    if (!text) return Unexpected{text.error()};
    auto tariff = statistics::parse_tariff(*text, file);
    if (!tariff) return Unexpected{tariff.error()};
    asked.tariff = std::move(*tariff);
    asked.zone = asked.tariff->zone;
    for (const char* option : {"utc-offset", "summer-time"}) {
      if (!args.given(option)) continue;
      return failure(ErrorCode::BadUsage, "the tariff says the time zone",
                     fmt::format("--{}", option), "Leave it away, or change the tariff's file.");
    }
  } else {
    const auto zone =
        statistics::parse_zone(args.text("utc-offset"), args.text("summer-time"), "--utc-offset");
    if (!zone) return Unexpected{zone.error()};
    asked.zone = *zone;
  }
  const auto since = local_day(args, "since", asked.zone);
  if (!since) return Unexpected{since.error()};
  const auto until = local_day(args, "until", asked.zone);
  if (!until) return Unexpected{until.error()};
  asked.since = *since;
  asked.until = *until;
  return asked;
}

Outcome<Energy> of_files(const Args& args, statistics::Question asked) {
  std::vector<statistics::Sample> samples;
  for (const std::string& file : args.list("telemetry")) {
    const auto text = records::read_whole(file, kTelemetryMax);
    if (!text) return Unexpected{text.error()};
    const auto read = statistics::read_telemetry(*text, file);
    if (!read) return Unexpected{read.error()};
    if (!samples.empty() && read->front().at <= samples.back().at) {
      return failure(ErrorCode::BadInput, "the file begins before the one named before it ends",
                     file, "Name the files in the order of time.");
    }
    samples.insert(samples.end(), read->begin(), read->end());
  }
  Energy energy(std::move(asked));
  energy.add(samples);
  return energy;
}

Outcome<Energy> of_site(const Args& args, Context& context, statistics::Question asked) {
  auto store = open_store(context);
  if (!store) return Unexpected{store.error()};
  const auto site = find_site(*store, args.text("SITE"));
  if (!site) return Unexpected{site.error()};
  if (!args.list("device").empty()) {
    const auto reactor = context.make_reactor();
    for (const std::string& typed : args.list("device")) {
      const auto report = read_site_device(context, *reactor, typed, site->family);
      if (!report) return Unexpected{report.error()};
      Done done = keep_counters(*store, *site, *report, reactor->wall_seconds());
      if (!done) return Unexpected{done.error()};
    }
  }
  const auto counters = store->counters(site->id);
  if (!counters) return Unexpected{counters.error()};
  Energy energy(std::move(asked));
  energy.add(*counters);
  return energy;
}

void period_json(JsonWriter& json, const Energy& energy, const Bucket& row,
                 std::string_view label) {
  const auto number = [&](std::string_view key, bool known, const std::string& text) {
    const auto decimal = parse_decimal(text);
    json.key(key);
    if (known && decimal) {
      json.number(*decimal);
    } else {
      json.null();
    }
  };
  json.begin_object().field("period", label);
  json.field("from", utc_text(std::max(row.stretch.from, energy.from())));
  json.field("to", utc_text(std::min(row.stretch.to, energy.to())));
  for (std::size_t i = 0; i < kFlows; ++i) {
    const Flow flow = static_cast<Flow>(i);
    number(fmt::format("{}_kWh", kFlowNames[i]), energy.known(flow),
           report::kWh_text(energy, row, flow));
  }
  const bool money = energy.question().tariff.has_value();
  number("import_cost", money, report::money_text(row.import_cost));
  number("export_revenue", money, report::money_text(row.export_revenue));
  number("benefit", money, report::money_text(row.benefit()));
  number("recorded_pct", true, fmt::format("{:.1f}", 100 * energy.covered(row)));
  json.field("estimated", row.estimated).end_object();
}

std::string as_json(const report::EnergyReport& report) {
  const Energy& energy = report.energy;
  const statistics::Question& asked = energy.question();
  JsonWriter json;
  json.begin_object().field("schema", "weco.statistics/1").field("site", report.site);
  json.field("source", report.source).field("by", statistics::name(asked.by));
  json.field("zone", to_text(asked.zone));
  json.field("currency", asked.tariff ? asked.tariff->currency : std::string());
  json.field("missing_s", energy.missing_s()).field("restarts", energy.restarts());
  json.key("periods").begin_array();
  for (const Bucket& row : energy.buckets()) period_json(json, energy, row, row.stretch.label);
  json.end_array().key("total");
  Bucket total = energy.total();
  total.stretch = {energy.from(), energy.to(), "total"};
  period_json(json, energy, total, "total");
  json.key("equivalents").begin_array();
  if (energy.known(Flow::Production)) {
    for (const report::Equivalent& row : report::equivalents(energy)) {
      json.begin_object().field("name", row.name);
      json.field("amount", parse_decimal(fmt::format("{:.1f}", row.amount)).value_or(Decimal{}));
      json.field("unit", row.unit).field("factor", row.factor);
      json.field("source", row.source).field("assumed", row.assumed).end_object();
    }
  }
  return json.end_array().end_object().str();
}

std::string as_page(const report::EnergyReport& report, const Output& output) {
  const Energy& energy = report.energy;
  std::vector<Grid::Column> columns = {{"period"}};
  for (std::size_t i = 0; i < kFlows; ++i) {
    if (!energy.known(static_cast<Flow>(i))) continue;
    columns.push_back({fmt::format("{} [kWh]", kFlowNames[i]), Grid::Align::Right});
  }
  const auto& tariff = energy.question().tariff;
  if (tariff) {
    for (const char* what : {"cost", "revenue", "benefit"}) {
      columns.push_back({fmt::format("{} [{}]", what, tariff->currency), Grid::Align::Right});
    }
  }
  columns.push_back({"recorded [%]", Grid::Align::Right});
  Grid grid(std::move(columns));
  const auto add = [&](const Bucket& row, const std::string& label, Style style) {
    std::vector<Cell> cells = {{label + (row.estimated ? " ~" : ""), style}};
    for (std::size_t i = 0; i < kFlows; ++i) {
      const Flow flow = static_cast<Flow>(i);
      if (energy.known(flow)) cells.push_back({report::kWh_text(energy, row, flow), style});
    }
    if (tariff) {
      cells.push_back({report::money_text(row.import_cost), style});
      cells.push_back({report::money_text(row.export_revenue), style});
      cells.push_back({report::money_text(row.benefit()), style});
    }
    cells.push_back({fmt::format("{:.1f}", 100 * energy.covered(row)), style});
    grid.add(std::move(cells));
  };
  for (const Bucket& row : energy.buckets()) add(row, row.stretch.label, Style::Plain);
  if (energy.question().by != statistics::Period::Total) {
    add(energy.total(), "total", Style::Strong);
  }
  std::string page = grid.draw(output);
  if (energy.total().estimated) {
    page += "~ A reading over a longer time was divided evenly over periods or prices.\n";
  }
  if (energy.missing_s() > 0) {
    page += fmt::format("{:.1f} hours were not recorded and are not counted.\n",
                        static_cast<double>(energy.missing_s()) / 3600);
  }
  if (energy.restarts() > 0) {
    page += fmt::format("Counters began anew {} times; nothing is counted across that.\n",
                        energy.restarts());
  }
  if (!energy.known(Flow::Production)) return page;
  for (const report::Equivalent& row : report::equivalents(energy)) {
    page += fmt::format("{}: {:.1f} {} ({}; {}{})\n", row.name, row.amount, row.unit, row.factor,
                        row.assumed ? "assumed: " : "", sanitize(row.source));
  }
  return page;
}

Outcome<std::string> render(const Args& args, const report::EnergyReport& report,
                            const Output& output) {
  if (output.json()) return as_json(report);
  const std::string_view format = args.text("format");
  if (format == "csv") return report::statistics_csv(report);
  if (format != "html") return as_page(report, output);
  const auto lists = Checklists::embedded();
  if (!lists) return Unexpected{lists.error()};
  const auto language = lists->language(args.text("language"));
  if (!language) return Unexpected{language.error()};
  return report::statistics_html(report, **language);
}

}  // namespace

Outcome<ExitCode> run_checklist_statistics(const Args& args, Context& context) {
  const bool files = !args.list("telemetry").empty();
  if (files == !args.text("SITE").empty() || (files && !args.list("device").empty())) {
    return failure(ErrorCode::BadUsage,
                   files ? "energy of files and of a site would be counted twice"
                         : "neither a site nor telemetry was named",
                   "", "Name a SITE, or give --telemetry FILE.");
  }
  auto asked = question(args);
  if (!asked) return Unexpected{asked.error()};
  const auto energy =
      files ? of_files(args, std::move(*asked)) : of_site(args, context, std::move(*asked));
  if (!energy) return Unexpected{energy.error()};
  if (energy->from() == energy->to()) {
    return failure(ErrorCode::NotFound, "there is no energy in what is known",
                   files ? args.list("telemetry").front() : std::string(args.text("SITE")),
                   files ? "At least two rows within the days asked for are needed."
                         : "Two readings of the counters are needed: give --device, and again "
                           "later.");
  }
  const std::string first = files ? args.list("telemetry").front() : std::string();
  const report::EnergyReport report{
      *energy, files ? first.substr(first.rfind('/') + 1) : std::string(args.text("SITE")),
      files ? fmt::format("telemetry, {} file(s)", args.list("telemetry").size())
            : std::string("counters of the site's devices")};
  const auto text = render(args, report, context.output);
  if (!text) return Unexpected{text.error()};
  if (!args.given("output")) {
    context.output.result(*text);
    return ExitCode::Done;
  }
  const std::string file(args.text("output"));
  if (Done done = records::write_whole(file, *text, kForAll); !done) {
    return Unexpected{done.error()};
  }
  context.output.note(fmt::format("{}: {} periods.", sanitize(file), energy->buckets().size()));
  return ExitCode::Done;
}

}  // namespace weco::cli
