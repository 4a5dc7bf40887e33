// SPDX-License-Identifier: Apache-2.0
// toml++ is used from its headers alone (no shared library to load at start-up), without
// exceptions, and in this file only.
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#include "host/config/config.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <toml++/toml.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <utility>

namespace weco::config {
namespace {

constexpr std::size_t kNameMax = 64;
constexpr std::size_t kEndpointMax = 500;
constexpr std::size_t kNoteMax = 200;
constexpr std::int64_t kUnitMax = 255;
constexpr std::string_view kKeysHint =
    "Allowed are endpoint, family, unit, note, site, update and master.";

struct Place {
  const std::string& path;
  toml::source_position at;

  [[nodiscard]] std::string text() const {
    return path + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
  }
};

Unexpected<Failure> bad(const Place& place, std::string what, std::string hint) {
  return failure(ErrorCode::BadInput, std::move(what), place.text(), std::move(hint));
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// Letters, digits, '-', '_' and '.', a letter first: cannot be taken for an endpoint or an option.
bool is_name(std::string_view name) {
  if (name.empty() || name.size() > kNameMax || !is_letter(name.front())) return false;
  return std::ranges::all_of(name, [](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
}

Done read_text(const toml::node& node, const Place& place, std::string_view key, std::size_t max,
               std::string& into) {
  const auto* value = node.as_string();
  const std::string name(key);
  if (value == nullptr) {
    return bad(place, name + " is not a text", "Write " + name + " = \"...\".");
  }
  into = value->get();
  if (into.empty() || into.size() > max) {
    return bad(place, name + " is empty or too long",
               "Give 1 to " + std::to_string(max) + " bytes.");
  }
  return {};
}

Done read_unit(const toml::node& node, const Place& place, int& into) {
  const auto* value = node.as_integer();
  if (value == nullptr || value->get() < 1 || value->get() > kUnitMax) {
    return bad(place, "unit is not an address", "Give a whole number from 1 to 255.");
  }
  into = static_cast<int>(value->get());
  return {};
}

Done read_endpoint(const toml::node& node, const Place& place, std::string_view key,
                   std::string& into) {
  if (Done done = read_text(node, place, key, kEndpointMax, into); !done) return done;
  const std::size_t colon = into.find(':');
  if (colon != std::string::npos && colon > 0) return {};
  return bad(place, std::string(key) + " does not begin with a transport",
             "Write it as serial:/dev/ttyUSB0?baud=9600 or tcp:192.0.2.5:502.");
}

Done read_flag(const toml::node& node, const Place& place, bool& into) {
  const auto* value = node.as_boolean();
  if (value == nullptr) {
    return bad(place, "master is neither true nor false", "Write master = true.");
  }
  into = value->get();
  return {};
}

Done read_key(std::string_view key, const toml::node& node, const Place& place, Device& device) {
  if (key == "endpoint") return read_endpoint(node, place, key, device.endpoint);
  if (key == "update") return read_endpoint(node, place, key, device.update);
  if (key == "site") return read_text(node, place, key, kNameMax, device.site);
  if (key == "master") return read_flag(node, place, device.master);
  if (key == "family") return read_text(node, place, key, kNameMax, device.family);
  if (key == "note") return read_text(node, place, key, kNoteMax, device.note);
  if (key == "unit") return read_unit(node, place, device.unit);
  return bad(place, "unknown key '" + std::string(key) + "'", std::string(kKeysHint));
}

Outcome<Device> read_device(const toml::key& name, const toml::node& node,
                            const std::string& path) {
  const Place place{path, name.source().begin};
  if (!is_name(name.str())) {
    return bad(place, "'" + std::string(name.str()) + "' is no name for a device",
               "Use letters, digits, '-', '_' and '.', a letter first, at most 64.");
  }
  const toml::table* table = node.as_table();
  if (table == nullptr) {
    return bad(place, "device." + std::string(name.str()) + " is not a table",
               "Write [device." + std::string(name.str()) + "] and its keys below.");
  }
  Device device;
  device.name = name.str();
  for (const auto& [key, value] : *table) {
    const Place key_place{path, key.source().begin};
    if (const Done done = read_key(key.str(), value, key_place, device); !done) {
      return Unexpected<Failure>{done.error()};
    }
  }
  if (device.endpoint.empty()) {
    return bad(place, "device '" + device.name + "' has no endpoint",
               "Add endpoint = \"serial:/dev/ttyUSB0?baud=9600\" or the like.");
  }
  return device;
}

Done read_devices(const toml::node& node, const Place& place, Config& config) {
  const toml::table* table = node.as_table();
  if (table == nullptr) return bad(place, "device is not a table", "Write [device.NAME].");
  if (table->size() > kDevicesMax) return bad(place, "too many devices", "Keep at most 1000.");
  for (const auto& [name, value] : *table) {
    auto device = read_device(name, value, config.path);
    if (!device) return Unexpected<Failure>{device.error()};
    config.devices.push_back(std::move(*device));
  }
  std::ranges::sort(config.devices, {}, &Device::name);
  return {};
}

Unexpected<Failure> cannot_read(const std::string& path, int number) {
  const ErrorCode code = number == ENOENT   ? ErrorCode::NotFound
                         : number == EACCES ? ErrorCode::PermissionDenied
                                            : ErrorCode::IoError;
  const std::string what = code == ErrorCode::NotFound ? "there is no configuration file"
                                                       : "cannot read the configuration";
  return failure(Error{code, number}, what, path,
                 code == ErrorCode::PermissionDenied ? "Check who owns the file and its mode."
                                                     : "Check the path.");
}

/// Closes the descriptor on every way out.
struct File {
  int fd;
  ~File() {
    if (fd >= 0) ::close(fd);
  }
};

}  // namespace

const Device* Config::find(std::string_view name) const {
  const auto at = std::ranges::lower_bound(
      devices, name, {}, [](const Device& device) { return std::string_view(device.name); });
  return at != devices.end() && at->name == name ? &*at : nullptr;
}

Outcome<Config> parse(std::string_view text, const std::string& path) {
  if (text.size() > kFileMax) {
    return failure(ErrorCode::TooLong, "the configuration is too large", path,
                   "Keep it below 1 MiB.");
  }
  const toml::parse_result result = toml::parse(text, path);
  if (!result) {
    const toml::parse_error& error = result.error();
    return bad({path, error.source().begin}, std::string(error.description()),
               "Correct the place named; the format is TOML, see weco-config(5).");
  }
  Config config;
  config.path = path;
  for (const auto& [key, value] : result.table()) {
    const Place place{path, key.source().begin};
    if (key.str() != "device") {
      return bad(place, "unknown key '" + std::string(key.str()) + "'",
                 "The file holds [device.NAME] tables only, see weco-config(5).");
    }
    if (const Done done = read_devices(value, place, config); !done) {
      return Unexpected<Failure>{done.error()};
    }
  }
  return config;
}

Outcome<Config> load(const std::string& path) {
  const File file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)};
  if (file.fd < 0) return cannot_read(path, errno);
  struct stat facts = {};
  if (::fstat(file.fd, &facts) != 0) return cannot_read(path, errno);
  if (S_ISDIR(facts.st_mode)) return cannot_read(path, EISDIR);
  std::string text;
  std::array<char, 16384> room{};
  while (text.size() <= kFileMax) {
    const ssize_t count = ::read(file.fd, room.data(), room.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return cannot_read(path, errno);
    if (count == 0) break;
    text.append(room.data(), static_cast<std::size_t>(count));
  }
  return parse(text, path);
}

std::string default_path(std::optional<std::string_view> xdg_config_home,
                         std::optional<std::string_view> home) {
  static constexpr std::string_view kFile = "/weco/config.toml";
  if (xdg_config_home && xdg_config_home->starts_with('/')) {
    return std::string(*xdg_config_home) + std::string(kFile);
  }
  if (home && home->starts_with('/')) return std::string(*home) + "/.config" + std::string(kFile);
  return {};
}

}  // namespace weco::config
