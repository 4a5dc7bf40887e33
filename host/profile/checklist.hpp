// SPDX-License-Identifier: Apache-2.0
// Checklists as data: what is looked at, when it is good, what to do when it is not, which evidence
// is wanted and which requirement it comes from. Read by the same strict loader as the profiles.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/points/point.hpp"
#include "host/failure/failure.hpp"

namespace weco {

/// What an item is about: the first three forbid recommissioning while they are open (WS-66).
enum class ItemKind : std::uint8_t { Other, Safety, Insulation, Tightening };
std::string_view name(ItemKind kind);

/// When an item is good.
struct Acceptance {
  enum class Kind : std::uint8_t {
    Judgement,  // a person says so
    Number,     // a person measures; min and max in `unit`
    Torque,     // a person tightens; `max` is the value specified, none: from the maker's table
    Point,      // the device says so: a range, a symbol, a spread or equality
    NoFault,    // the device has neither fault, alarm nor lock
    CleanBus,   // the CAN bus that it is read on has no trouble
    Firmware,   // it has the newest critical firmware, or its 60 days are not over (WS-33)
  };
  Kind kind = Kind::Judgement;
  std::string unit;
  std::optional<Decimal> min;
  std::optional<Decimal> max;
  bool below = false;  // Torque: the value is an upper limit
  PointId point{};
  std::string is;                 // Point: the symbol it must show
  std::optional<Decimal> spread;  // Point: highest minus lowest, within one part or across `of`
  bool same = false;              // Point: the same text everywhere
  NodeKind of = NodeKind::None;   // only parts of this kind

  [[nodiscard]] bool live() const { return kind >= Kind::Point; }
};

struct ChecklistItem {
  std::string id;   // unique in its checklist
  std::string key;  // "weco_smart.monthly.soc": where languages look for its text
  std::string group;
  std::string text;
  std::string fix;  // a word of the languages: what to do when it is not conforming
  ItemKind kind = ItemKind::Other;
  bool first = false;  // a precondition: nothing goes on before it is met (WS-60)
  Acceptance accept;
  std::vector<std::string> needs;     // requirement ids
  std::vector<std::string> evidence;  // value, photo, torque, serial, log
};

struct Checklist {
  std::string name;
  std::string family;
  std::string title;
  int revision = 1;
  int every_days = 0;          // 0: once
  bool card = false;           // only to be read
  bool recommissions = false;  // puts a system into operation: refused while WS-66 forbids it
  std::vector<ChecklistItem> items;

  [[nodiscard]] const ChecklistItem* find(std::string_view id) const;
};

Outcome<Checklist> load_checklist(std::string_view text, const std::string& file);

/// Words of one language by key; what has no word keeps the key's own English.
class Language {
 public:
  std::string code;
  std::map<std::string, std::string, std::less<>> words;
  [[nodiscard]] std::string_view word(std::string_view key, std::string_view otherwise) const;
  [[nodiscard]] std::string_view word(std::string_view key) const { return word(key, key); }
};
Outcome<Language> load_language(std::string_view text, const std::string& file);

/// All checklists and languages inside the program.
class Checklists {
 public:
  static Outcome<Checklists> embedded();
  [[nodiscard]] std::span<const Checklist> all() const { return lists_; }
  /// The family's own, or that of the family it is a variant of: "ep760" serves "ep760_open".
  [[nodiscard]] Outcome<const Checklist*> find(std::string_view family,
                                               std::string_view name) const;
  /// The family whose checklists serve `family`; empty when there is none.
  [[nodiscard]] std::string_view family_for(std::string_view family) const;
  /// NotFound names the languages there are.
  [[nodiscard]] Outcome<const Language*> language(std::string_view code) const;
  [[nodiscard]] std::span<const Language> languages() const { return languages_; }

 private:
  std::vector<Checklist> lists_;
  std::vector<Language> languages_;
};

}  // namespace weco
