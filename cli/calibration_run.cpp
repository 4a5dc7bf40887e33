// SPDX-License-Identifier: Apache-2.0
#include "cli/calibration_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "cli/records_place.hpp"
#include "cli/render/json.hpp"
#include "cli/render/text.hpp"
#include "host/calibration/supervision.hpp"
#include "host/records/keys.hpp"
#include "host/settings/text.hpp"
#include "host/statistics/tariff.hpp"

namespace weco::cli {
namespace {

using calibration::Leg;
using calibration::Phase;
using calibration::Procedure;

constexpr std::size_t kTariffMax = 1U << 20U;
/// The line to the device, opened as often as it takes.
struct Line {
  const CalibrationRequest& request;
  Context& context;
  std::unique_ptr<Reactor> clock{};  // of the recorder, which outlives every line
  std::unique_ptr<Reactor> latest{};
  std::unique_ptr<EventSink> record{};
  std::optional<OpenedDevice> opened{};

  Done open() {
    opened.reset();
    if (context.interrupted()) context.interruption.forget();
    if (request.record && !record) {
      if (Done begun = begin_record(); !begun) return begun;
    }
    latest.reset();  // before the next is made: an ending one detaches the interruption
    latest = context.make_reactor();
    const Place& place = request.place;
    auto device = open_live(place, place.target.family, *latest, request.catalog, record.get());
    if (!device) return Unexpected{std::move(device).error()};
    opened.emplace(std::move(*device));
    return {};
  }
  [[nodiscard]] Reactor& reactor() const { return *latest; }

 private:
  Done begin_record() {
    clock = context.make_reactor();
    auto sink = request.record(*clock);
    if (!sink) return Unexpected{std::move(sink).error()};
    record = std::move(*sink);
    return {};
  }
};

struct Run {
  const CalibrationRequest& request;
  Context& context;
  Line& line;
  calibration::Rule rule;
  std::string changes;  // where what is set is recorded; empty: guided

  [[nodiscard]] bool commanded() const { return !changes.empty(); }
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
  const std::string& file = run.request.tariff;
  if (file.empty()) return std::optional<Cost>{};
  const auto text = records::read_whole(file, kTariffMax);
  if (!text) return Unexpected{text.error()};
  const auto tariff = statistics::parse_tariff(*text, file);
  if (!tariff) return Unexpected{tariff.error()};
  Cost cost{0, tariff->currency};
  std::int64_t at = statistics::local_of(run.line.reactor().wall_seconds(), tariff->zone);
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
  return failure(ErrorCode::RefusedByGuard, refusal.text + id, run.request.device,
                 std::string(then));
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

/// Whose turn comes when; empty when all go together.
std::vector<std::string> order_of(const Run& run, const calibration::SiteReading& reading) {
  std::vector<std::string> order;
  if (!run.rule.in_turn) return order;
  for (const calibration::PackReading& pack : reading.packs) order.push_back(sanitize(pack.name));
  return order;
}

/// What is said before anything begins.
struct Outlook {
  calibration::Figures now;
  std::string caution;  // empty: there is none
  Plan plan;
  std::optional<Cost> cost;
  std::vector<std::string> order;
  std::vector<std::string> sets;  // what is written now; empty: a person sets it
};

/// The pack's name is a device's text.
std::string caution_of(const Run& run, const calibration::SiteReading& reading) {
  return sanitize(calibration::caution(run.rule, reading));
}

std::string plan_text(const Outlook& outlook) {
  const auto& [now, caution, plan, cost, order, sets] = outlook;
  std::string text = fmt::format(
      "State of charge {}, band {}.\nAbout {} and at most {:.1f} kWh from the grid, if the sun "
      "gives nothing.\n",
      percent(now.soc), band_text(now.band), time_text(duration_of(plan)), energy_of(plan, 1));
  if (const double back = energy_of(plan, -1); back > 0) {
    text += fmt::format("About {:.1f} kWh go from the battery to the house.\n", back);
  }
  if (cost) text += fmt::format("About {:.2f} {}.\n", cost->money, sanitize(cost->currency));
  if (!order.empty()) {
    text += fmt::format("One after the other, while the rest keep serving the site: {}.\n",
                        fmt::join(order, ", "));
  }
  if (!caution.empty()) text += caution + "\n";
  return text;
}

std::string plan_json(const Run& run, const Outlook& outlook) {
  const auto& [now, caution, plan, cost, order, sets] = outlook;
  const auto hundredths = [](double value) { return Decimal{std::llround(value * 100), -2}; };
  JsonWriter json;
  json.begin_object()
      .field("schema", "weco.calibration_plan/1")
      .field("device", run.request.device);
  json.field("soc_pct", Decimal{now.soc, -2});
  if (now.band >= 0) json.field("soc_error_pct", Decimal{now.band, -2});
  json.field("duration_s", duration_of(plan).to_s());
  json.field("energy_kWh", hundredths(energy_of(plan, 1)));
  json.field("energy_back_kWh", hundredths(energy_of(plan, -1)));
  if (cost) json.field("cost", hundredths(cost->money)).field("currency", cost->currency);
  if (!order.empty()) {
    json.key("order").begin_array();
    for (const std::string& pack : order) json.text(pack);
    json.end_array();
  }
  if (run.commanded()) {
    json.key("sets").begin_array();
    for (const std::string& change : sets) json.text(change);
    json.end_array();
  }
  if (!caution.empty()) json.field("caution", caution);
  json.field("instruction", run.rule.to_charge);
  if (!run.rule.to_discharge.empty()) json.field("then", run.rule.to_discharge);
  return json.end_object().str();
}

/// What is left to do for a person.
std::string_view afterwards_of(const Run& run) {
  return run.commanded() ? std::string_view{} : run.rule.afterwards;
}

/// Counted from 1.
std::vector<int> given_up(const calibration::Progress& progress) {
  std::vector<int> packs;
  for (int i = 0; i < progress.packs; ++i) {
    if (((progress.given_up >> i) & 1U) != 0) packs.push_back(i + 1);
  }
  return packs;
}

std::string whose(const Run& run, const calibration::Progress& progress) {
  const std::vector<int> packs = given_up(progress);
  if (!run.rule.in_turn) return {};
  const bool all = packs.size() == static_cast<std::size_t>(progress.packs);
  return fmt::format(" (cabinet {}{})", fmt::join(packs, ", "),
                     all ? "" : "; the others are calibrated");
}

std::string verdict_json(const Run& run, const calibration::Progress& progress,
                         const calibration::Figures& now, const std::string& caution) {
  JsonWriter json;
  json.begin_object().field("schema", "weco.calibration/1").field("device", run.request.device);
  json.field("end", calibration::name(progress.phase));
  json.field("soc_before_pct", Decimal{progress.soc_before, -2});
  json.field("soc_pct", Decimal{now.soc, -2});
  if (progress.band_before >= 0) {
    json.field("soc_error_before_pct", Decimal{progress.band_before, -2});
  }
  if (now.band >= 0) json.field("soc_error_pct", Decimal{now.band, -2});
  json.field("cycles_without_full", progress.missed);
  json.key("service").begin_array();
  for (const int pack : given_up(progress)) json.number(pack);
  json.end_array();
  if (!caution.empty()) json.field("caution", caution);
  return json.end_object().str();
}

std::string verdict_text(const Run& run, const calibration::Progress& progress,
                         const calibration::Figures& now, const std::string& caution) {
  if (progress.phase == Phase::Calibrated) {
    return fmt::format("Calibrated: {} at {}, band {} (before: {}, {}).\n{}{}{}",
                       sanitize(run.request.device), percent(now.soc), band_text(now.band),
                       percent(progress.soc_before), band_text(progress.band_before), caution,
                       caution.empty() ? "" : "\n", afterwards_of(run));
  }
  return fmt::format(
      "Not calibrated: {} charges in a row without 100 %{}. Open a service case and put its id on "
      "the record ({}).\n{}",
      progress.missed, whose(run, progress), run.rule.service, afterwards_of(run));
}

/// Behind a comma; an interruption has no words of its own.
std::string why_it_stands(const calibration::Ending& ending) {
  if (!ending.stands) return {};
  if (ending.stands->code() == ErrorCode::Interrupted) {
    return ", because this was interrupted once more";
  }
  return ", because " + sanitize(ending.stands->what);
}

/// What stands on the device, and how it is put back; nothing when nothing does.
void say_what_stands(const Run& run, const calibration::Ending& ending) {
  if (ending.standing.empty()) return;
  std::vector<std::string> undo;
  for (const std::string& each : ending.standing) undo.push_back("'weco undo " + each + "'");
  run.context.output.warning(
      fmt::format("what was set still stands on {}{}. Put it back, in this order: {}",
                  sanitize(run.request.device), why_it_stands(ending), fmt::join(undo, ", ")));
}

/// Why nobody watches any more, and what that means for the device.
Unexpected<Failure> cut(const Run& run, const calibration::Ending& ending) {
  // a failure that is an interruption says nothing by itself
  if (!run.commanded()) {
    run.context.output.warning(
        fmt::format("nobody watches the charge any more. This program has set nothing; the charge "
                    "goes on as set in the app. {} Or go on watching with --resume",
                    run.rule.afterwards));
  } else if (ending.standing.empty()) {
    run.context.output.warning(
        "nobody watches the charge any more, and the settings are as they were before. Go on with "
        "--resume");
  }
  say_what_stands(run, ending);
  return Unexpected{*ending.cut};
}

std::string label_of(const Run& run, const calibration::Progress& progress) {
  std::string_view what = "Charging";
  if (progress.phase == Phase::Holding) what = "Holding 100 %";
  if (progress.phase == Phase::Resting) what = "Resting";
  if (progress.phase == Phase::Discharging) what = "Discharging";
  if (run.rule.in_turn) {
    const std::size_t pack = place_of(run.rule, progress.leg).pack + 1;
    return fmt::format("{} (cabinet {} of {})", what, pack, progress.packs);
  }
  if (run.rule.rounds == 1) return std::string(what);
  const calibration::Place place = place_of(run.rule, progress.leg);
  const int round = place.round + 1;
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
  run.context.output.progress(label_of(run, progress), done, 10000, run.line.reactor().now(), note);
}

/// Behind the last leg there is none to speak of.
std::int32_t last_leg(const Run& run, const calibration::Progress& progress) {
  const auto packs = static_cast<std::size_t>(progress.packs);
  return std::min(progress.leg, legs_of(run.rule, packs) - 1);
}

class Stand final : public calibration::Attendance {
 public:
  explicit Stand(Run& run) : run_(run) {}
  [[nodiscard]] Reactor& reactor() override { return run_.line.reactor(); }
  [[nodiscard]] LiveDevice& device() override { return *run_.line.opened->device; }
  Done reopen() override { return run_.line.open(); }
  [[nodiscard]] bool stopped() const override { return run_.context.interrupted(); }
  void begins(const calibration::Place& place) override {
    output().end_progress();
    if (run_.commanded()) {
      output().note(place.leg == Leg::Discharge ? "Setting the device to discharge."
                                                : "Setting the device to charge.");
    } else {
      output().warning(std::string(instruction_of(run_, place.leg)));
    }
  }
  void saw(const calibration::SiteReading& reading,
           const calibration::Progress& progress) override {
    show_progress(run_, reading, progress);
  }
  void waits() override {
    output().end_progress();
    output().warning(fmt::format(
        "the link to {} is lost; waiting up to {} to put back what was set. Ctrl-C ends that",
        sanitize(run_.request.device), time_text(calibration::kComesBack)));
  }

 private:
  [[nodiscard]] Output& output() { return run_.context.output; }
  Run& run_;
};

struct Begin {
  Procedure procedure;
  std::vector<std::string> standing;  // of the part before
};

Outcome<CalibrationAnswer> watch(Run& run, Begin begin) {
  Stand stand(run);
  const calibration::Order order{run.rule, run.request.device, run.request.journal,
                                 run.request.interval, run.changes};
  const calibration::Ending ending =
      supervise(order, std::move(begin.procedure), std::move(begin.standing), stand);
  run.context.output.end_progress();
  if (ending.cut) return cut(run, ending);
  const calibration::Progress& progress = ending.progress;
  if (progress.phase == Phase::Stopped) {
    say_what_stands(run, ending);
    return refuse(run, ending.refusal,
                  run.commanded()
                      ? std::string("Look at it with 'weco status'.")
                      : "Stop the charge in the app now. " + std::string(run.rule.afterwards));
  }
  say_what_stands(run, ending);
  const auto now = figures_of(run.rule, ending.last, last_leg(run, progress));
  const std::string caution = caution_of(run, ending.last);
  const bool well =
      ending.standing.empty() && caution.empty() && progress.phase == Phase::Calibrated;
  return CalibrationAnswer{verdict_text(run, progress, now, caution),
                           verdict_json(run, progress, now, caution),
                           well ? ExitCode::Done : ExitCode::Warning};
}

Outcome<Begin> begin(const Run& run) {
  if (!run.request.resume) return Begin{Procedure(run.rule), {}};
  const auto last = calibration::last_entry(run.request.journal, run.request.device);
  if (!last) return Unexpected{last.error()};
  if (last->progress.phase == Phase::Calibrated || last->progress.phase == Phase::ServiceCase) {
    return failure(ErrorCode::BadUsage, "the run in the journal has ended", "--resume",
                   "Begin without --resume.");
  }
  const Duration away = Duration::s(run.line.reactor().wall_seconds() - last->at);
  return Begin{Procedure(run.rule, last->progress, away), last->standing};
}

/// What is to be set now, and what later.
std::string instructions(const Run& run, const Outlook& outlook, Leg now) {
  if (run.commanded()) {
    std::string text = "This is set now, and put back at the end:\n";
    for (const std::string& change : outlook.sets) text += "  " + sanitize(change) + "\n";
    if (outlook.sets.empty()) text = "Nothing has to be set now; what is set later is put back.\n";
    return text;
  }
  std::string text = std::string(instruction_of(run, now)) + "\n";
  if (run.rule.to_discharge.empty()) return text;
  const Leg other = now == Leg::Discharge ? Leg::Charge : Leg::Discharge;
  return text + "Later, when it is said: " + std::string(instruction_of(run, other)) + "\n";
}

/// What a commanded run would write first.
Outcome<std::vector<std::string>> sets_of(const Run& run, Leg leg, const DeviceReport& now) {
  std::vector<std::string> sets;
  if (!run.commanded()) return sets;
  const auto plan = plan_wishes(run.rule, leg, *run.line.opened->device->setup().profile, now);
  if (!plan) return Unexpected{plan.error()};
  for (const settings::Change& change : plan->changes) {
    sets.push_back(settings::change_text(change));
  }
  return sets;
}

Outcome<Outlook> outlook_of(const Run& run, const DeviceReport& now, std::int32_t leg) {
  const auto reading = calibration::reading_of(now.snapshot);
  if (const auto refusal = speaks_against(run.rule, reading, place_of(run.rule, leg).leg)) {
    return refuse(run, *refusal, "Nothing was begun. Look at it with 'weco status'.");
  }
  Outlook outlook{figures_of(run.rule, reading, leg),
                  caution_of(run, reading),
                  plan_of(run.rule, reading, leg),
                  {},
                  order_of(run, reading),
                  {}};
  auto cost = cost_of(run, outlook.plan);
  if (!cost) return Unexpected{std::move(cost).error()};
  outlook.cost = std::move(*cost);
  auto sets = sets_of(run, settings_of(run.rule, leg).leg, now);
  if (!sets) return Unexpected{std::move(sets).error()};
  outlook.sets = std::move(*sets);
  return outlook;
}

Outcome<CalibrationAnswer> begin_and_watch(Run& run) {
  auto beginning = begin(run);
  if (!beginning) return Unexpected{beginning.error()};
  const auto first = run.line.opened->device->read(calibration::kLookPatience);
  if (!first) return Unexpected{first.error()};
  const std::int32_t leg = beginning->procedure.progress().leg;
  const auto outlook = outlook_of(run, *first, leg);
  if (!outlook) return Unexpected{outlook.error()};
  if (Done allowed = may_operate(run.context, *first); !allowed) return Unexpected{allowed.error()};
  const std::string text =
      plan_text(*outlook) + instructions(run, *outlook, settings_of(run.rule, leg).leg);
  if (run.request.plan) return CalibrationAnswer{text, plan_json(run, *outlook), ExitCode::Done};
  const std::string_view question =
      run.commanded() ? "May it begin?" : "Is it set, and may it begin?";
  if (Done agreed = run.request.agree(text, std::string(question)); !agreed) {
    return Unexpected{agreed.error()};
  }
  return watch(run, std::move(*beginning));
}

/// Where what is set is recorded; empty: a person sets it.
Outcome<std::string> changes_of(const CalibrationRequest& request, const Context& context,
                                const calibration::Rule& rule) {
  if (!request.set) return std::string();
  if (rule.charge_wishes.empty()) {
    return failure(ErrorCode::Unsupported,
                   "which settings do it is unpublished, so this family is guided only",
                   std::string(rule.family),
                   "Calibrate it without set, and set in the app what is asked for.");
  }
  return changes_folder(context);
}

}  // namespace

Outcome<CalibrationAnswer> calibrate(const CalibrationRequest& request, Context& context) {
  auto rule = calibration::rule_of(request.place.target.family);
  if (!rule) return Unexpected{std::move(rule).error()};
  if (request.place.is_can() || request.place.endpoint.scheme == Scheme::Replay) {
    return failure(ErrorCode::Unsupported, "a charge is watched on a device that answers",
                   request.device,
                   "Name a serial, tcp or udp endpoint; CAN does not tell of every pack.");
  }
  const auto changes = changes_of(request, context, *rule);
  if (!changes) return Unexpected{changes.error()};
  Line line{request, context};
  if (Done opened = line.open(); !opened) return Unexpected{opened.error()};
  Run run{request, context, line, std::move(*rule), *changes};
  return begin_and_watch(run);
}

}  // namespace weco::cli
