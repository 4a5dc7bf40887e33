// SPDX-License-Identifier: Apache-2.0
// The row of `weco checklist statistics`.
#pragma once

#include "cli/command.hpp"

namespace weco::cli {

Outcome<ExitCode> run_checklist_statistics(const Args& args, Context& context);

namespace table {

inline constexpr std::string_view kPeriods[] = {"hour", "day", "week", "month", "year", "total"};
inline constexpr std::string_view kSummerTimes[] = {"none", "eu"};
inline constexpr std::string_view kTableFormats[] = {"table", "csv", "html"};

inline constexpr Option kChecklistStatisticsOptions[] = {
    {.name = "telemetry",
     .kind = Kind::Path,
     .value_name = "FILE",
     .help = "Take the values from this .csv or .ndjson file; several follow each other in time.",
     .repeatable = true},
    {.name = "device",
     .kind = Kind::Endpoint,
     .value_name = "DEVICE",
     .help = "Read this device's energy counters now and keep them for the site.",
     .repeatable = true},
    {.name = "by",
     .kind = Kind::Choice,
     .value_name = "PERIOD",
     .help = "One row for each of these.",
     .default_value = "day",
     .choices = kPeriods},
    {.name = "since",
     .kind = Kind::Text,
     .value_name = "DAY",
     .help = "Begin with this local day, such as 2026-01-01."},
    {.name = "until",
     .kind = Kind::Text,
     .value_name = "DAY",
     .help = "End before this local day."},
    {.name = "tariff",
     .kind = Kind::Path,
     .value_name = "FILE",
     .help = "Reckon money with this tariff; it also says the time zone."},
    {.name = "utc-offset",
     .kind = Kind::Text,
     .value_name = "OFFSET",
     .help = "Local standard time, where there is no tariff.",
     .default_value = "+00:00"},
    {.name = "summer-time",
     .kind = Kind::Choice,
     .value_name = "RULE",
     .help = "Whether the clock goes forward in summer as in Europe, where there is no tariff.",
     .default_value = "none",
     .choices = kSummerTimes},
    {.name = "format",
     .kind = Kind::Choice,
     .value_name = "FORMAT",
     .help = "Print a table, CSV for a spreadsheet or an HTML page; --json is for programs.",
     .default_value = "table",
     .choices = kTableFormats},
    {.name = "output",
     .kind = Kind::Path,
     .value_name = "FILE",
     .help = "Write to this file instead of stdout."},
    {.name = "language",
     .kind = Kind::Text,
     .value_name = "CODE",
     .help = "Language of the page: en or it.",
     .default_value = "en"},
};
inline constexpr Positional kChecklistStatisticsArguments[] = {
    {.name = "SITE", .kind = Kind::Text, .help = "Whose kept counters are used."},
};
inline constexpr Example kChecklistStatisticsExamples[] = {
    {"checklist statistics 'Casa Neri' --device roof --by month",
     "Keep today's counters and show the months so far; once a day from cron gives days."},
    {"checklist statistics --telemetry year.csv --tariff home.lua --by month --format html "
     "--output year.html",
     "Print a year with what it cost and earned."},
};

inline constexpr Command kChecklistStatistics = {
    .name = "statistics",
    .summary = "Show energy, money and equivalents by day, week, month or year",
    .text =
        "The values come from telemetry files as 'weco simulate --telemetry' writes them, or from "
        "the energy counters that were kept for a site, now or at an earlier run. What was not "
        "recorded is said and not filled in; a reading over a longer time is divided evenly and "
        "marked.\n\n"
        "A tariff is a file that returns a table: currency, utc_offset (\"+01:00\"), summer_time "
        "(none or eu), import_per_kWh, export_per_kWh and windows, each with from, to, and where "
        "needed days (mon to sun), months (1 to 12), import_per_kWh and export_per_kWh; prices are "
        "texts such as \"0.28\". Its table equivalents (co2_kg_per_kWh, coal_kg_per_kWh, "
        "co2_kg_per_tree_year and their source) replaces the factors that are assumed otherwise.",
    .options = kChecklistStatisticsOptions,
    .positionals = kChecklistStatisticsArguments,
    .examples = kChecklistStatisticsExamples,
    .handler = run_checklist_statistics,
};

}  // namespace table
}  // namespace weco::cli
