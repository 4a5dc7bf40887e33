// SPDX-License-Identifier: Apache-2.0
#include "host/profile/profile.hpp"

#include <algorithm>
#include <array>

#include "host/profile/schema.hpp"

namespace weco {
namespace {
template <class Enum, std::size_t N>
std::string_view pick(Enum value, const std::array<std::string_view, N>& names) {
  const auto i = static_cast<std::size_t>(value);
  WECO_ASSERT(i < N);
  return names[i];
}
}  // namespace

std::string_view name(ProfileStatus status) {
  return pick(status, std::array<std::string_view, 3>{"vendor", "community", "open"});
}
std::string_view name(ProtocolKind kind) {
  return pick(kind, std::array<std::string_view, 3>{"modbus", "canbms", "pylontech"});
}
std::string_view name(Carrier carrier) {
  return pick(carrier, std::array<std::string_view, 6>{"rtu", "tcp", "rtu_over_tcp", "ble",
                                                       "serial", "can"});
}
std::string_view name(RegisterTable table) {
  return pick(table, std::array<std::string_view, 4>{"holding", "input", "coil", "discrete"});
}
std::string_view name(WireType type) {
  return pick(type, std::array<std::string_view, 18>{"u16", "s16", "u32", "s32", "u64", "s64",
                                                     "f32", "text", "bits16", "bits32", "bits64",
                                                     "bit", "decimal16", "decimal32", "decimal64",
                                                     "clock6", "clock8", "hour_minute"});
}
std::string_view name(Confidence confidence) {
  return pick(confidence,
              std::array<std::string_view, 5>{"own", "vendor", "several", "single", "assumed"});
}
std::string_view name(ModbusVariant variant) {
  return pick(variant, std::array<std::string_view, 3>{"plain", "bluetti", "weco_service"});
}
std::string_view name(Severity severity) {
  return pick(severity, std::array<std::string_view, 4>{"info", "warning", "alarm", "fault"});
}

bool matches_pattern(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;  // the last '*' and where its run ends so far
  std::size_t run = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      run = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++run;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool IdentifyRule::holds(const Reading& reading) const {
  if (kind != Kind::Point || reading.ref != point || reading.quality != Quality::Good) return false;
  if (reading.kind == ValueKind::Text) return matches_pattern(pattern, reading.text());
  const Decimal value = reading.kind == ValueKind::Number
                            ? reading.number
                            : Decimal{static_cast<std::int64_t>(reading.bits), 0};
  if (min && compare(value, *min) < 0) return false;
  return !max || compare(value, *max) <= 0;
}

Done Profile::check_model(std::string_view model) const {
  if (models.empty() || std::find(models.begin(), models.end(), model) != models.end()) return {};
  const std::vector<std::string_view> words(models.begin(), models.end());
  const std::vector<std::string_view> patterns(model_patterns.begin(), model_patterns.end());
  std::string shown;
  for (const char c : model.substr(0, 64)) {
    shown += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
  }
  return failure(ErrorCode::BadInput,
                 "model \"" + shown + "\" does not exist; allowed are: " + join(patterns), family,
                 did_you_mean(model, words));
}

}  // namespace weco
