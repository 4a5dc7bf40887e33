// SPDX-License-Identifier: Apache-2.0
#include "host/settings/ledger.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "host/evidence/file.hpp"
#include "host/proof/canonical.hpp"
#include "host/settings/text.hpp"
#include "host/text/utc.hpp"

namespace weco::settings {
namespace {

namespace fs = std::filesystem;
using proof::Json;

constexpr std::string_view kSchema = "weco.changes/1";
constexpr std::string_view kEnding = ".ndjson";
constexpr int kRunsASecondMax = 100;

std::string line_of(const Json& value) { return proof::canonical(value) + "\n"; }

/// "20261126T180500Z": a name that needs no quotes anywhere.
std::string run_name(std::int64_t wall_seconds, int attempt) {
  std::string name = utc_text(wall_seconds);
  std::erase_if(name, [](char c) { return c == '-' || c == ':'; });
  return attempt == 1 ? name : fmt::format("{}-{}", name, attempt);
}

Unexpected<Failure> no_ledger(int error, const std::string& path) {
  auto failed = file_failure(error, path, "the record of changes cannot be kept");
  failed.error.hint = "Nothing was changed. Make room or give rights there, then run it again.";
  return failed;
}

std::string path_of(const std::string& folder, std::string_view run) {
  if (run.find('/') != std::string_view::npos || run.ends_with(kEnding)) return std::string(run);
  return folder + "/" + std::string(run) + std::string(kEnding);
}

std::string newest_run(const std::string& folder) {
  std::string newest;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == kEnding)
      newest = std::max(newest, entry.path().stem().string());
  }
  return newest;
}

Unexpected<Failure> bad_line(const std::string& path, std::size_t line) {
  return failure(ErrorCode::BadInput, "this is no line of a record of changes",
                 fmt::format("{}:{}", path, line), "Name a run that 'weco run' has printed.");
}

/// What the device did not have stays null.
Json value_of(const Reading& reading) {
  return reading.quality == Quality::NotImplemented ? Json() : Json(setting_text(reading));
}

Outcome<Reading> reading_of(const PointRef& ref, const Json& line, std::string_view key) {
  const auto at = line.find(key);
  if (at == line.end() || !at->is_null()) return setting_from_text(ref, proof::text_of(line, key));
  Reading unset = bits_reading(ref, info(ref.id).kind, 0, {});
  unset.quality = Quality::NotImplemented;
  return unset;
}

Outcome<Change> change_of(const Json& line) {
  const auto ref = parse_point_ref(proof::text_of(line, "point"));
  if (!ref) return failure(ErrorCode::BadInput, "no point");
  auto before = reading_of(*ref, line, "before");
  auto after = reading_of(*ref, line, "after");
  if (!before) return Unexpected{std::move(before).error()};
  if (!after) return Unexpected{std::move(after).error()};
  return Change{*ref, *before, *after};
}

/// False when the line is none of ours.
bool take_line(const Json& line, RecordedRun& run) {
  const std::string kind = proof::text_of(line, "kind");
  if (kind == "begun") {
    run.run = proof::text_of(line, "run");
    run.endpoint = proof::text_of(line, "device");
    run.family = proof::text_of(line, "family");
    run.serial = proof::text_of(line, "serial");
    run.by = proof::text_of(line, "by");
    run.unit = static_cast<std::uint8_t>(proof::whole_of(line, "unit"));
    run.at = proof::whole_of(line, "at");
    return proof::text_of(line, "schema") == kSchema;
  }
  if (run.run.empty()) return false;
  if (kind != "intended") return kind == "written" || kind == "failed" || kind == "finished";
  const auto change = change_of(line);
  if (change) run.changes.push_back(*change);
  return change.has_value();
}

}  // namespace

Ledger::Ledger(std::string run, std::string path, int fd)
    : run_(std::move(run)), path_(std::move(path)), fd_(fd) {}
Ledger::Ledger(Ledger&& other) noexcept
    : run_(std::move(other.run_)),
      path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)) {}
Ledger::~Ledger() {
  if (fd_ >= 0) ::close(fd_);
}

Outcome<Ledger> Ledger::begin(const std::string& folder, const Plan& plan, std::string_view by,
                              std::int64_t wall_seconds) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return no_ledger(error.value(), folder);
  for (int attempt = 1; attempt <= kRunsASecondMax; ++attempt) {
    const std::string run = run_name(wall_seconds, attempt);
    const std::string path = path_of(folder, run);
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644);
    if (fd < 0 && errno == EEXIST) continue;
    if (fd < 0) return no_ledger(errno, path);
    Ledger ledger(run, path, fd);
    const Json first = {{"kind", "begun"},
                        {"schema", kSchema},
                        {"run", run},
                        {"device", plan.endpoint},
                        {"by", by},
                        {"at", wall_seconds},
                        {"family", plan.family},
                        {"unit", plan.unit},
                        {"serial", plan.serial},
                        {"time", utc_text(wall_seconds)}};
    if (Done done = ledger.append(line_of(first)); !done) return Unexpected{done.error()};
    return ledger;
  }
  return no_ledger(EEXIST, folder);
}

Done Ledger::append(const std::string& line) {
  return append_line(fd_, line, path_, "the record of changes cannot be kept");
}

Done Ledger::intend(const Change& change) {
  return append(line_of({{"kind", "intended"},
                         {"point", to_text(change.point)},
                         {"before", value_of(change.before)},
                         {"after", value_of(change.after)}}));
}

Done Ledger::written(const Change& change, const Reading& found) {
  return append(
      line_of({{"kind", "written"}, {"point", to_text(change.point)}, {"found", value_of(found)}}));
}

Done Ledger::failed(const Change& change, const Failure& why) {
  return append(line_of({{"kind", "failed"}, {"point", to_text(change.point)}, {"why", why.what}}));
}

Done Ledger::finish() { return append(line_of({{"kind", "finished"}})); }

Outcome<RecordedRun> read_ledger(const std::string& folder, std::string_view run) {
  const std::string path = path_of(folder, run);
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    const std::string newest = newest_run(folder);
    return failure(ErrorCode::NotFound, "there is no record of a run of that name", path,
                   newest.empty() ? "No run has changed a setting from here yet."
                                  : "The newest is " + newest + ".");
  }
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  RecordedRun recorded;
  std::size_t number = 1;
  for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos;
       at = end + 1, ++number) {
    const auto line = proof::parse_json(std::string_view(text).substr(at, end - at), path);
    if (!line || !line->is_object() || !take_line(*line, recorded)) return bad_line(path, number);
  }
  if (recorded.run.empty()) return bad_line(path, 1);
  return recorded;
}

Outcome<WayBack> way_back(const RecordedRun& run, const DeviceReport& now) {
  const std::string serial = now.snapshot.identity(point("serial_number"));
  if (serial != run.serial) {
    return failure(ErrorCode::VerificationDiffers,
                   fmt::format("this is device '{}', the run changed '{}'", serial, run.serial),
                   now.endpoint, "Connect the device that was changed.");
  }
  WayBack back;
  for (auto change = run.changes.rbegin(); change != run.changes.rend(); ++change) {
    const Reading* reading = now.snapshot.get(change->point);
    if (reading != nullptr && same_setting(*reading, change->before)) continue;
    if (reading == nullptr || !same_setting(*reading, change->after)) {
      return failure(ErrorCode::VerificationDiffers,
                     fmt::format("{} is {} now, the run left {}", to_text(change->point),
                                 reading == nullptr ? "not told" : setting_text(*reading),
                                 setting_text(change->after)),
                     now.endpoint, "Somebody changed it since; look at it before you go on.");
    }
    if (change->before.quality == Quality::NotImplemented) {
      back.stay.push_back(change->point);
    } else {
      back.wanted.push_back(change->before);
    }
  }
  return back;
}

}  // namespace weco::settings
