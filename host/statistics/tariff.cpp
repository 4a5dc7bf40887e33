// SPDX-License-Identifier: Apache-2.0
#include "host/statistics/tariff.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "core/base/decimal.hpp"
#include "host/profile/schema.hpp"
#include "host/records/calendar.hpp"

namespace weco::statistics {
namespace {

constexpr std::array kFileKeys = {
    KeySpec{"currency", Want::Text, true},       KeySpec{"utc_offset", Want::Text, true},
    KeySpec{"summer_time", Want::Text, true},    KeySpec{"import_per_kWh", Want::Text, true},
    KeySpec{"export_per_kWh", Want::Text, true}, KeySpec{"windows", Want::Table},
    KeySpec{"equivalents", Want::Table},
};
constexpr std::array kWindowKeys = {
    KeySpec{"from", Want::Text, true},     KeySpec{"to", Want::Text, true},
    KeySpec{"days", Want::Table},          KeySpec{"months", Want::Table},
    KeySpec{"import_per_kWh", Want::Text}, KeySpec{"export_per_kWh", Want::Text},
};
constexpr std::array kFactorKeys = {
    KeySpec{"co2_kg_per_kWh", Want::Text},
    KeySpec{"coal_kg_per_kWh", Want::Text},
    KeySpec{"co2_kg_per_tree_year", Want::Text},
    KeySpec{"source", Want::Text, true},
};
constexpr std::array<std::string_view, 7> kDays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
constexpr std::size_t kWindowsMax = 100;
constexpr double kPriceMost = 10000;

std::optional<double> number(Schema& schema, const DataValue& table, std::string_view key,
                             double least) {
  const DataValue* value = table.get(key);
  if (value == nullptr) return std::nullopt;
  const auto decimal = parse_decimal(value->text);
  const double found = decimal ? to_double(*decimal) : 0;
  if (!decimal || found < least || found > kPriceMost) {
    schema.refuse(value->line, "\"" + std::string(key) + "\" is no number within its range",
                  "Write it as a text, \"0.25\".");
    return std::nullopt;
  }
  return found;
}

/// "07:30", also "24:00"; refused otherwise.
int minute_of(Schema& schema, const DataValue& table, std::string_view key) {
  const DataValue& value = *table.get(key);
  const std::string& text = value.text;
  const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9'; };
  int minute = -1;
  if (text.size() == 5 && text[2] == ':' && digit(0) && digit(1) && digit(3) && digit(4)) {
    const int last = (text[3] - '0') * 10 + text[4] - '0';
    if (last < 60) minute = ((text[0] - '0') * 10 + text[1] - '0') * 60 + last;
  }
  if (minute < 0 || minute > 1440) {
    schema.refuse(value.line, "\"" + std::string(key) + "\" is no time of a day",
                  "Write it as 07:30; a day ends at 24:00.");
  }
  return minute;
}

TariffWindow load_window(Schema& schema, const DataValue& entry, const Tariff& tariff) {
  TariffWindow window;
  schema.shape(entry, "a window", kWindowKeys);
  if (schema.failed()) return window;
  window.from_min = minute_of(schema, entry, "from");
  window.to_min = minute_of(schema, entry, "to");
  if (!schema.failed() && window.from_min >= window.to_min) {
    schema.refuse(entry.line, "a window ends before it begins",
                  "Write one over midnight as two: 22:00 to 24:00 and 00:00 to 06:00.");
  }
  window.import_per_kWh =
      number(schema, entry, "import_per_kWh", -kPriceMost).value_or(tariff.import_per_kWh);
  window.export_per_kWh =
      number(schema, entry, "export_per_kWh", -kPriceMost).value_or(tariff.export_per_kWh);
  if (entry.get("days") != nullptr) window.days = 0;
  for (const DataValue* day : schema.list(entry, "a window", "days", DataValue::Kind::Text)) {
    window.days |= 1U << schema.word(*day, "a window", "day", kDays);
  }
  if (entry.get("months") != nullptr) window.months = 0;
  for (const DataValue* month : schema.list(entry, "a window", "months", DataValue::Kind::Whole)) {
    if (month->whole < 1 || month->whole > 12) {
      schema.refuse(month->line, "a month is a number from 1 to 12");
      break;
    }
    window.months |= 1U << static_cast<unsigned>(month->whole - 1);
  }
  return window;
}

bool overlap(const TariffWindow& a, const TariffWindow& b) {
  return (a.days & b.days) != 0 && (a.months & b.months) != 0 && a.from_min < b.to_min &&
         b.from_min < a.to_min;
}

void load_windows(Schema& schema, const DataValue& file, Tariff& tariff) {
  const auto entries = schema.list(file, "the tariff", "windows", DataValue::Kind::Table);
  if (entries.size() > kWindowsMax) {
    return schema.refuse(file.line, "a tariff has at most 100 windows");
  }
  for (const DataValue* entry : entries) {
    const TariffWindow window = load_window(schema, *entry, tariff);
    if (schema.failed()) return;
    for (const TariffWindow& other : tariff.windows) {
      if (!overlap(window, other)) continue;
      return schema.refuse(entry->line, "two windows hold at the same time",
                           "Each minute has one price; divide the hours between them.");
    }
    tariff.windows.push_back(window);
  }
}

void load_factors(Schema& schema, const DataValue& file, Factors& factors) {
  const DataValue* table = file.get("equivalents");
  if (table == nullptr) return;
  schema.shape(*table, "equivalents", kFactorKeys);
  if (schema.failed()) return;
  const std::string source = Schema::text(*table, "source");
  if (source.empty()) return schema.refuse(table->line, "the factors have no source");
  const auto take = [&](std::string_view key, Factor& into) {
    const auto value = number(schema, *table, key, 0);
    if (!value) return;
    if (*value <= 0) return schema.refuse(table->line, "a factor is above 0");
    into = {*value, source, false};
  };
  take("co2_kg_per_kWh", factors.co2_kg_per_kWh);
  take("coal_kg_per_kWh", factors.coal_kg_per_kWh);
  take("co2_kg_per_tree_year", factors.co2_kg_per_tree_year);
}

}  // namespace

Factors usual_factors() {
  return {
      {0.25, "a round figure for a mixed European grid; grids differ by a factor of ten", true},
      {0.123,
       "the energy of the electricity itself in coal of 7000 kcal/kg, without the losses "
       "of a power station",
       false},
      {20, "a round figure for one grown tree", true},
  };
}

Price price_at(const Tariff& tariff, std::int64_t local) {
  const std::int64_t second = ((local % records::kDay_s) + records::kDay_s) % records::kDay_s;
  const int minute = static_cast<int>(second / 60);
  const records::Day day = records::day_of(local);
  Price price{tariff.import_per_kWh, tariff.export_per_kWh, 0};
  int until = 1440;
  for (const TariffWindow& window : tariff.windows) {
    const bool today = (window.days >> static_cast<unsigned>(day.weekday) & 1U) != 0 &&
                       (window.months >> static_cast<unsigned>(day.month - 1) & 1U) != 0;
    if (!today) continue;
    if (minute >= window.from_min && minute < window.to_min) {
      price.import_per_kWh = window.import_per_kWh;
      price.export_per_kWh = window.export_per_kWh;
      until = std::min(until, window.to_min);
    } else if (minute < window.from_min) {
      until = std::min(until, window.from_min);
    }
  }
  price.until_local = local - second + std::int64_t{until} * 60;
  return price;
}

Outcome<Tariff> parse_tariff(std::string_view text, const std::string& file) {
  auto data = read_lua_data(text, file);
  if (!data) return Unexpected{data.error()};
  Schema schema(file);
  schema.shape(*data, "the tariff", kFileKeys);
  if (schema.failed()) return schema.take();
  Tariff tariff;
  tariff.currency = Schema::text(*data, "currency");
  if (tariff.currency.empty() || tariff.currency.size() > 8) {
    schema.refuse(data->get("currency")->line, "the currency has 1 to 8 bytes");
  }
  const DataValue& offset = *data->get("utc_offset");
  const auto zone = parse_zone(offset.text, Schema::text(*data, "summer_time"),
                               file + ":" + std::to_string(offset.line));
  if (!zone) return Unexpected{zone.error()};
  tariff.zone = *zone;
  tariff.import_per_kWh = number(schema, *data, "import_per_kWh", -kPriceMost).value_or(0);
  tariff.export_per_kWh = number(schema, *data, "export_per_kWh", -kPriceMost).value_or(0);
  if (!schema.failed()) load_windows(schema, *data, tariff);
  if (!schema.failed()) load_factors(schema, *data, tariff.factors);
  if (schema.failed()) return schema.take();
  return tariff;
}

}  // namespace weco::statistics
