// SPDX-License-Identifier: Apache-2.0
// The row of `weco log-dump`.
#pragma once

#include "cli/command.hpp"

namespace weco::cli {

Outcome<ExitCode> run_log_dump(const Args& args, Context& context);
/// The same as a support bundle.
Outcome<ExitCode> run_log_bundle(const Args& args, Context& context);
/// The same for a recording.
Outcome<ExitCode> run_log_candump(const Args& args, Context& context);
/// The same of a device without a journal of ours.
Outcome<ExitCode> run_log_shown(const Args& args, Context& context);

namespace table {

inline constexpr std::string_view kLogForms[] = {"table", "csv",    "ndjson",
                                                 "html",  "sqlite", "candump"};

inline constexpr Option kLogDumpOptions[] = {
    {.name = "format",
     .kind = Kind::Choice,
     .value_name = "FORM",
     .help = "Lines for people, CSV for a spreadsheet, one JSON object a line, or an HTML report "
             "with charts of the hours and cells and tables of events, cells, days and gaps; "
             "sqlite for a database file with the table records, a view of each kind, and "
             "cell_voltages with a row a cell; candump for the CAN frames of a recording, with "
             "times since its first frame.",
     .default_value = "table",
     .choices = kLogForms},
    {.name = "output",
     .kind = Kind::Path,
     .value_name = "FILE",
     .help = "Write the lines to this file instead of stdout; without --format, its ending (.csv, "
             ".ndjson, .html, .sqlite) says how."},
    {.name = "resume",
     .help = "Go on behind the last whole line of --output, where an earlier run ended."},
    {.name = "from",
     .kind = Kind::Integer,
     .value_name = "RECORD",
     .help = "Begin with this record instead of the oldest.",
     .min = 0,
     .max = 4294967294},
    {.name = "since",
     .kind = Kind::Text,
     .value_name = "TIME",
     .help = "Leave out what is older, such as 2026-11-01 or 2026-11-01T06:00:00Z (UTC)."},
    {.name = "until",
     .kind = Kind::Text,
     .value_name = "TIME",
     .help = "Leave out what is not older than this time."},
    {.name = "follow", .help = "Wait for new records until interrupted."},
    {.name = "family",
     .kind = Kind::Family,
     .value_name = "NAME",
     .help = "Say the product's fault codes in words of this family."},
    {.name = "shown",
     .help =
         "Read no journal: show the faults, alarms, counters and cells that a device of a known "
         "family shows now, or gives unasked on a CAN bus. There are no records to go on with."},
    {.name = "bundle",
     .kind = Kind::Path,
     .value_name = "FILE",
     .help =
         "Write one archive (tar) for whoever helps from afar: the whole journal, or what --shown "
         "gives, what --status and --with add, and a list of what was taken out of them."},
    {.name = "status",
     .kind = Kind::Endpoint,
     .value_name = "PLACE",
     .help =
         "Put the readings of the device into the bundle; the endpoint that 'weco status' takes, "
         "since a service console gives none."},
    {.name = "with",
     .kind = Kind::Path,
     .value_name = "FILE",
     .help = "Put this recording, report or other text into the bundle. May be repeated.",
     .repeatable = true},
};
inline constexpr Positional kLogDumpArguments[] = {
    {.name = "DEVICE",
     .kind = Kind::Endpoint,
     .help = "The service console of the device, with ?unit=N where it speaks Modbus, the CAN bus "
             "where it speaks UDS, or replay:FILE for --format candump; with --shown the endpoint "
             "that 'weco status' takes.",
     .required = true},
};
inline constexpr Example kLogDumpExamples[] = {
    {"log-dump serial:/dev/ttyUSB0 --family weco_smart", "Read a tower's journal."},
    {"log-dump 'serial:/dev/ttyUSB0?unit=3&baud=9600'", "Read the third device on an RS485 line."},
    {"log-dump can:can0", "Read the journal over UDS."},
    {"log-dump tcp:192.168.1.20:1337 --output cabinet.csv --resume",
     "Add what is new since yesterday to a file."},
    {"log-dump serial:/tmp/console --since 2026-11-01 --format ndjson",
     "Give this month's records to a script."},
    {"log-dump serial:/dev/ttyUSB0 --family weco_smart --output tower.html",
     "Make a report with charts."},
    {"log-dump serial:/dev/ttyUSB0 --bundle help.tar --status serial:/dev/ttyUSB1 --with "
     "run.ndjson",
     "Make a support bundle, secrets and names taken out."},
    {"log-dump serial:/dev/ttyUSB0 --output tower.sqlite --resume",
     "Keep a database of the journal up to date."},
    {"log-dump tcp:192.168.1.30:502 --family saj_h2 --shown",
     "Show the faults and counters of a device whose history is unpublished."},
    {"log-dump replay:site.pcapng --format candump --output site.log",
     "Write the frames of a recording for can-utils."},
};
inline constexpr ExitCode kLogDumpExits[] = {ExitCode::NoAnswer, ExitCode::RefusedByDevice,
                                             ExitCode::VerificationDiffers, ExitCode::Warning};

inline constexpr Command kLogDump = {
    .name = "log-dump",
    .summary = "Read out what a device remembers",
    .text =
        "Reads the journal of a controller: events, hours, days, counters and snapshots of cells, "
        "oldest first. Nothing is written to the device and nothing in it can be erased. The "
        "checksum of each record is checked; a number without a record is named as a gap, with the "
        "reason: overwritten (the ring went over it), lost (a power cut took it) or damaged. Ends "
        "with 10 when a record was damaged.\n\n"
        "A snapshot has the voltages of up to 16 cells and up to four temperatures of one unit, "
        "first_cell and first_sensor being the numbers of the first ones, from 1. One that was not "
        "read stands as '-' in a table and in CSV, as null in JSON. Our controllers take one of "
        "every pack at the end of each day (UTC) and at its alarms and faults, of these at most "
        "one an hour.\n\n"
        "The last value of each line is a hash: SHA-256 over the hash of the line before (32 zero "
        "bytes at the start) and the 64 bytes of the record, or of a gap 'gap' with its first "
        "number and its count, each four bytes, little endian. Nobody can change, drop or add a "
        "line in a whole dump without it showing. With --since and --until the chain runs over "
        "what is left out, too; a record of a time before the clock was set is never left out.\n\n"
        "A bundle (--bundle) leaves out secrets and what tells who somebody is: passwords, names "
        "and "
        "addresses of people and hosts, half of each radio address, and recorded answers that hold "
        "the WiFi's password. Which rule took what from which file stands in it. Serial numbers "
        "stay.\n\n"
        "Journals of this kind are read over SMP, from files named /journal and /journal.oldest, "
        "over Modbus function 20 where the endpoint names a unit, and over UDS on a CAN bus; "
        "they are our own devices' and those of 'weco simulate --console'. Which logs WeCo, SAJ "
        "and BLUETTI products give out is unpublished; what such a device shows of its past now "
        "comes with --shown, with --json as 'weco status --json' gives it.",
    .options = kLogDumpOptions,
    .positionals = kLogDumpArguments,
    .examples = kLogDumpExamples,
    .exits = kLogDumpExits,
    .handler = run_log_dump,
    .records = true};

}  // namespace table
}  // namespace weco::cli
