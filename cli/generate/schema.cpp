// SPDX-License-Identifier: Apache-2.0
#include "cli/generate/schema.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "cli/render/json.hpp"
#include "core/base/error.hpp"
#include "core/points/vocabulary.hpp"
#include "host/doctor/finding.hpp"
#include "host/profile/profile.hpp"
#include "host/snapshot/snapshot.hpp"

namespace weco::cli {
namespace {

constexpr std::string_view kDraft = "https://json-schema.org/draft/2020-12/schema";

enum class Type : std::uint8_t { Text, Integer, Number, NumberOrNull, Boolean, Ref, Any };

struct Property {
  std::string_view name;
  Type type = Type::Text;
  std::string_view about{};
  std::string_view ref{};  // Type::Ref: a definition of the same schema
  bool array = false;      // an array of these
  bool required = true;
};

constexpr Property kDevice[] = {
    {"endpoint", Type::Text, "Where the device was reached."},
    {"also_at", Type::Text, "Other endpoints that reach the same device.", {}, true, false},
    {"family", Type::Text, "Empty when no family recognises the device."},
    {"title", Type::Text, "The family for people."},
    {"status", Type::Ref, "Who answers for the family's map; empty: nobody.", "map_status"},
    {"dialect", Type::Text, "Of a CAN battery.", {}, false, false},
    {"bus", Type::Text, "Speed and error state of a CAN bus.", {}, false, false},
    {"radio", Type::Text, "Signal and packet size of a Bluetooth link.", {}, false, false},
    {"line", Type::Text, "Settings of the serial line, such as 9600 8N1.", {}, false, false},
    {"unit", Type::Integer, "Address on the line.", {}, false, false},
    {"vendor", Type::Text, "As the device says.", {}, false, false},
    {"model", Type::Text, "As the device says.", {}, false, false},
    {"serial_number", Type::Text, "As the device says.", {}, false, false},
    {"firmware_version", Type::Text, "As the device says.", {}, false, false},
};
constexpr Property kLimit[] = {
    {"what", Type::Ref, "Which direction is limited.", "direction"},
    {"value_A", Type::Number, "The limit in force."},
    {"path", Type::Text, "The part whose limit it is; empty: the device itself."},
    {"reason", Type::Text, "Symbol of limit_reason, if the device gives one.", {}, false, false},
    {"module", Type::Integer, "The module that causes it, if one does.", {}, false, false},
    {"because", Type::Text, "The rule in words, if it is known.", {}, false, false},
};
constexpr Property kFault[] = {
    {"code", Type::Text, "The family's code; missing: a flag of the vocabulary.", {}, false, false},
    {"name", Type::Text, "The fault in words."},
    {"level", Type::Ref, "How much it matters.", "level"},
    {"path", Type::Text, "The part that has it."},
    {"raw", Type::Text, "Where it stands on the wire."},
    {"actions", Type::Text, "What to do, in order.", {}, true},
    {"note", Type::Text, "What the family's list adds; missing: nothing.", {}, false, false},
};
constexpr Property kFinding[] = {
    {"name", Type::Ref, "Stable name.", "finding_name"},
    {"level", Type::Ref, "How much it matters.", "level"},
    {"symptom", Type::Text, "What was measured."},
    {"advice", Type::Text, "What to change."},
};
constexpr Property kLight[] = {
    {"path", Type::Text, "Which part; empty: the device itself."},
    {"part", Type::Text, "Which light or sound."},
    {"shows", Type::Text, "Symbol of the vocabulary."},
    {"means", Type::Text, "What that means."},
};
constexpr Property kAssumption[] = {
    {"name", Type::Text, "Stable name."},
    {"sentence", Type::Text, "Where sources disagree and which side was taken."},
};
constexpr Property kNode[] = {
    {"path", Type::Text, "Such as tower[1].module[2]; empty: the device itself."},
    {"kind", Type::Ref, "What the part is.", "kind"},
    {"number", Type::Integer, "Which of its kind, from 1.", {}, false, false},
    {"values", Type::Ref, "What was read, by name with unit.", "values"},
    {"quality", Type::Ref, "Of values that are not good, by name.", "quality"},
};
constexpr Property kRaw[] = {
    {"id", Type::Integer, "CAN identifier."},
    {"extended", Type::Boolean, "29-bit identifier."},
    {"data", Type::Text, "The bytes as they came last, in hexadecimal."},
};
constexpr Property kScanError[] = {
    {"name", Type::Ref, "Stable name of the error.", "error_name"},
    {"message", Type::Text, "What failed."},
    {"hint", Type::Text, "What to try next."},
};
constexpr Property kError[] = {
    {"code", Type::Integer, "Number of the error."},
    {"name", Type::Ref, "Stable name of the error.", "error_name"},
    {"exit_code", Type::Integer, "The program's exit code for it."},
    {"message", Type::Text, "One sentence without a period."},
    {"where", Type::Text, "File, endpoint or device; may be empty."},
    {"hint", Type::Text, "What to try next; may be empty."},
    {"detail", Type::Integer, "The device's own code or the system's error number; else 0."},
};
constexpr Property kEndpoint[] = {
    {"endpoint", Type::Text, "Where was looked."},
    {"probes", Type::Integer, "How many questions were sent."},
    {"findings", Type::Ref, "What is odd about the line.", "finding", true},
    {"error", Type::Ref, "Why it could not be scanned.", "scan_error", false, false},
};
constexpr Property kFound[] = {
    {"device", Type::Ref, "Which device.", "device"},
    {"level", Type::Ref, "How it is.", "level"},
    {"findings", Type::Ref, "What is odd about it.", "finding", true},
    {"nodes", Type::Ref, "The device first, then its parts.", "node", true},
};
constexpr Property kFamily[] = {
    {"family", Type::Text, "Name."},
    {"title", Type::Text, "For people."},
    {"status", Type::Ref, "Who answers for the map.", "map_status"},
};
constexpr Property kNamed[] = {
    {"name", Type::Text, "Name in the configuration."},
    {"endpoint", Type::Text, "Where it is."},
    {"family", Type::Text, "Family, if given.", {}, false, false},
    {"unit", Type::Integer, "Address, if given.", {}, false, false},
    {"note", Type::Text, "For people.", {}, false, false},
};

constexpr Property kStatusTop[] = {
    {"generated_at", Type::Text, "UTC, such as 2026-11-20T10:00:00Z."},
    {"device", Type::Ref, "Which device.", "device"},
    {"level", Type::Ref, "How the device is.", "level"},
    {"limits", Type::Ref, "Current limits in force.", "limit", true},
    {"faults", Type::Ref, "Faults present, worst first.", "fault", true},
    {"findings", Type::Ref, "What is odd about line or device.", "finding", true},
    {"assumptions", Type::Ref, "Assumptions the values rest on.", "assumption", true},
    {"lights", Type::Ref, "What lights and buzzer show, and mean.", "light", true},
    {"nodes", Type::Ref, "The device first, then its parts.", "node", true},
    {"raw", Type::Ref, "Frames that no rule explains.", "raw_frame", true},
};
constexpr Property kScanTop[] = {
    {"generated_at", Type::Text, "UTC, such as 2026-11-20T10:00:00Z."},
    {"devices", Type::Ref, "By serial number.", "found", true},
    {"endpoints", Type::Ref, "What became of each endpoint.", "endpoint", true},
};
constexpr Property kSimulateTop[] = {
    {"version", Type::Text, "Of the program."},
    {"run", Type::Integer, "Number of the run in a sweep, from 1; else 0."},
    {"scenario", Type::Text, "Name of a shipped scenario, or its file."},
    {"title", Type::Text, "What happens, for people."},
    {"seed", Type::Integer, "Start of the random numbers."},
    {"settings", Type::Ref, "Values that a sweep changed.", "setting", true},
    {"start", Type::Text, "UTC, such as 2026-01-15T07:00:00Z."},
    {"simulated_s", Type::Number, "Seconds that were simulated."},
    {"energy", Type::Ref, "Energy by path.", "energy"},
    {"self_sufficiency_pct", Type::Number, "Share of the load that was not imported."},
    {"self_consumption_pct", Type::Number, "Share of the PV that was not exported."},
    {"cycles", Type::Number, "Equivalent full cycles, mean of the packs."},
    {"soh_pct", Type::Number, "State of health, lowest of the packs."},
    {"cost", Type::Number, "Of import, in the currency of the tariff."},
    {"revenue", Type::Number, "Of export, in the currency of the tariff."},
    {"warnings", Type::Integer, "How often one came."},
    {"alarms", Type::Integer, "How often one came."},
    {"faults", Type::Integer, "How often one came."},
    {"held", Type::Boolean, "No expectation failed."},
    {"expectations", Type::Ref, "What was promised and what came of it.", "expectation", true},
    {"repeat", Type::Text, "The command that gives the same run again."},
};
constexpr Property kSetting[] = {
    {"name", Type::Text, "As in the scenario's file: site.soc_pct."},
    {"value", Type::Text, "As typed."},
};
constexpr Property kExpectation[] = {
    {"what", Type::Text, "The promise in words."},
    {"state", Type::Ref, "What came of it.", "expectation_state"},
    {"where", Type::Text, "File and line; empty: the simulation's own promise."},
    {"at_s", Type::Number, "Seconds after the start at which it was decided."},
    {"values", Type::Text, "What was seen then; may be empty."},
    {"allowed", Type::Text, "What would have held."},
};
constexpr Property kEnergy[] = {
    {"pv_kWh", Type::Number, "PV made behind the inverters."},
    {"pv_ac_kWh", Type::Number, "PV made by other inverters."},
    {"import_kWh", Type::Number, "Taken from the grid."},
    {"generator_kWh", Type::Number, "Made by the generator."},
    {"export_kWh", Type::Number, "Given to the grid."},
    {"load_kWh", Type::Number, "Used by the house."},
    {"unserved_kWh", Type::Number, "Wanted by the house and not there."},
    {"curtailed_kWh", Type::Number, "PV that could have been made."},
    {"charge_kWh", Type::Number, "Into the packs."},
    {"discharge_kWh", Type::Number, "Out of the packs."},
    {"inverter_loss_kWh", Type::Number, "Heat of the inverters."},
    {"converter_loss_kWh", Type::Number, "Heat of the modules' converters."},
    {"heater_kWh", Type::Number, "Heat of the packs' heaters."},
    {"cell_loss_kWh", Type::Number, "Heat in the cells."},
    {"auxiliary_kWh", Type::Number, "Balancing, contactors, cooling."},
};
constexpr Property kScenario[] = {
    {"scenario", Type::Text, "Name."},
    {"title", Type::Text, "What happens, for people."},
};
constexpr Property kSimulatedFault[] = {
    {"fault", Type::Text, "Name and parameters with their usual values, as --fault takes them."},
    {"strikes", Type::Text, "What it strikes."},
    {"about", Type::Text, "What happens."},
};
constexpr Property kScenariosTop[] = {
    {"scenarios", Type::Ref, "Scenarios that are shipped.", "scenario", true},
    {"faults", Type::Ref, "Faults that can be simulated.", "simulated_fault", true},
};
constexpr Property kErrorTop[] = {{"error", Type::Ref, "What failed.", "error"}};
constexpr Property kProgressTop[] = {
    {"step", Type::Text, "What is being done."},
    {"done", Type::Integer, "How much of it, in any unit."},
    {"total", Type::Integer, "Out of how much."},
    {"elapsed_s", Type::Number, "Seconds since the step began."},
    {"remaining_s", Type::NumberOrNull, "Seconds left at this rate; null: not known yet."},
};
constexpr Property kDevicesTop[] = {
    {"families", Type::Ref, "Families known.", "family", true},
    {"devices", Type::Ref, "Devices configured.", "named_device", true},
};
constexpr Property kFirmwareTop[] = {
    {"file", Type::Text, "As named."},
    {"version", Type::Text, "major.minor.revision+build."},
    {"image_bytes", Type::Integer, "What is sent to a device."},
    {"payload_bytes", Type::Integer, "The program in it."},
    {"hash", Type::Text, "What devices call the image by, hexadecimal; empty: it has none."},
    {"file_sha256", Type::Text, "Over what is sent to a device, hexadecimal."},
    {"security_counter", Type::Integer, "Devices refuse lower ones.", {}, false, false},
    {"vendor_id", Type::Text, "UUID of the vendor.", {}, false, false},
    {"class_id", Type::Text, "UUID of the kind of device.", {}, false, false},
    {"dependencies", Type::Ref, "Other images that must be there.", "dependency", true},
    {"hash_good", Type::Boolean, "The hash fits the content."},
    {"signature_checked", Type::Boolean, "A key was given."},
    {"finding", Type::Text, "good, or what is wrong in one word."},
    {"good", Type::Boolean, "By the keys given, or without any when that was asked for."},
    {"verdict", Type::Text, "The finding in words."},
};
constexpr Property kFlashTop[] = {
    {"device", Type::Text, "As named."},
    {"version", Type::Text, "That runs now."},
    {"hash", Type::Text, "Of the image, hexadecimal."},
    {"end", Type::Text, "confirmed or already_there."},
    {"payload_bytes", Type::Integer, "Bytes of the image sent, repetitions included."},
    {"wire_bytes", Type::Integer, "Bytes put on the wire for it."},
};
constexpr Property kCalibrationPlanTop[] = {
    {"device", Type::Text, "As named."},
    {"soc_pct", Type::Number, "Of the pack with the lowest, as the device says it now."},
    {"soc_error_pct", Type::Number, "The device's own band, half width; absent: not published.", "",
     false, false},
    {"duration_s", Type::Integer, "How long it takes at the current that temperature allows."},
    {"energy_kWh", Type::Number, "From the grid at most, if the sun gives nothing."},
    {"energy_back_kWh", Type::Number, "Given to the house again; 0 where nothing is discharged."},
    {"cost", Type::Number, "By the tariff; absent without one.", "", false, false},
    {"currency", Type::Text, "Of the cost.", "", false, false},
    {"order", Type::Text, "Whose turn comes when; absent when all go together.", "", true, false},
    {"sets", Type::Text, "With --set: what is written first; absent without it.", "", true, false},
    {"caution", Type::Text, "What cannot be seen from outside and may be wrong; absent mostly.", "",
     false, false},
    {"instruction", Type::Text, "What the person sets in the vendor's app."},
    {"then", Type::Text, "What is set before a discharge; absent where there is none.", "", false,
     false},
};
constexpr Property kCalibrationTop[] = {
    {"device", Type::Text, "As named."},
    {"end", Type::Text, "calibrated, service_case or stopped; else where it was left."},
    {"soc_before_pct", Type::Number, "Of the pack with the lowest, as it was."},
    {"soc_pct", Type::Number, "The same, as it is."},
    {"soc_error_before_pct", Type::Number, "The band as it was; absent: not published.", "", false,
     false},
    {"soc_error_pct", Type::Number, "The band as it is; absent: not published.", "", false, false},
    {"cycles_without_full", Type::Integer, "Cycles that missed 100 %."},
    {"service", Type::Integer, "Packs or cabinets that are a case for service, from 1.", "", true},
    {"caution", Type::Text, "What cannot be seen from outside and may be wrong; absent mostly.", "",
     false, false},
};
constexpr Property kUndoTop[] = {
    {"undone", Type::Text, "The run whose settings were put back."},
    {"run", Type::Text, "The run that put them back; empty when nothing had to be."},
    {"changed", Type::Ref, "What was written and read back.", "changed_setting", true},
};
constexpr Property kChangedSetting[] = {
    {"point", Type::Text, "Which setting, such as soc_min."},
    {"before", Type::Text, "Its value before this."},
    {"after", Type::Text, "Its value now."},
};
constexpr Property kFlashRolloutTop[] = {
    {"run", Type::Text, "Its name, as --resume takes it."},
    {"journal", Type::Text, "The file in which every step is noted."},
    {"version", Type::Text, "Of the image."},
    {"hash", Type::Text, "Of the image, hexadecimal."},
    {"stopped", Type::Boolean, "A failure or the user ended it before its time."},
    {"devices", Type::Ref, "In the order of the work; the first one is the canary.",
     "updated_device", true},
};
constexpr Property kFlashRolloutDevice[] = {
    {"device", Type::Text, "As named."},
    {"master", Type::Boolean, "Leads others and comes after them."},
    {"end", Type::Ref, "How its part of the run ended; ready: sent, not tried.", "node_end"},
    {"payload_bytes", Type::Integer, "Bytes of the image sent, repetitions included."},
    {"wire_bytes", Type::Integer, "Bytes put on the wire for it."},
    {"error", Type::Ref, "Why it failed.", "scan_error", false, false},
};
constexpr Property kDependency[] = {
    {"image", Type::Integer, "Number of the other image."},
    {"at_least", Type::Text, "Its lowest version."},
};
constexpr Property kChecklistRow[] = {
    {"family", Type::Text, "Whose checklist it is."},
    {"name", Type::Text, "As 'weco checklist run' takes it."},
    {"title", Type::Text, "For people."},
    {"revision", Type::Integer, "Raised when the items change."},
    {"every_days", Type::Integer, "How often it is due; 0: once."},
    {"card", Type::Boolean, "Only to be read."},
    {"items", Type::Integer, "How many items it has."},
};
constexpr Property kChecklistsTop[] = {
    {"checklists", Type::Ref, "By family.", "checklist", true},
};
constexpr Property kItem[] = {
    {"id", Type::Text, "Unique in its checklist."},
    {"group", Type::Text, "In the language asked for."},
    {"kind", Type::Ref, "Three kinds forbid recommissioning while they are open.", "item_kind"},
    {"first", Type::Boolean, "A safety precondition: nothing goes on before it is met."},
    {"text", Type::Text, "What is checked, in the language asked for."},
    {"limits", Type::Text, "What is accepted; empty: a person judges."},
    {"fix", Type::Text, "What to do when it is not conforming."},
    {"evidence", Type::Text, "value, photo, torque, serial or log.", {}, true},
    {"requirements", Type::Text, "Where it comes from.", {}, true},
};
constexpr Property kChecklistTop[] = {
    {"family", Type::Text, "Whose checklist it is."},
    {"name", Type::Text, "Its name."},
    {"title", Type::Text, "In the language asked for."},
    {"revision", Type::Integer, "Raised when the items change."},
    {"every_days", Type::Integer, "How often it is due; 0: once."},
    {"items", Type::Ref, "In order.", "item", true},
};
constexpr Property kRecordRow[] = {
    {"number", Type::Integer, "In the site's chain, from 1."},
    {"checklist", Type::Text, "Which one was worked through."},
    {"finished", Type::Text, "UTC."},
    {"operator", Type::Text, "Who did it."},
    {"conforming", Type::Boolean, "No item was found not conforming."},
    {"recommissioning", Type::Text, "allowed or forbidden."},
    {"signed", Type::Boolean, "It has a signature."},
    {"hash", Type::Text, "SHA-256 of the record, hexadecimal."},
};
constexpr Property kRecordsTop[] = {
    {"site", Type::Text, "Its name."},
    {"family", Type::Text, "What is installed there."},
    {"records", Type::Ref, "Oldest first.", "record", true},
};
constexpr Property kRunTop[] = {
    {"site", Type::Text, "Where."},
    {"checklist", Type::Text, "Which one."},
    {"resumed", Type::Boolean, "A run that was begun before goes on."},
    {"items", Type::Integer, "How many there are."},
    {"answered", Type::Integer, "How many have an answer."},
    {"read", Type::Integer, "How many the devices answered now."},
    {"conforming", Type::Boolean, "Nothing is not conforming so far."},
    {"recommissioning", Type::Text, "allowed or forbidden."},
    {"not_conforming", Type::Text, "Ids of items.", {}, true},
    {"missing", Type::Text, "What stands against closing it.", {}, true},
    {"number", Type::Integer, "Of the record, once it is closed.", {}, false, false},
    {"hash", Type::Text, "Of the record.", {}, false, false},
    {"signed", Type::Boolean, "Whether the record is signed.", {}, false, false},
};
constexpr Property kDueRow[] = {
    {"site", Type::Text, "Where."},
    {"checklist", Type::Text, "What."},
    {"due", Type::Text, "Day, such as 2026-11-20."},
    {"last", Type::Text, "Day of the last record; empty: never."},
    {"days_late", Type::Integer, "Negative: not due yet."},
};
constexpr Property kDueTop[] = {{"due", Type::Ref, "Longest due first.", "due", true}};
constexpr Property kFlashDuePart[] = {
    {"part", Type::Text, "tower, module, cabinet; empty: the device itself."},
    {"count", Type::Integer, "So many parts of this kind run this version."},
    {"running", Type::Text, "As the device or the user says."},
    {"standing", Type::Ref, "Against the list of releases.", "standing"},
    {"newest", Type::Text, "Of the list; missing: not listed.", {}, false, false},
    {"critical", Type::Text, "The version whose days run out first.", {}, false, false},
    {"why", Type::Text, "Why it is critical.", {}, false, false},
    {"released", Type::Text, "Day, such as 2026-11-20.", {}, false, false},
    {"last_day", Type::Text, "On which it must be installed.", {}, false, false},
    {"days_left", Type::Integer, "Negative: late.", {}, false, false},
};
constexpr Property kUpdateRoute[] = {
    {"kind", Type::Ref, "Which way it is.", "route_kind"},
    {"title", Type::Text, "The way for people."},
    {"steps", Type::Text, "In this order.", {}, true},
    {"note", Type::Text, "What is unpublished."},
};
constexpr Property kStickCheck[] = {
    {"check", Type::Text, "mounted, format, size, unzipped, file."},
    {"good", Type::Boolean, "As the vendor wants it."},
    {"says", Type::Text, "What was found."},
};
constexpr Property kFlashDueTop[] = {
    {"family", Type::Text, "Of the device."},
    {"device", Type::Text, "Where it was read; empty: it was not."},
    {"list_issued", Type::Text, "Day of the list; missing: none was given.", {}, false, false},
    {"list_signer", Type::Text, "Id of the key that signed it.", {}, false, false},
    {"parts", Type::Ref, "What runs, one for each kind and version.", "part", true},
    {"routes", Type::Ref, "The vendor's own ways to update it.", "route", true},
    {"stick", Type::Ref, "What was checked of the stick.", "check", true, false},
};
constexpr Property kPeriodRow[] = {
    {"period", Type::Text, "Local hour, day, ISO week, month or year; total."},
    {"from", Type::Text, "First instant of it that was looked at, UTC."},
    {"to", Type::Text, "The first one that was not any more, UTC."},
    {"production_kWh", Type::NumberOrNull, "null: not told."},
    {"consumption_kWh", Type::NumberOrNull, "null: not told."},
    {"charge_kWh", Type::NumberOrNull, "Into the battery."},
    {"discharge_kWh", Type::NumberOrNull, "Out of the battery."},
    {"import_kWh", Type::NumberOrNull, "Bought."},
    {"export_kWh", Type::NumberOrNull, "Sold."},
    {"import_cost", Type::NumberOrNull, "null: no tariff was given."},
    {"export_revenue", Type::NumberOrNull, "null: no tariff was given."},
    {"benefit", Type::NumberOrNull, "The bill without the plant less the bill with it."},
    {"recorded_pct", Type::Number, "The share of the period that was recorded."},
    {"estimated", Type::Boolean, "A longer reading was divided over periods or prices."},
};
constexpr Property kEquivalent[] = {
    {"name", Type::Text, "co2, coal or trees."},
    {"amount", Type::Number, "Of the unit."},
    {"unit", Type::Text, "kg or trees."},
    {"factor", Type::Text, "With its unit."},
    {"source", Type::Text, "Who says so."},
    {"assumed", Type::Boolean, "Nobody said so for this site: an assumption."},
};
constexpr Property kStatisticsTop[] = {
    {"site", Type::Text, "The site, or the file."},
    {"source", Type::Text, "What the values came from."},
    {"by", Type::Text, "hour, day, week, month, year or total."},
    {"zone", Type::Text, "Whose clock decides what a day is."},
    {"currency", Type::Text, "Empty: no tariff was given."},
    {"missing_s", Type::Integer, "Pauses of the recording; nothing is counted for them."},
    {"restarts", Type::Integer, "Counters that began anew."},
    {"periods", Type::Ref, "In the order of time.", "period", true},
    {"total", Type::Ref, "Of all of it.", "period"},
    {"equivalents", Type::Ref, "What the production stands for.", "equivalent", true},
};
constexpr Property kWarrantyRow[] = {
    {"name", Type::Text, "Stable name."},
    {"needs", Type::Text, "Requirement."},
    {"state", Type::Ref, "Whether it is within the terms.", "warranty_state"},
    {"value", Type::NumberOrNull, "null: not known."},
    {"unit", Type::Text, "Of value and limit."},
    {"limit", Type::NumberOrNull, "null: there is none."},
    {"until", Type::Text, "A day; empty: none."},
    {"basis", Type::Text, "What it rests on, or what is needed."},
};
constexpr Property kWarrantyTop[] = {
    {"site", Type::Text, "Whose."},
    {"family", Type::Text, "Whose terms."},
    {"at", Type::Text, "When it was judged, UTC."},
    {"pack", Type::Text, "The archive that was written; empty: none."},
    {"rows", Type::Ref, "Always the same, in the same order.", "row", true},
};
constexpr Property kVerifiedFile[] = {
    {"file", Type::Text, "As named."},
    {"schema", Type::Text, "weco.record/1 or weco.site/1."},
    {"site", Type::Text, "Whose records they are."},
    {"records", Type::Integer, "How many."},
    {"hash", Type::Text, "SHA-256 of the signed content, hexadecimal."},
    {"key", Type::Text, "Id of the key that signed."},
    {"holder", Type::Text, "Who holds it, as far as is known here."},
    {"comment", Type::Text, "Signed too."},
};
constexpr Property kVerifiedTop[] = {
    {"files", Type::Ref, "All of them good.", "verified_file", true}};
constexpr Property kRecordsFileTop[] = {
    {"file", Type::Text, "Written or read."},
    {"site", Type::Text, "Whose records they are; empty: all."},
    {"records", Type::Integer, "How many."},
};
constexpr Property kKeyRow[] = {
    {"name", Type::Text, "What it is called here."},
    {"own", Type::Boolean, "The secret half is here, too."},
    {"id", Type::Text, "To compare by voice."},
    {"key", Type::Text, "As 'minisign -P' takes it."},
};
constexpr Property kKeysTop[] = {{"keys", Type::Ref, "Own ones first.", "key", true}};
constexpr Property kListedScript[] = {{"name", Type::Text, "To run it by."},
                                      {"purpose", Type::Text, "In one sentence."},
                                      {"shipped", Type::Boolean, "False: one of the user's own."}};
constexpr Property kScriptsTop[] = {{"scripts", Type::Ref, "By name.", "script", true}};
constexpr Property kScriptTop[] = {
    {"script", Type::Text, "As it was named."},
    {"result", Type::Any, "What the script returned; see its own help."}};
constexpr Property kVersionTop[] = {{"version", Type::Text, "Of the program."}};

void write_type(JsonWriter& json, const Property& property) {
  const auto pair = [&](std::string_view type) {
    json.key("type").begin_array().text(type).text("null").end_array();
  };
  switch (property.type) {
    case Type::Any:
      break;
    case Type::Text:
      json.field("type", "string");
      break;
    case Type::Integer:
      json.field("type", "integer");
      break;
    case Type::Number:
      json.field("type", "number");
      break;
    case Type::NumberOrNull:
      pair("number");
      break;
    case Type::Boolean:
      json.field("type", "boolean");
      break;
    case Type::Ref:
      json.field("$ref", "#/$defs/" + std::string(property.ref));
      break;
  }
}

/// The members of an object schema: type, properties, required, nothing else.
void write_object(JsonWriter& json, std::span<const Property> properties,
                  std::string_view schema_name = {}) {
  json.field("type", "object").key("properties").begin_object();
  if (!schema_name.empty())
    json.key("schema").begin_object().field("const", schema_name).end_object();
  for (const Property& property : properties) {
    json.key(property.name).begin_object().field("description", property.about);
    if (property.array) {
      json.field("type", "array").key("items").begin_object();
      write_type(json, property);
      json.end_object();
    } else {
      write_type(json, property);
    }
    json.end_object();
  }
  json.end_object().key("required").begin_array();
  if (!schema_name.empty()) json.text("schema");
  for (const Property& property : properties) {
    if (property.required) json.text(property.name);
  }
  json.end_array().field("additionalProperties", false);
}

void define(JsonWriter& json, std::string_view name, std::span<const Property> properties) {
  json.key(name).begin_object();
  write_object(json, properties);
  json.end_object();
}

void define_choice(JsonWriter& json, std::string_view name,
                   std::span<const std::string_view> choices) {
  json.key(name).begin_object().key("enum").begin_array();
  for (const std::string_view choice : choices) json.text(choice);
  json.end_array().end_object();
}

/// The schema of one value of a point; null means the device says it has none.
void write_point_type(JsonWriter& json, const PointInfo& point) {
  switch (point.kind) {
    case ValueKind::Number:
      json.key("type").begin_array().text("number").text("null").end_array();
      return;
    case ValueKind::Flags:
      json.key("type").begin_array().text("array").text("null").end_array();
      json.key("items").begin_object().field("type", "string").end_object();
      return;
    case ValueKind::Text:
    case ValueKind::Choice:
      break;
    case ValueKind::Raw:
      json.key("type").begin_array().text("integer").text("null").end_array();
      return;
  }
  json.key("type").begin_array().text("string").text("null").end_array();
}

void define_values(JsonWriter& json) {
  json.key("values").begin_object().field("type", "object").key("properties").begin_object();
  for (std::size_t i = 0; i < kPointCount; ++i) {
    const PointInfo& point = kPoints[i];
    json.key(name_with_unit(PointId{static_cast<std::uint16_t>(i)})).begin_object();
    json.field("description", point.doc);
    if (point.count > 1) {
      json.field("type", "array").field("maxItems", point.count).key("items").begin_object();
      write_point_type(json, point);
      json.end_object();
    } else {
      write_point_type(json, point);
    }
    json.end_object();
  }
  json.end_object().field("additionalProperties", false).end_object();
  json.key("quality").begin_object().field("type", "object").key("additionalProperties");
  json.begin_object().key("enum").begin_array();
  for (const std::string_view quality : kQualityNames) json.text(quality);
  json.end_array().end_object().end_object();
}

void define_names(JsonWriter& json) {
  static constexpr std::string_view kStatuses[] = {"", "vendor", "community", "open"};
  define_choice(json, "map_status", kStatuses);
  define_choice(json, "level", kLevelNames);
}

void define_nodes(JsonWriter& json) {
  json.key("kind").begin_object().key("enum").begin_array().text("device");
  for (const std::string_view kind : kNodeNames) {
    if (!kind.empty()) json.text(kind);
  }
  json.end_array().end_object();
  define(json, "node", kNode);
  define_values(json);
}

void define_findings(JsonWriter& json) {
  define(json, "finding", kFinding);
  json.key("finding_name").begin_object().key("enum").begin_array();
  for (const FindingInfo& row : kFindings) json.text(row.name);
  json.end_array().end_object();
}

void define_error_names(JsonWriter& json) {
  json.key("error_name").begin_object().key("enum").begin_array();
  for (const ErrorInfo& row : kErrors) json.text(row.name);
  json.end_array().end_object();
}

void error_definitions(JsonWriter& json) {
  define(json, "error", kError);
  define_error_names(json);
}

void status_definitions(JsonWriter& json) {
  static constexpr std::string_view kDirections[] = {"charge", "discharge"};
  define_names(json);
  define_choice(json, "direction", kDirections);
  define(json, "device", kDevice);
  define(json, "limit", kLimit);
  define(json, "fault", kFault);
  define(json, "assumption", kAssumption);
  define(json, "light", kLight);
  define(json, "raw_frame", kRaw);
  define_findings(json);
  define_nodes(json);
}

void scan_definitions(JsonWriter& json) {
  define_names(json);
  define(json, "device", kDevice);
  define(json, "found", kFound);
  define(json, "endpoint", kEndpoint);
  define(json, "scan_error", kScanError);
  define_error_names(json);
  define_findings(json);
  define_nodes(json);
}

void devices_definitions(JsonWriter& json) {
  define_names(json);
  define(json, "family", kFamily);
  define(json, "named_device", kNamed);
}

void firmware_definitions(JsonWriter& json) { define(json, "dependency", kDependency); }

void checklists_definitions(JsonWriter& json) { define(json, "checklist", kChecklistRow); }
void checklist_definitions(JsonWriter& json) {
  static constexpr std::string_view kKinds[] = {"other", "safety", "insulation", "tightening"};
  define(json, "item", kItem);
  define_choice(json, "item_kind", kKinds);
}
void records_definitions(JsonWriter& json) { define(json, "record", kRecordRow); }
void statistics_definitions(JsonWriter& json) {
  define(json, "period", kPeriodRow);
  define(json, "equivalent", kEquivalent);
}
void warranty_definitions(JsonWriter& json) {
  static constexpr std::string_view kStates[] = {"ok", "warning", "unknown"};
  define(json, "row", kWarrantyRow);
  define_choice(json, "warranty_state", kStates);
}
void flash_due_definitions(JsonWriter& json) {
  static constexpr std::string_view kStandings[] = {"current", "newer",      "due",
                                                    "overdue", "not_listed", "not_comparable"};
  define_choice(json, "standing", kStandings);
  define_choice(json, "route_kind", kUpdateRouteNames);
  define(json, "part", kFlashDuePart);
  define(json, "route", kUpdateRoute);
  define(json, "check", kStickCheck);
}
void flash_rollout_definitions(JsonWriter& json) {
  static constexpr std::string_view kEnds[] = {"confirmed", "already_there", "failed", "ready",
                                               "untouched"};
  define_choice(json, "node_end", kEnds);
  define(json, "updated_device", kFlashRolloutDevice);
  define(json, "scan_error", kError);
}
void undo_definitions(JsonWriter& json) { define(json, "changed_setting", kChangedSetting); }
void due_definitions(JsonWriter& json) { define(json, "due", kDueRow); }
void verified_definitions(JsonWriter& json) { define(json, "verified_file", kVerifiedFile); }
void keys_definitions(JsonWriter& json) { define(json, "key", kKeyRow); }
void scripts_definitions(JsonWriter& json) { define(json, "script", kListedScript); }
void simulate_definitions(JsonWriter& json) {
  static constexpr std::string_view kStates[] = {"held", "failed", "not_reached"};
  define_choice(json, "expectation_state", kStates);
  define(json, "setting", kSetting);
  define(json, "expectation", kExpectation);
  define(json, "energy", kEnergy);
}

void scenarios_definitions(JsonWriter& json) {
  define(json, "scenario", kScenario);
  define(json, "simulated_fault", kSimulatedFault);
}

void no_definitions(JsonWriter&) {}

struct Schema {
  std::string_view file;
  std::string_view name;
  std::string_view title;
  std::span<const Property> top;
  void (*definitions)(JsonWriter&);
};
constexpr Schema kSchemas[] = {
    {"status.json", "weco.status/1", "What 'weco status --json' writes", kStatusTop,
     status_definitions},
    {"scan.json", "weco.scan/1", "What 'weco scan --json' writes", kScanTop, scan_definitions},
    {"simulate.json", "weco.simulate/1",
     "What 'weco simulate SCENARIO --json' writes, a line a run", kSimulateTop,
     simulate_definitions},
    {"scenarios.json", "weco.scenarios/1", "What 'weco simulate --list --json' writes",
     kScenariosTop, scenarios_definitions},
    {"error.json", "weco.error/1", "What --json writes when a command fails", kErrorTop,
     error_definitions},
    {"progress.json", "weco.progress/1", "A line that --progress json writes to stderr",
     kProgressTop, no_definitions},
    {"devices.json", "weco.devices/1", "What 'weco devices list --json' writes", kDevicesTop,
     devices_definitions},
    {"firmware.json", "weco.firmware/1", "What 'weco flash verify --json' writes", kFirmwareTop,
     firmware_definitions},
    {"flash.json", "weco.flash/1", "What 'weco flash install --json' writes", kFlashTop,
     no_definitions},
    {"flash_rollout.json", "weco.flash_rollout/1", "What 'weco flash rollout --json' writes",
     kFlashRolloutTop, flash_rollout_definitions},
    {"flash_due.json", "weco.flash_due/1", "What 'weco flash due --json' writes", kFlashDueTop,
     flash_due_definitions},
    {"checklists.json", "weco.checklists/1", "What 'weco checklist list --json' writes",
     kChecklistsTop, checklists_definitions},
    {"checklist.json", "weco.checklist/1", "What 'weco checklist show --json' writes",
     kChecklistTop, checklist_definitions},
    {"records.json", "weco.records/1", "What 'weco checklist list --site SITE --json' writes",
     kRecordsTop, records_definitions},
    {"run.json", "weco.run/1", "What 'weco checklist run --json' writes", kRunTop, no_definitions},
    {"due.json", "weco.due/1", "What 'weco checklist due --json' writes", kDueTop, due_definitions},
    {"statistics.json", "weco.statistics/1", "What 'weco checklist statistics --json' writes",
     kStatisticsTop, statistics_definitions},
    {"warranty.json", "weco.warranty/1", "What 'weco checklist warranty --json' writes",
     kWarrantyTop, warranty_definitions},
    {"verified.json", "weco.verified/1", "What 'weco checklist verify --json' writes", kVerifiedTop,
     verified_definitions},
    {"records_file.json", "weco.records_file/1",
     "What sign, export, import and backup of 'weco checklist' write with --json", kRecordsFileTop,
     no_definitions},
    {"keys.json", "weco.keys/1", "What 'weco key' writes with --json", kKeysTop, keys_definitions},
    {"scripts.json", "weco.scripts/1", "What 'weco script list --json' writes", kScriptsTop,
     scripts_definitions},
    {"script.json", "weco.script/1", "What 'weco run --json' writes", kScriptTop, no_definitions},
    {"calibration_plan.json", "weco.calibration_plan/1",
     "What 'weco calibrate-soc --plan --json' writes", kCalibrationPlanTop, no_definitions},
    {"calibration.json", "weco.calibration/1", "What 'weco calibrate-soc --json' writes",
     kCalibrationTop, no_definitions},
    {"undo.json", "weco.undo/1", "What 'weco undo --json' writes", kUndoTop, undo_definitions},
    {"version.json", "weco.version/1", "What 'weco --version --json' writes", kVersionTop,
     no_definitions},
};

/// One member a line, two spaces a level; short arrays of plain values stay on their line.
std::string indented(std::string_view json) {
  std::string out;
  std::size_t level = 0;
  bool in_text = false;
  const auto line = [&] { out += "\n" + std::string(level * 2, ' '); };
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_text) {
      out += c;
      if (c == '\\') {
        out += json[++i];
      } else if (c == '"') {
        in_text = false;
      }
      continue;
    }
    const bool opens = c == '{' || c == '[';
    const bool empty = opens && i + 1 < json.size() && (json[i + 1] == '}' || json[i + 1] == ']');
    if ((c == '}' || c == ']') && !(out.ends_with('{') || out.ends_with('['))) {
      --level;
      line();
    } else if (c == '}' || c == ']') {
      --level;
    }
    out += c;
    in_text = c == '"';
    if (opens) ++level;
    if ((opens && !empty) || c == ',') line();
    if (c == ':') out += ' ';
  }
  return out + "\n";
}

}  // namespace

std::vector<GeneratedFile> json_schemas() {
  std::vector<GeneratedFile> files;
  for (const Schema& schema : kSchemas) {
    JsonWriter json;
    json.begin_object().field("$schema", kDraft).field("$id", "urn:" + std::string(schema.name));
    json.field("title", schema.title);
    write_object(json, schema.top, schema.name);
    json.key("$defs").begin_object();
    schema.definitions(json);
    json.end_object().end_object();
    files.push_back({std::string(schema.file), indented(json.str())});
  }
  return files;
}

}  // namespace weco::cli
