// SPDX-License-Identifier: Apache-2.0
#include "host/calibration/journal.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "host/evidence/file.hpp"
#include "host/text/fields.hpp"
#include "host/text/utc.hpp"

namespace weco::calibration {
namespace {

constexpr std::string_view kDevice = " device=";

bool set_field(Entry& entry, std::string_view key, std::string_view value) {
  if (key == "phase") {
    for (int n = 0; n <= static_cast<int>(Phase::Stopped); ++n) {
      const auto phase = static_cast<Phase>(n);
      if (name(phase) != value) continue;
      entry.progress.phase = phase;
      return true;
    }
    return false;
  }
  if (key == "leg") return parse_number(value, entry.progress.leg) && entry.progress.leg >= 0;
  if (key == "leg_at") return parse_number(value, entry.progress.leg_s);
  if (key == "missed") return parse_number(value, entry.progress.missed);
  if (key == "highest") return parse_number(value, entry.progress.highest);
  if (key == "packs") return parse_number(value, entry.progress.packs);
  if (key == "full") return parse_number(value, entry.progress.full);
  if (key == "given_up") return parse_number(value, entry.progress.given_up);
  if (key == "elapsed") return parse_number(value, entry.progress.elapsed_s);
  if (key == "soc") return parse_number(value, entry.progress.soc_before);
  if (key == "band") return parse_number(value, entry.progress.band_before);
  if (key == "runs") {
    for (std::size_t at = 0; at < value.size();) {
      const std::size_t end = std::min(value.find(',', at), value.size());
      entry.standing.emplace_back(value.substr(at, end - at));
      at = end + 1;
    }
    return true;
  }
  if (key == "t") return parse_number(value, entry.at);
  return true;  // of a newer version
}

Unexpected<Failure> no_line() {
  return failure(ErrorCode::BadInput, "this is no line of a calibration's journal");
}

}  // namespace

std::string to_line(const Entry& entry) {
  const Progress& p = entry.progress;
  std::string device = entry.device;  // the last field: only what ends a line would break it
  std::replace(device.begin(), device.end(), '\n', ' ');
  const std::string runs =
      entry.standing.empty() ? "" : fmt::format(" runs={}", fmt::join(entry.standing, ","));
  return fmt::format(
      "{} t={} phase={} leg={} leg_at={} missed={} highest={} packs={} full={} given_up={} "
      "elapsed={} soc={} band={}{}{}{}\n",
      utc_text(entry.at), entry.at, name(p.phase), p.leg, p.leg_s, p.missed, p.highest, p.packs,
      p.full, p.given_up, p.elapsed_s, p.soc_before, p.band_before, runs, kDevice, device);
}

Outcome<Entry> parse_entry(std::string_view line) {
  Entry entry;
  const std::size_t device = line.find(kDevice);
  if (device == std::string_view::npos) return no_line();
  entry.device = std::string(line.substr(device + kDevice.size()));
  line = line.substr(0, device);
  bool has_phase = false;
  const bool whole = each_field(line, [&](std::string_view key, std::string_view value) {
    has_phase |= key == "phase";
    return set_field(entry, key, value);
  });
  if (!whole || !has_phase) return no_line();
  return entry;
}

Done append(const std::string& path, const Entry& entry) {
  int fd = -1;
  Done done = append_to_journal(fd, to_line(entry), path);
  if (fd >= 0) close(fd);
  return done;
}

Outcome<Entry> last_entry(const std::string& path, std::string_view device) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return failure(ErrorCode::NotFound, "there is no such journal", path,
                   "Name the one of the run that was cut with --journal.");
  }
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  std::optional<Entry> last;
  for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos;
       at = end + 1) {
    auto entry = parse_entry(std::string_view(text).substr(at, end - at));
    if (entry && entry->device == device) last = std::move(*entry);
  }
  if (last) return std::move(*last);
  return failure(ErrorCode::NotFound, "the journal knows nothing of this device", path,
                 "Begin without --resume.");
}

}  // namespace weco::calibration
