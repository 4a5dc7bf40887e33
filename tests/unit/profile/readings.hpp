// SPDX-License-Identifier: Apache-2.0
// A sink and a source that keep readings by reference, for tests.
#pragma once

#include <map>
#include <string>

#include "core/points/vocabulary.hpp"
#include "host/profile/catalog.hpp"
#include "host/profile/modbus_map.hpp"

namespace weco::test {

class Readings final : public ReadingSink, public ReadingSource {
 public:
  void put(const Reading& reading) override { values_[reading.ref] = reading; }
  [[nodiscard]] const Reading* get(const PointRef& ref) const override {
    const auto at = values_.find(ref);
    return at == values_.end() ? nullptr : &at->second;
  }
  [[nodiscard]] std::size_t size() const { return values_.size(); }
  void clear() { values_.clear(); }
  [[nodiscard]] const std::map<PointRef, Reading>& all() const { return values_; }

 private:
  std::map<PointRef, Reading> values_;
};

/// "file:12: what", as a person reads it.
inline std::string sentence(const Failure& failure) { return failure.where + ": " + failure.what; }

/// A small profile around one row; the row stands in line 12.
inline std::string profile_around(const std::string& row, const std::string& status = "open",
                                  const std::string& protocol = "") {
  return "return {\n"
         "  family = \"probe\",\n"
         "  title = \"Probe\",\n"
         "  vendor = \"House\",\n"
         "  status = \"" +
         status +
         "\",\n"
         "  node = \"tower\",\n"
         "  sources = { { document = \"d\", revision = \"1\", confidence = \"own\" } },\n"
         "  protocol = { kind = \"modbus\", over = { \"rtu\" }, " +
         protocol +
         " },\n"
         "  identify = { { point = \"device_type\", value = 1 } },\n"
         "  rows = {\n"
         "    { point = \"device_type\", at = { \"input\", 0xF000 }, type = \"u16\" },\n"
         "    " +
         row +
         "\n"
         "  },\n"
         "}\n";
}

inline Profile must_load(const std::string& text) {
  auto profile = load_profile(text, "probe.lua");
  if (!profile) throw std::runtime_error(sentence(profile.error()));
  return *profile;
}

/// A map of one row beside device_type.
inline ModbusMap map_around(const std::string& row, const std::string& status = "open",
                            const std::string& protocol = "") {
  return ModbusMap(must_load(profile_around(row, status, protocol)));
}

}  // namespace weco::test
