// SPDX-License-Identifier: Apache-2.0
#include "cli/script_world.hpp"

#include <algorithm>
#include <list>
#include <optional>
#include <utility>

#include "cli/calibration_run.hpp"
#include "cli/console.hpp"
#include "cli/flash_run.hpp"
#include "cli/listen.hpp"
#include "cli/log_source.hpp"
#include "cli/records_place.hpp"
#include "cli/render/logbook.hpp"
#include "cli/render/scan.hpp"
#include "cli/render/status.hpp"
#include "cli/render/text.hpp"
#include "cli/scan_job.hpp"
#include "cli/script_records.hpp"
#include "cli/script_site.hpp"
#include "cli/table/calibrate_soc.hpp"
#include "cli/table/flash.hpp"
#include "host/calibration/supervision.hpp"
#include "host/records/keys.hpp"
#include "lua/modules/json.hpp"
#include "transports/ble/gatt_link.hpp"
#include "transports/open.hpp"

namespace weco::cli {
namespace {

constexpr Duration kCanPatience = Duration::s(10);
constexpr std::size_t kFileMax = std::size_t{1} << 20U;

using lua::OpenRequest;
using lua::ScriptDevice;

/// What devices are opened with.
struct Around {
  Context& context;
  Reactor& reactor;
  const Catalog& catalog;
  EventSink* events = nullptr;
  bool stopped = false;  // the person said so, and a procedure has taken that word
};

/// RefusedByGuard unless each setting that a calibration may write is declared.
Done may_set(const calibration::Rule& rule, const std::vector<PointId>& granted) {
  std::string missing;
  for (const PointId id : written_by(rule)) {
    if (std::ranges::find(granted, id) != granted.end()) continue;
    missing += ", \"write:" + std::string(info(id).name) + "\"";
  }
  if (missing.empty()) return {};
  return failure(
      ErrorCode::RefusedByGuard, "the script has no right to all that this calibration writes",
      std::string(rule.family), "Write in its header: rights = { \"read\"" + missing + " }.");
}

/// As scripts see it: the end is the verdict, and nobody has to know of schemas.
Outcome<lua::Value> calibration_value(const std::string& json) {
  auto value = lua::read_json(json);
  if (!value) return value;
  if (const lua::Value* end = value->get("end")) value->set("verdict", lua::Value(*end));
  std::erase_if(value->entries, [](const lua::Entry& entry) {
    return entry.name == "end" || entry.name == "schema";
  });
  return value;
}

/// A device that answers questions.
class LineDevice final : public ScriptDevice {
 public:
  LineDevice(Around& around, Place place, OpenedDevice opened)
      : around_(around), place_(std::move(place)), opened_(std::move(opened)) {}
  void read(std::vector<PointRef> wanted, Duration patience, Answer done) override {
    if (opened_) return opened_->device->start(std::move(wanted), patience, std::move(done));
    if (around_.stopped) return done(failure(ErrorCode::Interrupted, "reading", endpoint()));
    done(failure(ErrorCode::Disconnected, "the line could not be opened again behind a calibration",
                 endpoint(), "Open the device anew."));
  }
  [[nodiscard]] bool busy() const override { return opened_ && opened_->device->busy(); }
  [[nodiscard]] std::string endpoint() const override {
    return opened_ ? opened_->device->setup().link->describe() : place_.target.endpoint;
  }
  [[nodiscard]] std::string family() const override { return place_.target.family; }
  LiveDevice* live() override { return opened_ ? opened_->device.get() : nullptr; }

  /// The procedure opens the line itself, as often as it takes; meanwhile nobody else has it.
  Outcome<lua::Value> calibrate(const lua::CalibrationOrder& order,
                                const lua::Agree& agree) override {
    if (order.set) {
      const auto rule = calibration::rule_of(family());
      if (!rule) return Unexpected{rule.error()};
      if (Done granted = may_set(*rule, order.granted); !granted) {
        return Unexpected{std::move(granted).error()};
      }
    }
    const Target& target = place_.target;
    bool declined = false;
    CalibrationRequest request{.device = target.name.empty() ? target.endpoint : target.name,
                               .place = place_,
                               .catalog = around_.catalog,
                               .journal = std::string(kCalibrationJournal),
                               .plan = order.plan,
                               .set = order.set,
                               .resume = order.resume};
    request.agree = [&](const std::string& text, const std::string& question) {
      Done agreed = agree(text, question);
      declined = !agreed;
      return agreed;
    };
    opened_.reset();
    const auto answer = cli::calibrate(request, around_.context);
    around_.context.output.end_progress();
    around_.context.interruption.wakes(&around_.reactor);
    if (!answer && answer.error().code() == ErrorCode::Interrupted && !declined) {
      around_.stopped = true;
      return Unexpected{answer.error()};
    }
    reopen();
    if (!answer) return Unexpected{answer.error()};
    return calibration_value(answer->json);
  }

 private:
  /// Where that fails, the next look says so.
  void reopen() {
    auto opened = open_live(place_, family(), around_.reactor, around_.catalog, around_.events);
    if (opened) opened_.emplace(std::move(*opened));
  }

  Around& around_;
  Place place_;
  std::optional<OpenedDevice> opened_;
};

/// A battery on CAN: a look listens until it has been heard whole.
class BusDevice final : public ScriptDevice {
 public:
  BusDevice(Reactor& reactor, const Catalog& catalog, std::unique_ptr<FrameLink> link)
      : reactor_(reactor), catalog_(catalog), link_(std::move(link)) {}
  ~BusDevice() override {
    link_->on_readable({});
    reactor_.cancel(timer_);
  }
  BusDevice(const BusDevice&) = delete;
  BusDevice& operator=(const BusDevice&) = delete;

  void read(std::vector<PointRef>, Duration patience, Answer done) override {
    done_ = std::move(done);
    settling_ = false;
    set_timer(std::min(patience, kCanPatience));
    link_->on_readable([this] { hear(); });
    hear();
  }
  [[nodiscard]] bool busy() const override { return static_cast<bool>(done_); }
  [[nodiscard]] std::string endpoint() const override { return link_->describe(); }
  [[nodiscard]] std::string family() const override { return "canbms"; }

 private:
  void set_timer(Duration length) {
    reactor_.cancel(timer_);
    timer_ = reactor_.at(reactor_.now() + length, [this] { finish(); });
  }
  void hear() {
    CanFrame frame;
    for (;;) {
      const auto got = link_->receive(frame);
      if (!got) return answer(Unexpected{got.error()});
      if (!*got) break;
      listener_.feed(frame);
    }
    if (!settling_ && listener_.complete()) {
      settling_ = true;
      set_timer(kCanSettle);
    }
  }
  void finish() { answer(heard_on_bus(reactor_.now(), *link_, listener_, catalog_)); }
  void answer(Outcome<DeviceReport> outcome) {
    link_->on_readable({});
    reactor_.cancel(timer_);
    const Answer done = std::exchange(done_, {});
    if (done) done(std::move(outcome));
  }

  Reactor& reactor_;
  const Catalog& catalog_;
  std::unique_ptr<FrameLink> link_;
  CanListener listener_;
  Reactor::TimerId timer_ = 0;
  bool settling_ = false;
  Answer done_;
};

/// What was recorded; every look gives the same.
class RecordedDevice final : public ScriptDevice {
 public:
  RecordedDevice(Reactor& reactor, DeviceReport report)
      : reactor_(reactor), report_(std::move(report)) {}
  ~RecordedDevice() override { reactor_.cancel(timer_); }
  RecordedDevice(const RecordedDevice&) = delete;
  RecordedDevice& operator=(const RecordedDevice&) = delete;
  void read(std::vector<PointRef>, Duration, Answer done) override {
    busy_ = true;
    timer_ = reactor_.at(reactor_.now(), [this, done = std::move(done)] {
      busy_ = false;
      done(report_);
    });
  }
  [[nodiscard]] bool busy() const override { return busy_; }
  [[nodiscard]] std::string endpoint() const override { return report_.endpoint; }
  [[nodiscard]] std::string family() const override { return report_.family; }

 private:
  Reactor& reactor_;
  DeviceReport report_;
  Reactor::TimerId timer_ = 0;
  bool busy_ = false;
};

/// Opens one device: connects, finds out the family when nobody said it, connects for good.
class Opening {
 public:
  Opening(Around& around, Place place, lua::World::Opened done)
      : around_(around),
        reactor_(around.reactor),
        catalog_(around.catalog),
        events_(around.events),
        place_(std::move(place)),
        done_(std::move(done)) {}
  [[nodiscard]] bool over() const { return !done_; }

  void start() {
    if (place_.endpoint.scheme == Scheme::Replay) return open_recording();
    if (place_.is_can()) return open_can();
    if (place_.target.family.empty()) {
      return connect([this](Outcome<OpenedLine> line) { identify(std::move(line)); });
    }
    connect([this](Outcome<OpenedLine> line) { use(std::move(line)); });
  }

 private:
  void end(Outcome<std::unique_ptr<ScriptDevice>> outcome) {
    const auto done = std::exchange(done_, {});
    done(std::move(outcome));
  }

  void open_recording() {
    const auto recording = transports::load_recording(place_.endpoint.place);
    if (!recording) return end(Unexpected{recording.error()});
    DeviceReport report = report_of(*recording, place_, catalog_);
    if (report.snapshot.empty() && report.raw.empty() && report.findings.empty()) {
      return end(failure(ErrorCode::BadInput,
                         "the recording holds nothing that a family here explains",
                         report.endpoint));
    }
    end(std::make_unique<RecordedDevice>(reactor_, std::move(report)));
  }

  void open_can() {
    auto link = open_bus(place_, reactor_, events_);
    if (!link) return end(Unexpected{std::move(link).error()});
    end(std::make_unique<BusDevice>(reactor_, catalog_, std::move(*link)));
  }

  void connect(std::function<void(Outcome<OpenedLine>)> then) {
    const Endpoint& endpoint = place_.endpoint;
    if (endpoint.scheme == Scheme::Ble) return connect_ble(std::move(then));
    if (endpoint.scheme != Scheme::Tcp) return then(open_line(place_, reactor_, catalog_, events_));
    const transports::TcpPlace to = transports::tcp_place(endpoint);
    transports::connect_tcp(
        reactor_, to.host, to.port, to.timeout,
        [this, to, then = std::move(then)](Outcome<std::unique_ptr<ByteLink>> link) {
          if (!link) return then(Unexpected{std::move(link).error()});
          auto lasting = recorded(transports::lasting_tcp(reactor_, std::move(*link), to), events_);
          then(make_line(std::move(lasting), place_, events_));
        });
  }

  void connect_ble(std::function<void(Outcome<OpenedLine>)> then) {
    const auto target = transports::ble_target(place_.endpoint);
    if (!target) return then(Unexpected{target.error()});
    attempt_ = transports::ble::connect(
        reactor_, *target,
        [this, then = std::move(then)](Outcome<std::unique_ptr<transports::ble::GattLink>> link) {
          if (!link) return then(Unexpected{std::move(link).error()});
          then(make_line(std::move(*link), place_, events_));
        });
  }

  void identify(Outcome<OpenedLine> opened) {
    if (!opened) return end(Unexpected{std::move(opened).error()});
    auto scan = identify_line(reactor_, *opened, place_, catalog_, events_);
    if (!scan) return end(Unexpected{std::move(scan).error()});
    scan_ = std::move(*scan);
    scan_->start([this] { reactor_.at(reactor_.now(), [this] { identified(); }); });
  }

  void identified() {
    auto first = identified_device(std::move(scan_->outcome()));
    scan_.reset();  // the line is free again
    if (!first) return end(Unexpected{std::move(first).error()});
    place_.target.family = first->family;
    if (first->unit != 0) place_.target.unit = first->unit;
    found_at_ = first->line;
    connect([this](Outcome<OpenedLine> line) { use(std::move(line)); });
  }

  void use(Outcome<OpenedLine> line) {
    if (!line) return end(Unexpected{std::move(line).error()});
    const std::string& family = place_.target.family;
    auto live =
        make_live(std::move(*line), place_, {family, found_at_, events_}, reactor_, catalog_);
    if (!live) return end(Unexpected{std::move(live).error()});
    end(std::make_unique<LineDevice>(around_, place_, std::move(*live)));
  }

  Around& around_;
  Reactor& reactor_;
  const Catalog& catalog_;
  EventSink* events_;
  Place place_;
  lua::World::Opened done_;
  std::unique_ptr<transports::ble::Attempt> attempt_;
  std::unique_ptr<EndpointScan> scan_;
  std::optional<LineSettings> found_at_;
};

/// A script says whom to trust; the person has to know.
std::string trust_text(const lua::FlashOrder& order) {
  std::string keys;
  for (const std::string& key : order.keys) keys += (keys.empty() ? "" : " or ") + quoted(key);
  return " The firmware is " + quoted(order.image) + ", and its signature fits the key in " + keys +
         ".";
}

lua::Value flash_value(const Firmware& firmware, const Installed& installed) {
  const auto number = [](std::uint64_t value) {
    return lua::Value::of(static_cast<std::int64_t>(value));
  };
  const bool there = installed.end == FlashEnd::AlreadyThere;
  lua::Value value = lua::Value::table();
  value.set("hash", lua::Value::of(hex(hash_of(firmware))));
  value.set("payload_bytes", number(installed.figures.payload));
  value.set("verdict", lua::Value::of(std::string(there ? "already_there" : "confirmed")));
  value.set("version", lua::Value::of(version_of(firmware)));
  value.set("wire_bytes", number(installed.figures.wire));
  return value;
}

class CliWorld final : public lua::World {
 public:
  CliWorld(Context& context, Reactor& reactor, const Catalog& catalog, EventSink* events)
      : context_(context),
        reactor_(reactor),
        catalog_(catalog),
        events_(events),
        around_{context, reactor, catalog, events},
        records_(make_script_records(context, reactor)) {}

  Reactor& reactor() override { return reactor_; }
  [[nodiscard]] bool stopped() const override { return around_.stopped; }

  void open(const OpenRequest& request, Opened done) override {
    openings_.remove_if([](const auto& each) { return each->over(); });
    auto place = resolve_place(context_, request.device);
    if (!place) return done(Unexpected{std::move(place).error()});
    if (!request.family.empty()) place->target.family = request.family;
    if (request.unit > 0) place->target.unit = request.unit;
    openings_.push_back(std::make_unique<Opening>(around_, std::move(*place), std::move(done)));
    openings_.back()->start();
  }

  Outcome<std::unique_ptr<lua::ScriptSite>> simulate(const lua::Value& description) override {
    return make_script_site(description, reactor_, catalog_);
  }

  lua::ScriptRecords* records() override { return records_.get(); }
  Outcome<std::string> changes_folder() override { return cli::changes_folder(context_); }

  void scan(const std::vector<std::string>& endpoints, Scanned done) override {
    auto places = places_to_scan(context_, endpoints);
    if (!places) return done(Unexpected{std::move(places).error()});
    auto families = catalog_.load_all();
    if (!families) return done(Unexpected{std::move(families).error()});
    ScanOptions options;
    options.families = std::move(*families);
    if (Done searched = search_all(context_, reactor_, *places); !searched) {
      return done(Unexpected{std::move(searched).error()});
    }
    scans_.push_back(std::make_unique<ScanJob>(reactor_, catalog_, std::move(options), events_));
    ScanJob* job = scans_.back().get();
    for (Place& place : *places) job->add(std::move(place));
    job->when_finished([this, job, done = std::move(done)] {
      reactor_.at(reactor_.now(), [this, job, done] {
        const ScanResult result = merge(job->take());
        scans_.remove_if([job](const auto& each) { return each.get() == job; });
        done(lua::read_json(scan_json(result, reactor_.wall_seconds())));
      });
    });
  }

  void open_console(const std::string& place, bool alone, ConsoleOpened done) override {
    const auto found = resolve_place(context_, place);
    if (!found) return done(Unexpected{found.error()});
    const auto framing = smp_at(*found);
    if (!framing) return done(waited_for(*found, alone));
    if (found->endpoint.scheme != Scheme::Tcp) {
      auto link = cli::open_console(*found, reactor_, events_);
      if (!link) return done(Unexpected{std::move(link).error()});
      return done(lua::Console{.link = std::move(*link), .framing = *framing});
    }
    const transports::TcpPlace to = transports::tcp_place(found->endpoint);
    transports::connect_tcp(
        reactor_, to.host, to.port, to.timeout,
        [this, to, done = std::move(done)](Outcome<std::unique_ptr<ByteLink>> link) {
          if (!link) return done(Unexpected{std::move(link).error()});
          done(lua::Console{
              .link = recorded(transports::lasting_tcp(reactor_, std::move(*link), to), events_)});
        });
  }

  Outcome<lua::Value> describe_line(const logbook::Entry& entry,
                                    const logbook::Texts& texts) override {
    std::string line;
    add_log_line(LogForm::Ndjson, entry, texts, line);
    if (line.ends_with('\n')) line.pop_back();
    return lua::read_json(line);
  }

  Outcome<lua::Value> flash(const lua::FlashOrder& order, const lua::FlashParty& party) override {
    const auto firmware = read_good_firmware(order.image, order.keys);
    if (!firmware) return Unexpected{firmware.error()};
    const auto place = resolve_place(context_, order.console);
    if (!place) return Unexpected{place.error()};
    const auto opened = open_updater(*place, reactor_, events_);
    if (!opened) return Unexpected{opened.error()};
    Telemetry telemetry(context_, reactor_, party.look, order.console);
    const InstallHooks hooks{
        [&](const std::string& what) { return party.agree(what + trust_text(order)); },
        [&](const UpdateProgress& now) { party.progress(now.offset, now.total); }};
    const Installation what{*firmware, order.console, order.board, std::string(kFlashJournal)};
    const auto installed = install(what, *opened->updater, &telemetry, reactor_, hooks);
    context_.output.end_progress();
    if (!installed) return Unexpected{installed.error()};
    return flash_value(*firmware, *installed);
  }

  Outcome<lua::Value> describe(const DeviceReport& report) override {
    return lua::read_json(status_json(report, {}, reactor_.wall_seconds()));
  }

  Outcome<lua::Value> check(lua::Argument::Type type, const std::string& text) override {
    using Type = lua::Argument::Type;
    if (type == Type::Device) {
      if (auto place = resolve_place(context_, text); !place) {
        return Unexpected{std::move(place).error()};
      }
    } else if (type == Type::Family) {
      if (auto profile = catalog_.load(text); !profile) {
        return Unexpected{std::move(profile).error()};
      }
    } else if (type == Type::Point) {
      if (!parse_point_ref(text)) {
        return failure(ErrorCode::BadUsage, "there is no point " + quoted(text), {},
                       "Give a name of the vocabulary such as soc; see 'weco devices show'.");
      }
    } else if (type == Type::File) {
      auto content = records::read_whole(text, kFileMax);
      if (!content) return Unexpected{std::move(content).error()};
      return lua::Value::of(std::move(*content));
    }
    return lua::Value::of(text);
  }

 private:
  /// Modbus and UDS read one piece after the other.
  Outcome<lua::Console> waited_for(const Place& place, bool alone) {
    if (!alone) {
      return failure(ErrorCode::Unsupported,
                     "over Modbus and on a CAN bus no journal is read inside of weco.parallel",
                     place.target.endpoint, "Read it before weco.parallel or behind it.");
    }
    auto opened = open_journal(place, reactor_, events_);
    if (!opened) return Unexpected{std::move(opened).error()};
    const auto kept = std::make_shared<OpenedJournal>(std::move(*opened));
    return lua::Console{.beside = kept, .source = kept->source.get()};
  }

  Context& context_;
  Reactor& reactor_;
  const Catalog& catalog_;
  EventSink* events_;
  Around around_;
  std::unique_ptr<lua::ScriptRecords> records_;
  std::list<std::unique_ptr<Opening>> openings_;
  std::list<std::unique_ptr<ScanJob>> scans_;
};

}  // namespace

std::unique_ptr<lua::World> make_script_world(Context& context, Reactor& reactor,
                                              const Catalog& catalog, EventSink* events) {
  return std::make_unique<CliWorld>(context, reactor, catalog, events);
}

}  // namespace weco::cli
