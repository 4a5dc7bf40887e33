// SPDX-License-Identifier: Apache-2.0
// One run of a checklist at a site, from the safety preconditions to the signed record. Every
// answer is on disk before the next question, so a run that was torn goes on where it was.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/device/report.hpp"
#include "host/profile/checklist.hpp"
#include "host/proof/canonical.hpp"
#include "host/proof/minisign.hpp"
#include "host/store/store.hpp"

namespace weco::records {

using proof::Json;

enum class Result : std::uint8_t { Ok, NotConforming, NotApplicable };
std::string_view name(Result result);  // "ok", "not_conforming", "not_applicable"
std::optional<Result> parse_result(std::string_view word);

struct Torque {
  std::string specified;  // Nm; empty: the item's own
  std::string applied;    // Nm
  std::string wrench;     // which one, with its certificate
  bool blue = false;      // first mark
  bool red = false;       // second mark, by somebody else
};

/// What a person says about an item.
struct Given {
  Result result = Result::Ok;
  std::string note;
  std::string value;  // a number in the item's unit, or serial numbers
  std::string case_id;
  std::optional<Torque> torque;
  std::vector<store::AttachmentRow> photos;
};

struct Verdict {
  bool conforming = true;
  bool recommissioning = true;       // false: an open item forbids it (WS-66)
  std::vector<std::string> open;     // not conforming
  std::vector<std::string> forbids;  // those of safety, insulation and tightening
};

/// What the operator declares at the end.
enum class Declaration : std::uint8_t { NoDiscrepancy, DiscrepancyIsolated };
std::string_view name(Declaration declaration);

/// Who did it and with what.
struct Signing {
  std::string person;
  std::string program;  // "weco 0.1.0"
  std::optional<proof::SecretKey> key;
};

class Run {
 public:
  /// Goes on with the open run of this checklist, or begins one. RefusedByGuard for a checklist
  /// that would recommission a system which an earlier record forbids to (WS-66).
  static Outcome<Run> start(store::Store& store, const Checklist& list, const store::Site& site,
                            std::string_view person, std::int64_t now);

  [[nodiscard]] bool resumed() const { return resumed_; }
  [[nodiscard]] const store::RunRow& row() const { return row_; }
  [[nodiscard]] const Checklist& list() const { return list_; }
  /// Items without an answer, preconditions that are not met included; in order.
  [[nodiscard]] std::vector<const ChecklistItem*> open() const;
  /// The answer as it will stand in the record; nullptr without one.
  [[nodiscard]] const Json* answer_to(std::string_view item) const;
  /// The precondition that is not met yet; nullptr when all are.
  [[nodiscard]] const ChecklistItem* blocked_by() const;

  /// Ticks what the device can say. Returns how many items it has answered.
  Outcome<int> read(const DeviceReport& report, std::int64_t now);
  /// Takes a person's answer. What the device has answered stays as it was read.
  Done answer(std::string_view item, const Given& given, std::int64_t now);
  /// Adds note, case id and photos to an answer; what it says stays.
  Done amend(std::string_view item, const Given& given, std::int64_t now);

  [[nodiscard]] Verdict verdict() const;
  /// Items that were not conforming last time either and have no service case yet (WS-61).
  Outcome<std::vector<const ChecklistItem*>> without_case() const;
  /// What is still missing before the run can be closed: empty when nothing is. Sentences.
  Outcome<std::vector<std::string>> missing() const;
  Outcome<store::RecordRow> finish(Declaration declaration, const Signing& signing,
                                   std::int64_t now);

 private:
  Run(store::Store& store, const Checklist& list, store::Site site)
      : store_(&store), list_(list), site_(std::move(site)) {}
  Done put(const ChecklistItem& item, Json body, std::int64_t now,
           std::vector<store::ReadingRow> readings,
           const std::vector<store::AttachmentRow>& attachments);
  Outcome<Json> body(Declaration declaration, const Signing& signing, std::int64_t now) const;
  Outcome<bool> failed_last_time(std::string_view item) const;

  store::Store* store_;
  const Checklist& list_;
  store::Site site_;
  store::RunRow row_;
  bool resumed_ = false;
  std::map<std::string, Json, std::less<>> answers_;
};

}  // namespace weco::records
