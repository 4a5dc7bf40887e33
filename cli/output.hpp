// SPDX-License-Identifier: Apache-2.0
// The only place that talks to the person or the script. Results go to stdout, everything else to
// stderr; with --json stdout carries JSON only, a failure included. Text that a device, a file or a
// user supplied is untrusted: callers pass it through sanitize() (cli/render/text.hpp), the JSON
// writer and the renderers of grids, trees and failures do it themselves.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.hpp"
#include "host/failure/failure.hpp"

namespace weco::cli {

class JsonWriter;

/// Where text ends up: a descriptor in the program, a string in a test.
class TextSink {
 public:
  virtual ~TextSink() = default;
  /// False when nobody reads any more (closed pipe) or the system refuses; the sink remembers why.
  virtual bool write(std::string_view text) = 0;
};

/// What the program found around it. Filled once, in main.
struct Terminal {
  bool out_is_tty = false;
  bool err_is_tty = false;
  int columns = 80;       // of the terminal; 80 when there is none
  int rows = 24;          // likewise 24
  bool no_color = false;  // NO_COLOR is set and not empty
  bool dumb = false;      // TERM is unset or "dumb"
  bool unicode = true;    // false on a terminal whose locale is not UTF-8
};

enum class ColorMode : std::uint8_t { Auto, Always, Never };
enum class ProgressMode : std::uint8_t { Auto, Json, Never };

struct OutputSettings {
  bool json = false;
  bool quiet = false;
  int verbosity = 0;  // -v decisions, -vv the wire
  ColorMode color = ColorMode::Auto;
  ProgressMode progress = ProgressMode::Auto;
};

/// The few styles the house uses; a renderer maps them to escapes or to nothing.
enum class Style : std::uint8_t { Plain, Heading, Strong, Dim, Good, Warning, Alarm };

class Output {
 public:
  Output(TextSink& out, TextSink& err, const Terminal& terminal, const OutputSettings& settings)
      : out_(out), err_(err), terminal_(terminal), settings_(settings) {}

  [[nodiscard]] bool json() const { return settings_.json; }
  [[nodiscard]] bool quiet() const { return settings_.quiet; }
  [[nodiscard]] int verbosity() const { return settings_.verbosity; }
  [[nodiscard]] const Terminal& terminal() const { return terminal_; }
  [[nodiscard]] bool color_out() const { return wants_color(terminal_.out_is_tty); }
  [[nodiscard]] bool color_err() const { return wants_color(terminal_.err_is_tty); }
  /// A live view may move the cursor: stdout is a capable terminal and nobody asked for JSON.
  [[nodiscard]] bool live() const { return terminal_.out_is_tty && !terminal_.dumb && !json(); }
  /// Columns a grid or tree on stdout may use; 0 when stdout is no terminal: no limit.
  [[nodiscard]] int width_out() const { return terminal_.out_is_tty ? terminal_.columns : 0; }

  /// A result on stdout, ended with a line feed when it has none. With --json the text must be one
  /// whole JSON value.
  void result(std::string_view text);
  /// One picture of a live view: replaces the one before on a terminal, else is printed below it.
  void frame(std::string_view text);

  /// A sentence for the person on stderr; not with --quiet.
  void note(std::string_view sentence);
  /// "weco: warning: SENTENCE" on stderr, also with --quiet.
  void warning(std::string_view sentence);
  /// On stderr when -v was given at least `level` times.
  void detail(int level, std::string_view line);

  /// Renders a failure and returns the exit code of its error. Text on stderr, or with --json one
  /// object on stdout.
  ExitCode fail(const Failure& failure);

  /// Progress of the step named: a bar with the remaining time on a terminal, JSON lines on stderr
  /// with --progress json, nothing elsewhere. `done` and `total` in any one unit. Redrawn at most
  /// ten times a second; the last call (done == total) is always shown.
  /// `note` stands behind a bar.
  void progress(std::string_view step, std::uint64_t done, std::uint64_t total, Instant now,
                std::string_view note = {});
  /// The same for several steps at a time, a line each.
  struct Step {
    std::string name;
    std::uint64_t done = 0;
    std::uint64_t total = 0;
    Duration elapsed{};
    Duration left{};
    std::string note{};
  };
  void progress_all(const std::vector<Step>& steps, Instant now);
  /// Removes the bar, for instance before results are printed. Called by result() and fail().
  void end_progress();

  /// Nobody reads stdout any more: loops end quietly.
  [[nodiscard]] bool broken() const { return broken_; }

  /// `text` in that style, for stdout.
  [[nodiscard]] std::string styled(std::string_view text, Style style) const;

 private:
  [[nodiscard]] bool wants_color(bool tty) const;
  [[nodiscard]] bool wants_bar() const;
  void put_step(const Step& step);
  void put_out(std::string_view text);
  void put_err(std::string_view text);

  TextSink& out_;
  TextSink& err_;
  Terminal terminal_;
  OutputSettings settings_;
  bool broken_ = false;
  bool bar_shown_ = false;
  int step_lines_ = 0;
  int frame_lines_ = 0;
  std::string step_;
  Instant step_started_{};
  Instant step_shown_{};
};

/// The sentence and hint of a failure as on stderr: "weco: WHAT: SENTENCE\nHint: ...\n".
std::string failure_text(const Failure& failure, bool color);
/// The same as {"schema":"weco.error/1","error":{...}}.
std::string failure_json(const Failure& failure);
/// The inner object alone.
void write_error(JsonWriter& json, const Failure& failure);

/// Escape sequences around `text`; nothing for Style::Plain or without colour.
std::string paint(std::string_view text, Style style, bool color);

}  // namespace weco::cli
