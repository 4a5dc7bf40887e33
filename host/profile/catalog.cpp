// SPDX-License-Identifier: Apache-2.0
#include "host/profile/catalog.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <optional>
#include <utility>

#include "devices/embedded.hpp"
#include "host/profile/schema.hpp"

namespace weco {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFamiliesMax = 1000;  // of one folder

/// A file's text, at most one byte more than a data file may have, so that "too large" is noticed.
Outcome<std::string> read_text(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return failure(ErrorCode::NotFound, "the file cannot be opened", path.string());
  std::string text(kProfileTextMax + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (in.bad()) return failure(ErrorCode::IoError, "the file cannot be read", path.string());
  return text;
}

bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

template <class T>
Outcome<T> missing_as_empty(const Outcome<std::string>& text, const std::string& file,
                            Outcome<T> (*load)(std::string_view, const std::string&)) {
  if (!text)
    return text.error().code() == ErrorCode::NotFound ? Outcome<T>(T{})
                                                      : Unexpected<Failure>{text.error()};
  return load(*text, file);
}

}  // namespace

struct Catalog::Family {
  std::string folder;                                 // for messages, or where to read from
  const devices::EmbeddedFamily* embedded = nullptr;  // nullptr: a folder of the user
  std::optional<Outcome<Profile>> profile;            // each once somebody asked
  Part<FaultInfo> faults;
  Part<PortInfo> ports;
  Part<LightInfo> lights;
  Part<UpdateRoute> routes;
  std::optional<std::string> notes;

  [[nodiscard]] Outcome<std::string> text(std::string_view name) const {
    if (embedded == nullptr) {
      const fs::path path = fs::path(folder) / name;
      if (!is_file(path))
        return failure(ErrorCode::NotFound, "there is no such file", path.string());
      return read_text(path);
    }
    for (const devices::EmbeddedFile& file : embedded->files) {
      if (file.name == name) return std::string(file.text());
    }
    return failure(ErrorCode::NotFound, "there is no such file", folder);
  }
  [[nodiscard]] std::string file(std::string_view name) const {
    return folder + "/" + std::string(name);
  }
  const Outcome<Profile>& load() {
    if (!profile) {
      const auto source = text("profile.lua");
      profile.emplace(source ? load_profile(*source, file("profile.lua"))
                             : Outcome<Profile>(Unexpected<Failure>{source.error()}));
    }
    return *profile;
  }
};

Catalog::Catalog() = default;
Catalog::~Catalog() = default;
Catalog::Catalog(Catalog&&) noexcept = default;
Catalog& Catalog::operator=(Catalog&&) noexcept = default;

Outcome<Catalog> Catalog::embedded() {
  Catalog catalog;
  for (const devices::EmbeddedFamily& family : devices::embedded()) {
    const std::string folder = "devices/" + std::string(family.family);
    catalog.entries_.push_back({std::string(family.family), std::string(family.title),
                                std::string(family.status), folder});
    auto made = std::make_unique<Family>();
    made->folder = folder;
    made->embedded = &family;
    catalog.families_.push_back(std::move(made));
  }
  return Outcome<Catalog>(std::move(catalog));
}

Done Catalog::add_folder(const std::string& path) {
  std::vector<fs::path> folders;
  std::error_code error;
  if (is_file(fs::path(path) / "profile.lua")) {
    folders.emplace_back(path);
  } else {
    fs::directory_iterator at(path, error);
    if (error) return failure(ErrorCode::NotFound, "the folder of families cannot be read", path);
    for (; at != fs::directory_iterator() && folders.size() < kFamiliesMax; at.increment(error)) {
      if (error) break;
      if (is_file(at->path() / "profile.lua")) folders.push_back(at->path());
    }
    std::sort(folders.begin(), folders.end());
  }
  for (const fs::path& folder : folders) {
    auto made = std::make_unique<Family>();
    made->folder = folder.string();
    const Outcome<Profile>& profile = made->load();
    if (!profile) return Unexpected<Failure>{profile.error()};
    const FamilyEntry entry{profile->family, profile->title, std::string(name(profile->status)),
                            made->folder};
    const auto place = std::lower_bound(
        entries_.begin(), entries_.end(), entry.family,
        [](const FamilyEntry& e, const std::string& family) { return e.family < family; });
    const auto position = place - entries_.begin();
    if (place != entries_.end() && place->family == entry.family) {
      *place = entry;
      families_[static_cast<std::size_t>(position)] = std::move(made);
    } else {
      entries_.insert(place, entry);
      families_.insert(families_.begin() + position, std::move(made));
    }
  }
  return {};
}

Catalog::Family* Catalog::family(std::string_view name) const {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].family == name) return families_[i].get();
  }
  return nullptr;
}

namespace {
Unexpected<Failure> unknown_family(std::string_view name, std::span<const FamilyEntry> entries) {
  std::vector<std::string_view> names;
  for (const FamilyEntry& entry : entries) names.push_back(entry.family);
  std::string shown;
  for (const char c : name.substr(0, 64)) {
    shown += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
  }
  std::string hint = did_you_mean(name, names);
  if (hint.empty()) hint = "Known are: " + join(names) + ".";
  return failure(ErrorCode::NotFound, "there is no device family \"" + shown + "\"", {},
                 std::move(hint));
}
}  // namespace

Outcome<const Profile*> Catalog::load(std::string_view name) const {
  Family* found = family(name);
  if (found == nullptr) return unknown_family(name, entries_);
  const Outcome<Profile>& profile = found->load();
  if (!profile) return Unexpected<Failure>{profile.error()};
  return &*profile;
}

const Profile* Catalog::find(std::string_view name) const {
  const auto profile = load(name);
  return profile ? *profile : nullptr;
}

Outcome<std::vector<const Profile*>> Catalog::load_all() const {
  std::vector<const Profile*> list;
  for (const FamilyEntry& entry : entries_) {
    auto profile = load(entry.family);
    if (!profile) return Unexpected{std::move(profile).error()};
    list.push_back(*profile);
  }
  return list;
}

/// One file of a family: read when somebody first asks, and no entries where there is none.
template <class T>
Outcome<std::span<const T>> Catalog::part(std::string_view name, Part<T> Family::*kept,
                                          std::string_view file, Load<T>* parse) const {
  Family* found = family(name);
  if (found == nullptr) return unknown_family(name, entries_);
  Part<T>& entries = found->*kept;
  if (!entries) entries = missing_as_empty(found->text(file), found->file(file), parse);
  if (!*entries) return Unexpected<Failure>{entries->error()};
  return std::span<const T>(**entries);
}

Outcome<std::span<const FaultInfo>> Catalog::faults(std::string_view name) const {
  return part(name, &Family::faults, "faults.lua", load_faults);
}

Outcome<std::span<const PortInfo>> Catalog::ports(std::string_view name) const {
  return part(name, &Family::ports, "ports.lua", load_ports);
}

Outcome<std::span<const LightInfo>> Catalog::lights(std::string_view name) const {
  return part(name, &Family::lights, "lights.lua", load_lights);
}

Outcome<std::span<const UpdateRoute>> Catalog::update_routes(std::string_view name) const {
  return part(name, &Family::routes, "update.lua", load_update_routes);
}

const FaultInfo* Catalog::fault(std::string_view name, std::string_view code) const {
  const auto all = faults(name);
  if (!all) return nullptr;
  for (const FaultInfo& fault : *all) {
    if (same_word(fault.code, code)) return &fault;
  }
  return nullptr;
}

const PortInfo* Catalog::port(std::string_view name, std::string_view port_name) const {
  const auto all = ports(name);
  if (!all) return nullptr;
  for (const PortInfo& port : *all) {
    if (same_word(port.name, port_name)) return &port;
  }
  return nullptr;
}

std::string_view Catalog::notes(std::string_view name) const {
  Family* found = family(name);
  if (found == nullptr) return {};
  if (found->embedded != nullptr) {
    for (const devices::EmbeddedFile& file : found->embedded->files) {
      if (file.name == "notes.md") return file.text();
    }
    return {};
  }
  if (!found->notes) {
    const auto text = found->text("notes.md");
    found->notes = text ? *text : std::string();
  }
  return *found->notes;
}

std::vector<Failure> check_family(const std::string& folder) {
  std::vector<Failure> mistakes;
  const auto check = [&](std::string_view name, bool required, auto load) {
    const fs::path path = fs::path(folder) / name;
    if (!required && !is_file(path)) return;
    const auto text = read_text(path);
    if (!text) {
      mistakes.push_back(text.error());
      return;
    }
    const auto loaded = load(*text, path.string());
    if (!loaded) mistakes.push_back(loaded.error());
  };
  check("profile.lua", true, load_profile);
  check("faults.lua", false, load_faults);
  check("ports.lua", false, load_ports);
  check("lights.lua", false, load_lights);
  check("update.lua", false, load_update_routes);
  return mistakes;
}

}  // namespace weco
