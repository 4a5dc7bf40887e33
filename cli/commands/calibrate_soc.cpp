// SPDX-License-Identifier: Apache-2.0
// `weco calibrate-soc`: guides a person through the charges and discharges that a family needs, and
// watches them. Reads only.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "cli/agreement.hpp"
#include "cli/args.hpp"
#include "cli/context.hpp"
#include "cli/records_place.hpp"
#include "cli/render/json.hpp"
#include "cli/render/text.hpp"
#include "cli/table/calibrate_soc.hpp"
#include "cli/target.hpp"
#include "host/calibration/journal.hpp"
#include "host/records/keys.hpp"
#include "host/statistics/tariff.hpp"

namespace weco::cli {
namespace {

using calibration::Leg;
using calibration::Phase;
using calibration::Procedure;

constexpr std::size_t kTariffMax = 1U << 20U;
constexpr Duration kPatience = Duration::s(10);
constexpr int kSilentMost = 3;  // looks in a row without an answer: the link is lost

struct Run {
  const Args& args;
  Context& context;
  Reactor& reactor;
  LiveDevice& device;
  calibration::Rule rule;
  std::string name;  // of the device, as the person typed it
};

using Plan = std::vector<calibration::Part>;

struct Cost {
  double money = 0;
  std::string currency;
};

std::string percent(std::int32_t permyriad) { return fmt::format("{:.2f} %", permyriad / 100.0); }
std::string band_text(std::int32_t band) {
  return band < 0 ? std::string("not published") : "± " + percent(band);
}
std::string time_text(Duration time) {
  const std::int64_t minutes = (time.to_s() + 59) / 60;
  return minutes < 60 ? fmt::format("{} min", minutes)
                      : fmt::format("{} h {:02} min", minutes / 60, minutes % 60);
}

/// What is taken from the battery saves what it would have cost from the grid.
Outcome<std::optional<Cost>> cost_of(const Run& run, const Plan& plan) {
  if (!run.args.given("tariff")) return std::optional<Cost>{};
  const std::string file(run.args.text("tariff"));
  const auto text = records::read_whole(file, kTariffMax);
  if (!text) return Unexpected{text.error()};
  const auto tariff = statistics::parse_tariff(*text, file);
  if (!tariff) return Unexpected{tariff.error()};
  Cost cost{0, tariff->currency};
  std::int64_t at = statistics::local_of(run.reactor.wall_seconds(), tariff->zone);
  for (const calibration::Part& part : plan) {
    const std::int64_t end = at + part.duration.to_s();
    const double per_s = part.energy_kWh / static_cast<double>(std::max<std::int64_t>(end - at, 1));
    while (at < end) {
      const statistics::Price price = statistics::price_at(*tariff, at);
      const std::int64_t until = std::clamp(price.until_local, at + 1, end);
      cost.money += price.import_per_kWh * per_s * static_cast<double>(until - at);
      at = until;
    }
  }
  return std::optional(cost);
}

Unexpected<Failure> refuse(const Run& run, const calibration::Refusal& refusal,
                           std::string_view then) {
  const std::string id = refusal.rule.empty() ? "" : " (" + refusal.rule + ")";
  return failure(ErrorCode::RefusedByGuard, refusal.text + id, run.name, std::string(then));
}

/// Of all its parts, one way.
double energy_of(const Plan& plan, int direction) {
  double sum = 0;
  for (const calibration::Part& part : plan) sum += std::max(part.energy_kWh * direction, 0.0);
  return sum;
}

std::string_view instruction_of(const Run& run, Leg leg) {
  return leg == Leg::Discharge ? run.rule.to_discharge : run.rule.to_charge;
}

std::string plan_text(const calibration::Figures& now, const Plan& plan,
                      const std::optional<Cost>& cost) {
  std::string text = fmt::format(
      "State of charge {}, band {}.\nAbout {} and at most {:.1f} kWh from the grid, if the sun "
      "gives nothing.\n",
      percent(now.soc), band_text(now.band), time_text(duration_of(plan)), energy_of(plan, 1));
  if (const double back = energy_of(plan, -1); back > 0) {
    text += fmt::format("About {:.1f} kWh go from the battery to the house.\n", back);
  }
  if (cost) text += fmt::format("About {:.2f} {}.\n", cost->money, sanitize(cost->currency));
  return text;
}

std::string plan_json(const Run& run, const calibration::Figures& now, const Plan& plan,
                      const std::optional<Cost>& cost) {
  const auto hundredths = [](double value) { return Decimal{std::llround(value * 100), -2}; };
  JsonWriter json;
  json.begin_object().field("schema", "weco.calibration_plan/1").field("device", run.name);
  json.field("soc_pct", Decimal{now.soc, -2});
  if (now.band >= 0) json.field("soc_error_pct", Decimal{now.band, -2});
  json.field("duration_s", duration_of(plan).to_s());
  json.field("energy_kWh", hundredths(energy_of(plan, 1)));
  json.field("energy_back_kWh", hundredths(energy_of(plan, -1)));
  if (cost) json.field("cost", hundredths(cost->money)).field("currency", cost->currency);
  json.field("instruction", run.rule.to_charge);
  if (!run.rule.to_discharge.empty()) json.field("then", run.rule.to_discharge);
  return json.end_object().str();
}

void show_verdict(const Run& run, const calibration::Progress& progress,
                  const calibration::Figures& now) {
  Output& output = run.context.output;
  if (output.json()) {
    JsonWriter json;
    json.begin_object().field("schema", "weco.calibration/1").field("device", run.name);
    json.field("end", calibration::name(progress.phase));
    json.field("soc_before_pct", Decimal{progress.soc_before, -2});
    json.field("soc_pct", Decimal{now.soc, -2});
    if (progress.band_before >= 0) {
      json.field("soc_error_before_pct", Decimal{progress.band_before, -2});
    }
    if (now.band >= 0) json.field("soc_error_pct", Decimal{now.band, -2});
    json.field("cycles_without_full", progress.missed);
    output.result(json.end_object().str());
    return;
  }
  if (progress.phase == Phase::Calibrated) {
    output.result(fmt::format("Calibrated: {} at {}, band {} (before: {}, {}).\n{}",
                              sanitize(run.name), percent(now.soc), band_text(now.band),
                              percent(progress.soc_before), band_text(progress.band_before),
                              run.rule.afterwards));
    return;
  }
  output.result(
      fmt::format("Not calibrated: {} charges in a row without 100 %. Open a service case and put "
                  "its id on the record ({}).\n{}",
                  progress.missed, run.rule.service, run.rule.afterwards));
}

Done note_down(const Run& run, const calibration::Progress& progress) {
  return calibration::append(std::string(run.args.text("journal")),
                             {progress, run.name, run.reactor.wall_seconds()});
}

/// One look; a device that is silent for a moment is asked again.
Outcome<calibration::SiteReading> look(Run& run) {
  for (int silent = 1;; ++silent) {
    auto report = run.device.read(kPatience);
    if (report) return calibration::reading_of(report->snapshot);
    if (silent >= kSilentMost || run.context.interrupted() ||
        report.error().code() != ErrorCode::Timeout) {
      return Unexpected{std::move(report).error()};
    }
  }
}

/// Nothing was set by this program, so nothing is taken back by it: it says what stands.
Unexpected<Failure> cut(const Run& run, Failure why) {
  run.context.output.end_progress();
  // a failure that is an interruption says nothing by itself
  run.context.output.warning(
      fmt::format("nobody watches the charge any more. This program has set nothing; the charge "
                  "goes on as set in the app. {} Or go on watching with --resume",
                  run.rule.afterwards));
  return Unexpected{std::move(why)};
}

std::string label_of(const Run& run, const calibration::Progress& progress) {
  std::string_view what = "Charging";
  if (progress.phase == Phase::Holding) what = "Holding 100 %";
  if (progress.phase == Phase::Resting) what = "Resting";
  if (progress.phase == Phase::Discharging) what = "Discharging";
  if (run.rule.rounds == 1) return std::string(what);
  const int round = place_of(run.rule, progress.leg).round + 1;
  if (round > run.rule.rounds) return fmt::format("{} (at last)", what);
  return fmt::format("{} ({} of {})", what, round, run.rule.rounds);
}

void show_progress(const Run& run, const calibration::SiteReading& reading,
                   const calibration::Progress& progress) {
  const auto now = calibration::figures_of(run.rule, reading, progress.leg);
  std::string note = fmt::format("{}, ", percent(now.soc));
  if (now.voltage_mV >= 0) note += fmt::format("{:.1f} V, ", now.voltage_mV / 1000.0);
  note += fmt::format("spread {} mV, about {} left", now.spread_mV, time_text(now.remaining));
  // never whole: the bar would say that it is over
  const bool out = progress.phase == Phase::Discharging;
  const auto done =
      static_cast<std::uint64_t>(std::clamp(out ? 10000 - now.soc : now.soc, 0, 9999));
  run.context.output.progress(label_of(run, progress), done, 10000, run.reactor.now(), note);
}

/// Behind the last leg there is none to speak of.
std::int32_t last_leg(const Run& run, const calibration::Progress& progress) {
  const auto packs = static_cast<std::size_t>(progress.packs);
  return std::min(progress.leg, legs_of(run.rule, packs) - 1);
}

/// Another leg may want other settings.
void say_what_is_next(const Run& run, std::int32_t before, const calibration::Progress& progress) {
  if (ended(progress.phase) || before == progress.leg) return;
  const Leg now = place_of(run.rule, progress.leg).leg;
  if (now != Leg::Discharge && (now != Leg::Charge || before > progress.leg)) return;
  run.context.output.end_progress();
  run.context.output.warning(std::string(instruction_of(run, now)));
}

Outcome<ExitCode> watch(Run& run, Procedure procedure) {
  std::optional<calibration::Progress> told;
  while (true) {
    const Instant begun = run.reactor.now();
    const auto reading = look(run);
    if (run.context.interrupted()) {
      return cut(run, {Error{ErrorCode::Interrupted, 0}, "watching the charge", run.name, {}});
    }
    if (!reading) return cut(run, reading.error());
    const calibration::Progress& progress = procedure.step(*reading, run.reactor.now());
    if (!told || told->phase != progress.phase || told->leg != progress.leg ||
        told->missed != progress.missed || told->full != progress.full) {
      if (Done noted = note_down(run, progress); !noted) return cut(run, noted.error());
      if (told) say_what_is_next(run, told->leg, progress);
      told = progress;
    }
    if (progress.phase == Phase::Stopped) {
      run.context.output.end_progress();
      return refuse(run, procedure.refusal(),
                    "Stop the charge in the app now. " + std::string(run.rule.afterwards));
    }
    if (ended(progress.phase)) {
      run.context.output.end_progress();
      show_verdict(run, progress, figures_of(run.rule, *reading, last_leg(run, progress)));
      return progress.phase == Phase::Calibrated ? ExitCode::Done : ExitCode::Warning;
    }
    show_progress(run, *reading, progress);
    run.reactor.run([&] { return run.context.interrupted(); },
                    begun + run.args.duration("interval"));
  }
}

Outcome<Procedure> begin(const Run& run) {
  if (!run.args.flag("resume")) return Procedure(run.rule);
  const auto last = calibration::last_entry(std::string(run.args.text("journal")), run.name);
  if (!last) return Unexpected{last.error()};
  if (last->progress.phase == Phase::Calibrated || last->progress.phase == Phase::ServiceCase) {
    return failure(ErrorCode::BadUsage, "the run in the journal has ended", "--resume",
                   "Begin without --resume.");
  }
  return Procedure(run.rule, last->progress, Duration::s(run.reactor.wall_seconds() - last->at));
}

/// What is to be set now, and what later.
std::string instructions(const Run& run, Leg now) {
  std::string text = std::string(instruction_of(run, now)) + "\n";
  if (run.rule.to_discharge.empty()) return text;
  const Leg other = now == Leg::Discharge ? Leg::Charge : Leg::Discharge;
  return text + "Later, when it is said: " + std::string(instruction_of(run, other)) + "\n";
}

Outcome<ExitCode> calibrate(Run& run) {
  auto procedure = begin(run);
  if (!procedure) return Unexpected{procedure.error()};
  const auto first = run.device.read(kPatience);
  if (!first) return Unexpected{first.error()};
  const auto reading = calibration::reading_of(first->snapshot);
  const std::int32_t leg = procedure->progress().leg;
  const Leg kind = place_of(run.rule, leg).leg;
  if (const auto refusal = speaks_against(run.rule, reading, kind)) {
    return refuse(run, *refusal, "Nothing was begun. Look at it with 'weco status'.");
  }
  if (Done allowed = may_operate(run.context, *first); !allowed) return Unexpected{allowed.error()};
  const auto plan = plan_of(run.rule, reading, leg);
  const auto now = figures_of(run.rule, reading, leg);
  const auto cost = cost_of(run, plan);
  if (!cost) return Unexpected{cost.error()};
  Output& output = run.context.output;
  if (run.args.flag("plan")) {
    output.result(output.json() ? plan_json(run, now, plan, *cost)
                                : plan_text(now, plan, *cost) + instructions(run, kind));
    return ExitCode::Done;
  }
  const std::string what =
      plan_text(now, plan, *cost) + instructions(run, kind) + "Is it set, and may it begin?";
  if (Done asked = ask_person(run.args, run.context, what, "nothing was begun"); !asked) {
    return Unexpected{asked.error()};
  }
  return watch(run, std::move(*procedure));
}

}  // namespace

Outcome<ExitCode> run_calibrate_soc(const Args& args, Context& context) {
  auto place = resolve_place(context, args.text("DEVICE"));
  if (!place) return Unexpected{std::move(place).error()};
  if (args.given("unit")) place->target.unit = static_cast<int>(args.integer("unit"));
  const std::string family(args.given("family") ? std::string(args.text("family"))
                                                : place->target.family);
  if (family.empty()) {
    return failure(ErrorCode::BadUsage, "nobody said which family the device is of", "--family",
                   "Name it, or find it out with 'weco status'.");
  }
  auto rule = calibration::rule_of(family);
  if (!rule) return Unexpected{std::move(rule).error()};
  if (place->is_can() || place->endpoint.scheme == Scheme::Replay) {
    return failure(ErrorCode::Unsupported, "a charge is watched on a device that answers",
                   std::string(args.text("DEVICE")),
                   "Name a serial, tcp or udp endpoint; CAN does not tell of every pack.");
  }
  const auto catalog = Catalog::embedded();
  if (!catalog) return Unexpected{catalog.error()};
  const auto reactor = context.make_reactor();
  const auto record = open_record(args, *reactor);
  if (!record) return Unexpected{record.error()};
  const auto opened = open_live(*place, family, *reactor, *catalog, record->get());
  if (!opened) return Unexpected{opened.error()};
  Run run{
      args, context, *reactor, *opened->device, std::move(*rule), std::string(args.text("DEVICE"))};
  return calibrate(run);
}

}  // namespace weco::cli
