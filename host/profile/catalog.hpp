// SPDX-License-Identifier: Apache-2.0
// All families a run knows: those inside the program and those of the user's own folders. Listing
// them costs nothing; a family's files are parsed when somebody first asks for that family.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/profile/profile.hpp"

namespace weco {

/// What can be said of a family without parsing its files.
struct FamilyEntry {
  std::string family;
  std::string title;
  std::string status;  // "vendor", "community", "open"
  std::string folder;  // "devices/weco_smart" inside the program, else the path
};

class Catalog {
 public:
  /// The families inside the program. Parses nothing.
  static Outcome<Catalog> embedded();

  /// Adds the user's own families: every folder in `path` that has a profile.lua (or `path`
  /// itself). A family of the same name replaces the one inside the program. Their profile.lua are
  /// checked at once, so that a mistake is reported when the folder is named; the first one found
  /// is returned.
  Done add_folder(const std::string& path);

  /// Sorted by name.
  [[nodiscard]] std::span<const FamilyEntry> families() const { return entries_; }
  /// NotFound with the closest name as a hint; BadInput when the family's file is wrong.
  [[nodiscard]] Outcome<const Profile*> load(std::string_view family) const;
  /// The same without the reason: nullptr when there is none or it is wrong.
  [[nodiscard]] const Profile* find(std::string_view family) const;
  /// All of them, in the order of families(); the first that is wrong ends it.
  [[nodiscard]] Outcome<std::vector<const Profile*>> load_all() const;

  /// Fault codes, ports, lights and ways of updating of a family; empty when it has none. Valid as
  /// long as the catalog.
  [[nodiscard]] Outcome<std::span<const FaultInfo>> faults(std::string_view family) const;
  [[nodiscard]] Outcome<std::span<const PortInfo>> ports(std::string_view family) const;
  [[nodiscard]] Outcome<std::span<const LightInfo>> lights(std::string_view family) const;
  [[nodiscard]] Outcome<std::span<const UpdateRoute>> update_routes(std::string_view family) const;
  /// One of them, upper and lower case alike; nullptr when the family does not list it.
  [[nodiscard]] const FaultInfo* fault(std::string_view family, std::string_view code) const;
  [[nodiscard]] const PortInfo* port(std::string_view family, std::string_view name) const;
  /// notes.md of a family: quirks and what is unpublished; empty when it has none.
  [[nodiscard]] std::string_view notes(std::string_view family) const;

  ~Catalog();
  Catalog(Catalog&&) noexcept;
  Catalog& operator=(Catalog&&) noexcept;

 private:
  struct Family;
  template <class T>
  using Part = std::optional<Outcome<std::vector<T>>>;
  template <class T>
  using Load = Outcome<std::vector<T>>(std::string_view, const std::string&);

  Catalog();
  [[nodiscard]] Family* family(std::string_view name) const;
  template <class T>
  [[nodiscard]] Outcome<std::span<const T>> part(std::string_view name, Part<T> Family::*kept,
                                                 std::string_view file, Load<T>* parse) const;
  std::vector<FamilyEntry> entries_;
  std::vector<std::unique_ptr<Family>> families_;  // in the order of entries_
};

/// Every mistake in a family's folder (profile.lua, faults.lua, ports.lua, lights.lua,
/// update.lua): empty when it is clean. At most one a file, because a wrong file is not read on.
std::vector<Failure> check_family(const std::string& folder);

}  // namespace weco
