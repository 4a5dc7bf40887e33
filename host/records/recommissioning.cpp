// SPDX-License-Identifier: Apache-2.0
#include "host/records/recommissioning.hpp"

#include <fmt/format.h>

#include <map>

#include "host/proof/canonical.hpp"
#include "host/text/utc.hpp"

namespace weco::records {

using proof::text_of;

Outcome<std::vector<OpenDefect>> open_defects(store::Store& store, std::int64_t site) {
  auto records = store.records(site);
  if (!records) return Unexpected{records.error()};
  std::map<std::string, OpenDefect> open;
  for (const store::RecordRow& record : *records) {
    auto body = proof::parse_json(record.body, store.path());
    if (!body) return Unexpected{body.error()};
    for (const proof::Json& item : proof::list_of(*body, "items")) {
      const std::string key = record.checklist + "/" + text_of(item, "id");
      const std::string kind = text_of(item, "kind");
      const std::string result = text_of(item, "result");
      if (result == "ok") {  // "not applicable" puts nothing right
        open.erase(key);
      } else if (result == "not_conforming" && kind != "other") {
        open.emplace(key, OpenDefect{record.checklist, text_of(item, "id"), text_of(item, "text"),
                                     kind, record.number, record.finished});
      }
    }
  }
  std::vector<OpenDefect> defects;
  for (auto& [key, defect] : open) defects.push_back(std::move(defect));
  return defects;
}

Done may_recommission(store::Store& store, const store::Site& site,
                      std::string_view but_checklist) {
  const auto defects = open_defects(store, site.id);
  if (!defects) return Unexpected{defects.error()};
  for (const OpenDefect& defect : *defects) {
    if (defect.checklist == but_checklist) continue;
    return failure(
        ErrorCode::RefusedByGuard,
        fmt::format("the system must not be put into operation: item \"{}\" ({}) is not conforming "
                    "since {}",
                    defect.item, defect.kind, date_text(defect.since)),
        site.name,
        fmt::format("Put it right and run the checklist \"{}\" again (WS-66).", defect.checklist));
  }
  return {};
}

Done may_recommission_device(store::Store& store, std::string_view serial) {
  const auto sites = store.sites();
  if (!sites) return Unexpected{sites.error()};
  for (const store::Site& site : *sites) {
    const auto devices = store.devices(site.id);
    if (!devices) return Unexpected{devices.error()};
    for (const store::DeviceRow& device : *devices) {
      if (device.serial == serial) return may_recommission(store, site);
    }
  }
  return {};
}

}  // namespace weco::records
