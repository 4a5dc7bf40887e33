// SPDX-License-Identifier: Apache-2.0
#include "core/protocol/can/slcan.hpp"

#include "core/protocol/can/hex.hpp"

namespace weco::slcan {
namespace {

constexpr std::uint32_t kStandardMax = 0x7FF;
constexpr std::uint32_t kExtendedMax = 0x1FFFFFFF;
constexpr std::uint16_t kClockMax = 59999;

Status append_frame(Line& line, const CanFrame& frame) {
  if (frame.error) return fail(ErrorCode::Unsupported);
  if (frame.size > CanFrame::kDataMax) return fail(ErrorCode::OutOfRange);
  if (frame.id > (frame.extended ? kExtendedMax : kStandardMax)) return fail(ErrorCode::OutOfRange);
  line.append(frame.remote ? (frame.extended ? "R" : "r") : (frame.extended ? "T" : "t"));
  can_text::append_hex(line, frame.id, frame.extended ? 8 : 3);
  can_text::append_hex(line, frame.size, 1);
  for (std::size_t i = 0; !frame.remote && i < frame.size; ++i) {
    can_text::append_hex(line, frame.data[i], 2);
  }
  return {};
}

}  // namespace

Result<Line> bitrate_command(std::uint32_t bits_per_second) {
  for (const BitrateCode& row : kBitrates) {
    if (row.bits_per_second != bits_per_second) continue;
    Line line("S");
    line.append({&row.code, 1});
    line.append("\r");
    return line;
  }
  return fail(ErrorCode::Unsupported);
}

Line open_command(bool listen_only) { return {listen_only ? "L\r" : "O\r"}; }
Line close_command() { return {"C\r"}; }
Line status_command() { return {"F\r"}; }
Line version_command() { return {"V\r"}; }
Line serial_command() { return {"N\r"}; }
Line timestamps_command(bool on) { return {on ? "Z1\r" : "Z0\r"}; }

Result<Line> encode(const CanFrame& frame) {
  Line line;
  if (const Status status = append_frame(line, frame); !status) {
    return Unexpected{status.error()};
  }
  line.append("\r");
  return line;
}

Result<Line> encode(const CanFrame& frame, std::uint16_t clock_ms) {
  if (clock_ms > kClockMax) return fail(ErrorCode::OutOfRange);
  Line line;
  if (const Status status = append_frame(line, frame); !status) {
    return Unexpected{status.error()};
  }
  can_text::append_hex(line, clock_ms, 4);
  line.append("\r");
  return line;
}

Result<Received> parse(std::string_view line) {
  if (line.empty()) return fail(ErrorCode::BadFrame);
  const char kind = line.front();
  if (kind != 't' && kind != 'T' && kind != 'r' && kind != 'R') return fail(ErrorCode::BadFrame);
  Received out;
  CanFrame& frame = out.frame;
  frame.extended = kind == 'T' || kind == 'R';
  frame.remote = kind == 'r' || kind == 'R';
  const std::size_t digits = frame.extended ? 8 : 3;
  if (line.size() < digits + 2) return fail(ErrorCode::BadFrame);
  std::uint32_t size = 0;
  if (!can_text::parse_hex(line.substr(1, digits), frame.id) ||
      !can_text::parse_hex(line.substr(1 + digits, 1), size)) {
    return fail(ErrorCode::BadFrame);
  }
  if (frame.id > (frame.extended ? kExtendedMax : kStandardMax) || size > CanFrame::kDataMax) {
    return fail(ErrorCode::OutOfRange);
  }
  frame.size = static_cast<std::uint8_t>(size);
  line.remove_prefix(digits + 2);
  const std::size_t bytes = frame.remote ? 0 : frame.size;
  if (line.size() != bytes * 2 && line.size() != bytes * 2 + 4) return fail(ErrorCode::BadFrame);
  for (std::size_t i = 0; i < bytes; ++i) {
    std::uint32_t byte = 0;
    if (!can_text::parse_hex(line.substr(2 * i, 2), byte)) return fail(ErrorCode::BadFrame);
    frame.data[i] = static_cast<std::uint8_t>(byte);
  }
  line.remove_prefix(bytes * 2);
  if (line.empty()) return out;
  std::uint32_t clock = 0;
  if (!can_text::parse_hex(line, clock)) return fail(ErrorCode::BadFrame);
  if (clock > kClockMax) return fail(ErrorCode::OutOfRange);
  out.has_clock = true;
  out.clock_ms = static_cast<std::uint16_t>(clock);
  return out;
}

void Host::received(Bytes data, Instant now, HostListener& listener) {
  for (const std::uint8_t byte : data) {
    const char c = static_cast<char>(byte);
    if (c == kRefused) {  // BEL stands alone; what was collected before it is a cut line
      if (!line_.empty() || too_long_) ++bad_lines_;
      line_.clear();
      too_long_ = false;
      Reply refused;
      refused.kind = Reply::Kind::Refused;
      listener.on_reply(refused);
    } else if (c == kOk) {
      if (too_long_) {
        ++bad_lines_;
      } else {
        line(now, listener);
      }
      line_.clear();
      too_long_ = false;
    } else if (c != '\n' && !line_.push_back(c)) {
      too_long_ = true;
    }
  }
}

void Host::line(Instant now, HostListener& listener) {
  const std::string_view text(line_.begin(), line_.size());
  if (reply(text, listener)) return;
  Result<Received> frame = parse(text);
  if (!frame) {
    ++bad_lines_;
    return;
  }
  frame->frame.at = now;
  listener.on_frame(*frame);
}

bool Host::reply(std::string_view text, HostListener& listener) const {
  Reply answer;
  if (text.empty()) {
    answer.kind = Reply::Kind::Done;
  } else if (text == "z" || text == "Z") {
    answer.kind = Reply::Kind::Sent;
  } else if (text.front() == 'F') {
    std::uint32_t flags = 0;
    if (text.size() != 3 || !can_text::parse_hex(text.substr(1), flags)) return false;
    answer.kind = Reply::Kind::Status;
    answer.status = static_cast<std::uint8_t>(flags);
  } else if (text.front() == 'V' || text.front() == 'N') {
    answer.kind = text.front() == 'V' ? Reply::Kind::Version : Reply::Kind::Serial;
    answer.text.append(text.substr(1));
  } else {
    return false;
  }
  listener.on_reply(answer);
  return true;
}

Bytes Adapter::respond(Bytes data, Instant now) {
  out_.clear();
  for (const std::uint8_t byte : data) {
    const char c = static_cast<char>(byte);
    if (c == kOk) {
      if (too_long_) {
        say("\a");
      } else if (!line_.empty()) {  // hosts send empty lines to clear an adapter
        command({line_.begin(), line_.size()}, now);
      }
      line_.clear();
      too_long_ = false;
    } else if (c != '\n' && !line_.push_back(c)) {
      too_long_ = true;
    }
  }
  return {out_.begin(), out_.size()};
}

void Adapter::command(std::string_view text, Instant now) {
  switch (text.front()) {
    case 't':
    case 'T':
    case 'r':
    case 'R':
      return send(text, now);
    case 'V':
      return say("V1013\r");
    case 'N':
      return say("NSIM0\r");
    case 'F': {
      Line line("F");
      can_text::append_hex(line, status_, 2);
      line.append("\r");
      status_ = 0;
      return say(open_ ? line.view() : std::string_view("\a"));
    }
    default:
      return say(configure(text) ? "\r" : "\a");
  }
}

bool Adapter::configure(std::string_view text) {
  if (text == "O" || text == "L") {
    if (open_ || bits_per_second_ == 0) return false;
    open_ = true;
    listen_only_ = text == "L";
    return true;
  }
  if (text == "C") {
    if (!open_) return false;
    open_ = listen_only_ = false;
    return true;
  }
  if (open_ || text.size() != 2) return false;
  if (text == "Z0" || text == "Z1") {
    clock_ = text == "Z1";
    return true;
  }
  for (const BitrateCode& row : kBitrates) {
    if (text.front() != 'S' || text[1] != row.code) continue;
    bits_per_second_ = row.bits_per_second;
    return true;
  }
  return false;
}

void Adapter::send(std::string_view text, Instant now) {
  Result<Received> frame = parse(text);
  if (!frame || frame->has_clock || !open_ || listen_only_) return say("\a");
  frame->frame.at = now;
  bus_.put(frame->frame);
  say(frame->frame.extended ? "Z\r" : "z\r");
}

void Adapter::say(std::string_view text) {
  if (out_.size() + text.size() > out_.capacity()) return;  // a real adapter drops too
  for (const char c : text) static_cast<void>(out_.push_back(static_cast<std::uint8_t>(c)));
}

Line Adapter::from_bus(const CanFrame& frame, Instant now) const {
  if (!open_) return {};
  const auto clock = static_cast<std::uint16_t>(now.to_us() / 1000 % (kClockMax + 1));
  const Result<Line> line = clock_ ? encode(frame, clock) : encode(frame);
  return line ? *line : Line();
}

}  // namespace weco::slcan
