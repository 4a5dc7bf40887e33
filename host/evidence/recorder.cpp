// SPDX-License-Identifier: Apache-2.0
#include "host/evidence/recorder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <iterator>

#include "core/protocol/can/candump.hpp"
#include "host/evidence/file.hpp"
#include "host/text/utc.hpp"

namespace weco {
namespace {

constexpr mode_t kFileMode = 0644;

void append_hex(std::string& out, Bytes data) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const std::uint8_t byte : data) {
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15U]);
  }
}

/// Length of a well-formed UTF-8 sequence at the front, 0 when it is none. Text of a device may be
/// anything; a line of evidence must stay JSON.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  const std::size_t size = first < 0x80                     ? 1
                           : first >= 0xC2 && first <= 0xDF ? 2
                           : first >= 0xE0 && first <= 0xEF ? 3
                           : first >= 0xF0 && first <= 0xF4 ? 4
                                                            : 0;
  if (size == 0 || size > text.size()) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
  }
  if (size < 3) return size;
  const unsigned char second = byte(1);
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool surrogate = first == 0xED && second >= 0xA0;
  const bool beyond = first == 0xF4 && second >= 0x90;
  return overlong || surrogate || beyond ? 0 : size;
}

void append_string(std::string& out, std::string_view text) {
  out.push_back('"');
  while (!text.empty()) {
    const std::size_t size = utf8_length(text);
    const auto first = static_cast<unsigned char>(text.front());
    if (size == 0) {
      out += "\\ufffd";
    } else if (first == '"' || first == '\\') {
      out.push_back('\\');
      out.push_back(text.front());
    } else if (first < 0x20 || first == 0x7F) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", first);
    } else {
      out.append(text.substr(0, size));
    }
    text.remove_prefix(size == 0 ? 1 : size);
  }
  out.push_back('"');
}

void append_payload(std::string& out, const Event& event) {
  switch (event.kind) {
    case EventKind::Tx:
    case EventKind::Rx:
      out += ",\"hex\":\"";
      append_hex(out, event.data);
      out.push_back('"');
      return;
    case EventKind::CanTx:
    case EventKind::CanRx:
      out += ",\"frame\":\"" + frame_text(event.frame) + "\"";
      return;
    default:
      out += ",\"text\":";
      append_string(out, event.text);
      return;
  }
}

}  // namespace

std::string frame_text(const CanFrame& frame) {
  candump::Record record;
  record.frame = frame;
  record.frame.at = {};
  const candump::Text line = candump::format_log(record);
  const std::string_view text = line.view();
  return std::string(text.substr(text.rfind(' ') + 1));
}

Outcome<std::unique_ptr<NdjsonRecorder>> NdjsonRecorder::open(const std::string& path,
                                                              Reactor& reactor,
                                                              std::string_view program) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, kFileMode);
  if (fd < 0) return file_failure(errno, path, "cannot open the evidence file");
  std::unique_ptr<NdjsonRecorder> recorder(new NdjsonRecorder(fd, path, reactor));
  std::string& line = recorder->line_;
  line = fmt::format("{{\"weco_evidence\":{},\"program\":", kEvidenceVersion);
  append_string(line, program);
  line += fmt::format(",\"utc\":\"{}\",\"t_us\":{}}}\n", utc_text(reactor.wall_seconds()),
                      reactor.now().to_us());
  recorder->put(line);
  if (!recorder->status_) return Unexpected<Failure>{recorder->status_.error()};
  return recorder;
}

NdjsonRecorder::~NdjsonRecorder() { ::close(fd_); }

void NdjsonRecorder::record(const Event& event) {
  if (!status_) return;
  line_.clear();
  fmt::format_to(std::back_inserter(line_), "{{\"n\":{},\"t_us\":{},\"utc\":\"{}\",\"kind\":\"{}\"",
                 recorded_ + 1, reactor_.now().to_us(), utc_text(reactor_.wall_seconds()),
                 name(event.kind));
  if (!event.link.empty()) {
    line_ += ",\"link\":";
    append_string(line_, event.link);
  }
  append_payload(line_, event);
  line_ += "}\n";
  put(line_);
  if (status_) ++recorded_;
}

void NdjsonRecorder::put(std::string_view line) {
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(line.data()), line.size());
  status_ = write_whole(fd_, bytes, path_, "cannot write the evidence file");
}

void MemorySink::record(const Event& event) {
  events_.push_back({event.kind,
                     std::string(event.link),
                     {event.data.begin(), event.data.end()},
                     event.frame,
                     std::string(event.text)});
}

std::size_t MemorySink::count(EventKind kind) const {
  std::size_t n = 0;
  for (const Kept& each : events_) n += each.kind == kind ? 1U : 0U;
  return n;
}

}  // namespace weco
