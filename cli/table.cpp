// SPDX-License-Identifier: Apache-2.0
#include "cli/table.hpp"

#include <iterator>

#include "cli/table/calibrate_soc.hpp"
#include "cli/table/checklist.hpp"
#include "cli/table/flash.hpp"
#include "cli/table/key.hpp"
#include "cli/table/log_dump.hpp"
#include "cli/table/repl.hpp"
#include "cli/table/run.hpp"
#include "cli/table/script.hpp"
#include "cli/table/simulate.hpp"
#include "cli/table/undo.hpp"

namespace weco::cli {
namespace {

constexpr std::string_view kColors[] = {"auto", "always", "never"};
constexpr std::string_view kProgress[] = {"auto", "json", "never"};
constexpr std::string_view kShells[] = {"bash", "zsh", "fish"};
constexpr std::string_view kOutputs[] = {"man", "completions", "reference", "schema",
                                         "lua-reference"};
constexpr std::string_view kParities[] = {"none", "even", "odd"};
constexpr std::string_view kProtocols[] = {"modbus", "pylontech", "canbms"};

constexpr ExitCode kStatusExits[] = {ExitCode::NoAnswer, ExitCode::RefusedByDevice,
                                     ExitCode::Warning, ExitCode::Alarm};
constexpr ExitCode kScanExits[] = {ExitCode::NoAnswer};

constexpr Option kGlobal[] = {
    {.name = "json",
     .help = "Write results to stdout as JSON and nothing else, failures included."},
    {.name = "color",
     .kind = Kind::Choice,
     .value_name = "WHEN",
     .help = "When to use colour; auto means on a terminal unless NO_COLOR is set.",
     .default_value = "auto",
     .choices = kColors},
    {.name = "progress",
     .kind = Kind::Choice,
     .value_name = "HOW",
     .help = "Show progress as a bar on a terminal (auto), as JSON lines on stderr, or never.",
     .default_value = "auto",
     .choices = kProgress},
    {.name = "quiet", .letter = 'q', .help = "Print results, warnings and failures only."},
    {.name = "verbose",
     .letter = 'v',
     .kind = Kind::Count,
     .help = "Explain decisions; given twice, show the traffic on the wire too."},
    {.name = "config",
     .kind = Kind::Path,
     .value_name = "FILE",
     .help = "Read named devices from this file instead of the user's own; see weco-config(5)."},
    {.name = "record",
     .kind = Kind::Path,
     .value_name = "FILE",
     .help = "Record traffic, readings and decisions of a command that reads devices; replay:FILE "
             "reads them again. With a name that ends with .pcapng, Wireshark opens it, too."},
    {.name = "version", .help = "Print the version and exit."},
    {.name = "help", .letter = 'h', .help = "Print help and exit."},
};

constexpr Option kScanOptions[] = {
    {.name = "family",
     .kind = Kind::Family,
     .value_name = "FAMILY",
     .help = "Look for this family only.",
     .repeatable = true},
    {.name = "protocol",
     .kind = Kind::Choice,
     .value_name = "PROTOCOL",
     .help = "Probe with this protocol only.",
     .choices = kProtocols,
     .repeatable = true},
    {.name = "speed",
     .kind = Kind::Integer,
     .value_name = "BITS",
     .help = "Try this line speed in bit/s only.",
     .min = 300,
     .max = 4000000,
     .repeatable = true},
    {.name = "parity",
     .kind = Kind::Choice,
     .value_name = "PARITY",
     .help = "Try this parity only.",
     .choices = kParities,
     .repeatable = true},
    {.name = "addresses",
     .kind = Kind::Ranges,
     .value_name = "LIST",
     .help = "Try these addresses only, such as 1-16,247.",
     .min = 0,
     .max = 255},
    {.name = "all",
     .letter = 'a',
     .help = "Go on after the first speed at which a device answers."},
    {.name = "listen",
     .kind = Kind::Duration,
     .value_name = "TIME",
     .help = "Listen so long before the first probe of a line.",
     .default_value = "2s",
     .min = 0,
     .max = 600000},
    {.name = "timeout",
     .kind = Kind::Duration,
     .value_name = "TIME",
     .help = "Wait so long for the answer to a probe; without it, as the protocol demands.",
     .min = 1,
     .max = 60000},
};
constexpr Positional kScanArguments[] = {
    {.name = "ENDPOINT",
     .kind = Kind::Endpoint,
     .help = "Where to look; without any, every serial port present and every configured device.",
     .repeatable = true},
};
constexpr Example kScanExamples[] = {
    {"scan", "Look on every serial port of this machine."},
    {"scan serial:/dev/ttyUSB0 --speed 9600 --addresses 1-4", "Look where the label says."},
    {"scan slcan:/dev/ttyACM0?bitrate=500k tcp:192.0.2.5:502 --json",
     "Look on a CAN adapter and a gateway at once, for a script."},
    {"scan tcp:192.168.1.0/24",
     "Ask every address of a network for a Modbus TCP server, 50 a second, and then what it is."},
};

constexpr Option kStatusOptions[] = {
    {.name = "family",
     .kind = Kind::Family,
     .value_name = "FAMILY",
     .help = "The device is of this family; without it, find out."},
    {.name = "unit",
     .kind = Kind::Integer,
     .value_name = "ADDRESS",
     .help = "The device's address on the line.",
     .min = 0,
     .max = 255},
    {.name = "point",
     .kind = Kind::Point,
     .value_name = "POINT",
     .help = "Show this value only.",
     .repeatable = true},
    {.name = "all", .letter = 'a', .help = "Show every value and every cell."},
    {.name = "past",
     .help =
         "Show only what tells of the past: faults, alarms, fault records and counters; with --all "
         "the cells, too."},
    {.name = "watch",
     .letter = 'w',
     .help = "Read again and again: a live view, or with --json one object a line. What "
             "fails for a while is told, and the watch goes on; over Bluetooth it ends."},
    {.name = "interval",
     .kind = Kind::Duration,
     .value_name = "TIME",
     .help = "Time from one reading to the next with --watch.",
     .default_value = "2s",
     .min = 100,
     .max = 86400000},
    {.name = "count",
     .kind = Kind::Integer,
     .value_name = "N",
     .help = "End after so many readings with --watch.",
     .min = 1,
     .max = 1000000000},
    {.name = "timeout",
     .kind = Kind::Duration,
     .value_name = "TIME",
     .help = "Give up when the device has not answered after this time.",
     .default_value = "10s",
     .min = 100,
     .max = 3600000},
};
constexpr Positional kDevice[] = {
    {.name = "DEVICE",
     .kind = Kind::Endpoint,
     .help = "A configured name or an endpoint such as serial:/dev/ttyUSB0?baud=9600.",
     .required = true},
};
constexpr Example kStatusExamples[] = {
    {"status serial:/dev/ttyUSB0", "Show the device on a serial adapter."},
    {"status roof --watch", "Watch the device configured as 'roof'."},
    {"status replay:capture.log --json", "Decode recorded traffic for a script."},
};

constexpr Positional kFamily[] = {
    {.name = "FAMILY", .kind = Kind::Family, .help = "A device family.", .required = true}};
constexpr Positional kProfileFile[] = {{.name = "FILE",
                                        .kind = Kind::Path,
                                        .help = "The profile to check.",
                                        .required = true,
                                        .repeatable = true}};
constexpr Positional kFault[] = {{.name = "CODE",
                                  .kind = Kind::FaultCode,
                                  .help = "The code as the device shows it.",
                                  .required = true}};
constexpr Positional kPort[] = {{.name = "PORT",
                                 .kind = Kind::Port,
                                 .help = "The connector as printed on the device, after the "
                                         "family if it should be looked for in one only; a "
                                         "family alone prints all its connectors.",
                                 .required = true,
                                 .repeatable = true}};
constexpr Option kOfFamily[] = {{.name = "family",
                                 .kind = Kind::Family,
                                 .value_name = "FAMILY",
                                 .help = "Look in this family only."}};
constexpr Example kFaultExamples[] = {
    {"devices fault F013", "Say what F013 means and what to do."}};
constexpr Example kPortExamples[] = {
    {"devices port BAT1", "Print the pins of the BAT1 connector."},
    {"devices port saj_cm2_ems DRM", "Print the demand response port of a CM2's EMS."}};
constexpr Example kCheckExamples[] = {
    {"devices check my/profile.lua", "Check a profile before it is used."}};
constexpr Example kShowExamples[] = {
    {"devices show weco_smart", "Print what is known about the family, row by row."}};

constexpr Command kDevicesCommands[] = {
    {.name = "list",
     .summary = "List the device families and the configured devices",
     .text = "Prints every family this program knows with where its knowledge comes from (vendor: "
             "published by the vendor; community: found out by others, read only; open: our own "
             "map, spoken by our own firmware), and the devices named in the configuration.",
     .handler = run_devices_list},
    {.name = "show",
     .summary = "Show what is known about a family",
     .text = "Prints the family's protocols and every value it has, with unit, access and how sure "
             "the map is.",
     .positionals = kFamily,
     .examples = kShowExamples,
     .handler = run_devices_show},
    {.name = "check",
     .summary = "Check a device profile for mistakes",
     .text = "Reads the profile as the program itself would and names file, line and row of what "
             "is wrong and what is allowed there. Nothing is sent to any device.",
     .positionals = kProfileFile,
     .examples = kCheckExamples,
     .handler = run_devices_check},
    {.name = "fault",
     .summary = "Explain a fault code",
     .text = "Prints the name of the fault and the steps its manual gives. A code that is not in "
             "any family's list is said to be unknown.",
     .options = kOfFamily,
     .positionals = kFault,
     .examples = kFaultExamples,
     .handler = run_devices_fault},
    {.name = "port",
     .summary = "Print the pins of a connector",
     .text = "Prints which signal is on which pin, as the family's manual says.",
     .options = kOfFamily,
     .positionals = kPort,
     .examples = kPortExamples,
     .handler = run_devices_port},
};

constexpr Positional kHelpArguments[] = {{.name = "COMMAND",
                                          .kind = Kind::Command,
                                          .help = "The command to explain, such as devices show.",
                                          .repeatable = true}};
constexpr Positional kShell[] = {{.name = "SHELL",
                                  .kind = Kind::Choice,
                                  .help = "Which shell.",
                                  .required = true,
                                  .choices = kShells}};
constexpr Example kCompletionExamples[] = {
    {"completion bash > ~/.local/share/bash-completion/completions/weco",
     "Switch completion on for bash."},
    {"completion fish > ~/.config/fish/completions/weco.fish", "Switch completion on for fish."},
};
constexpr Positional kWords[] = {{.name = "WORD",
                                  .kind = Kind::Text,
                                  .help = "The words of the command line so far.",
                                  .repeatable = true}};
constexpr Command kCompletionCommands[] = {
    {.name = "words",
     .summary = "Offer words for the command line so far",
     .text = "Called by the completion scripts: a word and its explanation a line, divided by a "
             "tab; ':files' or ':directories' when the shell should offer those.",
     .positionals = kWords,
     .handler = run_completion_words,
     .hidden = true},
};
constexpr Positional kGenerateArguments[] = {
    {.name = "WHAT",
     .kind = Kind::Choice,
     .help = "Which files to write.",
     .required = true,
     .choices = kOutputs},
    {.name = "DIRECTORY",
     .kind = Kind::Directory,
     .help = "Where to write them; existing files of the same name are replaced.",
     .required = true},
};

constexpr Command kCommands[] = {
    {.name = "scan",
     .summary = "Find batteries, inverters and meters and say what is wrong with the bus",
     .text =
         "Looks on all endpoints at once, with harmless reads only, and listens before it talks: "
         "where another master is heard, nothing is sent. Prints a tree of what was found, "
         "ordered by serial number, and below it the findings about each line (wrong speed, "
         "swapped wires, duplicate address, second master, echo, silence) with what to change.",
     .options = kScanOptions,
     .positionals = kScanArguments,
     .examples = kScanExamples,
     .exits = kScanExits,
     .handler = run_scan,
     .records = true},
    {.name = "status",
     .summary = "Show the state of a device from site to cell",
     .text = "Reads the device and prints its values, the limits in force with the rule that sets "
             "them, and its faults. Nothing is written to the device.\n\n"
             "The exit code says how the device is: 0 well, 10 a warning, 11 an alarm, 3 no "
             "answer.",
     .options = kStatusOptions,
     .positionals = kDevice,
     .examples = kStatusExamples,
     .exits = kStatusExits,
     .handler = run_status,
     .records = true},
    table::kFlash,
    table::kLogDump,
    table::kCalibrateSoc,
    table::kChecklist,
    table::kKey,
    table::kSimulate,
    table::kRun,
    table::kUndo,
    table::kRepl,
    table::kScript,
    {.name = "devices",
     .summary = "Show what is known about device families",
     .text = "Answers from the profiles built into this program; no device is needed.",
     .children = kDevicesCommands,
     .children_count = std::size(kDevicesCommands)},
    {.name = "help",
     .summary = "Explain a command",
     .text = "Without a command, lists all of them.",
     .positionals = kHelpArguments,
     .handler = run_help},
    {.name = "completion",
     .summary = "Print the completion script of a shell",
     .text = "The script asks this program for the words to offer, so that configured devices and "
             "the serial ports present are offered too.",
     .positionals = kShell,
     .examples = kCompletionExamples,
     .handler = run_completion,
     .children = kCompletionCommands,
     .children_count = std::size(kCompletionCommands)},
    {.name = "generate",
     .summary = "Write man pages, completions, the references or the JSON schemas",
     .text = "For packagers and maintainers.",
     .positionals = kGenerateArguments,
     .handler = run_generate,
     .hidden = true},
};

}  // namespace

std::span<const Option> global_options() { return kGlobal; }
std::span<const Command> commands() { return kCommands; }

const Command* find_command(std::string_view path) {
  std::span<const Command> level = kCommands;
  const Command* found = nullptr;
  while (!path.empty()) {
    const std::size_t space = path.find(' ');
    const std::string_view word = path.substr(0, space);
    path = space == std::string_view::npos ? std::string_view{} : path.substr(space + 1);
    found = nullptr;
    for (const Command& command : level) {
      if (command.name == word) found = &command;
    }
    if (found == nullptr) return nullptr;
    level = found->subcommands();
  }
  return found;
}

}  // namespace weco::cli
