// SPDX-License-Identifier: Apache-2.0
// The row of `weco checklist warranty`.
#pragma once

#include "cli/command.hpp"

namespace weco::cli {

Outcome<ExitCode> run_checklist_warranty(const Args& args, Context& context);

namespace table {

inline constexpr Option kChecklistWarrantyOptions[] = {
    {.name = "telemetry",
     .kind = Kind::Path,
     .value_name = "FILE",
     .help = "Judge by this .csv or .ndjson log; several follow each other in time.",
     .repeatable = true},
    {.name = "produced",
     .kind = Kind::Text,
     .value_name = "DAY",
     .help = "Day of production, from the label; it is kept for the site."},
    {.name = "released",
     .kind = Kind::Text,
     .value_name = "VERSION=DAY",
     .help = "The newest critical firmware and the day of its release; it is kept for the site."},
    {.name = "event",
     .kind = Kind::Text,
     .value_name = "DAY",
     .help = "Day of what is to be claimed; it is kept, and the days for the claim are counted."},
    {.name = "pack",
     .kind = Kind::Path,
     .value_name = "FILE",
     .help = "Write the evidence as one signed tar archive."},
    {.name = "key",
     .kind = Kind::Text,
     .value_name = "NAME",
     .help = "Sign the archive with this key of yours; without it, with the only one there is."},
};
inline constexpr Positional kChecklistWarrantyArguments[] = {
    {.name = "SITE", .kind = Kind::Text, .help = "Name of the site.", .required = true},
};
inline constexpr Example kChecklistWarrantyExamples[] = {
    {"checklist warranty 'Casa Neri' --produced 2026-02-10 --released 2.4.1=2026-09-30",
     "Say once what the papers say, and look at the rest."},
    {"checklist warranty 'Casa Neri' --telemetry year.csv --event 2026-11-20 --pack claim.tar",
     "Judge a year of the log and take all evidence of a claim along."},
};
inline constexpr ExitCode kChecklistWarrantyExits[] = {
    ExitCode::RefusedByGuard, ExitCode::VerificationDiffers, ExitCode::Warning};

inline constexpr Command kChecklistWarranty = {
    .name = "warranty",
    .summary = "Judge a site by the terms of its warranty and pack the evidence",
    .text =
        "Counts the time outside the window by cause, equivalent cycles, days offline and age, "
        "forecasts the end of life, and counts down the days for critical firmware and for a "
        "claim. Each figure says what it rests on; what nobody recorded is unknown, never fine. "
        "Nothing of it is the maker's word. The terms are those of the makers' manuals: WeCo's in "
        "full, ten years for the EP760, none for the CM2; a limit that is not published is said to "
        "be so.\n\n"
        "Counters and installed firmware are those that 'weco checklist run --device' and 'weco "
        "checklist statistics --device' have kept.\n\n"
        "The archive holds the signed site, each record with its signature and attachments, the "
        "logs, this judgement and the public keys. README.txt in it says how tar, sha256sum and "
        "minisign check it without this program.\n\n"
        "The exit code is 10 while a row warns.",
    .options = kChecklistWarrantyOptions,
    .positionals = kChecklistWarrantyArguments,
    .examples = kChecklistWarrantyExamples,
    .exits = kChecklistWarrantyExits,
    .handler = run_checklist_warranty,
};

}  // namespace table
}  // namespace weco::cli
