// SPDX-License-Identifier: Apache-2.0
#include "cli/render/simulation.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/render/grid.hpp"
#include "cli/render/json.hpp"
#include "cli/render/text.hpp"
#include "cli/version.hpp"
#include "host/report/markup.hpp"
#include "host/text/utc.hpp"
#include "sim/scenario/telemetry.hpp"

namespace weco::cli {
namespace {

using State = sim::Verdict::State;

std::string number_text(double value) {
  std::string text;
  sim::append_number(text, value);
  return text;
}

void number_field(JsonWriter& json, std::string_view key, double value) {
  const auto decimal = parse_decimal(number_text(value));
  json.key(key);
  if (decimal) {
    json.number(*decimal);
  } else {
    json.null();
  }
}

std::string verdict_word(State state) {
  switch (state) {
    case State::Held:
      return "held";
    case State::Failed:
      return "FAILED";
    default:
      return "not reached";
  }
}

Style verdict_style(State state) {
  if (state == State::Held) return Style::Good;
  return state == State::Failed ? Style::Alarm : Style::Dim;
}

std::string energy_grid(const SimulationReport& report, const Output& output) {
  Grid grid({{"energy"}, {"kWh", Grid::Align::Right}, {"what it is"}});
  for (std::size_t i = 0; i < sim::kEnergyPaths; ++i) {
    const auto path = static_cast<sim::EnergyPath>(i);
    if (report.ledger.total.of(path) == 0) continue;
    const sim::EnergyPathInfo& row = sim::info(path);
    grid.add({{std::string(row.name)},
              {fmt::format("{:.3f}", report.ledger.total.kWh(path))},
              {std::string(row.doc), Style::Dim}});
  }
  return grid.draw(output);
}

std::string battery_grid(const SimulationReport& report, const Output& output) {
  const sim::SiteSummary& sum = report.summary;
  Grid grid({{"result"}, {"", Grid::Align::Right}});
  grid.add({{"self-sufficiency [%]"}, {fmt::format("{:.1f}", sum.self_sufficiency_pct)}});
  grid.add({{"self-consumption [%]"}, {fmt::format("{:.1f}", sum.self_consumption_pct)}});
  grid.add({{"full cycles"}, {fmt::format("{:.2f}", sum.cycles)}});
  grid.add({{"state of health [%]"}, {fmt::format("{:.3f}", sum.soh_pct)}});
  grid.add({{"cost of import"}, {fmt::format("{:.2f}", report.ledger.cost)}});
  grid.add({{"revenue of export"}, {fmt::format("{:.2f}", report.ledger.revenue)}});
  grid.add({{"warnings, alarms, faults"},
            {fmt::format("{}, {}, {}", sum.warnings, sum.alarms, sum.faults)}});
  return grid.draw(output);
}

std::string expectation_grid(const SimulationReport& report, const Output& output) {
  Grid grid({{"expectation"}, {""}});
  for (const sim::Verdict& verdict : report.verdicts) {
    grid.add({{verdict.text}, {verdict_word(verdict.state), verdict_style(verdict.state)}});
  }
  return grid.draw(output);
}

std::string failure_lines(const SimulationReport& report) {
  std::string text;
  for (const sim::Verdict& verdict : report.verdicts) {
    if (verdict.state != State::Failed) continue;
    const Duration after = verdict.at - Instant{};
    text += fmt::format("\nFailed: {}\n  at {}, {} after the start\n  seen: {}\n  allowed: {}\n",
                        sanitize(verdict.text), utc_text(report.start_s + after.to_s()),
                        elapsed_text(after), sanitize(verdict.values), verdict.allowed);
    if (!verdict.where.empty()) text += "  stated in " + sanitize(verdict.where) + "\n";
  }
  if (!text.empty()) text += "\nTo repeat this run:\n  " + sanitize(report.repeat) + "\n";
  return text;
}

}  // namespace

bool SimulationReport::held() const { return failed() == 0; }

std::uint32_t SimulationReport::failed() const {
  return static_cast<std::uint32_t>(
      std::ranges::count(verdicts, State::Failed, &sim::Verdict::state));
}

std::string elapsed_text(Duration elapsed) {
  const std::int64_t s = elapsed.to_s();
  const std::string days = s >= 86400 ? fmt::format("{}d ", s / 86400) : "";
  return days + fmt::format("{:02}:{:02}:{:02}", s / 3600 % 24, s / 60 % 60, s % 60);
}

std::string event_text(const sim::SiteEvent& event) {
  const std::string unit = event.unit > 0 ? fmt::format("unit {} ", event.unit) : "";
  const std::string code = event.code != 0 ? fmt::format(" ({})", event.code) : "";
  return fmt::format("{}{} {}{}", unit, sim::name(event.kind), event.what, code);
}

std::string simulation_page(const SimulationReport& report, const Output& output) {
  std::string page = output.styled(sanitize(report.title), Style::Heading) + "\n";
  page += fmt::format("{} simulated from {}, seed {}\n\n", elapsed_text(report.simulated),
                      utc_text(report.start_s), report.seed);
  page += energy_grid(report, output) + "\n" + battery_grid(report, output) + "\n" +
          expectation_grid(report, output);
  return page + failure_lines(report);
}

std::string sweep_line(const SimulationReport& report) {
  std::string values;
  for (const auto& [name, value] : report.settings) {
    values += (values.empty() ? "" : ", ") + name + "=" + value;
  }
  return fmt::format("{:>5}  {:<11}  {:>6.1f} %  {:>8.2f} cycles  {:>10.3f} kWh import  {}\n",
                     report.run, report.held() ? "held" : fmt::format("{} FAILED", report.failed()),
                     report.summary.self_sufficiency_pct, report.summary.cycles,
                     report.ledger.total.kWh(sim::EnergyPath::Import), sanitize(values));
}

std::string simulation_json(const SimulationReport& report) {
  JsonWriter json;
  json.begin_object().field("schema", "weco.simulate/1").field("version", kVersion);
  json.field("run", report.run).field("scenario", report.scenario).field("title", report.title);
  json.key("seed").word(report.seed);
  json.key("settings").begin_array();
  for (const auto& [name, value] : report.settings) {
    json.begin_object().field("name", name).field("value", value).end_object();
  }
  json.end_array().field("start", utc_text(report.start_s));
  number_field(json, "simulated_s", static_cast<double>(report.simulated.to_us()) * 1e-6);
  json.key("energy").begin_object();
  for (std::size_t i = 0; i < sim::kEnergyPaths; ++i) {
    const auto path = static_cast<sim::EnergyPath>(i);
    number_field(json, std::string(sim::info(path).name) + "_kWh", report.ledger.total.kWh(path));
  }
  json.end_object();
  const sim::SiteSummary& sum = report.summary;
  number_field(json, "self_sufficiency_pct", sum.self_sufficiency_pct);
  number_field(json, "self_consumption_pct", sum.self_consumption_pct);
  number_field(json, "cycles", sum.cycles);
  number_field(json, "soh_pct", sum.soh_pct);
  number_field(json, "cost", report.ledger.cost);
  number_field(json, "revenue", report.ledger.revenue);
  json.field("warnings", sum.warnings).field("alarms", sum.alarms).field("faults", sum.faults);
  json.field("held", report.held()).key("expectations").begin_array();
  for (const sim::Verdict& verdict : report.verdicts) {
    json.begin_object().field("what", verdict.text).field("state", sim::name(verdict.state));
    json.field("where", verdict.where);
    number_field(json, "at_s", static_cast<double>((verdict.at - Instant{}).to_us()) * 1e-6);
    json.field("values", verdict.values).field("allowed", verdict.allowed).end_object();
  }
  json.end_array().field("repeat", report.repeat).end_object();
  return json.str();
}

std::string junit_cases(const SimulationReport& report) {
  std::string text;
  std::string group = report.scenario;
  for (const auto& [name, value] : report.settings) group += " " + name + "=" + value;
  for (const sim::Verdict& verdict : report.verdicts) {
    text += fmt::format("  <testcase classname=\"{}\" name=\"{}\"", report::html(group),
                        report::html(verdict.text));
    if (verdict.state == State::Held) {
      text += "/>\n";
    } else if (verdict.state == State::Failed) {
      text += fmt::format(
          "><failure message=\"{}\">after {}: {}; allowed {}\n{}</failure></testcase>\n",
          report::html(verdict.values), elapsed_text(verdict.at - Instant{}),
          report::html(verdict.values), report::html(verdict.allowed), report::html(report.repeat));
    } else {
      text += "><skipped message=\"the run ended before\"/></testcase>\n";
    }
  }
  return text;
}

std::string junit_file(const std::string& cases, std::uint64_t tests, std::uint64_t failures) {
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuite name=\"weco simulate\" tests=\"{}\" failures=\"{}\">\n{}</testsuite>\n",
      tests, failures, cases);
}

}  // namespace weco::cli
