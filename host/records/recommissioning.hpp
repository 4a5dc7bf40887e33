// SPDX-License-Identifier: Apache-2.0
// WS-66 as a question: may this system be put into operation? Commands that would do so ask here
// before they begin.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/store/store.hpp"

namespace weco::records {

/// A safety, insulation or tightening item that was found not conforming and not put right since.
struct OpenDefect {
  std::string checklist;
  std::string item;
  std::string text;
  std::string kind;
  std::int64_t record = 0;  // number in the site's chain
  std::int64_t since = 0;
};

Outcome<std::vector<OpenDefect>> open_defects(store::Store& store, std::int64_t site);
/// RefusedByGuard while there is an open defect outside of `but_checklist`.
Done may_recommission(store::Store& store, const store::Site& site,
                      std::string_view but_checklist = {});
/// The same for whichever site has a device of that serial number; unknown ones may.
Done may_recommission_device(store::Store& store, std::string_view serial);

}  // namespace weco::records
