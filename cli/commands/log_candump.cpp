// SPDX-License-Identifier: Apache-2.0
// `weco log-dump replay:FILE --format candump`: the CAN frames of any recording in the lines that
// can-utils and most other tools read.
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "cli/args.hpp"
#include "cli/context.hpp"
#include "cli/out_file.hpp"
#include "cli/render/text.hpp"
#include "cli/table/log_dump.hpp"
#include "cli/target.hpp"
#include "core/base/fixed.hpp"
#include "core/protocol/can/candump.hpp"
#include "transports/replay/recording.hpp"

namespace weco::cli {
namespace {

constexpr std::size_t kBufferMax = 64 * 1024;
constexpr std::size_t kInterfaceMax = 15;  // what Linux allows

/// "can0" of "can:can0", "ttyACM0" of "slcan:/dev/ttyACM0?bitrate=500000".
std::string interface_of(std::string_view link) {
  link = link.substr(0, link.find('?'));
  link = link.substr(link.find_last_of(":/") + 1);
  std::string name;
  for (const char c : link.substr(0, kInterfaceMax)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    name += plain || c == '.' || c == '-' ? c : '_';
  }
  return name;
}

Done check(const Args& args, const Context& context, const Place& place) {
  if (place.endpoint.scheme != Scheme::Replay) {
    return failure(ErrorCode::BadUsage, "a journal has records and no CAN frames", "--format",
                   "Say --format csv, or name a recording: replay:FILE.");
  }
  for (const char* option : {"resume", "follow", "from", "since", "until"}) {
    if (!args.given(option)) continue;
    return failure(ErrorCode::BadUsage, "a recording is written as a whole",
                   "--" + std::string(option));
  }
  if (!context.output.json()) return {};
  return failure(ErrorCode::BadUsage, "candump's lines are no JSON", "--json",
                 "'weco status replay:FILE --json' decodes a recording.");
}

Done write(const transports::Recording& recording, Output& output, OutFile* file) {
  std::string lines;
  const auto flush = [&]() -> Done {
    Done done;
    if (file != nullptr) {
      done = file->write(lines);
    } else {
      output.result(lines);
    }
    lines.clear();
    return done;
  };
  for (const transports::RecordedItem& item : recording.items) {
    if (!item.frame) continue;
    candump::Record record;
    record.frame = *item.frame;
    record.frame.at = Instant{} + item.at;
    record.interface = FixedString<16>(interface_of(item.link));
    record.has_time = true;
    lines += candump::format_log(record).view();
    lines += '\n';
    if (lines.size() < kBufferMax) continue;
    if (Done done = flush(); !done) return done;
  }
  return flush();
}

}  // namespace

Outcome<ExitCode> run_log_candump(const Args& args, Context& context) {
  const auto place = resolve_place(context, args.text("DEVICE"));
  if (!place) return Unexpected{place.error()};
  if (Done done = check(args, context, *place); !done) return Unexpected{std::move(done).error()};
  const auto recording = transports::load_recording(place->endpoint.place);
  if (!recording) return Unexpected{recording.error()};
  if (!recording->has_frames()) {
    return failure(ErrorCode::NotFound, "the recording has no CAN frames", recording->path);
  }
  std::unique_ptr<OutFile> file;
  if (args.given("output")) {
    auto opened = OutFile::open(std::string(args.text("output")), "--output");
    if (!opened) return Unexpected{std::move(opened).error()};
    file = std::move(*opened);
  }
  if (Done done = write(*recording, context.output, file.get()); !done) {
    return Unexpected{std::move(done).error()};
  }
  if (!recording->timed) context.output.note("The recording has no times: all of them are 0.");
  if (recording->torn) context.output.note("The last line is cut off; it was left out.");
  return ExitCode::Done;
}

}  // namespace weco::cli
