// SPDX-License-Identifier: Apache-2.0
// Runs a program the way a script and the way a person does: with pipes, and on a real
// pseudo-terminal. Every wait has a deadline; a program that hangs is killed and the test says so.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weco::test {

struct Ran {
  int code = -1;    // exit code; 128 + signal when it was killed
  std::string out;  // stdout; on a terminal stdout and stderr together
  std::string err;
  bool hung = false;
};

struct Setting {
  std::vector<std::pair<std::string, std::string>> variables{};  // on top of a bare environment
  bool close_reader = false;                                     // nobody reads stdout
  std::string stdout_file{};                                     // stdout goes to this file instead
  std::string stdin_file{};                                      // stdin comes from this file
  int columns = 80;                                              // of the pseudo-terminal
  int rows = 24;
  int signal_after_output = 0;  // sent when the first byte arrives
  int silence_ms = 20000;       // longest without a byte before it counts as hung
  std::string typed{};          // on the pseudo-terminal, before any question; at most 4000 bytes
};

/// The environment holds PATH, HOME (a folder that is not there), LANG=C.UTF-8 and TERM only.
Ran run_in_pipe(const std::vector<std::string>& words, const Setting& setting = {});
Ran run_in_terminal(const std::vector<std::string>& words, const Setting& setting = {});

/// The built weco with these words.
Ran weco(std::vector<std::string> words, const Setting& setting = {});
Ran weco_in_terminal(std::vector<std::string> words, const Setting& setting = {});

/// Whether a program of that name is in PATH.
bool installed(const std::string& program);

/// A fresh folder, removed with its files at the end.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }
  /// Writes a file in it and returns its path.
  std::string file(const std::string& name, const std::string& text) const;

 private:
  std::string path_;
};

std::string read_file(const std::string& path);

inline bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace weco::test
