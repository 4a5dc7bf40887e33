// SPDX-License-Identifier: Apache-2.0
// `weco log-dump`: a device's journal, line by line, to a person, a file or a program. A dump that
// was cut goes on behind its last whole line and ends in the same bytes.
#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "cli/args.hpp"
#include "cli/context.hpp"
#include "cli/log_source.hpp"
#include "cli/log_table.hpp"
#include "cli/out_file.hpp"
#include "cli/render/json.hpp"
#include "cli/render/log_report.hpp"
#include "cli/render/logbook.hpp"
#include "cli/table/log_dump.hpp"
#include "cli/version.hpp"
#include "host/logbook/reader.hpp"
#include "host/records/calendar.hpp"

namespace weco::cli {
namespace {

constexpr Duration kFollowPause = Duration::s(2);
constexpr std::size_t kBufferMax = 64 * 1024;  // of lines before they are written
constexpr std::uint64_t kTailMax = 64 * 1024;  // of a file; no line is nearly as long

/// Where a dump begins: behind what a file already has.
struct Start {
  std::uint32_t from = 0;
  proof::Hash chain{};
  bool goes_on = false;               // its file has a heading and lines
  std::uint64_t whole = 0;            // bytes of them; behind it is what was not written to its end
  std::unique_ptr<LogTable> table{};  // which it goes on with
};

struct Wanted {
  LogForm form = LogForm::Table;
  bool html = false;    // one report instead of lines
  bool sqlite = false;  // rows of a table instead of lines
  std::optional<std::int64_t> since;
  std::optional<std::int64_t> until;
};

Outcome<std::optional<std::int64_t>> time_of(const Args& args, std::string_view option) {
  if (!args.given(option)) return std::optional<std::int64_t>();
  const auto time = records::parse_utc(args.text(option));
  if (time) return std::optional<std::int64_t>(*time);
  return failure(ErrorCode::BadUsage, quoted(args.text(option)) + " is no time",
                 "--" + std::string(option), "Write 2026-11-01 or 2026-11-01T06:00:00Z.");
}

Outcome<Wanted> wanted_by(const Args& args, const Context& context) {
  Wanted wanted;
  const std::string_view path = args.text("output");
  std::string_view form = args.text("format");
  if (!args.given("format") && path.ends_with(".csv")) form = "csv";
  if (!args.given("format") && path.ends_with(".ndjson")) form = "ndjson";
  if (!args.given("format") && path.ends_with(".html")) form = "html";
  if (!args.given("format") && path.ends_with(".sqlite")) form = "sqlite";
  wanted.html = form == "html";
  wanted.sqlite = form == "sqlite";
  if (wanted.sqlite && path.empty()) {
    return failure(ErrorCode::BadUsage, "a database is a file of its own", "--format",
                   "Name it with --output.");
  }
  if (form == "csv") wanted.form = LogForm::Csv;
  if (form == "ndjson") wanted.form = LogForm::Ndjson;
  const auto since = time_of(args, "since"), until = time_of(args, "until");
  if (!since) return Unexpected{since.error()};
  if (!until) return Unexpected{until.error()};
  wanted.since = *since;
  wanted.until = *until;
  if (context.output.json() && path.empty() && args.flag("follow")) {
    return failure(ErrorCode::BadUsage, "one JSON value has an end, what is followed has none",
                   "--follow", "Say --format ndjson instead of --json.");
  }
  if (wanted.html && (args.flag("follow") || args.flag("resume"))) {
    return failure(ErrorCode::BadUsage, "a report is made of a whole reading",
                   args.flag("follow") ? "--follow" : "--resume",
                   "Keep a .csv or .ndjson file for what goes on.");
  }
  if (!args.flag("resume")) return wanted;
  if (path.empty() || (wanted.form == LogForm::Table && !wanted.sqlite)) {
    return failure(ErrorCode::BadUsage, "only a .csv, .ndjson or .sqlite file can be gone on with",
                   "--resume", "Name it with --output.");
  }
  if (args.given("from")) {
    return failure(ErrorCode::BadUsage, "the file says where to begin", "--from",
                   "Leave --from or --resume away.");
  }
  return wanted;
}

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

/// The last value but `back` of a CSV line whose last values are never quoted.
std::string_view from_behind(std::string_view line, int back) {
  for (; back > 0; --back) line = line.substr(0, line.rfind(','));
  return line.substr(line.rfind(',') + 1);
}

bool start_behind_csv(std::string_view line, Start& start) {
  std::uint32_t number = 0, missing = 1;
  const std::string_view gap = from_behind(line, 2);
  const auto chain = proof::hash_of_hex(from_behind(line, 0));
  if (!chain || !read_number(line.substr(0, line.find(',')), number)) return false;
  start.chain = *chain;
  if (!gap.empty() && !read_number(gap, missing)) return false;
  start.from = number + missing;
  return true;
}

bool start_behind_ndjson(std::string_view line, Start& start) {
  const auto value = nlohmann::json::parse(line, nullptr, false);
  if (!value.is_object() || !value.contains("sequence") || !value.contains("chain") ||
      !value["sequence"].is_number_unsigned() || !value["chain"].is_string()) {
    return false;
  }
  const bool gap = value.contains("missing") && value["missing"].is_number_unsigned();
  start.from =
      value["sequence"].get<std::uint32_t>() + (gap ? value["missing"].get<std::uint32_t>() : 1U);
  const auto chain = proof::hash_of_hex(value["chain"].get_ref<const std::string&>());
  start.chain = chain.value_or(proof::Hash{});
  return chain.has_value();
}

/// The beginning of a first line of ours, which an early end cut.
bool begun_by_us(std::string_view text, LogForm form) {
  const std::string_view first = form == LogForm::Csv ? log_heading(form) : "{\"sequence\":";
  return text.starts_with(first) || first.starts_with(text);
}

Outcome<Start> start_behind_table(const std::string& path) {
  auto table = LogTable::go_on(path);
  if (!table) return Unexpected{std::move(table).error()};
  const LogTable::End& end = (*table)->end();
  return Start{.from = end.next, .chain = end.chain, .goes_on = true, .table = std::move(*table)};
}

/// Looks for the last whole line. Changes nothing.
Outcome<Start> start_behind(const std::string& path, const Wanted& wanted) {
  const LogForm form = wanted.form;
  Start start;
  std::error_code error;
  const std::uint64_t size = std::filesystem::file_size(path, error);
  if (error || size == 0) return start;  // nothing to go on with: a new file
  if (wanted.sqlite) return start_behind_table(path);
  const std::uint64_t begin = size > kTailMax ? size - kTailMax : 0;
  std::string tail(static_cast<std::size_t>(size - begin), '\0');
  std::ifstream file(path, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(begin));
  if (!file.read(tail.data(), static_cast<std::streamsize>(tail.size()))) {
    return failure(ErrorCode::IoError, quoted(std::string_view(path)) + " cannot be read",
                   "--resume");
  }
  const std::size_t end = tail.rfind('\n');
  const std::size_t whole = end == std::string::npos ? 0 : end + 1;
  if (whole == 0 && begin == 0 && begun_by_us(tail, form)) return start;
  start.whole = begin + whole;
  std::string_view line = std::string_view(tail).substr(0, whole == 0 ? 0 : whole - 1);
  line = line.substr(line.rfind('\n') + 1);
  start.goes_on = true;
  if (form == LogForm::Csv && std::string(line) + "\n" == log_heading(form)) return start;
  const bool good =
      form == LogForm::Csv ? start_behind_csv(line, start) : start_behind_ndjson(line, start);
  if (good) return start;
  return failure(ErrorCode::BadInput,
                 quoted(std::string_view(path)) + " does not end with a line of a journal",
                 "--resume", "Name the file that 'weco log-dump' wrote, or another one to begin.");
}

bool inside(const Wanted& wanted, const logbook::Entry& entry) {
  const journal::Stamp& stamp = entry.record.stamp;
  if (entry.loss != logbook::Loss::None || !stamp.wall_known) return true;
  return !(wanted.since && stamp.wall_s < *wanted.since) &&
         !(wanted.until && stamp.wall_s >= *wanted.until);
}

/// Lines on their way to a file, to stdout, or into one JSON value.
class Lines {
 public:
  Lines(Output& output, OutFile* file, LogForm form, bool whole_json)
      : output_(output),
        file_(file),
        form_(whole_json ? LogForm::Ndjson : form),
        whole_json_(whole_json) {}
  /// What is added goes into the report or the table instead, which outlives the lines.
  void report_in(LogReport& report) { report_ = &report; }
  void write_in(LogTable& table) { table_ = &table; }
  void heading() { pending_ += log_heading(form_); }
  Done add(const logbook::Entry& entry, const logbook::Texts& texts) {
    ++count_;
    if (table_ != nullptr) return table_->add(entry, texts);
    if (report_ != nullptr) {
      report_->add(entry);
      return {};
    }
    if (whole_json_ && !pending_.empty()) pending_.back() = ',';
    add_log_line(form_, entry, texts, pending_);
    return pending_.size() < kBufferMax || whole_json_ ? Done{} : flush();
  }
  Done flush() {
    if (table_ != nullptr) return table_->flush();
    if (pending_.empty() || whole_json_) return {};
    Done done;
    if (file_ != nullptr) {
      done = file_->write(pending_);
    } else {
      output_.result(pending_);
    }
    pending_.clear();
    return done;
  }
  /// The records as the elements of an array.
  [[nodiscard]] std::string_view elements() const {
    return std::string_view(pending_).substr(0, pending_.empty() ? 0 : pending_.size() - 1);
  }
  [[nodiscard]] std::uint64_t count() const { return count_; }

 private:
  Output& output_;
  OutFile* file_;
  LogForm form_;
  bool whole_json_;
  LogReport* report_ = nullptr;
  LogTable* table_ = nullptr;
  std::string pending_;
  std::uint64_t count_ = 0;
};

struct Tally {
  std::array<std::uint64_t, 4> missing{};  // by Loss
  proof::Hash chain{};
};

struct Dump {
  Context& context;
  Reactor& reactor;
  const Wanted& wanted;
  const logbook::Texts& texts;
  bool follow = false;
};

void show_progress(Dump& dump, const logbook::Reader& reader, std::uint32_t begin) {
  const std::uint32_t first = std::max(begin, reader.range().oldest);
  if (reader.position() < first) return;
  dump.context.output.progress("Reading the journal", reader.position() - first,
                               reader.range().next - first, dump.reactor.now());
}

/// Until the device has nothing newer, or for ever.
Outcome<Tally> read_out(Dump& dump, logbook::Reader& reader, const proof::Hash& chain,
                        Lines& lines) {
  Tally tally{.chain = chain};
  const std::uint32_t begin = reader.position();
  while (!dump.context.interrupted()) {
    auto entry = reader.next();
    if (!entry) {
      // what came is kept, so that --resume goes on from there
      if (Done done = lines.flush(); !done) return Unexpected{std::move(done).error()};
      return Unexpected{std::move(entry).error()};
    }
    if (!*entry) {
      if (Done done = lines.flush(); !done) return Unexpected{std::move(done).error()};
      if (!dump.follow) return tally;
      dump.context.output.end_progress();
      dump.reactor.run([&] { return dump.context.interrupted(); },
                       dump.reactor.now() + kFollowPause);
      continue;
    }
    tally.chain = (*entry)->chain;
    tally.missing[static_cast<std::size_t>((*entry)->loss)] += (*entry)->missing;
    show_progress(dump, reader, begin);
    if (!inside(dump.wanted, **entry)) continue;
    if (Done done = lines.add(**entry, dump.texts); !done) return Unexpected{done.error()};
  }
  if (Done done = lines.flush(); !done) return Unexpected{std::move(done).error()};
  return tally;
}

const std::string& device_of(const Target& target) {
  return target.name.empty() ? target.endpoint : target.name;
}

/// What was read as one page, and why it is not more.
Outcome<Tally> read_into_report(Dump& dump, logbook::Reader& reader, Lines& lines,
                                const Place& place, OutFile* file) {
  LogReport report(dump.texts);
  lines.report_in(report);
  auto tally = read_out(dump, reader, reader.chain(), lines);
  const std::string early = !tally                       ? tally.error().what
                            : dump.context.interrupted() ? "it was interrupted"
                                                         : "";
  const std::string page = report.html(device_of(place.target), reader.chain(), early);
  if (file == nullptr) {
    dump.context.output.result(page);
  } else if (Done done = file->write(page); !done) {
    return Unexpected{std::move(done).error()};
  }
  return tally;
}

std::string summary(const Lines& lines, const Tally& tally) {
  std::string text = fmt::format("{} {}", lines.count(), lines.count() == 1 ? "line" : "lines");
  for (const auto loss :
       {logbook::Loss::Overwritten, logbook::Loss::Lost, logbook::Loss::Damaged}) {
    const std::uint64_t count = tally.missing[static_cast<std::size_t>(loss)];
    if (count > 0) text += fmt::format(", {} {}", count, name(loss));
  }
  return text + ". Chain: " + proof::hex(tally.chain);
}

/// The file that lines are written to, or a table in `start`; neither for stdout.
Outcome<std::unique_ptr<OutFile>> open_output(const std::string& path, const Wanted& wanted,
                                              Start& start, const Target& target) {
  if (path.empty() || start.table != nullptr) return std::unique_ptr<OutFile>();
  if (wanted.sqlite) {
    auto table = LogTable::create(path, device_of(target), kProgram);
    if (!table) return Unexpected{std::move(table).error()};
    start.table = std::move(*table);
    return std::unique_ptr<OutFile>();
  }
  std::error_code error;
  if (start.goes_on) std::filesystem::resize_file(path, start.whole, error);
  if (error) return failure(ErrorCode::IoError, "a line cannot be taken back", "--output");
  return OutFile::open(path, "--output",
                       start.goes_on ? OutFile::From::End : OutFile::From::Beginning);
}

Outcome<logbook::Texts> texts_for(const Args& args, Context& context, const Target& target) {
  const std::string family =
      args.given("family") ? std::string(args.text("family")) : target.family;
  if (family.empty()) return logbook::Texts();
  const auto catalog = context.catalog();
  if (!catalog) return Unexpected{catalog.error()};
  const auto faults = (*catalog)->faults(family);
  if (!faults) return Unexpected{faults.error()};
  return logbook::Texts(*faults);
}

/// Nobody answers in a journal's language: most devices have none of ours.
Failure without_journal(Failure failed) {
  if (failed.code() == ErrorCode::Timeout || failed.code() == ErrorCode::Unsupported) {
    failed.hint =
        "A device without such a journal tells its faults, counters and cells with --shown.";
  }
  return failed;
}

}  // namespace

Outcome<ExitCode> run_log_dump(const Args& args, Context& context) {
  if (args.given("record") && (args.given("bundle") || args.text("format") == "candump")) {
    return failure(ErrorCode::BadUsage, "only a journal that is read alone is recorded", "--record",
                   "Leave it away, or run log-dump without --bundle and --format candump.");
  }
  if (args.given("bundle")) return run_log_bundle(args, context);
  for (const char* part : {"status", "with"}) {
    if (!args.given(part)) continue;
    return failure(ErrorCode::BadUsage, "only a bundle has room for it", fmt::format("--{}", part),
                   "Say --bundle FILE as well.");
  }
  if (args.flag("shown")) return run_log_shown(args, context);
  if (args.text("format") == "candump") return run_log_candump(args, context);
  auto wanted = wanted_by(args, context);
  if (!wanted) return Unexpected{std::move(wanted).error()};
  auto place = resolve_place(context, args.text("DEVICE"));
  if (!place) return Unexpected{std::move(place).error()};
  const auto texts = texts_for(args, context, place->target);
  if (!texts) return Unexpected{texts.error()};
  const std::string path(args.text("output"));
  Start start{.from = static_cast<std::uint32_t>(args.integer("from"))};
  if (args.flag("resume")) {
    auto found = start_behind(path, *wanted);
    if (!found) return Unexpected{std::move(found).error()};
    start = std::move(*found);
  }
  const auto reactor = context.make_reactor();
  const auto record = open_record(args, *reactor);
  if (!record) return Unexpected{record.error()};
  const auto opened = open_journal(*place, *reactor, record->get());
  if (!opened) return Unexpected{opened.error()};
  // The device is asked before a file is touched.
  logbook::Reader reader(*opened->source, start.from, start.chain);
  if (Done done = reader.look(); !done) return Unexpected{without_journal(std::move(done).error())};
  auto file = open_output(path, *wanted, start, place->target);
  if (!file) return Unexpected{std::move(file).error()};
  Output& output = context.output;
  Lines lines(output, file->get(), wanted->form, output.json() && path.empty());
  if (start.table != nullptr) lines.write_in(*start.table);
  if (!wanted->sqlite && !start.goes_on && !output.json() && !wanted->html) lines.heading();
  Dump dump{context, *reactor, *wanted, *texts, args.flag("follow")};
  const auto tally = wanted->html && !(output.json() && path.empty())
                         ? read_into_report(dump, reader, lines, *place, file->get())
                         : read_out(dump, reader, start.chain, lines);
  output.end_progress();
  if (!tally) return Unexpected{tally.error()};
  if (output.json()) {
    JsonWriter json;
    json.begin_object().field("schema", "weco.log/1").field("lines", lines.count());
    json.field("next", reader.position()).field("chain", proof::hex(tally->chain));
    std::string text = json.end_object().str();
    text.pop_back();
    output.result(text + ",\"records\":[" + std::string(lines.elements()) + "]}");
  } else {
    output.note(summary(lines, *tally));
  }
  if (context.interrupted() && !dump.follow) return ExitCode::Interrupted;
  const bool damaged = tally->missing[static_cast<std::size_t>(logbook::Loss::Damaged)] > 0;
  return damaged ? ExitCode::Warning : ExitCode::Done;
}

}  // namespace weco::cli
