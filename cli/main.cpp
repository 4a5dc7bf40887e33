// SPDX-License-Identifier: Apache-2.0
// Where the program meets the operating system: descriptors, signals, environment, devices present.
#include <dirent.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/program.hpp"
#include "host/reactor/poll_reactor.hpp"

namespace {

using weco::Reactor;

/// A descriptor. Results are written at once: a pipe sees them when a person would.
class DescriptorSink final : public weco::cli::TextSink {
 public:
  explicit DescriptorSink(int fd) : fd_(fd) {}
  bool write(std::string_view text) override {
    while (!text.empty() && error_ == 0) {
      const ssize_t count = ::write(fd_, text.data(), text.size());
      if (count >= 0) {
        text.remove_prefix(static_cast<std::size_t>(count));
      } else if (errno != EINTR) {
        error_ = errno;
      }
    }
    return error_ == 0;
  }
  [[nodiscard]] int error() const { return error_; }

 private:
  int fd_;
  int error_ = 0;
};

std::atomic<bool> g_stop{false};
std::atomic<Reactor*> g_reactor{nullptr};
static_assert(std::atomic<Reactor*>::is_always_lock_free);

// The second signal ends the program at once: SA_RESETHAND gave the default back.
void on_signal(int) {
  g_stop.store(true);
  if (Reactor* reactor = g_reactor.load(); reactor != nullptr) reactor->interrupt();
}

class SignalInterruption final : public weco::cli::Interruption {
 public:
  SignalInterruption() {
    catch_signals();
    std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an answer of write(2)
    std::signal(SIGXFSZ, SIG_IGN);  // and so is a limit on the size of files
  }
  void forget() override {
    g_stop.store(false);
    catch_signals();
  }
  [[nodiscard]] bool requested() const override { return g_stop.load(); }
  void wakes(Reactor* reactor) override {
    g_reactor.store(reactor);
    if (reactor != nullptr && requested()) reactor->interrupt();
  }

 private:
  static void catch_signals() {
    struct sigaction action = {};
    action.sa_handler = on_signal;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    sigemptyset(&action.sa_mask);
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
  }
};

/// The loop of poll(2), let go of by the signal handler before it is gone.
class AttachedReactor final : public Reactor {
 public:
  explicit AttachedReactor(weco::cli::Interruption& interruption) : interruption_(interruption) {
    interruption_.wakes(&loop_);
  }
  ~AttachedReactor() override { interruption_.wakes(nullptr); }
  AttachedReactor(const AttachedReactor&) = delete;
  AttachedReactor& operator=(const AttachedReactor&) = delete;

  [[nodiscard]] weco::Instant now() const override { return loop_.now(); }
  [[nodiscard]] std::int64_t wall_seconds() const override { return loop_.wall_seconds(); }
  TimerId at(weco::Instant when, std::function<void()> action) override {
    return loop_.at(when, std::move(action));
  }
  void cancel(TimerId id) override { loop_.cancel(id); }
  void watch(int fd, std::function<void()> readable) override {
    loop_.watch(fd, std::move(readable));
  }
  void once_writable(int fd, std::function<void()> writable) override {
    loop_.once_writable(fd, std::move(writable));
  }
  void unwatch(int fd) override { loop_.unwatch(fd); }
  bool run(const std::function<bool()>& done, weco::Instant until) override {
    return loop_.run(done, until);
  }
  void interrupt() override { loop_.interrupt(); }
  [[nodiscard]] bool interrupted() const override { return loop_.interrupted(); }

 private:
  weco::cli::Interruption& interruption_;
  weco::PollReactor loop_;
};

std::optional<std::string_view> variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return std::string_view(value);
}

/// Whether the locale's character set is UTF-8, by the usual order of the variables.
bool locale_is_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    if (const auto value = variable(name)) {
      return value->find("UTF-8") != std::string_view::npos ||
             value->find("utf8") != std::string_view::npos;
    }
  }
  return false;
}

weco::cli::Terminal look_at_terminal() {
  weco::cli::Terminal terminal;
  terminal.out_is_tty = ::isatty(STDOUT_FILENO) == 1;
  terminal.err_is_tty = ::isatty(STDERR_FILENO) == 1;
  struct winsize size = {};
  const int fd = terminal.out_is_tty ? STDOUT_FILENO : STDERR_FILENO;
  if ((terminal.out_is_tty || terminal.err_is_tty) && ::ioctl(fd, TIOCGWINSZ, &size) == 0) {
    if (size.ws_col > 0) terminal.columns = size.ws_col;
    if (size.ws_row > 0) terminal.rows = size.ws_row;
  }
  terminal.no_color = variable("NO_COLOR").has_value();
  const auto term = variable("TERM");
  terminal.dumb = !term || *term == "dumb";
  terminal.unicode = !terminal.out_is_tty || locale_is_utf8();
  return terminal;
}

/// Terminals with hardware behind them, as the kernel lists them. The PC's four fixed ports are
/// listed by their driver whether there is hardware or not, so they are left out.
std::vector<std::string> find_serial_ports() {
  static constexpr std::string_view kRoot = "/sys/class/tty/";
  std::vector<std::string> ports;
  DIR* directory = ::opendir(std::string(kRoot).c_str());
  if (directory == nullptr) return ports;
  while (const dirent* entry = ::readdir(directory)) {
    const std::string name = entry->d_name;
    if (!name.starts_with("tty")) continue;
    const std::string driver = std::string(kRoot) + name + "/device/driver";
    std::array<char, PATH_MAX> target{};
    const ssize_t size = ::readlink(driver.c_str(), target.data(), target.size());
    if (size <= 0) continue;
    const std::string_view path(target.data(), static_cast<std::size_t>(size));
    if (path.ends_with("/serial8250") || path.ends_with("/port")) continue;
    ports.push_back("/dev/" + name);
  }
  ::closedir(directory);
  std::ranges::sort(ports);
  return ports;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string_view> words(argv + std::min(argc, 1), argv + argc);
  DescriptorSink out(STDOUT_FILENO);
  DescriptorSink err(STDERR_FILENO);
  SignalInterruption interruption;
  const weco::cli::Surroundings surroundings{
      .out = out,
      .err = err,
      .terminal = look_at_terminal(),
      .interruption = interruption,
      .make_reactor = [&]() -> std::unique_ptr<Reactor> {
        return std::make_unique<AttachedReactor>(interruption);
      },
      .serial_ports = find_serial_ports,
      .xdg_config_home = variable("XDG_CONFIG_HOME"),
      .xdg_data_home = variable("XDG_DATA_HOME"),
      .home = variable("HOME"),
  };
  weco::ExitCode code = weco::cli::run(words, surroundings);
  if (out.error() != 0 && out.error() != EPIPE && code == weco::ExitCode::Done) {
    const weco::Failure lost{{weco::ErrorCode::IoError, out.error()},
                             "cannot write the results",
                             "stdout",
                             "Check the disk or pipe that takes them."};
    static_cast<void>(err.write(weco::cli::failure_text(lost, false)));
    code = weco::ExitCode::Failed;
  }
  return static_cast<int>(code);
}
