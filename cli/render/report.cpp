// SPDX-License-Identifier: Apache-2.0
#include "cli/render/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string_view>
#include <vector>

#include "cli/version.hpp"
#include "host/report/markup.hpp"
#include "host/text/utc.hpp"

namespace weco::cli {
namespace {

constexpr double kWidth = 960;
constexpr double kHeight = 260;
constexpr double kLeft = 64;
constexpr double kRight = 12;
constexpr double kTop = 10;
constexpr double kBottom = 26;
constexpr int kTicks = 5;

constexpr std::array<std::string_view, 12> kColours = {"#0072b2", "#e69f00", "#009e73", "#d55e00",
                                                       "#cc79a7", "#56b4e9", "#999999", "#b8860b",
                                                       "#6a3d9a", "#1b7837", "#a6611a", "#404040"};

/// How a path of energy is drawn: sources above zero, what takes below.
struct PowerRow {
  std::string_view colour;
  bool source;
};
constexpr std::array<PowerRow, 8> kPowerRows = {{{"#e69f00", true},     // pv
                                                 {"#f0c040", true},     // pv_ac
                                                 {"#009e73", true},     // discharge
                                                 {"#7f7f7f", true},     // import
                                                 {"#8c510a", true},     // generator
                                                 {"#0072b2", false},    // load
                                                 {"#56b4e9", false},    // charge
                                                 {"#cc79a7", false}}};  // export

constexpr std::string_view kStyle =
    "body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:62rem;padding:0 1rem;"
    "color:#1c1c1c;background:#fff}h1{font-size:1.5rem;margin-bottom:.2rem}h2{font-size:1.1rem;"
    "margin:2rem 0 .4rem}table{border-collapse:collapse;width:100%}td,th{text-align:left;"
    "padding:.25rem .6rem;border-bottom:1px solid #ddd;vertical-align:top}td.n{text-align:right;"
    "font-variant-numeric:tabular-nums}.held{color:#0a6b2d}.failed{color:#b00020;font-weight:600}"
    ".dim{color:#666}svg{width:100%;height:auto;background:#fafafa;border:1px solid #ddd}"
    "svg text{font:11px system-ui,sans-serif;fill:#444}.legend span{display:inline-block;"
    "margin-right:1.1rem}.legend i{display:inline-block;width:.8rem;height:.8rem;"
    "margin-right:.35rem;vertical-align:-.05rem}code{background:#f2f2f2;padding:.1rem .3rem;"
    "overflow-wrap:anywhere}";

/// A step for ticks that people can read: 1, 2 or 5 times a power of ten.
double nice_step(double span) {
  const double rough = span / kTicks;
  const double ten = std::pow(10.0, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * ten >= rough) return factor * ten;
  }
  return 10 * ten;
}

struct Frame {
  double seconds = 1;  // along the whole width
  double low = 0;
  double high = 1;
  [[nodiscard]] double x(double at) const {
    return kLeft + at / seconds * (kWidth - kLeft - kRight);
  }
  [[nodiscard]] double y(double value) const {
    return kTop + (high - value) / (high - low) * (kHeight - kTop - kBottom);
  }
};

Frame frame_of(double low, double high, Duration length) {
  if (!(high - low > 1e-9)) {
    const double middle = low;
    low = middle - 1;
    high = middle + 1;
  }
  const double step = nice_step(high - low);
  return {std::max(static_cast<double>(length.to_us()) * 1e-6, 1.0), std::floor(low / step) * step,
          std::ceil(high / step) * step};
}

std::string axes(const Frame& frame, std::string_view unit) {
  std::string svg;
  const double step = nice_step(frame.high - frame.low);
  for (double value = frame.low; value <= frame.high + step / 2; value += step) {
    const double y = frame.y(value);
    svg += fmt::format(
        "<line x1=\"{0}\" x2=\"{1}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\" stroke=\"{3}\"/>"
        "<text x=\"{4}\" y=\"{5:.1f}\" text-anchor=\"end\">{6:g}</text>",
        kLeft, kWidth - kRight, y, std::abs(value) < step / 1000 ? "#888" : "#e2e2e2", kLeft - 6,
        y + 4, std::abs(value) < step / 1000 ? 0 : value);
  }
  const bool days = frame.seconds > 3 * 86400;
  const double one = days ? 86400 : 3600;
  const double hours = std::max(nice_step(frame.seconds / one), days ? 1.0 : 0.25);
  for (double at = 0; at * one <= frame.seconds; at += hours) {
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{:g} {}</text>",
                       frame.x(at * one), kHeight - 8, at, days ? "d" : "h");
  }
  return svg + fmt::format("<text x=\"4\" y=\"14\">{}</text>", unit);
}

std::string open_svg(std::string_view label) {
  return fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">", kWidth, kHeight,
                     report::html(label));
}

double centre_s(const sim::Curve& curve, std::size_t bucket) {
  return (static_cast<double>(bucket) + 0.5) * static_cast<double>(curve.width().to_us()) * 1e-6;
}

std::string legend(const std::vector<std::pair<std::string, std::string_view>>& entries) {
  std::string html = "<p class=\"legend\">";
  for (const auto& [name, colour] : entries) {
    html +=
        fmt::format("<span><i style=\"background:{}\"></i>{}</span>", colour, report::html(name));
  }
  return html + "</p>\n";
}

/// Sources stacked above zero, what takes below: both sides are equally high but for losses.
std::string power_chart(const std::vector<sim::Curve>& curves, Duration length) {
  std::size_t size = 0;
  for (const sim::Curve& curve : curves) size = std::max(size, curve.size());
  if (size == 0 || curves.size() != kPowerRows.size()) return {};
  std::vector<double> up(size);
  std::vector<double> down(size);
  for (std::size_t c = 0; c < curves.size(); ++c) {
    for (std::size_t i = 0; i < curves[c].size(); ++i) {
      (kPowerRows[c].source ? up : down)[i] += curves[c].bucket(i).mean() / 1000;
    }
  }
  const Frame frame =
      frame_of(-*std::ranges::max_element(down), *std::ranges::max_element(up), length);
  std::string svg = open_svg("Power") + axes(frame, "kW");
  std::vector<std::pair<std::string, std::string_view>> names;
  std::vector<double> base_up(size);
  std::vector<double> base_down(size);
  for (std::size_t c = 0; c < curves.size(); ++c) {
    const sim::Curve& curve = curves[c];
    std::vector<double>& base = kPowerRows[c].source ? base_up : base_down;
    const double sign = kPowerRows[c].source ? 1 : -1;
    std::string outer;
    std::string inner;
    double most = 0;
    for (std::size_t i = 0; i < curve.size(); ++i) {
      const double value = std::max(curve.bucket(i).mean() / 1000, 0.0);
      const double x = std::min(frame.x(centre_s(curve, i)), kWidth - kRight);
      inner.insert(0, fmt::format("{:.1f},{:.1f} ", x, frame.y(sign * base[i])));
      base[i] += value;
      outer += fmt::format("{:.1f},{:.1f} ", x, frame.y(sign * base[i]));
      most = std::max(most, value);
    }
    if (most <= 0) continue;
    svg += fmt::format("<polygon points=\"{}{}\" fill=\"{}\" opacity=\"0.85\"/>", outer, inner,
                       kPowerRows[c].colour);
    names.emplace_back(curve.name(), kPowerRows[c].colour);
  }
  return fmt::format("<h2>Power: sources above, uses below</h2>\n{}</svg>\n{}", svg, legend(names));
}

std::string verdict_table(const SimulationReport& report) {
  std::string html = "<h2>Expectations</h2>\n<table>";
  for (const sim::Verdict& verdict : report.verdicts) {
    const bool failed = verdict.state == sim::Verdict::State::Failed;
    const bool held = verdict.state == sim::Verdict::State::Held;
    html += fmt::format("<tr><td>{}</td><td class=\"{}\">{}</td><td>", report::html(verdict.text),
                        held     ? "held"
                        : failed ? "failed"
                                 : "dim",
                        held     ? "held"
                        : failed ? "failed"
                                 : "not reached");
    if (failed) {
      html += fmt::format("after {}: {}; allowed: {}", elapsed_text(verdict.at - Instant{}),
                          report::html(verdict.values), report::html(verdict.allowed));
    }
    html += "</td></tr>\n";
  }
  return html + "</table>\n";
}

std::string result_table(const SimulationReport& report) {
  const sim::SiteSummary& sum = report.summary;
  std::string html = "<h2>Result</h2>\n<table>";
  const auto row = [&](std::string_view name, const std::string& value, std::string_view unit) {
    html += fmt::format("<tr><td>{}</td><td class=\"n\">{}</td><td class=\"dim\">{}</td></tr>\n",
                        report::html(name), value, report::html(unit));
  };
  for (std::size_t i = 0; i < sim::kEnergyPaths; ++i) {
    const auto path = static_cast<sim::EnergyPath>(i);
    if (report.ledger.total.of(path) == 0) continue;
    row(sim::info(path).name, fmt::format("{:.3f}", report.ledger.total.kWh(path)),
        "kWh, " + std::string(sim::info(path).doc));
  }
  row("self-sufficiency", fmt::format("{:.1f}", sum.self_sufficiency_pct), "%");
  row("self-consumption", fmt::format("{:.1f}", sum.self_consumption_pct), "%");
  row("full cycles", fmt::format("{:.2f}", sum.cycles), "mean of the packs");
  row("state of health", fmt::format("{:.3f}", sum.soh_pct), "%, lowest of the packs");
  row("cost of import", fmt::format("{:.2f}", report.ledger.cost), "currency of the tariff");
  row("revenue of export", fmt::format("{:.2f}", report.ledger.revenue), "currency of the tariff");
  row("warnings, alarms, faults", fmt::format("{}, {}, {}", sum.warnings, sum.alarms, sum.faults),
      "how often");
  return html + "</table>\n";
}

std::string event_table(const SimulationReport& report) {
  if (report.events.empty()) return {};
  std::string html = "<h2>Events</h2>\n<table>";
  for (const SimulationReport::Line& line : report.events) {
    html += fmt::format("<tr><td class=\"dim\">{}</td><td>{}</td></tr>\n", utc_text(line.at_s),
                        report::html(line.text));
  }
  html += "</table>\n";
  if (report.events_total > report.events.size()) {
    html += fmt::format("<p class=\"dim\">The first {} of {} events.</p>\n", report.events.size(),
                        report.events_total);
  }
  return html;
}

}  // namespace

std::string report_head(std::string_view title) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width\"><title>{0}</title>"
      "<style>{1}</style></head><body>\n<h1>{0}</h1>\n",
      report::html(title), kStyle);
}

std::string line_chart(std::string_view title, std::string_view unit,
                       const std::vector<sim::Curve>& curves, Duration length) {
  double low = 1e300;
  double high = -1e300;
  for (const sim::Curve& curve : curves) {
    for (std::size_t i = 0; i < curve.size(); ++i) {
      if (curve.bucket(i).count == 0) continue;
      low = std::min(low, curve.bucket(i).least);
      high = std::max(high, curve.bucket(i).most);
    }
  }
  if (low > high) return {};
  const Frame frame = frame_of(low, high, length);
  std::string svg = open_svg(title) + axes(frame, unit);
  std::vector<std::pair<std::string, std::string_view>> names;
  for (std::size_t c = 0; c < curves.size(); ++c) {
    const sim::Curve& curve = curves[c];
    const std::string_view colour = kColours[c % kColours.size()];
    std::string line;
    std::string over;
    std::string under;
    for (std::size_t i = 0; i < curve.size(); ++i) {
      const sim::Bucket& bucket = curve.bucket(i);
      if (bucket.count == 0) continue;
      const double x = std::min(frame.x(centre_s(curve, i)), kWidth - kRight);
      line += fmt::format("{:.1f},{:.1f} ", x, frame.y(bucket.mean()));
      over += fmt::format("{:.1f},{:.1f} ", x, frame.y(bucket.most));
      under.insert(0, fmt::format("{:.1f},{:.1f} ", x, frame.y(bucket.least)));
    }
    svg +=
        fmt::format("<polygon points=\"{}{}\" fill=\"{}\" opacity=\"0.18\"/>", over, under, colour);
    svg += fmt::format("<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.4\"/>",
                       line, colour);
    names.emplace_back(curve.name(), colour);
  }
  return fmt::format("<h2>{}</h2>\n{}</svg>\n{}", report::html(title), svg, legend(names));
}

std::string simulation_html(const SimulationReport& report, const sim::Charts& charts) {
  std::string html = report_head(report.title);
  html += fmt::format("<p class=\"dim\">{}, {} from {}, seed {}, weco {}</p>\n",
                      report::html(report.scenario), elapsed_text(report.simulated),
                      utc_text(report.start_s), report.seed, kVersion);
  html += verdict_table(report);
  html += power_chart(charts.power(), report.simulated);
  html += line_chart("State of charge", "%", charts.soc(), report.simulated);
  html += line_chart("Temperature of the cells, coldest to warmest", "°C", charts.heat(),
                     report.simulated);
  html += line_chart("Spread of the cells", "mV", charts.cells(), report.simulated);
  html += result_table(report) + event_table(report);
  html += fmt::format("<h2>To repeat this run</h2>\n<p><code>{}</code></p>\n</body></html>\n",
                      report::html(report.repeat));
  return html;
}

}  // namespace weco::cli
