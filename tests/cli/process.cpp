// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace weco::test {
namespace {

struct Pipe {
  int read_end = -1;
  int write_end = -1;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) std::abort();
  return {ends[0], ends[1]};
}

std::vector<std::string> environment(const Setting& setting) {
  const char* path = std::getenv("PATH");
  std::vector<std::string> variables = {
      std::string("PATH=") + (path == nullptr ? "/usr/bin:/bin" : path), "HOME=/nonexistent",
      "LANG=C.UTF-8", "TERM=xterm-256color"};
  for (const auto& [name, value] : setting.variables) {
    std::erase_if(variables, [&](const std::string& v) { return v.starts_with(name + "="); });
    variables.push_back(name + "=" + value);
  }
  return variables;
}

[[noreturn]] void become(const std::vector<std::string>& words,
                         const std::vector<std::string>& variables) {
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  std::vector<char*> envp;
  for (const std::string& variable : variables) {
    envp.push_back(const_cast<char*>(variable.c_str()));
  }
  envp.push_back(nullptr);
  ::execvpe(argv[0], argv.data(), envp.data());
  ::_exit(127);
}

/// Reads from the descriptors until all are closed or the deadline has passed.
bool read_all(std::vector<std::pair<int, std::string*>> sources, pid_t child,
              const Setting& setting) {
  int signal = setting.signal_after_output;
  while (!sources.empty()) {
    std::vector<pollfd> polled;
    for (const auto& [fd, text] : sources) polled.push_back({fd, POLLIN, 0});
    const int ready = ::poll(polled.data(), polled.size(), setting.silence_ms);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return false;
    for (std::size_t i = polled.size(); i-- > 0;) {
      if (polled[i].revents == 0) continue;
      std::array<char, 65536> room{};
      const ssize_t count = ::read(sources[i].first, room.data(), room.size());
      if (count > 0) {
        sources[i].second->append(room.data(), static_cast<std::size_t>(count));
        if (signal != 0) ::kill(child, std::exchange(signal, 0));
      } else if (count == 0 || errno != EINTR) {  // a terminal whose other end closed gives EIO
        ::close(sources[i].first);
        sources.erase(sources.begin() + static_cast<std::ptrdiff_t>(i));
      }
    }
  }
  return true;
}

void finish(pid_t child, bool whole, Ran& ran) {
  if (!whole) {
    ran.hung = true;
    ::kill(child, SIGKILL);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

Ran run_in_pipe(const std::vector<std::string>& words, const Setting& setting) {
  const std::vector<std::string> variables = environment(setting);
  const Pipe out = make_pipe();
  const Pipe err = make_pipe();
  if (setting.close_reader) ::close(out.read_end);
  const pid_t child = ::fork();
  if (child < 0) std::abort();
  if (child == 0) {
    int target = out.write_end;
    if (!setting.stdout_file.empty()) target = ::open(setting.stdout_file.c_str(), O_WRONLY);
    const std::string& from = setting.stdin_file;
    ::dup2(::open(from.empty() ? "/dev/null" : from.c_str(), O_RDONLY), STDIN_FILENO);
    ::dup2(target, STDOUT_FILENO);
    ::dup2(err.write_end, STDERR_FILENO);
    become(words, variables);
  }
  ::close(out.write_end);
  ::close(err.write_end);
  Ran ran;
  std::vector<std::pair<int, std::string*>> sources = {{err.read_end, &ran.err}};
  if (!setting.close_reader) sources.emplace_back(out.read_end, &ran.out);
  finish(child, read_all(sources, child, setting), ran);
  return ran;
}

Ran run_in_terminal(const std::vector<std::string>& words, const Setting& setting) {
  const std::vector<std::string> variables = environment(setting);
  struct winsize size = {};
  size.ws_col = static_cast<unsigned short>(setting.columns);
  size.ws_row = static_cast<unsigned short>(setting.rows);
  int master = -1;
  const pid_t child = ::forkpty(&master, nullptr, nullptr, &size);
  if (child < 0) std::abort();
  if (child == 0) become(words, variables);
  if (::write(master, setting.typed.data(), setting.typed.size()) < 0) std::abort();
  Ran ran;
  finish(child, read_all({{master, &ran.out}}, child, setting), ran);
  return ran;
}

Ran weco(std::vector<std::string> words, const Setting& setting) {
  words.insert(words.begin(), WECO_BINARY);
  return run_in_pipe(words, setting);
}

Ran weco_in_terminal(std::vector<std::string> words, const Setting& setting) {
  words.insert(words.begin(), WECO_BINARY);
  return run_in_terminal(words, setting);
}

bool installed(const std::string& program) {
  return run_in_pipe({"sh", "-c", "command -v " + program}).code == 0;
}

Folder::Folder() {
  std::string pattern = std::filesystem::temp_directory_path().string() + "/weco-test-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) std::abort();
  path_ = pattern;
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string Folder::file(const std::string& name, const std::string& text) const {
  const std::string path = path_ + "/" + name;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

std::string read_file(const std::string& path) {
  const std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace weco::test
