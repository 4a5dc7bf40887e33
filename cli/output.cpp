// SPDX-License-Identifier: Apache-2.0
#include "cli/output.hpp"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <string>

#include "cli/render/json.hpp"
#include "cli/render/text.hpp"

namespace weco::cli {
namespace {

constexpr std::string_view kStyleCodes[] = {"",         "\x1b[1;4m", "\x1b[1m",   "\x1b[2m",
                                            "\x1b[32m", "\x1b[33m",  "\x1b[1;31m"};
constexpr std::string_view kReset = "\x1b[0m";
constexpr std::string_view kClearLine = "\r\x1b[K";
constexpr Duration kRedraw = Duration::ms(100);
constexpr std::size_t kBarColumns = 24;

/// Errors whose `what` says what was attempted and that need the reason behind it; the others'
/// `what` is the reason.
constexpr bool needs_reason(ErrorCode code) {
  switch (code) {
    case ErrorCode::Timeout:
    case ErrorCode::BadChecksum:
    case ErrorCode::BadFrame:
    case ErrorCode::UnexpectedReply:
    case ErrorCode::DeviceException:
    case ErrorCode::Truncated:
    case ErrorCode::PermissionDenied:
    case ErrorCode::Disconnected:
    case ErrorCode::IoError:
      return true;
    default:
      return false;
  }
}

/// The error table's sentence as a clause: "no answer before the deadline".
std::string reason_of(const Error& error) {
  if (error.code == ErrorCode::IoError && error.detail != 0) {
    std::string reason = std::strerror(error.detail);
    if (!reason.empty()) reason[0] = static_cast<char>(std::tolower(reason[0]));
    return reason;
  }
  std::string reason(info(error.code).sentence);
  if (reason.ends_with('.')) reason.pop_back();
  if (!reason.empty()) reason[0] = static_cast<char>(std::tolower(reason[0]));
  if (error.code == ErrorCode::DeviceException && error.detail != 0) {
    reason += " with code " + std::to_string(error.detail);
  }
  return reason;
}

/// "WHAT, WHERE: REASON" without a period.
std::string message_of(const Failure& failure) {
  std::string message = sanitize(failure.what);
  if (!failure.where.empty()) {
    if (!message.empty()) message += ", ";
    message += sanitize(failure.where);
  }
  if (message.empty()) return reason_of(failure.error);
  if (needs_reason(failure.code())) message += ": " + reason_of(failure.error);
  return message;
}

std::string hint_of(const Failure& failure) {
  return failure.hint.empty() ? std::string(info(failure.code()).hint) : sanitize(failure.hint);
}

/// "[####....] 33 %"
std::string bar_of(std::uint64_t done, std::uint64_t total) {
  const std::uint64_t percent = total == 0 ? 100 : done * 100 / total;
  const std::size_t full = std::min(kBarColumns, percent * kBarColumns / 100);
  return "[" + std::string(full, '#') + std::string(kBarColumns - full, '.') + "] " +
         std::to_string(percent) + " %";
}

std::string time_left(Duration left) {
  const std::int64_t seconds = (left.to_ms() + 999) / 1000;
  if (seconds < 120) return std::to_string(seconds) + " s left";
  return std::to_string((seconds + 59) / 60) + " min left";
}

/// What remains when the rest goes as fast as what is done; nothing is known at the start.
Duration remaining(std::uint64_t done, std::uint64_t total, Duration elapsed) {
  if (done == 0 || done >= total) return {};
  const double share = static_cast<double>(total - done) / static_cast<double>(done);
  return Duration::us(static_cast<std::int64_t>(static_cast<double>(elapsed.to_us()) * share));
}

}  // namespace

std::string paint(std::string_view text, Style style, bool color) {
  if (!color || style == Style::Plain || text.empty()) return std::string(text);
  std::string out(kStyleCodes[static_cast<std::size_t>(style)]);
  out += text;
  out += kReset;
  return out;
}

std::string failure_text(const Failure& failure, bool color) {
  std::string text = "weco: " + paint(message_of(failure), Style::Strong, color) + ".\n";
  const std::string hint = hint_of(failure);
  if (!hint.empty()) text += "Hint: " + hint + "\n";
  return text;
}

void write_error(JsonWriter& json, const Failure& failure) {
  const ErrorInfo& row = info(failure.code());
  json.begin_object().field("code", static_cast<int>(row.code)).field("name", row.name);
  json.field("exit_code", static_cast<int>(row.exit)).field("message", message_of(failure));
  json.field("where", failure.where).field("hint", hint_of(failure));
  json.field("detail", failure.error.detail).end_object();
}

std::string failure_json(const Failure& failure) {
  JsonWriter json;
  json.begin_object().field("schema", "weco.error/1").key("error");
  write_error(json, failure);
  return json.end_object().str();
}

bool Output::wants_color(bool tty) const {
  switch (settings_.color) {
    case ColorMode::Always:
      return true;
    case ColorMode::Never:
      return false;
    case ColorMode::Auto:
      break;
  }
  return tty && !terminal_.no_color && !terminal_.dumb;
}

std::string Output::styled(std::string_view text, Style style) const {
  return paint(text, style, color_out());
}

void Output::put_out(std::string_view text) {
  if (!broken_ && !out_.write(text)) broken_ = true;
}

// Nothing is lost for the caller when stderr is gone: results and exit code still tell.
void Output::put_err(std::string_view text) { static_cast<void>(err_.write(text)); }

void Output::result(std::string_view text) {
  end_progress();
  if (text.ends_with('\n')) {
    put_out(text);
  } else {
    put_out(std::string(text) + "\n");
  }
}

void Output::frame(std::string_view text) {
  end_progress();
  std::string picture(text);
  if (!picture.ends_with('\n')) picture += '\n';
  if (!live()) {
    put_out(picture);
    return;
  }
  // Each line ends with "clear the rest"; lines of a longer picture before are cleared below. What
  // does not fit the screen is cut, else the cursor could not come back.
  std::string drawn;
  if (frame_lines_ > 0) drawn += "\x1b[" + std::to_string(frame_lines_) + "A\r";
  int lines = 0;
  std::string_view rest = picture;
  while (!rest.empty() && lines < std::max(1, terminal_.rows - 1)) {
    const std::size_t end = rest.find('\n');
    drawn += rest.substr(0, end);
    drawn += "\x1b[K\n";
    rest.remove_prefix(end + 1);
    ++lines;
  }
  drawn += "\x1b[J";
  frame_lines_ = lines;
  put_out(drawn);
}

void Output::note(std::string_view sentence) {
  if (quiet()) return;
  end_progress();
  put_err(std::string(sentence) + "\n");
}

void Output::warning(std::string_view sentence) {
  end_progress();
  put_err("weco: " + paint("warning:", Style::Warning, color_err()) + " " + std::string(sentence) +
          "\n");
}

void Output::detail(int level, std::string_view line) {
  if (verbosity() < level) return;
  end_progress();
  put_err(paint(line, Style::Dim, color_err()) + "\n");
}

ExitCode Output::fail(const Failure& failure) {
  end_progress();
  if (json()) {
    put_out(failure_json(failure) + "\n");
  } else {
    put_err(failure_text(failure, color_err()));
    frame_lines_ = 0;  // a live view goes on below it
  }
  return info(failure.code()).exit;
}

bool Output::wants_bar() const {
  return settings_.progress == ProgressMode::Auto && terminal_.err_is_tty && !terminal_.dumb &&
         !quiet();
}

void Output::put_step(const Step& step) {
  JsonWriter json;
  json.begin_object().field("schema", "weco.progress/1").field("step", step.name);
  json.field("done", step.done).field("total", step.total);
  json.field("elapsed_s", Decimal{step.elapsed.to_ms(), -3}).key("remaining_s");
  if (step.done == 0 && step.total > 0) {
    json.null();
  } else {
    json.number(Decimal{step.left.to_ms(), -3});
  }
  put_err(json.end_object().str() + "\n");
}

void Output::progress(std::string_view step, std::uint64_t done, std::uint64_t total, Instant now,
                      std::string_view note) {
  const bool bar = wants_bar();
  const bool data = settings_.progress == ProgressMode::Json;
  if (!bar && !data) return;
  const bool fresh = step != step_;
  if (fresh) {
    step_ = step;
    step_started_ = now;
  } else if (done < total && now - step_shown_ < kRedraw) {
    return;
  }
  step_shown_ = now;
  const Duration elapsed = now - step_started_;
  const Duration left = remaining(done, total, elapsed);
  if (data) return put_step({step_, done, total, elapsed, left});
  std::string line = sanitize(step_) + " " + bar_of(done, total);
  if (done > 0 && done < total) line += ", " + time_left(left);
  if (!note.empty()) line += ", " + sanitize(note);
  put_err(std::string(kClearLine) +
          cut_to_width(line, static_cast<std::size_t>(std::max(1, terminal_.columns - 1))));
  bar_shown_ = true;
}

void Output::progress_all(const std::vector<Step>& steps, Instant now) {
  const bool bar = wants_bar();
  const bool data = settings_.progress == ProgressMode::Json;
  if ((!bar && !data) || now - step_shown_ < kRedraw) return;
  step_shown_ = now;
  if (data) {
    for (const Step& step : steps) put_step(step);
    return;
  }
  end_progress();
  std::string lines;
  for (const Step& step : steps) {
    std::string line = sanitize(step.name) + " " + bar_of(step.done, step.total);
    if (step.done > 0 && step.done < step.total) line += ", " + time_left(step.left);
    if (!step.note.empty()) line += ", " + sanitize(step.note);
    lines += cut_to_width(line, static_cast<std::size_t>(std::max(1, terminal_.columns - 1)));
    lines += "\n";
  }
  put_err(lines);
  step_lines_ = static_cast<int>(steps.size());
}

void Output::end_progress() {
  if (step_lines_ > 0) put_err("\x1b[" + std::to_string(step_lines_) + "A\r\x1b[J");
  step_lines_ = 0;
  if (!bar_shown_) return;
  bar_shown_ = false;
  put_err(kClearLine);
}

}  // namespace weco::cli
