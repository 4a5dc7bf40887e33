// SPDX-License-Identifier: Apache-2.0
// `weco flash due`: which firmware a device should have and until when (WS-33), and for vendors
// whose update channel is unpublished their own way of getting it there.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "cli/args.hpp"
#include "cli/context.hpp"
#include "cli/records_place.hpp"
#include "cli/render/grid.hpp"
#include "cli/render/json.hpp"
#include "cli/render/text.hpp"
#include "cli/table/flash_due.hpp"
#include "cli/target.hpp"
#include "core/points/vocabulary.hpp"
#include "host/profile/catalog.hpp"
#include "host/records/calendar.hpp"
#include "host/records/release.hpp"
#include "host/records/release_list.hpp"
#include "host/text/utc.hpp"
#include "host/update/stick.hpp"

namespace weco::cli {
namespace {

using records::Standing;

constexpr std::size_t kListMax = 4U << 20U;
constexpr std::size_t kSignatureMax = 4096;

/// All parts of one kind that run the same version.
struct Part {
  NodeKind kind = NodeKind::None;
  std::string running;
  std::size_t count = 0;
  records::Judged judged{};
};

struct Due {
  std::string family;
  std::string device;  // empty: only its version was told
  std::optional<records::ReleaseList> list;
  std::vector<Part> parts;
  std::span<const UpdateRoute> routes{};
  std::optional<std::vector<StickCheck>> stick;
  std::int64_t now = 0;
};

Outcome<std::vector<proof::PublicKey>> trusted_keys(const Args& args, const Context& context) {
  std::vector<proof::PublicKey> keys;
  for (const std::string& file : args.list("key")) {
    const auto text = records::read_whole(file, kSignatureMax);
    if (!text) return Unexpected{text.error()};
    const auto key = proof::parse_public_key(*text, file);
    if (!key) return Unexpected{key.error()};
    keys.push_back(*key);
  }
  if (!keys.empty()) return keys;
  const auto known = open_keys(context).list();
  if (!known) return Unexpected{known.error()};
  for (const records::NamedKey& named : *known) keys.push_back(named.key);
  return keys;
}

Outcome<records::ReleaseList> read_list(const Args& args, const Context& context) {
  const std::string file(args.text("releases"));
  const auto text = records::read_whole(file, kListMax);
  if (!text) return Unexpected{text.error()};
  const auto signature = records::read_whole(file + ".minisig", kSignatureMax);
  if (!signature) return Unexpected{signature.error()};
  const auto keys = trusted_keys(args, context);
  if (!keys) return Unexpected{keys.error()};
  return records::open_releases(*text, *signature, *keys, file);
}

void add_part(std::vector<Part>& parts, NodeKind kind, std::string_view running) {
  const auto known = std::ranges::find_if(
      parts, [&](const Part& part) { return part.kind == kind && part.running == running; });
  if (known != parts.end()) {
    ++known->count;
  } else {
    parts.push_back({kind, std::string(running), 1});
  }
}

Done read_parts(const Args& args, Context& context, Reactor& reactor, Due& due) {
  due.device = std::string(args.text("DEVICE"));
  const auto report = read_site_device(context, reactor, due.device, due.family);
  if (!report) return Unexpected{report.error()};
  for (const auto& [ref, reading] : report->snapshot.readings()) {
    if (ref.id != point("firmware_version") || reading.kind != ValueKind::Text) continue;
    if (reading.quality == Quality::Good) add_part(due.parts, ref.node.last().kind, reading.text());
  }
  if (!due.parts.empty()) return {};
  return failure(ErrorCode::Unsupported, "the device does not tell which firmware it runs",
                 due.device, "Read it in the vendor's app and give it with --running.");
}

/// The family that was named, or that the configuration has for the device.
Outcome<std::string> family_of(const Args& args, Context& context) {
  if (args.given("family")) return std::string(args.text("family"));
  if (args.given("DEVICE")) {
    const auto place = resolve_place(context, args.text("DEVICE"));
    if (!place) return Unexpected{place.error()};
    if (!place->target.family.empty()) return place->target.family;
  }
  return failure(ErrorCode::BadUsage, "the family of the device is not known", "--family",
                 "Name it, or a configured device; see 'weco devices list'.");
}

Done check_stick(const Args& args, Due& due) {
  StickRules rules;
  const auto route = std::ranges::find(due.routes, UpdateRoute::Kind::Stick, &UpdateRoute::kind);
  if (route == due.routes.end()) {
    return failure(ErrorCode::Unsupported, "no way by stick is known for this family", due.family,
                   "See the other ways with 'weco flash due --family'.");
  }
  rules.fat32 = route->fat32;
  rules.max_GB = route->max_GB;
  rules.unzipped = route->unzipped;
  for (const Part& part : due.parts) {
    const records::KnownRelease* newest = part.judged.newest;
    if (newest == nullptr || newest->file.empty()) continue;
    rules.file = newest->file;
    rules.bytes = static_cast<std::uint64_t>(newest->bytes);
    rules.sha256 = newest->file_sha256;
    break;
  }
  const auto facts = look_at_stick(std::string(args.text("stick")), rules.file);
  if (!facts) return Unexpected{facts.error()};
  due.stick = judge_stick(*facts, rules);
  return {};
}

Outcome<Due> find_out(const Args& args, Context& context) {
  Due due;
  auto family = family_of(args, context);
  if (!family) return Unexpected{std::move(family).error()};
  due.family = std::move(*family);
  const auto catalog = context.catalog();
  if (!catalog) return Unexpected{catalog.error()};
  const auto routes = (*catalog)->update_routes(due.family);
  if (!routes) return Unexpected{routes.error()};
  due.routes = *routes;
  if (args.given("releases")) {
    auto list = read_list(args, context);
    if (!list) return Unexpected{std::move(list).error()};
    due.list = std::move(*list);
  }
  const auto reactor = context.make_reactor();
  due.now = reactor->wall_seconds();
  if (args.given("running")) add_part(due.parts, NodeKind::None, args.text("running"));
  if (args.given("DEVICE")) {
    if (Done done = read_parts(args, context, *reactor, due); !done) {
      return Unexpected{std::move(done).error()};
    }
  }
  for (Part& part : due.parts) {
    if (due.list) {
      part.judged = records::judge_version(*due.list, due.family, part.kind, part.running, due.now);
    }
  }
  if (args.given("stick")) {
    if (Done done = check_stick(args, due); !done) return Unexpected{std::move(done).error()};
  }
  return due;
}

ExitCode exit_of(const Due& due) {
  ExitCode code = ExitCode::Done;
  if (due.stick && std::ranges::any_of(*due.stick, [](const StickCheck& c) { return !c.good; })) {
    code = ExitCode::Warning;
  }
  if (!due.list) return code;
  for (const Part& part : due.parts) {
    const Standing standing = part.judged.standing;
    if (standing == Standing::Overdue) return ExitCode::Alarm;
    if (standing != Standing::Current && standing != Standing::Newer) code = ExitCode::Warning;
  }
  return code;
}

std::string part_name(const Part& part) {
  const std::string_view kind = part.kind == NodeKind::None ? "device" : name(part.kind);
  return part.count == 1 ? std::string(kind) : fmt::format("{} x {}", part.count, kind);
}

Style style_of(Standing standing) {
  switch (standing) {
    case Standing::Current:
      return Style::Good;
    case Standing::Newer:
      return Style::Plain;
    case Standing::Overdue:
      return Style::Alarm;
    default:
      return Style::Warning;
  }
}

std::string words_for(const records::Judged& judged) {
  switch (judged.standing) {
    case Standing::Current:
      return "current";
    case Standing::Newer:
      return "a newer one is there, not critical";
    case Standing::Due:
      return fmt::format("critical: {} days left, until {}", judged.days_left,
                         date_text(judged.last_day));
    case Standing::Overdue:
      return fmt::format("critical: {} days late, since {}", -judged.days_left,
                         date_text(judged.last_day));
    case Standing::NotListed:
      return "not in the list";
    case Standing::NotComparable:
      return "has no number to compare";
  }
  return {};
}

std::string grid_of(const Due& due, const Output& output) {
  if (!due.list) {
    Grid grid({{"part"}, {"running"}});
    for (const Part& part : due.parts) grid.add({{part_name(part)}, {part.running}});
    return grid.empty() ? std::string() : grid.draw(output);
  }
  Grid grid({{"part"}, {"running"}, {"newest"}, {"critical"}, {"released"}, {"standing"}});
  for (const Part& part : due.parts) {
    const records::Judged& judged = part.judged;
    const records::KnownRelease* shown = judged.pressing ? judged.pressing : judged.newest;
    grid.add({{part_name(part)},
              {part.running},
              {judged.newest ? judged.newest->version : ""},
              {judged.pressing ? judged.pressing->version : ""},
              {shown ? date_text(shown->day) : ""},
              {words_for(judged), style_of(judged.standing)}});
  }
  return grid.empty() ? std::string() : grid.draw(output);
}

/// What the manual advises; once, however many parts wait.
std::string advice(const Due& due) {
  const Part* worst = nullptr;
  for (const Part& part : due.parts) {
    if (part.judged.pressing == nullptr) continue;
    if (worst == nullptr || part.judged.last_day < worst->judged.last_day) worst = &part;
  }
  if (worst == nullptr) return {};
  const records::Judged& judged = worst->judged;
  std::string text = fmt::format("Install {} ", sanitize(judged.newest->version));
  text += judged.standing == Standing::Overdue
              ? fmt::format("now: the {} days are over.", records::kFirmwareDays)
              : fmt::format("by {}.", date_text(judged.last_day));
  text += " Until then it is advisable to power the battery off.\n";
  if (!judged.pressing->why.empty()) {
    text += fmt::format("Critical because: {}\n", sanitize(judged.pressing->why));
  }
  return text;
}

std::string as_page(const Due& due, const Output& output) {
  std::string page = fmt::format("{}{}\n", sanitize(due.family),
                                 due.device.empty() ? "" : " at " + sanitize(due.device));
  page += grid_of(due, output) + advice(due);
  if (due.list) {
    page += fmt::format("By the list of {}, signed by key {}.\n", date_text(due.list->issued),
                        due.list->signer);
  }
  for (const UpdateRoute& route : due.routes) {
    page += "\n" + output.styled(sanitize(route.title), Style::Heading) + "\n";
    for (std::size_t i = 0; i < route.steps.size(); ++i) {
      page += fmt::format("  {}. {}\n", i + 1, sanitize(route.steps[i]));
    }
    if (!route.note.empty()) page += fmt::format("  {}\n", sanitize(route.note));
  }
  if (!due.stick) return page;
  page += "\n" + output.styled("The stick", Style::Heading) + "\n";
  for (const StickCheck& check : *due.stick) {
    const std::string mark =
        output.styled(check.good ? "good" : "bad ", check.good ? Style::Good : Style::Alarm);
    page += fmt::format("  {}  {:<9}{}\n", mark, check.what, sanitize(check.says));
  }
  return page;
}

void part_json(JsonWriter& json, const Part& part, bool listed) {
  const records::Judged& judged = part.judged;
  json.begin_object().field("part", name(part.kind)).field("count", part.count);
  json.field("running", part.running);
  json.field("standing", name(listed ? judged.standing : Standing::NotListed));
  if (judged.newest != nullptr) json.field("newest", judged.newest->version);
  if (judged.pressing != nullptr) {
    json.field("critical", judged.pressing->version).field("why", judged.pressing->why);
    json.field("released", date_text(judged.pressing->day));
    json.field("last_day", date_text(judged.last_day)).field("days_left", judged.days_left);
  }
  json.end_object();
}

std::string as_json(const Due& due) {
  JsonWriter json;
  json.begin_object().field("schema", "weco.flash_due/1").field("family", due.family);
  json.field("device", due.device);
  if (due.list) {
    json.field("list_issued", date_text(due.list->issued));
    json.field("list_signer", due.list->signer);
  }
  json.key("parts").begin_array();
  for (const Part& part : due.parts) part_json(json, part, due.list.has_value());
  json.end_array().key("routes").begin_array();
  for (const UpdateRoute& route : due.routes) {
    json.begin_object().field("kind", kUpdateRouteNames[static_cast<std::size_t>(route.kind)]);
    json.field("title", route.title).key("steps").begin_array();
    for (const std::string& step : route.steps) json.text(step);
    json.end_array().field("note", route.note).end_object();
  }
  json.end_array();
  if (due.stick) {
    json.key("stick").begin_array();
    for (const StickCheck& check : *due.stick) {
      json.begin_object().field("check", check.what).field("good", check.good);
      json.field("says", check.says).end_object();
    }
    json.end_array();
  }
  return json.end_object().str();
}

}  // namespace

Outcome<ExitCode> run_flash_due(const Args& args, Context& context) {
  if (args.given("running") && args.given("DEVICE")) {
    return failure(ErrorCode::BadUsage, "a device and --running contradict each other", "--running",
                   "Let the device be read, or tell what it runs.");
  }
  if (args.given("key") && !args.given("releases")) {
    return failure(ErrorCode::BadUsage, "there is no list that the key could have signed",
                   "--releases", "Name the list of known releases.");
  }
  const auto due = find_out(args, context);
  if (!due) return Unexpected{due.error()};
  Output& output = context.output;
  output.result(output.json() ? as_json(*due) : as_page(*due, output));
  if (due->list && due->now - due->list->issued > records::kFirmwareDays * records::kDay_s) {
    output.warning(fmt::format("the list of releases is of {}: ask for a newer one",
                               date_text(due->list->issued)));
  }
  if (!due->list) output.note("No list of releases was given, so no day is counted.");
  return exit_of(*due);
}

}  // namespace weco::cli
