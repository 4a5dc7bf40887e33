// SPDX-License-Identifier: Apache-2.0
// `weco checklist warranty`: what is known of a site against the terms of its warranty, and the
// evidence as one archive. All that judges is in host/statistics.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "cli/args.hpp"
#include "cli/context.hpp"
#include "cli/records_place.hpp"
#include "cli/render/grid.hpp"
#include "cli/render/json.hpp"
#include "cli/render/text.hpp"
#include "cli/table/checklist_warranty.hpp"
#include "cli/version.hpp"
#include "host/records/archive.hpp"
#include "host/records/calendar.hpp"
#include "host/statistics/warranty.hpp"
#include "host/text/utc.hpp"

namespace weco::cli {
namespace {

using statistics::WarrantyRow;

constexpr std::size_t kTelemetryMax = 1U << 30U;
constexpr unsigned kForAll = 0644;

/// Keeps what was said about the site now; every word is checked before the first one is kept.
Done keep_facts(const Args& args, store::Store& store, const store::Site& site, std::int64_t now) {
  std::vector<store::FactRow> facts;
  for (const char* name : {"produced", "released", "event"}) {
    if (!args.given(name)) continue;
    const std::string value(args.text(name));
    const std::string option = fmt::format("--{}", name);
    if (std::string_view(name) == "released") {
      if (!records::parse_release(value)) {
        return failure(ErrorCode::BadUsage, quoted(value) + " is no release", option,
                       "Write it as 2.4.1=2026-09-30.");
      }
    } else {
      const auto day = records::parse_utc(value);
      if (!day || value.size() != 10 || *day > now) {
        return failure(ErrorCode::BadUsage, quoted(value) + " is no day that has been", option,
                       "Write it as 2026-01-31.");
      }
    }
    facts.push_back({name, now, value});
  }
  if (facts.empty()) return {};
  return store.database().transaction([&]() -> Done {
    for (const store::FactRow& fact : facts) {
      if (Done done = store.put_fact(site.id, fact); !done) return done;
    }
    return {};
  });
}

Outcome<std::vector<records::ArchiveFile>> read_logs(const Args& args) {
  std::vector<records::ArchiveFile> logs;
  for (const std::string& file : args.list("telemetry")) {
    auto text = records::read_whole(file, kTelemetryMax);
    if (!text) return Unexpected{text.error()};
    logs.push_back({file, std::move(*text)});
  }
  return logs;
}

Outcome<std::vector<statistics::Sample>> samples_of(const std::vector<records::ArchiveFile>& logs) {
  std::vector<statistics::Sample> samples;
  for (const records::ArchiveFile& log : logs) {
    const auto read = statistics::read_telemetry(log.content, log.name);
    if (!read) return Unexpected{read.error()};
    if (!samples.empty() && read->front().at <= samples.back().at) {
      return failure(ErrorCode::BadInput, "the log begins before the one named before it ends",
                     log.name, "Name the logs in the order of time.");
    }
    samples.insert(samples.end(), read->begin(), read->end());
  }
  return samples;
}

Outcome<std::vector<WarrantyRow>> judged(store::Store& store, const store::Site& site,
                                         const statistics::WarrantyTerms& terms,
                                         std::vector<statistics::Sample> samples,
                                         std::int64_t now) {
  const auto facts = store.facts(site.id);
  if (!facts) return Unexpected{facts.error()};
  auto counters = store.counters(site.id);
  if (!counters) return Unexpected{counters.error()};
  auto devices = store.devices(site.id);
  if (!devices) return Unexpected{devices.error()};
  return statistics::judge_warranty({terms, statistics::warranty_facts(*facts), std::move(samples),
                                     std::move(*counters), std::move(*devices), now});
}

std::string number_text(double value) {
  std::string text = fmt::format("{:.2f}", value);
  while (text.ends_with('0')) text.pop_back();
  if (text.ends_with('.')) text.pop_back();
  return text == "-0" ? "0" : text;
}

std::string as_json(const store::Site& site, std::string_view family, std::int64_t now,
                    const std::vector<WarrantyRow>& rows, const std::string& pack) {
  JsonWriter json;
  const auto number = [&](std::string_view key, std::optional<double> value) {
    json.key(key);
    const auto decimal = parse_decimal(value ? number_text(*value) : std::string());
    if (decimal) {
      json.number(*decimal);
    } else {
      json.null();
    }
  };
  json.begin_object().field("schema", "weco.warranty/1").field("site", site.name);
  json.field("family", family).field("at", utc_text(now)).field("pack", pack);
  json.key("rows").begin_array();
  for (const WarrantyRow& row : rows) {
    json.begin_object().field("name", row.name).field("needs", row.needs);
    json.field("state", name(row.state));
    number("value", row.value);
    json.field("unit", row.unit);
    number("limit", row.limit);
    json.field("until", row.until).field("basis", row.basis).end_object();
  }
  return json.end_array().end_object().str();
}

std::string as_page(const std::vector<WarrantyRow>& rows, const Output& output) {
  Grid grid({{"what"},
             {"state"},
             {"value", Grid::Align::Right},
             {"limit", Grid::Align::Right},
             {"unit"},
             {"until"},
             {"rests on"}});
  for (const WarrantyRow& row : rows) {
    const Style style = row.state == WarrantyRow::State::Ok        ? Style::Good
                        : row.state == WarrantyRow::State::Warning ? Style::Warning
                                                                   : Style::Dim;
    grid.add({{row.name},
              {std::string(name(row.state)), style},
              {row.value ? number_text(*row.value) : std::string()},
              {row.limit ? number_text(*row.limit) : std::string()},
              {row.unit},
              {row.until},
              {row.basis}});
  }
  return grid.draw(output);
}

Done write_pack(const Args& args, Context& context, store::Store& store, const store::Site& site,
                records::Evidence evidence, std::int64_t now) {
  const auto key = open_keys(context).choose(std::string(args.text("key")));
  if (!key) return Unexpected{key.error()};
  if (!*key) {
    return failure(ErrorCode::RefusedByGuard, "there is no key of yours to sign with", "",
                   "Make one with 'weco key new NAME'.");
  }
  const auto pack = records::evidence_pack(store, site, **key, evidence, now);
  if (!pack) return Unexpected{pack.error()};
  return records::write_whole(std::string(args.text("pack")), *pack, kForAll);
}

}  // namespace

Outcome<ExitCode> run_checklist_warranty(const Args& args, Context& context) {
  const auto lists = Checklists::embedded();
  if (!lists) return Unexpected{lists.error()};
  auto store = open_store(context);
  if (!store) return Unexpected{store.error()};
  const auto site = find_site(*store, args.text("SITE"));
  if (!site) return Unexpected{site.error()};
  const std::int64_t now = context.make_reactor()->wall_seconds();
  auto logs = read_logs(args);
  if (!logs) return Unexpected{logs.error()};
  auto samples = samples_of(*logs);
  if (!samples) return Unexpected{samples.error()};
  const std::string_view family = lists->family_for(site->family);
  const statistics::WarrantyTerms& terms = statistics::warranty_terms(family);
  if (Done done = keep_facts(args, *store, *site, now); !done) return Unexpected{done.error()};
  const auto rows = judged(*store, *site, terms, std::move(*samples), now);
  if (!rows) return Unexpected{rows.error()};
  const std::string pack(args.text("pack"));
  const std::string json = as_json(*site, family, now, *rows, pack);
  if (!pack.empty()) {
    Done done = write_pack(args, context, *store, *site,
                           {json, std::move(*logs), std::string(kProgram)}, now);
    if (!done) return Unexpected{done.error()};
  }
  context.output.result(context.output.json() ? json : as_page(*rows, context.output));
  if (!pack.empty() && !context.output.json()) {
    context.output.note(sanitize(pack) +
                        " holds the evidence; README.txt in it says how to check.");
  }
  const bool warns = std::ranges::any_of(
      *rows, [](const WarrantyRow& row) { return row.state == WarrantyRow::State::Warning; });
  return warns ? ExitCode::Warning : ExitCode::Done;
}

}  // namespace weco::cli
