// SPDX-License-Identifier: Apache-2.0
// The row of `weco calibrate-soc`.
#pragma once

#include "cli/command.hpp"

namespace weco::cli {

Outcome<ExitCode> run_calibrate_soc(const Args& args, Context& context);

/// Where it is written down how far one came, unless somebody says otherwise.
inline constexpr std::string_view kCalibrationJournal = "weco-calibration.log";

namespace table {

inline constexpr Option kCalibrateOptions[] = {
    {.name = "family",
     .kind = Kind::Family,
     .value_name = "FAMILY",
     .help = "The device is of this family; without it, as configured."},
    {.name = "unit",
     .kind = Kind::Integer,
     .value_name = "ADDRESS",
     .help = "The device's address on the line.",
     .min = 0,
     .max = 255},
    {.name = "plan",
     .help = "Say how long it takes, how much energy each way and what it costs, and end."},
    {.name = "set",
     .help = "Write the settings into the device instead of asking a person for them, and put them "
             "back at the end."},
    {.name = "tariff",
     .kind = Kind::Path,
     .value_name = "FILE",
     .help = "Reckon the cost with this tariff, if it begins now."},
    {.name = "journal",
     .kind = Kind::Path,
     .value_name = "FILE",
     .help = "Write down here how far it came.",
     .default_value = kCalibrationJournal},
    {.name = "resume", .help = "Go on where the journal says that a run was cut."},
    {.name = "yes", .letter = 'y', .help = "Begin without asking."},
    {.name = "interval",
     .kind = Kind::Duration,
     .value_name = "TIME",
     .help = "Time from one reading to the next.",
     .default_value = "10s",
     .min = 100,
     .max = 30000},
};
inline constexpr Positional kCalibrateArguments[] = {
    {.name = "DEVICE",
     .kind = Kind::Endpoint,
     .help = "An endpoint or the name of a configured device.",
     .required = true},
};
inline constexpr Example kCalibrateExamples[] = {
    {"calibrate-soc serial:/dev/ttyUSB0 --family weco_smart --plan --tariff home.lua",
     "Say beforehand what it takes."},
    {"calibrate-soc cellar", "Guide through it, with a question first."},
    {"calibrate-soc cellar --set", "Set what is needed, and put it back at the end."},
    {"calibrate-soc cellar --resume", "Go on after Ctrl-C, a lost link or a power cut."},
};
inline constexpr ExitCode kCalibrateExits[] = {ExitCode::NoAnswer, ExitCode::RefusedByGuard,
                                               ExitCode::Warning, ExitCode::Interrupted};

inline constexpr Command kCalibrateSoc = {
    .name = "calibrate-soc",
    .summary = "Guide a battery through what makes its state of charge true",
    .text =
        "A state of charge drifts and is set right by reaching 100 %; 99 % is not enough (WS-13). "
        "WeCo SMART needs one full charge, BLUETTI EP760 two whole charge and discharge cycles "
        "with rests (EP-15), SAJ CM2 a full charge of one cabinet after the other. This says what "
        "to set in the vendor's app, watches every pack on the "
        "way, says when something else is to be set, and says stop when a limit is broken: locks, "
        "alarms, deep discharge, cell voltages, temperatures, and the current that the temperature "
        "allows (WS-11, WS-17 to WS-19, EP-04). It sets nothing in the device itself: what was set "
        "in the app stays set until you change it back.\n\n"
        "With --set, where the map of the family is open, it writes these settings itself: it "
        "shows each as it is and as it would be, asks once, and puts all of them back at every "
        "end, after a lost link as soon as it is back. What it cannot put back it names, with the "
        "'weco undo' that does.\n\n"
        "A charge counts when every pack has reached 100 % and stayed there for 30 minutes, while "
        "cells are balanced, and the band of its error, where the device publishes one, is not "
        "wider than before. Packs of an EP760 hang on one bus: the first full one ends the charge "
        "for all. A string whose highest cell is full while its lowest is not can take no more "
        "than its balancing makes room for: it is waited for up to 48 hours. Two charges in a row "
        "without 100 % end with the advice to open a service case (WS-61); where cabinets go in "
        "turn the others still have theirs.\n\n"
        "Ends with 0 when calibrated, 6 when refused or stopped at a limit, 10 when a service case "
        "is due or cells are too cold to tell, 3 when the device is heard no more and 130 after "
        "Ctrl-C; the last two can be resumed.",
    .options = kCalibrateOptions,
    .positionals = kCalibrateArguments,
    .examples = kCalibrateExamples,
    .exits = kCalibrateExits,
    .handler = run_calibrate_soc,
    .records = true};

}  // namespace table
}  // namespace weco::cli
