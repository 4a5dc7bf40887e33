// SPDX-License-Identifier: Apache-2.0
#include "lua/modules/journals.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <iterator>
#include <string_view>
#include <utility>

#include "host/failure/nearest.hpp"
#include "host/logbook/readout.hpp"
#include "host/records/calendar.hpp"
#include "lua/state/sandbox.hpp"

namespace weco::lua {
namespace {

constexpr std::string_view kKinds[] = {"event", "hour", "day", "counters", "cells", "gap"};
constexpr std::size_t kFieldsMost = 33;  // of a record, with its tables
constexpr std::size_t kLimitUsual = 1000;
constexpr std::size_t kLimitMost = 1500;
static_assert(kLimitMost * kFieldsMost < kValuesMax);

Unexpected<Failure> misuse(std::string what, std::string hint) {
  return failure(ErrorCode::BadInput, "device:log: " + std::move(what), {}, std::move(hint));
}

std::string_view kind_of(const logbook::Entry& entry) {
  if (entry.loss != logbook::Loss::None) return "gap";
  switch (entry.record.kind) {
    case journal::Kind::Event:
      return "event";
    case journal::Kind::Hour:
      return "hour";
    case journal::Kind::Day:
      return "day";
    case journal::Kind::Counters:
      return "counters";
    case journal::Kind::Cells:
      break;
  }
  return "cells";
}

/// Of a record without a time nobody can say that it is outside.
bool fits(const Journals::Wanted& wanted, const logbook::Entry& entry) {
  if (!wanted.kind.empty() && wanted.kind != kind_of(entry)) return false;
  const journal::Stamp& stamp = entry.record.stamp;
  if (entry.loss != logbook::Loss::None || !stamp.wall_known) return true;
  return !(wanted.since && stamp.wall_s < *wanted.since) &&
         !(wanted.till && stamp.wall_s >= *wanted.till);
}

Outcome<std::optional<std::int64_t>> time_in(const Value& given, std::string_view name) {
  const Value* value = given.get(name);
  if (value == nullptr) return std::optional<std::int64_t>();
  if (value->numeric() && std::abs(value->number) < 1e15) {
    return std::optional(static_cast<std::int64_t>(std::floor(value->number)));
  }
  if (value->is(Value::Kind::Text)) {
    if (const auto time = records::parse_utc(value->text)) return std::optional(*time);
  }
  return misuse("'" + std::string(name) + "' is no time",
                "Give seconds since 1970, or a text such as 2026-11-01 or 2026-11-01T06:00:00Z.");
}

}  // namespace

Outcome<Journals::Wanted> read_wanted(const Value& given) {
  Journals::Wanted wanted;
  if (const Value* kind = given.get("kind")) {
    if (std::ranges::find(kKinds, kind->text) == std::end(kKinds)) {
      const std::string_view close = nearest(kind->text, kKinds);
      return misuse("there is no kind '" + kind->text + "'",
                    close.empty() ? "It must be one of: event, hour, day, counters, cells, gap."
                                  : "Did you mean '" + std::string(close) + "'?");
    }
    wanted.kind = kind->text;
  }
  const auto since = time_in(given, "since"), till = time_in(given, "till");
  if (!since) return Unexpected{since.error()};
  if (!till) return Unexpected{till.error()};
  wanted.since = *since;
  wanted.till = *till;
  const Value* limit = given.get("limit");
  const double most = limit == nullptr ? double{kLimitUsual} : limit->number;
  if (!(most >= 1 && most <= double{kLimitMost} && most == std::floor(most))) {
    return misuse("the limit must be a whole number from 1 to 1500",
                  "Read a longer time in parts, by since and till.");
  }
  wanted.limit = static_cast<std::size_t>(most);
  if (const Value* console = given.get("console")) wanted.console = console->text;
  return wanted;
}

struct Journals::Run {
  Wanted wanted;
  Answer done;
  logbook::Texts texts;
  Console console;
  std::unique_ptr<Session> session;
  std::optional<logbook::Readout> readout;
  std::deque<logbook::Entry> found;
};

Journals::Journals(World& world, Person& person) : world_(world), person_(person) {}
Journals::~Journals() = default;

void Journals::forget() {
  alive_ = std::make_shared<int>(0);  // a console that still opens belongs to nobody
  runs_.clear();
}

void Journals::read(ScriptDevice& device, Wanted wanted, Answer done) {
  const std::int64_t id = ++last_;
  auto run = std::make_unique<Run>();
  run->wanted = std::move(wanted);
  run->done = std::move(done);
  if (LiveDevice* live = device.live()) run->texts = logbook::Texts(live->setup().codes);
  const std::string place = run->wanted.console;
  const bool alone = run->wanted.alone;
  runs_.emplace(id, std::move(run));
  if (!place.empty()) {
    return world_.open_console(
        place, alone, [this, id, alive = std::weak_ptr<int>(alive_)](Outcome<Console> opened) {
          if (!alive.expired()) begin(id, std::move(opened));
        });
  }
  Console own = device.console();
  if (own.link) return begin(id, std::move(own));
  begin(id,
        failure(ErrorCode::BadUsage, "nobody said where its service console is", device.endpoint(),
                "Name it: device:log { console = \"serial:/dev/ttyUSB1\" }."));
}

void Journals::begin(std::int64_t id, Outcome<Console> console) {
  if (!console) return ended(id, Unexpected{std::move(console).error()});
  Run& run = *runs_.at(id);
  run.console = std::move(*console);
  const Wanted& wanted = run.wanted;
  // Only without a filter it is known beforehand which the newest are.
  const bool all = wanted.kind.empty() && !wanted.since && !wanted.till;
  const auto newest = all ? std::optional(static_cast<std::uint32_t>(wanted.limit)) : std::nullopt;
  std::optional<std::uint32_t> first;
  const auto take = [this, &run, first](const logbook::Entry& entry,
                                        const logbook::Reader& reader) mutable {
    if (!first) first = entry.sequence;
    if (runs_.size() == 1) {
      person_.progress("Reading the journal", reader.position() - *first,
                       reader.range().next - *first);
    }
    if (!fits(run.wanted, entry)) return;
    run.found.push_back(entry);
    if (run.found.size() > run.wanted.limit) run.found.pop_front();
  };
  if (run.console.source != nullptr) {
    return ended(id, logbook::read_out(*run.console.source, newest, take));
  }
  run.session = std::make_unique<Session>(world_.reactor(), *run.console.link);
  run.readout.emplace(*run.session, run.console.framing);
  run.readout->start(newest, take, [this, id](Done done) { ended(id, std::move(done)); });
}

void Journals::ended(std::int64_t id, Done done) {
  const auto at = runs_.find(id);
  const std::unique_ptr<Run> run = std::move(at->second);
  runs_.erase(at);
  if (!done) return run->done(Unexpected{std::move(done).error()});
  Value list = Value::table();
  for (const logbook::Entry& entry : run->found) {
    auto line = world_.describe_line(entry, run->texts);
    if (!line) return run->done(std::move(line));
    list.entries.push_back(
        {{}, static_cast<std::int64_t>(list.entries.size()) + 1, std::move(*line)});
  }
  run->done(std::move(list));
}

}  // namespace weco::lua
