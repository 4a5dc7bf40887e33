// SPDX-License-Identifier: Apache-2.0
// `weco simulate` in the command table.
#pragma once

#include "cli/command.hpp"
#include "cli/table.hpp"

namespace weco::cli::table {

inline constexpr ExitCode kSimulateExits[] = {ExitCode::VerificationDiffers, ExitCode::Warning,
                                              ExitCode::Alarm};

inline constexpr Option kSimulateOptions[] = {
    {.name = "for",
     .kind = Kind::Duration,
     .value_name = "TIME",
     .help = "End after this much simulated time; without it, where the scenario ends, or for a "
             "device when interrupted.",
     .min = 1,
     .max = 315360000000},
    {.name = "step",
     .kind = Kind::Duration,
     .value_name = "TIME",
     .help = "Simulate in steps of this length, at most 60s, instead of the scenario's own.",
     .min = 1,
     .max = 60000},
    {.name = "speed",
     .kind = Kind::Text,
     .value_name = "FACTOR",
     .help = "How fast time passes: real, max or a factor such as 60. Without it, real where "
             "something is served and else max."},
    {.name = "seed",
     .kind = Kind::Integer,
     .value_name = "N",
     .help = "Start of the random numbers: the same seed gives the same bytes. Without it, the "
             "scenario's own, or 1.",
     .min = 0,
     .max = 4294967295},
    {.name = "serve",
     .kind = Kind::Text,
     .value_name = "WHERE",
     .help = "Serve the device here: pty:PATH makes PATH a link to a pseudo-terminal, "
             "tcp:HOST:PORT listens, udp:HOST:PORT answers, ble:ADAPTER advertises, can:INTERFACE "
             "sends a battery's "
             "frames, slcan:PATH does so behind a CAN adapter that others open as a port.",
     .repeatable = true},
    {.name = "console",
     .kind = Kind::Text,
     .value_name = "WHERE",
     .help = "Serve the service console of the site's controller at pty:PATH, tcp:HOST:PORT or "
             "udp:HOST:PORT, where it speaks SMP, or Modbus if the place ends with ?unit=N, or at "
             "can:INTERFACE or slcan:PATH, where it speaks UDS. It gives out the journal; "
             "'weco log-dump' reads it.",
     .repeatable = true},
    {.name = "journal",
     .kind = Kind::Path,
     .value_name = "FILE",
     .help = "Keep the controller's journal in this file, as its flash would, and go on with what "
             "is in it."},
    {.name = "from",
     .kind = Kind::Path,
     .value_name = "RECORDING",
     .help = "Serve a recorded device instead: it gives the recorded answers, and what was not "
             "recorded is reported and answered by nobody. Recorded CAN frames come as they came."},
    {.name = "unit",
     .kind = Kind::Integer,
     .value_name = "ADDRESS",
     .help = "The device's address on the line; without it, the family's own.",
     .min = 1,
     .max = 247},
    {.name = "fault",
     .kind = Kind::Text,
     .value_name = "FAULT",
     .help = "Let this go wrong: NAME or NAME:PARAMETER=VALUE,..., from the start or after the "
             "time behind an @, as in meter_lost@2h.",
     .repeatable = true},
    {.name = "telemetry",
     .kind = Kind::Path,
     .value_name = "FILE",
     .help = "Write all values of the site to a .csv or .ndjson file."},
    {.name = "report",
     .kind = Kind::Path,
     .value_name = "FILE",
     .help = "Write an HTML page with charts that needs no network."},
    {.name = "junit",
     .kind = Kind::Path,
     .value_name = "FILE",
     .help = "Write the expectations as a JUnit file, for CI."},
    {.name = "sweep",
     .kind = Kind::Text,
     .value_name = "NAME=VALUES",
     .help = "Run once for each value, as in site.soc_pct=20,50,80 or seed=1..100; given more "
             "than once, for each combination.",
     .repeatable = true},
    {.name = "jobs",
     .kind = Kind::Integer,
     .value_name = "N",
     .help = "Run so many of a sweep at the same time.",
     .default_value = "1",
     .min = 1,
     .max = 256},
    {.name = "shard",
     .kind = Kind::Text,
     .value_name = "I/N",
     .help = "Run only this part of a sweep; the files of all parts one behind the other are those "
             "of the whole."},
    {.name = "list", .help = "List the scenarios that are shipped."},
};
inline constexpr Positional kSimulateArguments[] = {
    {.name = "WHAT",
     .kind = Kind::Scenario,
     .help = "A shipped scenario, a scenario's file, site: and a family for its usual site, or a "
             "family for a single device."},
};
inline constexpr Example kSimulateExamples[] = {
    {"simulate cold-morning --report cold.html",
     "Play a shipped scenario and look at its course in a browser."},
    {"simulate site:ep760 --for 30d --fault pv_lost:left=0@3d",
     "Play the usual site of a family for a month, its panels disconnected from the fourth day "
     "on."},
    {"simulate weco_smart --serve pty:/tmp/tower --for 60s",
     "Serve a tower on a pseudo-terminal for a minute; 'weco status serial:/tmp/tower' reads it."},
    {"simulate peak-shaving-week --sweep seed=1..100 --jobs 2 --telemetry all.csv",
     "Play a week with a hundred different sets of cells and clouds, two at a time."},
    {"simulate site:weco_smart --console pty:/tmp/console --speed 3600 --for 7d",
     "Let a tower fill its journal, an hour a second; 'weco log-dump serial:/tmp/console' reads "
     "it."},
    {"simulate eastron_sdm630 --serve tcp:127.0.0.1:5020", "Serve a meter over Modbus TCP."},
    {"simulate weco_smart --serve can:vcan0 --serve tcp:127.0.0.1:5020",
     "Be a tower with a CAN bus and a Modbus port; 'weco status can:vcan0' reads its battery."},
    {"simulate --from site.ndjson --serve tcp:127.0.0.1:5020",
     "Let other programs ask a device as 'weco status --record site.ndjson' recorded it."},
    {"simulate bluetti_ep760 --serve ble:hci0",
     "Let this machine's Bluetooth be an EP760; 'weco scan ble:' on another finds it."},
};

inline constexpr Command kSimulate = {
    .name = "simulate",
    .summary = "Play a scenario of a whole site, or serve a simulated device",
    .text =
        "With a scenario: simulates the site that it describes, with its cells, battery and energy "
        "management, does what it says at the times it says, and judges what it promises. The "
        "same scenario, seed and version give the same bytes of telemetry, whatever the speed and "
        "the number of jobs.\n\n"
        "The exit code says whether the promises held: 0 when they did, 5 when one did not. "
        "A failed one is printed with its time, the values seen and the command that repeats the "
        "run. A mistake in a scenario's file is said with its line and nothing is started; what "
        "such "
        "a file may say is in weco-scenario(5).\n\n"
        "site:weco_smart, site:saj_cm2 and site:ep760 stand for the usual sites of these families: "
        "a house with one tower, one cabinet, a house with two packs.\n\n"
        "With a family: runs a virtual device of the family and serves it with the family's own "
        "protocol, so that this program or any other client can talk to it as to the real one.\n\n"
        "With --from: exit code 5 says that somebody asked what was not recorded.",
    .options = kSimulateOptions,
    .positionals = kSimulateArguments,
    .examples = kSimulateExamples,
    .exits = kSimulateExits,
    .handler = run_simulate,
    .records = true};

}  // namespace weco::cli::table
