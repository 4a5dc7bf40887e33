// SPDX-License-Identifier: Apache-2.0
// `weco flash rollout`: one firmware onto many devices. host/update says who is next, a process for
// each device does the work (cli/crew), and here the run is planned, shown, noted and summed up.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <map>
#include <optional>
#include <utility>

#include "cli/agreement.hpp"
#include "cli/args.hpp"
#include "cli/context.hpp"
#include "cli/crew.hpp"
#include "cli/flash_device.hpp"
#include "cli/render/json.hpp"
#include "cli/render/text.hpp"
#include "cli/table/flash_rollout.hpp"
#include "host/text/utc.hpp"
#include "host/update/journal.hpp"
#include "host/update/rollout.hpp"

namespace weco::cli {
namespace {

struct Node {
  Place update;
  std::optional<Place> telemetry;  // none: a bare board on a bench
  bool master = false;
  bool resume = false;  // the journal knows of a part that was sent
  UpdateProgress figures{};
  std::string doing = "waits";
};

struct Run {
  const Args& args;
  Context& context;
  const Catalog& catalog;
  const Firmware& firmware;
  std::string name;     // of the run
  std::string journal;  // its file
  std::map<std::string, Node> nodes;
  std::vector<std::string> order;  // as named
};

/// What a worker says; progress as it lies in memory, since both ends are this program.
enum class Word : char { Progress = 'p', Ready = 'r', Trying = 't', End = 'e', Failed = 'f' };
constexpr char kGo = 'g';
constexpr const char* kNotBegun = "the update was not begun";
constexpr std::string_view kMaster = "master";  // in the journal's note
static_assert(std::is_trivially_copyable_v<UpdateProgress>);

std::string message(Word word, const void* data, std::size_t size) {
  std::string text(1, static_cast<char>(word));
  return text.append(static_cast<const char*>(data), size);
}

std::string message(const Failure& why) {
  std::string text = message(Word::Failed, &why.error, sizeof why.error);
  for (const std::string* part : {&why.what, &why.where, &why.hint}) {
    text += part->substr(0, kCrewMessageMax / 4);
    text += '\0';
  }
  return text;
}

Failure failure_in(std::string_view data) {
  Failure why;
  std::memcpy(&why.error, data.data(), sizeof why.error);
  data.remove_prefix(sizeof why.error);
  for (std::string* part : {&why.what, &why.where, &why.hint}) {
    const std::size_t end = std::min(data.find('\0'), data.size());
    *part = data.substr(0, end);
    data.remove_prefix(std::min(end + 1, data.size()));
  }
  return why;
}

/// "20261126T154000Z": the time, as it may stand in the name of a file.
std::string run_name(std::int64_t now) {
  std::string name = utc_text(now);
  std::erase_if(name, [](char c) { return c == '-' || c == ':'; });
  return name;
}

Outcome<Node> node_of(const Args& args, Context& context, const std::string& name) {
  const auto config = context.config();
  if (!config) return Unexpected{config.error()};
  const config::Device* device = (*config)->find(name);
  Node node;
  if (device != nullptr && device->update.empty()) {
    return failure(ErrorCode::BadUsage, "the configuration does not say where it takes firmware",
                   name, "Add update = \"serial:/dev/ttyUSB1\" or the like to it.");
  }
  auto update = resolve_place(context, device != nullptr ? device->update : name);
  if (!update) return Unexpected{std::move(update).error()};
  node.update = std::move(*update);
  node.master = device != nullptr && device->master;
  if (args.flag("bench")) return node;
  if (device == nullptr) {
    return failure(ErrorCode::BadUsage, "nobody knows how its battery is", name,
                   "Configure the device, with endpoint, family and update; or say --bench for "
                   "bare boards without a battery.");
  }
  auto telemetry = resolve_place(context, name);
  if (!telemetry) return Unexpected{std::move(telemetry).error()};
  if (telemetry->target.family.empty()) {
    return failure(ErrorCode::BadUsage, "the family of the device is not known", name,
                   "Add family to it in the configuration; see 'weco devices list'.");
  }
  node.telemetry = std::move(*telemetry);
  return node;
}

/// The devices of the run that is gone on with, and how far each one was.
Outcome<std::vector<std::string>> resumed_devices(Run& run, std::map<std::string, bool>& begun,
                                                  std::vector<std::string>& masters) {
  const auto entries = read_journal(run.journal);
  if (!entries) return Unexpected{entries.error()};
  std::vector<std::string> devices;
  for (const FlashEntry& entry : *entries) {
    if (entry.image != hex(hash_of(run.firmware))) {
      return failure(ErrorCode::BadUsage, "that run was about another image", run.journal,
                     "Name the image that it was begun with.");
    }
    if (entry.stage == FlashStage::Planned) {
      if (std::find(devices.begin(), devices.end(), entry.device) == devices.end()) {
        devices.push_back(entry.device);
        if (entry.note == kMaster) masters.push_back(entry.device);
      }
      continue;
    }
    begun[entry.device] = entry.offset > 0 && entry.stage != FlashStage::Confirmed;
  }
  if (!devices.empty()) return devices;
  return failure(ErrorCode::BadInput, "this is no journal of a run over many devices", run.journal,
                 "Name one that 'weco flash rollout' made.");
}

/// What was typed; with --units each endpoint once for every address behind it.
Outcome<std::vector<std::string>> typed_devices(const Args& args) {
  std::vector<std::string> devices;
  for (const std::string& typed : args.list("DEVICE")) {
    if (!args.given("units")) {
      devices.push_back(typed);
      continue;
    }
    const auto endpoint = parse_endpoint(typed);
    if (!endpoint) return Unexpected{endpoint.error()};
    if (endpoint->unit()) {
      return failure(ErrorCode::BadUsage, "the endpoint names a unit, and so does --units", typed,
                     "Name it in one place.");
    }
    for (const NumberRange& range : args.ranges("units")) {
      for (std::int64_t unit = range.from; unit <= range.to; ++unit) {
        const char mark = typed.find('?') == std::string::npos ? '?' : '&';
        devices.push_back(fmt::format("{}{}unit={}", typed, mark, unit));
      }
    }
  }
  return devices;
}

Outcome<std::vector<std::string>> named_devices(const Args& args, Context& context) {
  auto typed = typed_devices(args);
  if (!typed) return typed;
  std::vector<std::string> devices = std::move(*typed);
  const auto config = context.config();
  if (!config) return Unexpected{config.error()};
  for (const config::Device& device : (*config)->devices) {
    const bool wanted =
        args.flag("all") || (args.given("site") && device.site == args.text("site"));
    const bool there = std::find(devices.begin(), devices.end(), device.name) != devices.end();
    if (wanted && !there && !device.update.empty()) devices.push_back(device.name);
  }
  for (const std::string& master : args.list("master")) {
    if (std::find(devices.begin(), devices.end(), master) == devices.end()) {
      devices.push_back(master);
    }
  }
  if (!devices.empty()) return devices;
  return failure(ErrorCode::BadUsage, "no device is named", {},
                 "Name devices, or --site or --all for configured ones with update.");
}

/// Where the journal of this run is, or of the one that is gone on with.
Done choose_journal(Run& run, std::int64_t now) {
  const std::string folder = run.context.data_folder + "/flash";
  const std::string resumed(run.args.text("resume"));
  run.name = resumed.empty() ? run_name(now) : resumed;
  if (!resumed.empty() && resumed.find('/') != std::string::npos) {
    run.journal = resumed;
    return {};
  }
  if (run.args.given("journal")) {
    run.journal = run.args.text("journal");
    return {};
  }
  if (run.context.data_folder.empty()) {
    return failure(ErrorCode::NotFound, "nobody knows where journals are kept", {},
                   "Set HOME or XDG_DATA_HOME, or name a file with --journal.");
  }
  run.journal = folder + "/" + run.name + ".journal";
  return {};
}

Done plan(Run& run, std::int64_t now) {
  if (Done done = choose_journal(run, now); !done) return done;
  std::map<std::string, bool> begun;
  std::vector<std::string> masters(run.args.list("master").begin(), run.args.list("master").end());
  const bool again = run.args.given("resume");
  auto devices =
      again ? resumed_devices(run, begun, masters) : named_devices(run.args, run.context);
  if (!devices) return Unexpected{std::move(devices).error()};
  for (const std::string& name : *devices) {
    auto node = node_of(run.args, run.context, name);
    if (!node) return Unexpected{std::move(node).error()};
    node->resume = begun[name];
    node->master |= std::find(masters.begin(), masters.end(), name) != masters.end();
    run.nodes.insert_or_assign(name, std::move(*node));
    run.order.push_back(name);
  }
  return {};
}

Outcome<Rollout> make_rollout(const Run& run) {
  std::vector<RolloutNode> nodes;
  for (const std::string& name : run.order) {
    const Node& node = run.nodes.at(name);
    RolloutNode row{name, node.master, {bus_of(node.update.endpoint)}};
    if (node.telemetry) row.buses.push_back(bus_of(node.telemetry->endpoint));
    nodes.push_back(std::move(row));
  }
  return Rollout::make(std::move(nodes),
                       {.at_once = static_cast<std::size_t>(run.args.integer("parallel")),
                        .go_on_after_failure = run.args.flag("keep-going")});
}

/// In a process of its own: the whole update of one device.
Outcome<FlashEnd> update_one(const Run& run, const std::string& name, const Node& node,
                             Reactor& reactor, Foreman& foreman) {
  std::optional<Telemetry> telemetry;
  if (node.telemetry) {
    telemetry.emplace(run.context, reactor, look_at(*node.telemetry, reactor, run.catalog, nullptr),
                      name);
  }
  auto opened = open_updater(node.update, reactor, nullptr);
  if (!opened) return Unexpected{std::move(opened).error()};
  FlashJournalFile journal(run.journal);
  FlashHooks hooks;
  hooks.journal = [&](const FlashEntry& entry) { return journal.append(entry); };
  hooks.wall = [&] { return reactor.wall_seconds(); };
  hooks.permit = [&](const UpdateState&) { return telemetry ? telemetry->permit() : Done{}; };
  hooks.healthy = [&](const UpdateState&) { return telemetry ? telemetry->healthy() : Done{}; };
  hooks.progress = [&](const UpdateProgress& now) {
    foreman.tell(message(Word::Progress, &now, sizeof now));
  };
  hooks.turn = [&]() -> Done {
    foreman.tell(message(Word::Ready, nullptr, 0));
    if (foreman.wait() == kGo) return {};
    return failure(ErrorCode::Interrupted, "the image lies ready and was not tried", name);
  };
  FlashJob job;
  job.firmware = &run.firmware;
  job.device = name;
  job.board = std::string(run.args.text("board"));
  job.resume = node.resume;
  return flash(*opened->updater, job, hooks);
}

/// The run at work: asks the rollout, keeps the crew busy, shows how far everybody is.
class Work {
 public:
  Work(Run& run, Reactor& reactor, Rollout& rollout)
      : run_(run),
        reactor_(reactor),
        rollout_(rollout),
        crew_(reactor, {.said = [this](std::size_t n, std::string_view text) { said(n, text); },
                        .gone = [this](std::size_t n) { gone(n); }}) {}

  void all() {
    bool dismissed = false;
    while (!rollout_.over()) {
      if (reactor_.interrupted() && !dismissed) {
        dismissed = true;
        rollout_.stop();
        crew_.dismiss();
      }
      news_ = false;
      hand_out();
      if (rollout_.over()) break;
      reactor_.run([this] { return news_; }, Instant::never());
      look_at_the_done();
      show();
    }
    run_.context.output.end_progress();
  }

 private:
  Node& node(std::size_t n) { return run_.nodes.at(rollout_.nodes()[n].name); }

  void hand_out() {
    while (const auto n = rollout_.begin()) {
      node(*n).doing = "begins";
      const Done started = crew_.start(*n, [this, n = *n](int fd) { work(n, fd); });
      if (!started) end(*n, NodeEnd::Failed, started.error());
    }
    while (const auto n = rollout_.turn()) {
      node(*n).doing = "is tried";
      crew_.answer(*n, kGo);
    }
    while (const auto n = rollout_.held()) crew_.answer(*n, '\0');
  }

  void work(std::size_t n, int fd) {
    const std::string& name = rollout_.nodes()[n].name;
    const auto reactor = run_.context.make_reactor();
    Foreman foreman(fd, *reactor);
    const auto end = update_one(run_, name, node(n), *reactor, foreman);
    foreman.tell(end ? message(Word::End, &*end, sizeof *end) : message(end.error()));
  }

  void said(std::size_t n, std::string_view text) {
    const auto word = static_cast<Word>(text.front());
    text.remove_prefix(1);
    news_ = true;
    if (word == Word::Progress && text.size() == sizeof(UpdateProgress)) {
      std::memcpy(&node(n).figures, text.data(), text.size());
      node(n).doing = "is sent";
    } else if (word == Word::Ready) {
      node(n).doing = "is ready";
      rollout_.ready(n);
    } else if (word == Word::End) {
      const bool there = static_cast<FlashEnd>(text.front()) == FlashEnd::AlreadyThere;
      end(n, there ? NodeEnd::AlreadyThere : NodeEnd::Confirmed, {});
    } else if (word == Word::Failed && text.size() >= sizeof(Error)) {
      Failure why = failure_in(text);
      const bool held = node(n).doing == "is ready" && why.code() == ErrorCode::Interrupted;
      end(n, held ? NodeEnd::Ready : NodeEnd::Failed,
          held ? std::optional<Failure>() : std::move(why));
    }
  }

  void gone(std::size_t n) {
    news_ = true;
    if (!rollout_.at_work(n)) return;
    end(n, NodeEnd::Failed,
        Failure{{ErrorCode::Interrupted},
                "the process that updated it ended",
                rollout_.nodes()[n].name,
                "Go on with --resume " + run_.name + "."});
  }

  void end(std::size_t n, NodeEnd how, std::optional<Failure> why) {
    const bool bad = why.has_value();
    const std::string reason = bad ? why->what : std::string();
    rollout_.ended(n, how, std::move(why));
    gate_due_ |= how == NodeEnd::Confirmed;
    const std::string& name = rollout_.nodes()[n].name;
    if (bad) {
      run_.context.output.warning(fmt::format("{}: {}", sanitize(name), sanitize(reason)));
    } else {
      run_.context.output.note(
          fmt::format("{}: {} ({} of {})", sanitize(name), weco::name(how),
                      rollout_.count(NodeEnd::Confirmed) + rollout_.count(NodeEnd::AlreadyThere),
                      rollout_.nodes().size()));
    }
  }

  /// The gate between two devices: those that were done answer and have no alarm.
  void look_at_the_done() {
    if (!std::exchange(gate_due_, false)) return;
    for (std::size_t n = 0; n < rollout_.nodes().size(); ++n) {
      const std::string& name = rollout_.nodes()[n].name;
      const std::optional<Place>& place = node(n).telemetry;
      const bool done = rollout_.result(n).end == NodeEnd::Confirmed;
      if (!done || !place || rollout_.occupied(bus_of(place->endpoint))) continue;
      const Look look = look_at(*place, reactor_, run_.catalog, nullptr);
      const Done well = Telemetry(run_.context, reactor_, look, name).well();
      if (well) continue;
      run_.context.output.warning(fmt::format("{}: {}", sanitize(name), well.error().what));
      rollout_.fell_ill(n, well.error());
    }
  }

  void show() {
    std::vector<Output::Step> steps;
    for (std::size_t n = 0; n < rollout_.nodes().size(); ++n) {
      if (!rollout_.at_work(n)) continue;
      const UpdateProgress& now = node(n).figures;
      steps.push_back({rollout_.nodes()[n].name, now.offset, now.total, now.elapsed,
                       now.remaining(),
                       fmt::format("{}, {} B/s, {} B/s on the wire", node(n).doing,
                                   now.payload_rate(), now.wire_rate())});
    }
    run_.context.output.progress_all(steps, reactor_.now());
  }

  Run& run_;
  Reactor& reactor_;
  Rollout& rollout_;
  Crew crew_;
  bool news_ = false;
  bool gate_due_ = false;
};

std::string as_json(const Run& run, const Rollout& rollout) {
  JsonWriter json;
  json.begin_object().field("schema", "weco.flash_rollout/1").field("run", run.name);
  json.field("journal", run.journal);
  json.field("version", image::to_text(run.firmware.layout.version).view());
  json.field("hash", hex(hash_of(run.firmware))).field("stopped", rollout.stopped());
  json.key("devices").begin_array();
  for (std::size_t n = 0; n < rollout.nodes().size(); ++n) {
    const RolloutNode& row = rollout.nodes()[n];
    const UpdateProgress& figures = run.nodes.at(row.name).figures;
    json.begin_object().field("device", row.name).field("master", row.master);
    json.field("end", name(rollout.result(n).end));
    json.field("payload_bytes", figures.payload).field("wire_bytes", figures.wire);
    if (rollout.result(n).failure) {
      json.key("error");
      write_error(json, *rollout.result(n).failure);
    }
    json.end_object();
  }
  return json.end_array().end_object().str();
}

std::string as_text(const Run& run, const Rollout& rollout) {
  std::string text;
  for (std::size_t n = 0; n < rollout.nodes().size(); ++n) {
    const RolloutNode& row = rollout.nodes()[n];
    const NodeResult& result = rollout.result(n);
    text += fmt::format("{}: {}", sanitize(row.name), name(result.end));
    if (result.failure) text += ", " + sanitize(result.failure->what);
    text += "\n";
  }
  text += fmt::format("{} of {} run {}. Journal: {}",
                      rollout.count(NodeEnd::Confirmed) + rollout.count(NodeEnd::AlreadyThere),
                      rollout.nodes().size(), image::to_text(run.firmware.layout.version).view(),
                      sanitize(run.journal));
  if (rollout.stopped()) {
    text += fmt::format("\nWhen the reason is gone, go on with --resume {}", sanitize(run.name));
  }
  return text;
}

/// That of the first failure in the order of the work.
ExitCode exit_of(const Rollout& rollout, bool interrupted) {
  if (interrupted) return ExitCode::Interrupted;
  for (std::size_t n = 0; n < rollout.nodes().size(); ++n) {
    if (const auto& why = rollout.result(n).failure) return info(why->code()).exit;
  }
  return ExitCode::Done;
}

/// The journal begins with everybody who belongs to the run.
Done note_plan(const Run& run, const Rollout& rollout, std::int64_t now) {
  std::error_code error;  // the journal says what is wrong with the folder
  const std::filesystem::path folder = std::filesystem::path(run.journal).parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, error);
  FlashJournalFile file(run.journal);
  for (const RolloutNode& node : rollout.nodes()) {
    const FlashEntry entry{FlashStage::Planned,
                           node.name,
                           hex(hash_of(run.firmware)),
                           0,
                           static_cast<std::uint32_t>(run.firmware.image().size()),
                           node.master ? std::string(kMaster) : std::string(),
                           now};
    if (Done done = file.append(entry); !done) return done;
  }
  return {};
}

}  // namespace

Outcome<ExitCode> run_flash_rollout(const Args& args, Context& context) {
  const auto firmware = read_good_firmware(std::string(args.text("IMAGE")), args.list("key"));
  if (!firmware) return Unexpected{firmware.error()};
  const auto catalog = Catalog::embedded();
  if (!catalog) return Unexpected{catalog.error()};
  const auto reactor = context.make_reactor();
  const std::int64_t now = reactor->wall_seconds();
  Run run{args, context, *catalog, *firmware, {}, {}, {}, {}};
  if (Done done = plan(run, now); !done) return Unexpected{std::move(done).error()};
  auto rollout = make_rollout(run);
  if (!rollout) return Unexpected{std::move(rollout).error()};
  const std::string what = fmt::format(
      "{} devices go to {}, {} first. Each pack switches off while it is updated, one at a time; "
      "it comes back by itself.",
      rollout->nodes().size(), image::to_text(firmware->layout.version).view(),
      sanitize(rollout->nodes().front().name));
  if (Done asked = ask_person(args, context, what, kNotBegun); !asked) {
    return Unexpected{std::move(asked).error()};
  }
  if (!args.given("resume")) {
    if (Done noted = note_plan(run, *rollout, now); !noted) {
      return Unexpected{std::move(noted).error()};
    }
  }
  Work(run, *reactor, *rollout).all();
  context.output.result(context.output.json() ? as_json(run, *rollout) : as_text(run, *rollout));
  return exit_of(*rollout, reactor->interrupted());
}

}  // namespace weco::cli
