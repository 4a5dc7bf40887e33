// SPDX-License-Identifier: Apache-2.0
#include "cli/sweep.hpp"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <map>
#include <optional>

#include "cli/render/text.hpp"

namespace weco::cli {
namespace {

constexpr std::string_view kSweepOption = "--sweep";
constexpr std::string_view kShardOption = "--shard";

Unexpected<Failure> system_failure(std::string what) {
  return failure(Error{ErrorCode::IoError, errno}, std::move(what));
}

std::optional<std::int64_t> whole(std::string_view text) {
  std::int64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || read.ec != std::errc{} || read.ptr != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

Outcome<std::vector<std::string>> parse_values(std::string_view text) {
  std::vector<std::string> values;
  if (const std::size_t dots = text.find(".."); dots != std::string_view::npos) {
    const auto from = whole(text.substr(0, dots));
    const auto to = whole(text.substr(dots + 2));
    if (!from || !to || *to < *from || *to - *from >= static_cast<std::int64_t>(kRunsMax)) {
      return failure(ErrorCode::BadUsage, quoted(text) + " is no range", std::string(kSweepOption),
                     "Write whole numbers upwards: seed=1..100.");
    }
    for (std::int64_t value = *from; value <= *to; ++value) values.push_back(std::to_string(value));
    return values;
  }
  while (true) {
    const std::size_t comma = text.find(',');
    if (text.substr(0, comma).empty()) {
      return failure(ErrorCode::BadUsage, "a value is missing", std::string(kSweepOption),
                     "Divide values by commas: site.soc_pct=20,50,80.");
    }
    values.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return values;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

Outcome<std::vector<SweepAxis>> parse_sweep(std::span<const std::string> options) {
  std::vector<SweepAxis> axes;
  std::size_t runs = 1;
  for (const std::string& option : options) {
    const std::size_t equals = option.find('=');
    if (equals == std::string::npos || equals == 0) {
      return failure(ErrorCode::BadUsage, quoted(option) + " names no value to change",
                     std::string(kSweepOption), "Write NAME=VALUE,VALUE: site.soc_pct=20,50,80.");
    }
    SweepAxis axis{option.substr(0, equals), {}};
    for (const SweepAxis& other : axes) {
      if (other.name == axis.name) {
        return failure(ErrorCode::BadUsage, quoted(axis.name) + " is swept twice",
                       std::string(kSweepOption), "Give all its values in one option.");
      }
    }
    auto values = parse_values(std::string_view(option).substr(equals + 1));
    if (!values) return Unexpected{std::move(values).error()};
    axis.values = std::move(*values);
    if (axis.values.size() > kRunsMax / runs) {
      return failure(ErrorCode::BadUsage, "the sweep has more than 100000 runs",
                     std::string(kSweepOption), "Sweep fewer values at a time.");
    }
    runs *= axis.values.size();
    axes.push_back(std::move(axis));
  }
  return axes;
}

std::size_t run_count(std::span<const SweepAxis> axes) {
  std::size_t runs = 1;
  for (const SweepAxis& axis : axes) runs *= axis.values.size();
  return runs;
}

std::vector<std::pair<std::string, std::string>> run_values(std::span<const SweepAxis> axes,
                                                            std::size_t index) {
  std::vector<std::pair<std::string, std::string>> values(axes.size());
  for (std::size_t i = axes.size(); i-- > 0;) {
    values[i] = {axes[i].name, axes[i].values[index % axes[i].values.size()]};
    index /= axes[i].values.size();
  }
  return values;
}

Outcome<RunRange> parse_shard(std::string_view text, std::size_t runs) {
  const std::size_t slash = text.find('/');
  const auto number = whole(text.substr(0, slash));
  const auto count = whole(slash == std::string_view::npos ? "" : text.substr(slash + 1));
  if (!number || !count || *number < 1 || *count < *number ||
      *count > static_cast<std::int64_t>(kRunsMax)) {
    return failure(ErrorCode::BadUsage, quoted(text) + " is no shard", std::string(kShardOption),
                   "Write NUMBER/COUNT, from 1/8 to 8/8.");
  }
  const auto n = static_cast<std::size_t>(*number);
  const auto shards = static_cast<std::size_t>(*count);
  return RunRange{runs * (n - 1) / shards, runs * n / shards};
}

Done write_whole(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_failure("a result could not be written");
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Outcome<std::string> read_whole(int fd, std::size_t size) {
  std::string text(size, '\0');
  std::size_t had = 0;
  while (had < size) {
    const ssize_t got = ::read(fd, text.data() + had, size - had);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_failure("a result could not be read");
    if (got == 0) return failure(ErrorCode::Truncated, "a run ended without its result");
    had += static_cast<std::size_t>(got);
  }
  return text;
}

namespace {

/// A file that nobody sees and that is gone with its last descriptor.
Outcome<int> open_hidden() {
  std::FILE* file = std::tmpfile();
  const int fd = file == nullptr ? -1 : ::fcntl(::fileno(file), F_DUPFD_CLOEXEC, 0);
  const int error = errno;
  if (file != nullptr) std::fclose(file);
  if (fd >= 0) return fd;
  return failure(Error{ErrorCode::IoError, error}, "no temporary file can be made", {},
                 "Runs of a sweep need room in the folder for temporary files.");
}

/// Children in flight and results that wait for their turn.
class Pool {
 public:
  Pool(const std::function<void(std::size_t, int)>& run, const std::function<bool()>& interrupted)
      : run_(run), interrupted_(interrupted) {}
  ~Pool() {
    for (const auto& [pid, index] : running_) ::kill(pid, SIGTERM);
    while (!running_.empty() && reap()) {
    }
    for (const auto& [index, fd] : results_) ::close(fd);
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  Done start(std::size_t index) {
    const auto fd = open_hidden();
    if (!fd) return Unexpected{fd.error()};
    const pid_t pid = ::fork();
    if (pid < 0) {
      ::close(*fd);
      return system_failure("a process cannot be started");
    }
    if (pid == 0) {
      ::signal(SIGTERM, SIG_DFL);  // whoever ends the sweep ends its runs
      run_(index, *fd);
      ::_exit(0);
    }
    running_[pid] = index;
    results_[index] = *fd;
    return {};
  }

  [[nodiscard]] std::size_t running() const { return running_.size(); }
  [[nodiscard]] bool runs(std::size_t index) const {
    return std::ranges::any_of(running_, [&](const auto& r) { return r.second == index; });
  }

  /// Waits for one of them; false when there is none, or on an interruption.
  bool reap() {
    for (auto it = running_.begin(); it != running_.end(); ++it) {
      int status = 0;
      const pid_t pid = ::waitpid(it->first, &status, WNOHANG);
      if (pid == it->first) {
        running_.erase(it);
        return true;
      }
    }
    if (running_.empty()) return false;
    int status = 0;
    siginfo_t info{};
    while (::waitid(P_ALL, 0, &info, WEXITED | WNOWAIT) < 0) {
      if (errno != EINTR || interrupted_()) return false;
    }
    ::waitpid(info.si_pid, &status, 0);
    running_.erase(info.si_pid);
    return true;
  }

  int take(std::size_t index) {
    const int fd = results_[index];
    results_.erase(index);
    ::lseek(fd, 0, SEEK_SET);
    return fd;
  }

 private:
  const std::function<void(std::size_t, int)>& run_;
  const std::function<bool()>& interrupted_;
  std::map<pid_t, std::size_t> running_;
  std::map<std::size_t, int> results_;
};

}  // namespace

Done run_in_processes(RunRange runs, std::size_t jobs,
                      const std::function<void(std::size_t index, int fd)>& run,
                      const std::function<Done(std::size_t index, int fd)>& take,
                      const std::function<bool()>& interrupted) {
  Pool pool(run, interrupted);
  std::size_t started = runs.first;
  for (std::size_t next = runs.first; next < runs.last; ++next) {
    while (started <= next || pool.runs(next)) {
      while (started < runs.last && pool.running() < jobs) {
        if (Done done = pool.start(started); !done) return done;
        ++started;
      }
      if (!pool.runs(next) && started > next) break;
      if (!pool.reap() || interrupted()) return failure(ErrorCode::Interrupted, "the sweep ended");
    }
    while (started < runs.last && pool.running() < jobs) {  // nobody waits for the merging
      if (Done done = pool.start(started); !done) return done;
      ++started;
    }
    const int fd = pool.take(next);
    Done taken = take(next, fd);
    ::close(fd);
    if (!taken) return taken;
  }
  return {};
}

}  // namespace weco::cli
