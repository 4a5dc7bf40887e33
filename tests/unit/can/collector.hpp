// SPDX-License-Identifier: Apache-2.0
// Keeps every reading that a decoder puts, finds the newest of a point, and serves as the source of
// an encoder, so that a round trip is written in two lines.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/decimal.hpp"
#include "core/points/vocabulary.hpp"

namespace weco::test {

class Collector final : public ReadingSink, public ReadingSource {
 public:
  void put(const Reading& reading) override { readings.push_back(reading); }
  [[nodiscard]] const Reading* get(const PointRef& ref) const override {
    for (auto it = readings.rbegin(); it != readings.rend(); ++it) {
      if (it->ref == ref) return &*it;
    }
    return nullptr;
  }
  [[nodiscard]] const Reading* find(std::string_view name, std::uint8_t index = 0,
                                    NodePath node = {}) const {
    return get({find_point(name).value(), index, node});
  }
  /// The number as it would be printed, "" where there is none.
  [[nodiscard]] std::string number(std::string_view name, std::uint8_t index = 0,
                                   NodePath node = {}) const {
    const Reading* const r = find(name, index, node);
    if (r == nullptr || r->kind != ValueKind::Number || r->quality == Quality::NotImplemented) {
      return "";
    }
    return std::string(to_text(r->number).view());
  }
  /// True when the newest reading equals `text` as a number, whatever the spelling.
  [[nodiscard]] bool equals(std::string_view name, std::string_view text, std::uint8_t index = 0,
                            NodePath node = {}) const {
    const std::string have = number(name, index, node);
    return !have.empty() && compare(parse_decimal(have).value(), parse_decimal(text).value()) == 0;
  }
  [[nodiscard]] std::string text(std::string_view name, NodePath node = {}) const {
    const Reading* const r = find(name, 0, node);
    return r == nullptr ? "" : std::string(r->text());
  }
  [[nodiscard]] std::uint64_t bits(std::string_view name, std::uint8_t index = 0,
                                   NodePath node = {}) const {
    const Reading* const r = find(name, index, node);
    return r == nullptr ? ~0ULL : r->bits;
  }
  [[nodiscard]] Quality quality(std::string_view name, std::uint8_t index = 0,
                                NodePath node = {}) const {
    const Reading* const r = find(name, index, node);
    return r == nullptr ? Quality::Stale : r->quality;
  }
  void number_in(std::string_view name, std::string_view value, std::uint8_t index = 0,
                 NodePath node = {}) {
    put(number_reading({find_point(name).value(), index, node}, parse_decimal(value).value(), {}));
  }
  void text_in(std::string_view name, std::string_view value, NodePath node = {}) {
    put(text_reading({find_point(name).value(), 0, node}, value, {}));
  }
  void flags_in(std::string_view name, std::uint64_t value, NodePath node = {}) {
    put(bits_reading({find_point(name).value(), 0, node}, ValueKind::Flags, value, {}));
  }

  std::vector<Reading> readings;
};

}  // namespace weco::test
