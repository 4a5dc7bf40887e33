// SPDX-License-Identifier: Apache-2.0
#include "lua/modules/host.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "host/failure/nearest.hpp"
#include "lua/modules/api.hpp"
#include "lua/modules/files.hpp"
#include "lua/modules/journals.hpp"
#include "lua/modules/json.hpp"
#include "lua/modules/procedures.hpp"
#include "lua/modules/settings.hpp"
#include "lua/modules/trouble.hpp"

namespace weco::lua {
namespace {

constexpr std::size_t kDevicesMax = 1024;  // open at once
constexpr std::size_t kPointsMax = 256;    // of one read
constexpr std::size_t kSitesMax = 16;      // simulated at once
constexpr std::size_t kRunsMax = 64;       // of checklists, worked through at once
constexpr double kSiteSecondsMax = 10 * 366 * 86400.0;
constexpr Duration kPatience = Duration::s(30);

Unexpected<Failure> misuse(std::string what, std::string hint = {}) {
  return failure(ErrorCode::BadInput, std::move(what), {}, std::move(hint));
}

const std::string& text_at(std::span<const Value> arguments, std::size_t index) {
  static const std::string kEmpty;
  return arguments.size() > index ? arguments[index].text : kEmpty;
}
double number_at(std::span<const Value> arguments, std::size_t index) {
  return arguments.size() > index ? arguments[index].number : 0.0;
}

/// "soc", "soc_pct", "tower[1].cell_voltage[3]": the vocabulary's name, with its unit or without.
Outcome<PointRef> point_of(const std::string& text) {
  if (const auto ref = parse_point_ref(text)) return *ref;
  const std::size_t dot = text.rfind('.') + 1;
  const std::size_t open = std::min(text.find('[', dot), text.size());
  const std::string bare = text.substr(dot, open - dot);
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < kPointCount; ++i) {
    names.push_back(kPoints[i].name);
    const auto unit = info(kPoints[i].unit).suffix;
    const std::size_t size = kPoints[i].name.size();
    if (unit.empty() || bare.size() != size + 1 + unit.size()) continue;
    if (!bare.starts_with(kPoints[i].name) || bare[size] != '_' || !bare.ends_with(unit)) continue;
    if (const auto ref = parse_point_ref(text.substr(0, dot + size) + text.substr(open)))
      return *ref;
  }
  const std::string_view close = nearest(bare, names);
  return misuse("there is no point '" + text + "'",
                close.empty() ? "Give a name of the vocabulary such as soc or module[2].soc; see "
                                "'weco devices show'."
                              : "Did you mean '" + std::string(close) + "'?");
}

std::string key_of(const PointRef& ref) {
  std::string key = to_text(ref.node);
  if (!key.empty()) key += '.';
  key += name_with_unit(ref.id);
  if (ref.index > 0) key += '[' + std::to_string(ref.index) + ']';
  return key;
}

/// The value of a point; all of them as a list when it has an index and none was given.
Value value_in(const Snapshot& snapshot, const PointRef& ref) {
  if (info(ref.id).count == 1 || ref.index > 0) {
    const Reading* reading = snapshot.get(ref);
    return reading == nullptr ? Value{} : script_value(*reading);
  }
  if (const Reading* reading = snapshot.get(ref)) return script_value(*reading);
  Value list = Value::table();
  for (const auto& [at, reading] : snapshot.readings()) {
    if (at.id != ref.id || at.node != ref.node) continue;
    Value value = script_value(reading);
    if (!value.is(Value::Kind::Nil)) list.entries.push_back({{}, at.index, std::move(value)});
  }
  return list.entries.empty() ? Value{} : list;
}

Value point_row(const PointRef& ref, const Reading& reading) {
  const PointInfo& row = info(ref.id);
  Value value = Value::table();
  value.set("access", Value::of(std::string(row.access == Access::Read ? "read" : "setting")));
  value.set("name", Value::of(to_text(ref)));
  value.set("quality", Value::of(std::string(name(reading.quality))));
  value.set("unit", Value::of(std::string(info(row.unit).suffix)));
  value.set("value", script_value(reading));
  return value;
}

}  // namespace

Value script_value(const Reading& reading) {
  if (reading.quality == Quality::NotImplemented) return {};
  const auto symbols = info(reading.ref.id).symbols;
  switch (reading.kind) {
    case ValueKind::Number: {
      const double number = to_double(reading.number);
      const bool whole = std::nearbyint(number) == number && std::abs(number) < 1e15;
      return whole ? Value::of(static_cast<std::int64_t>(number)) : Value::of(number);
    }
    case ValueKind::Text: {
      std::string text(reading.text());
      while (!text.empty() && (text.back() == ' ' || text.back() == '\0')) text.pop_back();
      return Value::of(std::move(text));
    }
    case ValueKind::Choice:
      return Value::of(reading.bits < symbols.size() ? std::string(symbols[reading.bits])
                                                     : "unknown_" + std::to_string(reading.bits));
    case ValueKind::Raw:
      return Value::of(static_cast<std::int64_t>(reading.bits));
    case ValueKind::Flags:
      break;
  }
  Value list = Value::table();
  for (std::size_t bit = 0; bit < 64; ++bit) {
    if (((reading.bits >> bit) & 1U) == 0) continue;
    list.entries.push_back(
        {{},
         static_cast<std::int64_t>(list.entries.size()) + 1,
         Value::of(bit < symbols.size() ? std::string(symbols[bit]) : std::to_string(bit + 1))});
  }
  return list;
}

class ScriptHost::Natives {
 public:
  Natives(ScriptText text, World& world, Person& person, HostOptions options)
      : script_(std::move(text)),
        world_(world),
        person_(person),
        options_(std::move(options)),
        journals_(world, person) {}

  Done load() {
    Surroundings around;
    around.seed = options_.seed;
    around.wall_seconds = [this] { return world_.reactor().wall_seconds(); };
    begun_ = world_.reactor().now();
    around.seconds = [this] { return elapsed(); };
    around.interrupted = [this] { return stopped(); };
    around.module = options_.module;
    auto box = Sandbox::make(options_.limits, std::move(around));
    if (!box) return Unexpected{std::move(box).error()};
    box_ = std::move(*box);
    define_devices();
    define_waits();
    define_person();
    define_sites();
    define_records();
    define_steps();
    define_files();
    box_->extend(kApi, kApiParts);
    std::string_view text = script_.text;
    const std::string commented = text.starts_with("#!") ? "--" + script_.text : std::string();
    if (!commented.empty()) text = commented;
    auto value = box_->run(text, script_.file);
    if (!value) return Unexpected{std::move(value).error()};
    auto header = read_header(*value, text, script_.file, options_.taken);
    if (!header) return Unexpected{std::move(header).error()};
    header_ = std::move(*header);
    settings_.emplace(world_, person_,
                      Settings::Terms{header_.writes, "script " + script_.name, options_.agreed});
    return {};
  }

  Outcome<Value> run(const Value& arguments) {
    running_ = true;
    step_names_.clear();
    step_.reset();
    const Values given{arguments};
    auto results = box_->call(header_.run, given);
    running_ = false;
    tickets_.clear();
    settings_->forget();
    journals_.forget();
    devices_.clear();
    sites_.clear();
    runs_.clear();
    if (!results) return Unexpected{std::move(results).error()};
    return results->empty() ? Value{} : std::move(results->front());
  }

  Outcome<Evaluated> evaluate(std::string_view text, const std::string& file) {
    running_ = true;
    step_names_.clear();
    auto result = box_->evaluate(text, file);
    running_ = false;
    return result;
  }
  [[nodiscard]] bool used_up() const { return box_->stopped(); }

  [[nodiscard]] const Header& header() const { return header_; }
  [[nodiscard]] const ScriptText& script() const { return script_; }

 private:
  /// Something that was begun; `outcome` comes when it is finished.
  struct Ticket {
    std::optional<Outcome<Value>> outcome;
  };
  using Results = Outcome<Values>;
  using Body = Results (Natives::*)(std::span<const Value>);

  void define(const char* name, Body body, bool at_run = true) {
    box_->define(name, [this, name, body, at_run](std::span<const Value> arguments) -> Results {
      if (at_run && !running_) {
        return misuse("the world is not there yet", "Use weco, ui and time inside of 'run' only.");
      }
      return (this->*body)(arguments);
    });
  }

  void define_devices() {
    define("open", &Natives::open);
    define("scan", &Natives::scan);
    define("read", &Natives::read);
    define("read_now", &Natives::read_now);
    define("snapshot", &Natives::snapshot);
    define("points", &Natives::points);
    define("plan", &Natives::plan);
    define("apply", &Natives::apply);
    define("log", &Natives::log);
    define("flash", &Natives::flash);
    define("calibrate", &Natives::calibrate);
    define("close", &Natives::close);
  }
  void define_waits() {
    define("finished", &Natives::finished);
    define("take", &Natives::take);
    define("drive", &Natives::drive);
    define("breathe", &Natives::breathe);
    define("sleep", &Natives::rest);
    define("now", &Natives::now);
    define("elapsed", &Natives::elapsed_s);
  }
  void define_person() {
    define("ask", &Natives::ask);
    define("say", &Natives::say);
    define("table", &Natives::table);
    define("progress", &Natives::progress);
    define("json_encode", &Natives::json_encode, false);
    define("json_decode", &Natives::json_decode, false);
    define("trouble", &Natives::trouble);
  }

  void define_sites() {
    define("simulate", &Natives::simulate);
    define("site_run", &Natives::site_run);
    define("site_seconds", &Natives::site_seconds);
    define("site_value", &Natives::site_value);
    define("site_values", &Natives::site_values);
    define("site_events", &Natives::site_events);
    define("site_command", &Natives::site_command);
    define("site_fault", &Natives::site_fault);
    define("site_open", &Natives::site_open);
  }

  void define_records() {
    define("checklist", &Natives::checklist);
    define("run_about", &Natives::run_about);
    define("run_read", &Natives::run_read);
    define("run_items", &Natives::run_items);
    define("run_answer", &Natives::run_answer);
    define("run_missing", &Natives::run_missing);
    define("run_finish", &Natives::run_finish);
    define("record", &Natives::record);
    define("warranty", &Natives::warranty);
  }

  void define_steps() {
    define("step_begin", &Natives::step_begin);
    define("step_end", &Natives::step_end);
    define("step_drop", &Natives::step_drop);
  }

  void define_files() {
    define("files_read", &Natives::files_read);
    define("files_write", &Natives::files_write);
    define("files_list", &Natives::files_list);
  }

  [[nodiscard]] double elapsed() const {
    return static_cast<double>((world_.reactor().now() - begun_).to_us()) * 1e-6;
  }

  // --- tickets

  std::int64_t new_ticket() {
    tickets_.emplace(++last_ticket_, Ticket{});
    return last_ticket_;
  }
  void settle(std::int64_t id, Outcome<Value> outcome) {
    const auto at = tickets_.find(id);
    if (at == tickets_.end()) return;
    at->second.outcome.emplace(std::move(outcome));
    ready_.push_back(id);
  }
  [[nodiscard]] bool stopped() const {
    return world_.stopped() || (options_.interrupted && options_.interrupted());
  }

  Results finished(std::span<const Value> arguments) {
    const auto at = tickets_.find(arguments.empty() ? 0 : arguments[0].whole);
    return Values{Value::boolean(at == tickets_.end() || at->second.outcome.has_value())};
  }

  Results take(std::span<const Value> arguments) {
    const std::int64_t id = arguments.empty() ? 0 : arguments[0].whole;
    const auto at = tickets_.find(id);
    if (at == tickets_.end()) return misuse("this was waited for already");
    Ticket& ticket = at->second;
    if (!ticket.outcome) {
      world_.reactor().run([&] { return ticket.outcome.has_value() || stopped(); },
                           Instant::never());
      box_->refresh();
    }
    std::erase(ready_, id);
    if (!ticket.outcome) return failure(ErrorCode::Interrupted, "waiting");
    Outcome<Value> outcome = std::move(*ticket.outcome);
    tickets_.erase(at);
    if (!outcome) return Unexpected{std::move(outcome).error()};
    return Values{std::move(*outcome)};
  }

  /// Runs until something is ready and gives all that is.
  Results drive(std::span<const Value> /*arguments*/) {
    if (ready_.empty()) {
      world_.reactor().run([&] { return !ready_.empty() || stopped(); }, Instant::never());
      box_->refresh();
    }
    if (ready_.empty()) return failure(ErrorCode::Interrupted, "waiting");
    Value list = Value::table();
    for (const std::int64_t id : ready_) {
      list.entries.push_back(
          {{}, static_cast<std::int64_t>(list.entries.size()) + 1, Value::of(id)});
    }
    ready_.clear();
    return Values{std::move(list)};
  }

  /// Lets what is due happen: what was begun before goes on while more is begun.
  Results breathe(std::span<const Value> /*arguments*/) {
    world_.reactor().run([] { return false; }, world_.reactor().now());
    return Values{};
  }

  Results rest(std::span<const Value> arguments) {
    const std::int64_t id = new_ticket();
    const auto us = static_cast<std::int64_t>(number_at(arguments, 0) * 1e6);
    world_.reactor().at(world_.reactor().now() + Duration::us(us),
                        [this, id, alive = std::weak_ptr<int>(alive_)] {
                          if (!alive.expired()) settle(id, Value{});
                        });
    return Values{Value::of(id)};
  }

  Results now(std::span<const Value> /*arguments*/) {
    return Values{Value::of(world_.reactor().wall_seconds())};
  }
  Results elapsed_s(std::span<const Value> /*arguments*/) { return Values{Value::of(elapsed())}; }

  // --- devices

  Done may_read() const {
    if (header_.may(Right::Read)) return {};
    return misuse("the script has no right to read devices",
                  "Write in its header: rights = { \"read\" }.");
  }

  Done room_for_device() const {
    if (devices_.size() < kDevicesMax) return {};
    return misuse("more than 1024 devices are open", "Close what is not needed any more.");
  }

  Results open(std::span<const Value> arguments) {
    if (Done done = may_read(); !done) return Unexpected{std::move(done).error()};
    if (Done done = room_for_device(); !done) return Unexpected{std::move(done).error()};
    const double unit = number_at(arguments, 2);
    if (!(unit >= 0 && unit <= 255 && unit == std::floor(unit))) {
      return misuse("weco.open: the unit must be a whole number from 0 to 255");
    }
    const std::int64_t id = new_ticket();
    world_.open({text_at(arguments, 0), text_at(arguments, 1), static_cast<int>(unit)},
                [this, id, alive = std::weak_ptr<int>(alive_)](
                    Outcome<std::unique_ptr<ScriptDevice>> device) {
                  if (!alive.expired()) opened(id, std::move(device));
                });
    return Values{Value::of(id)};
  }

  void opened(std::int64_t ticket, Outcome<std::unique_ptr<ScriptDevice>> device) {
    if (!device) return settle(ticket, Unexpected{std::move(device).error()});
    settle(ticket, keep(std::move(*device)));
  }
  Value keep(std::unique_ptr<ScriptDevice> device) {
    Value value = Value::table();
    value.set("endpoint", Value::of(device->endpoint()));
    value.set("family", Value::of(device->family()));
    value.set("id", Value::of(++last_device_));
    devices_.emplace(last_device_, std::move(device));
    return value;
  }

  Results scan(std::span<const Value> arguments) {
    if (Done done = may_read(); !done) return Unexpected{std::move(done).error()};
    std::vector<std::string> endpoints;
    for (const Entry& entry : arguments[0].entries) {
      if (!entry.value.is(Value::Kind::Text)) return misuse("weco.scan: an endpoint is a text");
      endpoints.push_back(entry.value.text);
    }
    const std::int64_t id = new_ticket();
    world_.scan(endpoints, [this, id, alive = std::weak_ptr<int>(alive_)](Outcome<Value> found) {
      if (!alive.expired()) settle(id, std::move(found));
    });
    return Values{Value::of(id)};
  }

  using Shape = std::function<Outcome<Value>(const DeviceReport&)>;
  /// Looks at a device and gives what `shape` makes of it.
  Results look(std::int64_t device, std::vector<PointRef> wanted, Shape shape) {
    const auto at = devices_.find(device);
    if (at == devices_.end()) return misuse("the device is closed");
    const std::int64_t id = new_ticket();
    if (at->second->busy()) {
      settle(id, failure(ErrorCode::Busy, "the device is being read by another task",
                         at->second->endpoint(), "Let one task read it."));
      return Values{Value::of(id)};
    }
    at->second->read(std::move(wanted), kPatience,
                     [this, id, shape = std::move(shape),
                      alive = std::weak_ptr<int>(alive_)](Outcome<DeviceReport> report) {
                       if (alive.expired()) return;
                       if (!report) return settle(id, Unexpected{std::move(report).error()});
                       settle(id, shape(*report));
                     });
    return Values{Value::of(id)};
  }

  /// (device, names, alone): a list with the one value, or a table by names with units.
  Results read(std::span<const Value> arguments) {
    std::vector<PointRef> wanted;
    for (const Entry& entry : arguments[1].entries) {
      if (!entry.value.is(Value::Kind::Text)) return misuse("the name of a point is a text");
      auto ref = point_of(entry.value.text);
      if (!ref) return Unexpected{std::move(ref).error()};
      wanted.push_back(*ref);
    }
    if (wanted.empty()) return misuse("device:read_many: no point is named");
    if (wanted.size() > kPointsMax) return misuse("device:read_many: more than 256 points");
    const bool alone = arguments[2].truth;
    return look(arguments[0].whole, wanted, [wanted, alone](const DeviceReport& report) {
      return values_of(report, wanted, alone);
    });
  }

  /// The usual case in one step: one value, and nobody else waits. (device, name): the value, or
  /// nil and the ticket that holds the reason.
  Results read_now(std::span<const Value> arguments) {
    if (!arguments[1].is(Value::Kind::Text))
      return misuse("device:read: the point must be a string");
    const std::string& name = text_at(arguments, 1);
    auto known = refs_.find(name);
    if (known == refs_.end()) {
      auto ref = point_of(name);
      if (!ref) return Unexpected{std::move(ref).error()};
      if (refs_.size() >= kPointsMax) refs_.clear();
      known = refs_.emplace(name, *ref).first;
    }
    const auto at = devices_.find(arguments[0].whole);
    if (at == devices_.end()) return misuse("the device is closed");
    if (at->second->busy()) return misuse("the device is being read by a task");
    const std::uint64_t turn = ++turn_;
    now_.reset();
    at->second->read({known->second}, kPatience,
                     [this, turn, ref = known->second,
                      alive = std::weak_ptr<int>(alive_)](Outcome<DeviceReport> report) {
                       if (!alive.expired() && turn == turn_) now_.emplace(value_of(report, ref));
                     });
    world_.reactor().run([this] { return now_.has_value() || stopped(); }, Instant::never());
    box_->refresh();
    if (!now_) return failure(ErrorCode::Interrupted, "waiting");
    if (*now_) return Values{std::move(**now_)};
    const std::int64_t id = new_ticket();
    settle(id, std::move(*now_));
    return Values{Value{}, Value::of(id)};
  }

  static Outcome<Value> value_of(const Outcome<DeviceReport>& report, const PointRef& ref) {
    if (!report) return Unexpected{report.error()};
    Value value = value_in(report->snapshot, ref);
    if (!value.is(Value::Kind::Nil)) return value;
    return failure(ErrorCode::NotFound, "the device has no '" + to_text(ref) + "'",
                   report->endpoint, "device:points() lists what it has.");
  }

  static Outcome<Value> values_of(const DeviceReport& report, const std::vector<PointRef>& wanted,
                                  bool alone) {
    Value values = Value::table();
    for (const PointRef& ref : wanted) {
      Value value = value_in(report.snapshot, ref);
      if (alone && value.is(Value::Kind::Nil)) {
        return failure(ErrorCode::NotFound, "the device has no '" + to_text(ref) + "'",
                       report.endpoint, "device:points() lists what it has.");
      }
      if (alone) {
        values.entries.push_back({{}, 1, std::move(value)});
      } else if (!value.is(Value::Kind::Nil)) {
        values.set(key_of(ref), std::move(value));
      }
    }
    return values;
  }

  Results snapshot(std::span<const Value> arguments) {
    return look(arguments[0].whole, {},
                [this](const DeviceReport& report) { return world_.describe(report); });
  }

  Results points(std::span<const Value> arguments) {
    return look(arguments[0].whole, {}, [](const DeviceReport& report) -> Outcome<Value> {
      Value list = Value::table();
      for (const auto& [ref, reading] : report.snapshot.readings()) {
        list.entries.push_back(
            {{}, static_cast<std::int64_t>(list.entries.size()) + 1, point_row(ref, reading)});
      }
      return list;
    });
  }

  // --- settings

  Settings::Answer settling(std::int64_t ticket) {
    return [this, ticket, alive = std::weak_ptr<int>(alive_)](Outcome<Value> outcome) {
      if (!alive.expired()) settle(ticket, std::move(outcome));
    };
  }
  Outcome<ScriptDevice*> idle_device(std::int64_t id) {
    const auto at = devices_.find(id);
    if (at == devices_.end()) return misuse("the device is closed");
    if (!at->second->busy()) return at->second.get();
    return failure(ErrorCode::Busy, "the device is being read by another task",
                   at->second->endpoint(), "Let one task use it.");
  }

  /// (device, { point = value }): a ticket.
  Results plan(std::span<const Value> arguments) {
    const auto device = idle_device(arguments[0].whole);
    if (!device) return Unexpected{device.error()};
    std::vector<Reading> wanted;
    for (const Entry& entry : arguments[1].entries) {
      if (entry.name.empty()) return misuse("device:plan: write { point = value }");
      const auto ref = point_of(entry.name);
      if (!ref) return Unexpected{ref.error()};
      auto reading = setting_of(*ref, entry.value);
      if (!reading) return Unexpected{std::move(reading).error()};
      wanted.push_back(*reading);
    }
    const std::int64_t id = new_ticket();
    settings_->plan(**device, std::move(wanted), settling(id));
    return Values{Value::of(id)};
  }

  /// (device, plan): a ticket.
  Results apply(std::span<const Value> arguments) {
    const auto device = idle_device(arguments[0].whole);
    if (!device) return Unexpected{device.error()};
    const std::int64_t id = new_ticket();
    settings_->apply(**device, arguments[1].whole, settling(id));
    return Values{Value::of(id)};
  }

  /// (device, { kind, since, till, limit, console }, in a task): a ticket.
  Results log(std::span<const Value> arguments) {
    const auto at = devices_.find(arguments[0].whole);
    if (at == devices_.end()) return misuse("the device is closed");
    auto wanted = read_wanted(arguments[1]);
    if (!wanted) return Unexpected{std::move(wanted).error()};
    wanted->alone = !arguments[2].truth;
    const std::int64_t id = new_ticket();
    journals_.read(*at->second, std::move(*wanted), settling(id));
    box_->refresh();
    return Values{Value::of(id)};
  }

  /// (device, file, { key, console, board }): what came of it, when it has ended.
  Results flash(std::span<const Value> arguments) {
    if (!header_.may(Right::Flash)) {
      return misuse("the script has no right to change firmware",
                    "Write in its header: rights = { \"read\", \"flash\" }.");
    }
    const auto device = idle_device(arguments[0].whole);
    if (!device) return Unexpected{device.error()};
    const auto order = read_flash_order(text_at(arguments, 1), arguments[2]);
    if (!order) return Unexpected{order.error()};
    Results result = one(flash_device(world_, person_, **device, *order, options_.agreed));
    box_->refresh();
    return result;
  }

  /// (device, { plan, set, resume }): what came of it, when it has ended.
  Results calibrate(std::span<const Value> arguments) {
    const auto device = idle_device(arguments[0].whole);
    if (!device) return Unexpected{device.error()};
    const auto wants = [&](std::string_view name) {
      const Value* value = arguments[1].get(name);
      return value != nullptr && value->truth;
    };
    const CalibrationOrder order{wants("plan"), wants("set"), wants("resume"), header_.writes};
    Results result = one(calibrate_device(world_, person_, **device, order, options_.agreed));
    box_->refresh();
    return result;
  }

  Results close(std::span<const Value> arguments) {
    const auto at = devices_.find(arguments[0].whole);
    if (at == devices_.end()) return misuse("the device is closed");
    if (at->second->busy()) return misuse("the device is being read by another task");
    devices_.erase(at);
    return Values{};
  }

  // --- virtual sites: they touch nothing, so no right is needed

  Results simulate(std::span<const Value> arguments) {
    if (sites_.size() >= kSitesMax) return misuse("more than 16 sites are simulated at once");
    auto site = world_.simulate(arguments.empty() ? Value::table() : arguments[0]);
    if (!site) return Unexpected{std::move(site).error()};
    sites_.emplace(++last_site_, std::move(*site));
    return Values{Value::of(last_site_)};
  }
  ScriptSite& site_at(std::span<const Value> arguments) {
    return *sites_.at(arguments[0].whole);  // the number comes from our own Lua
  }

  Results site_run(std::span<const Value> arguments) {
    ScriptSite& site = site_at(arguments);
    const double seconds = number_at(arguments, 1), step_s = number_at(arguments, 2);
    if (!(seconds > 0 && seconds <= kSiteSecondsMax)) {
      return misuse("site:run: the time must be more than 0 and at most ten years, in seconds");
    }
    if (!(step_s > 0 && step_s <= 60)) {
      return misuse("site:run: a step must be more than 0 and at most 60 seconds");
    }
    const Done done = site.advance(seconds, step_s, [this] { return stopped(); });
    box_->refresh();
    if (!done) return Unexpected{done.error()};
    if (stopped()) return failure(ErrorCode::Interrupted, "simulating");
    return Values{Value::of(site.seconds())};
  }
  Results site_seconds(std::span<const Value> arguments) {
    return Values{Value::of(site_at(arguments).seconds())};
  }
  Results site_value(std::span<const Value> arguments) {
    auto value = site_at(arguments).value(text_at(arguments, 1));
    if (!value) return Unexpected{std::move(value).error()};
    return Values{std::move(*value)};
  }
  Results site_values(std::span<const Value> arguments) {
    return Values{site_at(arguments).values()};
  }
  Results site_events(std::span<const Value> arguments) {
    return Values{site_at(arguments).events()};
  }
  Results site_command(std::span<const Value> arguments) {
    return nothing(site_at(arguments).command(text_at(arguments, 1), arguments[2]));
  }
  Results site_fault(std::span<const Value> arguments) {
    return nothing(site_at(arguments).fault(text_at(arguments, 1), arguments[2].truth));
  }
  Results site_open(std::span<const Value> arguments) {
    if (Done done = room_for_device(); !done) return Unexpected{std::move(done).error()};
    const double number = number_at(arguments, 2);
    if (!(number >= 1 && number <= 255 && number == std::floor(number))) {
      return misuse("site:open: the number must be a whole number from 1 to 255");
    }
    auto device = site_at(arguments).device(text_at(arguments, 1), static_cast<int>(number));
    if (!device) return Unexpected{std::move(device).error()};
    return Values{keep(std::move(*device))};
  }
  static Results nothing(Done done) {
    if (!done) return Unexpected{std::move(done).error()};
    return Values{};
  }

  // --- records of maintenance

  Outcome<ScriptRecords*> records() {
    if (!header_.may(Right::Records)) {
      return misuse("the script has no right to the records of maintenance",
                    "Write in its header: rights = { \"read\", \"records\" }.");
    }
    if (ScriptRecords* found = world_.records()) return found;
    return misuse("no records are kept here");
  }
  ScriptRun& run_at(std::span<const Value> arguments) {
    return *runs_.at(arguments[0].whole);  // the number comes from our own Lua
  }

  Results checklist(std::span<const Value> arguments) {
    const auto kept = records();
    if (!kept) return Unexpected{kept.error()};
    if (runs_.size() >= kRunsMax) return misuse("more than 64 checklists are open at once");
    auto run = (*kept)->begin(arguments[0]);
    if (!run) return Unexpected{std::move(run).error()};
    runs_.emplace(++last_run_, std::move(*run));
    return Values{Value::of(last_run_)};
  }
  Results run_about(std::span<const Value> arguments) { return Values{run_at(arguments).about()}; }
  Results run_items(std::span<const Value> arguments) { return Values{run_at(arguments).items()}; }
  /// (run, device): a ticket.
  Results run_read(std::span<const Value> arguments) {
    return look(arguments[1].whole, {},
                [this, run = arguments[0].whole](const DeviceReport& report) -> Outcome<Value> {
                  const auto count = runs_.at(run)->read(report);
                  if (!count) return Unexpected{count.error()};
                  return Value::of(*count);
                });
  }
  Results run_answer(std::span<const Value> arguments) {
    return nothing(run_at(arguments).answer(text_at(arguments, 1), arguments[2]));
  }
  Results run_missing(std::span<const Value> arguments) { return one(run_at(arguments).missing()); }
  Results run_finish(std::span<const Value> arguments) {
    return one(run_at(arguments).finish(text_at(arguments, 1), text_at(arguments, 2)));
  }
  Results record(std::span<const Value> arguments) {
    const auto kept = records();
    if (!kept) return Unexpected{kept.error()};
    return one((*kept)->record(text_at(arguments, 0), arguments[1]));
  }
  Results warranty(std::span<const Value> arguments) {
    const auto kept = records();
    if (!kept) return Unexpected{kept.error()};
    return one((*kept)->warranty(text_at(arguments, 0), text_at(arguments, 1)));
  }
  static Results one(Outcome<Value> value) {
    if (!value) return Unexpected{std::move(value).error()};
    return Values{std::move(*value)};
  }

  // --- files below the folders of the header

  [[nodiscard]] Files files() const { return {header_.folders, options_.kept}; }
  Results files_read(std::span<const Value> arguments) {
    return one(files().read(text_at(arguments, 0)));
  }
  Results files_write(std::span<const Value> arguments) {
    return nothing(files().write(text_at(arguments, 0), text_at(arguments, 1)));
  }
  Results files_list(std::span<const Value> arguments) {
    return one(files().list(text_at(arguments, 0)));
  }

  // --- steps that a run can go on from

  /// (name, facts): whether it is done already, and what came of it.
  Results step_begin(std::span<const Value> arguments) {
    const std::string& name = text_at(arguments, 0);
    if (step_) {
      return misuse("weco.step: '" + name + "' begins inside of the step '" + step_->name + "'",
                    "End a step before the next one begins.");
    }
    if (!step_names_.insert(name).second) {
      return misuse("weco.step: there was a step '" + name + "' already",
                    "Give each step of a run a name of its own.");
    }
    Step step;
    step.name = name;
    step.facts = arguments[1];
    auto facts = write_json(step.facts);
    if (!facts) return Unexpected{std::move(facts).error()};
    const Step* before = options_.journal == nullptr ? nullptr : options_.journal->before(name);
    if (before != nullptr && *facts == write_json(before->facts).value_or(std::string())) {
      return Values{Value::boolean(true), before->result};
    }
    if (before != nullptr) {
      person_.say("The step '" + name + "' is repeated: what it goes by has changed.");
    }
    step_ = std::move(step);
    return Values{Value::boolean(false)};
  }

  /// (result): as a run that goes on would find it, so that both go the same way.
  Results step_end(std::span<const Value> arguments) {
    Step step = std::move(*step_);  // only our own Lua ends one, and only one that it began
    step_.reset();
    const auto text = write_json(arguments.empty() ? Value{} : arguments[0]);
    if (!text) return Unexpected{text.error()};
    auto result = read_json(*text);
    if (!result) return Unexpected{std::move(result).error()};
    step.result = std::move(*result);
    if (options_.journal != nullptr) {
      if (Done done = options_.journal->keep(step); !done) return nothing(std::move(done));
    }
    return Values{std::move(step.result)};
  }
  Results step_drop(std::span<const Value> /*arguments*/) {
    step_.reset();
    return Values{};
  }

  // --- the person

  Results ask(std::span<const Value> arguments) {
    Tree tree("", "a question");
    DataPlace nowhere;
    Value spec = arguments[0];
    const Value* text = spec.get("text");
    std::string shown = text == nullptr ? std::string() : text->text;
    std::erase_if(spec.entries, [](const Entry& entry) { return entry.name == "text"; });
    if (spec.get("name") == nullptr) spec.set("name", Value::of(std::string("answer")));
    Argument question;
    read_argument(tree, {&spec, &nowhere, {}, 1}, question);
    if (tree.failed()) {
      Failure failed = std::move(tree.take().error);
      failed.where.clear();
      return Unexpected{std::move(failed)};
    }
    question.help = shown.empty() ? question.name : shown;
    if (arguments[0].get("name") == nullptr) question.name = question.help;
    auto value = person_.ask(question, [this, &question](const std::string& typed) {
      return parse_argument(question, typed, [this](Argument::Type type, const std::string& one) {
        return world_.check(type, one);
      });
    });
    box_->refresh();
    if (!value) return Unexpected{std::move(value).error()};
    if (step_) {
      Value row = Value::table();
      row.set("answer", *value);
      row.set("question", Value::of(question.name));
      auto& list = step_->answers.entries;
      list.push_back({{}, static_cast<std::int64_t>(list.size()) + 1, std::move(row)});
    }
    return Values{std::move(*value)};
  }

  Results say(std::span<const Value> arguments) {
    person_.say(text_at(arguments, 0));
    return Values{};
  }
  Results table(std::span<const Value> arguments) {
    person_.table(arguments[0]);
    return Values{};
  }
  Results progress(std::span<const Value> arguments) {
    const auto count = [](double number) {
      return static_cast<std::uint64_t>(std::clamp(number, 0.0, 1e15));
    };
    person_.progress(text_at(arguments, 0), count(number_at(arguments, 1)),
                     count(number_at(arguments, 2)));
    return Values{};
  }

  Results trouble(std::span<const Value> arguments) {
    return one(next_trouble(text_at(arguments, 0), arguments[1]));
  }

  Results json_encode(std::span<const Value> arguments) {
    auto text = write_json(arguments.empty() ? Value{} : arguments[0]);
    if (!text) return Unexpected{std::move(text).error()};
    return Values{Value::of(std::move(*text))};
  }
  Results json_decode(std::span<const Value> arguments) {
    auto value = read_json(text_at(arguments, 0));
    if (!value) return Unexpected{std::move(value).error()};
    return Values{std::move(*value)};
  }

  ScriptText script_;
  World& world_;
  Person& person_;
  HostOptions options_;
  Header header_;
  bool running_ = false;
  Instant begun_;
  std::int64_t last_ticket_ = 0;
  std::int64_t last_device_ = 0;
  std::map<std::string, PointRef, std::less<>> refs_;  // names that were read
  std::optional<Outcome<Value>> now_;                  // the answer that read_now waits for
  std::uint64_t turn_ = 0;                             // and which one that is
  std::map<std::int64_t, Ticket> tickets_;
  std::vector<std::int64_t> ready_;  // finished, not handed to anybody yet
  std::map<std::int64_t, std::unique_ptr<ScriptDevice>> devices_;
  std::int64_t last_site_ = 0;
  std::map<std::int64_t, std::unique_ptr<ScriptSite>> sites_;
  std::int64_t last_run_ = 0;
  std::map<std::int64_t, std::unique_ptr<ScriptRun>> runs_;
  std::set<std::string, std::less<>> step_names_;  // of this run
  std::optional<Step> step_;                       // begun and not ended
  std::optional<Settings> settings_;
  Journals journals_;
  std::unique_ptr<Sandbox> box_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);  // gone: answers come too late
};

ScriptHost::ScriptHost(std::unique_ptr<Natives> natives) : natives_(std::move(natives)) {}
ScriptHost::~ScriptHost() = default;

Outcome<std::unique_ptr<ScriptHost>> ScriptHost::load(ScriptText text, World& world, Person& person,
                                                      HostOptions options) {
  auto natives = std::make_unique<Natives>(std::move(text), world, person, std::move(options));
  if (Done done = natives->load(); !done) return Unexpected{std::move(done).error()};
  return std::unique_ptr<ScriptHost>(new ScriptHost(std::move(natives)));
}

const Header& ScriptHost::header() const { return natives_->header(); }
const ScriptText& ScriptHost::script() const { return natives_->script(); }
Outcome<Value> ScriptHost::run(const Value& arguments) { return natives_->run(arguments); }
Outcome<Evaluated> ScriptHost::evaluate(std::string_view text, const std::string& file) {
  return natives_->evaluate(text, file);
}
bool ScriptHost::stopped() const { return natives_->used_up(); }

}  // namespace weco::lua
