// SPDX-License-Identifier: Apache-2.0
#include "transports/replay/recording.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/protocol/can/candump.hpp"
#include "transports/replay/pcapng.hpp"

namespace weco::transports {
namespace {

using Json = nlohmann::json;
constexpr std::size_t kProvenanceMax = 64;
constexpr std::size_t kProvenanceLineMax = 4000;

/// Walks a text line by line and makes errors that name the place.
class Lines {
 public:
  Lines(std::string_view text, const std::string& path) : rest_(text), path_(path) {}
  bool next(std::string_view& line) {
    if (rest_.empty()) return false;
    const std::size_t end = std::min(rest_.find('\n'), rest_.size());
    line = rest_.substr(0, end);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    ++number_;
    return true;
  }
  [[nodiscard]] std::uint32_t number() const { return number_; }
  [[nodiscard]] Unexpected<Failure> error(std::size_t column, std::string what,
                                          std::string hint = {},
                                          ErrorCode code = ErrorCode::BadInput) const {
    return failure(code, std::move(what),
                   path_ + ":" + std::to_string(number_) + ":" +
                       std::to_string(std::max<std::size_t>(column, 1)),
                   std::move(hint));
  }

 private:
  std::string_view rest_;
  const std::string& path_;
  std::uint32_t number_ = 0;
};

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

void keep_provenance(Recording& recording, std::string_view line) {
  if (recording.provenance.size() < kProvenanceMax) {
    recording.provenance.emplace_back(line.substr(0, kProvenanceLineMax));
  }
}

/// Adds an item `us` after the recording's own origin; times never run backwards.
Done add(Recording& recording, RecordedItem item, std::int64_t us, std::int64_t& origin,
         const Lines& lines) {
  if (recording.items.size() == kRecordingItemsMax) {
    return lines.error(1, "the recording is too long", "At most 5 million messages.",
                       ErrorCode::TooLong);
  }
  if (recording.items.empty()) origin = us;
  const Duration at = Duration::us(us - origin);
  item.at = recording.items.empty() ? Duration{} : std::max(at, recording.items.back().at);
  item.line = lines.number();
  recording.items.push_back(std::move(item));
  return {};
}

Done parse_candump(Lines& lines, Recording& recording) {
  std::string_view line;
  std::int64_t origin = 0;
  while (lines.next(line)) {
    const std::string_view content = trimmed(line);
    if (content.empty() || content.front() == '#') {
      if (!content.empty()) keep_provenance(recording, content);
      continue;
    }
    candump::Record record;
    const Result<bool, candump::TextError> parsed =
        candump::parse_line(line, lines.number(), record);
    if (!parsed) {
      return lines.error(parsed.error().column, "this is no line of candump",
                         "Expected '(1700000000.0) can0 351#1402' or 'can0 351 [2] 14 02'.",
                         parsed.error().code);
    }
    if (!*parsed) continue;
    RecordedItem item;
    item.frame = record.frame;
    item.link = std::string(record.interface.view());
    recording.timed |= record.has_time;
    const std::int64_t us = record.has_time ? record.frame.at.to_us() : 0;
    if (Done done = add(recording, std::move(item), us, origin, lines); !done) return done;
  }
  return {};
}

std::vector<std::uint8_t> wire_bytes(std::string_view frame) {
  std::vector<std::uint8_t> bytes(frame.begin(), frame.end());
  if (bytes.empty() || bytes.back() != '\r') bytes.push_back('\r');
  return bytes;
}

Done parse_text_frames(Lines& lines, Recording& recording) {
  std::string_view line;
  std::int64_t origin = 0;
  while (lines.next(line)) {
    const std::string_view content = trimmed(line);
    if (content.empty()) continue;
    if (content.front() == '#') {
      keep_provenance(recording, content);
      continue;
    }
    if (content.front() != '~') {
      return lines.error(line.find(content.front()) + 1, "a frame begins with '~'",
                         "Comments begin with '#'.");
    }
    RecordedItem item;
    item.data = wire_bytes(content);
    if (Done done = add(recording, std::move(item), 0, origin, lines); !done) return done;
  }
  return {};
}

/// One line of JSON that must be an object.
Outcome<Json> parse_object(std::string_view line, const Lines& lines) {
  try {
    Json object = Json::parse(line);
    if (object.is_object()) return object;
    return lines.error(1, "a line must be one JSON object");
  } catch (const Json::parse_error& error) {
    return lines.error(error.byte, "this is no JSON", "A line must be one JSON object.");
  } catch (const Json::exception&) {
    return lines.error(1, "this is no JSON");
  }
}

std::optional<std::string> text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

std::optional<std::int64_t> number_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_integer()) return std::nullopt;
  return found->get<std::int64_t>();
}

/// Where a key's value stands, for messages: the first column of the key, or 1.
std::size_t column_of(std::string_view line, std::string_view key) {
  const std::size_t at = line.find("\"" + std::string(key) + "\"");
  return at == std::string_view::npos ? 1 : at + 1;
}

Done parse_sniff(Lines& lines, Recording& recording) {
  std::string_view line;
  std::int64_t origin = 0;
  while (lines.next(line)) {
    if (trimmed(line).empty()) continue;
    const Outcome<Json> object = parse_object(line, lines);
    if (!object) return Unexpected<Failure>{object.error()};
    if (object->contains("provenance")) {
      keep_provenance(recording, line);
      continue;
    }
    const std::optional<std::string> frame = text_of(*object, "frame");
    if (!frame || frame->empty() || frame->front() != '~') {
      return lines.error(column_of(line, "frame"), "\"frame\" must be a text that begins with '~'");
    }
    const std::optional<std::int64_t> us = number_of(*object, "t_us");
    if (!us) return lines.error(column_of(line, "t_us"), "\"t_us\" must be a whole number");
    const std::string dir = text_of(*object, "dir").value_or("");
    if (!dir.empty() && dir != "req" && dir != "resp") {
      return lines.error(column_of(line, "dir"), "\"dir\" must be \"req\" or \"resp\"");
    }
    RecordedItem item;
    item.data = wire_bytes(*frame);
    item.from = dir == "req"    ? RecordedItem::From::Asker
                : dir == "resp" ? RecordedItem::From::Device
                                : RecordedItem::From::Unknown;
    if (Done done = add(recording, std::move(item), *us, origin, lines); !done) return done;
  }
  recording.timed = true;
  return {};
}

bool decode_hex(std::string_view text, std::vector<std::uint8_t>& out) {
  const auto digit = [](char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
  };
  if (text.size() % 2 != 0) return false;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = digit(text[i]);
    const int low = digit(text[i + 1]);
    if (high < 0 || low < 0) return false;
    out.push_back(static_cast<std::uint8_t>(high * 16 + low));
  }
  return true;
}

/// Traffic of one line of evidence into `item`; false: the line is about something else.
Outcome<bool> parse_event(const Json& object, std::string_view line, const Lines& lines,
                          RecordedItem& item) {
  const std::optional<std::string> kind = text_of(object, "kind");
  if (!kind) return lines.error(column_of(line, "kind"), "\"kind\" is missing");
  const bool bytes = *kind == "tx" || *kind == "rx";
  const bool frame = *kind == "can_tx" || *kind == "can_rx";
  if (!bytes && !frame) return false;
  item.from =
      *kind == "tx" || *kind == "can_tx" ? RecordedItem::From::Asker : RecordedItem::From::Device;
  item.link = text_of(object, "link").value_or("");
  if (bytes) {
    const std::optional<std::string> hex = text_of(object, "hex");
    if (hex && decode_hex(*hex, item.data)) return true;
    return lines.error(column_of(line, "hex"), "\"hex\" must be pairs of hexadecimal digits");
  }
  candump::Record record;
  const std::string text = "(0.0) can0 " + text_of(object, "frame").value_or("");
  const Result<bool, candump::TextError> parsed = candump::parse_line(text, 1, record);
  if (!parsed || !*parsed) {
    return lines.error(column_of(line, "frame"), "\"frame\" must be a CAN frame as 351#1402");
  }
  item.frame = record.frame;
  return true;
}

/// A file may hold several runs, each with a first line of its own and its own clock: the time of a
/// run goes on where the one before ended.
Done parse_evidence(Lines& lines, Recording& recording) {
  std::string_view line;
  std::int64_t origin = 0;
  std::int64_t shift = 0;  // makes a run begin at the end of the one before
  bool first_of_run = true;
  std::int64_t last = 0;
  while (lines.next(line)) {
    if (trimmed(line).empty()) continue;
    const Outcome<Json> object = parse_object(line, lines);
    if (!object) return Unexpected<Failure>{object.error()};
    if (const std::optional<std::int64_t> version = number_of(*object, "weco_evidence")) {
      if (*version != 1) {
        return lines.error(column_of(line, "weco_evidence"),
                           "this version of the evidence format is not known",
                           "Use the weco that wrote it, or a newer one.", ErrorCode::Unsupported);
      }
      keep_provenance(recording, line);
      first_of_run = true;
      continue;
    }
    const std::optional<std::int64_t> us = number_of(*object, "t_us");
    if (!us) return lines.error(column_of(line, "t_us"), "\"t_us\" must be a whole number");
    RecordedItem item;
    const Outcome<bool> traffic = parse_event(*object, line, lines, item);
    if (!traffic) return Unexpected<Failure>{traffic.error()};
    if (!*traffic) continue;
    if (std::exchange(first_of_run, false)) shift = recording.items.empty() ? 0 : last - *us;
    last = *us + shift;
    if (Done done = add(recording, std::move(item), last, origin, lines); !done) return done;
  }
  recording.timed = true;
  return {};
}

/// The form shows in the first line that is neither empty nor a comment.
Outcome<RecordingForm> recognise(std::string_view text, const std::string& path) {
  if (is_pcapng(text)) return RecordingForm::Pcapng;
  Lines lines(text, path);
  std::string_view line;
  while (lines.next(line)) {
    const std::string_view content = trimmed(line);
    if (content.empty() || content.front() == '#') continue;
    if (content.front() == '~') return RecordingForm::TextFrames;
    if (content.front() != '{') return RecordingForm::Candump;
    return content.find("\"weco_evidence\"") != std::string_view::npos
               ? RecordingForm::Evidence
               : RecordingForm::PylontechSniff;
  }
  return failure(ErrorCode::BadInput, "the recording is empty", path,
                 "Expected candump output, evidence of weco, pcapng, or lines of ~frames.");
}

}  // namespace

bool Recording::has_frames() const {
  return std::any_of(items.begin(), items.end(),
                     [](const RecordedItem& item) { return item.frame.has_value(); });
}

bool Recording::has_bytes() const {
  return std::any_of(items.begin(), items.end(),
                     [](const RecordedItem& item) { return !item.frame.has_value(); });
}

namespace {

Outcome<Recording> parse_whole(std::string_view text, const std::string& path) {
  const Outcome<RecordingForm> form = recognise(text, path);
  if (!form) return Unexpected<Failure>{form.error()};
  Recording recording;
  recording.path = path;
  recording.form = *form;
  Lines lines(text, path);
  Done done;
  switch (*form) {
    case RecordingForm::Candump:
      done = parse_candump(lines, recording);
      break;
    case RecordingForm::Evidence:
      done = parse_evidence(lines, recording);
      break;
    case RecordingForm::PylontechSniff:
      done = parse_sniff(lines, recording);
      break;
    case RecordingForm::TextFrames:
      done = parse_text_frames(lines, recording);
      break;
    case RecordingForm::Pcapng:
      done = parse_pcapng(text, recording);
      break;
  }
  if (!done) return Unexpected<Failure>{done.error()};
  if (!recording.items.empty()) return recording;
  return failure(ErrorCode::BadInput, "the recording holds no traffic", path,
                 "Record again while the devices talk, for instance with candump -L can0.");
}

}  // namespace

/// A recorder that was killed leaves half a line behind; what came before it is good.
Outcome<Recording> parse_recording(std::string_view text, const std::string& path) {
  Outcome<Recording> whole = parse_whole(text, path);
  const std::size_t last = text.find_last_of('\n');
  if (whole || is_pcapng(text)) return whole;
  if (last == std::string_view::npos || last + 1 == text.size()) return whole;
  Outcome<Recording> rest = parse_whole(text.substr(0, last + 1), path);
  if (!rest) return whole;
  rest->torn = true;
  return rest;
}

Outcome<Recording> load_recording(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    const int error = errno;
    const ErrorCode code = error == EACCES ? ErrorCode::PermissionDenied : ErrorCode::NotFound;
    return failure(Error{code, error}, "the recording cannot be opened", path,
                   std::string(std::strerror(error)) + ".");
  }
  std::string text;
  std::vector<char> piece(1U << 16);
  while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())), file.gcount() > 0) {
    text.append(piece.data(), static_cast<std::size_t>(file.gcount()));
    if (text.size() > kRecordingBytesMax) {
      return failure(ErrorCode::TooLong, "the recording is too large", path,
                     "At most 256 MB; cut it into parts.");
    }
  }
  if (file.bad()) {
    return failure(ErrorCode::BadInput, "the recording cannot be read", path,
                   "Name a file; check that it is no directory and that the disk is well.");
  }
  return parse_recording(text, path);
}

}  // namespace weco::transports
