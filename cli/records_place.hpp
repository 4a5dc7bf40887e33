// SPDX-License-Identifier: Apache-2.0
// Where the commands on records find the store, the keys, a site and a checklist: what they share.
#pragma once

#include <string>
#include <string_view>

#include "cli/context.hpp"
#include "host/device/report.hpp"
#include "host/profile/checklist.hpp"
#include "host/records/keys.hpp"
#include "host/store/store.hpp"

namespace weco::cli {

Outcome<store::Store> open_store(const Context& context);
records::KeyFolder open_keys(const Context& context);
/// Where each run that changes settings is recorded. NotFound when there is no home.
Outcome<std::string> changes_folder(const Context& context);
/// NotFound names the site that comes close.
Outcome<store::Site> find_site(store::Store& store, std::string_view name);
Outcome<store::RecordRow> find_record(store::Store& store, const store::Site& site,
                                      std::int64_t number);
/// Plans every checklist of the site's family that is due again and again.
Done plan_all(store::Store& store, const Checklists& lists, const store::Site& site);

/// Reads a device of the site's: an endpoint or a configured name; `family` where neither says one.
Outcome<DeviceReport> read_site_device(Context& context, Reactor& reactor, const std::string& typed,
                                       std::string_view family);
/// Keeps what the device's counters show, for statistics and warranty.
Done keep_counters(store::Store& store, const store::Site& site, const DeviceReport& report,
                   std::int64_t now);

/// Keeps every part that says a serial number, with the model and firmware of the same part.
Done keep_devices(store::Store& store, const store::Site& site, const DeviceReport& report,
                  std::int64_t now);

/// RefusedByGuard when a record of a site with one of these serial numbers forbids to put it into
/// operation (WS-66). Makes no store where there is none.
Done may_operate(const Context& context, const DeviceReport& report);

}  // namespace weco::cli
