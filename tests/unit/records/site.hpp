// SPDX-License-Identifier: Apache-2.0
// A site for tests of records: a store in a folder of its own and a virtual tower that can be told
// to have a fault.
#pragma once

#include <string>

#include "host/device/report.hpp"
#include "host/profile/checklist.hpp"
#include "host/records/run.hpp"
#include "host/store/store.hpp"

namespace weco::test {

/// 2026-11-20T10:00:00Z.
inline constexpr std::int64_t kNow = 1795168800;

const Checklists& checklists();
const Checklist& checklist(std::string_view family, std::string_view name);

/// What a healthy virtual WeCo tower shows, with what the monthly check asks for and a model that
/// only lives for minutes cannot know: time since full, days offline.
DeviceReport healthy_tower();
/// Replaces one number, everywhere it stands or at `where` only.
void set_number(DeviceReport& report, std::string_view point, std::string_view value,
                std::string_view where = {});
void set_choice(DeviceReport& report, std::string_view point, std::string_view symbol);
void assess_again(DeviceReport& report);

/// Every item that a person has to answer, as on a system without a fault.
records::Given good_answer(const ChecklistItem& item);
/// Answers whatever is open.
void answer_all(records::Run& run, std::int64_t now);

proof::SecretKey test_key();

}  // namespace weco::test
