// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/scenario.hpp"

#include <errno.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <limits>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "cli/out_file.hpp"
#include "cli/render/grid.hpp"
#include "cli/render/json.hpp"
#include "cli/render/report.hpp"
#include "cli/render/simulation.hpp"
#include "cli/render/text.hpp"
#include "cli/serve.hpp"
#include "cli/site_memory.hpp"
#include "cli/sweep.hpp"
#include "cli/target.hpp"
#include "cli/version.hpp"
#include "host/evidence/event.hpp"
#include "host/evidence/recorder.hpp"
#include "host/failure/nearest.hpp"
#include "host/records/keys.hpp"
#include "host/text/utc.hpp"
#include "lua/scenario/scenario_file.hpp"
#include "scripts/embedded.hpp"
#include "sim/device/values_site.hpp"
#include "sim/scenario/chart.hpp"
#include "sim/scenario/play.hpp"
#include "sim/scenario/telemetry.hpp"

namespace weco::cli {
namespace {

constexpr std::string_view kUsualSite = "site:";
constexpr std::int64_t kSpeedMax = 100000;
constexpr std::size_t kFileMax = 256 * 1024;
constexpr std::size_t kLoadFileMax = 64 * 1024 * 1024;  // a year of minutes takes 15
constexpr std::size_t kBufferMax = 64 * 1024;           // of telemetry before it is written
constexpr std::uint64_t kStepsBetweenLooks = 256;       // at the clock and the interruption
constexpr Duration kPace = Duration::ms(100);           // real time between two bursts of steps

/// Everything that was asked, checked.
struct Request {
  const ScenarioText& source;
  std::vector<SweepAxis> axes;
  bool sweep = false;
  std::vector<sim::Action> faults;
  std::optional<FaultPlan> damage;  // of a served line
  std::uint64_t seed = 1;           // of that damage
  std::uint32_t speed = 0;
  sim::TelemetryForm form = sim::TelemetryForm::Csv;
};

/// One run, made but not moved.
struct Run {
  std::unique_ptr<lua::ScenarioFile> file;
  sim::Scenario scenario;
  std::unique_ptr<sim::Site> site;
  std::unique_ptr<sim::Stage> stage;
  SimulationReport report;
};

std::string shell_word(std::string_view word) {
  const bool plain = !word.empty() && word.find_first_not_of(
                                          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789_-+=.,:/@[]") == std::string_view::npos;
  if (plain && word.find('[') == std::string_view::npos) return std::string(word);
  std::string out = "'";
  for (const char c : word) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

std::string repeat_command(const Args& args, const Run& run) {
  std::string line = "weco simulate " + shell_word(run.report.scenario);
  for (const auto& [name, value] : run.report.settings) {
    line += " --sweep " + shell_word(name + "=" + value);
  }
  const bool seeded =
      std::ranges::any_of(run.report.settings, [](const auto& s) { return s.first == "seed"; });
  if (!seeded) line += fmt::format(" --seed {}", run.report.seed);
  for (const std::string_view option : {"for", "step"}) {
    if (args.given(option)) line += fmt::format(" --{} {}", option, args.text(option));
  }
  for (const std::string& fault : args.list("fault")) line += " --fault " + shell_word(fault);
  return line;
}

/// Files that a scenario names, beside it unless they begin at the root.
lua::ReadFile load_files(const std::string& folder) {
  return [&folder](const std::string& name) {
    return records::read_whole(name.starts_with('/') ? name : folder + name, kLoadFileMax);
  };
}

Outcome<Run> make_run(const Args& args, Context& context, const Request& request,
                      std::size_t index) {
  Run run;
  run.report.run = request.sweep ? static_cast<std::uint32_t>(index + 1) : 0;
  run.report.settings = run_values(request.axes, index);
  std::vector<lua::Setting> settings;
  if (args.given("seed")) settings.push_back({"seed", std::string(args.text("seed"))});
  for (const auto& [name, value] : run.report.settings) settings.push_back({name, value});
  for (const auto& [option, name] : {std::pair{"for", "length"}, {"step", "step"}}) {
    if (!args.given(option)) continue;
    settings.push_back({name, fmt::format("{}ms", args.duration(option).to_ms())});
  }
  lua::LoadOptions options{sim::site_terms(), settings, load_files(request.source.folder),
                           [&context] { return context.interrupted(); }};
  auto file = lua::ScenarioFile::load(request.source.text, request.source.file, request.source.name,
                                      options);
  if (!file) return Unexpected{std::move(file).error()};
  run.file = std::move(*file);
  run.scenario = run.file->scenario();
  run.scenario.actions.insert(run.scenario.actions.end(), request.faults.begin(),
                              request.faults.end());
  std::ranges::stable_sort(run.scenario.actions, {}, &sim::Action::at);
  auto site = sim::Site::make(run.scenario.site);
  if (!site) {
    Failure failed = std::move(site).error();
    failed.where = run.file->place_of(failed.where);
    return Unexpected{std::move(failed)};
  }
  run.site = std::move(*site);
  run.stage = sim::stage_on(*run.site);
  run.report.scenario = request.source.name;
  run.report.title = run.scenario.title;
  run.report.seed = run.scenario.site.seed;
  run.report.start_s = run.scenario.site.start_s;
  run.report.repeat = repeat_command(args, run);
  return run;
}

void close_report(Run& run, sim::Play& play) {
  play.finish();
  run.report.simulated = run.stage->now() - Instant{};
  run.report.ledger = run.stage->ledger();
  run.report.summary = run.stage->summary();
  run.report.fidelity = run.stage->fidelity();
  run.report.verdicts = play.verdicts();
}

/// Telemetry on its way to a file, in pieces that are worth a call.
class Rows {
 public:
  Rows(const Run& run, sim::TelemetryForm form, OutFile* file)
      : run_(run), form_(form), file_(file) {
    if (file_ != nullptr && run.report.run <= 1) {
      sim::append_header(text_, form, run.stage->channels(), run.report.run);
    }
  }
  void add(std::span<const double> values) {
    if (file_ == nullptr || !status_) return;
    sim::append_row(text_, form_, run_.stage->channels(), values, run_.stage->wall_seconds(),
                    run_.report.run);
    if (text_.size() > kBufferMax) flush();
  }
  Done close() {
    flush();
    return status_;
  }

 private:
  void flush() {
    if (file_ != nullptr && status_) status_ = file_->write(text_);
    text_.clear();
  }
  const Run& run_;
  sim::TelemetryForm form_;
  OutFile* file_;
  std::string text_;
  Done status_;
};

/// What hears a run: telemetry, the report's events, the recording.
struct Ears {
  Rows& rows;
  EventSink* record = nullptr;
};

sim::Audience audience_of(Run& run, Ears ears) {
  sim::Audience audience;
  audience.row = [ears](std::span<const double> values) { ears.rows.add(values); };
  audience.event = [&run, ears](const sim::SiteEvent& event) {
    const std::int64_t at = run.report.start_s + (event.at - Instant{}).to_s();
    ++run.report.events_total;
    const bool kept = run.report.events.size() < kEventsKept;
    if (!kept && ears.record == nullptr) return;
    const std::string text = event_text(event);
    if (kept) run.report.events.push_back({at, text});
    if (ears.record != nullptr) {
      const std::string line = utc_text(at) + " " + text;
      ears.record->record({.kind = EventKind::Info, .link = "sim:site", .text = line});
    }
  };
  return audience;
}

/// "2026-07-20, 716000x": short enough for a terminal of 80 columns.
std::string progress_note(const Run& run, Duration simulated, Duration real) {
  const bool by_day = run.scenario.length >= Duration::hours(48);
  const std::string date = utc_text(run.stage->wall_seconds()).substr(0, by_day ? 10 : 16);
  if (real <= Duration{}) return date;
  return fmt::format("{}, {:.0f}x", date,
                     static_cast<double>(simulated.to_us()) / static_cast<double>(real.to_us()));
}

void show_progress(Context& context, const Run& run, const Reactor& reactor, Instant begun) {
  const Duration simulated = run.stage->now() - Instant{};
  context.output.progress("Simulating", static_cast<std::uint64_t>(simulated.to_ms()),
                          static_cast<std::uint64_t>(run.scenario.length.to_ms()), reactor.now(),
                          progress_note(run, simulated, reactor.now() - begun));
}

/// Who looks at the site as it goes.
struct Onlookers {
  sim::Charts* charts = nullptr;
  SiteMemory* memory = nullptr;

  Done advance(sim::Play& play, const sim::Site& site) const {
    if (charts != nullptr) charts->look();
    Done done = play.advance();
    if (done && memory != nullptr) done = memory->look(site);
    return done;
  }
  void end() const {
    if (charts != nullptr) charts->look();
  }
};

/// As fast as it goes. `reactor` may be null: nobody watches.
Done play_fast(Context& context, Run& run, sim::Play& play, const Onlookers& onlookers,
               const Reactor* reactor) {
  const Instant begun = reactor != nullptr ? reactor->now() : Instant{};
  while (!play.ended()) {
    if (Done done = onlookers.advance(play, *run.site); !done) return done;
    if (play.steps() % kStepsBetweenLooks != 0) continue;
    if (context.interrupted()) return failure(ErrorCode::Interrupted, "the simulation ended early");
    if (reactor != nullptr) show_progress(context, run, *reactor, begun);
  }
  onlookers.end();
  return {};
}

/// At the pace of a clock, while what is served answers.
Done play_paced(Context& context, Run& run, sim::Play& play, const Onlookers& onlookers,
                Reactor& reactor, std::uint32_t speed, sim::VirtualDevice* device) {
  const Instant begun = reactor.now();
  while (!play.ended()) {
    const Instant due = Instant{} + (reactor.now() - begun) * speed;
    while (!play.ended() && run.stage->now() + run.scenario.step <= due) {
      if (Done done = onlookers.advance(play, *run.site); !done) return done;
    }
    if (device != nullptr) device->prune();
    if (onlookers.memory != nullptr) onlookers.memory->prune();
    show_progress(context, run, reactor, begun);
    reactor.run([&] { return context.interrupted(); }, reactor.now() + kPace);
    if (context.interrupted()) return failure(ErrorCode::Interrupted, "the simulation ended early");
  }
  onlookers.end();
  return {};
}

std::string_view profile_of(sim::SiteFamily family) {
  if (family == sim::SiteFamily::SajCm2) return "saj_cm2_ems";
  return family == sim::SiteFamily::Ep760 ? "ep760_open" : "weco_smart";
}

Outcome<std::unique_ptr<sim::VirtualDevice>> serve_site(const Args& args, const Catalog& catalog,
                                                        const Run& run, Reactor& reactor,
                                                        Served& served) {
  auto profile = catalog.load(profile_of(run.scenario.site.family));
  if (!profile) return Unexpected{std::move(profile).error()};
  sim::VirtualDeviceOptions options;
  options.unit = static_cast<std::uint8_t>(args.integer("unit"));
  options.base = reactor.now();
  auto values = sim::site_values(**profile, *run.site, 1, options.seed);
  if (!values) return Unexpected{std::move(values).error()};
  auto device = sim::VirtualDevice::make(reactor, **profile, options, std::move(*values));
  if (!device) return Unexpected{std::move(device).error()};
  for (const std::string& where : args.list("serve")) {
    if (Done done = serve(where, reactor, **device, served); !done) {
      return Unexpected{std::move(done).error()};
    }
  }
  return std::move(*device);
}

Done write_file(const Args& args, std::string_view option, const std::string& text) {
  if (!args.given(option)) return {};
  auto file = OutFile::open(std::string(args.text(option)), "--" + std::string(option));
  if (!file) return Unexpected{std::move(file).error()};
  return (*file)->write(text);
}

Outcome<std::unique_ptr<OutFile>> open_telemetry(const Args& args) {
  if (!args.given("telemetry")) return std::unique_ptr<OutFile>();
  return OutFile::open(std::string(args.text("telemetry")), "--telemetry");
}

Outcome<ExitCode> play_one(const Args& args, Context& context, const Catalog& catalog,
                           const Request& request) {
  auto made = make_run(args, context, request, 0);
  if (!made) return Unexpected{std::move(made).error()};
  Run& run = *made;
  const bool report = args.given("report");
  auto probe =
      sim::Play::make(run.scenario, *run.stage, {});  // all names, before a file is touched
  if (!probe) return Unexpected{std::move(probe).error()};
  auto telemetry = open_telemetry(args);
  if (!telemetry) return Unexpected{std::move(telemetry).error()};
  const auto reactor = context.make_reactor();
  auto record = open_record(args, *reactor);
  if (!record) return Unexpected{std::move(record).error()};
  Rows rows(run, request.form, telemetry->get());
  auto play = sim::Play::make(run.scenario, *run.stage, audience_of(run, {rows, record->get()}));
  if (!play) return Unexpected{std::move(play).error()};
  std::unique_ptr<sim::Charts> charts;
  if (report) charts = std::make_unique<sim::Charts>(*run.stage);
  Done done;
  Served served;
  served.damage = request.damage;
  served.tell = [&context](const std::string& line) { context.output.note(sanitize(line)); };
  std::unique_ptr<sim::VirtualDevice> device;
  if (!args.list("serve").empty()) {
    auto serving = serve_site(args, catalog, run, *reactor, served);
    if (!serving) return Unexpected{std::move(serving).error()};
    device = std::move(*serving);
  }
  std::unique_ptr<SiteMemory> memory;
  if (args.given("journal") || !args.list("console").empty()) {
    auto made_memory = SiteMemory::open(args, *run.site, *reactor, served);
    if (!made_memory) return Unexpected{std::move(made_memory).error()};
    memory = std::move(*made_memory);
  }
  for (const std::string& line : served.lines) context.output.note(sanitize(line));
  const Onlookers onlookers{charts.get(), memory.get()};
  if (request.speed == 0) {
    done = play_fast(context, run, **play, onlookers, reactor.get());
  } else {
    done = play_paced(context, run, **play, onlookers, *reactor, request.speed, device.get());
  }
  context.output.end_progress();
  for (const std::string& line : served_summary(served)) context.output.note(line);
  if (!done && done.error().code() != ErrorCode::Interrupted) {
    return Unexpected{std::move(done).error()};
  }
  close_report(run, **play);
  if (Done closed = rows.close(); !closed) return Unexpected{std::move(closed).error()};
  if (report) {
    done = done ? write_file(args, "report", simulation_html(run.report, *charts)) : done;
  }
  const std::string junit =
      junit_file(junit_cases(run.report), run.report.verdicts.size(), run.report.failed());
  if (Done wrote = write_file(args, "junit", junit); !wrote) {
    return Unexpected{std::move(wrote).error()};
  }
  Output& output = context.output;
  output.result(output.json() ? simulation_json(run.report) : simulation_page(run.report, output));
  if (!done) {
    if (done.error().code() == ErrorCode::Interrupted) return ExitCode::Interrupted;
    return Unexpected{std::move(done).error()};
  }
  return run.report.held() ? ExitCode::Done : ExitCode::VerificationDiffers;
}

// --- sweeps
// A run's process writes: a line of sizes, the texts in that order, then the telemetry.

struct SweepResult {
  bool ok = false;
  std::uint32_t tests = 0;
  std::uint32_t failed = 0;
  std::string shown;  // what goes to stdout
  std::string junit;
  std::string message;  // of a failure
};

constexpr std::size_t kSizesLine = 64;

Done write_result(int fd, const SweepResult& result) {
  std::string line =
      fmt::format("{} {} {} {} {} {}", result.ok ? 1 : 0, result.tests, result.failed,
                  result.shown.size(), result.junit.size(), result.message.size());
  line.resize(kSizesLine, ' ');
  return write_whole(fd, line + result.shown + result.junit + result.message);
}

Outcome<SweepResult> read_result(int fd) {
  auto line = read_whole(fd, kSizesLine);
  if (!line) return Unexpected{std::move(line).error()};
  std::uint64_t numbers[6] = {};
  const char* at = line->data();
  for (std::uint64_t& number : numbers) {
    const auto read = std::from_chars(at, line->data() + line->size(), number);
    if (read.ec != std::errc{}) return failure(ErrorCode::Truncated, "a run broke off");
    at = read.ptr + 1;
  }
  SweepResult result;
  result.ok = numbers[0] == 1;
  result.tests = static_cast<std::uint32_t>(numbers[1]);
  result.failed = static_cast<std::uint32_t>(numbers[2]);
  std::string* const texts[] = {&result.shown, &result.junit, &result.message};
  for (std::size_t i = 0; i < 3; ++i) {
    auto text = read_whole(fd, numbers[3 + i]);
    if (!text) return Unexpected{std::move(text).error()};
    *texts[i] = std::move(*text);
  }
  return result;
}

Done play_part(const Args& args, Context& context, const Request& request, std::size_t index,
               OutFile* telemetry, SweepResult& result) {
  auto made = make_run(args, context, request, index);
  if (!made) return Unexpected{std::move(made).error()};
  Rows rows(*made, request.form, telemetry);
  auto play = sim::Play::make(made->scenario, *made->stage, audience_of(*made, {rows, nullptr}));
  if (!play) return Unexpected{std::move(play).error()};
  if (Done done = play_fast(context, *made, **play, {}, nullptr); !done) return done;
  close_report(*made, **play);
  if (Done done = rows.close(); !done) return done;
  result.ok = true;
  result.tests = static_cast<std::uint32_t>(made->report.verdicts.size());
  result.failed = made->report.failed();
  result.shown =
      context.output.json() ? simulation_json(made->report) + "\n" : sweep_line(made->report);
  if (!made->report.held() && !context.output.json()) {
    result.shown += "       " + sanitize(made->report.repeat) + "\n";
  }
  result.junit = junit_cases(made->report);
  return {};
}

/// In the process of one run.
void play_in_process(const Args& args, Context& context, const Request& request, std::size_t index,
                     int fd) {
  std::FILE* scratch = std::tmpfile();
  if (scratch == nullptr) return;
  OutFile telemetry(::dup(::fileno(scratch)));
  SweepResult result;
  const bool wanted = args.given("telemetry");
  if (Done done = play_part(args, context, request, index, wanted ? &telemetry : nullptr, result);
      !done) {
    result = {};
    result.message = failure_text(done.error(), false);
  }
  static_cast<void>(write_result(fd, result));
  ::lseek(::fileno(scratch), 0, SEEK_SET);
  std::string piece(kBufferMax, '\0');
  while (wanted && result.ok) {
    const ssize_t got = ::read(::fileno(scratch), piece.data(), piece.size());
    if (got <= 0) break;
    static_cast<void>(
        write_whole(fd, std::string_view(piece).substr(0, static_cast<std::size_t>(got))));
  }
}

Done copy_rest(int fd, OutFile& to) {
  std::string piece(kBufferMax, '\0');
  while (true) {
    const ssize_t got = ::read(fd, piece.data(), piece.size());
    if (got == 0) return {};
    if (got < 0) return failure(Error{ErrorCode::IoError, errno}, "a result cannot be read");
    Done done = to.write(std::string_view(piece).substr(0, static_cast<std::size_t>(got)));
    if (!done) return done;
  }
}

Outcome<ExitCode> play_sweep(const Args& args, Context& context, const Request& request) {
  const std::size_t all = run_count(request.axes);
  RunRange runs{0, all};
  if (args.given("shard")) {
    const auto shard = parse_shard(args.text("shard"), all);
    if (!shard) return Unexpected{shard.error()};
    runs = *shard;
  }
  // A mistake in the scenario or in a name that is swept is said once, before anything starts.
  for (const std::size_t index : {std::size_t{0}, all - 1}) {
    auto made = make_run(args, context, request, index);
    if (!made) return Unexpected{std::move(made).error()};
    auto probe = sim::Play::make(made->scenario, *made->stage, {});
    if (!probe) return Unexpected{std::move(probe).error()};
  }
  auto telemetry = open_telemetry(args);
  if (!telemetry) return Unexpected{std::move(telemetry).error()};
  const auto reactor = context.make_reactor();
  std::string junit;
  std::uint64_t tests = 0;
  std::uint64_t failed = 0;
  const auto take = [&](std::size_t index, int fd) -> Done {
    auto result = read_result(fd);
    if (!result) return Unexpected{std::move(result).error()};
    if (!result->ok) {
      context.output.end_progress();
      return failure(ErrorCode::BadInput,
                     fmt::format("run {} failed: {}", index + 1, result->message));
    }
    tests += result->tests;
    failed += result->failed;
    junit += result->junit;
    context.output.result(result->shown);
    if (*telemetry) {
      if (Done done = copy_rest(fd, **telemetry); !done) return done;
    }
    context.output.progress("Sweeping", index + 1 - runs.first, runs.last - runs.first,
                            reactor->now());
    return {};
  };
  const auto interrupted = [&context] { return context.interrupted(); };
  Done done = run_in_processes(
      runs, static_cast<std::size_t>(args.integer("jobs")),
      [&](std::size_t index, int fd) { play_in_process(args, context, request, index, fd); }, take,
      interrupted);
  context.output.end_progress();
  if (!done) {
    if (done.error().code() == ErrorCode::Interrupted) return ExitCode::Interrupted;
    return Unexpected{std::move(done).error()};
  }
  if (Done wrote = write_file(args, "junit", junit_file(junit, tests, failed)); !wrote) {
    return Unexpected{std::move(wrote).error()};
  }
  return failed == 0 ? ExitCode::Done : ExitCode::VerificationDiffers;
}

/// One --fault: "meter_lost@2h" as an action, or what a served line suffers from.
Done take_fault(const std::string& text, Request& request) {
  sim::Action action;
  action.kind = sim::Action::Kind::Inject;
  action.where = "--fault";
  const std::size_t at = text.rfind('@');
  if (at != std::string::npos) {
    const auto after = parse_duration(std::string_view(text).substr(at + 1));
    if (!after) {
      return failure(ErrorCode::BadUsage, quoted(text) + " has no time behind the @", "--fault",
                     "Write a time since the start: meter_lost@2h.");
    }
    action.at = Instant{} + *after;
  }
  const auto spec = sim::parse_fault(text.substr(0, at));
  if (!spec) return failure(ErrorCode::BadUsage, spec.error().what, "--fault", spec.error().hint);
  if (!sim::strikes_wire(spec->id)) {
    action.fault = *spec;
    request.faults.push_back(std::move(action));
    return {};
  }
  if (at != std::string::npos) {
    return failure(ErrorCode::BadUsage, "a wire is bad from the start", "--fault",
                   "Leave the @ and the time away.");
  }
  add_damage(*spec, request.seed, request.damage);
  return {};
}

Done check_together(const Args& args, const Request& request) {
  if (args.given("shard") && !request.sweep) {
    return failure(ErrorCode::BadUsage, "there is nothing to divide", "--shard",
                   "A shard is a part of a sweep: add --sweep NAME=VALUES.");
  }
  if (!request.sweep || run_count(request.axes) == 1) return {};
  for (const std::string_view option : {"serve", "console", "journal", "report", "record"}) {
    const bool many = find_option(args.command(), option)->repeatable;
    const bool given = many ? !args.list(option).empty() : args.given(option);
    if (!given) continue;
    return failure(ErrorCode::BadUsage, "a sweep has many runs", "--" + std::string(option),
                   "Play the one run that matters on its own with --sweep NAME=VALUE.");
  }
  return {};
}

/// What is played for "site:ep760". The one promise is that of every run: no cell beyond its
/// limits.
std::string usual_site(std::string_view family) {
  return fmt::format(
      "return {{ title = \"The usual site of {0}\", length = \"1d\", step = \"10s\",\n"
      "  site = {{ family = \"{0}\" }} }}\n",
      family);
}

}  // namespace

Outcome<std::uint32_t> parse_speed(std::string_view text) {
  if (text == "real") return std::uint32_t{1};
  if (text == "max") return std::uint32_t{0};
  std::uint32_t factor = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), factor);
  if (error != std::errc{} || end != text.data() + text.size() || factor == 0 ||
      factor > kSpeedMax) {
    return failure(ErrorCode::BadUsage, quoted(text) + " is no speed", "--speed",
                   "Give real, max or a whole factor from 1 to 100000.");
  }
  return factor;
}

Outcome<ScenarioText> find_scenario(std::string_view word, const Catalog& catalog) {
  std::vector<std::string_view> names;
  for (const scripts::EmbeddedScript& script : scripts::scenarios()) {
    if (script.name == word) {
      return ScenarioText{std::string(word), "scenario/" + std::string(word) + ".lua",
                          std::string(script.text())};
    }
    names.push_back(script.name);
  }
  if (word.find('/') != std::string_view::npos || word.ends_with(".lua")) {
    const std::string path(word);
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
      return failure(Error{ErrorCode::NotFound, errno}, quoted(word) + " cannot be read", {},
                     "'weco simulate --list' lists the shipped scenarios.");
    }
    std::string text(kFileMax + 1, '\0');
    std::size_t size = 0;
    ssize_t got = 1;
    while (size < text.size() && (got = ::read(fd, text.data() + size, text.size() - size)) > 0) {
      size += static_cast<std::size_t>(got);
    }
    ::close(fd);
    text.resize(size);
    if (got < 0) return failure(ErrorCode::IoError, quoted(word) + " cannot be read");
    return ScenarioText{path, path, std::move(text), path.substr(0, path.rfind('/') + 1)};
  }
  if (word.starts_with(kUsualSite)) {
    const std::string_view family = word.substr(kUsualSite.size());
    if (const auto found = sim::find_site_family(family); !found) {
      return failure(ErrorCode::NotFound, found.error().what, {}, found.error().hint);
    }
    return ScenarioText{std::string(word), std::string(word), usual_site(family)};
  }
  for (const FamilyEntry& entry : catalog.families()) names.push_back(entry.family);
  const std::string_view close = nearest(word, names);
  return failure(ErrorCode::NotFound, quoted(word) + " is no scenario and no family", {},
                 (close.empty() ? "" : "Did you mean '" + std::string(close) + "'? ") +
                     "'weco simulate --list' lists the scenarios, 'weco devices list' the "
                     "families.");
}

std::string scenario_list(const Output& output) {
  if (output.json()) {
    JsonWriter json;
    json.begin_object().field("schema", "weco.scenarios/1").key("scenarios").begin_array();
    for (const scripts::EmbeddedScript& script : scripts::scenarios()) {
      json.begin_object().field("scenario", script.name).field("title", script.title).end_object();
    }
    json.end_array().key("faults").begin_array();
    for (const sim::FaultInfo& fault : sim::fault_catalogue()) {
      json.begin_object().field("fault", sim::to_text(sim::usual_fault(fault.id)));
      json.field("strikes", sim::name(fault.group)).field("about", fault.doc).end_object();
    }
    return json.end_array().end_object().str();
  }
  Grid scenarios({{"scenario"}, {"what happens"}});
  for (const scripts::EmbeddedScript& script : scripts::scenarios()) {
    scenarios.add({{std::string(script.name)}, {std::string(script.title)}});
  }
  Grid faults({{"fault, with usual values"}, {"strikes"}, {"what happens"}});
  for (const sim::FaultInfo& fault : sim::fault_catalogue()) {
    faults.add({{sim::to_text(sim::usual_fault(fault.id))},
                {std::string(sim::name(fault.group))},
                {std::string(fault.doc)}});
  }
  return scenarios.draw(output) + "\n" + faults.draw(output);
}

void add_damage(const sim::FaultSpec& fault, std::uint64_t seed, std::optional<FaultPlan>& damage) {
  FaultPlan plan = sim::link_plan(fault, seed);
  if (damage) {
    for (std::size_t i = 0; i < kFaultCount; ++i) {
      plan.per_mille[i] = std::max(plan.per_mille[i], damage->per_mille[i]);
    }
  }
  damage = plan;
}

Outcome<ExitCode> play_scenario(const Args& args, Context& context, const Catalog& catalog,
                                const ScenarioText& source) {
  Request request{source, {}, false, {}, {}, 1, 0, sim::TelemetryForm::Csv};
  auto axes = parse_sweep(args.list("sweep"));
  if (!axes) return Unexpected{std::move(axes).error()};
  request.axes = std::move(*axes);
  request.sweep = !request.axes.empty();
  if (Done done = check_together(args, request); !done) return Unexpected{std::move(done).error()};
  const bool served = !args.list("serve").empty() || !args.list("console").empty();
  if (args.given("speed")) {
    const auto speed = parse_speed(args.text("speed"));
    if (!speed) return Unexpected{speed.error()};
    request.speed = *speed;
  } else {
    request.speed = served ? 1 : 0;
  }
  request.seed = static_cast<std::uint64_t>(args.integer("seed"));
  for (const std::string& text : args.list("fault")) {
    if (Done done = take_fault(text, request); !done) return Unexpected{std::move(done).error()};
  }
  if (request.damage && !served) {
    return failure(ErrorCode::BadUsage, "there is no wire that could be bad", "--fault",
                   "Faults of a wire need --serve.");
  }
  if (args.text("telemetry").ends_with(".ndjson")) {
    request.form = sim::TelemetryForm::Ndjson;
  } else if (args.given("telemetry") && !args.text("telemetry").ends_with(".csv")) {
    return failure(ErrorCode::BadUsage, quoted(args.text("telemetry")) + " has no known form",
                   "--telemetry", "End its name with .csv or .ndjson.");
  }
  if (request.sweep && (run_count(request.axes) > 1 || args.given("shard"))) {
    return play_sweep(args, context, request);
  }
  return play_one(args, context, catalog, request);
}

}  // namespace weco::cli
