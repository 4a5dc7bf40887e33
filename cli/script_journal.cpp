// SPDX-License-Identifier: Apache-2.0
#include "cli/script_journal.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>
#include <vector>

#include "host/evidence/file.hpp"
#include "host/proof/digest.hpp"
#include "host/records/keys.hpp"
#include "host/text/utc.hpp"
#include "lua/modules/json.hpp"

namespace weco::cli {
namespace {

namespace fs = std::filesystem;
using lua::Value;

constexpr std::string_view kSchema = "weco.steps/1";
constexpr std::size_t kJournalMax = std::size_t{64} << 20U;
constexpr int kNamesMax = 1000;  // of runs that began in one second

/// Members in the order of their names: the one spelling.
std::string line_of(const Value& value) {
  const auto text = lua::write_json(value);
  return text ? *text + "\n" : std::string();  // facts and results came as JSON already
}

const std::string& text_of(const Value& line, std::string_view name) {
  static const std::string kEmpty;
  const Value* member = line.get(name);
  return member == nullptr ? kEmpty : member->text;
}

Value member(const Value& line, std::string_view name) {
  const Value* found = line.get(name);
  return found == nullptr ? Value{} : *found;
}

std::string utc_text(std::int64_t seconds) {
  const std::int64_t rest = seconds % 86400;
  return fmt::format("{}T{:02}:{:02}:{:02}Z", date_text(seconds), rest / 3600, rest % 3600 / 60,
                     rest % 60);
}

/// A run that is at work holds its file; nobody takes it over.
int take(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_APPEND | O_CLOEXEC);
  if (fd < 0) return -1;
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return fd;
  ::close(fd);
  return -1;
}

constexpr std::string_view kUnwritable = "the steps of the run cannot be kept";
Unexpected<Failure> unwritable(const std::string& path) {
  return file_failure(errno, path, std::string(kUnwritable));
}

}  // namespace

struct ScriptJournal::Found {
  std::string path;
  int fd = -1;            // held
  std::size_t whole = 0;  // bytes up to the end of the last whole line
  std::string hash;
  std::string begun;
  std::map<std::string, lua::Step, std::less<>> steps;
};

ScriptJournal::ScriptJournal(std::string data_folder, const lua::ScriptText& script,
                             std::uint64_t seed)
    : folder_(data_folder.empty() ? std::string() : std::move(data_folder) + "/runs"),
      script_(script.name),
      text_(script.text),
      seed_(seed) {}

ScriptJournal::~ScriptJournal() {
  if (fd_ >= 0) ::close(fd_);
}

ScriptJournal::Finder ScriptJournal::following(Finder finder) {
  return [this, finder = std::move(finder)](std::string_view name) {
    auto module = finder(name);
    if (module && arguments_.empty()) text_ += '\0' + module->text;
    return module;
  };
}

Outcome<TornRun> ScriptJournal::begin(const Value& arguments, std::int64_t now, bool resume) {
  const auto given = lua::write_json(arguments);
  if (!given) return Unexpected{given.error()};
  arguments_ = *given;
  begun_ = now;
  auto found = newest();
  if (!found) return Unexpected{std::move(found).error()};
  if (found->fd < 0) {
    if (!resume) return TornRun{};
    return failure(ErrorCode::NotFound, "there is no torn run of this script with these arguments",
                   script_, "Run it without --resume.");
  }
  TornRun torn{found->steps.size(), found->begun};
  if (!resume) {
    ::close(found->fd);
    return torn;
  }
  fd_ = found->fd;
  path_ = found->path;
  if (found->hash != hash_) {
    return failure(ErrorCode::BadInput,
                   fmt::format("the script has changed since its run of {}", found->begun), path_,
                   "Run it from the beginning, without --resume.");
  }
  if (::ftruncate(fd_, static_cast<off_t>(found->whole)) != 0) return unwritable(path_);
  before_ = std::move(found->steps);
  return torn;
}

/// The first hash of a process takes longer than an empty script: only a run that keeps something,
/// or may find something that was kept, needs one.
void ScriptJournal::identify() {
  if (!key_.empty()) return;
  const std::string what = fmt::format("{}\n{}\n{}", script_, arguments_, seed_);
  key_ = proof::sha256_hex(what).substr(0, 32) + "-";
  hash_ = proof::sha256_hex(text_);
}

Outcome<ScriptJournal::Found> ScriptJournal::newest() {
  if (folder_.empty()) return Found{};
  std::error_code error;
  std::vector<std::string> paths;
  for (fs::directory_iterator at(folder_, error), end; !error && at != end; at.increment(error)) {
    identify();
    if (at->path().filename().string().starts_with(key_)) paths.push_back(at->path().string());
  }
  std::ranges::sort(paths, std::ranges::greater{});
  for (const std::string& path : paths) {
    const int fd = take(path);
    if (fd < 0) continue;
    auto found = read(path);
    if (!found || found->hash.empty()) ::close(fd);
    if (!found) return found;
    if (found->hash.empty()) continue;  // torn before its first line was whole
    found->fd = fd;
    return found;
  }
  return Found{};
}

Outcome<ScriptJournal::Found> ScriptJournal::read(const std::string& path) const {
  const auto text = records::read_whole(path, kJournalMax);
  if (!text) return Unexpected{text.error()};
  Found found;
  found.path = path;
  std::size_t number = 0;
  for (std::size_t at = 0, end = 0; (end = text->find('\n', at)) != std::string::npos;
       at = end + 1) {
    const auto line = lua::read_json(std::string_view(*text).substr(at, end - at));
    const bool head = ++number == 1;
    if (!line || text_of(*line, head ? "hash" : "step").empty() ||
        (head && text_of(*line, "schema") != kSchema)) {
      return failure(ErrorCode::BadInput, "this is no line of the steps of a run",
                     fmt::format("{}:{}", path, number),
                     "Move the file away and run the script from the beginning.");
    }
    found.whole = end + 1;
    if (head) {
      found.hash = text_of(*line, "hash");
      found.begun = text_of(*line, "begun");
      continue;
    }
    lua::Step step{text_of(*line, "step"), member(*line, "facts"), member(*line, "answers"),
                   member(*line, "result")};
    found.steps.insert_or_assign(step.name, std::move(step));
  }
  return found;
}

const lua::Step* ScriptJournal::before(std::string_view name) const {
  const auto at = before_.find(name);
  return at == before_.end() ? nullptr : &at->second;
}

/// Only a run that has done something has a file.
Done ScriptJournal::create() {
  identify();
  std::error_code error;
  fs::create_directories(folder_, error);
  for (int n = 0; n < kNamesMax && fd_ < 0; ++n) {
    path_ = fmt::format("{}/{}{:012}-{:03}.jsonl", folder_, key_, begun_, n);
    fd_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
    if (fd_ < 0 && errno != EEXIST) break;
  }
  if (fd_ < 0 || ::flock(fd_, LOCK_EX | LOCK_NB) != 0) return unwritable(path_);
  Value head = Value::table();
  auto arguments = lua::read_json(arguments_);
  head.set("arguments", arguments ? std::move(*arguments) : Value{});
  head.set("begun", Value::of(utc_text(begun_)));
  head.set("hash", Value::of(hash_));
  head.set("schema", Value::of(std::string(kSchema)));
  head.set("script", Value::of(script_));
  head.set("seed", Value::of(static_cast<std::int64_t>(seed_)));
  if (Done done = append(line_of(head)); !done) return done;
  const int folder = ::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool there = folder >= 0 && ::fsync(folder) == 0;
  if (folder >= 0) ::close(folder);
  if (!there) return unwritable(folder_);
  return {};
}

Done ScriptJournal::append(const std::string& line) {
  return append_line(fd_, line, path_, kUnwritable);
}

Done ScriptJournal::keep(const lua::Step& step) {
  if (folder_.empty()) return {};
  if (fd_ < 0) {
    if (Done done = create(); !done) return done;
  }
  Value line = Value::table();
  line.set("answers", step.answers);
  line.set("facts", step.facts);
  line.set("result", step.result);
  line.set("step", Value::of(step.name));
  return append(line_of(line));
}

void ScriptJournal::end() {
  if (fd_ < 0) return;
  std::error_code error;
  for (fs::directory_iterator at(folder_, error), last; !error && at != last; at.increment(error)) {
    const std::string path = at->path().string();
    if (!at->path().filename().string().starts_with(key_) || path > path_) continue;
    const int held = path == path_ ? -1 : take(path);
    if (path != path_ && held < 0) continue;
    ::unlink(path.c_str());
    if (held >= 0) ::close(held);
  }
}

}  // namespace weco::cli
