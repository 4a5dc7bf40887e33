// SPDX-License-Identifier: Apache-2.0
#include "cli/records_place.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <vector>

#include "cli/render/text.hpp"
#include "cli/suggest.hpp"
#include "cli/target.hpp"
#include "core/points/vocabulary.hpp"
#include "host/device/live_device.hpp"
#include "host/records/recommissioning.hpp"
#include "host/statistics/energy.hpp"

namespace weco::cli {

Outcome<store::Store> open_store(const Context& context) {
  return store::Store::open(context.data_folder);
}

records::KeyFolder open_keys(const Context& context) {
  return records::KeyFolder(context.data_folder + "/keys");
}

Outcome<std::string> changes_folder(const Context& context) {
  if (!context.data_folder.empty()) return context.data_folder + "/changes";
  return failure(ErrorCode::NotFound, "there is no folder to record changes in", {},
                 "Set XDG_DATA_HOME or HOME.");
}

Outcome<store::Site> find_site(store::Store& store, std::string_view name) {
  auto found = store.find_site(name);
  if (!found) return Unexpected{found.error()};
  if (*found) return **found;
  const auto sites = store.sites();
  if (!sites) return Unexpected{sites.error()};
  std::vector<std::string_view> names;
  for (const store::Site& site : *sites) names.push_back(site.name);
  return failure(ErrorCode::NotFound, "there is no site " + quoted(name), store.path(),
                 did_you_mean(name, names, "A site begins with its first 'weco checklist run'."));
}

Outcome<store::RecordRow> find_record(store::Store& store, const store::Site& site,
                                      std::int64_t number) {
  const auto records = store.records(site.id);
  if (!records) return Unexpected{records.error()};
  const auto found = std::ranges::find(*records, number, &store::RecordRow::number);
  if (found != records->end()) return *found;
  return failure(ErrorCode::NotFound, fmt::format("the site has no record {}", number), site.name,
                 "See 'weco checklist list --site SITE'.");
}

Done plan_all(store::Store& store, const Checklists& lists, const store::Site& site) {
  const auto records = store.records(site.id);
  if (!records) return Unexpected{records.error()};
  const std::string_view family = lists.family_for(site.family);
  for (const Checklist& list : lists.all()) {
    if (list.family != family || list.every_days == 0) continue;
    std::int64_t last = 0;
    for (const store::RecordRow& record : *records) {
      if (record.checklist == list.name) last = std::max(last, record.finished);
    }
    const std::int64_t from = last != 0 ? last : site.created;
    if (Done done = store.plan(site.id, list.name, list.every_days, from, last); !done) return done;
  }
  return {};
}

Outcome<DeviceReport> read_site_device(Context& context, Reactor& reactor, const std::string& typed,
                                       std::string_view family) {
  constexpr Duration kPatience = Duration::s(30);
  const auto place = resolve_place(context, typed);
  if (!place) return Unexpected{place.error()};
  const auto catalog = context.catalog();
  if (!catalog) return Unexpected{catalog.error()};
  const std::string known =
      place->target.family.empty() ? std::string(family) : place->target.family;
  auto device = open_live(*place, known, reactor, **catalog);
  if (!device) return Unexpected{device.error()};
  return device->device->read(kPatience);
}

namespace {

/// What a warranty is judged by, besides energy.
constexpr std::string_view kAlsoKept[] = {"cycle_count", "rated_energy", "offline_days", "soh"};

bool is_kept(const Reading& reading) {
  const std::string_view name = info(reading.ref.id).name;
  return reading.quality == Quality::Good && reading.kind == ValueKind::Number &&
         (statistics::flow_of_counter(name) ||
          std::ranges::find(kAlsoKept, name) != std::end(kAlsoKept));
}

}  // namespace

Done keep_counters(store::Store& store, const store::Site& site, const DeviceReport& report,
                   std::int64_t now) {
  std::string source = report.endpoint;
  // What the whole device counts is the sum of its parts: only the highest level is kept.
  std::map<PointId, std::size_t> level;
  std::vector<const Reading*> found;
  for (const auto& [ref, reading] : report.snapshot.readings()) {
    if (ref.id == point("serial_number") && ref.node.depth() == 0 &&
        reading.kind == ValueKind::Text) {
      source = std::string(reading.text());
    }
    if (!is_kept(reading)) continue;
    found.push_back(&reading);
    const auto [at, fresh] = level.emplace(ref.id, ref.node.depth());
    if (!fresh) at->second = std::min(at->second, ref.node.depth());
  }
  std::vector<store::CounterRow> rows;
  for (const Reading* reading : found) {
    if (reading->ref.node.depth() != level[reading->ref.id]) continue;
    rows.push_back(
        {source, to_text(reading->ref), now, std::string(to_text(reading->number).view())});
  }
  if (rows.empty()) return {};
  return store.database().transaction([&] { return store.put_counters(site.id, rows); });
}

Done keep_devices(store::Store& store, const store::Site& site, const DeviceReport& report,
                  std::int64_t now) {
  std::map<NodePath, store::DeviceRow> rows;
  constexpr PointId kSerial = point("serial_number");
  constexpr PointId kModel = point("model");
  constexpr PointId kFirmware = point("firmware_version");
  for (const auto& [ref, reading] : report.snapshot.readings()) {
    if (reading.kind != ValueKind::Text) continue;
    store::DeviceRow& row = rows[ref.node];
    if (ref.id == kSerial) row.serial = std::string(reading.text());
    if (ref.id == kModel) row.model = std::string(reading.text());
    if (ref.id == kFirmware) row.firmware = std::string(reading.text());
  }
  for (auto& [node, row] : rows) {
    if (row.serial.empty()) continue;
    row.family = report.family;
    row.endpoint = report.endpoint;
    row.seen = now;
    if (Done done = store.put_device(site.id, row); !done) return done;
  }
  return {};
}

Done may_operate(const Context& context, const DeviceReport& report) {
  std::error_code error;
  if (!std::filesystem::exists(context.data_folder + "/records.db", error)) return {};
  auto store = open_store(context);
  if (!store) return Unexpected{store.error()};
  for (const auto& [ref, reading] : report.snapshot.readings()) {
    if (ref.id != point("serial_number") || reading.kind != ValueKind::Text) continue;
    Done done = records::may_recommission_device(*store, reading.text());
    if (!done) return done;
  }
  return {};
}

}  // namespace weco::cli
