// SPDX-License-Identifier: Apache-2.0
// The rows of `weco checklist`.
#pragma once

#include <iterator>

#include "cli/command.hpp"
#include "cli/table/checklist_statistics.hpp"
#include "cli/table/checklist_warranty.hpp"

namespace weco::cli {

Outcome<ExitCode> run_checklist_list(const Args& args, Context& context);
Outcome<ExitCode> run_checklist_show(const Args& args, Context& context);
Outcome<ExitCode> run_checklist_run(const Args& args, Context& context);
Outcome<ExitCode> run_checklist_due(const Args& args, Context& context);
Outcome<ExitCode> run_checklist_sign(const Args& args, Context& context);
Outcome<ExitCode> run_checklist_export(const Args& args, Context& context);
Outcome<ExitCode> run_checklist_verify(const Args& args, Context& context);
Outcome<ExitCode> run_checklist_import(const Args& args, Context& context);
Outcome<ExitCode> run_checklist_backup(const Args& args, Context& context);

namespace table {

inline constexpr std::string_view kDeclarations[] = {"no-discrepancy", "discrepancy-isolated"};

inline constexpr Option kChecklistFamily = {
    .name = "family",
    .kind = Kind::Family,
    .value_name = "FAMILY",
    .help = "Checklists of this family; without it, those of the site's or device's."};
inline constexpr Option kChecklistLanguage = {.name = "language",
                                              .kind = Kind::Text,
                                              .value_name = "CODE",
                                              .help = "Language of the texts: en or it.",
                                              .default_value = "en"};
inline constexpr Option kChecklistKey = {
    .name = "key",
    .kind = Kind::Text,
    .value_name = "NAME",
    .help = "Sign with this key of yours; without it, with the only one there is."};
inline constexpr Positional kChecklistSite = {
    .name = "SITE", .kind = Kind::Text, .help = "Name of the site.", .required = true};

inline constexpr Option kChecklistListOptions[] = {
    kChecklistFamily,
    {.name = "site",
     .kind = Kind::Text,
     .value_name = "SITE",
     .help = "List the records of this site instead."},
};
inline constexpr Example kChecklistListExamples[] = {
    {"checklist list --family weco_smart", "List the checklists of a WeCo tower."},
    {"checklist list --site 'Casa Neri'", "List what was recorded there."},
};

inline constexpr Option kChecklistShowOptions[] = {kChecklistFamily, kChecklistLanguage};
inline constexpr Positional kChecklistName[] = {{.name = "CHECKLIST",
                                                 .kind = Kind::Text,
                                                 .help = "Such as monthly; see 'weco checklist "
                                                         "list'.",
                                                 .required = true}};
inline constexpr Example kChecklistShowExamples[] = {
    {"checklist show emergency --family weco_smart", "Read the emergency card, offline."},
};

inline constexpr Option kChecklistRunOptions[] = {
    {.name = "site", .kind = Kind::Text, .value_name = "SITE", .help = "Where it is done."},
    {.name = "operator",
     .kind = Kind::Text,
     .value_name = "PERSON",
     .help = "Who does it; stands in the record."},
    {.name = "device",
     .kind = Kind::Endpoint,
     .value_name = "DEVICE",
     .help = "Read this device, so that items tick themselves; given several times, each.",
     .repeatable = true},
    kChecklistFamily,
    {.name = "answers",
     .kind = Kind::Path,
     .value_name = "FILE",
     .help = "Take the answers from this file, a JSON object a line; - is stdin."},
    {.name = "declare",
     .kind = Kind::Choice,
     .value_name = "WHAT",
     .help = "Close the run with this declaration of the operator's.",
     .choices = kDeclarations},
    kChecklistKey,
    kChecklistLanguage,
};
inline constexpr Example kChecklistRunExamples[] = {
    {"checklist run monthly --site 'Casa Neri' --operator 'Ann Rossi' --device roof",
     "Read the tower and ask for the rest."},
    {"checklist run monthly --site plant --operator Ann --answers today.jsonl --declare "
     "no-discrepancy",
     "Run it from a script."},
};
inline constexpr ExitCode kChecklistRunExits[] = {ExitCode::NoAnswer, ExitCode::RefusedByGuard,
                                                  ExitCode::Warning};

inline constexpr Option kChecklistDueOptions[] = {
    {.name = "site", .kind = Kind::Text, .value_name = "SITE", .help = "Look at this site only."},
    {.name = "within",
     .kind = Kind::Duration,
     .value_name = "TIME",
     .help = "Also list what falls due within this time.",
     .default_value = "0s",
     .min = 0,
     .max = 315360000000},
    {.name = "exit-code", .help = "End with 10 when anything is due."},
};
inline constexpr Example kChecklistDueExamples[] = {
    {"checklist due --within 7d --exit-code", "Remind from cron a week before."},
};
inline constexpr ExitCode kChecklistDueExits[] = {ExitCode::Warning};

inline constexpr Option kChecklistSignOptions[] = {kChecklistKey};
inline constexpr Positional kChecklistSignArguments[] = {
    kChecklistSite,
    {.name = "NUMBER",
     .kind = Kind::Text,
     .help = "Number of the record; see 'weco checklist list --site'.",
     .required = true},
};
inline constexpr Example kChecklistSignExamples[] = {
    {"checklist sign 'Casa Neri' 3", "Sign a record that was made without a key."},
};

inline constexpr std::string_view kFormats[] = {"signed", "html", "markdown", "csv"};
inline constexpr Option kChecklistExportOptions[] = {
    {.name = "format",
     .kind = Kind::Choice,
     .value_name = "FORMAT",
     .help = "Write the signed file, or one record for people as HTML, Markdown or CSV.",
     .default_value = "signed",
     .choices = kFormats},
    kChecklistLanguage,
    {.name = "number",
     .kind = Kind::Integer,
     .value_name = "NUMBER",
     .help = "Export this record alone.",
     .min = 1,
     .max = 1000000000},
    {.name = "minisign",
     .help = "Also write FILE.body, FILE.body.minisig and FILE.pub, which minisign checks."},
    kChecklistKey,
};
inline constexpr Positional kChecklistExportArguments[] = {
    kChecklistSite,
    {.name = "FILE", .kind = Kind::Path, .help = "Where to write.", .required = true},
};
inline constexpr Example kChecklistExportExamples[] = {
    {"checklist export 'Casa Neri' report.html --number 3 --format html --language it",
     "Print a record in Italian from any browser, on A4 or as PDF."},
    {"checklist export 'Casa Neri' casa-neri.json", "Take the whole site to another machine."},
    {"checklist export 'Casa Neri' record-3.json --number 3 --minisign",
     "Hand out one record and let anybody check it with 'minisign -V -p record-3.json.pub -m "
     "record-3.json.body'."},
};
inline constexpr ExitCode kChecklistExportExits[] = {ExitCode::VerificationDiffers,
                                                     ExitCode::RefusedByGuard};

inline constexpr Option kChecklistVerifyOptions[] = {
    {.name = "key",
     .kind = Kind::Path,
     .value_name = "PUB",
     .help = "Insist on this signer: a .pub file of weco's or minisign's."},
};
inline constexpr Positional kChecklistVerifyArguments[] = {
    {.name = "FILE",
     .kind = Kind::Path,
     .help = "An exported record or site.",
     .required = true,
     .repeatable = true},
};
inline constexpr Example kChecklistVerifyExamples[] = {
    {"checklist verify record-3.json --key ann.pub", "Check that Ann signed exactly this."},
};
inline constexpr ExitCode kChecklistVerifyExits[] = {ExitCode::VerificationDiffers};

inline constexpr Positional kChecklistImportArguments[] = {
    {.name = "FILE", .kind = Kind::Path, .help = "An exported site.", .required = true},
};
inline constexpr Example kChecklistImportExamples[] = {
    {"checklist import casa-neri.json", "Take over what another machine exported."},
};
inline constexpr ExitCode kChecklistImportExits[] = {ExitCode::VerificationDiffers,
                                                     ExitCode::RefusedByGuard};

inline constexpr Positional kChecklistBackupArguments[] = {
    {.name = "FILE", .kind = Kind::Path, .help = "Where to write the copy.", .required = true},
};
inline constexpr Example kChecklistBackupExamples[] = {
    {"checklist backup /media/usb/records.db", "Copy everything while others go on writing."},
};

inline constexpr Command kChecklistCommands[] = {
    {.name = "list",
     .summary = "List the checklists, or the records of a site",
     .text =
         "Prints each family's checklists with how often they are due. With --site, prints what "
         "was recorded there, oldest first.",
     .options = kChecklistListOptions,
     .examples = kChecklistListExamples,
     .handler = run_checklist_list},
    {.name = "show",
     .summary = "Print a checklist or an emergency card",
     .text = "Prints the items in order: what is checked, when it is good, which evidence is "
             "wanted and what to do when it is not good. Needs no device and no network.",
     .options = kChecklistShowOptions,
     .positionals = kChecklistName,
     .examples = kChecklistShowExamples,
     .handler = run_checklist_show},
    {.name = "run",
     .summary = "Work through a checklist and record it",
     .text =
         "Reads the device, ticks what it can tell and asks for the rest. Safety preconditions "
         "come "
         "first and cannot be skipped. Every answer is on disk before the next question: a run "
         "that was torn goes on where it was.\n\n"
         "On a terminal, answer ok, no or na, or the value that is asked for; 'stop' leaves the "
         "run open. With --answers each line is an object with item, result (ok, not_conforming, "
         "not_applicable), note, value, case, photos (paths) and torque (specified, applied, "
         "wrench, blue, red).\n\n"
         "Closing needs the operator's declaration. An open item of safety, insulation or "
         "tightening "
         "forbids recommissioning until a later run of the same checklist finds it right. The "
         "record is signed when there is a key; it is never changed and kept for at least five "
         "years.\n\n"
         "The exit code is 10 while something is missing or not conforming.",
     .options = kChecklistRunOptions,
     .positionals = kChecklistName,
     .examples = kChecklistRunExamples,
     .exits = kChecklistRunExits,
     .handler = run_checklist_run},
    {.name = "due",
     .summary = "List what is due at which site",
     .text = "A checklist is due when its period has passed since it was last recorded, or since "
             "the site was added.",
     .options = kChecklistDueOptions,
     .examples = kChecklistDueExamples,
     .exits = kChecklistDueExits,
     .handler = run_checklist_due},
    {.name = "sign",
     .summary = "Sign a record that has no signature yet",
     .text = "A signature is never replaced.",
     .options = kChecklistSignOptions,
     .positionals = kChecklistSignArguments,
     .examples = kChecklistSignExamples,
     .handler = run_checklist_sign},
    {.name = "export",
     .summary = "Write a record or a whole site as one signed file",
     .text = "The file holds everything that proves it: content, attachments, digests, the chain, "
             "signature and public key. It is checked once more before it leaves.\n\n"
             "A report as HTML is one file that loads nothing: charts, photos and a QR code with "
             "the record's digest are inside. It is for reading; the signed file is the proof.",
     .options = kChecklistExportOptions,
     .positionals = kChecklistExportArguments,
     .examples = kChecklistExportExamples,
     .exits = kChecklistExportExits,
     .handler = run_checklist_export},
    {.name = "verify",
     .summary = "Check an exported record or site",
     .text = "Checks spelling, digests, signatures, attachments and chain, and says what does not "
             "match; one changed byte is found. Needs no store. Who holds the key is said as far "
             "as it is known here; a file proves who signed it only to those who know the key.",
     .options = kChecklistVerifyOptions,
     .positionals = kChecklistVerifyArguments,
     .examples = kChecklistVerifyExamples,
     .exits = kChecklistVerifyExits,
     .handler = run_checklist_verify},
    {.name = "import",
     .summary = "Take over a site that was exported",
     .text = "The file is verified and must be signed by a key of yours or a trusted one. Records "
             "that are here already stay; a history that differs is refused as a whole.",
     .positionals = kChecklistImportArguments,
     .examples = kChecklistImportExamples,
     .exits = kChecklistImportExits,
     .handler = run_checklist_import},
    kChecklistStatistics,
    kChecklistWarranty,
    {.name = "backup",
     .summary = "Copy the whole store",
     .text = "Makes a copy of all sites, runs and records as one SQLite file. An existing file is "
             "not replaced.",
     .positionals = kChecklistBackupArguments,
     .examples = kChecklistBackupExamples,
     .handler = run_checklist_backup},
};

inline constexpr Command kChecklist = {
    .name = "checklist",
    .summary = "Commission, maintain and keep the records that prove it",
    .text = "Works offline. Records are kept in $XDG_DATA_HOME/weco, else ~/.local/share/weco.",
    .children = kChecklistCommands,
    .children_count = std::size(kChecklistCommands),
};

}  // namespace table
}  // namespace weco::cli
